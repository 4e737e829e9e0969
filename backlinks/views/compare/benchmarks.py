"""Benchmarks: the list of those that a project keeps, and what an editor does with them.

Decided: any profile that may be read may be saved, not the project's own alone; a member who sees named projects only
finds those benchmarks whose target it may read. What a benchmark is of never changes, its name and note may.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from backlinks import index
from backlinks.views.exports import record_export
from backlinks.views.reading import Reading, may_read, page_context, readable, report_page
from backlinks.workbench import benchmarks as desk
from backlinks.workbench.models import Benchmark
from projects import access
from projects.audit import record_request
from projects.models import Project
from seoapp.lib import tables
from seoapp.lib.listquery import Field, ListQuery, Rows
from seoapp.lib.weburl import Target

from .rivals import of_readable

FIELDS = (
    Field("name", "Benchmark", "text", "text"),
    Field("created_at", "Saved", "datetime", "date"),
    Field("target", "Target"),  # no filters: `target` and `scope` in the URL name what is being read
    Field("scope", "Scope", default=False),
    Field("links", "Links", "int", sortable=False),
    Field("referring_domains", "Referring domains", "int", sortable=False),
    Field("authority", "Authority", "score", sortable=False),
    Field("note", "Note", "text", "text"),
    Field("created_by__email", "Saved by", "text", "text", default=False),
)
HEADLINE = ("links", "referring_domains", "authority")


@access.project("client")
@require_safe
@report_page
def benchmarks(request: HttpRequest, reading: Reading) -> HttpResponseBase:
    """The list, and the form that saves the profile that is being read."""
    rows = reading.project.benchmarks.select_related("created_by", "project")
    may = readable(reading.project)
    shown = [one.pk for one in rows if not reading.is_narrow or may(desk.target_of(one))]
    listing = tables.Listing(
        name="benchmarks",
        title=f"Benchmarks of {reading.project.name}",
        columns=FIELDS,
        fetch=lambda asked: _fetch(asked, rows.filter(pk__in=shown)),
        stream=lambda asked: asked.stream(rows.filter(pk__in=shown)),
        file_name=f"{reading.project.target.label}-benchmarks-{datetime.now(UTC):%Y-%m-%d}",
        cells=lambda columns, row: [_cell(reading, one, row) for one in columns],
        value=value_of,
        row_url=lambda row: reading_of(reading, row).url("benchmark", benchmark_id=row.pk),
        row_label="What has changed since",
        exported=record_export(reading.project),
        empty=tables.Empty(
            "No benchmark yet",
            "Save a profile as it is today; later this page says what has changed since, and why.",
        ),
        stacks=True,
    )
    query = ListQuery.parse(FIELDS, request.GET, sort="-created_at")
    context = page_context(request, reading) | {
        "save_url": reading.url("benchmark_save"),
        "today": f"{reading.label}, {datetime.now(UTC):%Y-%m-%d}",
    }
    return tables.answer(
        request, listing, query, page="backlinks/benchmarks.html", context=context, keep=reading.carried
    )


def _fetch(asked: ListQuery, rows: Any) -> Rows:
    return asked.fetch(rows)


def value_of(column: tables.Column, row: Benchmark) -> Any:
    if column.name in HEADLINE:
        return row.figures["head"][column.name]
    return tables.value_of(column, row)


def _cell(reading: Reading, column: tables.Column, row: Benchmark) -> tables.Cell:
    own = reading_of(reading, row)
    value = value_of(column, row)
    if column.name == "name":
        return tables.Cell(column, value, own.url("benchmark", benchmark_id=row.pk))
    if column.name == "target":
        return tables.Cell(column, own.label, own.url("overview"), note="" if row.scope == "root" else own.scope_words)
    if column.name in ("links", "referring_domains") and value:
        return tables.Cell(
            column, value, own.url("benchmark_domains", {"there_0": "yes", "sort": "-links_0"}, benchmark_id=row.pk)
        )
    return tables.Cell(column, value)


# --- One benchmark --------------------------------------------------------------------------------------------------
def found(reading: Reading, benchmark_id: int) -> tuple[Benchmark, Reading]:
    """A benchmark of the project with the reading of its target; 404 for who may not read that."""
    benchmark = get_object_or_404(reading.project.benchmarks.select_related("project__workspace"), pk=benchmark_id)
    if reading.is_narrow and not may_read(reading.project, desk.target_of(benchmark)):
        raise Http404
    return benchmark, reading_of(reading, benchmark)


def reading_of(reading: Reading, benchmark: Benchmark) -> Reading:
    """The reading of a benchmark that this member may read."""
    return replace(of_readable(reading, desk.target_of(benchmark)), with_graph=benchmark.with_graph)


@access.project("editor")
@require_POST
@report_page
def benchmark_save(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Save the profile that the address names."""
    name = " ".join(request.POST.get("name", "").split())[:120]
    if not name:
        messages.error(request, "Give the benchmark a name.")
        return redirect(reading.url("benchmarks"))
    try:
        made = desk.save(
            project=reading.project, user=request.user, query=reading.query("domains"), name=name, note=_note(request)
        )
    except desk.TooMany as error:
        messages.error(request, str(error))
        return redirect(reading.url("benchmarks"))
    record_request(request, "benchmark.saved", reading.project.workspace, name, target=str(reading.target))
    messages.success(request, f"{name} was saved.")
    return redirect(reading.url("benchmark", benchmark_id=made.pk))


@access.project("editor")
@require_POST
def benchmark_edit(request: HttpRequest, project: Project, benchmark_id: int) -> HttpResponse:
    """Another name or note."""
    benchmark = _own(request, project, benchmark_id)
    name = " ".join(request.POST.get("name", "").split())[:120]
    if not name:
        messages.error(request, "A benchmark needs a name.")
    else:
        benchmark.name, benchmark.note = name, _note(request)
        benchmark.save(update_fields=["name", "note"])
        record_request(request, "benchmark.changed", project.workspace, name)
        messages.success(request, "The benchmark was saved.")
    return redirect(
        "backlinks:benchmark", slug=project.workspace.slug, project_id=project.pk, benchmark_id=benchmark_id
    )


@access.project("editor")
@require_POST
def benchmark_delete(request: HttpRequest, project: Project, benchmark_id: int) -> HttpResponse:
    benchmark = _own(request, project, benchmark_id)
    try:
        desk.remove(benchmark)
    except index.IndexUnavailable as error:
        messages.error(request, str(error))
    else:
        record_request(request, "benchmark.removed", project.workspace, benchmark.name, target=benchmark.target)
        messages.success(request, f"{benchmark.name} was deleted.")
    return redirect("backlinks:benchmarks", slug=project.workspace.slug, project_id=project.pk)


def _own(request: HttpRequest, project: Project, benchmark_id: int) -> Benchmark:
    benchmark = get_object_or_404(project.benchmarks.select_related("project__workspace"), pk=benchmark_id)
    narrow = request.membership.is_narrow  # type: ignore[attr-defined]
    if narrow and not may_read(project, Target.parse(benchmark.target, benchmark.scope)):
        raise Http404
    return benchmark


def _note(request: HttpRequest) -> str:
    return request.POST.get("note", "").strip().replace("\0", "")[:5000]
