"""Crawls in the browser: start one, watch it work, cancel, try again, take it back.

Decided: the page of a crawl is one fragment that is asked for again until the crawl is over; what it found are lists of
their own (`crawl_reports.py`). Taking a crawl back is a run, because every profile that it touched is made anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlinks import index
from backlinks.crawl import jobs
from backlinks.crawl.models import Crawl, CrawlUrl
from backlinks.crawl.storing import batch_of
from backlinks.crawl_forms import PageListForm, SiteCrawlForm
from projects import access, runs
from projects.audit import record_request
from projects.models import Project, Run
from projects.tasks import ring
from seoapp.lib.htmx import render_page

from .checks import progress_of
from .crawl_tabs import tabs_of
from .reading import Reading
from .reasons import in_words

PER_PAGE = 30
MANY_ROWS = 50_000  # a frontier that takes a moment to count


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a crawl, the list of what it counts, and a remark."""

    label: str
    value: int
    href: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Live:
    """How far a crawl is."""

    percent: int
    waiting: int
    remaining: timedelta | None
    every: str


# --- The list ---------------------------------------------------------------------------------------------------------
@access.project("viewer")
@require_safe
def crawls(request: HttpRequest, project: Project) -> HttpResponse:
    """Newest first; its cut `_crawls.html` is asked for again while one is at work."""
    return _list(request, project)


