"""Which pages of a site our crawls have visited."""

from collections.abc import Sequence

from . import engine

AT_ONCE = 200
VISITED = """SELECT DISTINCT page_key FROM crawled_pages
WHERE workspace = {workspace:UInt32} AND target_domain = {domain:String} AND page_key IN {keys:Array(String)}
    AND batch IN (SELECT batch FROM batches WHERE workspace = {workspace:UInt32}
        GROUP BY batch HAVING argMax(state, version) = 'complete')"""


def visited_pages(workspace: int, domain: str, keys: Sequence[str]) -> set[str]:
    """Those of these pages of a site (by key) that a crawl of the workspace has visited."""
    found: set[str] = set()
    for start in range(0, len(keys), AT_ONCE):
        asked = {"workspace": workspace, "domain": domain, "keys": list(keys[start : start + AT_ONCE])}
        found.update(row["page_key"] for row in engine.read(VISITED, asked))
    return found
