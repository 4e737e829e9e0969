"""What lies around a target: the domains that link to it, those that link to them, and how all of these are linked.

Decided: who is taken is chosen in the index, by one expression (`WORTH`), so that a million candidates never leave it;
what is then judged of the few hundred that were taken is read by their names. Of the open graph, which lies in the
order of its targets, each domain's linking domains are read by the release's own PageRank first, and at most
`GRAPH_SAMPLE` edges a tier (those whose hashes are least, so the same every time): a hub has millions. Refused: walking
the graph in Python, and a random sample, which would draw another picture each time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import engine, graph, kept, sql
from .query import LinkQuery
from .sight import Sight, newest

# Weights of a choice: authority, links to the target, fewness of domains linked to. Full marks for the latter two:
# a thousand links, one domain; none at ten thousand domains.
AUTHORITY_WEIGHT, LINKS_WEIGHT, FEWNESS_WEIGHT = 0.5, 0.3, 0.2
MOST_LINKS, MOST_LINKED = 1_000, 10_000
SHORTLIST = 5  # candidates of a further tier for each place, because others may take them first
GRAPH_SAMPLE = 200_000
SPAM_METRICS = ("ahrefs_is_spam", "moz_spam", "semrush_toxic")
WORTH = f"""{AUTHORITY_WEIGHT} * greatest(authority, 0) / 100
    + {LINKS_WEIGHT} * least(1, log(1 + toFloat64(links)) / log(1 + {MOST_LINKS}))
    + {FEWNESS_WEIGHT} * if(linked < 1, 0, greatest(0, 1 - log(linked) / log({MOST_LINKED})))"""
_SAYS = "(links, length(ips), length(metrics), state)"  # which of a profile and the graph speaks for an edge
_FACTS = "links, state, ips, country, metrics, sources"
# Candidates (parent, source_domain and facts) with their score and the worth that decides.
_JUDGED = f"""SELECT *, {WORTH} AS worth FROM (
    SELECT rows.*, if(scored.domain = '', -1., scored.score) AS authority,
        if(scored.domain = '', 0, scored.linked) AS linked
    FROM (ROWS) AS rows LEFT ANY JOIN (
        SELECT domain, argMax(score, workspace) AS score, argMax(linked_domains, workspace) AS linked FROM authority
        WHERE (workspace, run, version) IN {{scores:Array(Tuple(UInt32, UInt64, String))}}
            AND domain IN (SELECT source_domain FROM (ROWS)) GROUP BY domain
    ) AS scored ON scored.domain = rows.source_domain)"""
_UNSCORED = f"SELECT *, {WORTH} AS worth FROM (SELECT *, -1. AS authority, 0 AS linked FROM (ROWS))"
_GRAPH_SAMPLE = """SELECT DISTINCT target, source FROM graph_edges
    WHERE workspace = 0 AND batch = {graph:UInt64} AND target IN {nodes:Array(UInt32)} AND source != target
    ORDER BY cityHash64(target, source) LIMIT {sample:UInt32}"""
_RANKED = f"""SELECT target, source FROM ({_GRAPH_SAMPLE}) AS sample INNER JOIN (
        SELECT id, pagerank_at AS place FROM graph_domains WHERE workspace = 0 AND batch = {{graph:UInt64}}
            AND id IN (SELECT source FROM ({_GRAPH_SAMPLE}))) AS ranks ON ranks.id = sample.source
    ORDER BY target, place = 0, place, cityHash64(source) LIMIT {{each:UInt32}} BY target"""
_OF_GRAPH = f"""SELECT transform(target, {{nodes:Array(UInt32)}}, {{parents:Array(String)}}, '') AS parent,
    arrayStringConcat(arrayReverse(splitByChar('.', reversed)), '.') AS source_domain, toUInt64(0) AS links,
    'unknown' AS state, CAST([], 'Array(String)') AS ips, '' AS country,
    CAST(map(), 'Map(String, Float64)') AS metrics, ['commoncrawl'] AS sources
