"""One worker of a crawl: lease sites, fetch their addresses one at a time, read them, store what was found.

Decided: one loop on one thread, with hundreds of exchanges in flight and one process beside it that reads pages. What
is finished is stored about once a second, in one transaction: rows, new addresses, the parcel for the index, the sites
that are given back. A worker that is killed loses what it had not stored, and its leases run out; whoever is next
fetches those pages again. Refused: a task for each page, whose overhead is more than its work.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from seoapp.lib.checkpoint import checkpoint
from seoapp.lib.http import Door, FetchError, Request, Response
from seoapp.lib.weburl import parse

from . import frontier, hosts, outcomes, record, storing
from .messages import Carried, Job
from .models import Crawl, CrawlHost, CrawlUrl
from .outcomes import Outcome
from .plan import HOPS
from .plans import Plan
from .reader import TOO_COSTLY, ReadingLine
from .robots import Rules
from .rules import RulesBook, origin_of, request_of
from .visits import Result, Visit, evidence_of, exchange_of, kept_headers, visited

logger = logging.getLogger(__name__)
TOO_COSTLY_PAGES = 3  # in a row, after which a crawl leaves a site alone: each has kept all other sites waiting
GIVEN_UP = 6  # strained answers in a row after which a crawl leaves a site alone
URLS_A_TURN, MOST_URLS_A_TURN = 20, 100  # addresses of a site that are fetched under one lease, before others have it
TURN_SECONDS = 20.0  # where so many take less than this, there are more of them
STORE_SECONDS = 1.0
STORE_PAGES = 400
READING_AHEAD, READING_AHEAD_BYTES = 64, 20_000_000  # what may wait to be read before nothing more is fetched
HELD_SECONDS = 45.0  # that a site is held between two requests: longer than any Crawl-delay that is obeyed
PATIENCE = 5.0  # seconds that a worker waits for the next site; for longer it gives its run back
SITES_AT_ONCE = 20  # that are taken in one go
SHARING_SECONDS = 0.5  # a worker with all the sites it may have looks so seldom for more: whoever has fewer is first
REFUSED = frozenset(
    ("address_refused", "port_refused", "bad_url", "busy", "dns")
)  # codes that speak of an address, or of our own network, and not of the site's answer
OURS = frozenset(("busy", "dns"))  # and these of our own network alone
LOOK_SECONDS = 1.0  # between two looks whether rules that are kept elsewhere have come
TARGET_BYTES = 65_536  # of a page that is only asked whether it is there
PAGE_BYTES = 5_000_000
SITEMAP_BYTES = 50_000_000


class Worker:
    """Works on one crawl until nothing can be done now.

    `step` is called often: it may raise, and all is given back; True: finish what was begun, and come back.
    """

    def __init__(self, crawl: Crawl, plan: Plan, step: Callable[[], bool]) -> None:
        self._crawl, self._plan, self._step = crawl, plan, step
        self._token = hosts.token_of(crawl.pk)
        self._door = Door(settings.CRAWL_AT_ONCE)
        self._readings = ReadingLine(self._door.wake)
        self._rules = RulesBook()
        self._told: set[str] = set()
        self._asking = 0  # pages that are being fetched
        self._visits: dict[str, Visit] = {}
        self._finished: list[Result] = []
        self._stored_at = self._renewed_at = self._looked_at = self._busy_at = time.monotonic()

    def work(self) -> datetime | None:
        """Fetch what may be fetched. None: nothing is left to this crawl; else the moment from which something is."""
        try:
            storing.flush(self._crawl)
            while True:
                if self._step():
                    if not len(self._door) and not len(self._readings):
                        self._store()
                        return hosts.now()
                else:
                    self._take()
                    self._start_all()
                for key, answer in self._door.wait(self._pause()):
                    self._arrived(key, answer)
                self._read()
                self._store_when_due()
                if self._visits:
                    self._busy_at = time.monotonic()
                elif (moment := self._next()) != "now":
                    return moment
        finally:
            self._close()

    def _close(self) -> None:
        """Give everything back. A site that was being asked just now is not asked again before its delay."""
        self._door.close()
        self._readings.close()
        for visit in self._visits.values():
            visit.ended_at = timezone.now() if visit.busy else visit.ended_at
        hosts.release(self._token, [visit.ended() for visit in self._visits.values()])
        hosts.release_all(self._token)

    def _next(self) -> datetime | str | None:
        """ "now" while there is something to do, or to wait for shortly: a moment, or a site that another one has."""
        is_full = self._plan.is_full()
        if is_full:
            storing.leave_out_rest(self._crawl)
        moment = hosts.next_moment(self._crawl.pk)
        if moment is None:
            return "now" if frontier.reopen(self._crawl.pk) else None
        if moment <= hosts.now() + timedelta(seconds=PATIENCE):
            return "now"
        is_patient = time.monotonic() - self._busy_at < PATIENCE
        if is_patient and hosts.are_held(self._crawl.pk):
            return "now"
        return moment if is_full else min(moment, self._crawl.ends_by)  # full: others give back what is on its way

    def _pause(self) -> float:
        """How long nothing can happen but answers."""
        if self._readings.has_answers:
            return 0.0
        if self._is_behind():
            return 0.2
        moments = [visit.ready_at for visit in self._visits.values() if visit.waiting and not visit.busy]
        soonest = min(moments, default=time.monotonic() + 0.2) - time.monotonic()
        return min(max(soonest, 0.005), 0.2)

    def _is_behind(self) -> bool:
        """Whether pages come faster than they are read."""
        return len(self._readings) > READING_AHEAD or self._readings.bytes > READING_AHEAD_BYTES

    # --- Sites --------------------------------------------------------------------------------------------------------
    def _take(self) -> None:
        """Lease further sites, and renew the leases held."""
        moment = time.monotonic()
        if self._visits and moment - self._renewed_at > settings.CRAWL_HOST_LEASE_SECONDS / 4:
            self._renewed_at = moment
            self._drop(set(self._visits) - hosts.renew(self._token))
        room = settings.CRAWL_AT_ONCE - len(self._visits)
        if room <= 0 or moment < self._looked_at or self._is_behind() or self._plan.is_full():
            return
        taken = hosts.take(self._crawl.pk, self._token, min(room, SITES_AT_ONCE))
        share = len(self._visits) / settings.CRAWL_AT_ONCE
        self._looked_at = moment + SHARING_SECONDS * share + (0.02 if taken else 0.2)
        for host in taken:
            self._visits[host.domain] = self._visit(host)

    def _visit(self, host: CrawlHost) -> Visit:
        delay = max(settings.CRAWL_DELAY_SECONDS, host.delay)
        turn = min(max(URLS_A_TURN, int(TURN_SECONDS / max(delay, 0.01))), MOST_URLS_A_TURN)
        rows = frontier.next_of(self._crawl.pk, host.domain, turn)
        for row in rows:
            row.crawl = self._crawl
        self._plan.prepare(rows)
        return Visit(host, deque(rows), settings.CRAWL_DELAY_SECONDS, ended_at=host.next_at, failures=host.failures)

    def _drop(self, lost: Iterable[str]) -> None:
        """Sites whose lease was lost: whoever has them now fetches what we had not stored."""
        for domain in lost:
            visit = self._visits.pop(domain)
            logger.warning("the lease of %s was lost", domain)
            self._finished = [one for one in self._finished if one.visit is not visit]

    # --- Asking -------------------------------------------------------------------------------------------------------
    def _start_all(self) -> None:
        if not self._is_behind():
            for visit in list(self._visits.values()):
                self._start(visit)

    def _start(self, visit: Visit) -> None:
        """Ask a site for its next address, if it may be asked now."""
        if visit.waiting and self._plan.is_full(self._ahead()):
            visit.leave()  # they stay in the frontier until the crawl is over
        if not visit.busy and visit.ready_at > time.monotonic() + HELD_SECONDS:
            visit.leave()  # a site that rests for long is given back meanwhile
        if visit.files and not visit.busy and time.monotonic() >= visit.ready_at:
            self._ask(visit, None, request_of(next(iter(visit.files))))
        while visit.waiting and not visit.busy and time.monotonic() >= visit.ready_at:
            row = visit.waiting[0]
            rules = self._rules_for(row)
            if rules is None:
                self._ask_for_rules(visit, self._rules.missing(row.url))
            elif rules.skip_host or not rules.allowed(row.url):
                visit.waiting.popleft()
                self._leave_out(visit, row, rules.reason, skip_host=rules.skip_host, state=rules.state)
            else:
                visit.delay = max(settings.CRAWL_DELAY_SECONDS, rules.delay or 0.0)
                self._ask(visit, visit.waiting.popleft(), self._request(row))

    def _rules_for(self, row: CrawlUrl) -> Rules | None:
        """The rules of its origin; the first time the plan hears of them too, because they name sitemaps."""
        rules, origin = self._rules.of(row.url), origin_of(row.url)
        if rules is not None and origin not in self._told and row.purpose == CrawlUrl.Purpose.PAGE:
            self._told.add(origin)
            frontier.add(self._crawl.pk, self._plan.after_rules(row, rules))
        return rules

    def _ask_for_rules(self, visit: Visit, file: str) -> None:
        """Fetch a robots.txt. One that is kept at another site is fetched under the lease of that site."""
        domain = parse(file).domain
        if domain == visit.host.domain:
            self._ask(visit, None, request_of(file))
            return
        keeper = self._visits.get(domain) or self._borrowed(domain)
        if keeper is not None:
            keeper.files[file] = None
            visit.ready_at = time.monotonic() + LOOK_SECONDS
            return
        due_at = hosts.look_at(domain)
        for row in [one for one in visit.waiting if self._rules.missing(one.url) == file]:
            visit.waiting.remove(row)
            row.due_at = due_at  # no attempt: nobody was asked
            self._finish(Result(visit, row))

    def _borrowed(self, domain: str) -> Visit | None:
        """A site that is asked for its robots.txt and nothing else; None where it may not be asked now."""
        host = hosts.take_one(domain, self._token)
        if host is not None:
            delay = max(settings.CRAWL_DELAY_SECONDS, host.delay)
            self._visits[domain] = Visit(host, deque(), delay, ended_at=host.next_at, failures=host.failures)
        return self._visits.get(domain)

    def _ahead(self) -> int:
        """Pages on their way that are not counted yet."""
        return self._asking + len(self._readings) + len(self._finished)

    def _ask(self, visit: Visit, row: CrawlUrl | None, request: Request) -> None:
        visit.busy = True
        self._asking += row is not None  # a robots.txt is no page
        self._door.submit((visit, row, request.url), request)

    def _request(self, row: CrawlUrl) -> Request:
        limits = {CrawlUrl.Purpose.TARGET: TARGET_BYTES, CrawlUrl.Purpose.SITEMAP: SITEMAP_BYTES}
        row.attempts += 1
        return Request(row.url, self._plan.validators(row), max_bytes=limits.get(row.purpose, PAGE_BYTES))

    def _leave_out(self, visit: Visit, row: CrawlUrl, reason: str, *, skip_host: bool, state: str) -> None:
        row.state, row.code = CrawlUrl.State.SKIPPED, "robots"
        row.reason = reason or "robots.txt does not let us fetch this page."
        if skip_host:
            row.code, row.reason = "crawl_delay", "robots.txt asks for more than 30 seconds between two pages."
        if state == "none":
            row.state, row.code = CrawlUrl.State.FAILED, "robots_unreachable"
        self._finish(Result(visit, row))

    # --- Answers ------------------------------------------------------------------------------------------------------
    def _arrived(self, key: Any, answer: Response | FetchError) -> None:
        visit, row, asked = key
        visit.busy = False
        self._asking -= row is not None
        visit.ended_at = timezone.now()
        visit.ready_at = time.monotonic() + hosts.backed_off(visit.delay, visit.failures)
        if self._visits.get(visit.host.domain) is not visit:
            return  # its lease was lost
        if row is None:
            self._robots_arrived(visit, asked, answer)
            return
        outcome = outcomes.judge(answer, row.attempts, settings.CRAWL_RETRY_SECONDS)
        self._note(visit, answer, outcome)
        self._take_answer(visit, row, answer, outcome)

    def _robots_arrived(self, visit: Visit, file: str, answer: Response | FetchError) -> None:
        """What is wrong with the address itself, or passes, is the next address's answer; all else is a rule."""
        visit.files.pop(file, None)
        row = visit.waiting[0] if visit.waiting and self._rules.missing(visit.waiting[0].url) == file else None
        attempts = row.attempts + 1 if row else outcomes.ATTEMPTS
        outcome = outcomes.judge(answer, attempts, settings.CRAWL_RETRY_SECONDS)
        passes = isinstance(answer, FetchError) and answer.code in (REFUSED if row else OURS)
        if not passes and outcome.next != "retry":
            self._rules.learn(file, answer)
            self._note(visit, answer, outcome)
            if not outcome.strained:
                visit.ready_at = time.monotonic() + visit.delay
            return
        if row is not None:
            visit.waiting.popleft()
            row.attempts += 1
            self._note(visit, answer, outcome)
            self._take_answer(visit, row, answer, outcome)

    def _note(self, visit: Visit, answer: Response | FetchError, outcome: Outcome) -> None:
        """What the answer says about the host."""
        visit.failures = visit.failures + 1 if outcome.strained else 0
        visit.note = outcome.reason if outcome.strained else ""
        if isinstance(answer, Response):
            visit.ip = answer.ip
        if outcome.rest or outcome.strained:
            visit.rest = outcome.rest
            visit.leave()  # they stay in the frontier
        if outcome.rest > outcomes.WAIT_HERE or (outcome.strained and visit.failures >= GIVEN_UP):
            visit.given_up = outcome.code

    def _take_answer(self, visit: Visit, row: CrawlUrl, answer: Response | FetchError, outcome: Outcome) -> None:
        row.fetched_at, row.code, row.reason = timezone.now(), outcome.code, outcome.reason[:300]
        if isinstance(answer, FetchError):
            row.status = answer.status
        else:
            row.status, row.ip, row.seconds, row.bytes = answer.status, answer.ip, answer.seconds, answer.wire_bytes
        result = Result(visit, row)
        if outcome.next == "retry":
            row.due_at = timezone.now() + timedelta(seconds=outcome.retry_in)
        elif outcome.next == "fail":
            row.state = CrawlUrl.State.FAILED
        elif outcome.next == "redirect":
            self._redirected(result, answer)
        elif outcome.next == "read" and self._plan.reads(row):
            self._hand_over(result, answer)
            return
        else:
            row.state = CrawlUrl.State.DONE
            result.addresses = self._plan.after_unchanged(row) if outcome.next == "unchanged" else []
        self._finish(result, answer)

    def _redirected(self, result: Result, answer: Response) -> None:
        """A redirect to another spelling of the same page is gone after in its own row; any other is a finding."""
        row, url = result.row, parse(answer.redirect)
        row.redirect = url.url
        if frontier.key_hash(url.key) == row.key and row.hops < HOPS:
            row.url, row.due_at, row.hops, row.attempts = url.url, None, row.hops + 1, 0
            return
        row.state = CrawlUrl.State.DONE
        result.addresses = self._plan.after_redirect(row, url)
        if url.domain != row.domain and row.purpose == CrawlUrl.Purpose.PAGE:
            result.tables["observations"], result.links = record.redirect(self._fetched(row), url), 1

    def _fetched(self, row: CrawlUrl) -> record.Fetched:
        return record.Fetched(parse(row.url), row.status, int(row.fetched_at.timestamp()), row.ip)

    # --- Reading ------------------------------------------------------------------------------------------------------
    def _hand_over(self, result: Result, answer: Response) -> None:
        row = result.row
        row.etag, row.last_modified = answer.header("etag")[:300], answer.header("last-modified")[:100]
        job = Job(
            url=row.url,
            body=answer.body,
            status=answer.status,
            at=int(row.fetched_at.timestamp()),
            ip=row.ip,
            content_type=answer.header("content-type"),
            headers=kept_headers(answer),
            is_cut=answer.truncated,
            row=row.pk,
            visit=exchange_of(row),
            certificate=answer.certificate,
            **self._plan.options(row),
        )
        result.visit.open += 1
        self._readings.put((result, answer), job)

    def _read(self) -> None:
        """Take what the reading process has finished; it answers in order."""
        for (result, answer), reading in self._readings.take():
            result.visit.open -= 1
            if self._visits.get(result.visit.host.domain) is result.visit:
                self._understand(result, answer, reading)

    def _understand(self, result: Result, answer: Response, reading: Carried) -> None:
        row = result.row
        row.state = CrawlUrl.State.DONE
        result.reading = reading
        if reading.refused:
            row.state, row.code, row.reason = CrawlUrl.State.FAILED, "not_read", reading.refused[:300]
            self._note_costly(result.visit, reading.refused)
        else:
            result.visit.costly = 0
            if reading.dropped:
                row.reason = f"It has {reading.dropped:,} links more than are read of a page."
            row.title, row.links = str(reading.facts.get("title", ""))[:500], reading.links
            row.fingerprint = _signed(int(reading.facts.get("fingerprint", 0)))
            result.addresses = self._plan.after_reading(row, reading)
            result.tables, result.links = dict(reading.tables), reading.outward
        self._finish(result, answer)

    def _note_costly(self, visit: Visit, refused: str) -> None:
        """A site of pages that nobody can read must not slow down all others."""
        visit.costly += refused == TOO_COSTLY
        if visit.costly >= TOO_COSTLY_PAGES:
            visit.given_up, visit.note = "not_read", f"{refused} So were {visit.costly} pages of this site in a row."
            visit.leave()

    # --- Storing ------------------------------------------------------------------------------------------------------
    def _finish(self, result: Result, answer: Response | FetchError | None = None) -> None:
        row = result.row
        is_visit = row.purpose == CrawlUrl.Purpose.PAGE and row.state != CrawlUrl.State.QUEUED and answer is not None
        if is_visit and "crawled_pages" not in result.tables:
            result.tables["crawled_pages"] = visited(row)
        if self._plan.keeps_evidence:
            result.seen = evidence_of(row, answer)
        result.visit.open += 1
        self._finished.append(result)

    def _store_when_due(self) -> None:
        due = time.monotonic() - self._stored_at > STORE_SECONDS
        idle = not len(self._door) and not self._readings and not any(one.waiting for one in self._visits.values())
        if due or idle or len(self._finished) >= STORE_PAGES:
            self._stored_at = time.monotonic()
            if self._finished or any(visit.is_over for visit in self._visits.values()):
                self._store()

    def _store(self) -> None:
        """One transaction for what is finished; then the index."""
        held = hosts.still_held(self._token, list(self._visits))
        self._drop(set(self._visits) - held)
        results, self._finished = self._finished, []
        checkpoint("crawl fetched")
        for result in results:
            result.visit.open -= 1
        over = [visit for visit in self._visits.values() if visit.is_over]
        parcel = storing.store(self._crawl, self._plan, self._token, results, over)
        checkpoint("crawl stored")
        for visit in over:
            del self._visits[visit.host.domain]
        if parcel is not None:
            storing.deliver(self._crawl, parcel)


def _signed(number: int) -> int:
    return number - 2**64 if number >= 2**63 else number
