"""What has changed since the audit before, and whether it is an attack.

Decided: two patterns are worth an alert. A network of at least LEAST_NETWORK domains that began to link within
RECENT, that the audit before did not know, and that lie in a spike of new domains (PRO01). Or more new toxic domains
than median + DEVIATIONS times their spread (MAD) over the audits before, LEAST_TOXIC at least, where LEAST_BEFORE of
them are known. Both speak of newcomers alone, so that an attack is told of once and not every week. Refused: an alert
for each toxic domain, which teaches people to look away.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from statistics import median
from typing import Any

from backlinks import index
from seoapp.lib.words import counted

from .models import Alert, Audit

ATTACK, TOXIC = "attack", "toxic"
SPIKE = "PRO01"
RECENT = timedelta(days=30)
LEAST_NETWORK = 5
DEVIATIONS, LEAST_TOXIC, LEAST_BEFORE, BASELINE = 6, 10, 3, 12
SINCE, NUMBER, NEW_TOXIC = "since", "number", "new_toxic"  # names among an audit's facts


def before(row: Audit) -> Audit | None:
    """The newest audit that ended before this one and whose findings are still there."""
    done = Audit.objects.filter(project=row.project_id, is_kept=True).exclude(finished_at=None).exclude(pk=row.pk)
    if row.finished_at is not None:
        done = done.filter(finished_at__lt=row.finished_at)
    return done.order_by("-finished_at").first()


def run_since(row: Audit) -> index.auditlists.AuditRun:
    """The run of an audit beside the one before it."""
    last = before(row)
    project = row.project
    return index.auditlists.AuditRun(
        project.target.domain, project.workspace_id, row.number, last.number if last else 0
    )


def figures(run: index.auditlists.AuditRun) -> dict[str, int]:
    """How many domains are new, lost, back or gone, and how many of these are toxic; nothing for a first audit."""
    made: dict[str, int] = {}
    for kind, (domains, toxic) in index.auditchanges.counts(run).items():
        made |= {kind: domains, f"{kind}_toxic": toxic}
    return made | {NUMBER: run.before} if made else {}


def alerts(row: Audit, run: index.auditlists.AuditRun, changed: dict[str, Any]) -> list[Alert]:
    """What somebody should know of, unsaved."""
    texts = [*_attacks(row, run), *_toxic(changed.get(NEW_TOXIC), _earlier(row))]
    return [Alert(project=row.project, audit=row, name=name, text=text[:500]) for name, text in texts]


def _attacks(row: Audit, run: index.auditlists.AuditRun) -> Iterator[tuple[str, str]]:
    grown = index.auditchanges.grown_networks(run, SPIKE, row.as_of - RECENT, LEAST_NETWORK)
    for one in grown[:1]:  # the largest one speaks for all
        shared = f" They share: {one['things'][0]}." if one["things"] else ""
        others = f" {counted(len(grown) - 1, 'more network')} grew as well." if len(grown) > 1 else ""
        came = f"This looks like an attack: {one['newcomers']:,} new domains of one network came in a spike."
        yield ATTACK, f"{came}{shared}{others}"


def _earlier(row: Audit) -> list[int]:
    """New toxic domains in the audits before, the newest first; the first audit of a project knew of none before."""
    done = Audit.objects.filter(project=row.project_id).exclude(finished_at=None).exclude(pk=row.pk)
    facts = done.order_by("-finished_at").values_list("facts", flat=True)[: BASELINE + 1]
    return [one[SINCE][NEW_TOXIC] for one in facts if one.get(SINCE)][:BASELINE]


def _toxic(count: int | None, earlier: Sequence[int]) -> Iterator[tuple[str, str]]:
    if count is not None and len(earlier) >= LEAST_BEFORE and count > limit_of(earlier):
        usual = counted(round(median(earlier)), "such domain")
        yield TOXIC, f"{count:,} new domains carry evidence of manipulation; an audit usually finds {usual}."


def limit_of(earlier: Sequence[int]) -> float:
    """More new toxic domains than this are far above what is usual."""
    usual = median(earlier)
    return max(usual + DEVIATIONS * median(abs(one - usual) for one in earlier), LEAST_TOXIC)
