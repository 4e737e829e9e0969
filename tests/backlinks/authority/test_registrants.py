"""Domains whose records publish one organisation are one network, where their addresses do not say more."""

import pytest
from django.utils import timezone

from backlinks import index
from backlinks.authority import compute, gather
from backlinks.authority.seeds import reversed_name
from backlinks.openweb.registrations import Registration
from tests.backlinks.index.observed import link, observe

from .scored import computed, rays, rows_of_run, star

pytestmark = [pytest.mark.usefixtures("link_index"), pytest.mark.django_db(transaction=True)]
WS = 7
CLIENT = "client.example"
SOURCES = [f"s{number}.example" for number in range(6)]


def registered(registrant: str, *domains: str, state: str = "known") -> None:
    for domain in domains:
        Registration.objects.create(domain=domain, state=state, registrant=registrant, looked_up_at=timezone.now())


def networks() -> dict[str, int]:
    """The network of each linking domain, -1 without one."""
    votes = gather.gather(WS, compute.operators_seeds(), 1 << 30, lambda _: None).votes
    assert votes.networks is not None
    return {reversed_name(name): int(one) for name, one in zip(votes.names.to_pylist(), votes.networks, strict=True)}


def test_one_registrant_is_one_network_in_whatever_spelling_and_nothing_else_joins() -> None:
    """Nor do privacy services, records that tell nothing, and no records at all."""
    more = [f"p{number}.example" for number in range(6)]
    star(WS, CLIENT, [*SOURCES, *more])
    assert set(networks().values()) == {-1}, "without records"
    registered("Farm Ltd.", SOURCES[0], "not-in-the-graph.example")
    registered("FARM, LTD", SOURCES[1])
    registered("Other Ltd", SOURCES[2], SOURCES[3])
    registered("REDACTED FOR PRIVACY", *more[:2])
    registered("Domains By Proxy, LLC", *more[2:4])
    registered("Gone Ltd", *more[4:], state="absent")
    found = networks()
    assert found[SOURCES[0]] == found[SOURCES[1]] >= 0
    assert found[SOURCES[2]] == found[SOURCES[3]] >= 0
    assert found[SOURCES[0]] != found[SOURCES[2]]
    assert {found[name] for name in (SOURCES[4], SOURCES[5], CLIENT, *more)} == {-1}
    assert networks() == found


def test_a_network_by_address_stays_and_its_number_is_nobody_elses() -> None:
    placed = [link(f"{one}/page", f"{CLIENT}/", nofollow=0, last_seen=320, ip="192.0.2.7") for one in SOURCES[:2]]
    observe(WS, [*placed, *rays(CLIENT, SOURCES[2:])])
    by_address = networks()
    registered("Farm Ltd", *SOURCES[1:4])
    found = networks()
    assert found[SOURCES[0]] == found[SOURCES[1]] == by_address[SOURCES[0]] >= 0
    assert found[SOURCES[2]] == found[SOURCES[3]] not in (-1, found[SOURCES[0]])


def test_votes_of_one_registrant_count_for_less() -> None:
    star(WS, CLIENT, SOURCES[:4])
    before = rows_of_run(computed(WS))
    registered("Farm Ltd", *SOURCES[:4])
    after = rows_of_run(computed(WS))
    assert after[CLIENT]["pagerank"] < before[CLIENT]["pagerank"]
    assert after[CLIENT]["votes"] == before[CLIENT]["votes"] == 4
    assert sum(row["pagerank"] for row in after.values()) == pytest.approx(1, abs=1e-9)
    assert index.score_runs(WS)
