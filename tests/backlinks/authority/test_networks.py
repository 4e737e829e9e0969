"""Votes of one network count together as 1 + ln n; shared hosting only where chance does not explain them."""

import math

import numpy as np
import pytest

from backlinks.authority.graph import build, graph_of
from backlinks.authority.solve import flow_of, rank

from .graphs import by_name, votes


def weights(lines: list[str], networks: dict[str, int]) -> dict[tuple[str, str], float]:
    given = votes(*lines)
    names = [name.rpartition(".")[2] for name in given.names.to_pylist()]
    numbers = np.array([networks.get(name, -1) for name in names], np.int32)
    dense = flow_of(build(given), numbers).matrix.toarray()
    return {(names[s], names[t]): dense[t, s] for t, s in zip(*dense.nonzero(), strict=True)}


def test_three_of_one_network_count_as_one_and_a_logarithm() -> None:
    found = weights(["a > t", "b > t", "c > t", "d > t"], {"a": 7, "b": 7, "c": 7, "d": 9})
    each = (1 + math.log(3)) / 3
    wanted = {("a", "t"): each, ("b", "t"): each, ("c", "t"): each, ("d", "t"): 1}
    assert found == pytest.approx(wanted)


def test_one_vote_of_a_network_and_unknown_networks_count_in_full() -> None:
    found = weights(["a > t u", "b > u", "c > t", "d > t"], {"a": 7, "b": 7})
    assert found["a", "t"] == 0.5
    assert found["a", "u"] == pytest.approx(0.5 * (1 + math.log(2)) / 2)
    assert found["c", "t"] == found["d", "t"] == 1


def test_what_damping_takes_goes_to_all() -> None:
    """a and b of one network vote for t: what t loses lands on a, b and t alike, and the sum stays 1."""
    given = votes("a > t", "b > t")
    found = by_name(given, rank(flow_of(build(given), np.array([1, 1, -1], np.int32)), tolerance=1e-14).values)
    passed = 0.85 * (1 + math.log(2)) / 2
    landed = 1 / (3 + 2 * passed)
    assert found == pytest.approx({"a": landed, "b": landed, "t": landed * (1 + 2 * passed)}, abs=1e-12)
    plain = by_name(given, rank(flow_of(build(given)), tolerance=1e-14).values)
    assert found["t"] < plain["t"]


def hosting(neighbours: int, voters: int, elsewhere: int) -> float:
    """The weight of a vote for node 0 by one of `voters` domains out of `neighbours` on one host.

    `elsewhere` domains stand in networks of their own, and do not vote.
    """
    nodes = 1 + neighbours + elsewhere
    sources = np.arange(1, voters + 1, dtype=np.int32)
    networks = np.arange(nodes, dtype=np.int32)
    networks[1 : neighbours + 1] = nodes
    made = graph_of(nodes, np.zeros(voters, np.int32), sources)
    return float(flow_of(made, networks).matrix.data[0])


def test_neighbours_in_shared_hosting_count_in_full_as_far_as_chance_goes() -> None:
    assert hosting(neighbours=300, voters=3, elsewhere=300) == 1


def test_a_farm_in_shared_hosting_is_damped_all_the_same() -> None:
    assert hosting(neighbours=300, voters=300, elsewhere=999_699) == pytest.approx((1 + math.log(300)) / 300)
    by_chance = 4 * 300 * 300 / 10_000
    assert hosting(neighbours=300, voters=300, elsewhere=9_699) == pytest.approx(by_chance / 300)


def test_the_largest_network_that_is_always_damped_has_256_domains() -> None:
    assert hosting(neighbours=256, voters=256, elsewhere=10) == pytest.approx((1 + math.log(256)) / 256)
    assert hosting(neighbours=257, voters=257, elsewhere=10) == 1
