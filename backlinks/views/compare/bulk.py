"""Bulk analysis: thousands of targets, pasted or uploaded, as one table that sorts, filters and leaves as a file.

Decided: a list is kept, so that it can be looked at again with the figures of that day. Clients have no lists: they may
read one project. A member who sees named projects only gets the rows that it may read, and of the lines that were
refused to somebody else those that name such a target.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from backlinks import index
from backlinks.views.behind import figure_urls
from backlinks.views.exports import record_export
from backlinks.views.opengraph import without_graph
from backlinks.views.reading import SCOPES, Reading, readable, took_too_long
from backlinks.views.vendors import LABELS, vendor_label
from backlinks.workbench import targetlists as desk
from backlinks.workbench.models import TargetList
from projects import access
from projects.audit import record_request
from projects.models import Project
from projects.tasks import ring
from seoapp.lib import export, heldrows, tables
from seoapp.lib.listquery import Field, ListQuery
from seoapp.lib.weburl import BadUrl, Target

from .rivals import of_readable

LISTS = (
    Field("name", "List", "text", "text"),
    Field("size", "Targets", "int", sortable=False),
    Field("refused_rows", "Refused", "int", sortable=False),
    Field("created_at", "Saved", "datetime", "date"),
    Field("created_by__email", "Saved by", "text", "text"),
)


def _count(name: str, label: str, *, default: bool = False, help: str = "") -> Field:
    return Field(name, label, "int", "number", default=default, help=help)


FIELDS = (
    Field("target", "Target", "url", "text"),
    Field("scope", "Scope", "text", "choice", desk.SCOPES),
    Field("authority", "Authority", "score", "number"),
    _count("links", "Links", default=True),
    _count("referring_domains", "Referring domains", default=True, help="Without those that only the graph names."),
    _count("live", "Live"),
    _count("lost", "Lost"),
    _count("unknown", "Unknown"),
    _count("follow", "Follow", default=True),
    _count("nofollow", "Nofollow", default=True),
    _count("rel_unknown", "Rel not known"),
    _count("ugc", "UGC"),
    _count("sponsored", "Sponsored"),
    _count("hosts", "Hosts"),
    _count("ips", "IPs", default=True),
    _count("subnets", "Subnets", default=True),
    *(_count(name, name.capitalize()) for name in ("text", "image", "form", "frame", "redirect", "other")),
    _count("new_domains", "New domains", default=True, help=f"First seen in {desk.RECENT_DAYS} days."),
    _count("lost_domains", "Lost domains", default=True, help=f"Lost in {desk.RECENT_DAYS} days."),
    _count("new_links", "New links", help=f"First seen in {desk.RECENT_DAYS} days."),
    _count("lost_links", "Lost links", help=f"Lost in {desk.RECENT_DAYS} days."),
    _count("graph_domains", "In the graph", help="Domains that link to it in Common Crawl's graph."),
    Field("first_seen", "First seen", "date", "date"),
    Field("last_seen", "Last seen", "date", "date"),
    Field("sources", "Known by", "list", "choice", index.VENDORS, sortable=False),
)


@access.project("viewer")
@require_safe
def target_lists(request: HttpRequest, project: Project) -> HttpResponseBase:
    """The lists of the project, and the form that makes one."""
    rows = project.target_lists.select_related("created_by")
    listing = tables.Listing(
        name="target-lists",
        title=f"Lists of targets of {project.name}",
        columns=LISTS,
        fetch=lambda asked: asked.fetch(rows),
        stream=lambda asked: asked.stream(rows),
        file_name=f"{project.target.label}-lists",
        cells=lambda columns, row: [_list_cell(request, project, one, row) for one in columns],
        value=lambda column, row: _of_list(request, column, row),
        exported=record_export(project),
        empty=tables.Empty("No list yet", "Paste targets or upload a file: thousands of them become one table."),
        stacks=True,
    )
    context = {
        "project": project,
        "most": desk.MOST,
        "limit_mb": desk.MOST_BYTES // 1024 // 1024,
        "scopes": SCOPES,
        "today": f"{datetime.now(UTC):%Y-%m-%d}",
    }
    query = ListQuery.parse(LISTS, request.GET, sort="-created_at")
    return tables.answer(request, listing, query, page="backlinks/bulk.html", context=context)


def _of_list(request: HttpRequest, column: tables.Column, row: TargetList) -> Any:
    if column.name == "size":
        return len(row.targets)
    if column.name == "refused_rows":
        return len(row.refused) if _sees_refused(request, row) else None
    return tables.value_of(column, row)


def _sees_refused(request: HttpRequest, made: TargetList) -> bool:
    """Whether all refused lines are shown: who sees named projects only has typed them, or they may name others'."""
    return not request.membership.is_narrow or made.created_by_id == request.user.pk  # type: ignore[attr-defined]


