"""From votes to the graph: sorted rows, no link to oneself, each pair once."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from backlinks.authority import graph
from backlinks.authority.graph import Votes, build, votes_of

from .graphs import votes


def test_rows_hold_the_votes_for_each_domain() -> None:
    made = build(votes("a > b c", "b > c"))
    assert made.starts.tolist() == [0, 0, 1, 3]
    assert made.sources.tolist() == [0, 0, 1]
    assert made.received.tolist() == [0, 1, 2]
    assert made.given.tolist() == [2, 1, 0]


def test_a_link_to_oneself_is_no_vote_and_two_links_are_one() -> None:
    names = pa.array(["com.a", "com.b"])
    twice = np.array([0, 1, 1, 1], np.int32), np.array([0, 0, 0, 1], np.int32)
    made = build(Votes(names, *twice, np.array([1, 2], np.uint64)))
    assert (made.targets.tolist(), made.sources.tolist()) == ([1], [0])
    assert made.given.tolist() == [1, 0]


def test_votes_in_any_order_make_the_same_graph() -> None:
    given = votes("a > b c d", "b > c", "d > a b")
    order = np.random.default_rng(1).permutation(len(given.targets))
    mixed = build(replace(given, targets=given.targets[order], sources=given.sources[order]))
    for one, other in zip((mixed.starts, mixed.sources), (build(given).starts, build(given).sources), strict=True):
        assert np.array_equal(one, other)


def test_names_in_any_order_make_the_same_votes() -> None:
    pairs = [("com.z", "com.a"), ("com.a", "org.m"), ("org.m", "com.z"), ("com.a", "org.m")]
    one, other = votes_of(pairs), votes_of(reversed(pairs))
    assert one.names.to_pylist() == ["com.a", "com.z", "org.m"]
    assert np.array_equal(one.targets, other.targets) and np.array_equal(one.sources, other.sources)
    assert np.array_equal(one.keys, other.keys)


def test_blocks_are_whole_rows_that_cover_all_votes() -> None:
    made = build(votes("a > b c d e", "b > a c", "c > a", "e > a b"))
    blocks = list(made.blocks(at_once=2))
    assert len(blocks) > 1
    assert [block[0] for block in blocks[1:]] == [block[1] for block in blocks[:-1]]
    assert (blocks[0][2], blocks[-1][1], blocks[-1][3]) == (0, made.nodes, made.edges)


def test_many_votes_are_checked_and_counted_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    given = votes("a > b c d", "b > c", "d > a b")
    whole = build(given)
    monkeypatch.setattr(graph, "AT_ONCE", 2)
    parted = build(given)
    assert np.array_equal(whole.starts, parted.starts) and np.array_equal(whole.given, parted.given)


def test_an_empty_graph_has_no_nodes() -> None:
    empty = np.zeros(0, np.int32)
    made = build(Votes(pa.array([], pa.string()), empty, empty, np.zeros(0, np.uint64)))
    assert (made.nodes, made.edges, list(made.blocks())) == (0, 0, [])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"targets": np.array([0, 9], np.int32)}, "outside 0 to 1"),
        ({"sources": np.array([-1, 0], np.int32)}, "outside 0 to 1"),
        ({"targets": np.array([1], np.int32)}, "a vote has one of each"),
        ({"names": pa.array(["com.b", "com.a"])}, "ascending"),
        ({"names": pa.array(["com.a", "com.a"])}, "distinct"),
        ({"keys": np.zeros(1, np.uint64)}, "one value for each of the 2 domains"),
        ({"networks": np.zeros(3, np.int32)}, "one value for each of the 2 domains"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(change: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        build(replace(votes("a > b", "b > a"), **change))
