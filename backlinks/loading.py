"""Reading a stored file into the index: the run kind `import`.

Decided: one streaming pass; each chunk goes to the index under a deterministic token, so a killed run simply reads
again and adds nothing twice. Reading afresh, after a failure or by another mapping, takes out first what is left of the
last reading. Rows count only after the whole file (or archive) ended well. Refused rows are written to a file of their
own, with row, column and reason. Refused: resuming in the middle of a file, because the second pass is cheap and exact.
"""

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from django.core.files import File
from django.utils import timezone

from backlinks import index
from projects import runs
from seoapp.lib import export
from seoapp.lib.checkpoint import checkpoint
from seoapp.lib.weburl import Target

from .imports import ASK, DATE_ORDER, KIND, PROBLEM_HEADER, batch_of, checked_target, parts_of
from .models import Import, RememberedMapping
from .sources import NeedsMapping, Reading, UnreadableFile, generic, open_reading
from .sources.contract import Chunk, Problem

CHUNK_ROWS = 50_000
SHOWN_ROWS, SHOWN_CELLS = 200, 50  # refused rows and unread cells that the page of an import can list
LINKS = "csv_links"
CANCELLED = "Cancelled: nothing of the file was kept."
TABLES = {
    "links": "observations",
    "internal": "observations",
    "sightings": "sightings",
    "domains": "domain_links",
    "intersect": "domain_links",
}
VENDOR_COUNTS = "vendor_counts"
# Columns of a chunk that a table of the log does not have.
DROPPED = {
    "sightings": frozenset(
        ("target_url", "target_key", "target_host", "group_count", "flags", "lost_reason", "lost_at", "anchor")
    ),
    "domain_links": frozenset(("source_host",)),
}


@dataclass(slots=True)
class Tally:
    """What one pass over a file has counted, and the first of its refused rows and of its unread cells."""

    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    undated: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    unread: list[dict[str, Any]] = field(default_factory=list)

    @property
    def shown(self) -> list[dict[str, Any]]:
        return self.refused + self.unread


def read(claimed: runs.Claimed) -> None:
    """The run kind `import`: read the file of the run into the index."""
    made = Import.objects.select_related("project", "workspace").get(pk=claimed.run.arguments["import"])
    if made.state in (Import.State.DONE, Import.State.REMOVING, Import.State.REMOVED):
        return
    made.state = Import.State.RUNNING
    made.save(update_fields=["state"])
    try:
        claimed.step()
        if any(index.state_of(batch_of(part)) == "complete" for part in parts_of(made)):
            _publish_all(parts_of(made), claimed)  # all was read: the last worker ended while it published
        else:
            _read_file(made, claimed)
    except NeedsMapping as asked:
        _ask(made, asked)
        claimed.step(line=f"{made.base_name}: {asked}")
    except UnreadableFile as error:
        give_up(made, str(error))
        claimed.step(line=f"{made.base_name}: {error}")
    except runs.Cancelled:
        give_up(made, CANCELLED)
        raise


def _ask(made: Import, asked: NeedsMapping) -> None:
    made.state = Import.State.MAPPING
    made.mapping = {
        "header": list(asked.header),
        "preview": [list(row) for row in asked.preview],
        "suggested": dict(asked.suggested),
        "fingerprint": fingerprint_of(asked.header),
        "dates": list(asked.dates)[:5],
        "told": made.mapping.get("told", {}),
    }
    made.save(update_fields=["state", "mapping"])


def fingerprint_of(header: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(cell.strip().lower() for cell in header).encode()).hexdigest()


def give_up(made: Import, reason: str) -> None:
    """Keep nothing of the file, nor of the other tables of its archive."""
    for part in reversed(parts_of(made)):
        _take_back(part)
        part.state, part.error, part.finished_at = Import.State.FAILED, reason, timezone.now()
        part.save(update_fields=["state", "error", "finished_at"])


def _take_back(part: Import) -> None:
    """What is left of an earlier reading goes; where it counted already, so that readers see it go."""
    state = index.state_of(batch_of(part))
    if state == "complete":
        index.remove(batch_of(part))
    elif state == "writing":
        index.discard(batch_of(part))


