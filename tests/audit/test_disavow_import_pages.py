"""Pages of existing disavow files: brought, read, mended, merged, compared, restored, withdrawn."""

import base64
import importlib

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from audit import disavowing, listed, review
from audit.models import Audit, DisavowVersion, ListedEntry, ReviewSettings
from projects.models import AuditEntry
from tests.audit.audited import audited
from tests.backlinks.pages import soup_of, url_of
from tests.conftest import Cast, Hold

FILE = (
    b"# <b>bought</b> in 2019\r\ndomain:one.test\r\ndomain:www.two.test\r\ndomain:one.test\r\n\r\n"
    b"three.test/page\r\nhttp://four.test/<script>\r\ndomain:org.br\r\n"
)


@pytest.fixture
def audit(cast: Cast, held_index: Hold) -> Audit:
    return audited(cast, held_index)


@pytest.fixture
def editor(cast: Cast, audit: Audit, browse: type[Client]) -> Client:
    return browse(cast.editor)


def bring(client: Client, cast: Cast, data: bytes = FILE, name: str = "old.txt") -> HttpResponse:
    return client.post(url_of(cast.project, "audit/disavow/import/"), {"file": SimpleUploadedFile(name, data)})


def page(client: Client, cast: Cast, path: str) -> str:
    answer = client.get(url_of(cast.project, f"audit/disavow/{path}"))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_file_is_brought_read_and_given_back_as_it_came(cast: Cast, editor: Client) -> None:
    answer = bring(editor, cast)
    assert answer.url == url_of(cast.project, "audit/disavow/1/?show=findings")
    text = page(editor, cast, "1/?show=findings")
    for word in ("Public suffix", "Duplicate", "www. alone", "Neither domain: nor a scheme", "domain:three.test"):
        assert word in text
    assert "drop the line: domain:one.test stands for it" in text
    assert editor.get(url_of(cast.project, "audit/disavow/1.txt?manual=no&bought=no")).content == FILE
    assert editor.get(url_of(cast.project, "audit/disavow/1/malformed.txt")).content == b"three.test/page\n"
    entries = page(editor, cast, "1/")
    assert "&lt;b&gt;bought&lt;/b&gt; in 2019" in entries and "version 1 (old.txt), line 2" in entries
    assert "four.test/&lt;script&gt;" in entries and "four.test/<script>" not in entries
    assert bring(editor, cast, name="again.txt").url.endswith("/disavow/1/?show=findings")
    assert DisavowVersion.objects.count() == 1


def test_lists_of_a_file_are_filtered_sorted_and_exported(cast: Cast, editor: Client) -> None:
    bring(editor, cast)
    assert "domain:one.test" not in page(editor, cast, "1/?text=FOUR")
    answer = editor.get(url_of(cast.project, "audit/disavow/1/?show=findings&level=error&export=csv&sort=-line"))
    lines = b"".join(answer).decode("utf-8-sig").splitlines()
    assert [line.partition(",")[0] for line in lines[1:]] == ["8", "6"]
    some = page(editor, cast, "1/?line_min=3&line_max=4")
    assert "domain:www.two.test" in some and "org.br" not in some


def test_mends_by_finding_and_all_at_once(cast: Cast, editor: Client) -> None:
    bring(editor, cast)
    mend = url_of(cast.project, "audit/disavow/1/mend/")
    assert editor.post(mend, {"action": "first"}).url.endswith("/1/?show=findings")
    editor.post(mend, {"every": "fixes"})
    second = DisavowVersion.objects.get(number=2)
    assert second.text.count("domain:one.test\n") == 1 and "domain:two.test\n" in second.text
    assert "three.test/page\n" in second.text and second.note == "old.txt, mended"
    editor.post(mend, {"action": "second", "row": "6:DL04:no_scheme"})
    assert "\ndomain:three.test\n" in DisavowVersion.objects.get(number=3).text
    editor.post(mend, {"action": "first", "all": "yes", "query": "level=error"})
    assert "\nhttp://three.test/page\n" in DisavowVersion.objects.get(number=4).text
    answer = editor.post(mend, {"action": "first", "row": "99:DL04:no_scheme"}, follow=True)
    assert "The file has changed since" in answer.content.decode()


