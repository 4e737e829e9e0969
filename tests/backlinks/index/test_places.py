"""One link at several places of a page: what is shown belongs to one of them, and only silence is filled in."""

from itertools import permutations
from typing import Any

import pytest

from backlinks import index

from .observed import asked, day, derived, link, new_batch, observe, only_link, rows_of

pytestmark = pytest.mark.usefixtures("link_index")
WS = 7
PAGE = "one.example/x"
TOGETHER = ("kind", "anchor", "alt", "nofollow", "ugc", "sponsored", "context_left", "context_right", "placement")
# What our crawler says of a place: everything, also what is not there.
READ = {"anchor": "", "alt": "", "nofollow": 0, "ugc": 0, "sponsored": 0, "placement": "content", "last_seen": 50}
CONTENT = READ | {"anchor": "the shop", "context_left": "we like", "context_right": "a lot"}
FOOTER = READ | {"placement": "footer", "kind": "image", "alt": "Logo", "nofollow": 1, "sponsored": 1}


def place(position: int, said: dict[str, Any], at: str = PAGE) -> dict[str, Any]:
    return link(at, **({"placement": ""} | said), position=position)


def bring(workspace: int, *rows: dict[str, Any], source: str = "crawl", report: str = "site") -> None:
    """One batch; the position of a place is its row."""
    batch = new_batch(workspace, source, report)
    index.begin(batch)
    columns: dict[str, list[Any]] = {}
    for row in rows:
        for name, value in row.items():
            columns.setdefault({"position": "row"}.get(name, name), []).append(value)
    for name in ("first_seen", "last_seen", "lost_at"):
        columns[name] = [day(number) for number in columns[name]]
    index.add(batch, "observations", columns, block=0)
    index.complete(batch)


def together(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in TOGETHER}


def as_shown(said: dict[str, Any]) -> dict[str, Any]:
    """A place as it is shown when nothing else mixes in."""
    return {name: ("text" if name == "kind" else "") for name in TOGETHER} | {
        name: said[name] for name in TOGETHER if said.get(name) is not None
    }


# --- Places of one visit --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("places", list(permutations([(9, CONTENT), (30, FOOTER), (2, FOOTER | {"alt": "Other"})])))
def test_a_link_in_content_and_footer_is_shown_as_in_content(places: list[tuple[int, dict[str, Any]]]) -> None:
    bring(WS, *(place(*one) for one in places))
    shown = only_link(WS)
    assert together(shown) == as_shown(CONTENT), "nothing of the image in the footer"
    assert shown["occurrences"] == 2


@pytest.mark.parametrize("turn", [1, -1])
def test_the_order_in_which_batches_come_does_not_matter(turn: int) -> None:
    for said in [CONTENT, FOOTER][::turn]:
        bring(WS, place(2, said))
    assert together(only_link(WS)) == as_shown(CONTENT)


# (the place that is worth more, the other one)
PAIRS = {
    "follow in a footer before nofollow in content": (FOOTER | {"nofollow": 0}, CONTENT | {"nofollow": 1}),
    "content before a footer": (CONTENT | {"anchor": "a"}, CONTENT | {"anchor": "b", "placement": "footer"}),
    "content before navigation": (CONTENT | {"alt": "a"}, CONTENT | {"alt": "b", "placement": "navigation"}),
    "no words in content before words in a sidebar": (READ, CONTENT | {"placement": "sidebar"}),
}


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("first", [0, 1])
def test_the_place_that_is_worth_more_is_shown(name: str, first: int) -> None:
    better, other = PAIRS[name]
    bring(WS, place(3 + first, better), place(4 - first, other))
    assert together(only_link(WS)) == as_shown(better)


def test_among_equals_the_first_place_of_the_page_is_shown() -> None:
    """Many pages, so that no hash can be right by chance."""
    rows = []
    for number in range(40):
        for position in (5, 700, 12) if number % 2 else (700, 12, 5):
            said = CONTENT | {"anchor": f"at {position}", "context_left": f"before {position} of {number}"}
            rows.append(place(position, said, f"d{number}.example/x"))
    bring(WS, *rows)
    shown = rows_of(asked(WS))
    assert len(shown) == 40
    assert {row["anchor"] for row in shown} == {"at 5"}
    assert {row["context_left"] for row in shown} == {f"before 5 of {number}" for number in range(40)}


