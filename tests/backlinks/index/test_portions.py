"""What is bound is never longer than a field of a request may be, and what was bound in portions is found as well."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from clickhouse_connect.driver.binding import format_bind_value

from backlinks import index
from backlinks.index import engine, lists, portions
from tests.conftest import Hold

from .observed import TARGET, asked, link, observe

WS = 7
FIELD = 128 * 1024  # bytes, of ClickHouse
LONG = "x" * 60


def size_of(value: Any) -> int:
    return len(str(format_bind_value(value)).encode())


@pytest.fixture
def six(held_index: Hold) -> None:
    rows = [link(f"d{n}.example/", f"client.example/{n}", title=f"Title {n}", ip=f"192.0.2.{n}") for n in range(6)]
    held_index("six links", lambda: observe(WS, rows))


@pytest.fixture
def sizes(link_index: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The bytes of every value that a read has bound; none is more than a field may have."""
    found: list[int] = []
    read = engine._read

    def reading(statement: str, parameters: Any, options: Any) -> list[dict[str, Any]]:
        found.extend(size_of(value) for value in (parameters or {}).values())
        return read(statement, parameters, options)

    monkeypatch.setattr(engine, "_read", reading)
    yield found
    assert max(found) < FIELD < sum(found)


@pytest.mark.parametrize("text", ["a", "it's", "\\n\n\t`", "ü" * 9, "'" * 9, "", "\U0001f517"])
def test_no_value_takes_more_bytes_than_are_counted(text: str) -> None:
    assert size_of([text] * 100) <= 100 * portions.written(text)
    for made in (portions.portions(f"{n}{text * 3}" for n in range(20_000)), portions.fitting([text] * 40_000, len)):
        assert next(made)
    assert all(size_of(one) < FIELD for one in portions.portions(f"{n}{text * 9}" for n in range(9_000)))


def test_portions_keep_every_value_in_its_order() -> None:
    values = [f"{n:05}{LONG}" for n in range(5_000)]
    made, bound = portions.bound_array("w0", reversed(values))
    assert made == f"arrayConcat({', '.join(f'{{{name}:Array(String)}}' for name in bound)})" and len(bound) > 2
    assert [one for portion in bound.values() for one in portion] == values[::-1]
    assert portions.bound_array("w0", ["a"]) == ("{w0:Array(String)}", {"w0": ["a"]})
    assert portions.bound_array("w0", []) == ("{w0:Array(String)}", {"w0": []})


@pytest.mark.parametrize(
    ("where", "other"),
    [
        ("source_domain in list ab", "nowhere{n}-" + "x" * 20 + ".example"),
        ("title in list ab", "ü'{n}" * 5),
        ("target_url in list ab", "client.example/" + "p" * 40 + "{n}"),
        ("ips in list ab", "{n}-" + "9" * 30),
    ],
)
def test_a_long_list_finds_its_rows(six: None, sizes: list[int], where: str, other: str) -> None:
    values = [other.replace("{n}", str(n)) for n in range(9_990)]
    values += ["d1.example", "d4.example", "Title 1", "Title 4", "client.example/1", "http://www.client.example/4"]
    values += ["192.0.2.1", "192.0.2.4"]
    report = "domains" if where.startswith("ips") else "links"
    for text, expected in ((where, [1, 4]), (f"not {where}", [0, 2, 3, 5])):
        query = index.LinkQuery.parse(
            workspace=WS, target=asked(WS).target, report=report, params={"where": text}, lists={"ab": values}.get
        )
        assert sorted(row["source_domain"] for row in index.fetch(query).rows) == [f"d{n}.example" for n in expected]


def test_many_long_choices_of_domains_and_of_pages(sizes: list[int]) -> None:
    observe(WS, [link("a.example/1"), link("a.example/2"), link("b.example/1")])
    chosen = [(f"d{n}{LONG}{LONG}.example", "", ("food/recipes", "home/garden")) for n in range(1_400)]
    chosen += [("a.example", f"a.example/{n}{LONG * 5}", ("food",)) for n in range(1_000)]
    chosen += [("b.example", "", ("travel/hotels",)), ("a.example", "a.example/2", ("home/garden",))]
    query = replace(asked(WS), chosen=tuple(chosen)).showing(["topics"])
    found = {row["source_url"].removeprefix("https://"): row["topics"] for row in index.fetch(query).rows}
    assert found == {
        "a.example/1": ["none"], "a.example/2": ["home/garden", "home"], "b.example/1": ["travel/hotels", "travel"]
    }  # fmt: skip


def test_many_long_pages_are_asked_about(sizes: list[int]) -> None:
    observe(WS, [link("a.example/", f"{TARGET}/{name}", anchor=name) for name in ("one", "two", "other")])
    long = [f"{TARGET}/{n}{LONG * 10}" for n in range(500)]
    about = index.about_pages(asked(WS), [f"{TARGET}/one", *long, f"{TARGET}/two"])
    assert {key: row["anchors"] for key, row in about.items()} == {f"{TARGET}/one": ["one"], f"{TARGET}/two": ["two"]}
    offered = index.stand_ins(asked(WS), ["other"], [*long, f"{TARGET}/two"])
    assert [row["page_key"] for row in offered] == [f"{TARGET}/two", f"{TARGET}/other", f"{TARGET}/one"]


@pytest.mark.parametrize("scope", ["root", "host", "exact", "prefix"])
def test_figures_of_many_long_names(sizes: list[int], scope: str) -> None:
    names = [f"{n}-{'y' * 45}.example" for n in range(110 if scope == "prefix" else 2_500)]
    path = {"exact": "/p" + LONG * 2, "prefix": "/f" + LONG * 22 + "/"}.get(scope, "")
    observe(WS, [link("a.example/", names[n] + path) for n in (0, 70, 109)])
    rows = lists.list_figures([asked(WS, "domains", name + path, scope) for name in names], date(2026, 1, 1))
    assert [number for number, row in enumerate(rows) if row["links"] > 0] == [0, 70, 109]
