"""Dense closed groups are found, and only those."""

from itertools import permutations

import networkx as nx
import numpy as np

from backlinks.authority.communities import communities
from backlinks.authority.graph import Graph

from .graphs import as_graph, keys, random_graph


def with_group(size: int, *, votes_from_outside: int = 0) -> Graph:
    """Nodes 0 to size-1 vote for all of one another, and for the wide web behind them."""
    web = random_graph(300, 0.02, 11)
    made = nx.relabel_nodes(web, {node: node + size for node in web})
    made.add_edges_from(permutations(range(size), 2))
    made.add_edges_from((member, size + member * 7) for member in range(size))
    made.add_edges_from(
        (size + (20 * member + other) % 300, member) for member in range(size) for other in range(votes_from_outside)
    )
    return as_graph(made)


def test_a_closed_group_is_found() -> None:
    made = with_group(12, votes_from_outside=1)
    found = communities(made, keys(made.nodes))
    assert set(found.group[:12].tolist()) == {int(found.group[0])} != {-1}
    assert (found.inside[:12] >= np.float32(11 / 12)).all()
    assert not found.inside[12:].any()
    assert found.groups == 1


def test_a_group_that_the_web_votes_for_is_open() -> None:
    made = with_group(12, votes_from_outside=12)
    assert (communities(made, keys(made.nodes)).inside < 0.8).all()


def test_four_are_no_group() -> None:
    made = with_group(4)
    assert not communities(made, keys(made.nodes)).inside.any()


def test_a_ring_is_not_dense() -> None:
    made = as_graph(nx.DiGraph([(node, (node + 1) % 40) for node in range(40)]))
    assert not communities(made, keys(40)).inside.any()


def test_a_graph_without_votes_has_none() -> None:
    made = as_graph(nx.empty_graph(3, create_using=nx.DiGraph))
    assert communities(made, keys(3)).groups == 0


def test_the_same_graph_has_the_same_groups() -> None:
    made = with_group(30, votes_from_outside=2)
    one, other = (communities(made, keys(made.nodes)) for _ in range(2))
    assert one.group.tobytes() == other.group.tobytes()
