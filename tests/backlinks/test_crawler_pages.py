"""Sites that the crawler has asked, their robots.txt and log; and the page for owners of sites."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backlinks.models import Crawl, CrawlHost, RobotsFile
from projects.models import Membership
from tests.backlinks.crawled import add_address, make_crawl
from tests.backlinks.pages import csv_of, rows_of, soup_of, url_of
from tests.conftest import Cast

RULES = "user-agent: *\ndisallow: /private/\ncrawl-delay: 5"


@pytest.fixture
def asked(cast: Cast) -> Crawl:
    """A crawl that asked two sites; the second has trouble, and a page of it waits."""
    crawl = make_crawl(project=cast.project)
    add_address(crawl, "https://www.news.example/a", seconds=0.0123, bytes=900)
    add_address(crawl, "https://news.example/b", state="failed", status=404, code="http_404")
    add_address(crawl, "https://news.example/private/", state="skipped", code="robots", status=0, fetched_at=None)
    add_address(crawl, "https://slow.example/", state="queued", status=503, code="http_503")
    now = timezone.now()
    CrawlHost.objects.create(domain="news.example", next_at=now - timedelta(minutes=1), delay=5, fetched_at=now)
    CrawlHost.objects.create(
        domain="slow.example", next_at=now + timedelta(hours=1), delay=2, failures=3, note="The server answered 503."
    )
    files = (
        ("https://www.news.example", "rules", "", RULES),
        ("https://news.example", "all", "robots.txt is empty.", ""),
        ("https://fakenews.example", "none", "", ""),
        ("https://blog.news.example", "none", "never asked by us", ""),
    )
    for origin, state, reason, text in files:
        RobotsFile.objects.create(origin=origin, state=state, reason=reason, text=text, status=200, fetched_at=now)
    return crawl


def at(cast: Cast, page: str = "") -> str:
    return url_of(cast.project, f"crawler/{page}")


def test_sites_with_their_politeness(cast: Cast, asked: Crawl, browse: Callable) -> None:
    page = soup_of(browse(cast.viewer).get(at(cast, "?sort=domain")))
    rows = {row.td.text: [cell.get_text(" ", strip=True) for cell in row.select("td")] for row in rows_of(page)}
    assert list(rows) == ["news.example", "slow.example"]
    assert rows["news.example"][1:3] == ["2", "1"]
    assert rows["news.example"][-1] == "Everything is allowed, Has rules for us, Nothing is allowed"
    assert rows["slow.example"][5:7] == ["16", "3 The server answered 503."], "2 seconds, doubled three times"
    assert rows["slow.example"][-1] == "not read"
    kept = rows_of(soup_of(browse(cast.viewer).get(at(cast, "?asked_min=2"))))
    assert [row.td.text for row in kept] == ["news.example"]


def test_every_number_of_a_site_leads_to_its_rows(cast: Cast, asked: Crawl, browse: Callable) -> None:
    viewer = browse(cast.viewer)
    row = next(one for one in rows_of(soup_of(viewer.get(at(cast)))) if one.td.text == "news.example")
    for cell in row.select("td.num a"):
        assert len(rows_of(soup_of(viewer.get(cell["href"])))) == int(cell.text)
    exported = csv_of(viewer.get(at(cast, "?export=csv&sort=domain")))
    assert [line[:3] for line in exported[1:]] == [["news.example", "2", "1"], ["slow.example", "1", "0"]]


def test_one_site_with_robots_and_log(cast: Cast, asked: Crawl, browse: Callable) -> None:
    page = soup_of(browse(cast.viewer).get(at(cast, "news.example/")))
    politeness = {row.th.text: row.td.get_text(" ", strip=True) for row in page.select("table.fact-table tr")}
    assert politeness["May be asked again"] == "now"
    assert politeness["Pause between two requests"] == "5 s"
    robots = page.select_one("section[aria-labelledby=robots]")
    assert robots.pre.text == RULES
    words = " ".join(robots.text.split())
    assert "https://www.news.example/robots.txt Has rules for us · answered 200" in words
    assert "Crawl-delay 5 s" in words and "robots.txt is empty." in words
    assert "fakenews" not in words and "never asked" not in words
    log = [[cell.get_text(" ", strip=True) for cell in row.select("td")] for row in rows_of(page)]
    assert [row[1:5] for row in log] == [
        ["https://news.example/b", "not fetched", "404", "It answered 404 (not found)"],
        ["https://www.news.example/a", "fetched", "200", "–"],
    ]
    assert log[1][5:] == ["12", "900", f"Site crawl {asked.pk}"]
    slow = soup_of(browse(cast.viewer).get(at(cast, "slow.example/")))
    assert "16 s, grown by failures from 2 s" in slow.text
    assert "It was not read yet." in slow.text


def test_robots_text_is_text(cast: Cast, asked: Crawl, browse: Callable) -> None:
    RobotsFile.objects.filter(origin="https://www.news.example").update(text="<script>alert(1)</script>" * 2000)
    page = soup_of(browse(cast.viewer).get(at(cast, "news.example/")))
    robots = page.select_one("section[aria-labelledby=robots]")
    assert not robots.select("script")
    assert (len(robots.pre.text), "the kept text is longer" in robots.text) == (20_000, True)


def test_only_crawls_that_the_reader_may_see_count(cast: Cast, asked: Crawl, browse: Callable) -> None:
    add_address(make_crawl(project=cast.second_project), "https://second-only.example/")
    add_address(make_crawl(project=cast.other_project), "https://elsewhere.example/")
    viewer: Client = browse(cast.viewer)
    assert "second-only.example" in viewer.get(at(cast)).content.decode()
    assert viewer.get(at(cast, "elsewhere.example/")).status_code == 404
    assert viewer.get(at(cast, "nobody.example/")).status_code == 404
    narrow = Membership.objects.get(user=cast.viewer)
    narrow.all_projects = False
    narrow.save()
    narrow.projects.set([cast.project])
    assert "second-only.example" not in viewer.get(at(cast)).content.decode()
    assert viewer.get(at(cast, "second-only.example/")).status_code == 404
    assert viewer.get(at(cast, "news.example/")).status_code == 200


def test_no_site_was_asked_yet(cast: Cast, browse: Callable) -> None:
    assert "No site was asked yet" in soup_of(browse(cast.viewer).get(at(cast))).text


# --- For owners of sites ----------------------------------------------------------------------------------------------
def test_anybody_reads_who_the_crawler_is(client: Client, settings: object, db: None) -> None:
    settings.CRAWL_DELAY_SECONDS = 2.0  # type: ignore[attr-defined]
    settings.DEFAULT_FROM_EMAIL = "Agency <bot@agency.example>"  # type: ignore[attr-defined]
    response = client.get("/bot")
    assert response.status_code == 200
    page = soup_of(response)
    assert page.h1.text == "LinkledgerBot"
    assert "waits 2 seconds after each answer" in page.text
    examples = [one.text for one in page.select("pre")]
    assert examples[0] == "User-agent: LinkledgerBot\nCrawl-delay: 10"
    assert examples[-1] == "User-agent: LinkledgerBot\nDisallow: /"
    assert [one["href"] for one in page.select("a[href^=mailto], a[href^=http]")] == ["mailto:bot@agency.example"]
    settings.CRAWL_CONTACT_URL = "https://agency.example/our-crawler"  # type: ignore[attr-defined]
    links = [one["href"] for one in soup_of(client.get("/bot")).select("a")]
    assert "https://agency.example/our-crawler" in links
