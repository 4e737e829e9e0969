"""What joins a profile at read: domains that only the open graph knows, and the authority of the domains that link.

Decided: the open graph is never written into profiles. A release is switched on by one row and off by a switch, and a
profile says which of its domains nobody but the graph knows. Such a domain has no links, no dates of its own and no
state but "unknown": a graph says that some page linked in some months, not since when nor whether still. Refused: a
settled copy, because a new release would rewrite every profile, and a domain without a profile would show nothing.
"""

from typing import Any

from .query import LinkQuery

EDGE_COLUMNS = (
    "source_domain, tld, links, live, lost, unknown, follow, nofollow, hosts, reported_links, first_seen, last_seen, "
    "lost_at, state, ips, subnets, country, countries, metrics"
)
# Names of the domains that link to the target in the open graph.
GRAPH_NAMES = """SELECT arrayStringConcat(arrayReverse(splitByChar('.', reversed)), '.') AS name FROM graph_domains
WHERE workspace = 0 AND batch = {graph:UInt64} AND id != {node:UInt32} AND id IN (SELECT source FROM graph_edges
    WHERE workspace = 0 AND batch = {graph:UInt64} AND target = {node:UInt32})"""
_ONLY_GRAPH = """SELECT name AS source_domain, arrayElement(splitByChar('.', name), -1) AS tld,
    toUInt64(0) AS links, toUInt64(0) AS live, toUInt64(0) AS lost, toUInt64(0) AS unknown, toUInt64(0) AS follow,
    toUInt64(0) AS nofollow, toUInt32(0) AS hosts, toInt64(-1) AS reported_links, toDateTime(0, 'UTC') AS first_seen,
    toDateTime({graph_day:Date}, 'UTC') AS last_seen, toDateTime(0, 'UTC') AS lost_at, 'unknown' AS state,
    CAST([], 'Array(String)') AS ips, CAST([], 'Array(String)') AS subnets, '' AS country,
    CAST([], 'Array(String)') AS countries, CAST(map(), 'Map(String, Float64)') AS metrics, ['commoncrawl'] AS sources
FROM (GRAPH_NAMES) WHERE name NOT IN (SELECT source_domain FROM edges WHERE KNOWN)"""
# The score of each domain of `{rows}`: the workspace's own before that of the open graph.
_SCORES = """SELECT domain, argMax(score, workspace) AS score FROM authority
WHERE (workspace, run, version) IN {scores:Array(Tuple(UInt32, UInt64, String))}
    AND domain IN (SELECT source_domain FROM (ROWS)) GROUP BY domain"""
NO_SCORE = "toFloat64(-1)"
SCORED = frozenset(("links", "domains", "hosts"))  # reports whose rows have the score of their `source_domain`


# --- The open graph -------------------------------------------------------------------------------------------------
def joins_graph(query: LinkQuery) -> bool:
    """Only of a whole domain: a graph of domains knows no hosts, folders or pages."""
    return query.with_graph and query.graph is not None and query.target.scope == "root"


def graph_parameters(query: LinkQuery) -> dict[str, Any]:
    batch, node = query.graph or (0, 0)
    return {"graph": batch, "node": node, "graph_day": query.graph_day}


def with_graph(where: str) -> str:
    """Referring domains of a whole domain: the settled ones and those of the open graph, each once."""
    return f"""SELECT {EDGE_COLUMNS}, if(source_domain IN ({GRAPH_NAMES}),
        arraySort(arrayDistinct(arrayPushBack(sources, 'commoncrawl'))), sources) AS sources
    FROM edges WHERE {where}
    UNION ALL
    {only_graph(where)}"""


def only_graph(where: str) -> str:
    """The domains that nobody but the open graph knows."""
    return _ONLY_GRAPH.replace("GRAPH_NAMES", GRAPH_NAMES).replace("KNOWN", where)


# --- Authority ------------------------------------------------------------------------------------------------------
def asks_for_scores(query: LinkQuery) -> bool:
    """Whether rows must have their score before they are sorted or filtered; else it is added to the rows shown."""
    return query.report in SCORED and (query.sort == "authority" or "authority" in query.names)


def with_scores(query: LinkQuery, rows: str, among: str = "") -> str:
    """The rows with their authority, -1 where there is none. `among`: rows that hold these and are read with less."""
    if not query.scores:
        return f"SELECT *, {NO_SCORE} AS authority FROM ({rows})"
    scores = _SCORES.replace("ROWS", among or rows)
    return f"""SELECT rows.*, if(scored.domain = '', {NO_SCORE}, scored.score) AS authority FROM ({rows}) AS rows
    LEFT ANY JOIN ({scores}) AS scored ON scored.domain = rows.source_domain"""


def score_parameters(query: LinkQuery) -> dict[str, Any]:
    return {"scores": list(query.scores)} if query.scores else {}
