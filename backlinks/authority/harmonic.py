"""Harmonic centrality: the sum of 1/distance over all domains that lead to a domain.

Decided: distances from up to 64 domains are found together, one bit each in a word a node, by the same pass over the
votes for all of them: a node's word is the OR of its linking domains' words. Where a graph has no more domains with
links than the budget allows, all of them are walked from and the result is exact. In larger graphs a sample is walked
from, distance 1 stays exact (it is the count of votes), and the rest is scaled up. Memory is three words a node. The
sample follows the hash of names, salted by the whole graph: nobody can register a name that will be in it, because it
is known only when the graph is closed.
Refused: HyperBall. Its registers take 64 bytes a node and more for an error of 13 % in a value that lies within a
factor of two for most domains; 512 walks err by about 1 %, because distances differ little (docs/authority.md).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .graph import Floats, Graph, Ids

BITS = 64
LEAST_WALKS, MOST_WALKS = 512, 4096
BUDGET = 64_000_000 * BITS  # votes times walks
FARTHEST = 64  # steps; a domain further away adds less than 1/64
BLOCK = 1 << 19

Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Harmonic:
    """`walks` of `speakers` (domains with links) were walked from; exact where these are all."""

    values: Floats
    walks: int
    speakers: int


def harmonic(graph: Graph, keys: NDArray[np.uint64], *, walks: int | None = None) -> Harmonic:
    """Harmonic centrality of every node; `walks` overrides the budget."""
    speakers = np.flatnonzero(graph.given)
    chosen = _sample(graph, keys, speakers, walks or _affordable(graph.edges))
    rows = _Rows.of(graph)
    beyond = np.zeros(graph.nodes)
    for start in range(0, len(chosen), BITS):
        _walk(rows, chosen[start : start + BITS], beyond)
    if len(chosen):
        beyond *= len(speakers) / len(chosen)
    return Harmonic(_direct(graph) + beyond, len(chosen), len(speakers))


def _direct(graph: Graph) -> Floats:
    """Votes of other domains."""
    own = graph.targets[graph.targets == graph.sources]
    direct = graph.received.astype(np.float64)
    direct[own] -= 1
    return direct


def _affordable(edges: int) -> int:
    walks = BUDGET // max(1, edges) // BITS * BITS
    return min(MOST_WALKS, max(LEAST_WALKS, walks))


def _sample(graph: Graph, keys: NDArray[np.uint64], speakers: NDArray[np.int64], walks: int) -> NDArray[np.int64]:
    if len(speakers) <= walks:
        return speakers
    salt = np.bitwise_xor.reduce(mixed(keys ^ graph.received.astype(np.uint64) << 32 ^ graph.given.astype(np.uint64)))
    drawn = mixed(keys[speakers] ^ salt)
    return np.sort(speakers[np.argsort(drawn, kind="stable")[:walks]])


def mixed(words: Words) -> Words:
    """SplitMix64's finaliser: every bit of the input moves every bit of the output."""
    words = (words ^ words >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ words >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return words ^ words >> np.uint64(31)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows that can still change: nodes with votes, and where their votes begin and end in `sources`."""

    nodes: NDArray[np.int64]
    starts: NDArray[np.int64]
    sources: Ids

    @classmethod
    def of(cls, graph: Graph) -> "_Rows":
        nodes = np.flatnonzero(graph.received)
        return cls(nodes, graph.starts[nodes].astype(np.int64), graph.sources)

    def blocks(self) -> Iterator[tuple[slice, slice]]:
        """Runs of rows with the votes that belong to them."""
        cuts = np.searchsorted(self.starts, np.arange(0, len(self.sources), BLOCK))
        cuts = np.unique(np.append(cuts, len(self.nodes)))
        bounds = np.append(self.starts, len(self.sources))
        for first, last in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
            yield slice(first, last), slice(int(bounds[first]), int(bounds[last]))

    def only(self, wanted: NDArray[np.bool_]) -> "_Rows":
        lengths = np.diff(np.append(self.starts, len(self.sources)))
        sources = self.sources[np.repeat(wanted, lengths)]
        lengths = lengths[wanted]
        return _Rows(self.nodes[wanted], np.cumsum(lengths) - lengths, sources)


def _walk(rows: _Rows, chosen: NDArray[np.int64], beyond: Floats) -> None:
    """Add to `beyond` 1/distance from each of up to 64 nodes, for distances of two steps and more."""
    reached = np.zeros(len(beyond), np.uint64)
    reached[chosen] = np.uint64(1) << np.arange(len(chosen), dtype=np.uint64)
    for distance in range(1, FARTHEST + 1):
        fresh = _gathered(rows, reached) & ~reached[rows.nodes]
        moving = np.bitwise_or.reduce(fresh) if len(fresh) else np.uint64(0)
        if not moving:
            return
        if distance > 1:
            beyond[rows.nodes] += np.bitwise_count(fresh) / distance
        reached[rows.nodes] |= fresh
        if distance > 1:
            rows = _unfinished(rows, reached, moving)


def _unfinished(rows: _Rows, reached: Words, moving: np.uint64) -> _Rows:
    """Without the rows that every walk which still moves has reached, once these hold half of the votes."""
    unfinished = (reached[rows.nodes] & moving) != moving
    left = np.add.reduce(np.diff(np.append(rows.starts, len(rows.sources)))[unfinished])
    return rows.only(unfinished) if left * 2 < len(rows.sources) else rows


def _gathered(rows: _Rows, reached: Words) -> Words:
    """For each row the OR of its linking nodes' words."""
    found = np.empty(len(rows.nodes), np.uint64)
    for part, votes in rows.blocks():
        words = np.take(reached, rows.sources[votes], mode="clip")
        np.bitwise_or.reduceat(words, rows.starts[part] - votes.start, out=found[part])
    return found
