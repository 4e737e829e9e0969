"""The page of the disavow file: the guide before it, writing with reasons, versions as they were written."""

import pytest
from django.test import Client

from audit import review
from audit.models import Audit, DisavowVersion
from projects.models import AuditEntry
from tests.audit.audited import FARM, audited
from tests.backlinks.pages import soup_of, url_of
from tests.conftest import Cast, Hold


@pytest.fixture
def audit(cast: Cast, held_index: Hold) -> Audit:
    return audited(cast, held_index)


def ending(client: Client, cast: Cast, **answers: str) -> str:
    page = soup_of(client.get(url_of(cast.project, "audit/disavow/"), answers))
    found = page.select_one("[role=status] strong")
    return found.get_text(strip=True) if found else ""


def test_most_answers_end_at_doing_nothing(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    client = browse(cast.admin)
    assert ending(client, cast) == ""
    assert ending(client, cast, manual="no") == ""
    assert ending(client, cast, manual="no", bought="no") == "Do nothing."
    assert ending(client, cast, manual="yes") == "Prepare a file."
    assert ending(client, cast, manual="no", bought="yes") == "Prepare a file."
    for answers in ({}, {"manual": "no", "bought": "no"}):
        page = soup_of(client.get(url_of(cast.project, "audit/disavow/"), answers))
        assert not page.select("form[action$='disavow/write/']")


def test_an_attack_asks_one_question_more(
    cast: Cast, audit: Audit, browse: type[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backlinks.index.auditlists.fired", lambda run: {"PRO01": 9})
    client, calm = browse(cast.viewer), {"manual": "no", "bought": "no"}
    assert ending(client, cast, **calm) == ""
    assert ending(client, cast, **calm, fell="no") == "Watch."
    assert ending(client, cast, **calm, fell="yes") == "Prepare a file."


def test_a_version_is_written_downloaded_and_noted_as_uploaded(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    review.decide(cast.project, FARM, "disavow", "<b>bought</b>", cast.editor)
    client = browse(cast.admin)
    page = client.get(url_of(cast.project, "audit/disavow/?manual=yes"))
    assert "&lt;b&gt;bought&lt;/b&gt;" in page.content.decode()
    client.post(url_of(cast.project, "audit/disavow/write/"), {"note": "first"})
    version = DisavowVersion.objects.get()
    answer = browse(cast.viewer).get(url_of(cast.project, "audit/disavow/1.txt"))
    assert answer.content == version.text.encode("utf-8")
    assert answer["Content-Disposition"] == 'attachment; filename="disavow-clientexample-1.txt"'
    for name in FARM:
        assert f"\ndomain:{name}\n" in version.text
    client.post(url_of(cast.project, "audit/disavow/1/uploaded/"), {"uploaded": "yes"})
    version.refresh_from_db()
    assert version.uploaded_at and version.downloaded_at
    assert "what the search engine has" in client.get(url_of(cast.project, "audit/disavow/")).content.decode()
    client.post(url_of(cast.project, "audit/disavow/1/uploaded/"), {"uploaded": "no"})
    version.refresh_from_db()
    assert version.uploaded_at is None
    done = set(AuditEntry.objects.filter(action__startswith="disavow.").values_list("action", flat=True))
    assert done == {"disavow.written", "disavow.downloaded", "disavow.uploaded", "disavow.not_uploaded"}


def test_a_protected_name_needs_its_reason(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    review.decide(cast.project, ["youtube.com"], "disavow", "spam", cast.editor)
    client, write = browse(cast.admin), url_of(cast.project, "audit/disavow/write/")
    back = url_of(cast.project, "audit/disavow/?manual=yes")
    answer = client.post(write, {"name": "youtube.com", "word": " ", "back": back}, follow=True)
    assert answer.redirect_chain[-1][0] == back
    assert "Confirm each by name" in answer.content.decode()
    client.post(write, {"name": "youtube.com", "word": "the owner asks for it"})
    assert DisavowVersion.objects.get().confirmed == {"youtube.com": "the owner asks for it"}


def test_what_breaks_a_rule_is_said_before_anybody_writes(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    review.decide(cast.project, ["second.example"], "disavow", "spam", cast.editor)
    client = browse(cast.admin)
    page = client.get(url_of(cast.project, "audit/disavow/?manual=yes")).content.decode()
    assert "the domain of another project" in page
    client.post(url_of(cast.project, "audit/disavow/write/"))
    assert not DisavowVersion.objects.exists()


def test_who_may_write_and_who_may_read(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    for user, read, write in ((cast.client, 403, 403), (cast.viewer, 200, 403), (cast.editor, 200, 403)):
        assert browse(user).get(url_of(cast.project, "audit/disavow/")).status_code == read
        assert browse(user).post(url_of(cast.project, "audit/disavow/write/")).status_code == write
    assert browse(cast.viewer).get(url_of(cast.project, "audit/disavow/9.txt")).status_code == 404
