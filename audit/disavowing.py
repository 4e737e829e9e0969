"""A project's disavow file: what goes into it, what keeps it from being written, and the versions there were.

Decided: a file holds what people decided, with who, when and why. Where nobody has decided anything yet, it is a
proposal: the domains with evidence from two groups at a confidence of one half, without any that a list protects, and
it says so in each reason. Own, other projects' and kept domains never go in: what a file brought and the team keeps is
left out and named, and so is what a client objects to, until somebody has resolved that. A version is written once and
kept.
Refused: an export that decides by itself what a team has looked at.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from backlinks import index
from backlinks.workbench.models import Mark
from projects.models import Project, User
from seoapp.lib.words import typed

from . import approving, auditing, review
from .clients import standing
from .disavow.entries import Entry
from .disavow.grammar import File, read
from .disavow.hosts import with_parents
from .disavow.pages import page_host
from .disavow.surroundings import Surroundings
from .disavow.writer import Draft, Header, draft
from .models import Decision, DisavowVersion, ListedEntry
from .score import TOXIC
from .words import name_of

LEAST_CONFIDENCE = 0.5  # of a proposal; markers.md and disavow.md §6
DECIDED, PROPOSED = "Decided by the team", "Proposed by the audit, decided by nobody"


@dataclass(frozen=True, slots=True)
class Planned:
    """Entries of a file; `left_out`, with the reason: domains with enough evidence that a list protects, or what a file
    brought and the team keeps or a client wants kept. `waiting` is how many disavowals no second person has approved,
    `objected` to how many domains a client objects: they are left out until somebody has resolved that."""

    entries: tuple[Entry, ...]
    is_proposal: bool
    left_out: Mapping[str, str]
    waiting: int = 0
    objected: int = 0


def planned(project: Project) -> Planned:
    """What the next file of a project holds; where disavowals need a second person, only what one has approved."""
    brought, asks, objected = listed(project), approving.needs_second(project), standing.objected(project)
    if brought or asks or objected or Decision.objects.filter(project=project).exists():
        left_out = _left_out(project, brought, objected) if brought else {}
        stays = (one for one in brought if one.text not in left_out)
        entries, waiting = (*decided(project), *stays), approving.waiting(project).count() if asks else 0
        return Planned(entries, is_proposal=False, left_out=left_out, waiting=waiting, objected=len(objected))
    return _proposal(project)


def decided(project: Project) -> tuple[Entry, ...]:
    """What people decided to disavow, as far as it counts and no client objects."""
    made = Decision.objects.filter(project=project, verdict=Decision.Verdict.DISAVOW).select_related("made_by")
    return tuple(map(_decided, approving.counting(made, project).exclude(domain__in=standing.objected(project))))


def listed(project: Project) -> tuple[Entry, ...]:
    """What came with files and was not withdrawn."""
    rows = ListedEntry.objects.filter(project=project).order_by("pk")
    found = rows.values_list("kind", "value", "reason", "who", "day", "group")
    return tuple(Entry("domain" if kind == "domain" else "url", *told) for kind, *told in found)


def _left_out(project: Project, brought: Iterable[Entry], objected: frozenset[str]) -> dict[str, str]:
    """What files brought and must not go in, with the reason."""
    kept, found = review.partners(project), {}
    for one in brought:
        if name := _kept_name(one, kept):
            found[one.text] = f"{name} is kept"
        elif name := _kept_name(one, objected):
            found[one.text] = f"the client objects to {name}"
    return found


def _kept_name(one: Entry, kept: frozenset[str]) -> str:
    """The one of these domains that an entry is, or stands below; "" for none."""
    if not kept:
        return ""
    host = one.value if one.kind == "domain" else page_host(one.value)
    return next((name for name in with_parents(host) if name in kept), "")


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
        mixed=_mixed(project),
    )


def _mixed(project: Project) -> frozenset[str]:
    """Domains of which the team keeps single links or pages."""
    marked = Mark.objects.filter(project=project, is_whitelisted=True).exclude(link_id="")
    kept = Decision.objects.filter(project=project, verdict=Decision.Verdict.KEEP).exclude(url="")
    return frozenset(marked.values_list("domain", flat=True)) | frozenset(kept.values_list("domain", flat=True))


# --- Versions ---------------------------------------------------------------------------------------------------------
def drafted(project: Project, day: date, plan: Planned | None = None) -> tuple[Draft, Planned]:
    """The next file of a project (with these entries, where somebody has them already), checked. Raises
    `NotWritten`."""
    plan = plan or planned(project)
    last = uploaded(project)
    around = surroundings(project, [one.value for one in plan.entries if one.kind == "domain"])
    header = Header(project.name, project.url, next_number(project), day)
    return draft(plan.entries, header, around, file_of(last).entries() if last else None), plan


def write(
    project: Project, user: User | None, confirmed: Mapping[str, str], note: str = "", day: date | None = None
) -> DisavowVersion:
    """Write the next version, dated `day` or today. Raises `NotWritten` or `NotConfirmed`."""
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        made, plan = drafted(project, day or timezone.localdate())
        data = made.release(confirmed)
        return DisavowVersion.objects.create(
            project=project,
            number=next_number(project),
            text=data.decode("utf-8"),
            digest=hashlib.sha256(data).hexdigest(),
            domains=made.domains,
            urls=made.urls,
            is_proposal=plan.is_proposal,
            confirmed={one.name: confirmed[one.name] for one in made.confirmations},
            note=typed(note, 300),
            made_by=user,
        )


def uploaded(project: Project) -> DisavowVersion | None:
    """What the search engine has: the version that was marked as uploaded last."""
    done = DisavowVersion.objects.filter(project=project).exclude(uploaded_at=None).defer("text", "original")
    return done.order_by("-uploaded_at", "-number").first()


def bytes_of(version: DisavowVersion) -> bytes:
    """A version as it was written, or as somebody brought it."""
    return bytes(version.original) or version.text.encode("utf-8")


def file_of(version: DisavowVersion) -> File:
    return read(bytes_of(version))


def next_number(project: Project) -> int:
    last = DisavowVersion.objects.filter(project=project).order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1
