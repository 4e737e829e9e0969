"""The list as files brought it: kept as they came, merged by questions, withdrawn and put back, with file and line."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from audit import disavowing, listed, review
from audit.disavow.grammar import Unreadable
from audit.disavow.lint import lint
from audit.disavow.mend import Stale
from audit.disavow.merge import NotAsked
from audit.models import Audit, DisavowVersion, ListedEntry, ReviewStep
from tests.audit.audited import audited
from tests.conftest import Cast, Hold

OLD = (
    b"# Group: Links of 2019\n# Who: old@agency.example, When: 2019-05-01\n# Why: bought\n"
    b"domain:one.test\ndomain:two.test\n\nhttp://three.test/page\nspam.test\n"
)


@pytest.fixture
def audit(cast: Cast, held_index: Hold) -> Audit:
    return audited(cast, held_index)


def brought(cast: Cast, data: bytes = OLD, name: str = "old.txt") -> DisavowVersion:
    return listed.bring(cast.project, cast.editor, data, name)[0]


def merged(cast: Cast, data: bytes = OLD, name: str = "old.txt", gone: tuple[str, ...] = ()) -> DisavowVersion:
    version = brought(cast, data, name)
    listed.merge_in(cast.project, cast.editor, version, gone)
    return version


def texts(cast: Cast) -> set[str]:
    return {one.text for one in disavowing.planned(cast.project).entries}


@pytest.mark.parametrize(
    "data",
    [
        OLD,
        OLD.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + OLD,
        OLD.decode().encode("utf-16"),
        b"# m\xfc\ndomain:m\xfc.test\ndomain:a.test",
    ],
    ids=["plain", "CRLF", "mark", "UTF-16", "Latin-1"],
)
def test_a_file_is_kept_byte_for_byte(cast: Cast, data: bytes) -> None:
    made, is_new = listed.bring(cast.project, cast.editor, data, "old.txt")
    made.refresh_from_db()
    assert is_new and made.is_imported and made.note == "old.txt"
    assert disavowing.bytes_of(made) == data
    again, is_new = listed.bring(cast.project, cast.editor, data, "other.txt")
    assert (again.pk, is_new) == (made.pk, False)


def test_what_is_no_text_is_refused(cast: Cast) -> None:
    with pytest.raises(Unreadable, match="no text"):
        brought(cast, b"PK\x03\x04\x00")
    assert not DisavowVersion.objects.exists()


def test_good_lines_enter_the_list_with_file_line_and_what_was_said(cast: Cast, audit: Audit) -> None:
    version = merged(cast)
    rows = {one.value: one for one in ListedEntry.objects.filter(project=cast.project)}
    assert {value: one.line for value, one in rows.items()} == {
        "one.test": 4,
        "two.test": 5,
        "http://three.test/page": 7,
    }
    one = rows["one.test"]
    assert (one.who, str(one.day), one.reason, one.group) == (
        "old@agency.example",
        "2019-05-01",
        "bought",
        "Links of 2019",
    )
    assert all(row.origin == version for row in rows.values())
    plan = disavowing.planned(cast.project)
    assert not plan.is_proposal and len(plan.entries) == 3
    written = disavowing.write(cast.project, cast.admin, {})
    assert "# Why: bought\ndomain:one.test\ndomain:two.test\n" in written.text
    told = listed.blame(cast.project, written, disavowing.file_of(written).entries())
    assert str(told["domain", "two.test"]) == "version 1 (old.txt), line 5"


def test_decisions_and_listed_entries_make_one_file(cast: Cast, audit: Audit) -> None:
    review.decide(cast.project, ["one.test", "four.test"], "disavow", "seen again", cast.editor)
    merged(cast)
    made = disavowing.write(cast.project, cast.admin, {})
    assert (made.domains, made.urls) == (3, 1)
    before, _, _ = made.text.partition("domain:one.test")
    assert "seen again" in before and "bought" in before
    review.decide(cast.project, ["three.test"], "keep", "", cast.editor)
    plan = disavowing.planned(cast.project)
    assert plan.left_out == {"http://three.test/page": "three.test is kept"}
    assert "http://three.test/page" not in {one.text for one in plan.entries}
    review.undo(cast.project, cast.editor)
    assert "http://three.test/page" in texts(cast)


def test_what_no_file_may_hold_stays_out_and_is_named(cast: Cast, audit: Audit) -> None:
    review.decide(cast.project, ["kept.test"], "keep", "", cast.editor)
    data = b"domain:org.br\ndomain:client.example\ndomain:second.example\ndomain:kept.test\ndomain:good.test\n"
    version = brought(cast, data)
    made = listed.merge_in(cast.project, cast.editor, version, ())
    assert sorted(one.entry.value for one in made.refused if one.entry) == [
        "client.example", "kept.test", "org.br", "second.example"
    ]  # fmt: skip
    assert list(ListedEntry.objects.values_list("value", flat=True)) == ["good.test"]


def test_what_one_side_dropped_is_asked_about_and_kept(cast: Cast, audit: Audit) -> None:
    version = merged(cast)
    DisavowVersion.objects.filter(pk=version.pk).update(uploaded_at=timezone.now())
    new = brought(cast, b"domain:one.test\nhttp://new.test/\n", "new.txt")
    asked = {one.name for one in listed.coming(cast.project, new).merged.questions}
    assert asked == {"domain:two.test", "http://three.test/page"}
    with pytest.raises(NotAsked):
        listed.merge_in(cast.project, cast.editor, new, ["domain:one.test"])
    listed.merge_in(cast.project, cast.editor, new, ["domain:two.test"])
    assert texts(cast) == {"domain:one.test", "http://three.test/page", "http://new.test/"}
    origins = dict(ListedEntry.objects.values_list("value", "origin__number"))
    assert origins["one.test"] == 1 and origins["http://new.test/"] == 2


def test_a_question_answered_with_remove_takes_a_decision_back_too(cast: Cast, audit: Audit) -> None:
    review.decide(cast.project, ["four.test"], "disavow", "spam", cast.editor)
    written = disavowing.write(cast.project, cast.admin, {})
    DisavowVersion.objects.filter(pk=written.pk).update(uploaded_at=timezone.now())
    merged(cast, b"domain:five.test\n", gone=("domain:four.test",))
    assert texts(cast) == {"domain:five.test"}
    assert ReviewStep.objects.filter(user=cast.editor).count() == 2
    review.undo(cast.project, cast.editor)
    assert texts(cast) == {"domain:four.test", "domain:five.test"}


def test_a_domain_line_gives_its_pages_back_when_it_goes(cast: Cast, audit: Audit) -> None:
    merged(cast, b"# old\nhttp://a.test/1\nhttp://a.test/2\n")
    merged(cast, b"# new\ndomain:a.test\n")
    made = disavowing.write(cast.project, cast.admin, {})
    assert (made.domains, made.urls) == (1, 0)
    row = ListedEntry.objects.get(kind="domain")
    assert listed.withdraw(cast.project, [row.pk]) == ["domain:a.test"]
    assert texts(cast) == {"http://a.test/1", "http://a.test/2"}
    assert listed.withdraw(cast.other_project, ListedEntry.objects.values_list("pk", flat=True)) == []


def test_a_version_becomes_the_list_again_and_the_step_can_be_taken_back(cast: Cast, audit: Audit) -> None:
    first = merged(cast)
    review.decide(cast.project, ["four.test"], "disavow", "spam", cast.editor)
    merged(cast, b"domain:five.test\n", "new.txt")
    before = texts(cast)
    made = listed.restore(cast.project, cast.editor, first)
    assert (made.added, made.removed) == (0, 2)
    assert texts(cast) == {"domain:one.test", "domain:two.test", "http://three.test/page"}
    snapshot = DisavowVersion.objects.get(note="The list before version 1 was restored")
    assert {one.text for one in disavowing.file_of(snapshot).entries()} == before
    listed.restore(cast.project, cast.editor, snapshot)
    assert texts(cast) == before
    row = ListedEntry.objects.select_related("origin").get(value="five.test")
    assert row.origin and (row.origin.note, row.line) == ("new.txt", 1)
    same = DisavowVersion.objects.count()
    listed.restore(cast.project, cast.editor, snapshot)
    assert texts(cast) == before and DisavowVersion.objects.count() == same


def test_mends_make_a_version_of_their_own(cast: Cast, audit: Audit) -> None:
    version = brought(cast, b"domain:www.a.test \r\nb.test\r\ndomain:a.test\r\n", "old.txt")
    made, is_new = listed.mend(cast.project, cast.editor, version, every=True)
    assert is_new and made.text == "b.test\ndomain:a.test\n" and made.note == "old.txt, mended"
    chosen, _ = listed.mend(cast.project, cast.editor, made, ["1:DL04:no_scheme"], 1)
    assert chosen.text == "http://b.test/\ndomain:a.test\n"
    both = ["1:DL04:no_scheme", "2:DL22:no_reason"]  # the note has no mend
    assert listed.mend(cast.project, cast.editor, made, both)[0].text == "domain:b.test\ndomain:a.test\n"
    with pytest.raises(Stale, match="Nothing was chosen"):
        listed.mend(cast.project, cast.editor, made, both[1:])


def test_lint_disavow_with_a_project_knows_what_is_its_own(cast: Cast, audit: Audit, tmp_path: Path) -> None:
    review.decide(cast.project, ["kept.test"], "keep", "", cast.editor)
    path, out = tmp_path / "d.txt", StringIO()
    path.write_text("# why\ndomain:client.example\ndomain:second.example\ndomain:kept.test\n")
    call_command("lint_disavow", str(path), project=str(cast.project.pk), stdout=out)
    assert out.getvalue().count("DL24 Own or partner domain") == 3
    call_command("lint_disavow", str(path), stdout=(alone := StringIO()))
    assert "DL24" not in alone.getvalue()


def test_export_disavow_writes_what_files_brought(cast: Cast, audit: Audit, tmp_path: Path) -> None:
    merged(cast)
    call_command("export_disavow", project=str(cast.project.pk), out=str(tmp_path / "d.txt"), stdout=StringIO())
    text = (tmp_path / "d.txt").read_text()
    assert "# Who: old@agency.example, When: 2019-05-01\n# Why: bought\ndomain:one.test\ndomain:two.test\n" in text
    assert "\nhttp://three.test/page\n" in text and "spam.test" not in text


def test_what_a_tool_lists_without_a_reason_is_the_tools(cast: Cast, link_index: None) -> None:
    merged(cast, b"# exported from backlink tool\n# domains\ndomain:a.test\n\n# bought\ndomain:b.test\n", "tool.txt")
    assert {one.value: one.reason for one in ListedEntry.objects.all()} == {
        "a.test": "Semrush export",
        "b.test": "bought",
    }


def test_mending_decides_nothing_about_bytes_that_nobody_read(cast: Cast, audit: Audit) -> None:
    version = brought(cast, b"# m\xfc\r\ndomain:b\xfcro.test\r\ndomain:www.a.test\r\n", "old.txt")
    made, _ = listed.mend(cast.project, cast.editor, version, every=True)
    assert disavowing.bytes_of(made) == "# m\u00fc\n".encode() + b"domain:b\xfcro.test\ndomain:a.test\n"
    found = lint(disavowing.file_of(made))
    assert [one.defect.kind for one in found if one.level in ("error", "fix")] == ["bad_bytes"]
    last, _ = listed.mend(cast.project, cast.editor, made, [one.key for one in found if one.level == "error"])
    assert disavowing.bytes_of(last) == "# m\u00fc\ndomain:xn--bro-hoa.test\ndomain:a.test\n".encode()
