"""The page of the disavow file: the guide before it, writing with reasons, versions as they were written."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from audit import approving, disavowing, listed, review, uploading
from audit.disavow.grammar import read
from audit.models import Audit, Decision, DisavowVersion, ReviewSettings
from backlinks.workbench.models import Mark
from projects.models import AuditEntry
from tests.audit.audited import DAY_OF_AUDIT, FARM, audited
from tests.backlinks.pages import csv_of, soup_of, url_of
from tests.conftest import Cast, Hold

DAY = timedelta(days=1)


@pytest.fixture
def audit(cast: Cast, held_index: Hold) -> Audit:
    return audited(cast, held_index)


def ending(client: Client, cast: Cast, **answers: str) -> str:
    page = soup_of(client.get(url_of(cast.project, "audit/disavow/"), answers))
    found = page.select_one("[role=status] strong")
    return found.get_text(strip=True) if found else ""


CALM = {"manual": "no", "bought": "no"}
NEEDED = {"manual": "yes", "bought": "no"}


def test_most_answers_end_at_doing_nothing(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    client = browse(cast.admin)
    assert ending(client, cast) == ""
    assert ending(client, cast, manual="no") == ""
    assert ending(client, cast, **CALM).startswith("Do nothing")
    assert ending(client, cast, manual="unknown", bought="no").startswith("Look into Search Console first")
    assert ending(client, cast, manual="yes").startswith("Prepare a file: there is a manual action")
    assert ending(client, cast, manual="no", bought="yes").startswith("Prepare a file of the links that were placed")
    for answers in ({}, CALM, {"manual": "no", "bought": "unknown"}):
        page = soup_of(client.get(url_of(cast.project, "audit/disavow/"), answers))
        assert not page.select("form[action$='disavow/write/']")


def test_an_attack_asks_one_question_more(
    cast: Cast, audit: Audit, browse: type[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backlinks.index.auditlists.fired", lambda run: {"PRO01": 9})
    client = browse(cast.viewer)
    assert ending(client, cast, **CALM) == ""
    assert ending(client, cast, **CALM, fell="no").startswith("Watch")
    assert ending(client, cast, **CALM, fell="yes").startswith("Prepare a file as a precaution")


def test_no_file_leaves_before_the_guide_is_answered(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    client = browse(cast.admin)
    version, _ = listed.bring(cast.project, cast.admin, b"domain:b\xfcro.example\r\n# m\xfc\r\n", "old.txt")
    file = url_of(cast.project, "audit/disavow/1.txt")
    answer = client.get(file, {"manual": "no"})
    assert answer.url == url_of(cast.project, "audit/disavow/?manual=no&file=1")
    guide = soup_of(client.get(answer.url))
    assert guide.select_one("form input[name=file][value='1']") and not guide.select("a[href*='1.txt?'][download]")
    told = soup_of(client.get(answer.url, {**CALM, "file": "1"}))
    leave = told.select_one("a[download]")
    assert "all the same" in leave.get_text()
    assert client.get(leave["href"]).content == b"domain:b\xfcro.example\r\n# m\xfc\r\n"
    assert bytes(DisavowVersion.objects.get(pk=version.pk).original) and "BYTES" not in version.confirmed
    assert AuditEntry.objects.get(action="disavow.downloaded").detail["because"] == "nothing"
    client.post(url_of(cast.project, "audit/disavow/write/"), CALM)
    assert DisavowVersion.objects.count() == 1


def test_a_version_is_written_downloaded_and_noted_as_uploaded(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    review.decide(cast.project, FARM, "disavow", "<b>bought</b>", cast.editor)
    client = browse(cast.admin)
    page = client.get(url_of(cast.project, "audit/disavow/?manual=yes"))
    assert "&lt;b&gt;bought&lt;/b&gt;" in page.content.decode()
    client.post(url_of(cast.project, "audit/disavow/write/"), {**NEEDED, "note": "first"})
    version = DisavowVersion.objects.get()
    answer = browse(cast.viewer).get(url_of(cast.project, "audit/disavow/1.txt"), NEEDED)
    assert answer.content == version.text.encode("utf-8")
    assert answer["Content-Disposition"] == 'attachment; filename="disavow-client-example-1.txt"'
    for name in FARM:
        assert f"\ndomain:{name}\n" in version.text
    heads, first, *_ = csv_of(client.get(url_of(cast.project, "audit/disavow/1/?export=csv")))
    told = dict(zip(heads, first, strict=True))
    assert told["Entry"] == f"domain:{FARM[0]}" and told["Who"] == str(cast.editor)
    assert told["Evidence"] == ", ".join(Decision.objects.get(domain=FARM[0]).evidence)
    noted = url_of(cast.project, "audit/disavow/1/uploaded/")
    client.post(noted, {"uploaded": "yes", "day": "2199-01-01"})
    version.refresh_from_db()
    assert version.uploaded_at is None
    kept = ["https://client.example/", "http://www.client.example/"]
    client.post(noted, {"uploaded": "yes", "day": "2026-02-03", "property": [*kept, "https://other.example/"]})
    version.refresh_from_db()
    assert version.uploaded_at.date() == date(2026, 2, 3) and version.properties == kept and version.downloaded_at
    assert "what the search engine has" in client.get(url_of(cast.project, "audit/disavow/")).content.decode()
    client.post(noted, {"uploaded": "no"})
    version.refresh_from_db()
    assert version.uploaded_at is None
    done = set(AuditEntry.objects.filter(action__startswith="disavow.").values_list("action", flat=True))
    assert done == {"disavow.written", "disavow.downloaded", "disavow.uploaded", "disavow.not_uploaded"}


def test_what_does_not_count_is_no_evidence_of_the_file(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    ReviewSettings.objects.create(project=cast.project, needs_second=True)
    review.decide(cast.project, FARM, "disavow", "bought", cast.editor)
    approving.approve(cast.project, FARM[:2], cast.admin)
    page = browse(cast.admin).get(url_of(cast.project, "audit/disavow/?manual=yes"))
    told = soup_of(page)
    assert page.context["carried"] + page.context["thin_count"] == page.context["next"]["domains"] == 2
    assert told.select_one("#answer a[href='#next']") and told.select_one("#next")


def test_a_protected_name_needs_its_reason(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    review.decide(cast.project, ["youtube.com"], "disavow", "spam", cast.editor)
    client, write = browse(cast.admin), url_of(cast.project, "audit/disavow/write/")
    answer = client.post(write, {**NEEDED, "name": "youtube.com", "word": " "}, follow=True)
    assert answer.redirect_chain[-1][0] == url_of(cast.project, "audit/disavow/?manual=yes&bought=no")
    assert "Confirm each by name" in answer.content.decode()
    client.post(write, {**NEEDED, "name": "youtube.com", "word": "the owner asks for it"})
    assert DisavowVersion.objects.get().confirmed == {"youtube.com": "the owner asks for it"}


def test_what_breaks_a_rule_is_said_before_anybody_writes(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    review.decide(cast.project, ["second.example"], "disavow", "spam", cast.editor)
    client = browse(cast.admin)
    page = client.get(url_of(cast.project, "audit/disavow/?manual=yes")).content.decode()
    assert "the domain of another project" in page
    client.post(url_of(cast.project, "audit/disavow/write/"), NEEDED)
    assert not DisavowVersion.objects.exists()


def test_who_may_write_and_who_may_read(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    for user, reads, writes in ((cast.client, 403, 403), (cast.viewer, 200, 403), (cast.editor, 200, 403)):
        assert browse(user).get(url_of(cast.project, "audit/disavow/")).status_code == reads
        assert browse(user).post(url_of(cast.project, "audit/disavow/write/")).status_code == writes
    assert browse(cast.viewer).get(url_of(cast.project, "audit/disavow/9.txt")).status_code == 404


def test_a_list_that_is_not_what_was_uploaded_is_told_of(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    review.decide(cast.project, FARM[:2], "disavow", "bought", cast.editor)
    version = disavowing.write(cast.project, cast.admin, {})
    now = timezone.now()
    DisavowVersion.objects.update(uploaded_at=now - 60 * DAY, made_at=now - 60 * DAY)
    assert uploading.drift(cast.project, disavowing.planned(cast.project)) is None
    review.decide(cast.project, FARM[2:3], "disavow", "bought too", cast.editor)
    page = soup_of(browse(cast.viewer).get(url_of(cast.project, "audit/disavow/"))).select_one("#drift").get_text()
    assert "1 entry more and 0 fewer" in page and "has not been" not in page
    Decision.objects.filter(domain=FARM[2]).update(made_at=now - 40 * DAY)
    late = uploading.drift(cast.project, disavowing.planned(cast.project))
    assert late and late.is_late and late.days == 40
    review.decide(cast.project, FARM[:1], "", "", cast.editor)
    changed = uploading.drift(cast.project, disavowing.planned(cast.project))
    assert changed and (changed.added, changed.removed) == (1, 1)
    assert uploading.unsent(cast.project) is None
    DisavowVersion.objects.filter(pk=version.pk).update(uploaded_at=None)
    assert uploading.unsent(cast.project) == version


def test_what_the_linter_notes_of_sites(cast: Cast, audit: Audit) -> None:
    review.decide(cast.project, FARM[:1], "disavow", "a hunch", cast.editor)
    Decision.objects.update(confidence=0.2, evidence=["NET01"])
    found = listed.around_of(
        cast.project, read(f"domain:{FARM[0]}\ndomain:nobody.test\nhttp://old.example/x\n".encode())
    )
    assert found.silent == {"nobody.test", "old.example"} and found.unsure == {FARM[0]} and not found.dead
    Mark.objects.create(project=cast.project, domain=FARM[0], link_id="7", is_whitelisted=True)
    made, _ = disavowing.drafted(cast.project, DAY_OF_AUDIT)
    assert [one.check for one in made.confirmations] == [9]
