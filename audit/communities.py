"""Networks: domains that are held together by what they share, as communities of the clusters that markers have found.

Decided: domains and shared things are the two sides of a graph, so that a thing of a thousand domains is a thousand
edges and not half a million. Communities are made of the things: two are as near as they have domains in common, a
domain with many things joining each of them less, and addresses and exchanged links counting half. What hangs
together is split by modularity (Louvain), each part by itself, so that a large one does not swallow a small one; each
domain then goes to where most of its things are. It is bounded: of each thing the nearest few count, of a part that is
too large its most telling things alone decide, and what would take too long all the same stays whole. It is seeded and
in a fixed order: the same findings give the same networks. Refused: the graph of domains among each other; label
propagation, which falls apart where members share a few of many things each.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from .markers.marker import BECOMES, EVIDENCE, Found
from .markers.net import MARKERS
from .markers.sharing import components

SEED = 20261101
TELLING = {EVIDENCE: 1.0, BECOMES: 0.5}
NEAREST = 8  # things that each is joined with
MOST_OF_DOMAIN = 200  # things of a domain that join each other
MOST_THINGS = 3_000  # of a part that Louvain splits
LOUVAIN_EDGES = 60_000  # of all parts together
Ints = NDArray[np.int64]
KIND = {one.id: one.kind for one in MARKERS}


@dataclass(frozen=True, slots=True)
class Shared:
    """A thing that holds a network together: `domains` of its members have it, `of` in the whole profile."""

    marker: str
    what: str
    domains: int
    of: int


@dataclass(frozen=True, slots=True)
class Network:
    """`domains` are rows of the profile's domains. `is_proven`: something else than an address or exchanged links is
    among what they share."""

    domains: tuple[int, ...]
    shared: tuple[Shared, ...]
    is_proven: bool


@dataclass(frozen=True, slots=True)
class _Things:
    """Shared things; `thing` and `domain` are who has what, in the order of things."""

    markers: list[str]
    names: list[str]
    weights: NDArray[np.float64]
    sizes: Ints
    thing: Ints
    domain: Ints

    @classmethod
    def of(cls, findings: Mapping[str, Found]) -> "_Things":
        used = [name for name, kind in KIND.items() if name in findings and kind in TELLING]
        found = [(name, one) for name in used for one in findings[name].clusters if len(one.domains) > 1]
        sizes = np.array([len(one.domains) for _, one in found], np.int64)
        weights = np.array([TELLING[KIND[name]] for name, _ in found]) / np.log2(1 + sizes)
        members = np.fromiter((row for _, one in found for row in one.domains), np.int64, int(sizes.sum()))
        thing = np.repeat(np.arange(len(found)), sizes)
        return cls([name for name, _ in found], [one.what for _, one in found], weights, sizes, thing, members)


def networks(findings: Mapping[str, Found]) -> list[Network]:
    """The networks of a profile's findings, the largest first."""
    things = _Things.of(findings)
    if not things.names:
        return []
    group = _of_domains(things, _all_grouped(things, _groups(things)))
    made = [_network(things, *one) for one in _members(things, group)]
    return sorted((one for one in made if len(one.domains) > 1), key=lambda one: (-len(one.domains), one.domains))


# --- Splitting --------------------------------------------------------------------------------------------------------
def _groups(things: _Things) -> Ints:
    """The group of each thing; -1 of those that do not decide."""
    count = len(things.names)
    part = components(count, _joined_by_domains(things))
    group, groups, left = np.full(count, -1, np.int64), 0, LOUVAIN_EDGES
    order = np.argsort(part, kind="stable")
    for members in sorted(np.split(order, np.flatnonzero(np.diff(part[order])) + 1), key=len):
        if len(members) == 1:
            found = [members]
        else:
            decide = _most_telling(things, members)
            edges = _edges(things, decide)
            found = _communities(decide, edges) if edges.nnz <= left else [members]
            left -= edges.nnz if edges.nnz <= left else 0
        for one in found:
            group[one] = groups
            groups += 1
    return group


def _joined_by_domains(things: _Things) -> tuple[Ints, Ints]:
    """Pairs of things that a domain has both: each of its things and the next one."""
    order = np.lexsort((things.thing, things.domain))
    thing, domain = things.thing[order], things.domain[order]
    same = domain[1:] == domain[:-1]
    return thing[:-1][same], thing[1:][same]


def _most_telling(things: _Things, members: Ints) -> Ints:
    """As many things as may decide how a part is split, those of the fewest domains first, of equal ones any."""
    if len(members) <= MOST_THINGS:
        return members
    drawn = np.random.default_rng(SEED).permutation(len(members))
    return np.sort(members[np.lexsort((drawn, -things.weights[members]))[:MOST_THINGS]])


