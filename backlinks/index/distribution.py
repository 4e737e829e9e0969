"""Referring domains by their authority: how many stand in each band of ten points, and how many have no score.

A domain counts as follow when one of its links is, as nofollow when some are and none is follow, else nobody knows.
Scores have two places, so a band ends one hundredth before the next one starts, and its bounds are filters of the
domains report that give exactly its rows.
"""

from dataclasses import dataclass

from . import engine, sql
from .joined import score_parameters, with_scores
from .query import LinkQuery
from .reports import pin

WIDTH, BANDS, STEP = 10, 10, 0.01
# The last band holds 100 too. A domain without a score is in band -1.
_COUNTED = f"""SELECT if(authority < 0, -1, least({BANDS - 1}, intDiv(toInt32(floor(authority)), {WIDTH}))) AS band,
    countIf(follow > 0) AS follow, countIf(follow = 0 AND nofollow > 0) AS nofollow,
    countIf(follow = 0 AND nofollow = 0) AS rel_unknown
FROM ({{rows}}) GROUP BY band"""


@dataclass(frozen=True, slots=True)
class Band:
    """Referring domains with a score from `low` to `high`, both included; -1 for those without a score."""

    low: float
    high: float
    follow: int = 0
    nofollow: int = 0
    rel_unknown: int = 0

    @property
    def domains(self) -> int:
        return self.follow + self.nofollow + self.rel_unknown

    @property
    def is_scored(self) -> bool:
        return self.low >= 0


def authority_bands(query: LinkQuery) -> list[Band]:
    """All bands from 0 to 100, then those without a score."""
    pinned = pin(query)
    rows, parameters = sql.edges(pinned)
    scored = with_scores(pinned, rows)
    counted = {
        row.pop("band"): row for row in engine.read(_COUNTED.format(rows=scored), parameters | score_parameters(pinned))
    }
    bands = [Band(WIDTH * number, _end(number), **counted.get(number, {})) for number in range(BANDS)]
    return [*bands, Band(-1, -1, **counted.get(-1, {}))]


def _end(number: int) -> float:
    last = WIDTH * (number + 1)
    return last if number == BANDS - 1 else round(last - STEP, 2)
