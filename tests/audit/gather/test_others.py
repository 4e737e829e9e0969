"""What other projects disavowed, visits out of its own analytics, places of strangers, sites that were crawled
whole: as columns of a frozen profile."""

from datetime import date
from ipaddress import ip_address
from types import SimpleNamespace

import numpy as np
import pytest
from django.utils import timezone

from audit import gather
from audit.clients.models import ClientAnswer, ClientReview
from audit.models import Decision, OwnVisits, ReviewSettings
from audit.profile import Profile
from backlinks import index
from backlinks.models import Crawl
from projects.models import Project
from tests.conftest import Cast
from tests.factories import add_links, make_project, make_workspace

NAMES = ("farm.example", "fine.example", "alone.example", "waits.example")
AS_OF = date(2026, 3, 10)


def links_of(project: Project, names: tuple[str, ...]) -> None:
    target = f"https://{project.domain}/"
    rows = [{"source": f"https://{name}/a", "target": target, "anchor": "x", "lost_reason": ""} for name in names]
    add_links(workspace=project.workspace_id, links=rows)


def disavow(project: Project, domain: str, url: str = "") -> None:
    Decision.objects.create(project=project, domain=domain, url=url, verdict="disavow", made_at=timezone.now())


def shares(profile: Profile) -> dict[str, float | None]:
    names, values = profile.domains.text("name"), profile.domains.number("disavowed")
    return {names.at(row): None if np.isnan(value) else round(float(value), 2) for row, value in enumerate(values)}


@pytest.fixture
def others(cast: Cast, link_index: None) -> list[Project]:
    """Three more projects of the workspace that know all but `alone`, and three of other workspaces that know two."""
    own = [cast.second_project, *(make_project(workspace=cast.workspace, domain=f"own{n}.example") for n in range(2))]
    elsewhere = [
        make_project(workspace=make_workspace(name=f"LEAK {n}"), domain=f"else{n}.example") for n in range(3)
    ]  # fmt: skip
    links_of(cast.project, NAMES)
    for project in own:
        links_of(project, ("farm.example", "fine.example", "waits.example"))
    for project in elsewhere:
        links_of(project, ("farm.example", "alone.example"))
    for project in own[:2]:
        disavow(project, "farm.example")
    disavow(own[0], "fine.example", url="https://fine.example/a")
    ReviewSettings.objects.create(project=own[2], needs_second=True)
    disavow(own[2], "waits.example")
    for project in elsewhere:
        disavow(project, "alone.example")
        ReviewSettings.objects.create(project=project, shares_decisions=True)
    return elsewhere


def test_shares_of_the_workspace_and_of_those_who_share(cast: Cast, others: list[Project]) -> None:
    OwnVisits.objects.create(project=cast.project, sessions={"fine.example": 7}, name="visits.csv")
    profile = gather.freeze(cast.project, AS_OF)
    within = {"farm.example": 0.67, "fine.example": 0.0, "waits.example": 0.0, "alone.example": None}
    assert shares(profile) == within
    assert {"decisions", "visits"} <= profile.about.offered
    assert profile.domains.number("own_visits").tolist() == [0, 0, 7, 0]  # in the order of names
    ReviewSettings.objects.create(project=cast.project, shares_decisions=True)
    assert shares(gather.freeze(cast.project, AS_OF)) == within | {"farm.example": 0.33, "alone.example": 1.0}
    ReviewSettings.objects.filter(project=others[0]).update(shares_decisions=False)  # two workspaces are too few
    assert shares(gather.freeze(cast.project, AS_OF)) == within


def test_a_client_stands_for_the_second_person_in_shares_as_well(cast: Cast, others: list[Project]) -> None:
    waits = Decision.objects.get(domain="waits.example")
    asked = ClientReview.objects.create(project=waits.project, made_by=cast.editor, sent_at=timezone.now())
    ClientAnswer.objects.create(
        review=asked, domain=waits.domain, verdict="disavow", decided_at=waits.made_at, answer="agree"
    )
    assert shares(gather.freeze(cast.project, AS_OF))["waits.example"] == 0
    ReviewSettings.objects.filter(project=waits.project).update(client_is_second=True)
    assert shares(gather.freeze(cast.project, AS_OF))["waits.example"] == 0.33


def test_releases_that_nobody_counted_are_unknown(
    cast: Cast, link_index: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    links_of(cast.project, NAMES)
    first = date(2025, 1, 1)
    index.days.note_days(0, index.graph.SOURCE, {"farm.example": (first, first)})  # as before they were counted
    index.days.note_days(0, "ahrefs", {"fine.example": (first, first)})

    def told() -> dict[str, float]:
        profile = gather.freeze(cast.project, AS_OF)
        names, values = profile.domains.text("name"), profile.domains.number("releases")
        return {names.at(row): float(value) for row, value in enumerate(values) if value == value}

    assert told() == {}
    loaded = SimpleNamespace(days=index.days, graph=SimpleNamespace(SOURCE=index.graph.SOURCE, current=lambda: True))
    monkeypatch.setattr("audit.gather.ages.index", loaded)
    assert told() == {"alone.example": 0, "fine.example": 0, "waits.example": 0}


def test_without_others_nothing_is_told(cast: Cast, link_index: None) -> None:
    links_of(cast.project, NAMES)
    profile = gather.freeze(cast.project, AS_OF)
    assert set(shares(profile).values()) == {None}
    assert not {"decisions", "visits", "malware", "blocklist"} & profile.about.offered
    assert np.isnan(profile.domains.number("own_visits")).all()


def test_places_of_strangers_and_sites_that_were_crawled_whole(cast: Cast, link_index: None) -> None:
    add_links(
        workspace=cast.workspace.pk,
        links=[
            {"source": f"https://s{n}.example/", "target": "https://client.example/", "anchor": "x", "lost_reason": "",
             "ip": f"{'151.101.1' if n < 5 else '93.184.216'}.{n + 10}"}
            for n in range(10)
        ],
    )  # fmt: skip
    batch = index.Batch(0, index.new_batch_id(), "addresses", "tables", "test")
    index.begin(batch)
    ranges = [("151.101.0.0", "151.101.255.255", "Fastly, Inc."), ("93.184.0.0", "93.184.255.255", "A small host")]
    numbers = [[int(ip_address(one)) for one in pair[:2]] for pair in ranges]
    columns = {
        "family": [4, 4], "bucket": [first >> 16 for first, _ in numbers], "first": [first for first, _ in numbers],
        "last": [last for _, last in numbers], "country": ["US", "US"], "asn": [54113, 64500],
        "network": [name for *_, name in ranges],
    }  # fmt: skip
    index.addresses.add(batch, columns, block=0)
    index.addresses.publish(batch)
    for domain, pages, most in (("s1.example", 40, 500), ("s2.example", 50, 50)):
        Crawl.objects.create(
            workspace=cast.workspace, project=cast.project, kind="site", batch=index.new_batch_id(),
            state=Crawl.State.DONE, starts=[f"https://{domain}/"], pages=pages, max_pages=most,
        )  # fmt: skip
    profile = gather.freeze(cast.project, AS_OF)
    shared, names = profile.domains.lists("shared"), profile.domains.text("name")
    told = {names.at(row): shared.at(row) for row in range(profile.domains.count)}
    assert told == {
        f"s{n}.example": (f"151.101.1.{n + 10}", "151.101.1.0/24") if n < 5 else () for n in range(10)
    }  # fmt: skip
    known = {
        names.at(row): value for row, value in enumerate(profile.domains.number("pages").tolist()) if value == value
    }
    assert known == {"s1.example": 40}
