"""Each defect of the catalogue: a file that has it, one that has not, and one that only just has it or not."""

import random
from dataclasses import dataclass

import pytest
from django.conf import settings

from audit.disavow.findings import DEFECTS, LEVELS, Finding
from audit.disavow.grammar import read, read_text
from audit.disavow.lint import lint
from audit.disavow.surroundings import NOTHING, Surroundings

AROUND = Surroundings(
    own=frozenset({"mine.example", "www.me.github.io"}),
    projects=frozenset({"other.example"}),
    partners=frozenset({"shop.partner.example"}),
    ranks={"popular.example": 1_000_000, "lesser.example": 1_000_001, "wordpress.com": 3},
    authority={"strong.example": 40.0, "weak.example": 39.9},
    dead=frozenset({"dead.example"}),
    silent=frozenset({"silent.example", "http://page.example/gone"}),
    unsure=frozenset({"unsure.example"}),
)


@dataclass(frozen=True)
class Case:
    """`lines` has the defect in the line `at` (the last one where 0), with this mend; `without` has it nowhere."""

    id: str
    kind: str
    lines: str
    mend: str
    without: tuple[str, ...]
    at: int = 0


WHY = "# why\n"
FIVE = "".join(f"http://many.example/{number}\n" for number in range(5))
CASES = [
    Case("DL01", "public_suffix", "domain:org.br", "", ("domain:x.org.br", "http://org.br/", "domain:www.gov.uk")),
    Case("DL01", "public_suffix", "domain:com", "", ("domain:x.com",)),
    Case("DL01", "public_suffix", "domain:localhost", "", ("domain:x.localhost",)),
    Case("DL01", "shared_host", "domain:github.io", "", ("domain:x.github.io", "domain:www.github.io")),
    Case("DL01", "shared_host", "domain:pages.dev", "", ("domain:x.pages.dev", "domain:dev")),
    Case("DL02", "path_after_domain", "domain:a.example/b", "domain:a.example", ("http://a.example/b",)),
    Case("DL02", "path_after_domain", "domain:a.example/", "domain:a.example", ("domain:a.example",)),
    Case("DL03", "scheme_after_domain", "domain:http://a.example", "domain:a.example", ("domain:http.example",)),
    Case("DL03", "port_after_domain", "domain:a.example:80", "domain:a.example", ("http://a.example:81/",)),
    Case("DL03", "wildcard_after_domain", "domain:*.a.example", "domain:a.example",
         ("domain:a.example", "http://a.example/*")),
    Case("DL03", "wildcard_after_domain", "domain:a.*.example", "", ("# domain:*",)),
    Case("DL04", "no_scheme", "a.example", "domain:a.example", ("domain:a.example", "# a.example")),
    Case("DL04", "no_scheme", "a.example/b?c", "http://a.example/b?c", ("http://a.example/b?c", "example")),
    Case("DL05", "quoted", '"# 80 are gone"', "# 80 are gone", ('# "80" are gone', '"# 80', '""')),
    Case("DL05", "quoted", "'domain:a.example'", "domain:a.example", ("domain:a.example", "http://a.example/'b'")),
    Case("DL06", "ip_address", "domain:192.0.2.7", "", ("http://192.0.2.7/", "domain:192.0.2.7.example")),
    Case("DL06", "ip_address", "domain:[2001:db8::7]", "", ("domain:ip-192-0-2-7.example", "domain:192.0.2")),
    Case("DL07", "protected_domain", "domain:youtube.com", "",
         ("http://youtube.com/watch?v=a", "domain:myyoutube.com")),
    Case("DL07", "protected_domain", "domain:sites.google.com", "",
         ("domain:google.com.example", "domain:a.blogspot.com")),
    Case("DL07", "protected_domain", "domain:pinterest.cl", "", ("domain:pinterest.spam.example",)),
    Case("DL07", "protected_domain", "domain:some.ac.uk", "",
         ("domain:some.ac", "domain:edu.example", "domain:x.edu.pl")),
    Case("DL07", "protected_domain", "domain:wordpress.com", "", ("domain:a.wordpress.com", "domain:a.medium.com")),
    Case("DL07", "popular_domain", "domain:popular.example", "", ("domain:lesser.example", "domain:unknown.example")),
    Case("DL07", "popular_domain", "domain:a.strong.example", "", ("domain:weak.example", "http://strong.example/a")),
    Case("DL08", "duplicate", "domain:a.example\ndomain:b.example\ndomain:A.example", "domain:a.example",
         ("domain:a.example\nhttp://a.example.test/", "# domain:a.example\ndomain:a.example")),
    Case("DL08", "duplicate", "http://a.example\nhttp://a.example/", "http://a.example/",
         ("http://a.example/\nhttps://a.example/", "http://a.example/b\nhttp://a.example/B")),
    Case("DL09", "www_and_bare", "domain:www.a.example\ndomain:a.example", "domain:a.example",
         ("domain:www.a.example", "domain:www.gov.uk\ndomain:gov.uk"), at=1),
    Case("DL10", "www", "domain:www.a.example", "domain:a.example",
         ("domain:www.gov.uk", "domain:www.com", "domain:wwww.a.example", "domain:www.a.example\ndomain:a.example")),
    Case("DL11", "covered_by_domain", "domain:a.example\ndomain:c.b.a.example", "domain:a.example",
         ("domain:a.example\ndomain:ba.example", "domain:github.io\ndomain:me2.github.io", "domain:b.a.example")),
    Case("DL11", "covered_by_domain", "domain:www.b.a.example\ndomain:a.example", "domain:a.example",
         ("domain:www.b.a.example\ndomain:b.example",), at=1),
    Case("DL12", "covered_url", "http://b.a.example/c\ndomain:a.example", "domain:a.example",
         ("http://a.example/\ndomain:b.a.example", "http://ba.example/\ndomain:a.example",
          "http://x.github.io/\ndomain:github.io"), at=1),
    Case("DL12", "covered_url", "domain:www.a.example\nhttps://www.a.example:8080/b", "domain:www.a.example",
         ("domain:www.a.example\nhttp://a.example/b",)),
    Case("DL13", "space_around", "domain:a.example\t", "domain:a.example", ("domain:a.example", " ", "\t")),
    Case("DL13", "space_around", " # why", "# why", ("#  why",)),
    Case("DL16", "non_ascii", "domain:brave-nà.com", "domain:xn--brave-n-fwa.com",
         ("domain:xn--brave-n-fwa.com", "# nà")),
    Case("DL16", "non_ascii", "http://a.example/é", "http://a.example/%C3%A9", ("http://a.example/%c3%a9",)),
    Case("DL16", "non_ascii_comment", "# nà", "", ("# na", "# a\u200bb")),
    Case("DL16", "hidden_characters", "domain:a.example\u200b", "domain:a.example", ("domain:a.example ",)),
    Case("DL16", "hidden_characters", "\ufeff# why", "# why", ("# why",)),
    Case("DL16", "hidden_characters", "# a\u2028domain:b.example", "# a domain:b.example", ("# a\u202eb",)),
    Case("DL16", "hidden_in_comment", "# a\u202eb", "", ("# ab", "# nà")),
    Case("DL17", "upper_case", "domain:A.example", "domain:a.example", ("http://a.example/B", "# A")),
    Case("DL17", "upper_case", "Domain:a.example", "domain:a.example", ("domain:a.example",)),
    Case("DL17", "host_spelling", "domain:a.example.", "domain:a.example",
         ("http://a.example", "http://a.example/b#c")),
    Case("DL17", "host_spelling", "http://x@a.example:80/", "http://a.example/", ("http://a.example:8080/",)),
    Case("DL18", "many_urls", FIVE, "domain:many.example",
         (FIVE[: FIVE.rindex("h")], f"{FIVE}domain:many.example"), at=1),
    Case("DL18", "many_urls", FIVE.replace("many.example", "www.m.github.io"), "domain:m.github.io",
         (FIVE.replace("many.example", "youtube.com"), FIVE.replace("many.example", "192.0.2.7")), at=1),
    Case("DL19", "dead", "domain:a.dead.example", "", ("domain:undead.example",)),
    Case("DL20", "no_link_left", "domain:www.silent.example", "", ("domain:other-silent.example",)),
    Case("DL20", "no_link_left", "http://page.example/gone", "", ("http://page.example/here", "domain:page.example")),
    Case("DL22", "no_reason", "domain:a.example", "",
         (f"{WHY}domain:a.example", f"{WHY}domain:a.example\ndomain:b.example")),
    Case("DL22", "no_reason", f"{WHY}\ndomain:a.example", "", (f"{WHY}http://a.example/",)),
    Case("DL23", "malformed_name", f"domain:{'a' * 64}.example", "", (f"domain:{'a' * 63}.example",)),
    Case("DL23", "malformed_name", f"domain:{'a.' * 127}example", "", (f"domain:{'a.' * 122}example",)),
    Case("DL23", "malformed_name", "domain:a,example", "", ("domain:a_b.example.com", "domain:-a.tumblr.com")),
    Case("DL23", "malformed_name", "domain:a.example,", "domain:a.example", ("domain:a.example",)),
    Case("DL24", "own_domain", "domain:blog.mine.example", "", ("domain:notmine.example", "domain:mine.example.test")),
    Case("DL24", "own_domain", "http://www.mine.example/a", "", ("http://a.example/?mine.example",)),
    Case("DL24", "own_domain", "domain:me.github.io", "", ("domain:you.github.io",)),
    Case("DL24", "own_domain", "domain:other.example", "", ("domain:another.example",)),
    Case("DL24", "own_domain", "domain:partner.example", "",
         ("domain:blog.partner.example", "http://partner.example/a")),
    Case("DL25", "single_source", "domain:unsure.example", "", ("domain:sure.example",)),
    Case("DL26", "space_after_domain", "domain: a.example", "domain:a.example", ("domain:a.example", "domain:")),
    Case("DL26", "space_after_domain", "domain:\ta.example", "domain:a.example", ("# domain: a.example",)),
    Case("DL27", "not_an_entry", "spam spam", "# spam spam", ("# spam", "", "domain:a.example")),
    Case("DL27", "not_an_entry", "ftp://a.example/", "# ftp://a.example/", ("http://a.example/",)),
    Case("DL27", "not_an_entry", "domain:", "", ("domain:a.example",)),
    Case("DL27", "bad_url", "http://a..example/", "", ("http://a.example/",)),
    Case("DL27", "space_in_url", "http://a.example/b c", "http://a.example/b%20c", ("http://a.example/b%20c",)),
    Case("DL27", "several_on_a_line", "domain:a.example domain:b.example", "domain:a.example\ndomain:b.example",
         ("domain:a.example\ndomain:b.example", "domain:a b")),
    Case("DL27", "several_on_a_line", "DOMAIN:a.example,Domain:b.example", "domain:a.example\ndomain:b.example",
         ("domain:a.example,b.example",)),
    Case("DL27", "several_on_a_line", "http://a.example http://b.example/c", "http://a.example\nhttp://b.example/c",
         ("http://a.example/,http://b.example/c",)),
    Case("DL27", "several_on_a_line", "domain:A.example # bad", "# bad\ndomain:a.example", ("# domain:a # b",)),
    Case("DL27", "hidden_inside", "http://a.example/\u202eb", "http://a.example/b", ("http://a.example/b\u202e",)),
    Case("DL27", "hidden_inside", "domain:a\u202eb.example", "domain:ab.example", ("domain:a\u200bb.example",)),
    Case("DL27", "url_too_long", f"http://a.example/{'a' * 2032}", "", (f"http://a.example/{'a' * 2031}",)),
]  # fmt: skip


