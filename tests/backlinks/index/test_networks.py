"""Networks: against plain counts, every number leads to its rows, and what a settle counts of them."""

from collections import defaultdict

import pytest

from backlinks import index

from .observed import asked, domain, link, observe, observe_all, rows_of
from .test_countries import number, ranges

WS = 7
NETWORKS = {64500: "Alpha", 64501: "Beta", 64502: "Gamma"}
PLACED = {"9.9.0": 64500, "9.9.16": 64501, "9.9.17": 64501, "9.9.32": 64502}  # 9.9.48 is in no range


def _ranges():
    ranges(
        *(
            (4, number(9, 9, third, 0), number(9, 9, third, 255), "DE", asn, NETWORKS[asn])
            for prefix, asn in PLACED.items()
            for third in [int(prefix.rpartition(".")[2])]
        )
    )


def _rows():
    thirds = (0, 16, 17, 32, 48)
    return [
        link(f"d{one % 19}.example/{one}", ip=f"9.9.{thirds[one % 5]}.{one % 7}", lost_at=3 if one % 4 == 0 else None,
             lost_reason="notfound" if one % 4 == 0 else "", last_seen=2)
        for one in range(90)
    ] + [link("nowhere.example/")]  # fmt: skip


def _asn(ip):
    return PLACED.get(ip.rpartition(".")[0], 0)


def _fill():
    _ranges()
    named = [domain("named.example", ip="9.9.0.200"), domain("bare.example")]
    observe_all(WS, (_rows(), "semrush", "observations"), (named, "moz", "domain_links"))


@pytest.fixture
def placed(held_index):
    held_index("networks", _fill)
    rows = _rows()
    known = [(row["source_domain"], row["ip"], 1, bool(row["lost_reason"])) for row in rows if row["ip"]]
    return [*known, ("named.example", "9.9.0.200", 0, False)]


def test_rows_against_plain_counts(placed):
    domains, ips, links, lost = (defaultdict(set), defaultdict(set), defaultdict(int), defaultdict(int))
    for name, ip, count, is_lost in placed:
        asn = _asn(ip)
        domains[asn].add(name)
        ips[asn].add(ip)
        links[asn] += count
        lost[asn] += is_lost
    found = {int(row["asn"] or 0): row for row in rows_of(asked(WS, "networks"))}
    assert found.keys() == domains.keys() == {0, *NETWORKS}
    known = len({name for name, *_ in placed})
    for asn, row in found.items():
        assert row["network"] == NETWORKS.get(asn, "")
        assert (row["domains"], row["ips"]) == (len(domains[asn]), len(ips[asn]))
        assert (row["links"], row["lost"]) == (links[asn], lost[asn])
        assert row["live"] + row["lost"] + row["unknown"] == row["links"]
        assert row["share"] == pytest.approx(len(domains[asn]) / known)


@pytest.mark.parametrize("target", ["client.example", "https://client.example/"])
def test_every_number_leads_to_its_rows(placed, target):
    scope = None if "/" not in target else "exact"
    rows = rows_of(asked(WS, "networks", target, scope))
    assert len(rows) == 4
    for row in rows:
        behind = index.row_filters("networks", row)
        assert behind.keys() == {"links", "live", "lost", "unknown", "domains", "ips"}
        for name, (report, params) in behind.items():
            query = asked(WS, report, target, scope, **params)
            assert len(rows_of(query)) == row[name] == index.count(query), (row["asn"], name)


def test_filters_order_and_columns(placed):
    assert [row["asn"] for row in rows_of(asked(WS, "networks", sort="asn"))] == ["", "64500", "64501", "64502"]
    assert [row["asn"] for row in rows_of(asked(WS, "networks", network="bet"))] == ["64501"]
    assert [row["asn"] for row in rows_of(asked(WS, "networks", where='asn is "64502" and ips > 0'))] == ["64502"]
    shown = {"network", "asn"}
    for row in index.fetch(asked(WS).showing(shown)).rows:
        asn = _asn(row["ip"])
        assert (row["network"], row["asn"]) == (NETWORKS.get(asn, ""), str(asn or ""))
    beta = [row for row in rows_of(asked(WS)) if _asn(row["ip"]) == 64501]
    assert len(rows_of(asked(WS, where="network contains beta"))) == len(beta) > 0
    assert len(rows_of(asked(WS, where="network contains beta", asn_is="64501", group="similar"))) > 0
    named = {row["source_domain"]: row for row in index.fetch(asked(WS, "domains").showing({"networks", "asn"})).rows}
    assert (named["named.example"]["networks"], named["named.example"]["asn"]) == (["Alpha"], ["64500"])
    assert (named["bare.example"]["networks"], named["bare.example"]["asn"]) == ([], [])
    assert len(rows_of(asked(WS, "domains", networks="Alpha"))) == len(rows_of(asked(WS, "domains", asn_is="64500")))


@pytest.mark.parametrize(
    ("expression", "numbers"),
    [
        ("asn is AS64501", {64501}),
        ("asn in (64500, as64502)", {64500, 64502}),
        ("asn starts 6450", {64500, 64501, 64502}),
        ("not asn is empty and not asn in (64500)", {64501, 64502}),
    ],
)
def test_links_and_addresses_are_found_by_their_networks(placed, expression, numbers):
    links = [ip for _, ip, count, _ in placed for _ in range(count) if _asn(ip) in numbers]
    addresses = {ip for _, ip, _, _ in placed if _asn(ip) in numbers}
    query = asked(WS, where=expression)
    assert sorted(row["ip"] for row in rows_of(query)) == sorted(links) and index.count(query) == len(links)
    assert {row["ip"] for row in rows_of(asked(WS, "ips", where=expression))} == addresses


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ({"where": "asn has AS64501"}, {64501}),
        ({"where": "asn has any (64500, as64502)"}, {64500, 64502}),
        ({"asn": "as64502"}, {64502}),
    ],
)
def test_domains_are_found_by_the_networks_of_their_addresses(placed, filters, numbers):
    domains = {name for name, ip, _, _ in placed if _asn(ip) in numbers}
    assert {row["source_domain"] for row in rows_of(asked(WS, "domains", **filters))} == domains


def test_a_settle_counts_networks_of_whole_domains(placed):
    observe(WS, [link("a.example/", "other.example/", ip="9.9.0.1"), link("b.example/", "other.example/")])
    observe(WS, [link("a.example/", "far.example/", ip="9.9.48.1")])
    for target, expected in {"client.example": 3, "other.example": 1, "far.example": 0}.items():
        query = index.pin(asked(WS, "ips", target))
        counts = index.address_counts(query)
        assert counts.networks == expected, target
        assert counts.ips == len(rows_of(query))
    assert index.settle(WS, ["client.example", "far.example"]) == 2
    assert index.address_counts(index.pin(asked(WS, "ips"))).networks == 3


def test_without_tables_every_address_is_in_one_row_and_networks_are_unknown(link_index):
    observe(WS, _rows())
    (row,) = rows_of(asked(WS, "networks"))
    assert (row["asn"], row["network"], row["links"]) == ("", "", 90)
    assert index.address_counts(index.pin(asked(WS, "ips"))).networks == -1
