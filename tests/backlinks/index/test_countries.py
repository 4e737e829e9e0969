"""Countries of addresses in a profile: as a claim says, else by the open tables of ranges."""

import importlib

import pytest

from backlinks import index
from backlinks.index import engine
from backlinks.index.addresses import SHIFTS

from .counting import ask
from .observed import asked, domain, link, observe, observe_all, only_link, rows_of, sighting

pytestmark = pytest.mark.usefixtures("link_index")
WS = 7


def ranges(*rows: tuple[int, int, int, str, int, str]) -> index.Batch:
    """Ranges that count: (family, first, last, country, asn, network)."""
    batch = index.Batch(0, index.new_batch_id(), index.addresses.SOURCE, "ranges", "test")
    index.begin(batch)
    columns = dict(
        zip(("family", "first", "last", "country", "asn", "network"), map(list, zip(*rows, strict=True)), strict=True)
    )
    columns["bucket"] = [first >> SHIFTS[family] for family, first, *_ in rows]
    index.addresses.add(batch, columns, block=0)
    index.addresses.publish(batch)
    return batch


def number(*octets: int) -> int:
    return int.from_bytes(bytes(octets), "big")


NINE = (4, number(9, 9, 0, 0), number(9, 9, 15, 255), "DE", 64500, "Example")
SIX = (6, 0x2A00_0001_0000_0000, 0x2A00_0001_FFFF_FFFF, "SE", 64501, "Six")


def test_an_address_gives_the_country_that_no_claim_says() -> None:
    ranges(NINE, SIX)
    rows = [
        link("a.example/", ip="9.9.0.1", last_seen=1),
        link("b.example/", ip="9.9.0.1", country="FR", last_seen=1),
        link("c.example/", ip="9.9.16.0", last_seen=1),
        link("d.example/", ip="2a00:1::5", last_seen=1),
        link("e.example/", last_seen=1),
        link("f.example/", ip="10.0.0.1", last_seen=1),
    ]
    observe(WS, rows)
    assert {row["source_domain"]: row["country"] for row in rows_of(asked(WS))} == {
        "a.example": "DE", "b.example": "FR", "c.example": "", "d.example": "SE", "e.example": "", "f.example": "",
    }  # fmt: skip
    around = {row["source_domain"]: row["country"] for row in rows_of(asked(WS, "domains"))}
    assert around["a.example"] == "DE" and around["b.example"] == "FR" and around["e.example"] == ""
    counted = {row["country"]: (row["domains"], row["links"]) for row in rows_of(asked(WS, "countries"))}
    assert counted == {"DE": (1, 1), "FR": (1, 1), "SE": (1, 1), "": (3, 3)}


def test_a_country_that_another_claim_says_is_kept() -> None:
    ranges(NINE)
    observe_all(
        WS,
        ([link("a.example/", ip="9.9.0.1", last_seen=9)], "semrush", "observations"),
        ([link("a.example/", country="AT", last_seen=1)], "ahrefs", "observations"),
    )
    assert only_link(WS)["country"] == "AT"


def test_domain_level_rows_and_sightings_beside_links() -> None:
    ranges(NINE)
    named = [domain("a.example", ip="9.9.0.7", last_seen=1), domain("b.example", ip="9.8.0.7", last_seen=1)]
    observe_all(
        WS,
        (named, "semrush", "domain_links"),
        ([sighting("https://c.example/x", last_seen=1)], "gsc", "sightings"),
        ([link("c.example/x", ip="9.9.1.1", last_seen=1)], "semrush", "observations"),
    )
    around = {row["source_domain"]: row["country"] for row in rows_of(asked(WS, "domains"))}
    assert around == {"a.example": "DE", "b.example": "", "c.example": "DE"}
    assert only_link(WS)["sources"] == ["gsc", "semrush"]


def test_without_ranges_nothing_is_placed_and_later_ones_wait_for_the_next_settle() -> None:
    observe(
        WS, [link("a.example/", ip="9.9.0.1", last_seen=1), link("b.example/", ip="1.1.1.1", country="AU", last_seen=1)]
    )
    assert index.addresses.unplaced() == [(WS, "client.example")]
    batch = ranges(NINE)
    assert index.settle(WS, ["client.example"]) == 1
    assert {row["country"] for row in rows_of(asked(WS))} == {"DE", "AU"}
    assert index.addresses.unplaced() == []
    index.addresses.withdraw(batch)
    assert index.addresses.current() is None
    index.settle(WS, ["client.example"])
    assert {row["country"] for row in rows_of(asked(WS))} == {"", "AU"}
    assert engine.read("SELECT count() AS n FROM ip_ranges")[0]["n"] == 0


def test_a_big_target_is_placed_in_every_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.import_module("backlinks.index.settle"), "ROWS_A_PASS", 25)
    ranges(NINE)
    observe(WS, [link(f"s{at:02}.example/", ip=f"9.9.0.{at}", last_seen=1) for at in range(50)])
    assert {row["country"] for row in rows_of(asked(WS, "domains"))} == {"DE"}
    assert {row["country"] for row in rows_of(asked(WS))} == {"DE"}


def test_the_report_of_addresses_names_their_networks() -> None:
    ranges(NINE, SIX)
    rows = [link("a.example/", ip="9.9.0.1", last_seen=1), link("b.example/", ip="8.8.8.8", last_seen=1)]
    observe(WS, rows)
    pinned = index.pin(asked(WS, "ips"))
    query = pinned.showing({"network", "asn"})
    expected = {"9.9.0.1": ("Example", "64500"), "8.8.8.8": ("", "")}
    for found in (index.fetch(query).rows, rows_of(query)):
        assert {row["ip"]: (row["network"], row["asn"]) for row in found} == expected
    for filters in ({"network": "exam"}, {"asn": "as64500"}, {"asn_is": "64500"}, {"where": "asn in (AS64500, 1)"}):
        assert [row["ip"] for row in rows_of(ask(pinned, "ips", **filters))] == ["9.9.0.1"], filters
    for column, rising in {"network": "8.8.8.8", "asn": "8.8.8.8", "-asn": "9.9.0.1"}.items():
        assert rows_of(ask(pinned, "ips", sort=column))[0]["ip"] == rising
