"""Several profiles side by side: each figure as the profile's own page says it, all targets in a few reads."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from . import kept, sides, sql
from .distribution import Band, bands_of, bands_statement
from .joined import joins_graph
from .pagescores import part_score
from .pins import pin_scored
from .query import LinkQuery
from .reports import Headline

NAMES_A_SIDE = 12  # of each distribution; what is rarer on a side is not named for it
TOP_ANCHORS = 5
Share = dict[str, int]
# (name of a distribution, name of a row) of each referring domain.
_OF_DOMAINS = """arrayConcat([('tlds', toString(tld))],
    arrayMap(place -> ('countries', toString(place)), if(empty(countries), [''], countries))) AS names"""
# What came and went, by month; a domain that nobody but the graph knows has no dates.
_MONTHS = """SELECT side, step.1 AS month, sum(step.2) AS new_domains, sum(step.3) AS lost_domains,
    sum(step.2 AND step.4) AS gained, sum(step.3 AND step.4) AS gone
FROM (SELECT side, arrayJoin(arrayConcat(
        [(toStartOfMonth(first_seen), 1, 0, first_seen >= toDateTime({since:Date}, 'UTC'))],
        if(state = 'lost', [(toStartOfMonth(lost_at), 0, 1, lost_at >= toDateTime({since:Date}, 'UTC'))], []))) AS step
    FROM (<edges>) WHERE first_seen > toDateTime(0, 'UTC'))