def _read_file(made: Import, claimed: runs.Claimed) -> None:
    """Every table of the file first, then they count."""
    target = checked_target(made.target) if made.target else made.project.target
    is_fresh = claimed.run.attempts <= 1  # a second attempt goes on with the blocks of the first
    with made.file.open("rb") as stream:
        readings = open_reading(
            stream,
            made.name,
            format=LINKS if made.forced_format == ASK else made.forced_format or None,
            target=target,
            mapping=lambda header: _mapping(made, header),
        )
        parts = [(made, readings[0])] + [(_member(made, reading), reading) for reading in readings[1:]]
        for part, reading in parts:
            if is_fresh:
                _take_back(part)
            _load(part, reading, target, claimed)
    _publish_all([part for part, _ in parts], claimed)


def _publish_all(parts: Sequence[Import], claimed: runs.Claimed) -> None:
    """Let every table count; the file's own row last, so that a second pass finds the rest."""
    for part in reversed(parts):
        checkpoint("import loaded")
        if part.state != Import.State.DONE:
            _publish(part, claimed)


def _mapping(made: Import, header: Sequence[str]) -> Mapping[str, str] | None:
    """What somebody said about this header: for this file, else (unless they want to be asked) for an earlier one."""
    fingerprint = fingerprint_of(header)
    told = made.mapping.get("told", {}).get(fingerprint) or made.mapping.get("columns")
    if told:
        _check_columns(told, header)
        return generic.suggest(header) | told if set(told) == {DATE_ORDER} else told
    if made.forced_format == ASK:
        return {}
    found = RememberedMapping.objects.filter(workspace=made.workspace, fingerprint=fingerprint).first()
    return found.mapping if found else None


def _check_columns(mapping: Mapping[str, str], header: Sequence[str]) -> None:
    for name, cell in mapping.items():
        if name != DATE_ORDER and cell not in header:
            known = ", ".join(header)[:300]
            raise UnreadableFile(f"There is no column {cell!r} for {name}: the columns are {known}.")


def _member(made: Import, reading: Reading) -> Import:
    """Another table of the same archive, with a row and a batch of its own."""
    found = made.members.filter(member=reading.member[:255]).first()
    if found is None:
        found = Import(archive=made, member=reading.member[:255], batch=index.new_batch_id())
    for name in ("workspace", "project", "run", "started_by", "name", "sha256", "size", "target"):
        setattr(found, name, getattr(made, name))
    found.file, found.state, found.error = made.file.name, Import.State.RUNNING, ""
    found.save()
    return found


def _load(made: Import, reading: Reading, target: Target, claimed: runs.Claimed) -> None:
    """One pass over one table: chunks into the log, refused rows into a file."""
    source = reading.source
    made.source, made.label, made.vendor, made.report = source.name, source.label, source.vendor, source.report
    made.export_date, notes = _export_day(reading)
    made.member = (reading.member or "")[:255]
    made.save()
    batch = batch_of(made)
    index.begin(batch)
    tally = Tally()
    table = TABLES.get(source.yields, VENDOR_COUNTS)
    with tempfile.NamedTemporaryFile("w+", encoding="utf-8", newline="") as refused, ThreadPoolExecutor(1) as sender:
        refused.writelines(export.csv_lines(PROBLEM_HEADER, []))
        sent: list[Future[None]] = []
        for number, chunk in enumerate(reading.chunks(CHUNK_ROWS)):
            _count(tally, chunk, refused)
            columns = _columns(chunk.columns, table, source.yields, made.export_date, target)
            tally.undated += _undated(columns) if table != VENDOR_COUNTS else 0
            if columns:
                sent.append(sender.submit(index.add, batch, table, columns, block=number))
            if len(sent) > 1:
                sent.pop(0).result()
            claimed.step(done=tally.rows, total=reading.estimated_rows or 0)
            checkpoint("import chunk")
        for waiting in sent:
            waiting.result()
        _keep_problems(made, tally, refused)
    made.rows, made.accepted, made.rejected = tally.rows, tally.accepted, tally.rejected
    made.notes = [*reading.notes, *notes, *_undated_note(tally.undated)]
    made.save()


