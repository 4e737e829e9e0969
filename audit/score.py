"""From findings to risk and confidence: of each link, each registrable domain, and the profile.

Decided (markers.md §4): points of a group are capped, trust subtracts, then the gates, each of which wins over those
before it: a knock-out makes 60 at least; without one, 60 needs evidence of two groups; context alone stays below 45;
so does a link that is dead or that passes nothing on. What one campaign leaves behind (one anchor, from many, at one
time) is one of the two groups, however many markers see it. A domain has the risk of its riskiest link. Confidence is
the weight of the markers that could be evaluated over that of all that apply, less up to a third where the newest look
is old; it never enters the risk. What does not depend on weights is gathered first (`Facts`), so that what is kept of
an audit can be scored anew. Refused: a mean of a domain's links, in which a hundred clean pages hide a bought one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .markers import MARKERS
from .markers.marker import (
    BECOMES,
    BESIDE,
    CLEAR,
    EVIDENCE,
    FIRED,
    KNOCK_OUT,
    Found,
    Marker,
)
from .profile import Flags, Numbers, Profile, of_links
from .weights import CAPS, Weights

TOXIC, DOUBTFUL = 60, 45
BANDS = ("toxic", "potentially", "none", "unassessed")
BAND_LABELS = {
    "toxic": "Evidence of manipulation",
    "potentially": "Look at it",
    "none": "No action",
    "unassessed": "Not assessed",
}
BAND_WORDS = {**BAND_LABELS, "toxic": "Manipulation"}  # where there is little room
LEAST_CONFIDENCE = 0.3
SAME_SET = 0.5  # of a cluster's domains, where another marker makes evidence of context
FRESH_DAYS, STALE_DAYS, STALE_LOSS = 90, 365, 0.3
PROFILE_FACTOR = 4.0  # a quarter of the domains toxic is 100
# With all of group PRO: one anchor that arrives often, from many, at one time is one fact, be it bought or news.
CAMPAIGN = frozenset(("ANC03", "ANC04", "ANC09", "NET17"))
DEAD = ("PAG07", "DOM36")
NO_ACTION, PARTNER = "none", "TRU08"
# Sources that most installations do not have: where they are missing, confidence is not lower for it.
OPTIONAL = frozenset(("source.search", "source.visits", "source.malware", "source.blocklist", "source.decisions"))


@dataclass(frozen=True, slots=True)
class Facts:
    """All that goes into the scores of links besides weights: what each marker says of each, which markers this
    installation could evaluate, where context and evidence fire `together` (by both ids), and of the links themselves
    what is lost, what passes nothing on, and how fresh the newest look is."""

    states: Mapping[str, NDArray[np.uint8]]
    applying: frozenset[str]
    together: Mapping[tuple[str, str], Flags]
    lost: Flags
    silent: Flags
    freshness: Numbers

    @property
    def count(self) -> int:
        return len(self.freshness)


@dataclass(frozen=True, slots=True)
class LinkScores:
    """One row a link. `groups` are points by group after caps, `gates` a bit for each of GATES that held, `trust` what
    was subtracted, `raised` where context of a marker has become evidence."""

    risk: NDArray[np.uint8]
    confidence: Numbers
    groups: Mapping[str, Numbers]
    trust: Numbers
    gates: NDArray[np.uint8]
    raised: Mapping[str, Flags]


@dataclass(frozen=True, slots=True)
class DomainScores:
    """One row a domain: that of its riskiest link (`first`), and how many links share that risk."""

    risk: NDArray[np.uint8]
    confidence: Numbers
    first: NDArray[np.int64]
    sharing: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scores:
    """`facts` are what the scores were made of."""

    facts: Facts
    links: LinkScores
    domains: DomainScores
    risk: int
    confidence: float
    bands: Mapping[str, int]


GATES = ("knock-out", "one group", "context only", "dead", "passes nothing")


# --- All links at once ------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class _Sums:
    """What the markers of one group add up to, link by link."""

    most: Numbers
    evidence: Numbers
    context: Numbers
    knock_out: Numbers

    @classmethod
    def of(cls, count: int) -> "_Sums":
        return cls(*(np.zeros(count, np.float32) for _ in range(4)))

    def add_evidence(self, rows: Flags, points: float) -> None:
        self.evidence[rows] += np.float32(points)
        np.maximum(self.most, np.where(rows, np.float32(points), 0), out=self.most)


def score(profile: Profile, findings: Mapping[str, Found], weights: Weights) -> Scores:
    """Scores of a profile whose markers have said what they found."""
    facts = facts_of(profile, findings)
    links = of_facts(facts, weights)
    domains = of_domains(profile.domain, profile.domains.count, links.risk, links.confidence)
    return Scores(facts, links, domains, *of_profile(domains.risk, domains.confidence))


def facts_of(profile: Profile, findings: Mapping[str, Found]) -> Facts:
    links = profile.links
    return Facts(
        {one.id: of_links(profile, one.unit, findings[one.id].state) for one in MARKERS if one.id in findings},
        frozenset(one.id for one in MARKERS if one.id in findings and applies(one, profile)),
        _all_together(profile, findings),
        links.number("is_lost") == 1,
        np.logical_or.reduce([links.number(name) == 1 for name in ("nofollow", "ugc", "sponsored")]),
        _freshness(profile),
    )


def of_facts(facts: Facts, weights: Weights) -> LinkScores:
    """Scores of links by these weights."""
    becomes = _raised(facts, weights)
    sums = {group: _Sums.of(facts.count) for group in CAPS}
    for one in MARKERS:
        if one.id in facts.states and one.group in CAPS:
            _add(sums[one.group], one, facts.states[one.id] == FIRED, becomes, weights)
    trust = _trust(facts, weights)
    groups = _capped(sums, weights)
    risk = np.clip(sum(groups.values()) - trust, 0, 100) if facts.count else np.zeros(0)
    risk, gates = _gated(facts, risk, becomes, weights)
    return LinkScores(np.rint(risk).astype(np.uint8), _confidence(facts, weights), groups, trust, gates, becomes)


def _raised(facts: Facts, weights: Weights) -> dict[str, Flags]:
    """Where context has become evidence: at links where a marker of another group, evidence or a knock-out that was
    not switched off, fires on the same set of domains."""
    made = {
        one.id: np.zeros(facts.count, np.bool_) for one in MARKERS if one.kind == BECOMES and one.id in facts.states
    }
    for (context, other), rows in facts.together.items():
        if weights.of(other):
            made[context] |= rows
    return made


def _all_together(profile: Profile, findings: Mapping[str, Found]) -> dict[tuple[str, str], Flags]:
    """For context that may become evidence and every marker of another group that can make it so: where both fire on
    the same set of domains.

    Where one of both speaks of a cluster, the set is the cluster: the other has to fire at half of its domains.
    """
    known = [one for one in MARKERS if one.id in findings and findings[one.id].fired.any()]
    strong = [one for one in known if one.kind in (EVIDENCE, KNOCK_OUT)]
    made = {}
    for one in (one for one in known if one.kind == BECOMES):
        for other in (other for other in strong if other.group != one.group):
            rows = _together(profile, (one, findings[one.id]), (other, findings[other.id]))
            if rows.any():
                made[one.id, other.id] = rows
    return made


def _together(profile: Profile, one: tuple[Marker, Found], other: tuple[Marker, Found]) -> Flags:
    """The links at which both fire, and do so on the same set of domains."""
    both = np.logical_and(*(of_links(profile, marker.unit, found.fired) for marker, found in (one, other)))
    for (marker, found), beside in ((one, other), (other, one)):
        if found.cluster is not None and both.any():
            shared = _shares(found, _domains_of(profile, *beside)) >= SAME_SET
            cluster = of_links(profile, marker.unit, found.cluster)
            both &= (cluster < 0) | np.append(shared, False)[cluster]
    return both


def _domains_of(profile: Profile, marker: Marker, found: Found) -> Flags:
    """The domains at which a marker fires anywhere."""
    fired = np.zeros(profile.domains.count, np.bool_)
    fired[profile.domain[of_links(profile, marker.unit, found.fired)]] = True
    return fired


def _shares(found: Found, fired: Flags) -> Numbers:
    """Of each cluster, the share of its domains at which another marker fires."""
    sizes = np.array([len(one.domains) for one in found.clusters], np.int64)
    members = np.fromiter((row for one in found.clusters for row in one.domains), np.int64, int(sizes.sum()))
    number = np.repeat(np.arange(len(sizes)), sizes)
    return np.bincount(number, fired[members], len(sizes)) / np.maximum(sizes, 1)


def _add(sums: _Sums, one: Marker, fired: Flags, becomes: Mapping[str, Flags], weights: Weights) -> None:
    points = weights.of(one.id)
    if not points:
        return
    if one.kind == KNOCK_OUT:
        sums.knock_out[fired] += np.float32(points)
    elif one.kind == EVIDENCE:
        sums.add_evidence(fired, points)
    elif one.kind == BECOMES:
        sums.add_evidence(becomes[one.id], weights.as_evidence(one.id))
        sums.context[fired & ~becomes[one.id]] += np.float32(points)
    else:
        sums.context[fired] += np.float32(points)


def _capped(sums: Mapping[str, _Sums], weights: Weights) -> dict[str, Numbers]:
    """Points by group: the first evidence whole, further ones in part, context within its caps, a knock-out on top."""
    groups, left = {}, None
    for group, one in sums.items():
        context = np.minimum(one.context, np.float32(weights.context_of_group))
        left = np.full(len(context), weights.context_of_all, np.float32) if left is None else left
        context = np.minimum(context, left)
        left = left - context
        evidence = one.most + np.float32(weights.further) * (one.evidence - one.most)
        groups[group] = np.minimum(evidence + context, np.float32(weights.cap(group))) + one.knock_out
    return groups


def _trust(facts: Facts, weights: Weights) -> Numbers:
    trust = np.zeros(facts.count, np.float32)
    for one in MARKERS:
        if one.group == "TRU" and one.id in facts.states:
            trust[facts.states[one.id] == FIRED] -= np.float32(weights.of(one.id))
    return trust


# --- Gates ------------------------------------------------------------------------------------------------------------
def _gated(
    facts: Facts, risk: Numbers, becomes: Mapping[str, Flags], weights: Weights
) -> tuple[Numbers, NDArray[np.uint8]]:
    """Risk behind the gates, and which of them changed something."""
    gates = np.zeros(len(risk), np.uint8)
    states = facts.states
    knocked = _any_fired(states, weights, [one for one in MARKERS if one.kind == KNOCK_OUT])
    groups = _evidence_groups(states, becomes, weights)
    silent = facts.silent & np.bool_(not weights.counts_nofollow)
    dead = facts.lost | _any_fired(states, weights, [one for one in MARKERS if one.id in DEAD])
    risk = np.where(knocked & (risk < TOXIC), TOXIC, risk)
    gates[knocked] |= 1
    for bit, rows, most in (
        (1, ~knocked & (groups < 2), TOXIC - 1),
        (2, ~knocked & (groups == 0), DOUBTFUL - 1),
        (3, dead, DOUBTFUL - 1),
        (4, silent, DOUBTFUL - 1),
    ):
        held = rows & (risk > most)
        risk = np.where(held, most, risk)
        gates[held] |= 1 << bit
    return risk, gates


def _any_fired(states: Mapping[str, NDArray[np.uint8]], weights: Weights, markers: list[Marker]) -> Flags:
    rows = [states[one.id] == FIRED for one in markers if one.id in states and weights.of(one.id)]
    return np.logical_or.reduce(rows) if rows else np.zeros(_length(states), np.bool_)


def _length(states: Mapping[str, NDArray[np.uint8]]) -> int:
    return len(next(iter(states.values()), ()))


def _evidence_groups(
    states: Mapping[str, NDArray[np.uint8]], becomes: Mapping[str, Flags], weights: Weights
) -> NDArray[np.int64]:
    """How many independent groups have evidence; all that one campaign leaves behind is one."""
    by_group: dict[str, Flags] = {}
    for one in MARKERS:
        if one.id not in states or not weights.of(one.id) or one.kind not in (EVIDENCE, BECOMES):
            continue
        rows = becomes[one.id] if one.kind == BECOMES else states[one.id] == FIRED
        name = "campaign" if one.group == "PRO" or one.id in CAMPAIGN else one.group
        by_group[name] = by_group[name] | rows if name in by_group else rows
    return np.sum(list(by_group.values()), axis=0) if by_group else np.zeros(_length(states), np.int64)


# --- Confidence -------------------------------------------------------------------------------------------------------
def _confidence(facts: Facts, weights: Weights) -> Numbers:
    evaluated, whole = np.zeros(facts.count, np.float32), np.zeros(facts.count, np.float32)
    for one in MARKERS:
        if one.group == "TRU" or one.id not in facts.applying:
            continue
        weight = np.float32(abs(weights.of(one.id)))
        state = facts.states[one.id]
        whole[state != BESIDE] += weight
        evaluated[(state == CLEAR) | (state == FIRED)] += weight
    share = np.divide(evaluated, whole, out=np.zeros(facts.count, np.float32), where=whole > 0)
    return share * facts.freshness


def applies(one: Marker, profile: Profile) -> bool:
    """Whether this installation could evaluate it at all: optional sources that it lacks are nobody's fault."""
    return all(name.partition(".")[2] in profile.about.offered for name in one.needs if name in OPTIONAL)


