"""Requests to take links away: they follow decisions, keep what became of them, and have a mail."""

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from audit import mailing, removals, review
from audit.models import Audit, ListedEntry, Removal, RemovalMail, ReviewSettings
from backlinks import index
from projects.models import AuditEntry
from tests.audit.audited import FARM, audited
from tests.backlinks.pages import csv_of, rows_of, soup_of, url_of
from tests.conftest import Cast, Hold

SPAM = FARM[0]
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


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
def link(page: str, anchor: str = "", state: str = "live", seen: date = date(2026, 2, 1)) -> dict[str, Any]:
    found = {"source_url": page, "target_url": "https://client.example/", "anchor": anchor, "state": state}
    return found | {"first_seen": seen}


def test_the_mail_names_what_is_there(cast: Cast) -> None:
    row = Removal(project=cast.project, domain="a.example", contact="owner@a.example")
    links = [
        link("https://a.example/1", "cheap\nshoes"),
        link("https://a.example/2", seen=date(1970, 1, 1)),
        link("https://a.example/3", state="lost"),
    ]
    mail = mailing.mail_of(cast.project, row, links, cast.editor)
    assert mail.subject == "Links from a.example to client.example" and not mail.is_own
    assert "we found 2 links" in mail.body
    first = "- https://a.example/1 links to https://client.example/ with the words “cheap shoes”, since 2026-02-01\n"
    assert first in mail.body and "- https://a.example/2 links to https://client.example/\n" in mail.body
    assert "https://a.example/3" not in mail.body
    assert mail.address.startswith("mailto:owner@a.example?subject=Links%20from")
    assert unquote(mail.address.partition("&body=")[2]).replace("\r\n", "\n") == mail.body


def test_a_long_mail_and_odd_contacts(cast: Cast) -> None:
    links = [link(f"https://a.example/{at}") for at in range(60)]
    for contact in ("a@b.example?bcc=x@y.example", "https://a.example/contact", "x@y\r\nBcc: z@y.example"):
        row = Removal(project=cast.project, domain="a.example", contact=contact)
        mail = mailing.mail_of(cast.project, row, links, cast.editor)
        assert mail.address.startswith("mailto:?subject=")
        assert len(mail.address) <= mailing.MOST_OF_ADDRESS
    assert "https://a.example/49 " in mail.body
    assert "- and 10 more links" in mail.body
    assert "we found 60 links" in mail.body
    assert "name the pages here" in mailing.mail_of(cast.project, row, [], cast.editor).body


def test_a_template_has_flat_tags_and_nothing_else(cast: Cast) -> None:
    said = "{{ domain }} {{since}} {{ domain.upper }} {% now %} {me} %s {{ links }}"
    RemovalMail.objects.create(project=cast.project, subject="To {{ domain }}\r\nBcc: x", body=said)
    row = Removal(project=cast.project, domain="a.example")
    links = [link("https://a.example/{{ me }}", "{{ workspace }}")]
    mail = mailing.mail_of(cast.project, row, links, cast.editor)
    assert mail.subject == "To a.example Bcc: x"
    assert mail.body.startswith(
        "a.example 2026-02-01 {{ domain.upper }} {% now %} {me} %s - https://a.example/{{ me }} "
    )
    assert "“{{ workspace }}”" in mail.body
    mailing.checked("{{ domain }} {{ domain.upper }}")
    with pytest.raises(ValidationError, match="no tag"):
        mailing.checked("{{ password }}")


def test_contacts_of_the_whole_site_come_first() -> None:
    pages = [
        {"page_url": "https://a.example/x", "mails": ["jo@a.example", "info@a.example"], "fetched_at": NOON},
        {"page_url": "https://a.example/y", "mails": ["info@a.example"], "fetched_at": NOON},
    ]
    first, second = removals.contacts_in(pages)
    assert (first.address, first.page, first.day) == ("info@a.example", "https://a.example/x", NOON.date())
    assert second.address == "jo@a.example"


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
    assert one.select_one("textarea#body[readonly]") and not one.select("form[action$='mail/']")
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
    ListedEntry.objects.create(project=cast.project, kind="domain", value="x.test", reason="old")
    ReviewSettings.objects.create(project=cast.project, needs_second=True)
    page = soup_of(browse(cast.viewer).get(url_of(cast.project, "audit/removals/history/")))
    requests = page.select_one("#requests").find_parent("section").get_text(" ", strip=True)
    for words in (SPAM, "bought", "refused: wants money", str(cast.editor)):
        assert words in requests
    assert page.select_one("#brought").find_parent("section").select_one("td").get_text(strip=True) == "domain:x.test"
    disavowed = page.select_one("#disavowed").find_parent("section").get_text(" ", strip=True)
    assert FARM[1] in disavowed and "a farm" in disavowed and "waits for approval" in disavowed
    assert "Disavowed by decision: 1 (1 of them not in the file yet)" in page.get_text()
    assert "not this project" not in page.get_text()


