"""What our own visits say of the links of a target, of all of them at once: when each was looked at last, what became
of its page, and which links came into a page between two readings.

Decided: a reading of a page speaks of the links of a target where it was of a whole site, or found some link of that
target there; one that looked for another project's links says nothing. A link that the first reading had was there
before anybody looked: nothing is said of when it came. A page that leads to the home page of a site is gone, whatever
its status says. Refused: dates at which sources first saw a link, which say when the source came by.
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
        argMax(http_status BETWEEN 200 AND 299 AND {_HOME.format("final_url")} AND final_url != ''
            AND NOT {_HOME.format("source_url")}, checked_at) AS ended_home
    FROM checks WHERE workspace IN {{seen:Array(UInt32)}} AND target_domain = {{target_domain:String}} AND {COUNTED}
    GROUP BY link_id) ORDER BY id"""
_PAGES = f"SELECT {PAGE_KEY} FROM links WHERE <where>"
_READINGS = f"""SELECT page_key, batch, max(fetched_at) AS at, argMax(fingerprint, fetched_at) AS print,
        max(report = 'site') AS whole
    FROM page_facts WHERE workspace IN {{seen:Array(UInt32)}} AND {COUNTED}
        AND source_domain IN (SELECT source_domain FROM links WHERE <where>) AND page_key IN ({_PAGES})
    GROUP BY page_key, batch"""
_HAD = f"""SELECT DISTINCT link_id, source_key AS page_key, batch FROM observations
    WHERE workspace IN {{seen:Array(UInt32)}} AND target_domain = {{target_domain:String}} AND source = 'crawl'
        AND lost_reason = '' AND {COUNTED}"""
_FIRST = f"""SELECT link_id, page_key, min(at) AS first_at, argMin(print, at) AS first_print
    FROM (SELECT link_id, page_key, at, print FROM ({_HAD}) AS had INNER JOIN ({_READINGS}) AS readings
        USING (page_key, batch))
    GROUP BY link_id, page_key"""
_SPEAKING = f"""SELECT page_key, at, print FROM ({_READINGS})
    WHERE whole OR (page_key, batch) IN (SELECT page_key, batch FROM ({_HAD}))"""
ADDED_SQL = f"""SELECT link_id AS id, toFloat32(toUInt16(toDate(first_at))) AS inserted,
    if(first_print = 0 OR print = 0, nan, toFloat32(bitCount(bitXor(first_print, print)))) AS moved_bits
FROM ({_FIRST}) AS first ASOF INNER JOIN ({_SPEAKING}) AS earlier
    ON first.page_key = earlier.page_key AND first.first_at > earlier.at
ORDER BY id"""


def looks(query: LinkQuery) -> pa.Table:
    """id, checked_at (NaN: its page was not read), robots_closed, soft_404 of those links that were checked."""
    return engine.arrow(LOOKS_SQL, {"target_domain": query.target.domain, "seen": _seen(query)})


def added(query: LinkQuery) -> pa.Table:
    """id, inserted (day), moved_bits (NaN: a text is too short), of links that an earlier reading lacked."""
    where, bound = scope(query)
    return engine.arrow(ADDED_SQL.replace("<where>", where), bound | {"seen": _seen(query)})


def _seen(query: LinkQuery) -> Any:
    return sorted({OPEN_DATA, query.workspace})
