"""Anchors as they are reviewed: shares counted by hand, what evidence waits for, and what people say of an anchor."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from audit.anchors import classes
from audit.anchors.models import AnchorClass
from audit.gather import about_project, freeze, peers, query_of
from audit.markers import MARKERS
from audit.markers.marker import CLEAR, FIRED, UNKNOWN, by_id
from backlinks import index
from projects.models import AuditEntry, Competitor
from seoapp.lib.listquery import ListQuery
from tests.audit.profiles import found_of
from tests.backlinks.pages import csv_of, soup_of, url_of
from tests.conftest import Cast, Hold
from tests.factories import add_links

MARKED = by_id(MARKERS)
REVIEW = ListQuery.parse(index.anchorreview.FIELDS, {}, sort=index.anchorreview.SORT)
GUESS = "best cheap shoes"
# Anchor -> domains that link with it.
OURS = {
    "Client": 10, "cheap shoes": 4, "Best cheap SHOES": 5, "best, cheap shoes": 1, "Client cheap shoes": 2,
    "all that anybody needs to know about cheap shoes": 2,
}  # fmt: skip
RIVALS = {"Rival": 12, "cheap shoes": 5, "Client": 3}


def linking(target: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    names = [anchor for anchor, times in counts.items() for _ in range(times)]
    short = target.partition(".")[0]
    return [
        {"source": f"https://{short}{number}.example/p", "target": f"https://{target}/", "anchor": anchor}
        for number, anchor in enumerate(names)
    ]


@pytest.fixture
def read(cast: Cast, held_index: Hold) -> index.LinkQuery:
    """The pinned query of the client's profile."""
    cast.project.money_keywords = ["cheap shoes"]
    cast.project.save()
    Competitor.objects.get_or_create(project=cast.project, target="rival.example")
    home = "https://client.example/"
    more = [
        {"source": "https://both.example/a", "target": home, "anchor": "a story"},
        {"source": "https://both.example/b", "target": home, "anchor": "https://client.example/", "nofollow": 1},
        {"source": "https://moved.example/", "target": home, "anchor": "", "kind": "redirect"},
        {"source": "https://silent.example/", "target": home, "anchor": None},
    ]

    def fill() -> None:
        usual = {"nofollow": 0, "kind": "text"}
        rows = [*linking("client.example", OURS), *more, *linking("rival.example", RIVALS)]
        add_links(workspace=cast.workspace.pk, links=[usual | one for one in rows])

    held_index(("anchor review", cast.workspace.pk), fill)
    return pinned(cast)


def pinned(cast: Cast) -> index.LinkQuery:
    return query_of(cast.project, about_project(cast.project))


def states(cast: Cast, words: str) -> list[int]:
    """What ANC03 says of the links with this anchor."""
    profile = freeze(cast.project, date(2026, 3, 10))
    found = found_of(MARKED["ANC03"], profile)
    anchors = profile.links.text("anchor")
    return [int(found.state[row]) for row in range(profile.links.count) if anchors.at(row).casefold() == words]


# --- Shares -----------------------------------------------------------------------------------------------------------
def test_shares_beside_a_competitor_who_is_judged_by_its_own_name(cast: Cast, read: index.LinkQuery) -> None:
    own, rival = index.anchorshares.meaning_shares([read, *peers.pinned_rivals(cast.project)])
    assert (own.links, own.domains, rival.domains) == (26, 25, 20)
    assert own.of == {
        "brand": (11, 11), "compound": (2, 2), "money": (10, 10), "other": (3, 3), "exact": (4, 4),
        "branded": (13, 13),
    }  # fmt: skip
    assert {name: domains for name, (_, domains) in rival.of.items()} == {
        "brand": 12, "compound": 0, "money": 5, "other": 3, "exact": 5, "branded": 12,
    }  # fmt: skip
    (peer,) = peers.peers_of(cast.project)
    assert (peer.figures["exact_share"], peer.figures["brand_share"]) == (5 / 20, 12 / 20)


def test_the_money_of_shares_is_that_of_the_markers() -> None:
    assert MARKED["ANC03"].limits["words"] == index.anchorshares.MONEY_WORDS
    assert MARKED["ANC04"].limits["domains"] == index.anchorshares.LEAST_DOMAINS


# --- What evidence waits for ------------------------------------------------------------------------------------------
def test_what_is_to_be_reviewed(read: index.LinkQuery) -> None:
    rows = {row["words"]: row for row in index.anchorreview.every_row(read, REVIEW)}
    told = {words: (row["anchor_class"], row["standing"], row["domains"]) for words, row in rows.items()}
    assert told == {
        GUESS: ("partial", "review", 6), "client cheap shoes": ("compound", "review", 2),
        "client": ("brand", "certain", 10), "cheap shoes": ("exact", "certain", 4),
        "all that anybody needs to know about cheap shoes": ("partial", "guess", 2),
        "a story": ("other", "guess", 1), "https client example": ("naked", "certain", 1),
    }  # fmt: skip
    assert list(rows)[:2] == [GUESS, "client cheap shoes"]
    assert (rows[GUESS]["spellings"], rows[GUESS]["anchor"], rows[GUESS]["urgent"]) == (2, "Best cheap SHOES", 6)
    settled = index.anchorreview.settled(read)
    assert (settled.domains, settled.review, settled.guess, settled.sure) == (25, 8, 3, 14)


