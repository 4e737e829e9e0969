"""Figures of the page of checks: what one check found, today's together, the last days, and day by day.

Decided: every count is of links, each with the list behind it; a list of one row a link says so in its URL.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from backlinks.crawl.models import CheckItem, Crawl
from seoapp.lib import charts
from seoapp.lib.tables import Link

from .reading import Reading
from .reasons import in_words
from .verdicts import PERIODS, counting_items, one_a_link, since, with_news

DAYS = 30
# (state, its word, colour of the chart, tone of the page)
COUNTED = (
    ("live", "Live", "--ll-live", "live"),
    ("changed", "Changed", "--ll-series-2", "two"),
    ("restored", "Restored", "--ll-series-1", "one"),
    ("lost", "Lost", "--ll-lost", "lost"),
    ("broken", "Broken target", "--ll-series-3", "three"),
    ("unknown", "Could not look", "--ll-quiet", "unknown"),
)
LATELY = 7
# (state, its word, whether all of it or what is newly so counts)
NEWS = (
    ("lost", "Newly lost", "new"),
    ("restored", "Restored", "n"),
    ("changed", "Changed", "n"),
    ("broken", "Newly broken target", "new"),
)
EXPLAINED = (
    ("lost", "Lost, and why", "No link was lost."),
    ("broken", "Targets that answer with an error", "Every target answers."),
    ("unknown", "Could not look, and why", "Every page could be looked at."),
)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many links, and the list of them."""

    label: str
    value: int
    href: str


@dataclass(frozen=True, slots=True)
class Found:
    """What one check, or all checks of a day, found."""

    total: Counted
    states: list[Counted]
    parts: list[charts.Part]
    reasons: list["Reasons"]
    forgotten: bool = False  # the list is gone, the counts were kept
    looks: Counted | None = None


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why links are in a state, each reason with its counts; `heads` are their names where there are several."""

    title: str
    none: str
    heads: tuple[str, ...]
    rows: list[tuple[str, list[Counted]]]


@dataclass(frozen=True, slots=True)
class Lately:
    """What became of links in the last days; `switch` leads to other periods."""

    days: int
    switch: list[Link]
    states: list[Counted]
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class Day:
    """One line of the trend's table: counts in the order of COUNTED."""

    day: Any
    counts: list[Counted]


def found_by(own: Reading, check: Crawl) -> Found:
    """What one check found; of an old one the counts alone are left."""
    kept = {"check": str(check.pk)}
    found = _found(own, kept, _by_reason(with_news(CheckItem.objects.filter(crawl=check))))
    states = check.results.get("states", {})
    if found.total.value or not any(states.values()):
        return found
    rows = [{"state": name, "reason": "", "n": count} for name, count in states.items()]
    return replace(_found(own, kept, rows), reasons=[], forgotten=True)


def _by_reason(items: QuerySet[CheckItem]) -> list[dict[str, Any]]:
    counted = items.values("state", "reason").annotate(n=Count("pk"), new=Count("pk", filter=Q(is_news=True)))
    return list(counted.order_by("-n"))


def _found(own: Reading, keep: dict[str, str], rows: list[dict[str, Any]]) -> Found:
    by_state = {name: sum(row["n"] for row in rows if row["state"] == name) for name, *_ in COUNTED}
    total = sum(by_state.values())
    urls = {name: own.url("check_items", keep | {"state": name}) for name in by_state}
    return Found(
        Counted("Checked", total, own.url("check_items", keep)),
        list(_states(own, keep, by_state, rows)),
        charts.parts(total, ((label, by_state[name], urls[name], tone) for name, label, _, tone in COUNTED)),
        [_reasons(own, keep, rows, *explained) for explained in EXPLAINED],
    )


def _states(
    own: Reading, keep: dict[str, str], by_state: dict[str, int], rows: list[dict[str, Any]]
) -> Iterator[Counted]:
    """A count for each state; lost links in two, where it is known which of them are newly lost."""
    lost = [row["new"] for row in rows if row["state"] == "lost" and "new" in row]
    for name, label, *_ in COUNTED:
        behind = keep | {"state": name}
        if name == "lost" and (lost or not by_state[name]):
            yield Counted("Newly lost", sum(lost), own.url("check_items", behind | {"is_new": "yes"}))
            yield Counted("Still lost", by_state[name] - sum(lost), own.url("check_items", behind | {"is_new": "no"}))
        else:
            yield Counted(label, by_state[name], own.url("check_items", behind))


