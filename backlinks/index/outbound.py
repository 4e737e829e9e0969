"""What a site links to: every profile that a reader may see, read from the side of the domain that links.

Decided: a row is an edge of some target's newest generation, kept a second time in the order of linking domains, so
that one site's rows lie together; crawls of the site itself are among them, because a crawl settles every target that
it finds. The open graph lies in the order of its targets: what one domain links to is found by reading all edges, so it
is asked only up to `GRAPH_EDGES`, and a reader is told where it was not. Refused: a second copy of the graph by source,
which would double the largest table for one page; showing edges of other clients' profiles to those who see named
projects only, because such a row counts what every source says, and a check of another client's links is a crawl too.
What the crawls of their own project found on its site is shown to them, counted from those crawls alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from seoapp.lib.listquery import Field, ListQuery

from . import asking, engine, graph, kept
from .authority import score_rows, shown_keys
from .columns import STATES, VENDORS
from .derive import IS_LINK, NEVER
from .joined import NO_SCORE
from .reports import RowPage, _plain
from .sight import Sight, newest

GRAPH_EDGES = 100_000_000  # fifty million are read in an eighth of a second on two cores
_OWN = "workspace IN {scope:Array(UInt32)} AND source_domain = {domain:String}"
_NAMED = f"SELECT target_domain FROM outbound WHERE {_OWN}"
_SEEN = f"{_OWN} AND {newest(_NAMED)}"
_COLUMNS = ("links", "live", "lost", "unknown", "follow", "nofollow", "first_seen", "last_seen", "state", "sources")
_PICKED = ", ".join(f"argMax({name}, weight) AS {name}" for name in _COLUMNS[:-1])
# Of profiles, the workspace's own counts before the open data's.
_PROFILES = f"""SELECT target_domain, {", ".join(_COLUMNS)}, if(workspace = 0, 0, 2) AS weight
    FROM outbound WHERE {_SEEN}"""
# What these crawls found on the site, by the rules of a link's state; the newest finding of a link speaks.
_CRAWLED = f"""SELECT target_domain, count() AS links, countIf(is = 'live') AS live, countIf(is = 'lost') AS lost,
        countIf(is = 'unknown') AS unknown, countIf(rel = 0) AS follow, countIf(rel = 1) AS nofollow,
        min(began) AS first_seen, max(seen) AS last_seen,
        multiIf(live > 0, 'live', lost = links, 'lost', 'unknown') AS state, ['crawl'] AS sources, 1 AS weight
    FROM (SELECT target_domain, link_id, argMaxIf(nofollow, (last_seen, -nofollow), nofollow >= 0) AS rel,
            min(first_seen) AS began, max(last_seen) AS seen,
            multiIf(argMax(lost_reason, (greatest(last_seen, lost_at), row)) != '', 'lost',
                toDate(seen) >= toDate(now('UTC')) - {{fresh:UInt16}}, 'live', 'unknown') AS is
        FROM observations WHERE workspace = {{own:UInt32}} AND source_domain = {{domain:String}} AND source = 'crawl'
            AND target_domain IN ({_NAMED}) AND target_domain != {{domain:String}} AND {IS_LINK}
            AND batch IN {{crawls:Array(UInt64)}} AND batch IN (SELECT batch FROM batches
                WHERE workspace = {{own:UInt32}} GROUP BY batch HAVING argMax(state, version) = 'complete')
        GROUP BY target_domain, link_id)
    GROUP BY target_domain"""
_MERGED = f"""SELECT target_domain, {_PICKED}, arraySort(groupUniqArrayArray(sources)) AS sources
    FROM (<profiles>) GROUP BY target_domain"""
# A scalar, so that a statement which names it twice reads the edges once.
_TARGETS = """(SELECT groupUniqArray(target) FROM graph_edges
    WHERE workspace = 0 AND batch = {graph:UInt64} AND source = {node:UInt32})"""
_LINKED = f"""SELECT arrayStringConcat(arrayReverse(splitByChar('.', reversed)), '.') AS name FROM graph_domains
    WHERE workspace = 0 AND batch = {{graph:UInt64}} AND id != {{node:UInt32}}
        AND id IN (SELECT arrayJoin({_TARGETS}))"""
_WITH_GRAPH = f"""SELECT * EXCEPT (sources), if(target_domain IN ({_LINKED}),
        arraySort(arrayDistinct(arrayPushBack(sources, 'commoncrawl'))), sources) AS sources FROM (<known>)
    UNION ALL SELECT name AS target_domain, toUInt64(0) AS links, toUInt64(0) AS live, toUInt64(0) AS lost,
        toUInt64(0) AS unknown, toUInt64(0) AS follow, toUInt64(0) AS nofollow, {NEVER} AS first_seen,
        toDateTime({{graph_day:Date}}, 'UTC') AS last_seen, 'unknown' AS state, ['commoncrawl'] AS sources
    FROM ({_LINKED}) WHERE name NOT IN (SELECT target_domain FROM (<known>))"""
_SCORES = """SELECT domain, argMax(score, workspace) AS score FROM authority
WHERE (workspace, run, version) IN {{scores:Array(Tuple(UInt32, UInt64, String))}}
    AND domain IN (SELECT target_domain FROM ({rows})) GROUP BY domain"""
_SCORED = f"""SELECT rows.*, if(scored.domain = '', {NO_SCORE}, scored.score) AS authority FROM ({{rows}}) AS rows
LEFT ANY JOIN ({_SCORES}) AS scored ON scored.domain = target_domain"""


def _number(name: str, label: str, *, help: str = "", default: bool = True) -> Field:
    return Field(name, label, "int", "number", help=help, default=default)


FIELDS = (
    Field("target_domain", "Domain", "text", "text", help="The domain that is linked to."),
    Field("authority", "Authority", "score", "number", help="Its Authority Score, by our published formula."),
    _number("links", "Links", help="Page-level links known; none of a domain that only the open graph names."),
    _number("live", "Live", default=False),
    _number("lost", "Lost", default=False),
    _number("unknown", "Unknown", default=False),
    _number("follow", "Follow"),
    _number("nofollow", "Nofollow"),
    Field("state", "State", "state", "choice", STATES),
    Field("first_seen", "First seen", "date", "date"),
    Field("last_seen", "Last seen", "date", "date"),
    Field("sources", "Known by", "list", "choice", VENDORS, sortable=False),
)
SORT = "-authority"


@dataclass(frozen=True, slots=True)
class Outbound:
    """What `domain` links to, as `sight` sees it. `graph` is the batch of the release and the domain's node in it, None
    where it is not asked, and `graph_state` says why: asked, off, none (no release), absent (of the domain) or costly.
    `crawls` are batches of crawls whose findings on this site are seen, whatever profiles are.
    """

    sight: Sight
    domain: str
    graph: tuple[int, int] | None
    graph_state: str
    release: graph.Release | None
    scores: tuple[tuple[int, int, str], ...]
    crawls: tuple[int, ...] = ()

    @property
    def parameters(self) -> dict[str, Any]:
        batch, node = self.graph or (0, 0)
        day = self.release.last_day if self.release else None
        asked = {"graph": batch, "node": node, "graph_day": day} if self.graph else {}
        return {**_bound(self.sight, self.domain, self.crawls), **asked}

    @property
    def rows(self) -> str:
        known = _known(self.crawls)
        return _WITH_GRAPH.replace("<known>", known) if self.graph else known


@dataclass(frozen=True, slots=True)
class OutboundFigures:
    """Domains that are linked to, by state; `graph_domains` are those that nobody but the open graph knows."""

    domains: int
    live: int
    lost: int
    unknown: int
    links: int
    follow: int
    nofollow: int
    graph_domains: int


def _known(crawls: Sequence[int]) -> str:
    return _MERGED.replace("<profiles>", f"{_PROFILES} UNION ALL {_CRAWLED}" if crawls else _PROFILES)


def _bound(sight: Sight, domain: str, crawls: Sequence[int]) -> dict[str, Any]:
    of_crawls = {"own": sight.workspace, "crawls": list(crawls), "fresh": settings.LINK_FRESH_DAYS} if crawls else {}
    return {**sight.parameters, "domain": domain, **of_crawls}


def of_domain(sight: Sight, domain: str, *, with_graph: bool = True, crawls: Sequence[int] = ()) -> Outbound:
    """What is to be read; fixes the release and the scores, so that all reads of a page agree."""
    release = graph.current()
    node, state = _asked(release, domain, with_graph=with_graph)
    at = (release.batch, node) if release and node is not None else None
    return Outbound(sight, domain, at, state, release, shown_keys(sight.workspace), tuple(crawls))


def _asked(release: graph.Release | None, domain: str, *, with_graph: bool) -> tuple[int | None, str]:
    if release is None:
        return None, "none"
    if not with_graph:
        return None, "off"
    if release.edges > GRAPH_EDGES:
        return None, "costly"
    node = graph.node_of(release, domain)
    return node, "absent" if node is None else "asked"


def figures(asked: Outbound) -> OutboundFigures:
    """Totals over all domains that are linked to."""
    statement = f"""SELECT count() AS domains, countIf(state = 'live') AS live, countIf(state = 'lost') AS lost,
        countIf(state = 'unknown') AS unknown, sum(links) AS links, sum(follow) AS follow, sum(nofollow) AS nofollow,
        countIf(sources = ['commoncrawl'] AND links = 0) AS graph_domains
    FROM (SELECT state, sources, links, follow, nofollow FROM ({asked.rows}))"""
    return OutboundFigures(**_read(asked.sight, statement, asked.parameters)[0])


def count(sight: Sight, domain: str, crawls: Sequence[int] = ()) -> int:
    """How many domains it links to by profiles and crawls alone."""
    found = (
        f"SELECT target_domain FROM ({_known(crawls)})"
        if crawls
        else f"SELECT target_domain FROM outbound WHERE {_SEEN}"
    )
    statement = f"SELECT count() AS n FROM (SELECT DISTINCT target_domain FROM ({found}))"
    return _read(sight, statement, _bound(sight, domain, crawls))[0]["n"]


def _read(sight: Sight, statement: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    return kept.read(statement, parameters, epoch=kept.epoch_of(sight.workspace))


def rows(asked: Outbound, query: ListQuery) -> RowPage:
    """One page of the domains that are linked to."""
    statement, parameters = _statement(asked, query, scored=_needs_scores(query))
    window = {"limit": query.per_page + 1, "offset": (query.page - 1) * query.per_page}
    found = _read(asked.sight, f"{statement} LIMIT {{limit:UInt64}} OFFSET {{offset:UInt64}}", parameters | window)
    shown = [_plain(row) for row in found[: query.per_page]]
    _add_scores(asked, shown)
    return RowPage(shown, len(found) > query.per_page)


def stream(asked: Outbound, query: ListQuery) -> Iterator[dict[str, Any]]:
    """Every row in its order, for exports."""
    return (_plain(row) for row in engine.stream(*_statement(asked, query, scored=True)))


def _needs_scores(query: ListQuery) -> bool:
    return query.sort == "authority" or any(one.name == "authority" for one in query.filters)


def _add_scores(asked: Outbound, found: Sequence[dict[str, Any]]) -> None:
    missing = {row["target_domain"] for row in found if "authority" not in row}
    known = score_rows(asked.scores, missing)
    for row in found:
        if "authority" not in row:
            row["authority"] = known[row["target_domain"]]["score"] if row["target_domain"] in known else -1.0


def _statement(asked: Outbound, query: ListQuery, *, scored: bool) -> tuple[str, dict[str, Any]]:
    source, parameters = f"SELECT * FROM ({asked.rows})", asked.parameters
    if scored and asked.scores:
        source, parameters = _SCORED.format(rows=asked.rows), parameters | {"scores": list(asked.scores)}
    elif scored:
        source = f"SELECT *, {NO_SCORE} AS authority FROM ({asked.rows})"
    return asking.asked_for(source, parameters, query, tie="target_domain")


# --- Of many domains at once ------------------------------------------------------------------------------------------
_OF_NAMES = "workspace IN {scope:Array(UInt32)} AND source_domain IN {names:Array(String)}"
_OTHER = "target_domain NOT IN {apart:Array(String)}"
SETS_SQL = f"""SELECT source_domain, count() AS domains, countIf({_OTHER}) AS others,
    toString(sumIf(cityHash64(target_domain), {_OTHER})) AS print
FROM (SELECT DISTINCT source_domain, target_domain FROM outbound
    WHERE {_OF_NAMES} AND {newest(f"SELECT target_domain FROM outbound WHERE {_OF_NAMES}")})
GROUP BY source_domain"""


@dataclass(frozen=True, slots=True)
class LinkedSet:
    """How many domains a site is known to link to; of the `others` (not set apart) also their number and a print:
    sites with equal sets have equal prints."""

    domains: int
    others: int
    print: str


def sets_of(sight: Sight, names: Sequence[str], apart: Sequence[str]) -> dict[str, LinkedSet]:
    """What each of these sites links to. `apart` are domains whose profiles somebody chose to bring: that two sites
    link to all of them says what was brought, not what the sites have in common."""
    found = engine.read(SETS_SQL, {**sight.parameters, "names": list(names), "apart": list(apart)})
    return {row["source_domain"]: LinkedSet(row["domains"], row["others"], row["print"]) for row in found}
