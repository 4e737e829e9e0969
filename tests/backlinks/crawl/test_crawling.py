"""Crawls of the small web: what is fetched, what is found, what is left alone."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from backlinks.crawl import jobs
from backlinks.crawl.messages import Found, Reading
from backlinks.crawl.models import Crawl, CrawlHost, CrawlUrl, Parcel, RobotsFile
from backlinks.crawl.plan import HOPS
from backlinks.crawl.plans import COPIES_FOLLOWED, SitePlan
from seoapp.lib import names
from seoapp.lib.weburl import parse, registrable_domain
from tests.backlinks.crawl.crawling import crawled, observed
from tests.conftest import Cast
from tests.web.pages import Link, article, document, redirect, refusal
from tests.web.server import SmallWeb, at_once, gaps
from tests.web.sites import Site

pytestmark = pytest.mark.usefixtures("free_web", "link_index", "unsettled")


def outward_truth(site: Site) -> Counter[tuple[str, str, str, bool]]:
    """(source, target, kind, nofollow) of every link from this site's pages to other sites."""
    found: Counter[tuple[str, str, str, bool]] = Counter()
    for path in site.paths:
        page = site.web.truth(site.host, path)
        for link in page.links:
            if parse(link.url).domain != registrable_domain(site.host):
                kind = (parse(site.url(path)).url, parse(link.url).url, link.kind, link.nofollow or page.nofollow)
                found[kind] += 1
    return found


def _is_marked(row: dict[str, object]) -> bool:
    return 1 in (row["nofollow"], row["ugc"], row["sponsored"])


def test_many_sites_are_asked_at_once_and_each_one_at_a_time(cast: Cast, small_web: SmallWeb) -> None:
    """One crawl of them all, because each part of it is the crawl of a site."""
    sites = [site for site in small_web.web.sites if registrable_domain(site.host) != "forum3.localhost"]
    crawl = crawled(cast.project, *(site.url() for site in sites), max_pages=5000, max_depth=6)
    assert at_once([replace(visit, host=registrable_domain(visit.host)) for visit in small_web.log]) == 1
    for site in sites:
        pages = CrawlUrl.objects.filter(crawl=crawl, purpose="page", status=200, url__startswith=site.url())
        fetched = set(pages.values_list("url", flat=True))
        truth = {parse(site.url(path)).url for path in site.paths}
        assert (truth <= fetched) if site.number != 6 else not fetched
    assert crawl.pages == CrawlUrl.objects.filter(crawl=crawl, purpose="page", state="done").count()
    assert not CrawlHost.objects.exclude(token="").exists() and not Parcel.objects.exists()
    blog, shop = sites[:2]
    nothing_forbidden_is_asked(crawl, small_web, blog)
    copies_are_told_by_their_text_and_their_canonical(crawl, blog)
    links_to_other_sites_are_exactly_those_of_the_pages(crawl, shop)
    endless_filters_and_calendars_are_left(small_web, shop)


def nothing_forbidden_is_asked(crawl: Crawl, web: SmallWeb, site: Site) -> None:
    asked = {visit.target for visit in web.log if visit.host == site.host}
    assert not {target for target in asked if target.startswith("/private/")}
    left_out = CrawlUrl.objects.filter(crawl=crawl, code="robots", url__startswith=site.url())
    assert {urlsplit(row.url).path for row in left_out} == {"/private/1", "/private/2"}


def copies_are_told_by_their_text_and_their_canonical(crawl: Crawl, site: Site) -> None:
    found = CrawlUrl.objects.filter(crawl=crawl, code="duplicate", url__startswith=site.url())
    copies = {urlsplit(row.url).path: row.reason for row in found}
    assert copies.pop("/copy") == f"It names {site.url('/post/1')} as the original"
    ((copy, reason),) = ((path, why) for path, why in copies.items() if path in ("/post/1", "/twin"))
    first = "/twin" if copy == "/post/1" else "/post/1"
    assert reason == f"The same text as {site.url(first)}"


def links_to_other_sites_are_exactly_those_of_the_pages(crawl: Crawl, site: Site) -> None:
    pages = {parse(site.url(path)).url for path in site.paths}
    rows = [row for row in observed(crawl) if row["source_domain"] == registrable_domain(site.host)]
    found = Counter(
        (row["source_url"], row["target_url"], row["kind"], _is_marked(row))
        for row in rows
        if row["source_url"] in pages
    )
    assert found == outward_truth(site)
    redirects = [row for row in rows if row["kind"] == "redirect"]
    assert [(row["source_url"], row["target_url"]) for row in redirects] == [
        (parse(site.url("/away")).url, parse(site.neighbour.url("/post/1")).url)
    ]


