"""How many rows many queries leave, asked in a few statements: what differs is only the condition of each.

Decided: queries whose rows are made alike (same report, same sides joined) are counted over one reading of these rows,
with the very conditions and joins that the product makes for each alone. The cost of a small index is that of
understanding statements, so a test can look behind hundreds of figures.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from backlinks import index
from backlinks.index import beside, engine, sql
from backlinks.index.joined import asks_for_scores

from .observed import asked

AT_ONCE = 60


def ask(pinned: index.LinkQuery, report: str = "links", **params: str) -> index.LinkQuery:
    """Another report of the same target, generation and scope."""
    query = asked(pinned.workspace, report, **params)
    own = {name: getattr(query, name) for name in ("report", "filters", "sort", "descending", "group", "where")}
    return replace(pinned, **own)


def alike(queries: Sequence[index.LinkQuery]) -> Iterator[list[index.LinkQuery]]:
    """Pinned queries by what their rows are made of."""
    found: dict[object, list[index.LinkQuery]] = {}
    for query in queries:
        made_of = (query.report, beside.decided_by(query), asks_for_scores(query), "anchor_class" in query.names)
        found.setdefault(made_of, []).append(query)
    yield from found.values()


def counts(queries: Sequence[index.LinkQuery]) -> dict[index.LinkQuery, int]:
    """Pinned query -> how many rows it leaves, or groups of rows."""
    made: dict[index.LinkQuery, int] = {}
    for group in alike(dict.fromkeys(queries)):
        for first in range(0, len(group), AT_ONCE):
            made |= _counted(group[first : first + AT_ONCE])
    return made


def _counted(group: Sequence[index.LinkQuery]) -> dict[index.LinkQuery, int]:
    rows, parameters = _without_condition(group[0])
    asked_for = ", ".join(f"{_counting(query, number, parameters)} AS n{number}" for number, query in enumerate(group))
    (found,) = _read(f"SELECT {asked_for} FROM {rows}", parameters)
    return {query: found[f"n{number}"] for number, query in enumerate(group)}


def rows_left(queries: Sequence[index.LinkQuery]) -> dict[index.LinkQuery, list[dict[str, Any]]]:
    """Pinned query -> the rows that it leaves, in no order and without what is only shown."""
    made: dict[index.LinkQuery, list[dict[str, Any]]] = {}
    for group in alike(dict.fromkeys(queries)):
        for first in range(0, len(group), AT_ONCE):
            made |= _left(group[first : first + AT_ONCE])
    return made


def _left(group: Sequence[index.LinkQuery]) -> dict[index.LinkQuery, list[dict[str, Any]]]:
    rows, parameters = _without_condition(group[0])
    held = [f"if({_renamed(query, number, parameters)}, {number + 1}, 0)" for number, query in enumerate(group)]
    found = _read(f"SELECT *, [{', '.join(held)}] AS is_left FROM {rows}", parameters)
    return {query: [row for row in found if number in row["is_left"]] for number, query in enumerate(group, start=1)}


def _without_condition(query: index.LinkQuery) -> tuple[str, dict[str, Any]]:
    """The rows that a query chooses from."""
    condition, _ = sql.conditions(query)
    statement, parameters = sql.count(query)
    lead, end = "SELECT count() AS n FROM ", f" WHERE {condition}"
    assert statement.startswith(lead) and statement.endswith(end)
    return statement.removeprefix(lead).removesuffix(end), parameters


def _read(statement: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    return engine.read(statement, {name: value for name, value in parameters.items() if f"{{{name}:" in statement})


def _counting(query: index.LinkQuery, number: int, parameters: dict[str, Any]) -> str:
    condition = _renamed(query, number, parameters)
    if query.group == "all":
        return f"countIf({condition})"
    return f"uniqExactIf({sql.GROUP_KEYS[query.group]}, {condition})"


def _renamed(query: index.LinkQuery, number: int, parameters: dict[str, Any]) -> str:
    """The condition of a query, its values bound under names of their own."""
    condition, bound = sql.conditions(query)
    own = re.compile(r"[fw]\d\w*")
    parameters |= {f"q{number}_{name}" if own.fullmatch(name) else name: value for name, value in bound.items()}
    return re.sub(rf"\{{({own.pattern}):", rf"{{q{number}_\1:", condition)
