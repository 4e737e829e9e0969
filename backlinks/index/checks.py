"""Checks of links out of the index: which links are to be looked at next, and what was found before."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from . import engine, sql
from .query import LinkQuery
from .reports import pin

# What a vendor says of the strength of the page or its domain: the best figure there is orders links that are equal.
STRENGTH = """arrayMax(arrayMap(name -> metrics[name],
    ['ahrefs_dr', 'ahrefs_ur', 'semrush_page_as', 'semrush_domain_as', 'majestic_source_tf', 'moz_pa', 'moz_da']))"""
_COUNTED = """batch IN (SELECT batch FROM batches WHERE workspace = {workspace:UInt32}
    GROUP BY batch HAVING argMax(state, version) = 'complete')"""
LAST = f"""SELECT link_id, max(checked_at) AS last_at, argMax(state, checked_at) AS last_state,
    argMax(anchor, checked_at) AS last_anchor, argMax(placement, checked_at) AS last_placement,
    argMax(tuple(nofollow, ugc, sponsored), checked_at) AS last_rel, argMax(reason, checked_at) AS last_reason
FROM checks WHERE workspace = {{workspace:UInt32}} AND target_domain = {{target_domain:String}} AND {_COUNTED}
GROUP BY link_id"""
CHOSEN = (
    "link_id, source_url, source_domain, target_url, target_key, target_domain, kind, anchor, anchor_known, nofollow, "
    "ugc, sponsored, placement, state, lost_reason, first_seen, last_seen"
)
HISTORY_LIMIT = 500


def to_check(query: LinkQuery, *, limit: int | None = None, asked: Sequence[int] = ()) -> Iterator[dict[str, Any]]:
    """Links of the query's target in the order in which they should be looked at, with what the last check said.

    First those asked for, then those never looked at (strongest first), then the oldest check.
    """
    pinned = pin(query)
    where, parameters = sql.scope(pinned)
    window = " LIMIT {limit:UInt64}" if limit is not None else ""
    statement = f"""SELECT {CHOSEN}, last_at, last_state, last_anchor, last_placement, last_rel, last_reason
FROM (SELECT *, {STRENGTH} AS strength FROM links WHERE {where}) AS shown
LEFT JOIN ({LAST}) AS last USING (link_id)
ORDER BY has({{asked:Array(UInt64)}}, link_id) DESC, last_at, strength DESC, link_id{window}"""
    bound = {"workspace": query.workspace, "asked": list(asked), "limit": limit or 0}
    return engine.stream(statement, parameters | bound)


def count_due(query: LinkQuery, before: datetime) -> int:
    """How many links of the query's target nobody has looked at since this moment."""
    pinned = pin(query)
    where, parameters = sql.scope(pinned)
    statement = f"""SELECT count() AS n FROM (SELECT link_id FROM links WHERE {where}) AS shown
LEFT JOIN ({LAST}) AS last USING (link_id) WHERE last_at < toDateTime({{before:UInt32}}, 'UTC')"""
    bound = {"workspace": query.workspace, "before": int(before.timestamp())}
    return engine.read(statement, parameters | bound)[0]["n"]


def of_link(query: LinkQuery, link_id: int) -> list[dict[str, Any]]:
    """Every check of one link, newest first."""
    return engine.read(
        f"""SELECT * FROM checks WHERE workspace = {{workspace:UInt32}} AND target_domain = {{target_domain:String}}
        AND link_id = {{link_id:UInt64}} AND {_COUNTED} ORDER BY checked_at DESC LIMIT {HISTORY_LIMIT}""",
        {"workspace": query.workspace, "target_domain": query.target.domain, "link_id": link_id},
    )


def per_day(query: LinkQuery, days: int = 30) -> list[dict[str, Any]]:
    """Checks of a target by day and state."""
    return engine.read(
        f"""SELECT toDate(checked_at) AS day, state, count() AS n FROM checks
        WHERE workspace = {{workspace:UInt32}} AND target_domain = {{target_domain:String}} AND {_COUNTED}
            AND checked_at >= now() - toIntervalDay({{days:UInt16}})
        GROUP BY day, state ORDER BY day, state""",
        {"workspace": query.workspace, "target_domain": query.target.domain, "days": days},
    )


def link_ids(pairs: Sequence[tuple[str, str]]) -> list[int]:
    """The ids of links, from the keys of their pages and targets."""
    if not pairs:
        return []
    rows = engine.read(
        "SELECT sipHash64(pair.1, pair.2) AS id FROM (SELECT arrayJoin({pairs:Array(Tuple(String, String))}) AS pair)",
        {"pairs": [tuple(pair) for pair in pairs]},
    )
    return [row["id"] for row in rows]
