"""One link at several places of a page: what is shown belongs to one of them, and only silence is filled in."""

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest

from tests.conftest import Hold

from .observed import Said, Stories, asked, derived, link, observe_all, only_link, rows_of

WS = 7
STORIES = Stories(WS)
TURNS = (1, -1)
PAGE = "one.example/x"
TOGETHER = ("kind", "anchor", "alt", "nofollow", "ugc", "sponsored", "context_left", "context_right", "placement")
# What our crawler says of a place: everything, also what is not there.
READ = {"anchor": "", "alt": "", "nofollow": 0, "ugc": 0, "sponsored": 0, "placement": "content", "last_seen": 50}
CONTENT = READ | {"anchor": "the shop", "context_left": "we like", "context_right": "a lot"}
FOOTER = READ | {"placement": "footer", "kind": "image", "alt": "Logo", "nofollow": 1, "sponsored": 1}


def place(position: int, told: dict[str, Any], at: str = PAGE) -> dict[str, Any]:
    """A place by its position on the page, which is its row."""
    return link(at, **({"placement": ""} | told), row=position)


def read(*rows: dict[str, Any], source: str = "crawl", report: str = "site") -> Said:
    """One batch of places."""
    return list(rows), source, "observations", report


def said(*rows: dict[str, Any], source: str = "ahrefs") -> Said:
    """One batch of a vendor."""
    return list(rows), source, "observations"


@pytest.fixture
def told(held_index: Hold) -> None:
    """All that is told of targets below."""
    held_index("places", STORIES.observe)


def together(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in TOGETHER}


def as_shown(said: dict[str, Any]) -> dict[str, Any]:
    """A place as it is shown when nothing else mixes in."""
    return {name: ("text" if name == "kind" else "") for name in TOGETHER} | {
        name: said[name] for name in TOGETHER if said.get(name) is not None
    }


# --- Places of one visit --------------------------------------------------------------------------------------------
ORDERS = list(permutations([(9, CONTENT), (30, FOOTER), (2, FOOTER | {"alt": "Other"})]))
for number, order in enumerate(ORDERS):
    STORIES.tell(f"order-{number}.example", read(*(place(*one) for one in order)))


@pytest.mark.parametrize("number", range(len(ORDERS)))
def test_a_link_in_content_and_footer_is_shown_as_in_content(told: None, number: int) -> None:
    shown = only_link(WS, f"order-{number}.example")
    assert together(shown) == as_shown(CONTENT), "nothing of the image in the footer"
    assert shown["occurrences"] == 2


for turn in TURNS:
    STORIES.tell(f"batches{turn}.example", *[read(place(2, one)) for one in (CONTENT, FOOTER)][::turn])


@pytest.mark.parametrize("turn", TURNS)
def test_the_order_in_which_batches_come_does_not_matter(told: None, turn: int) -> None:
    assert together(only_link(WS, f"batches{turn}.example")) == as_shown(CONTENT)


# (the place that is worth more, the other one)
PAIRS = {
    "follow in a footer before nofollow in content": (FOOTER | {"nofollow": 0}, CONTENT | {"nofollow": 1}),
    "content before a footer": (CONTENT | {"anchor": "a"}, CONTENT | {"anchor": "b", "placement": "footer"}),
    "content before navigation": (CONTENT | {"alt": "a"}, CONTENT | {"alt": "b", "placement": "navigation"}),
    "no words in content before words in a sidebar": (READ, CONTENT | {"placement": "sidebar"}),
}


for number, (better, other) in enumerate(PAIRS.values()):
    for first in (0, 1):
        STORIES.tell(f"pair-{number}-{first}.example", read(place(3 + first, better), place(4 - first, other)))


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("first", [0, 1])
def test_the_place_that_is_worth_more_is_shown(told: None, name: str, first: int) -> None:
    better, _ = PAIRS[name]
    assert together(only_link(WS, f"pair-{list(PAIRS).index(name)}-{first}.example")) == as_shown(better)


def _equals() -> Iterator[dict[str, Any]]:
    """Many pages, so that no hash can be right by chance."""
    for number in range(40):
        for position in (5, 700, 12) if number % 2 else (700, 12, 5):
            told = CONTENT | {"anchor": f"at {position}", "context_left": f"before {position} of {number}"}
            yield place(position, told, f"d{number}.example/x")


STORIES.tell("equals.example", read(*_equals()))


def test_among_equals_the_first_place_of_the_page_is_shown(told: None) -> None:
    shown = rows_of(asked(WS, target="equals.example"))
    assert len(shown) == 40
    assert {row["anchor"] for row in shown} == {"at 5"}
    assert {row["context_left"] for row in shown} == {f"before 5 of {number}" for number in range(40)}


STORIES.tell("gone.example", read(place(3, CONTENT), place(9, FOOTER)), read(place(9, FOOTER | {"last_seen": 60})))


def test_a_place_that_a_later_visit_no_longer_finds_is_not_shown(told: None) -> None:
    assert together(only_link(WS, "gone.example")) == as_shown(FOOTER)


