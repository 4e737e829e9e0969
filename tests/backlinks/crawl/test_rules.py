"""Rules that are kept at another site: each request is made under the lease of the site that it goes to."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from backlinks.crawl import hosts, robots
from backlinks.crawl import worker as worker_module
from backlinks.crawl.models import CrawlHost, CrawlUrl, RobotsFile
from backlinks.crawl.rules import GOOD_FOR, REDIRECTS, RulesBook, request_of
from backlinks.crawl.worker import Worker
from seoapp.lib.http import FetchError, Response
from seoapp.lib.weburl import registrable_domain
from tests.backlinks.crawl.crawling import crawled
from tests.conftest import Cast
from tests.web.pages import Page, document, redirect, refusal
from tests.web.server import SmallWeb, Visit, at_once, serve

CLOSED = b"User-agent: *\nDisallow: /post/1\n"
KEEPER = "shop1.localhost"


@pytest.fixture
def impatient(free_web: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(hosts, "LOOK_AGAIN", timedelta(seconds=0.05))


def rules(body: bytes = CLOSED, delay: float = 0.0) -> Page:
    return replace(document(body, "text/plain"), delay=delay)


def by_site(log: list[Visit]) -> list[Visit]:
    return [replace(visit, host=registrable_domain(visit.host)) for visit in log]


def asked(web: SmallWeb, host: str) -> list[str]:
    return [visit.target for visit in web.log if visit.host == host]


# --- What is known of a file ------------------------------------------------------------------------------------------
def answer(url: str, body: bytes = CLOSED, status: int = 200, to: str = "") -> Response:
    headers = (("location", to),) if to else ()
    return Response(url, status, headers, body, False, "192.0.2.1", (), 0.1, "1.1", len(body))


def led(book: RulesBook, *files: str) -> None:
    """Each of these files leads to the next one."""
    for file, onward in pairwise(files):
        book.learn(file, answer(file, b"", 301, onward))


HERE, THERE = "https://a.example/robots.txt", "https://b.example/robots.txt"


@pytest.mark.django_db
def test_a_file_elsewhere_speaks_for_whoever_leads_there() -> None:
    book = RulesBook()
    assert book.of("https://a.example/post/1") is None and book.missing("https://a.example/post/1") == HERE
    led(book, HERE, THERE)
    assert book.of("https://a.example/post/1") is None and book.missing("https://a.example/post/1") == THERE
    book.learn(THERE, answer(THERE))
    found = book.of("https://a.example/post/1")
    assert found is not None and not found.allowed("https://a.example/post/1") and found.allowed("https://a.example/2")
    kept = {one.origin: one for one in RobotsFile.objects.all()}
    assert set(kept) == {"https://a.example", "https://b.example"}
    assert kept["https://a.example"].text == kept["https://b.example"].text != ""
    again = RulesBook().of("https://a.example/post/1")
    assert again == found, "the next worker need not ask"


@pytest.mark.django_db
def test_what_is_known_of_the_other_site_is_not_asked_for_again() -> None:
    RulesBook().learn(THERE, answer(THERE))
    earlier = timezone.now() - GOOD_FOR / 2
    RobotsFile.objects.update(fetched_at=earlier)
    book = RulesBook()
    led(book, HERE, THERE)
    assert book.of("https://a.example/post/1") is not None
    assert RobotsFile.objects.get(origin="https://a.example").fetched_at == earlier, "it is no younger than that one"


@pytest.mark.django_db
def test_a_file_of_another_name_says_nothing_about_the_site_where_it_is_kept() -> None:
    book, file = RulesBook(), "https://b.example/files/robots-of-a.txt"
    led(book, HERE, file)
    book.learn(file, answer(file))
    assert book.of("https://a.example/post/1") is not None
    assert [one.origin for one in RobotsFile.objects.all()] == ["https://a.example"]
    assert book.missing("https://b.example/post/1") == THERE and book.of("https://b.example/post/1") is None


@pytest.mark.django_db
def test_five_other_sites_are_gone_after_and_no_circle() -> None:
    files = [f"https://s{number}.example/robots.txt" for number in range(REDIRECTS + 2)]
    book = RulesBook()
    led(book, *files[: REDIRECTS + 1])
    assert book.missing(files[0]) == files[REDIRECTS]
    led(book, *files[REDIRECTS:])
    assert book.of(files[0]) == robots.rules_of(0, b"", failed="too_many_redirects")
    assert book.missing(files[1]) == files[-1], "one nearer to the end has still to see"
    led(book, HERE, THERE, HERE)
    found = book.of(HERE)
    assert found is not None and found.state == "all"


@pytest.mark.django_db
def test_a_file_elsewhere_that_gives_no_answer_shuts_the_site() -> None:
    book = RulesBook()
    led(book, HERE, THERE)
    book.learn(THERE, FetchError("timeout", "The server took too long."))
    found = book.of(HERE)
    assert found is not None and found.state == "none"


def test_redirects_are_followed_within_the_site_alone() -> None:
    assert request_of(HERE).within_site and request_of(HERE).follow == REDIRECTS


# --- Fetching it ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/robots.txt", "/files/all.txt"])
@pytest.mark.usefixtures("impatient", "link_index")
def test_many_sites_that_lead_to_one_ask_it_once_and_one_at_a_time(cast: Cast, path: str) -> None:
    with serve(hosts=22, pages=3) as web:
        sites = [site.host for site in web.web.sites if registrable_domain(site.host) != KEEPER]
        for host in sites:
            web.edit(host, "/robots.txt", redirect(web.url(KEEPER, path)))
        web.edit(KEEPER, path, rules(delay=0.2))
        starts = [web.url(host, place) for host in sites for place in ("/post/1", "/post/2")]
        crawl = crawled(cast.project, *starts, kind="list")
        assert at_once(by_site(web.log)) == 1
        assert asked(web, KEEPER) == [path], "its pages are none of this crawl's business"
    rows = CrawlUrl.objects.filter(crawl=crawl)
    assert set(rows.filter(url__endswith="/post/1").values_list("code", flat=True)) == {"robots"}
    assert set(rows.filter(url__endswith="/post/2").values_list("state", "attempts")) == {("done", 1)}
    assert not CrawlHost.objects.exclude(token="").exists()


@pytest.mark.usefixtures("impatient", "link_index")
def test_a_site_that_is_crawled_itself_is_asked_between_its_pages(cast: Cast, small_web: SmallWeb) -> None:
    host = "blog0.localhost"
    small_web.edit(host, "/robots.txt", redirect(small_web.url(KEEPER, "/of-the-blog.txt")))
    small_web.edit(KEEPER, "/of-the-blog.txt", rules(delay=0.1))
    own = [small_web.url(KEEPER, f"/post/{number}") for number in range(1, 9)]
    crawl = crawled(cast.project, *own, small_web.url(host, "/post/1"), small_web.url(host, "/post/2"), kind="list")
    assert at_once(by_site(small_web.log)) == 1
    assert asked(small_web, KEEPER).count("/of-the-blog.txt") == 1
    codes = dict(CrawlUrl.objects.filter(crawl=crawl, domain=host).values_list("url", "code"))
    assert codes == {small_web.url(host, "/post/1"): "robots", small_web.url(host, "/post/2"): ""}
    assert CrawlUrl.objects.filter(crawl=crawl, domain=KEEPER, state="done").count() == 8, "those rules are not its own"


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[int]]:
    """Another worker holds the keeper, until somebody has looked for it in vain three times."""
    CrawlHost.objects.create(
        domain=KEEPER, next_at=timezone.now(), token="another", lease_until=timezone.now() + timedelta(hours=1)
    )
    looks: list[int] = []
    real = hosts.look_at

    def look(domain: str) -> object:
        looks.append(len(looks))
        if len(looks) == 3:
            hosts.release_all("another")
        return real(domain)

    monkeypatch.setattr(hosts, "look_at", look)
    return lambda: looks


@pytest.mark.usefixtures("impatient", "link_index")
def test_a_site_that_somebody_else_asks_is_waited_for_without_an_attempt(
    cast: Cast, small_web: SmallWeb, held: Callable[[], list[int]]
) -> None:
    host = "blog0.localhost"
    small_web.edit(host, "/robots.txt", redirect(small_web.url(KEEPER, "/robots.txt")))
    small_web.edit(KEEPER, "/robots.txt", rules())
    crawl = crawled(cast.project, small_web.url(host, "/post/1"), small_web.url(host, "/post/2"), kind="list")
    assert len(held()) >= 3 and asked(small_web, KEEPER) == ["/robots.txt"]
    rows = dict(CrawlUrl.objects.filter(crawl=crawl).values_list("url", "attempts"))
    assert rows == {small_web.url(host, "/post/1"): 0, small_web.url(host, "/post/2"): 1}
    assert crawl.pages == crawl.skipped == 1


@pytest.mark.parametrize(
    ("place", "page", "code"),
    [
        ("http://10.1.2.3/robots.txt", None, "robots_unreachable"),
        ("", refusal(503), "robots_unreachable"),
        ("", refusal(404), ""),
        ("", redirect("/robots.txt?again"), ""),
    ],
)
@pytest.mark.usefixtures("impatient", "link_index")
def test_a_keeper_without_an_answer(cast: Cast, small_web: SmallWeb, place: str, page: Page | None, code: str) -> None:
    host = "blog0.localhost"
    small_web.edit(host, "/robots.txt", redirect(place or small_web.url(KEEPER, "/robots.txt")))
    if page is not None:
        small_web.edit(KEEPER, "/robots.txt", page)
        small_web.edit(KEEPER, "/robots.txt?again", redirect("/robots.txt"))
    crawl = crawled(cast.project, small_web.url(host, "/post/1"), kind="list")
    assert CrawlUrl.objects.get(crawl=crawl).code == code
    assert CrawlHost.objects.get(domain=host).failures == 0, "it has answered"


@pytest.mark.usefixtures("impatient", "link_index")
def test_a_keeper_whose_lease_is_lost_is_looked_for_again(
    cast: Cast, small_web: SmallWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, lost = "blog0.localhost", []
    small_web.edit(host, "/robots.txt", redirect(small_web.url(KEEPER, "/robots.txt")))
    small_web.edit(KEEPER, "/robots.txt", rules(delay=0.1))
    real = Worker._borrowed

    def borrowed(self: Worker, domain: str) -> object:
        made = real(self, domain)
        if made is not None and not lost:
            lost.append(domain)
            CrawlHost.objects.filter(domain=domain).update(token="", lease_until=None)
            self._drop([domain])
        return made

    monkeypatch.setattr(Worker, "_borrowed", borrowed)
    crawl = crawled(cast.project, small_web.url(host, "/post/1"), kind="list")
    assert lost == [KEEPER] and CrawlUrl.objects.get(crawl=crawl).code == "robots"
