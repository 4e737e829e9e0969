"""Referring domains by their authority: how many stand in each band of ten points, and how many have no score.

A domain counts as follow when one of its links is, as nofollow when some are and none is follow, else nobody knows.
Scores have two places, so a band ends one hundredth before the next one starts, and its bounds are filters of the
domains report that give exactly its rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from . import kept, sql
from .pins import pin
from .query import LinkQuery

WIDTH, BANDS, STEP = 10, 10, 0.01
# Rows and scores are brought together by grouping, which costs a third of a join. Domains are told apart by a 64-bit
# hash, as where they are counted. Of several scores of a domain the workspace's own is taken. The last band holds 100
# too; a domain without a score is in band -1.
_SCORED = """SELECT max(follow) AS follow, max(nofollow) AS nofollow,
    if(countIf(scored) = 0, -1, argMaxIf(score, workspace, scored)) AS authority FROM (
        SELECT cityHash64(source_domain) AS name, follow, nofollow, toUInt32(0) AS workspace, toFloat64(0) AS score,
            false AS scored FROM ({rows})
        UNION ALL
        SELECT cityHash64(domain), toUInt64(0), toUInt64(0), workspace, score, true FROM authority
        WHERE (workspace, run, version) IN {{scores:Array(Tuple(UInt32, UInt64, String))}}
            AND domain IN (SELECT source_domain FROM ({rows})))
    GROUP BY name"""
_COUNTED = f"""SELECT if(authority < 0, -1, least({BANDS - 1}, intDiv(toInt32(floor(authority)), {WIDTH}))) AS band,
    countIf(follow > 0) AS follow, countIf(follow = 0 AND nofollow > 0) AS nofollow,
    countIf(follow = 0 AND nofollow = 0) AS rel_unknown
FROM ({_SCORED}) GROUP BY band"""


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
    """All bands from 0 to 100, then those without a score; all of them where nothing was computed."""
    return bands_of(kept.read(*bands_statement(pin(query))))


def bands_statement(pinned: LinkQuery) -> sql.Statement:
    """The rows that `bands_of` reads."""
    rows, parameters = sql.edges(pinned)
    return _COUNTED.format(rows=rows), parameters | {"scores": list(pinned.scores)}


def bands_of(rows: Iterable[dict[str, Any]]) -> list[Band]:
    counted = {row.pop("band"): row for row in rows}
    bands = [Band(WIDTH * number, _end(number), **counted.get(number, {})) for number in range(BANDS)]
    return [*bands, Band(-1, -1, **counted.get(-1, {}))]


def _end(number: int) -> float:
    last = WIDTH * (number + 1)
    return last if number == BANDS - 1 else round(last - STEP, 2)
