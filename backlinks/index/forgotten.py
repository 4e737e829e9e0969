"""What old crawls have found that nobody asks for any more: deleted, so that the index does not grow for ever.

Decided: of each page the newest visit stays, because it says that the page was visited, and its newest facts, which are
those of the newest visit that read it; so do all visits of pages that name a brand, because the newest that looked
decides about a mention. Of each site the newest crawl stays whole, its structure too: a crawl of the site before a list
of some of its pages, and a check of links is no crawl of their sites. Links to other sites are observations, and stay.
Refused: a time to live of the tables, which knows nothing of what came later.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from . import engine

AT_ONCE = 200  # batches
_OLD = "workspace = {workspace:UInt32} AND batch IN {batches:Array(UInt64)}"
# Visits that count, and none that arrives while this is carried out: all servers of a cluster delete the same.
_COUNTED = """workspace = {workspace:UInt32} AND fetched_at <= toDateTime({now:UInt32}, 'UTC')
    AND batch IN (SELECT batch FROM batches WHERE workspace = {workspace:UInt32}
        AND version < {moment:UInt64} GROUP BY batch HAVING argMax(state, version) = 'complete')"""
# (site, batch) of the newest crawl of each site that these batches have crawled.
_NEWEST_CRAWL = f"""SELECT target_domain, argMax(batch, (report = 'site', fetched_at, batch)) FROM crawled_pages
WHERE {_COUNTED} AND report != 'check'
    AND target_domain IN (SELECT target_domain FROM internal_links WHERE {_OLD})
    AND (target_domain, batch) IN (SELECT target_domain, batch FROM internal_links
        WHERE workspace = {{workspace:UInt32}})
GROUP BY target_domain"""
_IS_REPLACED = f"{_OLD} AND (target_domain, batch) NOT IN ({_NEWEST_CRAWL})"
_NEWEST_VISIT = f"""SELECT target_domain, page_key, max((fetched_at, batch, row)) FROM crawled_pages
WHERE {_COUNTED} AND (target_domain, page_key) IN (SELECT target_domain, page_key FROM crawled_pages WHERE {_OLD})
GROUP BY target_domain, page_key"""
_NEWEST_FACTS = f"""SELECT source_domain, page_key, max((fetched_at, batch, row)) FROM page_facts
WHERE {_COUNTED} AND (source_domain, page_key) IN (SELECT source_domain, page_key FROM page_facts WHERE {_OLD})
GROUP BY source_domain, page_key"""
_MENTIONED = "SELECT source_key FROM mentions WHERE workspace = {workspace:UInt32}"
FORGOTTEN = {
    "internal_links": _IS_REPLACED,
    "crawled_pages": f"""{_IS_REPLACED} AND page_key NOT IN ({_MENTIONED})
        AND (target_domain, page_key, (fetched_at, batch, row)) NOT IN ({_NEWEST_VISIT})""",
    "page_facts": f"""{_OLD}
        AND (source_domain, page_key, (fetched_at, batch, row)) NOT IN ({_NEWEST_FACTS})""",
}
_GOES_ON = f"""SELECT DISTINCT batch FROM crawled_pages
WHERE {_OLD} AND fetched_at >= toDateTime({{before:UInt32}}, 'UTC')"""


def forget_crawled(before: datetime, batches: Iterable[tuple[int, int]]) -> int:
    """Delete what later crawls have replaced of what these (workspace, batch) found; returns how many rows.

    A batch with a visit since `before` is left alone. Asked again, it finds what was replaced meanwhile.
    """
    by_workspace: dict[int, list[int]] = defaultdict(list)
    for workspace, batch in batches:
        by_workspace[workspace].append(batch)
    return sum(
        _forget(workspace, found[start : start + AT_ONCE], before)
        for workspace, found in sorted(by_workspace.items())
        for start in range(0, len(found), AT_ONCE)
    )


def _forget(workspace: int, batches: Sequence[int], before: datetime) -> int:
    moment = time.time_ns()
    asked: dict[str, Any] = {
        "workspace": workspace,
        "batches": list(batches),
        "before": int(before.timestamp()),
        "moment": moment,
        "now": moment // 10**9,
    }
    going_on = {row["batch"] for row in engine.read(_GOES_ON, asked)}
    asked["batches"] = [batch for batch in batches if batch not in going_on]
    return sum(_delete(table, condition, asked) for table, condition in FORGOTTEN.items())


def _delete(table: str, condition: str, asked: dict[str, Any]) -> int:
    """Deleting rewrites parts of the table: it is not begun for nothing."""
    count = engine.read(f"SELECT count() AS n FROM {table} WHERE {condition}", asked)[0]["n"]
    if count:
        engine.delete(table, condition, asked, allow_nondeterministic_mutations=1)
    return count
