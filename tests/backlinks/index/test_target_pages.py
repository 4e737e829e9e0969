"""Linked pages with what stands beside them: answers by the newest look, new and lost against plain counts."""

import random
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from backlinks import index

from .observed import asked, day, empty_index, link, new_batch, observe, rows_of

WS = 7
PAGES = ("client.example/", "client.example/blog/a", "client.example/blog/b", "shop.client.example/p")
SCOPES = [("client.example", None), ("shop.client.example", "host"), ("client.example/blog/", None)]
SPAN = (date(2026, 1, 10), date(2026, 3, 31))


def _chance(count: int = 300) -> list[dict[str, Any]]:
    dice = random.Random(7)
    rows = []
    for number in range(count):
        lost, seen = dice.choice(("", "", "notfound")), dice.uniform(-60, 150)
        rows.append(
            link(
                f"h{number}.d{dice.randrange(40)}.example/{number}",
                dice.choice(PAGES),
                first_seen=dice.choice((None, seen, seen)),
                last_seen=seen + 1,
                lost_at=seen + dice.uniform(1, 60) if lost and dice.random() < 0.8 else None,
                lost_reason=lost,
            )
        )
    return rows


@pytest.fixture(scope="module")
def paged(index_process: None) -> None:
    """A profile that these tests only read."""
    empty_index()
    observe(WS, _chance(), "ahrefs")
    batch = new_batch(WS, "crawl", "site")
    index.begin(batch)
    visits = [
        (PAGES[0], 1, 200, "Home", ""),
        (PAGES[1], 1, 200, "Post", ""),
        (PAGES[1], 5, 404, "", ""),
        (PAGES[2], 1, 301, "", "https://client.example/"),
    ]
    index.add(
        batch,
        "crawled_pages",
        {
            "target_domain": ["client.example"] * 4,
            "page_key": [key for key, *_ in visits],
            "page_url": [f"https://{key}" for key, *_ in visits],
            "fetched_at": [day(number) for _, number, *_ in visits],
            "http_status": [status for _, _, status, *_ in visits],
            "title": [title for *_, title, _ in visits],
            "redirect_url": [url for *_, url in visits],
            "int_links": [4] * 4,
            "row": [1, 2, 3, 4],
        },
        block=0,
    )
    index.complete(batch)


def _query(target: str, scope: str | None, **params: str) -> index.LinkQuery:
    names = frozenset(one.name for one in index.columns("pages"))
    return replace(asked(WS, "pages", target, scope, **params).showing(names), span=SPAN)


def _gone_at(row: dict[str, Any]) -> date:
    return row["lost_at"] or row["last_seen"]


def _within(found: date | None) -> bool:
    return found is not None and SPAN[0] <= found <= SPAN[1]


def _moves(links: list[dict[str, Any]]) -> dict[str, int]:
    by_domain: dict[str, list[dict[str, Any]]] = {}
    for row in links:
        by_domain.setdefault(row["source_domain"], []).append(row)
    came = [min((row["first_seen"] for row in rows if row["first_seen"]), default=None) for rows in by_domain.values()]
    left = [rows for rows in by_domain.values() if all(row["state"] == "lost" for row in rows)]
    made = {
        "new_links": sum(_within(row["first_seen"]) for row in links),
        "lost_links": sum(row["state"] == "lost" and _within(row["lost_at"]) for row in links),
        "new_domains": sum(map(_within, came)),
        "lost_domains": sum(_within(max(map(_gone_at, rows))) for rows in left),
    }
    return made | {"growth": made["new_domains"] - made["lost_domains"]}


@pytest.mark.parametrize(("target", "scope"), SCOPES)
def test_new_and_lost_of_each_page_are_what_plain_counts_say(paged: None, target: str, scope: str | None) -> None:
    links = rows_of(asked(WS, "links", target, scope))
    shown, whole = index.fetch(_query(target, scope)).rows, rows_of(_query(target, scope))
    assert {row["target_key"]: row["growth"] for row in shown} == {row["target_key"]: row["growth"] for row in whole}
    for row in shown:
        wanted = _moves([one for one in links if one["target_key"] == row["target_key"]])
        assert {name: row[name] for name in wanted} == wanted


def test_pages_are_sorted_and_filtered_by_what_stands_beside_them(paged: None) -> None:
    for name in ("growth", "new_links", "lost_domains"):
        values = [row[name] for row in index.fetch(_query("client.example", None, sort=f"-{name}")).rows]
        assert values == sorted(values, reverse=True)
    found = {
        kind: {row["target_key"] for row in index.fetch(_query("client.example", None, answer_class=kind)).rows}
        for kind in ("2xx", "3xx", "4xx", "5xx", "not known")
    }
    assert found == {"2xx": {PAGES[0]}, "3xx": {PAGES[2]}, "4xx": {PAGES[1]}, "5xx": set(), "not known": {PAGES[3]}}


def test_answers_stand_beside_their_pages(paged: None) -> None:
    rows = {row["target_key"]: row for row in index.fetch(_query("client.example", None)).rows}
    assert [rows[key]["status"] for key in PAGES] == [200, 404, 200, 0]
    assert [rows[key]["page_title"] for key in PAGES] == ["Home", "Post", "", ""]
    assert [rows[key]["inside_links"] for key in PAGES] == [4, 4, -1, -1]
    assert rows[PAGES[2]]["leads_to"] == "https://client.example/"
