"""A web-like graph, the same at every call, for the benches of the authority score.

Votes per domain fall by a power law (rank to the power -0.8, as in Common Crawl's domain graph, at most 14 % of all
domains for one). 64 % of domains have no links, mostly unpopular ones. Of the votes for a domain three in ten come from
its topic (500 domains with links), three in ten from its country (a run of names), the others from anywhere, from
talkative domains first. One domain in a hundred is in a closed group of eight that votes for nobody else; without such
groups, which every real web has, rank spreads in a dozen rounds. Four domains in ten are on a known network, a third of
these in shared hosting.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

SILENT = 0.64
CLOSED, GROUP = 0.01, 8
SLOPE, GREATEST = 0.8, 0.14
TOPIC, COUNTRY = 0.3, 0.3
TOPIC_SIZE = 500
COUNTRIES = 40
NETWORKED, SHARED = 0.4, 0.33
AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Weblike:
    """Votes sorted by (target, source); `places` is each domain's place by popularity, 0 the most popular."""

    names: pa.Array
    targets: np.ndarray
    sources: np.ndarray
    keys: np.ndarray
    networks: np.ndarray
    places: np.ndarray


def weblike(nodes: int, edges: int, seed: int = 4) -> Weblike:
    """About `edges` votes (never more) between `nodes` domains."""
    dice = np.random.default_rng(seed)
    places = dice.permutation(nodes)
    speaking = np.log1p(places) + dice.normal(0, 1.5, nodes)
    order = np.argsort(speaking).astype(np.int32)
    groups = order[len(order) - int(nodes * CLOSED) // GROUP * GROUP :].reshape(-1, GROUP)
    speakers = np.sort(order[: int(nodes * (1 - SILENT - CLOSED))])
    talkative = speakers[dice.permutation(len(speakers))]
    counts = _counts(dice, places, edges)
    targets, sources = np.empty(edges, np.int32), np.empty(edges, np.int32)
    filled = 0
    for first, last in _blocks(counts):
        voted = np.repeat(np.arange(first, last, dtype=np.int64), counts[first:last])
        pairs = voted << 32 | _voters(dice, voted, nodes, speakers, talkative)
        pairs = np.unique(np.concatenate([pairs, _inside(groups, first, last)]))
        pairs = pairs[pairs >> 32 != (pairs & 0xFFFFFFFF)][: edges - filled]
        targets[filled : filled + len(pairs)] = pairs >> 32
        sources[filled : filled + len(pairs)] = pairs & 0xFFFFFFFF
        filled += len(pairs)
    names = pa.array([f"com.d{number:08d}" for number in range(nodes)])
    keys = dice.integers(0, 2**63, nodes, dtype=np.uint64)
    return Weblike(names, targets[:filled].copy(), sources[:filled].copy(), keys, _networks(dice, nodes), places)


def _counts(dice: np.random.Generator, places: np.ndarray, edges: int) -> np.ndarray:
    """How many votes each domain is to have; more than needed, because some are drawn twice."""
    weights = (places + 1.0) ** -SLOPE
    wanted = weights * (edges * 1.12 / weights.sum())
    return (np.minimum(wanted, GREATEST * len(places)) + dice.random(len(places))).astype(np.int64)


def _blocks(counts: np.ndarray) -> list[tuple[int, int]]:
    ends = np.cumsum(counts)
    cuts = np.unique(np.append(np.searchsorted(ends, np.arange(0, ends[-1], AT_ONCE)), len(counts)))
    return list(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True))


def _voters(
    dice: np.random.Generator, voted: np.ndarray, nodes: int, speakers: np.ndarray, talkative: np.ndarray
) -> np.ndarray:
    """A voter for each vote."""
    total = len(speakers)
    kind, luck = dice.random(len(voted)), dice.random(len(voted))
    anywhere = talkative[(total * luck**3).astype(np.int64)]
    topics = max(1, total // TOPIC_SIZE)
    near = voted * 2654435761 % topics + topics * (luck * (total // topics)).astype(np.int64)
    size = total // COUNTRIES
    country = np.minimum(voted * COUNTRIES // nodes * size + (luck * size).astype(np.int64), total - 1)
    close = np.where(kind < TOPIC, near, country)
    return np.where(kind < TOPIC + COUNTRY, speakers[close], anywhere)


def _inside(groups: np.ndarray, first: int, last: int) -> np.ndarray:
    """The votes inside of groups for targets in a range: all for all."""
    targets = np.repeat(groups, GROUP, axis=1).ravel().astype(np.int64)
    sources = np.tile(groups, (1, GROUP)).ravel()
    wanted = (targets >= first) & (targets < last)
    return targets[wanted] << 32 | sources[wanted]


def _networks(dice: np.random.Generator, nodes: int) -> np.ndarray:
    networks = np.full(nodes, -1, np.int32)
    known = np.flatnonzero(dice.random(nodes) < NETWORKED)
    shared = dice.random(len(known)) < SHARED
    hosts = dice.integers(0, max(1, nodes // 3000), len(known))
    own = nodes + dice.integers(0, nodes // 12, len(known))
    networks[known] = np.where(shared, hosts, own)
    return networks
