"""Reports: every number has exactly its rows behind it, in the order and under the filters that were asked."""

import itertools
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from backlinks import index
from backlinks.index import engine, reports, sql

from .counting import alike, ask, counts
from .observed import asked, domain, empty_index, head, link, observe, observe_all, rows_of, sighting

WS = 7
PAGES = (
    "client.example/",
    "www.client.example/blog/",
    "client.example/blog/a",
    "shop.client.example/p",
    "client.example/bl",
)
SCOPES = [
    ("client.example", None),
    ("shop.client.example", "host"),
    ("www.client.example", "host"),
    ("client.example/blog/", None),
    ("client.example/blog/a", "exact"),
]


def _varied(count: int = 60) -> list[dict[str, Any]]:
    """Links in which every attribute takes several values, the unknown one included."""
    kinds, flags = ("text", "image", "form", "frame", "redirect", "other"), (1, 0, -1)
    reasons = ("", "", "notfound", "vendor_dropped:tooold")
    rows = []
    for number in range(count):
        host = f"h{number % 11}.d{number % 7}.{('example', 'test')[number % 7 % 2]}"
        known = number % 4 != 0
        rows.append(
            link(
                f"{host}/{number}",
                PAGES[number % len(PAGES)],
                kind=kinds[number % 6],
                nofollow=flags[number % 3],
                ugc=flags[number % 5 % 3],
                sponsored=flags[number % 4 % 3],
                anchor=(None, "", "Brand", "money word", "100% 'quoted' \\ {x}")[number % 5],
                last_seen=300 - 20 * (number % 31),
                lost_at=290 if reasons[number % 4] else None,
                lost_reason=reasons[number % 4],
                ip=f"192.0.{number % 3}.{number % 5}" if known else "",
                country=("DE", "AT", "")[number % 3] if known else "",
                language="en" if number % 2 else "",
                metrics={"ahrefs_dr": number / 2} if number % 3 else {},
                http_status=200 if number % 2 else 0,
                ext_links=number if number % 2 else -1,
            )
        )
    return rows


@pytest.fixture(scope="module")
def varied(index_process: None) -> None:
    """A profile that these tests only read."""
    empty_index()
    named = [
        domain("d1.test", links=9, last_seen=9, ip="192.0.9.9", country="FR"),
        domain("named.example", links=4, last_seen=9, ip="192.0.9.8", country="FR"),
    ]
    seen = [sighting("h1.d1.test/1", last_seen=5), sighting("seen.example/1", last_seen=5)]
    observe_all(
        WS,
        (_varied(), "ahrefs", "observations"),
        (_varied(20), "semrush", "observations"),
        (seen, "gsc", "sightings"),
        (named, "ahrefs", "domain_links"),
    )
    observe(WS + 1, [link("leak-b.example/x", anchor="LEAK-B", ip="198.51.100.1", country="LB")])


# --- Numbers and their rows -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("target", "scope"), SCOPES)
def test_each_headline_figure_counts_the_rows_behind_it(varied: None, target: str, scope: str | None) -> None:
    figures = head(WS, target, scope)
    assert figures.links > 0
    assert figures.links == figures.live + figures.lost + figures.unknown
    assert figures.links == figures.follow + figures.nofollow + figures.rel_unknown
    assert figures.links == sum(
        getattr(figures, kind) for kind in ("text", "image", "form", "frame", "redirect", "other")
    )
    pinned = index.pin(asked(WS, target=target, scope=scope))
    behind = {name: ask(pinned, report, **params) for name, (report, params) in index.figure_filters().items()}
    for name in ("first_seen", "last_seen"):
        assert rows_of(behind[name])[0][name] == getattr(figures, name)
    counted = counts([query for name, query in behind.items() if name not in ("first_seen", "last_seen")])
    assert {name: counted[query] for name, query in behind.items() if query in counted} == {
        name: getattr(figures, name) for name in behind if name not in ("first_seen", "last_seen")
    }
    assert set(behind) == set(index.Headline.__slots__) - {"authority"}


