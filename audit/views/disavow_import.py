"""Existing disavow files: brought in, mended, merged into the list; and the list that came of them.

Decided: an upload makes a version and changes nothing else; its findings are read first, then it is merged. What the
merge asks is answered with "keep" unless somebody ticks that it goes. Refused: an upload that replaces the list.
"""

import re
from typing import Any
from urllib.parse import parse_qs

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from audit import approving, listed
from audit.disavow.grammar import MAX_BYTES, Unreadable
from audit.disavow.mend import Stale
from audit.disavow.merge import NotAsked
from audit.models import DisavowVersion, ListedEntry
from backlinks import index
from backlinks.views.exports import record_export
from projects import access
from projects import audit as audit_log
from projects.models import Project
from seoapp.lib import listing as tables_bulk
from seoapp.lib import tables
from seoapp.lib.listquery import Field, ListQuery
from seoapp.lib.words import counted

from . import disavow_lines
from .asked import url_of
from .disavow_version import ASKS_ADMIN, version_of

FIELDS = (
    Field("value", "Entry", "text", filter="text"),
    Field("kind", "Kind", "text", filter="choice", choices=("domain", "url")),
    Field("reason", "Why", "text", filter="text"),
    Field("who", "Who", "text", filter="text"),
    Field("day", "When", "date"),
    Field("group", "Group", "text", filter="text", default=False),
    Field("file", "File", "text", filter="text", path="origin__note"),
    Field("version", "Version", "int", filter="number", path="origin__number"),
    Field("line", "Line", "int", filter="number"),
)
LABELS = {"domain": "Domain", "url": "URL"}
WITHDRAW = (tables_bulk.BulkAction("withdraw", "Withdraw from the list", "eraser"),)
MOST_AT_ONCE = 10_000
LOGGED = 100
NO_FILE = "Choose the text file that was uploaded to the search engine."


@access.project("editor")
@require_POST
def disavow_import(request: HttpRequest, project: Project) -> HttpResponse:
    """Keep an existing file as a version; nothing else changes."""
    file = request.FILES.get("file")
    if getattr(request, "too_large", False) or file is None:
        messages.error(request, f"{NO_FILE} It has at most {MAX_BYTES // 1_000_000} MB.")
        return redirect(url_of(project, "disavow"))
    name = re.sub(r"[\x00-\x1f\x7f]", " ", file.name or "disavow.txt")
    try:
        version, is_new = listed.bring(project, request.user, file.read(MAX_BYTES + 1), name)
    except Unreadable as error:
        messages.error(request, str(error))
        return redirect(url_of(project, "disavow"))
    if is_new:
        audit_log.record_request(request, "disavow.imported", project.workspace, name, project=project.pk)
        messages.success(request, f"{name} is version {version.number}: read what is wrong with it, then merge it.")
    else:
        messages.info(request, f"{name} is known already: it is version {version.number}.")
    return _to(project, version, "findings")


def _to(project: Project, version: DisavowVersion, show: str) -> HttpResponse:
    return redirect(url_of(project, "disavow_version", {"show": show}, number=version.number))


@access.project("editor")
@require_POST
def disavow_mend(request: HttpRequest, project: Project, number: int) -> HttpResponse:
    """Accept mends: every fix, or those of the rows that were ticked; they make a version of their own."""
    version = version_of(project, number)
    every = request.POST.get("every") == "fixes"
    try:
        keys = [] if every else _keys(request, project, version)
        choice = int(request.POST.get("action") == "second")
        made, is_new = listed.mend(project, request.user, version, keys, choice, every=every)
    except (Stale, Unreadable) as error:
        messages.error(request, str(error))
        return _to(project, version, "findings")
    except index.IndexUnavailable as error:
        return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)
    if is_new:
        audit_log.record_request(
            request, "disavow.mended", project.workspace, f"version {made.number} of {number}", project=project.pk
        )
        messages.success(request, f"Version {made.number} is version {number} with the mends.")
    else:
        messages.info(request, f"That is version {made.number}, which is there already.")
    return _to(project, made, "findings")


def _keys(request: HttpRequest, project: Project, version: DisavowVersion) -> list[str]:
    if not request.POST.get("all"):
        return request.POST.getlist("row")
    asked = {name: values[-1] for name, values in parse_qs(request.POST.get("query", "")).items()}
    return disavow_lines.keys_asked(project, version, asked)


