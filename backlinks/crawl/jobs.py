"""Crawls from start to end: made by a page, a command or the schedule; carried out by the run kind `crawl`.

Decided: a crawl is one run that the user sees. When it has many sites to ask, further runs of the kind `crawl_hand`
help with the same frontier; only the first one concludes. A run that has to wait for sites gives its worker back.
What was found counts in the index before a long crawl is over: links of slow sites must not hold back all others.
"""

import re
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backlinks import index
from projects import runs
from projects.models import Project, Run, User
from seoapp.lib.weburl import BadUrl, is_site, parse
from seoapp.lib.words import counted

from . import checks, frontier, hosts, mentions, pagefacts
from .discovery import WatchedSite
from .models import PAGES_BEFORE, CheckItem, Crawl, CrawlUrl, Parcel
from .plans import plan_of
from .storing import batch_of, cancel_rest, flush, note_terms
from .worker import Worker

KIND, HAND = "crawl", "crawl_hand"
SITES_A_HAND = 20
HELP_SECONDS = 1.0  # between two looks whether help is wanted
CALL_SECONDS = 30.0  # between two calls: help that finds nothing to do ends at once
CONCLUDE_SECONDS = 10.0  # between two verdicts of a check that goes on
PUBLISH_SECONDS = 900.0  # between two moments at which the index counts what a crawl that goes on has found
MAX_STARTS = 10_000
LIMITS = {
    "max_pages": (1, 1_000_000), "max_depth": (0, 50), "max_hosts": (1, 10_000), "max_seconds": (10, 7 * 24 * 3600),
}  # fmt: skip
TWICE = timedelta(minutes=10)  # in which the same crawl of the same user is a second click
CHECK_SECONDS = 24 * 3600
ABOUT_LENGTH = 120  # characters of an address that a run is called by
CREDENTIALS = re.compile(r"//[^/@]*@")
PUBLISHED = "published"  # when the index last counted what a crawl has found, seconds since 1970
RESTS = "for sites that may not be asked before."
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
    max_hosts: int = 100,
    max_seconds: int = 3600,
    with_subdomains: bool = True,
    watched: WatchedSite | None = None,
) -> Crawl:
    """Queue a crawl: `site` and `list` from `starts`, `check` of the project's links (`max_pages`: most links) or, with
    `starts` of a page and its target, of that link alone; `news` of a watched site."""
    texts = _texts(starts, kind)
    if kind != Crawl.Kind.CHECK and not texts:
        raise CrawlRefused("Name at least one address to begin with.")
    if kind == Crawl.Kind.NEWS and watched is None:
        raise CrawlRefused("New pages are those of a watched site: name it.")
    if len(texts) > MAX_STARTS:
        raise CrawlRefused(f"{len(texts):,} addresses are too many at once: {MAX_STARTS:,} is the most.")
    limits = {"max_pages": max_pages, "max_depth": max_depth, "max_hosts": max_hosts, "max_seconds": max_seconds}
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)  # two requests at once are one after the other
        if kind == Crawl.Kind.CHECK and not texts and (running := running_check(project)):
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
            kind=KIND, workspace=project.workspace, project=project, arguments=_arguments(crawl), user=user
        )
        crawl.save(update_fields=["run"])
    return crawl


def _arguments(crawl: Crawl, word: str = "") -> dict[str, object]:
    """Of a run: what it is called stays known when the crawl is not."""
    about = crawl.starts[0].partition("://")[2].rstrip("/") if len(crawl.starts) == 1 else ""
    return {"crawl": crawl.pk, runs.TITLE: f"{crawl}{word}", runs.ABOUT: about[:ABOUT_LENGTH]}


def start_once(
    *, project: Project, kind: str, user: User, starts: Sequence[str], **limits: int | bool
) -> tuple[Crawl, bool]:
    """(crawl, is it new): what this user has asked for a moment ago, and is not over, is not begun a second time."""
    texts = _texts(starts, kind)
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        asked = Crawl.objects.filter(
            project=project, kind=kind, started_by=user, created_at__gte=timezone.now() - TWICE
        ).select_related("run")
        for one in asked:
            if one.starts == texts and one.is_active and not one.is_being_removed:
                return one, False
        return start(project=project, kind=kind, user=user, starts=starts, **limits), True


