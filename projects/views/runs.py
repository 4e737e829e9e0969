"""Runs: the history of a workspace's long jobs, and the page of each with live progress."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import resolve, reverse
from django.views.decorators.http import require_POST, require_safe

from projects import access
from projects import runs as jobs
from projects.audit import record_request
from projects.models import Run, Workspace
from projects.tasks import ring
from seoapp.lib.htmx import render_page

PER_PAGE = 50


@access.workspace("client")
@require_safe
def history(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Newest first, by state and kind; paged by the id of the last row, without a count."""
    kinds = jobs.kinds()
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    rows = access.visible_runs(request.membership)
    if state in Run.State.values:
        rows = rows.filter(state=state)
    if kind in kinds:
        rows = rows.filter(kind=kind)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PER_PAGE + 1])
    page = found[:PER_PAGE]
    context = {
        "rows": [(one, title_of(request, one)) for one in page],
        "next": page[-1].pk if len(found) > PER_PAGE else None,
        "is_first": not before,
        "states": Run.State.choices,
        "kinds": [(one.name, one.label) for one in kinds.values()],
        "state": state,
        "kind": kind,
    }
    return render(request, "projects/runs.html", context)


@access.run("client")
@require_safe
def run(request: HttpRequest, run: Run) -> HttpResponse:
    """The page; its cut `_run.html` is asked for again each second until the run is over."""
    if run.project is not None:
        request.project = run.project
    return render_page(request, "projects/run.html", "projects/_run.html", _context(request, run))


@access.run("editor")
@require_POST
def cancel(request: HttpRequest, run: Run) -> HttpResponse:
    if run.is_over:
        messages.info(request, "The run is over already.")
        return _back(run)
    with transaction.atomic():
        jobs.cancel(run)
        record_request(request, "run.cancelled", run.workspace, title_of(request, run))
    return _back(run)


@access.run("editor")
@require_POST
def retry(request: HttpRequest, run: Run) -> HttpResponse:
    with transaction.atomic():
        queued = jobs.retry(run)
        if queued:
            record_request(request, "run.retried", run.workspace, title_of(request, run))
            ring(run.pk)
    if not queued:
        messages.info(request, "Only a failed or cancelled run can be retried.")
    return _back(run)


def label_of(run: Run) -> str:
    kind = jobs.kinds().get(run.kind)
    return kind.label_of(run) if kind else run.kind


def title_of(request: HttpRequest, run: Run) -> str:
    """Its own name and what it is about; else its kind and number."""
    title, about = run.arguments.get(jobs.TITLE), run.arguments.get(jobs.ABOUT)
    if not title:
        return f"{label_of(run)} {run.pk}"
    return f"{title} · {about}" if about and _page_url(request, run) else title


def _back(run: Run) -> HttpResponse:
    return redirect("projects:run", slug=run.workspace.slug, run_id=run.pk)


def _context(request: HttpRequest, run: Run) -> dict[str, Any]:
    return {
        "run": run,
        "title": title_of(request, run),
        "result_url": _result_url(request, run),
        "may_act": request.membership.may("editor"),
    }


def _result_url(request: HttpRequest, run: Run) -> str:
    """The page of what a finished run has made; "" where there is none, or none for this reader's role."""
    return _page_url(request, run) if run.state == Run.State.DONE else ""


def _page_url(request: HttpRequest, run: Run) -> str:
    kind = jobs.kinds().get(run.kind)
    if kind is None or not kind.page:
        return ""
    url = reverse(kind.page, kwargs={"slug": run.workspace.slug, "run_id": run.pk})
    role = resolve(url).func.access_level.rpartition(" ")[2]  # type: ignore[attr-defined]
    return url if request.membership.may(role) else ""
