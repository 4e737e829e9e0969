"""What is written is the strict form and nothing but the entries that were meant; the rest is refused or confirmed."""

import json
import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from audit.disavow.checks import NotConfirmed, NotWritten, beyond_limits
from audit.disavow.entries import Entry
from audit.disavow.grammar import read
from audit.disavow.lint import lint
from audit.disavow.signs import BREAKS, HIDDEN, plain
from audit.disavow.surroundings import NOTHING, Surroundings
from audit.disavow.writer import Header, check_reads_as, comment, draft

from .lines import NAMES, PATHS

HOSTILE = Path(__file__).resolve().parents[4] / "shared" / "hostile"
DAY = date(2026, 11, 27)
HEADER = Header("client.example", "https://www.client.example/", 3, DAY)

EXPECTED = """\
# Disavow file of client.example
# Property: https://www.client.example/
# Version 3, 2026-11-27
# 3 domains, 1 URL
# An upload replaces the earlier file of the property.

# Group: PBN of 2024
# Who: Anna, When: 2026-11-01
# Why: bought by the agency before us
domain:a.test
domain:b.test

domain:d.test

# Why: spam in comments
http://c.test/1
"""


def domain(value: str, reason: str = "") -> Entry:
    return Entry("domain", value, reason)


def url(value: str) -> Entry:
    return Entry("url", value)


def refused(*entries: Entry, around: Surroundings = NOTHING) -> list[tuple[int, str]]:
    with pytest.raises(NotWritten) as error:
        draft(entries, HEADER, around)
    return [(one.check, one.entry.value if one.entry else "") for one in error.value.offences]


def test_the_file_as_it_is_written() -> None:
    why, day = "bought by the agency before us", date(2026, 11, 1)
    entries = [Entry("domain", name, why, "Anna", day, "PBN of 2024") for name in ("www.B.test", "A.test", "x.a.test")]
    entries += [Entry("url", "http://c.test/1", "spam in comments"), domain("d.test")]
    made = draft(entries, HEADER)
    assert made.data.decode() == EXPECTED
    assert (made.lines, made.domains, made.urls, len(made.dropped)) == (16, 3, 1, 1)
    assert made.release({}) == made.data


def test_an_empty_list_is_a_file_too() -> None:
    made = draft([], HEADER)
    assert made.release({}).endswith(b"replaces the earlier file of the property.\n")
    assert made.domains == made.urls == 0


@pytest.mark.parametrize("seed", range(20))
def test_what_is_written_reads_as_what_was_meant(seed: int) -> None:
    dice = random.Random(seed)
    people = ["", "Anna", "Jörg, the \u202eboss"]
    reasons = ["", "bought", "a\ndomain:victim.test\r\nb", "ü" * 300, "x # y", "- x"]
    entries = [
        Entry(
            "domain" if number % 2 else "url",
            dice.choice(NAMES) if number % 2 else f"https://{dice.choice(NAMES)}{dice.choice(PATHS)}",
            dice.choice(reasons), dice.choice(people), dice.choice([None, DAY]), dice.choice(["", "A", "domains"]),
        )
        for number in range(40)
    ]  # fmt: skip
    made = draft(entries, HEADER)
    again = read(made.data)
    assert [one.key for one in again.entries()] == [one.key for one in made.entries]
    levels = {(one.level, one.defect.kind) for one in lint(read(made.data))}
    assert not {kind for level, kind in levels if level in ("error", "fix")}
    assert draft(again.entries(), HEADER).entries and not draft(again.entries(), HEADER).dropped
    for one, meant in zip(again.entries(), made.entries, strict=True):
        assert (one.who, one.when, one.group) == (meant.who.replace("\u202e", ""), meant.when, meant.group)
        assert one.reason == plain(meant.reason)


def test_who_when_and_why_come_back_from_the_file() -> None:
    entry = Entry("domain", "a.test", "spam " * 60, "Anna", DAY, "Network 7")
    [again] = read(draft([entry], HEADER).data).entries()
    assert (again.who, again.when, again.group, again.reason) == ("Anna", DAY, "Network 7", entry.reason.strip())
    [again] = read(draft([Entry("domain", "a.test", "bought\nWho: Mallory", "Anna")], HEADER).data).entries()
    assert (again.who, again.reason) == ("Anna", "bought Who: Mallory")


