"""Every column of links against what was imported and crawled: values, filters and order."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from backlinks import index
from backlinks.crawl.record import joined, visit
from seoapp.lib.weburl import Target, parse
from tests.backlinks.index.counting import ask
from tests.backlinks.scored import add_run
from tests.conftest import Hold
from tests.factories import DAY, MARCH, add_links

WORKSPACE = 7
HOME, OLD = "https://client.example/", "https://www.client.example/old"
FOOTER = [
    {"source": f"https://www.wide.example/{number}", "target": HOME, "anchor": "Client", "first_seen": MARCH - 9 * DAY}
    for number in range(12)
]
LINKS: list[dict[str, Any]] = [
    {"source": "https://www.news.example/", "target": HOME, "anchor": "our client", "kind": "text"}
    | {"context_left": "Read", "context_right": "today", "flags": "found_rendered in_content"}
    | {"metrics": {"ahrefs_dr": 60.0, "ahrefs_is_spam": 1.0, "ahrefs_page_traffic": 12.0}}
    | {"labels": {"ahrefs_author": "Anna", "ahrefs_discovered": "linkfound"}},
    {"source": "https://blog.news.example/post?id=1", "target": OLD, "anchor": "", "kind": "image", "alt": "logo"}
    | {"labels": {"semrush_image_url": "https://blog.news.example/logo.png"}},
    {"source": "https://192.0.2.9/list", "target": OLD, "anchor": "old"},
    {"source": "https://go.example/x", "target": f"{HOME}shop", "anchor": "shop"}
    | {
        "redirect_chain": '[{"url": "https://a.example/", "status": 302}, {"url": "https://b.example/", "status": 301}]'
    },
    {"source": "https://gone.example/y", "target": HOME, "anchor": "y", "lost_reason": "pageredirected"}
    | {"lost_at": MARCH},
    *FOOTER,
]
DEFAULTS = {
    "lost_reason": "", "lost_at": 0, "context_left": "", "context_right": "", "flags": "", "metrics": {}, "labels": {},
    "redirect_chain": "", "alt": None,
}  # fmt: skip


def _query(params: dict[str, str] | None = None, report: str = "links", **more: Any) -> index.LinkQuery:
    made = index.LinkQuery.parse(
        workspace=WORKSPACE, target=Target.parse("client.example"), report=report, params=params or {}
    )
    return replace(made, **more).showing(one.name for one in index.columns(report))


def _rows(params: dict[str, str] | None = None, **more: Any) -> dict[str, dict[str, Any]]:
    found = index.fetch(_query(params, **more)).rows
    return {one["source_url"]: one for one in found}


def _values(*names: str) -> dict[str, tuple[Any, ...]]:
    """Referring page -> what it has in these columns, which alone are shown."""
    found = index.fetch(_query().showing(names)).rows
    return {one["source_url"]: tuple(one[name] for name in names) for one in found}


def _crawl(pages: dict[str, dict[str, Any]], at: int = MARCH) -> None:
    batch = index.Batch(WORKSPACE, index.new_batch_id(), "crawl", "site", "test")
    index.begin(batch)
    values = {"http_status": 200, "fetched_at": at}
    index.add(batch, "crawled_pages", joined(visit(parse(url), values | one) for url, one in pages.items()), block=0)
    index.complete(batch)


@pytest.fixture
def filled(held_index: Hold) -> None:
    held_index("link columns", lambda: add_links(workspace=WORKSPACE, links=[DEFAULTS | one for one in LINKS]))


ROWS: dict[str, dict[str, Any]] = {}  # of `filled`, each with every column


@pytest.fixture
def rows(filled: None) -> dict[str, dict[str, Any]]:
    if not ROWS:
        ROWS.update(_rows())
    return ROWS


def _names(params: dict[str, str]) -> list[str]:
    return sorted(one["source_url"] for one in index.fetch(_query(params).showing([])).rows)


VALUES = {"text": "x", "number": "1", "date": "2026-01-01", "flag": "unknown"}


@pytest.mark.parametrize("report", ["links", "domains"])
def test_every_column_sorts_and_filters_and_all_are_exported(filled, report):
    """One column of each sort: what kind of value it has, how it is asked for, and what is joined for it."""
    columns, pinned = index.columns(report), index.pin(_query(report=report).showing([]))
    sorts = {(one.kind, one.filter, one.beside, bool(one.exact), one.sortable): one for one in columns}
    assert {one.beside for one in sorts.values()} == {one.beside for one in columns}
    for one in sorts.values():
        value = one.choices[0] if one.choices else VALUES.get(one.filter, "")
        ends = {"number": ("_min", "_max"), "date": ("_from", "_to")}.get(one.filter, ("",))
        asked = {f"{one.name}{end}": value for end in ends} | ({"sort": one.name} if one.sortable else {})
        query = ask(pinned, report, **asked)
        assert len(index.fetch(query).rows) == index.count(query) <= len(LINKS), one.name
    mine = {one.name for one in columns if one.kind != "metric" and one.beside != "marks"}
    assert all(mine <= set(row) for row in index.stream(_query(report=report)))
    assert all(mine <= set(row) for row in index.fetch(_query(report=report)).rows)


def test_what_a_file_says_is_read_under_the_vendors_name(rows):
    row = rows["https://www.news.example/"]
    assert (row["ahrefs_author"], row["ahrefs_discovered"], row["ahrefs_is_spam"]) == ("Anna", "linkfound", 1)
    assert row["metrics"]["ahrefs_page_traffic"] == 12
    assert rows["https://192.0.2.9/list"]["ahrefs_is_spam"] == -1
    assert (
        _names({"ahrefs_author": "ann"}) == _names({"ahrefs_page_traffic_min": "12"}) == ["https://www.news.example/"]
    )
    assert rows["https://blog.news.example/post?id=1"]["semrush_image_url"].endswith("/logo.png")


def test_what_follows_from_the_addresses(rows):
    news, blog, address = (
        rows[one]
        for one in ("https://www.news.example/", "https://blog.news.example/post?id=1", "https://192.0.2.9/list")
    )
    names = ("is_home", "is_root", "subdomain", "domain_is_ip", "tld_class")
    assert [news[name] for name in names] == [1, 1, "", 0, "generic"]
    assert [blog[name] for name in names] == [0, 0, "blog", 0, "generic"]
    assert [address[name] for name in names] == [0, 1, "", 1, ""]
    assert _names({"is_home": "yes"}) == ["https://www.news.example/"]
    assert _names({"subdomain_is": "blog"}) == ["https://blog.news.example/post?id=1"]


def test_the_words_around_a_link_are_one_text(rows):
    assert rows["https://www.news.example/"]["context"] == "Read our client today"
    assert _names({"context": "client today"}) == ["https://www.news.example/"]


def test_flags_of_a_vendor_are_yes_no_or_unknown(rows):
    news, blog = rows["https://www.news.example/"], rows["https://blog.news.example/post?id=1"]
    assert (news["found_rendered"], news["found_raw"], news["in_content"]) == (1, 0, 1)
    assert (blog["found_rendered"], blog["found_raw"], blog["in_content"]) == (-1, -1, -1)


def test_redirects_are_counted_with_their_first_answer(rows):
    row = rows["https://go.example/x"]
    assert _names({"is_indirect": "yes"}) == ["https://go.example/x"]
    assert (row["redirect_hops"], row["redirect_code"]) == (2, 302)
    assert _names({"redirect_code_max": "302"}) == ["https://go.example/x"], "no redirect is in no range"
    assert _names({"lost_by_redirect": "yes"}) == ["https://gone.example/y"]


def test_many_links_alike_on_one_host_are_sitewide(rows):
    wide, news = rows["https://www.wide.example/1"], rows["https://www.news.example/"]
    assert (wide["alike_pages"], wide["sitewide"], news["alike_pages"], news["sitewide"]) == (12, 1, 1, 0)
    assert set(_names({"sitewide": "yes"})) == {one["source"] for one in FOOTER}
    assert _names({"alike_pages_max": "1", "sitewide": "no"}) == sorted(
        one["source"] for one in LINKS if one not in FOOTER
    )


HOSTILE = 'it\'s {x:String} \\ "q"\n\t\u202e\N{PILE OF POO}'


def test_marks_that_a_query_brings_decide_without_being_facts(rows):
    blog = rows["https://blog.news.example/post?id=1"]
    marks = (
        (str(blog["link_id"]), ("good", HOSTILE), HOSTILE, 0),
        ("news.example", ("press",), "of the domain", 1),
    )
    assert _names({"tags": HOSTILE}) == []
    query = _query({"tags": "press"}, marks=marks)
    assert index.needs_marks(query)
    rows = {one["source_url"]: one for one in index.fetch(query).rows}
    assert set(rows) == {"https://www.news.example/", "https://blog.news.example/post?id=1"}
    assert rows["https://blog.news.example/post?id=1"]["tags"] == sorted(["good", HOSTILE, "press"])
    assert rows["https://blog.news.example/post?id=1"]["note"] == HOSTILE
    assert len(index.fetch(_query({"whitelisted": "no"}, marks=marks)).rows) == len(LINKS) - 2
    assert index.count(_query({"note": "domain"}, marks=marks)) == 1
    domains = index.fetch(_query({"whitelisted": "yes"}, "domains", marks=marks)).rows
    assert [(one["source_domain"], one["tags"], one["note"]) for one in domains] == [
        ("news.example", ["press"], "of the domain")
    ]


def test_more_marks_than_one_field_of_a_request_takes(filled):
    marks = tuple((str(number), (f"tag {number}",), "x" * 200, 0) for number in range(2_000))
    marks += (("wide.example", ("all of them",), "", 1),)
    assert index.count(_query({"tags": "all of them"}, marks=marks)) == len(FOOTER)


def test_a_choice_names_rows_of_this_target_only(rows):
    ids = [rows["https://go.example/x"]["link_id"], 12]
    assert [one["source_url"] for one in index.chosen_links(_query(), ids)] == ["https://go.example/x"]
    assert index.chosen_domains(_query(report="domains"), ["go.example", "client.example"]) == [
        {"source_domain": "go.example"}
    ]
    assert {one["source_url"] for one in index.chosen(_query({"is_home": "yes"}), 10)} == {"https://www.news.example/"}
    assert len(index.chosen(_query(), 3)) == 3


def test_new_is_what_was_first_seen_lately(link_index):
    add_links(workspace=WORKSPACE, links=[
        {"source": "https://a.example/", "target": HOME, "first_seen": MARCH},
        {"source": "https://b.example/", "target": HOME, "first_seen": 0, "last_seen": 0},
    ])  # fmt: skip
    assert _values("is_new") == {"https://a.example/": (0,), "https://b.example/": (-1,)}


def test_what_our_crawler_read_on_the_referring_page(filled):
    _crawl({"https://www.news.example/": {"words": 5, "noindex": 0}}, at=MARCH - DAY)
    _crawl({
        "http://news.example/": {
            "words": 320, "noindex": 1, "canonical": "https://news.example/original", "text_share": 0.34,
            "platform": "wordpress", "generator": "WordPress 6", "published": "2026-01-31", "language": "en-gb",
            "bytes": 4_000, "depth": 2, "ext_domains": 4, "jsonld": ["Article"],
        },
        "https://192.0.2.9/list": {"http_status": 404},
    })  # fmt: skip
    rows = _rows()
    news = rows["https://www.news.example/"]
    names = [
        "page_noindex",
        "page_canonical",
        "page_is_copy",
        "page_words",
        "page_text_share",
        "page_domains",
        "page_platform",
    ]
    assert [news[one] for one in names] == [1, "https://news.example/original", 1, 320, 34, 4, "wordpress"]
    names = ["page_generator", "page_types", "page_language", "page_bytes", "page_depth"]
    assert [news[one] for one in names] == ["WordPress 6", ["Article"], "en-gb", 4_000, 2]
    assert (str(news["page_read"]), str(news["page_published"])) == ("2026-03-01", "2026-01-31")
    unread = rows["https://192.0.2.9/list"]
    assert [unread[one] for one in ("page_noindex", "page_words", "page_is_copy", "page_read")] == [-1, -1, -1, None]
    assert _names({"page_noindex": "yes"}) == _names({"page_words_min": "100"}) == ["https://www.news.example/"]
    assert next(iter(_rows({"sort": "-page_words"}))) == "https://www.news.example/"
    exported = {one["source_url"]: one for one in index.stream(_query())}
    assert exported["https://www.news.example/"]["page_words"] == 320


def test_a_reading_of_another_workspace_is_not_seen(filled):
    batch = index.Batch(WORKSPACE + 1, index.new_batch_id(), "crawl", "site", "test")
    index.begin(batch)
    index.add(batch, "crawled_pages", visit(parse("https://news.example/"), {"http_status": 200, "words": 9}), block=0)
    index.complete(batch)
    assert _values("page_words")["https://www.news.example/"] == (-1,)


def test_the_targets_newest_answer_and_where_it_leads(filled):
    _crawl({OLD: {"http_status": 301, "redirect_url": "https://client.example/new"}}, at=MARCH - 2 * DAY)
    _crawl({OLD: {"http_status": 404}, HOME: {"http_status": 200}, f"{HOME}shop": {"http_status": 403}})
    answers = {url: answer for url, *answer in _values("target_url", "target_status", "target_broken").values()}
    assert answers == {OLD: [404, 1], HOME: [200, 0], f"{HOME}shop": [403, -1]}
    assert _names({"target_broken": "yes"}) == ["https://192.0.2.9/list", "https://blog.news.example/post?id=1"]
    _crawl({OLD: {"http_status": 301, "redirect_url": "https://client.example/new"}}, at=MARCH + DAY)
    assert _values("target_redirect")["https://192.0.2.9/list"] == ("https://client.example/new",)


def test_how_a_redirect_broke_and_where_it_leads_now(link_index):
    gone = {"target": HOME, "kind": "redirect", "lost_reason": "lostredirect", "lost_at": MARCH}
    add_links(workspace=WORKSPACE, links=[
        *(DEFAULTS | gone | {"source": f"https://{name}.example/go"} for name in "abc"),
        DEFAULTS | {"source": "https://d.example/go", "target": HOME, "kind": "redirect"},
    ])  # fmt: skip
    moved = {"http_status": 301, "redirect_url": "https://other.example/"}
    _crawl({f"https://{name}.example/go": moved for name in "abd"}, at=MARCH - DAY)
    _crawl({"https://b.example/go": {}})
    rows = {url[8]: told for url, told in _values("redirect_broken", "redirect_now").items()}
    elsewhere = ("targetchanged", "https://other.example/")
    assert rows == {"a": elsewhere, "b": ("codechanged", ""), "c": ("", ""), "d": ("", "")}
    assert _names({"redirect_broken": "targetchanged"}) == ["https://a.example/go"]
    assert _names({"where": 'redirect_now contains "other."'}) == ["https://a.example/go"]


def test_scheme_port_and_the_authority_of_the_target(link_index):
    addresses = ["https://a.example/", "http://b.example/", "http://c.example:8080/", "https://d.example:8443/"]
    add_links(workspace=WORKSPACE, links=[DEFAULTS | {"source": one, "target": HOME} for one in addresses])
    found = _values("source_scheme", "source_port")
    ends = [("https", 443), ("http", 80), ("http", 8080), ("https", 8443)]
    assert found == dict(zip(addresses, ends, strict=True))
    assert _names({"source_scheme": "http"}) == addresses[1:3]
    assert _names({"where": "source_port in (443, 8080)"}) == [addresses[2], addresses[0]]
    assert set(_values("target_authority").values()) == {(-1,)}
    add_run(scores={"client.example": 47.5}, workspace=WORKSPACE)
    assert set(_values("target_authority").values()) == {(47.5,)}
    assert _names({"target_authority_min": "47"}) == sorted(addresses)
    assert _names({"target_authority_min": "48"}) == []


def test_how_often_and_when_a_link_was_seen(link_index):
    twice = {"source": "https://a.example/", "target": HOME, "anchor": "x"}
    add_links(workspace=WORKSPACE, links=[twice | {"last_seen": MARCH - 5 * DAY}])
    add_links(workspace=WORKSPACE, links=[twice, twice | {"anchor": "y"}], source="ahrefs")
    told = _values("copies", "previous_sight", "is_original")["https://a.example/"]
    assert told == (2, date(2026, 2, 24), -1)
    assert _names({"copies_min": "2"}) == ["https://a.example/"]


def test_whether_our_first_visit_saw_it(link_index):
    add_links(workspace=WORKSPACE, links=[
        {"source": "https://a.example/", "target": HOME, "first_seen": MARCH},
        {"source": "https://b.example/", "target": HOME, "first_seen": MARCH},
    ], source="crawl")  # fmt: skip
    _crawl({"https://a.example/": {}, "https://b.example/": {}})
    _crawl({"https://b.example/": {}}, at=MARCH - 9 * DAY)
    assert _values("is_original") == {"https://a.example/": (1,), "https://b.example/": (0,)}


def test_known_to_google_yes_no_and_unknown(filled):
    assert set(_values("known_to_google").values()) == {(-1,)}
    batch = index.Batch(WORKSPACE, index.new_batch_id(), "gsc", "latest", "test")
    index.begin(batch)
    page = parse("https://blog.news.example/post?id=1")
    index.add(batch, "sightings", {
        "target_domain": ["client.example"], "source_domain": [page.domain], "source_key": [page.key],
        "source_url": [page.url], "source_host": [page.host], "row": [1], "first_seen": [MARCH], "last_seen": [MARCH],
    }, block=0)  # fmt: skip
    index.add(batch, "domain_links", {
        "target_domain": ["client.example"], "source_domain": ["go.example"], "row": [1], "links": [3],
        "first_seen": [MARCH], "last_seen": [MARCH],
    }, block=0)  # fmt: skip
    index.complete(batch)
    told = _values("known_to_google")
    known = {url for url, one in told.items() if one == (1,)}
    assert known == {"https://www.news.example/", "https://blog.news.example/post?id=1", "https://go.example/x"}
    assert set(told.values()) == {(0,), (1,)}
    assert set(_names({"known_to_google": "yes"})) == known
    domains = index.fetch(_query({"known_to_google": "yes"}, "domains")).rows
    assert {one["source_domain"] for one in domains} == {"news.example", "go.example"}
