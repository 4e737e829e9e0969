"""Checks of links: what the last one and today's found, how it goes on day by day, and when the next one is.

Decided: days are those of the installation's time zone, in the counts and in the lists behind them, so that both are of
the same rows. What was lost before is told apart from what is lost since: only the latter is news. Each count leads to
the links it counts (`check_items.py`), and each link to its proof. While a check runs, its progress is asked for again
every two seconds; when it is over, the whole page is loaded anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from backlinks import index
from backlinks.crawl import jobs
from backlinks.crawl.models import CheckItem, CheckPlan, Crawl, CrawlUrl, WatchedLink
from backlinks.crawl_forms import CheckNowForm, CheckPlanForm
from projects import access
from projects.audit import record_request
from projects.models import Project
from projects.tasks import ring
from seoapp.lib import charts
from seoapp.lib.htmx import wants_fragment
from seoapp.lib.weburl import parse

from .check_items import counting_items
from .reading import Reading
from .reasons import in_words
from .resting import Resting, resting

DAYS = 30
SHOWN_WATCHED = 50
# (state, its word, colour of the chart, tone of the page)
COUNTED = (
    ("live", "Live", "--ll-live", "live"),
    ("changed", "Changed", "--ll-series-2", "two"),
    ("restored", "Restored", "--ll-series-1", "one"),
    ("lost", "Lost", "--ll-lost", "lost"),
    ("broken", "Broken target", "--ll-series-4", "four"),
    ("unknown", "Could not look", "--ll-quiet", "unknown"),
)
EXPLAINED = (
    ("lost", "Lost, and why", "No link was lost."),
    ("broken", "Targets that answer with an error", "Every target answers."),
    ("unknown", "Could not look, and why", "Every page could be looked at."),
)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many links, and the list of them."""

    label: str
    value: int
    href: str


@dataclass(frozen=True, slots=True)
class Found:
    """What one check, or all checks of a day, found."""

    total: Counted
    states: list[Counted]
    parts: list[charts.Part]
    reasons: list[tuple[str, str, list[Counted]]]  # (title, word for none, counts)
    forgotten: bool = False  # the list is gone, the counts were kept


@dataclass(frozen=True, slots=True)
class Day:
    """One line of the trend's table: counts in the order of COUNTED."""

    day: Any
    counts: list[Counted]


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
        "found": _found_by(own, done) if done else None,
        "today": _today(own),
        "plan": plan,
        "now_form": now or CheckNowForm(initial={"limit": plan.daily_links}),
        "plan_form": planned or CheckPlanForm(initial=_initial(plan)),
        "items_url": own.url("check_items"),
        **_trend(own),
        **_watched(own),
    }
    status = 422 if any(form and form.errors for form in (now, planned)) else 200
    return render(request, "backlinks/checks.html", context, status=status)


def _of(project: Project) -> QuerySet[Crawl]:
    return Crawl.objects.filter(project=project, kind=Crawl.Kind.CHECK).select_related("run", "started_by", "workspace")


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


# --- What was found ---------------------------------------------------------------------------------------------------
def _found_by(own: Reading, check: Crawl) -> Found:
    """What one check found; of an old one the counts alone are left."""
    kept = {"check": str(check.pk)}
    found = _found(own, kept, _by_reason(CheckItem.objects.filter(crawl=check)))
    states = check.results.get("states", {})
    if found.total.value or not any(states.values()):
        return found
    rows = [{"state": name, "reason": "", "n": count} for name, count in states.items()]
    return replace(_found(own, kept, rows), reasons=[], forgotten=True)


def _by_reason(items: QuerySet[CheckItem]) -> list[dict[str, Any]]:
    counted = items.values("state", "reason").annotate(n=Count("pk"), new=Count("pk", filter=Q(is_new=True)))
    return list(counted.order_by("-n"))


