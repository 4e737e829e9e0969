"""The review one by one: order, place, forms without a script, fragments; comments, assignments, the second person."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from audit import review
from audit.models import Assignment, Audit, Comment, ReviewSettings
from projects.models import AuditEntry
from tests.audit.audited import FARM, audited
from tests.backlinks.pages import csv_of, rows_of, soup_of, url_of
from tests.conftest import Cast, Hold

BAD = "<script>alert(1)</script>"


@pytest.fixture
def audit(cast: Cast, held_index: Hold) -> Audit:
    return audited(cast, held_index)


def at(page: BeautifulSoup) -> tuple[str, str]:
    """The domain that is shown, and its position."""
    return page.select_one("#review h1").get_text(strip=True), page.select_one("#review .lead-line").contents[0].strip()


def pressed(client: Client, page: BeautifulSoup, name: str, **more: str) -> BeautifulSoup:
    """The page after a button of this name was pressed, as a browser without scripts would send its form."""
    button = next(one for one in page.select("#review button[type=submit]") if one.get_text().strip().startswith(name))
    form = button.find_parent("form")
    fields = {one["name"]: one.get("value", "") for one in form.select("input[name]")}
    sent = fields | ({button["name"]: button["value"]} if button.get("name") else {}) | more
    return soup_of(client.post(form["action"], sent, follow=True))


def test_a_list_is_gone_through_in_its_order(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    client = browse(cast.viewer)
    listed = url_of(cast.project, "audit/domains/?risk_max=44&sort=source_domain")
    page = soup_of(client.get(listed))
    names = [row.select_one("td.text a").get_text(strip=True) for row in rows_of(page)]
    page = soup_of(client.get(page.select_one('a[href*="/audit/review/"]')["href"]))
    assert page.select_one("#review .lead-line a")["href"] == listed
    seen = [at(page)]
    while link := page.select_one("#review a[rel=next]"):
        page = soup_of(client.get(link["href"]))
        seen.append(at(page))
    assert seen == [(name, f"{number} of {len(names)}") for number, name in enumerate(names, 1)]
    back = soup_of(client.get(page.select_one("#review a[rel=prev]")["href"]))
    assert at(back) == seen[-2]
    assert not page.select("#review form")


def test_a_decision_leads_on_and_undo_leads_back(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    client = browse(cast.editor)
    page = soup_of(client.get(url_of(cast.project, "audit/review/?list=open")))
    assert at(page) == (FARM[0], "1 of 11")
    assert "cheap shoes" in page.select_one("#review .list-table").get_text()
    page = pressed(client, page, "Disavow")
    assert "Say why" in page.select_one("[role=status]").get_text()
    page = soup_of(client.get(url_of(cast.project, "audit/review/?list=open")))
    page = pressed(client, page, "Disavow", reason="a farm")
    assert at(page) == (FARM[1], "1 of 10")
    assert page.select_one("#reason")["data-last"] == page.select_one("#reasons option")["value"] == "a farm"
    page = pressed(client, page, "Keep")
    assert at(page) == (FARM[2], "1 of 9")
    left = soup_of(client.get(url_of(cast.project, f"audit/review/?list=open&domain={FARM[1]}")))
    assert at(left) == (FARM[1], "No more in this list of 9")
    assert left.select_one("#review a[rel=next]")["href"].endswith(f"domain={FARM[2]}")
    page = pressed(client, page, "Take back")
    assert at(page) == (FARM[1], "1 of 10")
    assert {one: made.verdict for one, made in review.decided(cast.project).items()} == {FARM[0]: "disavow"}


def test_a_move_is_a_cut_of_the_page(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    url = url_of(cast.project, f"audit/review/?list=open&domain={FARM[3]}")
    answer = browse(cast.editor).get(url, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert text.lstrip().startswith("<div")
    assert "<html" not in text
    assert answer["HX-Push-Url"] == url
    assert at(soup_of(answer)) == (FARM[3], "4 of 11")


def test_what_is_not_there(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    client = browse(cast.editor)
    page = soup_of(client.get(url_of(cast.project, "audit/review/?list=open&domain=nobody.example"), follow=True))
    assert at(page)[0] == FARM[0]
    assert "does not know that domain" in page.get_text()
    page = soup_of(client.get(url_of(cast.project, "audit/review/?list=keep")))
    assert "No domain is left" in page.get_text()
    assert browse(cast.client).get(url_of(cast.project, "audit/review/")).status_code == 403
    Audit.objects.all().delete()
    assert "Not audited yet" in client.get(url_of(cast.project, "audit/review/")).content.decode()


# --- The team -----------------------------------------------------------------------------------------------------
def test_comments_are_escaped_logged_and_for_the_team(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    client, path = browse(cast.editor), f"audit/domains/{FARM[0]}/"
    for text in ("first", BAD, "  ", "x" * 2_001):
        client.post(url_of(cast.project, f"{path}comment/"), {"text": text, "back": url_of(cast.project, path)})
    assert [one.text for one in Comment.objects.all()] == ["first", BAD]
    for one in (path, f"audit/review/?domain={FARM[0]}"):
        answer = browse(cast.viewer).get(url_of(cast.project, one))
        said = [line.select_one("p").get_text() for line in soup_of(answer).select(".comments li")]
        assert said == ["first", BAD]
        assert BAD not in answer.content.decode()
    assert "first" not in browse(cast.client).get(url_of(cast.project, path)).content.decode()
    assert AuditEntry.objects.filter(action="audit.commented", who=cast.editor, what=FARM[0]).count() == 2
    assert client.post(url_of(cast.project, "audit/domains/nobody.example/comment/"), {"text": "x"}).status_code == 404
    assert browse(cast.viewer).post(url_of(cast.project, f"{path}comment/"), {"text": "x"}).status_code == 403


def test_domains_are_assigned_to_members_who_see_the_project(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    client, path = browse(cast.editor), url_of(cast.project, f"audit/domains/{FARM[1]}/assign/")
    for nobody in (cast.stranger.pk, cast.client.pk, "x", "9" * 30):
        assert "Choose a member" in client.post(path, {"user": nobody}, follow=True).content.decode()
    assert not Assignment.objects.exists()
    client.post(path, {"user": cast.viewer.pk})
    client.post(path, {"user": cast.editor.pk})
    assert (Assignment.objects.get().user, Assignment.objects.get().made_by) == (cast.editor, cast.editor)
    page = soup_of(client.get(url_of(cast.project, "audit/domains/?mine=yes&list=open&cols=source_domain.assigned")))
    assert [[cell.get_text(strip=True) for cell in row.select("td.text")] for row in rows_of(page)] == [
        [FARM[1], str(cast.editor)]
    ]
    heads, *rows = csv_of(client.get(url_of(cast.project, "audit/domains/?mine=yes&export=csv&cols=assigned")))
    assert rows[0][heads.index("Assigned to")] == str(cast.editor)
    assert at(soup_of(client.get(url_of(cast.project, "audit/review/?mine=yes")))) == (FARM[1], "1 of 1")
    assert not rows_of(soup_of(browse(cast.viewer).get(url_of(cast.project, "audit/domains/?mine=yes"))))
    assert str(cast.editor) not in browse(cast.client).get(path.removesuffix("assign/")).content.decode()
    client.post(path, {"user": ""})
    assert not Assignment.objects.exists()
    assert AuditEntry.objects.filter(action="audit.assigned", what=FARM[1]).count() == 3


def test_a_second_person_approves_or_refuses(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    ReviewSettings.objects.create(project=cast.project, needs_second=True)
    review.decide(cast.project, FARM[:3], "disavow", "a farm", cast.editor)
    url = url_of(cast.project, "audit/review/?list=waiting")
    page = soup_of(browse(cast.editor).get(url))
    assert "somebody else has to" in page.get_text()
    assert not page.select('button[value="approve"]')
    assert "Waiting for approval 3" in browse(cast.editor).get(url_of(cast.project, "audit/domains/")).content.decode()
    client = browse(cast.admin)
    page = pressed(client, soup_of(client.get(url)), "Approve")
    assert at(page) == (FARM[1], "1 of 2")
    page = pressed(client, page, "Refuse", reason="an honest one")
    assert at(page) == (FARM[2], "1 of 1")
    left = review.decided(cast.project)
    assert {one: made.approved_by for one, made in left.items()} == {FARM[0]: cast.admin, FARM[2]: None}
    assert Comment.objects.get().text == "Refused to disavow: an honest one"
    assert set(AuditEntry.objects.filter(who=cast.admin).values_list("action", flat=True)) >= {
        "audit.approved",
        "audit.refused",
    }
    file = client.get(url_of(cast.project, "audit/disavow/?manual=yes")).content.decode()
    assert "1 disavowal waits for approval" in file
    rows = {"action": "approve", "row": FARM, "back": url_of(cast.project, "audit/domains/")}
    client.post(url_of(cast.project, "audit/decide/"), rows)
    assert review.decided(cast.project)[FARM[2]].approved_by == cast.admin
