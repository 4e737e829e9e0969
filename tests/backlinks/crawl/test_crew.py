"""Several workers on one crawl, as processes: each site is asked by one at a time, and a killed worker loses nothing.

The processes share the SQLite file and the index of this test run. Each names itself in its User-Agent, so that the
log of the server says who asked for what.
"""

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from multiprocessing.process import BaseProcess
from urllib.parse import urlsplit

import pytest
from django.db import connection, connections

from backlinks.crawl import frontier, hosts, jobs
from backlinks.crawl.models import CheckItem, Crawl, CrawlHost, CrawlUrl, Parcel
from projects import runs
from projects.models import Project
from seoapp.lib.weburl import parse, registrable_domain
from tests import forked
from tests.backlinks.crawl.crawling import crawled, observed
from tests.conftest import Cast
from tests.factories import add_links, make_project
from tests.web.server import SmallWeb, Visit, at_once, serve
from tests.web.sites import Site

SLOW = frozenset(("/flaky", "/busy"))  # they are asked again by design
SITES = (0, 1, 2, 4, 5, 7)  # 3 asks for a pause, 6 shuts everybody out
LEAD = "from projects.models import Run; runs.see_through(Run.objects.get(pk={run}))"
HAND = "runs.execute({run})"
OURS = {"workspace", "batch", "source", "report", "link_id", "row", "first_seen", "last_seen", "fetched_at", "seconds"}
PATIENCE = 90.0  # seconds that a loaded machine may take for anything here


@pytest.fixture(scope="module")
def web() -> Iterator[SmallWeb]:
    with serve(pages=12) as running:
        yield running


@pytest.fixture
def crew(transactional_db: None, cast: Cast, link_index: None) -> Iterator[Callable[..., BaseProcess]]:
    """`crew(name, code, run)` starts a worker process; whoever is left at the end is killed."""
    assert connection.vendor == "sqlite"
    started = []

    def start(name: str, code: str, run: int, **more: str) -> BaseProcess:
        environment = os.environ | {
            "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
            "DJANGO_SETTINGS_MODULE": "seoapp.settings",
            "SEOAPP_ALLOWED_PRIVATE_HOSTS": "127.0.0.1",
            "CRAWL_CONTACT_URL": f"http://{name}.example/",
            "CRAWL_DELAY_SECONDS": "0",
            "CRAWL_RETRY_SECONDS": "0",
            "CRAWL_AT_ONCE": "2",  # sites in one worker's hands: with six of them, all three have work
            "CRAWL_HOST_LEASE_SECONDS": "5",
            "RUN_LEASE_SECONDS": "2",
            **more,
        }
        command = f"import django; django.setup(); from projects import runs; {code.format(run=run)}"
        process = forked.start(("-c", command), environment)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.join()


def ended(process: BaseProcess) -> int | None:
    process.join(PATIENCE)
    return process.exitcode


def until(happened: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.02)


def sites_of(web: SmallWeb) -> list[Site]:
    return [web.web.sites[number] for number in SITES]


def pages_of(web: SmallWeb) -> list[str]:
    return [site.url(path) for site in sites_of(web) for path in site.paths if path not in SLOW]


def list_crawl(cast: Cast, web: SmallWeb) -> Crawl:
    return jobs.start(project=cast.project, kind="list", user=None, starts=pages_of(web), max_pages=10_000)


def hand_of(crawl: Crawl) -> int:
    arguments: dict[str, object] = {"crawl": crawl.pk}
    return runs.start(
        kind=jobs.HAND, workspace=crawl.workspace, project=crawl.project, arguments=arguments, user=None
    ).pk


def by_site(log: list[Visit]) -> list[Visit]:
    """The log by registrable domains: what politeness is kept by."""
    return [replace(visit, host=registrable_domain(visit.host)) for visit in log]


def who(visit: Visit) -> str:
    found = re.search(r"http://(\w+)\.example/", visit.agent)
    return found.group(1) if found else ""


