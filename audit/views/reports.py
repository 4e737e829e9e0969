"""Reports of the audit: asked for, listed, fetched, taken away.

Decided: asking for one is a form of its own with what stands in it; members from viewer on make reports, whoever made
one removes it, and so does an admin. Where this machine cannot print, the page says which package is missing and offers
the workbook. Refused: making a PDF while the page waits.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from audit.auditing import newest
from audit.models import ReportFile
from audit.report import making, printing
from audit.report.forms import ReportForm
from projects import access
from projects import audit as audit_log
from projects.models import Project, Run, Workspace
from projects.tasks import ring
from seoapp.lib.downloads import stored_file

from .asked import url_of

TOO_MANY = f"{making.MOST_WAITING} reports of this workspace are being made: wait for one, or remove one."


@access.project("client")
@require_safe
def reports(request: HttpRequest, project: Project) -> HttpResponse:
    """Reports that were made, and the form for the next one."""
    return _page(request, project)


def _page(request: HttpRequest, project: Project, refused: ReportForm | None = None) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]
    makes = membership.may(making.LEAST_ROLE)
    audit = newest(project)
    why_not = printing.why_not() if makes and audit is not None else ""
    offered = ReportFile.Format.XLSX if why_not else ReportFile.Format.PDF
    context: dict[str, Any] = {
        "project": project,
        "audit": audit,
        "form": refused or ReportForm(initial={"format": offered}),
        "makes": makes,
        "why_not": why_not,
        "reports": [(one, _may_remove(request, one)) for one in making.visible(project, membership)],
        "keep_days": making.keep_days(),
    }
    return render(request, "audit/reports.html", context, status=422 if refused else 200)


def _may_remove(request: HttpRequest, made: ReportFile) -> bool:
    return made.made_by_id == request.user.pk or request.membership.may("admin")  # type: ignore[attr-defined]


@access.project("viewer")
@require_POST
def report_start(request: HttpRequest, project: Project) -> HttpResponse:
    """Queue a report of the newest audit."""
    audit, form = newest(project), ReportForm(request.POST)
    if audit is None:
        messages.error(request, "There is no audit yet to report on.")
        return redirect(url_of(project, "overview"))
    if not form.is_valid():
        return _page(request, project, form)
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=project.workspace_id)  # of those who ask at once, one counts first
        if making.waiting_of(project) >= making.MOST_WAITING:
            messages.error(request, TOO_MANY)
            return redirect(url_of(project, "reports"))
        told = form.cleaned_data
        made = making.start(
            audit, request.user, format=told["format"], wanted=form.wanted, for_clients=told["for_clients"]
        )
        _record(request, "report.started", made, sections=made.sections, for_clients=made.for_clients)
        ring(made.run_id)  # type: ignore[arg-type]
    messages.success(request, "The report is being made: it stands in the list below when it is done.")
    return redirect(url_of(project, "reports"))


@access.project("client")
@require_safe
def report_file(request: HttpRequest, project: Project, report_id: int) -> HttpResponseBase:
    """The file, or the range of it that is asked for; each time is written down."""
    made = _found(request, project, report_id)
    if not made.file or not made.file.storage.exists(made.file.name):
        raise Http404
    if request.method == "GET":
        _record(request, "report.downloaded", made)
    return stored_file(request, made.file, name=made.name, content_type=making.TYPES[made.format])


@access.project("viewer")
@require_POST
def report_remove(request: HttpRequest, project: Project, report_id: int) -> HttpResponse:
    """Delete a report; one that is being made is cancelled."""
    made = _found(request, project, report_id)
    if not _may_remove(request, made):
        raise PermissionDenied
    _record(request, "report.removed", made)
    making.remove(made)
    messages.success(request, f"{made.name} was deleted." if made.file else "The report was cancelled.")
    return redirect(url_of(project, "reports"))


@access.run("client")
@require_safe
def report_of_run(request: HttpRequest, run: Run) -> HttpResponse:
    """The list with what a run has made."""
    if run.project is None:
        raise Http404
    get_object_or_404(making.visible(run.project, request.membership), run=run)  # type: ignore[attr-defined]
    return redirect(url_of(run.project, "reports"))


def _found(request: HttpRequest, project: Project, report_id: int) -> ReportFile:
    return get_object_or_404(making.visible(project, request.membership), pk=report_id)  # type: ignore[attr-defined]


def _record(request: HttpRequest, action: str, made: ReportFile, **detail: Any) -> None:
    workspace = made.project.workspace
    audit_log.record_request(request, action, workspace, made.name, project=made.project_id, **detail)
