"""The lease of a host: one holder, the delay from the end, addresses that are shared."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from backlinks.crawl import frontier, hosts, jobs
from backlinks.crawl.models import Crawl, CrawlHost, CrawlQueue, CrawlUrl
from seoapp.lib.weburl import parse
from tests.conftest import Cast

HOUR = timedelta(hours=1)


@pytest.fixture
def crawl(cast: Cast) -> Iterator[Crawl]:
    made = jobs.start(project=cast.project, kind="list", user=None, starts=["http://a.example/"])
    frontier.add(made.pk, [frontier.Address(parse(f"http://{name}.example/{n}")) for name in "abc" for n in range(3)])
    yield made


def taken(crawl: Crawl, holder: str = "one", wanted: int = 10) -> set[str]:
    return {host.domain for host in hosts.take(crawl.pk, holder, wanted)}


def visited(domain: str, **values: object) -> hosts.Visited:
    return hosts.Visited(**{"domain": domain, "ended_at": timezone.now(), "wait": 0.0, "delay": 0.0, **values})  # type: ignore[arg-type]


def test_a_host_has_one_holder(crawl: Crawl) -> None:
    assert taken(crawl, "one", wanted=2) == {"a.example", "b.example"}
    assert taken(crawl, "two") == {"c.example"}
    assert taken(crawl, "three") == set()
    hosts.release("two", [visited("a.example")])  # not its own
    assert taken(crawl, "three") == set()
    hosts.release("one", [visited("a.example")])
    assert taken(crawl, "three") == {"a.example"}


def test_another_crawl_of_another_workspace_waits_too(crawl: Crawl, cast: Cast) -> None:
    other = jobs.start(project=cast.other_project, kind="list", user=None, starts=["http://a.example/"])
    frontier.add(other.pk, [frontier.Address(parse("http://a.example/x"))])
    assert "a.example" in taken(crawl)
    assert taken(other, "two") == set()


def test_the_delay_counts_from_the_end_of_the_exchange(crawl: Crawl) -> None:
    taken(crawl)
    hosts.release(
        "one", [visited("a.example", wait=60.0), visited("b.example", ended_at=timezone.now() - HOUR, wait=60)]
    )
    assert taken(crawl, "two") == {"b.example"}
    assert CrawlHost.objects.get(domain="a.example").next_at > timezone.now() + timedelta(seconds=55)


def test_a_lease_runs_out_and_can_be_renewed(crawl: Crawl) -> None:
    assert taken(crawl) == {"a.example", "b.example", "c.example"}
    CrawlHost.objects.filter(domain="a.example").update(lease_until=timezone.now() - HOUR)
    assert hosts.still_held("one", ["a.example", "b.example"]) == {"b.example"}
    assert taken(crawl, "two") == {"a.example"}
    assert hosts.renew("one") == {"b.example", "c.example"}
    hosts.release_all("one")
    assert taken(crawl, "two") == {"b.example", "c.example"}


def test_hosts_behind_one_address_are_spared(crawl: Crawl, settings: object) -> None:
    settings.CRAWL_HOSTS_PER_ADDRESS = 2  # type: ignore[attr-defined]
    CrawlHost.objects.update(ip="192.0.2.7")
    assert len(taken(crawl)) == 2
    assert taken(crawl, "two") == set()
    settings.SEOAPP_ALLOWED_PRIVATE_HOSTS = ["192.0.2.7"]  # type: ignore[attr-defined]
    assert len(taken(crawl, "two")) == 1, "the operator's own machines are not spared"


def test_sites_of_a_full_address_hide_no_others(crawl: Crawl, settings: object) -> None:
    settings.CRAWL_HOSTS_PER_ADDRESS = 2  # type: ignore[attr-defined]
    CrawlUrl.objects.filter(crawl=crawl).delete()
    frontier.add(crawl.pk, [frontier.Address(parse(f"http://shared{n}.example/")) for n in range(30)])
    CrawlHost.objects.filter(domain__startswith="shared").update(ip="192.0.2.7", next_at=timezone.now() - HOUR)
    assert len(taken(crawl, "one", wanted=3)) == 2
    assert taken(crawl, "two", wanted=3) == {"a.example", "b.example", "c.example"}, "they came later than all others"
    assert taken(crawl, "three") == set()
    assert hosts.count_ready(crawl.pk, 99) == 5, "in somebody's hands; nobody else could be of help"


def test_a_site_of_a_full_address_waits_until_a_visitor_comes_back(crawl: Crawl, cast: Cast, settings: object) -> None:
    settings.CRAWL_HOSTS_PER_ADDRESS = 1  # type: ignore[attr-defined]
    other = jobs.start(project=cast.other_project, kind="list", user=None, starts=["http://z.example/"])
    frontier.add(other.pk, [frontier.Address(parse("http://z.example/"))])
    CrawlHost.objects.update(ip="192.0.2.7", next_at=timezone.now() - HOUR)
    assert taken(other, "theirs") == {"z.example"}
    moment = hosts.next_moment(crawl.pk)
    assert moment is not None and moment > timezone.now() + hosts.LOOK_AGAIN / 2, "no reason to look all the time"
    back = timezone.now() + hosts.LOOK_AGAIN / 4
    CrawlHost.objects.filter(domain="z.example").update(lease_until=back)
    assert hosts.next_moment(crawl.pk) == back
    CrawlHost.objects.filter(domain__in=("a.example", "b.example", "c.example")).update(next_at=back + HOUR)
    assert hosts.next_moment(crawl.pk) == back + HOUR, "none of them could be asked sooner"
    hosts.release("theirs", [visited("z.example", ip="192.0.2.7")])
    CrawlHost.objects.filter(domain="c.example").update(next_at=timezone.now() - HOUR)
    assert taken(crawl) == {"c.example"}


def test_a_retry_after_is_obeyed_for_a_day_at_most(crawl: Crawl) -> None:
    taken(crawl)
    hosts.release("one", [visited("a.example", wait=10 * 24 * 3600.0)])
    limit = timezone.now() + timedelta(seconds=hosts.MAX_RETRY_AFTER + 5)
    assert limit - HOUR < CrawlHost.objects.get(domain="a.example").next_at < limit


@pytest.mark.parametrize(
    ("delay", "failures", "seconds"), [(2.0, 0, 2.0), (2.0, 1, 4.0), (2.0, 5, 64.0), (2.0, 99, 3600.0), (0.0, 9, 0.0)]
)
def test_failures_double_the_delay(delay: float, failures: int, seconds: float) -> None:
    assert hosts.backed_off(delay, failures) == seconds


def test_when_the_next_address_is_due(crawl: Crawl) -> None:
    soon = timezone.now() + HOUR
    assert hosts.next_moment(crawl.pk) <= timezone.now()
    CrawlHost.objects.update(next_at=soon)
    assert hosts.next_moment(crawl.pk) == soon
    CrawlUrl.objects.filter(crawl=crawl).update(state="done")
    frontier.close_empty(crawl.pk, ["a.example", "b.example", "c.example"])
    assert hosts.next_moment(crawl.pk) is None
    assert frontier.reopen(crawl.pk) == 0


def test_a_queue_waits_as_long_as_all_its_addresses_do(crawl: Crawl) -> None:
    later = timezone.now() + HOUR
    CrawlUrl.objects.filter(crawl=crawl, domain="a.example").update(due_at=later)
    frontier.close_empty(crawl.pk, ["a.example", "b.example"])
    assert CrawlQueue.objects.get(crawl=crawl, domain="a.example").due_at == later
    assert taken(crawl) == {"b.example", "c.example"}
    frontier.add(crawl.pk, [frontier.Address(parse("http://a.example/new"))])
    assert taken(crawl) == {"a.example"}
    assert [row.url for row in frontier.next_of(crawl.pk, "a.example", 10)] == ["http://a.example/new"]


def test_an_address_is_in_the_frontier_once(crawl: Crawl) -> None:
    frontier.add(crawl.pk, [frontier.Address(parse(f"https://www.a.example/{n % 4}")) for n in range(9)])
    assert CrawlUrl.objects.filter(crawl=crawl, domain="a.example").count() == 4


def test_the_order_is_priority_then_depth_then_age(crawl: Crawl) -> None:
    frontier.add(crawl.pk, [frontier.Address(parse("http://d.example/deep"), depth=3)])
    frontier.add(crawl.pk, [frontier.Address(parse("http://d.example/near"), depth=1)])
    frontier.add(crawl.pk, [frontier.Address(parse("http://d.example/asked"), depth=9, priority=5)])
    assert [row.url.rpartition("/")[2] for row in frontier.next_of(crawl.pk, "d.example", 10)] == [
        "asked", "near", "deep",
    ]  # fmt: skip
