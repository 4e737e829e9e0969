"""Communities: groups of domains that mostly vote for one another, by label propagation that always ends the same way.

Decided: only domains that could be in a closed group take part: a domain with votes of its own and no more of them
than such a group can give. Every round each of half of the domains (by the bits of its key, another half each time)
takes the label that most of its neighbours have, the smallest of several; so there is no order of visits, and pairs do
not swap labels for ever. Refused: modularity (Louvain, Leiden), which merges small groups in a large graph: farms are
small groups.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .graph import AT_ONCE, Floats, Graph, Ids

ROUNDS = 10
BLOCK = 1 << 18
LEAST, MOST = 5, 2000  # domains of a group
OWN_SHARE = 0.8  # of a member's votes that come from its own group
DENSE = 0.1  # of all links that a group could have
DENSE_DEGREE = 3  # and so many a domain at least


@dataclass(frozen=True, slots=True)
class Communities:
    """`inside`: share of a domain's votes from its own dense group, 0 outside of groups. `group`: -1 is none."""

    inside: NDArray[np.float32]
    group: Ids
    groups: int


def communities(graph: Graph, keys: NDArray[np.uint64]) -> Communities:
    """The dense groups of `graph`."""
    targets, sources = _candidates(graph)
    labels = _labels(_Around.of(graph.nodes, targets, sources), keys)
    return _dense(graph, targets, sources, labels)


def _candidates(graph: Graph) -> tuple[Ids, Ids]:
    """Votes between domains that could be members."""
    able = (graph.received > 0) & (graph.received <= MOST / OWN_SHARE) & (graph.given > 0)
    kept = []
    for start in range(0, graph.edges, AT_ONCE):
        part = slice(start, start + AT_ONCE)
        kept.append(start + np.flatnonzero(able[graph.targets[part]] & able[graph.sources[part]]))
    places = np.concatenate(kept) if kept else np.zeros(0, np.int64)
    return graph.targets[places], graph.sources[places]


@dataclass(frozen=True, slots=True)
class _Around:
    """The neighbours of each node, by votes in either direction, node by node."""

    starts: NDArray[np.int64]
    ends: Ids
    others: Ids

    @classmethod
    def of(cls, nodes: int, targets: Ids, sources: Ids) -> "_Around":
        pairs = np.empty(2 * len(targets), np.int64)
        pairs[: len(targets)] = targets.astype(np.int64) << 32 | sources
        pairs[len(targets) :] = sources.astype(np.int64) << 32 | targets
        pairs.sort()
        ends, others = (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)
        starts = np.zeros(nodes + 1, np.int64)
        np.cumsum(np.bincount(ends, minlength=nodes), out=starts[1:])
        return cls(starts, ends, others)

    def blocks(self) -> Iterator[slice]:
        """Neighbours of runs of nodes, so few that they are sorted in the cache."""
        cuts = np.searchsorted(self.starts, np.arange(0, len(self.ends), BLOCK))
        for first, last in pairwise(np.unique(np.append(cuts, len(self.starts) - 1)).tolist()):
            yield slice(int(self.starts[first]), int(self.starts[last]))


def _labels(around: _Around, keys: NDArray[np.uint64]) -> Ids:
    """The label of each node after all rounds; a node is asked again once a neighbour has moved."""
    labels = np.arange(len(keys), dtype=np.int32)
    stale = np.ones(len(keys), np.bool_)
    for number in range(ROUNDS):
        turn = stale & (keys >> np.uint64(number) & np.uint64(1)).astype(np.bool_)
        before = labels.copy()
        for votes in around.blocks():
            _take_labels(around, votes, turn, before, labels)
        stale &= ~turn
        moved = labels != before
        for votes in around.blocks():
            stale[around.ends[votes][moved[around.others[votes]]]] = True
        if not stale.any():
            break
    return labels


def _take_labels(around: _Around, votes: slice, turn: NDArray[np.bool_], before: Ids, labels: Ids) -> None:
    """Give each node whose turn it is the label that most of its neighbours had before, the smallest of several."""
    heard = turn[around.ends[votes]]
    ends, others = around.ends[votes][heard], around.others[votes][heard]
    if not len(ends):
        return
    pairs = np.sort(ends.astype(np.int64) << 32 | before[others])
    heads = np.flatnonzero(np.append(True, pairs[1:] != pairs[:-1]))
    counts = np.diff(np.append(heads, len(pairs)))
    pairs = pairs[heads]
    nodes = pairs >> 32
    firsts = np.flatnonzero(np.append(True, nodes[1:] != nodes[:-1]))
    most = np.repeat(np.maximum.reduceat(counts, firsts), np.diff(np.append(firsts, len(nodes))))
    best = np.flatnonzero(counts == most)
    best = best[np.append(True, nodes[best[1:]] != nodes[best[:-1]])]
    labels[nodes[best]] = pairs[best] & 0xFFFFFFFF


def _dense(graph: Graph, targets: Ids, sources: Ids, labels: Ids) -> Communities:
    same = labels[targets] == labels[sources]
    own = np.bincount(targets[same], minlength=graph.nodes)
    member = own > 0
    sizes = np.bincount(labels[member], minlength=graph.nodes)
    links = np.bincount(labels[targets[same]], minlength=graph.nodes)
    dense = (
        (sizes >= LEAST) & (sizes <= MOST) & (links >= DENSE * sizes * (sizes - 1)) & (links >= DENSE_DEGREE * sizes)
    )
    group = np.where(member & dense[labels], labels, -1).astype(np.int32)
    inside: Floats = np.where(group >= 0, own / np.maximum(graph.received, 1), 0)
    return Communities(inside.astype(np.float32), group, int(dense.sum()))
