"""Crawls from start to end: made by a page, a command or the schedule; carried out by the run kind `crawl`.

Decided: a crawl is one run that the user sees. When it has many sites to ask, further runs of the kind `crawl_hand`
help with the same frontier; only the first one concludes. A run that has to wait for sites gives its worker back.
"""

import re
import time
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backlinks import index
from projects import runs
from projects.models import Project, Run, User
from seoapp.lib.weburl import BadUrl, is_site, parse

from . import checks, frontier
from .discovery import WatchedSite
from .models import CheckItem, Crawl, CrawlQueue, CrawlUrl, Parcel
from .plans import plan_of
from .storing import batch_of, flush, note_terms
from .worker import Worker

KIND, HAND = "crawl", "crawl_hand"
SITES_A_HAND = 20
HELP_SECONDS = 1.0  # between two looks whether help is wanted
MAX_STARTS = 10_000
LIMITS = {"max_pages": (1, 1_000_000), "max_depth": (0, 50), "max_seconds": (10, 7 * 24 * 3600)}
CHECK_SECONDS = 24 * 3600
CREDENTIALS = re.compile(r"//[^/@]*@")
HELPED = "helpers"
REMOVING = "remove"  # argument of the run that takes a crawl away


class CrawlRefused(ValueError):
    """The crawl cannot be started; the message says what to do."""


# --- Starting ---------------------------------------------------------------------------------------------------------
def start(
    *,
    project: Project,
    kind: str,
    user: User | None,
    starts: Sequence[str] = (),
    max_pages: int = 500,
    max_depth: int = 5,
    max_seconds: int = 3600,
    with_subdomains: bool = True,
    watched: WatchedSite | None = None,
) -> Crawl:
    """Queue a crawl: `site` and `list` from `starts`, `check` of the project's links (`max_pages`: most links), `news`
    of a watched site."""
    texts = list(dict.fromkeys(_start_of(text.strip(), kind) for text in starts if text.strip()))
    if kind != Crawl.Kind.CHECK and not texts:
        raise CrawlRefused("Name at least one address to begin with.")
    if kind == Crawl.Kind.NEWS and watched is None:
        raise CrawlRefused("New pages are those of a watched site: name it.")
    if len(texts) > MAX_STARTS:
        raise CrawlRefused(f"{len(texts):,} addresses are too many at once: {MAX_STARTS:,} is the most.")
    limits = {"max_pages": max_pages, "max_depth": max_depth, "max_seconds": max_seconds}
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)  # two requests at once are one after the other
        if kind == Crawl.Kind.CHECK and (running := running_check(project)):
            raise CrawlRefused(f"The links of {project} are being checked already, since {running.created_at:%H:%M}.")
        crawl = Crawl.objects.create(
            workspace=project.workspace,
            project=project,
            started_by=user,
            watched=watched,
            kind=kind,
            starts=texts,
            with_subdomains=with_subdomains,
            batch=index.new_batch_id(),
            **{name: _within(name, value) for name, value in limits.items()},
        )
        crawl.run = runs.start(
            kind=KIND, workspace=project.workspace, project=project, arguments={"crawl": crawl.pk}, user=user
        )
        crawl.save(update_fields=["run"])
    return crawl


def _start_of(text: str, kind: str) -> str:
    """An address to begin with, without user and password; the text itself where it is none. Raises CrawlRefused."""
    try:
        url = parse(text, "https")
    except BadUrl:
        return CREDENTIALS.sub("//", text)
    if kind == Crawl.Kind.SITE and not is_site(url.host):
        raise CrawlRefused(f"{url.host} is no site: name a domain such as client.com.")
    return url.url


def _within(name: str, value: int) -> int:
    low, high = LIMITS[name]
    return min(max(value, low), high)


def running_check(project: Project) -> Crawl | None:
    """The check of this project that is not over."""
    checks_of = Crawl.objects.filter(project=project, kind=Crawl.Kind.CHECK)
    going_on = (Run.State.QUEUED, Run.State.RUNNING)
    return checks_of.filter(state__in=(Crawl.State.WAITING, Crawl.State.RUNNING), run__state__in=going_on).first()


