"""PageRank and TrustRank: hand-computed graphs, networkx, and what must hold for every graph."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from backlinks.authority.graph import Graph, build
from backlinks.authority.solve import FAR, MOST_HOPS, bad_share, flow_of, hops, rank

from .graphs import as_graph, by_name, random_graph, votes

JUMP = 0.15


def solved(made: Graph, seeds: list[int] | None = None) -> np.ndarray:
    chosen = None if seeds is None else np.array(seeds, np.int32)
    return rank(flow_of(made), chosen, tolerance=1e-14).values


def test_a_chain() -> None:
    """a → b → c: with x the rank that lands on each node, a = x, b = x + .85 a, c = x + .85 b, and all are 1."""
    given = votes("a > b", "b > c")
    found = by_name(given, solved(build(given)))
    landed = 1 / (1 + 1.85 + 1 + 0.85 * 1.85)
    assert found == pytest.approx({"a": landed, "b": 1.85 * landed, "c": (1 + 0.85 * 1.85) * landed}, abs=1e-12)


def test_a_star() -> None:
    """Five leaves vote for a hub without links: the hub has 1 + 5 · .85 times a leaf's rank."""
    given = votes(*(f"leaf{n} > hub" for n in range(5)))
    found = by_name(given, solved(build(given)))
    leaf = 1 / (5 + 1 + 5 * 0.85)
    assert found == pytest.approx({"hub": 5.25 * leaf} | {f"leaf{n}": leaf for n in range(5)}, abs=1e-12)


def test_a_cycle_is_even() -> None:
    found = solved(build(votes("a > b", "b > c", "c > d", "d > a")))
    assert found == pytest.approx(np.full(4, 0.25), abs=1e-12)


def test_a_dangling_node_gives_to_all() -> None:
    """a ↔ b, a → c: the rank of c lands on all three."""
    given = votes("a > b c", "b > a")
    found = by_name(given, solved(build(given)))
    landed = (JUMP + 0.85 * found["c"]) / 3
    assert found["a"] == pytest.approx(landed + 0.85 * found["b"], abs=1e-12)
    assert found["b"] == found["c"] == pytest.approx(landed + 0.85 * found["a"] / 2, abs=1e-12)


def test_two_components_do_not_touch() -> None:
    """A pair and a triple that vote in circles: each node has its even share."""
    given = votes("a > b", "b > a", "x > y", "y > z", "z > x")
    assert solved(build(given)) == pytest.approx(np.full(5, 0.2), abs=1e-12)


@pytest.mark.parametrize(("nodes", "chance", "seed"), [(5, 0.3, 1), (40, 0.1, 2), (300, 0.01, 3), (300, 0.001, 4)])
def test_it_agrees_with_networkx(nodes: int, chance: float, seed: int) -> None:
    made = random_graph(nodes, chance, seed, own=nodes // 5)
    found, wanted = solved(as_graph(made)), nx.pagerank(made, tol=1e-14, max_iter=1000)
    assert found == pytest.approx([wanted[node] for node in range(nodes)], abs=1e-9)
    assert found.sum() == pytest.approx(1, abs=1e-12)


def test_trust_agrees_with_networkx() -> None:
    made = random_graph(200, 0.01, 6, own=10)
    wanted = nx.pagerank(made, personalization={3: 1, 50: 1}, tol=1e-14, max_iter=1000)
    assert solved(as_graph(made), [3, 50]) == pytest.approx([wanted[node] for node in range(200)], abs=1e-9)


def test_the_same_input_gives_the_same_bytes() -> None:
    made = as_graph(random_graph(300, 0.02, 7))
    assert rank(flow_of(made)).values.tobytes() == rank(flow_of(made)).values.tobytes()


def test_a_round_stops_at_the_tolerance() -> None:
    found = rank(flow_of(as_graph(random_graph(300, 0.02, 7))))
    assert 0 < found.step < 1e-8
    assert found.rounds > 5


def test_trust_stays_with_what_seeds_lead_to() -> None:
    given = votes("seed > a", "a > b", "x > y a", "y > x")
    found = by_name(given, solved(build(given), [given.names.to_pylist().index("com.seed")]))
    assert found["seed"] > found["a"] > found["b"] > 0
    assert found["x"] == found["y"] == 0


@pytest.mark.parametrize("target", range(1, 30))
def test_a_vote_of_the_trusted_never_lowers_trust(target: int) -> None:
    made = random_graph(30, 0.08, 8)
    before = solved(as_graph(made), [0])[target]
    made.add_edge(0, target)
    assert solved(as_graph(made), [0])[target] >= before - 1e-12


def test_bad_share_looks_two_steps_ahead() -> None:
    given = votes("a > bad x", "b > bad", "c > a y", "d > b", "e > d", "x > y", "bad > x")
    names = given.names.to_pylist()
    found = by_name(given, bad_share(build(given), np.array([names.index("com.bad")], np.int32)))
    assert found == pytest.approx({"bad": 1, "a": 0.5, "b": 1, "c": 0.25, "d": 1, "e": 0, "x": 0, "y": 0})


def test_an_order_of_votes_does_not_matter() -> None:
    given = votes("a > b c d", "b > c", "d > a b")
    order = np.random.default_rng(3).permutation(len(given.targets))
    mixed = replace(given, targets=given.targets[order], sources=given.sources[order])
    assert solved(build(given)).tobytes() == solved(build(mixed)).tobytes()


def test_steps_from_the_nearest_seed_are_those_of_a_walk() -> None:
    given = random_graph(300, 0.006, 5)
    walked = nx.multi_source_dijkstra_path_length(given, {3, 40})
    expected = [FAR if walked.get(node, FAR) > MOST_HOPS else walked[node] for node in range(300)]
    found = hops(flow_of(as_graph(given)), np.array([3, 40], np.int32)).tolist()
    assert found == expected
    assert {0, 1, 2, MOST_HOPS, FAR} <= set(found)
