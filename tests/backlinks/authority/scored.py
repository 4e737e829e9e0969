"""A small web in the index: own links of a workspace, and a release of the open graph."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from django.utils import timezone

from backlinks import index
from backlinks.authority import compute
from backlinks.index import engine
from tests.backlinks.index.observed import link, observe

RELEASE = "cc-main-2026-apr-may-jun"


def rays(target: str, sources: Iterable[str], **fields: Any) -> list[dict[str, Any]]:
    """Each source links to the target with follow."""
    return [link(f"{one}/page", f"{target}/", **{"nofollow": 0, "last_seen": 320, **fields}) for one in sources]


def star(workspace: int, target: str, sources: Iterable[str], **fields: Any) -> index.Batch:
    """The rays to a target, settled."""
    return observe(workspace, rays(target, sources, **fields))


def open_graph(edges: Iterable[tuple[str, str]], ranks: Mapping[str, int] | None = None, name: str = RELEASE) -> None:
    """A release with these (linking, linked) domains."""
    pairs = list(edges)
    turned = sorted({".".join(reversed(one.split("."))) for pair in pairs for one in pair})
    ids = {".".join(reversed(one.split("."))): number for number, one in enumerate(turned)}
    batch = index.Batch(0, index.new_batch_id(), "commoncrawl", "domain_graph", name)
    at = np.array([(ranks or {}).get(".".join(reversed(one.split("."))), 0) for one in turned], float)
    columns = {
        "id": pa.array(range(len(turned)), pa.uint32()),
        "reversed": pa.array(turned),
        "hosts": pa.array([1] * len(turned), pa.uint32()),
        "harmonic": pa.array(at * 0),
        "harmonic_at": pa.array(at),
        "pagerank": pa.array(at * 0),
        "pagerank_at": pa.array(at),
    }
    sources = np.array([ids[one] for one, _ in pairs], np.uint32)
    targets = np.array([ids[other] for _, other in pairs], np.uint32)
    index.graph.begin(batch)
    index.graph.add(batch, "graph_domains", pa.table(columns), block="domains-0")
    index.graph.add_edges(batch, targets, sources, block="edges-0")
    index.graph.publish(
        batch,
        index.graph.Release(
            batch.batch, name, "domain", "whole", len(turned), len(pairs), date(2026, 4, 1), date(2026, 6, 30)
        ),
    )


def computed(workspace: int, *, days_ago: int = 0) -> index.ScoreRun:
    """Compute now, as of so many days ago; the run that is shown."""
    compute.compute(workspace, lambda _: None, moment=timezone.now() - timedelta(days=days_ago))
    return index.score_runs(workspace)[0]


def rows_of_run(run: index.ScoreRun) -> dict[str, dict[str, Any]]:
    """Every row of a run by domain, without what names the run."""
    rows = engine.read(
        """SELECT * EXCEPT (run) FROM authority
        WHERE workspace = {w:UInt32} AND run = {r:UInt64} AND version = {v:String}""",
        {"w": run.workspace, "r": run.run, "v": run.version},
    )
    return {row["domain"]: row for row in rows}
