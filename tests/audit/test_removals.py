"""Requests to take links away: they follow decisions, keep what became of them, and have a mail."""

from urllib.parse import unquote

import pytest
from django.test import Client

from audit import removals, review
from audit.models import Audit, Removal
from backlinks import index
from projects.models import AuditEntry
from tests.audit.audited import FARM, audited
from tests.backlinks.pages import csv_of, rows_of, soup_of, url_of
from tests.conftest import Cast, Hold

SPAM = FARM[0]


@pytest.fixture
def audit(cast: Cast, held_index: Hold) -> Audit:
    return audited(cast, held_index)


def asked(cast: Cast) -> set[str]:
    return set(Removal.objects.filter(project=cast.project).values_list("domain", flat=True))


def change(cast: Cast, domain: str, state: str, contact: str = "", note: str = "") -> bool:
    row = Removal.objects.get(project=cast.project, domain=domain)
    return removals.change(row, cast.editor, state=state, contact=contact, note=note)


# --- Decisions --------------------------------------------------------------------------------------------------------
def test_requests_follow_decisions_and_undo(cast: Cast) -> None:
    review.decide(cast.project, ["a.example", "b.example"], "remove", "a link farm", cast.editor)
    assert asked(cast) == {"a.example", "b.example"}
    one = Removal.objects.get(domain="a.example")
    assert (one.state, one.made_by, len(one.history)) == ("to_send", cast.editor, 1)
    assert (one.history[0]["who"], one.history[0]["note"]) == (str(cast.editor), "a link farm")
    review.decide(cast.project, ["b.example"], "disavow", "no answer", cast.editor)
    assert asked(cast) == {"a.example"}
    review.undo(cast.project, cast.editor)
    assert asked(cast) == {"a.example", "b.example"}
    review.undo(cast.project, cast.editor)
    assert asked(cast) == set()


def test_a_request_that_somebody_worked_on_stays(cast: Cast) -> None:
    review.decide(cast.project, ["a.example", "b.example"], "remove", "", cast.editor)
    assert change(cast, "a.example", "sent", "owner@a.example", "by mail")
    review.decide(cast.project, ["a.example", "b.example"], "disavow", "no answer", cast.editor)
    assert asked(cast) == {"a.example"}
    review.decide(cast.project, ["a.example"], "remove", "once more", cast.editor)
    assert [line["state"] for line in Removal.objects.get().history] == ["to_send", "sent"]
    other = {"project": cast.second_project, "domains": ["a.example"], "verdict": "remove", "reason": ""}
    review.decide(**other, user=cast.editor)
    assert asked(cast) == {"a.example"}
    assert Removal.objects.count() == 2


def test_each_change_is_a_line_of_the_history(cast: Cast) -> None:
    review.decide(cast.project, ["a.example"], "remove", "", cast.editor)
    assert not change(cast, "a.example", "to_send")
    assert change(cast, "a.example", "to_send", " owner@a.example ")
    assert change(cast, "a.example", "refused", "owner@a.example", "wants money")
    row = Removal.objects.get()
    assert (row.state, row.contact, row.note) == ("refused", "owner@a.example", "wants money")
    assert [(line["state"], line["note"]) for line in row.history] == [
        ("to_send", ""), ("to_send", "Contact: owner@a.example"), ("refused", "wants money"),
    ]  # fmt: skip


# --- The mail ---------------------------------------------------------------------------------------------------------
def link(page: str, anchor: str = "", state: str = "live") -> dict[str, str]:
    return {"source_url": page, "target_url": "https://client.example/", "anchor": anchor, "state": state}


def test_the_mail_names_what_is_there(cast: Cast) -> None:
    row = Removal(project=cast.project, domain="a.example", contact="owner@a.example")
    links = [
        link("https://a.example/1", "cheap\nshoes"),
        link("https://a.example/2"),
        link("https://a.example/3", state="lost"),
    ]
    mail = removals.mail_of(cast.project, row, links, cast.editor)
    assert mail.subject == "Links from a.example to client.example"
    assert "these 2 links" in mail.body
    assert "- https://a.example/1 links to https://client.example/ with the words “cheap shoes”\n" in mail.body
    assert "https://a.example/3" not in mail.body
    assert mail.address.startswith("mailto:owner@a.example?subject=Links%20from")
    assert unquote(mail.address.partition("&body=")[2]).replace("\r\n", "\n") == mail.body
    one = removals.mail_of(cast.project, row, links[:1], cast.editor)
    assert "this link from a.example" in one.body and "take it away" in one.body


