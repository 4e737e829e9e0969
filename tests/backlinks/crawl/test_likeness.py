"""Three visits of a page, and what may be said of them."""

import json
from dataclasses import replace

import pytest

from backlinks.crawl import child, likeness
from backlinks.crawl.likeness import Likeness, Seen, compare
from backlinks.crawl.messages import Job

SITE = "client.example"
TEXT = " ".join(f"word{number} of the long story that everybody reads" for number in range(40))
URL = "https://news.example/a"


LINK, HEAD = "<a href='https://client.example/x'>Client</a>", "<title>A story</title>"


def page(text: str = TEXT, links: str = LINK, *, head: str = HEAD) -> Seen:
    body = f"<!doctype html><html><head>{head}</head><body><main><p>{text}</p><p>{links}</p></main></body></html>"
    job = Job(URL, body.encode(), content_type="text/html; charset=utf-8", with_text=True)
    return likeness.seen(child.read(job), status=200, url=URL, hops=0)


def said(found: Likeness) -> dict[str, tuple[str, str, str]]:
    return {one.what: (one.ours, one.engine, one.weight) for one in found.evidence}


PLAIN = page()


def test_three_equal_visits_are_the_same() -> None:
    assert compare(PLAIN, PLAIN, PLAIN, SITE) == Likeness("same")


def test_what_is_kept_of_a_visit_reads_back() -> None:
    assert Seen.of(json.loads(json.dumps(PLAIN.kept()))) == PLAIN


def test_ads_dates_nonces_and_rotating_lists_do_not_cry_wolf() -> None:
    def visit(number: int) -> Seen:
        ads = (
            f"<a href='https://ads.example/click?nonce={number}'>Ad</a> <a href='https://shop{number}.example/'>Today</a>"
            f"<a href='https://{SITE}/x'>Client</a> <a href='https://fixed.example/'>x</a>"
        )
        text = f"{TEXT} It is {number} o'clock and {number * 7} people read this."
        return page(text, ads, head=f"<title>({number})</title>")

    found = compare(visit(1), visit(2), visit(3), SITE)
    assert found.verdict in ("same", "small"), said(found)
    assert not [one for one in found.evidence if one.weight in ("content", "links")]


def test_another_text_is_other_content() -> None:
    found = compare(PLAIN, PLAIN, page("Cheap pills and casino games for everybody. " * 30), SITE)
    assert found.verdict == "content"
    ours, engine, weight = said(found)["Main text"]
    assert "100% of it not for search engines" in ours and "fingerprints differ" in engine and weight == "content"


def test_a_sentence_more_is_a_small_difference() -> None:
    found = compare(PLAIN, PLAIN, page(f"{TEXT} Accept our cookies before you read on, please, dear visitor."), SITE)
    assert (found.verdict, said(found)["Main text"][2]) == ("small", "small")


def test_a_short_page_is_compared_word_by_word() -> None:
    found = compare(page("A quiet page."), page("A quiet page."), page("Casino."), SITE)
    assert found.verdict == "content"
    assert compare(page("東京の店です"), page("東京の店です"), page("東京の店です"), SITE).verdict == "same"


@pytest.mark.parametrize(
    ("ours", "engine", "first", "second"),
    [
        ("<a href='https://client.example/'>x</a>", "", "a link", "no link"),
        ("", "<a href='https://client.example/'>x</a>", "no link", "a link"),
        (
            "<a href='https://client.example/'>x</a>",
            "<a rel=nofollow href='https://client.example/'>x</a>",
            "a link",
            "a link, nofollow",
        ),
    ],
)
def test_the_link_that_only_one_of_both_gets(ours: str, engine: str, first: str, second: str) -> None:
    found = compare(page(links=ours), page(links=ours), page(links=engine), SITE)
    assert found.verdict == "links"
    assert said(found)[f"Link to {SITE}"] == (first, second, "links")


def test_a_link_that_comes_and_goes_by_itself_proves_nothing() -> None:
    with_link, without = page(), page(links="")
    assert compare(with_link, without, without, SITE).verdict == "same"
    assert compare(without, with_link, with_link, SITE).verdict == "same"


def test_other_links_for_one_of_both() -> None:
    casino = page(links="<a href='https://client.example/x'>Client</a> <a href='https://casino.example/'>win</a>")
    found = compare(PLAIN, PLAIN, casino, SITE)
    assert found.verdict == "links"
    assert said(found)["Links for search engines only"] == ("", "https://casino.example/", "links")
    assert said(compare(casino, casino, PLAIN, SITE))["Links for us only"][0] == "https://casino.example/"


def test_heads_that_differ() -> None:
    closed = page(head="<title>A story</title><meta name=robots content=noindex>")
    assert compare(PLAIN, PLAIN, closed, SITE).verdict == "links", "to the search engine its links count nothing"
    assert compare(closed, closed, PLAIN, SITE).verdict == "small"
    abroad = page(head="<title>A story</title><link rel=canonical href='https://other.example/'>")
    assert compare(PLAIN, PLAIN, abroad, SITE).verdict == "content"
    assert compare(PLAIN, PLAIN, page(head="<title>Another story</title>"), SITE).verdict == "small"


def test_another_address_at_the_end() -> None:
    moved = replace(PLAIN, url="https://casino.example/", hops=1)
    assert compare(PLAIN, PLAIN, moved, SITE).verdict == "content"
    assert compare(PLAIN, PLAIN, replace(PLAIN, hops=2), SITE).verdict == "small"
    sessions = [replace(PLAIN, url=f"{URL}?session={number}") for number in range(3)]
    assert compare(*sessions, SITE).verdict == "same", "an address that changes each time"


GONE = Seen(404, "http_404", "The server answered 404.", URL)
SHUT = Seen(403, "http_403", "The server answered 403.", URL)
LATE = Seen(0, "timeout", "The server took too long.", URL)


@pytest.mark.parametrize(
    ("visits", "verdict", "words"),
    [
        ((SHUT, SHUT, PLAIN), "unknown", "answered 403"),
        ((LATE, PLAIN, PLAIN), "unknown", "too long"),
        ((PLAIN, GONE, PLAIN), "unknown", "once so, once so"),
        ((PLAIN, PLAIN, SHUT), "unknown", "proves nothing"),
        ((PLAIN, PLAIN, LATE), "unknown", "too long"),
        ((GONE, GONE, GONE), "unknown", "gone"),
        ((GONE, GONE, PLAIN), "content", ""),
        ((PLAIN, PLAIN, GONE), "content", ""),
    ],
)
def test_when_nobody_could_look_and_when_the_answer_itself_says_it(
    visits: tuple[Seen, Seen, Seen], verdict: str, words: str
) -> None:
    found = compare(*visits, SITE)
    assert found.verdict == verdict and words in found.reason
    if verdict == "content":
        assert said(found)["Answer"][2] == "content"


def test_a_page_built_by_scripts_gets_a_remark() -> None:
    found = compare(page("Loading"), page("Loading"), PLAIN, SITE)
    assert found.verdict == "content" and "finished page" in said(found)["Remark"][1]