def _texts(starts: Sequence[str], kind: str) -> list[str]:
    """The addresses to begin with, each once. Raises CrawlRefused."""
    return list(dict.fromkeys(_start_of(text.strip(), kind) for text in starts if text.strip()))


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
    """The check of this project's links that is not over; one link alone can be checked meanwhile."""
    checks_of = Crawl.objects.filter(project=project, kind=Crawl.Kind.CHECK, starts=[])
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
    if "terms" not in crawl.results:
        _note(crawl, terms=mentions.terms_of(crawl.project.brand_terms), facts=pagefacts.VERSION)
    if crawl.kind == Crawl.Kind.CHECK:
        checks.prepare(crawl, claimed.step)
    if crawl.started_at is None:
        frontier.start(crawl)
        crawl.started_at = timezone.now()
    if claimed.run.started_at is not None and crawl.started_at < claimed.run.started_at:
        crawl.started_at = claimed.run.started_at  # started again by hand: its time begins anew
        crawl.results = crawl.results | {PAGES_BEFORE: crawl.pages}
    crawl.state, crawl.finished_at = Crawl.State.RUNNING, None
    crawl.save(update_fields=["state", "started_at", "finished_at", "results"])
    frontier.reopen(crawl.pk)


def _again(crawl: Crawl) -> None:
    """A cancelled crawl goes on."""
    left_out = CrawlUrl.objects.filter(crawl=crawl, state=CrawlUrl.State.SKIPPED, code="cancelled")
    Crawl.objects.filter(pk=crawl.pk).update(
        skipped=F("skipped") - left_out.update(state=CrawlUrl.State.QUEUED, code="", reason="")
    )
    crawl.refresh_from_db()


def _work(crawl: Crawl, claimed: runs.Claimed) -> None:
    progress, plan, goes_on = Progress(crawl, claimed), plan_of(crawl), True
    while goes_on:
        moment = Worker(crawl, plan, progress.step).work()
        progress.conclude()
        if moment is None:
            goes_on = plan.further()
        elif progress.is_publishing:
            progress.publish()
        else:
            progress.rest(moment)
            raise runs.Later(moment)


class Progress:
    """What the first worker of a crawl does beside fetching: it says how far it is, concludes, and calls for help."""

    def __init__(self, crawl: Crawl, claimed: runs.Claimed) -> None:
        self._crawl, self._claimed = crawl, claimed
        self._total = crawl.results.get("prepared") or crawl.max_pages
        self._before = crawl.pages
        self._looked_at = self._called_at = self._concluded_at = time.monotonic() - CALL_SECONDS

    def step(self) -> bool:
        """Called hundreds of times a second; True: the worker is to pause, because what was found is to be counted."""
        crawl, run = self._crawl, self._claimed.run
        if crawl.pages > self._before and run.attempts > 1:  # it gets on: earlier trouble is forgiven
            run.attempts = 1
            self._claimed.mine().update(attempts=1)
        self._claimed.step(done=crawl.pages + crawl.errors + crawl.skipped, total=self._total)
        moment = time.monotonic()
        if moment - self._looked_at > HELP_SECONDS:
            self._looked_at = moment
            if moment - self._called_at > CALL_SECONDS and _call_for_help(crawl):
                self._called_at = moment
        if moment - self._concluded_at > CONCLUDE_SECONDS:
            self.conclude()
        return self.is_publishing

    def conclude(self) -> None:
        """Verdicts that need no further visit."""
        if self._crawl.kind == Crawl.Kind.CHECK:
            checks.conclude(self._crawl, self._claimed.step, is_over=False)
        self._concluded_at = time.monotonic()

    @property
    def is_publishing(self) -> bool:
        """Whether it is time that the index counts what there is. A big profile takes a minute: nothing is fetched
        meanwhile, or the servers' answers would come too late."""
        since = self._crawl.results.get(PUBLISHED) or self._crawl.started_at.timestamp()
        return self._crawl.pages > self._before and time.time() - since > PUBLISH_SECONDS

    def publish(self) -> None:
        index.complete(batch_of(self._crawl))
        self._before = self._crawl.pages
        _note(self._crawl, **{PUBLISHED: time.time()})

    def rest(self, until: datetime) -> None:
        """Nothing can be done before a moment; said once, not at every rest."""
        if not self._claimed.run.log.rstrip().endswith(RESTS):
            self._claimed.step(line=f"Waits, first until {until:%H:%M:%S}, {RESTS}")


