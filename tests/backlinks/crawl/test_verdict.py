"""The verdict on a link: a table of what was known, what was seen, and what that means."""

from typing import Any

import pytest

from backlinks.crawl.verdict import LOST, Verdict, decide

KNOWN: dict[str, Any] = {
    "kind": "text", "anchor": "our shop", "anchor_known": 1, "nofollow": 0, "ugc": 0, "sponsored": -1, "placement": "",
    "state": "live", "target_key": "client.example/", "target_url": "https://client.example/",
}  # fmt: skip
LAST = {"at": 1, "state": "live", "reason": "", "anchor": "our shop", "placement": "content", "rel": [0, 0, 0]}
LINK: dict[str, Any] = {
    "url": "https://client.example/", "key": "client.example/", "anchor": "our shop", "alt": "", "nofollow": False,
    "ugc": False, "sponsored": False, "placement": "content",
}  # fmt: skip
SEEN: dict[str, Any] = {
    "at": 2, "status": 200, "code": "", "final_url": "https://blog.example/a", "page_key": "blog.example/a",
    "redirect_key": "", "is_cut": False, "link": LINK, "others": [], "noindex": 0, "canonical": "", "moved_from": "",
}  # fmt: skip
ABSENT = SEEN | {"link": None}


def answered(status: int, code: str = "") -> dict[str, Any]:
    return ABSENT | {"status": status, "code": code or f"http_{status}"}


@pytest.mark.parametrize(
    ("seen", "state", "reason"),
    [
        (SEEN, "live", ""),
        (ABSENT, "lost", "removedfromhtml"),
        (answered(404), "lost", "notfound"),
        (answered(410), "lost", "notfound"),
        (answered(400), "lost", "pageerror"),
        (ABSENT | {"status": 301, "redirect_key": "blog.example/b"}, "unknown", "too_many_redirects"),
        (ABSENT | {"status": 302, "redirect_key": "blog.example/a"}, "unknown", "too_many_redirects"),
        (answered(302, "bad_redirect"), "unknown", "bad_redirect"),
        (answered(304, "bad_response"), "unknown", "bad_response"),
        (ABSENT | {"moved_from": "https://blog.example/old"}, "lost", "pageredirected"),
        (SEEN | {"noindex": 1}, "lost", "noindex"),
        (SEEN | {"canonical": "blog.example/other"}, "lost", "notcanonical"),
        (SEEN | {"canonical": "blog.example/a"}, "live", ""),
        ({}, "unknown", "not_visited"),
        (ABSENT | {"status": 0, "code": "robots"}, "unknown", "robots"),
        (ABSENT | {"status": 0, "code": "timeout"}, "unknown", "timeout"),
        (ABSENT | {"status": 0, "code": "address_refused"}, "unknown", "address_refused"),
        (ABSENT | {"code": "not_read"}, "unknown", "not_read"),
        (ABSENT | {"is_cut": True}, "unknown", "cut_short"),
        *(
            (answered(status), "unknown", f"http_{status}")
            for status in (401, 403, 405, 406, 412, 418, 421, 429, 444, 451, 499, 500, 503)
        ),
    ],
)
def test_what_a_visit_says(seen: dict[str, Any], state: str, reason: str) -> None:
    verdict = decide(KNOWN, seen, {})
    assert (verdict.state, verdict.reason) == (state, reason)
    assert verdict.state != "lost" or verdict.reason in LOST


@pytest.mark.parametrize(
    ("link", "changes"),
    [
        ({"anchor": "Our  Shop "}, {}),
        ({"anchor": "the shop"}, {"anchor": ("our shop", "the shop")}),
        ({"nofollow": True}, {"nofollow": ("no", "yes")}),
        ({"sponsored": True}, {}),  # nobody had known
        ({"placement": "footer"}, {}),  # nobody had known
        ({"ugc": True, "anchor": "x"}, {"anchor": ("our shop", "x"), "ugc": ("no", "yes")}),
    ],
)
def test_what_changed_against_what_vendors_say(link: dict[str, Any], changes: dict[str, tuple[str, str]]) -> None:
    verdict = decide(KNOWN, SEEN | {"link": LINK | link}, {})
    assert verdict == Verdict("changed" if changes else "live", "", changes)


def test_our_own_last_check_is_what_counts_for_a_change() -> None:
    known = KNOWN | {"anchor": "a vendor's words", "nofollow": 1, "last": LAST}
    assert decide(known, SEEN, {}) == Verdict("live")
    moved = decide(known, SEEN | {"link": LINK | {"placement": "footer", "sponsored": True}}, {})
    assert moved.changes == {"placement": ("content", "footer"), "sponsored": ("no", "yes")}


