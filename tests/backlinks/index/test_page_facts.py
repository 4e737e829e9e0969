"""What visits remember of pages: the newest row of each, of batches that count, and gone with them."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from backlinks import index
from backlinks.crawl import child
from backlinks.crawl.messages import Job
from backlinks.crawl.pagefacts import VERSION, PageFacts
from backlinks.crawl.record import REPEATED
from backlinks.index import engine, kept, pagefacts
from backlinks.index.batches import publish

from .observed import day

pytestmark = pytest.mark.usefixtures("link_index")
WS = 7
HTML = """<html lang=en><title>Tools and more</title><link rel=canonical href=/a><link rel=icon href=/i.png>
<script src=//c1.popads.net/pop.js></script><main><p>Garden tools, and the best online casino.</p>
<p>See <a href=https://shop.example/>the shop</a> or <a href='mailto:a@site.example'>write</a>.</p></main>"""


def read(at: int, *urls: str, html: str = HTML, workspace: int = WS, kind: str = "check") -> index.Batch:
    """A check that read these pages on a day; it does not count yet."""
    batch = index.Batch(workspace, index.new_batch_id(), "crawl", kind)
    for number, url in enumerate(urls):
        names = ("site.example", "other.example")
        job = Job(url, html.encode(), content_type="text/html", at=day(at), row=number, certificate=names)
        reading = child.read(job)
        for table, columns in (("page_facts", reading.remembered), ("crawled_pages", reading.visited)):
            index.add(batch, table, columns | {"fetched_at": [day(at)]}, block=number)
    return batch


def counted(*args: Any, **options: Any) -> index.Batch:
    batch = read(*args, **options)
    publish(batch)
    return batch


EVERYTHING = (*pagefacts.WHERE_FROM, *pagefacts.FACTS)


def newest(workspace: int = WS, columns: Any = EVERYTHING, **options: Any) -> dict[str, dict[str, Any]]:
    sql, bound = index.newest_page_facts(workspace, columns, **options)
    return {row["page_key"]: row for row in engine.read(sql, bound)}


def test_a_reading_is_one_row_with_its_facts() -> None:
    counted(1, "https://www.site.example/a")
    (row,) = newest().values()
    assert (row["source_domain"], row["page_key"], row["version"]) == ("site.example", "site.example/a", VERSION)
    assert row["certificate"] == ["site.example", "other.example"]
    assert row["fetched_at"].replace(tzinfo=UTC) == datetime.fromtimestamp(day(1), UTC)
    assert (row["title"], row["language"], row["canonical_at"], row["title_length"]) == (
        "Tools and more", "en", "self", 14,
    )  # fmt: skip
    assert row["poison"] == {"casino": 2} and row["popups"] == ["popads"] and row["contacts"] == ["mail"]
    assert (row["favicon"], row["ext_links"], row["repeats"]) == ("https://www.site.example/i.png", 1, -1.0)


def test_the_table_has_what_the_reader_tells() -> None:
    described = {row["name"] for row in engine.read("DESCRIBE TABLE page_facts")}
    told = {one.name for one in fields(PageFacts)} | set(REPEATED)
    assert set(pagefacts.FACTS) == told
    assert described == told | set(pagefacts.WHERE_FROM) | {"workspace"}


def test_the_newest_reading_counts_whole() -> None:
    counted(1, "https://site.example/a", "https://site.example/b")
    counted(3, "https://site.example/a", html="<title>New</title><p>x</p>")
    found = newest()
    assert {key: row["title"] for key, row in found.items()} == {
        "site.example/a": "New", "site.example/b": "Tools and more",
    }  # fmt: skip
    assert found["site.example/a"]["poison"] == {} and found["site.example/a"]["contacts"] == []


def test_a_workspace_sees_its_own_and_open_data() -> None:
    counted(1, "https://site.example/own")
    counted(1, "https://site.example/other", workspace=8)
    counted(1, "https://open.example/", workspace=0)
    assert set(newest()) == {"site.example/own", "open.example/"}
    assert set(newest(domains="SELECT {name:String} AS source_domain", bound={"name": "site.example"})) == {
        "site.example/own"
    }
    assert newest(columns=("page_key", "words"))["open.example/"].keys() == {"page_key", "words"}


def test_names_are_whitelisted() -> None:
    with pytest.raises(ValueError, match="no column of page_facts"):
        index.newest_page_facts(WS, ("page_key", "1; DROP TABLE links"))


def test_a_batch_that_does_not_count_tells_nothing() -> None:
    batch = read(1, "https://site.example/a")
    assert newest() == {}
    publish(batch)
    assert len(newest()) == 1
    index.remove(batch)
    assert newest() == {} and engine.read("SELECT count() AS n FROM page_facts") == [{"n": 0}]


def test_the_same_block_twice_is_one_row() -> None:
    batch = read(1, "https://site.example/a")
    (columns,) = [child.read(Job(url="https://site.example/a", body=HTML.encode(), at=day(1))).remembered]
    for _ in range(2):
        index.add(batch, "page_facts", columns, block=7)
    assert engine.read("SELECT count() AS n FROM page_facts") == [{"n": 2}]


def test_old_facts_are_forgotten_and_the_newest_stay() -> None:
    old = counted(1, "https://site.example/a", "https://site.example/b")
    counted(5, "https://site.example/a")
    failed = index.Batch(WS, index.new_batch_id(), "crawl", "check")
    unread = {"target_domain": ["site.example"], "page_key": ["site.example/b"], "fetched_at": [day(9)], "row": [1]}
    index.add(failed, "crawled_pages", unread | {"http_status": [304]}, block=0)
    publish(failed)
    index.forget_crawled(datetime(2026, 4, 1, tzinfo=UTC), [(WS, old.batch)])
    rows = engine.read("SELECT page_key, batch = {old:UInt64} AS is_old FROM page_facts", {"old": old.batch})
    assert sorted((row["page_key"], row["is_old"]) for row in rows) == [("site.example/a", 0), ("site.example/b", 1)]
    assert set(newest()) == {"site.example/a", "site.example/b"}, "a visit that read nothing knows no better"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    statements: list[str] = []
    real = engine.read
    monkeypatch.setattr(engine, "read", lambda sql, *rest, **more: statements.append(sql) or real(sql, *rest, **more))
    yield statements


def test_answers_are_kept_for_an_epoch(asked: list[str]) -> None:
    counted(1, "https://site.example/a")
    sql, bound = index.newest_page_facts(WS, ("page_key",))
    assert "page_facts" in kept.tables_of(sql) <= kept.STEADY | kept.BATCHED
    asked.clear()
    first = [kept.read(sql, bound, epoch=(1, number)) for number in (1, 1, 2)]
    assert asked.count(sql) == 2 and first == [[{"page_key": "site.example/a"}]] * 3
