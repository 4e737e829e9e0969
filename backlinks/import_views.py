"""Imports in the browser: bring files, watch them being read, explain a header, see what was refused, take one back."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlinks import imports as desk
from backlinks import index
from projects import access
from projects.audit import record_request
from projects.models import Project, Run
from projects.tasks import ring
from seoapp.lib.export import safe_filename
from seoapp.lib.htmx import render_page

from .models import Import
from .sources import FIELDS, FORMATS, SOURCES

PER_PAGE = 30
# What the rows of a format are -> the report that shows them.
REPORT_OF = {"links": "links", "domains": "domains"}
METRIC = "metric"
FIELD_LABELS = {
    "source_url": "Linking page (URL)",
    "source_domain": "Linking domain",
    "target_url": "Target page (URL)",
    "anchor": "Anchor text",
    "alt": "Image alt text",
    "rel": "rel attribute",
    "nofollow": "Nofollow (yes or no)",
    "dofollow": "Dofollow (yes or no)",
    "ugc": "UGC (yes or no)",
    "sponsored": "Sponsored (yes or no)",
    "first_seen": "First seen",
    "last_seen": "Last seen",
    "lost_at": "Lost on",
    "title": "Page title",
    "ip": "IP address",
    "country": "Country",
    "http_status": "HTTP status",
    "context_left": "Text before the link",
    "context_right": "Text after the link",
    "language": "Language",
    "ext_links": "External links on the page",
    "int_links": "Internal links on the page",
    "link_type": "Kind of link",
    "links": "Number of links (domain lists)",
}


@access.project("viewer")
@require_safe
def imports(request: HttpRequest, project: Project) -> HttpResponse:
    """The list, newest first; its cut `_imports.html` is asked for again while a file is being read."""
    before = request.GET.get("before", "")
    rows = _of(project).filter(archive=None).prefetch_related("members__run")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.order_by("-pk")[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    context = {
        "project": project,
        "rows": shown,
        "is_active": any(one.is_active for one in shown),
        "next": shown[-1].pk if len(found) > PER_PAGE else None,
        "is_first": not before,
        "here": request.get_full_path(),
        "formats": sorted((one.label, one.name) for one in SOURCES),
        "limit_mb": settings.IMPORT_MAX_BYTES // 1024 // 1024,
    }
    return render_page(request, "backlinks/imports.html", "backlinks/_imports.html", context)


@access.project("editor")
@require_POST
def upload(request: HttpRequest, project: Project) -> HttpResponse:
    """One or more files. A script that asks for JSON is told of each; a form is led back to the list."""
    if getattr(request, "too_large", False):
        return _told(request, project, [_too_large()], status=413)
    files = request.FILES.getlist("files")
    if not files:
        return _told(request, project, [Outcome("", "error", "Choose at least one file.")], status=422)
    outcomes = [_receive(request, project, file) for file in files]
    return _told(request, project, outcomes)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one uploaded file. level: success, info or error."""

    name: str
    level: str
    message: str


def _too_large() -> Outcome:
    limit = settings.IMPORT_MAX_BYTES // 1024 // 1024
    return Outcome(
        "", "error", f"The upload is larger than {limit} MB: send fewer files at once, or raise IMPORT_MAX_MB."
    )


def _receive(request: HttpRequest, project: Project, file: Any) -> Outcome:
    name = re.sub(r"[\x00-\x1f\x7f]", " ", file.name or "upload")
    asked = {"format": request.POST.get("format", ""), "target": request.POST.get("target", "").strip()}
    try:
        received = desk.receive(project=project, user=request.user, file=file, name=name, **asked)
    except desk.ImportRefused as error:
        return Outcome(name, "error", str(error))
    if received.queued:
        record_request(request, "import.started", project.workspace, name, project=project.name)
        ring(received.made.run_id)
        return Outcome(name, "success", f"{name} is being read.")
    return Outcome(name, "info", _known_already(name, received.made))


