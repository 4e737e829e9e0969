"""What people upload is read into lines: what each line is, what is kept, and what cannot be read at all."""

import random
from datetime import date

import pytest

from audit.disavow.entries import Entry
from audit.disavow.grammar import MAX_BYTES, MAX_LINES, WHY, Unreadable, read, read_line, read_text

from .lines import any_file, clean_file

# (line, kind, value, marks)
LINES = [
    ("", "blank", "", ()),
    (" \t", "blank", "", ()),
    ("# bought", "comment", "bought", ()),
    ("\t# bought ", "comment", "bought", ("edge",)),
    ("#domain:spam.example", "comment", "domain:spam.example", ()),
    ("# müßig", "comment", "müßig", ("non_ascii",)),
    ("# a\u202eb", "comment", "a\u202eb", ("hidden",)),
    ("# a\u2028domain:b.test", "comment", "a domain:b.test", ("hidden",)),
    ("domain:spam.example", "domain", "spam.example", ()),
    ("domain:spam.example \t", "domain", "spam.example", ("edge",)),
    ("domain: spam.example", "domain", "spam.example", ("spaced",)),
    ("domain:\tspam.example", "domain", "spam.example", ("spaced",)),
    ("domain:\xa0spam.example", "domain", "spam.example", ("spaced",)),
    ("DOMAIN:spam.example", "domain", "spam.example", ("upper",)),
    ("domain:Spam.Example", "domain", "spam.example", ("upper",)),
    ("domain:spam.example.", "domain", "spam.example", ("spelling",)),
    ("\ufeffdomain:spam.example", "domain", "spam.example", ("edge_hidden",)),
    ("domain:spam.example\u200b", "domain", "spam.example", ("edge_hidden",)),
    ("domain:sp\u200bam.example", "domain", "spam.example", ("hidden", "non_ascii")),
    ("domain:пример.рф", "domain", "xn--e1afmkfd.xn--p1ai", ("non_ascii",)),
    ("domain:xn--e1afmkfd.xn--p1ai", "domain", "xn--e1afmkfd.xn--p1ai", ()),
    ("domain:lifehac\u0138er.com", "domain", "xn--lifehacer-1rb.com", ("non_ascii",)),
    ("domain:foo_bar.tumblr.com", "domain", "foo_bar.tumblr.com", ()),
    ("domain:-x-.tumblr.com", "domain", "-x-.tumblr.com", ()),
    ("domain:192.0.2.7", "domain", "192.0.2.7", ()),
    ("domain:[2001:DB8::7]", "domain", "[2001:db8::7]", ("upper",)),
    ("domain:2001:db8::7", "domain", "[2001:db8::7]", ("spelling",)),
    ('"domain:spam.example"', "domain", "spam.example", ("quoted",)),
    ("\u201c# 80 of 331 are gone\u201d", "comment", "80 of 331 are gone", ("quoted",)),
    ("' domain:spam.example ' ", "domain", "spam.example", ("edge", "quoted")),
    ("http://spam.example", "url", "http://spam.example/", ()),
    ("https://spam.example/A?b=%7e#c", "url", "https://spam.example/A?b=%7e#c", ()),
    ("HTTPS://Spam.Example/A", "url", "https://spam.example/A", ("upper",)),
    ("http://spam.example/é", "url", "http://spam.example/%C3%A9", ("non_ascii",)),
    ("http://пример.рф/a", "url", "http://xn--e1afmkfd.xn--p1ai/a", ("non_ascii",)),
    ("http://me:pw@spam.example:8080/a", "url", "http://spam.example:8080/a", ("spelling",)),
    ("http://spam.example:80/a", "url", "http://spam.example/a", ("spelling",)),
    ("http://spam.example\\a", "url", "http://spam.example/a", ("spelling",)),
    ("http://192.0.2.7/a", "url", "http://192.0.2.7/a", ()),
]

# (line, why)
MALFORMED = [
    ("domain:spam.example/a", "path"),
    ("domain:spam.example/", "path"),
    ("domain:spam.example?a", "path"),
    ("domain:http://spam.example", "scheme"),
    ("domain:https:spam.example", "scheme"),
    ("domain:spam.example:8080", "port"),
    ("domain:*.spam.example", "wildcard"),
    ("domain:spam.example b.example", "space"),
    ("domain:spam.example # bad", "space"),
    ("domain:spam.example\u2028domain:b.test", "space"),
    ("domain:sp\u202eam.example", "hidden"),
    (f"domain:{'a' * 64}.example", "labels"),
    (f"domain:{'a.' * 127}example", "labels"),
    ("domain:-spam.example", "characters"),
    ("domain:spam..example", "characters"),
    ("domain:.spam.example", "characters"),
    ("domain:me@spam.example", "characters"),
    ("domain:sp%61m.example", "characters"),
    ("domain:0x7f.1", "characters"),
    ("domain:1.2.3", "characters"),
    ("domain:spam,example", "characters"),
    ("domain:", "empty"),
    ("http://spam.example/a b", "page_space"),
    ("http://spam.example/a\u200bb", "hidden"),
    ("http://*.spam.example/", "page"),
    ("http://spam..example/", "page"),
    ("http:///", "page"),
    (f"http://spam.example/{'a' * 2029}", "too_long"),
    (f"http://spam.example/{'a' * 20_000}", "too_long"),
    ("spam.example", "bare"),
    ("www.spam.example/a", "bare"),
    ("//spam.example/a", "bare"),
    ("spam.example:8080", "bare"),
    ("me@spam.example", "other"),
    ("spam", "other"),
    ("ftp://spam.example/", "other"),
    ("site:spam.example", "other"),
    ("spam.example, b.example", "other"),
    ('""', "other"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "kind", "value", "marks"), LINES)
