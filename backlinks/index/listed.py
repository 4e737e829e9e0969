"""A `ListQuery` over a statement of the index: its rows, a page of them, all of them, and how many there are.

Decided: the names that a request may filter and sort by are those of the list's fields, which are columns of the
statement; values are bound, and what is unknown is in no range (`asking.py`). Whatever is equal is told apart by the
tie-breaker, so that no page repeats a row.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from seoapp.lib.listquery import Field, ListFilter, ListQuery

from . import asking, engine, kept
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
        return asking.asked_for(*self.statement, replace(query, fields=self.fields), tie=self.tie)

    def _filtered(self, filters: tuple[ListFilter, ...]) -> Statement:
        return asking.filtered(*self.statement, filters, self.fields)
