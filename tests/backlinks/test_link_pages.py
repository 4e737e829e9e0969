"""The page of one link: what is shown, and the claims it is made of."""

from datetime import date

import pytest

from backlinks.models import Import
from backlinks.views.reasons import told
from tests.backlinks.pages import fill, soup_of, url_of
from tests.backlinks.scored import add_run
from tests.factories import DAY, MARCH, add_links

TWICE = {
    "source": "https://news.example/a",
    "target": "https://client.example/",
    "context_left": "see",
    "context_right": "now",
}


LISTED: dict[int, int] = {}  # workspace -> the batch whose file is listed, as the index holds it


@pytest.fixture
def claimed(cast, held_index):
    """A link that two files claim with different anchors; the first file is listed, the second is not."""
    workspace = cast.workspace.pk

    def made() -> None:
        older = add_links(workspace=workspace, links=[TWICE | {"anchor": "Old words", "last_seen": MARCH - 9 * DAY}])
        add_links(workspace=workspace, links=[TWICE | {"anchor": "New words"}], source="ahrefs")
        LISTED[workspace] = older.batch

    held_index(("claimed", workspace), made)
    Import.objects.create(
        workspace=cast.workspace, project=cast.project, name="C:\\exports\\march <b>.csv", sha256="0", size=1,
        batch=LISTED[workspace], state=Import.State.DONE, vendor="semrush",
    )  # fmt: skip
    return cast


def _page(cast, user, browse):
    client = browse(user)
    listed = soup_of(client.get(url_of(cast.project, "backlinks/")))
    return soup_of(client.get(listed.select_one("td.row-open a")["href"]))


def test_the_link_with_both_contexts_and_its_anchor_marked(claimed, browse):
    page = _page(claimed, claimed.viewer, browse)
    assert page.h1.get_text(strip=True) == "Link fromnews.example"
    assert " ".join(page.select_one(".context").get_text().split()) == "see New words now"
    assert page.mark.get_text() == "New words"
    assert [one["href"] for one in page.select(".facts a")] == ["https://news.example/a", "https://client.example/"]


def test_every_claim_with_its_file_and_row(claimed, browse):
    page = _page(claimed, claimed.viewer, browse)
    rows = [
        [cell.get_text(" ", strip=True) for cell in row.find_all("td", recursive=False)]
        for row in page.select("section[aria-labelledby=claims] .list-table > tbody > tr")
    ]
    assert [row[:3] for row in rows] == [
        ["Ahrefs backlinks", "An import that is not listed any more", "2"],
        ["Semrush backlinks", "march <b>.csv", "2"],
    ]
    assert rows[1][4] == "2026-02-20"
    assert "Old words" in rows[1][6]


def test_a_client_does_not_read_file_names_of_other_projects(claimed, browse):
    Import.objects.update(project=claimed.second_project)
    body = str(_page(claimed, claimed.client, browse))
    assert "march" not in body
    assert "An import of another project" in body


def test_no_such_link_is_a_404(claimed, browse):
    client = browse(claimed.viewer)
    for link_id in (0, 1, 2**64 - 1, 2**64, 10**30):
        assert client.get(url_of(claimed.project, f"backlinks/{link_id}/")).status_code == 404, link_id


def test_the_same_links_are_not_offered_twice(claimed, browse):
    offered = [one.get_text() for one in _page(claimed, claimed.viewer, browse).select(".alike-links a")]
    assert len(set(offered)) == len(offered)


def test_why_it_was_lost_is_said_in_words(cast, link_index, browse):
    add_links(workspace=cast.workspace.pk, links=[TWICE | {"lost_reason": "removedfromhtml", "lost_at": MARCH}])
    page = _page(cast, cast.viewer, browse)
    said = [row.td.get_text() for row in page.select(".fact-table tr") if row.th.get_text() == "Lost because"]
    assert said == ["The page no longer has the link"] * 2, "of the link, and of the claim"


def test_a_link_of_another_workspace_is_a_404(linked, browse):
    theirs = soup_of(browse(linked.stranger).get(url_of(linked.other_project, "backlinks/")))
    link_id = theirs.select_one("td.row-open a")["href"].rstrip("/").rpartition("/")[2]
    assert browse(linked.viewer).get(url_of(linked.project, f"backlinks/{link_id}/")).status_code == 404


def test_look_alike_hosts_are_shown_as_a_labels(cast, link_index, browse):
    fill(cast, [
        {"source": "https://xn--pple-43d.example/", "target": "https://client.example/"},
        {"source": "https://xn--bcher-kva.example/", "target": "https://client.example/"},
    ])  # fmt: skip
    page = soup_of(browse(cast.viewer).get(url_of(cast.project, "backlinks/"), {"sort": "source_url"}))
    shown = [one.td.get_text() for one in page.select(".list-table tbody tr")]
    assert shown == ["b\u00fccher.example/", "xn--pple-43d.example/"]


def test_addresses_show_where_they_differ(cast, link_index, browse):
    long = f"https://news.example/{'a-long-way/' * 9}here.html"
    fill(cast, [
        {"source": long, "target": "https://www.client.example/shop/", "title": "A <b>page</b>"},
        {"source": "http://news.example/b", "target": "https://docs.client.example/guide", "title": ""},
    ])  # fmt: skip
    page = soup_of(browse(cast.viewer).get(url_of(cast.project, "backlinks/"), {"sort": "source_url"}))
    second, first = (row.select("td.url") for row in page.select(".list-table tbody tr"))
    assert first[0].select_one(".cell-lead").get_text() == "A <b>page</b>"
    assert first[0].a["href"] == first[0].a.bdi["title"] == long
    assert first[0].a.get_text().startswith("news.example/a-long-way/")
    assert first[0].a.get_text().endswith("a-long-way/here.html")
    assert [one.a.get_text() for one in (first[1], *second)] == [
        "/shop/", "http://news.example/b", "docs.client.example/guide",
    ]  # fmt: skip


def test_words_of_sources_are_told_in_words(cast, link_index, browse):
    add_links(
        workspace=cast.workspace.pk, links=[TWICE | {"flags": "in_content found_raw odd_word"}], source="ahrefs",
    )  # fmt: skip
    said = _page(cast, cast.viewer, browse).main.get_text(" ", strip=True)
    assert "in the content, in the page's source, odd word" in said
    assert "found_raw" not in said
    assert told("ahrefs_discovered", "linkfound") == "on a page that was known"


def test_the_strongest_links_stand_first_and_by_day_where_days_are_asked_for(cast, link_index, browse):
    sights = {"weak.example": 1, "strong.example": 9, "unscored.example": 0}
    fill(cast, [
        {"source": f"https://{name}/", "target": "https://client.example/", "last_seen": MARCH - day * DAY}
        for name, day in sights.items()
    ])  # fmt: skip
    add_run(scores={"weak.example": 3.0, "strong.example": 60.0}, day=date(2026, 3, 1))
    client = browse(cast.viewer)

    def listed(path):
        page = soup_of(client.get(path))
        return page, [row.select_one("td.url").a.get_text() for row in page.select(".list-table tbody tr")]

    assert listed(url_of(cast.project, "backlinks/"))[1] == ["strong.example/", "weak.example/", "unscored.example/"]
    path = url_of(cast.project, "changes/?since=2020-01-01&until=2026-12-01")
    page, _ = listed(path)
    assert page.select_one("th[aria-sort=descending]").get_text(strip=True) == "First seen"
    page, names = listed(page.select_one("#sort-new-links-authority")["href"])
    assert page.select_one("th[aria-sort=descending]").get_text(strip=True) == "Authority"
    assert names[0] == "strong.example/"
