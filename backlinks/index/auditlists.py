"""Lists of what an audit found: its domains, the links and the evidence of one, and what domains share.

Decided: a list is of one run, which never changes; its columns are those of any list (`asking`). Refused: joining the
newest settled links, which may be others than those that were judged.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seoapp.lib.listquery import Field, ListQuery

from . import asking, engine
from .audits import OF_RUN
from .column import VENDORS
from .linkcolumns import GOOGLE_HELP
from .portions import bound_array, portions
from .reports import RowPage

BANDS = ("toxic", "potentially", "none", "unassessed")
SORT, TIE = "-risk", "confidence DESC, source_domain"
MOST_LINKS = 200  # of one domain, on its page
GROUP_HELP = "Groups with evidence at its riskiest link; trust where it was found."
KNOWN_HELP = "Whose files name it, or whether our crawler or Common Crawl saw it, when the audit was made."
AGAIN = "This audit is older than that: run the audit again."
_DAY = "toDateTime({0}, 'UTC') AS {0}"
# A run and the one before it (0: there was none, or its rows are gone), and the domains that the latter knew.
_TARGET = "target_domain = {target:String} AND workspace = {workspace:UInt32}"
OF_TWO = f"{_TARGET} AND run IN ({{run:UInt64}}, {{before:UInt64}})"
# What links are grouped by; those without words are told apart by what they are: (image), (empty), (unknown).
ANCHOR_KEY = "if(words = '', concat('(', toString(anchor_class), ')'), words)"
OLD_NAMES = f"SELECT source_domain FROM audit_domains WHERE {_TARGET} AND run = {{before:UInt64}}"
# How sure an audit is, in words: from 0.5 on it proposes, below 0.3 it does not judge.
CERTAINTY = {"high": 0.7, "fair": 0.5, "low": 0.3, "little": 0.0}
# Groups with evidence at the riskiest link, and trust; a marker's id begins with its group.
_GROUPS = """arrayDistinct(arrayMap(marker -> substring(marker, 1, 3),
    arrayFilter((marker, kind) -> kind != 'C' OR startsWith(marker, 'TRU'), markers, kinds)))"""
_CERTAINTY = ", ".join(
    f"audit_domains.confidence >= toFloat32({least}), '{name}'" for name, least in CERTAINTY.items() if least
)
_COLUMNS = f"""source_domain, toInt64(risk) AS risk, toInt64(round(confidence * 100)) AS confidence, band,
    multiIf({_CERTAINTY}, 'little') AS certainty, toInt64(links) AS links, toInt64(sharing) AS sharing, markers, kinds,
    points, {_GROUPS} AS groups, toString(state) AS state, toFloat64(authority) AS authority,
    toString(country) AS country, {_DAY.format("first_seen")}, {_DAY.format("last_seen")}, sources,
    multiIf(known_to_google = 1, 'yes', known_to_google = 0, 'no', 'unknown') AS known_to_google, link_id"""


def _kept_to(name: str, table: str, key: str) -> str:
    """The condition that a domain has a link, or a finding, of this key, where one is asked for."""
    return f"""({{{name}:String}} = '' OR source_domain IN (SELECT source_domain FROM {table}
    WHERE {{{name}:String}} != '' AND {OF_RUN} AND {key} = {{{name}:String}}))"""


DOMAINS_SQL = f"""SELECT {_COLUMNS},
    if({{before:UInt64}} = 0, -1, toInt8(source_domain NOT IN ({OLD_NAMES}))) AS new
FROM audit_domains WHERE {OF_RUN} AND {_kept_to("anchor", "audit_links", ANCHOR_KEY)}
    AND {_kept_to("linked", "audit_links", "target_key")} AND {_kept_to("found", "audit_findings", "marker")}"""
TOLD_SQL = f"SELECT {_COLUMNS} FROM audit_domains WHERE {OF_RUN} AND source_domain IN {{names:Array(String)}}"
_OF_LINKS = f"""SELECT source_domain, link_id, source_url, target_url, anchor, anchor_class, state, nofollow, risk,
    confidence, band, gates, trust, groups, fired, missing, first_seen, last_seen FROM audit_links
WHERE {OF_RUN} AND source_domain = {{domain:String}}"""
LINKS_SQL = f"""{_OF_LINKS} ORDER BY risk DESC, confidence DESC, source_url, link_id
LIMIT {{most:UInt32}}"""
LINK_SQL = f"{_OF_LINKS} AND link_id = {{link:UInt64}} LIMIT 1"
FINDINGS_SQL = f"""SELECT marker, unit, page, link_id, value, said, day, cluster,
    count() OVER (PARTITION BY marker) AS times