@pytest.mark.parametrize(("target", "scope"), SCOPES)
def test_the_settled_headline_is_the_counted_one(varied: None, target: str, scope: str | None) -> None:
    pinned = index.pin(asked(WS, target=target, scope=scope))
    assert index.headline(pinned) == reports._counted(pinned)


@pytest.mark.parametrize(("target", "scope"), SCOPES[1:])
def test_where_domains_of_a_part_stand_is_known_from_the_whole(varied: None, target: str, scope: str | None) -> None:
    """By the links to the part, else by the whole domain: never 0 because only a domain-level row says it."""
    links = rows_of(asked(WS, target=target, scope=scope))
    whole = {row["source_domain"]: row for row in rows_of(asked(WS, "domains"))}
    expected: dict[str, dict[str, set[str]]] = {}
    for name in {one["source_domain"] for one in links}:
        own = [one for one in links if one["source_domain"] == name]
        expected[name] = {
            many: {one[single] for one in own if one[single]} or set(whole[name][many])
            for many, single in (("ips", "ip"), ("subnets", "subnet"), ("countries", "country"))
        }
    rows = rows_of(asked(WS, "domains", target, scope))
    assert {
        row["source_domain"]: {many: set(row[many]) for many in ("ips", "subnets", "countries")} for row in rows
    } == expected
    figures = head(WS, target, scope)
    (listed,) = index.lists.list_figures([asked(WS, "domains", target, scope)], date(2026, 1, 1))
    for name in ("ips", "subnets"):
        all_of_it = set().union(*(one[name] for one in expected.values()))
        assert getattr(figures, name) == listed[name] == len(all_of_it) > 0
    assert all(one["countries"] for one in expected.values())


@pytest.mark.parametrize("report", ["anchors", "pages"])
def test_settled_sums_are_the_counted_ones(varied: None, report: str) -> None:
    pinned = index.pin(asked(WS, report))
    where, parameters = sql.scope(pinned)
    counted = engine.read(sql.GROUPED[report].format(where=where), parameters)
    settled = engine.read(*sql.rows(pinned, limit=None))
    for row in settled:
        row.pop("authority", row.pop("anchor_key", None))
    assert len(counted) == len(settled) > 4
    assert all(row in counted for row in settled)


@pytest.mark.parametrize(("target", "scope"), [SCOPES[0], SCOPES[1], SCOPES[3]])
def test_each_figure_of_a_row_counts_the_rows_behind_it(varied: None, target: str, scope: str | None) -> None:
    pinned = index.pin(asked(WS, target=target, scope=scope))
    figures = [
        (report, name, row[name], ask(pinned, behind, **params))
        for report in index.REPORTS
        for row in rows_of(ask(pinned, report))[:6]
        for name, (behind, params) in index.row_filters(report, row).items()
    ]
    counted = counts([query for *_, query in figures])
    for report, name, value, query in figures:
        assert counted[query] == value, (report, name, query.params())
    checked = {(report, name) for report, name, *_ in figures}
    assert {report for report, _ in checked} == set(index.REPORTS) - {"links"}
    assert {("countries", "domains"), ("ips", "links"), ("subnets", "ips"), ("anchors", "domains")} <= checked


@pytest.mark.parametrize(("target", "scope"), [SCOPES[0], SCOPES[3]])
def test_rows_of_a_report_add_up_to_the_headline(varied: None, target: str, scope: str | None) -> None:
    figures = head(WS, target, scope)
    for report in ("domains", "hosts", "anchors", "pages", "countries", "tlds"):
        rows = rows_of(asked(WS, report, target, scope))
        assert sum(row["links"] for row in rows) == figures.links, report
        assert sum(row["live"] for row in rows) == figures.live, report


