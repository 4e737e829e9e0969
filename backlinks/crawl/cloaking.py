"""Does a page show search engines something else? On request, for one page: the run kind `cloaking`.

Decided: three visits through the one door, ours, then one under a search engine's name, then ours again; each request
under the lease of its site, with the site's delay, and only where robots.txt lets us. What each visit found is kept in
the check's row, so that a run that has to wait gives its worker back, and a killed one goes on. Pages are read in the
process that can be killed. Refused: the search engine's own rules of robots.txt, which are not ours to use; the word
"cloaking" as a verdict, because addresses that only the search engine has are beyond what anybody else can see.
"""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from projects import runs
from projects.models import Project, Run, User
from seoapp.lib.http import FetchError, Request, Response, fetch
from seoapp.lib.weburl import parse

from . import frontier, hosts, likeness, outcomes
from .discovery import CloakingCheck
from .likeness import Seen
from .messages import Job
from .reader import Reader
from .robots import Rules
from .rules import RulesBook, request_of
from .visits import kept_headers
from .worker import PAGE_BYTES, REFUSED

KIND = "cloaking"
ENGINE_AGENT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
ORDER = ("ours", "engine", "ours")
HOPS = 5
PATIENCE = 20.0  # seconds that this run waits for a site before it gives its worker back
LOOK = 0.2


class CloakingRefused(ValueError):
    """The page is not looked at; the message says why."""


# --- Asking for it ----------------------------------------------------------------------------------------------------
def start(*, project: Project, source_url: str, link_id: int | str, user: User | None) -> CloakingCheck:
    """Queue a check of one page; the caller rings for its run. Raises BadUrl or CloakingRefused."""
    url = parse(source_url)
    key = frontier.key_hash(url.key)
    going_on = CloakingCheck.objects.filter(project=project, key=key, verdict="")
    if going_on.filter(run__state__in=(Run.State.QUEUED, Run.State.RUNNING)).exists():
        raise CloakingRefused("This page is being compared already.")
    with transaction.atomic():
        check = CloakingCheck.objects.create(
            workspace=project.workspace, project=project, started_by=user, source_url=url.url, key=key,
            link_id=str(link_id), domain=project.target.domain,
        )  # fmt: skip
        check.run = runs.start(
            kind=KIND, workspace=project.workspace, project=project, arguments={"cloaking": check.pk}, user=user
        )
        check.save(update_fields=["run"])
    return check


def latest(project: Project, source_url: str) -> CloakingCheck | None:
    """The newest check of a page."""
    key = frontier.key_hash(parse(source_url).key)
    return CloakingCheck.objects.filter(project=project, key=key).select_related("run").order_by("-pk").first()


# --- Carrying it out --------------------------------------------------------------------------------------------------
def carry_out(claimed: runs.Claimed) -> None:
    """The run kind `cloaking`."""
    check = CloakingCheck.objects.select_related("project").get(pk=claimed.run.arguments["cloaking"])
    if check.verdict:
        return
    reader = Reader()
    try:
        look = _Look(check, claimed, reader)
        while (visit := look.current()) is not None:
            claimed.step(done=len(check.visits) - 1, total=len(ORDER))
            look.ask(visit)
            check.save(update_fields=["visits"])
    finally:
        reader.close()
    _conclude(check, claimed)


def _conclude(check: CloakingCheck, claimed: runs.Claimed) -> None:
    visits = [Seen.of(one["seen"]) for one in check.visits]
    ours, engine, again = visits[0], (visits[1:2] or visits)[0], visits[-1]
    found = likeness.compare(ours, again, engine, check.domain)
    check.verdict, check.reason = found.verdict, found.reason[:500]
    check.evidence = [
        {"what": one.what, "ours": one.ours, "engine": one.engine, "weight": one.weight} for one in found.evidence
    ]
    check.visits = [_short(one) for one in check.visits]
    check.finished_at = timezone.now()
    check.save(update_fields=["verdict", "reason", "evidence", "visits", "finished_at"])
    claimed.step(done=len(ORDER), total=len(ORDER), line=f"{check.source_url}: {check.get_verdict_display()}.")