FROM audit_findings WHERE {OF_RUN} AND source_domain = {{domain:String}}
ORDER BY marker, value DESC, page, link_id LIMIT 3 BY marker"""
# Of one link, of the page it stands on, and of its domain.
FINDINGS_AT_SQL = f"""SELECT marker, unit, page, link_id, value, said, day, cluster, toUInt64(1) AS times
FROM audit_findings WHERE {OF_RUN} AND source_domain = {{domain:String}} AND marker IN {{fired:Array(String)}}
    AND multiIf(unit = 'links', link_id = {{link:UInt64}}, unit = 'pages', page = {{page:String}}, 1)
ORDER BY marker, value DESC LIMIT 3 BY marker"""
MOST_EXAMPLES = 5  # links of a domain, for people who know the site and no tables
VALUES_SQL = f"""SELECT source_domain, marker, max(value) AS value, argMax(said, value) AS said
FROM audit_findings WHERE {OF_RUN} AND source_domain IN {{names:Array(String)}} GROUP BY source_domain, marker"""
EXAMPLES_SQL = f"""SELECT source_domain, source_url, target_url, anchor, state FROM audit_links
WHERE {OF_RUN} AND source_domain IN {{names:Array(String)}}
ORDER BY source_domain, state = 'lost', risk DESC, confidence DESC, source_url, link_id
LIMIT {MOST_EXAMPLES} BY source_domain"""
# Clusters of no marker are networks: what several shared things hold together.
_CLUSTERS = f"""SELECT marker, cluster, what, domains, things, length(domains) AS size FROM audit_clusters
WHERE {OF_RUN}"""
CLUSTERS_SQL = f"{_CLUSTERS} AND marker != '' ORDER BY size DESC, marker, cluster LIMIT {{most:UInt32}}"
NETWORKS_SQL = f"{_CLUSTERS} AND marker = '' ORDER BY size DESC, cluster LIMIT {{most:UInt32}}"
OWN_CLUSTERS_SQL = f"{_CLUSTERS} AND has(domains, {{domain:String}}) ORDER BY marker != '', size DESC, marker, cluster"
MISSING_SQL = f"""SELECT source, count() AS links FROM audit_links ARRAY JOIN missing AS source
WHERE {OF_RUN} GROUP BY source ORDER BY links DESC, source"""
FIRED_SQL = f"""SELECT marker, uniqExact(source_domain) AS domains FROM audit_findings WHERE {OF_RUN} GROUP BY marker"""


@dataclass(frozen=True, slots=True)
class AuditRun:
    """A run of an audit of a target, as the workspace that it belongs to asks for it; `before` is the one before it.

    Lists of its domains keep to those with a link of this `anchor` (ANCHOR_KEY), or to the page `linked` (its key), or
    at which this marker was `found`, be it at another link than the riskiest.
    """

    target: str
    workspace: int
    run: int
    before: int = 0
    anchor: str = ""
    linked: str = ""
    found: str = ""

    @property
    def bound(self) -> dict[str, Any]:
        return {
            "target": self.target,
            "workspace": self.workspace,
            "run": self.run,
            "before": self.before,
            "anchor": self.anchor,
            "linked": self.linked,
            "found": self.found,
        }


def fields(markers: tuple[str, ...], groups: tuple[str, ...] = (), *, knows_sources: bool = True) -> tuple[Field, ...]:
    """The columns of the list of domains; `markers` and `groups` are the ids to choose from.

    `knows_sources`: the run kept who knows a domain, as runs since the columns for it do.
    """
    again = "" if knows_sources else f" {AGAIN}"
    vendors, known = (VENDORS, ("yes", "no", "unknown")) if knows_sources else ((), ())
    return (
        Field("source_domain", "Referring domain", "text", "text"),
        Field("risk", "Risk", "int", "number", help="Of its riskiest link, 0 to 100."),
        Field("confidence", "Confidence, %", "int", "number", help="How much of what applies could be looked at."),
        Field("certainty", "Confidence in words", "text", "choice", tuple(CERTAINTY), sortable=False, default=False),
        Field("band", "Band", "text", "choice", BANDS),
        Field("decision", "Decision", "text", sortable=False, help="What your team decided about this domain."),
        Field("assigned", "Assigned to", "text", sortable=False, default=False, help="Who is to look at it."),
        Field("markers", "What was found", "list", "choice", markers, sortable=False, help="At its riskiest link."),
        Field("groups", "Group", "list", "choice", groups, sortable=False, default=False, help=GROUP_HELP),
        Field("new", "New", "bool", "flag", default=False, help="The audit before did not know it."),
        Field("sources", "Known by", "list", "choice", vendors, sortable=False, default=False, help=KNOWN_HELP + again),
        Field("known_to_google", "Known to Google", "text", "choice", known, sortable=False, default=False,
              help=GOOGLE_HELP + again),
        Field("links", "Links", "int", "number"),
        Field("sharing", "Links as risky", "int", "number", default=False),
        Field("state", "State", "state", "choice", ("live", "lost", "unknown")),
        Field("authority", "Authority", "score", "number"),
        Field("country", "Country", "text", "text", default=False),
        Field("first_seen", "First seen", "date", "date"),
        Field("last_seen", "Last seen", "date", "date", default=False),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Among:
    """Which domains a list is of: all but `names`, or these alone."""

    names: frozenset[str] = frozenset()
    is_only: bool = False

    @property
    def condition(self) -> tuple[str, dict[str, Any]]:
        if not self.names and not self.is_only:
            return "", {}
        array, bound = bound_array("decided", sorted(self.names))
        return f" AND source_domain {'IN' if self.is_only else 'NOT IN'} ({array})", bound


ALL = Among()


def domain_rows(asked: AuditRun, query: ListQuery, among: Among = ALL) -> RowPage:
    condition, bound = among.condition
    return asking.page_of(DOMAINS_SQL + condition, asked.bound | bound, query, tie=TIE)


def every_domain(asked: AuditRun, query: ListQuery, among: Among = ALL) -> Iterator[dict[str, Any]]:
    condition, bound = among.condition
    return asking.every_row(DOMAINS_SQL + condition, asked.bound | bound, query, tie=TIE)


def chosen_domains(asked: AuditRun, query: ListQuery, among: Among, most: int) -> list[str]:
    """The names of all rows that fit, one more than `most` at most."""
    condition, bound = among.condition
    sql, parameters = asking.filtered(DOMAINS_SQL + condition, asked.bound | bound, query.filters, query.fields)
    found = engine.read(f"SELECT source_domain FROM ({sql}) LIMIT {{most:UInt32}}", parameters | {"most": most + 1})
    return [row["source_domain"] for row in found]


def told_of(asked: AuditRun, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The rows of these domains, of those that the run knows."""
    found: dict[str, dict[str, Any]] = {}
    for portion in portions(names):
        rows = engine.read(TOLD_SQL, asked.bound | {"names": portion})
        found |= {row["source_domain"]: row for row in rows}
    return found


