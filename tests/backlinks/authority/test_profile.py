"""What is unnatural in a domain's votes: twins, links returned, more votes than visitors explain."""

import numpy as np
import pytest

from backlinks.authority import profile
from backlinks.authority.graph import build, graph_of
from backlinks.authority.profile import excess, reciprocity, twins

from .graphs import as_graph, by_name, keys, random_graph, votes


def test_twins_have_exactly_the_same_linking_domains() -> None:
    voters = [f"v{n} > one other third" for n in range(5)]
    given = votes(*voters, "v6 > third few", "v7 > few")
    found = by_name(given, twins(build(given), given.keys))
    assert (found["one"], found["other"]) == (1, 1)
    assert found["third"] == 0
    assert found["few"] == found["v0"] == -1


def test_no_hash_decides_who_is_a_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile, "_prints", lambda graph, keys: np.zeros(graph.nodes, np.uint64))
    given = votes(*(f"v{n} > a" for n in range(5)), *(f"w{n} > b" for n in range(5)))
    found = by_name(given, twins(build(given), given.keys))
    assert (found["a"], found["b"]) == (0, 0)


def test_twins_agree_with_sets() -> None:
    made = random_graph(120, 0.05, 4)
    made.add_edges_from((source, copy) for copy in (7, 8) for source in made.predecessors(6) if source not in (7, 8))
    arrays = as_graph(made)
    sets = {node: frozenset(made.predecessors(node)) for node in made}
    wanted = [
        sum(sets[other] == sets[node] for other in made) - 1 if len(sets[node]) >= 5 else -1 for node in range(120)
    ]
    assert twins(arrays, keys(120)).tolist() == wanted


def test_reciprocity_is_the_share_of_linking_domains_that_are_linked_back() -> None:
    given = votes(
        *(f"v{n} > half all none" for n in range(20)),
        "half > " + " ".join(f"v{n}" for n in range(10)),
        "all > " + " ".join(f"v{n}" for n in range(20)),
        "v0 > v1",
        "v1 > v0",
    )
    found = by_name(given, reciprocity(build(given)))
    assert (found["half"], found["all"], found["none"]) == (0.5, 1, 0)
    assert found["v0"] == -1


def test_reciprocity_agrees_with_networkx() -> None:
    made = random_graph(100, 0.4, 2)
    found = reciprocity(as_graph(made))
    for node in made:
        votes_of_node = set(made.predecessors(node))
        share = len(votes_of_node & set(made.successors(node))) / len(votes_of_node)
        assert found[node] == pytest.approx(share if made.out_degree(node) >= len(votes_of_node) / 2 else 0)


def listed(nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Domains whose votes follow their rank, but for noise; (targets, ranks)."""
    dice = np.random.default_rng(2)
    ranks = np.exp(dice.uniform(2, 12, nodes))
    votes_of_node = np.exp(7 - 0.5 * np.log(ranks) + dice.normal(0, 0.2, nodes)).round().astype(int).clip(1)
    return votes_of_node, ranks


def test_votes_above_popularity_are_counted_in_deviations() -> None:
    received, ranks = listed(400)
    received[0] = received[0] * 20 + 20
    targets = np.repeat(np.arange(400), received).astype(np.int32)
    made = graph_of(401, targets, np.full(len(targets), 400, np.int32))
    found, line = excess(made, np.append(ranks, np.nan))
    assert found[0] > 4
    assert np.mean(np.abs(found[1:400]) < 3) > 0.9
    assert np.isnan(found[400])
    assert line.slope == pytest.approx(-0.5, abs=0.1)
    assert line.listed == 400


def test_too_few_listed_domains_draw_no_line() -> None:
    made = build(votes("a > b", "b > a"))
    found, line = excess(made, np.array([1.0, 20.0]))
    assert np.isnan(found).all()
    assert line.deviation == 0
