"""Steps of a history as rows of a list, and as lines of a chart.

Decided: the rows are made once and paged in memory, because a history has at most a few thousand steps; the list path
does the rest, so that a step can be sorted, shared and exported as any other row.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from backlinks import index
from seoapp.lib import charts
from seoapp.lib.listquery import Field, ListQuery, Rows

from .spans import label

Row = dict[str, Any]


def _count(name: str, title: str, help: str = "", *, default: bool = True) -> Field:
    return Field(name, title, "int", default=default, help=help)


_AUTHORITY = Field("authority", "Authority", "score", help="Authority Score of the domain, as last computed by then.")
_STEP = (
    Field("first", "From", "date"),
    Field("last", "Until", "date"),
)
DATED = (
    *_STEP,
    _count("domains", "Referring domains", "There at the end: first seen until then, and not lost until then."),
    _count("new_domains", "New domains"),
    _count("lost_domains", "Lost domains"),
    _count("links", "Links", "There at the end: first seen until then, and not lost until then."),
    _count("follow", "Follow", "Of those links."),
    _count("new_links", "New links"),
    _count("lost_links", "Lost links"),
    _count("seen", "Links ever seen", "All links first seen until then, also those lost since.", default=False),
    _AUTHORITY,
)
KNOWN = (
    *_STEP,
    _count("domains", "Referring domains", "As known at the end of the step, in all states."),
    _count("links", "Links", "As known at the end of the step, in all states."),
    _count("live", "Live"),
    _count("lost", "Lost"),
    _count("unknown", "Unknown", default=False),
    _count("follow", "Follow"),
    _count("nofollow", "Nofollow", default=False),
    _count("hosts", "Hosts", default=False),
    _count("ips", "IPs", default=False),
    _count("subnets", "Subnets", default=False),
    _AUTHORITY,
)
Scores = Sequence[tuple[date, float]]


def dated_rows(points: Sequence[index.DatedPoint], scores: Scores) -> list[Row]:
    return [asdict(one) | {"authority": score_at(scores, one.last)} for one in points]


def known_rows(days: Sequence[index.KnownDay], span: index.Span, scores: Scores) -> list[Row]:
    """What was known at the end of each step, carried forward; steps before the first day that is noted are none."""
    made: list[Row] = []
    at = -1
    for first, last in span.parts():
        while at + 1 < len(days) and days[at + 1].day <= last:
            at += 1
        if at >= 0:
            row = asdict(days[at])
            made.append(row | {"first": first, "last": last, "authority": score_at(scores, last)})
    return made


def scores_of(workspace: int, domain: str) -> list[tuple[date, float]]:
    """(day, score) by the formula that was computed last, oldest first."""
    rows = index.score_days(workspace, domain)
    version = rows[-1]["version"] if rows else ""
    return [(row["day"], row["score"]) for row in rows if row["version"] == version]


def score_at(scores: Scores, day: date) -> float:
    """The newest score until a day; -1 (not known) before the first."""
    return next((score for one, score in reversed(scores) if one <= day), -1.0)


def page_of(query: ListQuery, rows: Sequence[Row]) -> Rows:
    start = (query.page - 1) * query.per_page
    found = in_order(query, rows)
    return Rows(found[start : start + query.per_page], len(found) > start + query.per_page)


def in_order(query: ListQuery, rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row[query.sort], reverse=query.descending)


# --- Charts -----------------------------------------------------------------------------------------------------------
def chart(rows: Sequence[Row], lines: Sequence[charts.Series]) -> dict[str, Any]:
    spans = [(row["first"], row["last"]) for row in rows]
    return charts.time_chart([label(*one) for one in spans], lines, spans=spans)


def series(
    rows: Sequence[Row], name: str, column: str, colour: str, kind: str = "line", *, down: bool = False, href: str = ""
) -> charts.Series:
    """One column as a line or as bars; losses go down."""
    values = [-row[column] if down else row[column] for row in rows]
    return charts.Series(name, values, colour, kind, href)
