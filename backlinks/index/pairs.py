"""The referring domains of two targets beside each other: which link to both, and which to one of them alone."""

from collections.abc import Iterator, Sequence
from typing import Any

from seoapp.lib.listquery import Field, ListQuery

from . import asking, sides
from .authority import score_rows
from .columns import STATES
from .query import LinkQuery
from .reports import RowPage

# Which domains of the two -> condition; `had_0` and `had_1`: does it link to the one, to the other.
WHICH = {"shared": "had_0 AND had_1", "theirs": "NOT had_0 AND had_1", "ours": "had_0 AND NOT had_1", "all": "1"}
_COLUMNS = "source_domain, links, follow, state, first_seen"
_SIDE = """maxIf(1, side = {n}) AS had_{n}, sumIf(links, side = {n}) AS links_{n},
    sumIf(follow, side = {n}) AS follow_{n}, anyIf(toString(state), side = {n}) AS state_{n},
    maxIf(first_seen, side = {n}) AS first_seen_{n}"""
_PAIRS = f"""SELECT source_domain, {_SIDE.format(n=0)}, {_SIDE.format(n=1)}
FROM (<rows>) GROUP BY source_domain HAVING <which>"""
_SCORED = """SELECT pairs.*, if(scored.domain = '', toFloat64(-1), scored.score) AS authority
FROM (<pairs>) AS pairs LEFT ANY JOIN (
    SELECT domain, argMax(score, workspace) AS score FROM authority
    WHERE (workspace, run, version) IN {scores:Array(Tuple(UInt32, UInt64, String))}
        AND domain IN (SELECT source_domain FROM (<pairs>)) GROUP BY domain
) AS scored ON scored.domain = pairs.source_domain"""


def pair_fields(ours: str, theirs: str) -> tuple[Field, ...]:
    """Columns of the list; `ours` and `theirs` are what the two targets are called."""
    return (
        Field("source_domain", "Referring domain", "text", "text"),
        Field("authority", "Authority", "score", "number"),
        Field("links_0", f"Links to {ours}", "int", "number"),
        Field("links_1", f"Links to {theirs}", "int", "number"),
        Field("follow_0", f"Follow to {ours}", "int", "number", default=False),
        Field("follow_1", f"Follow to {theirs}", "int", "number", default=False),
        Field("state_0", f"State, {ours}", "state", "choice", STATES),
        Field("state_1", f"State, {theirs}", "state", "choice", STATES),
        Field("first_seen_0", f"First seen, {ours}", "date", "date"),
        Field("first_seen_1", f"First seen, {theirs}", "date", "date"),
    )


def pair_rows(queries: Sequence[LinkQuery], which: str, asked: ListQuery) -> RowPage:
    """One page of the domains that link to two pinned targets, or to one of them."""
    statement, bound = _pairs(queries, which, asked)
    found = asking.page_of(statement, bound, asked, tie="source_domain")
    scores = score_rows(queries[0].scores, [row["source_domain"] for row in found.rows])
    for row in found.rows:
        known = scores.get(row["source_domain"])
        row["authority"] = known["score"] if known else -1.0
        _set_days(row)
    return found


def pair_stream(queries: Sequence[LinkQuery], which: str, asked: ListQuery) -> Iterator[dict[str, Any]]:
    """Every such domain, for exports."""
    statement, bound = _pairs(queries, which, asked, scored=True)
    return map(_set_days, asking.every_row(statement, bound, asked, tie="source_domain"))


def _set_days(row: dict[str, Any]) -> dict[str, Any]:
    """First sights as days; None where a side has none, for which the index says 1970."""
    for name in ("first_seen_0", "first_seen_1"):
        row[name] = row[name].date() if row[name].year > 1970 else None
    return row


def _pairs(queries: Sequence[LinkQuery], which: str, asked: ListQuery, *, scored: bool = False) -> asking.Statement:
    rows, bound = sides.of_edges(queries, _COLUMNS)
    statement = _PAIRS.replace("<rows>", rows).replace("<which>", WHICH[which])
    if not scored and not asking.asks_for(asked, "authority"):
        return statement, bound
    return _SCORED.replace("<pairs>", statement), bound | {"scores": list(queries[0].scores) or [(0, 0, "")]}
