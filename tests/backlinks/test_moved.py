"""The redirect notice: a target whose first page leads to another domain says so, by the newest answer alone."""

import pytest

from backlinks import index
from tests.backlinks.crawled import index_pages, make_crawl
from tests.backlinks.pages import fill, soup_of, url_of
from tests.factories import DAY, MARCH

HOME = "https://client.example/"


@pytest.fixture
def crawl(cast, link_index):
    fill(cast)
    return make_crawl(project=cast.project)


def moved(cast, text="client.example"):
    from_text = index.LinkQuery.parse(
        workspace=cast.workspace.pk, target=cast.project.target.parse(text), report="links", params={}
    )
    return index.moved_to(index.pin(from_text))


def test_nobody_has_looked(cast, link_index):
    fill(cast)
    assert moved(cast) is None


def test_a_redirect_to_another_domain(cast, crawl, browse):
    index_pages(crawl, {HOME: {"http_status": 301, "redirect_url": "https://www.new-name.example/start"}})
    fill(cast)
    found = moved(cast)
    assert (found.domain, found.url) == ("new-name.example", "https://www.new-name.example/start")
    note = soup_of(browse(cast.viewer).get(url_of(cast.project))).select_one(".reading-note")
    assert "redirects to new-name.example" in " ".join(note.get_text().split())
    assert note.select("a")[-1]["href"].endswith("?target=new-name.example&scope=root")


def test_a_client_is_told_and_not_led_there(cast, crawl, browse):
    index_pages(crawl, {HOME: {"http_status": 301, "redirect_url": "https://new-name.example/"}})
    fill(cast)
    note = soup_of(browse(cast.client).get(url_of(cast.project))).select_one(".reading-note")
    assert [one["href"] for one in note.select("a")] == ["https://new-name.example/"]


@pytest.mark.parametrize("address", ["https://www.client.example/en/", "", "no address"])
def test_its_own_pages_and_what_is_no_address_are_no_move(cast, crawl, address):
    index_pages(crawl, {HOME: {"http_status": 302, "redirect_url": address}})
    fill(cast)
    assert moved(cast) is None


def test_the_newest_answer_counts(cast, crawl):
    index_pages(crawl, {HOME: {"http_status": 301, "redirect_url": "https://new-name.example/", "fetched_at": MARCH}})
    again = make_crawl(project=cast.project)
    index_pages(again, {HOME: {"http_status": 200, "fetched_at": MARCH + DAY}})
    fill(cast)
    assert moved(cast) is None


def test_a_host_moves_by_itself(cast, crawl):
    docs = "https://docs.client.example/"
    index_pages(crawl, {docs: {"http_status": 301, "redirect_url": "https://docs.example/"}})
    fill(cast)
    assert moved(cast) is None
    assert moved(cast, "docs.client.example").domain == "docs.example"
