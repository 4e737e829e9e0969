"""How long the authority score takes, beside a bare SciPy loop, networkx, igraph and rustworkx, in one run.

Makes a web-like graph by itself (weblike.py). The table is what the index gives: votes sorted by (target, source),
names in ascending order. Timed are the build and solve to an L1 step of 1e-8 against a bare SciPy loop on the same
arrays; every peer from the same table to its own ranks; and each further stage of the score. Seconds are those of the
processor (all of them use one core), the best of `--rounds`; peers and stages run once. networkx gets a smaller graph
of the same kind, and so do we beside it.

    python bench/authority.py [--rounds 3] [--big] [--without-peers]

`--big` measures 5 million domains and 100 million votes, without peers, and prints the peak memory.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import coo_array

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from weblike import weblike  # noqa: E402

from backlinks.authority import formula, measures  # noqa: E402
from backlinks.authority.communities import communities  # noqa: E402
from backlinks.authority.graph import Graph, Known, Votes, build  # noqa: E402
from backlinks.authority.harmonic import harmonic  # noqa: E402
from backlinks.authority.profile import excess, reciprocity, twins  # noqa: E402
from backlinks.authority.seeds import place, shipped  # noqa: E402
from backlinks.authority.solve import ALPHA, TOLERANCE, flow_of, rank  # noqa: E402

MODEST = (100_000, 2_000_000)  # domains and votes that networkx gets


def table(nodes: int, edges: int) -> Votes:
    """What the index gives."""
    made = weblike(nodes, edges)
    known = _known(np.random.default_rng(5), nodes)
    return Votes(made.names, made.targets, made.sources, made.keys, made.networks, known)


def _known(dice: np.random.Generator, nodes: int) -> Known:
    listed = dice.choice(nodes, nodes // 100, replace=False)
    popularity = np.full(nodes, np.nan)
    popularity[listed] = np.arange(1, len(listed) + 1)
    subnets = dice.integers(0, 50, nodes, dtype=np.int32)
    return Known(subnets=subnets, popularity=popularity, lists_loaded=True, years=np.full(nodes, 5, np.float32))


def ours(votes: Votes) -> np.ndarray:
    return rank(flow_of(build(votes), votes.networks)).values


def undamped(votes: Votes) -> np.ndarray:
    return rank(flow_of(build(votes))).values


def bare(votes: Votes) -> np.ndarray:
    """What anyone would write: a matrix of pairs, a loop, no checks, no damping of networks."""
    nodes = len(votes.names)
    given = np.bincount(votes.sources, minlength=nodes)
    weights = 1.0 / given[votes.sources]
    matrix = coo_array((weights, (votes.targets, votes.sources)), shape=(nodes, nodes)).tocsr()
    silent = given == 0
    values = np.full(nodes, 1 / nodes)
    while True:
        later = ALPHA * (matrix @ values + values[silent].sum() / nodes) + (1 - ALPHA) / nodes
        step = np.abs(later - values).sum()
        values = later
        if step < TOLERANCE:
            return values


def with_networkx(votes: Votes) -> np.ndarray:
    import networkx as nx  # noqa: PLC0415

    made = nx.DiGraph()
    made.add_nodes_from(range(len(votes.names)))
    made.add_edges_from(zip(votes.sources.tolist(), votes.targets.tolist(), strict=True))
    found = nx.pagerank(made, ALPHA, tol=TOLERANCE / len(votes.names), max_iter=1000)
    return np.array([found[node] for node in range(len(votes.names))])


def with_igraph(votes: Votes) -> np.ndarray:
    import igraph  # noqa: PLC0415

    pairs = np.column_stack([votes.sources, votes.targets])
    made = igraph.Graph(n=len(votes.names), edges=pairs, directed=True)
    return np.array(made.pagerank(damping=ALPHA))


def with_rustworkx(votes: Votes) -> np.ndarray:
    import rustworkx  # noqa: PLC0415

    made = rustworkx.PyDiGraph()
    made.add_nodes_from(range(len(votes.names)))
    made.add_edges_from_no_data(list(zip(votes.sources.tolist(), votes.targets.tolist(), strict=True)))
    found = rustworkx.pagerank(made, alpha=ALPHA, tol=TOLERANCE / len(votes.names), max_iter=1000)
    return np.array([found[node] for node in range(len(votes.names))])


def timed(work: Callable[[], Any], rounds: int = 1) -> tuple[float, Any]:
    """The best time of several, and what came out."""
    best, found = float("inf"), None
    for _ in range(rounds):
        start = time.process_time()
        found = work()
        best = min(best, time.process_time() - start)
    return best, found


def say(what: str, seconds: float, note: str = "") -> None:
    print(f"  {what:<44} {seconds:8.2f} s  {note}", flush=True)


def against_bare(votes: Votes, rounds: int) -> None:
    print("build and solve to 1e-8, turns taken:")
    times: dict[str, list[float]] = {"bare": [], "undamped": [], "ours": []}
    found: dict[str, np.ndarray] = {}
    for _ in range(rounds):
        for name, work in (("bare", bare), ("undamped", undamped), ("ours", ours)):
            seconds, found[name] = timed(lambda work=work: work(votes))
            times[name].append(seconds)
    base = min(times["bare"])
    say("bare SciPy loop", base)
    say("ours, checks and networks included", min(times["ours"]), f"{min(times['ours']) / base:.2f} x bare")
    far = float(np.abs(found["bare"] - found["undamped"]).max())
    say("ours without networks (the same values)", min(times["undamped"]), f"differs from bare by {far:.0e} at most")


def against_peers(votes: Votes) -> None:
    print("end to end from the table, no networks:")
    seconds, found = timed(lambda: undamped(votes))
    say("ours", seconds)
    for name, work in (("igraph (PRPACK)", with_igraph), ("rustworkx", with_rustworkx)):
        _peer(name, work, votes, found)
    modest = table(*MODEST)
    print(f"and with {MODEST[0]:,} domains, {MODEST[1]:,} votes:")
    seconds, found = timed(lambda: undamped(modest))
    say("ours", seconds)
    _peer("networkx", with_networkx, modest, found)


def _peer(name: str, work: Callable[[Votes], np.ndarray], votes: Votes, wanted: np.ndarray) -> None:
    try:
        seconds, found = timed(lambda: work(votes))
    except ImportError:
        print(f"  {name} is not installed: run `make bench-setup`.")
        return
    say(name, seconds, f"differs by {float(np.abs(found - wanted).max()):.0e} at most")


def stages(votes: Votes) -> None:
    """Each stage of the score by itself, then all of it."""
    print("stages of the score:")
    seconds, graph = timed(lambda: build(votes))
    say("build", seconds)
    seconds, flow = timed(lambda: flow_of(graph, votes.networks))
    say("weights, networks damped", seconds, f"{flow.damped:,} votes damped")
    seconds, found = timed(lambda: rank(flow))
    say("PageRank", seconds, f"{found.rounds} rounds")
    seconds, placed = timed(lambda: place(shipped(), votes.names, votes.known))
    say("seeds", seconds, f"{len(placed.good):,} in the graph")
    seconds, found = timed(lambda: rank(flow, placed.good))
    say("trust", seconds, f"{found.rounds} rounds")
    seconds, near = timed(lambda: harmonic(graph, votes.keys))
    say("harmonic", seconds, f"{near.walks} walks of {near.speakers:,}")
    seconds, groups = timed(lambda: communities(graph, votes.keys))
    say("communities", seconds, f"{groups.groups:,} dense ones")
    _profile(graph, votes)
    seconds, taken = timed(lambda: measures.measure(votes, shipped()))
    say("all measures", seconds)
    seconds, _ = timed(lambda: formula.a1(taken))
    say("formula A1", seconds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"  peak memory of this process, the table included: {peak:.2f} GB")


def _profile(graph: Graph, votes: Votes) -> None:
    popularity = votes.known.popularity
    assert popularity is not None
    for name, work in (
        ("identical profiles", lambda: twins(graph, votes.keys)),
        ("reciprocity", lambda: reciprocity(graph)),
        ("links against popularity", lambda: excess(graph, popularity)),
    ):
        say(name, timed(work)[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--big", action="store_true", help="5 million domains, 100 million votes")
    parser.add_argument("--without-peers", action="store_true")
    asked = parser.parse_args()
    nodes, edges = (5_000_000, 100_000_000) if asked.big else (1_000_000, 20_000_000)
    seconds, votes = timed(lambda: table(nodes, edges))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{nodes:,} domains, {len(votes.targets):,} votes (made in {seconds:.0f} s; peak so far {peak:.2f} GB)")
    if not asked.big:
        against_bare(votes, asked.rounds)
    stages(votes)
    if not (asked.big or asked.without_peers):
        against_peers(votes)


if __name__ == "__main__":
    main()
