"""Links and domains over time, by the dates that sources give: when each was first seen, and since when it is lost.

Decided: the dates answer for every target and from the first import on, years back; they say what is known *today* of
those days, and change when an older file comes in (`profiledays.py` keeps what was known then). A gain counts on the
day of `first_seen`, a loss on that of `lost_at`, as the lists of links and domains filter them, so that every bar leads
to exactly its rows. What is there at the end of a day was first seen until then, and not lost until then; a loss that
nobody dates leaves on the day of the last sight. Without any date a link stands in no bar. Days are UTC; weeks begin on
Monday. Domains that only the open graph knows have no dates. Refused: interpolation between two imports.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from . import engine, kept, profiledays, sql
from .pins import pin
from .query import LinkQuery
from .reports import headline

STEPS = {"day": "{}", "week": "toMonday({})", "month": "toStartOfMonth({})"}
NEVER = "toDateTime(0, 'UTC')"
# Steps that are none: before the first day, after the last or never, and without a date.
BEFORE, OUTSIDE, UNDATED = "toDate(0)", "toDate(65535)", "toDate(65534)"
BEFORE_DAY, UNDATED_DAY = date(1970, 1, 1), date(2149, 6, 5)
_IS_LOST = "state = 'lost'"
_GONE_AT = f"greatest(if(lost_at > {NEVER}, lost_at, last_seen), first_seen)"
# A domain through its links, with no more of it than time needs; as `sql.EDGES_OF_LINKS` says it.
_DOMAINS_OF_LINKS = """SELECT minIf(first_seen, first_seen > toDateTime(0, 'UTC')) AS first_seen,
    max(last_seen) AS last_seen, if(countIf(state = 'lost') = count(), 'lost', 'there') AS state,
    if(countIf(state = 'lost') = count(), max(if(lost_at > toDateTime(0, 'UTC'), lost_at, last_seen)),
        toDateTime(0, 'UTC')) AS lost_at, toInt8(-1) AS nofollow
FROM links WHERE {where} GROUP BY cityHash64(source_domain)"""


@dataclass(frozen=True, slots=True)
class Span:
    """From the first day to the last, both included, in steps of a day, a week or a month."""

    first: date
    last: date
    step: str = "day"

    def parts(self) -> Iterator[tuple[date, date]]:
        """First and last day of each step; the outer ones end where the span does."""
        start = self.first
        while start <= self.last:
            after = self._next(start)
            yield start, min(after - timedelta(days=1), self.last)
            start = after

    def _next(self, day: date) -> date:
        if self.step == "month":
            return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        return day + timedelta(days=7 - day.weekday() if self.step == "week" else 1)

    def key(self, day: date) -> date:
        """The day under which the index counts the step that begins on `day`."""
        if self.step == "month":
            return day.replace(day=1)
        return day - timedelta(days=day.weekday()) if self.step == "week" else day


@dataclass(frozen=True, slots=True)
class DatedPoint:
    """One step. `domains`, `links` and `follow` are there at its end; `seen` are all links first seen until then."""

    first: date
    last: date
    domains: int
    links: int
    follow: int
    seen: int
    new_domains: int
    lost_domains: int
    new_links: int
    lost_links: int


@dataclass(frozen=True, slots=True)
class Dated:
    """The steps of a span, and the ends of what is dated at all (None without a date)."""

    points: list[DatedPoint]
    undated_links: int = 0
    undated_lost: int = 0


def by_dates(query: LinkQuery, span: Span) -> Dated:
    """The target's links and domains in each step of the span."""
    pinned = pin(query)
    links = _steps(pinned, span, "links")
    domains = _steps(pinned, span, "domains")
    undated = links.get(UNDATED_DAY, NOTHING)
    return Dated(list(_points(span, links, domains)), undated["new"], undated["lost"])


Counts = Mapping[str, int]
NOTHING: Counts = dict.fromkeys(("new", "follow", "lost", "gone", "gone_follow"), 0)


def _points(span: Span, links: Mapping[date, Counts], domains: Mapping[date, Counts]) -> Iterator[DatedPoint]:
    of_links, of_domains = links.get(BEFORE_DAY, NOTHING), domains.get(BEFORE_DAY, NOTHING)
    there, seen = of_links["new"] - of_links["gone"], of_links["new"]
    follow, known = of_links["follow"] - of_links["gone_follow"], of_domains["new"] - of_domains["gone"]
    for first, last in span.parts():
        of_links, of_domains = links.get(span.key(first), NOTHING), domains.get(span.key(first), NOTHING)
        there += of_links["new"] - of_links["gone"]
        seen += of_links["new"]
        follow += of_links["follow"] - of_links["gone_follow"]
        known += of_domains["new"] - of_domains["gone"]
        yield DatedPoint(
            first, last, known, there, follow, seen, of_domains["new"], of_domains["lost"], of_links["new"],
            of_links["lost"],
        )  # fmt: skip


def _steps(pinned: LinkQuery, span: Span, what: str) -> dict[date, Counts]:
    """Begin of a step -> what was gained and lost in it; everything before the span under BEFORE_DAY."""
    rows = kept.read(*events(pinned, span, what))
    return {row["step"]: row for row in rows}


