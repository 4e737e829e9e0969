"""Broken backlinks: what counts as broken, since when, how many links it costs, and the rules that win them back."""

from typing import Any

import pytest

from backlinks import index
from projects.models import AuditEntry
from seoapp.lib.weburl import Target
from tests.backlinks.crawled import index_pages, make_crawl
from tests.backlinks.pages import DEFAULTS, all_rows, csv_of, fill, number_in, soup_of, url_of
from tests.factories import DAY, MARCH, add_links

SITE = "https://client.example"
DEAD, MOVED, AWAY, WALLED, FINE = (f"{SITE}/{name}" for name in ("shoes/red", "old", "away", "walled", "shoes/reds"))
TO_HOME, CHAIN = f"{SITE}/sale", f"{SITE}/c1"
PAGES: dict[str, dict[str, Any]] = {
    DEAD: {"http_status": 404},
    f"{SITE}/": {},
    FINE: {"title": "Red shoes"},
    MOVED: {"http_status": 301, "redirect_url": f"{SITE}/older"},
    f"{SITE}/older": {"http_status": 410},
    AWAY: {"http_status": 0, "code": "timeout"},
    WALLED: {"http_status": 403},
    TO_HOME: {"http_status": 302, "redirect_url": f"{SITE}/"},
    CHAIN: {"http_status": 301, "redirect_url": f"{SITE}/c2"},
    f"{SITE}/c2": {"http_status": 301, "redirect_url": FINE},
}


@pytest.fixture
def breaking(cast, held_index):
    def made() -> None:
        targets = (DEAD, DEAD, DEAD, MOVED, AWAY, WALLED, FINE, TO_HOME, CHAIN)
        links = [
            {
                "source": f"https://site{number}.example/{number}",
                "target": target,
                "anchor": "red shoes",
                "nofollow": number % 2,
            }
            for number, target in enumerate(targets)
        ]
        links[0] |= {"lost_reason": "notfound", "lost_at": MARCH + DAY}
        fill(cast, links, source="ahrefs")
        index_pages(make_crawl(project=cast.project), PAGES)

    held_index(("broken", cast.workspace.pk), made)
    return cast


def _check(cast, answers: list[tuple[str, int, int]]) -> None:
    """Targets that checks found: (page, day, status)."""
    batch = index.Batch(cast.workspace.pk, index.new_batch_id(), "crawl", "check", "test")
    index.begin(batch)
    columns = {
        "target_domain": ["client.example"] * len(answers),
        "link_id": list(range(len(answers))),
        "target_key": [url.removeprefix("https://") for url, *_ in answers],
        "target_url": [url for url, *_ in answers],
        "checked_at": [MARCH + day * DAY for _, day, _ in answers],
        "target_status": [status for *_, status in answers],
        "row": list(range(len(answers))),
    }
    index.add(batch, "checks", columns, block=0)
    index.complete(batch)


def _rows(cast, browse, **params: str) -> dict[str, list[str]]:
    """Page -> its row in the export, with every column."""
    names = [
        one.name
        for one in index.broken_pages(
            index.LinkQuery.parse(workspace=1, target=cast.project.target, report="links", params={})
        ).fields
    ]
    asked = {"export": "csv"} | ({"cols": ".".join(names)} if params.get("list") != "redirects" else {}) | params
    found = csv_of(browse(cast.viewer).get(url_of(cast.project, "broken/"), asked))
    return {row[0]: row[1:] for row in found[1:]}


def test_pages_that_end_with_an_error_are_broken_and_no_others(breaking, browse) -> None:
    rows = _rows(breaking, browse)
    assert set(rows) == {DEAD, MOVED}
    assert rows[DEAD][:6] == ["404", "2026-03-01", "0", "3", "3", "2"]
    assert rows[MOVED][0] == "410"
    assert FINE in rows[DEAD]
    assert any("same words in the path: shoes" in cell and "anchors say: red, shoes" in cell for cell in rows[DEAD])


def test_every_count_leads_to_as_many_rows(breaking, browse) -> None:
    client = browse(breaking.viewer)
    page = soup_of(client.get(url_of(breaking.project, "broken/")))
    cells = page.select("#list-targets-broken tbody td.num a")
    assert len(cells) >= 6
    for cell in cells:
        assert all_rows(client, cell["href"]) == number_in(cell), cell["href"]


def test_redirects_to_the_home_page_and_chains_stand_apart(breaking, browse) -> None:
    rows = _rows(breaking, browse, list="redirects")
    assert rows[TO_HOME][:3] == [f"{SITE}/", "to the home page", "1"]
    assert rows[CHAIN][:4] == [FINE, "through others", "2", "200"]
    assert set(rows) == {TO_HOME, CHAIN}
    assert set(_rows(breaking, browse, list="redirects", verdict="chain")) == {CHAIN}


@pytest.mark.parametrize("target", ["client.example/shoes/", "client.example"])
def test_folders_and_hosts_have_their_own(breaking, browse, target) -> None:
    scope = {"scope": "host"} if target == "client.example" else {}
    rows = _rows(breaking, browse, target=target, **scope)
    assert set(rows) == ({DEAD} if "shoes" in target else {DEAD, MOVED})


