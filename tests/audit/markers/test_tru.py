"""Trust markers: fired, clear, at the threshold, unknown; and what they take from the risk."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from audit import weights
from audit.markers import tru
from audit.markers.marker import CLEAR, CONTEXT, FIRED, UNKNOWN, by_id
from tests.audit.profiles import ABOUT, AS_OF, found_of, frozen, states

TRU = by_id(tru.MARKERS)
SITE = "a.example"


def days_ago(count: int) -> date:
    return AS_OF - timedelta(days=count)


LONG = {"releases": 8, "known_since": days_ago(1095), "topic_changed": 0}
CASES: tuple[tuple[str, int, dict[str, Any]], ...] = (
    ("TRU01", FIRED, {"popularity": 1_000_000}), ("TRU01", CLEAR, {"popularity": 1_000_001}),
    ("TRU01", CLEAR, {"popularity": 0}), ("TRU01", UNKNOWN, {}),
    ("TRU01a", FIRED, {"popularity": 100_000}), ("TRU01a", CLEAR, {"popularity": 100_001}),
    ("TRU01a", CLEAR, {"popularity": 0}), ("TRU01a", UNKNOWN, {}),
    ("TRU01b", FIRED, {"popularity": 10_000}), ("TRU01b", CLEAR, {"popularity": 10_001}), ("TRU01b", UNKNOWN, {}),
    ("TRU02", FIRED, {"trust_top": 0.19}), ("TRU02", CLEAR, {"trust_top": 0.2}), ("TRU02", CLEAR, {"trust_top": 1}),
    ("TRU02", UNKNOWN, {}),
    ("TRU05", FIRED, LONG), ("TRU05", CLEAR, LONG | {"releases": 7}),
    ("TRU05", CLEAR, LONG | {"known_since": days_ago(1094)}), ("TRU05", CLEAR, LONG | {"topic_changed": 1}),
    ("TRU05", UNKNOWN, LONG | {"topic_changed": None}), ("TRU05", UNKNOWN, LONG | {"releases": None}),
    ("TRU05", UNKNOWN, LONG | {"known_since": None}),
    ("TRU05", FIRED, LONG | {"topic_changed": None, "registered": days_ago(1065)}),
    ("TRU05", CLEAR, LONG | {"topic_changed": None, "registered": days_ago(1064)}),
    ("TRU05", CLEAR, LONG | {"topic_changed": 1, "registered": days_ago(4000)}),
    ("TRU07", FIRED, {"own_visits": 1}), ("TRU07", CLEAR, {"own_visits": 0}), ("TRU07", UNKNOWN, {}),
)  # fmt: skip
CONTROLLED = (
    ("mit.edu", FIRED), ("nasa.gov", FIRED), ("ox.ac.uk", FIRED), ("ufrj.edu.br", FIRED), ("canada.gc.ca", FIRED),
    ("ac.example", CLEAR), ("my-edu.com", CLEAR), ("shop.edu.pl", CLEAR), ("shop.ac", CLEAR), ("edu.example", CLEAR),
    ("192.0.2.1", CLEAR),
)  # fmt: skip
EDITORIAL = {"placement": "content", "left_words": 20, "right_words": 20}
OPEN = {"noindex": 0, "canonical_elsewhere": 0}
POSITIONS: tuple[tuple[int, dict[str, Any], dict[str, Any]], ...] = (
    (FIRED, {}, {}), (CLEAR, {"left_words": 19}, {}), (CLEAR, {"right_words": 19}, {}),
    (CLEAR, {"placement": "footer"}, {}), (CLEAR, {}, {"noindex": 1}), (CLEAR, {}, {"canonical_elsewhere": 1}),
    (CLEAR, {"placement": "footer", "left_words": None}, {"noindex": None}),
    (CLEAR, {"placement": None}, {"noindex": 1}),
    (UNKNOWN, {"placement": None}, {}), (UNKNOWN, {"left_words": None}, {}), (UNKNOWN, {"right_words": None}, {}),
    (UNKNOWN, {}, {"noindex": None}), (UNKNOWN, {}, {"canonical_elsewhere": None}),
)  # fmt: skip


def test_every_marker_of_the_group_is_there() -> None:
    assert {one[:5] for one in TRU} == {f"TRU{number:02}" for number in range(1, 9)}
    assert {one.kind for one in tru.MARKERS} == {CONTEXT}


def test_trust_subtracts_by_the_catalogue() -> None:
    """Twenty for the ten thousand most popular, ten for the others of the million; a partner keeps its risk."""
    points = {one.id: one.points for one in tru.MARKERS}
    assert points == {
        "TRU01": -10, "TRU01a": -5, "TRU01b": -5, "TRU02": -10, "TRU03": -10, "TRU04": -8, "TRU05": -6, "TRU06": -4,
        "TRU07": -10, "TRU08": 0,
    }  # fmt: skip
    assert weights.read("X", {"points": {"TRU01": -15}}).of("TRU01") == -15
    with pytest.raises(weights.BadWeights, match="TRU01 must take from the risk"):
        weights.read("X", {"points": {"TRU01": 15}})


@pytest.mark.parametrize(("name", "state", "domain"), CASES)
def test_a_domain(name: str, state: int, domain: dict[str, Any]) -> None:
    assert states(TRU[name], frozen([{"source": f"https://{SITE}/"}], domains={SITE: domain})) == [state]


def test_controlled_names() -> None:
    links = [{"source": f"https://{name}/"} for name, _ in CONTROLLED]
    assert states(TRU["TRU03"], frozen(links)) == [state for _, state in CONTROLLED]
    assert states(TRU["TRU03"], frozen(links[:1], domains={"mit.edu": {"name": None}})) == [UNKNOWN]


@pytest.mark.parametrize(("state", "link", "page"), POSITIONS)
def test_an_editorial_position(state: int, link: dict[str, Any], page: dict[str, Any]) -> None:
    url = "https://a.example/"
    profile = frozen([{"source": url} | EDITORIAL | link], pages={url: OPEN | page})
    assert states(TRU["TRU04"], profile) == [state]


def test_words_of_the_shorter_side_are_shown() -> None:
    url = "https://a.example/"
    profile = frozen([{"source": url} | EDITORIAL | {"right_words": 31}], pages={url: OPEN})
    assert found_of(TRU["TRU04"], profile).value.tolist() == [20]


def test_a_reachable_owner() -> None:
    links = [{"source": url} for url in ("https://a.example/1", "https://a.example/2", "https://b.example/")]
    pages = {"https://a.example/1": {"contact": 0}, "https://a.example/2": {"contact": 1}}
    assert states(TRU["TRU06"], frozen(links, pages=pages)) == [FIRED, UNKNOWN]
    assert states(TRU["TRU06"], frozen(links[:1], pages=pages)) == [CLEAR]


def test_partners_are_on_the_whitelist() -> None:
    profile = frozen(
        [{"source": "https://blog.a.example/"}, {"source": "https://b.example/"}],
        about=replace(ABOUT, partners=frozenset(("a.example",))),
    )
    assert states(TRU["TRU08"], profile) == [FIRED, CLEAR]
    assert states(TRU["TRU08"], replace(profile, about=ABOUT)) == [CLEAR, CLEAR]


def test_no_link_no_finding() -> None:
    for one in tru.MARKERS:
        assert states(one, frozen([])) == [], one.id
