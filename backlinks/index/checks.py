"""Checks of links out of the index: which links are to be looked at next, and what was found before.

Decided: what a link is compared with is the newest check that saw something. One that could not look hides nothing, and
its link is due again a day later, behind those that nobody has tried: a site that is away for an hour must not cost its
links a week, and one that is never there must not cost others their turn. Refused: a count of vain tries, because the
crawler knows already which sites are in trouble.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from . import engine, sql
from .pins import pin
from .portions import portions
from .query import LinkQuery

# What a vendor says of the strength of the page or its domain: the best figure there is orders links that are equal.
STRENGTH = """arrayMax(arrayMap(name -> metrics[name],
    ['ahrefs_dr', 'ahrefs_ur', 'semrush_page_as', 'semrush_domain_as', 'majestic_source_tf', 'moz_pa', 'moz_da']))"""
_COUNTED = """batch IN (SELECT batch FROM batches WHERE workspace = {workspace:UInt32}
    GROUP BY batch HAVING argMax(state, version) = 'complete')"""
_LOOKED = "state != 'unknown'"
LAST = f"""SELECT link_id, max(checked_at) AS tried_at, maxIf(checked_at, {_LOOKED}) AS last_at,
    argMaxIf(state, checked_at, {_LOOKED}) AS last_state, argMaxIf(anchor, checked_at, {_LOOKED}) AS last_anchor,
    argMaxIf(placement, checked_at, {_LOOKED}) AS last_placement,
    argMaxIf(tuple(nofollow, ugc, sponsored), checked_at, {_LOOKED}) AS last_rel,
    argMaxIf(reason, checked_at, {_LOOKED}) AS last_reason
FROM checks WHERE workspace = {{workspace:UInt32}} AND target_domain = {{target_domain:String}} AND {_COUNTED}
GROUP BY link_id"""
CHOSEN = (
    "link_id, source_url, source_domain, target_url, target_key, target_domain, kind, anchor, anchor_known, nofollow, "
    "ugc, sponsored, placement, state, lost_reason, first_seen, last_seen"
)
HISTORY_LIMIT = 500
VAIN = timedelta(days=1)  # after which a link is tried again that could not be looked at
EVER = datetime(2106, 1, 1, tzinfo=UTC)
_IN_VAIN = "tried_at > last_at AND tried_at >= toDateTime({tried:UInt32}, 'UTC')"
# Asked for within their share; due; asked for beyond it; not due; tried in vain just now.
_TURN = f"""multiIf(link_id IN {{first:Array(UInt64)}}, 0, link_id IN {{asked:Array(UInt64)}}, 2, {_IN_VAIN}, 4,
    last_at < toDateTime({{before:UInt32}}, 'UTC'), 1, 3)"""
_ORDER = f"{_IN_VAIN}, last_at, strength DESC, link_id"


def to_check(
    query: LinkQuery,
    *,
    limit: int | None = None,
    asked: Sequence[int] = (),
    asked_most: int | None = None,
    before: datetime | None = None,
) -> Iterator[dict[str, Any]]:
    """Links of the query's target in the order in which they should be looked at, with what the last check said.

    First those asked for, at most `asked_most` of them, the oldest look first. Then those never looked at, strongest
    first, then the oldest look; of these only what nobody has seen since `before` comes before the rest of those asked
    for (`is_due`: asked for, or due). Last what was tried in vain within a day.
    """
    pinned = pin(query)
    where, parameters = sql.scope(pinned)
    parameters |= _times(before) | {"workspace": query.workspace, "asked": list(asked), "limit": limit or 0}
    joined = f"""FROM (SELECT *, {STRENGTH} AS strength FROM links WHERE {where}) AS shown
