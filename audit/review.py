"""Deciding: what a team says about a referring domain, and taking it back step by step.

Decided: one decision a domain (or page), the newest one stands, and the audit log keeps all of them. It carries the
evidence that was on the table, so that a reconsideration request can say why. What is kept counts as a partner in later
audits. Each step keeps what stood there before, the last ones of each person, so that undo goes back more than one;
what somebody else has done about a domain since stays as it is. Refused: deciding link by link, because a domain that
sells one link sells a hundred; and domains that the audit does not know, because what nobody checked ends in files.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from backlinks import index
from backlinks.workbench.models import Mark
from projects.models import Project, User
from seoapp.lib.words import counted, typed

from . import removals, steps
from .models import Decision, ReviewStep

Verdict = Decision.Verdict
MOST_AT_ONCE = 5_000
REASON_LENGTH = 1_000
LATE, OFFERED = 50, 5  # decisions whose reasons are offered again, and reasons
AT_ONCE = 500  # rows of one statement
MOMENTS = ("made_at", "approved_at")
FIELDS = ("verdict", "reason", "evidence", "risk", "confidence", "made_by_id", "approved_by_id", *MOMENTS)


class Undecided(ValueError):
    """Nothing was decided; the message says why."""


def decide(
    project: Project,
    domains: Iterable[str],
    verdict: str,
    reason: str,
    user: User,
    run: index.auditlists.AuditRun | None = None,
) -> ReviewStep:
    """The same verdict for these domains; "" takes their decisions back. Raises `Undecided`."""
    names = _checked(domains, verdict, reason)
    told = index.auditlists.told_of(run, names) if run is not None else {}
    if run is not None:
        names = _known(project, names, told)
    about = f"{Verdict(verdict).label if verdict else 'Undecided again'}: {named(names)}"
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        step = keep_step(project, user, about, names)
        of_names(project, names).delete()
        if verdict:
            made = [_decision(project, name, verdict, reason, user, told.get(name)) for name in names]
            Decision.objects.bulk_create(made, batch_size=AT_ONCE)
        removals.follow(project, names, user)
    return step


def _checked(domains: Iterable[str], verdict: str, reason: str) -> list[str]:
    names = sorted(set(domains))
    if verdict and verdict not in Verdict.values:
        raise Undecided("Choose what to do: keep, ask for removal, or disavow.")
    if not names:
        raise Undecided("No domain was chosen: tick rows, or choose all rows of the list.")
    if len(names) > MOST_AT_ONCE:
        raise Undecided(f"These are more than {MOST_AT_ONCE:,} domains: narrow the list with a filter first.")
    if verdict == Verdict.DISAVOW and not typed(reason, REASON_LENGTH):
        raise Undecided("Say why: the reason stands in the file, and in a reconsideration request.")
    return names


def _known(project: Project, names: list[str], told: Mapping[str, Any]) -> list[str]:
    """Those of the names that the audit knows, or about which something was decided. Raises `Undecided`."""
    others = [name for name in names if name not in told]
    decided = set(of_names(project, others).values_list("domain", flat=True)) if others else set()
    found = [name for name in names if name in told or name in decided]
    if not found:
        raise Undecided("The newest audit knows none of these domains: choose rows of its lists.")
    return found


def named(names: list[str]) -> str:
    return names[0] if len(names) == 1 else counted(len(names), "domain")


def keep_step(project: Project, user: User, about: str, names: list[str]) -> ReviewStep:
    """What stands there now, before somebody changes it."""
    before: dict[str, Any] = dict.fromkeys(names)
    for one in of_names(project, names):
        fields = {name: getattr(one, name) for name in FIELDS}
        before[one.domain] = fields | {name: fields[name].isoformat() for name in MOMENTS if fields[name]}
    return steps.keep(ReviewStep, project, user, about, before)


def of_names(project: Project, names: Iterable[str]) -> Any:
    """Decisions about these whole domains."""
    return Decision.objects.filter(project=project, url="", domain__in=list(names))


def _decision(
    project: Project, domain: str, verdict: str, reason: str, user: User, row: Mapping[str, Any] | None
) -> Decision:
    told = {"evidence": list(row["markers"]), "risk": row["risk"], "confidence": row["confidence"] / 100} if row else {}
    kept = {"verdict": verdict, "reason": typed(reason, REASON_LENGTH), "made_by": user, "made_at": timezone.now()}
    return Decision(project=project, domain=domain, **kept, **told)


def undo(project: Project, user: User) -> str:
    """Take back the last step of this person, but for domains about which somebody else has done something since;
    returns what it was. A step of which nothing is left is forgotten. Raises `Undecided`."""
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        step = last_step(project, user)
        if step is None:
            raise Undecided("There is nothing to take back.")
        before = steps.still(step)
        of_names(project, before).delete()
        restored = [_restored(project, domain, fields) for domain, fields in before.items() if fields is not None]
        Decision.objects.bulk_create(restored, batch_size=AT_ONCE)
        removals.follow(project, before, user)
        step.delete()
    if not before:
        raise Undecided(f"“{step.about}” stays: somebody else has decided about it since. Decide anew instead.")
    left = len(step.before) - len(before)
    return f"{step.about}, but for {counted(left, 'domain')} that others changed since" if left else step.about


def _restored(project: Project, domain: str, fields: Mapping[str, Any]) -> Decision:
    moments = {name: parse_datetime(fields[name]) for name in MOMENTS if fields.get(name)}
    return Decision(project=project, domain=domain, **{**fields, **moments})


def last_step(project: Project, user: User) -> ReviewStep | None:
    return steps.last(ReviewStep, project, user)


# --- Reading ----------------------------------------------------------------------------------------------------------
def decided(project: Project) -> dict[str, Decision]:
    """Domain -> the decision about all of it."""
    return {one.domain: one for one in Decision.objects.filter(project=project, url="").select_related("made_by")}


def reasons_of(project: Project, user: User) -> list[str]:
    """Why somebody disavowed of late, the last reason first."""
    made = Decision.objects.filter(project=project, made_by=user, verdict=Verdict.DISAVOW).exclude(reason="")
    return list(dict.fromkeys(made.order_by("-made_at").values_list("reason", flat=True)[:LATE]))[:OFFERED]


def partners(project: Project) -> frozenset[str]:
    """Domains that the team vouches for: whitelisted, or kept by a decision."""
    marked = Mark.objects.filter(project=project, is_whitelisted=True, link_id="").values_list("domain", flat=True)
    kept = Decision.objects.filter(project=project, verdict=Verdict.KEEP, url="").values_list("domain", flat=True)
    return frozenset(marked) | frozenset(kept)