def test_rules_are_text_and_noted_in_the_audit_log(breaking, browse) -> None:
    for kind, line in (("nginx", f'"client.example/shoes/red" "{FINE}";'), ("apache", f'"{FINE}" [R=301')):
        answer = browse(breaking.client).get(url_of(breaking.project, f"broken/{kind}.txt"))
        text = b"".join(answer.streaming_content).decode()
        assert answer["Content-Type"].startswith("text/plain")
        assert line in text
        assert "/old" not in text  # nothing is like it
    assert AuditEntry.objects.filter(action="export", what__contains="redirects of").count() == 2


def test_rules_are_offered_where_a_page_is_alike_and_only_there(breaking, browse) -> None:
    client = browse(breaking.viewer)
    page = soup_of(client.get(url_of(breaking.project, "broken/")))
    assert len(page.select("a[download]")) == 2
    page = soup_of(client.get(url_of(breaking.project, "broken/"), {"target_url": "/old"}))
    assert not page.select("a[download]")
    assert page.select_one(".page-about a")["href"].endswith("/crawls/")
    assert page.select_one("details.formula:not([open])")


# --- Indexed pages ----------------------------------------------------------------------------------------------------
def test_indexed_pages_show_answers_and_what_they_gained(breaking, browse) -> None:
    client = browse(breaking.viewer)
    address = url_of(breaking.project, "pages/")
    page = soup_of(client.get(address, {"since": "2026-01-01", "until": "2026-04-01"}))
    assert "1 Jan 2026 to 1 Apr 2026" in page.get_text()
    table = page.select_one("#list-pages")
    assert {"Answers", "Growth", "New links"} <= {one.get_text(strip=True) for one in table.select("thead th")}
    linked = [
        cell
        for cell in table.select("tbody td.num a")
        if "first_seen_from" in cell["href"] or "lost_at" in cell["href"]
    ]
    assert linked
    for cell in linked:
        assert all_rows(client, cell["href"]) == number_in(cell), cell["href"]
    assert all_rows(client, f"{address}?answer_class=4xx") == 2
    sorted_by = soup_of(client.get(address, {"sort": "-growth", "range": "all"}))
    assert sorted_by.select_one("th[aria-sort=descending]").get_text(strip=True) == "Growth"


def test_the_newest_look_decides_and_since_is_the_first_error_after_the_last_good_answer(breaking, browse) -> None:
    _check(
        breaking,
        [(FINE, 1, 500), (FINE, 2, 200), (FINE, 3, 404), (FINE, 5, 404), (FINE, 9, 403), (DEAD, 4, 200), (AWAY, 3, 0)],
    )
    rows = _rows(breaking, browse)
    assert set(rows) == {FINE, MOVED, CHAIN}
    assert rows[FINE][:2] == ["404", "2026-03-04"]
    assert rows[CHAIN][:2] == ["404", "2026-03-04"]


def test_another_workspaces_crawl_says_nothing_here(breaking, browse) -> None:
    index_pages(
        make_crawl(project=breaking.other_project), {FINE: {"http_status": 404}, f"{SITE}/LEAK-B": {"http_status": 404}}
    )
    assert set(_rows(breaking, browse)) == {DEAD, MOVED}


@pytest.mark.parametrize("asked", [True, False])
def test_what_could_stand_in_lies_within_what_is_read(cast, link_index, asked) -> None:
    pages = [f"{SITE}/a/red-shoes", f"{SITE}/b/red-shoes-sale", "https://shop.client.example/a/red-shoes-too"]
    dead = f"{SITE}/a/red-shoe"
    fill(cast, [{"source": f"https://s{n}.example/", "target": one, "anchor": "x"} for n, one in enumerate(pages)])
    answers: dict[str, dict[str, Any]] = {one: {} for one in pages} if asked else {}
    index_pages(make_crawl(project=cast.project), {dead: {"http_status": 404}} | answers)

    def offered(target: str, scope: str) -> set[str]:
        query = index.LinkQuery.parse(
            workspace=cast.workspace.pk, target=Target.parse(target, scope), report="links", params={}
        )
        return {row["page_url"] for row in index.stand_ins(query, ["red", "shoe"], ["client.example/b"])}

    assert offered(f"{SITE}/a/", "prefix") == {f"{SITE}/a/red-shoes"}
    assert offered(SITE, "host") == {f"{SITE}/a/red-shoes", f"{SITE}/b/red-shoes-sale"}
    assert offered(dead, "exact") == set()
    assert offered(SITE, "root") == set(pages)


def test_without_a_look_the_page_says_who_would_look(cast, link_index, browse) -> None:
    add_links(
        workspace=cast.workspace.pk, links=[DEFAULTS | {"source": "https://a.example/", "target": DEAD, "anchor": ""}]
    )
    for user in (cast.editor, cast.client):
        page = soup_of(browse(user).get(url_of(cast.project, "broken/")))
        assert page.select_one(".empty-state a.btn-primary")["href"].endswith("/checks/")
