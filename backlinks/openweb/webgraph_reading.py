"""The files of a release, block by block, into the index; what was read is remembered, so that a killed run goes on.

Decided: a block is in the index, by count, before it is noted as read; its rows carry a token made of its file and
number, so a block that is sent twice adds nothing. While a block is parsed, the next one is unpacked and the one
before is sent. Lines that are refused are results, up to one in a hundred of a block: more of them is a wrong or a
broken file, and the run ends there. (A few lines that cannot be read, or names that are none, are let through in a
short file; an id beyond the vertices is not.) Refused: going on with the number of a line, because only whole blocks
are known to be there.
"""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from backlinks import index
from backlinks.index import graph
from projects import runs
from seoapp.lib.checkpoint import checkpoint

from . import webgraph_rows as rows_of
from .holdings import Refusals
from .models import OpenImport
from .webgraph_files import Found, Source, check_shape
from .webgraph_ids import NONE, Numbers
from .webgraph_rows import Parsed, Refusal
from .webgraph_text import Block, CutShort, Unreadable, blocks, first_block

FEW = 20  # refused lines of a block that never end a run
SHARE = 100  # of so many lines of a block, one may be refused
COUNTS = ("rows", "kept", "refused", "inside", "nameless", "outside", "repeated")
TABLES = {"vertices": "graph_names", "ranks": "graph_ranks", "edges": "graph_edges"}
State = dict[str, Any]
Send = Callable[[], None]


@dataclass(slots=True)
class Reading:
    """A release on its way in. `past` bytes of files were read before the one that is being read."""

    made: OpenImport
    claimed: runs.Claimed
    found: Found
    batch: index.Batch
    refusals: Refusals
    past: int = 0
    lines: int = 0  # of all vertices
    numbers: Numbers = field(default_factory=lambda: Numbers([]))
    near: np.ndarray | None = None

    @property
    def is_folded(self) -> bool:
        return self.found.level == "host"

    def state_of(self, source: Source) -> State:
        return self.made.progress.get("files", {}).get(source.key, {})

    def states(self, *kinds: str) -> Iterator[State]:
        return (self.state_of(source) for source in self.found.files if source.kind in kinds)

    def sum_of(self, name: str, *kinds: str) -> int:
        return sum(state.get(name, 0) for state in self.states(*kinds))


# --- What was read before -----------------------------------------------------------------------------------------
def is_same(found: Found, progress: dict[str, Any]) -> bool:
    """Whether the files are those that an earlier run has begun with; a file may have grown that was cut short."""
    known = progress.get("files", {})
    if set(known) - {source.key for source in found.files}:
        return False
    return all(_goes_on(source, known[source.key]) for source in found.files if source.key in known)


def _goes_on(source: Source, state: State) -> bool:
    if source.size < state["size"] or (state["whole"] and source.size != state["size"]):
        return False
    return _digest(first_block(source.path)) == state["head"]


def _digest(block: Block) -> str:
    return hashlib.sha256(block.data).hexdigest()


def read_vertices(reading: Reading) -> None:
    """All names into the scratch table; then it is known how many there are."""
    for source in reading.found.of("vertices"):
        _read_file(reading, source, _vertices)
        reading.lines += reading.made.progress["files"][source.key]["rows"]
    _check_count(reading, "vertices")
    if not reading.sum_of("kept", "vertices"):
        raise Unreadable("The vertices hold no name that can be used: download them again.")


def read_ranks(reading: Reading) -> None:
    for source in reading.found.of("ranks"):
        _read_file(reading, source, _ranks)


def read_edges(reading: Reading) -> None:
    for source in reading.found.of("edges"):
        _read_file(reading, source, _edges)
    _check_count(reading, "edges")


def _check_count(reading: Reading, kind: str) -> None:
    """The release's own number of lines, where it lies beside the files."""
    stated, read = reading.found.stated.get(kind), reading.sum_of("rows", kind)
    if stated is not None and stated != read:
        raise Unreadable(
            f"The {kind} have {read:,} lines, and the .properties of {reading.found.release} say {stated:,}: a file is "
            "cut short or of another release. Download it again."
        )


def _read_file(reading: Reading, source: Source, take: Callable[[Reading, Source, Block, State], Send]) -> None:
    """Read what was not read yet of a file."""
    state: State = reading.made.progress.setdefault("files", {}).get(source.key) or _fresh()
    if not state["whole"]:
        check_shape(source)
        with ThreadPoolExecutor(1) as sender:
            _read_blocks(reading, source, state, take, sender)
    reading.past += source.size
    reading.claimed.step(done=reading.past, total=reading.found.size())


def _fresh() -> State:
    return {"blocks": 0, "whole": False, "head": "", "size": 0, "lines": 0, **dict.fromkeys(COUNTS, 0)}


