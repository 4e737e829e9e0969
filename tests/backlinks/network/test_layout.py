"""Positions and groups: inside the circle, tiers outward, the same every time and in every process."""

import math
import os
import subprocess
import sys

import pytest

from backlinks.network import layout
from backlinks.network.choose import Node

SCRIPT = """
from backlinks.network import layout
from tests.backlinks.network.test_layout import many
nodes, links = many(60)
graph = layout.graph_of(nodes, links)
groups = layout.groups_of(nodes, graph)
print(layout.place(nodes, graph, groups), sorted(groups.of.items()))
"""


def many(first: int, below: int = 3) -> tuple[list[Node], list[tuple[str, str]]]:
    """A target, so many first-tier domains, some below each; links also between branches."""
    nodes = [Node("t.example", 0, "")]
    nodes += [Node(f"a{n}.example", 1, "t.example") for n in range(first)]
    nodes += [Node(f"b{n}-{m}.example", 2, f"a{n}.example") for n in range(first) for m in range(below)]
    across = [(f"b{n}-0.example", f"a{(n * 7 + 3) % first}.example") for n in range(first)]
    return nodes, [*((one.domain, one.parent) for one in nodes[1:]), *across]


def placed(nodes: list[Node], links: list[tuple[str, str]]) -> list[layout.Point]:
    graph = layout.graph_of(nodes, links)
    return layout.place(nodes, graph, layout.groups_of(nodes, graph))


@pytest.mark.parametrize("first", [1, 2, 12, 300])
def test_tiers_stand_outward_and_nobody_on_anothers_place(first: int) -> None:
    nodes, links = many(first)
    points = placed(nodes, links)
    reach = {
        tier: [math.hypot(*at) for one, at in zip(nodes, points, strict=True) if one.tier == tier] for tier in (1, 2)
    }
    assert points[0] == (0.0, 0.0)
    assert max(reach[1]) < min(reach[2]) <= max(reach[2]) <= 1.0001
    assert len(set(points)) == len(points)


def test_the_whole_circle_is_used() -> None:
    nodes, links = many(12)
    angles = sorted(math.atan2(y, x) for (x, y), one in zip(placed(nodes, links), nodes, strict=True) if one.tier == 1)
    gaps = [after - before for before, after in zip(angles, [*angles[1:], angles[0] + 2 * math.pi], strict=True)]
    assert max(gaps) == pytest.approx(2 * math.pi / 12, abs=0.01)


def test_a_target_alone_and_a_single_domain() -> None:
    assert placed([Node("t.example", 0, "")], []) == [(0.0, 0.0)]
    assert len(placed([Node("t.example", 0, ""), Node("a.example", 1, "t.example")], [("a.example", "t.example")])) == 2


def test_the_same_in_every_process() -> None:
    """Hashes of texts differ from process to process; the picture does not."""
    said = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(said) == 1
    assert "b59-2.example" in next(iter(said))


def test_groups_leave_the_target_out() -> None:
    nodes = [Node("t.example", 0, ""), *(Node(f"a{n}.example", 1, "t.example") for n in range(12))]
    rings = [
        (f"a{n}.example", f"a{m}.example") for half in (0, 6) for n in range(half, half + 6) for m in range(half, n)
    ]
    links = [*rings, *((one.domain, "t.example") for one in nodes[1:])]
    groups = layout.groups_of(nodes, layout.graph_of(nodes, links))
    assert sorted(groups.of.values()) == [0] * 6 + [1] * 6
    assert set(groups.sizes.values()) == {6}
    assert "t.example" not in groups.of
