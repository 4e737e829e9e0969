"""The formula: its scales and penalties by hand, parts left out, bounds, and the same bytes every time."""

import math
from dataclasses import replace

import numpy as np
import pytest

from backlinks.authority.formula import FORMULAS, PARTS, PENALTIES, VERSION, WEIGHTS, Scores, of_position, score
from backlinks.authority.graph import Known, Votes
from backlinks.authority.measures import Ranked, measure
from backlinks.authority.seeds import Seeds, shipped

from .graphs import TRUSTED, by_name, votes

HUB = [f"v{n} > hub" for n in range(60)]
TRUST = "example.trusted > hub"


def scored(of: Votes, *, seeds: Seeds = TRUSTED, **known: object) -> Scores:
    return score(replace(of, known=Known(**known)), seeds=seeds)


def at(of: Votes, name: str) -> int:
    return of.names.to_pylist().index(name)


def values(of: Votes, unknown: float = np.nan, **named: float) -> np.ndarray:
    """One value a domain: the named ones (com.<name>), else unknown."""
    return np.array([named.get(name.rpartition(".")[2], unknown) for name in of.names.to_pylist()])


def part(found: Scores, name: str, node: int) -> float:
    return float(found.parts[node, PARTS.index(name)])


def penalty(found: Scores, name: str, node: int) -> float:
    return float(found.penalties[node, PENALTIES.index(name)])


def test_weights_add_up_and_order_like_the_parts() -> None:
    assert sum(WEIGHTS) == pytest.approx(1)
    assert len(WEIGHTS) == len(PARTS) == 5
    assert len(PENALTIES) == 8


@pytest.mark.parametrize(("position", "points"), [(1, 100), (10, 87.6), (1000, 62.9), (10_000_000, 13.4)])
def test_the_scale_of_the_whole_web(position: float, points: float) -> None:
    whole = Ranked(np.array([1.0]), np.array([position]), 121_091_933)
    assert of_position(whole)[0] == pytest.approx(points, abs=0.05)


def test_the_first_of_a_few_thousand_is_not_the_first_of_the_web() -> None:
    small = Ranked(np.array([1.0, np.nan]), np.array([1.0, np.nan]), 4000)
    assert of_position(small).tolist() == [pytest.approx(100 * math.log(4000) / math.log(1e7)), -1]


def test_a_score_is_the_sum_of_its_stored_parts() -> None:
    of = votes(*HUB, TRUST, "hub > v1")
    ranks = values(of, hub=5000)
    found = scored(of, subnets=values(of, -1, hub=40).astype(np.int32), popularity=ranks, lists_loaded=True)
    node = at(of, "com.hub")
    parts = found.parts[node].astype(float)
    assert (parts >= 0).all()
    lost = np.maximum(found.penalties[node].astype(float), 0).sum()
    assert found.score[node] == np.round(np.dot(WEIGHTS, parts) - lost, 2)
    assert part(found, "traffic", node) == pytest.approx(100 * (1 - math.log(5000) / math.log(1e7)))
    assert part(found, "diversity", node) == pytest.approx(100 * math.log(41) / math.log(1001))
    full = math.log(len(of.names)) / math.log(1e7)
    assert found.confidence[node] == pytest.approx(full)


def test_a_part_that_nobody_knows_is_left_out() -> None:
    of = votes(*HUB, "hub > v1")
    found = scored(of)
    node = at(of, "com.hub")
    assert found.parts[node, 2:].tolist() == [-1, -1, -1]
    pagerank, harmonic = found.parts[node, :2].astype(float)
    assert found.score[node] == pytest.approx((0.38 * pagerank + 0.17 * harmonic) / 0.55, abs=0.005)
    assert found.confidence[node] == pytest.approx(0.55 * math.log(len(of.names)) / math.log(1e7))
    assert (found.trust == -1).all() and not found.trust_at.any()
    assert found.facts["means"]["trust"] is None


def test_no_trust_is_zero_where_there_are_seeds() -> None:
    of = votes("example.trusted > a", "a > d", "b > c")
    found = scored(of)
    assert part(found, "trust", at(of, "com.c")) == 0
    assert part(found, "trust", at(of, "com.a")) > 0
    assert found.facts["trust_reached"] == 3


@pytest.mark.parametrize(
    ("known", "points"),
    [
        ({}, -1),
        ({"lists_loaded": True}, 10),
        ({"lists_loaded": True, "popularity": {"hub": 1}}, 100),
        ({"lists_loaded": True, "popularity": {"hub": 1e6}}, 100 / 7),
        ({"lists_loaded": True, "popularity": {"hub": 5e7}}, 0),
        ({"visits": {"hub": 0}}, 0),
        ({"visits": {"hub": 999}}, 100 / 3),
        ({"visits": {"hub": 999}, "popularity": {"hub": 1}, "lists_loaded": True}, 100 / 3),
    ],
)
def test_traffic_is_a_rank_or_visits(known: dict, points: float) -> None:
    of = votes(*HUB)
    given = {name: values(of, **value) if isinstance(value, dict) else value for name, value in known.items()}
    found = scored(of, **given)
    assert part(found, "traffic", at(of, "com.hub")) == pytest.approx(points, abs=0.001)


@pytest.mark.parametrize(
    ("share", "rels", "points"), [(0.95, 60, 0), (0.975, 60, 4), (1, 60, 8), (1, 49, -1), (-1, 60, -1)]
)
def test_follow_share(share: float, rels: int, points: float) -> None:
    of = votes(*HUB)
    found = scored(of, follow_share=values(of, -1, hub=share), rels=values(of, -1, hub=rels))
    assert penalty(found, "follow_share", at(of, "com.hub")) == pytest.approx(points, abs=1e-4)


