"""Figures of thousands of targets at once: whole domains from what is settled, parts of domains from their links.

Decided: whole domains are read from the settled headlines, their addresses of knowledge and recent changes in one pass
over edges and links, so ten thousand of them cost a handful of reads. Hosts, folders and pages are counted from links,
grouped by the name that was asked for, folders a few at a time. What a target has is what its own page says; -1 stands
for what nobody knows.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from seoapp.lib.weburl import Target

from . import engine, graph
from .authority import shown_keys
from .columns import KINDS
from .figures import why_unknown
from .pagescores import part_score
from .pins import pin_all
from .portions import fitting, portions, written
from .query import LinkQuery

FOLDERS_AT_ONCE = 100
KEY_AROUND = 40  # bytes of workspace, generation and brackets in the key of a target
HOSTS_OF = 3  # a host, its bare name and its www twin, at most
WWW = 4
COUNTED = (
    "links", "live", "lost", "unknown", "follow", "nofollow", "rel_unknown", "ugc", "sponsored", *KINDS,
    "referring_domains", "hosts", "ips", "subnets",
)  # fmt: skip
RECENT = ("new_domains", "lost_domains", "new_links", "lost_links")
NOTHING: dict[str, Any] = {
    **dict.fromkeys((*COUNTED, *RECENT), 0),
    "graph_domains": -1,
    "authority": -1.0,
    "first_seen": None,
    "last_seen": None,
    "sources": [],
}
_KEYS = "(target_domain, workspace, generation) IN {keys:Array(Tuple(String, UInt32, UInt64))}"
_SINCE = "toDateTime({since:Date}, 'UTC')"
_PROFILES = f"SELECT target_domain, {', '.join(COUNTED)}, first_seen, last_seen FROM profiles WHERE {_KEYS}"
_EDGES = f"""SELECT target_domain, countIf(first_seen >= {_SINCE}) AS new_domains,
    countIf(state = 'lost' AND lost_at >= {_SINCE}) AS lost_domains, groupUniqArrayArray(sources) AS known_by
FROM edges WHERE {_KEYS} GROUP BY target_domain"""
_LINKS = f"""SELECT target_domain, countIf(first_seen >= {_SINCE}) AS new_links,
    countIf(state = 'lost' AND lost_at >= {_SINCE}) AS lost_links FROM links WHERE {_KEYS} GROUP BY target_domain"""
_COUNTS = f"""count() AS links, countIf(state = 'live') AS live, countIf(state = 'lost') AS lost,
    countIf(state = 'unknown') AS unknown, countIf(nofollow = 0) AS follow, countIf(nofollow = 1) AS nofollow,
    countIf(nofollow < 0) AS rel_unknown, countIf(ugc = 1) AS ugc, countIf(sponsored = 1) AS sponsored,
    {", ".join(f"countIf(kind = '{kind}') AS {kind}" for kind in KINDS)},
    uniqExact(cityHash64(source_domain)) AS referring_domains, uniqExact(cityHash64(source_host)) AS hosts,
    minIf(first_seen, first_seen > toDateTime(0, 'UTC')) AS first_seen, max(last_seen) AS last_seen,
    countIf(first_seen >= {_SINCE}) AS new_links,
    countIf(state = 'lost' AND lost_at >= {_SINCE}) AS lost_links, groupUniqArrayArray(sources) AS known_by"""
# A domain of a part is new with its first link to it, and lost with the last one.
_DOMAINS = f"""SELECT name, countIf(first >= {_SINCE}) AS new_domains,
    countIf(lost AND gone >= {_SINCE}) AS lost_domains
FROM (SELECT {{expression}} AS name, source_domain,
        minIf(first_seen, first_seen > toDateTime(0, 'UTC')) AS first, countIf(state != 'lost') = 0 AS lost,
        max(if(lost_at > toDateTime(0, 'UTC'), lost_at, last_seen)) AS gone
    FROM links WHERE {_KEYS} AND {{condition}} GROUP BY name, source_domain) GROUP BY name"""
_PARTS = f"SELECT {{expression}} AS name, {_COUNTS} FROM links WHERE {_KEYS} AND {{condition}} GROUP BY name"
# Where a domain stands, by its links to the part, else by all that is known of it.
_PLACES = f"""SELECT name, uniqExactArray(if(empty(own.ips), whole.ips, own.ips)) AS ips,
    uniqExactArray(if(empty(own.nets), whole.subnets, own.nets)) AS subnets
FROM (SELECT {{expression}} AS name, target_domain, source_domain, groupUniqArrayIf(ip, ip != '') AS ips,
        groupUniqArrayIf(toString(subnet), subnet != '') AS nets
    FROM links WHERE {_KEYS} AND {{condition}} GROUP BY name, target_domain, source_domain) AS own
LEFT ANY JOIN (SELECT target_domain, source_domain, ips, subnets FROM edges WHERE {_KEYS} AND notEmpty(ips)) AS whole
    ON whole.target_domain = own.target_domain AND whole.source_domain = own.source_domain
