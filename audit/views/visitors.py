"""Visits from a project's own analytics: brought as a file on the page of its audit's settings, and taken out again."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from audit import visitors
from audit.models import OwnVisits
from projects import access
from projects import audit as audit_log
from projects.models import Project
from seoapp.lib.words import counted

from .asked import url_of


@access.project("admin")
@require_POST
def own_visits(request: HttpRequest, project: Project) -> HttpResponse:
    """Take a file in; without one, take out what there is."""
    if "remove" in request.POST:
        _remove(request, project)
    else:
        _bring(request, project)
    return redirect(url_of(project, "settings"))


def _remove(request: HttpRequest, project: Project) -> None:
    with transaction.atomic():
        removed = OwnVisits.objects.filter(project=project).delete()[0]
        if removed:
            _log(request, project, domains=0)
    messages.success(request, "The visits were taken out. The next audit does without them.")


def _bring(request: HttpRequest, project: Project) -> None:
    file = request.FILES.get("file")
    if file is None or file.size > visitors.MAX_BYTES:
        messages.error(request, f"Choose a file of {visitors.MAX_BYTES >> 20} MB at most.")
        return
    try:
        found = visitors.read(file.read())
    except visitors.Unreadable as error:
        messages.error(request, str(error))
        return
    with transaction.atomic():
        visitors.keep(project, request.user, file.name or "", found)
        _log(request, project, domains=len(found.sessions))
    refused = f" {counted(found.rejected, 'row')} named none." if found.rejected else ""
    messages.success(request, f"Visits from {counted(len(found.sessions), 'domain')} were read.{refused}")


def _log(request: HttpRequest, project: Project, *, domains: int) -> None:
    audit_log.record_request(
        request, "audit.own_visits", project.workspace, project.name, project=project.pk, domains=domains
    )
