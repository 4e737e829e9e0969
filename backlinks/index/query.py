"""A request for rows, parsed once into a frozen, scoped, whitelisted query.

Decided: the workspace is an argument that cannot be left out; names come from `columns.py`; a name or value that does
not fit is ignored and the default stands, so a shared URL never ends in an error page.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from unicodedata import normalize

from seoapp.lib import expression
from seoapp.lib.expression import NOTHING, Expression, Lists, no_lists
from seoapp.lib.weburl import Target

from .columns import BY_REPORT, Column, column, default_sort
from .networks import as_number
from .terms import NO_TERMS, Terms

GROUPS = ("all", "domain", "similar")
PAGE_SIZES = (50, 100, 250)
MAX_PAGE = 10_000
WHERE = "where"  # the URL parameter of the advanced filter
GRAPH, GRAPH_OFF = "graph", "off"  # the URL parameter that leaves out what only the open graph knows
SUFFIXES = {"exact": "is", "min": "min", "max": "max", "from": "from", "to": "to"}
FLAGS = {"yes": 1, "no": 0, "unknown": -1}
MAX_TEXT = 300
MAX_EXACT = 8192
MAX_NUMBER = 10**12
# A mark of a team: the id of its link or its domain, tags, note, and 1 where it is whitelisted.
MarkRow = tuple[str, tuple[str, ...], str, int]
# Topics that a workspace gave a domain, or one page of it (by key, else ""): domain, page, topics.
ChosenRow = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Filter:
    """op: contains, exact, is (choice, flag), has (list), min, max, from, to. `value` is text, number or date."""

    name: str
    op: str
    value: Any

    @property
    def param(self) -> str:
        return f"{self.name}_{SUFFIXES[self.op]}" if self.op in SUFFIXES else self.name

    @property
    def text(self) -> str:
        if self.op == "is" and isinstance(self.value, int):
            return next(word for word, number in FLAGS.items() if number == self.value)
        return f"{self.value:g}" if isinstance(self.value, float) else str(self.value)


@dataclass(frozen=True, slots=True)
class LinkQuery:
    """What to read: `workspace` sees its own links and the open data, of `target`, as `report`.

    `where` is the advanced filter; what it and each of `filters` says must be true. `shown` are the columns whose
    values are wanted beside those that every row has, `marks` what a team says, where that decides. `terms` are what
    anchors are told apart by, `span` the days in which pages gain and lose. `chosen` are topics that people gave in
    place of the judged ones.
    `with_graph`: whether domains that only the open graph knows count as referring domains. What `pin` finds out:
    `owner` and `generation` of the profile, the `epoch` of `kept.py`, `graph` (batch and node of the target in the open
    graph), and the `scores` that this workspace sees, as (workspace, run, version), its own first, with the `authority`
    of the target's domain.
    """

    workspace: int
    target: Target
    report: str = "links"
    filters: tuple[Filter, ...] = ()
    sort: str = "authority"
    descending: bool = True
    group: str = "all"
    page: int = 1
    per_page: int = 50
    with_graph: bool = True
    where: Expression = NOTHING
    shown: frozenset[str] = frozenset()
    marks: tuple[MarkRow, ...] = ()
    chosen: tuple[ChosenRow, ...] = ()
    terms: Terms = NO_TERMS
    span: tuple[date, date] | None = None
    owner: int = -1
    generation: int = -1
    epoch: tuple[int, int] | None = None
    graph: tuple[int, int] | None = None
    graph_day: date | None = None
    scores: tuple[tuple[int, int, str], ...] = ()
    authority: float = -1.0

    @classmethod
    def parse(
        cls, *, workspace: int, target: Target, report: str, params: Mapping[str, Any], lists: Lists = no_lists
    ) -> "LinkQuery":
        """`lists` gives the values of the stored lists that an advanced filter names."""
        if report not in BY_REPORT:
            raise ValueError(f"{report} is not a report")
        sort, descending = _sort(report, _text(params, "sort"))
        group = _text(params, "group")
        per_page = _number(_text(params, "per_page"))
        return cls(
            workspace=workspace,
            target=target,
            report=report,
            filters=_filters(report, params),
            sort=sort,
            descending=descending,
            group=group if report == "links" and group in GROUPS else "all",
            page=min(max(_number(_text(params, "page")) or 1, 1), MAX_PAGE),
            per_page=per_page if per_page in PAGE_SIZES else PAGE_SIZES[0],
            with_graph=_text(params, GRAPH) != GRAPH_OFF,
            where=_where(report, params, lists),
        )

    def params(self) -> dict[str, str]:
        """The URL parameters that give this query again; defaults are left out."""
        made = {one.param: one.text for one in self.filters}
        if self.where.text:
            made[WHERE] = self.where.text
        if (self.sort, self.descending) != (default_sort(self.report), True):
            made["sort"] = ("-" if self.descending else "") + self.sort
        if self.group != "all":
            made["group"] = self.group
        if not self.with_graph:
            made[GRAPH] = GRAPH_OFF
        if self.page > 1:
            made["page"] = str(self.page)
        if self.per_page != PAGE_SIZES[0]:
            made["per_page"] = str(self.per_page)
        return made

    def without(self, dropped: Filter) -> "LinkQuery":
        return replace(self, filters=tuple(one for one in self.filters if one != dropped), page=1)

    def with_where(self, where: Expression) -> "LinkQuery":
        return replace(self, where=where, page=1)

    def with_sort(self, name: str) -> "LinkQuery":
        """Sorted by this column; a second time turns the direction."""
        return replace(self, sort=name, descending=not self.descending if name == self.sort else True, page=1)

    def with_page(self, page: int) -> "LinkQuery":
        return replace(self, page=page)

    def as_report(self, report: str) -> "LinkQuery":
        """The same target and snapshot, read as another report without filters."""
        return replace(
            self,
            report=report,
            filters=(),
            where=NOTHING,
            sort=default_sort(report),
            descending=True,
            group="all",
            page=1,
            shown=frozenset(),
        )

    @property
    def deciding(self) -> frozenset[str]:
        """Columns that decide which rows are given, and in which order."""
        return self.names | {self.sort}

    def showing(self, names: Iterable[str]) -> "LinkQuery":
        return replace(self, shown=frozenset(names))

    @property
    def names(self) -> frozenset[str]:
        """Columns that a row must fit."""
        return self.where.names | {one.name for one in self.filters}


def _text(params: Mapping[str, Any], name: str) -> str:
    value = params.get(name, "")
    return value[:MAX_TEXT] if isinstance(value, str) and _clean(value) else ""


def _clean(value: str) -> bool:
    return not re.search("[\x00\ud800-\udfff]", value)


def _where(report: str, params: Mapping[str, Any], lists: Lists) -> Expression:
    text = params.get(WHERE, "")
    if not isinstance(text, str):
        return NOTHING
    return expression.parse(text, BY_REPORT[report], today=datetime.now(UTC).date(), lists=lists)


def _number(text: str) -> int | None:
    cleaned = text.strip()
    if not re.fullmatch(r"-?[0-9]{1,12}", cleaned):
        return None
    return max(-MAX_NUMBER, min(int(cleaned), MAX_NUMBER))


def _decimal(text: str) -> float | None:
    found = re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", text.strip())
    return float(found.group()) if found else None


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if 1970 < found.year < 2106 else None


def _sort(report: str, text: str) -> tuple[str, bool]:
    found = column(report, text.removeprefix("-"))
    if found is None or not found.sortable:
        return default_sort(report), True
    return found.name, text.startswith("-")


def _filters(report: str, params: Mapping[str, Any]) -> tuple[Filter, ...]:
    return tuple(made for one in BY_REPORT[report] for made in _column_filters(one, params))


def _column_filters(one: Column, params: Mapping[str, Any]) -> list[Filter]:
    if one.filter in {"number", "date"}:
        return _range(one, params)
    value = normalize("NFC", _text(params, one.name)).strip()
    value = as_number(value) if one.name == "asn" else value
    made = _exact(one, params)
    if one.filter == "flag" and value in FLAGS:
        made.append(Filter(one.name, "is", FLAGS[value]))
    elif (one.filter == "choice" and value in one.choices) or (one.filter == "text" and value):
        op = "has" if one.kind == "list" else "is" if one.filter == "choice" else "contains"
        made.append(Filter(one.name, op, value))
    return made


def _range(one: Column, params: Mapping[str, Any]) -> list[Filter]:
    if one.filter == "date":
        read, ends = _date, ("from", "to")
    else:
        read, ends = _decimal if one.kind in ("metric", "score") else _number, ("min", "max")
    values = [(end, read(_text(params, f"{one.name}_{end}"))) for end in ends]
    return [Filter(one.name, end, value) for end, value in values if value is not None]


def _exact(one: Column, params: Mapping[str, Any]) -> list[Filter]:
    """`NAME_is=VALUE`: this value and no other; the empty text is a value too."""
    raw = params.get(f"{one.name}_is")
    if not one.is_exactly or not isinstance(raw, str) or len(raw) > MAX_EXACT or not _clean(raw):
        return []
    return [Filter(one.name, "exact", raw)]
