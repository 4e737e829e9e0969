"""How our score agrees with other ranks: Spearman's rank correlation, so that users see how one maps onto the other.

Decided: only domains that both know are compared, and their number stands beside the figure. Equal values share the
middle of their positions. Refused: a correlation of the values themselves, because every vendor bends its scale.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .graph import Floats
from .positions import middles

LEAST = 3


@dataclass(frozen=True, slots=True)
class Reference:
    """Another rank of the same domains in the same order, NaN where it has none; `best` is "high" or "low"."""

    source: str
    values: Floats
    best: str = "high"


@dataclass(frozen=True, slots=True)
class Agreement:
    """`rho` is None where fewer than three domains, or no differences, are left to compare."""

    source: str
    count: int
    rho: float | None


def agreement(score: Floats, references: Iterable[Reference]) -> list[Agreement]:
    """The rank correlation of `score` with each reference."""
    return [_of(score, one) for one in references]


def _of(score: Floats, reference: Reference) -> Agreement:
    both = ~np.isnan(score) & ~np.isnan(reference.values)
    rho = spearman(score[both], reference.values[both])
    if rho is not None and reference.best == "low":
        rho = -rho
    return Agreement(reference.source, int(both.sum()), rho)


def spearman(ones: Floats, others: Floats) -> float | None:
    """The correlation of the positions of two rows of numbers."""
    if len(ones) < LEAST:
        return None
    a, b = middles(ones), middles(others)
    a -= np.add.reduce(a) / len(a)
    b -= np.add.reduce(b) / len(b)
    spread = np.sqrt(np.add.reduce(a * a) * np.add.reduce(b * b))
    return float(np.add.reduce(a * b) / spread) if spread > 0 else None
