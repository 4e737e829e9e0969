"""Sources: who knows what; the table, the picture and the rows behind agree."""

import pytest

from tests.backlinks.pages import all_rows, fill, number_in, soup_of, url_of

LINK = {"target": "https://client.example/", "anchor": "a"}


@pytest.fixture
def merged(cast, link_index):
    def of(*names):
        return [LINK | {"source": f"https://{name}.example/"} for name in names]

    fill(cast, of("a", "b", "c"), source="semrush")
    fill(cast, of("b", "c", "d"), source="ahrefs")
    fill(cast, of("c", "e"), source="gsc")
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
    for one in numbers:
        value = one.select_one(".figure-value") or one
        assert all_rows(client, one["href"]) == number_in(value), one["href"]


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


def test_one_source_needs_no_picture(profile, browse):
    page = soup_of(browse(profile.viewer).get(url_of(profile.project, "sources/")))
    assert page.select("section[aria-labelledby=knowledge] tbody tr")
    assert not page.select(".upset-picture")


def test_no_source_at_all_leads_to_imports(cast, link_index, browse):
    page = soup_of(browse(cast.editor).get(url_of(cast.project, "sources/")))
    assert page.select_one(".empty-state a.btn-primary")["href"] == url_of(cast.project, "imports/")
