"""A list is made as short as it can be, means what it meant, and keeps its reasons."""

import random

import pytest

from audit.disavow.changes import changes
from audit.disavow.entries import Entry
from audit.disavow.folding import Suggestion, fold, written
from audit.disavow.hosts import BadHost
from audit.disavow.pages import BadPage
from audit.disavow.surroundings import Surroundings

from .lines import NAMES, PATHS


def domain(value: str, reason: str = "", **more: object) -> Entry:
    return Entry("domain", value, reason, **more)  # type: ignore[arg-type]


def url(value: str, reason: str = "") -> Entry:
    return Entry("url", value, reason)


def texts(*entries: Entry) -> list[str]:
    return [one.text for one in fold(entries).entries]


def test_values_are_written_in_one_form() -> None:
    assert texts(domain("WWW.Spam.Example."), domain("пример.рф"), url("HTTPS://A.test/é")) == [
        "domain:spam.example", "domain:xn--e1afmkfd.xn--p1ai", "https://a.test/%C3%A9"
    ]  # fmt: skip


def test_www_stays_where_it_is_meant_or_where_no_site_would_remain() -> None:
    meant = domain("www.a.test", only_www=True)
    assert texts(meant, domain("www.gov.uk")) == ["domain:www.a.test", "domain:www.gov.uk"]
    assert texts(meant, domain("a.test")) == ["domain:a.test"]


def test_duplicates_and_what_is_covered_go_and_say_why() -> None:
    folded = fold(
        [domain("b.a.test"), domain("a.test"), domain("www.a.test"), url("http://c.a.test/x"), url("http://d.test/")]
    )
    assert [one.text for one in folded.entries] == ["domain:a.test", "http://d.test/"]
    assert [(one.entry.text, one.why, one.by) for one in folded.dropped] == [
        ("domain:a.test", "duplicate", "domain:a.test"),
        ("domain:b.a.test", "covered", "domain:a.test"),
        ("http://c.a.test/x", "covered", "domain:a.test"),
    ]


def test_what_covers_is_the_topmost_name_so_that_no_reason_is_lost_on_the_way() -> None:
    [entry] = fold([domain("c.b.a.test", "third"), domain("b.a.test", "second"), domain("a.test", "first")]).entries
    assert entry.reason == "first\ndomain:c.b.a.test: third\ndomain:b.a.test: second"


def test_reasons_of_what_goes_are_kept_once() -> None:
    [entry] = fold([domain("a.test", "bought"), domain("a.test", "bought"), domain("A.test", "also spam")]).entries
    assert entry.reason == "bought\nalso spam"
    many = [url(f"http://a.test/{number}", "comment spam") for number in range(5)]
    [entry] = fold([*many, domain("a.test")]).entries
    assert entry.reason == "http://a.test/0, http://a.test/1, http://a.test/2 and 2 more: comment spam"


def test_domains_come_first_and_by_the_alphabet_inside_their_groups() -> None:
    entries = [
        url("http://z.test/"),
        domain("y.test", group="B"),
        domain("c.test"),
        domain("x.test", group="B"),
        domain("b.test"),
    ]
    assert texts(*entries) == ["domain:b.test", "domain:c.test", "http://z.test/", "domain:x.test", "domain:y.test"]


def test_a_domain_line_is_suggested_from_five_urls_on() -> None:
    urls = [url(f"http://{host}/{number}") for host in ("www.a.test", "youtube.com", "b.test") for number in range(5)]
    assert fold(urls[:-1]).suggestions == (Suggestion("a.test", 5),)
    assert fold(urls).suggestions == (Suggestion("a.test", 5), Suggestion("b.test", 5))
    assert fold(urls, Surroundings(own=frozenset({"b.test"}))).suggestions == (Suggestion("a.test", 5),)


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(BadHost):
        written(domain("a b.test"))
    with pytest.raises(BadPage):
        written(url("a.test"))


@pytest.mark.parametrize("seed", range(20))
def test_folding_is_done_after_once_and_covers_what_was_there(seed: int) -> None:
    dice = random.Random(seed)
    entries = [domain(dice.choice(NAMES), str(number)) for number in range(15)]
    entries += [url(f"http://{dice.choice(NAMES)}{dice.choice(PATHS)}", str(number)) for number in range(15)]
    dice.shuffle(entries)
    folded = fold(entries)
    again = fold(folded.entries)
    assert again.entries == folded.entries and not again.dropped
    assert len(folded.entries) + len(folded.dropped) == len(entries)
    found = changes(entries, folded.entries)
    assert not found.added and not found.removed


# --- Changes ----------------------------------------------------------------------------------------------------------
def test_changes_are_about_what_is_disavowed() -> None:
    last = [domain("a.test"), url("http://b.test/1"), domain("x.c.test"), domain("d.test")]
    new = [domain("www.a.test"), domain("b.test"), domain("c.test"), domain("y.d.test"), domain("e.test")]
    found = changes(last, new)
    assert [one.text for one in found.added] == ["domain:b.test", "domain:c.test", "domain:e.test"]
    assert [one.text for one in found.removed] == ["domain:d.test"]
    assert {one.text for one in found.covered} == {"http://b.test/1", "domain:x.c.test"}
    assert (found.before, found.growth) == (4, 0.75)
    assert changes([], new).growth == 0
