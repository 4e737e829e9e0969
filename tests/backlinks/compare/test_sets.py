"""Profiles by shared referring domains: what the index says against sets in Python."""

import random
from dataclasses import replace

import pytest

from backlinks import index
from backlinks.index import engine
from seoapp.lib.listquery import ListQuery
from tests.backlinks.index.observed import asked, link, observe
from tests.conftest import Hold

WS, OTHER = 7, 8
ALL = index.sets.Beside()
OVERLAPPING = (("first.example", 0), ("second.example", 1500), ("third.example", 1000))


HOST = "blog.host.example"
OF_HOST = {"source-1.example", "new.example"}


def _made() -> dict[str, set[str]]:
    """Random domains by site; `everywhere-N` link to nearly all. Of host.example, two link to its blog."""
    chance = random.Random(5)
    made = {
        f"site-{number}.example": {f"source-{chance.randrange(400)}.example" for _ in range(chance.randrange(5, 150))}
        | {f"everywhere-{one}.example" for one in range(chance.randrange(4))}
        for number in range(12)
    }
    return made | {"host.example": {f"source-{number}.example" for number in range(20)} | OF_HOST}


@pytest.fixture
def sets(held_index: Hold) -> dict[str, set[str]]:
    """These profiles; a workspace besides knows more."""
    made = _made()
    rows = [
        link(f"{source}/a", f"{HOST if target == 'host.example' and source in OF_HOST else target}/")
        for target, sources in made.items()
        for source in sorted(sources)
    ]

    def fill() -> None:
        observe(WS, rows)
        observe(OTHER, [link(f"leak-{one}.example/", "leak.example/") for one in range(9)])

    held_index("sets", fill)
    return made


def _rivals(target: str, beside: index.sets.Beside = ALL, scope: str | None = None, **params: str) -> list[dict]:
    wanted = ListQuery.parse(index.sets.RIVALS, params, sort="-similarity")
    return index.sets.rival_rows(asked(WS, "domains", target, scope), wanted, beside).rows


def _expected(sets: dict[str, set[str]], target: str, without: frozenset[str] = frozenset()) -> dict[str, tuple]:
    mine = sets[target] - without
    found = {}
    for name, members in sets.items():
        theirs = members - without
        both = len(mine & theirs)
        if name != target and both:
            union = len(mine | theirs)
            shares = (100 * both / union, 100 * both / len(mine), 100 * both / len(theirs))
            found[name] = (both, len(members), *(round(one, 2) for one in shares))
    return found


def _told(rows: list[dict]) -> dict[str, tuple]:
    names = ("shared", "domains", "similarity", "share_of_ours", "share_of_theirs")
    return {row["target_domain"]: tuple(row[name] for name in names) for row in rows}


def test_similarity_is_that_of_python_sets(sets: dict[str, set[str]]) -> None:
    for target in list(sets)[::3]:
        rows = _rivals(target)
        assert _told(rows) == _expected(sets, target)
        assert all(row["is_exact"] for row in rows)
        order = [row["similarity"] for row in rows]
        assert order == sorted(order, reverse=True)


def test_common_linkers_are_left_out_on_both_sides(sets: dict[str, set[str]]) -> None:
    linked = [name for members in sets.values() for name in members]
    common = frozenset(name for name in linked if linked.count(name) >= 5)
    assert any(name.startswith("everywhere") for name in common)
    beside = index.sets.Beside(without_common=True)
    for target in ("site-0.example", "site-5.example"):
        assert _told(_rivals(target, beside)) == _expected(sets, target, common)
        facts = index.sets.compared(asked(WS, "domains", target), beside)
        assert (facts.profiles, facts.common_from) == (12, 5)
        assert (facts.ours, facts.common) == (len(sets[target]), len(common & sets[target]))


def test_every_export_row_is_that_of_a_page(sets: dict[str, set[str]]) -> None:
    wanted = ListQuery.parse(index.sets.RIVALS, {"sort": "-authority"}, sort="-similarity")
    rows = list(index.sets.rival_stream(asked(WS, "domains", "site-1.example"), wanted, ALL))
    assert _told(rows) == _expected(sets, "site-1.example")


