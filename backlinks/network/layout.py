"""Where each domain stands: tiers as rings around the target, each domain outside of the one that it links to.

Decided: rings, because tiers are what the picture is about, and because a thousand dots drawn together by springs are a
ball of hair. A domain has a part of its parent's angle by how many stand behind it. Which stands beside which is
refined in rounds: each moves toward the middle of all that it is linked to, so that groups stand together and few lines
cross; a ring with many domains has several rows. Communities are Louvain's by networkx, over numbers and with a seed:
the same input gives the same picture on every machine. Refused: Kamada-Kawai and springs (minutes, and unreadable at a
thousand dots); positions made in the browser, which no file would share.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from .choose import Node

SEED = 7
ROUNDS = 4
SPACING = 0.03  # between two domains of a row, of the whole radius
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
    """A point for each domain, the target in the middle; nobody is farther from it than 1."""
    children = _children(nodes)
    room = _room(nodes)
    for below in children.values():
        below.sort(key=lambda at: groups.of.get(nodes[at].domain, -1))
    angles = _angles(children, room)
    for _ in range(ROUNDS):
        for parent, below in children.items():
            below.sort(key=lambda at: _pull(at, parent, graph, angles))
        angles = _angles(children, room)
    return _on_rings(nodes, angles)


def _children(nodes: Sequence[Node]) -> dict[int, list[int]]:
    """Number of a domain -> those that were chosen for linking to it; parents come before their children."""
    number = {one.domain: at for at, one in enumerate(nodes)}
    found: dict[int, list[int]] = {}
    for at, one in enumerate(nodes):
        if one.parent:
            found.setdefault(number[one.parent], []).append(at)
    return dict(sorted(found.items()))


def _room(nodes: Sequence[Node]) -> list[int]:
    """How many domains stand at and behind each."""
    number = {one.domain: at for at, one in enumerate(nodes)}
    room = [1] * len(nodes)
    for at in range(len(nodes) - 1, 0, -1):
        room[number[nodes[at].parent]] += room[at]
    return room


def _angles(children: Mapping[int, Sequence[int]], room: Sequence[int]) -> list[float]:
    """The angle of each domain, in the middle of its part of its parent's."""
    parts = {0: (0.0, 2 * math.pi)}
    for parent, below in children.items():
        start, end = parts[parent]
        each = (end - start) / sum(room[at] for at in below)
        for at in below:
            parts[at] = (start, start + each * room[at])
            start += each * room[at]
    return [sum(parts[at]) / 2 for at in range(len(room))]


def _pull(at: int, parent: int, graph: nx.Graph, angles: Sequence[float]) -> tuple[float, float]:
    """Where its links draw a domain, as an angle from the middle of its parent's part; where it stands decides ties."""
    others = [one for one in graph[at] if one not in (0, parent)]
    here = angles[at]
    if others:
        x, y = (sum(turn(angles[one]) for one in others) for turn in (math.cos, math.sin))
        here = math.atan2(y, x) if x or y else here
    middle = angles[parent]
    return (round(math.remainder(here - middle, 2 * math.pi), 9), angles[at])


def _on_rings(nodes: Sequence[Node], angles: Sequence[float]) -> list[Point]:
    """Each tier on the rows of its ring, neighbours in turn on another row."""
    tiers = max(one.tier for one in nodes)
    points = [(0.0, 0.0)] * len(nodes)
    for tier in range(1, tiers + 1):
        ring = sorted((at for at, one in enumerate(nodes) if one.tier == tier), key=lambda at: (angles[at], at))
        inner, outer = (tier - 0.5) / tiers, tier / tiers
        rows = max(1, math.ceil(len(ring) * SPACING / (math.pi * (inner + outer))))
        for place_in_ring, at in enumerate(ring):
            row = place_in_ring % rows
            reach = outer - (outer - inner) * row / rows
            points[at] = (round(reach * math.cos(angles[at]), 4), round(reach * math.sin(angles[at]), 4))
    return points
