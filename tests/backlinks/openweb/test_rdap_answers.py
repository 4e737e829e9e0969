"""What registries' answers mean: facts, odd facts, and answers that are none."""

import json
from datetime import date
from typing import Any

import pytest

from backlinks.openweb.rdap_answers import MAX_REST, REST_SECONDS, Facts, Outcome, judge, read
from backlinks.openweb.rdap_servers import read as read_servers
from backlinks.openweb.rdap_servers import server_of
from backlinks.openweb.registrations import Registration, organisation
from seoapp.lib.http import FetchError, Response

from .registry import about, entity, event

State = Registration.State
NAME = "one.example"


def said(*, domain: str = NAME, **fields: Any) -> Outcome:
    return read(json.dumps(about(domain, **fields)).encode(), NAME)


def answer(status: int, body: bytes = b"", *, truncated: bool = False, **headers: str) -> Response:
    told = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Response("https://r.example/", status, told, body, truncated, "192.0.2.1", (), 0.1, "1.1", len(body))


# --- Facts ------------------------------------------------------------------------------------------------------------
def test_the_facts_of_a_registered_domain() -> None:
    servers = [
        {"objectClassName": "nameserver", "ldhName": name} for name in ("NS2.host.example.", "ns1.host.example", "")
    ]
    found = said(registrant="Example GmbH", nameservers=[*servers, {"ldhName": 7}, "odd"])
    facts = Facts(
        date(2001, 2, 3), date(2031, 2, 3), "Names & Sons", "Example GmbH", ("active",),
        ("ns1.host.example", "ns2.host.example"),
    )  # fmt: skip
    assert found == Outcome(State.KNOWN, facts=facts)


def test_a_person_is_never_read_and_an_organisation_may_stand_under_its_name() -> None:
    assert said(entities=[entity("registrant", fn="Pat Person")]).facts.registrant == ""
    assert said(entities=[entity("registrant", kind="individual", fn="Pat Person")]).facts.registrant == ""
    assert said(entities=[entity("registrant", kind="org", fn="Example AG")]).facts.registrant == "Example AG"
    assert said(entities=[entity("registrant", org=["Example AG", "Sales"])]).facts.registrant == "Example AG"


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2001-02-03T04:05:06.789Z", date(2001, 2, 3)),
        ("2001-02-03T00:30:00+02:00", date(2001, 2, 2)),
        ("2001-02-03", date(2001, 2, 3)),
        ("2001-02-03 04:05:06 UTC", date(2001, 2, 3)),
        ("1970-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+05:00", None),
        ("2999-01-01T00:00:00Z", None),
        ("3 February 2001", None),
        (981173106, None),
        (None, None),
    ],
)
def test_days_as_registries_write_them(moment: Any, day: date | None) -> None:
    assert said(events=[event("registration", moment)]).facts.registered_on == day


def test_the_earliest_registration_and_the_last_expiration_count() -> None:
    moments = [("registration", "2010-01-01T00:00:00Z"), ("Registration", "2004-01-01T00:00:00Z")]
    moments += [("expiration", "2027-01-01T00:00:00Z"), ("expiration", "2028-01-01T00:00:00Z")]
    facts = said(events=[event(*one) for one in [*moments, ("last changed", "1999-01-01T00:00:00Z")]]).facts
    assert (facts.registered_on, facts.expires_on) == (date(2004, 1, 1), date(2028, 1, 1))


def test_text_is_one_line_without_what_a_database_refuses_and_is_cut() -> None:
    facts = said(
        entities=[entity("registrar", fn="A\x00B\r\n\u202eC" + "x" * 5_000)], status=["ok", 7, None, "y" * 900]
    )
    assert facts.facts.registrar.startswith("A B C") and len(facts.facts.registrar) == 200
    assert facts.facts.status == ("ok", "y" * 60)


# --- Answers that are none --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"<html>", "not JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "not JSON"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "not JSON"),
        (b'{"ldhName": "\\ud800"}', "not JSON"),
        (b'{"ldhName": "\xff"}', "not JSON"),
        (b'{"ldhName": ' + b"9" * 5_000 + b"}", "not JSON"),
        (b"[]", "not about a domain"),
        (b"null", "not about a domain"),
        (b"{}", "not about a domain"),
        (b'{"objectClassName": "entity"}', "not about a domain"),
        (b'{"objectClassName": "domain", "ldhName": "two.example"}', "about another domain"),
    ],
)
def test_answers_that_tell_nothing_have_a_reason(body: bytes, reason: str) -> None:
    found = read(body, NAME)
    assert found.state == State.FAILED and reason in found.error


