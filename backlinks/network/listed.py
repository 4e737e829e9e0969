"""Rows that are held in memory, through the one list path: filters, order and pages of a `ListQuery`.

Decided: the same fields as of any list; what is not known comes last, whichever way a column is sorted, and lies in no
range. For the few hundred rows of a picture; anything larger belongs into the index or the database.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from seoapp.lib.listquery import ListFilter, ListQuery, Rows

Row = dict[str, Any]


def select(rows: Iterable[Row], query: ListQuery) -> list[Row]:
    """The rows that fit, in their order."""
    found = [row for row in rows if all(_fits(row[one.name], one) for one in query.filters)]
    known = [row for row in found if row[query.sort] not in (None, "")]
    unknown = [row for row in found if row[query.sort] in (None, "")]
    known.sort(key=lambda row: _order(row[query.sort]), reverse=query.descending)
    return known + unknown


def page(rows: Sequence[Row], query: ListQuery) -> Rows:
    """One page of the rows that fit."""
    found = select(rows, query)
    start = (query.page - 1) * query.per_page
    return Rows(found[start : start + query.per_page], len(found) > start + query.per_page)


def _order(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _fits(value: Any, one: ListFilter) -> bool:
    if one.op == "contains":
        return one.value.casefold() in _text(value).casefold()
    if one.op == "is":
        return one.value in value if isinstance(value, list | tuple) else value == one.value
    if value is None:
        return False
    return value >= one.value if one.op == "min" else value <= one.value


def _text(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")
