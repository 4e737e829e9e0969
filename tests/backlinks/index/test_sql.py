"""Statements, without a server: the scope comes first, values are bound, names come from closed lists."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from backlinks import index
from backlinks.index import sql
from backlinks.index.query import Filter
from backlinks.index.scope import SCOPE

from .observed import asked

HOSTILE = "LEAK-B' OR 1=1 -- {x:String} \\"
GENERATION = 5
Builder = Callable[[index.LinkQuery], sql.Statement]
BUILDERS: dict[str, Builder] = {
    "rows": lambda query: sql.rows(query, limit=51),
    "export": lambda query: sql.rows(query, limit=None),
    "headline": sql.headline,
    "around": sql.around,
    "profile": sql.profile,
    "overlap": sql.overlap,
    "link_overlap": sql.link_overlap,
    "one_link": lambda query: sql.one_link(query, 3),
    "speakers": lambda query: sql.speakers(replace(query, group="similar"), limit=51),
    "named_links": lambda query: sql.named_links(query, ["a.example"], [1]),
}
TARGETS = [
    ("client.example", None),
    ("a.client.example", None),
    ("client.example/x/", None),
    ("client.example/x", None),
]


def _pinned(report: str = "links", target: str = "client.example", **params: str) -> index.LinkQuery:
    return replace(asked(7, report, target, **params), owner=7, generation=GENERATION)


def _conditions(statement: str) -> list[str]:
    """What follows each read of a table."""
    return re.findall(
        r"FROM (?:links|edges|profiles|anchors|pages|observations)\b.*?WHERE (.*?)(?:$|\bGROUP|\bORDER|\))",
        statement,
        re.S,
    )


def _assert_bound(statement: str, parameters: dict[str, object]) -> None:
    """Each placeholder has a value and each value a placeholder."""
    assert set(re.findall(r"\{(\w+):[A-Z][\w(), ]*\}", statement)) == set(parameters)


@pytest.mark.parametrize("report", index.REPORTS)
@pytest.mark.parametrize("builder", BUILDERS)
@pytest.mark.parametrize("target", [text for text, _ in TARGETS])
def test_each_read_of_a_table_starts_with_its_scope(report: str, builder: str, target: str) -> None:
    statement, parameters = BUILDERS[builder](_pinned(report, target))
    found = _conditions(statement)
    assert found
    assert all(condition.startswith("workspace = {owner:UInt32} AND target_domain = ") for condition in found)
    assert len(found) == len(re.findall(r"\bFROM (?:links|edges|profiles|anchors|pages)\b", statement))
    assert (parameters["owner"], parameters["target_domain"], parameters["generation"]) == (7, "client.example", 5)
    _assert_bound(statement, parameters)


def test_claims_start_with_the_workspaces_that_may_be_seen() -> None:
    statement, parameters = sql.claims(_pinned(), 3)
    assert re.search(r"WHERE workspace IN \{scope:Array\(UInt32\)\} AND target_domain = ", statement)
    assert parameters["scope"] == [0, 7]


@pytest.mark.parametrize("report", index.REPORTS)
def test_values_are_bound_never_pasted(report: str) -> None:
    params = {}
    for column in index.columns(report):
        params |= {f"{column.name}{suffix}": HOSTILE for suffix in ("", "_is", "_min", "_from")}
    query = _pinned(report, **params)
    assert query.filters
    for group in ("all", "domain", "similar") if report == "links" else ("all",):
        made = [sql.rows(replace(query, group=group), limit=51)]
        made += [sql.speakers(replace(query, group=group), limit=51)] if group != "all" else []
        for statement, parameters in made:
            assert "LEAK-B" not in statement
            assert HOSTILE in parameters.values()
            _assert_bound(statement, parameters)


@pytest.mark.parametrize(
    "broken",
    [
        {"sort": "anchor; DROP TABLE links"},
        {"filters": (Filter("1=1 OR anchor", "contains", "x"),)},
        {"group": "source_domain) --"},
        {"report": "users"},
    ],
)
def test_a_name_outside_the_lists_never_becomes_sql(broken: dict[str, object]) -> None:
    with pytest.raises((ValueError, KeyError)):
        sql.rows(replace(_pinned(), **broken), limit=51)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("report", "params", "condition"),
    [
        ("links", {"anchor": "a"}, "positionCaseInsensitiveUTF8(anchor, {f0:String}) > 0"),
        ("links", {"anchor_is": ""}, "anchor = {f0:String}"),
        ("links", {"sources": "gsc"}, "has(sources, {f0:String})"),
        ("links", {"sources_is": "gsc,ahrefs"}, "sources = {f0:Array(String)}"),
        ("links", {"nofollow": "unknown"}, "nofollow = {f0:Int8}"),
        (
            "links",
            {"ahrefs_dr_min": "3"},
            "(mapContains(metrics, 'ahrefs_dr') AND metrics['ahrefs_dr'] >= {f0:Float64})",
        ),
        ("links", {"http_status_max": "404"}, "(http_status > 0 AND http_status <= {f0:Int64})"),
        ("domains", {"lost_at_to": "2026-01-01"}, "(lost_at > toDateTime(0, 'UTC') AND toDate(lost_at) <= {f0:Date})"),
        ("domains", {"country_is": "DE"}, "has(if(empty(countries), [''], countries), {f0:String})"),
    ],
)
def test_filters_as_sql(report: str, params: dict[str, str], condition: str) -> None:
    assert sql.conditions(_pinned(report, **params))[0] == f"1 AND {condition}"


def test_bound_values_have_the_meaning_of_their_column() -> None:
    assert sql.conditions(_pinned(sources_is="gsc,ahrefs,"))[1] == {"f0": ["ahrefs", "gsc"]}
    assert sql.conditions(_pinned(target_url_is="http://www.Client.example:80/a%7Eb#top"))[1] == {
        "f0": "client.example/a~b"
    }
    assert sql.conditions(_pinned(target_url_is="no url"))[1] == {"f0": "no url"}
    assert sql.conditions(_pinned(anchor="e\u0301"))[1] == {"f0": "\u00e9"}


def test_targets_as_sql() -> None:
    def added(target: str, scope: str | None = None) -> tuple[str, object]:
        condition, parameters = sql.scope(replace(asked(7, target=target, scope=scope), owner=7, generation=5))
        extra = set(parameters) - {"owner", "target_domain", "generation"}
        return condition.removeprefix(SCOPE), parameters[extra.pop()] if extra else None

    assert added("www.client.example") == ("", None)
    hosts = ["client.example", "www.client.example"]
    assert (
        added("client.example", "host")
        == added("www.client.example", "host")
        == (" AND target_host IN {hosts:Array(String)}", hosts)
    )
    assert added("client.example/x/") == (" AND startsWith(target_key, {key:String})", "client.example/x/")
    assert added("client.example/x") == (" AND target_key = {key:String}", "client.example/x")


def test_order_ends_in_a_unique_key() -> None:
    ties = "last_seen DESC, source_domain, link_id"
    assert sql.order(_pinned()) == f"ORDER BY authority >= 0 DESC, authority DESC, {ties}"
    assert sql.order(_pinned(sort="anchor")) == f"ORDER BY anchor ASC, {ties}"
    assert sql.order(_pinned("tlds", sort="links")) == "ORDER BY links ASC, tld"
    assert sql.rows(_pinned(page="3"), limit=51)[1]["offset"] == 100
    assert "LIMIT" not in sql.rows(_pinned(), limit=None)[0]


@pytest.mark.parametrize("group", ["domain", "similar"])
def test_a_grouped_export_joins_once_what_it_only_shows(group: str) -> None:
    shown = replace(_pinned(), group=group).showing({"alike_pages"})
    assert sql.rows(shown, limit=None)[0].count("AS alike_as") == 1
    deciding = replace(_pinned(alike_pages_min="2"), group=group)
    assert sql.rows(deciding, limit=None)[0].count("AS alike_as") == 2