def test_an_image_link_is_compared_by_its_alt_text() -> None:
    known = KNOWN | {"kind": "image", "last": LAST | {"anchor": "logo"}}
    assert decide(known, SEEN | {"link": LINK | {"anchor": "", "alt": "Logo"}}, {}).state == "live"


def test_an_anchor_that_nobody_knew_is_no_change() -> None:
    assert decide(KNOWN | {"anchor": "", "anchor_known": 0}, SEEN, {}).state == "live"


def test_the_same_words_on_another_target_are_a_changed_link() -> None:
    others = [{"url": "https://client.example/new", "anchor": "Our shop"}]
    verdict = decide(KNOWN, ABSENT | {"others": others}, {})
    assert verdict == Verdict(
        "changed", "target", {"target": ("https://client.example/", "https://client.example/new")}
    )
    two = [*others, {"url": "https://client.example/b", "anchor": "our shop"}]
    assert decide(KNOWN, ABSENT | {"others": two}, {}).reason == "removedfromhtml"
    assert decide(KNOWN | {"anchor": ""}, ABSENT | {"others": [{"url": "x", "anchor": ""}]}, {}).state == "lost"


@pytest.mark.parametrize(
    ("target", "state", "reason"),
    [
        ({"status": 404, "code": "http_404"}, "broken", "http_404"),
        ({"status": 500, "code": "http_500"}, "broken", "http_500"),
        ({"status": 403, "code": "http_403"}, "live", "target_unseen"),
        ({"status": 429, "code": "http_429"}, "live", "target_unseen"),
        ({"status": 302, "code": ""}, "live", "target_unseen"),
        ({"status": 0, "code": "address_refused"}, "live", "target_unseen"),
        ({"status": 0, "code": "timeout"}, "live", "target_unseen"),
        ({"status": 200, "code": ""}, "live", ""),
        ({}, "live", ""),
    ],
)
def test_a_target_is_broken_when_it_answers_with_an_error(target: dict[str, Any], state: str, reason: str) -> None:
    verdict = decide(KNOWN, SEEN, target)
    assert (verdict.state, verdict.reason) == (state, reason)


@pytest.mark.parametrize("seen", [SEEN, ABSENT | {"status": 304}])
def test_a_broken_target_stays_broken_until_it_was_looked_at(seen: dict[str, Any]) -> None:
    known = KNOWN | {"last": LAST | {"state": "broken", "reason": "http_404"}}
    for target in ({}, {"status": 0, "code": "timeout"}, {"status": 429, "code": "http_429"}):
        assert (decide(known, seen, target).state, decide(known, seen, target).reason) == ("broken", "http_404")
    assert decide(known, seen, {"status": 200, "code": ""}).state == "live"


def test_a_link_that_was_lost_and_is_there_is_restored() -> None:
    assert decide(KNOWN | {"state": "lost"}, SEEN, {}).state == "restored"
    assert decide(KNOWN | {"last": LAST | {"state": "lost"}}, SEEN, {}).state == "restored"
    assert decide(KNOWN | {"state": "lost", "last": LAST}, SEEN, {}).state == "live", "our own sight is newer"


def test_an_unchanged_page_keeps_its_last_verdict() -> None:
    unchanged = ABSENT | {"status": 304}
    assert decide(KNOWN | {"last": LAST}, unchanged, {}) == Verdict("live", "unchanged")
    assert decide(KNOWN | {"last": LAST}, unchanged, {"status": 404, "code": "http_404"}).state == "broken"
    broken = LAST | {"state": "broken", "reason": "http_404"}
    assert decide(KNOWN | {"last": broken}, unchanged, {}).state == "broken"
    assert decide(KNOWN | {"last": broken}, unchanged, {"status": 200, "code": ""}).state == "live"
    moved = LAST | {"state": "changed", "reason": "target"}
    assert decide(KNOWN | {"last": moved}, unchanged, {}).state == "lost"
    lost = LAST | {"state": "lost", "reason": "noindex"}
    assert decide(KNOWN | {"last": lost}, unchanged, {}) == Verdict("lost", "noindex")


def test_a_redirect_that_leads_elsewhere_is_lost() -> None:
    known = KNOWN | {"kind": "redirect"}
    there = ABSENT | {"status": 301, "redirect_key": "client.example/"}
    assert decide(known, there, {}).state == "live"
    assert decide(known, there | {"redirect_key": "other.example/"}, {}) == Verdict("lost", "lostredirect")
    assert decide(known, ABSENT, {}) == Verdict("lost", "lostredirect")
    assert decide(known, answered(404), {}) == Verdict("lost", "lostredirect")
    assert decide(known, answered(503), {}).state == "unknown"


def test_a_page_that_moved_with_its_link_is_a_change() -> None:
    verdict = decide(KNOWN, SEEN | {"moved_from": "https://blog.example/old"}, {})
    assert verdict == Verdict("changed", "", {"page": ("https://blog.example/old", "https://blog.example/a")})