# --- Carrying out -----------------------------------------------------------------------------------------------------
def carry_out(claimed: runs.Claimed) -> None:
    """The run kind `crawl`: fetch until nothing is left, then conclude."""
    if REMOVING in claimed.run.arguments:
        _carry_out_removal(claimed)
        return
    crawl = Crawl.objects.select_related("project", "workspace").get(pk=claimed.run.arguments["crawl"])
    if crawl.state == Crawl.State.DONE:
        return
    try:
        _begin(crawl, claimed)
        _work(crawl, claimed)
        _conclude(crawl, claimed)
    except runs.Cancelled:
        _cancelled(crawl)
        raise


def _begin(crawl: Crawl, claimed: runs.Claimed) -> None:
    """Once: open the batch and fill the frontier. After a failure or a cancel it goes on where it stood."""
    if crawl.state == Crawl.State.CANCELLED:
        _again(crawl)
    index.begin(batch_of(crawl))
    note_terms(crawl)
    if crawl.kind == Crawl.Kind.CHECK:
        checks.prepare(crawl, claimed.step)
    if crawl.started_at is None:
        frontier.start(crawl)
        crawl.started_at = timezone.now()
    if claimed.run.started_at is not None and crawl.started_at < claimed.run.started_at:
        crawl.started_at = claimed.run.started_at  # started again by hand: its time begins anew
    crawl.state, crawl.finished_at = Crawl.State.RUNNING, None
    crawl.save(update_fields=["state", "started_at", "finished_at"])
    frontier.reopen(crawl.pk)


def _again(crawl: Crawl) -> None:
    """A cancelled crawl goes on; a check begins anew, because what it had found was thrown away."""
    if crawl.kind == Crawl.Kind.CHECK:
        crawl.results, crawl.started_at = {}, None
        crawl.pages = crawl.links = crawl.errors = crawl.skipped = 0
        crawl.save()
        return
    left_out = CrawlUrl.objects.filter(crawl=crawl, state=CrawlUrl.State.SKIPPED, code="cancelled")
    Crawl.objects.filter(pk=crawl.pk).update(
        skipped=F("skipped") - left_out.update(state=CrawlUrl.State.QUEUED, code="", reason="")
    )
    crawl.refresh_from_db()


def _work(crawl: Crawl, claimed: runs.Claimed) -> None:
    total = crawl.results.get("prepared") or crawl.max_pages

    before, looked_at = crawl.pages, time.monotonic()

    def step() -> None:
        nonlocal looked_at
        if crawl.pages > before and claimed.run.attempts > 1:  # it gets on: earlier trouble is forgiven
            claimed.run.attempts = 1
            claimed.mine().update(attempts=1)
        claimed.step(done=crawl.pages + crawl.errors + crawl.skipped, total=total)
        if time.monotonic() - looked_at > HELP_SECONDS:  # called hundreds of times a second
            looked_at = time.monotonic()
            _call_for_help(crawl)

    plan = plan_of(crawl)
    goes_on = True
    while goes_on:
        moment = Worker(crawl, plan, step).work()
        if moment is not None:
            claimed.step(line=f"Waits until {moment:%H:%M:%S} for sites that may not be asked before.")
            raise runs.Later(moment)
        goes_on = plan.further()


def _call_for_help(crawl: Crawl) -> None:
    """Further workers for a crawl with many sites."""
    helpers = crawl.results.get(HELPED, 0)
    if helpers >= settings.CRAWL_HANDS - 1:
        return
    sites = CrawlQueue.objects.filter(crawl=crawl, is_open=True)[: SITES_A_HAND * (helpers + 1) + 1].count()
    if sites > SITES_A_HAND * (helpers + 1):
        crawl.results = crawl.results | {HELPED: helpers + 1}
        crawl.save(update_fields=["results"])
        runs.start(
            kind=HAND, workspace=crawl.workspace, project=crawl.project, arguments={"crawl": crawl.pk}, user=None
        )


def help_out(claimed: runs.Claimed) -> None:
    """The run kind `crawl_hand`: work on the frontier of a crawl that goes on."""
    crawl = Crawl.objects.select_related("project", "workspace").get(pk=claimed.run.arguments["crawl"])

    def step() -> None:
        claimed.step(done=crawl.pages, total=crawl.max_pages)
        if crawl.is_over:
            raise runs.Cancelled

    if not crawl.is_over:
        Worker(crawl, plan_of(crawl), step).work()