def findings(text: str, around: Surroundings = AROUND) -> tuple[Finding, ...]:
    return lint(read_text(text if text.endswith("\n") or not text else f"{text}\n"), around)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind} {case.lines[:20]!r}")
def test_a_defect_is_found_where_it_is_and_nowhere_else(case: Case) -> None:
    at = case.at or len(case.lines.rstrip("\n").split("\n"))
    [one] = [one for one in findings(case.lines) if one.defect.kind == case.kind]
    assert (one.defect.id, one.line, one.mend) == (case.id, at, case.mend)
    for text in case.without:
        assert case.kind not in {one.defect.kind for one in findings(text)}, text


# --- Whole files ------------------------------------------------------------------------------------------------------
def kinds(data: bytes) -> dict[str, Finding]:
    return {one.defect.kind: one for one in lint(read(data))}


def test_line_ends() -> None:
    found = kinds(b"domain:a.test\r\ndomain:b.test\rdomain:c.test\n")
    assert (found["crlf"].defect.id, found["crlf"].count, found["crlf"].line) == ("DL14", 2, 1)
    assert "crlf" not in kinds(b"domain:a.test\n") and kinds(b"# a\r")["crlf"].count == 1


def test_the_last_newline() -> None:
    found = kinds(b"domain:a.test\ndomain:b.test")["no_final_newline"]
    assert (found.defect.id, found.line) == ("DL15", 2)
    assert "no_final_newline" not in kinds(b"domain:a.test\n\n") and "no_final_newline" not in kinds(b"")