@access.project("editor")
@require_POST
def disavow_merge(request: HttpRequest, project: Project, number: int) -> HttpResponse:
    """Merge a version into the list; what is ticked goes, everything else is kept."""
    version = version_of(project, number)
    if not approving.lists_alone(project, request.membership):  # type: ignore[attr-defined]
        messages.error(request, ASKS_ADMIN)
        return _to(project, version, "merge")
    gone = set(request.POST.getlist("gone"))
    try:
        if request.POST.get("all_gone"):
            asked = listed.coming(project, version).merged.questions
            gone |= {one.name for one in asked if one.dropped_by == "theirs"}
        made = listed.merge_in(project, request.user, version, gone)
    except NotAsked as error:
        messages.error(request, str(error))
        return _to(project, version, "merge")
    except index.IndexUnavailable as error:
        return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)
    audit_log.record_request(
        request,
        "disavow.merged",
        project.workspace,
        f"version {number}",
        project=project.pk,
        added=len(made.added),
        gone=sorted(gone)[:LOGGED],
        gone_count=len(gone),
    )
    messages.success(request, f"Version {number} is merged: {_done(made, len(gone))}.")
    return redirect(url_of(project, "disavow_listed"))


def _done(made: listed.Coming, gone: int) -> str:
    parts = [f"{counted(len(made.added), 'entry', 'entries')} added"]
    parts += [f"{gone:,} taken out"] if gone else []
    parts += [f"{len(made.refused):,} left out that no file may hold"] if made.refused else []
    parts += [f"{counted(made.malformed, 'malformed line')} left out"] if made.malformed else []
    return ", ".join(parts)


# --- The list that came of files --------------------------------------------------------------------------------------
@access.project("viewer")
@require_safe
def disavow_listed(request: HttpRequest, project: Project) -> HttpResponseBase:
    """Entries that came with files and stand in the list."""
    may = request.membership.may("editor")  # type: ignore[attr-defined]
    query = ListQuery.parse(FIELDS, request.GET, sort="value")
    made = _listing(project, may_withdraw=may)
    return tables.answer(request, made, query, page="audit/disavow_listed.html", context={"project": project})


def _rows(project: Project) -> Any:
    return (
        ListedEntry.objects.filter(project=project)
        .select_related("origin")
        .defer("origin__text", "origin__original", "origin__confirmed")
    )


def _listing(project: Project, *, may_withdraw: bool) -> tables.Listing:
    rows = _rows(project)
    bulk = tables_bulk.Bulk(
        url=url_of(project, "disavow_withdraw"),
        actions=WITHDRAW,
        pick=lambda row: (str(row.pk), str(row)),
        most=MOST_AT_ONCE,
        undo_url=url_of(project, "disavow"),
    )
    return tables.Listing(
        name="disavow-list",
        title="Entries that came with files",
        columns=FIELDS,
        fetch=lambda query: query.fetch(rows),
        stream=lambda query: query.stream(rows),
        file_name=f"{project.target.domain}-disavow-list",
        value=_value,
        cells=lambda columns, row: [_cell(project, one, row) for one in columns],
        labels=LABELS,
        exported=record_export(project),
        empty=tables.Empty(
            "No file was merged yet",
            "Bring the file that was uploaded so far.",
            url_of(project, "disavow"),
            "Disavow file",
        ),
        stacks=True,
        bulk=bulk if may_withdraw else None,
    )


def _value(column: tables.Column, row: ListedEntry) -> Any:
    if column.name in ("file", "version"):
        return (row.origin.note if column.name == "file" else row.origin.number) if row.origin else None
    return LABELS.get(row.kind, row.kind) if column.name == "kind" else getattr(row, column.name)


def _cell(project: Project, column: tables.Column, row: ListedEntry) -> tables.Cell:
    leads = column.name == "version" and row.origin is not None
    href = url_of(project, "disavow_version", number=row.origin.number) if leads else ""
    return tables.Cell(column, _value(column, row), href=href)


@access.project("editor")
@require_POST
def disavow_withdraw(request: HttpRequest, project: Project) -> HttpResponse:
    """Take the rows that were ticked, or all of the list, out of the list."""
    gone = listed.withdraw(project, _ids(request, project))
    if gone:
        audit_log.record_request(
            request,
            "disavow.withdrawn",
            project.workspace,
            gone[0] if len(gone) == 1 else f"{len(gone):,} entries",
            project=project.pk,
            entries=gone[:LOGGED],
        )
        messages.success(request, f"{counted(len(gone), 'entry', 'entries')} withdrawn from the list.")
    else:
        messages.error(request, "Nothing was chosen: tick rows of the list.")
    own, back = url_of(project, "disavow_listed"), request.POST.get("back", "")
    return redirect(back if back == own or back.startswith(f"{own}?") else own)


def _ids(request: HttpRequest, project: Project) -> list[int]:
    if not request.POST.get("all"):
        return [
            int(text) for text in request.POST.getlist("row") if text.isascii() and text.isdigit() and len(text) < 19
        ]
    asked = {name: values[-1] for name, values in parse_qs(request.POST.get("query", "")).items()}
    found = ListQuery.parse(FIELDS, asked, sort="value").select(_rows(project))
    return list(found.values_list("pk", flat=True)[:MOST_AT_ONCE])