@pytest.mark.parametrize(
    "text",
    ["a\ndomain:victim.test", "a\r\ndomain:victim.test", "a\rb", "a\x0bb\x0cc\x1cd\x85e", "a\u2028b\u2029c",
     "\ufeff\u202ea\0b",
     "\ud800 broken", "x" * 5_000, "word " * 3_000, "\n\n# a\n\n", "a\tb"],
)  # fmt: skip
def test_any_text_becomes_harmless_comment_lines(text: str) -> None:
    lines = list(comment(f"Why: {text}"))
    assert lines and all(line.startswith("# ") for line in lines)
    assert not any(BREAKS.search(line) or HIDDEN.search(line) for line in lines)
    assert sum(map(len, lines)) < 1_200
    made = draft([domain("a.test", text)], Header(text, text, 1, DAY))
    assert [one.value for one in read(made.data).entries()] == ["a.test"]


# --- Hard checks ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "check"),
    [
        ("org.br", 2), ("blogspot.com", 2), ("github.io", 2), ("pages.dev", 2), ("com", 2), ("www.org.br.", 0),
        ("a.test/x", 3), ("http://a.test", 3), ("a.test:80", 3), ("a b.test", 3), ("*.a.test", 3), ("", 3),
        ("#a.test", 3),
        ("a.test\ndomain:victim.test", 3), ("a.test\rb.test", 3), ("a.test\u2028b.test", 3), ("a\u202eb.test", 3),
        ("192.0.2.7", 3), ("2001:db8::1", 3), (f"{'a' * 64}.test", 3), ("a.test", 0), ("me.github.io", 0),
    ],
)  # fmt: skip
def test_domains_that_must_not_be_written(value: str, check: int) -> None:
    if check:
        assert refused(domain(value)) == [(check, value)]
    else:
        assert draft([domain(value)], HEADER).domains == 1


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("http://a.test/b", True), ("https://a.test", True), ("http://192.0.2.7/b", True), ("http://github.io/x", True),
        ("ftp://a.test/", False), ("a.test/b", False), ("http://a.test/b c", False),
        ("http://a.test/\nhttp://b.test/", False),
        ("http://a.test/\u202e", False), (f"http://a.test/{'a' * 2034}", True), (f"http://a.test/{'a' * 2035}", False),
        (f"http://a.test/{'ü' * 400}", False), ("javascript:alert(1)", False), ("#http://a.test/", False), ("", False),
    ],
)  # fmt: skip
def test_urls_that_must_not_be_written(value: str, good: bool) -> None:  # noqa: FBT001
    if good:
        assert draft([url(value)], HEADER).urls == 1
    else:
        assert refused(url(value)) == [(5, value)]


def test_our_own_names_are_never_written() -> None:
    others, partners = frozenset({"b.other.test"}), frozenset({"p.test"})
    around = Surroundings(own=frozenset({"mine.test"}), projects=others, partners=partners)
    ours = [domain("mine.test"), domain("www.mine.test"), domain("x.mine.test"), url("http://mine.test/a")]
    ours += [domain("p.test"), domain("other.test")]
    free = [domain("c.other.test"), url("http://other.test/"), domain("notmine.test")]
    assert refused(*ours, *free, around=around) == [(4, one.value) for one in ours]


def test_one_error_lists_every_offence_and_what_to_do() -> None:
    with pytest.raises(NotWritten, match="2 reasons") as error:
        draft([domain("org.br"), domain("good.test"), domain("a\nb.test")], HEADER)
    assert "domain:org.br: names are registered below it" in str(error.value)
    assert "domain:a<U+000A>b.test: a space or line break" in str(error.value)
    assert "good.test" not in str(error.value)


def test_limits_are_counted_on_what_is_written() -> None:
    assert not list(beyond_limits(b"\n" * 100_000)) and not list(beyond_limits(b"#" * 1_999_999 + b"\n"))
    assert [one.check for one in beyond_limits(b"\n" * 100_001)] == [1]
    assert [one.check for one in beyond_limits(b"#" * 2_000_000 + b"\n")] == [1]
    assert refused(*(url(f"http://a.test/{'x' * 2000}{number}") for number in range(1_000))) == [(1, "")]


