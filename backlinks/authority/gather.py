"""From the index to votes: the open graph joined with what a workspace knows, as arrays in one order of names.

Decided: nodes stand in the order of their reversed names, which is the order of a release's ids, so a release keeps its
order and only the few votes of our own are merged in. A vote of the open graph for a technical host (fonts, scripts,
profiles of a standard) is left out: such edges are mostly no links; a vote that a page link proves stays. Refused:
edges through Python objects, of which a graph has too many.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from backlinks import index
from backlinks.openweb.registrations import of_one_registrant

from .graph import Floats, Ids, Known, Votes, distinct
from .seeds import Seeds, reversed_name

SLICE_ROWS = 4_000_000
BYTES_AN_EDGE, BYTES_A_NODE = 40, 400  # measured peak of build and solve (bench/authority.py)
KNOWN_SHARE = 0.5  # of a domain's votes whose network must be known before its diversity is judged
TIER_BELOW = {1_000: 1, 5_000: 1_000, 10_000: 5_000, 50_000: 10_000, 100_000: 50_000, 500_000: 100_000}
YEAR_DAYS = 365.25
MOST_POPULAR = 10_000
LEAST_LISTED = 100_000  # domains of a list from which it means something to be in none
Told = Callable[[str], None]


class TooLarge(ValueError):
    """The graph does not fit into the memory that it may take; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Votes with where they come from. `own` are nodes that the workspace's own links name, `owned_votes` how many of
    the votes it brought; `standings` is every row of every list that it sees, `lists` are these."""

    votes: Votes
    release: index.graph.Release | None
    own: Ids
    owned_votes: int
    standings: pa.Table
    lists: tuple[index.popularity.ListFacts, ...]

    def has_own(self, workspace: int) -> bool:
        """Whether `workspace` itself has brought anything: links, visits, or a list."""
        return self.owned_votes > 0 or any(one.workspace == workspace for one in self.lists)


def gather(workspace: int, seeds: Seeds, memory: int, say: Told) -> Gathered:
    """Everything that a computation for `workspace` (0: open data alone) takes in. `memory` is in bytes."""
    release = index.graph.current()
    _check_size(release, memory)
    own = _Own.read(workspace)
    names, opened = _names(release, own)
    say(f"{len(names):,} domains, {len(own.sources):,} votes from links")
    targets, sources = _opened_votes(release, opened, _technical(names, seeds))
    targets, sources = _merged(targets, sources, *own.placed(names))
    say(f"{len(targets):,} votes with the open graph")
    networks = with_registrants(own.networks(names), Spelled(names))
    standings = index.popularity.standings(workspace)
    known = _known(workspace, names, own, targets, standings)
    votes = Votes(names, targets, sources, name_keys(names), networks, known)
    lists = tuple(index.popularity.lists(workspace))
    return Gathered(votes, release, own.nodes(names), own.owned, standings, lists)


def _check_size(release: index.graph.Release | None, memory: int) -> None:
    if release is None:
        return
    needed = release.edges * BYTES_AN_EDGE + release.nodes * BYTES_A_NODE
    if needed > memory:
        raise TooLarge(
            f"The graph of {release.release} has {release.nodes:,} domains and {release.edges:,} links: scores of it "
            f"take about {needed >> 30} GB of memory, {memory >> 30} GB are allowed. Raise AUTHORITY_MEMORY_MB, or "
            "import the release with --neighbourhood."
        )


# --- What the ledger says -------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Own:
    """Votes of the ledger: `names` are reversed, distinct and sorted; `targets` and `sources` are places in them."""

    names: pa.Array
    targets: Ids
    sources: Ids
    subnets: pa.ListArray
    ips: pa.ListArray
    owned: int

    @classmethod
    def read(cls, workspace: int) -> "_Own":
        table = index.votes(workspace).combine_chunks()
        both = pc.unique(
            pa.chunked_array([*table["target_domain"].chunks, *table["source_domain"].chunks], pa.string())
        )
        turned = sorted({reversed_name(name) for name in both.to_pylist()})
        plain = pa.array([reversed_name(name) for name in turned], pa.string())
        return cls(
            pa.array(turned, pa.string()),
            _places(table["target_domain"], plain),
            _places(table["source_domain"], plain),
            _flat(table["subnets"]),
            _flat(table["ips"]),
            int(pc.sum(pc.equal(table["owner"], workspace)).as_py() or 0),
        )

    def nodes(self, names: pa.Array) -> Ids:
        return _places(self.names, names)

    def placed(self, names: pa.Array) -> tuple[Ids, Ids]:
        nodes = self.nodes(names)
        return distinct(nodes[self.targets], nodes[self.sources]) if len(self.targets) else (self.targets, self.sources)

    def networks(self, names: pa.Array) -> Ids:
        """A number for the first known network of each linking domain, -1 for those without one."""
        found = np.full(len(names), -1, np.int32)
        known = np.flatnonzero(pc.list_value_length(self.subnets).to_numpy(zero_copy_only=False) > 0)
        if len(known):
            first = pc.list_element(self.subnets.take(pa.array(known)), 0).dictionary_encode()
            nodes = self.nodes(names)[self.sources[known]]
            order = np.argsort(nodes, kind="stable")[::-1]  # the first row of a domain is written last
            found[nodes[order]] = first.indices.to_numpy()[order]
        return found


def _flat(column: pa.ChunkedArray) -> pa.ListArray:
    combined = column.combine_chunks()
    return pa.concat_arrays(combined.chunks) if isinstance(combined, pa.ChunkedArray) else combined


def _places(values: pa.Array | pa.ChunkedArray, among: pa.Array) -> Ids:
    """Where each value stands among distinct ones, all of which are there."""
    found = pc.index_in(values, value_set=among)
    return np.asarray(found.to_numpy(), np.int32) if len(values) else np.zeros(0, np.int32)


# --- Names and votes ------------------------------------------------------------------------------------------------
def _names(release: index.graph.Release | None, own: _Own) -> tuple[pa.Array, Ids]:
    """(all names in order, place of each id of the release in it)."""
    if release is None:
        return own.names, np.zeros(0, np.int32)
    tables = list(index.graph.domain_slices(release, SLICE_ROWS))
    opened = pa.concat_tables([table.select(["id", "reversed"]) for table in tables]).combine_chunks()
    listed = pa.chunked_array([*opened["reversed"].chunks, own.names], pa.string())
    together = pc.unique(listed)
    names = together.take(pc.sort_indices(together))
    ids = opened["id"].to_numpy()
    places = np.full(int(ids.max(initial=0)) + 1, -1, np.int32)
    places[ids] = _places(opened["reversed"], names)
    return names, places


def _technical(names: pa.Array, seeds: Seeds) -> Ids:
    found = pc.index_in(pa.array([reversed_name(one) for one in seeds.technical], pa.string()), value_set=names)
    return np.asarray(found.drop_null().to_numpy(), np.int32)


def _opened_votes(release: index.graph.Release | None, places: Ids, left_out: Ids) -> tuple[Ids, Ids]:
    """The edges of the release as nodes, sorted by target and source."""
    if release is None:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    targets, sources = [], []
    for table in index.graph.edge_slices(release, SLICE_ROWS):
        target, source = (places[table[name].to_numpy()] for name in ("target", "source"))
        kept = (target != source) & (target >= 0) & (source >= 0) & ~np.isin(target, left_out)
        targets.append(target[kept])
        sources.append(source[kept])
    if not targets:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    return np.concatenate(targets), np.concatenate(sources)


def _merged(targets: Ids, sources: Ids, more_targets: Ids, more_sources: Ids) -> tuple[Ids, Ids]:
    """Both sets of votes in one order, each once; `more` are few."""
    if not len(more_targets):
        return targets, sources
    if not len(targets):
        return more_targets, more_sources
    keys = targets.astype(np.int64) << 32 | sources
    more = more_targets.astype(np.int64) << 32 | more_sources
    at = np.searchsorted(keys, more)
    new = keys[np.minimum(at, len(keys) - 1)] != more
    at, more = at[new], more[new]
    return np.insert(targets, at, (more >> 32).astype(np.int32)), np.insert(
        sources, at, (more & 0xFFFFFFFF).astype(np.int32)
    )


def name_keys(names: pa.Array) -> NDArray[np.uint64]:
    """A 64-bit hash of each name, the same in every graph: a polynomial of its bytes, then mixed (splitmix64)."""
    keys = np.zeros(len(names), np.uint64)
    for start in range(0, len(names), SLICE_ROWS):
        part = names.slice(start, SLICE_ROWS)
        part = pa.concat_arrays([part.cast(pa.large_string())])
        ends = np.frombuffer(part.buffers()[1], np.int64)[part.offset : part.offset + len(part) + 1]
        data = np.frombuffer(part.buffers()[2] or b"", np.uint8)[ends[0] : ends[-1]]
        keys[start : start + len(part)] = _hashes(data, ends - ends[0])
    return keys


def _hashes(data: NDArray[np.uint8], ends: NDArray[np.int64]) -> NDArray[np.uint64]:
    lengths = np.diff(ends)
    longest = int(lengths.max(initial=0)) + 1
    powers = np.multiply.accumulate(np.full(longest, 0x9E3779B97F4A7C15, np.uint64))
    inside = np.arange(len(data)) - np.repeat(ends[:-1], lengths)
    weighed = (data.astype(np.uint64) + np.uint64(1)) * powers[inside]
    sums = np.zeros(len(lengths), np.uint64)
    filled = np.flatnonzero(lengths)
    if len(filled):
        sums[filled] = np.add.reduceat(weighed, ends[:-1][filled])
    mixed = (sums ^ (sums >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


# --- What else is known ---------------------------------------------------------------------------------------------
def _known(workspace: int, names: pa.Array, own: _Own, targets: Ids, standings: pa.Table) -> Known:
    plain = Spelled(names)
    follow, rels = _rels(workspace, plain, len(names))
    return Known(
        **_around(names, own, targets),
        **_popularity(workspace, standings, plain, len(names)),
        follow_share=follow,
        rels=rels,
    )


@dataclass(frozen=True, slots=True)
class Spelled:
    """Nodes by names as people write them."""

    names: pa.Array

    def nodes(self, plain: Iterable[str]) -> Ids:
        """The node of each name, -1 where the graph has none."""
        turned = pa.array([reversed_name(name) for name in plain], pa.string())
        return pc.fill_null(pc.index_in(turned, value_set=self.names), -1).to_numpy().astype(np.int32)


def with_registrants(networks: Ids, plain: Spelled) -> Ids:
    """Domains of one registrant that have no network by their address share one: a number after all others."""
    groups = of_one_registrant()
    numbers = np.repeat(np.arange(len(groups), dtype=np.int32), [len(one) for one in groups])
    nodes = plain.nodes(chain.from_iterable(groups))
    free = nodes >= 0
    free[free] = networks[nodes[free]] < 0
    networks[nodes[free]] = int(networks.max(initial=-1)) + 1 + numbers[free]
    return networks


def _around(names: pa.Array, own: _Own, targets: Ids) -> dict[str, Any]:
    """Networks and addresses that link to each domain, where most of its votes have one."""
    nodes, size = own.nodes(names), len(names)
    received = np.bincount(targets, minlength=size)
    subnets, subnet_share, located = _spread(own.subnets, nodes[own.targets], size)
    _, address_share, addresses = _spread(own.ips, nodes[own.targets], size)
    enough = located >= np.maximum(1, KNOWN_SHARE * received)
    return {
        "subnets": np.where(enough, subnets, -1).astype(np.int32),
        "subnet_share": np.where(enough, subnet_share, -1).astype(np.float32),
        "address_share": np.where(addresses >= np.maximum(1, KNOWN_SHARE * received), address_share, -1).astype(
            np.float32
        ),
        "addresses": addresses.astype(np.int32),
    }


def _spread(lists: pa.ListArray, targets: Ids, size: int) -> tuple[NDArray[np.int64], Floats, NDArray[np.int64]]:
    """By target: how many distinct values its linking domains have, the share of the commonest, and how many of the
    domains have one. A domain with several counts by its first."""
    have = np.flatnonzero(pc.list_value_length(lists).to_numpy(zero_copy_only=False) > 0)
    distinct_count, commonest, known = np.zeros(size, np.int64), np.zeros(size), np.zeros(size, np.int64)
    if not len(have):
        return distinct_count, np.full(size, -1.0), known
    first = pc.list_element(lists.take(pa.array(have)), 0).dictionary_encode()
    pairs = targets[have].astype(np.int64) << 32 | first.indices.to_numpy()
    values, times = np.unique(pairs, return_counts=True)
    owners = (values >> 32).astype(np.int64)
    distinct_count += np.bincount(owners, minlength=size)
    known += np.bincount(targets[have], minlength=size)
    np.maximum.at(commonest, owners, times)
    return distinct_count, np.where(known > 0, commonest / np.maximum(known, 1), -1.0), known


def _rels(workspace: int, plain: Spelled, size: int) -> tuple[NDArray[np.float32], Ids]:
    table = index.known_rels(workspace)
    nodes = plain.nodes(table["target_domain"].to_pylist())
    follow, known = (table[name].to_numpy() for name in ("follow", "known"))
    share, rels = np.full(size, -1, np.float32), np.full(size, -1, np.int32)
    have = (nodes >= 0) & (known > 0)
    share[nodes[have]] = follow[have] / known[have]
    rels[nodes[have]] = known[have]
    return share, rels


def _popularity(workspace: int, table: pa.Table, plain: Spelled, size: int) -> dict[str, Any]:
    """Best rank of a traffic list, visits, and the networks that the Majestic Million counts."""
    nodes = plain.nodes(table["domain"].to_pylist())
    signal, listed = (table[name].cast(pa.string()).to_numpy() for name in ("signal", "list"))
    rank = ranks_of(table["rank"].to_numpy(), table["tier"].to_numpy())
    inside, traffic = nodes >= 0, signal == "traffic"
    popularity, visits = np.full(size, np.nan), np.full(size, np.nan)
    ranked = inside & traffic & (rank > 0)
    np.fmin.at(popularity, nodes[ranked], rank[ranked])
    seen = table["visits"].to_numpy()
    np.fmax.at(visits, nodes[inside & (seen >= 0)], seen[inside & (seen >= 0)])
    subnets = np.full(size, -1, np.int64)
    counted = inside & (listed == "majestic")
    subnets[nodes[counted]] = table["subnets"].to_numpy()[counted]
    return {
        "years": _years(workspace, table, rank, plain, size),
        "popularity": popularity,
        "lists_loaded": _is_list_whole(listed[traffic & (rank > 0)]),
        "visits": visits,
        "majestic_subnets": subnets,
    }


def _is_list_whole(names: NDArray[Any]) -> bool:
    """Whether a traffic list is long enough that a domain's absence says something."""
    return bool(len(names)) and int(np.unique(names, return_counts=True)[1].max()) >= LEAST_LISTED


def ranks_of(rank: NDArray[Any], tier: NDArray[Any]) -> Floats:
    """A rank, or the geometric middle of its tier; 0 where neither is known."""
    below = np.array([TIER_BELOW.get(int(one), int(one) / 5) for one in np.unique(tier)])
    middles = np.sqrt(below * np.unique(tier))
    middle = middles[np.searchsorted(np.unique(tier), tier)] if len(tier) else np.zeros(0)
    return np.where(rank > 0, rank, middle).astype(float)


def _years(workspace: int, table: pa.Table, rank: Floats, plain: Spelled, size: int) -> NDArray[np.float32]:
    """How long the most popular domains are known on the day of the newest list; of others nobody asks."""
    found = np.full(size, -1, np.float32)
    top = pa.array((rank > 0) & (rank <= MOST_POPULAR))
    ages = index.days.first_seen_of(workspace, table["domain"].filter(top).to_pylist())
    if not ages:
        return found
    today: date = pc.max(table["day"].cast(pa.date32())).as_py()
    nodes = plain.nodes(list(ages))
    years = np.array([(today - age.first_seen).days / YEAR_DAYS for age in ages.values()], np.float32)
    found[nodes[nodes >= 0]] = years[nodes >= 0]
    return found
