"""Topics of the referring domains and of what these link to, as the index has them."""

from typing import Any

import numpy as np
import pytest

from audit.gather import freeze
from audit.markers import dom
from audit.markers.marker import CLEAR, FIRED, UNKNOWN, by_id
from audit.profile import Profile
from backlinks import index
from backlinks.topics.choices import choose
from projects.models import Project, User
from tests.audit.profiles import AS_OF, states
from tests.factories import add_links, make_project, make_user, make_workspace

DOM = by_id(dom.MARKERS)
HOME = "https://client.example/"
CASINOS = [f"https://casino-{place}.example/" for place in range(4)]
GARDENS = [f"https://site-{place}.example/" for place in range(8)]


def said(source: str, target: str, title: str = "", anchor: str = "") -> dict[str, Any]:
    return {"source": f"https://{source}/", "target": target, "title": title, "anchor": anchor}


# Ten domains that `seller` links to have a known topic, by anchor or by name, four of them a bad one; of the two of
# `gardener` one is known; one has no anchor, and is known by what it says itself where it links.
LINKS = [
    said("gardener.example", HOME, "Gardening and seedlings"),
    said("seller.example", HOME, "Hotels and flights"),
    said("lover.example", HOME, "Adult videos, porn"),
    said("silent.example", HOME, "Hello"),
    *(said("seller.example", target, "Hotels and flights") for target in CASINOS[:3]),
    *(said("seller.example", target, "Hotels and flights", "gardening") for target in GARDENS[:6]),
    said("seller.example", "https://known.example/", "Hotels and flights"),
    said("known.example", "https://client.example/b", "Poker and casino"),
    said("gardener.example", GARDENS[0], "Gardening and seedlings", "gardening"),
    said("gardener.example", "https://mute.example/", "Gardening and seedlings"),
]


@pytest.fixture
def project(db: None) -> Project:
    return make_project(workspace=make_workspace(name="Agency", owner=make_user(email="o@a.example")))


@pytest.fixture
def judged(project: Project, link_index: None) -> Profile:
    add_links(workspace=project.workspace_id, links=LINKS)
    index.judge_topics(project.workspace_id, ["client.example"])
    return freeze(project, AS_OF)


def by_name(profile: Profile, column: str) -> dict[str, Any]:
    names = profile.domains.text("name")
    held = profile.domains.sets.get(column)
    return {
        names.at(row): (held.at(row) if held.known[row] else None) if held else profile.domains.number(column)[row]
        for row in range(profile.domains.count)
    }


def test_what_referring_domains_are_about(judged: Profile) -> None:
    found = by_name(judged, "topics")
    assert found["seller.example"][0] == "travel/hotels" and found["gardener.example"] == ("home/garden",)
    assert found["silent.example"] is None and found["lover.example"] == ("adult",)
    sensitive = by_name(judged, "sensitive")
    assert sensitive["lover.example"] == ("adult",) and sensitive["gardener.example"] == ()
    assert sensitive["silent.example"] is None


def test_what_they_link_to_is_about(judged: Profile) -> None:
    judged_at, bad = by_name(judged, "judged_neighbours"), by_name(judged, "bad_neighbours")
    assert (judged_at["seller.example"], bad["seller.example"]) == (10, np.float32(0.4))
    assert (judged_at["gardener.example"], bad["gardener.example"]) == (1, 0)
    assert judged_at["known.example"] == 0 and np.isnan(bad["known.example"])
    of = dict(zip(by_name(judged, "topics"), states(DOM["DOM35"], judged), strict=True))
    assert (of["seller.example"], of["gardener.example"]) == (FIRED, UNKNOWN)
    of = dict(zip(of, states(DOM["DOM03"], judged), strict=True))
    assert (of["lover.example"], of["seller.example"], of["silent.example"]) == (FIRED, CLEAR, UNKNOWN)


def test_what_people_chose_goes_before_what_was_judged(judged: Profile, project: Project) -> None:
    user = User.objects.get()
    chosen = {"lover.example": ["health"], "silent.example": ["adult"], "gardener.example": []}
    for name, topics in chosen.items():
        choose(workspace=project.workspace, user=user, domain=name, page="", topics=topics)
    found = by_name(freeze(project, AS_OF), "topics")
    assert found["lover.example"] == ("health",) and found["silent.example"] == ("adult",)
    assert found["gardener.example"] is None and found["seller.example"][0] == "travel/hotels"


def test_what_the_project_is_about(judged: Profile, project: Project) -> None:
    """Its anchors say nothing of it; what its team chose does."""
    assert judged.about.topics == ()
    user = User.objects.get()
    choose(workspace=project.workspace, user=user, domain="client.example", page="", topics=["travel"])
    of = freeze(project, AS_OF)
    assert of.about.topics == ("travel",)
    foreign = dict(zip(by_name(of, "topics"), states(DOM["DOM34"], of), strict=True))
    assert (foreign["seller.example"], foreign["gardener.example"], foreign["silent.example"]) == (
        CLEAR,
        FIRED,
        UNKNOWN,
    )
