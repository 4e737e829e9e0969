"""History: every step of every span against plain counts of the same rows, for every scope."""

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from backlinks import index
from backlinks.index import engine

from .counting import ask, counts
from .observed import asked, domain, empty_index, link, observe, observe_all, rows_of

WS = 7
PAGES = ("client.example/", "www.client.example/blog/", "client.example/blog/a", "shop.client.example/p")
SCOPES = [
    ("client.example", None),
    ("shop.client.example", "host"),
    ("client.example", "host"),
    ("client.example/blog/", None),
    ("client.example/blog/a", "exact"),
    ("nowhere.example", None),
]
SPANS = [
    index.Span(date(2026, 1, 1), date(2026, 3, 31)),
    index.Span(date(2026, 3, 26), date(2026, 4, 2)),  # clocks go forward in Europe on the 29th
    index.Span(date(2025, 12, 17), date(2026, 5, 6), "week"),
    index.Span(date(2025, 11, 11), date(2026, 6, 3), "month"),
    index.Span(date(2030, 1, 1), date(2030, 1, 5)),
    index.Span(date(2026, 2, 2), date(2026, 2, 2), "month"),
]


def _chance(count: int = 400) -> list[dict[str, Any]]:
    """Links with every combination of dates: none at all, only seen, lost with and without a day."""
    dice = random.Random(26)
    rows = []
    for number in range(count):
        lost = dice.choice(("", "", "notfound", "removedfromhtml"))
        seen = dice.uniform(-60, 150)
        rows.append(
            link(
                f"h{dice.randrange(3)}.d{dice.randrange(60)}.example/{number}",
                dice.choice(PAGES),
                nofollow=dice.choice((1, 0, -1)),
                first_seen=dice.choice((None, seen, seen)),
                last_seen=dice.choice((None, seen + 1, seen + 40)),
                lost_at=seen + dice.uniform(-5, 60) if lost and dice.random() < 0.8 else None,
                lost_reason=lost,
            )
        )
    return rows


@pytest.fixture(scope="module")
def dated(index_process: None) -> None:
    """A profile that these tests only read."""
    empty_index()
    named = [
        domain("named.example", links=4, first_seen=9, last_seen=20, lost_at=30),
        domain("d1.example", last_seen=3),
    ]
    observe_all(WS, (_chance(), "ahrefs", "observations"), (named, "ahrefs", "domain_links"))
    observe(WS + 1, [link("leak-b.example/x", first_seen=5, last_seen=9)])


def _gone_at(row: dict[str, Any]) -> date:
    return max(row["lost_at"] or row["last_seen"] or row["first_seen"], row["first_seen"])


def _there(rows: Iterable[dict[str, Any]], last: date) -> list[dict[str, Any]]:
    known = [row for row in rows if row["first_seen"] and row["first_seen"] <= last]
    return [row for row in known if row["state"] != "lost" or _gone_at(row) > last]


def _within(rows: Iterable[dict[str, Any]], name: str, point: index.DatedPoint) -> int:
    return sum(1 for row in rows if row[name] and point.first <= row[name] <= point.last)


def _lost(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["state"] == "lost"]


@pytest.mark.parametrize(("target", "scope"), SCOPES)
def test_each_step_is_what_plain_counts_say(dated: None, target: str, scope: str | None) -> None:
    pinned = index.pin(asked(WS, target=target, scope=scope))
    links, domains = (rows_of(ask(pinned, report)) for report in ("links", "domains"))
    for span in SPANS:
        _assert_counted(index.by_dates(pinned, span), span, links, domains)


def _assert_counted(
    found: index.Dated, span: index.Span, links: list[dict[str, Any]], domains: list[dict[str, Any]]
) -> None:
    assert [(one.first, one.last) for one in found.points] == list(span.parts())
    for one in found.points:
        there = _there(links, one.last)
        assert one.links == len(there)
        assert one.follow == sum(1 for row in there if row["nofollow"] == 0)
        assert one.seen == sum(1 for row in links if row["first_seen"] and row["first_seen"] <= one.last)
        assert one.domains == len(_there(domains, one.last))
        assert one.new_links == _within(links, "first_seen", one)
        assert one.lost_links == _within(_lost(links), "lost_at", one)
        assert one.new_domains == _within(domains, "first_seen", one)
        assert one.lost_domains == _within(_lost(domains), "lost_at", one)
    assert found.undated_links == sum(1 for row in links if not row["first_seen"])
    assert found.undated_lost == sum(1 for row in _lost(links) if not row["lost_at"])


@pytest.mark.parametrize(("target", "scope"), SCOPES[:4])
def test_a_step_counts_the_rows_that_its_filters_leave(dated: None, target: str, scope: str | None) -> None:
    pinned = index.pin(asked(WS, target=target, scope=scope))
    behind: dict[index.LinkQuery, int] = {}
    for one in index.by_dates(pinned, SPANS[2]).points:
        days = one.first.isoformat(), one.last.isoformat()
        for report, new, lost in (
            ("links", one.new_links, one.lost_links),
            ("domains", one.new_domains, one.lost_domains),
        ):
            behind[ask(pinned, report, first_seen_from=days[0], first_seen_to=days[1])] = new
            behind[ask(pinned, report, state="lost", lost_at_from=days[0], lost_at_to=days[1])] = lost
    assert counts(list(behind)) == behind
    assert len(behind) > 80


