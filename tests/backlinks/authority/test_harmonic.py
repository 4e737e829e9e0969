"""Harmonic centrality: by hand, networkx, and how near a sample comes."""

import networkx as nx
import numpy as np
import pytest

from backlinks.authority import harmonic as module
from backlinks.authority.agreement import spearman
from backlinks.authority.graph import build, graph_of
from backlinks.authority.harmonic import harmonic

from .graphs import as_graph, by_name, keys, random_graph, votes


def test_a_chain_by_hand() -> None:
    given = votes("a > b", "b > c", "c > d")
    found = by_name(given, harmonic(build(given), given.keys).values)
    assert found == pytest.approx({"a": 0, "b": 1, "c": 1.5, "d": 1 + 1 / 2 + 1 / 3})


@pytest.mark.parametrize(("nodes", "chance", "seed"), [(6, 0.3, 1), (90, 0.03, 2), (300, 0.01, 3), (300, 0.003, 4)])
def test_a_small_graph_is_exact(nodes: int, chance: float, seed: int) -> None:
    made = random_graph(nodes, chance, seed, own=nodes // 10)
    found, wanted = harmonic(as_graph(made), keys(nodes)), nx.harmonic_centrality(made)
    assert found.walks == found.speakers
    assert found.values == pytest.approx([wanted[node] for node in range(nodes)], abs=1e-9)


def test_a_long_chain_counts_as_far_as_the_farthest_step() -> None:
    line = np.arange(99, dtype=np.int32)
    found = harmonic(graph_of(100, line + 1, line), keys(100)).values
    assert found[99] == pytest.approx(sum(1 / distance for distance in range(1, module.FARTHEST + 1)))


def test_a_sample_comes_near_and_votes_stay_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 1000)
    dice = np.random.default_rng(9)
    made = as_graph(
        nx.DiGraph(
            [
                (int(s), int(3000 * t**3))
                for s, t in zip(dice.integers(0, 3000, 20_000), dice.random(20_000), strict=True)
            ]
            + [(2999, 0)]
        )
    )
    hashes = keys(made.nodes)
    exact, near = harmonic(made, hashes, walks=made.nodes), harmonic(made, hashes, walks=512)
    assert (exact.walks, near.walks) == (exact.speakers, 512)
    assert spearman(exact.values, near.values) > 0.99
    assert np.median(np.abs(near.values / np.maximum(exact.values, 1) - 1)) < 0.03


def test_nobody_knows_the_sample_before_the_graph_is_closed() -> None:
    one, other = random_graph(300, 0.02, 1), random_graph(300, 0.02, 1)
    other.add_edge(0, 299 if not other.has_edge(0, 299) else 298)
    samples = []
    for made in map(as_graph, (one, other)):
        samples.append(module._sample(made, keys(300), np.flatnonzero(made.given), 64))
    assert len(set(samples[0].tolist()) & set(samples[1].tolist())) < 40


def test_a_graph_without_votes_has_zeros() -> None:
    empty = np.zeros(0, np.int32)
    assert harmonic(graph_of(3, empty, empty), keys(3)).values.tolist() == [0, 0, 0]
