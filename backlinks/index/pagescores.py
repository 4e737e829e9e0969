"""Authority of a page, a host or a folder: what of its domain's authority it holds.

Score of a page = score of its domain · (0.4 + 0.6 · w). w compares the page with the best one of its domain: the sum of
ln(1 + referring domains), ln(1 + follow links) and, where the site was crawled, ln(1 + its PageRank among the site's
own pages as a multiple of the average page), divided by the greatest such sum, so that the best page has w = 1. A host
is judged by the same formula among the hosts of its domain, a folder by its best page. No domain score, or neither
links nor a crawl that know it: no score.
"""

from math import log1p
from typing import Any

from . import kept
from .query import LinkQuery

FLOOR, SHARE = 0.4, 0.6
MULTIPLES = """SELECT page_key, argMax(value * pages, (workspace, run)) AS multiple FROM page_ranks
    WHERE (workspace, run) IN {page_runs:Array(Tuple(UInt32, UInt64))} AND target_domain = {target_domain:String}
    GROUP BY page_key"""
WHOLE = "workspace = {owner:UInt32} AND target_domain = {target_domain:String} AND generation = {generation:UInt64}"
# Every page of the domain that links or a crawl know.
HELD = f"""SELECT target_key, sum(d) AS domains, sum(f) AS follow, sum(m) AS multiple,
    log1p(domains) + log1p(follow) + log1p(multiple) AS held FROM (
        SELECT target_key, domains AS d, follow AS f, toFloat64(0) AS m FROM pages WHERE {WHOLE}
        UNION ALL SELECT page_key, 0, 0, multiple FROM ({MULTIPLES})) GROUP BY target_key"""


def held_parameters(query: LinkQuery) -> dict[str, Any]:
    return {
        "owner": query.owner,
        "target_domain": query.target.domain,
        "generation": query.generation,
        "page_runs": [(workspace, run) for workspace, run, _ in query.scores] or [(0, 0)],
        "own_score": query.authority,
    }


def with_page_scores(rows: str) -> str:
    """Rows of linked pages with their authority, -1 where the domain has none."""
    return f"""SELECT rows.*, if({{own_score:Float64}} < 0, toFloat64(-1), {{own_score:Float64}} * ({FLOOR} + {SHARE}
        * held.held / (SELECT greatest(max(held), 1e-9) FROM ({HELD})))) AS authority
    FROM ({rows}) AS rows LEFT ANY JOIN ({HELD}) AS held ON held.target_key = rows.target_key"""


def part_score(query: LinkQuery) -> float | None:
    """Authority of the pinned query's target: of its domain, or of the host, folder or page by its share."""
    if query.authority < 0:
        return None
    if query.target.scope == "root":
        return query.authority
    share = share_of(query)
    return None if share is None else round(query.authority * (FLOOR + SHARE * share), 2)


def share_of(query: LinkQuery) -> float | None:
    """w of the target, 0-1; None where neither links nor a crawl know it."""
    return _host_share(query) if query.target.scope == "host" else _page_share(query)


def _page_share(query: LinkQuery) -> float | None:
    test = "target_key = {key:String}" if query.target.scope == "exact" else "startsWith(target_key, {key:String})"
    row = kept.read(
        f"SELECT countIf({test}) AS n, maxIf(held, {test}) AS here, max(held) AS best FROM ({HELD})",
        held_parameters(query) | {"key": query.target.key},
    )[0]
    return row["here"] / max(row["best"], 1e-9) if row["n"] else None


def _host_share(query: LinkQuery) -> float | None:
    rows = kept.read(
        f"""SELECT replaceRegexpOne(target_host, '^www\\\\.', '') AS host, uniqExact(source_domain) AS domains,
            countIf(nofollow = 0) AS follow FROM links WHERE {WHOLE} GROUP BY host""",
        held_parameters(query),
    )
    held = {row["host"]: log1p(row["domains"]) + log1p(row["follow"]) for row in rows}
    here = held.get(query.target.host.removeprefix("www."))
    return None if here is None else here / max(*held.values(), 1e-9)
