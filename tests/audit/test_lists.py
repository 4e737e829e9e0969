"""Lists of a run: filters against plain Python, and where a domain stands in each of them."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from django.test import Client

from audit import review
from audit.markers.marker import GROUPS
from audit.models import Audit
from audit.profile import Sets
from audit.record import KEEPS_SOURCES, known_to_google
from audit.views.shelves import Shelf
from backlinks import index
from seoapp.lib.listquery import ListQuery
from tests.audit.audited import FARM, audited
from tests.backlinks.pages import rows_of, soup_of, url_of
from tests.conftest import Cast, Hold

RUN = index.auditlists.AuditRun("many.example", 7, 31)
IDS = ("NET03", "ANC01", "DOM04", "TRU01", "PAG01")
FIELDS = index.auditlists.fields(IDS, tuple(GROUPS))
COUNT = 400
Row = Mapping[str, Any]


def plain_rows() -> list[dict[str, Any]]:
    dice = random.Random(6)
    made = []
    for number in range(COUNT):
        markers = sorted(dice.sample(IDS, dice.randint(0, 4)))
        sources = sorted(dice.sample(("ahrefs", "gsc", "semrush"), dice.randint(1, 3)))
        made.append(
            {
                "source_domain": f"site{number * 37 % 1_009}.example",
                "risk": dice.choice((0, 10, 10, 44, 45, 60, 99)),
                "confidence": dice.choice((0.2, 0.3, 0.45, 0.5, 0.69, 0.7, 1.0)),
                "links": dice.randint(1, 4),
                "state": dice.choice(("live", "lost")),
                "markers": markers,
                "kinds": ["C" if one.startswith("TRU") else dice.choice("CE") for one in markers],
                "sources": sources,
                "known_to_google": int("gsc" in sources),
                "first_seen": date(2026, 1, 1) + timedelta(dice.randint(0, 9)),
            }
        )
    return made


ROWS = plain_rows()


def findings() -> pa.Table:
    """NET03 somewhere at every seventh domain, whatever its riskiest link has."""
    names = [one["source_domain"] for one in ROWS[::7]]
    texts = {"marker": "NET03", "unit": "links", "page": "", "said": ""}
    numbers = {"link_id": pa.uint64(), "value": pa.float32(), "cluster": pa.int32()}
    return pa.table(
        {"source_domain": names, "day": [date(2026, 2, 1)] * len(names)}
        | {name: [text] * len(names) for name, text in texts.items()}
        | {name: pa.array([1] * len(names)).cast(kind) for name, kind in numbers.items()}
    )


def fill() -> None:
    count = len(ROWS)
    columns = {name: [one[name] for one in ROWS] for name in ROWS[0]}
    kinds = {"risk": pa.uint8(), "confidence": pa.float32(), "links": pa.uint64(), "known_to_google": pa.int8()}
    others = {
        "sharing": pa.array([1] * count, pa.uint64()),
        "country": [""] * count,
        "last_seen": pa.array([date(2026, 2, 1)] * count),
        "authority": pa.array([-1.0] * count, pa.float32()),
        "band": ["none"] * count,
        "gates": pa.array([0] * count, pa.uint8()),
        "link_id": pa.array(range(count), pa.uint64()),
        "points": pa.array([[4.0] * len(one["markers"]) for one in ROWS], pa.list_(pa.float32())),
    }
    table = pa.table({name: pa.array(cells, kinds.get(name)) for name, cells in columns.items()} | others)
    index.audits.add("audit_domains", RUN.target, RUN.workspace, RUN.run, table, block=0)
    index.audits.add("audit_findings", RUN.target, RUN.workspace, RUN.run, findings(), block=0)


@pytest.fixture
def run(held_index: Hold) -> index.auditlists.AuditRun:
    held_index(("lists", RUN), fill)
    return RUN


def groups_of(row: Row) -> set[str]:
    told = zip(row["markers"], row["kinds"], strict=True)
    return {marker[:3] for marker, kind in told if kind != "C" or marker.startswith("TRU")}


ASKED: list[tuple[dict[str, str], Callable[[Row], bool]]] = [
    ({}, lambda row: True),
    ({"groups": "NET"}, lambda row: "NET" in groups_of(row)),
    ({"groups": "TRU", "markers": "DOM04"}, lambda row: "TRU01" in row["markers"] and "DOM04" in row["markers"]),
    ({"certainty": "high"}, lambda row: row["confidence"] >= 0.7),
    ({"certainty": "fair"}, lambda row: 0.5 <= row["confidence"] < 0.7),
    ({"certainty": "low"}, lambda row: 0.3 <= row["confidence"] < 0.5),
    ({"certainty": "little"}, lambda row: row["confidence"] < 0.3),
    ({"confidence_min": "50", "confidence_max": "69"}, lambda row: 0.5 <= row["confidence"] <= 0.69),
    ({"sources": "ahrefs"}, lambda row: "ahrefs" in row["sources"]),
    ({"sources": "moz"}, lambda row: False),
    ({"known_to_google": "yes"}, lambda row: "gsc" in row["sources"]),
    ({"known_to_google": "no", "risk_min": "45"}, lambda row: "gsc" not in row["sources"] and row["risk"] >= 45),
    ({"known_to_google": "unknown"}, lambda row: False),
]  # fmt: skip
ORDERS: dict[str, Callable[[Row], Any]] = {
    "": lambda row: -row["risk"],
    "source_domain": lambda row: row["source_domain"],
    "-links": lambda row: -row["links"],
    "first_seen": lambda row: row["first_seen"],
}


def fitting(fits: Callable[[Row], bool], sort: str = "") -> list[str]:
    order = ORDERS[sort]
    rows = sorted(ROWS, key=lambda row: (order(row), -row["confidence"], row["source_domain"]))
    return [row["source_domain"] for row in rows if fits(row)]


def asked_for(params: Mapping[str, str], sort: str = "") -> ListQuery:
    return ListQuery.parse(FIELDS, {**params, "sort": sort}, sort=index.auditlists.SORT)


def test_filters_leave_what_plain_python_leaves(run: index.auditlists.AuditRun) -> None:
    for params, fits in ASKED:
        found = [row["source_domain"] for row in index.auditlists.every_domain(run, asked_for(params))]
        assert found == fitting(fits), params
    rows = {row["source_domain"]: row for row in index.auditlists.every_domain(run, asked_for({}))}
    for one in ROWS:
        assert set(rows[one["source_domain"]]["groups"]) == groups_of(one)


def test_a_domain_stands_where_the_list_has_it(run: index.auditlists.AuditRun) -> None:
    dice = random.Random(1)
    names = [row["source_domain"] for row in ROWS]
    some = frozenset(dice.sample(names, 90))
    shelves = (index.auditlists.ALL, index.auditlists.Among(some), index.auditlists.Among(some, is_only=True),
               index.auditlists.Among(is_only=True))  # fmt: skip
    for params, fits in ASKED:
        for sort in ORDERS:
            query, every, listed = asked_for(params, sort), fitting(lambda _: True, sort), fitting(fits, sort)
            for among in shelves:
                left = [one for one in listed if (one in among.names) == among.is_only]
                for domain in (*dice.sample(names, 3), "", "nobody.example"):
                    around = index.auditorder.around(run, query, among, domain)
                    assert around == plain_around(every, left, domain), (params, sort, among.is_only, domain)


def plain_around(every: Sequence[str], left: Sequence[str], domain: str) -> index.auditorder.Around:
    at = every.index(domain) if domain in every else -1
    places = {name: place for place, name in enumerate(every)}
    before = [one for one in left if places[one] < at]
    after = [one for one in left if places[one] > at]
    position = left.index(domain) + 1 if domain in left else 0
    return index.auditorder.Around((before or [""])[-1], (after or [""])[0], position, len(left))


def test_what_was_found_at_any_link_narrows_a_list(run: index.auditlists.AuditRun) -> None:
    narrow = replace(run, found="NET03")
    names = {row["source_domain"] for row in index.auditlists.every_domain(narrow, asked_for({}))}
    assert len(names) == index.auditlists.fired(run)["NET03"] == len(ROWS[::7])
    assert names == {one["source_domain"] for one in ROWS[::7]}
    both = [row["source_domain"] for row in index.auditlists.every_domain(narrow, asked_for({"markers": "NET03"}))]
    assert 0 < len(both) < len(names)
    around = index.auditorder.around(narrow, asked_for({}), index.auditlists.ALL, "")
    assert around.total == len(names)


def test_search_console_says_yes_no_or_nothing() -> None:
    assert known_to_google(Sets.of([["gsc"], ["moz"], ["ahrefs", "gsc"]])).tolist() == [1, 0, 1]
    assert known_to_google(Sets.of([["moz"], None])).tolist() == [-1, -1]
    assert known_to_google(Sets.unknown(2)).dtype == np.int8


# --- On the page --------------------------------------------------------------------------------------------------
@pytest.fixture
def audit(cast: Cast, held_index: Hold) -> Audit:
    return audited(cast, held_index)


def test_the_page_filters_by_groups_confidence_and_who_knows(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    client = browse(cast.viewer)

    def count(params: str) -> int:
        return len(rows_of(soup_of(client.get(url_of(cast.project, f"audit/domains/?{params}")))))

    assert count("groups=NET") == len(FARM)
    assert count("sources=semrush") == audit.domains
    assert count("sources=moz") == count("known_to_google=yes") == 0
    assert count("known_to_google=unknown") == audit.domains
    page = soup_of(client.get(url_of(cast.project, "audit/domains/?cols=source_domain.groups.certainty.sources")))
    row = next(one for one in rows_of(page) if FARM[0] in one.get_text())
    assert {"Networks", "Semrush"} <= set(row.stripped_strings)
    panel = soup_of(client.get(url_of(cast.project, "audit/domains/?panel=filters")))
    labels = [one.get_text() for one in panel.select('select[name="certainty"] option')]
    assert labels[1] == "High: 70 % and more"
    assert [one["value"] for one in panel.select('select[name="known_to_google"] option')][1:] == [
        "yes",
        "no",
        "unknown",
    ]


def test_an_older_audit_says_that_it_has_to_be_run_again(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    audit.facts = {name: value for name, value in audit.facts.items() if name != KEEPS_SOURCES}
    audit.save()
    client = browse(cast.viewer)
    for path in ("audit/domains/?sources=moz", "audit/review/?known_to_google=yes"):
        page = soup_of(client.get(url_of(cast.project, path)))
        assert "run the audit again" in page.select_one(".reading-note").get_text()
    assert len(rows_of(soup_of(client.get(url_of(cast.project, "audit/domains/?sources=moz"))))) == audit.domains
    panel = soup_of(client.get(url_of(cast.project, "audit/domains/?panel=filters")))
    assert [one.get_text() for one in panel.select('select[name="sources"] option')] == ["any"]
    assert "run the audit again" in panel.select_one("#filter-sources")["title"]


def test_lists_that_are_kept_follow_every_decision(cast: Cast, audit: Audit) -> None:
    def held(name: str) -> frozenset[str]:
        return Shelf(name).among(cast.project, cast.editor).names

    assert held("open") == held("keep") == frozenset()
    review.decide(cast.project, FARM[:2], "keep", "", cast.editor)
    assert held("open") == held("keep") == set(FARM[:2])
    review.decide(cast.project, FARM[1:3], "remove", "", cast.editor)
    assert (held("keep"), held("remove"), held("open")) == ({FARM[0]}, set(FARM[1:3]), set(FARM[:3]))
    review.undo(cast.project, cast.editor)
    assert (held("keep"), held("remove"), held("open")) == (set(FARM[:2]), frozenset(), set(FARM[:2]))
    review.undo(cast.project, cast.editor)
    assert held("open") == held("keep") == frozenset()