def test_a_merge_asks_and_keeps(cast: Cast, editor: Client) -> None:
    bring(editor, cast)
    text = page(editor, cast, "1/?show=merge")
    assert "3 entries would be added" in text and "names are registered below it" in text
    editor.post(url_of(cast.project, "audit/disavow/1/merge/"))
    rows = ListedEntry.objects.order_by("line")
    assert [(row.value, row.line) for row in rows] == [
        ("one.test", 2), ("two.test", 3), ("http://four.test/<script>", 7)
    ]  # fmt: skip
    DisavowVersion.objects.update(uploaded_at=timezone.now())
    bring(editor, cast, b"domain:one.test\ndomain:five.test\n", "new.txt")
    soup = soup_of(editor.get(url_of(cast.project, "audit/disavow/2/?show=merge")))
    asked = {one["value"] for one in soup.select("input[name=gone]")}
    assert asked == {"domain:two.test", "http://four.test/<script>"}
    assert not soup.select("input[name=gone][checked]")
    editor.post(url_of(cast.project, "audit/disavow/2/merge/"), {"all_gone": "yes"})
    assert set(ListedEntry.objects.values_list("value", flat=True)) == {"one.test", "five.test"}
    answer = editor.post(url_of(cast.project, "audit/disavow/2/merge/"), {"gone": "domain:nobody.test"}, follow=True)
    assert "There is no question about domain:nobody.test" in answer.content.decode()


def test_where_a_second_person_is_asked_for_an_admin_merges(cast: Cast, editor: Client, browse: type[Client]) -> None:
    ReviewSettings.objects.create(project=cast.project, needs_second=True)
    bring(editor, cast, b"domain:a.test\n")
    for path in ("1/merge/", "1/restore/"):
        answer = editor.post(url_of(cast.project, f"audit/disavow/{path}"), follow=True)
        assert "an admin changes the list" in answer.content.decode()
        assert not ListedEntry.objects.exists()
    browse(cast.admin).post(url_of(cast.project, "audit/disavow/1/merge/"))
    assert ListedEntry.objects.get().value == "a.test"


def test_changes_against_any_version_and_the_way_back(cast: Cast, editor: Client) -> None:
    bring(editor, cast, b"domain:a.test\nhttp://b.test/1\n")
    bring(editor, cast, b"domain:b.test\ndomain:c.test\n", "new.txt")
    text = page(editor, cast, "2/?show=changes&against=1")
    assert "Added: 2" in text and "Removed: 1" in text and "Covered: 1" in text
    assert "Added: 1" in page(editor, cast, "1/?show=changes")
    editor.post(url_of(cast.project, "audit/disavow/2/merge/"))
    editor.post(url_of(cast.project, "audit/disavow/1/restore/"))
    assert set(ListedEntry.objects.values_list("value", flat=True)) == {"a.test", "http://b.test/1"}
    assert not DisavowVersion.objects.filter(number__gt=2).exists()  # version 2 says what the list was


