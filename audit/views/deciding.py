"""Deciding about domains from a list or a domain's page, and taking the last step back."""

from urllib.parse import parse_qs

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from audit import approving, review
from audit.models import Audit, ReviewStep
from backlinks import index
from projects import access
from projects import audit as audit_log
from projects.models import Project
from seoapp.lib.listquery import ListQuery

from . import clients
from .asked import back, index_page, run_of, shown
from .domains import ASK_CLIENT, fields_of
from .shelves import Shelf

UNDECIDED, APPROVE, REFUSE = "undecided", "approve", "refuse"
LOGGED = {APPROVE: "audit.approved", REFUSE: "audit.refused"}


@access.project("editor")
@require_POST
@index_page
def decide(request: HttpRequest, project: Project) -> HttpResponse:
    """The rows that were ticked, or all of a list; `action` is a verdict, or what a second person says to one."""
    audit, action = shown(project), request.POST.get("action", "")
    try:
        if not action:
            raise review.Undecided("Press the button of what is to be done.")
        if audit is None:
            raise review.Undecided("There is no audit to decide by: run one first.")
        names = _every(request, project, audit) if request.POST.get("all") else _ticked(request)
        if action == ASK_CLIENT:
            return clients.begin(request, project, names)
        step = _done(request, project, run_of(audit), names)
    except review.Undecided as error:
        messages.error(request, str(error))
        return back(request, project)
    audit_log.record_request(
        request, LOGGED.get(action, "audit.decided"), project.workspace, step.about, project=project.pk,
        domains=sorted(step.before)[:100],
    )  # fmt: skip
    messages.success(request, f"{step.about}. Undo takes it back.")
    return back(request, project)


def _done(request: HttpRequest, project: Project, run: index.auditlists.AuditRun, names: list[str]) -> ReviewStep:
    action = request.POST["action"]
    reason = request.POST.get(f"{action}.reason") or request.POST.get("reason", "")
    if action == APPROVE:
        return approving.approve(project, names, request.user)
    if action == REFUSE:
        return approving.refuse(project, names, reason, request.user)
    verdict = "" if action == UNDECIDED else action
    return review.decide(project, names, verdict, reason, request.user, run)


def _ticked(request: HttpRequest) -> list[str]:
    return [name for name in request.POST.getlist("row") if "\0" not in name]


def _every(request: HttpRequest, project: Project, audit: Audit) -> list[str]:
    """All domains of the list that the form stood on."""
    asked = {name: values[-1] for name, values in parse_qs(request.POST.get("query", "")).items()}
    came = {name: values[-1] for name, values in parse_qs(request.POST.get("back", "").partition("?")[2]).items()}
    query = ListQuery.parse(fields_of(audit), asked, sort=index.auditlists.SORT)
    shelf = Shelf.asked(came)
    chosen = shelf.among(project, request.user)
    return index.auditlists.chosen_domains(shelf.of_run(audit), query, chosen, review.MOST_AT_ONCE)


@access.project("editor")
@require_POST
def undo(request: HttpRequest, project: Project) -> HttpResponse:
    """Take back the last step of whoever asks."""
    try:
        about = review.undo(project, request.user)
    except review.Undecided as error:
        messages.error(request, str(error))
        return back(request, project)
    audit_log.record_request(request, "audit.taken_back", project.workspace, about, project=project.pk)
    messages.success(request, f"Taken back: {about}.")
    return back(request, project)
