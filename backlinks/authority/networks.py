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


def damp(graph: Graph, networks: Ids, weights: Floats) -> int:
    """Lower the weights of votes that come from one network, in place; how many were lowered."""
    known = int(np.count_nonzero(networks >= 0))
    networks, sizes = _shared(networks)
    lowered = 0
    if not len(sizes):
        return lowered
    share = np.where(sizes > SHARED_HOSTING, CHANCE * sizes / known, 0.0)
    for first, last, start, end in graph.blocks():
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
    first, _, start, end = block
    near = networks[graph.sources[start:end]]
    targets = graph.targets[start:end]
    places = np.flatnonzero((near >= 0) & (graph.received[targets] > 1))
    pairs = (targets[places] - first).astype(np.int64) * len(share) + near[places]
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


def worth(together: NDArray[np.int64], expected: Floats) -> Floats:
    """How much that many votes of one network count; `expected` is what shared hosting may bring in full."""
    return np.maximum(1 + np.log(together), np.minimum(together, expected))
