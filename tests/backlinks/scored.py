"""Scores and a domain graph in the index, as a computation and an import would leave them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from backlinks import index

RELEASE = "cc-main-2026-jul-aug-sep"
ROW: dict[str, Any] = {
    "score": 50.0, "confidence": 0.85, "pagerank": 0.001, "harmonic": 1000.0, "trust": 0.001, "bad_share": 0.0,
    "subnets": 12, "popularity_rank": 0.0, "popularity_list": "", "popularity_day": date(1970, 1, 1), "visits": -1.0,
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


def add_graph(edges: Sequence[tuple[str, str]], *, release: str = RELEASE) -> index.graph.Release:
    """A release that counts; edges are (linking domain, linked domain)."""
    names = sorted({index.graph.turned(name) for edge in edges for name in edge})
    ids = {name: number for number, name in enumerate(names)}
    batch = index.Batch(0, index.new_batch_id(), "commoncrawl", "webgraph", release)
    index.begin(batch)
    zeros = pa.array([0.0] * len(names), pa.float64())
    ranks = dict.fromkeys(("harmonic", "harmonic_at", "pagerank", "pagerank_at"), zeros)
    columns = {"id": pa.array(range(len(names)), pa.uint32()), "reversed": pa.array(names)}
    hosts = {"hosts": pa.array([1] * len(names), pa.uint32())}
    index.graph.add(batch, "graph_domains", pa.table(columns | hosts | ranks), block="0")
    targets, sources = (np.array([ids[index.graph.turned(edge[side])] for edge in edges], np.uint32) for side in (1, 0))
    index.graph.add_edges(batch, targets, sources, block="0")
    first, last = date(2026, 7, 1), date(2026, 9, 30)
    made = index.graph.Release(batch.batch, release, "domain", "whole", len(names), len(edges), first, last)
    index.graph.publish(batch, made)
    return made
