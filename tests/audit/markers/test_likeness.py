"""What is nearly alike, beside a comparison of each with each."""

from itertools import combinations
from random import Random

import networkx as nx
import numpy as np
import pytest

from audit.markers.likeness import alike, near
from audit.profile import Sets


def test_near_prints_are_all_pairs_that_differ_in_six_bits_at_most() -> None:
    random = Random(1)
    prints = {random.getrandbits(64) for _ in range(400)}
    for one in list(prints):
        prints.add(one ^ sum(1 << bit for bit in random.sample(range(64), random.randint(1, 8))))
    listed = np.array(sorted(prints), np.uint64)
    expected = {
        (one, other)
        for one, other in combinations(range(len(listed)), 2)
        if (int(listed[one]) ^ int(listed[other])).bit_count() <= 6
    }
    found = {(min(pair), max(pair)) for pair in zip(*(side.tolist() for side in near(listed, 6)), strict=True)}
    assert found == expected
    assert len(expected) > 250


def test_thousands_of_prints_that_are_nearly_alike_hang_together() -> None:
    ones = np.uint64(1) << np.random.default_rng(1).integers(0, 64, (20_000, 3)).astype(np.uint64)
    crowd = np.unique(np.bitwise_xor.reduce(ones, axis=1) ^ np.uint64(0x5A5A_1234_9876_0F0F))
    first, second = near(crowd, 6)
    assert len(first) < 40 * len(crowd)
    graph = nx.Graph(zip(first.tolist(), second.tolist(), strict=True))
    assert max(map(len, nx.connected_components(graph))) > 0.99 * len(crowd)


@pytest.mark.parametrize("share", [0.8, 0.9])
def test_sets_that_are_alike_are_those_of_a_comparison_of_all(share: float) -> None:
    random = Random(2)
    rows: list[list[str]] = []
    for number in range(120):
        plain = [f"t{int(400 * random.random() ** 3)}.example" for _ in range(random.randint(5, 25))]
        rows += [plain, [f"new{number}.example", *plain[1:]], plain[:-2], list(reversed(plain))]
    sets = Sets.of([*rows, None, []])
    asked = sets.known & (sets.sizes >= 5)
    plain_sets = [set(sets.at(row)) for row in range(len(sets.known))]
    graph = nx.Graph()
    for one, other in combinations(np.flatnonzero(asked).tolist(), 2):
        if len(plain_sets[one] & plain_sets[other]) >= share * len(plain_sets[one] | plain_sets[other]) - 1e-9:
            graph.add_edge(one, other)
    group = alike(sets, asked, share)
    found = {frozenset(np.flatnonzero(group == one).tolist()) for one in set(group.tolist()) - {-1}}
    assert found == set(map(frozenset, nx.connected_components(graph)))


def test_nothing_is_alike_where_nothing_is_known() -> None:
    assert alike(Sets.unknown(3), np.zeros(3, np.bool_), 0.8).tolist() == [-1, -1, -1]
    assert [len(side) for side in near(np.zeros(0, np.uint64), 6)] == [0, 0]