@pytest.mark.parametrize(
    ("lines", "kind"), [(89_999, ""), (90_000, "near_limit"), (100_000, "near_limit"), (100_001, "over_limit")]
)
def test_the_limit_of_lines_counts_blank_and_comment_lines(lines: int, kind: str) -> None:
    found = {one.defect.kind: one for one in lint(read(b"\n" * (lines - 1) + b"#\n"))}
    assert {"near_limit", "over_limit"} & found.keys() == ({kind} if kind else set())
    assert not kind or found[kind].defect.id == "DL21"
    assert kind != "over_limit" or found[kind].level == "error"


@pytest.mark.parametrize(
    ("size", "kind"), [(1_799_999, ""), (1_800_000, "near_limit"), (2_000_000, "near_limit"), (2_000_001, "over_limit")]
)
def test_the_limit_of_bytes(size: int, kind: str) -> None:
    found = kinds(b"#" * (size - 1) + b"\n")
    assert {"near_limit", "over_limit"} & found.keys() == ({kind} if kind else set())


def test_encodings_have_a_finding() -> None:
    assert kinds("domain:a.test\n".encode("utf-16"))["encoding"].defect.id == "DL28"
    assert "byte order mark" in kinds("domain:a.test\n".encode("utf-8-sig"))["encoding"].explanation
    assert "encoding" not in kinds("# ä\n".encode())


