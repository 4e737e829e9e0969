"""Which links are looked at next, and what the last look at them saw."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from backlinks import index

from .observed import TARGET, asked, link, new_batch, observe

pytestmark = pytest.mark.usefixtures("link_index")
WS = 7
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
STATED = {
    "anchor": "", "placement": "", "nofollow": -1, "ugc": -1, "sponsored": -1, "reason": "",
}  # fmt: skip


def names(count: int) -> list[str]:
    return [f"d{number:02}.example" for number in range(count)]


def know(*strengths: float) -> list[int]:
    """Links of these strengths, from d00.example, d01.example and so on; returns their ids."""
    pages = [f"{name}/x" for name in names(len(strengths))]
    observe(
        WS,
        [link(page, last_seen=1, metrics={"ahrefs_dr": dr}) for page, dr in zip(pages, strengths, strict=True)],
        "ahrefs",
    )
    return index.link_ids([(page, f"{TARGET}/") for page in pages])


def checked(*looks: tuple[int, timedelta, str], workspace: int = WS, complete: bool = True, **said: Any) -> None:
    """One batch of checks: (link, how long ago, state)."""
    batch = new_batch(workspace, "crawl", "check")
    index.begin(batch)
    now = timezone.now()
    columns: dict[str, list[Any]] = {
        "target_domain": [TARGET] * len(looks),
        "link_id": [number for number, _, _ in looks],
        "checked_at": [int((now - ago).timestamp()) for _, ago, _ in looks],
        "state": [state for _, _, state in looks],
        "row": list(range(len(looks))),
    }
    index.add(
        batch, "checks", columns | {name: [value] * len(looks) for name, value in (STATED | said).items()}, block=0
    )
    if complete:
        index.complete(batch)


def rows(**options: Any) -> list[dict[str, Any]]:
    return list(index.to_check(asked(WS), **options))


def order(**options: Any) -> list[int]:
    """The links in the order in which they are looked at, by the number in their name."""
    return [int(row["source_domain"][1:3]) for row in rows(**options)]


def due(ago: timedelta) -> int:
    return index.count_due(asked(WS), timezone.now() - ago)


# --- What the last look saw -----------------------------------------------------------------------------------------
def test_a_check_that_could_not_look_hides_nothing() -> None:
    ids = know(1)
    seen = {"anchor": "the shop", "placement": "footer", "nofollow": 1, "ugc": 0, "sponsored": 1, "reason": "http_404"}
    checked((ids[0], 40 * DAY, "live"), anchor="older", placement="content")
    checked((ids[0], 20 * DAY, "broken"), **seen)
    checked((ids[0], 9 * DAY, "unknown"), reason="robots")
    checked((ids[0], 3 * HOUR, "unknown"), reason="http_503")
    (row,) = rows()
    said = {name: row[f"last_{name}"] for name in ("state", "anchor", "placement", "reason")}
    assert said == {"state": "broken", "anchor": "the shop", "placement": "footer", "reason": "http_404"}
    assert row["last_rel"] == (1, 0, 1)
    ago = [(datetime.now(UTC) - row[name].replace(tzinfo=UTC)) // HOUR for name in ("last_at", "tried_at")]
    assert ago == [20 * 24, 3]


def test_a_link_that_was_only_tried_was_never_looked_at() -> None:
    ids = know(1, 1)
    checked((ids[0], 5 * DAY, "unknown"), reason="robots", anchor="no")
    tried, never = rows()
    assert [(row["last_state"], row["last_anchor"], row["last_at"].year) for row in (tried, never)] == [
        ("", "", 1970)
    ] * 2
    assert {row["tried_at"].year == 1970 for row in (tried, never)} == {True, False}


def test_only_checks_that_count_and_are_ours() -> None:
    ids = know(1)
    checked((ids[0], 3 * DAY, "live"))
    checked((ids[0], 2 * DAY, "lost"), complete=False)
    checked((ids[0], 1 * DAY, "lost"), workspace=WS + 1)
    assert [row["last_state"] for row in rows()] == ["live"]


# --- In which order -------------------------------------------------------------------------------------------------
def test_never_looked_at_then_the_oldest_look_then_what_was_tried_in_vain() -> None:
    ids = know(10, 90, 50, 99, 1, 2, 3)
    checked((ids[3], 2 * DAY, "live"), (ids[4], 9 * DAY, "lost"), (ids[6], 30 * DAY, "live"))
    checked((ids[1], 2 * HOUR, "unknown"), (ids[2], 25 * HOUR, "unknown"), (ids[6], 2 * HOUR, "unknown"))
    # 2 was tried too long ago to wait; 1 (never looked at) and 6 (looked at long ago) were tried just now.
    assert order() == [2, 0, 5, 4, 3, 1, 6]
    assert order(limit=4) == [2, 0, 5, 4]


def test_a_look_that_succeeded_after_a_vain_try_is_a_look() -> None:
    ids = know(1, 1)
    checked((ids[0], 3 * HOUR, "unknown"))
    checked((ids[0], 2 * HOUR, "live"), (ids[1], 4 * HOUR, "live"))
    assert order() == [1, 0]


def test_asked_for_first_whatever_was_seen() -> None:
    ids = know(5, 4, 3, 2)
    checked((ids[2], 2 * DAY, "live"), (ids[3], 1 * HOUR, "unknown"))
    assert order(asked=[ids[2], ids[3]]) == [2, 3, 0, 1]
    assert [row["is_due"] for row in rows(asked=ids)] == [1, 1, 1, 1]
    assert order(asked=[123]) == [0, 1, 2, 3], "nobody knows that link"


# --- How many are asked for -----------------------------------------------------------------------------------------
def test_links_that_are_asked_for_have_a_share() -> None:
    ids = know(*range(12))
    checked(*((ids[number], (20 + number) * DAY, "live") for number in range(8)))
    watched = ids[:6]
    # The oldest look first: 5, 4, 3; then 11 to 8 were never looked at, 7 and 6 long ago; then the rest.
    assert order(asked=watched, asked_most=3) == [5, 4, 3, 11, 10, 9, 8, 7, 6, 2, 1, 0]
    assert order(asked=watched, asked_most=3, limit=6) == [5, 4, 3, 11, 10, 9]
    assert order(asked=watched, asked_most=9, limit=6) == [5, 4, 3, 2, 1, 0]
    assert order(asked=watched, asked_most=0, limit=3) == [11, 10, 9]
    assert order(asked=watched, limit=6) == [5, 4, 3, 2, 1, 0], "no share is no limit"


def test_what_is_not_due_leaves_its_turn_to_what_is_asked_for() -> None:
    ids = know(*range(8))
    checked(*((ids[number], (1 + number) * DAY, "live") for number in range(7)))
    before = timezone.now() - 7 * DAY + HOUR
    found = rows(asked=ids[:4], asked_most=2, before=before)
    # 3 and 2 in their share; 7 (never) and 6 (seven days) are due; the rest that is asked for; then 5 and 4.
    assert [int(row["source_domain"][1:3]) for row in found] == [3, 2, 7, 6, 1, 0, 5, 4]
    assert [row["is_due"] for row in found] == [1, 1, 1, 1, 1, 1, 0, 0]


def test_a_share_takes_last_what_was_tried_in_vain() -> None:
    ids = know(1, 2, 3, 4)
    checked((ids[0], 40 * DAY, "live"), (ids[1], 3 * DAY, "live"))
    checked((ids[0], HOUR, "unknown"))
    assert order(asked=ids[:2], asked_most=1) == [1, 3, 2, 0]


# --- How many are due -----------------------------------------------------------------------------------------------
def test_due_is_what_nobody_has_seen_for_long_nor_tried_today() -> None:
    ids = know(*range(6))
    checked((ids[0], 3 * DAY, "live"), (ids[1], 9 * DAY, "lost"), (ids[2], 9 * DAY, "live"), (ids[3], 9 * DAY, "live"))
    checked((ids[2], 2 * HOUR, "unknown"), (ids[3], 25 * HOUR, "unknown"), (ids[4], 2 * HOUR, "unknown"))
    # 1: seen long ago; 3: and tried in vain yesterday; 5: never.
    assert due(7 * DAY) == 3
    assert due(2 * DAY) == 4
    assert due(10 * DAY) == 1


def test_who_looks_more_often_than_daily_tries_as_often() -> None:
    ids = know(1, 2)
    checked((ids[0], 8 * HOUR, "unknown"), (ids[1], 2 * HOUR, "unknown"))
    assert (due(DAY), due(6 * HOUR), due(HOUR)) == (0, 1, 2)
    before = timezone.now() - 6 * HOUR
    assert [(row["link_id"], row["is_due"]) for row in rows(before=before)] == [(ids[0], 1), (ids[1], 0)]


# --- Known ----------------------------------------------------------------------------------------------------------
def test_which_ids_are_links_of_the_target() -> None:
    ids = know(1, 2, 3)
    observe(WS, [link("d09.example/x", "other.example/")])
    other = index.link_ids([("d09.example/x", "other.example/")])
    assert index.known_links(asked(WS), [*ids[:2], *other, 5]) == set(ids[:2])
    assert index.known_links(asked(WS + 1), ids) == set()
    assert index.known_links(asked(WS), []) == set()


def test_the_last_look_at_the_links_of_domains() -> None:
    know(30, 20, 10)
    first, second, _ = index.link_ids([(f"{name}/x", f"{TARGET}/") for name in names(3)])
    checked((first, 2 * DAY, "live"), (first, DAY, "lost"), (second, DAY, "live"))
    found = index.looks_at(asked(WS), names(3))
    assert set(found) == set(names(2))
    assert (found["d00.example"]["links"], found["d01.example"]["gone"]) == (1, 0)
    assert abs(found["d00.example"]["looked_at"].replace(tzinfo=UTC) - (timezone.now() - DAY)) < HOUR
