"""Files of long lists: offered where a list is too long to stream, listed, fetched, made again, taken away.

Decided: asking for a file is a POST of its own, because it makes something; the page that a long export answers with
holds the button. The list of files is the reader's own; an admin sees all of the project. A file leaves in ranges, so a
download that broke off goes on.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from backlinks.workbench import exports as desk
from backlinks.workbench.models import ExportFile
from projects import access, runs
from projects.audit import record_request
from projects.models import Project, Run
from projects.tasks import ring
from seoapp.lib import export_answer, listing, tables
from seoapp.lib.downloads import stored_file
from seoapp.lib.export_formats import FORMATS, Format
from seoapp.lib.htmx import render_page
from seoapp.lib.listquery import Field, ListQuery

MOST_PARAMETERS = 8_000
STATES = {one.value: one.label for one in Run.State} | {Run.State.QUEUED.value: "Waiting"}
LABELS = {one.name: one.label for one in FORMATS.values()}
COLUMNS = (
    Field("name", "File", "text", "text"),
    Field("title", "List", "text", "text"),
    Field("format", "Format", "text", "choice", tuple(FORMATS)),
    Field("state", "State", "state", sortable=False),
    Field("rows", "Rows", "int", "number"),
    Field("bytes", "Bytes", "int", "number"),
    Field("who", "Asked for by", "text", path="created_by__email"),
    Field("created_at", "Asked for", "datetime", "date"),
    Field("expires_at", "Kept until", "datetime", path="finished_at"),
)


# --- Asked for --------------------------------------------------------------------------------------------------------
def offer(request: HttpRequest, state: listing.State, format: Format) -> HttpResponse | None:
    """What a list that is too long to stream is answered with: the way to a file of it (`settings.LONG_EXPORTS`)."""
    project = getattr(request, "project", None)
    if project is None:
        return None
    context = {
        "project": project,
        "state": state,
        "format": format,
        "parameters": export_answer.parameters_of(state),
        "back_url": state.url(),
        **_limits(),
    }
    return render(request, "backlinks/export_long.html", context)


@access.project("client")
@require_POST
def export_start(request: HttpRequest, project: Project) -> HttpResponse:
    """Queue the file of a list of this project, as the reader sees it."""
    format = FORMATS.get(request.POST.get("format", ""))
    address, parameters = request.POST.get("address", ""), request.POST.get("parameters", "")
    if format is None or len(parameters) > MOST_PARAMETERS or not address.startswith(_home(project)):
        raise Http404
    if desk.waiting_of(request.user) >= desk.MOST_WAITING:  # type: ignore[arg-type]
        messages.error(
            request, f"{desk.MOST_WAITING} files are waiting to be made: wait for one of them, or cancel one."
        )
        return _all(project)
    try:
        state = export_answer.take(request.user, address, parameters)
    except export_answer.NotTaken:
        messages.error(request, "That list cannot be read just now: open it again and ask from there.")
        return _all(project)
    with transaction.atomic():
        made = desk.start(project=project, user=request.user, address=address, state=state, format=format)  # type: ignore[arg-type]
        _record(request, "export.started", made, columns=[one.name for one in state.shown])
        ring(made.run_id)  # type: ignore[arg-type]
    return _page_of(made)


def _limits() -> dict[str, int]:
    return {"direct_rows": settings.EXPORT_DIRECT_ROWS, "keep_days": settings.EXPORT_KEEP_DAYS}


def _home(project: Project) -> str:
    return reverse("backlinks:overview", kwargs={"slug": project.workspace.slug, "project_id": project.pk})


# --- Listed -----------------------------------------------------------------------------------------------------------
@access.project("client")
@require_safe
def exports(request: HttpRequest, project: Project) -> HttpResponseBase:
    """The files that the reader may know of."""
    rows = desk.visible(project, request.membership)  # type: ignore[attr-defined]
    made = tables.Listing(
        name="exports",
        title=f"Exported files of {project.target}",
        columns=COLUMNS,
        fetch=lambda asked: asked.fetch(rows),
        stream=lambda asked: asked.stream(rows),
        file_name=f"{project.target}-exports",
        cells=_cells,
        value=_value,
        row_url=_url_of,
        row_label="The file",
        labels=LABELS,
        exported=_record_list,
        stacks=True,
        empty=tables.Empty(
            "No file yet",
            "Lists leave by their Export menu. A long one is written into a file in the background and stands here "
            "until it is deleted.",
            reverse("backlinks:links", kwargs={"slug": project.workspace.slug, "project_id": project.pk}),
            "Go to backlinks",
        ),
    )
    query = ListQuery.parse(COLUMNS, request.GET, sort="-created_at")
    sees_all = request.membership.may("admin")  # type: ignore[attr-defined]
    context = {"project": project, "sees_all": sees_all, **_limits()}
    return tables.answer(request, made, query, page="backlinks/exports.html", context=context)


def _cells(columns: Sequence[tables.Column], row: ExportFile) -> list[tables.Cell]:
    return [tables.Cell(one, _value(one, row), href=_url_of(row) if one.name == "name" else "") for one in columns]


def _value(column: tables.Column, row: ExportFile) -> Any:
    if column.name == "who":
        return str(row.created_by) if row.created_by else ""
    if column.name == "format":
        return LABELS[row.format]
    if column.name in ("rows", "bytes") and not row.file:
        return None
    return tables.value_of(column, row)


def _record_list(request: HttpRequest, state: listing.State) -> None:
    project = request.project  # type: ignore[attr-defined]
    record_request(request, "export", project.workspace, f"exports of {project.target}", project=project.pk)


# --- One file ---------------------------------------------------------------------------------------------------------
@access.project("client")
@require_safe
def export(request: HttpRequest, project: Project, export_id: int) -> HttpResponse:
    """What was asked for, how far it is, and the file; its cut is asked for again until the run is over."""
    made = _found(request, project, export_id)
    context = {
        "project": project,
        "made": made,
        "run": made.run,
        "state_word": STATES[made.state],
        "format": FORMATS[made.format],
        "list_url": f"{made.address}?{made.parameters}",
    }
    return render_page(request, "backlinks/export.html", "backlinks/_export.html", context)


@access.run("client")
@require_safe
def export_of_run(request: HttpRequest, run: Run) -> HttpResponse:
    """The file that a run has written."""
    membership = request.membership  # type: ignore[attr-defined]
    if run.project is None:
        raise Http404
    return _page_of(get_object_or_404(desk.visible(run.project, membership), run=run))


@access.project("client")
@require_safe
def export_file(request: HttpRequest, project: Project, export_id: int) -> HttpResponseBase:
    """The file, or the range of it that is asked for; each time is written down."""
    made = _found(request, project, export_id)
    if not made.file or not made.file.storage.exists(made.file.name):
        raise Http404
    try:
        if not desk.may_fetch(made, request.membership):  # type: ignore[attr-defined]
            raise PermissionDenied
    except export_answer.NotTaken:
        reason = "Whether this list is still yours to read could not be asked."
        return render(request, "backlinks/unavailable.html", {"reason": reason}, status=503)
    if request.method == "GET":
        _record(request, "export.downloaded", made, range=request.headers.get("Range", "")[:100])
    return stored_file(request, made.file, name=made.name, content_type=FORMATS[made.format].content_type)


@access.project("client")
@require_POST
def export_again(request: HttpRequest, project: Project, export_id: int) -> HttpResponse:
    """Begin anew what has failed or was cancelled."""
    made = _found(request, project, export_id)
    with transaction.atomic():
        queued = not made.file and made.run is not None and runs.retry(made.run)
        if queued:
            _record(request, "export.started", made)
            ring(made.run_id)  # type: ignore[arg-type]
    if not queued:
        messages.info(request, "Only what has failed can be made again: open the list and export it anew.")
    return _page_of(made)


@access.project("client")
@require_POST
def export_remove(request: HttpRequest, project: Project, export_id: int) -> HttpResponse:
    """Delete the file; one that is being made is cancelled."""
    made = _found(request, project, export_id)
    _record(request, "export.removed", made)
    desk.remove(made)
    messages.success(request, f"{made.name} was deleted." if made.file else "The export was cancelled.")
    return _all(project)


def _found(request: HttpRequest, project: Project, export_id: int) -> ExportFile:
    return get_object_or_404(desk.visible(project, request.membership), pk=export_id)  # type: ignore[attr-defined]


def _record(request: HttpRequest, action: str, made: ExportFile, **detail: Any) -> None:
    what = f"{made.listing} as {made.name}"
    record_request(
        request, action, made.project.workspace, what, project=made.project_id, parameters=made.parameters, **detail
    )


def _url_of(made: ExportFile) -> str:
    ids = {"slug": made.project.workspace.slug, "project_id": made.project_id, "export_id": made.pk}
    return reverse("backlinks:export", kwargs=ids)


def _page_of(made: ExportFile) -> HttpResponse:
    return redirect(_url_of(made))


def _all(project: Project) -> HttpResponse:
    return redirect("backlinks:exports", slug=project.workspace.slug, project_id=project.pk)