def _known_already(name: str, made: Import) -> str:
    if made.state == Import.State.MAPPING:
        return f"{name} is here already and waits for you to say which column is which."
    if made.is_active:
        return f"{name} is the same file as {made.base_name}, which is being read already: nothing changes."
    return f"{name} was imported before as {made.base_name}: nothing changes."


def _told(request: HttpRequest, project: Project, outcomes: list[Outcome], status: int = 200) -> HttpResponse:
    if request.headers.get("Accept", "").startswith("application/json"):
        told = [{"name": one.name, "level": one.level, "message": one.message} for one in outcomes]
        return JsonResponse({"files": told}, status=status)
    for one in outcomes:
        messages.add_message(request, messages.DEFAULT_LEVELS[one.level.upper()], one.message)
    return redirect("backlinks:imports", slug=project.workspace.slug, project_id=project.pk)


@access.project("viewer")
@require_safe
def import_page(request: HttpRequest, project: Project, import_id: int) -> HttpResponse:
    made = _found(project, import_id)
    context = {
        "project": project,
        "made": made,
        "parts": [made, *made.members.select_related("run").order_by("pk")] if made.archive_id is None else [made],
        "target": made.target or str(project.target),
        "profile_url": _url("overview", project, made),
        "rows_url": _rows_url(project, made),
    }
    return render_page(request, "backlinks/import.html", "backlinks/_import.html", context)


def _url(name: str, project: Project, made: Import, **params: str) -> str:
    """A report on the target of an import."""
    known = {"target": made.target, **params} if made.target else params
    url = reverse(f"backlinks:{name}", kwargs={"slug": project.workspace.slug, "project_id": project.pk})
    return f"{url}?{urlencode(known)}" if known else url


def _rows_url(project: Project, made: Import) -> str:
    """What its source knows of the target, in the report where such rows are seen; "" where none shows them."""
    source = FORMATS.get(made.source)
    report = REPORT_OF.get(source.yields) if source else None
    return _url(report, project, made, sources=made.vendor) if report else ""


@access.run("viewer")
@require_safe
def import_of_run(request: HttpRequest, run: Run) -> HttpResponse:
    """The import that a run has read."""
    made_id = run.arguments.get("import", 0)
    return _page_of(get_object_or_404(Import, pk=made_id, workspace=run.workspace, project=run.project))


@access.project("editor")
@require_http_methods(["GET", "HEAD", "POST"])
def import_mapping(request: HttpRequest, project: Project, import_id: int) -> HttpResponse:
    """Which column is which, for a header that is not known."""
    made = _found(project, import_id)
    if made.state != Import.State.MAPPING:
        return _page_of(made)
    header: list[str] = made.mapping.get("header", [])
    chosen = _suggested(made, header)
    error = ""
    if request.method == "POST":
        chosen = [request.POST.get(f"column_{number}", "") for number in range(len(header))]
        mapping, error = _read_mapping(made, header, chosen, request.POST.get("date_order", ""))
        if not error:
            with transaction.atomic():
                run = desk.confirm_mapping(made, mapping, request.user)
                ring(run.pk)
            return _page_of(made)
    context = {
        "project": project,
        "made": made,
        "columns": [(number, cell, chosen[number], header.index(cell) < number) for number, cell in enumerate(header)],
        "order": request.POST.get("date_order", ""),
        "fields": [(name, FIELD_LABELS.get(name, name)) for name in FIELDS],
        "preview": made.mapping.get("preview", []),
        "dates": made.mapping.get("dates", []),
        "error": error,
    }
    return render(request, "backlinks/import_mapping.html", context, status=422 if error else 200)


def _suggested(made: Import, header: list[str]) -> list[str]:
    by_cell = {cell: field for field, cell in made.mapping.get("suggested", {}).items()}
    fields = [by_cell.get(cell, "") if header.index(cell) == number else "" for number, cell in enumerate(header)]
    return [METRIC if field.startswith(f"{METRIC}:") else field for field in fields]


