"""How links and referring domains are spread: by country, TLD, language, kind, rel, placement and platform.

Decided: each spread is the largest few values and the rest as one, counted in what its filter shows: domains by country
and TLD, links by everything else. A value that nobody knows is a value of its own and is never hidden in the rest.
Platforms are joined at read, as the column of links is, and are counted by who says them too.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import beside, kept
from .anchorwords import LANGUAGE
from .pins import pin
from .query import LinkQuery
from .scope import scope
from .sql import edges

SHOWN = 6
RELS = "multiIf(nofollow < 0, 'unknown', nofollow = 1, 'nofollow', 'follow')"
# Name -> (what is counted, SQL of the value).
SPREADS = {
    "country": ("domains", "arrayJoin(if(empty(countries), [''], countries))"),
    "tld": ("domains", "tld"),
    "language": ("links", LANGUAGE),
    "kind": ("links", "toString(kind)"),
    "rel": ("links", RELS),
    "placement": ("links", "toString(placement)"),
    "platform": ("links", "platform"),
}
BY = {"platform": "platform_by"}  # the column that says who says it
_FILTERS = {"rel": "nofollow"}
_REL_WORDS = {"follow": "no", "nofollow": "yes", "unknown": "unknown"}


@dataclass(frozen=True, slots=True)
class SpreadPart:
    """One value, "" where nobody knows it; `filters` are those of the report that shows its rows."""

    value: str
    count: int
    filters: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Spread:
    """`report` shows the rows of a part; `rest` are those of `others` more values. A domain may have several.

    `said` tells who says how many of them, where sources differ.
    """

    name: str
    report: str
    parts: tuple[SpreadPart, ...]
    rest: int
    others: int
    said: tuple[SpreadPart, ...] = ()


def distributions(query: LinkQuery, *, shown: int = SHOWN) -> list[Spread]:
    """All spreads of a target, in the order of `SPREADS`."""
    pinned = pin(query)
    return [_spread(name, rows, shown) for name, rows in _counted(pinned).items()]


def _counted(pinned: LinkQuery) -> dict[str, list[dict[str, Any]]]:
    sources = {"links": _links(pinned), "domains": edges(pinned)}
    made = {}
    for name, (counted, value) in SPREADS.items():
        rows, bound = sources[counted]
        if name in BY:
            made[name] = _joined(pinned, name)
            continue
        statement = f"SELECT {value} AS value, '' AS by, count() AS n FROM ({rows}) GROUP BY value"
        made[name] = kept.read(f"{statement} ORDER BY n DESC, value", bound)
    return made


def _links(pinned: LinkQuery) -> beside.Statement:
    where, parameters = scope(pinned)
    return f"SELECT * FROM links WHERE {where}", parameters


def _joined(pinned: LinkQuery, name: str) -> list[dict[str, Any]]:
    """Counts of what stands beside links."""
    links, parameters = _links(pinned)
    rows, bound = beside.joined(pinned, links, (name,))
    statement = f"SELECT {name} AS value, {BY[name]} AS by, count() AS n FROM ({rows}) GROUP BY value, by"
    return kept.read(f"{statement} ORDER BY n DESC, value, by", parameters | bound, epoch=pinned.epoch)


def _spread(name: str, rows: list[dict[str, Any]], shown: int) -> Spread:
    values: Counter[str] = Counter()
    said: Counter[str] = Counter()
    for row in rows:
        values[row["value"]] += row["n"]
        said[row["by"]] += row["n"]
    ordered = sorted(values.items(), key=lambda one: (-one[1], one[0]))
    known = [one for one in ordered if one[0] != ""]
    first = {*known[:shown], *(one for one in ordered if one[0] == "")}
    parts = tuple(SpreadPart(*one, _filters(name, one[0])) for one in ordered if one in first)
    rest = [count for _, count in known[shown:]]
    by = tuple(SpreadPart(one, said[one], {BY[name]: one}) for one in sorted(said) if one) if name in BY else ()
    return Spread(name, SPREADS[name][0], parts, sum(rest), len(rest), by)


def _filters(name: str, value: str) -> dict[str, str] | None:
    """None where no filter tells the value from others: nothing is a choice of no list."""
    column = _FILTERS.get(name, name)
    if name == "rel":
        return {column: _REL_WORDS[value]}
    if name in ("kind", "placement"):
        return {column: value} if value else None
    return {f"{column}_is": value}
