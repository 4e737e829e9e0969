"""Crawls as runs: waiting without a worker, cancelling, going on, removing, helping; and the two commands."""

import json
import zlib
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from backlinks import index
from backlinks.crawl import frontier, jobs, record, storing
from backlinks.crawl.models import Crawl, CrawlHost, CrawlUrl, Parcel
from backlinks.crawl.plans import plan_of
from backlinks.crawl.worker import Worker
from projects import runs
from projects.models import Project, Run
from seoapp.lib.weburl import Target, parse
from tests.backlinks.crawl.crawling import crawled, observed
from tests.conftest import Cast
from tests.factories import add_links, make_project
from tests.web.server import SmallWeb

pytestmark = pytest.mark.usefixtures("free_web", "link_index", "unsettled")


def started(project: Project, *starts: str, kind: str = "site", **limits: int) -> Crawl:
    return jobs.start(project=project, kind=kind, user=None, starts=starts, **limits)


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    call_command(*arguments, "--json")
    return json.loads(capsys.readouterr().out)


def test_a_run_that_has_to_wait_gives_its_worker_back(cast: Cast, small_web: SmallWeb) -> None:
    crawl = started(cast.project, small_web.url("blog0.localhost"))
    later = timezone.now() + timedelta(minutes=30)
    CrawlHost.objects.create(domain="blog0.localhost", next_at=later)
    runs.execute(crawl.run.pk)
    crawl.run.refresh_from_db()
    assert (crawl.run.state, crawl.run.attempts, crawl.run.lease_until) == (Run.State.QUEUED, 0, later)
    assert "Waits, first until" in crawl.run.log and not small_web.log
    assert runs.execute(crawl.run.pk) is False and not small_web.log, "not before it is due"
    CrawlHost.objects.update(next_at=timezone.now())
    Run.objects.update(lease_until=timezone.now())
    runs.see_through(crawl.run)
    crawl.refresh_from_db()
    assert crawl.state == Crawl.State.DONE and crawl.pages > 20


def test_a_cancelled_crawl_keeps_what_it_has_and_can_go_on(cast: Cast, small_web: SmallWeb) -> None:
    crawl = started(cast.project, small_web.url("blog0.localhost"), max_depth=6)
    Run.objects.filter(pk=crawl.run.pk).update(cancel_asked=True)
    runs.execute(crawl.run.pk)
    crawl.refresh_from_db()
    crawl.run.refresh_from_db()
    assert crawl.state == crawl.run.state == "cancelled" and CrawlUrl.objects.filter(crawl=crawl, code="cancelled")
    assert not CrawlHost.objects.exclude(token="").exists()
    assert runs.retry(crawl.run)
    runs.see_through(Run.objects.get(pk=crawl.run.pk))
    crawl.refresh_from_db()
    assert crawl.state == Crawl.State.DONE and crawl.pages > 20
    assert not CrawlUrl.objects.filter(crawl=crawl, code="cancelled").exists()


@pytest.mark.usefixtures("settled")
def test_a_removed_crawl_takes_its_links_along(cast: Cast, small_web: SmallWeb) -> None:
    site = small_web.web.sites[0]
    crawl = crawled(cast.project, site.url("/post/1"), kind="list")
    (target, *_) = {str(row["target_domain"]) for row in observed(crawl)}
    query = index.LinkQuery.parse(workspace=cast.workspace.pk, target=Target.parse(target), report="links", params={})
    assert index.headline(query).links > 0
    jobs.remove(crawl)
    assert index.headline(query).links == 0 and not Crawl.objects.exists() and not CrawlUrl.objects.exists()


def test_a_parcel_that_was_left_behind_is_delivered_once(cast: Cast, small_web: SmallWeb) -> None:
    crawl = crawled(cast.project, small_web.url("blog0.localhost", "/post/1"), kind="list")
    before = len(observed(crawl))
    fetched = record.Fetched(parse("http://x.example/"), 301, 1_772_323_200)
    payload = zlib.compress(
        msgspec.msgpack.encode({"observations": [record.redirect(fetched, parse("http://y.example/"))]})
    )
    for _ in range(2):  # the second time as if the worker had died before it could delete it
        Parcel.objects.create(pk=10_000_000, crawl=crawl, payload=payload)
        storing.flush(crawl)
    assert len(observed(crawl)) == before + 1 and not Parcel.objects.exists()


