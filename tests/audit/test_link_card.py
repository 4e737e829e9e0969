"""A link's card: what was found at it, its text, proof and history, and what other projects decided of its domain."""

from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from audit.models import Audit, Decision, Removal
from projects.models import Project
from tests.audit.audited import FARM, HONEST, HOSTILE, audited
from tests.backlinks.pages import soup_of, url_of
from tests.conftest import Cast, Hold

BAD = "<b onmouseover=alert(1)>bad</b>"


@pytest.fixture
def audit(cast: Cast, held_index: Hold) -> Audit:
    return audited(cast, held_index)


def card_of(client: Client, project: Project, domain: str, place: int = 0) -> tuple[str, BeautifulSoup]:
    """The address of the card of a domain's link, the riskiest first, and the card."""
    page = soup_of(client.get(url_of(project, f"audit/domains/{domain}/")))
    url = page.select("a.open-card")[place]["href"]
    return url, soup_of(client.get(url))


def told(card: BeautifulSoup, heading: str) -> str:
    return card.select_one(f"#{heading}").find_parent("section").get_text(" ", strip=True)


def test_a_card_shows_the_judgement_and_the_link(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    _, card = card_of(browse(cast.viewer), cast.project, FARM[2])
    assert card.select_one("h1").get_text(" ", strip=True) == f"A link from {FARM[2]}"
    evidence = told(card, "link-evidence")
    assert "Same URL path" in evidence
    assert "/all/938/13.html" in evidence
    points = card.select_one("#link-points").find_parent("section").select_one("table")
    assert points.select_one("th").get_text(strip=True) == "Networks"
    facts = card.select_one(".facts").get_text(" ", strip=True)
    assert "Best shoes" in facts
    assert card.select_one(".context mark").get_text(strip=True) == "cheap shoes"
    assert "has not looked at this link yet" in told(card, "proof")
    assert "lists it" in told(card, "history")
    assert "A visit of the linking page" in told(card, "link-unknown")
    outside = card.select_one(f'a[href="https://{FARM[2]}/all/938/13.html"]')
    assert {"nofollow", "noreferrer"} <= set(outside["rel"])
    assert not card.select("main iframe, main img, main form[action*='/check/']")


def test_evidence_is_that_of_the_link_alone(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    """The quiet link of farm0 stands on another page: what the farm's pages share was not found there."""
    client = browse(cast.viewer)
    _, loud = card_of(client, cast.project, FARM[0])
    _, quiet = card_of(client, cast.project, FARM[0], 1)
    assert "/all/938/13.html" in told(loud, "link-evidence")
    assert "/all/938/13.html" not in quiet.get_text()
    assert "live, nofollow when it was judged" in quiet.select_one(".facts").get_text(" ", strip=True)
    assert quiet.select_one(".facts mark").get_text(strip=True) == "quiet"
    assert HOSTILE in quiet.select_one(".facts").get_text()
    assert not quiet.select("main img")


def test_a_fragment_is_a_cut_and_what_is_not_there_is_404(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    client = browse(cast.viewer)
    url, _ = card_of(client, cast.project, FARM[0])
    answer = client.get(url, headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    assert soup_of(answer).select_one("h2[autofocus]").get_text(" ", strip=True) == f"A link from {FARM[0]}"
    link_id = url.rstrip("/").rpartition("/")[2]
    for path in (f"{FARM[1]}/links/{link_id}", f"{FARM[0]}/links/1", f"{FARM[0]}/links/{2**64}"):
        assert client.get(url_of(cast.project, f"audit/domains/{path}/")).status_code == 404
    page = soup_of(client.get(url_of(cast.project, f"audit/review/?domain={FARM[0]}")))
    opener = page.select_one("#review a.open-card[data-key=o]")
    assert (opener["hx-get"], opener["hx-target"]) == (url, "#link-card")
    assert page.select_one("#link-card") is not None
    assert browse(cast.stranger).get(url).status_code == 404


def test_other_projects_of_the_workspace_tell_what_they_decided(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    other = Project.objects.create(workspace=cast.workspace, name="Second", url="https://second.example/")
    foreign = Project.objects.create(workspace=cast.other_workspace, name="LEAK-B", url="https://client.example/")
    for project, reason in ((other, BAD), (foreign, "LEAK-B")):
        Decision.objects.create(
            project=project, domain=FARM[0], verdict="disavow", reason=reason, made_by=cast.editor,
            made_at=datetime(2026, 3, 2, tzinfo=UTC),
        )  # fmt: skip
    client = browse(cast.viewer)
    url, _ = card_of(client, cast.project, FARM[0])
    for path in (url, url_of(cast.project, f"audit/domains/{FARM[0]}/"),
                 url_of(cast.project, f"audit/review/?domain={FARM[0]}")):  # fmt: skip
        answer = client.get(path)
        text = soup_of(answer).get_text(" ", strip=True)
        assert f"Disavow in Second : {BAD} {cast.editor}, 2026-03-02" in text
        assert BAD not in answer.content.decode()
        assert "LEAK-B" not in text
    _, card = card_of(browse(cast.client), cast.project, FARM[0])
    assert "Second" not in card.get_text()
    assert "2026-03-02" not in card.get_text()


def test_a_request_to_the_owner_is_found_from_the_domain(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    page = url_of(cast.project, f"audit/domains/{HONEST[0]}/")
    assert "Request to its owner" not in browse(cast.viewer).get(page).content.decode()
    Removal.objects.create(project=cast.project, domain=HONEST[0], state=Removal.State.SENT)
    request = soup_of(browse(cast.viewer).get(page)).select_one(f'a[href$="/audit/removals/{HONEST[0]}/"]')
    assert request.find_parent("p").get_text(" ", strip=True).startswith("Request to its owner sent")
    assert "Request to its owner" not in browse(cast.client).get(page).content.decode()


def test_parts_of_a_score_are_not_for_members_of_named_projects(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    assert "No scores have been computed yet" in told(
        card_of(browse(cast.viewer), cast.project, FARM[0])[1], "authority"
    )
    _, card = card_of(browse(cast.client), cast.project, FARM[0])
    assert card.select_one("#authority") is None