@pytest.mark.parametrize("odd", [None, 1, True, "x", [], {}, [[]], [None], [{}], [[[]]], {"a": []}, [1, "x", {"y": 1}]])
@pytest.mark.parametrize("field", ["events", "entities", "status", "roles", "vcardArray", "card", "nameservers"])
def test_wrong_types_leave_their_fact_out(field: str, odd: Any) -> None:
    fields = {field: odd}
    if field in ("roles", "vcardArray"):
        fields = {"entities": [entity("registrar", fn="x") | {field: odd}]}
    if field == "card":
        fields = {"entities": [{"roles": ["registrar"], "vcardArray": ["vcard", odd]}]}
    found = said(**fields)
    assert found.state == State.KNOWN
    if field in ("entities", "vcardArray", "card"):
        assert found.facts.registrar == ""


def test_ten_thousand_entities_are_not_all_read() -> None:
    many = [entity("abuse", fn="x")] * 2_000 + [entity("registrar", fn="Late")]
    assert said(entities=many).facts.registrar == ""


def test_answers_by_status() -> None:
    assert judge(answer(404, b"<html>"), NAME) == Outcome(State.ABSENT)
    assert read(b'{"errorCode": 404}', NAME).state == State.ABSENT
    assert judge(answer(403), NAME) == Outcome(State.FAILED, "The server answered 403.")
    assert judge(answer(500), NAME).strained and judge(answer(500), NAME).state == State.FAILED
    assert "256 KB" in judge(answer(200, b"{}", truncated=True), NAME).error
    assert judge(FetchError("timeout", "Too late."), NAME) == Outcome(State.FAILED, "Too late.", strained=True)
    assert judge(FetchError("busy", "Busy."), NAME).state == State.WAITING


def test_a_server_that_asks_for_patience_is_believed_for_a_day_at_most() -> None:
    waits = [judge(answer(429), NAME), judge(answer(429, retry_after="120"), NAME)]
    waits += [judge(answer(503, retry_after="7"), NAME), judge(answer(429, retry_after="99999999"), NAME)]
    assert {one.state for one in waits} == {State.WAITING}
    assert [one.rest for one in waits] == [REST_SECONDS, 120, 7, MAX_REST]
    assert judge(answer(503), NAME).state == State.FAILED


# --- The list of servers ----------------------------------------------------------------------------------------------
def test_the_longest_suffix_and_https_decide() -> None:
    services = [
        [["uk", "Example"], ["http://plain.example/r", "https://safe.example/r/"]],
        [["co.uk"], ["https://co.example"]],
        [["bad"], ["ftp://x.example/"]], [["odd", 7, None], [None, 7]], "x", [], [[]], [["a"]], [7, 7], {"a": 1},
    ]  # fmt: skip
    known = read_servers(json.dumps({"services": services}).encode())
    assert known == {
        "uk": "https://safe.example/r/", "example": "https://safe.example/r/", "co.uk": "https://co.example/",
    }  # fmt: skip
    assert server_of("a.co.uk", known) == "https://co.example/"
    assert server_of("a.org.uk", known) == "https://safe.example/r/"
    assert server_of("a.bad", known) == "" == server_of("uk", known)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"7", b'{"services": 7}', b"[" * 9_999, b'{"services": [[["a"], ["x"]]]}']
)
def test_what_is_no_list_gives_no_servers(body: bytes) -> None:
    assert read_servers(body) == {}


# --- Organisations ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "REDACTED FOR PRIVACY", "Domains By Proxy, LLC", "WhoisGuard, Inc.", "Not Disclosed", "Data Protected", "N/A",
        "Privacy service provided by Withheld for Privacy ehf", "Private Person", "Statutory Masking Enabled", "-", "",
        "Contact Privacy Inc. Customer 0123", "Non-Public Data", "GDPR Masked", "Registrant", "XY", "Private",
        "Individual", "See PrivacyGuardian.org", "Identity Protection Service", "None",
    ],
)  # fmt: skip
def test_words_that_name_nobody_are_no_organisation(text: str) -> None:
    assert organisation(text) == ""


def test_one_organisation_in_several_spellings() -> None:
    assert organisation("Example, Inc.") == organisation(" EXAMPLE  INC") == "example inc"
    assert organisation("STRASSE GmbH") == organisation("Straße GmbH")
    assert organisation("Sundar Private Limited") and organisation("Proxima AG") and organisation("Test & Sons")
