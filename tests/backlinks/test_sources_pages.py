"""Sources: who knows what; the table, the picture and the rows behind agree."""

import re
from xml.etree import ElementTree

import pytest

from backlinks.views.workspace_sources import IMPORTED
from backlinks.views.workspace_sources import _next as advised
from tests.backlinks.pages import all_rows, fill, number_in, soup_of, url_of

SVG = "{http://www.w3.org/2000/svg}"
LINK = {"target": "https://client.example/", "anchor": "a"}


def _merge(cast) -> None:
    def of(*names):
        return [LINK | {"source": f"https://{name}.example/"} for name in names]

    fill(cast, of("a", "b", "c"), source="semrush")
    fill(cast, of("b", "c", "d"), source="ahrefs")
    fill(cast, of("c", "e"), source="gsc")


@pytest.fixture
def merged(cast, held_index):
    held_index(("merged", cast.workspace.pk), lambda: _merge(cast))
    return cast


@pytest.fixture
def clients(cast, held_index):
    """The three sources of the first client, and one of the second."""

    def made() -> None:
        _merge(cast)
        second = [LINK | {"source": "https://a.example/", "target": "https://second.example/"}]
        fill(cast, second, source="moz")

    held_index(("merged clients", cast.workspace.pk), made)
    return cast


@pytest.fixture
def page(merged, browse):
    return soup_of(browse(merged.viewer).get(url_of(merged.project, "sources/")))


def test_union_against_the_best_single_source(page):
    cards = {card.select_one(".figure-name").get_text(): card for card in page.select(".figure-card")}
    values = [card.select_one(".figure-value").get_text() for card in cards.values()]
    assert values == ["5", "3", "+66.7 %", "1"]


def test_table_of_sources(page):
    rows = [
        [cell.get_text(strip=True) for cell in row.select("th, td")]
        for row in page.select("section[aria-labelledby=knowledge] tbody tr")
    ]
    assert rows[0][:5] == ["Ahrefs", "3", "60.0 %", "1", "3"]
    assert rows[1][:5] == ["Semrush", "3", "60.0 %", "1", "3"]
    assert rows[2][:5] == ["Search Console", "2", "40.0 %", "1", "2"]


def test_every_number_leads_to_its_rows(merged, browse, page):
    client = browse(merged.viewer)
    numbers = page.select("td.num a, a.figure-card")
    assert len(numbers) > 20
    rows = {url: all_rows(client, url) for url in {one["href"] for one in numbers}}
    for one in numbers:
        assert rows[one["href"]] == number_in(one.select_one(".figure-value") or one), one["href"]


def test_picture_says_what_the_table_says(page):
    table = {
        row.th.get_text(): row.select_one("td.num a")
        for row in page.select("section[aria-labelledby=regions] tbody tr")
    }
    drawn = {mark["aria-label"]: mark for mark in page.select(".upset-picture a")}
    assert len(drawn) == len(table) == 5
    for label, cell in table.items():
        mark = drawn[f"{label}: {cell.get_text()} referring domains"]
        assert mark["href"] == cell["href"]
        assert len(mark.select(".upset-on")) == label.count("+") + 1


# --- Known to Google ------------------------------------------------------------------------------------------------
def test_known_to_google_leads_to_its_rows(merged, browse, page):
    table = {
        row.th.get_text(): row.select("td.num a") for row in page.select("section[aria-labelledby=google] tbody tr")
    }
    assert {name: number_in(cells[0]) for name, cells in table.items()} == {"Yes": 2, "No": 3, "Unknown": 0}
    client = browse(merged.viewer)
    for cells in table.values():
        for one in cells:
            assert all_rows(client, one["href"]) == number_in(one), one["href"]


# --- The whole workspace --------------------------------------------------------------------------------------------
def test_only_a_source_that_adds_something_is_advised():
    known = {"gsc", "ahrefs", "semrush"}
    assert advised(known, {"majestic": 0.02, "moz": 0.1})[0] == "Moz"
    assert advised(known, {"majestic": 0.0, "moz": 0.0}) == (
        "", "Majestic and Moz add nothing new where this workspace has them. "
        "What Bing Webmaster Tools would add is not known: no client here has an export.",
    )  # fmt: skip
    assert advised({*IMPORTED}, {}) == ("", "Every source is here.")
    assert advised(known - {"gsc"}, {"moz": 0.5})[0] == "Search Console"


def test_workspace_sources_are_not_for_clients(merged, browse):
    assert browse(merged.client).get(f"/w/{merged.workspace.slug}/sources/").status_code == 403
    assert browse(merged.stranger).get(f"/w/{merged.workspace.slug}/sources/").status_code == 404