LEFT JOIN ({LAST}) AS last USING (link_id)"""
    parameters["first"] = list(asked)
    if asked_most is not None and len(asked) > asked_most:
        chosen = (
            f"SELECT link_id {joined} WHERE link_id IN {{asked:Array(UInt64)}} ORDER BY {_ORDER} LIMIT {{most:UInt64}}"
        )
        parameters["first"] = [row["link_id"] for row in engine.read(chosen, parameters | {"most": asked_most})]
    window = " LIMIT {limit:UInt64}" if limit is not None else ""
    statement = f"""SELECT {CHOSEN}, tried_at, last_at, last_state, last_anchor, last_placement, last_rel, last_reason,
    {_TURN} AS turn, turn < 3 AS is_due
{joined}
ORDER BY turn, {_ORDER}{window}"""
    return engine.stream(statement, parameters)


def _times(before: datetime | None) -> dict[str, int]:
    """A look before `before` is old (None: every look); a vain try is one within a day, or since `before` when that is
    later: who looks more often than once a day tries as often."""
    vain = timezone.now() - VAIN
    return {
        "before": int((before or EVER).timestamp()),
        "tried": int(max(before or vain, vain).timestamp()),
    }


def count_due(query: LinkQuery, before: datetime) -> int:
    """How many links of the query's target nobody has seen since this moment, nor tried to within a day."""
    pinned = pin(query)
    where, parameters = sql.scope(pinned)
    statement = f"""SELECT count() AS n FROM (SELECT link_id FROM links WHERE {where}) AS shown
LEFT JOIN ({LAST}) AS last USING (link_id)
WHERE last_at < toDateTime({{before:UInt32}}, 'UTC') AND tried_at < toDateTime({{tried:UInt32}}, 'UTC')"""
    return engine.read(statement, parameters | _times(before) | {"workspace": query.workspace})[0]["n"]


def known_links(query: LinkQuery, links: Sequence[int]) -> set[int]:
    """Those of these ids that are links of the query's target."""
    where, parameters = sql.scope(pin(query))
    statement = f"SELECT link_id FROM links WHERE {where} AND link_id IN {{links:Array(UInt64)}}"
    return {row["link_id"] for row in engine.read(statement, parameters | {"links": list(links)})}


def of_link(query: LinkQuery, link_id: int) -> list[dict[str, Any]]:
    """Every check of one link, newest first."""
    return engine.read(
        f"""SELECT * FROM checks WHERE workspace = {{workspace:UInt32}} AND target_domain = {{target_domain:String}}
        AND link_id = {{link_id:UInt64}} AND {_COUNTED} ORDER BY checked_at DESC LIMIT {HISTORY_LIMIT}""",
        {"workspace": query.workspace, "target_domain": query.target.domain, "link_id": link_id},
    )


def looks_at(query: LinkQuery, domains: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Referring domain -> how many links of its are known, at how many the last look of ours found no link any more
    (`gone`), and the day of the newest of these looks; of the domains that we have looked at."""
    pinned = pin(query)
    where, parameters = sql.scope(pinned)
    found: dict[str, dict[str, Any]] = {}
    for names in portions(domains):
        rows = engine.read(
            f"""SELECT source_domain, count() AS links, countIf(last_state = 'lost' AND state = 'lost') AS gone,
                countIf(state = 'lost') AS lost, max(last_at) AS looked_at
            FROM (SELECT link_id, source_domain, state FROM links
                WHERE {where} AND source_domain IN {{names:Array(String)}}) AS shown
            LEFT JOIN ({LAST}) AS last USING (link_id) GROUP BY source_domain HAVING max(last_at) > toDateTime(0)""",
            parameters | {"workspace": query.workspace, "names": names},
        )
        found |= {row["source_domain"]: row for row in rows}
    return found


def link_ids(pairs: Sequence[tuple[str, str]]) -> list[int]:
    """The ids of links, from the keys of their pages and targets."""
    if not pairs:
        return []
    rows = engine.read(
        "SELECT sipHash64(pair.1, pair.2) AS id FROM (SELECT arrayJoin({pairs:Array(Tuple(String, String))}) AS pair)",
        {"pairs": [tuple(pair) for pair in pairs]},
    )
    return [row["id"] for row in rows]
