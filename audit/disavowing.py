"""A project's disavow file: what goes into it, what keeps it from being written, and the versions there were.

Decided: a file holds what people decided, with who, when and why. Where nobody has decided anything yet, it is a
proposal: the domains with evidence from two groups at a confidence of one half, without any that a list protects, and
it says so in each reason. Own, other projects' and kept domains never go in. A version is written once and kept.
Refused: an export that decides by itself what a team has looked at.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from backlinks import index
from projects.models import Project, User

from . import approving, auditing, review
from .disavow.entries import Entry
from .disavow.grammar import read
from .disavow.surroundings import Surroundings
from .disavow.writer import Draft, Header, draft
from .models import Decision, DisavowVersion
from .score import TOXIC
from .words import name_of

LEAST_CONFIDENCE = 0.5  # of a proposal; markers.md and disavow.md §6
DECIDED, PROPOSED = "Decided by the team", "Proposed by the audit, decided by nobody"


@dataclass(frozen=True, slots=True)
class Planned:
    """Entries of a file; `left_out` are domains with enough evidence that a list protects, with the reason, `waiting`
    how many disavowals no second person has approved yet."""

    entries: tuple[Entry, ...]
    is_proposal: bool
    left_out: Mapping[str, str]
    waiting: int = 0


def planned(project: Project) -> Planned:
    """What the next file of a project holds; where disavowals need a second person, only what one has approved."""
    made = Decision.objects.filter(project=project).select_related("made_by")
    asks = approving.needs_second(project)
    if made.exists() or asks:
        chosen = made.filter(verdict=Decision.Verdict.DISAVOW)
        counted = chosen.exclude(approved_at=None) if asks else chosen
        waiting = approving.waiting(project).count() if asks else 0
        return Planned(tuple(map(_decided, counted)), is_proposal=False, left_out={}, waiting=waiting)
    return _proposal(project)


def _decided(one: Decision) -> Entry:
    who = str(one.made_by) if one.made_by else ""
    kind, value = ("url", one.url) if one.url else ("domain", one.domain)
    return Entry(kind, value, one.reason or _evidence_words(one.evidence), who, one.made_at.date(), DECIDED)


def _evidence_words(markers: Iterable[str]) -> str:
    return ", ".join(f"{name_of(one)} ({one})" for one in markers)


def _proposal(project: Project) -> Planned:
    audit = auditing.newest(project)
    if audit is None:
        return Planned((), is_proposal=True, left_out={})
    rows = [
        row
        for row in index.audits.domains(project.target.domain, project.workspace_id, audit.number)
        if row["risk"] >= TOXIC and row["confidence"] >= LEAST_CONFIDENCE
    ]
    around = surroundings(project, [row["source_domain"] for row in rows])
    entries, left_out = [], {}
    for row in rows:
        domain = row["source_domain"]
        important, ours = around.importance(domain), around.ours(domain, whole=True)
        if important or ours:
            left_out[domain] = ours or (important.why if important else "")
        else:
            strong = [one for one, kind in zip(row["markers"], row["kinds"], strict=True) if kind != "C"]
            entries.append(Entry("domain", domain, _evidence_words(strong), "", audit.as_of, PROPOSED))
    return Planned(tuple(entries), is_proposal=True, left_out=left_out)


def surroundings(project: Project, domains: Iterable[str]) -> Surroundings:
    """What is known outside the file about these domains."""
    names = sorted(set(domains))
    others = Project.objects.filter(workspace=project.workspace_id, removed_at=None).exclude(pk=project.pk)
    ranks = {
        domain: min((one.rank or one.tier for one in standings if one.rank or one.tier), default=0)
        for domain, standings in index.popularity.popularity_of(project.workspace_id, names).items()
    }
    return Surroundings(
        own=frozenset((project.target.domain,)),
        projects=frozenset(one.target.domain for one in others) - {project.target.domain},
        partners=review.partners(project),
        ranks={domain: rank for domain, rank in ranks.items() if rank},
        authority=index.scores_of(project.workspace_id, names),
    )


# --- Versions ---------------------------------------------------------------------------------------------------------
def drafted(project: Project, day: date) -> tuple[Draft, Planned]:
    """The next file of a project, checked. Raises `NotWritten`."""
    plan = planned(project)
    last = uploaded(project)
    around = surroundings(project, [one.value for one in plan.entries if one.kind == "domain"])
    header = Header(project.name, project.url, _next_number(project), day)
    before = read(last.text.encode()).entries() if last else None
    return draft(plan.entries, header, around, tuple(before) if before is not None else None), plan


def write(project: Project, user: User | None, confirmed: Mapping[str, str], note: str = "") -> DisavowVersion:
    """Write the next version. Raises `NotWritten` or `NotConfirmed`."""
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        made, plan = drafted(project, timezone.localdate())
        data = made.release(confirmed)
        return DisavowVersion.objects.create(
            project=project,
            number=_next_number(project),
            text=data.decode("utf-8"),
            digest=hashlib.sha256(data).hexdigest(),
            domains=made.domains,
            urls=made.urls,
            is_proposal=plan.is_proposal,
            confirmed=dict(confirmed),
            note=note[:300],
            made_by=user,
        )


def uploaded(project: Project) -> DisavowVersion | None:
    """What the search engine has: the version that was marked as uploaded last."""
    done = DisavowVersion.objects.filter(project=project).exclude(uploaded_at=None)
    return done.order_by("-uploaded_at", "-number").first()


def _next_number(project: Project) -> int:
    last = DisavowVersion.objects.filter(project=project).order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1
