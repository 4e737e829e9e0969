"""What is unnatural in a domain's votes, as plain figures; which figure costs how many points is in formula.py.

Decided: a twin is a domain with the same linking domains, found by a sum of their hashes and then compared one by one,
so that no hash decides. Links are compared with popularity by a line through listed domains that outliers do not move.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .graph import Floats, Graph, Ids
from .harmonic import mixed

LEAST_TWIN_VOTES = 5
LEAST_RECIPROCAL_VOTES = 20
RECIPROCITY_START = 0.5
LEAST_LISTED = 100
FITS = 20
TUKEY = 4.685  # standard deviations at which an outlier no longer counts


def twins(graph: Graph, keys: NDArray[np.uint64]) -> Ids:
    """How many other domains have exactly the linking domains that this one has; -1 with fewer than five of them."""
    found = np.where(graph.received >= LEAST_TWIN_VOTES, 0, -1).astype(np.int32)
    nodes = np.flatnonzero(found == 0)
    if len(nodes):
        prints = _prints(graph, keys)[nodes]
        order = np.lexsort((nodes, graph.received[nodes], prints))
        nodes, prints = nodes[order], prints[order]
        alike = (prints[1:] == prints[:-1]) & (graph.received[nodes[1:]] == graph.received[nodes[:-1]])
        _count_equal(graph, nodes, alike, found)
    return found


def _prints(graph: Graph, keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A sum over the hashes of each domain's linking domains: equal sets have equal sums."""
    words = mixed(keys)
    prints = np.zeros(graph.nodes, np.uint64)
    for first, last, start, end in graph.blocks():
        rows = first + np.flatnonzero(graph.received[first:last])
        prints[rows] = np.add.reduceat(words[graph.sources[start:end]], graph.starts[rows] - start)
    return prints


def _count_equal(graph: Graph, nodes: NDArray[np.int64], alike: NDArray[np.bool_], found: Ids) -> None:
    """Compare neighbours in the order of hashes exactly, and count runs of equal ones."""
    pairs = np.flatnonzero(alike)
    equal = np.zeros(len(alike), np.bool_)
    equal[pairs] = _same_votes(graph, nodes[pairs], nodes[pairs + 1])
    heads = np.flatnonzero(np.append(True, ~equal))
    lengths = np.diff(np.append(heads, len(nodes)))
    found[nodes] = np.repeat(lengths - 1, lengths)


def _same_votes(graph: Graph, ones: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether two nodes with as many votes each have the same ones, pair by pair."""
    same = np.ones(len(ones), np.bool_)
    lengths = graph.received[ones].astype(np.int64)
    for part in _portions(lengths):
        offsets = np.cumsum(lengths[part]) - lengths[part]
        within = np.arange(lengths[part].sum()) - np.repeat(offsets, lengths[part])
        left = graph.sources[np.repeat(graph.starts[ones[part]], lengths[part]) + within]
        right = graph.sources[np.repeat(graph.starts[others[part]], lengths[part]) + within]
        same[part] = np.logical_and.reduceat(left == right, offsets)
    return same


def _portions(lengths: NDArray[np.int64], at_once: int = 1 << 22) -> list[slice]:
    """Runs of pairs with about `at_once` votes together."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    cuts = np.unique(np.append(np.searchsorted(ends, np.arange(0, total, at_once)), len(lengths)))
    return [slice(int(first), int(last)) for first, last in pairwise(cuts)]


def reciprocity(graph: Graph) -> NDArray[np.float32]:
    """The share of linking domains that a domain links back to; -1 with fewer than twenty votes.

    A domain that gives too few votes to reach the share where it matters counts as 0.
    """
    asked = graph.received >= LEAST_RECIPROCAL_VOTES
    able = asked & (graph.given >= RECIPROCITY_START * graph.received)
    back = np.zeros(graph.nodes, np.int64)
    if able.any():
        back = _linked_back(graph, able)
    share = np.where(able, back / np.maximum(graph.received, 1), 0.0)
    return np.where(asked, share, -1).astype(np.float32)


def _linked_back(graph: Graph, able: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many of their votes the `able` nodes return."""
    got = [np.zeros(0, np.int64)]
    gave = [np.zeros(0, np.int64)]
    for _, _, start, end in graph.blocks():
        targets, sources = graph.targets[start:end], graph.sources[start:end]
        to, by = able[targets], able[sources]
        got.append(targets[to].astype(np.int64) << 32 | sources[to])
        gave.append(sources[by].astype(np.int64) << 32 | targets[by])
    both = np.sort(np.concatenate([*got, *gave]))
    twice = both[:-1][both[1:] == both[:-1]] >> 32
    return np.bincount(twice, minlength=graph.nodes)


@dataclass(frozen=True, slots=True)
class Line:
    """ln(votes) = at + slope · ln(rank), and how far listed domains lie around it; `deviation` 0: too few listed."""

    at: float = 0.0
    slope: float = 0.0
    deviation: float = 0.0
    listed: int = 0


def excess(graph: Graph, popularity: Floats) -> tuple[Floats, Line]:
    """By how many deviations a listed domain has more votes than its popularity lets expect; NaN where not listed."""
    listed = np.flatnonzero(~np.isnan(popularity) & (graph.received > 0))
    found = np.full(graph.nodes, np.nan)
    if len(listed) < LEAST_LISTED:
        return found, Line(listed=len(listed))
    ranks, votes = np.log(popularity[listed]), np.log(graph.received[listed])
    line = _fitted(ranks, votes)
    if line.deviation > 0:
        found[listed] = (votes - line.at - line.slope * ranks) / line.deviation
    return found, line


def _fitted(x: Floats, y: Floats) -> Line:
    """Least squares, again and again with less weight (Tukey's) for what lies far off; deviation by the median."""
    weights = np.ones(len(x))
    line = Line(listed=len(x))
    for _ in range(FITS):
        total = np.add.reduce(weights)
        mean_x, mean_y = np.add.reduce(weights * x) / total, np.add.reduce(weights * y) / total
        spread = np.add.reduce(weights * (x - mean_x) ** 2)
        slope = np.add.reduce(weights * (x - mean_x) * (y - mean_y)) / spread if spread > 0 else 0.0
        left = y - mean_y - slope * (x - mean_x)
        deviation = 1.4826 * float(np.median(np.abs(left)))
        line = Line(float(mean_y - slope * mean_x), float(slope), deviation, len(x))
        if deviation == 0:
            return line
        near = np.minimum(np.abs(left) / (TUKEY * deviation), 1)
        weights = (1 - near**2) ** 2
    return line