def _freshness(profile: Profile) -> Numbers:
    """1 for what was seen within three months, 0.7 for what nobody has looked at for a year more."""
    looks = [profile.links.number("last_seen"), profile.links.number("checked_at")]
    looks.append(profile.pages.number("fetched")[profile.page])
    newest = np.fmax.reduce(looks)
    age = np.where(np.isnan(newest), FRESH_DAYS + STALE_DAYS, profile.today - newest)
    return (1 - STALE_LOSS * np.clip((age - FRESH_DAYS) / STALE_DAYS, 0, 1)).astype(np.float32)


# --- Domains and the profile ------------------------------------------------------------------------------------------
def of_domains(domain: NDArray[Any], count: int, risk: NDArray[np.uint8], confidence: Numbers) -> DomainScores:
    """The riskiest link of each of `count` domains, of equal ones the surest; every domain has a link (`domain` is the
    row of each link's)."""
    order = np.lexsort((np.arange(len(risk)), -confidence, -risk.astype(np.int16), domain))
    heads = np.flatnonzero(np.diff(domain[order], prepend=-1)) if len(order) else np.zeros(0, np.int64)
    first = np.full(count, -1, np.int64)
    first[domain[order[heads]]] = order[heads]
    most = risk[first]
    sharing = np.bincount(domain[risk == most[domain]], minlength=count)
    return DomainScores(most, confidence[first], first, sharing)


def of_profile(risk: NDArray[np.uint8], confidence: Numbers) -> tuple[int, float, dict[str, int]]:
    """Risk, confidence and domains by band, of all domains. Risk is the share of domains in the toxic band, and half of
    those in doubt, times four: a quarter is 100. Of domains that were not assessed nothing was found either."""
    bands = bands_of(risk, confidence)
    counts = {name: int(np.count_nonzero(bands == name)) for name in BANDS}
    share = (counts["toxic"] + counts["potentially"] / 2) / max(1, sum(counts.values()))
    mean = float(np.mean(confidence)) if len(confidence) else 0.0
    return round(min(100.0, 100 * PROFILE_FACTOR * share)), round(mean, 4), counts


def bands_of(risk: NDArray[np.uint8], confidence: Numbers) -> NDArray[np.str_]:
    """The band of each: evidence that was found counts however little else is known; without any, little knowledge is
    no "no action"."""
    doubtful = np.where(confidence < LEAST_CONFIDENCE, "unassessed", NO_ACTION)
    return np.where(risk >= TOXIC, "toxic", np.where(risk >= DOUBTFUL, "potentially", doubtful))
