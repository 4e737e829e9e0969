"""Votes from one network: many domains of one hand are worth little more than one.

Decided: the n domains of one network (the same /24, IPv6 /48 or registrant) that vote for one target count together as
1 + ln n. What their votes lose is not given to their other targets but goes to the jump vector, as the rank of a domain
without links does: a farm cannot win by linking on. Networks that hold more than 256 known domains are shared hosting,
where neighbours are strangers: there votes count in full as long as they are no more than four times what chance would
bring (votes of the target x share of the network among all domains), and only what is above that is damped.
Refused: no damping of shared hosting at all, because then a farm of 257 domains on one address costs less than one of
256; leaving out all but one vote, because a university's departments do say more than one of them alone.
"""

import numpy as np
from numpy.typing import NDArray

from .graph import Floats, Graph, Ids

SHARED_HOSTING = 256
CHANCE = 4
BLOCK = 1 << 18  # votes whose numbers and table stay in the cache
TABLE_BITS = 20
SPREAD = np.uint64(0x9E3779B97F4A7C15)  # multiplying by it spreads neighbouring numbers over the table


def damp(graph: Graph, networks: Ids, weights: Floats) -> int:
    """Lower the weights of votes that come from one network, in place; how many were lowered."""
    known = int(np.count_nonzero(networks >= 0))
    networks, sizes = _shared(networks)
    lowered = 0
    if not len(sizes):
        return lowered
    share = np.where(sizes > SHARED_HOSTING, CHANCE * sizes / known, 0.0)
    for first, last, start, end in graph.blocks(BLOCK):
        lowered += _damp_block(graph, networks, share, weights, (first, last, start, end))
    return lowered


def _shared(networks: Ids) -> tuple[Ids, NDArray[np.int64]]:
    """Networks numbered anew, -1 for those with one domain, and how many domains each has."""
    known = networks >= 0
    _, inverse, sizes = np.unique(networks[known], return_inverse=True, return_counts=True)
    fresh = np.cumsum(sizes > 1) - 1
    fresh[sizes < 2] = -1
    found = np.full(len(networks), -1, np.int32)
    found[known] = fresh[inverse]
    return found, sizes[sizes > 1]


def _damp_block(graph: Graph, networks: Ids, share: Floats, weights: Floats, block: tuple[int, int, int, int]) -> int:
    first, _, start, _ = block
    places, pairs = _together(graph, networks, len(share), block)
    order = np.argsort(pairs)
    pairs = pairs[order]
    heads = np.flatnonzero(np.append(True, pairs[1:] != pairs[:-1])) if len(pairs) else np.zeros(0, np.int64)
    together = np.diff(np.append(heads, len(pairs)))
    several = together > 1
    factors = np.ones(len(heads))
    votes = graph.received[first + pairs[heads[several]] // len(share)]
    expected = votes * share[pairs[heads[several]] % len(share)]
    factors[several] = worth(together[several], expected) / together[several]
    weights[start + places[order]] *= np.repeat(factors, together)
    return int(together[several].sum())


def _together(
    graph: Graph, networks: Ids, count: int, block: tuple[int, int, int, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Votes that may share target and network with another one: places in the block, and a number for the two.

    Numbers are counted in a table of a few bits each first, so that few votes are left to sort.
    """
    first, _, start, end = block
    near = np.take(networks, graph.sources[start:end], mode="clip")
    places = np.flatnonzero(near >= 0)
    pairs = (graph.targets[start:end][places] - first).astype(np.int64) * count + near[places]
    cells = (pairs.view(np.uint64) * SPREAD >> np.uint64(64 - TABLE_BITS)).view(np.int64)
    shared = np.flatnonzero(np.bincount(cells, minlength=1 << TABLE_BITS)[cells] > 1)
    return places[shared], pairs[shared]


def worth(together: NDArray[np.int64], expected: Floats) -> Floats:
    """How much that many votes of one network count; `expected` is what shared hosting may bring in full."""
    return np.maximum(1 + np.log(together), np.minimum(together, expected))
