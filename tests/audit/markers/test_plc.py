"""Markers of the place of a link: fired, clear, at the threshold, unknown, beside."""

from typing import Any

import pytest

from audit.markers import plc
from audit.markers.marker import BESIDE, CLEAR, FIRED, UNKNOWN, Found, by_id
from audit.profile import About
from tests.audit.profiles import ABOUT, AS_OF, fired, found_of, frozen, states

PLC = by_id(plc.MARKERS)
URL = "https://a.example/page"
READ = {"fetched": AS_OF}
NONE: dict[str, Any] = {}
OPEN = {"paid": "sponsored post", "nofollow": 0, "sponsored": 0}
# Marker, state, columns of the link, columns of its page.
CASES: tuple[tuple[str, int, dict[str, Any], dict[str, Any]], ...] = (
    ("PLC02", FIRED, {"placement": "footer"}, NONE), ("PLC02", CLEAR, {"placement": "content"}, NONE),
    ("PLC02", UNKNOWN, NONE, NONE), ("PLC02", BESIDE, {"placement": "footer", "kind": "redirect"}, NONE),
    ("PLC03", FIRED, {"placement": "sidebar"}, NONE), ("PLC03", FIRED, {"placement": "widget"}, NONE),
    ("PLC03", CLEAR, {"placement": "navigation"}, NONE), ("PLC03", UNKNOWN, NONE, NONE),
    ("PLC04", FIRED, {"placement": "comment"}, NONE), ("PLC04", CLEAR, {"placement": "author"}, NONE),
    ("PLC04", UNKNOWN, NONE, NONE),
    ("PLC05", FIRED, {"placement": "signature"}, NONE), ("PLC05", CLEAR, {"placement": "comment"}, NONE),
    ("PLC05", FIRED, NONE, {"key": "forum.example/member.php?u=12"}), ("PLC05", UNKNOWN, NONE, NONE),
    ("PLC05", CLEAR, {"placement": "content"}, {"key": "club.example/members/"}),
    ("PLC06", FIRED, {"hidden": "display:none"}, READ), ("PLC06", FIRED, {"hidden": "text-indent off-screen"}, NONE),
    ("PLC06", CLEAR, {"hidden": "class d-none"}, READ), ("PLC06", CLEAR, NONE, READ), ("PLC06", UNKNOWN, NONE, NONE),
    ("PLC06", CLEAR, {"hidden": "noscript"}, READ), ("PLC06", CLEAR, {"hidden": "image of a pixel"}, READ),
    ("PLC06", CLEAR, {"checked_at": AS_OF}, NONE),
    ("PLC07", FIRED, {"link_words": 0.7}, READ), ("PLC07", CLEAR, {"link_words": 0.69}, READ),
    ("PLC07", CLEAR, NONE, READ), ("PLC07", UNKNOWN, NONE, NONE),
    ("PLC08", FIRED, OPEN, READ), ("PLC08", CLEAR, OPEN | {"nofollow": 1}, READ),
    ("PLC08", CLEAR, OPEN | {"sponsored": 1}, READ), ("PLC08", FIRED, OPEN | {"ugc": 1}, READ),
    ("PLC08", UNKNOWN, {"paid": "sponsored post"}, READ), ("PLC08", CLEAR, {"nofollow": 0}, READ),
    ("PLC08", UNKNOWN, {"nofollow": 0}, NONE), ("PLC08", UNKNOWN, {"nofollow": 0}, READ | {"unsupported": "1"}),
    ("PLC09", FIRED, {"frame": "noscript"}, READ), ("PLC09", FIRED, {"kind": "frame"}, NONE),
    ("PLC09", CLEAR, {"kind": "text"}, READ), ("PLC09", UNKNOWN, {"kind": "text"}, NONE),
    ("PLC10", FIRED, {"kind": "image", "pixel": "1"}, READ), ("PLC10", CLEAR, {"kind": "image"}, READ),
    ("PLC10", FIRED, {"kind": "image", "hidden": "image of a pixel"}, READ),
    ("PLC10", CLEAR, {"kind": "image", "pixel": "1", "alt": "Logo"}, READ), ("PLC10", UNKNOWN, {"kind": "image"}, NONE),
    ("PLC10", BESIDE, {"kind": "text"}, READ), ("PLC10", UNKNOWN, NONE, NONE),
    ("PLC12", FIRED, {"inserted": 1180, "moved_bits": 3}, {"published": 1000}),
    ("PLC12", CLEAR, {"inserted": 1179, "moved_bits": 3}, {"published": 1000}),
    ("PLC12", CLEAR, {"inserted": 1180, "moved_bits": 4}, {"published": 1000}),
    ("PLC12", CLEAR, {"first_seen": 1179}, {"published": 1000}),
    ("PLC12", UNKNOWN, {"first_seen": 1500}, {"published": 1000}),
    ("PLC12", UNKNOWN, {"inserted": 1180}, {"published": 1000}), ("PLC12", UNKNOWN, {"inserted": 1180}, NONE),
    ("PLC13", FIRED, {"shown_to_bots": 1}, NONE), ("PLC13", CLEAR, {"shown_to_bots": 0}, NONE),
    ("PLC13", UNKNOWN, NONE, READ),
    ("PLC14", FIRED, NONE, {"directory": 1}), ("PLC14", CLEAR, NONE, {"directory": 0}), ("PLC14", UNKNOWN, NONE, READ),
)  # fmt: skip


