"""Comparing a page for search engines, from the page of its link."""

import pytest
from django.test import Client

from backlinks import index
from backlinks.models import CloakingCheck
from projects.models import AuditEntry, Run
from tests.backlinks.pages import fill, soup_of, url_of
from tests.conftest import Cast


@pytest.fixture
def link_url(cast: Cast, link_index: None) -> str:
    fill(cast)
    (link_id,) = index.link_ids([("news.example/a", "client.example/")])
    return url_of(cast.project, f"backlinks/{link_id}/")


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    found: list[int] = []
    monkeypatch.setattr("backlinks.views.cloaking.ring", found.append)
    return found


def section(client: Client, url: str) -> str:
    heading = soup_of(client.get(url)).find(id="cloaking")
    return " ".join(heading.find_parent("section").get_text(" ").split())


def test_an_editor_asks_and_everybody_sees_the_evidence(
    cast: Cast, link_url: str, browse: type[Client], rung: list[int]
) -> None:
    editor = browse(cast.editor)
    assert "Not compared yet" in section(editor, link_url)
    response = editor.post(f"{link_url}cloaking/")
    assert response.headers["Location"] == f"{link_url}#cloaking"
    check = CloakingCheck.objects.get()
    assert (check.source_url, check.domain, check.started_by) == (
        "https://news.example/a", "client.example", cast.editor,
    )  # fmt: skip
    assert rung == [check.run_id] and check.run.kind == "cloaking"
    assert AuditEntry.objects.filter(action="cloaking.asked").exists()
    assert "is being compared" in section(editor, link_url)
    editor.post(f"{link_url}cloaking/")
    assert CloakingCheck.objects.count() == 1, "one at a time"
    evidence = {"what": "Link to client.example", "ours": "a <b>link</b>", "engine": "", "weight": "links"}
    CloakingCheck.objects.update(verdict="links", evidence=[evidence], finished_at=check.created_at)
    text = section(browse(cast.client), link_url)
    assert "Different links" in text and "a <b>link</b> nothing" in text and "Compare again" not in text


def test_a_run_that_failed_says_so_and_can_be_asked_again(
    cast: Cast, link_url: str, browse: type[Client], rung: list[int]
) -> None:
    editor = browse(cast.editor)
    editor.post(f"{link_url}cloaking/")
    Run.objects.update(state=Run.State.FAILED, error="The disk is full.")
    assert "The disk is full." in section(editor, link_url)
    editor.post(f"{link_url}cloaking/")
    assert CloakingCheck.objects.count() == 2 and len(rung) == 2


def test_a_link_that_is_not_there_and_another_target_are_refused(
    cast: Cast, link_url: str, browse: type[Client], rung: list[int]
) -> None:
    editor = browse(cast.editor)
    assert editor.post(url_of(cast.project, "backlinks/1/cloaking/")).status_code == 404
    assert editor.post(f"{link_url}cloaking/?target=rival.example").status_code == 404
    assert browse(cast.viewer).post(f"{link_url}cloaking/").status_code == 403
    assert not CloakingCheck.objects.exists() and rung == []
