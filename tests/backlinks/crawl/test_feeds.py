"""Feeds as blogs, papers and shops serve them."""

from datetime import UTC, datetime

import pytest

from backlinks.crawl import feeds
from backlinks.crawl.feeds import Item, NotAFeed, read
from tests.web.sites import Web

URL = "https://blog.example/feed/"

RSS_2 = b"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>A blog</title><link>https://blog.example/</link>
<atom:link href="https://blog.example/feed/" rel="self" type="application/rss+xml"/>
<image><title>Logo</title><url>https://blog.example/logo.png</url><link>https://blog.example/</link></image>
<item><title>Caf\xc3\xa9 &amp; cake</title><link>https://blog.example/cafe/</link>
 <guid isPermaLink="false">https://blog.example/?p=7</guid><pubDate>Mon, 02 Mar 2026 10:00:00 +0100</pubDate>
 <description><![CDATA[<a href="https://other.example/">no</a>]]></description></item>
<item><title><![CDATA[<b>Bold</b>&nbsp;news]]></title><guid>https://blog.example/bold</guid>
 <dc:date>2026-03-01T08:00:00Z</dc:date></item>
<item><title>Relative</title><link>/relative</link><pubDate>whenever</pubDate></item>
<item><title>No link</title><guid isPermaLink="false">123</guid></item>
</channel></rss>"""

RSS_1 = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<channel rdf:about="https://paper.example/"><title>Paper</title></channel>
<item rdf:about="https://paper.example/1"><title>One</title><link>https://paper.example/1</link>
<dc:date xmlns:dc="x">2026-02-01</dc:date></item></rdf:RDF>"""

ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Notes</title><link href="https://notes.example/"/>
<entry><title type="html">&lt;i&gt;First&lt;/i&gt; note</title><link rel="edit" href="https://notes.example/edit/1"/>
 <link rel="alternate" href="https://notes.example/1"/><updated>2026-01-03T00:00:00Z</updated>
 <published>2026-01-02T00:00:00Z</published></entry>
<entry><title>Second</title><link href="two"/><updated>2026-01-04T00:00:00Z</updated></entry>
<entry><title>Third</title><id>https://notes.example/3</id></entry>
<entry><title>Fourth</title><id>tag:notes.example,2026:4</id></entry></feed>"""

JSON = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [
 {"id": "1", "url": "https://j.example/1", "title": "One", "date_published": "2026-01-02T03:04:05Z"},
 {"id": "https://j.example/2", "title": null}, {"id": 3, "url": 7}, "x", null]}"""


