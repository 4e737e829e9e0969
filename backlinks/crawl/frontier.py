"""The frontier: which addresses a crawl still has to fetch, in which order, each once.

Decided: whoever writes several of its rows holds the crawl's own row first, until the transaction ends. Workers of one
crawl write one after the other for these few milliseconds, and never wait for each other in a circle. The lock leaves
keys alone, so that rows which only refer to the crawl are added meanwhile. Refused: to lock rows and queues in one
order everywhere, which every new statement could break.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q

from seoapp.lib.weburl import BadUrl, WebUrl, parse

from . import hosts
from .models import Crawl, CrawlQueue, CrawlUrl

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Address:
    """An address to fetch. A lower `depth` and a higher `priority` come first."""

    url: WebUrl
    depth: int = 0
    priority: int = 0
    found_on: str = ""
    purpose: str = CrawlUrl.Purpose.PAGE.value


def key_hash(key: str) -> int:
    """64 signed bits of an address's key."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)


def hold(crawl_id: int) -> str:
    """Keep other workers from writing to this frontier until the transaction ends; the state of the crawl."""
    return Crawl.objects.select_for_update(no_key=True).values_list("state", flat=True).get(pk=crawl_id)


def add(crawl_id: int, found: Iterable[Address]) -> None:
    """Put addresses into the frontier; those it has had are left alone."""
    rows = {(one.purpose, one.url.key): one for one in found}
    if not rows:
        return
    domains = {one.url.domain for one in rows.values()}
    with transaction.atomic():
        hold(crawl_id)
        hosts.know(domains)
        made = [_row(crawl_id, rows[key]) for key in sorted(rows)]
        CrawlUrl.objects.bulk_create(made, ignore_conflicts=True, batch_size=AT_ONCE)
        queues = [CrawlQueue(crawl_id=crawl_id, domain=domain) for domain in sorted(domains)]
        CrawlQueue.objects.bulk_create(queues, ignore_conflicts=True)
        CrawlQueue.objects.filter(crawl_id=crawl_id, domain__in=domains).update(is_open=True, due_at=None)


def _row(crawl_id: int, one: Address) -> CrawlUrl:
    return CrawlUrl(
        crawl_id=crawl_id,
        url=one.url.url,
        key=key_hash(one.url.key),
        domain=one.url.domain,
        purpose=one.purpose,
        depth=one.depth,
        priority=one.priority,
        found_on=one.found_on,
    )


def refused(crawl_id: int, text: str, reason: str) -> CrawlUrl:
    """The row of an address that is none, so that it shows among the errors."""
    return CrawlUrl.objects.get_or_create(
        crawl_id=crawl_id,
        purpose=CrawlUrl.Purpose.PAGE,
        key=key_hash(text),
        defaults={"url": text[:8192], "domain": "", "state": "failed", "code": "bad_url", "reason": reason[:300]},
    )[0]


def start(crawl: Crawl) -> None:
    """The addresses that a crawl begins with; a host without a scheme is tried by https."""
    found = []
    for text in crawl.starts:
        try:
            url = parse(text, "https")
        except BadUrl as error:
            refused(crawl.pk, text, str(error))
            continue
        found.append(Address(url))
    for begin in range(0, len(found), AT_ONCE):
        add(crawl.pk, found[begin : begin + AT_ONCE])


def next_of(crawl_id: int, domain: str, count: int) -> list[CrawlUrl]:
    """The next addresses of a site that may be fetched now. Call it only while its lease is held."""
    waiting = CrawlUrl.objects.filter(crawl_id=crawl_id, domain=domain, state=CrawlUrl.State.QUEUED)
    due = waiting.filter(Q(due_at=None) | Q(due_at__lte=hosts.now()))
    return list(due.order_by("-priority", "depth", "id")[:count])


def close_empty(crawl_id: int, domains: Sequence[str]) -> None:
    """Close the queues of sites that have nothing left; let those whose addresses all wait, wait."""
    left = CrawlUrl.objects.filter(crawl_id=crawl_id, domain=OuterRef("domain"), state=CrawlUrl.State.QUEUED)
    queues = CrawlQueue.objects.filter(crawl_id=crawl_id, domain__in=domains, is_open=True)
    queues.filter(~Exists(left)).update(is_open=False)
    for queue in queues.filter(Exists(left), ~Exists(left.filter(due_at=None))):
        queue.due_at = _first_due(crawl_id, queue.domain)
        queue.save(update_fields=["due_at"])


def _first_due(crawl_id: int, domain: str) -> datetime | None:
    waiting = CrawlUrl.objects.filter(crawl_id=crawl_id, domain=domain, state=CrawlUrl.State.QUEUED)
    return waiting.aggregate(at=Min("due_at"))["at"]


@transaction.atomic
def reopen(crawl_id: int) -> int:
    """Open the queue of every site that still has addresses; returns how many were closed by mistake."""
    hold(crawl_id)
    left = CrawlUrl.objects.filter(crawl_id=crawl_id, domain=OuterRef("domain"), state=CrawlUrl.State.QUEUED)
    return CrawlQueue.objects.filter(Exists(left), crawl_id=crawl_id, is_open=False).update(is_open=True, due_at=None)


def fail_rest(crawl_id: int, domain: str, code: str, reason: str) -> int:
    """Give up what still waits of one site; returns how many pages that were."""
    waiting = CrawlUrl.objects.filter(crawl_id=crawl_id, domain=domain, state=CrawlUrl.State.QUEUED)
    pages = waiting.filter(purpose=CrawlUrl.Purpose.PAGE).count()
    waiting.update(state=CrawlUrl.State.FAILED, code=code, reason=reason[:300])
    return pages


def still_queued(numbers: Iterable[int]) -> set[int]:
    """Which of these rows are in the frontier yet."""
    rows = CrawlUrl.objects.filter(pk__in=list(numbers), state=CrawlUrl.State.QUEUED)
    return set(rows.values_list("pk", flat=True))


def skip_rest(crawl_id: int, code: str, reason: str, *, spared: Collection[str] = ()) -> int:
    """Leave out whatever still waits (a limit was reached, or somebody cancelled), but for the `spared` sites; returns
    how many."""
    waiting = CrawlUrl.objects.filter(crawl_id=crawl_id, state=CrawlUrl.State.QUEUED).exclude(domain__in=spared)
    count = waiting.update(state=CrawlUrl.State.SKIPPED, code=code, reason=reason)
    CrawlQueue.objects.filter(crawl_id=crawl_id).exclude(domain__in=spared).update(is_open=False)
    return count
