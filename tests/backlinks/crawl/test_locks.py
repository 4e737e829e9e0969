"""Workers of one crawl that write at the same moment: they never wait in a circle, and each address is counted once.

The moments are forced: one transaction stands still in its middle until the other one has come as far as it can. They
run on PostgreSQL too, where transactions really go side by side (`test_crew`).
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from backlinks.crawl import frontier, hosts, jobs, storing
from backlinks.crawl.models import Crawl, CrawlHost, CrawlQueue, CrawlUrl
from backlinks.crawl.plan import Plan
from backlinks.crawl.visits import Result, Visit
from seoapp.lib.weburl import parse
from tests.conftest import Cast

AS_FAR_AS_IT_CAN = 0.5  # seconds until a transaction that cannot get on is taken to stand
SITES = ("http://a.example/1", "http://b.example/1", "http://c.example/1")
ELSEWHERE = frontier.Address(parse("http://a.example/found-on-b"))


@pytest.fixture
def crawl(transactional_db: None, cast: Cast) -> Crawl:
    made = jobs.start(project=cast.project, kind="list", user=None, starts=SITES)
    frontier.start(made)
    return made


def visit_of(crawl: Crawl, domain: str, **values: Any) -> Visit:
    """A site in the hands of a worker of this crawl, who is named after it."""
    token = f"{crawl.pk}.{domain}"
    lease = timezone.now() + hosts.LOOK_AGAIN
    CrawlHost.objects.filter(domain=domain).update(token=token, lease_until=lease)
    return Visit(CrawlHost.objects.get(domain=domain), deque(), 0.0, **values)


def fetched(visit: Visit, *addresses: frontier.Address) -> Result:
    row = CrawlUrl.objects.select_related("crawl").get(domain=visit.host.domain)
    row.state, row.status, row.fetched_at = CrawlUrl.State.DONE, 200, timezone.now()
    return Result(visit, row, addresses=list(addresses))


def stored(crawl: Crawl, results: list[Result], over: list[Visit]) -> None:
    """As a worker stores, with its own idea of the crawl."""
    mine = Crawl.objects.get(pk=crawl.pk)
    token = (over or [one.visit for one in results])[0].host.token
    storing.store(mine, Plan(mine), token, results, over)


def alone(work: Callable[..., None], *given: Any) -> None:
    """In a thread, with its own connection."""
    try:
        work(*given)
    finally:
        connections.close_all()


@contextmanager
def beside(work: Callable[..., None], *given: Any) -> Iterator[Callable[[], None]]:
    """Another worker, which begins when the block says so; it must have come to its end after the block."""
    with ThreadPoolExecutor(1) as pool:
        begun: list[Future[None]] = []

        def begin() -> None:
            if not begun:
                begun.append(pool.submit(alone, work, *given))
                stands = Event()
                begun[0].add_done_callback(lambda _: stands.set())
                stands.wait(AS_FAR_AS_IT_CAN)

        yield begin
        assert begun, "the moment came"
        begun[0].result()


def after(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, then: Callable[[], None]) -> None:
    real = getattr(module, name)

    def done(*given: Any, **named: Any) -> Any:
        made = real(*given, **named)
        then()
        return made

    monkeypatch.setattr(module, name, done)


def counts(crawl: Crawl) -> dict[str, int]:
    """What the crawl says, which must be what its rows say."""
    crawl.refresh_from_db()
    said = {"done": crawl.pages, "failed": crawl.errors, "skipped": crawl.skipped}
    rows = CrawlUrl.objects.filter(crawl=crawl)
    assert said == {state: rows.filter(state=state).count() for state in said}
    return said


def test_two_workers_store_and_each_opens_what_the_other_closes(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
    """One has opened the queue of a and is to count; the other one has counted and is to close the queue of a."""
    first, second = visit_of(crawl, "b.example"), visit_of(crawl, "a.example")
    results = [fetched(first, ELSEWHERE)], [fetched(second)]
    with beside(stored, crawl, results[1], [second]) as begin_other:
        after(monkeypatch, frontier, "add", begin_other)
        alone(stored, crawl, results[0], [])
    assert counts(crawl) == {"done": 2, "failed": 0, "skipped": 0}
    assert CrawlQueue.objects.get(crawl=crawl, domain="a.example").is_open, "it has an address again"


def test_a_worker_stores_while_another_leaves_out_the_rest(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
    """One has written its last row and gives up the first site; the other one comes from the front."""
    given_up, visit = visit_of(crawl, "a.example", given_up="http_503"), visit_of(crawl, "c.example")
    CrawlHost.objects.update(token="", lease_until=None)
    results = [fetched(visit)]
    with beside(storing.leave_out_rest, crawl) as begin_other:
        after(monkeypatch, storing, "_write_rows", begin_other)
        alone(stored, crawl, results, [given_up])
    assert counts(crawl) == {"done": 1, "failed": 1, "skipped": 1}


def test_whoever_stores_while_somebody_cancels_is_before_or_after(
    crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = [fetched(visit_of(crawl, "a.example"))]
    with beside(storing.cancel_rest, crawl) as begin_other:
        after(monkeypatch, frontier, "hold", begin_other)
        alone(stored, crawl, results, [])
    assert sum(counts(crawl).values()) == 3
    assert crawl.state == Crawl.State.CANCELLED
    results = [fetched(visit_of(crawl, "b.example"))]
    stored(crawl, results, [])
    assert counts(crawl)["done"] <= 1, "what was left out stays left out"


def test_a_page_that_comes_in_after_the_limit_is_a_page(crawl: Crawl) -> None:
    """One worker has reached the limit while another one has a site in its hands."""
    visit = visit_of(crawl, "b.example")
    other = jobs.start(project=crawl.project, kind="list", user=None, starts=["http://c.example/"])
    visit_of(other, "c.example")
    results = [fetched(visit)]
    storing.leave_out_rest(crawl)
    assert counts(crawl) == {"done": 0, "failed": 0, "skipped": 2}, "nothing of this crawl is on its way at c"
    assert hosts.next_moment(crawl.pk) is not None, "somebody has to come back for b"
    stored(crawl, results, [visit])
    storing.leave_out_rest(crawl)
    assert counts(crawl) == {"done": 1, "failed": 0, "skipped": 2}
    assert hosts.next_moment(crawl.pk) is None


def test_what_the_holder_of_a_site_does_not_fetch_is_left_out_at_last(crawl: Crawl) -> None:
    visit = visit_of(crawl, "b.example")
    storing.leave_out_rest(crawl)
    stored(crawl, [], [visit])
    storing.leave_out_rest(crawl)
    assert counts(crawl) == {"done": 0, "failed": 0, "skipped": 3}


def test_a_page_that_two_have_fetched_counts_once(crawl: Crawl) -> None:
    """The lease of the first one ran out while it was storing; what it found meanwhile comes too late."""
    early, late = (fetched(visit_of(crawl, "a.example")) for _ in range(2))
    late.tables["crawled_pages"] = {}
    stored(crawl, [early], [])
    stored(crawl, [late], [])
    assert counts(crawl) == {"done": 1, "failed": 0, "skipped": 0}
    assert not crawl.parcels.exists()


def test_the_lock_of_a_crawl_lets_rows_refer_to_it(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever adds a row of another table meanwhile does not wait; on SQLite all writers do."""
    added: list[int] = []

    def pack() -> None:
        added.append(storing.pack(crawl, {}).pk)

    with beside(pack) as begin_other:
        after(monkeypatch, frontier, "hold", begin_other)
        after(monkeypatch, frontier, "hold", lambda: added.append(0))
        alone(frontier.add, crawl.pk, [ELSEWHERE])
    assert (added[0] == 0) is (connection.vendor == "sqlite")