def endless_filters_and_calendars_are_left(web: SmallWeb, site: Site) -> None:
    asked = Counter(urlsplit(visit.target).path.split("/")[1] for visit in web.log if visit.host == site.host)
    assert asked["calendar"] < 130 and asked["list"] < 60 and asked["forum"] < 20, asked


def test_a_limit_ends_a_crawl_and_says_so(cast: Cast, small_web: SmallWeb) -> None:
    crawl = crawled(cast.project, small_web.web.sites[0].url(), max_pages=10)
    assert crawl.pages == 10
    assert CrawlUrl.objects.filter(crawl=crawl, code="limit").count() == crawl.skipped > 10


def test_a_list_takes_its_pages_alone_and_says_what_went_wrong(cast: Cast, small_web: SmallWeb) -> None:
    site = small_web.web.sites[0]
    paths = ("/post/1", "/old/1", "/gone", "/file.pdf", "/picture", "/loop/a", "/nowhere", "/private/1", "/shut")
    failing = ("/flaky", "/busy", "/broken")
    starts = (*map(site.url, paths + failing), "http://10.1.2.3/", "no address at all")
    crawl = crawled(cast.project, *starts, kind="list")
    rows = {urlsplit(row.url).path or row.url: row for row in CrawlUrl.objects.filter(crawl=crawl)}
    codes = {path: row.code for path, row in rows.items()}
    assert codes["/post/1"] == codes["/old/3"] == codes["/loop/b"] == ""
    assert codes["/gone"] == "http_410" and codes["/shut"] == "http_403"
    assert codes["/file.pdf"] == codes["/picture"] == "not_read"
    assert codes["/nowhere"] == "bad_redirect" and codes["/private/1"] == "robots"
    assert codes["/"] == "address_refused" and codes["no address at all"] == "bad_url"
    assert rows["/old/1"].redirect.endswith("/old/2")
    for path in ("/flaky", "/busy"):
        assert (rows[path].state, rows[path].attempts) == ("done", 2), "what fails for a moment is tried again"
    assert (rows["/broken"].state, rows["/broken"].attempts, rows["/broken"].code) == ("failed", 3, "http_500")


def test_the_delay_of_robots_is_kept_between_the_end_and_the_next_start(cast: Cast, small_web: SmallWeb) -> None:
    site = small_web.web.sites[3]
    crawled(cast.project, site.url(), max_pages=5)
    pauses = [gap for gap, visit in gaps(small_web.log) if visit.target != "/robots.txt"]
    assert len(pauses) >= 5 and min(pauses[1:]) >= 0.5, pauses


def test_subdomains_without_end_are_left(cast: Cast, small_web: SmallWeb) -> None:
    crawl = jobs.start(project=cast.project, kind="site", user=None, starts=["http://a.example/"])
    crawl.max_hosts = 3
    plan = SitePlan(crawl)
    row = CrawlUrl(url="http://a.example/", key=1, depth=0, purpose="page")
    follow = tuple(
        Found(f"http://u{n}.a.example/", f"u{n}.a.example/", f"u{n}.a.example", "a.example") for n in range(9)
    )
    assert len(plan.after_reading(row, Reading(follow=follow))) == 3


def test_a_limit_of_one_page_is_reached_though_robots_is_slow(cast: Cast, small_web: SmallWeb) -> None:
    host = "blog0.localhost"
    small_web.edit(host, "/robots.txt", document(b"User-agent: *\nDisallow: /private/\n", "text/plain", delay=0.5))
    crawl = crawled(cast.project, small_web.url(host), max_pages=1)
    assert crawl.pages == 1
    assert sum(visit.target == "/robots.txt" for visit in small_web.log) == 1


def test_a_copy_that_is_read_first_hides_no_page(cast: Cast, small_web: SmallWeb) -> None:
    host, words = "blog0.localhost", ["The garden and the river are quiet in winter, and nobody walks there. " * 4]
    deep = [Link(small_web.url(host, "/deep"), "deep", written="/deep")]
    original = '<link rel="canonical" href="/guide">'
    small_web.edit(host, "/robots.txt", refusal(404))
    small_web.edit(host, "/sitemap.xml", refusal(404))
    small_web.edit(host, "/guide", article("Guide", deep, text=words))
    small_web.edit(host, "/guide?ref=1", article("Guide", deep, text=words, head=original))
    small_web.edit(host, "/deep", article("Deep", [], text=["Far down."]))
    links = [Link(small_web.url(host, path), "x", written=path) for path in ("/guide?ref=1", "/guide")]
    small_web.edit(host, "/", article("Home", links, text=["Welcome."]))
    crawl = crawled(cast.project, small_web.url(host))
    rows = {
        urlsplit(row.url).path + urlsplit(row.url).query: row
        for row in CrawlUrl.objects.filter(crawl=crawl, purpose="page")
    }
    assert rows["/deep"].state == "done" and rows["/guide"].code == "" and rows["/guideref=1"].code == "duplicate"