def _read_mapping(made: Import, header: list[str], chosen: list[str], order: str) -> tuple[dict[str, str], str]:
    """(field -> header cell, what is wrong with it)."""
    mapping: dict[str, str] = {}
    for number, (cell, field) in enumerate(zip(header, chosen, strict=True)):
        if field and header.index(cell) < number:
            return {}, f"Two columns are named “{cell}”: only the first can be read. Rename one of them in the file."
        name = _metric(cell) if field == METRIC else field
        if not name:
            continue
        if name in mapping:
            return {}, f"Two columns are “{FIELD_LABELS.get(name, name)}”: choose one of them."
        if field != METRIC and field not in FIELDS:
            return {}, f"{field!r} is no field."
        mapping[name] = cell
    if not {"source_url", "source_domain"} & set(mapping):
        return {}, "Say which column holds the linking page or the linking domain: without it no row can be read."
    if made.mapping.get("dates"):
        if order not in ("day_first", "month_first"):
            return {}, "Say whether the dates start with the day or with the month."
        mapping[desk.DATE_ORDER] = order
    return mapping, ""


def _metric(cell: str) -> str:
    word = re.sub(r"\W+", "_", cell.strip().lower()).strip("_")[:50] or "value"
    return f"metric:csv_{word}"


@access.project("viewer")
@require_safe
def import_problems(request: HttpRequest, project: Project, import_id: int) -> HttpResponse:
    """All refused rows and unread cells, as CSV."""
    made = _found(project, import_id)
    response = StreamingHttpResponse(desk.problem_lines(made), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{safe_filename(made.base_name)}-problems.csv"'
    return response


@access.project("editor")
@require_safe
def import_file(request: HttpRequest, project: Project, import_id: int) -> HttpResponse:
    """The file as it came."""
    made = _found(project, import_id)
    if not made.file:
        raise Http404
    record_request(request, "import.downloaded", project.workspace, made.base_name)
    name = safe_filename(made.base_name)
    return FileResponse(
        made.file.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream"
    )


@access.project("editor")
@require_POST
def import_retry(request: HttpRequest, project: Project, import_id: int) -> HttpResponse:
    made = _found(project, import_id)
    if made.has_failed and made.archive_id is None:
        with transaction.atomic():
            run = desk.start(made, request.user)
            record_request(request, "import.started", project.workspace, made.base_name, project=project.name)
            ring(run.pk)
    else:
        messages.info(request, "Only a file whose reading failed can be read again.")
    return _page_of(made)


@access.project("editor")
@require_http_methods(["GET", "HEAD", "POST"])
def import_remove(request: HttpRequest, project: Project, import_id: int) -> HttpResponse:
    """Ask with what would be gone; then remove by a run."""
    made = _found(project, import_id)
    if made.is_active or made.state == Import.State.REMOVED:
        messages.info(request, "Wait until the file has been read, or cancel its run.")
        return _page_of(made)
    if request.method == "POST":
        with transaction.atomic():
            run = desk.ask_removal(made, request.user)
            record_request(request, "import.removed", project.workspace, made.base_name, project=project.name)
            ring(run.pk)
        return redirect("backlinks:imports", slug=project.workspace.slug, project_id=project.pk)
    try:
        gone = desk.only_here(made)
    except index.IndexUnavailable:
        gone = None
    return render(
        request,
        "backlinks/import_remove.html",
        {"project": project, "made": made, "gone": gone, "parts": desk.parts_of(made)},
    )


def _of(project: Project) -> QuerySet[Import]:
    return Import.objects.filter(project=project).select_related("run", "started_by")


def _found(project: Project, import_id: int) -> Import:
    return get_object_or_404(_of(project), pk=import_id)


def _page_of(made: Import) -> HttpResponse:
    slug = made.workspace.slug
    return redirect("backlinks:import", slug=slug, project_id=made.project_id, import_id=made.pk)