def test_bytes_that_read_otherwise_are_not_handed_out() -> None:
    entries = [domain("a.test")]
    check_reads_as(b"domain:a.test\n", entries)
    for data in (b"domain:a.test", b"domain:a.test\r\n", b"\xef\xbb\xbfdomain:a.test\n", b"domain:A.test\n", b"",
                 b"domain:a.test\ndomain:b.test\n", b"domain:a.test\noops\n", b"http://a.test/\n"):  # fmt: skip
        with pytest.raises(NotWritten) as error:
            check_reads_as(data, entries)
        assert [one.check for one in error.value.offences] == [6]


def test_a_draft_whose_bytes_changed_is_not_handed_out() -> None:
    made = draft([domain("a.test")], HEADER)
    with pytest.raises(NotWritten):
        replace(made, data=made.data + b"domain:victim.test\n").release({})


def test_a_writer_that_lets_a_line_out_is_caught_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.disavow.writer.comment", lambda text: [text])
    with pytest.raises(NotWritten) as error:
        draft([domain("a.test", "domain:victim.test")], HEADER)
    assert [one.check for one in error.value.offences] == [6]


# --- Second confirmation ----------------------------------------------------------------------------------------------
AROUND = Surroundings(
    ranks={"top.test": 100_000, "known.test": 100_001, "rare.test": 1_000_001},
    authority={"strong.test": 40, "weak.test": 39},
    mixed=frozenset({"mixed.test"}),
)


def test_what_needs_a_second_word() -> None:
    names = ["youtube.com", "mit.edu", "wordpress.com", "top.test", "x.known.test", "rare.test"]
    names += ["strong.test", "weak.test", "mixed.test"]
    entries = [*map(domain, names), url("https://www.nytimes.com/a")]
    made = draft(entries, HEADER, AROUND)
    assert {(one.check, one.name) for one in made.confirmations} == {
        (7, "youtube.com"), (7, "top.test"), (8, "x.known.test"), (8, "strong.test"), (9, "mixed.test"),
        (7, "wordpress.com"),
        (7, "mit.edu"),
    }  # fmt: skip


def test_nothing_goes_out_before_each_name_has_its_reason() -> None:
    made = draft([domain("youtube.com"), domain("mit.edu"), domain("a.test")], HEADER)
    with pytest.raises(NotConfirmed) as error:
        made.release({"youtube.com": "the client insists", "mit.edu": "  "})
    assert [one.name for one in error.value.missing] == ["mit.edu"]
    assert made.release({"youtube.com": "the client insists", "mit.edu": "a hacked student page"}) == made.data


@pytest.mark.parametrize(("added", "asks"), [(2, False), (3, True)])
def test_growth_above_a_fifth(added: int, asks: bool) -> None:  # noqa: FBT001
    last = [domain(f"{number}.test") for number in range(10)]
    made = draft([*last, *(domain(f"new{number}.test") for number in range(added))], HEADER, last=last)
    assert [(one.check, one.name) for one in made.confirmations] == ([(10, "growth")] if asks else [])


def test_any_removal_is_named_unless_another_line_covers_it() -> None:
    last = [domain("a.test"), domain("b.c.test"), url("http://d.test/1")]
    made = draft([domain("c.test"), domain("d.test")], HEADER, last=last)
    [removal] = [one for one in made.confirmations if one.name == "removals"]
    assert removal.check == 10 and removal.why == "no longer disavowed: domain:a.test"
    assert not draft(last, HEADER, last=last).confirmations
    assert not draft([domain("a.test")], HEADER).confirmations


# --- Hostile lines ----------------------------------------------------------------------------------------------------
@pytest.mark.skipif(not HOSTILE.exists(), reason="the hostile vectors are not here")
def test_hostile_lines_are_refused_or_written_in_their_one_form() -> None:
    for trap in json.loads((HOSTILE / "export" / "disavow_traps.json").read_text()):
        value = trap["value"]
        entry = domain(value.removeprefix("domain:").strip(" ")) if value.startswith("domain:") else url(value)
        try:
            made = draft([entry], HEADER)
        except NotWritten:
            assert trap["expect"].startswith(("refused", "warning", "written as a comment", "skipped"))
            continue
        assert not trap["expect"].startswith("refused:")
        assert len(read(made.data).entries()) == 1