def test_every_marker_of_the_group_is_there() -> None:
    assert list(PLC) == [f"PLC{number:02}" for number in range(1, 16)]


@pytest.mark.parametrize(("name", "state", "link", "page"), CASES)
def test_a_link(name: str, state: int, link: dict[str, Any], page: dict[str, Any]) -> None:
    profile = frozen([{"source": URL, **link}], pages={URL: page})
    assert states(PLC[name], profile) == [state]


def said(found: Found) -> list[str]:
    assert found.said is not None
    return [found.said.at(row) for row in range(len(found.state))]


def test_what_fires_names_the_fact() -> None:
    profile = frozen([{"source": URL, **OPEN, "hidden": "opacity:0"}], pages={URL: READ})
    assert said(found_of(PLC["PLC08"], profile)) == ["sponsored post"]
    assert said(found_of(PLC["PLC06"], profile)) == ["opacity:0"]


# --- Site-wide --------------------------------------------------------------------------------------------------------
def site(count: int, **link: Any) -> list[dict[str, Any]]:
    made = {"target": "client.example/", "anchor": "Client", **link}
    return [{"source": f"https://a.example/{number}", **made} for number in range(count)]


@pytest.mark.parametrize(
    ("count", "pages", "state"),
    [
        (20, None, FIRED), (19, None, UNKNOWN), (19, 100, CLEAR), (19, 39, CLEAR), (19, 38, FIRED), (5, 10, FIRED),
        (4, 4, CLEAR), (1, 1, CLEAR),
    ],
)  # fmt: skip
def test_a_site_wide_link_stands_on_many_pages_or_on_half_of_them(count: int, pages: int | None, state: int) -> None:
    profile = frozen(site(count), domains={"a.example": {"pages": pages}})
    found = found_of(PLC["PLC01"], profile)
    assert found.state.tolist() == [state] * count
    assert found.value.tolist() == [count] * count


def test_other_targets_other_anchors_and_other_sites_are_other_links() -> None:
    links = [*site(15), *site(15, target="client.example/b"), *site(15, anchor="shoes")]
    links += [{"source": f"https://b.example/{number}", "target": "client.example/"} for number in range(20)]
    profile = frozen(links, domains={"a.example": {"pages": 900}})
    assert fired(PLC["PLC01"], profile) == list(range(45, 65))