def test_spans_end_where_they_should() -> None:
    week = index.Span(date(2026, 3, 27), date(2026, 4, 7), "week")
    assert list(week.parts()) == [
        (date(2026, 3, 27), date(2026, 3, 29)),
        (date(2026, 3, 30), date(2026, 4, 5)),
        (date(2026, 4, 6), date(2026, 4, 7)),
    ]
    month = index.Span(date(2025, 12, 31), date(2026, 2, 1), "month")
    assert [len(list(one.parts())) for one in (week, month)] == [3, 3]
    assert list(index.Span(date(2026, 2, 2), date(2026, 2, 1)).parts()) == []


@pytest.mark.parametrize(("target", "scope"), SCOPES)
def test_reasons_of_losses_add_up_to_the_bars(dated: None, target: str, scope: str | None) -> None:
    pinned, span = index.pin(asked(WS, target=target, scope=scope)), SPANS[0]
    reasons = index.lost_by_reason(pinned, span)
    assert sum(reasons.values()) == sum(one.lost_links for one in index.by_dates(pinned, span).points)
    days = {"lost_at_from": "2026-01-01", "lost_at_to": "2026-03-31"}
    behind = {reason: ask(pinned, state="lost", lost_reason_is=reason, **days) for reason in reasons}
    counted = counts(list(behind.values()))
    assert {reason: counted[query] for reason, query in behind.items()} == reasons


def test_the_first_day_is_that_of_the_first_row(dated: None) -> None:
    for target, scope in SCOPES:
        pinned = index.pin(asked(WS, "domains", target, scope))
        days = [row["first_seen"] for row in rows_of(pinned) if row["first_seen"]]
        assert index.first_day(pinned) == min(days, default=None)


# --- Days as they were known ------------------------------------------------------------------------------------------
def _today() -> date:
    return datetime.now(UTC).date()


def _days(target: str = "client.example", scope: str | None = None, workspace: int = WS) -> list[index.KnownDay]:
    return index.known_days(asked(workspace, target=target, scope=scope))


COUNTS = ("links", "live", "lost", "unknown", "follow", "nofollow", "hosts", "ips", "subnets")


@pytest.mark.parametrize(
    ("target", "scope"), [("client.example", None), ("client.example", "host"), ("www.client.example", "host")]
)
def test_a_settle_notes_the_day_of_the_domain_and_of_its_hosts(dated: None, target: str, scope: str | None) -> None:
    (found,) = _days(target, scope)
    head = index.headline(asked(WS, target=target, scope=scope))
    assert found.domains == head.referring_domains
    assert all(getattr(found, name) == getattr(head, name) for name in COUNTS)
    assert abs(found.day - _today()) <= timedelta(days=1)


def test_the_newest_settle_of_a_day_counts_a_removal_is_seen_and_tidying_keeps_days(link_index: None) -> None:
    first = observe(WS, [link("a.example/1", first_seen=1, last_seen=2), link("b.example/1", "shop.client.example/")])
    observe(WS, [link("c.example/1", first_seen=1, last_seen=2)], "ahrefs")
    assert index.tidy(grace_seconds=0)
    assert _days()[-1].links == 3
    assert _days("shop.client.example", "host")[-1].links == 1
    index.remove(first)
    assert _days()[-1].links == 1
    rows = engine.read("SELECT day, max(generation) AS n FROM profile_days WHERE scope = 'root' GROUP BY day")
    assert len(rows) == len(_days())


def test_days_of_another_workspace_are_not_seen_and_go_when_they_are_forgotten(link_index: None) -> None:
    observe(WS, [link("a.example/1")])
    observe(WS + 1, [link("b.example/1"), link("c.example/1")])
    assert (_days()[-1].links, _days(workspace=WS + 1)[-1].links) == (1, 2)
    index.forget_days(WS, ["client.example"])
    assert _days() == []
    assert _days(workspace=WS + 1)[-1].links == 2


def test_open_data_speaks_until_the_workspace_has_days_of_its_own(link_index: None) -> None:
    observe(0, [link("a.example/1")])
    assert _days()[-1].links == 1
    observe(WS, [link("b.example/1")])
    assert _days()[-1].links == 2
    assert _days(workspace=0)[-1].links == 1


def test_folders_and_pages_are_noted_once_a_generation(link_index: None) -> None:
    observe(WS, [link("a.example/1", "client.example/blog/a"), link("b.example/1", "client.example/blog/b")])
    asked_for = [
        asked(WS, target="client.example/blog/"),
        asked(WS, target="client.example/blog/a", scope="exact"),
        asked(WS, target="nowhere.example/blog/"),
    ]
    assert index.note_parts(asked_for) == 2
    assert index.note_parts(asked_for) == 0
    assert _days("client.example/blog/")[-1].links == 2
    assert _days("client.example/blog/a", "exact")[-1].domains == 1
    observe(WS, [link("c.example/1", "client.example/blog/b")])
    assert index.note_parts(asked_for) == 2
    assert _days("client.example/blog/")[-1].links == 3
