"""What has changed between two audits of a target: domains that are new, lost, back, or no longer known.

Decided: both runs are read by one statement and grouped by domain, so that the list, its counts and its filters agree.
What is new is what the run before did not know, whatever dates its links have: that is what nobody has looked at yet.
Refused: comparing with the settled links of another day, which are others than those that were judged.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from seoapp.lib.listquery import Field, ListQuery

from . import asking, engine
from .auditlists import BANDS, OF_TWO, OLD_NAMES, AuditRun
from .audits import OF_RUN
from .reports import RowPage

NEW, LOST, BACK, GONE = "new", "lost", "back", "gone"
KINDS = (NEW, LOST, BACK, GONE)
SORT, TIE = "-risk", "source_domain"
_NOW, _WAS = "run = {run:UInt64}", "run = {before:UInt64}"
_CHANGED = f"""SELECT source_domain, multiIf(NOT is_there, 'gone', NOT was_there, 'new',
    state = 'lost' AND state_was != 'lost', 'lost', state = 'live' AND state_was = 'lost', 'back', '') AS happened,
    toInt64(if(is_there, risk_now, risk_was)) AS risk, if(was_there, toInt64(risk_was), -1) AS risk_before,
    toInt64(round(100 * if(is_there, confidence_now, confidence_was))) AS confidence,
    if(is_there, band_now, band_was) AS band, toInt64(if(is_there, links_now, links_was)) AS links,
    toDateTime(if(is_there, first_now, first_was), 'UTC') AS first_seen,
    toDateTime(if(is_there, last_now, last_was), 'UTC') AS last_seen
FROM (SELECT source_domain, countIf({_NOW}) > 0 AS is_there, countIf({_WAS}) > 0 AS was_there,
        anyIf(toString(state), {_NOW}) AS state, anyIf(toString(state), {_WAS}) AS state_was,
        maxIf(risk, {_NOW}) AS risk_now, maxIf(risk, {_WAS}) AS risk_was,
        maxIf(confidence, {_NOW}) AS confidence_now, maxIf(confidence, {_WAS}) AS confidence_was,
        anyIf(toString(band), {_NOW}) AS band_now, anyIf(toString(band), {_WAS}) AS band_was,
        maxIf(links, {_NOW}) AS links_now, maxIf(links, {_WAS}) AS links_was,
        maxIf(first_seen, {_NOW}) AS first_now, maxIf(first_seen, {_WAS}) AS first_was,
        maxIf(last_seen, {_NOW}) AS last_now, maxIf(last_seen, {_WAS}) AS last_was
    FROM audit_domains WHERE {OF_TWO} GROUP BY source_domain)
WHERE happened != ''"""
COUNTS_SQL = f"""SELECT happened, count() AS domains, countIf(band = 'toxic') AS toxic FROM ({_CHANGED})
GROUP BY happened"""
# Networks with domains that a marker speaks of, that began to link lately, and that the run before did not know.
GROWN_SQL = f"""SELECT cluster, any(things) AS things, any(size) AS size, count() AS newcomers
FROM (SELECT cluster, things, length(domains) AS size, arrayJoin(domains) AS source_domain FROM audit_clusters
    WHERE {OF_RUN} AND marker = '')
WHERE source_domain IN (SELECT source_domain FROM audit_findings WHERE {OF_RUN} AND marker = {{marker:String}})
    AND source_domain IN (SELECT source_domain FROM audit_domains WHERE {OF_RUN} AND first_seen >= {{since:Date}})
    AND source_domain NOT IN ({OLD_NAMES})
GROUP BY cluster HAVING newcomers >= {{least:UInt32}} ORDER BY newcomers DESC, cluster"""
FIELDS = (
    Field("source_domain", "Referring domain", "text", "text"),
    Field("happened", "What happened", "text", "choice", KINDS),
    Field("risk", "Risk", "int", "number", help="Of its riskiest link, 0 to 100; of one that is gone: what it had."),
    Field("risk_before", "Risk before", "int", "number", help="What the audit before said of it."),
    Field("confidence", "Confidence, %", "int", "number", help="How much of what applies could be looked at."),
    Field("band", "Band", "text", "choice", BANDS),
    Field("links", "Links", "int", "number"),
    Field("first_seen", "First seen", "date", "date"),
    Field("last_seen", "Last seen", "date", "date"),
)


def rows(asked: AuditRun, query: ListQuery) -> RowPage:
    return asking.page_of(_CHANGED, asked.bound, query, tie=TIE)


def every_row(asked: AuditRun, query: ListQuery) -> Iterator[dict[str, Any]]:
    return asking.every_row(_CHANGED, asked.bound, query, tie=TIE)


def counts(asked: AuditRun) -> dict[str, tuple[int, int]]:
    """What happened -> the domains, and those of them in the upper band; nothing where no run was before."""
    if not asked.before:
        return {}
    found = {row["happened"]: (row["domains"], row["toxic"]) for row in engine.read(COUNTS_SQL, asked.bound)}
    return {kind: found.get(kind, (0, 0)) for kind in KINDS}


def grown_networks(asked: AuditRun, marker: str, since: date, least: int) -> list[dict[str, Any]]:
    """Networks with at least so many newcomers at which the marker fired, the one with most of them first."""
    return engine.read(GROWN_SQL, asked.bound | {"marker": marker, "since": since, "least": least})
