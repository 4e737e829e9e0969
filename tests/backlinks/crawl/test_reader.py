"""The process that reads pages: what it gives, and that nothing it is given stops the worker."""

import random
import resource
import threading

import msgspec
import pytest

from backlinks.crawl.child import CPU_SECONDS
from backlinks.crawl.messages import Job
from backlinks.crawl.reader import PAGES_A_LOT, TOO_COSTLY, Reader, ReadingLine

URL = "http://a.example/page"
TABLES = ["crawled_pages", "internal_links", "observations", "page_facts"]
GOOD = b"<title>Good</title><p>See <a href='http://b.example/x' rel='nofollow'>that</a>, <a href='/in'>inside</a>.</p>"


@pytest.fixture
def reader() -> "Reader":
    made = Reader()
    yield made  # type: ignore[misc]
    made.close()


def job(body: bytes, **options: object) -> Job:
    return Job(url=URL, body=body, content_type="text/html", at=1_772_323_200, **options)  # type: ignore[arg-type]


def test_a_page_becomes_columns_of_the_index(reader: Reader) -> None:
    reading = reader.read(job(GOOD, ip="192.0.2.1"))
    assert reading.refused == "" and reading.facts["title"] == "Good"
    observed = reading.observations
    assert observed["source_key"] == ["a.example/page"] and observed["target_url"] == ["http://b.example/x"]
    assert (observed["nofollow"], observed["anchor"], observed["last_seen"]) == ([1], ["that"], [1_772_323_200])
    assert [found.url for found in reading.follow] == ["http://a.example/in"]
    assert reading.inside["target_key"] == ["a.example/in"]


def test_what_is_no_page_is_refused_in_words(reader: Reader) -> None:
    for body in (b"\x89PNG\r\n\x1a\n" + bytes(100), b"%PDF-1.4\n", b"PK\x03\x04" + bytes(100)):
        assert reader.read(job(body)).refused
    assert reader.read(job(b"<title>still here</title>")).facts["title"] == "still here"


def test_a_child_that_is_gone_is_replaced(reader: Reader) -> None:
    assert reader.read(job(GOOD)).facts
    reader._child._process.kill()  # type: ignore[union-attr]
    reader._child._process.wait()  # type: ignore[union-attr]
    assert reader.read(job(GOOD)).refused == TOO_COSTLY, "the page that killed it must not be tried for ever"
    assert reader.read(job(GOOD)).facts


def test_wanted_links_come_with_the_html_around_them(reader: Reader) -> None:
    reading = reader.read(job(GOOD, wanted=("b.example/x", "b.example/y"), targets=("b.example",)))
    (link,) = reading.wanted
    assert link.nofollow and "rel=" in link.snippet and "that" in link.snippet
    other = b"<p><a href='http://b.example/z'>other</a> <a href='http://c.example/'>c</a></p>"
    assert [one.url for one in reader.read(job(other, wanted=("b.example/x",), targets=("b.example",))).others] == [
        "http://b.example/z"
    ]


def test_sitemaps_and_feeds_are_read_there_too(reader: Reader) -> None:
    sitemap = (
        b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>http://a.example/1</loc></url></urlset>"
    )
    assert [one.url for one in reader.read(job(sitemap, kind="sitemap")).follow] == ["http://a.example/1"]
    assert reader.read(job(b"<html>", kind="sitemap")).refused
    feed = b"<rss version='2.0'><channel><item><link>http://a.example/2</link></item></channel></rss>"
    assert [one.url for one in reader.read(job(feed, kind="feed")).follow] == ["http://a.example/2"]


