"""What a site crawl remembers when it goes on: what its rows say, read once."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backlinks.crawl import frontier, jobs, memory
from backlinks.crawl.memory import memory_of
from backlinks.crawl.models import Crawl
from backlinks.crawl.plans import SitePlan
from seoapp.lib.weburl import parse
from tests.conftest import Cast


@pytest.fixture
def crawl(cast: Cast) -> Iterator[Crawl]:
    memory._kept.clear()
    yield begun(cast, "a.example")
    memory._kept.clear()


def begun(cast: Cast, domain: str) -> Crawl:
    return jobs.start(project=cast.project, kind="site", user=None, starts=[f"http://{domain}/"], max_hosts=2)


def find(crawl: Crawl, *addresses: str) -> None:
    frontier.add(crawl.pk, [frontier.Address(parse(f"http://{one}")) for one in addresses])


def keys(*addresses: str) -> list[int]:
    return [frontier.key_hash(parse(f"http://{one}").key) for one in addresses]


def rows_read(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which addresses are read to know it."""
    read: list[str] = []
    real = memory.Variants.take
    with monkeypatch.context() as patch:
        patch.setattr(memory.Variants, "take", lambda self, url: (read.append(url), real(self, url))[1])
        memory_of(crawl)
    return read


def test_only_newer_rows_are_read_again(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
    find(crawl, "a.example/1", "a.example/2")
    assert rows_read(crawl, monkeypatch) == ["http://a.example/1", "http://a.example/2"]
    assert rows_read(crawl, monkeypatch) == []
    find(crawl, "b.a.example/?id=1", "c.a.example/")
    assert rows_read(crawl, monkeypatch) == ["http://b.a.example/?id=1", "http://c.a.example/"]
    known = memory_of(crawl)
    memory._kept.clear()
    anew = memory_of(crawl)
    assert anew is not known
    assert list(known.seen()) == list(anew.seen()) == keys(
        "a.example/1", "a.example/2", "b.a.example/?id=1", "c.a.example/"
    )  # fmt: skip
    assert known.hosts() == anew.hosts() == {"a.example", "b.a.example"}, "no more than the crawl may have"
    assert known.variants().counts == anew.variants().counts != {}


def test_what_a_worker_could_not_store_is_found_again(crawl: Crawl) -> None:
    find(crawl, "a.example/1")
    first = SitePlan(crawl)
    lost = frontier.Address(parse("http://a.example/lost?id=2"))
    assert first._new([lost]) == [lost]
    assert first._new([lost]) == []
    again = SitePlan(crawl)
    assert again._new([lost]) == [lost], "nobody has written it down"
    assert again._variants.counts == first._variants.counts


def test_the_oldest_addresses_are_forgotten(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "REMEMBERED", 3)
    find(crawl, *(f"a.example/{number}" for number in range(5)))
    assert list(memory_of(crawl).seen()) == keys("a.example/2", "a.example/3", "a.example/4")
    find(crawl, "a.example/5")
    assert list(memory_of(crawl).seen()) == keys("a.example/3", "a.example/4", "a.example/5")


def test_two_crawls_are_kept_and_never_mixed(crawl: Crawl, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    others = [begun(cast, "b.example"), begun(cast, "c.example")]
    find(crawl, "a.example/1")
    find(others[0], "b.example/1")
    for one, own in ((crawl, "a.example/1"), (others[0], "b.example/1")):
        assert list(memory_of(one).seen()) == keys(own)
    assert rows_read(crawl, monkeypatch) == []
    memory_of(others[1])
    assert rows_read(others[0], monkeypatch) == ["http://b.example/1"], "asked longest ago"
    assert len(memory._kept) == memory.CRAWLS_KEPT
    crawl.batch += 1
    assert rows_read(crawl, monkeypatch) == ["http://a.example/1"], "a number that is used again is another crawl"


def test_a_plan_that_is_made_again_asks_for_no_old_row(crawl: Crawl) -> None:
    find(crawl, *(f"a.example/{number}" for number in range(50)))
    SitePlan(crawl)
    with CaptureQueriesContext(connection) as asked:
        plan = SitePlan(crawl)
    assert len(plan._seen) == 50
    (sql,) = [one["sql"] for one in asked if '"url" FROM' in one["sql"] and '"key"' in one["sql"]]
    assert '"id" > ' in sql
