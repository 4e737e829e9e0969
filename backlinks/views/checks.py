"""Checks of links: what became of links lately, what the last check and today's found, day by day, and the next one.

Decided: links are counted, and looks only where it says so; `verdicts.py` says which verdict speaks for a link. Days
are those of the installation's time zone, in the counts and in the lists behind them, so that both are of the same
rows. What was lost before is told apart from what is lost since: only the latter is news. Each count leads to the links
it counts (`check_figures.py`, `check_items.py`), and each link to its proof. While a check runs, its progress is asked
for again every two seconds; when it is over, the whole page is loaded anew.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from backlinks import index
from backlinks.crawl import jobs
from backlinks.crawl.models import CheckPlan, Crawl, CrawlUrl, WatchedLink
from backlinks.crawl_forms import CheckNowForm, CheckPlanForm
from projects import access
from projects.audit import record_request
from projects.models import Project
from projects.tasks import ring
from seoapp.lib.htmx import wants_fragment
from seoapp.lib.weburl import parse

from .check_figures import found_by, lately, today, trend
from .reading import Reading
from .resting import Resting, resting
from .verdicts import checks_of, counting_items

SHOWN_WATCHED = 50


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running check is: pages and targets visited, of those known so far."""

    check: Crawl
    done: int
    total: int
    resting: Resting | None

    @property
    def percent(self) -> int:
        return min(99, 100 * self.done // self.total) if self.total else 0

    @property
    def remaining(self) -> timedelta | None:
        rate = self.done / self.check.seconds if self.check.seconds and not self.resting else 0
        return timedelta(seconds=round((self.total - self.done) / rate)) if rate else None


@access.project("client")
@require_safe
def checks(request: HttpRequest, project: Project) -> HttpResponse:
    running = jobs.running_check(project)
    if wants_fragment(request):
        context = {"project": project, "progress": progress_of(running), "may_crawl": _may_crawl(request)}
        response = render(request, "backlinks/_check_now.html", context)
        if running is None:
            response["HX-Refresh"] = "true"
        return response
    return _page(request, project, running)


def _may_crawl(request: HttpRequest) -> bool:
    """Whether the reader sees the pages of crawls: a client does not."""
    return request.membership.may("viewer")  # type: ignore[attr-defined]


def _page(
    request: HttpRequest,
    project: Project,
    running: Crawl | None,
    *,
    now: CheckNowForm | None = None,
    planned: CheckPlanForm | None = None,
) -> HttpResponse:
    own = Reading(project, project.target, {})
    last = _of(project).order_by("-pk").first()
    done = _of(project).filter(state=Crawl.State.DONE).order_by("-pk").first()
    plan = _plan_of(project)
    context = {
        "project": project,
        "own": own,
        "progress": progress_of(running),
        "may_crawl": _may_crawl(request),
        "last": last if last and not running and last != done else None,
        "done": done,
        "found": found_by(own, done) if done else None,
        "today": today(own),
        "lately": lately(own, request.GET.get("days", "")),
        "plan": plan,
        "now_form": now or CheckNowForm(initial={"limit": plan.daily_links}),
        "plan_form": planned or CheckPlanForm(initial=_initial(plan)),
        "items_url": own.url("check_items"),
        **trend(own),
        **_watched(own),
    }
    status = 422 if any(form and form.errors for form in (now, planned)) else 200
    return render(request, "backlinks/checks.html", context, status=status)


def _of(project: Project) -> QuerySet[Crawl]:
    """Checks of a whole list; one of a single link is news of that link alone."""
    return checks_of(project).filter(starts=[]).select_related("run", "started_by", "workspace")


def progress_of(check: Crawl | None) -> Progress | None:
    if check is None:
        return None
    rows = CrawlUrl.objects.filter(crawl=check)
    waiting = rows.filter(state=CrawlUrl.State.QUEUED).count()
    total = rows.count()
    return Progress(check, total - waiting, total, resting(check))


def _plan_of(project: Project) -> CheckPlan:
    """The usual plan where nobody has made another; the schedule follows it as well."""
    return CheckPlan.objects.filter(project=project).first() or CheckPlan(project=project)


def _initial(plan: CheckPlan) -> dict[str, int]:
    return {"every_days": plan.every_days, "daily_links": plan.daily_links}


def _watched(own: Reading) -> dict[str, Any]:
    """Links that somebody wants looked at first, each with its page where the index knows it."""
    watched = WatchedLink.objects.filter(project=own.project).order_by("-pk")
    shown = list(watched[:SHOWN_WATCHED])
    try:
        ids = index.link_ids([(parse(one.source_url).key, parse(one.target_url).key) for one in shown])
    except index.IndexUnavailable:
        ids = []
    urls = [own.url("link", link_id=one) for one in ids] or [""] * len(shown)
    looked_at = _last_looks(own, ids)
    looks = [looked_at.get(str(one)) for one in ids] or [one.checked_at for one in shown]
    return {"watched": list(zip(shown, urls, looks, strict=True)), "watched_count": watched.count()}


def _last_looks(own: Reading, ids: list[int]) -> dict[str, datetime]:
    """Link id -> when a check of this project looked last, whoever asked for it."""
    items = counting_items(own.project).filter(link_id__in=[str(one) for one in ids]).order_by()
    return dict(items.values_list("link_id").annotate(at=Max("checked_at")))


# --- What an editor asks for ------------------------------------------------------------------------------------------
@access.project("editor")
@require_POST
def check_start(request: HttpRequest, project: Project) -> HttpResponse:
    """Look now."""
    form = CheckNowForm(request.POST)
    if not form.is_valid():
        return _page(request, project, jobs.running_check(project), now=form)
    limit = form.cleaned_data["limit"]
    try:
        with transaction.atomic():
            check = jobs.start(
                project=project, kind="check", user=request.user, max_pages=limit, max_seconds=jobs.CHECK_SECONDS
            )
            record_request(request, "check.started", project.workspace, str(check), project=project.name, links=limit)
            ring(check.run_id)
    except jobs.CrawlRefused as error:
        form.add_error("limit", str(error))
        return _page(request, project, jobs.running_check(project), now=form)
    return _back(project)


@access.project("editor")
@require_POST
def check_plan(request: HttpRequest, project: Project) -> HttpResponse:
    form = CheckPlanForm(request.POST, initial=_initial(_plan_of(project)))
    if not form.is_valid():
        return _page(request, project, jobs.running_check(project), planned=form)
    with transaction.atomic():
        CheckPlan.objects.update_or_create(project=project, defaults=form.cleaned_data)
        record_request(request, "check.planned", project.workspace, project.name, **form.cleaned_data)
    messages.success(request, "The plan was saved.")
    return _back(project)


def _back(project: Project) -> HttpResponse:
    return redirect("backlinks:checks", slug=project.workspace.slug, project_id=project.pk)
