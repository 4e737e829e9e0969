"""Visits of a client's site: a file is received for one of the workspace's projects, and can be taken back."""

import re

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from backlinks import index
from backlinks.models import OpenImport
from backlinks.openweb import popularity
from backlinks.openweb.holdings import Refused
from backlinks.openweb.visits import receive_visits
from projects import access
from projects.audit import record_request
from projects.models import Workspace
from projects.tasks import ring

from .data_sources import is_active, visible

MOST_DAYS = 3660


@access.workspace("editor")
@require_POST
def data_visits(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Receive a file of visits for one project."""
    if getattr(request, "too_large", False):
        limit = settings.IMPORT_MAX_BYTES // 1024 // 1024
        messages.error(request, f"The upload is larger than {limit} MB: split the file, or raise IMPORT_MAX_MB.")
    else:
        _receive(request, workspace)
    return redirect("backlinks:data", slug=workspace.slug)


def _receive(request: HttpRequest, workspace: Workspace) -> None:
    projects = access.visible_projects(request.membership)  # type: ignore[attr-defined]
    project = projects.filter(pk=_number(request.POST.get("project", ""))).first()
    file = request.FILES.get("file")
    days = _number(request.POST.get("days", ""))
    if project is None or file is None or days > MOST_DAYS:
        messages.error(request, f"Choose a project and a file; it covers {MOST_DAYS:,} days at most.")
        return
    name = re.sub(r"[\x00-\x1f\x7f]", " ", file.name or "visits")
    try:
        made = receive_visits(project, request.user, file, name, days=days)
    except Refused as error:
        messages.error(request, str(error))
        return
    if made.state == OpenImport.State.DONE:
        messages.info(request, f"{name} was read before: nothing changes.")
        return
    record_request(request, "import.started", workspace, name, project=project.name)
    if made.run_id:
        ring(made.run_id)
    messages.success(request, f"{name} is being read.")


def _number(text: str) -> int:
    """A whole number of up to nine digits; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@access.workspace("editor")
@require_POST
def data_remove(request: HttpRequest, workspace: Workspace, open_import_id: int) -> HttpResponse:
    """Take a file of visits back; open data is the operator's to remove."""
    projects = access.visible_projects(request.membership)  # type: ignore[attr-defined]
    own = visible(workspace, projects).filter(workspace=workspace, kind=OpenImport.Kind.VISITS)
    made = get_object_or_404(own.select_related("run"), pk=open_import_id)
    if is_active(made):
        messages.error(request, f"{made} is being read: cancel its run first.")
        return redirect("backlinks:data", slug=workspace.slug)
    try:
        popularity.remove(made)
    except index.IndexUnavailable as error:
        messages.error(request, f"{made} was not removed. {error}")
    else:
        record_request(request, "import.removed", workspace, made.name)
        messages.success(request, f"{made.name} was removed; scores follow with their next computation.")
    return redirect("backlinks:data", slug=workspace.slug)