def _conclude(crawl: Crawl, claimed: runs.Claimed) -> None:
    """Nothing is left to fetch: verdicts, then the index counts what was found."""
    flush(crawl)
    results = dict(crawl.results)
    if crawl.kind == Crawl.Kind.CHECK:
        results |= {"states": checks.conclude(crawl, claimed.step)}
    claimed.step(line=f"{crawl.pages} pages, {crawl.links} links, {crawl.errors} errors; profiles are being rebuilt.")
    index.complete(batch_of(crawl))
    crawl.state, crawl.finished_at, crawl.results = Crawl.State.DONE, timezone.now(), results
    crawl.save(update_fields=["state", "finished_at", "results"])


def _cancelled(crawl: Crawl) -> None:
    """What was fetched before somebody cancelled counts; a check that was cut off says nothing about the rest."""
    Crawl.objects.filter(pk=crawl.pk).update(state=Crawl.State.CANCELLED)  # helpers store nothing any more
    count = frontier.skip_rest(crawl.pk, "cancelled", "The crawl was cancelled before.")
    Crawl.objects.filter(pk=crawl.pk).update(skipped=F("skipped") + count)
    crawl.refresh_from_db()
    flush(crawl)
    if crawl.kind != Crawl.Kind.CHECK:
        index.complete(batch_of(crawl))
    else:
        index.discard(batch_of(crawl))
    crawl.state, crawl.finished_at = Crawl.State.CANCELLED, timezone.now()
    crawl.save(update_fields=["state", "finished_at"])


def cancel(crawl: Crawl) -> bool:
    """Cancel a crawl; True: a worker has to conclude what was fetched so far, so ring for its run."""
    waits = Run.objects.filter(pk=crawl.run_id, state=Run.State.QUEUED)
    if crawl.started_at is not None and waits.update(cancel_asked=True, lease_until=None):
        return True
    if crawl.run is not None:
        runs.cancel(crawl.run)
    return False


# --- Afterwards -------------------------------------------------------------------------------------------------------
def remove(crawl: Crawl) -> None:
    """Take what a crawl has found out of the index, and forget it."""
    if index.state_of(batch_of(crawl)) == "complete":
        index.remove(batch_of(crawl))
    else:
        index.discard(batch_of(crawl))
    crawl.delete()


def ask_removal(crawl: Crawl, user: User | None) -> Run:
    """Queue the removal of a crawl that is over; the caller rings."""
    crawl.run = runs.start(
        kind=KIND,
        workspace=crawl.workspace,
        project=crawl.project,
        arguments={"crawl": crawl.pk, REMOVING: True},
        user=user,
    )
    crawl.save(update_fields=["run"])
    return crawl.run


def _carry_out_removal(claimed: runs.Claimed) -> None:
    """A second pass finds nothing."""
    crawl = Crawl.objects.filter(pk=claimed.run.arguments["crawl"]).first()
    if crawl is not None:
        claimed.step(line=f"Taking what {crawl} found out of the index.")
        remove(crawl)
    claimed.step(line="Removed. Links that other sources know stay.")


def remove_project(project: Project, claimed: runs.Claimed) -> None:
    """Take every crawl of a project out of the index; for the run that removes a project."""
    found = list(Crawl.objects.filter(project=project).order_by("-pk"))
    for number, crawl in enumerate(found):
        claimed.step(done=number, total=len(found), line=f"Removing {crawl}")
        remove(crawl)


def errors_of(crawl: Crawl) -> list[dict[str, str]]:
    """Addresses that were not read, and why."""
    rows = CrawlUrl.objects.filter(crawl=crawl, purpose="page", state__in=("failed", "skipped")).order_by("pk")
    return [{"url": row.url, "code": row.code, "reason": row.reason} for row in rows]


def forget_old(days: int = 90) -> int:
    """Delete the rows of crawls that ended long ago; what they found stays in the index."""
    old = Crawl.objects.filter(finished_at__lt=timezone.now() - timedelta(days=days))
    CheckItem.objects.filter(crawl__in=old).delete()
    Parcel.objects.filter(crawl__in=old).delete()
    return CrawlUrl.objects.filter(crawl__in=old).delete()[0]


RUN_KIND = runs.RunKind(
    name=KIND, label="Crawl", run=carry_out, page="backlinks:crawl_of_run", transient=(index.IndexUnavailable,)
)
HAND_KIND = runs.RunKind(name=HAND, label="Crawl, helping", run=help_out, transient=(index.IndexUnavailable,))
