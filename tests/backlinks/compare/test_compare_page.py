"""Compare: what stands side by side is what each page says, and each number leads to its rows."""

from typing import Any

import pytest
from bs4 import BeautifulSoup

from backlinks import index
from projects.models import AuditEntry
from seoapp.lib.weburl import Target
from tests.backlinks.pages import DEFAULTS, MIXED, all_rows, csv_of, fill, number_in, soup_of, url_of
from tests.backlinks.scored import add_run
from tests.factories import add_links

RIVAL = [
    {"source": "https://news.example/r", "target": "https://rival.example/", "anchor": "Rival", "country": "DE"},
    {"source": "https://other.example/r", "target": "https://blog.rival.example/a/", "anchor": "blog", "nofollow": 1},
]


@pytest.fixture
def rivals(cast, held_index):
    def fill_both():
        fill(cast, [*MIXED, *RIVAL])
        add_run(scores={"client.example": 40.0, "rival.example": 55.0, "news.example": 61.0, "other.example": 12.0})

    held_index(("rivals", cast.workspace.pk), fill_both)
    return cast


def _cells(page: BeautifulSoup, section: str, label: str) -> list[Any]:
    for body in page.select(".beside-table tbody"):
        if body.select_one(".shelf span").get_text() == section:
            row = next(one for one in body.select("tr:not(.shelf)") if one.th.get_text() == label)
            return row.select("td")
    raise AssertionError(section)


def test_figures_are_those_of_each_page(rivals, browse):
    url = url_of(rivals.project, "compare/?with=rival.example&with=host:blog.rival.example&with=nobody.example")
    page = soup_of(browse(rivals.viewer).get(url))
    targets = [("client.example", "root"), ("rival.example", "root"), ("blog.rival.example", "host")]
    for number, (text, scope) in enumerate(targets):
        query = index.LinkQuery.parse(
            workspace=rivals.workspace.pk, target=Target.parse(text, scope), report="links", params={}
        )
        head = index.headline(query)
        shown = {
            "links": number_in(_cells(page, "Figures", "Backlinks")[number]),
            "referring_domains": number_in(_cells(page, "Figures", "Referring domains")[number]),
            "follow": number_in(_cells(page, "Rel", "Follow")[number].find(string=True, recursive=True)),
        }
        assert shown == {name: getattr(head, name) for name in shown}, text
    assert [one.get_text(strip=True) for one in _cells(page, "Authority", "Authority")][:2] == ["40", "55"]
    assert _cells(page, "Figures", "Backlinks")[3].get_text(strip=True) == "–"
    best = [("is-best" in one["class"]) for one in _cells(page, "Figures", "Backlinks")]
    assert best == [True, False, False, False]


def test_unknown_is_a_dash_with_its_reason_and_never_the_best(rivals, browse):
    """Nobody says the rival's addresses, nor whether its links are there: no 0, and no star for fewest lost links."""
    client = browse(rivals.viewer)
    url = url_of(rivals.project, "compare/?with=rival.example&with=nobody.example")
    page = soup_of(client.get(url))
    for section, label, own, reason in (
        ("Figures", "IPs", "1", "No source says at which addresses"),
        ("Figures", "Subnets", "1", "No source says at which addresses"),
        ("State", "Lost", "1", "No source says lately whether"),
    ):
        first, rival, nobody = _cells(page, section, label)
        assert first.find(string=True, recursive=True) == own
        assert (rival.get_text(strip=True), nobody.get_text(strip=True)) == ("–", "–")
        assert rival.span["title"].startswith(reason)
        assert nobody.span["title"].startswith("Nothing is known of it yet")
        assert not any("is-best" in one["class"] for one in (first, rival, nobody))
    head, *rows = csv_of(client.get(f"{url}&export=csv"))
    table = [dict(zip(head, row, strict=True)) for row in rows]
    assert [one["Figures: IPs"] for one in table] == ["1", "", ""]
    assert [one["State: Lost"] for one in table] == ["1", "", ""]


def test_every_number_leads_to_its_rows(rivals, browse):
    client = browse(rivals.viewer)
    page = soup_of(client.get(url_of(rivals.project, "compare/")))
    numbers = [one for one in page.select(".beside-table td.num a") if "/why/" not in one["href"]]
    assert len(numbers) > 30
    for one in numbers:
        if "-" not in one.get_text():
            assert all_rows(client, one["href"]) == number_in(one), one["href"]