def _export_day(reading: Reading) -> tuple[date | None, list[str]]:
    """(the export date in the file's name, what is to be said of it): one in the future is no export date."""
    day = reading.export_date
    if day is None or day <= (datetime.now(UTC) + timedelta(days=1)).date():
        return day, []
    return None, [f"The file's name says {day}, which is in the future: that date was not used."]


def _undated(columns: Mapping[str, list[Any]]) -> int:
    """Rows that nobody has dated: neither themselves nor the file's name."""
    return columns["last_seen"].count(0) if columns else 0


def _undated_note(count: int) -> list[str]:
    if not count:
        return []
    return [f"{count:,} rows have no date, and neither has the file's name: nobody knows when they were true."]


def _count(tally: Tally, chunk: Chunk, refused: Any) -> None:
    fatal = sum(1 for one in chunk.problems if one.fatal)
    tally.rows += chunk.rows
    tally.rejected += fatal
    tally.accepted += chunk.rows - fatal
    refused.writelines(export.csv_row(_problem_cells(one)) for one in chunk.problems)
    for kept, room, is_fatal in ((tally.refused, SHOWN_ROWS, True), (tally.unread, SHOWN_CELLS, False)):
        found = (one for one in chunk.problems if one.fatal is is_fatal)
        kept.extend(map(_shown, islice(found, room - len(kept))))


def _shown(one: Problem) -> dict[str, Any]:
    return {"row": one.row, "column": one.column, "reason": one.reason, "value": one.value[:200], "fatal": one.fatal}


def _problem_cells(one: Problem) -> tuple[Any, ...]:
    return (one.row, one.column, one.reason, one.value[:1000], "no" if one.fatal else "yes")


def _columns(
    columns: dict[str, list[Any]], table: str, yields: str, export_date: date | None, target: Target
) -> dict[str, list[Any]]:
    """A chunk's columns as the log's table takes them."""
    length = len(columns.get("row", ()))
    if not length:
        return {}
    kept = {name: cells for name, cells in columns.items() if name not in DROPPED.get(table, ())}
    kept["last_seen"] = _last_seen(kept, length, export_date)
    if table != "observations":
        kept.setdefault("target_domain", [target.domain] * length)
    if table == VENDOR_COUNTS:
        kept["dimension"] = [yields] * length
    return kept


def _last_seen(columns: Mapping[str, list[Any]], length: int, export_date: date | None) -> list[int]:
    """When each row was last true: its own last sight, else the day it was lost, else the export date, else unknown."""
    seen = columns.get("last_seen", [0] * length)
    if 0 not in seen:
        return seen
    moment = datetime.combine(export_date, datetime.min.time(), UTC) if export_date else None
    day = int(moment.timestamp()) if moment else 0
    return [one or gone or day for one, gone in zip(seen, columns.get("lost_at", [0] * length), strict=True)]


def _keep_problems(made: Import, tally: Tally, refused: Any) -> None:
    made.problems = tally.shown
    if made.problems_file:
        made.problems_file.delete(save=False)
    if tally.shown:
        refused.flush()
        refused.seek(0)
        with open(refused.name, "rb") as file:
            made.problems_file.save(f"{made.sha256[:16]}-{made.pk}.csv", File(file), save=False)


def _publish(made: Import, claimed: runs.Claimed) -> None:
    """Count doubles, then let the batch count."""
    batch = batch_of(made)
    doubled = sum(index.distinct_rows(batch).values())
    made.accepted -= doubled
    made.duplicates = doubled
    claimed.step(line=f"{made.rows} rows read, {made.rejected} refused; the profile is being rebuilt.")
    index.complete(batch)
    checkpoint("import published")
    made.state = Import.State.DONE
    made.finished_at = timezone.now()
    made.save()


RUN_KIND = runs.RunKind(
    name=KIND, label="Import", run=read, page="backlinks:import_of_run", transient=(index.IndexUnavailable,)
)
