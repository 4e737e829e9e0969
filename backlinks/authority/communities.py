"""Communities: groups of domains that mostly vote for one another, by label propagation that always ends the same way.

Decided: only domains that could be in a closed group take part: a domain with votes of its own and no more of them
than such a group can give. Every round each of half of the domains (by the bits of its key, another half each time)
takes the label that most of its neighbours have, the smallest of several; so there is no order of visits, and pairs do
not swap labels for ever. Refused: modularity (Louvain, Leiden), which merges small groups in a large graph: farms are
small groups.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .graph import AT_ONCE, Floats, Graph, Ids

ROUNDS = 10
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
    labels = _labels(graph.nodes, targets, sources, keys)
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


def _labels(nodes: int, targets: Ids, sources: Ids, keys: NDArray[np.uint64]) -> Ids:
    labels = np.arange(nodes, dtype=np.int32)
    if not len(targets):
        return labels
    ends, others = np.concatenate([targets, sources]), np.concatenate([sources, targets])
    for number in range(ROUNDS):
        turn = (keys >> np.uint64(number) & np.uint64(1)).astype(np.bool_)
        changed = _take_labels(labels, ends, others, turn)
        if not changed:
            break
    return labels


def _take_labels(labels: Ids, ends: Ids, others: Ids, turn: NDArray[np.bool_]) -> bool:
    """Give each node whose turn it is the commonest label around it; whether any changed."""
    heard = turn[ends]
    pairs = np.sort(ends[heard].astype(np.int64) << 32 | labels[others[heard]])
    if not len(pairs):
        return False
    heads = np.flatnonzero(np.append(True, pairs[1:] != pairs[:-1]))
    counts = np.diff(np.append(heads, len(pairs)))
    pairs = pairs[heads]
    nodes = pairs >> 32
    firsts = np.flatnonzero(np.append(True, nodes[1:] != nodes[:-1]))
    most = np.repeat(np.maximum.reduceat(counts, firsts), np.diff(np.append(firsts, len(nodes))))
    best = np.flatnonzero(counts == most)
    best = best[np.append(True, nodes[best[1:]] != nodes[best[:-1]])]
    fresh = (pairs[best] & 0xFFFFFFFF).astype(np.int32)
    changed = bool(np.any(labels[nodes[best]] != fresh))
    labels[nodes[best]] = fresh
    return changed


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