def test_a_place_that_a_later_visit_no_longer_finds_is_not_shown() -> None:
    bring(WS, place(3, CONTENT), place(9, FOOTER))
    bring(WS, place(9, FOOTER | {"last_seen": 60}))
    assert together(only_link(WS)) == as_shown(FOOTER)


def test_what_is_hidden_or_stands_under_a_heading_is_said_of_its_own_place() -> None:
    hidden = FOOTER | {"labels": {"hidden": "display", "heading": "Partners"}, "metrics": {"placement_sure": 0.9}}
    bring(WS, place(3, CONTENT | {"metrics": {"placement_sure": 0.4}}), place(9, hidden))
    observe(WS, [link(PAGE, last_seen=70, labels={"ahrefs_platform": "cms"}, metrics={"ahrefs_dr": 9.0})], "ahrefs")
    shown = only_link(WS)
    assert (shown["labels"], shown["metrics"]) == (
        {"ahrefs_platform": "cms"},
        {"placement_sure": 0.4, "ahrefs_dr": 9.0},
    )


# --- What a later check adds ----------------------------------------------------------------------------------------
def test_an_unchanged_page_and_a_loss_say_nothing_new_of_the_place() -> None:
    bring(WS, place(3, CONTENT), place(9, FOOTER))
    again = {"anchor": "Logo", "alt": None, "nofollow": 1, "ugc": 0, "sponsored": 1, "placement": "footer"}
    bring(WS, place(77, again | {"last_seen": 60}), report="check")
    assert together(only_link(WS)) == as_shown(CONTENT)
    bring(WS, place(78, {"kind": "image", "lost_at": 70, "lost_reason": "notfound"}), report="check")
    shown = only_link(WS)
    assert together(shown) == as_shown(CONTENT)
    assert (shown["state"], shown["lost_reason"], shown["last_seen"].isoformat()) == ("lost", "notfound", "2026-03-02")


def test_what_an_unchanged_page_repeats_stands_when_its_reading_was_removed() -> None:
    bring(WS, place(77, {"anchor": "ours", "nofollow": 1, "placement": "footer", "last_seen": 60}), report="check")
    observe(WS, [link(PAGE, last_seen=80, anchor="theirs", nofollow=0, context_left="before")], "ahrefs")
    shown = only_link(WS)
    assert (shown["anchor"], shown["nofollow"], shown["placement"]) == ("ours", 1, "footer")
    assert shown["context_left"] == "before"


# --- With vendors ---------------------------------------------------------------------------------------------------
VENDOR = {"anchor": "shop", "nofollow": 1, "ugc": 0, "sponsored": 0}


@pytest.mark.parametrize("turn", [1, -1])
def test_our_reading_stands_whatever_a_newer_vendor_says(turn: int) -> None:
    steps = [
        lambda: bring(WS, place(3, CONTENT), place(9, FOOTER)),
        lambda: observe(WS, [link(PAGE, last_seen=90, context_left="theirs", title="Title", **VENDOR)], "ahrefs"),
        lambda: observe(WS, [link(PAGE, last_seen=95, anchor="", title="")], "semrush"),
    ]
    for step in steps[::turn]:
        step()
    shown = only_link(WS)
    assert together(shown) == as_shown(CONTENT)
    assert (shown["title"], shown["last_seen"].isoformat()) == ("Title", "2026-04-06")


def test_a_vendor_without_context_leaves_that_of_an_older_claim() -> None:
    older = VENDOR | {"context_left": "before", "context_right": "after", "placement": "content", "kind": "image"}
    observe(WS, [link(PAGE, last_seen=10, **older)], "ahrefs")
    observe(WS, [link(PAGE, last_seen=90, **VENDOR | {"anchor": "new", "nofollow": 0})], "semrush")
    assert together(only_link(WS)) == {
        "kind": "text", "anchor": "new", "alt": "", "nofollow": 0, "ugc": 0, "sponsored": 0, "context_left": "before",
        "context_right": "after", "placement": "content",
    }  # fmt: skip