def test_one_listed_entry_is_withdrawn(cast: Cast, editor: Client, browse: type[Client]) -> None:
    bring(editor, cast, b"# why\ndomain:a.test\ndomain:b.test\ndomain:c.test\n")
    editor.post(url_of(cast.project, "audit/disavow/1/merge/"))
    text = page(editor, cast, "list/?value=a.test")
    assert "a.test" in text and "b.test" not in text and "old.txt" in text
    shown = page(browse(cast.admin), cast, "?manual=yes")
    assert "old.txt" in shown and "version 1, line 2" in shown
    withdraw = url_of(cast.project, "audit/disavow/list/withdraw/")
    row = ListedEntry.objects.get(value="a.test")
    back = url_of(cast.project, "audit/disavow/list/?kind=domain")
    assert editor.post(withdraw, {"action": "withdraw", "row": row.pk, "back": back}).url == back
    assert set(ListedEntry.objects.values_list("value", flat=True)) == {"b.test", "c.test"}
    editor.post(withdraw, {"action": "withdraw", "all": "yes", "query": "value=b."})
    assert ListedEntry.objects.get().value == "c.test"
    assert editor.post(withdraw, {"row": ["x", "9" * 30], "back": "//evil.example"}).url == url_of(
        cast.project, "audit/disavow/list/"
    )
    done = set(AuditEntry.objects.filter(action__startswith="disavow.").values_list("action", flat=True))
    assert done == {"disavow.imported", "disavow.merged", "disavow.withdrawn"}


def test_what_is_kept_is_left_out_and_named(cast: Cast, editor: Client) -> None:
    bring(editor, cast, b"domain:a.test\n")
    editor.post(url_of(cast.project, "audit/disavow/1/merge/"))
    review.decide(cast.project, ["a.test"], "keep", "", cast.editor)
    assert "Brought by a file, and left out" in page(editor, cast, "?manual=yes")


def test_what_cannot_be_brought_is_said(cast: Cast, editor: Client) -> None:
    answer = editor.post(url_of(cast.project, "audit/disavow/import/"), follow=True)
    assert "Choose the text file" in answer.content.decode()
    file = SimpleUploadedFile("x.txt", b"PK\x03\x04\x00")
    answer = editor.post(url_of(cast.project, "audit/disavow/import/"), {"file": file}, follow=True)
    assert "The file is no text" in answer.content.decode()
    assert not DisavowVersion.objects.exists()


def test_who_may_change_and_who_may_read(cast: Cast, editor: Client, browse: type[Client]) -> None:
    bring(editor, cast)
    for show in ("", "?show=findings", "?show=merge", "?show=changes"):
        seen = browse(cast.viewer).get(url_of(cast.project, f"audit/disavow/1/{show}"))
        assert seen.status_code == 200 and "/disavow/1/mend/" not in seen.content.decode()
    for path in ("import/", "1/mend/", "1/merge/", "1/restore/", "list/withdraw/"):
        assert browse(cast.viewer).post(url_of(cast.project, f"audit/disavow/{path}")).status_code == 403
    assert editor.get(url_of(cast.project, "audit/disavow/9/")).status_code == 404
    assert browse(cast.client).get(url_of(cast.project, "audit/disavow/1/")).status_code == 403


def test_what_was_read_once_is_kept_until_something_changes(
    cast: Cast, editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(editor, cast)
    for path in ("1/", "1/?show=findings", "1/?show=merge"):
        page(editor, cast, path)

    def fail(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("audit.disavowing.file_of", fail)
    assert "domain:one.test" in page(editor, cast, "1/?sort=-text")
    assert "Public suffix" in page(editor, cast, "1/?show=findings&id=DL01")
    assert "would be added" in page(editor, cast, "1/?show=merge")
    monkeypatch.undo()
    review.decide(cast.project, ["one.test"], "keep", "", cast.editor)
    assert "one.test is a partner&#x27;s domain" in page(editor, cast, "1/?show=findings")


def test_bytes_of_old_versions_move_into_their_column(cast: Cast) -> None:
    moves = importlib.import_module("audit.migrations.0002_requests_and_files")
    data = b"domain:b\xfcro.example\r\n"
    version, _ = listed.bring(cast.project, cast.editor, data, "old.txt")
    kept = {"bytes": base64.b64encode(data).decode("ascii"), "a.test": "a word"}
    DisavowVersion.objects.update(original=b"", confirmed=kept)
    moves.move_bytes(apps, None)
    version.refresh_from_db()
    assert disavowing.bytes_of(version) == data and version.confirmed == {"a.test": "a word"}
    moves.move_back(apps, None)
    version.refresh_from_db()
    assert version.confirmed == kept
