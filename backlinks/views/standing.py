"""The authority of what is being read, as the overview shows it: the figure, or why there is none, and its course.

Decided: a page, a host or a folder has its share of its domain's authority, but no history of its own: the course is
that of the domain, and says so. Formula versions that run side by side are lines of their own; where one starts, the
chart has a mark.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from backlinks import index
from seoapp.lib import charts

from .reading import Reading

COLOURS = ("--ll-series-1", "--ll-series-2", "--ll-series-3", "--ll-series-4", "--ll-series-5")
SCOPE_NOUNS = {"host": "host", "prefix": "folder", "exact": "page"}
NOT_COMPUTED = "No computation yet: run compute_authority."


@dataclass(frozen=True, slots=True)
class Standing:
    """`score` is None where there is none, and `reason` says why in one sentence."""

    score: float | None
    href: str
    reason: str

    @property
    def rounded(self) -> int | None:
        return None if self.score is None else round(self.score)


@dataclass(frozen=True, slots=True)
class ScoreDay:
    """A computation's score of one day; `change` is against the one before of the same formula."""

    day: date
    version: str
    score: float
    change: float | None
    is_first: bool


@dataclass(frozen=True, slots=True)
class Course:
    chart: dict[str, Any]
    days: list[ScoreDay]
    is_of_domain: bool


def standing(reading: Reading, query: index.LinkQuery, score: float | None) -> Standing:
    """`query` is pinned, `score` what its headline says."""
    reason = "" if score is not None else reason_of(reading, query)
    return Standing(score, reading.url("why"), reason)


def reason_of(reading: Reading, query: index.LinkQuery) -> str:
    """Why the target has no score."""
    if not query.scores:
        return NOT_COMPUTED
    if query.authority >= 0:
        return f"Neither links nor a crawl know this {SCOPE_NOUNS.get(reading.target.scope, 'page')}."
    released = [one.release for one in index.shown_runs(reading.project.workspace_id) if one.release]
    return f"Not in the graph of {released[0]}." if released else "Not in the graph that was computed."


def score_url_of(reading: Reading, domain: str) -> str:
    """Why a whole domain has its score."""
    return reading.url("why", {"target": domain, "scope": "root"})


def course(reading: Reading) -> Course | None:
    """The scores of the target's domain over time; None without any."""
    rows = index.score_days(reading.project.workspace_id, reading.target.domain)
    if not rows:
        return None
    days = score_days(rows)
    return Course(_chart(days), list(reversed(days)), reading.target.scope != "root")


def score_days(rows: Iterable[dict[str, Any]]) -> list[ScoreDay]:
    before: dict[str, float] = {}
    made = []
    for row in rows:
        last = before.get(row["version"])
        change = None if last is None else round(row["score"] - last, 2)
        made.append(ScoreDay(row["day"], row["version"], row["score"], change, last is None))
        before[row["version"]] = row["score"]
    return made


def _chart(days: Sequence[ScoreDay]) -> dict[str, Any]:
    labels = sorted({one.day for one in days})
    versions = list(dict.fromkeys(one.version for one in days))
    found = {(one.version, one.day): one.score for one in days}
    series = [
        charts.Series(f"Authority ({name})", [found.get((name, day)) for day in labels], COLOURS[at % len(COLOURS)])
        for at, name in enumerate(versions)
    ]
    starts = {one.version: one.day for one in reversed(days)}
    marks = [(starts[later].isoformat(), later) for _, later in pairwise(versions)]
    return charts.time_chart([day.isoformat() for day in labels], series, marks=marks, top=100)