def test_the_competitors_stand_beside_unless_the_address_says_who(rivals, browse):
    client = browse(rivals.viewer)
    heads = lambda url: [one.bdi.get_text() for one in soup_of(client.get(url)).select(".beside-table thead th")]  # noqa: E731
    own = url_of(rivals.project, "compare/")
    assert heads(own) == ["client.example", "rival.example"]
    assert heads(f"{own}?with=") == ["client.example"]
    page = soup_of(client.get(f"{own}?with=rival.example"))
    assert heads(page.select_one(".beside-tools > a")["href"]) == ["client.example"]
    (folder,) = [one for one in page.select(".beside-tools .menu-item") if one.get_text() == "Host"]
    assert "with=host%3Arival.example" in folder["href"]
    assert heads(folder["href"]) == ["client.example", "rival.example"]


def test_too_many_and_unreadable_ones_are_named(rivals, browse):
    many = "&".join(f"with=site-{number}.example" for number in range(12))
    page = soup_of(browse(rivals.viewer).get(url_of(rivals.project, f"compare/?{many}&with=ftp://x.example")))
    assert len(page.select(".beside-table thead th")) == 11
    said = page.select_one(".alert").get_text()
    assert "site-10.example" in said and "site-11.example" in said and "ftp://x.example" in said
    assert not page.select("#with")


def test_the_file_has_a_row_a_target(rivals, browse):
    rows = csv_of(browse(rivals.viewer).get(url_of(rivals.project, "compare/?export=csv")))
    table = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert [one["Target"] for one in table] == ["client.example", "rival.example"]
    assert [one["Figures: Backlinks"] for one in table] == [str(len(MIXED)), "2"]
    assert AuditEntry.objects.filter(action="export", what__startswith="compare of").exists()


def test_a_client_sees_its_project_and_competitors_only(rivals, browse):
    client = browse(rivals.client)
    page = soup_of(client.get(url_of(rivals.project, "compare/?with=rival.example&with=news.example")))
    assert [one.bdi.get_text() for one in page.select(".beside-table thead th")] == ["client.example", "rival.example"]
    assert "Your access covers" in page.select_one(".alert").get_text()
    listed = soup_of(client.get(url_of(rivals.project, "competitors/")))
    assert [row.td.get_text() for row in listed.select(".list-table tbody tr")] == ["rival.example"]
    assert not listed.select("button[form]")
    assert client.get(url_of(rivals.project, "competitors/shared/?with=news.example")).status_code == 403


def test_shared_domains_say_the_day_of_the_first_sight_or_nothing(rivals, browse):
    path = url_of(rivals.project, "competitors/shared/?with=rival.example&which=all")
    client = browse(rivals.viewer)
    cells = [one.get_text(strip=True) for one in soup_of(client.get(path)).select("td.date")]
    days = [one for one in cells if one != "\N{EN DASH}"]
    assert days and all(len(one) == 10 and one > "1971" for one in days)
    assert {one for row in csv_of(client.get(f"{path}&export=csv"))[1:] for one in row[6:8]} == {"", *days}


def test_competitors_lead_to_their_rows_and_are_added_once(rivals, browse):
    add_links(workspace=rivals.workspace.pk, links=[DEFAULTS | RIVAL[0] | {"target": "https://third.example/"}])
    client = browse(rivals.editor)
    url = url_of(rivals.project, "competitors/")
    page = soup_of(client.get(url))
    for one in page.select(".list-table td.num a"):
        if "/why/" not in one["href"]:
            assert all_rows(client, one["href"]) == number_in(one), one["href"]
    (button,) = page.select("button[form]")
    form = page.find(id=button["form"])
    for _ in range(2):
        response = client.post(form["action"], {"domain": button["value"], "back": url}, follow=True)
        assert response.redirect_chain == [(url, 302)]
    assert list(rivals.project.competitors.values_list("target", flat=True)) == ["rival.example", "third.example"]
    assert AuditEntry.objects.filter(action="project.changed").count() == 1
    away = client.post(form["action"], {"domain": "x.example", "back": "https://evil.example/"})
    assert away["Location"] == url


def test_nothing_to_compare_says_what_would_bring_it(cast, link_index, browse):
    client = browse(cast.viewer)
    for path in ("compare/?with=", "competitors/", "competitors/shared/"):
        page = soup_of(client.get(url_of(cast.project, path)))
        assert url_of(cast.project, "imports/") in {one["href"] for one in page.select(".empty-state a")}, path
