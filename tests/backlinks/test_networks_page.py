"""The page of networks: rows behind its numbers, and what it says where no table of networks is loaded."""

import pytest

from tests.backlinks.index.test_countries import number, ranges
from tests.backlinks.pages import all_rows, fill, number_in, rows_of, soup_of, url_of

HOME = "https://client.example/"
LINKS = [{"source": f"https://d{one % 5}.example/{one}", "target": HOME, "ip": f"9.9.{one % 3}.1"} for one in range(12)]


@pytest.fixture
def placed(cast, held_index):
    def made() -> None:
        ranges(
            *(
                (4, number(9, 9, one, 0), number(9, 9, one, 255), "DE", 64500 + one, f"<b>Net</b> {one}")
                for one in (0, 1)
            )
        )
        fill(cast, LINKS)

    held_index(("networks", cast.workspace.pk), made)
    return cast


def test_every_number_leads_to_its_rows(placed, browse):
    client = browse(placed.viewer)
    page = soup_of(client.get(url_of(placed.project, "networks/")))
    rows = rows_of(page.select_one("#list-networks"))
    assert sorted(row.td.get_text(strip=True) for row in rows) == ["(not known)", "<b>Net</b> 0", "<b>Net</b> 1"]
    numbers = page.select("#list-networks td.num a")
    assert len(numbers) >= 6
    for one in numbers:
        assert all_rows(client, one["href"]) == number_in(one), one["href"]
    assert page.select_one("#tables") is None


def test_without_tables_it_says_what_brings_them(cast, link_index, browse):
    fill(cast, LINKS)
    url = url_of(cast.project, "networks/")
    card = soup_of(browse(cast.viewer).get(url)).select_one("section[aria-labelledby=tables]")
    assert "refresh_addresses" in card.get_text()
    assert card.select_one("a.btn")["href"] == f"/w/{cast.workspace.slug}/data/"
    told = soup_of(browse(cast.client).get(url)).select_one("section[aria-labelledby=tables]")
    assert "Ask the agency" in told.get_text() and told.a is None
    assert soup_of(browse(cast.viewer).get(url_of(cast.project, "ips/"))).select_one("#tables") is None


def test_without_addresses_it_says_what_brings_them(cast, link_index, browse):
    fill(cast, [{"source": "https://a.example/", "target": HOME}])
    empty = soup_of(browse(cast.editor).get(url_of(cast.project, "networks/"))).select_one(".empty-state")
    assert "Semrush" in empty.get_text() and empty.select("a.btn")
