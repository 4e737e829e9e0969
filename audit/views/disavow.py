"""The disavow file of a project: whether one is needed at all, what goes in, and the versions there were.

Decided: the guide stands before the file. Most answers end at doing nothing, and say why; the form that writes a file
is there only where the answers call for one, and no file leaves before the questions are answered. A version is written
after every check, with a reason by each name that needs one, and never changes. Refused: a download without a version,
of which nobody could say later what was in it.
"""

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from audit import approving, disavowing, listed, readings, uploading
from audit.clients import standing
from audit.disavow.changes import changes
from audit.disavow.checks import NotConfirmed, NotWritten
from audit.disavow.entries import Entry
from audit.disavow.grammar import MAX_BYTES
from audit.disavow.writer import Draft
from audit.disavowing import LEAST_CONFIDENCE, Planned
from audit.models import Decision, DisavowVersion, ListedEntry, Removal
from audit.score import TOXIC
from backlinks import index
from projects import access
from projects import audit as audit_log
from projects.models import Project
from seoapp.lib.words import typed

from .asked import shown, url_of
from .disavow_version import CONTENT
from .guiding import Guided, guided

MOST_SHOWN, MOST_WORD = 200, 1_000
OPEN_REQUESTS = (Removal.State.TO_SEND, Removal.State.SENT, Removal.State.ANSWERED)


@access.project("viewer")
@require_safe
def disavow(request: HttpRequest, project: Project) -> HttpResponse:
    """The guide, the next file, and the versions."""
    try:
        told = guided(project, request.GET)
        prepares, uploaded = told.ending is not None and told.ending.prepares, disavowing.uploaded(project)
        context = {
            "project": project,
            "audit": shown(project),
            "guide": told,
            "wanted": _wanted(project, request.GET.get("file", "")),
            "versions": DisavowVersion.objects.filter(project=project).select_related("made_by").defer(*CONTENT),
            "listed_count": ListedEntry.objects.filter(project=project).count(),
            "most_mb": MAX_BYTES // 1_000_000,
            "uploaded": uploaded,
            "unsent": uploading.unsent(project),
            "look_again": _look_again(project),
            "properties": uploading.properties_of(project),
            "today": timezone.localdate(),
            **(_planned(project, prepares=prepares) if prepares or uploaded else {}),
        }
    except index.IndexUnavailable as error:
        return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)
    return render(request, "audit/disavow.html", context)


def _wanted(project: Project, number: str) -> DisavowVersion | None:
    """The version that somebody wants to download."""
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    return DisavowVersion.objects.filter(project=project, number=int(number)).defer(*CONTENT).first()


def _look_again(project: Project) -> Any:
    """When to see what the last upload has changed."""
    last = disavowing.uploaded(project)
    return last.uploaded_at + uploading.LOOK_AGAIN if last and last.uploaded_at else None


# --- The next file ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Row:
    """An entry of the next file, where it is from (None: somebody decided here), and whether the last upload has it."""

    entry: Entry
    origin: listed.Origin | None
    is_new: bool


def _planned(project: Project, *, prepares: bool) -> dict[str, Any]:
    """How the list differs from what was uploaded; and where a file is to be prepared, what it would hold."""
    plan = disavowing.planned(project)
    stamp = readings.plan_stamp(project, plan)
    drift = readings.of_plan("drift", stamp, lambda: (uploading.drift(project, plan),))[0]
    return {"drift": drift, **(_next(project, plan, stamp) if prepares else {})}


def _next(project: Project, plan: Planned, stamp: readings.Stamp) -> dict[str, Any]:
    """What the next file would hold, and what keeps it from being written."""
    open_requests = Removal.objects.filter(project=project, state__in=OPEN_REQUESTS)
    return {
        **readings.of_plan("next", stamp, lambda: _drafted(project, plan)),
        "asked": open_requests.count(),
        **_evidence(project),
    }


def _drafted(project: Project, plan: Planned) -> dict[str, Any]:
    try:
        made, _ = disavowing.drafted(project, timezone.localdate(), plan)
    except NotWritten as error:
        return {"offences": [str(one) for one in error.offences[:MOST_SHOWN]], "offence_count": len(error.offences)}
    return {
        "plan": replace(plan, entries=()),
        "next": {"domains": made.domains, "urls": made.urls, "count": len(made.entries), "lines": made.lines},
        "confirmations": made.confirmations,
        "left_out": sorted(plan.left_out.items()),
        **_rows(project, made),
    }


def _rows(project: Project, made: Draft) -> dict[str, Any]:
    """The first entries, the new ones before the others, and what the file changes against the last upload."""
    last = disavowing.uploaded(project)
    found = changes(disavowing.file_of(last).entries() if last else (), made.entries)
    fresh = {one.key for one in found.added}
    first = sorted(made.entries, key=lambda one: one.key not in fresh)[:MOST_SHOWN]
    origins = listed.origins(project, first)
    return {
        "rows": [Row(one, origins.get(one.key), last is not None and one.key in fresh) for one in first],
        "added": len(found.added),
        "removed": found.removed[:MOST_SHOWN],
        "removed_count": len(found.removed),
        "covered": len(found.covered),
    }


def _evidence(project: Project) -> dict[str, Any]:
    """How many of the disavowals that go into the file the audit's evidence carries, and the others: right where
    somebody knows that the links were bought."""
    decided = Decision.objects.filter(project=project, verdict=Decision.Verdict.DISAVOW, url="")
    made = approving.counting(decided, project).exclude(domain__in=standing.objected(project))
    enough = made.filter(risk__gte=TOXIC, confidence__gte=LEAST_CONFIDENCE)
    thin = made.exclude(pk__in=enough.values("pk"))
    return {"carried": enough.count(), "thin": list(thin[:MOST_SHOWN]), "thin_count": thin.count()}


@access.project("admin")
@require_POST
def disavow_write(request: HttpRequest, project: Project) -> HttpResponse:
    """Write the next version; each name that needs it comes with a reason."""
    names = zip(request.POST.getlist("name"), request.POST.getlist("word"), strict=False)
    confirmed = {name: said for name, word in names if (said := typed(word, MOST_WORD))}
    try:
        told = guided(project, request.POST)
        if told.ending is None or not told.ending.prepares:
            messages.error(request, "Answer first whether a file is needed: these answers call for none.")
            return redirect(_back(project, told))
        version = disavowing.write(project, request.user, confirmed, request.POST.get("note", ""))
    except (NotWritten, NotConfirmed) as error:
        messages.error(request, str(error)[:1000])
        return redirect(_back(project, told))
    except index.IndexUnavailable as error:
        return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)
    audit_log.record_request(
        request,
        "disavow.written",
        project.workspace,
        f"version {version.number}",
        project=project.pk,
        because=told.ending.name,
        confirmed=version.confirmed,
    )
    messages.success(request, f"Version {version.number} is written: download it, then upload it in Search Console.")
    return redirect(url_of(project, "disavow", {**told.answers, "file": str(version.number)}))


def _back(project: Project, told: Guided) -> str:
    """The guide with its answers."""
    return url_of(project, "disavow", told.answers)