# --- The picture as a file ------------------------------------------------------------------------------------------
def test_picture_is_a_file_that_stands_alone(merged, browse, page):
    url = page.select_one("a[download]")["href"]
    answer = browse(merged.viewer).get(url)
    assert answer["Content-Type"] == "image/svg+xml" and answer["Content-Disposition"].endswith('.svg"')
    drawing = ElementTree.fromstring(answer.content)  # noqa: S314
    marks = drawing.findall(f"{SVG}g/{SVG}g")
    drawn = {one.find(f"{SVG}title").text for one in marks}
    assert drawn == {one.select_one("title").get_text() for one in page.select(".upset-picture a")}
    assert not re.search(rb'class=|style|href="|var\(', answer.content)
    entry = merged.workspace.audit_entries.latest("pk")
    assert entry.action == "export"


def test_picture_of_a_workspace_escapes_its_name(merged, browse):
    merged.workspace.name = "A & <b>B</b>"
    merged.workspace.save()
    answer = browse(merged.viewer).get(f"/w/{merged.workspace.slug}/sources/overlap.svg")
    title = ElementTree.fromstring(answer.content).find(f"{SVG}title").text  # noqa: S314
    assert title == "Referring domains of A & <b>B</b> by the sources that know them"
    assert browse(merged.client).get(f"/w/{merged.workspace.slug}/sources/overlap.svg").status_code == 403


def test_workspace_adds_its_clients_up(clients, browse):
    client = browse(clients.viewer)
    page = soup_of(client.get(f"/w/{clients.workspace.slug}/sources/"))
    assert [one.get_text() for one in page.select(".figure-value")] == ["6", "3", "+100 %"]
    rows = [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")][:5]
        for row in page.select("[aria-labelledby=clients] tbody tr")
    ]
    assert sorted(rows) == [
        ["client.example", "5", "Ahrefs", "3", "+66.7 %"],
        ["second.example", "1", "Moz", "1", "+0 %"],
    ]
    sets = page.select("[aria-labelledby=sets] tbody tr")
    assert sum(number_in(row.select_one("td.num")) for row in sets) == 6
    for row in sets:
        counts = [int(one.get_text().split()[-1]) for one in row.select("td.text a")]
        assert sum(counts) == number_in(row.select_one("td.num"))
        assert [all_rows(client, one["href"]) for one in row.select("td.text a")] == counts
    for mark in page.select(".upset-picture a"):
        assert page.select_one(mark["href"])


def test_workspace_says_what_to_import_next(clients, browse):
    page = soup_of(browse(clients.viewer).get(f"/w/{clients.workspace.slug}/sources/"))
    said = {
        row.th.get_text(): row.select("td")[-1].get_text(" ", strip=True)
        for row in page.select("[aria-labelledby=clients] tbody tr")
    }
    assert said["second.example"].startswith("Import Search Console")
    assert "is not known" in said["client.example"]
    assert not said["client.example"].startswith("Import")


def test_one_source_needs_no_picture(profile, browse):
    page = soup_of(browse(profile.viewer).get(url_of(profile.project, "sources/")))
    assert page.select("section[aria-labelledby=knowledge] tbody tr")
    assert not page.select(".upset-picture")


def test_a_single_source_is_drawn_too(profile, browse):
    answer = browse(profile.client).get(url_of(profile.project, "sources/overlap.svg"))
    assert len(ElementTree.fromstring(answer.content).findall(f"{SVG}g/{SVG}g")) == 1  # noqa: S314


def test_exact_sets_of_domains_and_of_links_stand_apart_and_show_no_zero(cast, link_index, browse):
    """Two sources know the domain, each by a link of its own: the pair has a domain and no link."""
    fill(cast, [LINK | {"source": "https://a.example/one"}], source="semrush")
    fill(cast, [LINK | {"source": "https://a.example/two"}], source="ahrefs")
    page = soup_of(browse(cast.viewer).get(url_of(cast.project, "sources/")))
    table = {
        name: {
            row.th.get_text(): number_in(row.select_one("td.num a"))
            for row in page.select(f"section[aria-labelledby={name}] tbody tr")
        }
        for name in ("regions", "link-regions")
    }
    assert table == {"regions": {"Ahrefs + Semrush": 1}, "link-regions": {"Ahrefs": 1, "Semrush": 1}}


def test_without_search_console_nobody_knows(cast, link_index, browse):
    fill(cast, [LINK | {"source": "https://a.example/"}], source="ahrefs")
    page = soup_of(browse(cast.viewer).get(url_of(cast.project, "sources/")))
    rows = [number_in(row.select_one("td.num a")) for row in page.select("section[aria-labelledby=google] tbody tr")]
    assert rows == [0, 0, 1]


def test_no_source_at_all_leads_to_imports(cast, link_index, browse):
    page = soup_of(browse(cast.editor).get(url_of(cast.project, "sources/")))
    assert page.select_one(".empty-state a.btn-primary")["href"] == url_of(cast.project, "imports/")