def test_overlaps_add_up(varied: None) -> None:
    figures = head(WS)
    for parts in (index.overlap(asked(WS)), index.link_overlap(asked(WS))):
        assert sum(one.links for one in parts) == figures.links
    assert sum(one.domains for one in index.overlap(asked(WS))) == figures.referring_domains
    for one in index.overlap(asked(WS)):
        assert len(rows_of(asked(WS, "domains", sources_is=",".join(one.sources)))) == one.domains
    for one in index.link_overlap(asked(WS)):
        assert len(rows_of(asked(WS, sources_is=",".join(one.sources)))) == one.links


def test_top_is_the_first_rows_of_a_report(varied: None) -> None:
    for report in set(index.REPORTS) - {"links"}:
        assert index.top(asked(WS, state="live"), report, 3) == rows_of(asked(WS, report))[:3]


# --- Filters --------------------------------------------------------------------------------------------------------
def _each_filter(pinned: index.LinkQuery, report: str) -> list[index.LinkQuery]:
    """A query for each filter of each column of a report, with each of its choices, or the first of very many."""
    values = {"text": ("a",), "flag": ("yes", "no", "unknown")}
    queries = []
    for column in index.columns(report):
        names = {"number": ("_min", "_max"), "date": ("_from", "_to")}.get(column.filter, ("",))
        chosen = column.choices or values.get(column.filter, ("2026-02-01" if column.filter == "date" else "5",))
        for name, value in itertools.product(names, chosen[:20]):
            query = ask(pinned, report, **{f"{column.name}{name}": value})
            assert len(query.filters) == bool(column.filter), column.name
            queries.append(query)
        queries.append(ask(pinned, report, **{f"{column.name}_is": "x"}))
    return queries


@pytest.mark.parametrize("report", index.REPORTS)
def test_every_filter_of_every_column_counts_the_rows_that_it_leaves(varied: None, report: str) -> None:
    """Each alone is counted; of those for which the same is joined, one is read, and all at once."""
    pinned = index.pin(asked(WS))
    everything = len(rows_of(ask(pinned, report)))
    queries = _each_filter(pinned, report)
    counted = counts(queries)
    assert max(counted.values()) <= everything
    for group in alike(queries):
        some = max(group, key=lambda query: (counted[query] < everything, counted[query]))
        assert len(rows_of(some)) == counted[some], some.filters
        every = {filter for query in group for filter in query.filters}
        assert len(rows_of(replace(some, filters=tuple(every)))) <= min(counted[query] for query in group)


def test_filters_say_what_they_say(varied: None) -> None:
    rows = rows_of(asked(WS))
    checks: dict[str, tuple[dict[str, str], Any]] = {
        "contains": ({"anchor": "MONEY"}, lambda row: "money" in row["anchor"]),
        "exact": ({"anchor_is": "100% 'quoted' \\ {x}"}, lambda row: row["anchor"].startswith("100%")),
        "empty": ({"anchor_is": "", "anchor_known": "yes"}, lambda row: not row["anchor"] and row["anchor_known"]),
        "unknown": ({"anchor_known": "no"}, lambda row: not row["anchor_known"]),
        "has": ({"sources": "semrush"}, lambda row: "semrush" in row["sources"]),
        "flag": ({"ugc": "unknown"}, lambda row: row["ugc"] == -1),
        "choice": ({"kind": "frame"}, lambda row: row["kind"] == "frame"),
        "from": ({"last_seen_from": "2026-03-01"}, lambda row: row["last_seen"] >= date(2026, 3, 1)),
        "to": ({"last_seen_to": "2026-03-01"}, lambda row: row["last_seen"] <= date(2026, 3, 1)),
        "metric": ({"ahrefs_dr_max": "7.5"}, lambda row: row["metrics"].get("ahrefs_dr", 99) <= 7.5),
        "status": ({"http_status_max": "500"}, lambda row: row["http_status"] == 200),
        "links out": ({"ext_links_max": "9"}, lambda row: 0 <= row["ext_links"] <= 9),
        "both": ({"kind": "text", "nofollow": "yes"}, lambda row: row["kind"] == "text" and row["nofollow"] == 1),
    }
    for name, (params, fits) in checks.items():
        expected = [row["link_id"] for row in rows if fits(row)]
        assert expected, name
        assert [row["link_id"] for row in rows_of(asked(WS, **params))] == expected, name


