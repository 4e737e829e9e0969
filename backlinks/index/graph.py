"""Releases of a domain graph in the index: who links to whom among domains, and the ranks that came with them.

The only module that touches `graph_releases`, `graph_domains`, `graph_edges` and their scratch tables.

Decided: a release counts when its row stands in `graph_releases` and its batch is complete; readers see it whole or not
at all. Numbers travel as Arrow and never become Python objects; answers are held whole, so everything is read in slices
that follow the order of the table. An edge that a file repeats is stored as often and counts once: readers drop equal
neighbours of the sorted rows, which costs nothing. An edge is "a domain links to a domain": it never becomes a link,
and one that a newer release lacks was not lost (its page was not fetched again). Refused: a join of billions of edges
with names; a table that merges doubles by itself, whose merges are slower and promise nothing to a reader.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from django.conf import settings

from . import batches, engine, kept
from .portions import portions
from .settle import OPEN_DATA
from .writer import Batch, begin

__all__ = [
    "NotHeld", "Release", "add", "add_days", "add_edges", "begin", "bounds", "check_held", "count_edges", "current",
    "domain_slices", "drop", "drop_scratch", "edge_slices", "free_bytes", "held", "ids_of", "joined", "linked_ids",
    "node_of", "nodes_of", "ordered_ids", "positions", "publish", "referring_domains", "releases",
]  # fmt: skip
SOURCE = "commoncrawl"
TABLES = ("graph_domains", "graph_edges")
SCRATCH = ("graph_names", "graph_ranks")
OF_BATCH = f"workspace = {OPEN_DATA} AND batch = {{batch:UInt64}}"
OF_RANGE = f"{OF_BATCH} AND reversed >= {{first:String}} AND ({{last:String}} = '' OR reversed < {{last:String}})"
WRITE_ERRORS = [241, 243, 252]  # no memory, no room on the disk, too many parts
BUCKETS = 65_536  # ranges of targets whose edges are counted at once
EDGE = np.dtype([("workspace", "<u4"), ("batch", "<u8"), ("target", "<u4"), ("source", "<u4")])
DAYS_AT_ONCE = 4_000_000
COUNTED_AT_ONCE = 16_000_000
RELEASES_SQL = f"""SELECT batch, release, level, part, nodes, edges, first_day, last_day FROM graph_releases FINAL
    WHERE workspace = {OPEN_DATA} AND batch IN (SELECT batch FROM batches WHERE workspace = {OPEN_DATA}
        GROUP BY batch HAVING argMax(state, version) = 'complete')
    ORDER BY last_day DESC, first_day DESC, level, part DESC, version DESC"""


@dataclass(frozen=True, slots=True)
class Release:
    """A release that counts. `nodes` domains are known; their ids may have gaps. `part`: whole or neighbourhood."""

    batch: int
    release: str
    level: str
    part: str
    nodes: int
    edges: int
    first_day: date
    last_day: date


class NotHeld(Exception):
    """The index took a block and did not keep it."""


# --- Reading ------------------------------------------------------------------------------------------------------
def releases() -> list[Release]:
    """Those that count, the newest first."""
    return [Release(**row) for row in kept.briefly(RELEASES_SQL, {})]


def current() -> Release | None:
    return next(iter(releases()), None)


def node_of(release: Release, domain: str) -> int | None:
    """The id of a domain in this release; None when it does not know the domain."""
    found = kept.briefly(
        f"SELECT id FROM graph_domains WHERE {OF_BATCH} AND reversed = {{reversed:String}} LIMIT 1",
        {"batch": release.batch, "reversed": turned(domain)},
    )
    return found[0]["id"] if found else None


def nodes_of(release: Release, domains: Sequence[str]) -> dict[str, int]:
    """Domain -> its id, of those that this release knows."""
    found: dict[str, int] = {}
    for names in portions(domains):
        rows = kept.briefly(
            f"""SELECT id, reversed FROM graph_domains WHERE {OF_BATCH} AND reversed IN {{names:Array(String)}}
            ORDER BY id""",
            {"batch": release.batch, "names": [turned(name) for name in names]},
        )
        found |= {turned(row["reversed"]): row["id"] for row in rows}
    return found


def turned(name: str) -> str:
    """example.com as com.example, and back."""
    return ".".join(reversed(name.split(".")))


def domain_slices(release: Release, rows: int) -> Iterator[pa.Table]:
    """Its domains in the order of ids, about so many rows at a time."""
    end = _end(release.batch)
    step = max(1, rows * end // max(1, release.nodes))
    for first in range(0, end, step):
        yield engine.arrow(
            f"""SELECT id, reversed, hosts, harmonic, harmonic_at, pagerank, pagerank_at FROM graph_domains
            WHERE {OF_BATCH} AND id >= {{first:UInt64}} AND id < {{last:UInt64}} ORDER BY id""",
            {"batch": release.batch, "first": first, "last": first + step},
        )


def edge_slices(release: Release, rows: int) -> Iterator[pa.Table]:
    """Its edges by target and source, each once; all of a target lie in one slice, which has about so many rows."""
    for first, last in _target_ranges(release.batch, rows):
        found = engine.arrow(
            f"""SELECT target, source FROM graph_edges
            WHERE {OF_BATCH} AND target >= {{first:UInt64}} AND target < {{last:UInt64}} ORDER BY target, source""",
            {"batch": release.batch, "first": first, "last": last},
        )
        yield _distinct(found)


def _distinct(edges: pa.Table) -> pa.Table:
    target, source = (edges[name].to_numpy() for name in ("target", "source"))
    repeats = (target[1:] == target[:-1]) & (source[1:] == source[:-1])
    return edges.filter(pa.array(np.concatenate(([True], ~repeats)))) if repeats.any() else edges


def _end(batch: int) -> int:
    """One more than the highest id that a domain or an edge has."""
    found = engine.read(
        f"""SELECT greatest((SELECT max(id) FROM graph_domains WHERE {OF_BATCH}),
            (SELECT max(target) FROM graph_edges WHERE {OF_BATCH})) AS highest""",
        {"batch": batch},
    )
    return int(found[0]["highest"]) + 1


def _target_ranges(batch: int, rows: int) -> Iterator[tuple[int, int]]:
    """Ranges of targets with about `rows` edges each, in order."""
    end = _end(batch)
    first = held = 0
    for at, count in _counted(batch, 0, end, max(1, end // BUCKETS), rows):
        if held and held + count > rows:
            yield first, at
            first, held = at, 0
        held += count
    if held:
        yield first, end


def _counted(batch: int, first: int, last: int, width: int, rows: int) -> Iterator[tuple[int, int]]:
    """(first target, edges) of each bucket of targets; one with more than `rows` is counted more finely."""
    found = engine.arrow(
        f"""SELECT intDiv(target, {{width:UInt32}}) AS bucket, count() AS n FROM graph_edges
        WHERE {OF_BATCH} AND target >= {{first:UInt64}} AND target < {{last:UInt64}}
        GROUP BY bucket ORDER BY bucket""",
        {"batch": batch, "first": first, "last": last, "width": width},
    )
    for bucket, count in zip(found["bucket"].to_pylist(), found["n"].to_pylist(), strict=True):
        if count > rows and width > 1:
            yield from _counted(batch, bucket * width, (bucket + 1) * width, max(1, width // 256), rows)
        else:
            yield max(first, bucket * width), count


# --- Writing a release --------------------------------------------------------------------------------------------
def add(batch: Batch, table: str, columns: pa.Table, *, block: str) -> None:
    """Append a block to `graph_domains` or a scratch table; the same `block` twice adds nothing."""
    if table not in ("graph_domains", *SCRATCH):
        raise ValueError(f"{table} is no table of a release")
    if not columns.num_rows:
        return
    numbers = {"workspace": (batch.workspace, pa.uint32()), "batch": (batch.batch, pa.uint64())}
    for name, (value, kind) in numbers.items():
        columns = columns.append_column(name, pa.repeat(pa.scalar(value, kind), columns.num_rows))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, columns.schema) as stream:
        stream.write_table(columns)
    with engine.client() as held:
        held.raw_insert(
            table,
            column_names=columns.column_names,
            insert_block=sink.getvalue().to_pybytes(),
            fmt="ArrowStream",
            settings=engine._settings({"insert_deduplication_token": _token(batch, table, block)}),
        )


def add_edges(batch: Batch, targets: np.ndarray, sources: np.ndarray, *, block: str) -> None:
    """Append a block of edges; the same `block` twice adds nothing."""
    if not len(targets):
        return
    rows = np.empty(len(targets), EDGE)
    rows["workspace"], rows["batch"], rows["target"], rows["source"] = batch.workspace, batch.batch, targets, sources
    engine.insert_packed("graph_edges", EDGE.names, rows.tobytes(), token=_token(batch, "graph_edges", block))


def check_held(batch: Batch, table: str, rows: int) -> None:
    """Make sure that so many rows of a batch are there. Raises `NotHeld` with the reason that the index gives.

    The embedded index answers an insert before it writes the block, and loses what then goes wrong (a full disk, no
    memory left). A server that `LINK_INDEX_URL` names says so by itself, and may show a block a moment later.
    """
    if not settings.LINK_INDEX_URL and held(batch, table) < rows:
        raise NotHeld(f"The link index did not keep all rows of {table}: {_last_error()}")


def held(batch: Batch, table: str) -> int:
    """Rows of a batch in a table."""
    if table not in (*TABLES, *SCRATCH):
        raise ValueError(f"{table} is no table of a release")
    return engine.read(f"SELECT count() AS n FROM {table} WHERE {OF_BATCH}", {"batch": batch.batch})[0]["n"]


def _last_error() -> str:
    found = engine.read(
        """SELECT name, last_error_message AS text FROM system.errors WHERE code IN {codes:Array(Int32)}
        ORDER BY last_error_time DESC LIMIT 1""",
        {"codes": WRITE_ERRORS},
    )
    return f"{found[0]['text']} ({found[0]['name']})" if found else "see index.log in its folder"


def _token(batch: Batch, table: str, block: str) -> str:
    return f"{batch.workspace}-{batch.batch}-{table}-{block}"


def publish(batch: Batch, release: Release) -> None:
    """Let a release count from now on."""
    facts = {name: [value] for name, value in asdict(release).items()}
    engine.insert("graph_releases", {"workspace": [batch.workspace], **facts})
    batches.publish(batch)


def add_days(release: Release) -> Iterator[int]:
    """Write into `domain_days` when its domains were seen; yields ids as it goes. Twice says the same."""
    for first in range(0, _end(release.batch), DAYS_AT_ONCE):
        engine.write(
            f"""INSERT INTO domain_days (workspace, domain, source, first_seen, last_seen, releases)
            SELECT workspace, arrayStringConcat(arrayReverse(splitByChar('.', reversed)), '.'), '{SOURCE}',
                {{first_day:Date}}, {{last_day:Date}}, [{{first_day:Date}}] FROM graph_domains
            WHERE {OF_BATCH} AND id >= {{first:UInt64}} AND id < {{last:UInt64}}""",
            {
                "batch": release.batch,
                "first": first,
                "last": first + DAYS_AT_ONCE,
                "first_day": release.first_day,
                "last_day": release.last_day,
            },
        )
        yield first


def drop(batch: Batch) -> None:
    """Take a release out at once, whether it counts or was never finished."""
    batches.withdraw(batch)
    for table in (*TABLES, *SCRATCH):
        engine.drop_part(table, batch.batch)
    engine.delete("graph_releases", OF_BATCH, {"batch": batch.batch})


def drop_scratch(batch: Batch) -> None:
    for table in SCRATCH:
        engine.drop_part(table, batch.batch)


# --- From line numbers to domains ---------------------------------------------------------------------------------
Range = tuple[str, str]  # names from the first (included) to the last (not included; "" is no end)


def bounds(batch: Batch, step: int) -> list[Range]:
    """Ranges of domain names that together hold all of the release, about `step` lines each."""
    found = engine.arrow(
        f"""SELECT DISTINCT reversed FROM graph_names WHERE {OF_BATCH} AND id % {{step:UInt32}} = {{step:UInt32}} - 1
        ORDER BY reversed""",
        {"batch": batch.batch, "step": step},
    )
    return list(pairwise(["", *found["reversed"].to_pylist(), ""]))


def ordered_ids(batch: Batch, part: Range) -> tuple[np.ndarray, np.ndarray]:
    """(line numbers in the order of their domains, whether each is the first of its domain)."""
    found = engine.arrow(
        f"SELECT id, cityHash64(reversed) AS name FROM graph_names WHERE {OF_RANGE} ORDER BY reversed, id",
        _range(batch, part),
    )
    ids, names = found["id"].to_numpy(), found["name"].to_numpy()
    return ids, np.concatenate(([True], names[1:] != names[:-1])) if len(ids) else np.zeros(0, bool)


def ids_of(batch: Batch, domains: Sequence[str]) -> Iterator[np.ndarray]:
    """Line numbers of these domains, some at a time."""
    for names in portions(domains):
        yield engine.arrow(
            f"SELECT id FROM graph_names WHERE {OF_BATCH} AND reversed IN {{names:Array(String)}}",
            {"batch": batch.batch, "names": [turned(name) for name in names]},
        )["id"].to_numpy()


def positions(batch: Batch, value: str, start: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """(positions from `start` to before `end`, their values) of a rank, `harmonic` or `pagerank`."""
    if value not in ("harmonic", "pagerank"):
        raise ValueError(f"{value} is no rank")
    found = engine.arrow(
        f"""SELECT {value}_at AS at, {value} AS value FROM graph_ranks
        WHERE {OF_BATCH} AND at >= {{start:UInt64}} AND at < {{end:UInt64}}""",
        {"batch": batch.batch, "start": start, "end": end},
    )
    return found["at"].to_numpy(), found["value"].to_numpy()


def joined(batch: Batch, part: Range, *, folded: bool) -> pa.Table:
    """Domains of a range in order, with their ranks as the file has them; the best of them where hosts were folded."""
    hosts = "toUInt32(uniqExact(host))" if folded else "max(hosts)"
    return engine.arrow(
        f"""SELECT id, reversed, hosts, harmonic, harmonic_at, pagerank, pagerank_at FROM (
            SELECT reversed, min(id) AS id, {hosts} AS hosts
            FROM graph_names WHERE {OF_RANGE} GROUP BY reversed) AS named
        LEFT JOIN (
            SELECT reversed, max(harmonic) AS harmonic, min(harmonic_at) AS harmonic_at,
                max(pagerank) AS pagerank, min(pagerank_at) AS pagerank_at
            FROM graph_ranks WHERE {OF_RANGE} GROUP BY reversed) AS ranked USING reversed
        ORDER BY reversed""",
        _range(batch, part),
    )


def linked_ids(batch: Batch, step: int) -> Iterator[np.ndarray]:
    """Ids that are an end of some edge, with repeats."""
    for first, last in _target_ranges(batch.batch, step):
        for end in ("target", "source"):
            yield engine.arrow(
                f"""SELECT DISTINCT {end} AS id FROM graph_edges
                WHERE {OF_BATCH} AND target >= {{first:UInt64}} AND target < {{last:UInt64}}""",
                {"batch": batch.batch, "first": first, "last": last},
            )["id"].to_numpy()


def count_edges(batch: Batch, *, repeated: bool) -> Iterator[int]:
    """How many edges it has, in portions; `repeated`: some may be there twice, and count once."""
    if not repeated:
        yield held(batch, "graph_edges")
        return
    for first, last in _target_ranges(batch.batch, COUNTED_AT_ONCE):
        yield engine.read(
            f"""SELECT count() AS n FROM (SELECT target, source FROM graph_edges
            WHERE {OF_BATCH} AND target >= {{first:UInt64}} AND target < {{last:UInt64}} GROUP BY target, source)""",
            {"batch": batch.batch, "first": first, "last": last},
        )[0]["n"]


def _range(batch: Batch, part: Range) -> dict[str, Any]:
    return {"batch": batch.batch, "first": part[0], "last": part[1]}


# --- Around it ----------------------------------------------------------------------------------------------------
def referring_domains(targets: Sequence[str]) -> Iterator[str]:
    """Domains that link to one of these domains in the profile of any workspace, with repeats."""
    sql = """SELECT DISTINCT source_domain FROM edges WHERE target_domain IN {targets:Array(String)}
        AND (workspace, target_domain, generation) IN (SELECT workspace, target_domain, max(generation)
            FROM generations WHERE target_domain IN {targets:Array(String)} GROUP BY workspace, target_domain)"""
    for names in portions(targets):
        yield from (row["source_domain"] for row in engine.stream(sql, {"targets": names}))


def free_bytes() -> int:
    """Free space of the disk of the index."""
    return int(engine.read("SELECT max(unreserved_space) AS free FROM system.disks")[0]["free"])
