"""Mends: what was accepted happens, nothing else does, and what has one right form needs no second look."""

import random

import pytest

from audit.disavow.findings import Finding
from audit.disavow.grammar import read_text
from audit.disavow.lint import lint
from audit.disavow.mend import Stale, fixed, mended, picked

from .lines import any_file, clean_file

TEXT = """# why
domain: WWW.Spam.example\t
domain:spam.example
http://a.spam.example/x
http://links.test/1
http://links.test/2
# kept
http://links.test/3
http://links.test/4
http://links.test/5
shop.test
"# a remark"
"""


def of(text: str, *kinds: str) -> list[Finding]:
    return [one for one in lint(read_text(text)) if one.defect.kind in kinds]


def test_nothing_accepted_changes_nothing_but_line_ends() -> None:
    assert mended(read_text(TEXT.replace("\n", "\r\n")), []) == TEXT


def test_a_spelling_is_mended_and_www_stays_until_it_is_accepted_too() -> None:
    lines = mended(read_text("domain: WWW.Spam.example\t\n"), of("domain: WWW.Spam.example\t\n", "upper_case"))
    assert lines == "domain:www.spam.example\n"
    both = of("domain: WWW.Spam.example\t\n", "www", "space_around")
    assert mended(read_text("domain: WWW.Spam.example\t\n"), both) == "domain:spam.example\n"


def test_lines_that_are_covered_go_and_comments_stay() -> None:
    text = mended(read_text(TEXT), of(TEXT, "www_and_bare", "covered_url", "quoted"))
    assert text.startswith("# why\ndomain:spam.example\nhttp://links.test/1\n")
    assert text.endswith("shop.test\n# a remark\n")


def test_urls_of_one_host_become_a_domain_line_in_the_place_of_the_first() -> None:
    text = mended(read_text(TEXT), of(TEXT, "many_urls"))
    assert "http://a.spam.example/x\ndomain:links.test\n# kept\nshop.test\n" in text
    assert "http://links.test" not in text


def test_an_offer_is_chosen_by_number() -> None:
    [finding] = of(TEXT, "no_scheme")
    assert finding.mends == ("domain:shop.test", "http://shop.test/")
    assert "\ndomain:shop.test\n" in mended(read_text(TEXT), [finding])
    assert "\nhttp://shop.test/\n" in mended(read_text(TEXT), [finding], {finding.key: 1})
    for number in (-1, 2):
        with pytest.raises(Stale):
            mended(read_text(TEXT), [finding], {finding.key: number})


def test_several_lines_may_stand_for_one() -> None:
    text = "domain:a.test domain:b.test\n"
    assert mended(read_text(text), of(text, "several_on_a_line")) == "domain:a.test\ndomain:b.test\n"


def test_findings_are_accepted_by_their_keys() -> None:
    found = lint(read_text(TEXT))
    assert [one.defect.kind for one in picked(found, ["11:DL04:no_scheme"])] == ["no_scheme"]
    with pytest.raises(Stale, match="99:DL08"):
        picked(found, ["99:DL08:duplicate"])
    text = "domain:192.0.2.7\n"
    with pytest.raises(Stale):  # it has no mend
        picked(lint(read_text(text)), ["1:DL06:ip_address"])


@pytest.mark.parametrize("seed", range(40))
def test_what_is_fixed_needs_no_fix_and_fixing_again_changes_nothing(seed: int) -> None:
    file = read_text(any_file(seed))
    once = fixed(file)
    assert not [one for one in lint(once) if one.level == "fix"]
    assert fixed(once).text() == once.text()


@pytest.mark.parametrize("seed", range(20))
def test_fixing_changes_no_meaning(seed: int) -> None:
    """A plain reading of both files: every site or page that was disavowed still is, by itself or by a name above."""
    file = read_text(any_file(seed))
    after = {(one.kind, one.value) for one in fixed(file).lines if one.is_entry}
    for line in file.lines:
        if line.is_entry:
            host = line.value.removeprefix("https://").removeprefix("http://").partition("/")[0].partition("?")[0]
            labels = host.split(".")
            above = {("domain", ".".join(labels[start:])) for start in range(len(labels))}
            assert (line.kind, line.value) in after or above & after, line


@pytest.mark.parametrize("seed", range(20))
def test_any_choice_of_fixes_can_be_accepted_in_any_order(seed: int) -> None:
    dice = random.Random(seed)
    file = read_text(any_file(seed))
    fixes = [one for one in lint(file) if one.level == "fix"]
    some = dice.sample(fixes, k=len(fixes) // 2)
    text = mended(file, some)
    assert text == mended(file, list(reversed(some)))
    assert text == mended(read_text(file.text()), sorted(some, key=lambda one: one.key))
    touched = {one.line for one in some}
    kept = [line.raw for line in file.lines if line.number not in touched]
    lines = iter(text.split("\n"))
    assert all(raw in lines for raw in kept)


@pytest.mark.parametrize("seed", range(10))
def test_comments_outlive_every_fix(seed: int) -> None:
    file = read_text(any_file(seed))
    assert fixed(file).count("comment") >= file.count("comment")
    assert fixed(read_text(clean_file(seed))).count("comment") == read_text(clean_file(seed)).count("comment")
