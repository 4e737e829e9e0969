"""The redirect notice: a target whose first page leads to another domain says so, by the newest answer alone."""

import pytest
from django.test import Client

from backlinks import index
from tests.backlinks.crawled import index_pages, make_crawl
from tests.backlinks.pages import fill, soup_of, url_of
from tests.conftest import Cast, Hold
from tests.factories import DAY, MARCH

MOVED = {"http_status": 301, "redirect_url": "https://www.new-name.example/start"}
ANSWERS = {
    "https://client.example/": MOVED,
    "https://own.example/": {"http_status": 302, "redirect_url": "https://www.own.example/en/"},
    "https://blank.example/": {"http_status": 302, "redirect_url": ""},
    "https://odd.example/": {"http_status": 302, "redirect_url": "no address"},
    "https://back.example/": MOVED | {"fetched_at": MARCH},
    "https://docs.hosted.example/": {"http_status": 301, "redirect_url": "https://docs.example/"},
}
TARGETS = ("client", "own", "blank", "odd", "back", "docs.hosted", "unseen")


@pytest.fixture
def crawled(cast: Cast, held_index: Hold) -> Cast:
    """Links to each target, and what a crawl was told by it; back.example has answered once more, a day later."""

    def made() -> None:
        links = [{"source": "https://news.example/", "target": f"https://{name}.example/"} for name in TARGETS]
        index_pages(make_crawl(project=cast.project), ANSWERS)
        later = {"https://back.example/": {"http_status": 200, "fetched_at": MARCH + DAY}}
        index_pages(make_crawl(project=cast.project), later)
        fill(cast, links)

    held_index(("moved", cast.workspace.pk), made)
    return cast


def moved(cast: Cast, text: str = "client.example") -> "index.Moved | None":
    from_text = index.LinkQuery.parse(
        workspace=cast.workspace.pk, target=cast.project.target.parse(text), report="links", params={}
    )
    return index.moved_to(index.pin(from_text))


def test_nobody_has_looked(crawled: Cast) -> None:
    assert moved(crawled, "unseen.example") is None


def test_a_redirect_to_another_domain(crawled: Cast, browse: type[Client]) -> None:
    found = moved(crawled)
    assert found and (found.domain, found.url) == ("new-name.example", "https://www.new-name.example/start")
    note = soup_of(browse(crawled.viewer).get(url_of(crawled.project))).select_one(".reading-note")
    assert "redirects to new-name.example" in " ".join(note.get_text().split())
    assert note.select("a")[-1]["href"].endswith("?target=new-name.example&scope=root")


def test_a_client_is_told_and_not_led_there(crawled: Cast, browse: type[Client]) -> None:
    note = soup_of(browse(crawled.client).get(url_of(crawled.project))).select_one(".reading-note")
    assert [one["href"] for one in note.select("a")] == ["https://www.new-name.example/start"]


def test_its_own_pages_and_what_is_no_address_are_no_move(crawled: Cast) -> None:
    assert [moved(crawled, f"{name}.example") for name in ("own", "blank", "odd")] == [None] * 3


def test_the_newest_answer_counts(crawled: Cast) -> None:
    assert moved(crawled, "back.example") is None


def test_a_host_moves_by_itself(crawled: Cast) -> None:
    assert moved(crawled, "hosted.example") is None
    found = moved(crawled, "docs.hosted.example")
    assert found and found.domain == "docs.example"
