"""Markers of networks: fired, clear, at the threshold, unknown; and the domains that they name."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from audit.markers import net
from audit.markers.marker import BESIDE, CLEAR, FIRED, UNKNOWN, Found, by_id
from audit.profile import PAGES, Profile
from tests.audit.profiles import AS_OF, found_of, frozen

NET = by_id(net.MARKERS)
PRINT = 0x0F0F_3C3C_5A5A_9999
Sites = Sequence[Mapping[str, Any]]


def of_sites(unit: str, sites: Sites) -> Profile:
    """One page on each of s0.example, s1.example, …, with these columns of the page or the domain."""
    urls = [f"https://s{number}.example/own-{number}" for number in range(len(sites))]
    if unit == PAGES:
        return frozen([{"source": url} for url in urls], pages=dict(zip(urls, sites, strict=True)))
    names = [f"s{number}.example" for number in range(len(sites))]
    return frozen([{"source": url} for url in urls], domains=dict(zip(names, sites, strict=True)))


def found_in(name: str, sites: Sites, **limits: float) -> Found:
    return found_of(NET[name], of_sites(NET[name].unit, sites), **limits)


def members(found: Found) -> dict[str, tuple[int, ...]]:
    return {one.what: one.domains for one in found.clusters}


def same(count: int, **columns: Any) -> list[dict[str, Any]]:
    return [columns] * count


def sets(*lists: str) -> list[dict[str, Any]]:
    """Domains that link to one-letter domains and to the target."""
    return [{"linked": ["client.example", *(f"{letter}.example" for letter in letters)]} for letters in lists]


def ids(*named: str) -> list[dict[str, Any]]:
    return [{"ids": one.split()} for one in named]


def flipped(bits: int) -> int:
    return PRINT ^ sum(1 << 10 * bit % 63 for bit in range(bits))


SEEN = {"fetched": AS_OF}
DAY = date(2020, 5, 4)
REGISTERED = {"registrar": "Cheap Names", "registered": DAY}
BUILT = {"fetched": AS_OF, "skeleton": 7, "favicon": 9, "theme": "Astra by Brainstorm"}
WEAK = {"authority": 4.9, "votes": 22, "one_network": 0.5}
AGAIN = {"registered": date(2024, 3, 2), "known_since": date(2024, 1, 31), "topic_changed": 1}
NS = {"name_servers": ["ns2.farm.example", "ns1.farm.example"]}
F, C, U, B = FIRED, CLEAR, UNKNOWN, BESIDE
CASES: tuple[tuple[str, list[dict[str, Any]], list[int]], ...] = (
    ("NET01", [{"text_print": PRINT}, {"text_print": flipped(6)}, {"text_print": 0x1234}], [F, F, C]),
    ("NET01", [{"text_print": PRINT}, {"text_print": flipped(7)}, {"text_print": PRINT ^ 2}], [F, C, F]),
    ("NET01", [{"text_print": PRINT}, SEEN, {}], [C, B, U]),
    ("NET02", same(3, path="/all/938/13.html"), [F] * 3), ("NET02", same(2, path="/all/938/13.html"), [C] * 2),
    ("NET02", [{"path": "/a/b/"}, {"path": "/a/b"}, {"path": "/a/b"}, {"path": None}], [F, F, F, U]),
    *(("NET02", same(3, path=path), [C] * 3) for path in ("/", "/Blog/", "/tag/shoes/", "/2024/05", "/index.php")),
    ("NET03", same(3, title="Cheap  Shoes 24"), [F] * 3), ("NET03", same(2, title="Cheap Shoes 24"), [C] * 2),
    ("NET03", [{"title": "Cheap Shoes"}, {"title": " cheap shoes"}, {"title": "Cheap SHOES "}, {}], [F, F, F, U]),
    *(("NET03", same(3, title=title), [C] * 3) for title in ("Home", "Startseite", "Just a  moment...", "リンク集")),
    ("NET04", ids("ga:UA-1 gtm:GTM-A", "gtm:GTM-A", "ga:UA-2", "", "adsense:pub-1"), [F, F, C, C, C]),
    ("NET04", [*ids("ga:UA-1"), {}], [C, U]),
    ("NET04", ids(*["ga:UA-1"] * 50), [F] * 50), ("NET04", ids(*["ga:UA-1"] * 51), [C] * 51),
    ("NET05", ids("adsense:pub-1", "adsense:pub-1", "ga:UA-1", "ga:UA-1"), [F, F, C, C]),
    ("NET05", [*ids("adsense:pub-1"), {}], [C, U]),
    ("NET05", ids(*["adsense:pub-1"] * 50), [F] * 50), ("NET05", ids(*["adsense:pub-1"] * 51), [C] * 51),
    ("NET06", same(5, ips=["203.0.113.7"]), [F] * 5), ("NET06", same(4, ips=["203.0.113.7"]), [C] * 4),
    ("NET06", same(5, ips=["104.16.3.4", "2606:4700::5"]), [B] * 5), ("NET06", same(5), [U] * 5),
    ("NET06", same(5, ips=["203.0.113.7"], shared=["203.0.113.7"]), [B] * 5),
    ("NET07", same(8, networks=["203.0.113.0/24"]), [F] * 8), ("NET07", same(7, networks=["203.0.113.0/24"]), [C] * 7),
    ("NET07", same(8, networks=["2a0b:1::/48"]), [F] * 8), ("NET07", same(8, networks=["151.101.4.0/24"]), [B] * 8),
    ("NET07", same(8), [U] * 8),
    ("NET08", [{"registrant": "acme ltd"}, {"registrant": "acme ltd"}, {"registrant": "other ltd"}], [F, F, C]),
    ("NET08", same(3, **REGISTERED), [F] * 3), ("NET08", same(2, **REGISTERED), [C] * 2),
    ("NET08", [*same(2, **REGISTERED), {**REGISTERED, "registered": DAY + timedelta(1)}, {}], [C, C, C, U]),
    ("NET08", same(3, registered=DAY), [C] * 3), ("NET08", same(3, registrar="Cheap Names"), [U] * 3),
    ("NET09", same(3, **NS), [F] * 3), ("NET09", same(2, **NS), [C] * 2), ("NET09", same(21, **NS), [C] * 21),
    ("NET09", same(20, **NS), [F] * 20), ("NET09", same(3), [U] * 3),
    ("NET09", same(3, name_servers=["amy.ns.cloudflare.com", "bob.ns.cloudflare.com"]), [B] * 3),
    ("NET10", [{"certificate": ["s0.example", "*.s1.example"]}, {}, {"certificate": ["s2.example"]}, {}], [F, F, C, U]),
    ("NET10", [{"certificate": ["s0.example", "www.s0.example"]}, {}], [C, U]),
    ("NET10", [{"certificate": ["s0.example", "s1.example", "sni.cloudflaressl.com"]}, {}], [B, U]),
    ("NET10", [{"certificate": [f"s{number}.example" for number in range(51)]}, *same(50)], [B] + [U] * 50),
    ("NET10", [{"certificate": [f"s{number}.example" for number in range(50)]}, *same(49)], [F] * 50),
    ("NET11", same(3, **BUILT), [F] * 3), ("NET11", same(2, **BUILT), [C] * 2), ("NET11", same(51, **BUILT), [C] * 51),
    ("NET11", [BUILT, BUILT | {"skeleton": 1}, BUILT | {"skeleton": 2}, SEEN, {}], [F, F, F, U, U]),
    ("NET11", [BUILT, BUILT, BUILT | {"theme": "Divi by Elegant"}], [C] * 3),
    ("NET12", sets("abcde", "abcde", "pqrst"), [F, F, C]), ("NET12", sets("abcde", "abcd"), [C, C]),
    ("NET12", sets("abcdefghi", "bcdefghij"), [F, F]),  # 8 of 10
    ("NET12", sets("abcdefgh", "bcdefghi"), [C, C]),  # 7 of 9
    ("NET12", [*sets("abcde"), {}], [C, U]),
    ("NET13", [*same(2, votes_print=5, votes=5), {"votes_print": 6, "votes": 9}, {"votes": 9}], [F, F, C, U]),
    ("NET13", same(2, votes_print=5, votes=4), [B] * 2),
    ("NET14", [*same(10, gets_back=1), {"gets_back": 0}, {}], [F] * 10 + [C, U]),
    ("NET14", same(9, gets_back=1), [C] * 9),
    ("NET15", [{"closed": 0.8}, {"closed": 0.79}, {}], [F, C, U]),
    ("NET18", [WEAK, WEAK | {"authority": 5}, WEAK | {"votes": 20}, {}], [F, C, C, U]),
    ("NET18", [WEAK | {"one_network": None}, WEAK | {"authority": None}], [U, U]),
    ("NET18", [{"votes": 10}, {"authority": 9}], [C, C]),
    ("NET19", [AGAIN, AGAIN | {"known_since": date(2024, 2, 1)}, AGAIN | {"topic_changed": 0}], [F, C, C]),
    ("NET19", [AGAIN | {"topic_changed": None}, AGAIN | {"registered": None}, AGAIN | {"known_since": None}], [U] * 3),
    ("NET19", [{"registered": date(2010, 1, 1), "known_since": date(2012, 1, 1)}], [C]),
)  # fmt: skip


@pytest.mark.parametrize(("name", "sites", "expected"), CASES, ids=lambda one: one if isinstance(one, str) else "")
def test_each_is_fired_clear_or_unknown(name: str, sites: Sites, expected: list[int]) -> None:
    assert found_in(name, sites).state.tolist() == expected


def test_all_ids_are_there_and_every_marker_is_tested() -> None:
    assert [one.id for one in net.MARKERS] == [f"NET{number:02}" for number in range(1, 20)]
    assert {name for name, _, _ in CASES} | {"NET16", "NET17"} == set(NET)


def test_kinds_are_those_of_the_catalogue() -> None:
    others = {"NET06": "C→E", "NET07": "C", "NET09": "C", "NET11": "C", "NET14": "C→E"}
    assert {one.id: one.kind for one in net.MARKERS} == dict.fromkeys(NET, "E") | others


# --- Who is named -----------------------------------------------------------------------------------------------------
def test_what_is_shared_is_named_with_its_domains() -> None:
    found = found_in("NET02", [*same(3, path="/all/938/13.html"), {"path": "/other"}, *same(3, path="/b/c")])
    assert members(found) == {"/all/938/13.html": (0, 1, 2), "/b/c": (4, 5, 6)}
    assert found.value.tolist()[0] == 3
    assert found.said is not None
    assert (found.said.at(0), found.cluster.tolist() if found.cluster is not None else []) == (
        "/all/938/13.html",
        [0, 0, 0, -1, 1, 1, 1],
    )


def test_pages_of_one_domain_are_no_network() -> None:
    urls = [f"https://blog.example/{number}" for number in range(4)]
    shared = {"path": "/same/page", "title": "One title", "text_print": PRINT, "ids": ["ga:UA-1"]}
    profile = frozen([{"source": url} for url in urls], pages=dict.fromkeys(urls, shared))
    for name in ("NET01", "NET02", "NET03", "NET04"):
        assert found_of(NET[name], profile).state.tolist() == [CLEAR] * 4


def test_a_page_with_several_accounts_names_the_one_that_most_share_and_is_in_both_clusters() -> None:
    found = found_in("NET04", ids("ga:UA-1 gtm:GTM-A", "ga:UA-1", "gtm:GTM-A", "gtm:GTM-A"))
    assert found.said is not None
    assert [found.said.at(row) for row in range(4)] == ["gtm:GTM-A", "ga:UA-1", "gtm:GTM-A", "gtm:GTM-A"]
    assert found.value.tolist() == [3, 2, 3, 3]
    assert members(found) == {"ga:UA-1": (0, 1), "gtm:GTM-A": (0, 2, 3)}


def test_mirrors_hang_together_by_those_between_them() -> None:
    found = found_in("NET01", [{"text_print": PRINT}, {"text_print": flipped(5)}, {"text_print": flipped(10)}])
    assert members(found) == {"https://s0.example/own-0": (0, 1, 2)}


def test_sets_are_called_by_what_they_share() -> None:
    found = found_in("NET12", sets("abcde", "abcde"))
    assert members(found) == {"a.example, b.example, c.example and 2 more": (0, 1)}
    assert found.value.tolist() == [5, 5]


def test_closed_communities_are_named_where_their_members_are_known() -> None:
    named = [{"closed": 0.9, "community": "s0.example"}] * 2
    assert members(found_in("NET15", [*named, {"closed": 0.95}])) == {"s0.example": (0, 1)}


def test_days_on_which_a_registrar_is_always_busy_say_nothing() -> None:
    busy = [{"registrar": "Big", "registered": DAY + timedelta(days=day // 2)} for day in range(1400)]
    at_once = [{"registrar": "Big", "registered": DAY + timedelta(days=300)}] * 30
    found = found_in("NET08", busy + at_once)
    assert found.state.tolist() == [CLEAR if row not in (600, 601) else FIRED for row in range(1400)] + [FIRED] * 30
    assert list(members(found)) == ["Big, 2021-02-28"]


# --- Blocks and bursts ------------------------------------------------------------------------------------------------
def ranked(*named: tuple[str, float]) -> Profile:
    domains = {name: {"pagerank": rank} for name, rank in named}
    return frozen([{"source": f"https://{name}/"} for name in domains], domains=domains)


FARM = [(f"cheap-shoes-{number}.example", 1e-8 * (1 + number / 500)) for number in range(5)]


def test_names_nearly_equal_at_nearly_one_rank_are_a_block() -> None:
    found = found_of(NET["NET16"], ranked(*FARM, ("news.example", 1.004e-8), ("cheap-shows-9.example", 1e-6)))
    assert found.state.tolist() == [FIRED] * 5 + [CLEAR] * 2
    assert members(found) == {"names like cheap-shoes-0.example": (0, 1, 2, 3, 4)}
    assert found_of(NET["NET16"], ranked(*FARM[:4])).state.tolist() == [CLEAR] * 4
    steps = [(name, 1e-8 * 1.0102**number) for number, (name, _) in enumerate(FARM)]
    assert found_of(NET["NET16"], ranked(*steps)).state.tolist() == [CLEAR] * 5
    unranked = frozen([{"source": f"https://{name}/"} for name, _ in FARM])
    assert found_of(NET["NET16"], unranked).state.tolist() == [UNKNOWN] * 5


def starting(*days: float, **columns: Any) -> list[dict[str, Any]]:
    plain = {"anchor": "cheap shoes", "anchor_known": 1, "anchor_class": "exact", "target": "client.example/shoes"}
    return [
        {"source": f"https://b{number}.example/", "first_seen": AS_OF - timedelta(days=day), **plain, **columns}
        for number, day in enumerate(days)
    ]


# Other links of the profile, one in twenty days.
QUIET = [
    {"source": f"https://q{number}.example/", "first_seen": AS_OF - timedelta(days=20 * number), "anchor": "Client",
     "anchor_known": 1, "anchor_class": "brand", "target": "client.example/"}
    for number in range(30)
]  # fmt: skip


@pytest.mark.parametrize(
    ("links", "state"),
    [
        (starting(10, 10, 11, 12, 12), FIRED),
        (starting(10, 10, 11, 12), CLEAR),
        (starting(10, 10, 11, 12, 13), CLEAR),
        (starting(10, 10, 11, 12, 12, anchor_class="brand"), BESIDE),
        (starting(10, 10, 11, 12, 12, anchor_class=None), FIRED),
        (starting(10, 10, 11, 12, 12, anchor=None), BESIDE),
        (starting(10, 10, 11, 12, 12, anchor=None, anchor_known=0), UNKNOWN),
        (starting(10, 10, 11, 12, 12, first_seen=None), UNKNOWN),
        (starting(10, 10, 11, 12, 12, target=None), UNKNOWN),
    ],
)
def test_a_synchronised_start_is_one_anchor_and_target_within_days(links: list[dict[str, Any]], state: int) -> None:
    found = found_of(NET["NET17"], frozen([*links, *QUIET]))
    assert found.state.tolist() == [state] * len(links) + [BESIDE] * 30


def test_a_burst_is_named_with_its_domains_and_only_their_first_links_are_in_it() -> None:
    later = {**starting(1)[0], "source": "https://b0.example/again"}
    found = found_of(NET["NET17"], frozen([*starting(10, 10, 11, 12, 12, 400), later, *QUIET]))
    assert found.state.tolist()[:7] == [FIRED] * 5 + [CLEAR] * 2
    assert members(found) == {"“cheap shoes” to client.example/shoes from 2026-10-20": (0, 1, 2, 3, 4)}


def test_what_goes_on_after_its_first_days_is_no_burst() -> None:
    half = [*[10] * 6, *range(100, 400, 50)]
    assert found_of(NET["NET17"], frozen([*starting(*half), *QUIET])).state.tolist()[:12] == [FIRED] * 6 + [CLEAR] * 6
    less = found_of(NET["NET17"], frozen([*starting(*half, 450), *QUIET]))
    assert less.state.tolist()[:13] == [CLEAR] * 13


def test_days_of_a_file_without_dates_are_no_burst() -> None:
    """All begins on the day of the file: this anchor no more than others."""
    others = [{**one, "first_seen": AS_OF - timedelta(days=10)} for one in QUIET]
    found = found_of(NET["NET17"], frozen([*starting(*[10] * 8), *others]))
    assert found.state.tolist()[:8] == [CLEAR] * 8
