"""Deciding about domains from a list or a domain's page, and taking the last step back."""

from urllib.parse import parse_qs

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from audit import review
from audit.models import Audit
from backlinks import index
from projects import access
from projects import audit as audit_log
from projects.models import Project
from seoapp.lib.listquery import ListQuery

from .asked import run_of, shown, url_of
from .domains import IDS, SHELF, among, shelf_of

UNDECIDED = "undecided"


@access.project("editor")
@require_POST
def decide(request: HttpRequest, project: Project) -> HttpResponse:
    """The rows that were ticked, or all of a list; `action` is a verdict."""
    audit, action = shown(project), request.POST.get("action", "")
    verdict = "" if action == UNDECIDED else action
    reason = request.POST.get(f"{action}.reason") or request.POST.get("reason", "")
    try:
        if not action:
            raise review.Undecided("Press the button of what is to be done.")
        names = _every(request, project, audit) if request.POST.get("all") and audit else request.POST.getlist("row")
        step = review.decide(project, names, verdict, reason, request.user, run_of(audit) if audit else None)
    except review.Undecided as error:
        messages.error(request, str(error))
        return _back(request, project)
    audit_log.record_request(
        request, "audit.decided", project.workspace, step.about, project=project.pk, domains=sorted(step.before)[:100]
    )
    messages.success(request, f"{step.about}. Undo takes it back.")
    return _back(request, project)


def _every(request: HttpRequest, project: Project, audit: Audit) -> list[str]:
    """All domains of the list that the form stood on."""
    asked = {name: values[-1] for name, values in parse_qs(request.POST.get("query", "")).items()}
    back = {name: values[-1] for name, values in parse_qs(request.POST.get("back", "").partition("?")[2]).items()}
    query = ListQuery.parse(index.auditlists.fields(IDS), asked, sort=index.auditlists.SORT)
    chosen = among(shelf_of(back.get(SHELF, "")), review.decided(project))
    return index.auditlists.chosen_domains(run_of(audit), query, chosen, review.MOST_AT_ONCE)


@access.project("editor")
@require_POST
def undo(request: HttpRequest, project: Project) -> HttpResponse:
    """Take back the last step of whoever asks."""
    try:
        about = review.undo(project, request.user)
    except review.Undecided as error:
        messages.error(request, str(error))
        return _back(request, project)
    audit_log.record_request(request, "audit.taken_back", project.workspace, about, project=project.pk)
    messages.success(request, f"Taken back: {about}.")
    return _back(request, project)


def _back(request: HttpRequest, project: Project) -> HttpResponseBase:
    back = request.POST.get("back", "")
    known = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/")
    return redirect(back if known else url_of(project, "domains"))
