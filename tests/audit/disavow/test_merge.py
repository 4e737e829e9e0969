"""Three ways into one list: every case of the rules, and nothing lost that nobody dropped."""

import random

import pytest

from audit.disavow.entries import Entry
from audit.disavow.folding import fold, written
from audit.disavow.grammar import read_text
from audit.disavow.merge import Answer, NotAsked, merge

from .lines import NAMES, PATHS


def domain(value: str, reason: str = "", line: int = 0) -> Entry:
    return Entry("domain", value, reason, line=line)


def url(value: str) -> Entry:
    return Entry("url", value)


A, B, C = domain("a.test"), domain("b.test"), domain("c.test")


def texts(entries: tuple[Entry, ...]) -> list[str]:
    return [one.text for one in entries]


def test_what_one_side_adds_is_in() -> None:
    merged = merge([A], [A, B], [C, A])
    assert texts(merged.entries) == ["domain:a.test", "domain:b.test", "domain:c.test"]
    assert [one.sides for one in merged.placed] == [("ours", "theirs"), ("ours",), ("theirs",)]
    assert not merged.questions and not merged.dropped


def test_what_one_side_drops_is_asked_about_and_kept() -> None:
    merged = merge([A, B, C], [A, C], [A, B])
    assert texts(merged.entries) == ["domain:a.test", "domain:c.test", "domain:b.test"]
    asked = {one.name: (one.dropped_by, one.is_conflict) for one in merged.questions}
    assert asked == {"domain:b.test": ("ours", False), "domain:c.test": ("theirs", False)}
    settled = merged.settled({"domain:b.test": "remove", "domain:c.test": "keep"})
    assert texts(settled) == ["domain:a.test", "domain:c.test"]
    assert merged.settled({}) == merged.entries
    with pytest.raises(NotAsked, match=r"domain:a\.test"):
        merged.settled({"domain:a.test": "remove"})


def test_what_one_side_drops_and_the_other_changed_is_a_conflict() -> None:
    merged = merge([domain("a.test", "bought")], [], [domain("a.test", "bought in 2024")])
    [question] = merged.questions
    assert (question.is_conflict, question.dropped_by, question.entry.reason) == (True, "ours", "bought in 2024")


def test_what_both_drop_is_gone() -> None:
    merged = merge([A, B], [A], [A])
    assert texts(merged.entries) == ["domain:a.test"]
    assert merged.dropped == (B,)


def test_a_domain_line_of_one_side_takes_in_the_urls_of_the_other() -> None:
    pages = [url("http://a.test/1"), url("http://x.a.test/2"), domain("y.a.test")]
    for ours, theirs in (([A], [*pages, B]), ([*pages, B], [A])):
        merged = merge(pages, ours, theirs)
        assert set(texts(merged.entries)) == {"domain:a.test", "domain:b.test"}
        [placed] = [one for one in merged.placed if one.entry.value == "a.test"]
        assert texts(placed.history) == ["http://a.test/1", "http://x.a.test/2", "domain:y.a.test"]
        assert not merged.questions


def test_what_a_domain_line_took_in_comes_back_when_the_line_goes() -> None:
    merged = merge([A], [url("http://a.test/1")], [A])
    assert texts(merged.entries) == ["domain:a.test"]
    assert texts(merged.settled({"domain:a.test": "remove"})) == ["http://a.test/1"]


def test_two_reasons_for_one_entry_are_both_kept() -> None:
    assert merge([], [domain("a.test", "ours")], [domain("a.test", "theirs")]).entries[0].reason == "ours\ntheirs"
    same = merge([], [domain("a.test", "same  text")], [domain("a.test", "same\ntext")])
    assert same.entries[0].reason == "same  text"


def test_a_reason_that_one_side_changed_is_the_reason() -> None:
    old, new = domain("a.test", "old"), domain("a.test", "new")
    assert merge([old], [new], [old]).entries[0].reason == merge([old], [old], [new]).entries[0].reason == "new"
    assert merge([old], [domain("a.test")], [old]).entries[0].reason == "old"
    assert merge([old], [new], [domain("a.test", "newer")]).entries[0].reason == "new\nnewer"


def test_a_reason_that_a_file_cut_short_was_not_changed() -> None:
    whole, cut = domain("a.test", "word " * 300), domain("a.test", ("word " * 300)[:1000] + "\N{HORIZONTAL ELLIPSIS}")
    assert merge([whole], [whole], [cut]).entries[0].reason == whole.reason


def test_the_line_on_each_side_is_known() -> None:
    text = "# why\ndomain:b.test\ndomain:a.test\n"
    merged = merge([domain("a.test", line=9)], [A], read_text(text).entries())
    lines = {one.entry.value: (one.base and one.base.line, one.theirs and one.theirs.line) for one in merged.placed}
    assert lines == {"a.test": (9, 3), "b.test": (None, 2)}


def test_spellings_are_one_entry_and_www_alone_stays_what_was_meant() -> None:
    merged = merge([], [domain("www.a.test")], [domain("A.test"), domain("a.test.")])
    assert texts(merged.entries) == ["domain:a.test"]
    meant = Entry("domain", "www.a.test", only_www=True)
    assert texts(merge([domain("www.a.test")], [meant], [domain("www.a.test")]).entries) == ["domain:www.a.test"]


@pytest.mark.parametrize("seed", range(25))
def test_a_merge_loses_nothing_and_is_the_same_from_both_sides(seed: int) -> None:
    dice = random.Random(seed)
    pool = [domain(name) for name in NAMES] + [url(f"http://{name}{path}") for name in NAMES[:4] for path in PATHS]
    base, ours, theirs = (dice.sample(pool, k=12) for _ in range(3))
    merged, mirrored = merge(base, ours, theirs), merge(base, theirs, ours)
    assert set(texts(merged.entries)) == set(texts(mirrored.entries))
    assert {one.name for one in merged.questions} == {one.name for one in mirrored.questions}
    assert set(texts(fold(merged.entries).entries)) == set(texts(fold([*ours, *theirs]).entries))
    whole = {one.text for placed in merged.placed for one in (placed.entry, *placed.history)}
    assert whole == {written(one).text for one in (*ours, *theirs)}


def test_an_unchanged_file_merges_into_itself() -> None:
    entries = [domain(name, "why") for name in NAMES if not name.startswith("www.")]
    merged = merge(entries, entries, entries)
    assert merged.entries == tuple(entries)
    answers: dict[str, Answer] = {}
    assert merged.settled(answers) == tuple(entries)