HIDDEN = FOOTER | {"labels": {"hidden": "display", "heading": "Partners"}, "metrics": {"placement_sure": 0.9}}
STORIES.tell(
    "hidden.example",
    read(place(3, CONTENT | {"metrics": {"placement_sure": 0.4}}), place(9, HIDDEN)),
    said(link(PAGE, last_seen=70, labels={"ahrefs_platform": "cms"}, metrics={"ahrefs_dr": 9.0})),
)


def test_what_is_hidden_or_stands_under_a_heading_is_said_of_its_own_place(told: None) -> None:
    shown = only_link(WS, "hidden.example")
    assert (shown["labels"], shown["metrics"]) == (
        {"ahrefs_platform": "cms"},
        {"placement_sure": 0.4, "ahrefs_dr": 9.0},
    )


PAID = CONTENT | {"labels": {"paid": "sponsored post", "link_words": "0.83"}}
TIDIED = CONTENT | {"labels": {"link_words": "0.50"}, "last_seen": 60}
LABELLED = {
    "paid.example": (read(place(3, PAID)),),
    "asked-again.example": (read(place(3, PAID)), read(place(8, {"placement": "content", "last_seen": 60}))),
    "no-longer-paid.example": (read(place(3, PAID)), read(place(3, TIDIED))),
    "paid-below.example": (read(place(3, CONTENT), place(9, FOOTER | {"labels": {"paid": "advertorial"}})),),
    "then-gone.example": (read(place(3, PAID)), read(place(9, {"lost_at": 70, "lost_reason": "notfound"}))),
}
for name, story in LABELLED.items():
    STORIES.tell(name, *story)


def test_what_surrounds_a_link_is_that_of_the_newest_reading(told: None) -> None:
    """A check that finds a page unchanged, or gone, reads no surroundings."""
    paid = PAID["labels"]
    assert {name: only_link(WS, name)["labels"] for name in LABELLED} == {
        "paid.example": paid,
        "asked-again.example": paid,
        "no-longer-paid.example": {"link_words": "0.50"},
        "paid-below.example": {},
        "then-gone.example": paid,
    }


# --- What a later check adds ----------------------------------------------------------------------------------------
AGAIN = {"anchor": "Logo", "alt": None, "nofollow": 1, "ugc": 0, "sponsored": 1, "placement": "footer"}
UNCHANGED = (
    read(place(3, CONTENT), place(9, FOOTER)),
    read(place(77, AGAIN | {"last_seen": 60}), report="check"),
)
STORIES.tell("unchanged.example", *UNCHANGED)
STORIES.tell(
    "then-lost.example",
    *UNCHANGED,
    read(place(78, {"kind": "image", "lost_at": 70, "lost_reason": "notfound"}), report="check"),
)


def test_an_unchanged_page_and_a_loss_say_nothing_new_of_the_place(told: None) -> None:
    assert together(only_link(WS, "unchanged.example")) == as_shown(CONTENT)
    shown = only_link(WS, "then-lost.example")
    assert together(shown) == as_shown(CONTENT)
    assert (shown["state"], shown["lost_reason"], shown["last_seen"].isoformat()) == ("lost", "notfound", "2026-03-02")


STORIES.tell(
    "reading-removed.example",
    read(place(77, {"anchor": "ours", "nofollow": 1, "placement": "footer", "last_seen": 60}), report="check"),
    said(link(PAGE, last_seen=80, anchor="theirs", nofollow=0, context_left="before")),
)


def test_what_an_unchanged_page_repeats_stands_when_its_reading_was_removed(told: None) -> None:
    shown = only_link(WS, "reading-removed.example")
    assert (shown["anchor"], shown["nofollow"], shown["placement"]) == ("ours", 1, "footer")
    assert shown["context_left"] == "before"


# --- With vendors ---------------------------------------------------------------------------------------------------
VENDOR = {"anchor": "shop", "nofollow": 1, "ugc": 0, "sponsored": 0}
NEWER = (
    read(place(3, CONTENT), place(9, FOOTER)),
    said(link(PAGE, last_seen=90, context_left="theirs", title="Title", **VENDOR)),
    said(link(PAGE, last_seen=95, anchor="", title=""), source="semrush"),
)
for turn in TURNS:
    STORIES.tell(f"newer{turn}.example", *NEWER[::turn])


@pytest.mark.parametrize("turn", TURNS)
def test_our_reading_stands_whatever_a_newer_vendor_says(told: None, turn: int) -> None:
    shown = only_link(WS, f"newer{turn}.example")
    assert together(shown) == as_shown(CONTENT)
    assert (shown["title"], shown["last_seen"].isoformat()) == ("Title", "2026-04-06")


IN_CONTEXT = VENDOR | {"context_left": "before", "context_right": "after", "placement": "content", "kind": "image"}
STORIES.tell(
    "no-context.example",
    said(link(PAGE, last_seen=10, **IN_CONTEXT)),
    said(link(PAGE, last_seen=90, **VENDOR | {"anchor": "new", "nofollow": 0}), source="semrush"),
)


