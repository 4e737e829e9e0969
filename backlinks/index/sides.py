"""Several targets read at once: each one's rows under its number, in one statement.

Decided: a statement about one target is made by the same pure function as on its own page; here its parameters get the
number of its side, and the statements are joined by UNION ALL. So what stands side by side is what each page says, and
eleven targets cost one round trip. Refused: a page's reads once a target, which add up to a hundred round trips.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from . import kept, sql
from .query import LinkQuery

PARAMETER = re.compile(r"\{(\w+):")
Statement = tuple[str, dict[str, Any]]


def numbered(statement: Statement, number: int) -> Statement:
    """The same statement with parameters of its own: {owner:UInt32} as {s3_owner:UInt32}."""
    text, parameters = statement
    named = PARAMETER.sub(lambda found: f"{{s{number}_{found.group(1)}:", text)
    return named, {f"s{number}_{name}": value for name, value in parameters.items()}


def joined(statements: Iterable[Statement], columns: str = "*") -> Statement:
    """The rows of all statements, each with `side`, the number of its statement."""
    texts, parameters = [], {}
    for number, statement in enumerate(statements):
        text, bound = numbered(statement, number)
        texts.append(f"SELECT toUInt16({number}) AS side, {columns} FROM ({text})")
        parameters |= bound
    return "\nUNION ALL\n".join(texts), parameters


def of_links(queries: Iterable[LinkQuery], columns: str = "*") -> Statement:
    """The links of each pinned query."""
    return joined(map(_links, queries), columns)


def of_edges(queries: Iterable[LinkQuery], columns: str = "*") -> Statement:
    """The referring domains of each pinned query."""
    return joined(map(sql.edges, queries), columns)


def _links(query: LinkQuery) -> Statement:
    where, parameters = sql.scope(query)
    return f"SELECT * FROM links WHERE {where}", parameters


def by_side(rows: Iterable[dict[str, Any]], count: int) -> list[list[dict[str, Any]]]:
    """Rows of all sides, apart: one list a side."""
    made: list[list[dict[str, Any]]] = [[] for _ in range(count)]
    for row in rows:
        made[row.pop("side")].append(row)
    return made


def read_each(queries: Sequence[LinkQuery], make: Callable[[LinkQuery], Statement]) -> list[list[dict[str, Any]]]:
    """The rows of one statement a side, read together."""
    if not queries:
        return []
    return by_side(kept.read(*joined(map(make, queries))), len(queries))
