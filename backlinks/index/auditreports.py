"""What a report tells of an audit's run: the evidence of many domains at once, and every link and finding for a file.

Decided: rows stream in an order that a reader can follow; evidence that speaks for a domain is no reason to list a
link. Refused: joining findings to links, because one page's finding would be told again at each of its links.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from . import engine
from .auditlists import AuditRun
from .audits import OF_RUN
from .portions import portions

TRUST = "TRU"
TOLD_SQL = f"""SELECT source_domain, marker, value, said, page, day,
    count() OVER (PARTITION BY source_domain, marker) AS times
FROM audit_findings WHERE {OF_RUN} AND source_domain IN {{names:Array(String)}}
ORDER BY source_domain, marker, value DESC, page, link_id LIMIT 1 BY source_domain, marker"""
LINKS_SQL = f"""SELECT source_domain, source_url, target_url, anchor, anchor_class, state, nofollow, risk,
    toInt64(round(confidence * 100)) AS confidence, band,
    arrayFilter(one -> NOT startsWith(one, '{TRUST}'), arrayMap(one -> toString(one), fired)) AS found,
    first_seen, last_seen
FROM audit_links WHERE {OF_RUN} AND notEmpty(found) ORDER BY risk DESC, source_domain, source_url, link_id"""
FINDINGS_SQL = f"""SELECT source_domain, marker, unit, page, value, said, day FROM audit_findings
WHERE {OF_RUN} ORDER BY source_domain, marker, page, link_id"""


def evidence(asked: AuditRun, names: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Domain -> one finding of each marker that fired there, with how many there are."""
    found: dict[str, list[dict[str, Any]]] = {}
    for portion in portions(names):
        for row in engine.read(TOLD_SQL, asked.bound | {"names": portion}):
            found.setdefault(row["source_domain"], []).append(row)
    return found


def every_link(asked: AuditRun) -> Iterator[dict[str, Any]]:
    """Links at which some marker has fired that does not speak for them, the riskiest first."""
    return engine.stream(LINKS_SQL, asked.bound)


def every_finding(asked: AuditRun) -> Iterator[dict[str, Any]]:
    return engine.stream(FINDINGS_SQL, asked.bound)
