"""Scores in the index, as computations would leave them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from backlinks import index
from tests.backlinks.authority.scored import RELEASE

ROW: dict[str, Any] = {
    "score": 50.0, "confidence": 0.85, "pagerank": 0.001, "harmonic": 1000.0, "trust": 0.001, "bad_share": 0.0,
    "subnets": 12, "popularity_rank": 0.0, "visits": -1.0, "hops": -1,
    "pagerank_at": 10.0, "harmonic_at": 12.0, "trust_at": 9.0, "votes": 20, "linked_domains": 5, "passes": 0.0002,
    "parts": [60.0, 55.0, 50.0, 40.0, -1.0], "penalties": [-1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
}  # fmt: skip


def add_run(
    *,
    scores: Mapping[str, float | Mapping[str, Any]],
    workspace: int = 0,
    run: int = 1,
    version: str = "A1",
    release: str = RELEASE,
    day: date = date(2026, 10, 1),
    facts: dict[str, Any] | None = None,
) -> index.ScoreRun:
    """A published computation; a domain has a score, or any columns of its row."""
    rows = [ROW | ({"score": one} if isinstance(one, float | int) else dict(one)) for one in scores.values()]
    columns: dict[str, Sequence[Any]] = {"domain": list(scores)} | {name: [row[name] for row in rows] for name in ROW}
    index.add_scores(workspace, run, version, columns)
    points = dict.fromkeys(index.PARTS, 10.0)
    days = [{"domain": name, "score": row["score"], "parts": points} for name, row in zip(scores, rows, strict=True)]
    index.add_score_days(workspace, run, version, day, days)
    moment = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    made = index.ScoreRun(workspace, run, version, release, moment, len(rows), 100, facts or {})
    index.publish_scores(made, shown=True)
    return made
