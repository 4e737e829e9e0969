"""The course of a profile on its overview: referring domains, with those gained and lost, for any days.

Decided: the same numbers as on the history page, by the dates of the links; the whole history by month until somebody
asks for other days. A table of more than LONGEST steps is the history page's business.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest

from backlinks import index
from backlinks.views.reading import Reading

from . import steps
from .history import step_url
from .spans import Period, label, period_of

LONGEST = 400


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the chart's table; the hrefs lead to the domains first seen or lost in it."""

    label: str
    domains: int
    new: int
    new_href: str
    lost: int
    lost_href: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """`steps` is empty where there are too many for a table here."""

    period: Period
    chart: dict[str, Any]
    steps: list[Step]
    history_url: str
    changes_url: str


def timeline(
    request: HttpRequest, reading: Reading, query: index.LinkQuery, earliest: Callable[[], date | None]
) -> Timeline:
    period = period_of(request, lambda params: f"{reading.url('overview', params)}#history", earliest, usual="all")
    points = index.by_dates(query, period.span).points
    rows = steps.dated_rows(points, ())
    urls = {name: step_url(reading, name) for name in ("new_domains", "lost_domains")}
    lines = [
        steps.series(rows, "Referring domains", "domains", "--ll-series-1"),
        steps.series(rows, "New", "new_domains", "--ll-live", "bar", href=urls["new_domains"]),
        steps.series(rows, "Lost", "lost_domains", "--ll-lost", "bar", down=True, href=urls["lost_domains"]),
    ]
    return Timeline(
        period,
        steps.chart(rows, lines),
        [_step(one, urls) for one in reversed(points)] if len(points) <= LONGEST else [],
        reading.url("history", {"range": "all"} | period.asked),
        reading.url("changes", {"range": "all", "of": "domains"} | period.asked),
    )


def _step(point: index.DatedPoint, urls: dict[str, str]) -> Step:
    days = {"first": point.first.isoformat(), "last": point.last.isoformat()}
    return Step(
        label(point.first, point.last),
        point.domains,
        point.new_domains,
        urls["new_domains"].format(**days),
        point.lost_domains,
        urls["lost_domains"].format(**days),
    )