def test_a_long_mail_and_odd_contacts(cast: Cast) -> None:
    links = [link(f"https://a.example/{at}") for at in range(60)]
    for contact in ("a@b.example?bcc=x@y.example", "https://a.example/contact", "x@y\r\nBcc: z@y.example"):
        row = Removal(project=cast.project, domain="a.example", contact=contact)
        mail = removals.mail_of(cast.project, row, links, cast.editor)
        assert mail.address.startswith("mailto:?subject=")
        assert len(mail.address) <= removals.MOST_OF_ADDRESS
    assert "https://a.example/49 " in mail.body
    assert "- and 10 more links" in mail.body
    assert "these 60 links" in mail.body
    none = removals.mail_of(cast.project, row, [], cast.editor)
    assert "We found links from a.example" in none.body


# --- Pages ------------------------------------------------------------------------------------------------------------
def test_the_list_and_a_page_of_one(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    review.decide(cast.project, [SPAM, "elsewhere.example"], "remove", "a <b>farm</b>", cast.editor)
    client, listed = browse(cast.viewer), url_of(cast.project, "audit/removals/")
    page = soup_of(client.get(listed))
    rows = {row.select_one("td.text").get_text(strip=True): row for row in rows_of(page)}
    assert set(rows) == {SPAM, "elsewhere.example"}
    heads, *lines = csv_of(client.get(f"{listed}?export=csv"))
    told = {line[0]: dict(zip(heads, line, strict=True)) for line in lines}
    assert (told[SPAM]["State"], told[SPAM]["Links"]) == ("To send", "2")
    assert told["elsewhere.example"]["Links"] == ""
    one = soup_of(client.get(rows[SPAM].select_one("td.text a")["href"]))
    body = one.select_one("textarea#body").get_text()
    assert f"- https://{SPAM}/all/938/13.html links to https://client.example/ with the words “cheap shoes”" in body
    assert body.lstrip("\n").startswith("Hello,")
    assert one.select_one("a[href^='mailto:?subject=']")
    assert "a <b>farm</b>" in one.select_one("#history").find_parent("section").get_text()
    assert not one.select("form[action$='change/']")
    assert client.get(url_of(cast.project, "audit/removals/nobody.example/")).status_code == 404
    assert browse(cast.client).get(listed).status_code == 403


def test_an_editor_notes_what_became_of_it(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    review.decide(cast.project, [SPAM], "remove", "", cast.editor)
    page, client = url_of(cast.project, f"audit/removals/{SPAM}/"), browse(cast.editor)
    form = {"state": "sent", "contact": f"owner@{SPAM}", "note": "by <i>mail</i>"}
    assert browse(cast.viewer).post(f"{page}change/", form).status_code == 403
    answer = client.post(f"{page}change/", form, follow=True)
    assert answer.redirect_chain[-1][0] == page
    assert "by &lt;i&gt;mail&lt;/i&gt;" in answer.content.decode()
    assert soup_of(answer).select_one(f"a[href^='mailto:owner@{SPAM}?']")
    assert AuditEntry.objects.get(action="removal.changed").detail["domain"] == SPAM
    assert client.post(f"{page}change/", form | {"state": "burnt"}).status_code == 422
    assert [row.select_one("td.text").get_text(strip=True) for row in rows_of(
        soup_of(client.get(url_of(cast.project, "audit/removals/?state=sent")))
    )] == [SPAM]  # fmt: skip
    assert not rows_of(soup_of(client.get(url_of(cast.project, "audit/removals/?state=removed"))))


def test_the_history_is_printed_whole(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    review.decide(cast.project, [SPAM], "remove", "bought", cast.editor)
    change(cast, SPAM, "refused", "", "wants money")
    review.decide(cast.project, [FARM[1]], "disavow", "a farm", cast.editor)
    review.decide(cast.second_project, ["other.example"], "disavow", "not this project", cast.editor)
    page = soup_of(browse(cast.viewer).get(url_of(cast.project, "audit/removals/history/")))
    requests = page.select_one("#requests").find_parent("section").get_text(" ", strip=True)
    for words in (SPAM, "bought", "refused: wants money", str(cast.editor)):
        assert words in requests
    disavowed = page.select_one("#disavowed").find_parent("section").get_text(" ", strip=True)
    assert FARM[1] in disavowed and "a farm" in disavowed
    assert "not this project" not in page.get_text()


def test_ways_to_an_owner_are_those_that_visits_saw(
    cast: Cast, audit: Audit, browse: type[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert index.contact_pages(cast.workspace.pk, SPAM, 3) == []
    review.decide(cast.project, [SPAM], "remove", "", cast.editor)
    seen = [{"page_url": f"https://{SPAM}/imprint", "contacts": ["imprint", "mail"], "fetched_at": None}]
    monkeypatch.setattr("backlinks.index.contact_pages", lambda *_: seen)
    page = soup_of(browse(cast.viewer).get(url_of(cast.project, f"audit/removals/{SPAM}/")))
    assert "shows an imprint, a mail address" in page.get_text()
