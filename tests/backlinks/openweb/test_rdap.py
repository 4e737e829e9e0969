"""Asking registries: whom, when, how often, what is kept, and the command around it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.utils import timezone

from backlinks.openweb import rdap, rdap_servers, registrations
from backlinks.openweb.registrations import RdapServer, Registration
from backlinks.tasks import look_up_due_registrations
from tests.backlinks.crawl.crawling import free_web
from tests.conftest import Cast
from tests.web.fixtures import small_web
from tests.web.pages import Page, document, redirect, refusal
from tests.web.server import at_once

from .registry import JSON, LIST, OTHER, REGISTRY, Registry, about, looked_up, registry

__all__ = ["free_web", "registry", "small_web"]
pytestmark = pytest.mark.django_db
State = Registration.State


def record(domain: str) -> Registration:
    return Registration.objects.get(domain=domain)


def later(**past: float) -> None:
    """Let this much time pass for what is stored."""
    moved = timedelta(**past)
    for row in Registration.objects.all():
        row.due_at -= moved
        row.save()
    for server in RdapServer.objects.all():
        server.next_at, server.hour_from = server.next_at - moved, server.hour_from - moved
        server.save()


# --- What is kept -----------------------------------------------------------------------------------------------------
def test_a_registered_one_a_free_one_and_one_without_a_server(registry: Registry) -> None:
    registry.knows("one.example", registrant="Example GmbH")
    found = looked_up("https://www.one.example/page", "free.example", "nowhere.zz")
    counts = {name: found[name] for name in ("looked_up", "known", "not_registered", "failed", "waiting")}
    assert counts == {"looked_up": 2, "known": 1, "not_registered": 1, "failed": 1, "waiting": 0}
    assert found["domains"] == [
        {
            "domain": "one.example", "registered_on": "2001-02-03", "registrar": "Names & Sons",
            "registrant": "Example GmbH", "error": "",
        },
        {"domain": "free.example", "registered_on": None, "registrar": "", "registrant": "", "error": ""},
        {
            "domain": "nowhere.zz", "registered_on": None, "registrar": "", "registrant": "",
            "error": "no RDAP server for .zz",
        },
    ]  # fmt: skip
    row = record("one.example")
    assert (str(row.expires_on), row.status, row.server) == (
        "2031-02-03", ["active"], registry.web.url(REGISTRY, "/v1/"),
    )  # fmt: skip
    assert "LinkledgerBot" in next(one.agent for one in registry.web.log if one.host == REGISTRY)


def test_a_name_in_letters_of_the_world_is_asked_for_in_a_labels(registry: Registry) -> None:
    registry.knows("xn--e1afmkfd.xn--p1ai")
    assert looked_up("пример.рф")["known"] == 1
    assert registry.asked() == ["xn--e1afmkfd.xn--p1ai"]


@pytest.mark.parametrize("name", ["blog.github.io", "192.0.2.7", "localhost", "co.uk"])
def test_what_nobody_registers_is_not_asked_for(registry: Registry, name: str) -> None:
    found = looked_up(name)
    assert found["failed"] == 1 and found["looked_up"] == 0 and "registered" in found["domains"][0]["error"]


def test_answers_hold_for_30_days_and_errors_for_one(registry: Registry) -> None:
    registry.knows("one.example")
    registry.answers("odd.example", document(b"<html>", "text/html"))
    names = ("one.example", "free.example", "odd.example")
    assert looked_up(*names)["looked_up"] == 3
    assert looked_up(*names)["looked_up"] == 0
    later(days=1, seconds=1)
    assert looked_up(*names)["looked_up"] == 1 and registry.asked()[3:] == ["odd.example"]
    later(days=28)
    assert looked_up("one.example", "free.example")["looked_up"] == 0
    later(days=1, seconds=1)
    assert looked_up("one.example", "free.example")["looked_up"] == 2


def test_what_was_told_stays_when_a_later_question_fails(registry: Registry) -> None:
    registry.knows("one.example")
    looked_up("one.example")
    told = record("one.example")
    later(days=31)
    registry.answers("one.example", refusal(403))
    assert looked_up("one.example")["known"] == 1
    now = record("one.example")
    assert (now.state, now.registered_on, now.looked_up_at) == (State.KNOWN, told.registered_on, told.looked_up_at)
    assert now.error == "The server answered 403." and now.due_at < timezone.now() + timedelta(days=1, minutes=1)
    later(days=2)
    registry.answers("one.example", refusal(404))
    assert looked_up("one.example")["not_registered"] == 1
    assert record("one.example").registered_on is None and record("one.example").error == ""


def test_a_huge_answer_and_a_hostile_one_leave_a_reason(registry: Registry) -> None:
    registry.answers("big.example", document(json.dumps(about("big.example", x="y" * 300_000)).encode(), JSON))
    registry.answers("deep.example", document(b"[" * 90_000, JSON))
    registry.answers("nul.example", document(json.dumps(about("nul.example", registrant="A\x00B")).encode(), JSON))
    found = {one["domain"]: one for one in looked_up("big.example", "deep.example", "nul.example")["domains"]}
    assert found["big.example"]["error"] == "The answer is larger than 256 KB."
    assert found["deep.example"]["error"] == "The answer is not JSON."
    assert found["nul.example"]["registrant"] == "A B"


def test_redirects_are_followed_and_lead_to_nothing_private(registry: Registry, settings: Any) -> None:
    registry.answers("moved.example", redirect(registry.web.url(OTHER, "/domain/moved.example")))
    registry.knows("moved.example", host=OTHER)
    registry.answers("inside.example", redirect("http://169.254.169.254/latest"))
    found = looked_up("moved.example", "inside.example")
    assert found["known"] == 1 and found["domains"][1]["error"] == "No public address answers to this name."
    settings.SEOAPP_ALLOWED_PRIVATE_HOSTS = []
    with pytest.raises(CommandError, match="cannot be fetched"):
        rdap_servers.cache.clear()
        looked_up("other.example")


# --- How often --------------------------------------------------------------------------------------------------------
def test_a_registry_is_asked_so_often_an_hour_and_the_rest_waits(registry: Registry, settings: Any) -> None:
    settings.RDAP_PER_HOUR = 2
    names = [f"n{number}.example" for number in range(5)]
    registry.knows("n4.org", host=OTHER)
    found = looked_up(*names, "n4.org")
    assert (found["looked_up"], found["waiting"], found["known"]) == (3, 3, 1)
    assert looked_up(*names)["looked_up"] == 0
    later(hours=1, seconds=1)
    assert looked_up(*names)["looked_up"] == 2
    assert registry.asked() == names[:4]
    assert at_once(registry.web.log) == 1


def test_a_server_that_says_wait_is_left_alone_until_then(registry: Registry) -> None:
    registry.answers("one.example", refusal(429, "1800"))
    found = looked_up("one.example", "two.example")
    assert (found["looked_up"], found["waiting"]) == (1, 2)
    assert found["domains"][0]["error"] == "The server answered 429: wait."
    registry.knows("one.example")
    later(minutes=29)
    assert looked_up("one.example", "two.example")["looked_up"] == 0
    later(minutes=1, seconds=1)
    assert looked_up("one.example", "two.example") | {"domains": []} == {
        "looked_up": 2, "known": 1, "not_registered": 1, "failed": 0, "waiting": 0, "domains": [],
    }  # fmt: skip


def test_a_server_in_trouble_is_asked_less_often(registry: Registry) -> None:
    for name in ("a.example", "b.example", "c.example"):
        registry.answers(name, refusal(500))
    for number in range(3):
        assert looked_up("a.example", "b.example", "c.example")["looked_up"] == 1
        server = RdapServer.objects.get()
        assert server.failures == number + 1
        assert server.next_at > timezone.now() + timedelta(seconds=55 * 2**number)
        later(seconds=61 * 2**number)
    registry.knows("d.example")
    looked_up("d.example")
    assert RdapServer.objects.get().failures == 0


def test_one_question_at_a_time_to_a_server(registry: Registry) -> None:
    token = registrations.take("https://r.example")
    assert token and not registrations.take("https://r.example") and registrations.take("https://s.example")
    registrations.give_back("https://r.example", "somebody else's", 0.0, failed=False)
    assert not registrations.take("https://r.example")
    registrations.give_back("https://r.example", token, 0.0, failed=False)
    assert registrations.take("https://r.example")
    RdapServer.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert registrations.take("https://r.example"), "whoever had it has died"
    assert RdapServer.objects.get(origin="https://r.example").asked == 3, "what was begun counts"


def test_a_server_that_another_process_holds_is_not_waited_for_in_vain(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rdap, "PATIENCE", 0.0)
    registrations.take(registry.web.url(REGISTRY, "").rstrip("/"))
    assert looked_up("one.example")["waiting"] == 1 and registry.asked() == []


# --- The list of servers ----------------------------------------------------------------------------------------------
def test_the_list_is_asked_for_once_a_week(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up("one.example")
    looked_up("two.example")
    assert len(registry.asked(LIST)) == 1
    monkeypatch.setattr(rdap_servers.timezone, "now", lambda: _NOW() + timedelta(days=7, seconds=1))
    rdap_servers.servers()
    assert len(registry.asked(LIST)) == 2


_NOW = timezone.now


def test_an_old_list_serves_on_where_there_is_no_new_one(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rdap_servers.servers()
    registry.web.edit(LIST, "/dns.json", refusal(500))
    monkeypatch.setattr(rdap_servers.timezone, "now", lambda: _NOW() + timedelta(days=8))
    assert rdap_servers.servers() == before
    assert rdap_servers.servers() == before and len(registry.asked(LIST)) == 2, "the next question comes in an hour"


@pytest.mark.parametrize("page", [refusal(500), document(b"{}", JSON), document(b"[" * 9_999, JSON)])
def test_without_a_list_nothing_is_asked_and_all_waits(registry: Registry, page: Page) -> None:
    registry.web.edit(LIST, "/dns.json", page)
    with pytest.raises(CommandError, match="RDAP_BOOTSTRAP_URL"):
        looked_up("one.example")
    assert record("one.example").state == State.WAITING and record("one.example").due_at <= timezone.now()


# --- Off, and what is asked for -------------------------------------------------------------------------------------
def test_while_it_is_off_nothing_is_asked(registry: Registry, settings: Any) -> None:
    settings.RDAP_ENABLED = False
    Registration.objects.create(domain="one.example")
    with pytest.raises(CommandError, match="set RDAP_ENABLED=1"):
        looked_up("one.example")
    assert look_up_due_registrations() == 0 and not registry.web.log


def test_it_is_off_by_default(settings: Any) -> None:
    assert settings.RDAP_ENABLED is False


@pytest.mark.parametrize("arguments", [(), ("one.example", "--project", "client.example"), ("http://",)])
def test_an_unclear_command_is_refused(registry: Registry, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        looked_up(*arguments)
    assert not registry.web.log


def test_a_project_is_its_domain_competitors_and_referring_domains(
    registry: Registry, linked: Cast, settings: Any
) -> None:
    registry.knows("client.example")
    Registration.objects.create(
        domain="news.example", state=State.KNOWN, due_at=timezone.now() + timedelta(days=1), registrar="Kept"
    )
    found = looked_up("--project", str(linked.project.pk))
    assert [one["domain"] for one in found["domains"]][:2] == ["client.example", "rival.example"]
    assert {one["domain"] for one in found["domains"][2:]} <= {"blog.example", "old.example"}
    assert "blog.example" in registry.asked() and "leak-b.example" not in registry.asked()
    settings.RDAP_PER_HOUR = 1
    Registration.objects.all().delete()
    assert len(rdap.wanted(linked.project)) == 3


def test_every_hour_a_worker_asks_for_what_waits_and_what_is_old(registry: Registry, linked: Cast) -> None:
    Registration.objects.create(domain="asked.example")
    Registration.objects.create(
        domain="old-record.example", state=State.ABSENT, due_at=timezone.now() - timedelta(days=1)
    )
    assert look_up_due_registrations() == len(registry.asked())
    asked = registry.asked()
    assert asked[0] == "asked.example" and asked[-1] == "old-record.example"
    assert {"client.example", "rival.example", "second.example", "news.example", "leak-b.example"} <= set(asked)
    assert look_up_due_registrations() == 0