def events(query: LinkQuery, span: Span, what: str) -> sql.Statement:
    """Gains and losses by step, in one pass: rows that share all their steps are one before they are told apart."""
    rows, parameters = dated_rows(query, what)
    lost, gone = (f"if({_IS_LOST}, {day}, {NEVER})" for day in ("lost_at", _GONE_AT))
    return (
        f"""SELECT event.1 AS step, sumIf(n, event.2 = 'new') AS new, sumIf(n_follow, event.2 = 'new') AS follow,
    sumIf(n, event.2 = 'lost') AS lost, sumIf(n, event.2 = 'gone') AS gone,
    sumIf(n_follow, event.2 = 'gone') AS gone_follow
FROM (
    SELECT arrayJoin([(came, 'new'), (was_lost, 'lost'), (went, 'gone')]) AS event, n, n_follow FROM (
        SELECT {_step("first_seen", span)} AS came, if({_IS_LOST}, {_step(lost, span)}, {OUTSIDE}) AS was_lost,
            if({_IS_LOST} AND first_seen > {NEVER}, {_step(gone, span)}, {OUTSIDE}) AS went,
            count() AS n, countIf(nofollow = 0) AS n_follow
        FROM ({rows}) GROUP BY came, was_lost, went)
) WHERE step != {OUTSIDE} GROUP BY step""",
        parameters | {"first": span.first, "last": span.last},
    )


def _step(moment: str, span: Span) -> str:
    day = f"toDate({moment})"
    return f"""multiIf({moment} = {NEVER}, {UNDATED}, {day} > {{last:Date}}, {OUTSIDE},
            {day} < {{first:Date}}, {BEFORE}, {STEPS[span.step].format(day)})"""


def dated_rows(query: LinkQuery, what: str) -> sql.Statement:
    """Rows of first_seen, last_seen, lost_at, state and nofollow: one a link, or one a referring domain."""
    where, parameters = sql.scope(query)
    if what == "links":
        return f"SELECT first_seen, last_seen, lost_at, state, nofollow FROM links WHERE {where}", parameters
    if query.target.scope == "root":
        columns = "first_seen, last_seen, lost_at, state, toInt8(-1) AS nofollow"
        return f"SELECT {columns} FROM edges WHERE {where}", parameters
    return _DOMAINS_OF_LINKS.format(where=where), parameters


def first_day(query: LinkQuery) -> date | None:
    """The earliest day that any link or domain of the target is dated with."""
    rows, parameters = dated_rows(pin(query), "links" if query.target.scope != "root" else "domains")
    found = kept.read(f"SELECT minIf(first_seen, first_seen > {NEVER}) AS day FROM ({rows})", parameters)
    day = found[0]["day"]
    return day.date() if day is not None and day.year > 1970 else None


# --- What was lost, and why -------------------------------------------------------------------------------------------
def lost_by_reason(query: LinkQuery, span: Span) -> dict[str, int]:
    """Reason -> links lost in the span, the commonest first."""
    where, parameters = sql.scope(pin(query))
    rows = kept.read(
        f"""SELECT lost_reason, count() AS n FROM links WHERE {where} AND {_IS_LOST} AND lost_at > {NEVER}
        AND toDate(lost_at) BETWEEN {{first:Date}} AND {{last:Date}}
        GROUP BY lost_reason ORDER BY n DESC, lost_reason""",
        parameters | {"first": span.first, "last": span.last},
    )
    return {row["lost_reason"]: row["n"] for row in rows}


# --- Folders and pages as they were known -----------------------------------------------------------------------------
_LAST_PARTS = f"""SELECT scope, key, max(generation) AS newest FROM {profiledays.TABLE}
WHERE workspace = {{workspace:UInt32}} AND scope IN ('prefix', 'exact') GROUP BY scope, key"""


def note_parts(queries: Iterable[LinkQuery]) -> int:
    """Today's rows of these folders and pages, where something was settled since the last; returns how many."""
    last: dict[int, dict[tuple[str, str], int]] = {}
    made: list[tuple[Any, ...]] = []
    today = datetime.now(UTC).date()
    for query in queries:
        pinned = pin(query)
        if query.workspace not in last:
            last[query.workspace] = _last_parts(query.workspace)
        known = last[query.workspace]
        name = (query.target.scope, profiledays.key_of(query))
        if pinned.generation and known.get(name) != pinned.generation:
            known[name] = pinned.generation
            made.append((query.target.domain, query.workspace, *name, today, pinned.generation, *_counts(pinned)))
    if made:
        engine.insert(
            profiledays.TABLE, dict(zip(profiledays.COLUMNS, map(list, zip(*made, strict=True)), strict=True))
        )
    return len(made)


def _last_parts(workspace: int) -> dict[tuple[str, str], int]:
    rows = engine.read(_LAST_PARTS, {"workspace": workspace})
    return {(row["scope"], row["key"]): row["newest"] for row in rows}


def _counts(pinned: LinkQuery) -> list[int]:
    head = headline(pinned)
    return [getattr(head, "referring_domains" if name == "domains" else name) for name in profiledays.COUNTS]