def test_a_crawl_with_many_sites_calls_for_help(cast: Cast, settings: object) -> None:
    settings.CRAWL_HANDS = 3  # type: ignore[attr-defined]
    crawl = started(cast.project, "http://a.example/")
    urls = [parse(f"http://s{number}.example/") for number in range(jobs.SITES_A_HAND * 2 + 1)]
    frontier.add(crawl.pk, map(frontier.Address, urls[: jobs.SITES_A_HAND]))
    assert not jobs._call_for_help(crawl)
    frontier.add(crawl.pk, map(frontier.Address, urls))
    assert [jobs._call_for_help(crawl) for _ in range(4)] == [True, True, False, False], "CRAWL_HANDS less the first"
    hands = Run.objects.filter(kind=jobs.HAND)
    assert hands.count() == 2
    hands.filter(pk=hands.first().pk).update(state=Run.State.DONE)
    assert jobs._call_for_help(crawl), "the place of one that has ended is free"
    CrawlHost.objects.update(next_at=timezone.now() + timedelta(hours=1))
    hands.update(state=Run.State.DONE)
    assert not jobs._call_for_help(crawl), "nobody can help while all sites rest"


@pytest.mark.usefixtures("settled")
def test_what_was_found_counts_before_a_slow_crawl_is_over(
    cast: Cast, small_web: SmallWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PUBLISH_SECONDS", 0.0)
    site, resting = small_web.web.sites[:2]
    CrawlHost.objects.create(domain=resting.host, next_at=timezone.now() + timedelta(minutes=30))
    crawl = started(cast.project, site.url("/post/1"), resting.url("/"), kind="list")
    runs.execute(crawl.run.pk)
    crawl.refresh_from_db()
    assert crawl.state == Crawl.State.RUNNING and crawl.pages == 1
    (target, *_) = {str(row["target_domain"]) for row in observed(crawl)}
    query = index.LinkQuery.parse(workspace=cast.workspace.pk, target=Target.parse(target), report="links", params={})
    assert index.headline(query).links > 0
    CrawlHost.objects.update(next_at=timezone.now())
    Run.objects.update(lease_until=timezone.now())
    runs.see_through(crawl.run)
    crawl.refresh_from_db()
    assert crawl.state == Crawl.State.DONE and crawl.pages == 2


def test_a_crawl_that_pauses_to_be_counted_finds_the_same(
    cast: Cast, small_web: SmallWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [small_web.web.sites[0].url(f"/post/{number}") for number in range(1, 9)]
    undisturbed = crawled(cast.project, *pages, kind="list")
    counted: list[int] = []
    monkeypatch.setattr(jobs, "PUBLISH_SECONDS", 0.0)
    publish = jobs.Progress.publish
    monkeypatch.setattr(jobs.Progress, "publish", lambda self: (counted.append(self._crawl.pages), publish(self)))
    crawl = crawled(cast.project, *pages, kind="list")
    assert (crawl.pages, crawl.links, crawl.errors) == (undisturbed.pages, undisturbed.links, 0)
    assert counted == sorted(set(counted)) and len(observed(crawl)) == len(observed(undisturbed))


def test_a_helper_works_on_the_same_frontier_and_concludes_nothing(cast: Cast, small_web: SmallWeb) -> None:
    crawl = started(cast.project, small_web.url("blog0.localhost", "/post/1"), kind="list")
    frontier.start(crawl)
    index.begin(storing.batch_of(crawl))
    hand = runs.start(
        kind=jobs.HAND, workspace=cast.workspace, project=cast.project, arguments={"crawl": crawl.pk}, user=None
    )
    runs.execute(hand.pk)
    crawl.refresh_from_db()
    assert crawl.pages == 1 and crawl.state == Crawl.State.WAITING
    runs.see_through(crawl.run)
    crawl.refresh_from_db()
    assert crawl.state == Crawl.State.DONE and crawl.pages == 1


@pytest.mark.parametrize(
    ("starts", "kind", "words"), [((), "list", "at least one"), (("  ",), "site", "at least one"),
                                  (tuple(map(str, range(10_001))), "list", "too many")],
)  # fmt: skip
def test_what_cannot_be_started_says_why(cast: Cast, starts: tuple[str, ...], kind: str, words: str) -> None:
    with pytest.raises(jobs.CrawlRefused, match=words):
        started(cast.project, *starts, kind=kind)


def test_one_check_of_a_project_at_a_time(cast: Cast) -> None:
    started(cast.project, kind="check")
    with pytest.raises(jobs.CrawlRefused, match="already"):
        started(cast.project, kind="check")
    started(cast.second_project, kind="check")


# --- Commands -------------------------------------------------------------------------------------------------------
def test_the_crawl_command(cast: Cast, small_web: SmallWeb, capsys: pytest.CaptureFixture[str]) -> None:
    site = small_web.web.sites[0]
    made = answer(capsys, "crawl", site.url("/post/1"), site.url("/gone"), "http://169.254.169.254/", "--project",
                  str(cast.project.pk))  # fmt: skip
    outward = [link for link in site.web.truth(site.host, "/post/1").links if parse(link.url).domain != site.host]
    assert (made["pages"], made["links"]) == (1, len(outward))
    assert {one["url"]: one["code"] for one in made["errors"]} == {
        site.url("/gone"): "http_410",
        "http://169.254.169.254/": "address_refused",
    }
    assert all(one["reason"] for one in made["errors"])


@pytest.mark.usefixtures("settled")
def test_the_check_command(cast: Cast, small_web: SmallWeb, capsys: pytest.CaptureFixture[str]) -> None:
    project = make_project(workspace=cast.workspace, domain="shop1.localhost")
    link = {"source": small_web.url("blog0.localhost", "/gone"), "target": small_web.url("shop1.localhost")}
    add_links(workspace=cast.workspace.pk, links=[{**link, "lost_reason": ""}])
    made = answer(capsys, "check_links", "--project", str(project.pk))
    del made["crawl"]
    assert made == {
        "checked": 1, "live": 0, "changed": 0, "lost": 1, "broken": 0, "unknown": 0, "restored": 0,
    }  # fmt: skip


def test_a_command_for_an_unknown_project_fails(db: None) -> None:
    for arguments in (("crawl", "http://a.example/"), ("check_links",)):
        with pytest.raises(CommandError):
            call_command(*arguments, "--project", "nobody.example")


def test_a_worker_that_is_told_to_stop_leaves_the_delay_behind(
    cast: Cast, small_web: SmallWeb, settings: object
) -> None:
    settings.CRAWL_DELAY_SECONDS = 30.0  # type: ignore[attr-defined]
    crawl = started(cast.project, small_web.url("blog0.localhost"))
    frontier.start(crawl)
    calls = iter(range(100_000))

    def stop_after_a_visit() -> bool:
        if next(calls) > 3 and small_web.log:
            raise runs.Released
        return False

    with pytest.raises(runs.Released):
        Worker(crawl, plan_of(crawl), stop_after_a_visit).work()
    host = CrawlHost.objects.get(domain="blog0.localhost")
    assert host.token == "" and host.next_at > timezone.now() + timedelta(seconds=15)


def test_a_crawl_that_is_started_again_has_its_time_anew(cast: Cast, small_web: SmallWeb) -> None:
    crawl = started(cast.project, small_web.url("blog0.localhost"), max_depth=2)
    Run.objects.filter(pk=crawl.run.pk).update(cancel_asked=True)
    runs.execute(crawl.run.pk)
    Crawl.objects.update(started_at=timezone.now() - timedelta(hours=9))
    runs.retry(Run.objects.get(pk=crawl.run.pk))
    runs.see_through(Run.objects.get(pk=crawl.run.pk))
    crawl.refresh_from_db()
    assert crawl.pages > 20 and not CrawlUrl.objects.filter(crawl=crawl, code="limit").exists()


def test_no_wait_is_longer_than_the_time_of_the_crawl(cast: Cast, small_web: SmallWeb) -> None:
    crawl = started(cast.project, small_web.url("blog0.localhost"))
    CrawlHost.objects.create(domain="blog0.localhost", next_at=timezone.now() + timedelta(days=1))
    runs.execute(crawl.run.pk)
    crawl.run.refresh_from_db()
    assert crawl.run.lease_until < timezone.now() + timedelta(seconds=crawl.max_seconds + 5)