def test_rss_2() -> None:
    found = read(RSS_2, URL)
    assert (found.kind, found.title, found.dropped, found.cut) == ("rss", "A blog", 1, "")
    assert found.items == (
        Item("https://blog.example/cafe/", "Café & cake", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        Item("https://blog.example/bold", "Bold &nbsp;news", datetime(2026, 3, 1, 8, tzinfo=UTC)),
        Item("https://blog.example/relative", "Relative", None),
    )


def test_rss_1() -> None:
    found = read(RSS_1, URL)
    assert (found.kind, found.title) == ("rss", "Paper")
    assert found.items == (Item("https://paper.example/1", "One", datetime(2026, 2, 1, tzinfo=UTC)),)


def test_atom() -> None:
    found = read(ATOM, "https://notes.example/atom.xml")
    assert (found.kind, found.title, found.dropped) == ("atom", "Notes", 1)
    assert found.items == (
        Item("https://notes.example/1", "First note", datetime(2026, 1, 2, tzinfo=UTC)),
        Item("https://notes.example/two", "Second", datetime(2026, 1, 4, tzinfo=UTC)),
        Item("https://notes.example/3", "Third", None),
    )


def test_json_feed() -> None:
    found = read(JSON, URL)
    assert (found.kind, found.title, found.dropped) == ("json", "J", 3)
    assert [item.url for item in found.items] == ["https://j.example/1", "https://j.example/2"]
    assert found.items[0].published == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_the_feeds_of_a_site_name_its_newest_pages() -> None:
    site = Web(hosts=2, pages=15).sites[1]
    feed = read(site.web.truth(site.host, "/feed.xml").body, site.url("/feed.xml"))
    assert [one.url for one in feed.items] == [site.url(f"/post/{number}") for number in range(15, 5, -1)]
    assert len(read(site.web.truth(site.host, "/feed.json").body, site.url("/feed.json")).items) == 10


def item(inside: str) -> bytes:
    return f"<rss><channel><item>{inside}</item></channel></rss>".encode()


@pytest.mark.parametrize(
    ("body", "url", "title"),
    [
        (item("<link>https://a.example/?a=1&b=2</link>"), "https://a.example/?a=1&b=2", ""),
        (item("<title>A&nbsp;B &auml;</title><link>https://a.example/</link>"), "https://a.example/", "A B ä"),
        (b"\n\n<?xml version='1.0'?>" + item("<link>https://a.example/</link>"), "https://a.example/", ""),
        (item("<link>https://a.example/</link><title>\x08x</title>"), "https://a.example/", "x"),
        (item("<link>https://a.example/</link>").replace(b"</rss>", b""), "https://a.example/", ""),
        (b"<!DOCTYPE rss PUBLIC '-//Netscape//DTD' 'http://n.example/rss.dtd'>" + item("<link>https://a.example/</link>"),
         "https://a.example/", ""),
        ("<?xml version='1.0' encoding='windows-1251'?><rss><item><title>Привет</title><link>https://a.example/</link>"
         "</item></rss>".encode("windows-1251"), "https://a.example/", "Привет"),
        (item("<title>caf\xe9</title><link>https://a.example/</link>").decode().encode("latin-1"),
         "https://a.example/", "caf\ufffd"),
        (item("<feedburner:origLink>https://a.example/o</feedburner:origLink><link>https://f.example/</link>"),
         "https://a.example/o", ""),
    ],
)  # fmt: skip
def test_what_feeds_really_are(body: bytes, url: str, title: str) -> None:
    found = read(body, URL)
    assert [(one.url, one.title) for one in found.items] == [(url, title)]


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "mailto:a@b.example", "http://", "data:text/html,x", "ftp://a.example/", " "]
)
def test_items_without_a_page_are_dropped(link: str) -> None:
    found = read(item(f"<link>{link}</link>"), URL)
    assert (found.items, found.dropped) == ((), 1)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<", b"{}", b"[]", b"{", b"[" * 100_000, b'{"items": 3}', b"<html></html>", b"<!doctype html><p>x",
        b"<urlset></urlset>", b"plain text", b"\x00" * 1_000, b"\x1f\x8b\x08",
        b"<!DOCTYPE rss [<!ENTITY a 'b'>]><rss><item><link>https://a.example/&a;</link></item></rss>",
    ],
)  # fmt: skip
def test_what_is_no_feed_says_so(body: bytes) -> None:
    with pytest.raises(NotAFeed) as caught:
        read(body, URL)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "date",
    ["Mon, 99 Foo 2026", "Thu, 01 Jan 1970 00:00:00 GMT", "2026", "\u0000", "1" * 500, "31 Feb 2026 10:00"],
)
def test_wrong_dates_are_no_dates(date: str) -> None:
    found = read(item(f"<link>https://a.example/</link><pubDate>{date}</pubDate>"), URL)
    assert len(found.items) == 1
    assert found.items[0].published in (None, datetime(2026, 1, 1, tzinfo=UTC))


def test_a_feed_is_cut_at_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MAX_ITEMS", 10)
    many = "".join(f"<item><link>https://a.example/{number}</link></item>" for number in range(50))
    found = read(f"<rss>{many}</rss>".encode(), URL)
    assert (len(found.items), found.cut) == (10, "Only the first 10 items are read.")
