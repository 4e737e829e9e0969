"""Bars above countries, TLDs and languages: the first ten, each leading to its rows; classes of TLDs."""

import pytest

from tests.backlinks.index.observed import asked, link, observe, rows_of
from tests.backlinks.pages import all_rows, fill, number_in, soup_of, url_of

HOME = "https://client.example/"
PLACES = ("DE", "AT", "CH", "FR", "IT", "ES", "PL", "NL", "BE", "DK", "SE", "NO", "")


@pytest.fixture
def spread(cast, held_index):
    def made() -> None:
        fill(cast, [
            {"source": f"https://d{one}.{('com', 'shop', 'de')[one % 3]}/", "target": HOME, "country": PLACES[one % 13],
             "language": ("de", "en-GB", "")[one % 3]}
            for one in range(40)
        ])  # fmt: skip

    held_index(("spread", cast.workspace.pk), made)
    return cast


@pytest.mark.parametrize(("report", "shown"), [("countries", 10), ("tlds", 3), ("languages", 3)])
def test_bars_are_the_first_ten_and_lead_to_their_rows(spread, browse, report, shown):
    client = browse(spread.viewer)
    page = soup_of(client.get(url_of(spread.project, f"{report}/")))
    rows = page.select(".origin-bars tbody tr")
    counts = [number_in(row.select("td.num")[-1]) for row in rows]
    assert len(rows) == shown and counts == sorted(counts, reverse=True)
    for row, count in zip(rows, counts, strict=True):
        assert all_rows(client, row.select_one("td.num a")["href"]) == count
        assert float(row.rect["width"]) == pytest.approx(100 * count / counts[0], abs=0.01)
    assert page.select_one("#list-" + report)


def test_bars_stay_those_of_the_whole_report(spread, browse):
    page = soup_of(browse(spread.viewer).get(url_of(spread.project, "tlds/?tld_is=com")))
    assert len(page.select(".origin-bars tbody tr")) == 3
    assert len(page.select("#list-tlds .list-table tbody > tr")) == 1


def test_nothing_known_has_no_bars(cast, link_index, browse):
    page = soup_of(browse(cast.viewer).get(url_of(cast.project, "countries/")))
    assert page.select_one(".empty-state") and not page.select(".origin-bars")


def test_classes_of_tlds(link_index):
    classes = {
        "com": "generic", "travel": "generic", "shop": "new", "agency": "new", "de": "country", "museum": "restricted",
        "xn--p1ai": "international", "example": "generic",
    }  # fmt: skip
    observe(7, [link(f"site.{one}/") for one in classes])
    assert {row["tld"]: row["tld_class"] for row in rows_of(asked(7, "tlds").showing({"tld_class"}))} == classes
    assert len(rows_of(asked(7, tld_class="new"))) == len(rows_of(asked(7, "domains", tld_class="new"))) == 2
