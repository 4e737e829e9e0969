"""Rows of a statement as a `ListQuery` asks for them: filters, order and page, for lists that are no report of links.

Decided: a statement gives columns named as its fields are, and nothing but the names of those fields reaches SQL; every
value is bound. Numbers below 0 are unknown (of others a field says it): they stand last in any order and are in no
range.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from seoapp.lib.listquery import Field, ListFilter, ListQuery

from . import engine, kept
from .ranges import in_range
from .reports import RowPage

Statement = tuple[str, dict[str, Any]]
NUMBERS = frozenset(("int", "score"))


def page_of(
    statement: str, bound: Mapping[str, Any], query: ListQuery, *, tie: str, epoch: kept.Epoch | None = None
) -> RowPage:
    """One page of its rows; `tie` is the column that orders equal rows. `epoch`: see `kept`."""
    window = {"limit": query.per_page + 1, "offset": (query.page - 1) * query.per_page}
    sql, parameters = asked_for(statement, bound, query, tie=tie)
    rows = kept.read(f"{sql} LIMIT {{limit:UInt64}} OFFSET {{offset:UInt64}}", parameters | window, epoch=epoch)
    return RowPage(rows[: query.per_page], len(rows) > query.per_page)


def every_row(statement: str, bound: Mapping[str, Any], query: ListQuery, *, tie: str) -> Iterator[dict[str, Any]]:
    """All of its rows that fit, in order, for exports."""
    return engine.stream(*asked_for(statement, bound, query, tie=tie))


def asked_for(statement: str, bound: Mapping[str, Any], query: ListQuery, *, tie: str) -> Statement:
    sql, parameters = filtered(statement, bound, query.filters, query.fields)
    return f"{sql} {order_of(query, tie)}", parameters


def order_of(query: ListQuery, tie: str) -> str:
    sort = next(one for one in query.fields if one.name == query.sort)
    known = f"{_known(sort)} DESC, " if _known(sort) else ""
    return f"ORDER BY {known}{sort.lookup} {'DESC' if query.descending else 'ASC'}, {tie}"


def filtered(
    statement: str, bound: Mapping[str, Any], filters: Iterable[ListFilter], fields: Iterable[Field]
) -> Statement:
    """The rows that fit; a field that is none of `fields` raises."""
    names = {one.name: one for one in fields}
    conditions, parameters = ["1"], dict(bound)
    for number, one in enumerate(filters):
        conditions.append(_condition(names[one.name], one, f"f{number}"))
        parameters[f"f{number}"] = int(one.value) if isinstance(one.value, bool) else one.value
    return f"SELECT * FROM ({statement}) WHERE {' AND '.join(conditions)}", parameters


def asks_for(query: ListQuery, name: str) -> bool:
    """Whether rows must have this column before they are filtered or sorted."""
    return query.sort == name or any(one.name == name for one in query.filters)


def _known(field: Field) -> str:
    """SQL: does the row have a value? "" where it always has."""
    if field.known:
        return field.known
    if field.kind in NUMBERS:
        return f"{field.lookup} >= 0"
    return f"{field.lookup} > toDateTime(0, 'UTC')" if field.kind == "date" else ""


def _condition(field: Field, one: ListFilter, name: str) -> str:
    column = field.lookup
    if one.op == "contains":
        return f"positionCaseInsensitiveUTF8({column}, {{{name}:String}}) > 0"
    if one.op == "is" and field.kind == "list":
        return f"has({column}, {{{name}:String}})"
    if one.op == "is":
        return f"{column} = {{{name}:{'UInt8' if isinstance(one.value, bool) else 'String'}}}"
    left, kind = (f"toDate({column})", "Date") if one.op in ("from", "to") else (column, "Int64")
    return in_range(left, _known(field), one.op, f"{{{name}:{kind}}}")
