"""The vote graph: who votes for whom, as arrays, and what else is known of each domain.

Decided: a node is the place of its name among all names in ascending order, so that the same domains give the same
numbers whatever the order they came in. Votes come sorted by (target, source), as the index keeps them, and the rows of
the sparse matrix are cut out of them by counting: nothing is sorted. A link of a domain to itself is no vote, and two
links are one. Refused: a graph object a node or an edge (networkx), which holds a hundredth of this in the same memory.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

AT_ONCE = 1 << 23  # votes that are worked on together: bounds what is held beside the graph

Ids = NDArray[np.int32]
Floats = NDArray[np.float64]
Names = pa.Array | pa.ChunkedArray


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of each domain beside its votes: one array a fact, in node order; None where nobody knows it.

    Unknown is -1 in counts and shares and NaN in `popularity`, `visits` and `years`.
    """

    subnets: NDArray[np.int32] | None = None  # distinct /24 (IPv6 /48) of linking domains; ranges of CDNs once
    majestic_subnets: NDArray[np.int64] | None = None  # RefSubNets of the Majestic Million
    popularity: Floats | None = None  # best rank in a loaded traffic list; the middle of a tier
    lists_loaded: bool = False  # a traffic list is loaded: NaN in `popularity` means "in none of them"
    visits: Floats | None = None  # visits in 30 days, where a user brought them
    follow_share: NDArray[np.float32] | None = None  # of linking domains with a known rel, those with a follow link
    rels: NDArray[np.int32] | None = None  # linking domains with a known rel
    address_share: NDArray[np.float32] | None = None  # of linking domains with a known address, on the commonest one
    subnet_share: NDArray[np.float32] | None = None  # the same for the commonest /24 (IPv6 /48)
    addresses: NDArray[np.int32] | None = None  # linking domains with a known address
    years: NDArray[np.float32] | None = None  # years since the domain was first seen or registered


@dataclass(frozen=True, slots=True)
class Votes:
    """One vote a linking domain, as the index gives them.

    `names` are reversed domain names (com.example) in ascending order; a name's place is its node. `targets` and
    `sources` are sorted by (target, source). `keys` is a hash of each name, the same in every graph. `networks` has
    equal numbers for domains on one network or of one registrant, -1 where unknown.
    """

    names: Names
    targets: Ids
    sources: Ids
    keys: NDArray[np.uint64]
    networks: Ids | None = None
    known: Known = field(default_factory=Known)


@dataclass(frozen=True, slots=True)
class Graph:
    """Votes by target: those for node i stand at `starts[i]:starts[i + 1]` of `sources`."""

    starts: NDArray[np.int64] | Ids
    targets: Ids
    sources: Ids
    received: Ids  # votes for each node
    given: Ids  # votes that each node gives

    @property
    def nodes(self) -> int:
        return len(self.received)

    @property
    def edges(self) -> int:
        return len(self.sources)

    def blocks(self, at_once: int = AT_ONCE) -> Iterator[tuple[int, int, int, int]]:
        """(first row, last row, first vote, last vote) of runs of whole rows with about `at_once` votes each."""
        cuts = np.searchsorted(self.starts, np.arange(0, self.edges, at_once), side="left")
        rows = np.unique(np.append(cuts, self.nodes))
        for first, last in zip(rows[:-1].tolist(), rows[1:].tolist(), strict=True):
            yield first, last, int(self.starts[first]), int(self.starts[last])


def build(votes: Votes) -> Graph:
    """The graph of `votes`, without links to oneself, each pair once."""
    nodes = len(votes.names)
    _check(votes, nodes)
    targets, sources = votes.targets, votes.sources
    if not _is_rising(targets, sources):
        targets, sources = distinct(targets, sources)
    other = _others(targets, sources)
    if other is not None:
        targets, sources = targets[other], sources[other]
    return graph_of(nodes, targets, sources)


def graph_of(nodes: int, targets: Ids, sources: Ids) -> Graph:
    """The graph of votes that are sorted by target, links to oneself included."""
    received, given = tally(targets, nodes), tally(sources, nodes)
    small = len(targets) < np.iinfo(np.int32).max
    starts = np.zeros(nodes + 1, np.int32 if small else np.int64)
    np.cumsum(received, out=starts[1:])
    return Graph(starts, targets, sources, received, given)


def tally(ids: Ids, nodes: int) -> Ids:
    """How often each node stands in `ids`."""
    counts = np.zeros(nodes, np.int64)
    for start in range(0, len(ids), AT_ONCE):
        counts += np.bincount(ids[start : start + AT_ONCE], minlength=nodes)
    return counts.astype(np.int32)


def distinct(targets: Ids, sources: Ids) -> tuple[Ids, Ids]:
    """The pairs once each, sorted by (target, source)."""
    pairs = np.unique(targets.astype(np.int64) << 32 | sources)
    return (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)


def votes_of(pairs: Iterable[tuple[str, str]], *, known: Known | None = None) -> Votes:
    """Votes of (linking name, linked name) in any order, for small graphs; names are reversed ones."""
    listed = list(pairs)
    names = sorted({name for pair in listed for name in pair})
    place = {name: number for number, name in enumerate(names)}
    sources = np.array([place[source] for source, _ in listed], np.int32)
    targets = np.array([place[target] for _, target in listed], np.int32)
    targets, sources = distinct(targets, sources)
    keys = np.array([_key(name) for name in names], np.uint64)
    return Votes(pa.array(names, pa.string()), targets, sources, keys, known=known or Known())


def _key(name: str) -> int:
    """FNV-1a of a name: enough where the index is not asked."""
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def _check(votes: Votes, nodes: int) -> None:
    if len(votes.targets) != len(votes.sources):
        raise ValueError(f"{len(votes.targets)} targets and {len(votes.sources)} sources: a vote has one of each.")
    if len(votes.keys) != nodes or (votes.networks is not None and len(votes.networks) != nodes):
        raise ValueError(f"Keys and networks need one value for each of the {nodes} domains.")
    for ids in (votes.targets, votes.sources):
        if len(ids) and (ids.min() < 0 or ids.max() >= nodes):
            raise ValueError(f"A vote names a node outside 0 to {nodes - 1}: names and votes are of different graphs.")
    if nodes > 1 and not pc.all(pc.less(votes.names[:-1], votes.names[1:])).as_py():
        raise ValueError("Names of domains must be distinct and in ascending order.")


def _is_rising(targets: Ids, sources: Ids) -> bool:
    """Whether each pair is greater than the one before."""
    for start in range(0, len(targets) - 1, AT_ONCE):
        left, right = slice(start, start + AT_ONCE), slice(start + 1, start + AT_ONCE + 1)
        later, earlier = targets[right], targets[left][: len(targets[right])]
        rising = sources[right] > sources[left][: len(later)]
        if not np.all((later > earlier) | ((later == earlier) & rising)):
            return False
    return True


def _others(targets: Ids, sources: Ids) -> NDArray[np.bool_] | None:
    """Which votes are for another domain; None where all are."""
    other = targets != sources
    return None if other.all() else other