FROM ({_RANKED}) AS ranked INNER JOIN (SELECT id, reversed FROM graph_domains
    WHERE workspace = 0 AND batch = {{graph:UInt64}} AND id IN (SELECT source FROM ({_RANKED}))) AS named
    ON named.id = ranked.source"""
_OF_PROFILES = f"""SELECT target_domain AS parent, source_domain, {_FACTS} FROM edges
WHERE target_domain IN {{targets:Array(String)}} AND state != 'lost'
    AND {newest("{targets:Array(String)}")}"""


@dataclass(frozen=True, slots=True)
class Found:
    """A domain that links to `parent`. `authority` -1 and `linked` 0 are unknown; `worth` is what chose it."""

    parent: str
    domain: str
    links: int
    state: str
    authority: float
    linked: int
    worth: float
    ips: tuple[str, ...]
    country: str
    metrics: Mapping[str, float]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """Where the tiers come from: who reads, which scores, and which release of the open graph (None: not joined)."""

    sight: Sight
    scores: tuple[tuple[int, int, str], ...]
    release: graph.Release | None


def first_tier(query: LinkQuery, count: int) -> list[Found]:
    """The domains that link to the target of a pinned query and are worth most; lost ones are left out."""
    edges, parameters = sql.edges(query)
    rows = f"""SELECT {{target_domain:String}} AS parent, source_domain, {_FACTS} FROM ({edges})
        WHERE state != 'lost' AND source_domain != {{target_domain:String}}"""
    statement, bound = _judged(rows, query.scores)
    statement += " ORDER BY worth DESC, source_domain LIMIT {count:UInt32}"
    return _found(engine.read(statement, parameters | bound | {"count": count}))


def further_tier(around: Around, targets: Sequence[str], taken: Iterable[str], count: int) -> list[Found]:
    """The domains that link to each of `targets` and are worth most, so many more than `count` that others may take
    some; by target, the worthiest first. `taken` are in the picture already."""
    names = list(targets)
    parts, parameters = [_OF_PROFILES], {**around.sight.parameters, "targets": names, "taken": sorted(set(taken))}
    nodes = graph.nodes_of(around.release, names) if around.release else {}
    if around.release and nodes:
        parts.append(_OF_GRAPH)
        at = {"nodes": list(nodes.values()), "parents": list(nodes), "graph": around.release.batch}
        parameters |= at | {"sample": GRAPH_SAMPLE, "each": SHORTLIST * count}
    rows = f"""SELECT parent, source_domain, max(links) AS links, argMax(state, {_SAYS}) AS state,
        argMax(ips, {_SAYS}) AS ips, argMax(country, {_SAYS}) AS country, argMax(metrics, {_SAYS}) AS metrics,
        arraySort(groupUniqArrayArray(sources)) AS sources
    FROM ({" UNION ALL ".join(parts)}) WHERE source_domain != parent
        AND source_domain NOT IN {{taken:Array(String)}} GROUP BY parent, source_domain"""
    statement, bound = _judged(rows, around.scores)
    statement += " ORDER BY parent, worth DESC, source_domain LIMIT {count:UInt32} BY parent"
    return _found(engine.read(statement, parameters | bound | {"count": SHORTLIST * count}))


def _judged(rows: str, scores: Sequence[tuple[int, int, str]]) -> tuple[str, dict[str, Any]]:
    statement = (_JUDGED if scores else _UNSCORED).replace("ROWS", rows)
    return statement, {"scores": list(scores)} if scores else {}


def _found(rows: Iterable[Mapping[str, Any]]) -> list[Found]:
    return [
        Found(
            row["parent"], row["source_domain"], row["links"], row["state"], round(row["authority"], 2), row["linked"],
            round(row["worth"], 4), tuple(row["ips"]), row["country"], dict(row["metrics"]), tuple(row["sources"]),
        )
        for row in rows
    ]  # fmt: skip


# --- Among the domains that were taken --------------------------------------------------------------------------------
_AMONG = "source_domain IN {names:Array(String)} AND target_domain IN {names:Array(String)}"
AMONG_SQL = f"""SELECT source_domain, target_domain, argMax(links, workspace) AS links,
    argMax(state, workspace) AS state
FROM outbound WHERE workspace IN {{scope:Array(UInt32)}} AND {_AMONG}
    AND {newest("{names:Array(String)}")}
GROUP BY source_domain, target_domain ORDER BY source_domain, target_domain"""
GRAPH_AMONG_SQL = """SELECT DISTINCT target, source FROM graph_edges WHERE workspace = 0 AND batch = {graph:UInt64}
    AND target IN {nodes:Array(UInt32)} AND source IN {nodes:Array(UInt32)} AND target != source
ORDER BY source, target"""


@dataclass(frozen=True, slots=True)
class Among:
    """A domain that links to another one. `links` 0: the open graph alone says so, or a vendor that counts none."""

    source: str
    target: str
    links: int
    state: str
    in_graph: bool


def links_among(around: Around, names: Sequence[str]) -> list[Among]:
    """Who of these domains links to whom, by profiles and by the open graph; lost ones too, with their state."""
    found = {
        (row["source_domain"], row["target_domain"]): (row["links"], row["state"])
        for row in engine.read(AMONG_SQL, {**around.sight.parameters, "names": list(names)})
    }
    drawn = _graph_links(around.release, names) if around.release else set()
    return [Among(*pair, *found.get(pair, (0, "unknown")), pair in drawn) for pair in sorted({*found, *drawn})]


def _graph_links(release: graph.Release, names: Sequence[str]) -> set[tuple[str, str]]:
    by_id = {node: name for name, node in graph.nodes_of(release, names).items()}
    rows = engine.read(GRAPH_AMONG_SQL, {"graph": release.batch, "nodes": list(by_id)}) if by_id else []
    return {(by_id[row["source"]], by_id[row["target"]]) for row in rows}


# --- What links between them look like --------------------------------------------------------------------------------
_SPAM = ", ".join(
    f"maxIf(metrics['{name}'], mapContains(metrics, '{name}')) AS {name}, "
    f"max(mapContains(metrics, '{name}')) AS has_{name}"
    for name in SPAM_METRICS
)
_OUTER = ", ".join(f"max({name}) AS {name}, max(has_{name}) AS has_{name}" for name in SPAM_METRICS)
_PAIRS = "target_domain IN {targets:Array(String)} AND source_domain IN {names:Array(String)}"
PAIRS_SQL = f"""SELECT target_domain, source_domain, sum(n) AS links, sum(pages) AS pages,
    argMax(anchor, (n, anchor)) AS anchor, max(n) AS repeated, count() AS anchors,
    arraySort(groupUniqArrayArray(titles)) AS titles, {_OUTER}
