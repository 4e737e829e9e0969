"""What our own visits say of the links of a target, of all of them at once: when each was looked at last, what became
of its page, and which links came into a page between two readings.

Decided: a reading of a page speaks of the links of a target where it was of a whole site, or found some link of that
target there; one that looked for another project's links says nothing. A link that the first reading had was there
before anybody looked: nothing is said of when it came. A page that leads to the home page of a site is gone, whatever
its status says, but where the link stands on that home page. Refused: dates at which sources first saw a link, which
say when the source came by.
"""

from typing import Any

import pyarrow as pa

from . import engine
from .beside import COUNTED
from .linkcolumns import PAGE_KEY
from .query import LinkQuery
from .scope import scope
from .settle import OPEN_DATA

# States of checks whose page was read; of lost links those that its text had lost.
_READ = """(state IN ('live', 'changed', 'restored', 'broken')
        OR reason IN ('removedfromhtml', 'noindex', 'notcanonical'))"""
_DAY = "if({0} > toDateTime(0, 'UTC'), toFloat32(toUInt16(toDate({0}))), nan)"
_HOME = "path({0}) IN ('', '/')"
LOOKS_SQL = f"""SELECT link_id AS id, {_DAY.format("read_at")} AS checked_at,
    multiIf(last_reason = 'robots', toFloat32(1), last_status > 0, toFloat32(0), nan) AS robots_closed,
    if(last_status > 0, toFloat32(ended_home), nan) AS soft_404 FROM (
    SELECT link_id, maxIf(checked_at, {_READ}) AS read_at, argMax(reason, checked_at) AS last_reason,
        argMax(http_status, checked_at) AS last_status,
        argMax(state = 'lost' AND http_status BETWEEN 200 AND 299 AND {_HOME.format("final_url")} AND final_url != ''
            AND NOT {_HOME.format("source_url")}, checked_at) AS ended_home
    FROM checks WHERE workspace IN {{seen:Array(UInt32)}} AND target_domain = {{target_domain:String}} AND {COUNTED}
    GROUP BY link_id) ORDER BY id"""
# Of pages that were read more than once: their readings in order (moment, batch, print, of a whole site or not).
_READINGS = f"""SELECT page_key, arraySort(groupArray((at, batch, print, whole))) AS readings FROM (
        SELECT page_key, batch, max(fetched_at) AS at, argMax(fingerprint, fetched_at) AS print,
            max(report = 'site') AS whole
        FROM page_facts WHERE workspace IN {{seen:Array(UInt32)}} AND {COUNTED}
            AND source_domain IN (SELECT source_domain FROM links WHERE <where>)
            AND page_key IN (SELECT {PAGE_KEY} FROM links WHERE <where>)
        GROUP BY page_key, batch)
    GROUP BY page_key HAVING length(readings) > 1"""
# The links of the target that our visits found on a page, each with the batches that did, and these together.
_HAD = f"""SELECT page_key, groupArray((link_id, batches)) AS had, groupUniqArrayArray(batches) AS speaking FROM (
        SELECT source_key AS page_key, link_id, groupUniqArray(batch) AS batches FROM observations
        WHERE workspace IN {{seen:Array(UInt32)}} AND target_domain = {{target_domain:String}} AND source = 'crawl'
            AND lost_reason = '' AND {COUNTED} GROUP BY source_key, link_id)
    GROUP BY page_key"""
ADDED_SQL = f"""SELECT id, toFloat32(toUInt16(toDate(first.1))) AS inserted,
    if(first.3 = 0 OR before.3 = 0, nan, toFloat32(bitCount(bitXor(first.3, before.3)))) AS moved_bits
FROM (
    SELECT link.1 AS id, arrayFilter(one -> has(link.2, one.2), readings)[1] AS first,
        arrayFilter(one -> one.1 < first.1 AND (one.4 OR has(speaking, one.2)), readings)[-1] AS before
    FROM (SELECT arrayJoin(had) AS link, speaking, readings
        FROM ({_READINGS}) AS read INNER JOIN ({_HAD}) AS found USING (page_key)))
WHERE first.2 > 0 AND before.2 > 0 ORDER BY id"""


def looks(query: LinkQuery) -> pa.Table:
    """id, checked_at (NaN: its page was not read), robots_closed, soft_404 of those links that were checked."""
    return engine.arrow(LOOKS_SQL, {"target_domain": query.target.domain, "seen": _seen(query)})


def added(query: LinkQuery) -> pa.Table:
    """id, inserted (day), moved_bits (NaN: a text is too short), of links that an earlier reading lacked."""
    where, bound = scope(query)
    return engine.arrow(ADDED_SQL.replace("<where>", where), bound | {"seen": _seen(query)})


def _seen(query: LinkQuery) -> Any:
    return sorted({OPEN_DATA, query.workspace})