def _list_cell(request: HttpRequest, project: Project, column: tables.Column, row: TargetList) -> tables.Cell:
    names = {"name": "target_list", "size": "target_list", "refused_rows": "target_list_refused"}
    value = _of_list(request, column, row)
    return tables.Cell(column, value, _url(project, names[column.name], row) if value and column.name in names else "")


def _url(project: Project, name: str, made: TargetList) -> str:
    return reverse(f"backlinks:{name}", args=[project.workspace.slug, project.pk, made.pk])


@access.project("editor")
@require_POST
def target_list_save(request: HttpRequest, project: Project) -> HttpResponse:
    """Read what was pasted or uploaded; good lines are kept, bad ones listed."""
    try:
        found = _read(request)
        _refuse_foreign(request, project, found)
        name = " ".join(request.POST.get("name", "").split()) or f"{len(found.targets)} targets"
        with transaction.atomic():
            made = desk.save(project=project, user=request.user, name=name, found=found)
            record_request(request, "targets.saved", project.workspace, made.name, targets=len(found.targets))
            if made.run_id:
                ring(made.run_id)
    except desk.ListRefused as error:
        messages.error(request, str(error))
        return redirect("backlinks:target_lists", slug=project.workspace.slug, project_id=project.pk)
    taken = f" from {found.column}" if found.column else ""
    messages.success(request, f"{len(found.targets):,} targets were read{taken}; {len(found.refused):,} were refused.")
    return redirect(_url(project, "target_list", made))


def _read(request: HttpRequest) -> desk.Reading:
    scope = request.POST.get("scope", "")
    scope = scope if scope in desk.SCOPES else ""
    file = request.FILES.get("file")
    if getattr(request, "too_large", False) or (file is not None and file.size > desk.MOST_BYTES):
        raise desk.ListRefused(f"The file is larger than {desk.MOST_BYTES // 1024 // 1024} MB: split it.")
    if file is not None:
        return desk.read_file(file.read(), scope, request.POST.get("column", "").strip()[:200])
    text = request.POST.get("targets", "")
    if not text.strip():
        raise desk.ListRefused("Paste at least one target, or choose a file.")
    return desk.read_text(text, scope)


def _refuse_foreign(request: HttpRequest, project: Project, found: desk.Reading) -> None:
    """Who sees named projects only gets no others' profiles."""
    if not request.membership.is_narrow:  # type: ignore[attr-defined]
        return
    may, own = readable(project), []
    for one in found.targets:
        if may(one):
            own.append(one)
        else:
            found.refused.append((0, str(one), f"your access covers {project.target} and its competitors"))
    found.targets = own


# --- One list -----------------------------------------------------------------------------------------------------
@access.project("viewer")
@require_safe
def target_list(request: HttpRequest, project: Project, list_id: int) -> HttpResponseBase:
    made = _found(project, list_id)
    narrow = request.membership.is_narrow  # type: ignore[attr-defined]
    reading = Reading(project, project.target, {}, is_narrow=narrow)
    try:
        rows = _visible(reading, desk.rows_of(made))
    except index.IndexUnavailable as error:
        return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)
    except index.TooLong:
        return took_too_long(request)
    listing = tables.Listing(
        name="targets",
        title=f"Targets of {made.name}",
        columns=FIELDS,
        fetch=lambda asked: heldrows.page_of(rows, asked),
        stream=lambda asked: heldrows.selected(rows, asked),
        file_name=f"{made.name}-{datetime.now(UTC):%Y-%m-%d}",
        cells=lambda columns, row: _cells(reading, columns, row),
        value=_value,
        row_url=lambda row: _of(reading, row).url("overview"),
        row_label="Its overview",
        labels=LABELS,
        exported=record_export(project, made.name),
        empty=tables.Empty("Nothing is counted yet", "A run counts these targets; reload the page when it is done."),
        stacks=True,
    )
    query = ListQuery.parse(FIELDS, request.GET, sort="-referring_domains")
    refused = _refused(request, made)
    context = {
        "project": project,
        "made": made,
        "size": len(made.targets),
        "refused": refused[:20],
        "refused_rows": len(refused),
        "is_long": desk.is_long(made),
        "refused_url": _url(project, "target_list_refused", made),
        "count_url": _url(project, "target_list_count", made),
        "delete_url": _url(project, "target_list_delete", made),
        "compare_url": _compare_url(reading, rows, query),
        "graph_words": without_graph(),
    }
    return tables.answer(request, listing, query, page="backlinks/target_list.html", context=context)


