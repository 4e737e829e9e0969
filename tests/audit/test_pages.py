"""Pages of the audit: what they say, where they lead, and deciding on them."""

import pytest
from django.test import Client

from audit import review
from audit.models import Audit, Decision
from audit.review import decided
from projects.models import AuditEntry, Run
from tests.audit.audited import FARM, HONEST, audited
from tests.backlinks.pages import csv_of, rows_of, soup_of, url_of
from tests.conftest import Cast, Hold


@pytest.fixture
def audit(cast: Cast, held_index: Hold) -> Audit:
    return audited(cast, held_index)


def names(page: object) -> list[str]:
    return [row.select_one("td.text a").get_text(strip=True) for row in rows_of(page)]


def test_a_project_without_an_audit_says_what_brings_one(cast: Cast, index_process: None, browse: type[Client]) -> None:
    for path in ("audit/", "audit/domains/", "audit/domains/a.example/", "audit/networks/"):
        page = soup_of(browse(cast.editor).get(url_of(cast.project, path)))
        assert page.select_one(f'form[action="{url_of(cast.project, "audit/start/")}"] button')
        page = soup_of(browse(cast.client).get(url_of(cast.project, path)))
        assert not page.select("form[action$='audit/start/']")
        assert "Who edits the project can start one" in page.get_text()


def test_an_editor_starts_an_audit(cast: Cast, browse: type[Client], django_capture_on_commit_callbacks) -> None:
    client = browse(cast.editor)
    with django_capture_on_commit_callbacks(execute=False):
        answer = client.post(url_of(cast.project, "audit/start/"), follow=True)
    run = Run.objects.get(kind="audit")
    assert run.project == cast.project
    assert soup_of(answer).select_one(f'a[href$="/runs/{run.pk}/"]')
    assert AuditEntry.objects.filter(action="audit.started", who=cast.editor).exists()
    assert browse(cast.viewer).post(url_of(cast.project, "audit/start/")).status_code == 403


