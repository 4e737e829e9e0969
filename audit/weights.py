"""What each marker weighs: numbers that a workspace may change, under a version of their own.

Decided: the first evidence of a group counts in full, each further one a share of it, and a group never more than its
cap: ten signs of one thing are one thing. Context is capped in each group and in all, so that it never makes a link
toxic. The starting values are ours; a workspace's own are kept beside them, and scores say by which they were made.
Refused: learned weights that nobody has accepted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .markers import MARKERS
from .markers.marker import BECOMES, CONTEXT, EVIDENCE, KNOCK_OUT

VERSION = "M1"
START = {KNOCK_OUT: 70.0, EVIDENCE: 25.0, CONTEXT: 4.0, BECOMES: 4.0}
CAPS = {"NET": 50.0, "ANC": 35.0, "PLC": 35.0, "PAG": 35.0, "DOM": 45.0, "PRO": 20.0}
FURTHER = 0.6  # 15 of 25
CONTEXT_OF_GROUP, CONTEXT_OF_ALL = 16.0, 44.0
MOST_POINTS = 100.0


@dataclass(frozen=True, slots=True)
class Weights:
    """`points` of markers that differ from the start (0: off), `caps` of groups, `counts_nofollow`: whether links that
    pass nothing on may be toxic all the same."""

    version: str = VERSION
    points: Mapping[str, float] = field(default_factory=dict)
    caps: Mapping[str, float] = field(default_factory=dict)
    further: float = FURTHER
    context_of_group: float = CONTEXT_OF_GROUP
    context_of_all: float = CONTEXT_OF_ALL
    counts_nofollow: bool = False

    def of(self, marker_id: str) -> float:
        """Points of the first of a group; those of trust are below 0."""
        if marker_id in self.points:
            return self.points[marker_id]
        return STARTS[marker_id]

    def as_evidence(self, marker_id: str) -> float:
        """Points of context that has become evidence, as far as it was not switched off."""
        own = self.of(marker_id)
        return max(own, START[EVIDENCE]) if own else 0.0

    def cap(self, group: str) -> float:
        return self.caps.get(group, CAPS[group])


STARTS: Mapping[str, float] = {one.id: one.points if one.points is not None else START[one.kind] for one in MARKERS}


class BadWeights(ValueError):
    """Weights that cannot be used; the message says which and why."""


def read(version: str, data: Mapping[str, Any]) -> Weights:
    """Weights as they are kept: {points: {id: n}, caps: {group: n}, further, counts_nofollow}. Raises BadWeights."""
    points = {str(name): _number(name, value) for name, value in dict(data.get("points", {})).items()}
    for name, value in points.items():
        if name not in STARTS:
            raise BadWeights(f"{name} is no marker.")
        if (value > 0) != (STARTS[name] > 0) and value:
            raise BadWeights(f"{name} must {'add to' if STARTS[name] > 0 else 'take from'} the risk.")
    caps = {str(name): _number(name, value) for name, value in dict(data.get("caps", {})).items()}
    for name, value in caps.items():
        if name not in CAPS or value < 0:
            raise BadWeights(f"{name} is no group with a cap." if name not in CAPS else f"{name}: a cap is 0 or more.")
    further = _number("further", data.get("further", FURTHER))
    if not 0 <= further <= 1:
        raise BadWeights("What further evidence counts is a share from 0 to 1.")
    return Weights(version, points, caps, further, counts_nofollow=bool(data.get("counts_nofollow", False)))


def _number(name: object, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MOST_POINTS:
        raise BadWeights(f"{name}: {str(value)[:40]!r} is no number from -100 to 100.")
    return float(value)