def test_ways_to_an_owner_are_those_that_visits_saw(
    cast: Cast, audit: Audit, browse: type[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert index.contact_pages(cast.workspace.pk, SPAM, 3) == []
    review.decide(cast.project, [SPAM], "remove", "", cast.editor)
    place, address = f"https://{SPAM}/imprint", f"info@{SPAM}"
    seen = [{"page_url": place, "contacts": ["imprint", "mail"], "mails": [address], "fetched_at": NOON}]
    monkeypatch.setattr("backlinks.index.contact_pages", lambda *_: seen)
    client, shown = browse(cast.editor), url_of(cast.project, f"audit/removals/{SPAM}/")
    page = soup_of(client.get(shown))
    assert "shows an imprint, a mail address, seen on 3 Mar 2026" in page.get_text()
    assert page.select_one("input[name=contact]")["value"] == address
    assert page.select_one(f"a[href^='mailto:{address}?']") and not Removal.objects.get().contact
    client.post(f"{shown}change/", {"state": "sent", "contact": address, "note": ""})
    row = Removal.objects.get()
    assert (row.contact, row.contact_page, row.contact_day) == (address, place, NOON.date())
    assert row.history[-1]["note"] == f"Contact: {address} (seen on {place} on 2026-03-03)"
    client.post(f"{shown}change/", {"state": "sent", "contact": "me@else.example", "note": ""})
    row.refresh_from_db()
    assert (row.contact_page, row.contact_day) == ("", None)


def test_a_mail_is_kept_until_somebody_starts_again(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    review.decide(cast.project, [SPAM], "remove", "", cast.editor)
    client, shown = browse(cast.editor), url_of(cast.project, f"audit/removals/{SPAM}/")
    mail = {"subject": "Your\r\nBcc: page", "body": "Dear <b>owner</b>\r\nplease"}
    assert browse(cast.viewer).post(f"{shown}mail/", mail).status_code == 403
    client.post(f"{shown}mail/", mail)
    row = Removal.objects.get()
    assert (row.subject, row.body) == ("Your Bcc: page", "Dear <b>owner</b>\nplease")
    assert soup_of(client.get(shown)).select_one("textarea#body").get_text().strip() == row.body
    review.decide(cast.project, [SPAM], "keep", "", cast.editor)
    assert Removal.objects.get().body  # somebody has worked on it
    client.post(f"{shown}mail/", {**mail, "anew": "yes"})
    assert soup_of(client.get(shown)).select_one("textarea#body").get_text().strip().startswith("Hello,")
    assert AuditEntry.objects.filter(action="removal.mail").count() == 2


def test_an_admin_changes_the_template(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    review.decide(cast.project, [SPAM], "remove", "", cast.editor)
    page, client = url_of(cast.project, "audit/removals/template/"), browse(cast.admin)
    assert browse(cast.editor).get(page).status_code == 403
    assert client.post(page, {"subject": "x", "body": "{{ secret }}"}).status_code == 422
    client.post(page, {"subject": "About {{ site }}", "body": "Dear {{ domain }}"})
    shown = soup_of(client.get(url_of(cast.project, f"audit/removals/{SPAM}/")))
    assert shown.select_one("input#subject")["value"] == "About client.example"
    assert shown.select_one("textarea#body").get_text().strip() == f"Dear {SPAM}"
    client.post(page, {"ours": "yes"})
    assert not RemovalMail.objects.exists()


def test_a_link_that_our_visit_no_longer_finds_is_offered_as_removed(
    cast: Cast, audit: Audit, browse: type[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    review.decide(cast.project, [SPAM], "remove", "", cast.editor)
    change(cast, SPAM, "sent", "", "first mail")
    change(cast, SPAM, "sent", "", "second mail")
    change(cast, SPAM, "answered", "", "will do")
    client, shown = browse(cast.editor), url_of(cast.project, f"audit/removals/{SPAM}/")
    look = {"links": 2, "gone": 1, "lost": 1, "looked_at": NOON}
    monkeypatch.setattr("backlinks.index.looks_at", lambda *_: {SPAM: look})
    assert "1 of 2 links gone, the newest on 3 Mar 2026" in client.get(shown).content.decode()
    look |= {"gone": 2, "lost": 2}
    page = soup_of(client.get(shown))
    assert "Our visit of 3 Mar 2026 found no link any more." in page.get_text()
    assert "no link any more on 3 Mar 2026" in client.get(url_of(cast.project, "audit/removals/")).content.decode()
    form = page.select_one("form:has(input[name=state][value=removed])")
    client.post(form["action"], {one["name"]: one.get("value", "") for one in form.select("input[name]")})
    row = Removal.objects.get()
    assert row.state == "removed" and "found no link any more" in row.history[-1]["note"]
    assert [one["state"] for one in row.history] == ["to_send", "sent", "sent", "answered", "removed"]
    assert "Our visit of" not in soup_of(client.get(shown)).select_one("main").get_text().partition("How far it is")[0]