@pytest.mark.parametrize("start", ["co.uk", "com", "h", "https://*.example.com/"])
def test_what_is_no_site_is_not_crawled(cast: Cast, start: str) -> None:
    with pytest.raises(jobs.CrawlRefused):
        jobs.start(project=cast.project, kind="site", user=None, starts=[start])


def test_no_password_of_an_address_is_kept(cast: Cast) -> None:
    crawl = jobs.start(
        project=cast.project, kind="list", user=None, starts=["http://u:secret@a.example/", "http://u:secret@a b/"]
    )
    assert "secret" not in str(crawl.starts)


def test_sitemaps_without_end_end(cast: Cast, small_web: SmallWeb) -> None:
    host = "blog0.localhost"
    small_web.edit(host, "/robots.txt", document(f"Sitemap: {small_web.url(host, '/map/0')}\n".encode(), "text/plain"))
    for number in range(30):
        small_web.edit(host, f"/map/{number}", redirect(f"/map/{number + 1}"))
    crawl = crawled(cast.project, small_web.url(host), max_pages=5)
    assert CrawlUrl.objects.filter(crawl=crawl, purpose="sitemap").count() == HOPS + 1


def test_a_robots_file_that_says_come_back_later_is_obeyed(cast: Cast, small_web: SmallWeb) -> None:
    small_web.edit("blog0.localhost", "/robots.txt", refusal(503, "7200"))
    crawl = crawled(cast.project, small_web.url("blog0.localhost"))
    row = CrawlUrl.objects.get(crawl=crawl)
    assert (row.state, row.code) == ("failed", "http_503")
    assert CrawlHost.objects.get().next_at > timezone.now() + timedelta(minutes=100)


def test_our_own_name_server_shuts_no_site(cast: Cast, small_web: SmallWeb, monkeypatch: pytest.MonkeyPatch) -> None:
    url = small_web.url("shut.example", "/")

    def unanswered(host: str) -> tuple[str, ...]:
        raise names.Unanswered

    monkeypatch.setattr(names, "look_up", unanswered)
    monkeypatch.setattr(names, "RESOLVER", names.Resolver(threads=1))
    row = CrawlUrl.objects.get(crawl=crawled(cast.project, url, kind="list"))
    assert (row.state, row.code, row.attempts) == ("failed", "dns", 3) and not RobotsFile.objects.exists()


def test_a_host_that_is_met_as_a_list_first_still_tells_its_own(cast: Cast, small_web: SmallWeb) -> None:
    """The sitemap of one site lies on another one, that is crawled too and has a sitemap of its own."""
    first, second = "blog0.localhost", "shop1.localhost"
    for host, place in ((first, small_web.url(second, "/of-first.xml")), (second, small_web.url(second, "/own.xml"))):
        small_web.edit(host, "/robots.txt", document(f"Sitemap: {place}\n".encode(), "text/plain"))
    crawl = crawled(cast.project, small_web.url(first), small_web.url(second), max_pages=5)
    lists = CrawlUrl.objects.filter(crawl=crawl, purpose="sitemap").values_list("url", flat=True)
    assert {urlsplit(url).path for url in lists} == {"/of-first.xml", "/own.xml"}


def test_pages_of_a_list_that_differ_in_their_links_alone_are_followed(cast: Cast, small_web: SmallWeb) -> None:
    host, words = "blog0.localhost", ["The list of all that was ever written here, page by page. " * 5]
    for path in ("/robots.txt", "/sitemap.xml"):
        small_web.edit(host, path, refusal(404))
    for number in range(30):
        onward = small_web.url(host, f"/list/{number + 1}")
        small_web.edit(host, f"/list/{number}", article("List", [Link(onward, "next")], text=words))
    crawl = crawled(cast.project, small_web.url(host, "/list/0"), max_depth=50)
    rows = CrawlUrl.objects.filter(crawl=crawl, purpose="page", state="done")
    assert rows.filter(code="duplicate").count() == COPIES_FOLLOWED + 1, "and the rest is a trap"
