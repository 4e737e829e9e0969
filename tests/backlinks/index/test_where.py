"""Advanced filters on the real index: the rows are those that plain Python finds, for any expression and report."""

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from backlinks import index
from backlinks.index import engine, sql, where
from backlinks.index.column import Column
from seoapp.lib import conditions, expression
from seoapp.lib.conditions import Condition, Day, Negation, Node

from .counting import ask, counts, rows_left
from .observed import asked, day, domain, empty_index, link, observe_all, rows_of

WS = 7
WORDS = ["Client", "client", "Shop äü", "ÄÜ", "", "a b", "buy 24", "x_y", "100%", "'; DROP", "\\d", "{f0:String}"]
TODAY = datetime.now(UTC).date()
DATES = ("first_seen", "last_seen", "lost_at")
TEXTS = ("anchor", "title", "alt", "source_domain", "country", "language")
NAMES: dict[str, tuple[str, ...]] = {
    "links": (*TEXTS, "kind", "state", "nofollow", "ugc", "sources", "http_status", "ext_links", "ahrefs_dr", *DATES),
    "domains": ("source_domain", "links", "live", "lost", "state", "tld", "sources", "ips", "reported_links", *DATES),
    "anchors": ("anchor", "anchor_known", "links", "domains", "first_seen"),
    "countries": ("country", "domains", "links"),
}


def some_link(dice: random.Random, number: int) -> dict[str, Any]:
    lost = dice.choice((None, None, dice.randrange(0, 300)))
    return link(
        f"d{dice.randrange(12)}.example/{number}",
        f"client.example/{dice.choice('abc')}",
        anchor=dice.choice([None, *WORDS]),
        title=dice.choice(WORDS),
        alt=dice.choice(["", "Logo"]),
        kind=dice.choice(("text", "image")),
        nofollow=dice.choice((-1, 0, 1)),
        ugc=dice.choice((-1, 0, 1)),
        http_status=dice.choice((0, 200, 404)),
        ext_links=dice.choice((-1, 0, 10, 200)),
        country=dice.choice(("", "DE", "US")),
        language=dice.choice(("", "de")),
        ip=dice.choice(("", "192.0.2.1", "192.0.2.2")),
        metrics=dice.choice(({}, {"ahrefs_dr": 0.0}, {"ahrefs_dr": 12.5})),
        first_seen=dice.choice((None, dice.randrange(300))),
        last_seen=dice.randrange(300, 320),
        lost_at=lost,
        lost_reason="notfound" if lost else "",
    )


@pytest.fixture(scope="module")
def rows(index_process: None) -> dict[str, list[dict[str, Any]]]:
    """All rows of each report over some 300 random links of three sources; left as they are for the whole module."""
    empty_index()
    dice = random.Random(5)
    links = [
        ([some_link(dice, number) for number in range(0, 220, dice.randint(1, 2))], source, "observations")
        for source in ("semrush", "ahrefs", "gsc")
    ]
    named = [domain("named.example", links=40), domain("d1.example", links=3)]
    observe_all(WS, *links, (named, "moz", "domain_links"))
    return {report: rows_of(asked(WS, report)) for report in NAMES}


# --- The same in plain Python: True, False, or None for unknown -------------------------------------------------------
def value_of(column: Column, row: dict[str, Any]) -> Any:
    if column.kind == "metric":
        return row["metrics"].get(column.name)
    found = row[column.name]
    if column.name == "anchor":
        return found if row["anchor_known"] else None
    if column.name == "http_status":
        return found or None
    return None if isinstance(found, int | float) and found < 0 else found


def is_true(node: Node, report: str, row: dict[str, Any]) -> bool | None:
    if isinstance(node, Negation):
        inner = is_true(node.part, report, row)
        return None if inner is None else not inner
    if isinstance(node, Condition):
        return holds(node, report, row)
    found = [is_true(one, report, row) for one in node.parts]
    decisive = node.op == "or"
    return decisive if decisive in found else None if None in found else not decisive


def holds(one: Condition, report: str, row: dict[str, Any]) -> bool | None:
    column = next(found for found in index.columns(report) if found.name == one.name)
    value = value_of(column, row)
    if one.op in ("is known", "is unknown"):
        return (value is not None) is (one.op == "is known")
    if column.filter == "flag" and one.values == ("unknown",):
        return value is None
    if value is None:
        return None
    if column.filter == "flag":
        return value == (one.values[0] == "yes")
    values = [given.value if isinstance(given, Day) else given for given in one.values]
    if column.name == "source_domain" and one.op in ("is", "in"):
        values = [given.lower() for given in values]  # a domain is asked for in any spelling
    return bool(TESTS[one.op](value, values))