def _note(crawl: Crawl, **results: Any) -> None:
    crawl.results = crawl.results | results
    crawl.save(update_fields=["results"])


def _call_for_help(crawl: Crawl) -> bool:
    """A further worker for a crawl with many sites; True when one was called."""
    going_on = (Run.State.QUEUED, Run.State.RUNNING)
    helping = Run.objects.filter(
        kind=HAND, workspace=crawl.workspace, project=crawl.project, arguments__crawl=crawl.pk, state__in=going_on
    ).count()
    wanted = SITES_A_HAND * (helping + 1)
    if helping >= settings.CRAWL_HANDS - 1 or hosts.count_ready(crawl.pk, wanted + 1) <= wanted:
        return False
    arguments = _arguments(crawl, ", helping")
    runs.start(kind=HAND, workspace=crawl.workspace, project=crawl.project, arguments=arguments, user=None)
    return True


def help_out(claimed: runs.Claimed) -> None:
    """The run kind `crawl_hand`: work on the frontier of a crawl that goes on."""
    crawl = Crawl.objects.select_related("project", "workspace").get(pk=claimed.run.arguments["crawl"])

    def step() -> bool:
        claimed.step(done=crawl.pages, total=crawl.max_pages)
        if crawl.is_over:
            raise runs.Cancelled
        return False

    if not crawl.is_over:
        Worker(crawl, plan_of(crawl), step).work()


def _conclude(crawl: Crawl, claimed: runs.Claimed) -> None:
    """Nothing is left to fetch: verdicts, then the index counts what was found."""
    flush(crawl)
    if crawl.kind == Crawl.Kind.CHECK:
        checks.conclude(crawl, claimed.step)
        checks.note_watched(crawl)
        crawl.results = crawl.results | {"states": checks.counts_of(crawl)}
    found = (counted(crawl.pages, "page"), counted(crawl.links, "link"), counted(crawl.errors, "error"))
    claimed.step(line=f"{', '.join(found)}; profiles are being rebuilt.")
    index.complete(batch_of(crawl))
    crawl.state, crawl.finished_at = Crawl.State.DONE, timezone.now()
    crawl.save(update_fields=["state", "finished_at", "results"])


def _cancelled(crawl: Crawl) -> None:
    """What was fetched before somebody cancelled counts; a check says nothing about links it had not looked at."""
    cancel_rest(crawl)
    flush(crawl)
    if crawl.kind == Crawl.Kind.CHECK:
        while checks.conclude(crawl, lambda: None, is_over=False):
            pass  # a portion at a time, until no verdict is left to give
        crawl.results = crawl.results | {"states": checks.counts_of(crawl)}
    index.complete(batch_of(crawl))
    crawl.state, crawl.finished_at = Crawl.State.CANCELLED, timezone.now()
    crawl.save(update_fields=["state", "finished_at", "results"])


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
        arguments=_arguments(crawl, ", removal") | {REMOVING: True},
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
    """Delete the rows of crawls that ended long ago; of what they found, the index keeps what none has replaced."""
    before = timezone.now() - timedelta(days=days)
    old = Crawl.objects.filter(finished_at__lt=before)
    CheckItem.objects.filter(crawl__in=old).delete()
    Parcel.objects.filter(crawl__in=old).delete()
    count = CrawlUrl.objects.filter(crawl__in=old).delete()[0]
    index.forget_crawled(before, old.values_list("workspace_id", "batch"))
    return count


RUN_KIND = runs.RunKind(
    name=KIND,
    label="Crawl",
    run=carry_out,
    page="backlinks:crawl_of_run",
    transient=(index.IndexUnavailable,),
    name_of=lambda run: "Crawl, removal" if REMOVING in run.arguments else "Crawl",
)
HAND_KIND = runs.RunKind(name=HAND, label="Crawl, helping", run=help_out, transient=(index.IndexUnavailable,))
