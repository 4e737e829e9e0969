"""One version of a disavow file: its entries with where each is from, what is wrong with it, what it changes against
another, and what merging it into the list would do.

Decided: each question is a page of its own, because a file of 100,000 lines takes seconds for each; what was said once
is kept (`readings`). A version never changes: mends make another one, and a step back makes its entries the list again.
Refused: editing a file line by line.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from audit import approving, disavowing, listed, readings
from audit.disavow.changes import changes
from audit.models import DisavowVersion
from backlinks import index
from projects import access
from projects import audit as audit_log
from projects.models import Project
from seoapp.lib import tables
from seoapp.lib.listquery import ListQuery
from seoapp.lib.words import counted

from . import disavow_lines
from .asked import url_of

SHOW = "show"  # the URL parameter
TABS = {"": "Entries", "findings": "Findings", "changes": "Changes", "merge": "Merge into the list"}
MOST_SHOWN = 200
CONTENT = ("text", "original", "confirmed")  # columns that only a reading needs
ASKS_ADMIN = "This project asks for a second person: an admin changes the list of entries that came from files."


@access.project("viewer")
@require_safe
def disavow_version(request: HttpRequest, project: Project, number: int) -> HttpResponseBase:
    """One of the pages of a version."""
    version = version_of(project, number)
    show = request.GET.get(SHOW, "")
    show = show if show in TABS else ""
    context = {
        "project": project,
        "version": version,
        "show": show,
        "tabs": _tabs(project, version, show),
        "uploaded": disavowing.uploaded(project),
    }
    try:
        return PAGES[show](request, project, version, context)
    except index.IndexUnavailable as error:
        return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)


def version_of(project: Project, number: int) -> DisavowVersion:
    found = (
        DisavowVersion.objects.filter(project=project, number=number)
        .select_related("made_by")
        .defer("text", "original")
        .first()
    )
    if found is None:
        raise Http404
    return found


def _tabs(project: Project, version: DisavowVersion, show: str) -> list[tables.Link]:
    return [
        tables.Link(label, url_of(project, "disavow_version", {SHOW: name} if name else None, number=version.number))
        if name != show
        else tables.Link(label, "", active=True)
        for name, label in TABS.items()
    ]


def _entries(
    request: HttpRequest, project: Project, version: DisavowVersion, context: dict[str, Any]
) -> HttpResponseBase:
    made = disavow_lines.entries(project, version)
    query = ListQuery.parse(disavow_lines.ENTRIES, request.GET, sort="line")
    return tables.answer(request, made, query, page="audit/disavow_version.html", context=context)


def _findings(
    request: HttpRequest, project: Project, version: DisavowVersion, context: dict[str, Any]
) -> HttpResponseBase:
    may_mend = request.membership.may("editor")  # type: ignore[attr-defined]
    wrong = disavow_lines.wrong_in(project, version)
    made = disavow_lines.findings(project, version, wrong, may_mend=may_mend)
    query = ListQuery.parse(disavow_lines.FINDINGS, request.GET, sort="level")
    found = {"levels": wrong.levels, "malformed": wrong.malformed}
    keep = {SHOW: "findings"}
    return tables.answer(request, made, query, page="audit/disavow_version.html", context=context | found, keep=keep)


def _changes(
    request: HttpRequest, project: Project, version: DisavowVersion, context: dict[str, Any]
) -> HttpResponseBase:
    """Against the version that `against` names, else what was uploaded last, else the one before."""
    others = list(DisavowVersion.objects.filter(project=project).exclude(pk=version.pk).defer(*CONTENT))
    against = _against(others, request.GET.get("against", ""), version, context["uploaded"])
    if against is not None:
        context |= readings.of_version("changes", version, lambda: _compared(version, against), against.digest)
    return render(request, "audit/disavow_version.html", context | {"others": others, "against": against})


def _against(
    others: list[DisavowVersion], asked: str, version: DisavowVersion, uploaded: DisavowVersion | None
) -> DisavowVersion | None:
    named = next((one for one in others if str(one.number) == asked), None)
    if named is not None or not others:
        return named
    if uploaded is not None and uploaded.pk != version.pk:
        return uploaded
    return max(others, key=lambda one: (one.number < version.number, -abs(one.number - version.number)))


def _compared(version: DisavowVersion, against: DisavowVersion) -> dict[str, Any]:
    found = changes(disavowing.file_of(against).entries(), disavowing.file_of(version).entries())
    parts = (
        ("Added", "It disavows these, the other one does not.", found.added),
        ("Removed", "The other one disavows these, it does not.", found.removed),
        ("Covered", "Their lines are gone, a domain line disavows them all the same.", found.covered),
    )
    return {
        "parts": [(name, about, those[:MOST_SHOWN], len(those)) for name, about, those in parts],
        "most": MOST_SHOWN,
    }


def _merge(
    request: HttpRequest, project: Project, version: DisavowVersion, context: dict[str, Any]
) -> HttpResponseBase:
    """What a merge would do, and what it asks."""
    stamp = (*readings.list_stamp(project), *readings.around_stamp(project))
    made = readings.of_version("merge", version, lambda: _coming(project, version), *stamp)
    return render(request, "audit/disavow_version.html", context | made)


def _coming(project: Project, version: DisavowVersion) -> dict[str, Any]:
    made = listed.coming(project, version)
    asked = made.merged.questions
    return {
        "added": len(made.added),
        "first": made.added[:MOST_SHOWN],
        "refused": made.refused[:MOST_SHOWN],
        "refused_count": len(made.refused),
        "malformed": made.malformed,
        "questions": asked[:MOST_SHOWN],
        "question_count": len(asked),
        "gone_count": sum(one.dropped_by == "theirs" for one in asked),
        "most": MOST_SHOWN,
    }


PAGES: dict[str, Callable[..., HttpResponseBase]] = {
    "": _entries, "findings": _findings, "changes": _changes, "merge": _merge,
}  # fmt: skip


@access.project("editor")
@require_POST
def disavow_restore(request: HttpRequest, project: Project, number: int) -> HttpResponse:
    """Make a version's entries the list again."""
    version = version_of(project, number)
    if not approving.lists_alone(project, request.membership):  # type: ignore[attr-defined]
        messages.error(request, ASKS_ADMIN)
        return redirect(url_of(project, "disavow_listed"))
    try:
        made = listed.restore(project, request.user, version)
    except index.IndexUnavailable as error:
        return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)
    audit_log.record_request(
        request,
        "disavow.restored",
        project.workspace,
        f"version {number}",
        project=project.pk,
        added=made.added,
        removed=made.removed,
    )
    said = f"The list is that of version {number} again: {made.added:,} added, {made.removed:,} taken out."
    if made.refused:
        said += f" {counted(len(made.refused), 'entry', 'entries')} no file may hold, left out."
    messages.success(request, said)
    return redirect(url_of(project, "disavow_listed"))


@access.project("viewer")
@require_safe
def disavow_malformed(request: HttpRequest, project: Project, number: int) -> HttpResponse:
    """The lines of a version that nobody can read, as a text file to be mended by hand."""
    text = "".join(disavow_lines.malformed(version_of(project, number)))
    answer = HttpResponse(text.encode("utf-8", "replace"), content_type="text/plain; charset=utf-8")
    name = f"disavow-{slugify(project.domain.replace('.', '-')) or 'site'}-{number}-malformed.txt"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