GROUP BY side, month ORDER BY side, month"""


@dataclass(frozen=True, slots=True)
class Anchor:
    text: str
    known: bool
    domains: int
    links: int


@dataclass(frozen=True, slots=True)
class Side:
    """One profile. `months` are (month, domains known at its end); `gained` and `gone` count domains since a day.

    `score` is the row of the domain in the shown computation, None without one and for a part of a domain.
    """

    query: LinkQuery
    head: Headline
    score: dict[str, Any] | None
    bands: list[Band]
    shares: dict[str, Share]
    anchors: list[Anchor]
    months: dict[date, int] = field(default_factory=dict)
    gained: int = 0
    gone: int = 0


def compare(queries: Sequence[LinkQuery], since: date) -> list[Side]:
    """The profiles of several targets of one workspace, in their order."""
    pinned, scores = pin_scored(queries)
    if not pinned:
        return []
    heads, anchors, months = headlines(pinned), _anchors(pinned), _months(pinned, since)
    bands = [bands_of(rows) for rows in sides.read_each(pinned, bands_statement)]
    domains, links = _names_of_domains(pinned), _names_of_links(pinned)
    return [
        Side(
            one,
            heads[number],
            scores.get(one.target.domain) if one.target.scope == "root" else None,
            bands[number],
            domains[number] | links[number],
            anchors[number],
            *_course(months[number]),
        )
        for number, one in enumerate(pinned)
    ]


# --- Headlines ----------------------------------------------------------------------------------------------------
def headlines(pinned: Sequence[LinkQuery]) -> list[Headline]:
    """The headline of each pinned query, as `headline` says it."""
    whole = [one for one in pinned if one.target.scope == "root" and one.generation]
    settled = _by_query(whole, sql.profile)
    counted = [one for one in pinned if id(one) not in settled and (one.generation or joins_graph(one))]
    heads = settled | _counted(counted)
    graphed = [one for one in pinned if joins_graph(one)]
    only = {
        id(one): rows[0]["n"] for one, rows in zip(graphed, sides.read_each(graphed, sql.only_in_graph), strict=True)
    }
    return [
        _headline(one, heads.get(id(one), {}), only.get(id(one), 0), is_settled=id(one) in settled) for one in pinned
    ]


def _by_query(queries: Sequence[LinkQuery], make: Callable[[LinkQuery], sides.Statement]) -> dict[int, dict[str, Any]]:
    found = zip(queries, sides.read_each(queries, make), strict=True)
    return {id(one): rows[0] for one, rows in found if rows}


def _counted(queries: Sequence[LinkQuery]) -> dict[int, dict[str, Any]]:
    """Headlines counted from links and edges: of parts of domains, and of domains that only the graph knows."""
    links = _by_query(queries, sql.headline)
    found = {}
    for group in _same_columns(queries):
        for key, around in _by_query(group, sql.around).items():
            counts = links[key]
            first = [day for day in (_day(counts["first_seen"]), _day(around["first_seen"])) if day]
            last = [day for day in (_day(counts["last_seen"]), _day(around["last_seen"])) if day]
            dates = {"first_seen": min(first, default=None), "last_seen": max(last, default=None)}
            found[key] = counts | around | dates
    return found


def _same_columns(queries: Sequence[LinkQuery]) -> Iterable[list[LinkQuery]]:
    """Whole domains and parts of domains are counted by statements of their own."""
    yield [one for one in queries if one.target.scope == "root"]
    yield [one for one in queries if one.target.scope != "root"]


def _headline(query: LinkQuery, counts: dict[str, Any], only_graph: int, *, is_settled: bool) -> Headline:
    told = counts | {name: _day(counts.get(name)) for name in ("first_seen", "last_seen")}
    if is_settled:
        told["referring_domains"] += only_graph
    return Headline(**told | {"authority": part_score(query), "graph_domains": only_graph})


def _day(value: datetime | date | None) -> date | None:
    day = value.date() if isinstance(value, datetime) else value
    return day if day is not None and day.year > 1970 else None


# --- Distributions, anchors, growth -------------------------------------------------------------------------------
def _names_of_domains(pinned: Sequence[LinkQuery]) -> list[dict[str, Share]]:
    """Referring domains by country and by TLD, the most frequent names of each side."""
    rows, bound = sides.of_edges(pinned, _OF_DOMAINS)
    found = kept.read(
        f"""SELECT side, name.1 AS of, name.2 AS name, count() AS n FROM (SELECT side, arrayJoin(names) AS name
        FROM ({rows})) GROUP BY side, of, name ORDER BY n DESC, name LIMIT {NAMES_A_SIDE} BY side, of""",
        bound,
    )
    made: list[dict[str, Share]] = [{"countries": {}, "tlds": {}} for _ in pinned]
    for row in found:
        made[row["side"]][row["of"]][row["name"]] = row["n"]
    return made


def _names_of_links(pinned: Sequence[LinkQuery]) -> list[dict[str, Share]]:
    """Links by language and by placement."""
    rows, bound = sides.of_links(pinned, "language, placement")
    found = kept.read(
        f"SELECT side, language, placement, count() AS n FROM ({rows}) GROUP BY side, language, placement", bound
    )
    return [
        {"languages": _most(rows, "language"), "placements": _most(rows, "placement")}
        for rows in sides.by_side(found, len(pinned))
    ]


def _most(rows: Iterable[dict[str, Any]], name: str) -> Share:
    counted: Counter[str] = Counter()
    for row in rows:
        counted[row[name]] += row["n"]
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:NAMES_A_SIDE])


def _anchors(pinned: Sequence[LinkQuery]) -> list[list[Anchor]]:
    """The anchors of most domains."""
    asked = [one.as_report("anchors") for one in pinned]
    texts = sides.joined((sql.rows(one, limit=TOP_ANCHORS) for one in asked), "anchor, anchor_known, domains, links")
    found = [
        [Anchor(row["anchor"], bool(row["anchor_known"]), row["domains"], row["links"]) for row in rows]
        for rows in sides.by_side(kept.read(*texts), len(pinned))
    ]
    return [sorted(one, key=lambda anchor: (-anchor.domains, anchor.text, anchor.known)) for one in found]


def _months(pinned: Sequence[LinkQuery], since: date) -> list[list[dict[str, Any]]]:
    known = [replace(one, with_graph=False) for one in pinned]
    edges, bound = sides.of_edges(known, "first_seen, state, lost_at")
    return sides.by_side(kept.read(_MONTHS.replace("<edges>", edges), bound | {"since": since}), len(pinned))


def _course(rows: Iterable[dict[str, Any]]) -> tuple[dict[date, int], int, int]:
    """Domains known at the end of each month in which one came or went; those gained and gone since the day."""
    known = gained = gone = 0
    made = {}
    for row in rows:
        known += row["new_domains"] - row["lost_domains"]
        made[row["month"]] = known
        gained, gone = gained + row["gained"], gone + row["gone"]
    return made, gained, gone
