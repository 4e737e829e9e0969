"""A release as the index keeps it: slices, numbers, what is visible when."""

from collections import Counter
from datetime import date
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from backlinks import index
from backlinks.index import engine, graph

pytestmark = pytest.mark.usefixtures("link_index")
NODES = 1_000_000


def brought(pairs: list[tuple[int, int]], *, publish: bool = True) -> graph.Release:
    """A release of some edges among many domains, in two blocks."""
    batch = index.Batch(0, index.new_batch_id(), "commoncrawl", "graph", "test")
    graph.begin(batch)
    names = pa.table(
        {
            "id": pa.array([0, NODES // 2, NODES - 1], pa.uint32()),
            "reversed": ["com.first", "com.middle", "org.last"],
            "hosts": pa.array([1, 2, 3], pa.uint32()),
            **{name: [0.0, 0.0, 0.0] for name in ("harmonic", "harmonic_at", "pagerank", "pagerank_at")},
        }
    )
    graph.add(batch, "graph_domains", names, block="0")
    for number, block in enumerate((pairs[::2], pairs[1::2])):
        sources, targets = (np.array([pair[end] for pair in block], np.uint32) for end in (0, 1))
        graph.add_edges(batch, targets, sources, block=str(number))
    first, last = date(2026, 4, 1), date(2026, 6, 30)
    release = graph.Release(batch.batch, "spring", "domain", "whole", 3, len(set(pairs)), first, last)
    if publish:
        graph.publish(batch, release)
    return release


def batch_of(release: graph.Release) -> index.Batch:
    return index.Batch(0, release.batch, "commoncrawl", "graph", "test")


def test_slices_are_ordered_distinct_and_never_cut_a_target() -> None:
    """Of one edge and more, of fewer than a target has, and of all."""
    dice = np.random.default_rng(7)
    targets = (NODES * dice.random(200) ** 6).astype(int)  # some have many, most have one
    pairs = [(int(source), int(target)) for source, target in zip(dice.integers(0, 40, 200), targets, strict=True)]
    release = brought([*pairs, *pairs[:50]])
    most = max(Counter(target for _, target in pairs).values()) + 50
    assert most > 60
    for rows in (3, 60, 10_000):
        tables = list(graph.edge_slices(release, rows))
        read = [(row["target"], row["source"]) for table in tables for row in table.to_pylist()]
        assert read == sorted({(target, source) for source, target in pairs})
        ends = [(table["target"][0].as_py(), table["target"][-1].as_py()) for table in tables]
        assert all(before[1] < after[0] for before, after in pairwise(ends))
        assert all(table.num_rows <= max(rows, most) for table in tables)
        assert (len(tables) == 1) is (rows == 10_000)
    assert len(list(graph.edge_slices(brought([(0, 1), (1, 1), (0, 2)]), 1))) == 2, "a target is never cut"
    assert sum(graph.count_edges(batch_of(release), repeated=True)) == release.edges


def test_domains_come_in_the_order_of_ids() -> None:
    release = brought([(0, 1)])
    tables = list(graph.domain_slices(release, 1))
    assert [row["id"] for table in tables for row in table.to_pylist()] == [0, NODES // 2, NODES - 1]
    assert graph.node_of(release, "last.org") == NODES - 1


def test_a_release_is_seen_when_it_counts_and_until_it_goes() -> None:
    release = brought([(0, 1)], publish=False)
    assert graph.current() is None
    graph.publish(batch_of(release), release)
    graph.publish(batch_of(release), release)
    assert graph.releases() == [release]
    graph.drop(batch_of(release))
    assert graph.releases() == []
    assert engine.read("SELECT count() AS n FROM graph_edges")[0]["n"] == 0


def test_a_block_that_is_sent_twice_adds_nothing() -> None:
    release = brought([(0, 1), (1, 2)])
    for _ in range(2):
        graph.add_edges(batch_of(release), np.array([1], np.uint32), np.array([0], np.uint32), block="0")
    assert engine.read("SELECT count() AS n FROM graph_edges")[0]["n"] == 2


def test_a_release_without_edges_has_no_slices() -> None:
    assert list(graph.edge_slices(brought([]), 10)) == []


def test_nothing_else_is_written() -> None:
    batch = index.Batch(0, 1, "commoncrawl", "graph", "test")
    with pytest.raises(ValueError, match="observations is no table of a release"):
        graph.add(batch, "observations", pa.table({"id": [1]}), block="0")