def _found(own: Reading, keep: dict[str, str], rows: list[dict[str, Any]]) -> Found:
    by_state = {name: sum(row["n"] for row in rows if row["state"] == name) for name, *_ in COUNTED}
    total = sum(by_state.values())
    urls = {name: own.url("check_items", keep | {"state": name}) for name in by_state}
    return Found(
        Counted("Checked", total, own.url("check_items", keep)),
        list(_states(own, keep, by_state, rows)),
        charts.parts(total, ((label, by_state[name], urls[name], tone) for name, label, _, tone in COUNTED)),
        [(title, none, _reasons(own, keep, rows, name)) for name, title, none in EXPLAINED],
    )


def _states(
    own: Reading, keep: dict[str, str], by_state: dict[str, int], rows: list[dict[str, Any]]
) -> Iterator[Counted]:
    """A count for each state; lost links in two, where it is known which of them are newly lost."""
    lost = [row["new"] for row in rows if row["state"] == "lost" and "new" in row]
    for name, label, *_ in COUNTED:
        behind = keep | {"state": name}
        if name == "lost" and (lost or not by_state[name]):
            yield Counted("Newly lost", sum(lost), own.url("check_items", behind | {"is_new": "yes"}))
            yield Counted("Still lost", by_state[name] - sum(lost), own.url("check_items", behind | {"is_new": "no"}))
        else:
            yield Counted(label, by_state[name], own.url("check_items", behind))


def _reasons(own: Reading, keep: dict[str, str], rows: list[dict[str, Any]], state: str) -> list[Counted]:
    return [
        Counted(
            in_words(row["reason"]),
            row["n"],
            own.url("check_items", keep | {"state": state, "reason": row["reason"]}),
        )
        for row in rows
        if row["state"] == state
    ]


def _today(own: Reading) -> Found | None:
    """All checks of today together; None where there was none."""
    day = timezone.localdate()
    rows = _by_reason(counting_items(own.project).filter(checked_at__date=day))
    return _found(own, _days(day, day), rows) if rows else None


def _days(first: Any, last: Any) -> dict[str, str]:
    return {"checked_at_from": first.isoformat(), "checked_at_to": last.isoformat()}


def _trend(own: Reading) -> dict[str, Any]:
    """The chart and its table."""
    first = timezone.localdate() - timedelta(days=DAYS)
    items = counting_items(own.project).filter(checked_at__date__gte=first)
    rows = items.annotate(day=TruncDate("checked_at")).values("day", "state").annotate(n=Count("pk")).order_by("day")
    counts: dict[date, dict[str, int]] = {}
    for row in rows:
        counts.setdefault(row["day"], {})[row["state"]] = row["n"]
    if not counts:
        return {}
    series = [
        charts.Series(label, [counts[day].get(name, 0) for day in counts], colour, "bar")
        for name, label, colour, _ in COUNTED
    ]
    table = [
        Day(day, [_of_day(own, day, name, label, counts[day]) for name, label, *_ in COUNTED])
        for day in reversed(counts)
    ]
    return {
        "chart": charts.time_chart([f"{day:%-d %b}" for day in counts], series),
        "days": table,
        "heads": [label for _, label, *_ in COUNTED],
        "zone": timezone.get_current_timezone_name(),
    }


def _of_day(own: Reading, day: Any, name: str, label: str, counts: dict[str, int]) -> Counted:
    return Counted(label, counts.get(name, 0), own.url("check_items", _days(day, day) | {"state": name}))


def _watched(own: Reading) -> dict[str, Any]:
    """Links that somebody wants looked at first, each with its page where the index knows it."""
    watched = WatchedLink.objects.filter(project=own.project).order_by("-pk")
    shown = list(watched[:SHOWN_WATCHED])
    try:
        ids = index.link_ids([(parse(one.source_url).key, parse(one.target_url).key) for one in shown])
    except index.IndexUnavailable:
        ids = []
    urls = [own.url("link", link_id=one) for one in ids] or [""] * len(shown)
    return {"watched": list(zip(shown, urls, strict=True)), "watched_count": watched.count()}


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