FROM (SELECT target_domain, source_domain, anchor, count() AS n, uniqExact(source_url) AS pages,
        arrayFilter(one -> one != '', [min(title), max(title)]) AS titles, {_SPAM}
    FROM links WHERE {_PAIRS} AND state != 'lost'
        AND {newest("{targets:Array(String)}")}
    GROUP BY target_domain, source_domain, anchor)
GROUP BY target_domain, source_domain ORDER BY target_domain, source_domain"""
TITLES_SQL = """SELECT target_domain, title FROM crawled_pages
WHERE workspace IN {scope:Array(UInt32)} AND target_domain IN {names:Array(String)} AND title != ''
    AND ({sees_all:UInt8} = 1 OR target_domain IN {only:Array(String)})
GROUP BY target_domain, title ORDER BY target_domain, title LIMIT 50 BY target_domain"""


@dataclass(frozen=True, slots=True)
class Pair:
    """The links of one domain to another: the anchor that most of them have and how many do, titles of linking pages,
    and the greatest figure of each spam score that a vendor's file gives."""

    links: int
    pages: int
    anchor: str
    repeated: int
    anchors: int
    titles: tuple[str, ...]
    spam: Mapping[str, float]


def pairs(sight: Sight, targets: Sequence[str], names: Sequence[str]) -> dict[tuple[str, str], Pair]:
    """(linking domain, target) -> what their known links look like; lost ones are left out."""
    asked = {**sight.parameters, "targets": list(targets), "names": list(names)}
    return {(row["source_domain"], row["target_domain"]): _pair(row) for row in engine.read(PAIRS_SQL, asked)}


def _pair(row: Mapping[str, Any]) -> Pair:
    spam = {name: row[name] for name in SPAM_METRICS if row[f"has_{name}"]}
    titles = tuple(row["titles"])
    return Pair(row["links"], row["pages"], row["anchor"], row["repeated"], row["anchors"], titles, spam)


def titles_of(sight: Sight, names: Sequence[str]) -> dict[str, list[str]]:
    """Titles of pages of these sites that crawls have read, at most fifty each."""
    found: dict[str, list[str]] = {}
    for row in engine.read(TITLES_SQL, {**sight.parameters, "names": list(names)}):
        found.setdefault(row["target_domain"], []).append(row["title"])
    return found


# The newest topics that were judged of each target's referring domains, of the profile that is shown.
TOPICS_SQL = """SELECT source_domain, topic, max(weight) AS heaviest FROM topics
WHERE target_domain IN {targets:Array(String)} AND source_domain IN {names:Array(String)}
    AND (workspace, target_domain, run) IN (
        SELECT max(workspace), target_domain, argMax(run, (workspace, run)) FROM topic_runs
        WHERE workspace IN {scope:Array(UInt32)} AND target_domain IN {targets:Array(String)}
            AND (workspace = 0 OR {sees_all:UInt8} = 1 OR target_domain IN {only:Array(String)})
        GROUP BY target_domain)
GROUP BY source_domain, topic ORDER BY source_domain, heaviest DESC, topic"""


def topics_of(sight: Sight, targets: Sequence[str], names: Sequence[str]) -> dict[str, list[str]]:
    """Topics that were judged of these domains as referring domains of `targets`, the heaviest first."""
    found: dict[str, list[str]] = {}
    for row in engine.read(TOPICS_SQL, {**sight.parameters, "targets": list(targets), "names": list(names)}):
        found.setdefault(row["source_domain"], []).append(row["topic"])
    return found


def last_topic_run(workspace: int) -> int:
    """When topics of a profile that this workspace may see were judged last; topics come after a settle."""
    found = kept.once(
        "SELECT max(run) AS run FROM topic_runs WHERE workspace IN {scope:Array(UInt32)}", Sight(workspace).parameters
    )
    return int(found[0]["run"])
