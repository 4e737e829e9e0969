"""Links, pages and domains of a frozen profile where the index knows less than usual."""

from datetime import date

import numpy as np

from audit import gather
from audit.auditing import judge
from audit.weights import Weights
from backlinks import index
from tests.conftest import Cast
from tests.factories import DAY, MARCH, add_links, make_project

HOME = "https://client.example/"


def listed(workspace: int, *domains: str) -> None:
    """A file that names referring domains without their links."""
    batch = index.Batch(workspace, index.new_batch_id(), "semrush", "refdomains", "test")
    index.begin(batch)
    rows = {
        "target_domain": ["client.example"] * len(domains), "source_domain": list(domains),
        "row": list(range(len(domains))), "links": [3] * len(domains), "first_seen": [MARCH - DAY] * len(domains),
        "last_seen": [MARCH] * len(domains), "ip": ["203.0.113.9"] * len(domains),
    }  # fmt: skip
    index.add(batch, "domain_links", rows, block=0)
    index.complete(batch)


def test_a_domain_without_a_known_link_is_judged_by_what_is_known_of_it(cast: Cast, link_index: None) -> None:
    add_links(workspace=cast.workspace.pk, links=[{"source": "https://b.example/1", "target": HOME, "lost_reason": ""}])
    listed(cast.workspace.pk, "a.example", "b.example", "c.example")
    profile = gather.freeze(cast.project, date(2026, 3, 10))
    names = profile.domains.text("name")
    assert [names.at(row) for row in range(3)] == ["a.example", "b.example", "c.example"]
    assert profile.links.hashes("id").tolist().count(0) == 2
    assert sorted(names.at(row) for row in profile.domain) == ["a.example", "b.example", "c.example"]
    alone = [row for row, link in enumerate(profile.links.hashes("id")) if link == 0]
    assert np.isnan(profile.links.number("nofollow")[alone]).all()
    assert profile.links.number("last_seen")[alone].tolist() == [MARCH // DAY] * 2
    judged = judge(profile, Weights())
    assert len(judged.scores.domains.risk) == 3


def test_a_part_of_a_site_has_its_own_links_alone(cast: Cast, link_index: None) -> None:
    folder = make_project(workspace=cast.workspace, domain=f"{HOME}shop/", scope="prefix")
    links = [{"source": f"https://{name}.example/1", "target": f"{HOME}{path}", "lost_reason": ""}
             for name, path in (("a", "shop/x"), ("b", "news/y"))]  # fmt: skip
    add_links(workspace=cast.workspace.pk, links=links)
    listed(cast.workspace.pk, "c.example")
    profile = gather.freeze(folder, date(2026, 3, 10))
    assert [profile.domains.text("name").at(row) for row in range(profile.domains.count)] == ["a.example"]
    assert profile.links.text("target_url").at(0) == f"{HOME}shop/x"


def test_lost_domains_and_links_are_told(cast: Cast, link_index: None) -> None:
    add_links(workspace=cast.workspace.pk, links=[
        {"source": "https://a.example/1", "target": HOME, "lost_reason": "notfound"},
        {"source": "https://a.example/2", "target": HOME, "lost_reason": ""},
    ])  # fmt: skip
    profile = gather.freeze(cast.project, date(2026, 3, 10))
    assert sorted(profile.links.number("is_lost").tolist()) == [0, 1]
    assert profile.domains.number("lost").tolist() == [1]