def test_filters_pages_and_narrow_readers(sets: dict[str, set[str]]) -> None:
    told = _expected(sets, "site-2.example")
    least = sorted(one[0] for one in told.values())[5]
    assert set(_told(_rivals("site-2.example", shared_min=str(least)))) == {
        name for name, one in told.items() if one[0] >= least
    }
    wanted = replace(ListQuery.parse(index.sets.RIVALS, {}, sort="-similarity"), per_page=3)
    query = asked(WS, "domains", "site-2.example")
    pages = [index.sets.rival_rows(query, replace(wanted, page=number), ALL) for number in range(1, 6)]
    assert [row["target_domain"] for page in pages for row in page.rows] == [
        row["target_domain"] for row in _rivals("site-2.example")
    ]
    only = index.sets.Beside(only=("site-3.example", "leak.example"))
    assert set(_told(_rivals("site-2.example", only))) <= {"site-3.example"}


def test_a_host_is_compared_by_its_own_links(sets: dict[str, set[str]]) -> None:
    rows = _told(_rivals(HOST, scope="host"))
    assert rows == {
        name: (1, len(members), *(round(100 / n, 2) for n in (1 + len(members), 2, len(members))))
        for name, members in sets.items()
        if "source-1.example" in members and name != "host.example"
    }


def test_similar_profiles_for_the_overview(sets: dict[str, set[str]]) -> None:
    told = sorted(_expected(sets, "site-4.example").items(), key=lambda one: (-one[1][2], one[0]))
    found = index.similar_profiles(asked(WS, "domains", "site-4.example"), 3)
    assert [(one.domain, one.shared, round(100 * one.similarity, 2)) for one in found] == [
        (name, one[0], one[2]) for name, one in told[:3]
    ]
    assert index.similar_profiles(asked(WS, "domains", "nobody.example"), 3) == []


def test_pairs_are_those_of_python_sets(sets: dict[str, set[str]]) -> None:
    first, second = sets["site-0.example"], sets["site-1.example"]
    queries = index.pin_all([asked(WS, "domains", f"site-{one}.example") for one in range(2)])
    fields = index.pairs.pair_fields("us", "them")
    expected = {"shared": first & second, "theirs": second - first, "ours": first - second, "all": first | second}
    for which, names in expected.items():
        wanted = ListQuery.parse(fields, {"sort": "source_domain"}, sort="-authority")
        rows = list(index.pairs.pair_stream(queries, which, wanted))
        assert [row["source_domain"] for row in rows] == sorted(names)
        assert {row["source_domain"] for row in index.pairs.pair_rows(queries, which, wanted).rows} <= names
        assert all((row["links_0"] > 0, row["links_1"] > 0) == (row["had_0"], row["had_1"]) for row in rows)


def test_old_generations_and_other_workspaces_do_not_count(sets: dict[str, set[str]]) -> None:
    observe(WS, [link("late.example/", "site-0.example/"), link("late.example/", "leak.example/")])
    assert len(engine.read("SELECT 1 FROM domain_sets WHERE target_domain = 'site-0.example'")) == 2
    row = next(row for row in _rivals("site-0.example") if row["target_domain"] == "leak.example")
    assert (row["shared"], row["domains"]) == (1, 1)
    index.tidy(grace_seconds=0)
    assert len(engine.read("SELECT 1 FROM domain_sets WHERE target_domain = 'site-0.example'")) == 1


def test_a_sample_chooses_and_the_rows_shown_are_counted_by_name(
    link_index: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three thousand domains each: of the sixteenth that is looked at, about ninety are shared."""
    names = {name: [f"s{number}.example" for number in range(first, first + 3000)] for name, first in OVERLAPPING}
    observe(WS, [link(f"{one}/a", f"{name}/") for name, members in names.items() for one in members])
    monkeypatch.setattr(index.sets, "FEW", 1)
    monkeypatch.setattr(index.sets, "FEW_IN_ALL", 1)
    expected = _expected({name: set(members) for name, members in names.items()}, "first.example")
    assert _told(_rivals("first.example")) == expected
    monkeypatch.setattr(index.sets, "EXACT_ROWS", 1)
    for beside in (ALL, index.sets.Beside(without_common=True)):
        rows = _rivals("first.example", beside)
        assert not any(row["is_exact"] for row in rows)
        assert {row["target_domain"] for row in rows} == set(expected)
        for row in rows:
            assert row["shared"] == pytest.approx(expected[row["target_domain"]][0], rel=0.25)
            assert 0 < row["similarity"] <= 100
