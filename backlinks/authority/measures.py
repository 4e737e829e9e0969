"""All that a formula may use, measured once: several formulas can then score the same measures side by side."""

import hashlib
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .communities import communities
from .graph import Floats, Graph, Ids, Known, Votes, build
from .harmonic import harmonic
from .positions import positions
from .profile import excess, reciprocity, twins
from .seeds import Placed, Seeds, place
from .solve import ALPHA, TOLERANCE, Flow, bad_share, flow_of, hops, rank

Shares = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Values and positions among `of` domains, NaN where a domain has none; `of` 0: nobody has one."""

    values: Floats
    positions: Floats
    of: int

    @classmethod
    def unknown(cls, nodes: int) -> "Ranked":
        return cls(np.full(nodes, np.nan), np.full(nodes, np.nan), 0)


@dataclass(frozen=True, slots=True)
class Measures:
    """One array a figure, in node order. Counts and shares that are unknown are -1, other figures NaN."""

    nodes: int
    edges: int
    votes: Ids
    linked_domains: Ids
    pagerank: Ranked
    harmonic: Ranked
    trust: Ranked  # among the domains that trust reaches; the value of others is 0
    bad_share: Shares
    hops: NDArray[np.int8]  # links from the nearest seed; FAR: more than anybody counted
    subnets: NDArray[np.int64]
    popularity: Floats
    lists_loaded: bool
    visits: Floats
    follow_share: Shares
    rels: Ids
    excess: Floats
    address_share: Shares
    subnet_share: Shares
    addresses: Ids
    twins: Ids
    reciprocity: Shares
    inside: Shares
    facts: dict[str, Any]


def measure(votes: Votes, seeds: Seeds) -> Measures:
    """Every measure of every domain of `votes`."""
    graph, known = build(votes), filled(votes.known, len(votes.names))
    facts: dict[str, Any] = {"domains": graph.nodes, "edges": graph.edges, "graph_sha256": _digest(graph, votes.keys)}
    facts["known_sha256"] = _digest_of_known(votes)
    placed = place(seeds, votes.names, votes.known)
    facts |= _of_seeds(seeds, placed) | {"alpha": ALPHA, "tolerance": TOLERANCE, "iterations": {}, "trust_reached": 0}
    solved = _solved(graph, votes.networks, placed, facts)
    residuals, line = excess(graph, known["popularity"])
    groups = communities(graph, votes.keys)
    facts |= {"groups": groups.groups, "popularity_line": asdict(line)}
    subnets = np.maximum(known.pop("subnets"), known.pop("majestic_subnets"))  # each is what somebody saw: too low
    del known["years"]
    return Measures(
        nodes=graph.nodes,
        edges=graph.edges,
        votes=graph.received,
        linked_domains=graph.given,
        harmonic=_harmonic(graph, votes.keys, facts),
        **solved,
        subnets=subnets,
        lists_loaded=votes.known.lists_loaded,
        excess=residuals,
        twins=twins(graph, votes.keys),
        reciprocity=reciprocity(graph),
        inside=groups.inside,
        facts=facts,
        **known,
    )


def filled(known: Known, nodes: int) -> dict[str, NDArray[Any]]:
    """Every array of `known`, with the sign for "unknown" where there is none."""
    kinds = {
        "subnets": np.int64,
        "majestic_subnets": np.int64,
        "popularity": np.float64,
        "visits": np.float64,
        "follow_share": np.float32,
        "rels": np.int32,
        "address_share": np.float32,
        "subnet_share": np.float32,
        "addresses": np.int32,
        "years": np.float32,
    }
    arrays: dict[str, NDArray[Any]] = {}
    for name, kind in kinds.items():
        array = getattr(known, name)
        unknown = np.nan if name in ("popularity", "visits", "years") else -1
        arrays[name] = np.full(nodes, unknown, kind) if array is None else np.asarray(array, kind)
        if len(arrays[name]) != nodes:
            raise ValueError(f"{name} has {len(arrays[name])} values for {nodes} domains.")
    return arrays


def _solved(graph: Graph, networks: Ids | None, placed: Placed, facts: dict[str, Any]) -> dict[str, Any]:
    """PageRank and trust; the matrix, which is twice as large as the votes, is gone afterwards."""
    flow = flow_of(graph, networks)
    facts["damped_votes"] = flow.damped
    return {"pagerank": _pagerank(flow, facts), **_trust(graph, flow, placed, facts)}


def _pagerank(flow: Flow, facts: dict[str, Any]) -> Ranked:
    solution = rank(flow)
    facts["iterations"]["pagerank"] = solution.rounds
    return Ranked(solution.values, positions(solution.values), len(solution.values))


def _harmonic(graph: Graph, keys: NDArray[np.uint64], facts: dict[str, Any]) -> Ranked:
    found = harmonic(graph, keys)
    facts["harmonic"] = {"walks": found.walks, "speakers": found.speakers}
    return Ranked(found.values, positions(found.values), graph.nodes)


def _trust(graph: Graph, flow: Flow, placed: Placed, facts: dict[str, Any]) -> dict[str, Any]:
    """Rank from the seeds, less the share that leads to bad ones; unknown where no seed is in the graph."""
    bad = bad_share(graph, placed.bad) if len(placed.bad) else np.zeros(graph.nodes, np.float32)
    if not len(placed.good):
        return {"trust": Ranked.unknown(graph.nodes), "bad_share": bad, "hops": np.full(graph.nodes, -1, np.int8)}
    solution = rank(flow, placed.good)
    facts["iterations"]["trust"] = solution.rounds
    values = solution.values * (1 - bad.astype(np.float64))
    reached = values > 0
    places = positions(np.where(reached, values, np.nan))
    facts["trust_reached"] = int(reached.sum())
    return {
        "trust": Ranked(values, places, facts["trust_reached"]),
        "bad_share": bad,
        "hops": hops(flow, placed.good),
    }


def _of_seeds(seeds: Seeds, placed: Placed) -> dict[str, Any]:
    counts = {name: getattr(placed, name) for name in ("controlled", "sites", "popular")}
    return {
        "seeds": {"version": seeds.version, "sha256": seeds.digest, **counts, "bad": len(placed.bad)},
        "technical_sha256": seeds.technical_digest,
    }


def _digest_of_known(votes: Votes) -> str:
    """SHA-256 of networks and of all that is known beside the votes: with the graph's, all that a score is made of."""
    made = hashlib.sha256()
    for name, value in (("networks", votes.networks), *_facts_of(votes.known)):
        made.update(name.encode())
        made.update(
            repr(value).encode() if not isinstance(value, np.ndarray) else np.ascontiguousarray(value).tobytes()
        )
    return made.hexdigest()


def _facts_of(known: Known) -> list[tuple[str, Any]]:
    return [(one.name, getattr(known, one.name)) for one in fields(known)]


def _digest(graph: Graph, keys: NDArray[np.uint64]) -> str:
    """SHA-256 of domains (by their keys) and votes: the same graph has the same one."""
    made = hashlib.sha256()
    for array in (keys, graph.targets, graph.sources):
        made.update(np.ascontiguousarray(array).view(np.uint8).data)
    return made.hexdigest()