def _visible(reading: Reading, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not reading.is_narrow:
        return rows
    may = readable(reading.project)
    return [row for row in rows if may(Target.parse(row["target"], row["scope"]))]


def _refused(request: HttpRequest, made: TargetList) -> list[list[Any]]:
    """(row, text, reason) of the refused lines that this member may see."""
    if _sees_refused(request, made):
        return made.refused
    may = readable(made.project)
    return [line for line in made.refused if _names(may, line[1])]


def _names(may: Callable[[Target], bool], text: str) -> bool:
    try:
        return may(Target.parse(text))
    except BadUrl:
        return False


def _of(reading: Reading, row: Mapping[str, Any]) -> Reading:
    """Its pages without the open graph, as it is counted here."""
    return replace(of_readable(reading, Target.parse(row["target"], row["scope"])), with_graph=False)


def _compare_url(reading: Reading, rows: list[dict[str, Any]], query: ListQuery) -> str:
    """The first ten rows beside the project."""
    first = heldrows.selected(rows, query)[:10]
    names = [("with", f"{row['scope']}:{row['target']}") for row in first]
    return f"{reading.url('compare')}?{urlencode(names)}" if names else ""


def _cells(reading: Reading, columns: Any, row: Mapping[str, Any]) -> list[tables.Cell]:
    own = _of(reading, row)
    urls = figure_urls(own) | _recent_urls(own) | {"target": own.url("overview"), "authority": own.url("why")}
    urls.pop("graph_domains", None)
    unknown = index.why_unknown(row)
    made = []
    for one in columns:
        value = _value(one, row)
        made.append(tables.Cell(one, value, urls.get(one.name, "") if value else "", why=unknown.get(one.name, "")))
    return made


def _recent_urls(own: Reading) -> dict[str, str]:
    day = desk.since().isoformat()
    new, lost = {"first_seen_from": day}, {"state": "lost", "lost_at_from": day}
    return {
        "new_domains": own.url("domains", new),
        "lost_domains": own.url("domains", lost),
        "new_links": own.url("links", new),
        "lost_links": own.url("links", lost),
    }


def _value(column: tables.Column, row: Mapping[str, Any]) -> Any:
    value = tables.value_of(column, row)
    return [vendor_label(one) for one in value] if column.kind == "list" else value


@access.project("viewer")
@require_safe
def target_list_refused(request: HttpRequest, project: Project, list_id: int) -> StreamingHttpResponse:
    """The refused lines with their reasons."""
    made = _found(project, list_id)
    refused = _refused(request, made)
    about = f"refused lines of {made.name}"
    record_request(request, "export", project.workspace, about, project=project.pk, rows=len(refused))
    lines = export.csv_lines(("row", "text", "reason"), refused)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{export.safe_filename(made.name)}-refused.csv"'
    return response


@access.project("editor")
@require_POST
def target_list_count(request: HttpRequest, project: Project, list_id: int) -> HttpResponse:
    """Count a long list again."""
    made = _found(project, list_id)
    if not desk.is_long(made):
        messages.info(request, "This list is counted whenever it is opened.")
    elif made.run and not made.run.is_over:
        messages.info(request, "It is being counted already.")
    else:
        with transaction.atomic():
            desk.start(made, request.user)
            record_request(request, "targets.counted", project.workspace, made.name, targets=len(made.targets))
            ring(made.run_id)
    return redirect(_url(project, "target_list", made))


@access.project("editor")
@require_POST
def target_list_delete(request: HttpRequest, project: Project, list_id: int) -> HttpResponse:
    made = _found(project, list_id)
    record_request(request, "targets.removed", project.workspace, made.name)
    made.delete()
    messages.success(request, f"{made.name} was deleted.")
    return redirect("backlinks:target_lists", slug=project.workspace.slug, project_id=project.pk)


def _found(project: Project, list_id: int) -> TargetList:
    return get_object_or_404(project.target_lists.select_related("project__workspace", "run"), pk=list_id)