def stored_rows(crawl: Crawl, table: str) -> Counter[tuple[object, ...]]:
    """The rows of a crawl in the log of the index, without what names this crawl and its moments."""
    return Counter(
        tuple(str(value) for name, value in sorted(row.items()) if name not in OURS) for row in observed(crawl, table)
    )


def stored(crawl: Crawl) -> dict[str, Counter[tuple[object, ...]]]:
    return {table: stored_rows(crawl, table) for table in ("observations", "internal_links", "crawled_pages")}


# --- Together ---------------------------------------------------------------------------------------------------------
def test_no_site_is_asked_by_two_workers_at_once(crew: Callable, cast: Cast, web: SmallWeb) -> None:
    """A site crawl: sites go from hand to hand as their pages are found."""
    begun = len(web.log)
    sites = [web.web.sites[number] for number in (0, 1, 2, 5)]
    starts = [site.url() for site in sites]
    crawl = jobs.start(project=cast.project, kind="site", user=None, starts=starts, max_pages=5_000, max_depth=2)
    lead = crew("lead", LEAD, crawl.run_id, CRAWL_AT_ONCE="1")
    until(lambda: CrawlHost.objects.exclude(token="").exists(), "the first site in a worker's hands")
    hands = [crew(name, HAND, hand_of(crawl), CRAWL_AT_ONCE="1") for name in ("anna", "bert")]
    assert [ended(process) for process in (lead, *hands)] == [0, 0, 0]
    log = by_site(web.log[begun:])
    assert at_once(log) == 1
    assert len({who(visit) for visit in log}) >= 2, "they shared the work"
    crawl.refresh_from_db()
    done = set(CrawlUrl.objects.filter(crawl=crawl, purpose="page", state="done").values_list("url", flat=True))
    assert {parse(site.url(path)).url for site in sites for path in site.paths} <= done
    assert crawl.pages == CrawlUrl.objects.filter(crawl=crawl, purpose="page", state="done").count()
    assert not Parcel.objects.exists() and not CrawlHost.objects.exclude(token="").exists()


# --- Killed -----------------------------------------------------------------------------------------------------------
POINTS = {"lead": "crawl fetched", "anna": "crawl stored", "bert": "crawl delivered"}  # who is killed where


def test_what_killed_workers_had_is_fetched_again_and_counted_once(
    crew: Callable, cast: Cast, web: SmallWeb, free_web: None
) -> None:
    """Three are killed at a point each, one from outside in the middle of its work; the last one ends the crawl."""
    begun = len(web.log)
    crawl = list_crawl(cast, web)
    lead = crew("lead", LEAD, crawl.run_id, CRAWL_AT_ONCE="1", SEOAPP_KILL_AT=POINTS["lead"])
    until(lambda: CrawlHost.objects.exclude(token="").exists(), "the first site in a worker's hands")
    hands = [
        crew(name, HAND, hand_of(crawl), CRAWL_AT_ONCE="1", SEOAPP_KILL_AT=POINTS.get(name, ""))
        for name in ("anna", "bert", "carl")
    ]
    until(lambda: sum(who(visit) == "carl" for visit in web.log[begun:]) > 5, "some pages")
    hands[-1].kill()
    assert [ended(process) for process in (lead, *hands)] == [-signal.SIGKILL] * 4
    assert ended(crew("emil", LEAD, crawl.run_id)) == 0
    crawl.refresh_from_db()
    assert (crawl.state, crawl.pages, crawl.errors) == ("done", len(pages_of(web)), 0)
    assert not CrawlUrl.objects.filter(crawl=crawl).exclude(state="done").exists() and not Parcel.objects.exists()
    assert fetched_again(web.log[begun:]), "what they had fetched was lost with them"
    assert stored(crawl) == stored(crawled(cast.project, *pages_of(web), kind="list", max_pages=10_000))
    assert crawl.links == len(observed(crawl)) > 100


