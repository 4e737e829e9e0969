"""The history of one link: its order, its dates, what counts as a change, and how losses are said."""

from datetime import date, datetime
from typing import Any

from backlinks.views.lifeline import Event, lifeline

CLAIM = {
    "source": "semrush", "report": "backlinks", "batch": 1, "first_seen": date(2025, 1, 1),
    "last_seen": date(2026, 1, 1), "lost_at": None, "lost_reason": "", "anchor": "old", "nofollow": 0, "ugc": -1,
    "sponsored": -1, "kind": "text",
}  # fmt: skip
CHECK = {
    "batch": 9, "checked_at": datetime(2026, 3, 1, 9), "state": "live", "reason": "", "before": {}, "after": {},
}  # fmt: skip


def _told(events: list[Event]) -> list[tuple[str, str]]:
    return [(f"{one.at:%Y-%m-%d}" if one.at else "", one.title) for one in events]


def _history(claims: tuple[dict[str, Any], ...] = (), checks: tuple[dict[str, Any], ...] = (), **more: Any) -> Any:
    return lifeline([CLAIM | one for one in claims], [CHECK | one for one in checks], more.get("sightings", ()))


def test_newest_first_by_the_days_of_the_observations_and_without_a_day_last():
    events = _history(
        ({}, {"batch": 2, "source": "bing", "report": "pages", "first_seen": None, "last_seen": None}),
        ({},),
        sightings=[
            {"source": "gsc", "report": "latest", "batch": 4, "first_seen": None, "last_seen": datetime(2026, 2, 2)}
        ],
    )
    assert _told(events) == [
        ("2026-03-01", "Check: live"),
        ("2026-02-02", "Search Console lists the referring page"),
        ("2026-01-01", "Semrush lists it"),
        ("2025-01-01", "Semrush saw it first"),
        ("", "Bing Webmaster Tools lists it, undated"),
    ]
    assert [one.batch for one in events] == [9, 4, 1, 1, 2]


def test_a_source_saw_a_link_first_once_whatever_its_files():
    events = _history(({"batch": 1}, {"batch": 2, "first_seen": date(2024, 6, 1)}))
    assert [one for one in _told(events) if "first" in one[1]] == [("2024-06-01", "Semrush saw it first")]


def test_what_one_file_says_otherwise_than_the_one_before():
    events = _history((
        {}, {"batch": 2, "last_seen": date(2026, 2, 1), "anchor": "new", "nofollow": 1, "ugc": 0},
        {"batch": 3, "report": "audit", "last_seen": date(2026, 1, 15), "anchor": "other report"},
    ))  # fmt: skip
    changes = [one for one in events if one.changes]
    assert [(one.title, one.changes) for one in changes] == [
        ("Semrush says something else", (("Anchor", "old", "new"), ("nofollow", "no", "yes")))
    ], "what was unknown before is no change"


def test_two_places_on_one_page_are_no_change():
    events = _history(({}, {"batch": 2, "anchor": "a", "last_seen": date(2026, 2, 1)}, {"batch": 2, "anchor": "b"}))
    assert not [one for one in events if one.changes]


def test_losses_in_words_and_a_drop_from_an_index_apart():
    events = _history((
        {"lost_reason": "removedfromhtml", "lost_at": date(2026, 2, 1)},
        {"batch": 2, "source": "ahrefs", "lost_reason": "vendor_dropped:nxdomain", "lost_at": date(2026, 2, 3)},
        {"batch": 3, "source": "majestic", "lost_reason": "vendor_unspecified", "lost_at": date(2026, 2, 2)},
    ))  # fmt: skip
    assert [(one.title, one.why, one.tone) for one in events[:3]] == [
        ("Ahrefs dropped it from its index", "nxdomain", "unknown"),
        ("Majestic found it lost", "The source does not say why", "lost"),
        ("Semrush found it lost", "The page no longer has the link", "lost"),
    ]


def test_checks_that_only_confirm_are_one_event_and_a_change_begins_a_new_one():
    def at(day: int, **more: Any) -> dict[str, Any]:
        return {"checked_at": datetime(2026, 3, day, 9)} | more

    events = _history(checks=(
        at(7, state="restored"), at(6, state="lost", reason="notfound"), at(5, state="lost", reason="notfound"),
        at(4), at(3, state="changed", before={"anchor": "a"}, after={"anchor": "b"}), at(2), at(1),
    ))  # fmt: skip
    assert _told(events) == [
        ("2026-03-07", "Check: restored"),
        ("2026-03-05", "Check: lost; so did 1 later check, the last on 2026-03-06"),
        ("2026-03-04", "Check: live"),
        ("2026-03-03", "Check: changed"),
        ("2026-03-01", "Check: live; so did 1 later check, the last on 2026-03-02"),
    ]
    assert events[3].changes == (("Anchor", "a", "b"),)
    assert events[1].why == "The page is gone (404 or 410)"


def test_what_a_check_saw_is_told_once():
    visit = {"source": "crawl", "report": "check", "batch": 9, "first_seen": date(2026, 3, 1)}
    events = _history((visit, visit | {"lost_reason": "noindex", "lost_at": date(2026, 3, 1)}), ({"state": "lost"},))
    assert _told(events) == [("2026-03-01", "Check: lost"), ("2026-03-01", "Our crawler saw it first")]