def _read_blocks(
    reading: Reading,
    source: Source,
    state: State,
    take: Callable[[Reading, Source, Block, State], Send],
    sender: ThreadPoolExecutor,
) -> None:
    """One block behind: a block is noted as read when it is in the index."""
    waiting: tuple[Future[None], State, list[dict[str, Any]]] | None = None
    try:
        for block in blocks(source.path):
            if block.number >= state["blocks"]:
                state = dict(state)
                send = take(reading, source, block, state)
                state |= {"blocks": block.number + 1, "whole": block.is_last, "size": source.size}
                if block.number == 0:
                    state["head"] = _digest(block)
                sent, waiting = waiting, None
                _note(reading, source, sent)
                waiting = (sender.submit(send), state, list(reading.refusals.shown))
            reading.claimed.step(done=reading.past + block.read, total=reading.found.size())
    except CutShort as error:
        raise CutShort(f"{error} It has read {state['lines']:,} lines of this file.") from error
    finally:
        _note(reading, source, waiting)


def _note(reading: Reading, source: Source, sent: tuple[Future[None], State, list[dict[str, Any]]] | None) -> None:
    if sent is None:
        return
    future, state, shown = sent
    future.result()
    before = reading.sum_of("kept", source.kind) - reading.state_of(source).get("kept", 0)
    graph.check_held(reading.batch, TABLES[source.kind], before + state["kept"])
    checkpoint(f"webgraph {source.kind} sent")
    reading.made.progress["files"][source.key] = state
    reading.made.progress["shown"] = shown
    reading.made.save(update_fields=["progress"])
    checkpoint(f"webgraph {source.kind} block")


# --- One block ----------------------------------------------------------------------------------------------------
def _columns(names: tuple[str, ...], block: Block, state: State) -> tuple[tuple[str, ...], bytes]:
    """(columns of the file, the block's lines without a header)."""
    data = block.data
    if data.startswith(b"#") and block.number == 0:
        data = data.partition(b"\n")[2]
        state["lines"] += 1
    if "columns" not in state:
        state["columns"] = len(rows_of.columns_of(names, data))
    return names[: state["columns"]], data


def _vertices(reading: Reading, source: Source, block: Block, state: State) -> Send:
    names, data = _columns(rows_of.VERTEX, block, state)
    parsed = rows_of.parse(data, names)
    _check_ids(reading, source, parsed, state)
    (rows_of.name_hosts if reading.is_folded else rows_of.name_domains)(parsed)
    _refuse(reading, source, parsed, state)
    table = parsed.columns
    state["distinct"] = state.get("distinct", True) and _ascends(table["reversed"], state.get("last", ""))
    state["last"] = table["reversed"][-1].as_py() if table.num_rows else state.get("last", "")
    if "hosts" not in table.column_names:
        table = table.append_column("hosts", pa.array(np.zeros(table.num_rows, np.uint32)))
    return _adding(reading, source, block, "graph_names", table.select(["id", "reversed", "host", "hosts"]))


def _check_ids(reading: Reading, source: Source, parsed: Parsed, state: State) -> None:
    """An id is the number of its line, over all files of vertices."""
    first = reading.lines + state["rows"]
    ids, rows = parsed.columns["id"].to_numpy(), parsed.columns["row"].to_numpy()
    wrong = np.flatnonzero(ids != rows + np.int64(first))
    if len(wrong):
        at = wrong[0]
        raise Unreadable(
            f"{source.key}, line {state['lines'] + rows[at] + 1:,}: the id is {ids[at]:,} where {first + rows[at]:,} "
            "is expected. Vertices must be whole and in the order of their ids: download the file again."
        )


def _ascends(names: pa.ChunkedArray, before: str) -> bool:
    """Whether each name is greater than the one before it: then none stands there twice."""
    if not len(names):
        return True
    rises = pc.all(pc.greater(names[1:], names[:-1]), min_count=0).as_py() if len(names) > 1 else True
    return bool(rises) and names[0].as_py() > before


def _ranks(reading: Reading, source: Source, block: Block, state: State) -> Send:
    names, data = _columns(rows_of.RANK, block, state)
    parsed = rows_of.parse(data, names)
    _keep_known(reading, parsed)
    (rows_of.name_hosts if reading.is_folded else rows_of.name_domains)(parsed)
    _refuse(reading, source, parsed, state)
    wanted = ["reversed", "harmonic", "harmonic_at", "pagerank", "pagerank_at"]
    return _adding(reading, source, block, "graph_ranks", parsed.columns.select(wanted))


def _keep_known(reading: Reading, parsed: Parsed) -> None:
    """Positions run from 1 to the number of vertices, and values are numbers."""
    for name in ("harmonic_at", "pagerank_at", "harmonic", "pagerank"):
        cells, rows = parsed.columns[name].to_numpy(), parsed.columns["row"].to_numpy()
        good = (cells >= 1) & (cells <= reading.lines) if name.endswith("_at") else np.isfinite(cells)
        reason = f"not a position from 1 to {reading.lines:,}" if name.endswith("_at") else "not a number"
        parsed.refused.extend(Refusal(int(rows[at]), name, reason, str(cells[at])) for at in np.flatnonzero(~good))
        parsed.keep(good)