def domain_row(asked: AuditRun, domain: str) -> dict[str, Any] | None:
    return told_of(asked, [domain]).get(domain)


def links_of(asked: AuditRun, domain: str, most: int = MOST_LINKS) -> list[dict[str, Any]]:
    """Its riskiest links, the riskiest first."""
    return engine.read(LINKS_SQL, asked.bound | {"domain": domain, "most": most})


def link_of(asked: AuditRun, domain: str, link_id: int) -> dict[str, Any] | None:
    """One link of a domain; 0 is the one of a domain that is known by its name only."""
    found = engine.read(LINK_SQL, asked.bound | {"domain": domain, "link": link_id})
    return found[0] if found else None


def findings_at(asked: AuditRun, link: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The evidence of a link (a row of `link_of`): its own, and that of its page and its domain."""
    place = {"domain": link["source_domain"], "page": link["source_url"], "link": link["link_id"]}
    return engine.read(FINDINGS_AT_SQL, asked.bound | place | {"fired": list(link["fired"])})


def findings_of(asked: AuditRun, domain: str) -> list[dict[str, Any]]:
    """The evidence at a domain, its pages and links: up to three places a marker, and at how many it fired."""
    return engine.read(FINDINGS_SQL, asked.bound | {"domain": domain})


def values_of(asked: AuditRun, names: Iterable[str]) -> dict[str, dict[str, tuple[float, str]]]:
    """Domain -> marker that fired there -> its highest value, with what it said of it."""
    found: dict[str, dict[str, tuple[float, str]]] = {}
    for portion in portions(names):
        for row in engine.read(VALUES_SQL, asked.bound | {"names": portion}):
            found.setdefault(row["source_domain"], {})[row["marker"]] = (row["value"], row["said"])
    return found


def examples_of(asked: AuditRun, names: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Domain -> some of its links: live ones first, the riskiest of them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for portion in portions(names):
        for row in engine.read(EXAMPLES_SQL, asked.bound | {"names": portion}):
            found.setdefault(row["source_domain"], []).append(row)
    return found


def clusters(asked: AuditRun, most: int) -> list[dict[str, Any]]:
    """What domains share, the thing of most domains first."""
    return engine.read(CLUSTERS_SQL, asked.bound | {"most": most})


def networks(asked: AuditRun, most: int) -> list[dict[str, Any]]:
    """Domains that several shared things hold together, the largest network first."""
    return engine.read(NETWORKS_SQL, asked.bound | {"most": most})


def clusters_of(asked: AuditRun, domain: str) -> list[dict[str, Any]]:
    return engine.read(OWN_CLUSTERS_SQL, asked.bound | {"domain": domain})


def missing(asked: AuditRun) -> list[dict[str, Any]]:
    """Source -> links at which some marker is unknown for want of it."""
    return engine.read(MISSING_SQL, asked.bound)


def fired(asked: AuditRun) -> dict[str, int]:
    """Marker -> domains at which it fired."""
    return {row["marker"]: row["domains"] for row in engine.read(FIRED_SQL, asked.bound)}