def test_a_page_that_repeats_its_link_is_one_page() -> None:
    links = [one for one in site(10) for _ in range(3)]
    assert states(PLC["PLC01"], frozen(links, domains={"a.example": {"pages": 500}})) == [CLEAR] * 30


def test_a_vendors_word_counts() -> None:
    assert states(PLC["PLC01"], frozen([*site(1, sitewide=1), *site(1, sitewide=0)])) == [FIRED, CLEAR]


# --- Redirects --------------------------------------------------------------------------------------------------------
CHAIN = '[{"url": "http://old.example/x", "status": 301}, {"url": "https://client.example/", "status": 200}]'


@pytest.mark.parametrize(
    ("link", "state"),
    [
        ({"redirect": CHAIN}, FIRED),
        ({"redirect": "http://old.example/x https://www.client.example/"}, FIRED),
        ({"redirect": "http://client.example/old https://www.client.example/"}, CLEAR),
        ({"redirect": "https://bit.ly/3x https://client.example/"}, CLEAR),
        ({"redirect": "https://l.facebook.com/l.php?u=x https://client.example/"}, CLEAR),
        ({"redirect": "https://out.a.example/go https://client.example/"}, CLEAR),
        ({"redirect": "https://out.a.example/go http://old.example/ https://client.example/"}, FIRED),
        ({"redirect": "https://mate.example/ https://client.example/"}, CLEAR),
        ({"redirect": "[not json"}, CLEAR),
        ({"checked_at": AS_OF}, CLEAR),
        ({"placement": "content"}, CLEAR),
        ({}, UNKNOWN),
    ],
)
def test_a_link_through_somebody_elses_domain_is_inherited(link: dict[str, Any], state: int) -> None:
    about = About(target="client.example", partners=frozenset(("mate.example",)))
    found = found_of(PLC["PLC11"], frozen([{"source": URL, **link}], about=about))
    assert found.state.tolist() == [state]
    assert said(found) == ["old.example" if state == FIRED else ""]


# --- Copies -----------------------------------------------------------------------------------------------------------
def copies(*pages: tuple[str, dict[str, Any]], **link: Any) -> Found:
    links = [{"source": url, **link} for url, _ in pages]
    return found_of(PLC["PLC15"], frozen(links, pages=dict(pages), about=ABOUT))


def test_the_same_text_on_two_domains_is_a_copy_but_for_the_oldest() -> None:
    found = copies(
        ("https://new.example/a", {"text_print": 7, "published": 300}),
        ("https://old.example/a", {"text_print": 7, "published": 200}),
        ("https://other.example/a", {"text_print": 6, "published": 100}),
        ("https://short.example/a", {"text_print": 0, "fetched": AS_OF}),
        ("https://unread.example/a", {}),
    )
    assert found.state.tolist() == [FIRED, CLEAR, CLEAR, BESIDE, UNKNOWN]
    assert said(found)[0] == "https://old.example/a"
    assert found.value.tolist()[:2] == [2, 2]


def test_of_copies_without_dates_none_is_the_original() -> None:
    found = copies(("https://a.example/a", {"text_print": 7}), ("https://b.example/a", {"text_print": 7}))
    assert found.state.tolist() == [FIRED, FIRED]


def test_the_same_text_twice_on_one_domain_is_no_copy() -> None:
    found = copies(("https://a.example/a", {"text_print": 7}), ("https://a.example/b", {"text_print": 7}))
    assert found.state.tolist() == [CLEAR, CLEAR]


def test_a_press_wire_spreads_texts() -> None:
    found = copies(("https://www.prnewswire.com/x", {}), ("https://a.example/x", {"text_print": 7}))
    assert found.state.tolist() == [FIRED, CLEAR]
    assert said(found) == ["what a press wire spreads", ""]


def test_nothing_to_judge_is_no_reason_to_fail() -> None:
    assert all(len(found_of(one, frozen([])).state) == 0 for one in PLC.values())