def test_evidence_rests_on_what_somebody_confirmed(cast: Cast, read: index.LinkQuery) -> None:
    assert states(cast, GUESS) == [UNKNOWN] * 5
    classes.classify(cast.project, {GUESS: "partial"}, classes.CONFIRM, cast.editor)
    assert states(cast, GUESS) == [FIRED] * 5
    classes.classify(cast.project, {GUESS: "partial"}, "brand", cast.editor)
    assert states(cast, GUESS) == [CLEAR] * 5
    assert AnchorClass.objects.get().judged == "partial", "what it was before anybody said anything"
    assert index.anchorreview.settled(pinned(cast)).review == 2
    (own,) = index.anchorshares.meaning_shares([pinned(cast)])
    assert (own.of["brand"][1], own.of["money"][1]) == (17, 4)
    classes.undo(cast.project, cast.editor)
    assert states(cast, GUESS) == [FIRED] * 5
    classes.undo(cast.project, cast.editor)
    assert states(cast, GUESS) == [UNKNOWN] * 5
    with pytest.raises(classes.Unclassed, match="nothing to take back"):
        classes.undo(cast.project, cast.editor)


def test_a_step_back_leaves_what_somebody_else_has_said_since(cast: Cast) -> None:
    classes.classify(cast.project, {"shoes": "partial"}, "brand", cast.editor)
    classes.classify(cast.project, {"shoes": "brand"}, "exact", cast.admin)
    with pytest.raises(classes.Unclassed, match="stays: somebody else"):
        classes.undo(cast.project, cast.editor)
    assert classes.by_hand(cast.project) == (("shoes", "exact"),)
    classes.undo(cast.project, cast.admin)
    assert classes.by_hand(cast.project) == (("shoes", "brand"),)


def test_too_much_at_once_and_what_is_no_class(cast: Cast) -> None:
    with pytest.raises(classes.Unclassed, match="more than 5,000"):
        classes.classify(cast.project, {f"anchor {one}": "other" for one in range(5_001)}, "brand", cast.editor)
    with pytest.raises(classes.Unclassed, match="Choose what"):
        classes.classify(cast.project, {"a": "other"}, "naked", cast.editor)
    with pytest.raises(classes.Unclassed, match="No anchor was chosen"):
        classes.classify(cast.project, {"a" * 501: "other"}, "brand", cast.editor)


# --- The page ---------------------------------------------------------------------------------------------------------
def test_anchors_are_confirmed_changed_and_taken_back(cast: Cast, read: index.LinkQuery, browse: type[Client]) -> None:
    client, here = browse(cast.editor), url_of(cast.project, "audit/anchors/")
    page = soup_of(client.get(here))
    first = page.select("#list-audit-anchors tbody tr")[0]
    assert "Has the words of “cheap shoes” among others." in first.get_text()
    button = first.select_one("button[name=row]")
    assert (button["value"], page.select_one(f"form#{button['form']}")["action"]) == (GUESS, f"{here}set/")
    answer = client.post(f"{here}set/", {"action": "confirm", "row": [GUESS, "forged"], "back": here}, follow=True)
    assert "editor@agency.example said so" in answer.content.decode()
    assert classes.by_hand(cast.project) == ((GUESS, "partial"),)
    client.post(f"{here}set/", {"action": "generic", "all": "yes", "query": "standing=guess", "back": here})
    assert dict(classes.by_hand(cast.project)) == {
        GUESS: "partial", "a story": "generic", "all that anybody needs to know about cheap shoes": "generic",
    }  # fmt: skip
    client.post(f"{here}undo/", {"back": here})
    assert len(classes.by_hand(cast.project)) == 1
    logged = AuditEntry.objects.filter(action="audit.anchors").order_by("pk")
    assert next(one.detail["anchors"] for one in logged) == [GUESS]
    assert AuditEntry.objects.filter(action="audit.anchors_back").count() == 1
    client.post(f"{here}set/", {"action": "rules", "row": GUESS, "back": here})
    assert not classes.by_hand(cast.project)


def test_the_page_for_those_who_only_look(cast: Cast, read: index.LinkQuery, browse: type[Client]) -> None:
    here = url_of(cast.project, "audit/anchors/")
    page = soup_of(browse(cast.viewer).get(here))
    assert not page.select("#list-audit-anchors button[name=row], #bulk-audit-anchors")
    own, rival = page.select(".meaning-table tbody tr")
    assert [one.get_text(strip=True) for one in own.select(".meaning-figure")][:3] == ["44.0 %", "8.0 %", "40.0 %"]
    assert rival.select_one(".meaning-figure").get_text(strip=True) == "60.0 %"
    assert browse(cast.viewer).post(f"{here}set/", {"action": "brand", "row": GUESS}).status_code == 403
    assert browse(cast.client).get(here).status_code == 403
    heads, *rows = csv_of(browse(cast.viewer).get(f"{here}?anchor_class=exact&export=csv"))
    assert [dict(zip(heads, row, strict=True))["Anchor"] for row in rows] == ["cheap shoes"]


def test_what_cannot_be_done_is_said(cast: Cast, read: index.LinkQuery, browse: type[Client]) -> None:
    client, here = browse(cast.editor), url_of(cast.project, "audit/anchors/")
    for form, words in (
        ({"row": GUESS}, "Press the button"),
        ({"action": "brand", "row": "forged"}, "No anchor was chosen"),
        ({"action": "nonsense", "row": GUESS}, "Choose what the anchors are"),
    ):
        assert words in client.post(f"{here}set/", {**form, "back": here}, follow=True).content.decode()
    assert not classes.by_hand(cast.project)
