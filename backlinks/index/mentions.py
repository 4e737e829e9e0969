"""Mentions without a link out of the index: what the newest visit of each page says.

Decided: the newest visit decides. A visit counts where its batch looked for mentions of the domain and read the page,
or where it found the page gone or redirected; one that could not look says nothing. A link to the domain that our
crawler saw later, in whatever batch, ends a mention too. Terms that the project no longer has are left out at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from . import engine
from .reports import RowPage

SORTS = ("mentioned_at", "source_domain", "source_url", "title", "times", "language")
# (name, op) of a condition -> its SQL; {} is the bound value.
CONDITIONS = {
    ("source_url", "contains"): "positionCaseInsensitiveUTF8(source_url, {}) > 0",
    ("source_domain", "contains"): "positionCaseInsensitiveUTF8(source_domain, {}) > 0",
    ("title", "contains"): "positionCaseInsensitiveUTF8(title, {}) > 0",
    ("term", "is"): "has(terms, {})",
    ("language", "contains"): "startsWith(language, lowerUTF8({}))",
    ("mentioned_at", "from"): "toDate(mentioned_at) >= toDate({})",
    ("mentioned_at", "to"): "toDate(mentioned_at) <= toDate({})",
}
_SCOPE = "workspace = {workspace:UInt32} AND target_domain = {domain:String}"
_COUNTED = """batch IN (SELECT batch FROM batches WHERE workspace = {workspace:UInt32}
    GROUP BY batch HAVING argMax(state, version) = 'complete')"""
_NAMED = f"FROM mentions WHERE {_SCOPE} AND source_key != ''"
_LOOKED = f"SELECT batch FROM mentions WHERE {_SCOPE} AND source_key = ''"
# The visit of each page that decides, as (moment, row).
_NEWEST = f"""SELECT page_key AS source_key, max((fetched_at, row)) AS newest FROM crawled_pages
WHERE workspace = {{workspace:UInt32}} AND target_domain IN (SELECT source_domain {_NAMED})
    AND page_key IN (SELECT source_key {_NAMED}) AND {_COUNTED}
    AND ((http_status BETWEEN 200 AND 299 AND code = '' AND batch IN ({_LOOKED}))
        OR (http_status BETWEEN 300 AND 399 AND http_status != 304) OR http_status IN (404, 410))
GROUP BY page_key"""
_LINKED = f"""SELECT source_key, max(last_seen) AS linked_at FROM observations
WHERE {_SCOPE} AND source = 'crawl' AND kind NOT IN ('canonical', 'alternate', 'rss') AND {_COUNTED}
    AND source_key IN (SELECT source_key {_NAMED})
GROUP BY source_key"""
_COLUMNS = (
    "source_domain, source_url, title, language, term, terms, times, snippet_left, snippet_term, snippet_right, "
    "mentioned_at"
)


@dataclass(frozen=True, slots=True)
class MentionQuery:
    """Mentions of `domain` by any of `terms`. `conditions` are (name, op, value) of CONDITIONS; others are left out."""

    workspace: int
    domain: str
    terms: tuple[str, ...]
    conditions: tuple[tuple[str, str, str], ...] = ()
    sort: str = "mentioned_at"
    descending: bool = True


def fetch_mentions(query: MentionQuery, *, page: int = 1, per_page: int = 50) -> RowPage:
    """One page of mentions; one row more is fetched than shown."""
    statement, bound = _statement(query)
    window = {"limit": per_page + 1, "offset": (page - 1) * per_page}
    rows = engine.read(f"{statement} LIMIT {{limit:UInt64}} OFFSET {{offset:UInt64}}", bound | window)
    return RowPage([_in_utc(row) for row in rows[:per_page]], len(rows) > per_page)


def stream_mentions(query: MentionQuery) -> Iterator[dict[str, Any]]:
    """Every mention, for exports."""
    return map(_in_utc, engine.stream(*_statement(query)))


def _in_utc(row: dict[str, Any]) -> dict[str, Any]:
    """The index's moments name no zone."""
    return row | {"mentioned_at": row["mentioned_at"].replace(tzinfo=UTC)}


def count_mentions(query: MentionQuery) -> int:
    statement, bound = _statement(query)
    return engine.read(f"SELECT count() AS n FROM ({statement})", bound)[0]["n"]


def _statement(query: MentionQuery) -> tuple[str, Mapping[str, Any]]:
    bound: dict[str, Any] = {"workspace": query.workspace, "domain": query.domain, "terms": list(query.terms)}
    where = []
    for number, (name, op, value) in enumerate(query.conditions):
        if (name, op) in CONDITIONS:
            bound[f"value{number}"] = value
            where.append(CONDITIONS[name, op].format(f"{{value{number}:String}}"))
    sort = query.sort if query.sort in SORTS else SORTS[0]
    order = f"{sort} {'DESC' if query.descending else 'ASC'}, source_url"
    more = "".join(f" AND {one}" for one in where)
    return (
        f"""SELECT {_COLUMNS} FROM (SELECT * {_NAMED} AND {_COUNTED}
    AND hasAny(terms, {{terms:Array(String)}})) AS named
INNER JOIN ({_NEWEST}) AS visits USING (source_key)
LEFT JOIN ({_LINKED}) AS links USING (source_key)
WHERE (mentioned_at, row) = newest AND linked_at <= mentioned_at{more}
ORDER BY {order}""",
        bound,
    )
