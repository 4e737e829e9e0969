"""Where each domain stands: tiers as rings around the target, groups side by side, then drawn together by their links.

Decided: rings first, because tiers are what the picture is about; each first-tier domain gets an angle by how many
stand behind it, and those of one community stand together. A few rounds of networkx' spring layout from there let
domains of other branches that link to each other come nearer. Nodes are numbers and chance has a seed, so the same
input gives the same picture on every machine; the rounds are few, so a thousand nodes take about a second. Refused:
Kamada-Kawai, which takes minutes at a thousand nodes; positions made in the browser, which no export would share.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from .choose import Node

SEED = 7
ROUNDS = 12
RING = 1.0
LEAST_GROUP, DENSE = 5, 0.5
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Groups:
    """Community of each domain (0 the largest), and of those in a dense one its number and size."""

    of: Mapping[str, int]
    dense: Mapping[str, int]
    sizes: Mapping[str, int]


def graph_of(nodes: Sequence[Node], links: Sequence[tuple[str, str]]) -> nx.Graph:
    """The undirected graph of numbers that communities and positions are made of."""
    number = {one.domain: at for at, one in enumerate(nodes)}
    made = nx.Graph()
    made.add_nodes_from(range(len(nodes)))
    made.add_edges_from(sorted({(number[a], number[b]) for a, b in links}))
    return made


def groups_of(nodes: Sequence[Node], graph: nx.Graph) -> Groups:
    """Louvain communities, the target left out: everybody links to it, which would make all of them one."""
    around = graph.subgraph(range(1, len(nodes))).copy() if len(nodes) > 1 else nx.Graph()
    found = nx.community.louvain_communities(around, seed=SEED) if around.number_of_nodes() else []
    found = sorted((sorted(one) for one in found), key=lambda one: (-len(one), one[0]))
    dense = [at for at, one in enumerate(found) if _is_dense(around, one)]
    return Groups(
        {nodes[member].domain: at for at, one in enumerate(found) for member in one},
        {nodes[member].domain: at for at in dense for member in found[at]},
        {nodes[member].domain: len(found[at]) for at in dense for member in found[at]},
    )


def _is_dense(graph: nx.Graph, members: Sequence[int]) -> bool:
    return len(members) >= LEAST_GROUP and nx.density(graph.subgraph(members)) >= DENSE


def place(nodes: Sequence[Node], graph: nx.Graph, groups: Groups) -> list[Point]:
    """A point for each domain, the target in the middle; the longest distance from it is 1."""
    if len(nodes) < 2:
        return [(0.0, 0.0)] * len(nodes)
    rings = _rings(nodes, groups)
    drawn = nx.spring_layout(
        graph, pos=dict(enumerate(rings)), fixed=[0], iterations=ROUNDS, seed=SEED, k=2 / math.sqrt(len(nodes))
    )
    points = [(float(drawn[at][0]), float(drawn[at][1])) for at in range(len(nodes))]
    longest = max(math.hypot(x, y) for x, y in points) or 1.0
    return [(round(x / longest, 4), round(y / longest, 4)) for x, y in points]


def _rings(nodes: Sequence[Node], groups: Groups) -> list[Point]:
    """Tiers as rings; each domain has a part of its parent's angle by how many stand behind it."""
    children: dict[str, list[Node]] = {}
    for one in nodes[1:]:
        children.setdefault(one.parent, []).append(one)
    room = {one.domain: 1 for one in nodes}
    for one in reversed(nodes[1:]):
        room[one.parent] += room[one.domain]
    angles = {nodes[0].domain: (0.0, 2 * math.pi)}
    for one in nodes:
        first, last = angles[one.domain]
        below = sorted(children.get(one.domain, ()), key=lambda child: groups.of.get(child.domain, 0))
        whole = sum(room[child.domain] for child in below)
        for child in below:
            width = (last - first) * room[child.domain] / whole
            angles[child.domain] = (first, first + width)
            first += width
    return [_on_ring(one.tier, sum(angles[one.domain]) / 2) for one in nodes]


def _on_ring(tier: int, angle: float) -> Point:
    return (tier * RING * math.cos(angle), tier * RING * math.sin(angle))
