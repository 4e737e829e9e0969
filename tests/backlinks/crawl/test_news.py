"""New pages of watched sites on the small web: learned first, then found, fetched and read."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.utils import timezone

from backlinks import index
from backlinks.crawl import frontier, jobs, schedule, watching
from backlinks.crawl import news as news_module
from backlinks.crawl.models import Crawl, CrawlUrl, RobotsFile
from backlinks.models import SitePage, WatchedSite
from projects import runs
from projects.models import Project
from seoapp.lib.weburl import BadUrl, parse
from tests.backlinks.crawl.crawling import crawled, observed
from tests.conftest import Cast
from tests.factories import make_project
from tests.web.pages import Link, Page, article, document, redirect, refusal
from tests.web.server import SmallWeb

pytestmark = pytest.mark.usefixtures("free_web", "link_index", "unsettled")
SOURCE, TARGET = "blog0.localhost", "shop1.localhost"
OLD = [f"/post/{number}" for number in range(1, 31)]


@pytest.fixture
def project(cast: Cast) -> Project:
    return make_project(workspace=cast.workspace, domain=TARGET, brands=("Cafe Zurich",))


@pytest.fixture
def site(small_web: SmallWeb, project: Project, monkeypatch: pytest.MonkeyPatch) -> WatchedSite:
    """The blog, watched; its first look fetches three pages."""
    monkeypatch.setattr(news_module, "FIRST_PAGES", 3)
    home = article("Home", [Link(small_web.url(SOURCE, "/feed.xml"), kind="rss")], text=["Welcome."])
    small_web.edit(SOURCE, "/", home)
    small_web.edit(SOURCE, "/feed.xml", feed(small_web))
    listed(small_web, OLD)
    return watching.watch_site(project=project, url=small_web.url(SOURCE), max_pages=5, user=None)


def sitemap(web: SmallWeb, paths: Sequence[str], days: dict[str, str] | None = None) -> Page:
    rows = "".join(
        f"<url><loc>{web.url(SOURCE, path)}</loc><lastmod>{(days or {}).get(path, '2026-01-02')}</lastmod></url>"
        for path in paths
    )
    return document(f'<?xml version="1.0"?><urlset>{rows}</urlset>'.encode(), "application/xml")


def listed(web: SmallWeb, paths: Sequence[str], days: dict[str, str] | None = None) -> None:
    """What the sitemap below the index of the site lists."""
    web.edit(SOURCE, "/sitemap-1.xml.gz", sitemap(web, paths, days))


def feed(web: SmallWeb, *paths: str, date: str = "") -> Page:
    items = "".join(f"<item><link>{web.url(SOURCE, path)}</link>{date}</item>" for path in paths)
    return document(f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'.encode(), "text/xml")


def posted(web: SmallWeb, *paths: str) -> None:
    for path in paths:
        link = Link(web.url(TARGET, "/about"), "our shop")
        web.edit(SOURCE, path, article(f"Post {path}", [link] if "link" in path else [], text=["By Café Zürich. Yes."]))


def looked(site: WatchedSite) -> Crawl:
    crawl = watching.look(site)
    runs.see_through(crawl.run)
    crawl.refresh_from_db()
    site.refresh_from_db()
    assert crawl.state == Crawl.State.DONE, crawl.run.error
    return crawl


def paths(pages: object) -> list[str]:
    return [one.url.partition(SOURCE)[2].partition("/")[2] for one in pages]  # type: ignore[attr-defined]


def news(site: WatchedSite) -> list[str]:
    return sorted(paths(site.pages.filter(is_new=True)))


def asked(web: SmallWeb, path: str) -> list[int]:
    return [visit.status for visit in web.log if visit.host == SOURCE and visit.target == path]


def test_the_first_look_learns_what_there_is_and_fetches_the_newest(
    small_web: SmallWeb, site: WatchedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news_module, "FIRST_PAGES", 20)
    days = {"/post/7": "2026-05-01", "/post/8": "2026-06-01"}
    listed(small_web, [*OLD, "/private/1"], days)
    crawl = looked(site)
    assert site.pages.count() == 31 and news(site) == [] and (site.error, site.learned_at is not None) == ("", True)
    fetched = [visit.target for visit in small_web.log if visit.target.startswith("/post/")]
    assert fetched[:2] == ["/post/8", "/post/7"] and len(fetched) == 20, "the newest first"
    assert crawl.kind == "news" and crawl.pages + crawl.errors == 21 and crawl.results["chosen"] == 20
    assert observed(crawl) and {row["report"] for row in observed(crawl)} == {"news"}
    assert site.pages.get(url__endswith="/post/8").title.endswith(" 8")


def test_new_pages_are_found_in_sitemap_and_feed_and_read(small_web: SmallWeb, site: WatchedSite) -> None:
    looked(site)
    posted(small_web, "/fresh-link", "/in-feed", "/shown")
    listed(small_web, [*OLD, "/fresh-link"], {"/fresh-link": "2026-07-01"})
    small_web.edit(SOURCE, "/feed.xml", feed(small_web, "/post/30", "/in-feed", "/shown"))
    small_web.log.clear()
    crawl = looked(site)
    assert news(site) == ["fresh-link", "in-feed", "shown"]
    assert sorted(paths(site.pages.filter(crawl=crawl))) == ["fresh-link", "in-feed", "shown"]
    assert not asked(small_web, "/post/30"), "what is known is not fetched again"
    row = site.pages.get(url__endswith="/fresh-link")
    assert (row.title, row.status, row.crawl) == ("Post /fresh-link", 200, crawl)
    assert row.listed_at is not None and row.listed_at.date().isoformat() == "2026-07-01" and row.found_at is not None
    links = [one["source_url"] for one in observed(crawl) if one["target_domain"] == TARGET]
    assert links == [small_web.url(SOURCE, "/fresh-link")]
    mentions = index.fetch_mentions(index.MentionQuery(crawl.workspace_id, TARGET, ("Cafe Zurich",))).rows
    assert sorted(one["source_url"].rpartition("/")[2] for one in mentions) == ["in-feed", "shown"]
    looked(site)
    assert len(news(site)) == 3 and len(asked(small_web, "/shown")) == 1


@pytest.mark.parametrize("kind", ["news", "site"])
def test_a_sitemap_may_be_kept_on_another_site(
    small_web: SmallWeb, site: WatchedSite, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """robots.txt names it; what it lists of other sites is left alone, and so are further lists elsewhere."""
    monkeypatch.setattr(news_module, "FIRST_PAGES", 20)
    elsewhere, third = small_web.url("files.localhost", "/map.xml"), small_web.url("third.localhost", "/map.xml")
    small_web.edit(SOURCE, "/robots.txt", document(f"User-agent: *\nSitemap: {elsewhere}\n".encode(), "text/plain"))
    further = f"<sitemap><loc>{small_web.url('files.localhost', '/more.xml')}</loc></sitemap>"
    index_file = f"<sitemapindex>{further}<sitemap><loc>{third}</loc></sitemap></sitemapindex>"
    small_web.edit("files.localhost", "/map.xml", document(index_file.encode(), "application/xml"))
    other = f"<url><loc>{small_web.url('third.localhost', '/page')}</loc></url>"
    listed_pages = sitemap(small_web, ["/hidden"], {"/hidden": "2026-09-01"}).body.replace(
        b"</urlset>", f"{other}</urlset>".encode()
    )
    small_web.edit("files.localhost", "/more.xml", document(listed_pages, "application/xml"))
    posted(small_web, "/hidden")
    if kind == "news":
        looked(site)
    else:
        crawled(site.project, small_web.url(SOURCE), max_pages=500)
    assert asked(small_web, "/hidden") == [200]
    assert not any(visit.host == "third.localhost" for visit in small_web.log)


def test_a_feed_may_be_kept_on_another_site_and_the_start_page_may_have_moved(
    small_web: SmallWeb, site: WatchedSite
) -> None:
    """The page that names the feed is the one that the start page leads to, within the site."""
    home = article("Home", [Link(small_web.url("feeds.localhost", "/blog"), kind="rss")], text=["Welcome."])
    small_web.edit(SOURCE, "/", redirect("/en/"))
    small_web.edit(SOURCE, "/en/", home)
    small_web.edit("feeds.localhost", "/blog", feed(small_web, "/in-feed"))
    posted(small_web, "/in-feed")
    looked(site)
    assert asked(small_web, "/in-feed") == [200]


def test_lists_that_have_not_changed_are_not_sent_again(small_web: SmallWeb, site: WatchedSite) -> None:
    looked(site)
    assert asked(small_web, "/sitemap.xml") == asked(small_web, "/sitemap-1.xml.gz") == [200]
    small_web.log.clear()
    looked(site)
    for path in ("/sitemap.xml", "/sitemap-1.xml.gz", "/feed.xml"):
        assert asked(small_web, path) == [304], path
    posted(small_web, "/fresh")
    listed(small_web, [*OLD, "/fresh"])
    small_web.log.clear()
    looked(site)
    assert asked(small_web, "/sitemap.xml") == [304] and asked(small_web, "/sitemap-1.xml.gz") == [200]
    assert news(site) == ["fresh"], "the sitemap below an index that is unchanged"


def test_the_limit_takes_the_newest_and_the_rest_waits(small_web: SmallWeb, site: WatchedSite) -> None:
    looked(site)
    fresh = [f"/fresh-{number}" for number in range(8)]
    posted(small_web, *fresh)
    listed(small_web, [*OLD, *fresh], {path: f"2026-08-0{number + 1}" for number, path in enumerate(fresh)})
    small_web.log.clear()
    looked(site)
    assert [visit.target for visit in small_web.log if visit.target in fresh] == list(reversed(fresh))[:5]
    looked(site)
    assert [visit.target for visit in small_web.log if visit.target in fresh] == list(reversed(fresh))
    assert len(news(site)) == 8


def test_what_is_news_and_what_is_not(small_web: SmallWeb, site: WatchedSite) -> None:
    """Not what another crawl has visited, nor addresses of other sites; but what robots forbids and what fails."""
    looked(site)
    posted(small_web, "/known", "/fresh", "/relative")
    crawled(site.project, small_web.url(SOURCE, "/known"), kind="list")
    small_web.edit(SOURCE, "/broken-page", refusal(404))
    listed(small_web, [*OLD, "/known", "/fresh", "/private/9", "/broken-page"])
    item = f"<item><link>{small_web.url(TARGET, '/post/1')}</link></item>"
    body = f'<rss version="2.0"><channel>{item}<item><link>/relative</link></item></channel></rss>'
    small_web.edit(SOURCE, "/feed.xml", document(body.encode(), "text/xml"))
    small_web.log.clear()
    looked(site)
    assert news(site) == ["broken-page", "fresh", "private/9", "relative"]
    assert site.pages.get(url__endswith="/known").is_new is False and asked(small_web, "/private/9") == []
    assert site.pages.get(url__endswith="/broken-page").status == 404
    assert not [visit for visit in small_web.log if visit.host == TARGET]


@pytest.mark.parametrize(
    ("robots", "words"),
    [
        (document(b"User-agent: *\nDisallow: /nothing\n", "text/plain"), "No sitemap and no feed could be read"),
        (refusal(503), "could not be"),
    ],
)
def test_a_site_without_a_list_says_so_and_is_not_learned(
    small_web: SmallWeb, project: Project, robots: Page, words: str
) -> None:
    small_web.edit(SOURCE, "/robots.txt", robots)
    small_web.edit(SOURCE, "/sitemap.xml", refusal(404))
    bare = watching.watch_site(project=project, url=small_web.url(SOURCE), user=None)
    first = looked(bare)
    assert first.shown_state[0] == "warning"
    assert words in bare.error and bare.learned_at is None and bare.pages.count() == 0
    small_web.edit(SOURCE, "/robots.txt", document(b"User-agent: *\nDisallow:\n", "text/plain"))
    small_web.edit(SOURCE, "/sitemap.xml", sitemap(small_web, OLD))
    RobotsFile.objects.all().delete()  # they are remembered for a while
    assert looked(bare).shown_state == ("done", "Done")
    assert bare.error == "" and bare.learned_at is not None and news(bare) == []


def test_a_killed_worker_chooses_once_and_goes_on(
    small_web: SmallWeb, site: WatchedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl = watching.look(site)
    real = jobs.Worker.work
    calls: list[int] = []

    def dies_after_the_choice(worker: jobs.Worker) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise runs.LostLease
        return real(worker)

    monkeypatch.setattr(jobs.Worker, "work", dies_after_the_choice)
    runs.execute(crawl.run_id)
    assert not [visit for visit in small_web.log if visit.target.startswith("/post/")]
    type(crawl.run).objects.filter(pk=crawl.run_id).update(lease_until=timezone.now())
    runs.see_through(crawl.run)
    assert len([visit for visit in small_web.log if visit.target.startswith("/post/")]) == 3
    assert CrawlUrl.objects.filter(crawl=crawl, purpose="page", state="done").count() == 4


# --- Watching ---------------------------------------------------------------------------------------------------------
def test_the_clock_looks_when_it_is_time(small_web: SmallWeb, site: WatchedSite) -> None:
    (run_id,) = schedule.start_due()
    assert Crawl.objects.get(run=run_id).watched == site
    assert schedule.start_due() == [], "its time is in a day"
    assert schedule.start_due(timezone.now() + timedelta(hours=25)) == [], "the last look goes on"
    runs.see_through(Crawl.objects.get(run=run_id).run)
    WatchedSite.objects.filter(pk=site.pk).update(is_paused=True)
    assert schedule.start_due(timezone.now() + timedelta(days=3)) == []
    WatchedSite.objects.filter(pk=site.pk).update(is_paused=False)
    assert len(schedule.start_due(timezone.now() + timedelta(days=6))) == 1


def test_watching_twice_is_one_watch_and_forgetting_waits_for_the_crawl(project: Project) -> None:
    first = watching.watch_site(project=project, url="news.example", every_hours=0, max_pages=10**9, user=None)
    assert (first.url, first.every_hours, first.max_pages) == ("https://news.example/", 1, 10_000)
    again = watching.watch_site(project=project, url="http://www.news.example/#top", every_hours=6, user=None)
    assert (again.pk, again.every_hours, again.url) == (first.pk, 6, "http://www.news.example/")
    with pytest.raises(BadUrl):
        watching.watch_site(project=project, url="ftp://news.example", user=None)
    crawl = watching.look(again)
    for refused in (watching.look, watching.forget):
        with pytest.raises(watching.WatchRefused):
            refused(again)  # type: ignore[operator]
    runs.cancel(crawl.run)
    watching.forget(again)
    crawl.refresh_from_db()
    assert crawl.watched is None and not WatchedSite.objects.exists()
    with pytest.raises(jobs.CrawlRefused):
        jobs.start(project=project, kind="news", user=None, starts=["https://news.example/"])


def test_there_is_a_most(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MAX_SITES", 1)
    watching.watch_site(project=project, url="a.example", user=None)
    watching.watch_site(project=project, url="a.example", user=None)
    with pytest.raises(watching.WatchRefused):
        watching.watch_site(project=project, url="b.example", user=None)


def test_what_is_known_outlives_the_rows_of_old_crawls(small_web: SmallWeb, site: WatchedSite) -> None:
    crawl = looked(site)
    Crawl.objects.filter(pk=crawl.pk).update(finished_at=timezone.now() - timedelta(days=100))
    assert jobs.forget_old() > 3
    looked(site)
    assert news(site) == [] and SitePage.objects.filter(key=frontier.key_hash(parse(site.url).key)).count() <= 1
