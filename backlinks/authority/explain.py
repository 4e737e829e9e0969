"""Why this score: every part with its value, its position, its weight and what it adds, so that all adds up.

Decided: an explanation is made of the row that was stored with the score, never of a second computation, so that it
explains the number that people see. "If average" is the score that the same domain would have were this one part the
mean of all domains. Nothing is explained away: what is unknown is named with what would tell it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from backlinks import index
from seoapp.lib.weburl import Target

from . import formula

MEANINGS = {
    "pagerank": (
        "Link power",
        "PageRank: who votes for it, each vote weighed by the voter's own votes and shared among all it links to.",
    ),
    "harmonic": ("Closeness", "Harmonic centrality: how few steps the rest of the web needs to get here."),
    "trust": ("Trust", "TrustRank: how much trust of known good sites arrives here, less what leads to bad ones."),
    "diversity": ("Diversity", "Networks (/24, of IPv6 /48) that referring domains were seen in."),
    "traffic": ("Traffic", "Rank in lists of visited sites, or visits that a user brought."),
}
MISSING = {
    "pagerank": "no vote is known",
    "harmonic": "no path leads to it",
    "trust": "no site of the seed list is in the graph",
    "diversity": "addresses of less than half of its referring domains are known: crawl them or import WAT files",
    "traffic": "no list that is loaded names it, and none is long enough (100,000 domains) to say that few visit it: "
    "import_popularity brings one",
}
LOSSES = {
    "no_organic_presence": ("No organic presence", "Much link power, yet in no list of visited sites."),
    "follow_share": ("Follow links only", "From 95 % follow among 50 or more referring domains whose rel is known."),
    "links_above_popularity": ("More links than popularity", "Two or more deviations above other sites of its rank."),
    "one_address": ("One address", "From 5 % of its referring domains on one IP address."),
    "one_network": ("One network", "From 10 % of its referring domains in one network."),
    "identical_profile": ("Identical profile", "Other domains have exactly the same referring domains."),
    "reciprocity": ("Exchanged links", "From half of 20 or more referring domains linked back."),
    "closed_community": ("Closed community", "From 80 % of its votes out of its own dense community."),
}


@dataclass(frozen=True, slots=True)
class Part:
    """`value` is the raw figure, `position` its place among `of` domains (None: unknown), `share` the part itself 0-100
    (None: unknown, left out), `weight` its part of the score after scaling, `points` what it adds. `if_average`: by how
    much the score would move if this part were the mean of all domains (None: not known)."""

    name: str
    label: str
    meaning: str
    value: float | None
    position: float | None
    of: int
    share: float | None
    weight: float
    points: float
    if_average: float | None
    missing: str


@dataclass(frozen=True, slots=True)
class Penalty:
    """`points` that are taken away (0 or more); None: not checked."""

    name: str
    label: str
    meaning: str
    points: float | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """`score` is that of `target`: of the domain, or of a host, folder or page by its `page_share` (0-1, None for a
    whole domain). `limits` are the points that the ends of the scale, the most that penalties take, and rounding make
    up. `is_own`: from the workspace's own computation, which knows its links too."""

    target: str
    domain: str
    score: float
    domain_score: float
    page_share: float | None
    confidence: float
    version: str
    release: str
    computed_at: datetime
    domains: int
    edges: int
    is_own: bool
    parts: tuple[Part, ...]
    penalties: tuple[Penalty, ...]
    limits: float
    row: Mapping[str, Any]
    facts: Mapping[str, Any]


class NoScore(LookupError):
    """There is no score; the message says why, and what would bring one."""


def explain(workspace: int, target: Target) -> Explanation:
    """The score of a domain, host, folder or page as `workspace` (0: the open graph alone) sees it."""
    runs = index.shown_runs(workspace)
    for run in runs:
        row = index.score_rows([run.key], [target.domain]).get(target.domain)
        if row is not None:
            return _explanation(workspace, target, run, row)
    raise NoScore(_why_not(runs, target.domain))