@pytest.mark.parametrize(
    ("address", "subnet", "count", "points"),
    [(0.05, 0.1, 20, (0, 0)), (0.15, 0.25, 60, (2, 1.5)), (0.3, 0.5, 60, (4, 3)), (0.3, 0.5, 19, (-1, -1))],
)
def test_one_address_and_one_network(address: float, subnet: float, count: int, points: tuple) -> None:
    of = votes(*HUB)
    shares = {"address_share": values(of, -1, hub=address), "subnet_share": values(of, -1, hub=subnet)}
    found = scored(of, **shares, addresses=values(of, -1, hub=count))
    node = at(of, "com.hub")
    both = penalty(found, "one_address", node), penalty(found, "one_network", node)
    assert both == pytest.approx(points, abs=1e-5)


def test_twins_and_returned_links() -> None:
    returned = "hub > " + " ".join(f"v{n}" for n in range(42))
    of = votes(*(f"v{n} > hub t1 t2 t3" for n in range(60)), returned)
    found = scored(of)
    assert penalty(found, "identical_profile", at(of, "com.t1")) == pytest.approx(2 * (3 - 1) / 4)
    assert penalty(found, "reciprocity", at(of, "com.hub")) == pytest.approx(4 * (0.7 - 0.5) / 0.4)
    assert penalty(found, "reciprocity", at(of, "com.v1")) == -1


@pytest.mark.parametrize(("lists", "rank", "points"), [(True, np.nan, 5), (True, 900.0, 0), (False, np.nan, -1)])
def test_link_power_without_visitors(lists: bool, rank: float, points: float) -> None:  # noqa: FBT001
    of = votes("a > b")
    measures = measure(replace(of, known=Known(popularity=np.array([rank, rank]), lists_loaded=lists)), TRUSTED)
    whole = 100_000_000
    forty = whole * math.exp(-0.4 * math.log(whole))
    first = Ranked(np.array([0.5, 0.5]), np.array([forty, whole]), whole)
    found = FORMULAS["A1"](replace(measures, pagerank=first))
    assert part(found, "pagerank", 0) == pytest.approx(40)
    assert penalty(found, "no_organic_presence", 0) == pytest.approx(points, abs=1e-4)


def test_penalties_take_thirty_at_most_and_a_score_is_never_below_zero() -> None:
    of = votes(*HUB)
    measures = measure(of, TRUSTED)
    ones = np.ones(measures.nodes, np.float32)
    worst = replace(
        measures,
        lists_loaded=True,
        follow_share=ones,
        rels=np.full(measures.nodes, 99, np.int32),
        excess=ones * 9.0,
        address_share=ones,
        subnet_share=ones,
        addresses=np.full(measures.nodes, 99, np.int32),
        twins=np.full(measures.nodes, 9, np.int32),
        inside=ones,
    )
    first = Ranked(measures.pagerank.values, np.ones(measures.nodes), 100_000_000)
    found = FORMULAS["A1"](replace(worst, pagerank=first, harmonic=first, trust=first))
    node = at(of, "com.hub")
    assert np.maximum(found.penalties[node], 0).sum() > 30
    parts = found.parts[node, [0, 1, 2, 4]].astype(float)
    assert found.score[node] == pytest.approx(np.dot((0.38, 0.17, 0.20, 0.15), parts) / 0.9 - 30, abs=0.005)
    low = FORMULAS["A1"](worst)
    assert low.score.min() == 0 and low.score.max() <= 100


def test_ties_take_the_middle_of_their_positions() -> None:
    of = votes("a > x", "b > x", "c > x", "d > x")
    found = scored(of)
    assert by_name(of, found.pagerank_at) == {"x": 1, "a": 3.5, "b": 3.5, "c": 3.5, "d": 3.5}


def test_bad_neighbours_lower_trust() -> None:
    of = votes("example.trusted > a b", "a > bad", "b > c")
    clean, warned = scored(of), scored(of, seeds=TRUSTED.joined(bad=["bad.com"]))
    node = at(of, "com.a")
    assert warned.bad_share[node] == 1 and warned.trust[node] == 0
    assert part(warned, "trust", node) == 0 < part(clean, "trust", node)
    assert warned.trust[at(of, "com.b")] == clean.trust[at(of, "com.b")]


def test_the_sum_of_pagerank_is_one() -> None:
    found = scored(votes(*HUB, TRUST, "hub > v1"))
    assert found.pagerank.sum() == pytest.approx(1, abs=1e-12)
    assert found.passes == pytest.approx(found.pagerank / np.maximum(found.linked_domains, 1))


def test_the_same_input_gives_the_same_bytes_in_any_order() -> None:
    of = votes(*HUB, TRUST, "hub > v1", "v1 > v2")
    order = np.random.default_rng(2).permutation(len(of.targets))
    mixed = replace(of, targets=of.targets[order], sources=of.sources[order])
    one, other = score(of), score(mixed)
    for name in ("score", "confidence", "pagerank", "harmonic", "parts", "penalties"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
    assert one.facts == other.facts


def test_what_was_computed_is_named() -> None:
    found = score(votes(*HUB, "edu.mit > hub"))
    assert found.version == VERSION == found.facts["version"]
    assert found.facts["seeds"] == {
        "version": shipped().version, "sha256": shipped().digest, "controlled": 1, "sites": 0, "popular": 0, "bad": 0
    }  # fmt: skip
    assert found.facts["domains"] == 62 and found.facts["edges"] == 61
    assert found.facts["known"]["traffic"] == 0


def test_arrays_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="rels has 1 values for 61 domains"):
        scored(votes(*HUB), rels=np.zeros(1, np.int32))


def test_a_graph_of_nobody_has_no_scores() -> None:
    empty = votes()
    assert len(score(empty).score) == 0
