"""The expected range of addresses: against plain quantiles, and silent where too little is known."""

import random
import statistics
from dataclasses import replace

import pytest

from backlinks import index

from .observed import asked, empty_index, link, observe

WS = 7


def _links(target, *, domains, ips, unplaced=0):
    return [
        link(f"{target[:2]}{one}.example/", target, ip=f"198.51.{one % ips // 200}.{one % ips % 200}")
        for one in range(domains)
    ] + [link(f"{target[:2]}u{one}.example/", target) for one in range(unplaced)]


@pytest.fixture(scope="module")
def peers(index_process):
    """Twelve profiles, two of them far too large, one whose addresses are mostly unknown."""

    empty_index()
    chance = random.Random(3)
    made = {
        f"p{number:02}.example": (domains, chance.randint(domains // 3, domains))
        for number, domains in enumerate((16, 20, 25, 30, 30, 34, 40, 48, 60, 62, 100, 130))
    }
    rows = [one for target, (domains, ips) in made.items() for one in _links(target, domains=domains, ips=ips)]
    rows += _links("hidden.example", domains=12, ips=12, unplaced=30)
    observe(WS, rows + _links("client.example", domains=31, ips=4, unplaced=9))
    return made


def test_range_is_that_of_plain_quantiles(peers):
    query = index.pin(asked(WS, "ips"))
    counts = index.address_counts(query)
    assert (counts.domains, counts.placed, counts.ips, counts.subnets, counts.networks) == (40, 31, 4, 1, -1)
    found = {one.kind: one for one in index.expected(query, counts)}
    ratios = [min(domains, ips) / domains for domains, ips in peers.values() if 15.5 <= domains <= 62]
    cuts = statistics.quantiles(ratios, n=10, method="inclusive")
    assert found["ips"].peers == len(ratios) == 10
    assert found["ips"].low == pytest.approx(cuts[0] * 31)
    assert found["ips"].high == pytest.approx(cuts[-1] * 31)
    assert found["ips"].verdict == "below"
    assert found["networks"].verdict == "unknown"


def test_verdicts(peers):
    query = index.pin(asked(WS, "ips"))
    counts = index.address_counts(query)
    for ips in (4, 20, 31):
        ranges = index.expected(query, replace(counts, ips=ips))
        low, high = ranges[0].low, ranges[0].high
        assert ranges[0].verdict == ("below" if ips < low else "above" if ips > high else "inside")
    assert index.expected(query, replace(counts, placed=400))[0].verdict == "unknown"


def test_nothing_is_said_of_what_is_mostly_unknown(peers):
    hidden = index.address_counts(index.pin(asked(WS, "ips", "hidden.example")))
    assert (hidden.domains, hidden.placed, hidden.is_enough) == (42, 12, False)
    assert index.address_counts(index.pin(asked(WS, "ips", "nobody.example"))) == index.AddressCounts()
    assert not index.AddressCounts(9, 9, 9, 9).is_enough


def test_other_workspaces_are_no_peers(peers):
    query = index.pin(replace(asked(WS, "ips"), workspace=99))
    assert index.expected(query, index.AddressCounts(31, 31, 4, 1))[0].peers == 0
