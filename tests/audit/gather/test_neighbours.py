"""What lies around the referring domains, and what competitors' profiles are like, out of the index."""

from dataclasses import replace
from datetime import date
from math import isnan
from typing import Any

import numpy as np
import pytest

from audit.gather import freeze, neighbours
from audit.gather.peers import peers_of
from audit.markers import net, pro
from audit.markers.marker import CLEAR, FIRED, UNKNOWN, by_id
from audit.profile import Profile
from backlinks import index
from backlinks.crawl import child
from backlinks.crawl.messages import Job
from backlinks.models import Registration
from projects.models import Competitor, Project
from tests.audit.profiles import AS_OF, states
from tests.backlinks.authority.scored import open_graph
from tests.backlinks.scored import add_run
from tests.factories import add_links, make_project, make_user, make_workspace

MARKED = by_id((*net.MARKERS, *pro.MARKERS))
DAY = date(2020, 1, 1)
NAMES = ("a", "b", "c", "d", "e")
CLOSED = {"penalties": [-1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 4.0]}


@pytest.fixture
def project(db: None, link_index: None) -> Project:
    made = make_project(workspace=make_workspace(name="Agency", owner=make_user(email="o@a.example")))
    for rival in ("rival.example", "https://shop.other-rival.example/", "third.example", "nobody.example"):
        Competitor.objects.create(project=made, target=rival)
    return made


def links(*pairs: tuple[str, str], **columns: Any) -> list[dict[str, Any]]:
    return [{"source": f"https://{one}/", "target": f"https://{other}/", **columns} for one, other in pairs]


def set_up(project: Project) -> None:
    """Five domains link to the client. Two of them link to the same five others, and all of them to a rival."""
    to_client = [(f"{name}.example", "client.example") for name in NAMES]
    to_rival = [(f"{name}.example", "rival.example") for name in NAMES]
    same = [(f"{name}.example", f"t{number}.example") for name in "ab" for number in range(5)]
    other = [("c.example", f"u{number}.example") for number in range(6)]
    back = [("client.example", "a.example"), ("client.example", "z.example")]
    add_links(workspace=project.workspace_id, links=links(*to_client, *to_rival, *same, *other, *back))


def by_name(profile: Profile, values: np.ndarray) -> dict[str, Any]:
    names = profile.domains.text("name")
    return {names.at(row).removesuffix(".example"): values[row].item() for row in range(profile.domains.count)}


def test_what_domains_link_to_without_what_was_brought(project: Project) -> None:
    set_up(project)
    profile = freeze(project, AS_OF)
    linked = profile.domains.lists("linked")
    assert linked.at(0) == tuple(f"t{number}.example" for number in range(5))
    assert linked.known.tolist() == [True, True, True, False, False]
    assert by_name(profile, profile.domains.number("outbound")) == {"a": 7, "b": 7, "c": 8, "d": 2, "e": 2}
    assert states(MARKED["NET12"], profile) == [FIRED, FIRED, CLEAR, UNKNOWN, UNKNOWN]


def test_links_back_by_profiles_and_by_the_graph(project: Project) -> None:
    set_up(project)
    assert by_name(freeze(project, AS_OF), freeze(project, AS_OF).domains.number("gets_back")) == {
        "a": 1, "b": 0, "c": 0, "d": 0, "e": 0,
    }  # fmt: skip
    open_graph([("client.example", "b.example"), ("d.example", "client.example"), ("client.example", "y.example")])
    profile = freeze(project, AS_OF)
    assert by_name(profile, profile.domains.number("gets_back")) == {"a": 1, "b": 1, "c": 0, "d": 0, "e": 0}
    assert states(MARKED["NET14"], profile, domains=2) == [FIRED, FIRED, CLEAR, CLEAR, CLEAR]


def test_where_nobody_looked_at_the_target_links_back_are_unknown(project: Project) -> None:
    add_links(workspace=project.workspace_id, links=links(("a.example", "client.example")))
    profile = freeze(project, AS_OF)
    assert np.isnan(profile.domains.number("gets_back")).all()
    assert np.isnan(profile.domains.number("outbound")).sum() == 0
    assert states(MARKED["NET14"], profile) == [UNKNOWN]


def test_twins_and_closed_communities_by_the_graph(project: Project) -> None:
    """a and b are linked by the same five, c by another five, d by four; a, b and e are closed and linked."""
    set_up(project)
    voters = [(f"v{number}.example", f"{name}.example") for name in "ab" for number in range(5)]
    voters += [(f"v{number}.example", "c.example") for number in range(1, 6)]
    voters += [(f"v{number}.example", "d.example") for number in range(4)]
    voters += [("a.example", "b.example"), ("b.example", "a.example"), ("b.example", "e.example")]
    open_graph(voters)
    votes = {"a": 6, "b": 6, "c": 5, "d": 4, "e": 1}
    scores = {f"{name}.example": {"votes": count} for name, count in votes.items()}
    for name in "abe":
        scores[f"{name}.example"] |= CLOSED
    add_run(scores=scores)
    profile = freeze(project, AS_OF)
    prints = by_name(profile, profile.domains.hashes("votes_print"))
    assert (prints["d"], prints["e"]) == (0, 0)
    assert len({prints[name] for name in "abc"} - {0}) == 3  # a votes for b, and b for a
    group = profile.domains.text("community")
    assert [group.at(row) for row in range(5)] == ["a.example", "a.example", "", "", "a.example"]
    assert states(MARKED["NET15"], profile) == [FIRED, FIRED, CLEAR, CLEAR, FIRED]


