"""Lists of what an audit found: its domains, the links and the evidence of one, and what domains share.

Decided: a list is of one run, which never changes; its columns are those of any list (`asking`). Refused: joining the
newest settled links, which may be others than those that were judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from seoapp.lib.listquery import Field, ListQuery

from . import asking, engine
from .audits import OF_RUN
from .reports import RowPage

BANDS = ("toxic", "potentially", "none", "unassessed")
SORT = "-risk"
MOST_LINKS = 200  # of one domain, on its page
_DAY = "toDateTime({0}, 'UTC') AS {0}"
_DOMAINS = f"""SELECT source_domain, toInt64(risk) AS risk, toInt64(round(confidence * 100)) AS confidence, band,
    toInt64(links) AS links, toInt64(sharing) AS sharing, markers, kinds, points, toString(state) AS state,
    toFloat64(authority) AS authority, toString(country) AS country, {_DAY.format("first_seen")},
    {_DAY.format("last_seen")} FROM audit_domains WHERE {OF_RUN}"""
LINKS_SQL = f"""SELECT link_id, source_url, target_url, anchor, anchor_class, state, nofollow, risk, confidence, band,
    gates, trust, groups, fired, missing, first_seen, last_seen FROM audit_links
WHERE {OF_RUN} AND source_domain = {{domain:String}} ORDER BY risk DESC, confidence DESC, source_url, link_id
LIMIT {{most:UInt32}}"""
FINDINGS_SQL = f"""SELECT marker, unit, page, link_id, value, said, day, cluster,
    count() OVER (PARTITION BY marker) AS times
FROM audit_findings WHERE {OF_RUN} AND source_domain = {{domain:String}}
ORDER BY marker, value DESC, page, link_id LIMIT 3 BY marker"""
CLUSTERS_SQL = f"""SELECT marker, cluster, what, domains, length(domains) AS size FROM audit_clusters
WHERE {OF_RUN} ORDER BY size DESC, marker, cluster LIMIT {{most:UInt32}}"""
OWN_CLUSTERS_SQL = f"""SELECT marker, cluster, what, domains, length(domains) AS size FROM audit_clusters
WHERE {OF_RUN} AND has(domains, {{domain:String}}) ORDER BY size DESC, marker, cluster"""
MISSING_SQL = f"""SELECT source, count() AS links FROM audit_links ARRAY JOIN missing AS source
WHERE {OF_RUN} GROUP BY source ORDER BY links DESC, source"""
FIRED_SQL = f"""SELECT marker, uniqExact(source_domain) AS domains FROM audit_findings WHERE {OF_RUN} GROUP BY marker"""


@dataclass(frozen=True, slots=True)
class AuditRun:
    """A run of an audit of a target, as the workspace that it belongs to asks for it."""

    target: str
    workspace: int
    run: int

    @property
    def bound(self) -> dict[str, Any]:
        return {"target": self.target, "workspace": self.workspace, "run": self.run}


def fields(markers: tuple[str, ...]) -> tuple[Field, ...]:
    """The columns of the list of domains; `markers` are the ids to choose from."""
    return (
        Field("source_domain", "Referring domain", "text", "text"),
        Field("risk", "Risk", "int", "number", help="Of its riskiest link, 0 to 100."),
        Field("confidence", "Confidence, %", "int", "number", help="How much of what applies could be looked at."),
        Field("band", "Band", "text", "choice", BANDS),
        Field("markers", "What was found", "list", "choice", markers, sortable=False),
        Field("links", "Links", "int", "number"),
        Field("sharing", "Links as risky", "int", "number", default=False),
        Field("state", "State", "state", "choice", ("live", "lost", "unknown")),
        Field("authority", "Authority", "score", "number"),
        Field("country", "Country", "text", "text", default=False),
        Field("first_seen", "First seen", "date", "date"),
        Field("last_seen", "Last seen", "date", "date", default=False),
    )


def domain_rows(asked: AuditRun, query: ListQuery) -> RowPage:
    return asking.page_of(_DOMAINS, asked.bound, query, tie="confidence DESC, source_domain")


def every_domain(asked: AuditRun, query: ListQuery) -> Iterator[dict[str, Any]]:
    return asking.every_row(_DOMAINS, asked.bound, query, tie="confidence DESC, source_domain")


def domain_row(asked: AuditRun, domain: str) -> dict[str, Any] | None:
    found = engine.read(f"{_DOMAINS} AND source_domain = {{domain:String}}", asked.bound | {"domain": domain})
    return found[0] if found else None


def links_of(asked: AuditRun, domain: str) -> list[dict[str, Any]]:
    """Its links, the riskiest first, MOST_LINKS at most."""
    return engine.read(LINKS_SQL, asked.bound | {"domain": domain, "most": MOST_LINKS})


def findings_of(asked: AuditRun, domain: str) -> list[dict[str, Any]]:
    """The evidence at a domain, its pages and links: up to three places a marker, and at how many it fired."""
    return engine.read(FINDINGS_SQL, asked.bound | {"domain": domain})


def clusters(asked: AuditRun, most: int) -> list[dict[str, Any]]:
    """What domains share, the largest first."""
    return engine.read(CLUSTERS_SQL, asked.bound | {"most": most})


def clusters_of(asked: AuditRun, domain: str) -> list[dict[str, Any]]:
    return engine.read(OWN_CLUSTERS_SQL, asked.bound | {"domain": domain})


def missing(asked: AuditRun) -> list[dict[str, Any]]:
    """Source -> links at which some marker is unknown for want of it."""
    return engine.read(MISSING_SQL, asked.bound)


def fired(asked: AuditRun) -> dict[str, int]:
    """Marker -> domains at which it fired."""
    return {row["marker"]: row["domains"] for row in engine.read(FIRED_SQL, asked.bound)}