def test_bytes_that_are_not_utf8() -> None:
    found = kinds(b"domain:caf\xe9.example\n# caf\xe9\n")
    entry, comment = found["bad_bytes"], found["bad_bytes_comment"]
    assert (entry.line, entry.level, entry.mend) == (1, "error", "domain:xn--caf-dma.example")
    assert (comment.line, comment.level, comment.mend) == (2, "fix", "# café")


def test_a_file_without_entries_says_what_an_upload_would_do() -> None:
    assert {"no_entries"} == kinds(b"").keys() == kinds(b"# all withdrawn\n").keys()
    assert "no_entries" not in kinds(b"domain:a.test\n")


# --- What belongs together --------------------------------------------------------------------------------------------
def test_every_defect_is_tested_and_has_a_sentence() -> None:
    whole = {
        "crlf",
        "no_final_newline",
        "near_limit",
        "over_limit",
        "encoding",
        "bad_bytes",
        "bad_bytes_comment",
        "no_entries",
    }
    assert {one.kind for one in DEFECTS} == {case.kind for case in CASES} | whole
    assert {f"DL{number:02}" for number in range(1, 30)} == {one.id for one in DEFECTS}
    assert all(one.explanation.endswith(".") and one.level in LEVELS for one in DEFECTS)
    assert len({one.kind for one in DEFECTS}) == len(DEFECTS)


