"""One crawl in the browser: watch it work, cancel, try again, take it back.

Decided: the page of a crawl is one fragment that is asked for again until the crawl is over; what it found are lists of
their own (`crawl_reports.py`), and `crawl_list.py` starts one. While no site may be asked, the page says so and until
when, in place of a speed and a remaining time that would be none. Taking a crawl back is a run, because every profile
that it touched is made anew.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlinks import index
from backlinks.crawl import jobs
from backlinks.crawl.models import Crawl, CrawlUrl
from backlinks.crawl.storing import batch_of
from projects import access, runs
from projects.audit import record_request
from projects.models import Project, Run
from projects.tasks import ring
from seoapp.lib.htmx import render_page

from . import crawl_figures
from .checks import progress_of
from .crawl_tabs import tabs_of
from .reading import Reading
from .resting import Resting, resting

MANY_ROWS = 50_000  # a frontier that takes a moment to count


@dataclass(frozen=True, slots=True)
class Live:
    """How far a crawl is."""

    percent: int
    waiting: int
    remaining: timedelta | None
    resting: Resting | None
    every: str


# --- One crawl --------------------------------------------------------------------------------------------------------
@access.project("viewer")
@require_safe
def crawl(request: HttpRequest, project: Project, crawl_id: int) -> HttpResponse:
    """The page; its cut `_crawl.html` is asked for again until the crawl is over."""
    made = found_crawl(project, crawl_id)
    own = Reading(project, project.target, {})
    counts = crawl_figures.address_counts(own, made)
    by_http = "" if made.is_active else crawl_figures.by_http(made)
    context = {
        "project": project,
        "own": own,
        "made": made,
        "forgotten": made.is_over and made.pages and not any(one.value for one in counts),
        "tabs": tabs_of(own, made, "crawl"),
        "live": _live(made) if made.is_active and not made.is_being_removed else None,
        "counts": counts,
        "reasons": crawl_figures.reasons(own, made),
        "copies": crawl_figures.copies(own, made),
        "by_http": by_http,
        "by_http_url": own.url("crawls", {"site": by_http}),
        **crawl_figures.found(own, made),
    }
    return render_page(request, "backlinks/crawl.html", "backlinks/_crawl.html", context)


def _live(made: Crawl) -> Live:
    rest = resting(made)
    if made.kind == Crawl.Kind.CHECK:
        progress = progress_of(made)
        waiting, percent, remaining = progress.total - progress.done, progress.percent, progress.remaining
    else:
        waiting = CrawlUrl.objects.filter(crawl=made, state=CrawlUrl.State.QUEUED).count()
        left = min(waiting, max(made.max_pages - made.pages, 0))
        done = made.pages + made.errors
        percent = min(99, 100 * done // (done + left)) if done + left else 0
        remaining = timedelta(seconds=round(left / made.rate)) if made.rate else None
    return Live(
        percent, waiting, None if rest else remaining, rest, "10s" if waiting + made.pages > MANY_ROWS else "2s"
    )


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


def crawls_of(project: Project) -> QuerySet[Crawl]:
    return Crawl.objects.filter(project=project).select_related("run", "started_by", "workspace", "project")


def found_crawl(project: Project, crawl_id: int) -> Crawl:
    return get_object_or_404(crawls_of(project), pk=crawl_id)


def page_of(made: Crawl) -> HttpResponse:
    return redirect("backlinks:crawl", slug=made.workspace.slug, project_id=made.project_id, crawl_id=made.pk)
