"""Spreads: against plain counts, and every part leads to its rows."""

from collections import Counter

import pytest

from backlinks import index
from backlinks.crawl.record import joined, visit
from seoapp.lib.weburl import parse

from .observed import NEW_YEAR, asked, link, observe, rows_of

WS = 7
# What our crawls found: of d0 mostly Ghost, of a host of d1 that links to nobody, of a page of d2 that was not read.
VISITED = [
    ("https://www.d0.example/a", {"platform": "Ghost"}),
    ("https://d0.example/b", {"platform": "Ghost"}),
    ("https://d0.example/c", {"platform": "Discourse"}),
    ("https://d0.test/x", {"platform": "Hugo"}),
    ("https://d0.test/y", {"platform": ""}),
    ("https://forum.d1.example/", {"platform": "phpBB"}),
    ("https://d2.example/", {"platform": "Drupal", "http_status": 404}),
]


def _crawl():
    batch = index.Batch(WS, index.new_batch_id(), "crawl", "site", "test")
    index.begin(batch)
    pages = [visit(parse(url), {"http_status": 200, "fetched_at": NEW_YEAR} | page) for url, page in VISITED]
    index.add(batch, "crawled_pages", joined(pages), block=0)
    index.complete(batch)


def _site(link):
    """What the rules make of a link's site."""
    if link["source_host"] in ("d0.example", "d0.test"):
        return ("Ghost" if link["source_host"] == "d0.example" else "Hugo"), "crawl"
    return ("WordPress", "ahrefs") if link["labels"] else ("", "")


@pytest.fixture
def spread(link_index):
    observe(WS, [
        link(
            f"d{one % 23}.{('example', 'test', 'invalid')[one % 3]}/{one}",
            kind=("text", "image", "form")[one % 3],
            nofollow=(0, 1, -1)[one % 3],
            placement=("content", "footer", "")[one % 3],
            language=("en", "en-GB", "DE", "fr", "")[one % 5],
            country=("DE", "AT", "", "FR")[one % 4],
            labels={"ahrefs_platform": "wordpress"} if one % 2 else {},
        )
        for one in range(120)
    ])  # fmt: skip
    _crawl()
    return {one.name: one for one in index.distributions(asked(WS), shown=2)}


def test_parts_and_rest_are_the_counts(spread):
    links = rows_of(asked(WS))
    languages = Counter(row["language"][:2].lower() for row in links)
    assert {one.value: one.count for one in spread["language"].parts} == {"en": 48, "": 24, "de": 24}
    assert (spread["language"].rest, spread["language"].others) == (languages["fr"], 1)
    for name in ("kind", "rel", "placement", "platform", "language"):
        assert sum(one.count for one in spread[name].parts) + spread[name].rest == len(links)
    assert sum(one.count for one in spread["tld"].parts) + spread["tld"].rest == len(rows_of(asked(WS, "domains")))


def test_every_part_leads_to_its_rows(spread):
    for one in spread.values():
        for part in one.parts:
            if part.filters is not None:
                assert len(rows_of(asked(WS, one.report, **part.filters))) == part.count, (one.name, part.value)


def test_platforms_are_what_our_crawler_read_else_what_ahrefs_says(spread):
    links = rows_of(asked(WS).showing(["platform", "platform_by"]))
    found = spread["platform"]
    assert [(row["platform"], row["platform_by"]) for row in links] == list(map(_site, links))
    assert {"Ghost", "Hugo", "WordPress", ""} == {row["platform"] for row in links}
    assert {one.value: one.count for one in found.said} == Counter(by for _, by in map(_site, links) if by)
    for one in found.said:
        assert len(rows_of(asked(WS, **one.filters))) == one.count
    index.distributions(asked(WS))  # kept answers do not outlive the next crawl
    VISITED.append(("https://d7.test/", {"platform": "Jekyll"}))
    _crawl()
    VISITED.pop()
    parts = {one.name: one for one in index.distributions(asked(WS), shown=9)}["platform"].parts
    assert "Jekyll" in {one.value for one in parts}
