"""A `ListQuery` over a statement of the index: its rows, a page of them, all of them, and how many there are.

Decided: the names that a request may filter and sort by are those of the list's fields, which are columns of the
statement; values are bound. Whatever is equal is told apart by the tie-breaker, so that no page repeats a row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from seoapp.lib.listquery import Field, ListFilter, ListQuery

from . import engine, kept
from .reports import RowPage

Statement = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Listed:
    """`statement` gives the rows; `fields` are its columns that a request may name; `tie` orders what is equal.

    `epoch` is that of the pinned query behind it (`kept.py`).
    """

    statement: Statement
    fields: tuple[Field, ...]
    tie: str
    epoch: kept.Epoch | None = None

    def page(self, query: ListQuery) -> RowPage:
        """One page; one row more is fetched than shown."""
        sql, parameters = self._ordered(query)
        window = {"limit": query.per_page + 1, "offset": (query.page - 1) * query.per_page}
        rows = kept.read(
            f"{sql} LIMIT {{limit:UInt64}} OFFSET {{offset:UInt64}}", parameters | window, epoch=self.epoch
        )
        return RowPage(rows[: query.per_page], len(rows) > query.per_page)

    def stream(self, query: ListQuery) -> Iterator[dict[str, Any]]:
        """Every row, for exports."""
        return engine.stream(*self._ordered(query))

    def count(self, query: ListQuery | None = None) -> int:
        """How many rows there are (under the filters of a query)."""
        sql, parameters = self._filtered(query.filters if query else ())
        return kept.read(f"SELECT count() AS n FROM ({sql})", parameters, epoch=self.epoch)[0]["n"]

    def _ordered(self, query: ListQuery) -> Statement:
        names = {one.name: one for one in self.fields}
        sql, parameters = self._filtered(query.filters)
        direction = "DESC" if query.descending else "ASC"
        return f"{sql} ORDER BY {names[query.sort].name} {direction}, {self.tie}", parameters

    def _filtered(self, filters: tuple[ListFilter, ...]) -> Statement:
        names = {one.name: one for one in self.fields}
        sql, parameters = self.statement
        conditions, bound = ["1"], dict(parameters)
        for number, one in enumerate(filters):
            conditions.append(condition(names[one.name], one, f"f{number}"))
            bound[f"f{number}"] = int(one.value) if isinstance(one.value, bool) else one.value
        return f"SELECT * FROM ({sql}) WHERE {' AND '.join(conditions)}", bound


def condition(field: Field, one: ListFilter, name: str) -> str:
    """A filter as SQL; a field that nobody listed has raised before."""
    if one.op == "contains":
        return f"positionCaseInsensitiveUTF8({field.name}, {{{name}:String}}) > 0"
    if one.op == "is":
        return f"{field.name} = {{{name}:{'UInt8' if isinstance(one.value, bool) else 'String'}}}"
    sign = ">=" if one.op in ("min", "from") else "<="
    if one.op in ("from", "to"):
        return f"toDate({field.name}) {sign} {{{name}:Date}}"
    return f"{field.name} {sign} {{{name}:Int64}}"