def test_a_line_is_known_for_what_it_is(raw: str, kind: str, value: str, marks: tuple[str, ...]) -> None:
    line = read_line(7, raw)
    assert (line.kind, line.value, line.marks, line.raw, line.number) == (kind, value, marks, raw, 7)


@pytest.mark.parametrize("raw", [one[0] for one in LINES])
def test_the_written_form_of_a_line_is_its_own(raw: str) -> None:
    line = read_line(1, raw)
    again = read_line(1, line.clean)
    assert (again.kind, again.value, again.clean) == (line.kind, line.value, line.clean)
    assert not set(again.marks) - ({"non_ascii", "hidden"} if line.kind == "comment" else set())


@pytest.mark.parametrize(("raw", "why"), MALFORMED)
def test_a_malformed_line_is_kept_with_its_reason(raw: str, why: str) -> None:
    line = read_line(1, raw)
    assert (line.kind, line.why, line.raw) == ("malformed", why, raw)


def test_every_reason_for_a_malformed_line_is_tested() -> None:
    assert {why for _, why in MALFORMED} | {"bytes"} == set(WHY)


def test_lengths_at_the_limit() -> None:
    assert read_line(1, f"http://spam.example/{'a' * 2028}").kind == "url"
    assert read_line(1, f"domain:{'a' * 63}.example").kind == "domain"
    assert read_line(1, f"domain:{'a.' * 120}example").kind == "domain"


# --- Files ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", range(20))
def test_an_unchanged_valid_file_comes_out_as_it_came_in(seed: int) -> None:
    text = clean_file(seed)
    file = read(text.encode())
    assert file.text() == text
    assert all(line.kind != "malformed" and line.clean == line.raw for line in file.lines)


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_lost_of_any_file(seed: int) -> None:
    text = any_file(seed)
    file = read(text.encode())
    assert file.text() == text.replace("\r\n", "\n").replace("\r", "\n")
    assert len(file.entries()) == file.count("domain") + file.count("url")


def test_random_bytes_are_read_or_refused_with_a_sentence() -> None:
    dice = random.Random(5)
    for _ in range(300):
        data = bytes(dice.choices(range(256), k=dice.randrange(80)))
        try:
            read(data)
        except Unreadable as error:
            assert str(error).endswith(".")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings_are_read(encoding: str) -> None:
    file = read("domain:spam.example\n# Grüße\n".encode(encoding))
    assert [line.value for line in file.lines] == ["spam.example", "Grüße"]
    assert (file.encoding == "utf-8") == encoding.startswith("utf-8")
    assert file.bom == (encoding in ("utf-8-sig", "utf-16", "utf-32"))


def test_line_ends_are_counted_and_other_breaks_are_none() -> None:
    file = read(b"domain:a.test\r\ndomain:b.test\rdomain:c.test\ndomain:d.test")
    assert (len(file.lines), file.crlf, file.cr, file.ends_with_newline) == (4, 1, 1, False)
    assert len(read_text("# a\x0bb\x85c\u2028d\n").lines) == 1
    assert (read(b"").lines, read(b"\n").count("blank")) == ((), 1)


def test_bytes_that_are_not_utf8_are_named_by_line() -> None:
    file = read(b"# caf\xe9\ndomain:caf\xe9.example\ndomain:spam.example\n")
    assert [(line.kind, line.why, line.marks) for line in file.lines] == [
        ("comment", "", ("non_ascii", "bytes")),
        ("malformed", "bytes", ("bytes",)),
        ("domain", "", ()),
    ]
    assert file.lines[0].value == "café"
    assert read_text("domain:a\ud800.test\n").lines[0].why == "bytes"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK\x03\x04\x00\x00\x00\x00", "no text"),
        (b"\xff\xfed", "broken UTF-16"),
        (b"#" * (MAX_BYTES + 1), "MB"),
        (b"\n" * (MAX_LINES + 1), "lines"),
    ],
    ids=["zip", "half a character", "too large", "too many lines"],
)
def test_what_is_no_text_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        read(data)


# --- Reasons ----------------------------------------------------------------------------------------------------------
def reasons(text: str) -> dict[str, str]:
    return {one.value: one.reason for one in read_text(text).entries()}


def test_the_block_above_is_the_reason_of_the_run_below() -> None:
    text = "# about the file\n\n# bought\n# in 2024\ndomain:a.test\ndomain:b.test\n"
    text += "\ndomain:c.test\n# other\ndomain:d.test\n"
    assert reasons(text) == {"a.test": "bought\nin 2024", "b.test": "bought\nin 2024", "c.test": "", "d.test": "other"}


def test_headings_of_vendors_and_rules_are_no_reasons() -> None:
    text = "# exported from backlink tool\n# Domains:\ndomain:a.test\n# urls\nhttp://b.test/\n"
    text += "# ---\n# x\n#\ndomain:c.test\n"
    assert reasons(text) == {"a.test": "", "http://b.test/": "", "c.test": "x"}


def test_a_malformed_line_does_not_end_a_run() -> None:
    assert reasons("# bought\ndomain:a.test\noops\ndomain:b.test\n")["b.test"] == "bought"


def test_labels_of_the_writer_are_read_back() -> None:
    text = "# Group: PBN\n# Who: Anna, When: 2026-11-01\n# Why: bought\n#   by an agency\ndomain:a.test\n"
    [entry] = read_text(text).entries()
    assert entry == Entry("domain", "a.test", "bought by an agency", "Anna", date(2026, 11, 1), "PBN", line=5)
    assert read_text("# When: soon\ndomain:a.test\n").entries()[0].reason == "When: soon"