def _edges(things: _Things, members: Ints) -> coo_array:
    """How near these things are, each with its nearest ones: common domains as a share of both."""
    place = np.full(len(things.names), -1, np.int64)
    place[members] = np.arange(len(members))
    kept = np.flatnonzero(place[things.thing] >= 0)
    kept = kept[np.lexsort((-things.weights[things.thing[kept]], things.domain[kept]))]
    domain = np.unique(things.domain[kept], return_inverse=True)[1]
    kept, domain = _first_of_each(kept, domain, MOST_OF_DOMAIN)
    thing = place[things.thing[kept]]
    shape = (len(members), int(domain.max()) + 1)
    has = csr_array((np.ones(len(thing)), (thing, domain)), shape=shape)
    worth = 1 / np.maximum(np.bincount(domain), 1)
    telling = np.array([TELLING[KIND[things.markers[one]]] for one in members.tolist()])
    scale = telling / np.sqrt(np.maximum(has @ worth, 1e-12))
    weighted = has.multiply(scale[:, None]).tocsr()
    return _nearest((weighted.multiply(worth[None, :]).tocsr() @ weighted.T).tocoo())


def _first_of_each(rows: Ints, domain: Ints, most: int) -> tuple[Ints, Ints]:
    """The first rows of each domain; they stand in the order of domains."""
    first = np.arange(len(rows)) - np.searchsorted(domain, domain) < most
    return rows[first], domain[first]


def _nearest(near: coo_array) -> coo_array:
    """Each thing's nearest ones, a pair once: the smaller place first."""
    one, other, weight = near.row.astype(np.int64), near.col.astype(np.int64), np.round(near.data, 12)
    apart = one != other
    one, other, weight = one[apart], other[apart], weight[apart]
    order = np.lexsort((other, -weight, one))
    one, other, weight = one[order], other[order], weight[order]
    first = np.arange(len(one)) - np.searchsorted(one, one) < NEAREST
    pairs = np.minimum(one, other)[first] << 32 | np.maximum(one, other)[first]
    pairs, at = np.unique(pairs, return_index=True)
    return coo_array((weight[first][at], (pairs >> 32, pairs & 0xFFFFFFFF)), shape=near.shape)


def _communities(members: Ints, edges: coo_array) -> list[Ints]:
    graph = nx.Graph()
    graph.add_nodes_from(range(len(members)))
    graph.add_weighted_edges_from(zip(edges.row.tolist(), edges.col.tolist(), edges.data.tolist(), strict=True))
    found = nx.community.louvain_communities(graph, weight="weight", seed=SEED)
    return [members[one] for one in sorted(map(sorted, found))]


# --- Members ----------------------------------------------------------------------------------------------------------
def _all_grouped(things: _Things, group: Ints) -> Ints:
    """Things that did not decide go to where most of their domains are, those of none are a group each."""
    left = group < 0
    if not left.any():
        return group
    home = _of_domains(things, group)
    here = left[things.thing] & (home[things.domain] >= 0)
    pairs, counts = np.unique(things.thing[here] << 32 | home[things.domain[here]], return_counts=True)
    group = np.where(left, _first_choice(pairs, counts, len(group)), group)
    alone = np.flatnonzero(group < 0)
    group[alone] = group.max() + 1 + np.arange(len(alone))
    return group


def _of_domains(things: _Things, group: Ints) -> Ints:
    """The group of each domain: where most of its things are; of one who is alone there, where most others are."""
    grouped = group[things.thing] >= 0
    domain, target = things.domain[grouped], group[things.thing[grouped]]
    count = int(things.domain.max()) + 1
    pairs, places = np.unique(domain << 32 | target, return_inverse=True)
    chosen = _first_choice(pairs, np.bincount(places, weights=things.weights[things.thing[grouped]]), count)
    sizes = np.bincount(chosen[chosen >= 0], minlength=int(group.max()) + 1)
    pairs = pairs[sizes[chosen[pairs >> 32]] == 1]
    again = _first_choice(pairs, sizes[pairs & 0xFFFFFFFF], count)
    return np.where(again >= 0, again, chosen)


def _first_choice(pairs: Ints, weights: NDArray[np.float64] | Ints, count: int) -> Ints:
    """The heaviest group of each of `count` by pairs of (one, group), the first of equal ones; -1: none."""
    order = np.lexsort((pairs, -weights, pairs >> 32))
    heads = order[np.append(True, np.diff(pairs[order] >> 32) > 0)] if len(pairs) else order
    chosen = np.full(count, -1, np.int64)
    chosen[pairs[heads] >> 32] = pairs[heads] & 0xFFFFFFFF
    return chosen


def _members(things: _Things, group: Ints) -> Iterator[tuple[Ints, Ints]]:
    """The domains of each group, and the things of each of them, as often as one has them."""
    has = group[things.domain]
    order = np.lexsort((things.thing, has))
    order = order[has[order] >= 0]
    for rows in np.split(order, np.flatnonzero(np.diff(has[order])) + 1):
        yield np.unique(things.domain[rows]), things.thing[rows]


def _network(things: _Things, domains: Ints, had: Ints) -> Network:
    """What two members or more share, the most telling first."""
    found, counts = np.unique(had, return_counts=True)
    common = [(one, count) for one, count in zip(found.tolist(), counts.tolist(), strict=True) if count > 1]
    common.sort(key=lambda pair: (-TELLING[KIND[things.markers[pair[0]]]], -pair[1], pair[0]))
    shared = tuple(
        Shared(things.markers[one], things.names[one], count, int(things.sizes[one])) for one, count in common
    )
    is_proven = any(KIND[one.marker] == EVIDENCE for one in shared)
    return Network(tuple(domains.tolist()), shared, is_proven)