def _adding(reading: Reading, source: Source, block: Block, table: str, columns: pa.Table) -> Send:
    return lambda: graph.add(reading.batch, table, columns, block=f"{source.key}-{block.number}")


def _edges(reading: Reading, source: Source, block: Block, state: State) -> Send:
    names, data = _columns(rows_of.EDGE, block, state)
    parsed = rows_of.parse(data, names)
    _keep_in_range(reading, source, parsed, state)
    _refuse(reading, source, parsed, state, kept=False)
    sources, targets = (parsed.columns[name].to_numpy() for name in names)
    state["distinct"] = state.get("distinct", True) and _is_rising(sources, targets, state)
    sources, targets = _between_domains(reading, sources, targets, state)
    state["kept"] += len(sources)
    return lambda: graph.add_edges(reading.batch, targets, sources, block=f"{source.key}-{block.number}")


def _keep_in_range(reading: Reading, source: Source, parsed: Parsed, state: State) -> None:
    """Ids beyond the vertices are refused; the run ends when they are many, even in a short file."""
    beyond = 0
    for name in rows_of.EDGE:
        cells = parsed.columns[name].to_numpy()
        wrong = np.flatnonzero(cells >= reading.lines)
        if not len(wrong):
            continue
        rows = parsed.columns["row"].to_numpy()
        reason = f"no such vertex: ids run from 0 to {reading.lines - 1:,}"
        parsed.refused.extend(Refusal(int(rows[at]), name, reason, str(cells[at])) for at in wrong)
        beyond += len(wrong)
        parsed.keep(cells < reading.lines)
    if beyond * SHARE > parsed.rows:
        first = parsed.refused[-beyond]
        raise Unreadable(
            f"{source.key}: {beyond:,} of {parsed.rows:,} lines from line {state['lines'] + 1:,} on name a vertex that "
            f"is not there (line {state['lines'] + first.row + 1:,}: {first.column} {first.value}, ids run from 0 to "
            f"{reading.lines - 1:,}). Vertices and edges must be whole and of one release."
        )


def _is_rising(sources: np.ndarray, targets: np.ndarray, state: State) -> bool:
    """Whether the edges of the file stand in strict order: then none is there twice."""
    keys = sources.astype(np.uint64) << np.uint64(32) | targets
    before, state["last"] = state.get("last", -1), int(keys[-1]) if len(keys) else state.get("last", -1)
    return not len(keys) or (int(keys[0]) > before and bool((keys[1:] > keys[:-1]).all()))


def _between_domains(
    reading: Reading, sources: np.ndarray, targets: np.ndarray, state: State
) -> tuple[np.ndarray, np.ndarray]:
    """Edges by the ids of their domains; those that are none, or that nobody wants, are counted and left out."""
    sources, targets = reading.numbers.of(sources), reading.numbers.of(targets)
    named = (sources != NONE) & (targets != NONE)
    between = named & (sources != targets)
    state["nameless"] += int((~named).sum())
    state["inside"] += int((named & ~between).sum())
    if reading.near is not None:
        near = np.zeros(len(sources), bool)
        near[between] = reading.near[sources[between]] | reading.near[targets[between]]
        state["outside"] += int((between & ~near).sum())
        between = near
    if not between.all():
        sources, targets = sources[between], targets[between]
    if reading.is_folded:
        count = len(sources)
        sources, targets = _once(sources, targets)
        state["repeated"] += count - len(sources)
    return sources, targets


def _once(sources: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hosts of one domain say the same edge many times, near each other: a block says it once."""
    keys = np.unique(targets.astype(np.uint64) << np.uint64(32) | sources)
    return (keys & np.uint64(2**32 - 1)).astype(np.uint32), (keys >> np.uint64(32)).astype(np.uint32)


def _refuse(reading: Reading, source: Source, parsed: Parsed, state: State, *, kept: bool = True) -> None:
    """Count a block and note its refused lines; the run ends when they are too many for a right file."""
    lines = state["lines"]
    if len(parsed.refused) > max(FEW, parsed.rows // SHARE):
        first = parsed.refused[0]
        raise Unreadable(
            f"{source.key}: {len(parsed.refused):,} of {parsed.rows:,} lines from line {lines + 1:,} on cannot be read "
            f"as {source.kind} (line {lines + first.row + 1:,}: {first.reason}: {first.value[:80]!r}). Is it the right "
            "file?"
        )
    for one in sorted(parsed.refused, key=lambda one: one.row):
        reading.refusals.add(lines + one.row + 1, one.reason, one.value, column=one.column, file=source.key)
    state["rows"] += parsed.rows
    state["lines"] += parsed.rows
    state["refused"] += len(parsed.refused)
    state["kept"] += parsed.columns.num_rows if kept else 0