def _list(request: HttpRequest, project: Project, *refused: forms.Form) -> HttpResponse:
    before = request.GET.get("before", "")
    rows = _of(project)
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.order_by("-pk")[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    given = {one.kind: one for one in refused}
    context = {
        "project": project,
        "own": Reading(project, project.target, {}),
        "rows": shown,
        "is_active": any(one.is_active for one in shown),
        "next": shown[-1].pk if len(found) > PER_PAGE else None,
        "is_first": not before,
        "here": request.get_full_path() if request.method != "POST" else request.path.removesuffix("start/"),
        "site_form": given.get("site") or SiteCrawlForm(initial={"site": project.url}),
        "list_form": given.get("list") or PageListForm(),
        "list_open": "list" in given,
        "known": [project.url, *project.competitors.values_list("target", flat=True)],
    }
    if refused:
        return render(request, "backlinks/crawls.html", context, status=422)
    return render_page(request, "backlinks/crawls.html", "backlinks/_crawls.html", context)


@access.project("editor")
@require_POST
def crawl_start(request: HttpRequest, project: Project) -> HttpResponse:
    """Start a crawl of a site, or of a pasted list."""
    is_list = request.POST.get("kind") == PageListForm.kind
    form = PageListForm(request.POST) if is_list else SiteCrawlForm(request.POST)
    if not form.is_valid():
        return _list(request, project, form)
    try:
        with transaction.atomic():
            made = jobs.start(project=project, kind=form.kind, user=request.user, **form.asked())
            record_request(
                request, "crawl.started", project.workspace, str(made), project=project.name, starts=made.starts[:5]
            )
            ring(made.run_id)
    except jobs.CrawlRefused as error:
        form.add_error("pages" if is_list else "site", str(error))
        return _list(request, project, form)
    return page_of(made)


# --- One crawl --------------------------------------------------------------------------------------------------------
@access.project("viewer")
@require_safe
def crawl(request: HttpRequest, project: Project, crawl_id: int) -> HttpResponse:
    """The page; its cut `_crawl.html` is asked for again until the crawl is over."""
    made = found_crawl(project, crawl_id)
    own = Reading(project, project.target, {})
    counts = list(_counts(own, made))
    context = {
        "project": project,
        "own": own,
        "made": made,
        "forgotten": made.is_over and made.pages and not any(one.value for one in counts),
        "tabs": tabs_of(own, made, "crawl"),
        "live": _live(made) if made.is_active and not made.is_being_removed else None,
        "counts": counts,
        "reasons": _reasons(own, made),
        **_found(own, made),
    }
    return render_page(request, "backlinks/crawl.html", "backlinks/_crawl.html", context)


def _live(made: Crawl) -> Live:
    if made.kind == Crawl.Kind.CHECK:
        progress = progress_of(made)
        waiting, percent, remaining = progress.total - progress.done, progress.percent, progress.remaining
    else:
        waiting = CrawlUrl.objects.filter(crawl=made, state=CrawlUrl.State.QUEUED).count()
        left = min(waiting, max(made.max_pages - made.pages, 0))
        done = made.pages + made.errors
        percent = min(99, 100 * done // (done + left)) if done + left else 0
        remaining = timedelta(seconds=round(left / made.rate)) if made.rate else None
    return Live(percent, waiting, remaining, "10s" if waiting + made.pages > MANY_ROWS else "2s")


def _counts(own: Reading, made: Crawl) -> Iterable[Figure]:
    """What became of the addresses, by state and purpose."""
    rows = CrawlUrl.objects.filter(crawl=made).values("state", "purpose").annotate(n=Count("pk")).order_by()
    by_state: dict[str, int] = {}
    for row in rows:
        if row["purpose"] == CrawlUrl.Purpose.PAGE:
            by_state[row["state"]] = row["n"]
        else:
            by_state[row["purpose"]] = by_state.get(row["purpose"], 0) + row["n"]
    for state, label in (("done", "Pages read"), ("queued", "Waiting"), ("failed", "Errors"), ("skipped", "Left out")):
        href = own.url("crawl_pages", {"state": state, "purpose": "page"}, crawl_id=made.pk)
        yield Figure(label, by_state.get(state, 0), href)
    for purpose, label in (("target", "Targets visited"), ("sitemap", "Sitemaps"), ("feed", "Feeds")):
        if by_state.get(purpose):
            href = own.url("crawl_pages", {"purpose": purpose}, crawl_id=made.pk)
            yield Figure(label, by_state[purpose], href)


def _reasons(own: Reading, made: Crawl) -> list[Figure]:
    """Why addresses were not read: errors and those left out, by reason."""
    rows = (
        CrawlUrl.objects.filter(crawl=made, purpose="page", state__in=("failed", "skipped"))
        .values("state", "code")
        .annotate(n=Count("pk"))
        .order_by("state", "-n")
    )
    return [
        Figure(
            in_words(row["code"]) or "No reason was kept",
            row["n"],
            own.url("crawl_pages", {"state": row["state"], "code": row["code"], "purpose": "page"}, crawl_id=made.pk),
            CrawlUrl.State(row["state"]).label,
        )
        for row in rows
    ]


def _found(own: Reading, made: Crawl) -> dict[str, Any]:
    """Figures out of the index; only when nothing moves any more, because they are counted."""
    if made.kind == Crawl.Kind.CHECK or made.is_active or not made.pages:
        return {}
    try:
        figures = index.crawl_figures(batch_of(made))
    except index.IndexUnavailable as error:
        return {"index_away": str(error)}
    urls = {name: own.url(f"crawl_{name}", crawl_id=made.pk) for name in ("links", "domains", "broken", "worth")}
    orphans = own.url("crawl_structure", {"orphan": "yes"}, crawl_id=made.pk)
    return {
        "figures": [
            Figure("Outbound links", figures.links, urls["links"]),
            Figure("Outbound domains", figures.domains, urls["domains"]),
            Figure("Pages that answer with an error", figures.broken, urls["broken"]),
            Figure("Orphan pages", figures.orphans, orphans),
            Figure("Pages worth a link", figures.worth, urls["worth"]),
        ]
    }


@access.run("viewer")
@require_safe
def crawl_of_run(request: HttpRequest, run: Run) -> HttpResponse:
    """The crawl that a run has worked on; its list, once the crawl was taken back."""
    number = run.arguments.get("crawl", 0)
    made = Crawl.objects.filter(pk=number, workspace=run.workspace, project=run.project).first()
    if made is None and jobs.REMOVING in run.arguments:
        return redirect("backlinks:crawls", slug=run.workspace.slug, project_id=run.project_id)
    return page_of(get_object_or_404(Crawl, pk=number, workspace=run.workspace, project=run.project))


# --- What an editor asks for ------------------------------------------------------------------------------------------
@access.project("editor")
@require_POST
def crawl_cancel(request: HttpRequest, project: Project, crawl_id: int) -> HttpResponse:
    made = found_crawl(project, crawl_id)
    if not made.is_active or made.is_being_removed:
        messages.info(request, "The crawl is over already.")
        return page_of(made)
    with transaction.atomic():
        if jobs.cancel(made):
            ring(made.run_id)
        record_request(request, "run.cancelled", project.workspace, str(made), project=project.name)
    return page_of(made)


@access.project("editor")
@require_POST
def crawl_retry(request: HttpRequest, project: Project, crawl_id: int) -> HttpResponse:
    """Go on where it stood (a check begins anew)."""
    made = found_crawl(project, crawl_id)
    with transaction.atomic():
        queued = made.run is not None and not made.is_being_removed and runs.retry(made.run)
        if queued:
            record_request(request, "run.retried", project.workspace, str(made), project=project.name)
            ring(made.run_id)
    if not queued:
        messages.info(request, "Only a crawl that failed or was cancelled can go on.")
    return page_of(made)


@access.project("editor")
@require_http_methods(["GET", "HEAD", "POST"])
def crawl_remove(request: HttpRequest, project: Project, crawl_id: int) -> HttpResponse:
    """Ask with what would be gone; then remove by a run."""
    made = found_crawl(project, crawl_id)
    if made.is_active:
        messages.info(request, "Wait until the crawl is over, or cancel it.")
        return page_of(made)
    if request.method == "POST":
        with transaction.atomic():
            run = jobs.ask_removal(made, request.user)
            record_request(request, "crawl.removed", project.workspace, str(made), project=project.name)
            ring(run.pk)
        return redirect("backlinks:crawls", slug=project.workspace.slug, project_id=project.pk)
    try:
        gone = index.known_only_to(batch_of(made))
    except index.IndexUnavailable:
        gone = None
    rows = CrawlUrl.objects.filter(crawl=made).count()
    return render(
        request, "backlinks/crawl_remove.html", {"project": project, "made": made, "gone": gone, "addresses": rows}
    )


def _of(project: Project) -> QuerySet[Crawl]:
    return Crawl.objects.filter(project=project).select_related("run", "started_by", "workspace", "project")


def found_crawl(project: Project, crawl_id: int) -> Crawl:
    return get_object_or_404(_of(project), pk=crawl_id)


def page_of(made: Crawl) -> HttpResponse:
    return redirect("backlinks:crawl", slug=made.workspace.slug, project_id=made.project_id, crawl_id=made.pk)
