"""How links and referring domains are spread: by country, TLD, language, kind, rel, placement and platform.

Decided: each spread is the largest few values and the rest as one, counted in what its filter shows: domains by country
and TLD, links by everything else. A value that nobody knows is a value of its own and is never hidden in the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import kept
from .anchorwords import LANGUAGE
from .query import LinkQuery
from .reports import pin
from .scope import scope
from .sql import edges

SHOWN = 6
RELS = "multiIf(nofollow < 0, 'unknown', nofollow = 1, 'nofollow', 'follow')"
_PLATFORM = "labels['ahrefs_platform']"
# Name -> (what is counted, SQL of the value).
SPREADS = {
    "country": ("domains", "arrayJoin(if(empty(countries), [''], countries))"),
    "tld": ("domains", "tld"),
    "language": ("links", LANGUAGE),
    "kind": ("links", "toString(kind)"),
    "rel": ("links", RELS),
    "placement": ("links", "toString(placement)"),
    "platform": ("links", _PLATFORM),
}
_FILTERS = {"rel": "nofollow", "platform": "ahrefs_platform"}
_REL_WORDS = {"follow": "no", "nofollow": "yes", "unknown": "unknown"}


@dataclass(frozen=True, slots=True)
class SpreadPart:
    """One value, "" where nobody knows it; `filters` are those of the report that shows its rows."""

    value: str
    count: int
    filters: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Spread:
    """`report` shows the rows of a part; `rest` are those of `others` more values. A domain may have several."""

    name: str
    report: str
    parts: tuple[SpreadPart, ...]
    rest: int
    others: int


def distributions(query: LinkQuery, *, shown: int = SHOWN) -> list[Spread]:
    """All spreads of a target, in the order of `SPREADS`."""
    pinned = pin(query)
    return [_spread(name, rows, shown) for name, rows in _counted(pinned).items()]


def _counted(pinned: LinkQuery) -> dict[str, list[dict[str, Any]]]:
    where, parameters = scope(pinned)
    around, bound = edges(pinned)
    sources = {"links": f"SELECT * FROM links WHERE {where}", "domains": around}
    made = {}
    for name, (counted, value) in SPREADS.items():
        statement = f"SELECT {value} AS value, count() AS n FROM ({sources[counted]}) GROUP BY value"
        made[name] = kept.read(f"{statement} ORDER BY n DESC, value", bound if counted == "domains" else parameters)
    return made


def _spread(name: str, rows: list[dict[str, Any]], shown: int) -> Spread:
    known = [row for row in rows if row["value"] != ""]
    unknown = [row for row in rows if row["value"] == ""]
    first = sorted([*known[:shown], *unknown], key=lambda row: (-row["n"], row["value"]))
    rest = known[shown:]
    parts = tuple(SpreadPart(row["value"], row["n"], _filters(name, row["value"])) for row in first)
    return Spread(name, SPREADS[name][0], parts, sum(row["n"] for row in rest), len(rest))


def _filters(name: str, value: str) -> dict[str, str] | None:
    """None where no filter tells the value from others: nothing is a choice of no list."""
    column = _FILTERS.get(name, name)
    if name == "rel":
        return {column: _REL_WORDS[value]}
    if name in ("kind", "placement"):
        return {column: value} if value else None
    return {f"{column}_is": value}