def test_a_vendor_without_context_leaves_that_of_an_older_claim(told: None) -> None:
    assert together(only_link(WS, "no-context.example")) == {
        "kind": "text", "anchor": "new", "alt": "", "nofollow": 0, "ugc": 0, "sponsored": 0, "context_left": "before",
        "context_right": "after", "placement": "content",
    }  # fmt: skip


LOGO = VENDOR | {"kind": "image", "anchor": "", "alt": "Logo", "context_left": "before"}
STORIES.tell(
    "silent.example",
    said(link(PAGE, last_seen=10, **LOGO)),
    said(link(PAGE, last_seen=90, title="only a title"), source="csv"),
)


def test_a_vendor_that_says_nothing_of_the_place_leaves_all_of_it(told: None) -> None:
    shown = only_link(WS, "silent.example")
    assert together(shown) == as_shown(LOGO)
    assert shown["title"] == "only a title"


STORIES.tell(
    "both-sides.example",
    said(link(PAGE, last_seen=10, context_left="old left", context_right="old right")),
    said(link(PAGE, last_seen=90, context_right="new right")),
)


def test_both_sides_of_a_context_come_from_one_claim(told: None) -> None:
    shown = only_link(WS, "both-sides.example")
    assert (shown["context_left"], shown["context_right"]) == ("", "new right")


IMAGE = VENDOR | {"kind": "image", "anchor": "", "alt": None, "nofollow": 0}
TEXT = VENDOR | {"anchor": "Home", "context_left": "go", "ugc": 1}
for turn in TURNS:
    STORIES.tell(
        f"one-file{turn}.example",
        *([link(PAGE, last_seen=month, **one) for one in (IMAGE, TEXT)][::turn] for month in (20, 50)),
    )


@pytest.mark.parametrize("turn", TURNS)
def test_two_places_in_one_file_of_a_vendor_do_not_mix(told: None, turn: int) -> None:
    shown = only_link(WS, f"one-file{turn}.example")
    assert together(shown) == as_shown(IMAGE | {"alt": ""})
    assert shown["anchor_known"] == 1


STORIES.tell("unknown-anchor.example", [link(PAGE, nofollow=0), link(PAGE, nofollow=1, anchor="Home")])


def test_an_unknown_anchor_beside_a_known_one_stays_unknown(told: None) -> None:
    shown = only_link(WS, "unknown-anchor.example")
    assert (shown["nofollow"], shown["anchor"], shown["anchor_known"]) == (0, "", 0)


STORIES.tell(
    "two-reports.example",
    read(place(2, {"nofollow": 0, "last_seen": 50}), source="ahrefs", report="broken"),
    read(place(2, {"nofollow": 1, "anchor": "Home", "last_seen": 50}), source="ahrefs", report="backlinks"),
)


def test_two_reports_of_one_vendor_on_one_day_fill_each_other_in(told: None) -> None:
    shown = only_link(WS, "two-reports.example")
    assert (shown["nofollow"], shown["anchor"]) == (0, "Home")


ALT = {"kind": "image", "anchor": "", "alt": "Logo"}
for name, claims in {"text": (ALT, {"anchor": "Home"}), "image": ({"anchor": "Home"}, ALT)}.items():
    STORIES.tell(
        f"{name}.example",
        *(said(link(PAGE, last_seen=10 + at, **one), source=f"v{at}") for at, one in enumerate(claims)),
    )


def test_a_text_link_has_no_alt_and_an_image_no_words_of_another_claim(told: None) -> None:
    text, image = only_link(WS, "text.example"), only_link(WS, "image.example")
    assert (text["kind"], text["anchor"], text["alt"]) == ("text", "Home", "")
    assert (image["kind"], image["anchor"], image["alt"]) == ("image", "", "Logo")


# --- Any order ------------------------------------------------------------------------------------------------------
def test_many_places_in_any_order_give_the_same_profile(link_index: None) -> None:
    rows = [
        place(number % 5, CONTENT | {
            "anchor": f"a{number}", "placement": ("content", "footer", "")[number % 3], "nofollow": number % 4 == 0,
            "context_left": f"left {number}" if number % 2 else "",
        }, f"d{number % 12}.example/x")
        for number in range(240)
    ]  # fmt: skip
    for workspace, order in enumerate((rows, rows[::-1], rows[1::2] + rows[::2]), start=1):
        observe_all(workspace, read(*order[:100]), read(*order[100:]))
    assert derived(1)["links"] == derived(2)["links"] == derived(3)["links"]
    told = {(row["anchor"], row["context_left"], row["placement"], row["nofollow"]) for row in rows}
    shown = {
        tuple(row[name] for name in ("anchor", "context_left", "placement", "nofollow")) for row in rows_of(asked(1))
    }
    assert shown <= told, "each row that is shown was seen"