def test_the_overview_counts_domains_and_leads_to_them(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    client = browse(cast.viewer)
    page = soup_of(client.get(url_of(cast.project, "audit/")))
    assert "6 domains carry evidence of manipulation" in page.get_text()
    (toxic,) = [row for row in page.select("table tr") if "Evidence of manipulation" in row.get_text()]
    assert toxic.select_one("td.num").get_text(strip=True) == "6"
    assert sorted(names(soup_of(client.get(toxic.a["href"])))) == sorted(FARM)
    found = next(row for row in page.select("table tr") if "Same URL path" in row.get_text())
    assert sorted(names(soup_of(client.get(found.a["href"])))) == sorted(FARM)
    assert "A visit of the linking page" in page.get_text()
    undecided = page.select_one(".audit-verdict a")
    assert sorted(names(soup_of(client.get(undecided["href"])))) == sorted(FARM)
    review.decide(cast.project, FARM[:2], "keep", "", cast.editor)
    assert sorted(names(soup_of(client.get(undecided["href"])))) == sorted(FARM[2:])


def test_the_navigation_says_where_a_page_below_another_stands(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    editor = browse(cast.editor)
    page = editor.get(url_of(cast.project, "audit/review/"))
    groups = page.context["nav_groups"]
    assert [entry.label for group in groups for entry in group.entries if entry.active] == ["Domains by risk"]
    assert groups[-1].title == "Work"
    assert b'aria-current="true"' in page.content
    assert b'aria-current="page"' in editor.get(url_of(cast.project, "audit/domains/")).content


def test_a_domain_shows_evidence_with_its_place(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    page = soup_of(browse(cast.viewer).get(url_of(cast.project, "audit/domains/farm2.example/")))
    evidence = page.select_one("#evidence").parent.get_text(" ", strip=True)
    assert "/all/938/13.html" in evidence
    assert page.select_one('#evidence ~ ul a[href="https://farm2.example/all/938/13.html"]')
    assert "6 domains" in page.select_one("#shares").parent.get_text(" ", strip=True)
    assert not page.select("form[action$='audit/decide/']")
    assert browse(cast.viewer).get(url_of(cast.project, "audit/domains/nobody.example/")).status_code == 404


def test_lists_of_the_review_follow_decisions(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    client = browse(cast.editor)
    decide, back = url_of(cast.project, "audit/decide/"), url_of(cast.project, "audit/domains/?list=open")
    answer = client.post(
        decide, {"action": "disavow", "disavow.reason": "a farm", "row": FARM[:2], "back": back}, follow=True
    )
    assert answer.redirect_chain[-1][0] == back
    left = names(soup_of(answer))
    assert set(FARM[2:]) <= set(left)
    assert not set(FARM[:2]) & set(left)
    shelf = soup_of(client.get(url_of(cast.project, "audit/domains/?list=disavow")))
    assert sorted(names(shelf)) == list(FARM[:2])
    assert AuditEntry.objects.filter(action="audit.decided").get().detail["domains"] == list(FARM[:2])
    client.post(url_of(cast.project, "audit/undo/"), {"back": back})
    assert not decided(cast.project)


def test_a_client_is_told_what_was_decided_and_not_why_or_by_whom(
    cast: Cast, audit: Audit, browse: type[Client]
) -> None:
    review.decide(cast.project, FARM[:1], "disavow", "they sell links", cast.editor)
    pages = {
        user: soup_of(browse(user).get(url_of(cast.project, f"audit/domains/{FARM[0]}/")))
        .select_one("#decision")
        .parent
        for user in (cast.viewer, cast.client)
    }
    for user, said in pages.items():
        text = said.get_text(" ", strip=True)
        assert "Disavow" in text
        assert all((word in text) == (user == cast.viewer) for word in ("they sell links", str(cast.editor)))


def test_all_rows_of_a_filtered_list_are_decided_at_once(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    form = {"action": "keep", "all": "yes", "query": "risk_max=44", "back": url_of(cast.project, "audit/domains/")}
    browse(cast.editor).post(url_of(cast.project, "audit/decide/"), form)
    assert set(decided(cast.project)) == {*HONEST, "old.example"}


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"action": "disavow", "row": "a.example"}, "Say why"),
        ({"action": "keep"}, "No domain was chosen"),
        ({"action": "", "row": "a.example"}, "Press the button"),
    ],
)
def test_what_cannot_be_done_is_said(
    cast: Cast, audit: Audit, browse: type[Client], form: dict[str, str], words: str
) -> None:
    answer = browse(cast.editor).post(url_of(cast.project, "audit/decide/"), form, follow=True)
    assert words in answer.content.decode()
    assert not Decision.objects.exists()


def test_a_form_leads_back_to_this_site_alone(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    form = {"action": "keep", "row": "a.example"}
    for back in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        answer = browse(cast.editor).post(url_of(cast.project, "audit/decide/"), {**form, "back": back})
        assert answer["Location"] == url_of(cast.project, "audit/domains/")


def test_the_list_is_exported_with_decisions(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    client = browse(cast.editor)
    client.post(url_of(cast.project, "audit/decide/"), {"action": "keep", "row": "news.example"})
    heads, *rows = csv_of(client.get(url_of(cast.project, "audit/domains/?export=csv")))
    by_name = {row[0]: dict(zip(heads, row, strict=True)) for row in rows}
    assert by_name["news.example"]["Decision"] == "Keep"
    assert by_name["farm0.example"]["Band"] == "Evidence of manipulation"
    assert "NET02 Same URL path" in by_name["farm0.example"]["What was found"]


def test_each_marker_leads_to_as_many_domains_as_it_counts(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    client = browse(cast.viewer)
    counts = {
        link["href"]: int(link.get_text())
        for link in soup_of(client.get(url_of(cast.project, "audit/markers/"))).select("td.num a")
    }
    assert len(counts) > 5
    for href, count in counts.items():
        page = soup_of(client.get(href))
        assert len(names(page)) == count, href
        assert page.select_one(".chip").get_text(strip=True).startswith("Found: ")


def test_markers_and_shared_things(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    client = browse(cast.client)
    page = soup_of(client.get(url_of(cast.project, "audit/markers/")))
    line = next(row for row in page.select("tr") if "NET02" in row.get_text())
    assert line.select("td.num")[-2].get_text(strip=True) == "6"
    page = soup_of(client.get(url_of(cast.project, "audit/networks/")))
    network = page.select_one("#networks").find_parent("section").select_one("tbody tr")
    assert [one.get_text(strip=True) for one in network.select("a.tag")] == list(FARM)
    assert "Same URL path: /all/938/13.html (6 of 6)" in network.get_text()
    things = page.select_one("#things").find_parent("section").select("tbody tr")
    row = next(row for row in things if "/all/938/13.html" in row.get_text())
    assert [one.get_text(strip=True) for one in row.select("a.tag")] == list(FARM)


def test_zero_bytes_in_an_address_reach_no_database(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    client = browse(cast.editor)
    for path in ("audit/removals/a%00b/", "audit/domains/a%00b/"):
        assert client.get(url_of(cast.project, path)).status_code == 404
    answer = client.post(url_of(cast.project, "audit/decide/"), {"action": "keep", "row": "a\0b"}, follow=True)
    assert "No domain was chosen" in answer.content.decode()