GROUP BY name"""
_GRAPH = """SELECT target, uniqExact(source) AS n FROM graph_edges
WHERE workspace = 0 AND batch = {graph:UInt64} AND target IN {nodes:Array(UInt32)} AND source != target
GROUP BY target"""
# Scope -> (name of a link's part, condition)
_BY_SCOPE = {
    "exact": ("target_key", "target_key IN {names:Array(String)}"),
    "host": (
        "transform(toString(target_host), {hosts:Array(String)}, {names:Array(String)}, '')",
        "target_host IN {hosts:Array(String)}",
    ),
    "prefix": (
        "arrayJoin(arrayFilter(one -> startsWith(target_key, one), {names:Array(String)}))",
        "arrayExists(one -> startsWith(target_key, one), {names:Array(String)})",
    ),
}


def list_figures(queries: Sequence[LinkQuery], since: date) -> list[dict[str, Any]]:
    """The figures of each target of one workspace, in their order; changes count from `since` on."""
    if not queries:
        return []
    together = fitting(queries, lambda one: written(one.target.domain))
    pinned = [one for some in together for one in pin_all(some)]
    found: dict[tuple[str, str], dict[str, Any]] = {}
    whole = [one for one in pinned if one.target.scope == "root"]
    for portion in _portions(whole):
        found |= {("root", name): row for name, row in _of_domains(portion, since).items()}
    for scope in _BY_SCOPE:
        for portion in _portions([one for one in pinned if one.target.scope == scope], scope):
            found |= {(scope, name): row for name, row in _of_parts(scope, portion, since).items()}
    return [_complete(one, found.get((one.target.scope, _name(one.target)), {})) for one in pinned]


def _complete(query: LinkQuery, row: dict[str, Any]) -> dict[str, Any]:
    score = part_score(query) if query.authority >= 0 else None
    made = NOTHING | row | {"authority": -1.0 if score is None else score}
    return made | dict.fromkeys(why_unknown(made), -1)


def _name(target: Target) -> str:
    return target.domain if target.scope == "root" else target.key


def _size(name: str) -> int:
    """Bytes of a target's key, the longest of what is bound of it."""
    return written(name) + KEY_AROUND


def _host_size(name: str) -> int:
    """Of a host its names are bound, each with its twins."""
    return max(_size(name), HOSTS_OF * (written(name) + WWW))


def _portions(queries: Sequence[LinkQuery], scope: str = "root") -> Iterator[list[LinkQuery]]:
    """Queries whose names fit into one request; of folders only a few, because each link is held against each."""
    by_name = {_name(one.target): one for one in queries}
    for names in portions(by_name, _host_size if scope == "host" else _size):
        step = FOLDERS_AT_ONCE if scope == "prefix" else 2_000
        for start in range(0, len(names), step):
            yield [by_name[name] for name in names[start : start + step]]


def _bound(queries: Iterable[LinkQuery], since: date) -> dict[str, Any]:
    keys = {(one.target.domain, one.owner, one.generation) for one in queries}
    return {"keys": sorted(keys), "since": since}


def _of_domains(queries: Sequence[LinkQuery], since: date) -> dict[str, dict[str, Any]]:
    bound = _bound(queries, since)
    rows: dict[str, dict[str, Any]] = {one.target.domain: {} for one in queries}
    for statement in (_PROFILES, _EDGES, _LINKS):
        for row in engine.read(statement, bound):
            rows[row.pop("target_domain")] |= _tidied(row)
    for domain, count in _graph_domains(queries).items():
        rows[domain]["graph_domains"] = count
    return rows


def _graph_domains(queries: Sequence[LinkQuery]) -> dict[str, int]:
    """How many domains the open graph names for each target that it knows."""
    nodes = {one.graph[1]: one for one in queries if one.graph is not None}
    if not nodes:
        return {}
    batch = next(iter(nodes.values())).graph[0]  # type: ignore[index]
    counted = engine.read(_GRAPH, {"graph": batch, "nodes": sorted(nodes)})
    return {one.target.domain: 0 for one in nodes.values()} | {
        nodes[row["target"]].target.domain: row["n"] for row in counted
    }


def _of_parts(scope: str, queries: Sequence[LinkQuery], since: date) -> dict[str, dict[str, Any]]:
    expression, condition = _BY_SCOPE[scope]
    pairs = [(host, one.target.key) for one in queries for host in _hosts(one.target)] if scope == "host" else []
    bound = _bound(queries, since) | {
        "names": [name for _, name in pairs] if pairs else [one.target.key for one in queries],
        "hosts": [host for host, _ in pairs],
    }
    rows: dict[str, dict[str, Any]] = {}
    for template in (_PARTS, _DOMAINS, _PLACES):
        statement = template.replace("{expression}", expression).replace("{condition}", condition)
        for row in engine.read(statement, bound):
            rows.setdefault(row.pop("name"), {}).update(_tidied(row))
    return rows


def _hosts(target: Target) -> list[str]:
    """A host and its www twin."""
    bare = target.key.removesuffix("/")
    return sorted({target.host, bare, f"www.{bare}"})


def _tidied(row: dict[str, Any]) -> dict[str, Any]:
    for name in ("first_seen", "last_seen"):
        if name in row:
            row[name] = _day(row[name])
    if "known_by" in row:
        row["sources"] = sorted(row.pop("known_by"))
    return row


def _day(value: datetime) -> date | None:
    return value.date() if value.year > 1970 else None


def newest_change(workspace: int) -> tuple[int, tuple[tuple[int, int, str], ...], int]:
    """What figures rest on: the newest generation, the scores and the release of the graph that a workspace sees."""
    row = engine.read(
        "SELECT max(generation) AS newest FROM generations WHERE workspace IN {scope:Array(UInt32)}",
        {"scope": sorted({0, workspace})},
    )[0]
    release = graph.current()
    return row["newest"], shown_keys(workspace), release.batch if release else 0