def test_equal_sets_of_linking_domains_have_equal_prints(project: Project) -> None:
    set_up(project)
    open_graph([(f"v{number}.example", f"{name}.example") for name in "abc" for number in range(5 + (name == "c"))])
    add_run(scores={f"{name}.example": {"votes": 5 + (name == "c")} for name in "abc"})
    profile = freeze(project, AS_OF)
    assert states(MARKED["NET13"], profile) == [FIRED, FIRED, CLEAR, UNKNOWN, UNKNOWN]


def test_figures_of_competitors_are_those_that_the_markers_count_for_the_project(project: Project) -> None:
    rows = [
        {"source": "https://a.example/1", "target": "https://client.example/", "nofollow": 0},
        {"source": "https://a.example/2", "target": "https://client.example/shoes", "nofollow": 1},
        {"source": "https://b.example/1", "target": "https://client.example/shoes", "nofollow": 0},
        {"source": "https://c.example/1", "target": "https://client.example/?a=1", "nofollow": -1},
        {"source": "https://d.example/1", "target": "https://client.example/x/", "nofollow": 0},
    ]
    theirs = [{**one, "target": one["target"].replace("client", "rival")} for one in rows]
    shop = [{**one, "target": one["target"].replace("client", "shop.other-rival")} for one in rows[:2]]
    add_links(workspace=project.workspace_id, links=[*rows, *theirs, *shop])
    add_run(scores={"a.example": 4.9, "b.example": 5.0, "c.example": 60.0})
    made = {one.domain: one for one in peers_of(project)}
    assert list(made) == ["rival.example", "shop.other-rival.example"]
    figures = made["rival.example"].figures
    assert (made["rival.example"].domains, figures["home_share"], figures["links_per_domain"]) == (4, 0.5, 1.25)
    assert (figures["follow_share"], round(figures["weak_share"], 4)) == (0.75, 0.3333)
    assert made["shop.other-rival.example"].domains == 1
    ours = pro.bounds(
        replace(freeze(project, AS_OF), peers=(made["rival.example"],) * 3), "home_share", pro.AGAINST_PEERS
    )
    assert ours is None  # too small to be compared with


def test_without_scores_or_competitors(project: Project) -> None:
    add_links(workspace=project.workspace_id, links=links(("a.example", "rival.example")))
    (made,) = peers_of(project)
    assert isnan(made.figures["weak_share"])
    assert isnan(made.figures["follow_share"]) is False
    Competitor.objects.all().delete()
    assert peers_of(project) == ()
    assert neighbours.brought(project.workspace_id) == {"client.example"}


def test_registrants_are_compared_as_organisations_and_privacy_services_are_none(project: Project) -> None:
    add_links(workspace=project.workspace_id, links=links(*((f"{name}.example", "client.example") for name in NAMES)))
    named = ("Acme, Inc.", "ACME Inc", "Domains By Proxy, LLC", "Domains By Proxy, LLC")
    for name, registrant in zip(NAMES, named, strict=False):
        Registration.objects.create(domain=f"{name}.example", state="known", registrant=registrant, registered_on=DAY)
    profile = freeze(project, AS_OF)
    assert states(MARKED["NET08"], profile) == [FIRED, FIRED, CLEAR, CLEAR, UNKNOWN]


def test_certificates_that_visits_saw(project: Project) -> None:
    """The newest of each host: b.example's once named a.example, and no more."""
    add_links(workspace=project.workspace_id, links=links(*((f"{name}.example", "client.example") for name in NAMES)))
    seen = (
        ("a.example", 1, ("a.example", "*.c.example")),
        ("b.example", 1, ("b.example", "a.example")),
        ("b.example", 2, ("b.example",)),
        ("b.example", 3, ()),
    )
    batch = index.Batch(project.workspace_id, index.new_batch_id(), "crawl", "check")
    index.begin(batch)
    for number, (host, day, names) in enumerate(seen):
        job = Job(f"https://{host}/", b"<p>text", content_type="text/html", at=day, row=number, certificate=names)
        index.add(batch, "page_facts", child.read(job).remembered | {"fetched_at": [day * 86_400]}, block=number)
    index.complete(batch)
    profile = freeze(project, AS_OF)
    assert profile.domains.lists("certificate").at(0) == ("*.c.example", "a.example")
    assert states(MARKED["NET10"], profile) == [FIRED, CLEAR, FIRED, UNKNOWN, UNKNOWN]