def test_a_date_that_is_not_known_is_in_no_range(varied: None) -> None:
    with_date = [row for row in rows_of(asked(WS)) if row["lost_at"]]
    assert len(rows_of(asked(WS, lost_at_to="2100-01-01"))) == len(with_date) < head(WS).links


def test_filters_of_sums_apply_to_the_sums(varied: None) -> None:
    rows = rows_of(asked(WS, "domains"))
    assert [row for row in rows if row["links"] >= 9] == rows_of(asked(WS, "domains", links_min="9"))
    assert {row["source_domain"] for row in rows_of(asked(WS, "domains", reported_links_max="100"))} == {
        "d1.test",
        "named.example",
    }


# --- Order and pages ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("report", index.REPORTS)
def test_every_sort_of_every_column_gives_every_row_once(varied: None, report: str) -> None:
    """Columns for which the same is joined are sorted by in one statement, each in both directions."""
    pinned = index.pin(asked(WS))
    everything = rows_of(ask(pinned, report))
    plain = sorted(map(str, everything))
    names = [one.name for one in index.columns(report) if one.sortable]
    for group in alike([ask(pinned, report, sort=sign + name) for name in names for sign in ("", "-")]):
        statement, parameters = sql.rows(group[0], limit=None)
        orders = [sql.order(query).removeprefix("ORDER BY ") for query in group]
        rows = engine.read(statement.replace(sql.order(group[0]), f"ORDER BY {', '.join(orders)}"), parameters)
        assert [_own(row, everything) for row in rows] == [
            _own(row, everything) for row in engine.read(statement, parameters)
        ]
        own = [_own(row, everything) for row in rows_of(group[-1])]
        assert sorted(map(str, own)) == plain, group[-1].sort


def _own(row: dict[str, Any], everything: list[dict[str, Any]]) -> dict[str, Any]:
    """A row without what it was joined by."""
    return {name: row[name] for name in everything[0]}


@pytest.mark.parametrize("sort", ["ahrefs_dr", "-ahrefs_dr", "lost_at", "-lost_at", "ext_links", "-ext_links"])
def test_unknown_is_last_in_both_directions(varied: None, sort: str) -> None:
    name = sort.removeprefix("-")
    rows = rows_of(asked(WS, sort=sort))
    values = [row["metrics"].get(name) if name.startswith("ahrefs") else row[name] for row in rows]
    values = [None if value == -1 else value for value in values]
    known = [value for value in values if value is not None]
    assert values == known + [None] * (len(values) - len(known))
    assert known == sorted(known, reverse=sort.startswith("-"))
    assert 0 < len(known) < len(values)


def test_groups_count_what_the_filters_leave(varied: None) -> None:
    filtered = {"nofollow": "no", "kind": "text"}
    rows = rows_of(asked(WS, **filtered))
    for group, key in (
        ("domain", lambda row: row["source_domain"]),
        (
            "similar",
            lambda row: (row["source_domain"], row["anchor"], row["anchor_known"], row["kind"], row["nofollow"]),
        ),
    ):
        grouped = rows_of(asked(WS, group=group, **filtered))
        assert {key(row): row["in_group"] for row in grouped} == {
            value: sum(key(row) == value for row in rows) for value in map(key, rows)
        }
        for sort in ("anchor", "-ahrefs_dr", "source_domain"):
            assert len(rows_of(asked(WS, group=group, sort=sort, **filtered))) == len(grouped)


def test_another_workspace_s_rows_never_appear(varied: None) -> None:
    for report in index.REPORTS:
        assert "LEAK-B" not in str(rows_of(asked(WS, report))).upper().replace("LEAK_B", "LEAK-B")
    span = index.Span(date(2026, 1, 1), date(2026, 12, 31), "month")
    assert "LEAK-B" not in str((index.overlap(asked(WS)), index.by_dates(asked(WS), span)))