def _reasons(
    own: Reading, keep: dict[str, str], rows: list[dict[str, Any]], state: str, title: str, none: str
) -> Reasons:
    """The reasons of a state; what is newly lost apart from what was lost before."""
    heads = ("Newly", "Still") if state == "lost" else ()
    made = []
    for row in rows:
        if row["state"] == state:
            behind = keep | {"state": state, "reason": row["reason"]}
            new = row.get("new", 0)
            counts = ((new, {"is_new": "yes"}), (row["n"] - new, {"is_new": "no"})) if heads else ((row["n"], {}),)
            urls = [(count, own.url("check_items", behind | more)) for count, more in counts]
            made.append((in_words(row["reason"]), [Counted(title, count, url) for count, url in urls]))
    return Reasons(title, none, heads, made)


def today(own: Reading) -> Found | None:
    """All checks of today together, each link once; None where there was none."""
    day = timezone.localdate()
    items = since(counting_items(own.project), 0)
    looks = items.count()
    if not looks:
        return None
    found = _found(own, {"since": "0", "newest": "yes"}, _by_reason(one_a_link(items)))
    return replace(found, looks=Counted("Looks", looks, own.url("check_items", _days(day, day))))


def lately(own: Reading, asked: str) -> Lately | None:
    """What is newly so in the last days, each link once; None where there was no check at all."""
    days = next((one for one in PERIODS if one and str(one) == asked), LATELY)
    items = counting_items(own.project)
    if not items.exists():
        return None
    keep = {"since": str(days), "newest": "yes"}
    rows = _by_reason(one_a_link(since(items, days)))
    states = [
        Counted(label, sum(row[part] for row in rows if row["state"] == name), _behind(own, keep, name, part))
        for name, label, part in NEWS
    ]
    lost = [
        (in_words(row["reason"]), [Counted("Newly lost", row["new"], _behind(own, keep, "lost", "new", row["reason"]))])
        for row in sorted(rows, key=lambda row: -row["new"])
        if row["state"] == "lost" and row["new"]
    ]
    switch = [
        Link(f"{one} days", f"{own.url('checks', {'days': str(one)})}#lately", one == days) for one in PERIODS if one
    ]
    return Lately(days, switch, states, Reasons("Newly lost, and why", "No link was lost in these days.", (), lost))


def _behind(own: Reading, keep: dict[str, str], state: str, part: str, reason: str = "") -> str:
    """The list of what `_lately` counts: all of a state, or what is newly so."""
    more = ({"is_new": "yes"} if part == "new" else {}) | ({"reason": reason} if reason else {})
    return own.url("check_items", keep | {"state": state} | more)


def _days(first: Any, last: Any) -> dict[str, str]:
    return {"checked_at_from": first.isoformat(), "checked_at_to": last.isoformat()}


def trend(own: Reading) -> dict[str, Any]:
    """The chart and its table."""
    first = timezone.localdate() - timedelta(days=DAYS)
    items = counting_items(own.project).filter(checked_at__date__gte=first)
    rows = items.annotate(day=TruncDate("checked_at")).values("day", "state").annotate(n=Count("pk")).order_by("day")
    counts: dict[date, dict[str, int]] = {}
    for row in rows:
        counts.setdefault(row["day"], {})[row["state"]] = row["n"]
    if not counts:
        return {}
    series = [
        charts.Series(label, [counts[day].get(name, 0) for day in counts], colour, "bar")
        for name, label, colour, _ in COUNTED
    ]
    table = [
        Day(day, [_of_day(own, day, name, label, counts[day]) for name, label, *_ in COUNTED])
        for day in reversed(counts)
    ]
    return {
        "chart": charts.time_chart([f"{day:%-d %b}" for day in counts], series),
        "days": table,
        "heads": [label for _, label, *_ in COUNTED],
        "zone": timezone.get_current_timezone_name(),
    }


def _of_day(own: Reading, day: Any, name: str, label: str, counts: dict[str, int]) -> Counted:
    return Counted(label, counts.get(name, 0), own.url("check_items", _days(day, day) | {"state": name}))