def _short(visit: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a visit once it was compared."""
    names = ("status", "code", "reason", "url", "hops", "title", "words")
    return {"who": visit["who"], "at": visit["at"], **{name: visit["seen"].get(name) for name in names}}


@dataclass(slots=True)
class _Leased:
    """A site in our hands; how it is to be given back."""

    domain: str
    failures: int
    asked: bool = False
    wait: float = 0.0
    delay: float = 0.0
    ip: str = ""
    note: str = ""


class _Look:
    """The visits of one check, a request at a time; what they have found stands in the row."""

    def __init__(self, check: CloakingCheck, claimed: runs.Claimed, reader: Reader) -> None:
        self._check, self._claimed, self._reader = check, claimed, reader
        self._book = RulesBook()

    def current(self) -> dict[str, Any] | None:
        """The visit to go on with; None when all are over, or the first of ours saw nothing to compare with."""
        visits = self._check.visits
        if visits and not visits[-1]["over"]:
            return visits[-1]
        if len(visits) == len(ORDER) or (visits and visits[0]["seen"]["code"] not in ("", "http_404", "http_410")):
            return None
        visit = {"who": ORDER[len(visits)], "url": self._check.source_url, "hops": 0, "tries": 0, "over": False}
        visits.append(visit)
        return visit

    def ask(self, visit: dict[str, Any]) -> None:
        """One request: for the page, or first for the robots.txt that speaks for it, which another site may keep."""
        rules = self._book.of(visit["url"])
        asked = visit["url"] if rules else self._book.missing(visit["url"])
        with _leased(parse(asked).domain, self._claimed) as site:
            if rules is None:
                self._ask_rules(visit, site, asked)
            elif rules.skip_host or not rules.allowed(visit["url"]):
                self._end(visit, _closed(rules))
            else:
                site.delay = max(settings.CRAWL_DELAY_SECONDS, rules.delay or 0.0)
                self._ask_page(visit, site)

    def _ask_rules(self, visit: dict[str, Any], site: _Leased, file: str) -> None:
        answer = _answered(request_of(file), site)
        outcome = _judged(visit, answer, site)
        if isinstance(answer, FetchError) and answer.code in REFUSED:
            self._end(visit, Seen(code=answer.code, reason=answer.reason, url=visit["url"], hops=visit["hops"]))
        elif outcome.next != "retry":
            visit["tries"] = 0
            self._book.learn(file, answer)

    def _ask_page(self, visit: dict[str, Any], site: _Leased) -> None:
        agent = ENGINE_AGENT if visit["who"] == "engine" else ""
        answer = _answered(Request(visit["url"], max_bytes=PAGE_BYTES, agent=agent), site)
        outcome = _judged(visit, answer, site)
        if outcome.next == "redirect" and visit["hops"] < HOPS:
            visit["url"], visit["hops"], visit["tries"] = answer.redirect, visit["hops"] + 1, 0
        elif outcome.next == "redirect":
            self._end(visit, _failed(visit, answer.status, "too_many_redirects", "It redirects again and again."))
        elif outcome.next == "read":
            self._end(visit, self._read(visit, answer))
        elif outcome.next != "retry":
            self._end(visit, _failed(visit, answer.status, outcome.code or "unchanged", outcome.reason))

    def _read(self, visit: dict[str, Any], answer: Response) -> Seen:
        job = Job(
            url=visit["url"],
            body=answer.body,
            status=answer.status,
            content_type=answer.header("content-type"),
            headers=kept_headers(answer),
            is_cut=answer.truncated,
            with_text=True,
        )
        reading = self._reader.read(job)
        if reading.refused:
            return _failed(visit, answer.status, "not_read", reading.refused)
        return likeness.seen(reading, status=answer.status, url=visit["url"], hops=visit["hops"])

    def _end(self, visit: dict[str, Any], seen: Seen) -> None:
        visit["seen"], visit["over"], visit["at"] = seen.kept(), True, timezone.now().isoformat()


def _closed(rules: Rules) -> Seen:
    if rules.state == "none":
        return Seen(code="robots_unreachable", reason=rules.reason)
    if rules.skip_host:
        return Seen(code="crawl_delay", reason="robots.txt asks for more than 30 seconds between two pages.")
    return Seen(code="robots", reason="robots.txt does not let us fetch this page.")


def _failed(visit: dict[str, Any], status: int, code: str, reason: str) -> Seen:
    return Seen(status=status, code=code, reason=reason, url=visit["url"], hops=visit["hops"])


def _answered(request: Request, site: _Leased) -> Response | FetchError:
    site.asked = True
    try:
        answer = fetch(request)
    except FetchError as error:
        return error
    site.ip = answer.ip
    return answer


def _judged(visit: dict[str, Any], answer: Response | FetchError, site: _Leased) -> outcomes.Outcome:
    """What the answer means for the visit, and how long its site is left alone."""
    visit["tries"] += 1
    outcome = outcomes.judge(answer, visit["tries"], settings.CRAWL_RETRY_SECONDS)
    site.failures = site.failures + 1 if outcome.strained else 0
    site.note = outcome.reason if outcome.strained else ""
    site.wait = max(outcome.rest, outcome.retry_in)
    return outcome


# --- One site at a time -----------------------------------------------------------------------------------------------
@contextmanager
def _leased(domain: str, claimed: runs.Claimed) -> Iterator[_Leased]:
    """The site, once it may be asked; given back with its pause. Raises runs.Later where that takes too long."""
    token = secrets.token_hex(16)
    host = _take(domain, token, claimed)
    site = _Leased(domain, host.failures, delay=settings.CRAWL_DELAY_SECONDS, ip=host.ip)
    try:
        yield site
        if site.asked:
            wait = max(site.wait, hosts.backed_off(site.delay, site.failures))
            over = hosts.Visited(domain, hosts.now(), wait, site.delay, site.failures, site.ip, site.note)
            hosts.release(token, [over])
    finally:
        hosts.release_all(token)


def _take(domain: str, token: str, claimed: runs.Claimed) -> Any:
    until = time.monotonic() + PATIENCE
    while (host := hosts.take_one(domain, token)) is None:
        claimed.step()
        moment = hosts.free_at(domain)
        left = (moment - hosts.now()).total_seconds()
        if time.monotonic() > until or (left > PATIENCE and not hosts.is_held(domain)):
            raise runs.Later(moment)
        time.sleep(min(max(left, 0.01), LOOK))
    return host


RUN_KIND = runs.RunKind(name=KIND, label="Cloaking check", run=carry_out)
