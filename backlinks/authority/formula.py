"""The authority score: the formula, its weights and its version. docs/authority.md says the same in words.

A1 = clamp(0, 100,  0.38·pagerank + 0.17·harmonic + 0.20·trust + 0.10·diversity + 0.15·traffic  -  penalties)

Every part is 0-100. A part that nobody knows is left out, the weights of the others are scaled up to 1, and confidence
falls by its weight. A penalty that cannot be checked is not applied.

Decided: positions are scored by their logarithm, because a percentile puts a million of 121 million domains above 99.
The scale ends at ten million domains in a smaller graph, so that the first of a few thousand is not the first of the
web; its confidence is lower by the same ratio. A score is computed from parts and penalties as they are stored, in 32
bits, so that what explains it adds up to it. A version is never edited: a change is a new function beside the old one.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .graph import Floats, Ids, Votes
from .measures import Measures, Ranked, Shares, measure
from .profile import LEAST_RECIPROCAL_VOTES, RECIPROCITY_START
from .seeds import Seeds, shipped

VERSION = "A1"
PARTS = ("pagerank", "harmonic", "trust", "diversity", "traffic")
WEIGHTS = (0.38, 0.17, 0.20, 0.10, 0.15)
PENALTIES = (
    "no_organic_presence",
    "follow_share",
    "links_above_popularity",
    "one_address",
    "one_network",
    "identical_profile",
    "reciprocity",
    "closed_community",
)
MOST_PENALTY = 30
WEB = 10_000_000  # domains at least on the scale of positions
SUBNETS_OF_THE_BIG = 1000  # the 99.9th percentile of referring networks is at least this on the scale of diversity
LIST_SCALE = 10_000_000  # the rank that scores 0
UNLISTED = 10.0  # traffic of a domain that is in none of the loaded lists
MOST_VISITS = 1e9  # visits in 30 days that score 100
LEAST_RELS, LEAST_ADDRESSES = 50, 20


@dataclass(frozen=True, slots=True)
class Scores:
    """What is kept of each domain, in node order; the columns of the index's table `authority`.

    `parts` and `penalties` have a column for each of PARTS and PENALTIES, -1 where unknown or not checked. Positions
    are 0 where unknown, `trust` is -1 where no seed is in the graph and `harmonic` where the release lacks the domain.
    `passes` is the rank that a domain hands to each domain it links to.
    """

    version: str
    score: Floats
    confidence: NDArray[np.float32]
    pagerank: Floats
    harmonic: Floats
    trust: Floats
    bad_share: Shares
    hops: NDArray[np.int8]
    subnets: NDArray[np.int32]
    popularity_rank: Floats
    visits: Floats
    pagerank_at: Floats
    harmonic_at: Floats
    trust_at: Floats
    votes: Ids
    linked_domains: Ids
    passes: Floats
    parts: NDArray[np.float32]
    penalties: NDArray[np.float32]
    facts: dict[str, Any]


def score(votes: Votes, *, seeds: Seeds | None = None, version: str = VERSION) -> Scores:
    """Scores of all domains of `votes` by one formula."""
    return FORMULAS[version](measure(votes, seeds or shipped()))


def a1(measures: Measures) -> Scores:
    """Formula A1."""
    parts = np.stack(_parts_of_a1(measures), axis=1).astype(np.float32)
    penalties = np.stack(_penalties_of_a1(measures, parts[:, 0]), axis=1).astype(np.float32)
    known = np.where(parts >= 0, np.array(WEIGHTS), 0.0)
    weight = known.sum(axis=1)
    points = (known * parts).sum(axis=1) / weight
    lost = np.minimum(MOST_PENALTY, np.maximum(penalties, 0).sum(axis=1, dtype=np.float64))
    scores = np.round(np.clip(points - lost, 0, 100), 2)
    size = min(1.0, np.log(max(measures.nodes, 1)) / np.log(WEB))
    return _scores("A1", measures, parts, penalties, scores, (weight * size).astype(np.float32))


def _parts_of_a1(measures: Measures) -> tuple[Floats, ...]:
    return (
        of_position(measures.pagerank),
        of_position(measures.harmonic),
        _trust_part(measures.trust),
        _diversity_part(measures.subnets),
        _traffic_part(measures),
    )


def of_position(ranked: Ranked) -> Floats:
    """100 · (ln N - ln position) / ln(max(N, ten million)); -1 where the position is unknown."""
    if not ranked.of:
        return np.full(len(ranked.positions), -1.0)
    value = 100 * (np.log(ranked.of) - np.log(ranked.positions)) / np.log(max(ranked.of, WEB))
    return np.where(np.isnan(value), -1.0, np.clip(value, 0, 100))


def _trust_part(trust: Ranked) -> Floats:
    """As positions, among the domains that trust reaches; one that it does not reach has 0."""
    value = of_position(trust)
    return np.where((value < 0) & ~np.isnan(trust.values), 0.0, value)


def _diversity_part(subnets: NDArray[np.int64]) -> Floats:
    """Referring networks on a scale that ends where one domain in a thousand stands."""
    top = max(1, len(subnets) // 1000)
    most = np.partition(subnets, len(subnets) - top)[len(subnets) - top] if len(subnets) else 0
    value = 100 * np.minimum(1, np.log1p(np.maximum(subnets, 0)) / np.log1p(max(most, SUBNETS_OF_THE_BIG)))
    return np.where(subnets < 0, -1.0, value)


def _traffic_part(measures: Measures) -> Floats:
    """Visits where a user brought them, else the rank in a list; a domain outside of all lists has some, but little."""
    rank = 100 * (1 - np.log(measures.popularity) / np.log(LIST_SCALE))
    unlisted = UNLISTED if measures.lists_loaded else -1.0
    listed = np.where(np.isnan(rank), unlisted, np.clip(rank, 0, 100))
    visits = 100 * np.log1p(np.maximum(measures.visits, 0)) / np.log1p(MOST_VISITS)
    return np.where(measures.visits >= 0, np.minimum(visits, 100), listed)


def _penalties_of_a1(measures: Measures, pagerank: NDArray[np.float32]) -> tuple[Floats, ...]:
    """Points taken away, -1 where not checked; each rises in a line from its start to its full value."""
    addressed = measures.addresses >= LEAST_ADDRESSES
    return (
        _presence(measures, pagerank),
        _rising(8, measures.follow_share, 0.95, 1, measures.rels >= LEAST_RELS),
        _rising(6, measures.excess, 2, 4, ~np.isnan(measures.excess)),
        _rising(4, measures.address_share, 0.05, 0.25, addressed),
        _rising(3, measures.subnet_share, 0.10, 0.40, addressed),
        _rising(2, measures.twins, 1, 5, measures.twins >= 0),
        _rising(4, measures.reciprocity, RECIPROCITY_START, 0.9, measures.votes >= LEAST_RECIPROCAL_VOTES),
        _rising(4, measures.inside, 0.80, 0.95, np.ones(measures.nodes, np.bool_)),
    )


def _presence(measures: Measures, pagerank: NDArray[np.float32]) -> Floats:
    """A domain with much link power that is in no list of visited sites and has no visits of its own."""
    seen = ~np.isnan(measures.popularity) | (measures.visits > 0)
    points = _rising(10, pagerank, 30, 50, np.ones(measures.nodes, np.bool_))
    return np.where(seen, 0.0, points if measures.lists_loaded else -1.0)


def _rising(most: float, value: NDArray[Any], start: float, full: float, checked: NDArray[np.bool_]) -> Floats:
    """0 up to `start`, `most` from `full` on, a line between; -1 where not checked."""
    points = most * np.clip((value.astype(np.float64) - start) / (full - start), 0, 1)
    return np.where(checked & (value != -1), points, -1.0)


def _scores(
    version: str,
    measures: Measures,
    parts: NDArray[np.float32],
    penalties: NDArray[np.float32],
    scores: Floats,
    confidence: NDArray[np.float32],
) -> Scores:
    return Scores(
        version=version,
        score=scores,
        confidence=confidence,
        pagerank=measures.pagerank.values,
        harmonic=_or(measures.harmonic.values, -1),
        trust=_or(measures.trust.values, -1),
        bad_share=measures.bad_share,
        hops=measures.hops,
        subnets=np.minimum(measures.subnets, np.iinfo(np.int32).max).astype(np.int32),
        popularity_rank=_or(measures.popularity, 0),
        visits=_or(measures.visits, -1),
        pagerank_at=_or(measures.pagerank.positions, 0),
        harmonic_at=_or(measures.harmonic.positions, 0),
        trust_at=_or(measures.trust.positions, 0),
        votes=measures.votes,
        linked_domains=measures.linked_domains,
        passes=measures.pagerank.values / np.maximum(measures.linked_domains, 1),
        parts=parts,
        penalties=penalties,
        facts={"version": version, **measures.facts, "means": _means(parts), "known": _known(parts)},
    )


def _means(parts: NDArray[np.float32]) -> dict[str, float | None]:
    """The mean of each part over the domains where it is known."""
    columns = ((name, parts[:, place][parts[:, place] >= 0]) for place, name in enumerate(PARTS))
    return {name: float(column.mean(dtype=np.float64)) if len(column) else None for name, column in columns}


def _known(parts: NDArray[np.float32]) -> dict[str, int]:
    return {name: int(np.count_nonzero(parts[:, place] >= 0)) for place, name in enumerate(PARTS)}


def _or(values: Floats, unknown: float) -> Floats:
    return np.where(np.isnan(values), unknown, values)


FORMULAS: dict[str, Callable[[Measures], Scores]] = {"A1": a1}
# A version that is no longer shown but still computed beside the shown one, and until which day: a month at least.
RETIRING: dict[str, date] = {}
LIMITS = "limits"


def points(parts: Sequence[float], penalties: Sequence[float], score: float) -> dict[str, float]:
    """Points of each known part and each checked penalty of a score, as stored; they add up to it.

    `LIMITS` is what the most that penalties may take, the ends of the scale and rounding make up; left out where 0.
    """
    made = {name: scaled_weight(parts, place) * parts[place] for place, name in enumerate(PARTS) if parts[place] >= 0}
    made |= {name: -lost for name, lost in zip(PENALTIES, penalties, strict=True) if lost >= 0}
    rest = score - sum(made.values())
    return made | ({LIMITS: rest} if rest else {})


def scaled_weight(parts: Sequence[float], place: int) -> float:
    """The weight of a part where the unknown ones are left out; 0 for an unknown one."""
    known = sum(weight for weight, part in zip(WEIGHTS, parts, strict=True) if part >= 0)
    return WEIGHTS[place] / known if parts[place] >= 0 else 0.0


def share_of_position(position: float, of: int) -> float:
    """What one position is worth, as `of_position` says it of many."""
    value = 100 * (math.log(of) - math.log(position)) / math.log(max(of, WEB)) if of else 0.0
    return max(0.0, min(100.0, value))


def total(parts: Sequence[float], penalties: Sequence[float]) -> float:
    """The score of one domain's parts and penalties by A1."""
    gained = sum(scaled_weight(parts, place) * part for place, part in enumerate(parts) if part >= 0)
    lost = min(MOST_PENALTY, sum(one for one in penalties if one > 0))
    return max(0.0, min(100.0, gained - lost))