def test_a_vendor_that_says_nothing_of_the_place_leaves_all_of_it() -> None:
    older = VENDOR | {"kind": "image", "anchor": "", "alt": "Logo", "context_left": "before"}
    observe(WS, [link(PAGE, last_seen=10, **older)], "ahrefs")
    observe(WS, [link(PAGE, last_seen=90, title="only a title")], "csv")
    shown = only_link(WS)
    assert together(shown) == as_shown(older)
    assert shown["title"] == "only a title"


def test_both_sides_of_a_context_come_from_one_claim() -> None:
    observe(WS, [link(PAGE, last_seen=10, context_left="old left", context_right="old right")], "ahrefs")
    observe(WS, [link(PAGE, last_seen=90, context_right="new right")], "ahrefs")
    shown = only_link(WS)
    assert (shown["context_left"], shown["context_right"]) == ("", "new right")


@pytest.mark.parametrize("turn", [1, -1])
def test_two_places_in_one_file_of_a_vendor_do_not_mix(turn: int) -> None:
    image = VENDOR | {"kind": "image", "anchor": "", "alt": None, "nofollow": 0}
    text = VENDOR | {"anchor": "Home", "context_left": "go", "ugc": 1}
    for month in (20, 50):
        rows = [link(PAGE, last_seen=month, **one) for one in (image, text)]
        observe(WS, rows[::turn], "semrush")
    shown = only_link(WS)
    assert together(shown) == as_shown(image | {"alt": ""})
    assert shown["anchor_known"] == 1


def test_an_unknown_anchor_beside_a_known_one_stays_unknown() -> None:
    observe(WS, [link(PAGE, nofollow=0), link(PAGE, nofollow=1, anchor="Home")], "semrush")
    shown = only_link(WS)
    assert (shown["nofollow"], shown["anchor"], shown["anchor_known"]) == (0, "", 0)


def test_two_reports_of_one_vendor_on_one_day_fill_each_other_in() -> None:
    bring(WS, place(2, {"nofollow": 0, "last_seen": 50}), source="ahrefs", report="broken")
    bring(WS, place(2, {"nofollow": 1, "anchor": "Home", "last_seen": 50}), source="ahrefs", report="backlinks")
    shown = only_link(WS)
    assert (shown["nofollow"], shown["anchor"]) == (0, "Home")


def test_a_text_link_has_no_alt_and_an_image_no_words_of_another_claim() -> None:
    image = {"kind": "image", "anchor": "", "alt": "Logo"}
    for page, order in (
        ("text.example/x", (image, {"anchor": "Home"})),
        ("image.example/x", ({"anchor": "Home"}, image)),
    ):
        for number, one in enumerate(order):
            observe(WS, [link(page, last_seen=10 + number, **one)], f"v{number}")
    shown = {row["source_host"]: (row["kind"], row["anchor"], row["alt"]) for row in rows_of(asked(WS))}
    assert shown == {"text.example": ("text", "Home", ""), "image.example": ("image", "", "Logo")}


# --- Any order ------------------------------------------------------------------------------------------------------
def test_many_places_in_any_order_give_the_same_profile() -> None:
    rows = [
        place(number % 5, CONTENT | {
            "anchor": f"a{number}", "placement": ("content", "footer", "")[number % 3], "nofollow": number % 4 == 0,
            "context_left": f"left {number}" if number % 2 else "",
        }, f"d{number % 12}.example/x")
        for number in range(240)
    ]  # fmt: skip
    for workspace, order in enumerate((rows, rows[::-1], rows[1::2] + rows[::2]), start=1):
        for part in (order[:100], order[100:]):
            bring(workspace, *part)
    assert derived(1)["links"] == derived(2)["links"] == derived(3)["links"]
    said = {(row["anchor"], row["context_left"], row["placement"], row["nofollow"]) for row in rows}
    shown = {
        tuple(row[name] for name in ("anchor", "context_left", "placement", "nofollow")) for row in rows_of(asked(1))
    }
    assert shown <= said, "each row that is shown was seen"
