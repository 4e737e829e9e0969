"""`LinkQuery`: what a URL may ask for, and what becomes of everything else."""

import json
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest
from django.http import QueryDict

from backlinks import index
from seoapp.lib.weburl import Target

from .observed import asked, link, observe, rows_of

HOSTILE = Path(__file__).resolve().parents[4] / "shared/hostile/sql/param_injection.json"
WS = 7


def test_a_query_is_frozen_and_cannot_leave_out_its_workspace() -> None:
    with pytest.raises(FrozenInstanceError):
        asked(WS).workspace = 8  # type: ignore[misc]
    with pytest.raises(TypeError, match="workspace"):
        index.LinkQuery.parse(target=Target.parse("client.example"), report="links", params={})  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="invoices is not a report"):
        asked(WS, "invoices")


@pytest.mark.parametrize(
    ("report", "params"),
    [
        ("links", {"anchor": "a b", "sort": "first_seen", "group": "domain", "per_page": "100", "page": "3"}),
        ("links", {"anchor_is": "", "anchor_known": "yes", "kind": "text", "nofollow": "unknown"}),
        ("links", {"ahrefs_dr_min": "4.5", "http_status_max": "404", "last_seen_from": "2026-01-02"}),
        ("domains", {"sources": "gsc", "sources_is": "ahrefs,gsc", "ips": "192.0.2.1", "country_is": "DE"}),
        ("subnets", {"ips_min": "2", "sort": "-subnet"}),
    ],
)
def test_a_url_gives_a_query_that_gives_the_url(report: str, params: dict[str, str]) -> None:
    query = asked(WS, report, **params)
    assert query.params() == params
    assert asked(WS, report, **query.params()) == query


def test_defaults_are_left_out_of_the_url() -> None:
    defaults = {"sort": "-authority", "group": "all", "page": "1", "per_page": "50", "anchor": "  ", "kind": ""}
    assert asked(WS, **defaults).params() == {}


def test_steps_of_a_list() -> None:
    query = asked(WS, anchor="a", kind="text", page="4")
    assert [one.param for one in query.without(query.filters[0]).filters] == ["kind"]
    assert query.without(query.filters[0]).page == 1
    assert query.with_page(2).params()["page"] == "2"
    assert query.with_sort("anchor").params()["sort"] == "-anchor"
    assert query.with_sort("anchor").with_sort("anchor").params()["sort"] == "anchor"
    assert query.as_report("tlds") == asked(WS, "tlds")


@pytest.mark.parametrize(
    "params",
    [
        {"sort": "sources"},
        {"sort": "link_id"},
        {"sort": "last_seen desc"},
        {"group": "source_host"},
        {"page": "-3"},
        {"page": "nan"},
        {"per_page": "1000000"},
        {"kind": "canonical"},
        {"nofollow": "1"},
        {"sources": "semrush'"},
        {"http_status_min": "1e9"},
        {"http_status_min": "9" * 40},
        {"first_seen_from": "2026-02-30"},
        {"first_seen_from": "0001-01-01"},
        {"anchor": "a\x00b"},
        {"anchor_is": "a\x00b"},
        {"anchor_is": "\ud800"},
        {"link_id_is": "3"},
        {"owner": "8"},
        {"generation": "1"},
    ],
)
def test_what_does_not_fit_is_ignored(params: dict[str, str]) -> None:
    assert asked(WS, **params) == asked(WS)


def test_numbers_have_bounds() -> None:
    assert asked(WS, page="999999999").page == 10_000
    assert len(asked(WS, anchor="x" * 999).filters[0].value) == 300
    assert asked(WS, anchor_is="x" * 9000).filters == ()


def test_a_request_s_own_parameters_are_read() -> None:
    params = QueryDict("anchor=one&anchor=two&anchor_is=&kind=image")
    query = index.LinkQuery.parse(workspace=WS, target=Target.parse("client.example"), report="links", params=params)
    assert query.params() == {"anchor": "two", "anchor_is": "", "kind": "image"}


@pytest.fixture(scope="module")
def planted(index_process: None) -> list[dict[str, object]]:
    """Links of two workspaces; what the second one has says LEAK-B."""
    observe(31, [link(f"d{number}.example/x", anchor=f"a{number}", last_seen=number) for number in range(4)])
    observe(32, [link("leak-b.example/LEAK-B", anchor="LEAK-B", title="LEAK-B")])
    return rows_of(asked(31))


@pytest.mark.skipif(not HOSTILE.exists(), reason="the hostile files are not here")
def test_hostile_parameters_change_nothing(planted: list[dict[str, object]]) -> None:
    """Each hostile value, under its own name and under names that a list listens to."""
    pairs = json.loads(HOSTILE.read_text())
    assert len(pairs) == 408
    queries: dict[index.LinkQuery, str] = {}
    for pair in pairs:
        queries[asked(31, **{pair["param"]: pair["value"]})] = pair["value"]
        for name in ("sort", "group", "page", "anchor", "anchor_is", "target_url_is", "sources_is", "http_status_min"):
            queries[asked(31, **{name: pair["value"]})] = pair["value"]
    plain = index.pin(asked(31))
    known = {name: getattr(plain, name) for name in ("owner", "generation", "epoch", "graph", "scores", "authority")}
    for query, value in queries.items():
        found = index.fetch(replace(query, **known)).rows
        assert "LEAK-B" not in str(found)
        if query == asked(31):
            assert found == planted
        elif query.sort != "authority":
            assert query.sort == value.removeprefix("-")
            assert {row["link_id"] for row in found} == {row["link_id"] for row in planted}
    assert len(queries) > 50