def test_one_costly_page_of_a_lot_spoils_none_of_the_others(reader: Reader) -> None:
    nested = b"<div>" * (5_000_000 // 5)
    lot = reader.read_lot([job(GOOD), job(nested), job(GOOD)])
    assert [one.refused for one in lot] == ["", TOO_COSTLY, ""]
    assert [sorted(one.tables) for one in lot] == [TABLES, [], TABLES]
    observed = msgspec.msgpack.decode(lot[2].tables["observations"])
    assert observed["target_url"] == ["http://b.example/x"] and lot[2].outward == 1
    assert msgspec.msgpack.decode(lot[2].tables["crawled_pages"])["title"] == ["Good"]


def test_a_line_gives_everything_back_in_order_and_by_lots() -> None:
    rung = threading.Event()
    line = ReadingLine(rung.set)
    pages = [GOOD.replace(b"Good", b"Page %d" % number) for number in range(3 * PAGES_A_LOT)]
    for number, body in enumerate(pages):
        line.put(number, job(body))
    assert (len(line), line.bytes) == (len(pages), sum(map(len, pages)))
    taken = []
    while len(line):
        taken += list(line.take())
        assert len(line) == 0 or rung.wait(30)
        rung.clear()
    line.close()
    assert [number for number, _ in taken] == list(range(len(pages)))
    assert all(reading.facts["title"] == f"Page {number}" for number, reading in taken)


def test_a_line_that_is_closed_waits_for_no_reading() -> None:
    line = ReadingLine(lambda: None)
    for number in range(PAGES_A_LOT):
        line.put(number, job(b"<div>" * 400_000))
    assert list(line.take()) == []
    line.close()
    assert line._reader._child is None


# --- Pages that mean to cost ------------------------------------------------------------------------------------------
LINK = b"<a href='http://b.example/x'>x</a>"
COSTLY = {
    "elements in elements": b"<section>" * 1_000_000 + LINK,
    "links that format": b"<a href=/y><em><u>" * 8_000,
    "tables in tables": LINK + b"<table><tbody><tr><td>" * 9_000,
    "formatting before paragraphs": LINK + b"<font size=2>" * 1_500 + b"<p>t" * 1_500,
    "links beyond counting": b"<a href='/z'>t</a>" * 900_000,
    "attributes beyond counting": b"<a " + b" ".join(b"k%d=v" % n for n in range(400_000)) + b">t</a>",
    "a value of megabytes": LINK + b"<a title='" + b"v" * 9_000_000 + b"' href=/y>t</a>",
    "an address of megabytes": LINK + b"<a href='/" + b"v" * 9_000_000 + b"'>t</a>",
    "an anchor of megabytes": b"<a href='http://b.example/x'>" + b"word " * 1_800_000 + b"</a>",
    "a comment without end": LINK + b"<!-- " + b"- " * 4_000_000,
    "scripts in a script": LINK + b"<script>" + b"<!--<script>//" * 200_000,
    "characters as numbers": b"<a href='http://b.example/x'>" + b"&#x26;&#1114112;&nosuch;" * 150_000,
    "zero bytes": LINK + bytes(4_000_000),
    "two bytes a character": ("<a href='http://b.example/x'>x</a>" * 15_000).encode("utf-16"),
    "noise": random.Random(11).randbytes(3_000_000),
}


REFUSED = {"elements in elements", "attributes beyond counting"}  # whatever machine it is


def test_whatever_a_page_costs_it_ends_and_the_next_one_is_read(reader: Reader) -> None:
    """Read or refused, at no more CPU than a child may take, a few hundredths for its start apart."""
    for name, body in COSTLY.items():
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        reading = reader.read(job(body))
        assert reading.refused in ("", TOO_COSTLY) or name == "noise", name
        assert reading.refused == TOO_COSTLY or name not in REFUSED, name
        assert reading.refused or reading.links > 0 or name == "noise", f"{name}: what is read has its links"
        assert (reader._child is None) == (reading.refused == TOO_COSTLY), "only a child that was ended is gone"
        assert reader.read(job(GOOD)).facts["title"] == "Good", name
        reader.close()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        assert used <= CPU_SECONDS + 2, name
