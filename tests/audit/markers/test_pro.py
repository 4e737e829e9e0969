"""Markers of the whole profile: fired inside the spike or share, clear, at the threshold, unknown."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from audit.markers import pro
from audit.markers.marker import BESIDE, CLEAR, FIRED, UNKNOWN, by_id
from audit.profile import Peer, Profile
from tests.audit.profiles import ABOUT, AS_OF, found_of, frozen

PRO = by_id(pro.MARKERS)


def of_domains(rows: Sequence[dict[str, Any]], **more: Any) -> Profile:
    names = [f"s{number}.example" for number in range(len(rows))]
    links = [{"source": f"https://{name}/", "target_url": "https://client.example/"} for name in names]
    return frozen(links, domains=dict(zip(names, rows, strict=True)), **more)


def ago(days: float) -> Any:
    return AS_OF - timedelta(days=days)


def states(name: str, profile: Profile, **limits: float) -> list[int]:
    return found_of(PRO[name], profile, **limits).state.tolist()


def test_all_ids_are_there_in_their_classes() -> None:
    assert [one.id for one in pro.MARKERS] == [f"PRO{number:02}" for number in range(1, 9)]
    assert [one.kind for one in pro.MARKERS] == ["E"] + ["C"] * 7


# --- Time -------------------------------------------------------------------------------------------------------------
def weekly(*counts: int, weeks_back: int = 0) -> list[dict[str, Any]]:
    """New domains by week, the last one of them so many weeks ago."""
    last = len(counts) - 1
    return [
        {"first_seen": ago(7 * (last - week + weeks_back) + 3)}
        for week, count in enumerate(counts)
        for _ in range(count)
    ]


def test_a_spike_is_a_week_beyond_six_spreads_over_the_median_of_those_before() -> None:
    before = [8, 10, 6, 8, 10, 6, 8, 8]  # median 8, MAD 1: more than 14
    assert states("PRO01", of_domains(weekly(*before, 15))) == [UNKNOWN] * 64 + [FIRED] * 15
    assert states("PRO01", of_domains(weekly(*before, 14))) == [UNKNOWN] * 64 + [CLEAR] * 14
    assert states("PRO01", of_domains(weekly(*before[1:], 15))) == [UNKNOWN] * 71


def test_ten_new_domains_are_no_spike_wherever_they_are() -> None:
    assert states("PRO01", of_domains(weekly(1, *[0] * 8, 10)))[1:] == [CLEAR] * 10
    assert states("PRO01", of_domains(weekly(1, *[0] * 8, 11)))[1:] == [FIRED] * 11


def test_growth_that_always_was_is_no_spike() -> None:
    steady = weekly(*[40, 50, 45] * 4, 60)  # median 45, MAD 5: more than 75
    assert states("PRO01", of_domains(steady))[-60:] == [CLEAR] * 60
    assert states("PRO01", of_domains(weekly(*[40, 50, 45] * 4, 76)))[-76:] == [FIRED] * 76
    found = found_of(PRO["PRO01"], of_domains(weekly(*[40, 50, 45] * 4, 76)))
    assert (found.value[-1], found.said.at(len(found.state) - 1) if found.said else "") == (76, "2026-10-26")


def test_a_domain_without_a_date_is_in_no_week_and_links_date_it_too() -> None:
    assert states("PRO01", of_domains([*weekly(*[2] * 8, 11), {}]))[-2:] == [FIRED, UNKNOWN]
    dated = [{"source": f"https://n{number}.example/", "first_seen": ago(2)} for number in range(11)]
    older = [{"source": f"https://o{number}.example/", "first_seen": ago(7 * number + 10)} for number in range(9)]
    assert states("PRO01", frozen([*dated, *older]))[:11] == [FIRED] * 11


def test_domains_that_say_what_people_say_of_a_site_are_news_and_no_spike() -> None:
    older = [{"source": f"https://o{number}.example/", "first_seen": ago(7 * number + 10)} for number in range(9)]
    kinds = [
        "exact",
        "other",
        "unknown",
        None,
        "brand",
        "naked",
        "generic",
        "empty",
        "image",
        "brand",
        "brand",
        "exact",
    ]
    new = [
        {"source": f"https://n{number}.example/", "first_seen": ago(2), "anchor_class": kind}
        for number, kind in enumerate(kinds)
    ]
    bought = {"source": "https://n10.example/more", "first_seen": ago(1), "anchor_class": "exact"}
    expected = [FIRED] * 4 + [CLEAR] * 6 + [FIRED] * 2
    assert states("PRO01", frozen([*new, bought, *older]))[:12] == expected
    assert states("PRO01", frozen([*new[:11], *older]))[4:11] == [CLEAR] * 7


def lost(*counts: int) -> list[dict[str, Any]]:
    last = len(counts) - 1
    return [
        {"source": f"https://l{month}-{number}.example/", "lost_at": ago(30 * (last - month) + 9), "is_lost": 1}
        for month, count in enumerate(counts)
        for number in range(count)
    ]


def losing(*counts: int) -> Profile:
    links = lost(*counts)
    domains = {one["source"].split("/")[2]: {"state": "lost"} for one in links}
    kept = [{"source": "https://live.example/"}, {"source": "https://dark.example/"}]
    return frozen([*links, *kept], domains=domains | {"live.example": {"state": "live"}})


def test_a_mass_loss_is_a_month_beyond_those_before() -> None:
    assert states("PRO02", losing(3, 2, 3, 11)) == [UNKNOWN] * 8 + [FIRED] * 11 + [CLEAR, UNKNOWN]
    assert states("PRO02", losing(3, 2, 3, 10)) == [UNKNOWN] * 8 + [CLEAR] * 10 + [CLEAR, UNKNOWN]
    assert states("PRO02", losing(3, 2, 11))[5:] == [UNKNOWN] * 11 + [CLEAR, UNKNOWN]
    assert states("PRO02", losing()) == [UNKNOWN, UNKNOWN]  # nobody may have looked


# --- Names and places -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("hosts", "pages", "state"),
    [(11, 1, FIRED), (10, 1, CLEAR), (1, 101, FIRED), (1, 100, CLEAR), (None, 100, UNKNOWN)],
)
def test_many_urls_or_hosts_of_one_root(hosts: int | None, pages: int, state: int) -> None:
    links = [{"source": f"https://big.example/{number}"} for number in range(pages)]
    assert states("PRO03", frozen(links, domains={"big.example": {"hosts": hosts}})) == [state]


def placed(new: dict[str, int], old: dict[str, int], column: str) -> list[dict[str, Any]]:
    times = ((new, 89), (old, 90))
    return [
        {column: name, "first_seen": ago(days)}
        for rows, days in times
        for name, count in rows.items()
        for _ in range(count)
    ]


@pytest.mark.parametrize("column", ["country", "tld"])
def test_a_place_dominates_the_new_domains(column: str) -> None:
    other = "tld" if column == "country" else "country"

    def found(new: dict[str, int], old: dict[str, int], about: Any = ABOUT) -> list[int]:
        rows = [{other: None, **one} for one in placed(new, old, column)]
        return states("PRO04", of_domains(rows, about=about))

    old = {"aa": 15, "bb": 5}
    assert found({"aa": 9, "bb": 11}, old) == [CLEAR] * 9 + [FIRED] * 11 + [BESIDE] * 20
    assert found({"aa": 10, "bb": 10}, old) == [CLEAR] * 20 + [BESIDE] * 20  # half is not more than half
    assert found({"aa": 5, "bb": 15}, {"aa": 12, "bb": 8})[5:20] == [CLEAR] * 15  # not twice as common as before
    assert found({"bb": 19}, old) == [UNKNOWN] * 19 + [BESIDE] * 20  # too few, and the other one is not known
    home = replace(ABOUT, countries=("BB",))
    assert (FIRED in found({"aa": 9, "bb": 11}, old, home)) is (column == "tld")


def test_a_domain_without_a_date_or_place_is_unknown() -> None:
    rows = placed({"aa": 9, "bb": 11}, {"aa": 15, "bb": 5}, "country")
    told = states(
        "PRO04", of_domains([{"tld": None, **one} for one in [*rows, {"country": "bb"}, {"first_seen": ago(1)}]])
    )
    assert told[-2:] == [UNKNOWN, UNKNOWN]


# --- Against competitors ----------------------------------------------------------------------------------------------
def peers(figure: str, *values: float, domains: int = 100) -> tuple[Peer, ...]:
    return tuple(Peer(f"p{number}.example", domains, {figure: value}) for number, value in enumerate(values))


def to_pages(home: int, deep: int) -> list[dict[str, Any]]:
    urls = ["https://client.example/"] * home + ["https://client.example/shoes"] * deep
    return [{"source": f"https://s{number}.example/", "target_url": url} for number, url in enumerate(urls)]


@pytest.mark.parametrize(
    ("home", "values", "expected"),
    [
        (9, (0.5, 0.6, 0.7), [CLEAR] * 10),  # to 0.6 + 3 · 1.4826 · 0.1
        (9, (0.5, 0.5, 0.6), [FIRED] * 9 + [CLEAR]),
        (13, (0.5, 0.5, 0.5), [CLEAR] * 20),  # the margin is 0.15
        (14, (0.5, 0.5, 0.5), [FIRED] * 14 + [CLEAR] * 6),
        (6, (0.5, 0.5, 0.5), [CLEAR] * 6 + [FIRED] * 14),
        (9, (0.5, 0.5), [UNKNOWN] * 10),
        (9, (0.5, 0.5, float("nan")), [UNKNOWN] * 10),
    ],
)
def test_home_or_deep(home: int, values: tuple[float, ...], expected: list[int]) -> None:
    profile = frozen(to_pages(home, len(expected) - home), peers=peers("home_share", *values))
    assert states("PRO05", profile) == expected


def test_small_competitors_say_nothing_and_a_link_without_target_is_unknown() -> None:
    links = to_pages(9, 1)
    assert set(states("PRO05", frozen(links, peers=peers("home_share", 0.5, 0.5, 0.5, domains=9)))) == {UNKNOWN}
    links[0] = links[0] | {"target_url": None}
    assert states("PRO05", frozen(links, peers=peers("home_share", 0.5, 0.5, 0.5)))[0] == UNKNOWN


def test_follow_share() -> None:
    links = [{"source": f"https://s{number}.example/", "nofollow": number == 0} for number in range(10)]
    links.append({"source": "https://s10.example/"})
    assert states("PRO06", frozen(links, peers=peers("follow_share", 0.7, 0.7, 0.7))) == [CLEAR] + [FIRED] * 9 + [
        UNKNOWN
    ]
    assert states("PRO06", frozen(links, peers=peers("follow_share", 0.76, 0.76, 0.76)))[:10] == [CLEAR] * 10
    assert states("PRO06", frozen(links)) == [UNKNOWN] * 11


def test_links_per_domain() -> None:
    profile = of_domains([{"links": 30}, {"links": 4}, {}], peers=peers("links_per_domain", 3, 4, 3))
    assert states("PRO07", profile) == [FIRED, CLEAR, UNKNOWN]  # 17 a domain, theirs 3 and 5 more at most
    usual = of_domains([{"links": 12}, {"links": 4}], peers=peers("links_per_domain", 3, 4, 3))
    assert states("PRO07", usual) == [CLEAR, CLEAR]
    assert states("PRO07", of_domains([{"links": 30}])) == [UNKNOWN]


def test_weak_domains() -> None:
    rows = [{"authority": 4.9}, {"authority": 1}, {"authority": 5}, {"authority": 60}, {}]
    assert states("PRO08", of_domains(rows, peers=peers("weak_share", 0.3, 0.3, 0.3))) == [FIRED] * 2 + [CLEAR] * 2 + [
        UNKNOWN
    ]
    assert states("PRO08", of_domains(rows, peers=peers("weak_share", 0.35, 0.35, 0.35)))[:4] == [CLEAR] * 4
    assert states("PRO08", of_domains(rows)) == [UNKNOWN] * 5
