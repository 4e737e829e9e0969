"""The disavow file of a project: whether one is needed at all, what goes in, and the versions there were.

Decided: the guide stands before the file. Most answers end at doing nothing, and say why; the form that writes a file
is there only where the answers call for one. A version is written after every check, with a reason by each name that
needs one, and never changes. Refused: a download without a version, of which nobody could say later what was in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from audit import disavowing, listed
from audit.disavow.checks import NotConfirmed, NotWritten
from audit.disavow.entries import Entry
from audit.disavow.grammar import MAX_BYTES
from audit.models import Audit, DisavowVersion, ListedEntry
from backlinks import index
from projects import access
from projects import audit as audit_log
from projects.models import Project

from .asked import run_of, shown, url_of
from .disavow_version import version_of

QUESTIONS = {
    "manual": (
        "Does Search Console show a manual action for unnatural links?",
        "Open Search Console, Security and manual actions, Manual actions.",
    ),
    "bought": (
        "Were links bought, exchanged or placed for this site, also by earlier owners or agencies?",
        "Guest posts for money, link packages, directories, widgets, networks of one's own.",
    ),
    "fell": ("Did visits or rankings from search fall in step with the attack that the audit shows?", ""),
}
NOTHING, WATCH, PREPARE, OPEN = "nothing", "watch", "prepare", ""
ENDINGS = {
    NOTHING: (
        "Do nothing",
        "Nothing here needs a disavow file. Search engines ignore links like these by themselves; a file takes the "
        "good ones with it that somebody lists by mistake. The audit keeps watching.",
    ),
    WATCH: (
        "Watch",
        "There is a pattern, but no sign of harm: a file would change nothing. Audit again in some weeks; if it grows, "
        "or visits fall, come back here.",
    ),
    PREPARE: (
        "Prepare a file",
        "Ask the owners for removal first where you can reach them; what stays goes into the file, as whole domains. "
        "Read what it changes before you upload it.",
    ),
}
LEAST_NETWORK = 5
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Question:
    name: str
    text: str
    help: str
    answer: str


@access.project("viewer")
@require_safe
def disavow(request: HttpRequest, project: Project) -> HttpResponse:
    """The guide, the next file, and the versions."""
    audit = shown(project)
    try:
        attack = _attack(audit)
        ending = _ending(request.GET, attack=attack)
        context = {
            "project": project,
            "audit": audit,
            "attack": attack,
            "questions": _questions(request.GET, attack=attack),
            "ending": ending,
            "ending_title": ENDINGS[ending][0] if ending else "",
            "ending_words": ENDINGS[ending][1] if ending else "",
            "versions": DisavowVersion.objects.filter(project=project)
            .select_related("made_by")
            .defer("text", "confirmed"),
            "listed_count": ListedEntry.objects.filter(project=project).count(),
            "most_mb": MAX_BYTES // 1_000_000,
            "uploaded": disavowing.uploaded(project),
            "here": request.get_full_path(),
            **(_next(project) if ending == PREPARE else {}),
        }
    except index.IndexUnavailable as error:
        return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)
    return render(request, "audit/disavow.html", context)


def _attack(audit: Audit | None) -> str:
    """The pattern of an attack that the newest audit shows, in words; "" for none."""
    if audit is None:
        return ""
    run = run_of(audit)
    spike = index.auditlists.fired(run).get("PRO01", 0)
    largest = max((one["size"] for one in index.auditlists.networks(run, 1)), default=0)
    if not spike or largest < LEAST_NETWORK:
        return ""
    return (
        f"{spike:,} domains came in a spike of new ones, and a network of {largest:,} domains is among those that link."
    )


def _ending(answers: Mapping[str, Any], *, attack: str) -> str:
    """Where the answers lead; OPEN while one is missing."""
    if "yes" in (answers.get("manual"), answers.get("bought")):
        return PREPARE
    if not (answers.get("manual") == answers.get("bought") == "no"):
        return OPEN
    if not attack:
        return NOTHING
    return {"yes": PREPARE, "no": WATCH}.get(answers.get("fell", ""), OPEN)


def _questions(answers: Mapping[str, Any], *, attack: str) -> list[Question]:
    """Those that are to be asked: the last one only where an attack shows."""
    names = ("manual", "bought", *(("fell",) if attack else ()))
    return [Question(name, *QUESTIONS[name], answers.get(name, "")) for name in names]


def _next(project: Project) -> dict[str, Any]:
    """What the next file would hold, and what keeps it from being written."""
    try:
        made, plan = disavowing.drafted(project, timezone.localdate())
    except NotWritten as error:
        return {"offences": [str(one) for one in error.offences]}
    return {
        "plan": plan,
        "draft": made,
        "entries": _with_origins(project, made.entries[:MOST_SHOWN]),
        "dropped": made.dropped[:MOST_SHOWN],
        "confirmations": made.confirmations,
        "left_out": sorted(plan.left_out.items()),
    }


def _with_origins(project: Project, entries: tuple[Entry, ...]) -> list[tuple[Entry, listed.Origin | None]]:
    """Entries with the file and line that they came from; None where somebody decided here."""
    found = listed.origins(project, entries)
    return [(one, found.get(one.key)) for one in entries]


@access.project("admin")
@require_POST
def disavow_write(request: HttpRequest, project: Project) -> HttpResponse:
    """Write the next version; each name that needs it comes with a reason."""
    names = zip(request.POST.getlist("name"), request.POST.getlist("word"), strict=False)
    confirmed = {name: word.strip() for name, word in names if word.strip()}
    try:
        version = disavowing.write(project, request.user, confirmed, request.POST.get("note", ""))
    except (NotWritten, NotConfirmed) as error:
        messages.error(request, str(error)[:1000])
        return redirect(_back(request, project))
    audit_log.record_request(
        request,
        "disavow.written",
        project.workspace,
        f"version {version.number}",
        project=project.pk,
        confirmed=confirmed,
    )
    messages.success(request, f"Version {version.number} is written: download it, then upload it in Search Console.")
    return redirect(url_of(project, "disavow"))


def _back(request: HttpRequest, project: Project) -> str:
    """The guide with its answers."""
    own = url_of(project, "disavow")
    back = request.POST.get("back", "")
    return back if back == own or back.startswith(f"{own}?") else own


@access.project("viewer")
@require_safe
def disavow_file(request: HttpRequest, project: Project, number: int) -> HttpResponse:
    """A version as a text file, byte for byte as it was written or brought."""
    version = version_of(project, number)
    DisavowVersion.objects.filter(pk=version.pk, downloaded_at=None).update(downloaded_at=timezone.now())
    audit_log.record_request(request, "disavow.downloaded", project.workspace, f"version {number}", project=project.pk)
    answer = HttpResponse(disavowing.bytes_of(version), content_type=_type_of(version))
    answer["Content-Disposition"] = f'attachment; filename="disavow-{slugify(project.domain) or "site"}-{number}.txt"'
    return answer


def _type_of(version: DisavowVersion) -> str:
    """What a browser is told: a file that somebody brought may be in any encoding."""
    return "application/octet-stream" if version.original else "text/plain; charset=utf-8"


@access.project("admin")
@require_POST
def disavow_uploaded(request: HttpRequest, project: Project, number: int) -> HttpResponse:
    """Note that a version was uploaded, or that it was not."""
    version = version_of(project, number)
    done = request.POST.get("uploaded") != "no"
    DisavowVersion.objects.filter(pk=version.pk).update(uploaded_at=timezone.now() if done else None)
    action = "disavow.uploaded" if done else "disavow.not_uploaded"
    audit_log.record_request(request, action, project.workspace, f"version {number}", project=project.pk)
    return redirect(url_of(project, "disavow"))
