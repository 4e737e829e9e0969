"""Rows that are held in memory, under a `ListQuery`: filters, order and page, for lists of some thousand rows.

Decided: what is not known (None, or below 0) stands last in any order and is in no range, as in lists of the index.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from .listquery import Field, ListFilter, ListQuery, Rows

Row = Mapping[str, Any]


def selected(rows: Sequence[Row], query: ListQuery) -> list[Row]:
    """The rows that fit, in their order."""
    fields = {one.name: one for one in query.fields}
    fit = [row for row in rows if all(_fits(fields[one.name], one, row) for one in query.filters)]
    known = [row for row in fit if _known(row[query.sort])]
    rest = [row for row in fit if not _known(row[query.sort])]
    return sorted(known, key=lambda row: _order(row[query.sort]), reverse=query.descending) + rest


def page_of(rows: Sequence[Row], query: ListQuery) -> Rows:
    start = (query.page - 1) * query.per_page
    found = selected(rows, query)
    return Rows(found[start : start + query.per_page], len(found) > start + query.per_page)


def _known(value: Any) -> bool:
    return value is not None and not (isinstance(value, int | float) and value < 0)


def _order(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _fits(field: Field, one: ListFilter, row: Row) -> bool:
    value = row[field.name]
    if one.op == "contains":
        return one.value.casefold() in str(value or "").casefold()
    if one.op == "is":
        return one.value in value if isinstance(value, list) else value == one.value
    if not _known(value):
        return False
    bound: int | date = one.value
    return value >= bound if one.op in ("min", "from") else value <= bound