TESTS = {
    "contains": lambda value, given: given[0].lower() in value.lower(),
    "is": lambda value, given: value == given[0],
    "starts": lambda value, given: value.lower().startswith(given[0].lower()),
    "ends": lambda value, given: value.lower().endswith(given[0].lower()),
    "matches": lambda value, given: re.search(given[0], value) is not None,
    "in": lambda value, given: value in given,
    "is empty": lambda value, given: not value,
    "=": lambda value, given: value == given[0],
    "!=": lambda value, given: value != given[0],
    "<": lambda value, given: value < given[0],
    "<=": lambda value, given: value <= given[0],
    ">": lambda value, given: value > given[0],
    ">=": lambda value, given: value >= given[0],
    "in last": lambda value, given: value >= given[0],
    "between": lambda value, given: given[0] <= value <= given[1],
    "has": lambda value, given: given[0] in value,
    "has any": lambda value, given: bool(set(given) & set(value)),
    "has all": lambda value, given: set(given) <= set(value),
} | {
    f"count {sign}": (lambda value, given, sign=sign: TESTS[sign](len(value), given)) for sign in conditions.COMPARISONS
}


# --- Random expressions -----------------------------------------------------------------------------------------------
def some_value(dice: random.Random, column: Column, op: str, rows: Sequence[dict[str, Any]]) -> Any:
    if op == "matches":
        return dice.choice(("^c", "(?i)CLIENT", r"\d+", "ä|Ü", "", "^$", "."))
    if op.startswith("count"):
        return dice.randrange(4)
    if column.filter == "flag":
        return dice.choice(conditions.FLAG_WORDS)
    if column.choices:
        return dice.choice(column.choices)
    found = value_of(column, dice.choice(rows))
    if column.filter == "date":
        some = found if isinstance(found, date) else date(2026, 3, 1)
        return Day(some, some.isoformat())
    if column.filter == "number":
        return dice.choice((found if found is not None else 1, 0, 3, 12.5 if column.kind == "metric" else 5))
    if column.kind == "list":
        return dice.choice(found or ["192.0.2.1"])
    text = found or dice.choice(WORDS)
    return dice.choice((text, text[:2], text.upper(), dice.choice(WORDS)))


def some_condition(dice: random.Random, report: str, rows: Sequence[dict[str, Any]]) -> Condition:
    names = NAMES[report]
    column = dice.choice([one for one in index.columns(report) if one.name in names])
    op = dice.choice([one for one in conditions.operators(column) if one != "in list"])
    if op == "in last":
        number = dice.randrange(1, 400)
        return Condition(column.name, op, (Day(TODAY - timedelta(days=number), f"{number} days"),))
    several = {"is empty": 0, "is known": 0, "is unknown": 0, "between": 2}.get(op, 1)
    several = dice.randint(1, 4) if op in ("in", "has any", "has all") else several
    return Condition(column.name, op, tuple(some_value(dice, column, op, rows) for _ in range(several)))


def some_tree(dice: random.Random, report: str, rows: Sequence[dict[str, Any]], depth: int = 3) -> Node:
    shape = dice.random()
    if depth == 0 or shape < 0.3:
        return some_condition(dice, report, rows)
    if shape < 0.5:
        return Negation(some_tree(dice, report, rows, depth - 1))
    parts = [some_tree(dice, report, rows, depth - 1) for _ in range(dice.randint(2, 3))]
    return conditions.group(dice.choice(("and", "or")), parts)


def key_of(row: dict[str, Any]) -> Any:
    names = ("link_id", "source_domain", "anchor", "anchor_known", "country")
    return tuple(row.get(name) for name in names)