def test_the_guide_has_every_defect() -> None:
    rows = (settings.BASE_DIR / "docs" / "disavow.md").read_text().splitlines()
    listed = {tuple(cell.strip(" `") for cell in row.split("|")[1:4]) for row in rows if row.startswith("| DL")}
    assert listed == {(one.id, one.kind, one.level) for one in DEFECTS}


def test_a_line_may_have_several_defects_with_one_written_form() -> None:
    found = {one.defect.kind: one.mend for one in findings('" Domain: WWW.Á.example"\t')}
    written = "domain:www.xn--1ca.example"
    assert found["space_around"] == found["quoted"] == found["space_after_domain"] == found["non_ascii"] == written
    assert found["www"] == "domain:xn--1ca.example"


def test_a_line_that_must_go_out_of_the_list_covers_nothing() -> None:
    found = findings(
        "domain:github.io\ndomain:mine.example\ndomain:a.github.io\nhttp://a.github.io/\nhttp://mine.example/"
    )
    assert [(one.line, one.defect.kind) for one in found if one.level in ("error", "fix")] == [
        (1, "shared_host"), (2, "own_domain"), (4, "covered_url"), (5, "own_domain")
    ]  # fmt: skip


def test_what_is_not_known_is_not_said() -> None:
    text = "domain:popular.example\ndomain:mine.example\ndomain:dead.example\ndomain:silent.example\n"
    assert {one.defect.kind for one in findings(text, NOTHING)} == {"no_reason"}


def test_rank_and_authority_of_a_host_of_many_owners_say_nothing_about_one_of_them() -> None:
    around = Surroundings(ranks={"wordpress.com": 3}, authority={"wordpress.com": 90.0})
    assert not around.importance("a.wordpress.com")
    assert around.importance("wordpress.com")


def test_entries_without_reason_are_one_finding_a_run() -> None:
    found = findings("domain:a.test\n\ndomain:b.test\n# why\ndomain:c.test\n\nhttp://d.test/\n")
    assert [(one.line, one.count) for one in found if one.defect.kind == "no_reason"] == [(1, 2), (7, 1)]


def test_covered_urls_do_not_count_as_many() -> None:
    assert "many_urls" not in {one.defect.kind for one in findings(FIVE + "http://many.example/4\ndomain:many.example")}


def test_findings_stand_in_the_order_of_the_lines_and_show_hidden_signs() -> None:
    found = findings("domain:b\u202ea.example\n\nspam\n")
    assert [one.line for one in found] == sorted(one.line for one in found)
    assert found[0].text == "domain:b<U+202E>a.example"


def test_long_and_strange_lines_take_no_time() -> None:
    """Lengths at which anything quadratic would take minutes."""
    lines = [" " * 400_000 + "x", "." * 400_000, "domain:" + "a." * 200_000, "http://" + "\\" * 400_000, '"' * 400_000]
    lines += ["domain:" + " a" * 8_000, "http://a.test/" + "," * 16_000, "domain:" + "*." * 8_000, "a.b " * 4_000]
    found = lint(read("\n".join(lines).encode()))
    assert {one.line for one in found if one.level == "error"} >= set(range(1, 10))
    assert all(len(one.text) <= 320 for one in found)


def test_random_lines_give_valid_mends() -> None:
    dice = random.Random(3)
    signs = "domain:htp/. #*\"'\u200b\u202e\xa0é@,w1-_\t"
    for _ in range(400):
        line = "".join(dice.choices(signs, k=dice.randrange(30)))
        for one in lint(read_text(f"{line}\n")):
            if one.level == "error" and one.mends:
                again = lint(read_text("".join(f"{mend}\n" for mend in one.mends[:1])))
                assert not [two for two in again if two.defect.id in ("DL02", "DL03", "DL04", "DL23", "DL27")], line
