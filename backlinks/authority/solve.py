"""PageRank and TrustRank: power iteration on a sparse matrix, the same bits for the same input.

Decided: always a full solve from the jump vector (the uniform one for PageRank), until a step changes the values by
less than 1e-8 in sum; a warm start saves a quarter of the rounds and costs that the score depends on yesterday's.
What a round does not hand on (domains without links, damped votes, the jump itself) goes to the jump vector in one sum,
so that the values add up to 1 after every round. Sums are numpy's own, never BLAS's, whose threads change their order.
Refused: Gauss-Seidel under numba, three times as fast, for one more compiler to install.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from .graph import AT_ONCE, Floats, Graph, Ids
from .networks import damp

ALPHA = 0.85
TOLERANCE = 1e-8
MOST_ROUNDS = 1000
MOST_HOPS, FAR = 6, 100


@dataclass(frozen=True, slots=True)
class Flow:
    """How much of a domain's rank each of its votes hands on; a column adds up to 1 at most."""

    matrix: csr_array
    damped: int


@dataclass(frozen=True, slots=True)
class Solution:
    values: Floats
    rounds: int
    step: float  # how much the last round changed, in sum


def flow_of(graph: Graph, networks: Ids | None = None) -> Flow:
    """Every domain shares its rank equally among the domains that it links to; votes of one network are damped."""
    share = 1 / np.maximum(graph.given, 1)
    weights = np.empty(graph.edges)
    for start in range(0, graph.edges, AT_ONCE):
        part = slice(start, start + AT_ONCE)
        np.take(share, graph.sources[part], out=weights[part], mode="clip")
    damped = damp(graph, networks, weights) if networks is not None else 0
    shape = (graph.nodes, graph.nodes)
    return Flow(csr_array((weights, graph.sources, graph.starts), shape=shape, copy=False), damped)


def rank(flow: Flow, seeds: Ids | None = None, *, alpha: float = ALPHA, tolerance: float = TOLERANCE) -> Solution:
    """The stationary values of `flow`; the jump goes to all nodes alike, or to `seeds` alone."""
    nodes = flow.matrix.shape[0]
    if not nodes:
        return Solution(np.zeros(0), 0, 0.0)
    landing: slice | Ids = slice(None) if seeds is None else seeds
    share = 1 / (nodes if seeds is None else len(seeds))
    values = np.zeros(nodes)
    values[landing] = share
    for rounds in range(1, MOST_ROUNDS + 1):
        later = flow.matrix @ values
        later *= alpha
        later[landing] += (1 - np.add.reduce(later)) * share
        values -= later
        step = float(np.add.reduce(np.abs(values, out=values)))
        values = later
        if step < tolerance:
            return Solution(values, rounds, step)
    raise ArithmeticError(f"{MOST_ROUNDS} rounds did not bring the step under {tolerance}: it is {step:.1e}.")


def hops(flow: Flow, seeds: Ids) -> NDArray[np.int8]:
    """How many links each node stands from the nearest of `seeds`, up to MOST_HOPS; FAR beyond, and where no way leads.

    A round costs what one of a rank costs; a vote that is damped leads there all the same.
    """
    found = np.full(flow.matrix.shape[0], FAR, np.int8)
    found[seeds] = 0
    for step in range(1, MOST_HOPS + 1):
        near = flow.matrix @ (found < step).astype(np.float64) > 0
        fresh = near & (found == FAR)
        if not fresh.any():
            break
        found[fresh] = step
    return found


def bad_share(graph: Graph, bad: Ids) -> NDArray[np.float32]:
    """The share of each domain's votes that ends at one of `bad` within two steps; 1 for these themselves.

    Votes count in full here: damping would hide a network that leads to a bad domain with all it has.
    """
    at_bad = np.zeros(graph.nodes)
    at_bad[bad] = 1
    once = _handed_to(graph, at_bad)
    once[bad] = 1
    twice = _handed_to(graph, once)
    twice[bad] = 1
    return twice.astype(np.float32)


def _handed_to(graph: Graph, worth: Floats) -> Floats:
    """The mean of `worth` over the domains that each domain links to."""
    total = np.zeros(graph.nodes)
    for first, last, start, end in graph.blocks():
        if worth[first:last].any():
            places = start + np.flatnonzero(worth[graph.targets[start:end]])
            total += np.bincount(graph.sources[places], worth[graph.targets[places]], minlength=graph.nodes)
    return total / np.maximum(graph.given, 1)
