"""Lists out of the database: a request parsed once into a frozen query, and the rows it asks for.

The link index has `LinkQuery`; this is its small sister for models. Names come from the list's own fields, so a
parameter that nobody listed never reaches the database; a value that does not fit is ignored.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Model, Q, QuerySet

PAGE_SIZES = (50, 100, 250)
MAX_PAGE = 10_000
MAX_TEXT = 300
FLAGS = {"yes": True, "no": False}
LOOKUPS = {
    "contains": "icontains", "is": "exact", "min": "gte", "max": "lte", "from": "date__gte", "to": "date__lte",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a list out of the database. `path`: its lookup (default: its name); see `tables.Column`.

    `known`, for lists out of the index: SQL of "the row has a value", where that is not a number from 0 on.
    """

    name: str
    label: str
    kind: str = "text"
    filter: str = ""
    choices: tuple[str, ...] = ()
    default: bool = True
    sortable: bool = True
    help: str = ""
    path: str = ""
    known: str = ""

    @property
    def lookup(self) -> str:
        return self.path or self.name


@dataclass(frozen=True, slots=True)
class ListFilter:
    name: str
    op: str
    value: Any
    text: str

    @property
    def param(self) -> str:
        return f"{self.name}_{self.op}" if self.op in {"min", "max", "from", "to"} else self.name


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one page; `more` says whether a next page exists."""

    rows: list[Any]
    more: bool


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What to show of a list; `first_sort` is its order when nobody asks for another ("-name" is descending), `sizes`
    how many rows a page may have, the usual number first."""

    fields: tuple[Field, ...]
    first_sort: str
    filters: tuple[ListFilter, ...] = ()
    sort: str = ""
    descending: bool = True
    page: int = 1
    per_page: int = PAGE_SIZES[0]
    sizes: tuple[int, ...] = PAGE_SIZES

    @classmethod
    def parse(
        cls, fields: tuple[Field, ...], params: Mapping[str, Any], *, sort: str, sizes: tuple[int, ...] = PAGE_SIZES
    ) -> "ListQuery":
        asked = _text(params, "sort") or sort
        sortable = {one.name for one in fields if one.sortable}
        if asked.removeprefix("-") not in sortable:
            asked = sort
        per_page = _number(_text(params, "per_page"))
        return cls(
            fields=fields,
            first_sort=sort,
            filters=tuple(made for one in fields for made in _filters(one, params)),
            sort=asked.removeprefix("-"),
            descending=asked.startswith("-"),
            page=min(max(_number(_text(params, "page")) or 1, 1), MAX_PAGE),
            per_page=per_page if per_page in sizes else sizes[0],
            sizes=sizes,
        )

    def params(self) -> dict[str, str]:
        made = {one.param: one.text for one in self.filters}
        sort = ("-" if self.descending else "") + self.sort
        if sort != self.first_sort:
            made["sort"] = sort
        if self.page > 1:
            made["page"] = str(self.page)
        if self.per_page != self.sizes[0]:
            made["per_page"] = str(self.per_page)
        return made

    def without(self, dropped: ListFilter) -> "ListQuery":
        return replace(self, filters=tuple(one for one in self.filters if one != dropped), page=1)

    def with_sort(self, name: str) -> "ListQuery":
        return replace(self, sort=name, descending=not self.descending if name == self.sort else True, page=1)

    def with_page(self, page: int) -> "ListQuery":
        return replace(self, page=page)

    def select(self, rows: QuerySet[Model]) -> QuerySet[Model]:
        """The rows that fit, in their order."""
        paths = {one.name: one.lookup for one in self.fields}
        conditions = Q()
        for one in self.filters:
            conditions &= Q(**{f"{paths[one.name]}__{LOOKUPS[one.op]}": one.value})
        sign = "-" if self.descending else ""
        return rows.filter(conditions).order_by(f"{sign}{paths[self.sort]}", f"{sign}pk")

    def fetch(self, rows: QuerySet[Model]) -> Rows:
        """One page of `rows`: one more is fetched than shown, nothing is counted."""
        start = (self.page - 1) * self.per_page
        found = list(self.select(rows)[start : start + self.per_page + 1])
        return Rows(found[: self.per_page], len(found) > self.per_page)

    def stream(self, rows: QuerySet[Model]) -> Iterator[Model]:
        return self.select(rows).iterator(chunk_size=2000)


def _text(params: Mapping[str, Any], name: str) -> str:
    value = params.get(name, "")
    fits = isinstance(value, str) and "\0" not in value and not re.search("[\ud800-\udfff]", value)
    return value[:MAX_TEXT].strip() if fits else ""


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?[0-9]{1,12}", text) else None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _filters(one: Field, params: Mapping[str, Any]) -> Iterator[ListFilter]:
    if one.filter in {"number", "date"}:
        read, ends = (_number, ("min", "max")) if one.filter == "number" else (_date, ("from", "to"))
        for end in ends:
            value = read(_text(params, f"{one.name}_{end}"))
            if value is not None:
                yield ListFilter(one.name, end, value, str(value))
        return
    text = _text(params, one.name)
    if one.filter == "flag" and text in FLAGS:
        yield ListFilter(one.name, "is", FLAGS[text], text)
    if one.filter == "choice" and text in one.choices:
        yield ListFilter(one.name, "is", text, text)
    if one.filter == "text" and text:
        yield ListFilter(one.name, "contains", text, text)