def test_a_check_by_workers_that_are_killed(crew: Callable, cast: Cast, web: SmallWeb, free_web: None) -> None:
    """Each link gets one verdict and one row of evidence; what its page says is stored once."""
    project = make_project(workspace=cast.workspace, domain=web.web.sites[1].host)
    know_links_to(project, web)
    begun = len(web.log)
    crawl = jobs.start(project=project, kind="check", user=None, max_pages=10_000)
    lead = crew("lead", LEAD, crawl.run_id, SEOAPP_KILL_AT="check concluded")
    until(lambda: CheckItem.objects.exists() and CrawlHost.objects.exclude(token="").exists(), "the first site")
    hand = crew("anna", HAND, hand_of(crawl), SEOAPP_KILL_AT="crawl stored")
    assert [ended(process) for process in (lead, hand)] == [-signal.SIGKILL] * 2
    assert ended(crew("bert", LEAD, crawl.run_id)) == 0
    crawl.refresh_from_db()
    items = CheckItem.objects.filter(crawl=crawl)
    assert crawl.state == "done" and items.count() > 20 and not Parcel.objects.exists()
    other = make_project(workspace=cast.other_workspace, domain=project.target.domain)
    know_links_to(other, web)
    assert verdicts(crawl) == verdicts(crawled(other, kind="check", max_pages=10_000)), "as when nobody is killed"
    proofs = Counter((str(row["source_key"]), str(row["target_key"])) for row in observed(crawl, "checks"))
    assert proofs == Counter((parse(item.source_url).key, item.target_key) for item in items)
    assert at_once(by_site(web.log[begun:])) == 1


def verdicts(crawl: Crawl) -> dict[tuple[str, str], tuple[str, str]]:
    items = CheckItem.objects.filter(crawl=crawl)
    return {(item.source_url, item.target_key): (item.state, item.reason) for item in items}


def know_links_to(project: Project, web: SmallWeb) -> None:
    """What a vendor's file would say of the small web's links to a project."""
    links = [
        {"source": page, "target": link.url, "anchor": link.anchor, "lost_reason": ""}
        for page, link in web.web.links()
        if registrable_domain(urlsplit(link.url).hostname or "") == project.target.domain
    ]
    add_links(workspace=project.workspace_id, links=links)


def fetched_again(log: list[Visit]) -> set[tuple[str, str]]:
    """Nothing at once, and more than once only what killed workers had fetched and not stored."""
    assert at_once(by_site(log)) == 1
    fetched: dict[tuple[str, str], list[str]] = {}
    for visit in log:
        fetched.setdefault((visit.host, visit.target), []).append(who(visit))
    again = {place: names for place, names in fetched.items() if len(names) > 1}
    killed = {"carl", *POINTS}
    assert all(killed >= set(names[:-1]) and len(set(names)) == len(names) for names in again.values()), again
    assert len(again) < len(fetched) / 2, "only what was in their hands"
    return set(again)


# --- The lease --------------------------------------------------------------------------------------------------------
PAUSE, ROUNDS, HOLDERS = 0.05, 8, 6


@pytest.mark.django_db(transaction=True)
def test_a_lease_has_one_holder_whoever_tries_at_once(cast: Cast) -> None:
    """Six threads, each with its own connection, take and give back three sites; by the database's clock."""
    crawl = jobs.start(project=cast.project, kind="list", user=None, starts=["http://a.example/"])
    frontier.add(crawl.pk, [frontier.Address(parse(f"http://{name}.example/")) for name in "abc"])
    held: dict[str, list[tuple[datetime, datetime]]] = {f"{name}.example": [] for name in "abc"}

    def hold(number: int) -> None:
        end = time.monotonic() + PATIENCE
        try:
            while any(len(times) < ROUNDS for times in held.values()) and time.monotonic() < end:
                for host in hosts.take(crawl.pk, f"holder {number}", 2):
                    started = hosts.now()
                    time.sleep(0.002)
                    ended = hosts.now()
                    held[host.domain].append((started, ended))
                    hosts.release(f"holder {number}", [hosts.Visited(host.domain, ended, PAUSE, PAUSE)])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(HOLDERS) as pool:
        list(pool.map(hold, range(HOLDERS)))
    for times in held.values():
        assert len(times) >= ROUNDS
        times.sort()
        gaps = [(after[0] - before[1]).total_seconds() for before, after in pairwise(times)]
        assert min(gaps) >= PAUSE, gaps