def _why_not(runs: tuple[index.ScoreRun, ...], domain: str) -> str:
    if not runs:
        return "No scores have been computed yet: run compute_authority."
    release = next((one.release for one in runs if one.release), "")
    graph = f"the graph of {release}" if release else "the links that were imported and crawled"
    return (
        f"{domain} is not in {graph}: a domain that nobody is known to link to, and that links to nobody, has no score."
    )


def _explanation(workspace: int, target: Target, run: index.ScoreRun, row: Mapping[str, Any]) -> Explanation:
    share = None
    score = row["score"]
    if target.scope != "root":
        query = index.pin(index.LinkQuery.parse(workspace=workspace, target=target, report="links", params={}))
        share = index.share_of(query)
        if share is None:
            raise NoScore(f"Neither links nor a crawl know {target.label}: it has no score of its own.")
        score = round(score * (index.FLOOR + index.SHARE * share), 2)
    points = formula.points(row["parts"], row["penalties"], row["score"])
    return Explanation(
        target=str(target),
        domain=target.domain,
        score=score,
        domain_score=row["score"],
        page_share=share,
        confidence=round(row["confidence"], 4),
        version=run.version,
        release=run.release,
        computed_at=run.computed_at,
        domains=run.domains,
        edges=run.edges,
        is_own=run.workspace != 0,
        parts=tuple(_part(name, place, run, row, points) for place, name in enumerate(formula.PARTS)),
        penalties=tuple(_penalty(name, place, row) for place, name in enumerate(formula.PENALTIES)),
        limits=points.get(formula.LIMITS, 0.0),
        row=row,
        facts=run.facts,
    )


def _part(name: str, place: int, run: index.ScoreRun, row: Mapping[str, Any], points: Mapping[str, float]) -> Part:
    label, meaning = MEANINGS[name]
    known = row["parts"][place] >= 0
    value, position, of = _measured(name, run, row)
    return Part(
        name=name,
        label=label,
        meaning=meaning,
        value=value,
        position=position,
        of=of,
        share=row["parts"][place] if known else None,
        weight=formula.scaled_weight(row["parts"], place),
        points=points.get(name, 0.0),
        if_average=_if_average(name, place, run, row),
        missing="" if known else MISSING[name],
    )


def _measured(name: str, run: index.ScoreRun, row: Mapping[str, Any]) -> tuple[float | None, float | None, int]:
    """(raw value, position, among how many)."""
    if name == "diversity":
        return (row["subnets"] if row["subnets"] >= 0 else None), None, 0
    if name == "traffic":
        if row["visits"] >= 0:
            return row["visits"], None, 0
        return None, row["popularity_rank"] or None, 0
    of = run.facts.get("trust_reached", run.domains) if name == "trust" else run.domains
    return (row[name] if row[name] >= 0 else None), row[f"{name}_at"] or None, of


def _if_average(name: str, place: int, run: index.ScoreRun, row: Mapping[str, Any]) -> float | None:
    mean = run.facts.get("means", {}).get(name)
    if mean is None or row["parts"][place] < 0:
        return None
    parts = [mean if number == place else part for number, part in enumerate(row["parts"])]
    return round(formula.total(parts, row["penalties"]) - row["score"], 2)


def _penalty(name: str, place: int, row: Mapping[str, Any]) -> Penalty:
    lost = row["penalties"][place]
    return Penalty(name, *LOSSES[name], None if lost < 0 else lost)


def as_json(found: Explanation) -> dict[str, Any]:
    """What the command prints: score, version, parts with name, value, position, weight, points, and the rest."""
    parts = [{**asdict(one), "value": one.value if one.value is not None else None} for one in found.parts]
    return {
        "target": found.target,
        "domain": found.domain,
        "score": found.score,
        "domain_score": found.domain_score,
        "page_share": found.page_share,
        "version": found.version,
        "release": found.release,
        "confidence": found.confidence,
        "computed_at": found.computed_at,
        "domains": found.domains,
        "edges": found.edges,
        "own_links": found.is_own,
        "parts": parts,
        "penalties": [asdict(one) for one in found.penalties],
        "limits": found.limits,
    }
