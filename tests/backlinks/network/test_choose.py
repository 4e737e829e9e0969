"""Who is in the picture: the worthiest by the printed formula, each once, tier by tier; sizes; the open graph."""

import math

import pytest

from backlinks.network.choose import MOST_NODES, Size
from tests.backlinks.authority.scored import open_graph
from tests.backlinks.index.observed import TARGET, observe
from tests.backlinks.scored import add_run

from .drawn import OWN, dots, drawn, links_of

pytestmark = pytest.mark.usefixtures("link_index")


def worth(authority: float, links: int, linked: int) -> float:
    """The formula as the page prints it."""
    many = min(1, math.log(1 + links) / math.log(1001))
    few = max(0, 1 - math.log(linked) / math.log(10_000)) if linked else 0
    return 0.5 * max(authority, 0) / 100 + 0.3 * many + 0.2 * few


def test_the_first_tier_is_the_worthiest_by_the_printed_formula() -> None:
    known = {f"s{n}.example": (float(n * 7 % 100), 1 + n * 5 % 17, 1 + n * 13 % 900) for n in range(20)}
    observe(OWN, [row for name, (_, links, _) in known.items() for row in links_of(name, count=links)])
    scores = {name: {"score": score, "linked_domains": linked} for name, (score, _, linked) in known.items()}
    add_run(scores=scores, workspace=OWN)
    found = dots(drawn(size=Size(6, 0, 0)))
    expected = sorted(known, key=lambda name: (-worth(*known[name]), name))[:6]
    assert [name for name in found if name != TARGET] == expected
    for name in expected:
        assert found[name].node.found.worth == pytest.approx(worth(*known[name]), abs=1e-4)


def test_without_scores_links_decide() -> None:
    observe(OWN, links_of("few.example") + links_of("many.example", count=9))
    first, second = drawn(size=Size(2, 0, 0)).dots[1:]
    assert (first.node.domain, second.node.domain) == ("many.example", "few.example")
    assert first.node.authority is None


def test_lost_domains_and_the_target_itself_are_left_out() -> None:
    lost = links_of("gone.example", lost_reason="notfound", lost_at=310)
    observe(OWN, lost + links_of("here.example") + links_of(TARGET, f"www.{TARGET}"))
    assert set(dots(drawn())) == {TARGET, "here.example"}


def test_tiers_come_from_other_profiles_and_each_domain_stands_once() -> None:
    pairs = (
        ("a.example", TARGET, 3), ("b.example", TARGET, 1), ("c.example", "a.example", 2),
        ("both.example", "a.example", 1), ("both.example", "b.example", 1), ("a.example", "b.example", 1),
        ("third.example", "c.example", 1), (TARGET, "c.example", 1),
    )  # fmt: skip
    observe(OWN, [row for source, target, count in pairs for row in links_of(source, target, count)])
    picture = drawn()
    found = dots(picture)
    placed = {name: (one.node.tier, one.node.parent) for name, one in found.items()}
    assert placed == {
        TARGET: (0, ""),
        "a.example": (1, TARGET),
        "b.example": (1, TARGET),
        "c.example": (2, "a.example"),
        "both.example": (2, "a.example"),
        "third.example": (3, "c.example"),
    }
    lines = {(one.source, one.target) for one in picture.lines}
    assert {("both.example", "b.example"), ("a.example", "b.example"), (TARGET, "c.example")} <= lines


def test_another_workspace_and_unseen_profiles_give_nothing() -> None:
    observe(OWN, links_of("a.example") + links_of("other-clients.example", "a.example"))
    observe(8, links_of("leak.example", "a.example") + links_of("leak.example"))
    assert set(dots(drawn())) == {TARGET, "a.example", "other-clients.example"}
    assert set(dots(drawn(only=(TARGET,)))) == {TARGET, "a.example"}


def test_open_data_is_everybodys() -> None:
    observe(OWN, links_of("a.example"))
    observe(0, links_of("open.example", "a.example"))
    assert set(dots(drawn(only=(TARGET,)))) == {TARGET, "a.example", "open.example"}


def test_the_open_graph_joins_unless_it_is_left_out() -> None:
    pairs = [("g1.example", TARGET), ("g2.example", "g1.example"), ("g3.example", "g2.example")]
    open_graph([*pairs, ("g2.example", TARGET), ("a.example", "g1.example")])
    observe(OWN, links_of("a.example"))
    picture = drawn()
    assert {name: one.node.tier for name, one in dots(picture).items()} == {
        TARGET: 0, "a.example": 1, "g1.example": 1, "g2.example": 1, "g3.example": 2,
    }  # fmt: skip
    lines = {(one.source, one.target): one for one in picture.lines}
    assert lines["a.example", "g1.example"].in_graph
    assert not lines["a.example", TARGET].in_graph
    assert set(dots(drawn(graph_off=True))) == {TARGET, "a.example"}


def test_of_a_hub_in_the_graph_the_highest_ranked_come_first() -> None:
    hub = [(f"n{number:02}.example", "hub.example") for number in range(60)]
    open_graph([("hub.example", TARGET), *hub], ranks={f"n{number:02}.example": 60 - number for number in range(60)})
    found = [one.node.domain for one in drawn(size=Size(1, 2, 0)).dots[2:]]
    assert set(found) <= {f"n{number:02}.example" for number in range(50, 60)}  # five candidates a place


def test_a_host_has_its_own_first_tier() -> None:
    observe(OWN, links_of("a.example", f"shop.{TARGET}") + links_of("b.example", TARGET))
    assert set(dots(drawn(target=f"shop.{TARGET}"))) == {TARGET, "a.example"}


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ({}, Size(12, 10, 8)),
        ({"first": "5", "second": "0"}, Size(5, 0, 0)),
        ({"first": "x", "second": "-3", "third": "²"}, Size(12, 10, 8)),
        ({"first": "0"}, Size(1, 10, 8)),
        ({"first": "99999"}, Size(1200, 0, 0)),
        ({"first": "100", "second": "50", "third": "9"}, Size(100, 11, 0)),
    ],
)
def test_sizes_stay_within_the_limit(asked: dict[str, str], size: Size) -> None:
    found = Size.parse(asked)
    assert found == size
    assert found.nodes <= MOST_NODES
    assert Size.parse(found.params) == found


def test_the_usual_size_is_the_one_that_is_printed() -> None:
    assert Size().nodes == 12 + 120 + 960
