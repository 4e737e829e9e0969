"""Deciding: what a team says about a referring domain, and taking it back.

Decided: one decision a domain (or page), the newest one stands, and the audit log keeps all of them. It carries the
evidence that was on the table, so that a reconsideration request can say why. What is kept counts as a partner in later
audits. Refused: deciding link by link, because a domain that sells one link sells a hundred.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from backlinks import index
from backlinks.index.auditlists import AuditRun
from backlinks.workbench.models import Mark
from projects.models import Project, User

from .models import Decision

Verdict = Decision.Verdict


class Undecided(ValueError):
    """Nothing was decided; the message says why."""


def decide(
    project: Project,
    domains: Iterable[str],
    verdict: str,
    reason: str,
    user: User | None,
    run: AuditRun | None = None,
) -> list[Decision]:
    """The same verdict for these domains. Raises `Undecided`."""
    if verdict not in Verdict.values:
        raise Undecided("Choose what to do: keep, ask for removal, or disavow.")
    names = sorted(set(domains))
    if not names:
        raise Undecided("No domain was chosen.")
    if verdict == Verdict.DISAVOW and not reason.strip():
        raise Undecided("Say why: the reason stands in the file, and in a reconsideration request.")
    told = _evidence(run, names)
    with transaction.atomic():
        return [_decided(project, name, verdict, reason.strip()[:1000], user, told.get(name)) for name in names]


def _evidence(run: AuditRun | None, names: list[str]) -> dict[str, Mapping[str, Any]]:
    if run is None:
        return {}
    found = ((name, index.auditlists.domain_row(run, name)) for name in names)
    return {name: row for name, row in found if row is not None}


def _decided(
    project: Project, domain: str, verdict: str, reason: str, user: User | None, row: Mapping[str, Any] | None
) -> Decision:
    told = {"evidence": list(row["markers"]), "risk": row["risk"], "confidence": row["confidence"] / 100} if row else {}
    defaults = {"verdict": verdict, "reason": reason, "made_by": user, **told}
    return Decision.objects.update_or_create(project=project, domain=domain, url="", defaults=defaults)[0]


def take_back(project: Project, domains: Iterable[str]) -> int:
    """These domains are undecided again; returns how many were not."""
    return Decision.objects.filter(project=project, domain__in=list(domains), url="").delete()[0]


def decided(project: Project) -> dict[str, Decision]:
    """Domain -> the decision about all of it."""
    return {one.domain: one for one in Decision.objects.filter(project=project, url="").select_related("made_by")}


def partners(project: Project) -> frozenset[str]:
    """Domains that the team vouches for: whitelisted, or kept by a decision."""
    marked = Mark.objects.filter(project=project, is_whitelisted=True, link_id="").values_list("domain", flat=True)
    kept = Decision.objects.filter(project=project, verdict=Verdict.KEEP, url="").values_list("domain", flat=True)
    return frozenset(marked) | frozenset(kept)
