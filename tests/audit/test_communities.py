"""Networks out of clusters: what is held together, what is split, and that it is always the same."""

from random import Random

import numpy as np
import pytest

from audit import communities
from audit.communities import Network, Shared, networks
from audit.markers.marker import Cluster, Found

Named = dict[str, list[tuple[str, list[int]]]]


def found(named: Named) -> dict[str, Found]:
    nothing = np.zeros(0, np.uint8), np.zeros(0, np.float32)
    return {
        marker: Found(*nothing, clusters=tuple(Cluster(what, tuple(sorted(rows))) for what, rows in things))
        for marker, things in named.items()
    }


def test_without_clusters_there_are_no_networks() -> None:
    assert networks({}) == []
    assert networks(found({"NET02": [], "NET07": [("203.0.113.0/24", [1, 2])]})) == []  # context alone


def test_one_thing_is_one_network_with_all_of_its_domains() -> None:
    assert networks(found({"NET02": [("/a/b", [3, 7, 9])]})) == [
        Network((3, 7, 9), (Shared("NET02", "/a/b", 3, 3),), is_proven=True)
    ]


def test_what_hangs_together_is_a_network_and_its_things_stand_by_how_many_have_them() -> None:
    made = networks(
        found({"NET02": [("/a", [1, 2, 3])], "NET04": [("ga:UA-1", [1, 2, 3, 4])], "NET06": [("ip", [2, 3])]})
    )
    assert made == [
        Network(
            (1, 2, 3, 4),
            (Shared("NET04", "ga:UA-1", 4, 4), Shared("NET02", "/a", 3, 3), Shared("NET06", "ip", 2, 2)),
            is_proven=True,
        )
    ]


def test_addresses_alone_prove_nothing() -> None:
    (made,) = networks(found({"NET06": [("203.0.113.7", [1, 2, 3, 4, 5])]}))
    assert not made.is_proven


def farm(first: int, size: int, name: str) -> list[tuple[str, list[int]]]:
    rows = list(range(first, first + size))
    return [(f"{name}-all", rows), (f"{name}-half", rows[: size // 2]), (f"{name}-rest", rows[size // 2 - 2 :])]


def test_a_broad_thing_that_joins_two_networks_does_not_make_them_one() -> None:
    named = {
        "NET04": [*farm(0, 12, "ga:a"), *farm(100, 10, "ga:b")],
        "NET06": [("shared", [*range(6), *range(100, 105), 200])],
    }
    made = networks(found(named))
    assert {frozenset(range(12)), frozenset(range(100, 110))} & {frozenset(one.domains) - {200} for one in made}
    assert not any({0, 100} <= set(one.domains) for one in made)
    assert {one.of for network in made for one in network.shared if one.what == "shared"} == {12}


def test_the_same_findings_in_another_order_give_the_same_networks() -> None:
    random = Random(1)
    things = [(f"ga:UA-{number}", random.sample(range(300), random.randint(2, 6))) for number in range(120)]
    first = networks(found({"NET04": things, "NET02": [("/a", [1, 2, 3])]}))
    assert first == networks(found({"NET02": [("/a", [1, 2, 3])], "NET04": things}))
    assert sorted(row for one in first for row in one.domains) == sorted({row for one in first for row in one.domains})


def test_large_parts_are_split_within_bounds() -> None:
    """Sixty farms of 500 domains, each with sixty accounts, joined in a ring by titles of two of them."""
    random = Random(2)
    accounts = [
        (f"ga:{farm_}-{number}", random.sample(range(500 * farm_, 500 * farm_ + 500), 40))
        for farm_ in range(60)
        for number in range(60)
    ]
    titles = [
        (f"title {number}", [500 * number, 500 * number + 1, (500 * number + 500) % 30_000]) for number in range(60)
    ]
    made = networks(found({"NET04": accounts, "NET03": titles}))
    owners = [np.bincount(np.array(one.domains) // 500) for one in made]
    assert sum(one.max() > 490 and one.sum() < 505 for one in owners) >= 55


def test_what_would_take_too_long_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    named = {"NET04": [*farm(0, 12, "ga:a"), *farm(100, 10, "ga:b")], "NET03": [("title", [0, 1, 100])]}
    assert len(networks(found(named))) == 2
    monkeypatch.setattr(communities, "LOUVAIN_EDGES", 5)
    assert [one.domains for one in networks(found(named))] == [(*range(12), *range(100, 110))]


def test_of_a_part_that_is_too_large_the_most_telling_things_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(communities, "MOST_THINGS", 4)
    named = {
        "NET04": [*farm(0, 12, "ga:a"), *farm(100, 10, "ga:b")],
        "NET03": [("all", [*range(12), *range(100, 110)])],
    }
    made = networks(found(named))
    assert {row for one in made for row in one.domains} == {*range(12), *range(100, 110)}
    assert not any({0, 100} <= set(one.domains) for one in made)
