"""Batches of open tables: rows that no target is settled for, so a batch counts by its own row alone.

Decided: the state of a batch stands in `batches`, as for the log; rows of a batch that does not count are read by
nobody. Blocks carry a token made of (batch, epoch, table, block): what is sent twice adds nothing, and what was deleted
may be sent again. Refused: `writer.complete`, which asks the whole log which targets a batch touches.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from . import engine
from .writer import OF_BATCH, Batch, note

CURRENT_SQL = """SELECT argMax(state, version) AS state, argMax(epoch, version) AS epoch FROM batches
    WHERE workspace = {workspace:UInt32} AND batch = {batch:UInt64}"""
# Of each source and report (a list, a kind of table) the batch that was published last.
NEWEST = """SELECT workspace, argMax(batch, since) FROM (
        SELECT workspace, batch, argMax(report, version) AS name, max(version) AS since FROM batches
        WHERE workspace IN {scope:Array(UInt32)} AND source = {source:String} GROUP BY workspace, batch
        HAVING argMax(state, version) = 'complete')
    GROUP BY workspace, name"""


def put(batch: Batch, table: str, columns: Mapping[str, Sequence[Any]], *, block: int) -> None:
    """One block of rows of a batch that has begun; the same block twice adds nothing."""
    length = len(next(iter(columns.values()), ()))
    if not length:
        return
    stamped = {"workspace": [batch.workspace] * length, "batch": [batch.batch] * length}
    token = f"{batch.workspace}-{batch.batch}-{_epoch(batch)}-{table}-{block}"
    engine.insert(table, {**stamped, **columns}, token=token)


def publish(batch: Batch) -> None:
    """Count the batch in: from now on readers take it for the newest of its source and report."""
    note(batch, "complete")


def withdraw(batch: Batch, *tables: str) -> None:
    """Take a batch out, then delete its rows; the next blocks of the same number count anew."""
    note(batch, "removed", epochs=1)
    for table in tables:
        engine.delete(table, OF_BATCH, {"workspace": batch.workspace, "batch": batch.batch})


def _epoch(batch: Batch) -> int:
    return engine.read(CURRENT_SQL, {"workspace": batch.workspace, "batch": batch.batch})[0]["epoch"]
