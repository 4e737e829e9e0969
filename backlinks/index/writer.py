"""Observations enter the index here, and only here.

Decided: whatever is imported, crawled or checked is a *batch* with an id. Its blocks go into the log under a token made
of (batch, table, block), so a block that is sent twice adds nothing. A batch counts once it is complete *and* its
targets are settled; a batch that was killed half-way is invisible, and can be continued or removed. Refused: rows that
appear as they arrive, because a profile in mid-import is a wrong profile.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from seoapp.lib.checkpoint import checkpoint

from . import engine
from .derive import COMPLETE
from .settle import OPEN_DATA, settle, touched_by

LOG_TABLES = (
    "observations", "sightings", "domain_links", "vendor_counts", "crawled_pages", "internal_links", "checks",
    "mentions", "page_facts",
)  # fmt: skip
# What makes two rows of one file the same claim.
IDENTITY = {
    "observations": """link_id, kind, ifNull(anchor, ''), isNull(anchor), ifNull(alt, ''), isNull(alt), first_seen,
        last_seen, lost_at, lost_reason, nofollow, ugc, sponsored, context_left, context_right, target_url,
        source_url""",
    "sightings": "target_domain, source_key, last_seen",
    "domain_links": "target_domain, source_domain",
    "vendor_counts": "target_domain, dimension, value",
}


OF_BATCH = "workspace = {workspace:UInt32} AND batch = {batch:UInt64}"
# The newest state of a batch counts: one statement reads it and writes the next, for half of what two would cost.
NOTE_SQL = f"""INSERT INTO batches (workspace, batch, state, source, report, label, epoch)
SELECT {{workspace:UInt32}}, {{batch:UInt64}}, {{state:String}}, {{source:String}}, {{report:String}}, {{label:String}},
    argMax(epoch, version) + {{epochs:UInt32}}
FROM batches WHERE {OF_BATCH} HAVING argMax(state, version) != {{unless:String}}"""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one file, crawl or check has said. `workspace` 0 is open data."""

    workspace: int
    batch: int
    source: str
    report: str
    label: str = ""


def new_batch_id() -> int:
    return secrets.randbits(63)


def state_of(batch: Batch) -> str:
    """writing, complete or removed; "" for a batch that has not begun."""
    return _current(batch)["state"]


def begin(batch: Batch) -> None:
    """Open a batch, or go on with one; a batch that counts already goes on counting."""
    note(batch, "writing", unless="complete")


def add(batch: Batch, table: str, columns: Mapping[str, Sequence[Any]], *, block: int) -> None:
    """Append one block of columns (equal length; an omitted column is unknown) to a table of the log."""
    add_all(batch, {table: columns}, block=block)


def add_all(batch: Batch, tables: Mapping[str, Mapping[str, Sequence[Any]]], *, block: int) -> None:
    """Append a block of the same number to each of several tables."""
    epoch = _current(batch)["epoch"]
    for table, columns in tables.items():
        _append(batch, table, columns, f"{batch.workspace}-{batch.batch}-{epoch}-{table}-{block}")


def _append(batch: Batch, table: str, columns: Mapping[str, Sequence[Any]], token: str) -> None:
    if table not in LOG_TABLES:
        raise ValueError(f"{table} is not a table of the log")
    length = len(next(iter(columns.values()), ()))
    if not length:
        return
    stamped = {
        "workspace": [batch.workspace] * length,
        "batch": [batch.batch] * length,
        "source": [batch.source] * length,
        "report": [batch.report] * length,
    }
    engine.insert(table, {**stamped, **columns}, token=token)


def complete(batch: Batch) -> list[str]:
    """Count the batch in and settle what it touched; returns the settled target domains."""
    note(batch, "complete")
    checkpoint("batch complete")
    targets = touched_by(batch.workspace, batch.batch)
    settle(batch.workspace, targets)
    return targets


def remove(batch: Batch) -> list[str]:
    """Take a batch out of the log and settle what it touched; links known from elsewhere stay."""
    targets = touched_by(batch.workspace, batch.batch)
    note(batch, "removed")
    settle(batch.workspace, targets)
    discard(batch)
    return targets


def discard(batch: Batch) -> None:
    """Delete the rows of a batch that does not count (removed, or rolled back before it was complete).

    The index remembers the tokens of deleted blocks; the next epoch gives the same blocks new ones.
    """
    note(batch, "removed", epochs=1)
    for table in LOG_TABLES:
        engine.delete(
            table,
            "workspace = {workspace:UInt32} AND batch = {batch:UInt64}",
            {"workspace": batch.workspace, "batch": batch.batch},
        )


def _current(batch: Batch) -> dict[str, Any]:
    """The batch's state ("" before it has begun) and epoch."""
    return engine.read(
        """SELECT argMax(state, version) AS state, argMax(epoch, version) AS epoch FROM batches
        WHERE workspace = {workspace:UInt32} AND batch = {batch:UInt64}""",
        {"workspace": batch.workspace, "batch": batch.batch},
    )[0]


def distinct_rows(batch: Batch) -> dict[str, int]:
    """Rows of the file that only repeat what it has said before, by table of the log."""
    counts = {}
    for table, identity in IDENTITY.items():
        distinct = f"uniqExact(cityHash64({identity}))"
        found = f"SELECT count() AS n, {distinct} AS distinct FROM {table} WHERE {OF_BATCH}"
        if table == "domain_links":  # one row of a comparison gives a link for each site
            found = f"""SELECT (SELECT uniqExact(row) FROM {table} WHERE {OF_BATCH}) AS n, uniqExact(first) AS distinct
                FROM (SELECT min(row) AS first FROM {table} WHERE {OF_BATCH} GROUP BY {identity})"""
        row = engine.read(found, {"workspace": batch.workspace, "batch": batch.batch})[0]
        counts[table] = row["n"] - row["distinct"]
    return counts


def known_only_to(*batches: Batch) -> int:
    """How many links of the workspace no batch but these (of one workspace) knows."""
    workspace = batches[0].workspace
    row = engine.read(
        f"""SELECT count() AS n FROM (
            SELECT link_id FROM observations WHERE workspace IN {{scope:Array(UInt32)}}
                AND target_domain IN (SELECT target_domain FROM observations
                    WHERE workspace = {{workspace:UInt32}} AND batch IN {{batches:Array(UInt64)}}) AND {COMPLETE}
            GROUP BY target_domain, link_id HAVING min(batch IN {{batches:Array(UInt64)}}) = 1)""",
        {
            "workspace": workspace,
            "batches": [one.batch for one in batches],
            "scope": sorted({OPEN_DATA, workspace}),
            "generation": 2**63,
        },
    )[0]
    return row["n"]


def note(batch: Batch, state: str, *, epochs: int = 0, unless: str = "-") -> None:
    """The batch is in this state from now on, so many epochs later; it stays as it is where its state is `unless`."""
    engine.write(NOTE_SQL, asdict(batch) | {"state": state, "epochs": epochs, "unless": unless})