@pytest.mark.parametrize("report", NAMES)
def test_any_expression_finds_the_rows_that_python_finds(report: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    dice = random.Random(report)
    pinned = index.pin(asked(WS, report))
    everything, found_some = rows[report], 0
    queries: dict[index.LinkQuery, Node] = {}
    for _ in range(120 if report == "links" else 60):
        made = some_tree(dice, report, everything)
        query = ask(pinned, report, where=conditions.text_of(made))
        assert query.where.tree == made, (query.where.text, query.where.error)
        queries[query] = made
    for number, (query, left) in enumerate(rows_left(list(queries)).items()):
        expected = {key_of(row) for row in everything if is_true(queries[query], report, row)}
        assert {key_of(row) for row in left} == expected, query.where.text
        if number % 10 == 0:
            assert {key_of(row) for row in rows_of(query)} == expected, query.where.text
        found_some += 0 < len(expected) < len(everything)
    assert found_some > 10


@pytest.mark.parametrize(
    "text",
    [
        "ext_links < 20",
        "nofollow is yes",
        "anchor contains client",
        "lost_at < 2026-06-01",
        "ahrefs_dr >= 12.5 or ext_links > 100",
    ],
)
def test_a_row_of_unknown_value_is_in_neither_half(text: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    pinned = index.pin(asked(WS))
    queries = [ask(pinned, where=one) for one in (text, f"not ({text})", f"{text} or not ({text})")]
    half, other, both = (counts(queries)[query] for query in queries)
    assert half and other and half + other < len(rows["links"])
    assert both == half + other


def test_counts_groups_and_exports_take_the_same_filter(rows: dict[str, list[dict[str, Any]]]) -> None:
    text = "kind is image or anchor is empty"
    query = asked(WS, where=text, country="DE")
    expected = [
        row
        for row in rows["links"]
        if row["country"] == "DE" and (row["kind"] == "image" or (row["anchor_known"] and row["anchor"] == ""))
    ]
    assert index.count(query) == len(rows_of(query)) == len(expected) > 5
    page = index.fetch(replace(query, group="domain", per_page=100))
    assert {row["source_domain"] for row in page.rows} == {row["source_domain"] for row in expected}
    assert sum(row["in_group"] for row in page.rows) == len(expected)


@pytest.mark.parametrize("text", ["", "kind is image", "not nofollow is unknown and last_seen >= 2026-11-05"])
def test_similar_links_are_one_row_that_stands_for_them(text: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    pinned = index.pin(asked(WS))
    query = ask(pinned, where=text, group="similar")
    tree = query.where.tree
    kept = [row for row in rows["links"] if tree is None or is_true(tree, "links", row)]
    names = ("source_domain", "anchor", "anchor_known", "kind", "nofollow", "ugc", "sponsored")
    groups: dict[Any, list[dict[str, Any]]] = {}
    for row in kept:
        groups.setdefault(tuple(row[name] for name in names), []).append(row)
    shown = {row["link_id"]: row["in_group"] for row in rows_of(query)}
    assert len(shown) == len(groups)
    for members in groups.values():
        speaker = max(members, key=lambda row: (row["state"] == "live", row["last_seen"], row["link_id"]))
        assert shown[speaker["link_id"]] == len(members)
    for sort in ("anchor", "-first_seen", "source_url", "-ahrefs_dr", "authority", "-source_domain"):
        by_sort = ask(pinned, where=text, group="similar", sort=sort)
        ordered = [row["link_id"] for row in rows_of(by_sort)]
        page = index.fetch(replace(by_sort, per_page=250)).rows
        assert [row["link_id"] for row in page] == ordered[:250], sort
        assert all(row["in_group"] == shown[row["link_id"]] for row in page)
    pages = [index.fetch(replace(query, page=number, per_page=50)) for number in range(1, 2 + len(shown) // 50)]
    assert not pages[-1].more
    assert [row["link_id"] for page in pages for row in page.rows] == [row["link_id"] for row in rows_of(query)]


def test_lists_hold_ten_thousand_values_in_any_spelling(rows: dict[str, list[dict[str, Any]]]) -> None:
    values = [f"https://www.d{number}.example/page" for number in range(6)] + [f"x{n}.example" for n in range(9_994)]
    query = index.LinkQuery.parse(
        workspace=WS, target=asked(WS).target, report="links",
        params={"where": "source_domain in list ab"}, lists={"ab": values}.get,
    )  # fmt: skip
    expected = {f"d{number}.example" for number in range(6)}
    assert {row["source_domain"] for row in rows_of(query)} == expected
    assert len(rows_of(query)) == sum(row["source_domain"] in expected for row in rows["links"])
    others = rows_of(replace(query, where=query.where.with_tree(Negation(query.where.tree))))
    assert len(others) == sum(row["source_domain"] not in expected for row in rows["links"])


def test_a_list_is_read_once_however_often_its_rows_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(where, "_key", lambda text: read.append(text) or text)
    query = asked(WS, where="target_url in (once.example/a, once.example/b) or target_url is once.example/c")
    made = [where.condition("links", query.where) for _ in range(5)]
    assert sorted(read) == ["once.example/a", "once.example/b", "once.example/c"]
    assert all(one == made[0] for one in made)


def test_target_pages_are_asked_for_in_any_spelling(rows: dict[str, list[dict[str, Any]]]) -> None:
    expected = sum(row["target_key"] in ("client.example/a", "client.example/b") for row in rows["links"])
    text = 'target_url in ("http://www.client.example/a", client.example/b)'
    assert len(rows_of(asked(WS, where=text))) == expected > 0


# --- Patterns -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("pattern", ["(", "[a", "a{1001}", "(a{500}){500}", "x(?=y)", r"(a)\1", "a**", "\\"])
def test_a_pattern_that_cannot_be_read_is_one_sentence(pattern: str, index_process: None) -> None:
    query = asked(WS, where=f'anchor matches "{pattern}"')
    said = index.readable(query).where.error
    assert said.startswith(f"The pattern “{pattern}” cannot be read: ")
    assert "github" not in said and said.endswith("patterns are RE2's regular expressions.")
    with pytest.raises(expression.Wrong):
        index.fetch(query)


def test_patterns_that_ruin_other_engines_end(rows: dict[str, list[dict[str, Any]]]) -> None:
    for pattern in (r"(a+)+$", r"(.*)*x", r"^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y"):
        assert index.fetch(asked(WS, where=f'title matches "{pattern}" or source_url matches "{pattern}"')) is not None


def test_a_pattern_that_takes_too_long_says_what_to_do(
    rows: dict[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []

    def slow(statement: str, parameters: Any = None, **options: Any) -> list[dict[str, Any]]:
        given.append(options)
        if options:
            raise engine.TooLong("over")
        return read(statement, parameters)

    read = engine.read
    monkeypatch.setattr(engine, "read", slow)
    with pytest.raises(expression.TooSlow) as error:
        index.fetch(asked(WS, where='anchor matches "x"'))
    assert str(error.value) == (
        f"The pattern takes too long on {len(rows['links']):,} rows: narrow with another filter first."
    )
    assert {"max_execution_time": 5} in given


def test_the_index_ends_what_runs_over_its_time(index_process: None) -> None:
    endless = "SELECT count() AS n FROM numbers(1000000000000) WHERE match(toString(number), {p:String})"
    with pytest.raises(engine.TooLong):
        engine.read(endless, {"p": "(1|2)+x$"}, max_execution_time=0.2)
    assert engine.read("SELECT 1 AS n") == [{"n": 1}]


# --- Without a server -----------------------------------------------------------------------------------------------
HOSTILE = "LEAK-B' OR 1=1 -- {x:String} \\"


@pytest.mark.parametrize("report", index.REPORTS)
def test_values_are_bound_and_names_are_those_of_the_report(report: str) -> None:
    texts = [one for one in index.columns(report) if one.filter == "text" and one.kind != "list"]
    for column in texts:
        for op in ("contains", "is", "starts", "ends", "matches"):
            query = asked(WS, report, where=f'{column.name} {op} "{HOSTILE}"')
            assert query.where.tree is not None, query.where.error
            made, parameters = where.condition(report, query.where)
            assert "LEAK-B" not in made
            assert set(re.findall(r"\{(w\d+):[A-Z]", made)) == set(parameters) == {"w0"}
    assert asked(WS, report, where=f'{HOSTILE} is "x"').where.tree is None


def test_a_name_outside_of_the_report_never_becomes_sql() -> None:
    forged = expression.Expression("x", Condition("1=1 OR anchor", "is", ("x",)))
    with pytest.raises(ValueError, match="no column"):
        sql.conditions(replace(asked(WS), where=forged))


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("anchor contains a", "(anchor_known = 1 AND positionCaseInsensitiveUTF8(anchor, {w0:String}) > 0)"),
        ("not anchor contains a", "(anchor_known = 1 AND NOT (positionCaseInsensitiveUTF8(anchor, {w0:String}) > 0))"),
        ("not (kind is text and kind is image)", "((NOT (kind = {w0:String})) OR (NOT (kind = {w1:String})))"),
        ("authority is unknown", "NOT (authority >= 0)"),
        ("not authority is unknown", "authority >= 0"),
        ("links is x", None),
        ("nofollow is not yes", "(nofollow >= 0 AND NOT (nofollow = {w0:Int8}))"),
        ("nofollow is unknown", "nofollow < 0"),
        ("sources has any (moz, gsc)", "(hasAny(sources, {w0:Array(String)}))"),
        ("target_url in (client.example/a, client.example/b)", "(target_key IN {w0:Array(String)})"),
        ("last_seen = 2026-01-02", "(last_seen > toDateTime(0, 'UTC') AND toDate(last_seen) = {w0:Date})"),
    ],
)  # fmt: skip
def test_expressions_as_sql(text: str, condition: str | None) -> None:
    query = asked(WS, where=text)
    assert sql.conditions(query)[0] == (f"1 AND {condition}" if condition else "1")


def test_an_expression_that_cannot_be_read_filters_no_list_and_no_file(index_process: None) -> None:
    query = asked(WS, where="anchor contain x")
    assert query.params() == {"where": "anchor contain x"}
    assert "expected" in query.where.error
    assert isinstance(index.fetch(query), index.RowPage)
    with pytest.raises(expression.Wrong, match="nothing was exported"):
        rows_of(query)


def test_days_of_the_calendar_agree_with_the_index(rows: dict[str, list[dict[str, Any]]]) -> None:
    assert day(0) == 1_767_225_600
    expected = sum(row["last_seen"] == date(2026, 11, 2) for row in rows["links"])
    assert len(rows_of(asked(WS, where="last_seen between 2026-11-02 and 2026-11-02"))) == expected > 0
