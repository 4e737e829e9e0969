"""Rows of reports: which links a target has, how they are grouped, paged and dated."""

from datetime import date

import pytest

from backlinks import index

from .observed import asked, head, link, observe, rows_of

pytestmark = pytest.mark.usefixtures("link_index")
WS = 7
PAGES = (
    "client.example/",
    "www.client.example/blog/",
    "client.example/blog/a",
    "shop.client.example/p",
    "client.example/bl",
)


def test_a_target_is_a_domain_a_host_a_folder_or_a_page() -> None:
    observe(WS, [link(f"one.example/{number}", page) for number, page in enumerate(PAGES)])
    counts = {
        ("client.example", None): 5,
        ("www.client.example", None): 5,
        ("client.example", "host"): 4,
        ("www.client.example", "host"): 4,
        ("shop.client.example", None): 1,
        ("client.example/blog/", None): 2,
        ("https://www.client.example/blog/", None): 2,
        ("client.example/bl", "prefix"): 3,
        ("client.example/bl", None): 1,
        ("client.example/blog", None): 0,
    }
    assert {asked_for: head(WS, *asked_for).links for asked_for in counts} == counts


def test_pages_are_one_whatever_their_spelling() -> None:
    observe(
        WS,
        [
            link("one.example/1", "http://www.client.example/p", last_seen=1),
            link("two.example/2", "https://client.example/p", last_seen=2),
        ],
    )
    (row,) = rows_of(asked(WS, "pages"))
    assert (row["target_url"], row["links"]) == ("https://client.example/p", 2)
    for spelling in ("https://client.example/p", "http://www.client.example/p"):
        assert len(rows_of(asked(WS, target_url_is=spelling))) == 2


def test_pages_follow_each_other_without_gap_or_double() -> None:
    observe(WS, [link(f"d{number % 9}.example/{number}", last_seen=number % 2) for number in range(120)])
    for group, total in (("all", 120), ("domain", 9), ("similar", 9)):
        query = asked(WS, group=group)
        pages = [index.fetch(query.with_page(number)) for number in (1, 2, 3, 4)]
        ids = [row["link_id"] for page in pages for row in page.rows]
        assert len(ids) == len(set(ids)) == total
        assert ids == [row["link_id"] for row in rows_of(query)]
        assert [page.more for page in pages] == ([True, True, False, False] if group == "all" else [False] * 4)


def test_a_full_last_page_has_no_next() -> None:
    observe(WS, [link(f"one.example/{number}") for number in range(50)])
    assert index.fetch(asked(WS)).more is False
    assert len(index.fetch(asked(WS)).rows) == 50


def test_one_per_domain_shows_the_newest_live_link_and_how_many_it_stands_for() -> None:
    observe(
        WS,
        [
            link("one.example/old", last_seen=250),
            link("one.example/new", last_seen=300),
            link("one.example/lost", last_seen=320, lost_reason="notfound"),
            link("two.example/tie-a", last_seen=310),
            link("two.example/tie-b", last_seen=310),
        ],
    )
    rows = rows_of(asked(WS, group="domain"))
    assert [(row["source_domain"], row["in_group"]) for row in rows] == [("two.example", 2), ("one.example", 3)]
    assert rows[1]["source_url"] == "https://one.example/new"
    assert rows == rows_of(asked(WS, group="domain"))


def test_history_counts_domains_gained_and_lost_by_month() -> None:
    observe(
        WS,
        [
            link("one.example/a", first_seen=0, last_seen=300),
            link("one.example/b", first_seen=70, last_seen=300),
            link("two.example/a", first_seen=5, last_seen=30, lost_at=100, lost_reason="notfound"),
            link("three.example/a", first_seen=100, last_seen=300),
        ],
    )
    span = index.Span(date(2026, 1, 1), date(2026, 4, 30), "month")
    points = {point.first.isoformat(): point for point in index.by_dates(asked(WS), span).points}
    assert {month: (one.domains, one.new_domains, one.lost_domains) for month, one in points.items()} == {
        "2026-01-01": (2, 2, 0),
        "2026-02-01": (2, 0, 0),
        "2026-03-01": (2, 0, 0),
        "2026-04-01": (2, 1, 1),
    }
    april = {"lost_at_from": "2026-04-01", "lost_at_to": "2026-04-30", "state": "lost"}
    assert [row["source_domain"] for row in rows_of(asked(WS, "domains", **april))] == ["two.example"]
    assert not any(one.domains for one in index.by_dates(asked(WS + 1), span).points)


def test_a_days_time_does_not_move_its_date() -> None:
    observe(WS, [link("one.example/x", first_seen=1, last_seen=2 - 1 / 86_400)])
    (row,) = rows_of(asked(WS))
    assert (row["first_seen"], row["last_seen"], row["lost_at"]) == (date(2026, 1, 2), date(2026, 1, 2), None)
