"""Import: a file that somebody brought becomes a batch of observations.

Decided: the same bytes are the same import, so a second upload changes nothing and says so. Reading is one streaming
pass; each chunk goes to the index under a deterministic token, so a killed run simply reads again and adds nothing
twice. Rows count only after the whole file (or archive) ended well. Refused rows are written to a file of their own,
with row, column and reason. Refused: resuming in the middle of a file, because the second pass is cheap and exact.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from backlinks import index
from projects import runs
from projects.models import Project, User
from seoapp.lib import export
from seoapp.lib.weburl import BadUrl, Target

from .models import Import, RememberedMapping
from .sources import NeedsMapping, Reading, UnreadableFile, open_reading
from .sources.contract import Chunk, Problem

CHUNK_ROWS = 50_000
SHOWN_PROBLEMS = 200
PROBLEM_HEADER = ("row", "column", "reason", "value", "kept")
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


class ImportRefused(ValueError):
    """The file cannot be taken; the message says what to do."""


@dataclass(slots=True)
class Tally:
    """What one pass over a file has counted, and its refused rows."""

    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    shown: list[dict[str, Any]] = field(default_factory=list)


# --- Receiving ----------------------------------------------------------------------------------------------------
def receive(
    *, project: Project, user: User | None, file: UploadedFile | File, name: str, format: str = "", target: str = ""
) -> tuple[Import, bool]:
    """Store a file and queue its reading; returns (import, is it new). The same bytes give the import of before."""
    if file.size > settings.IMPORT_MAX_BYTES:
        limit = settings.IMPORT_MAX_BYTES // 1024 // 1024
        raise ImportRefused(f"{name} is larger than {limit} MB: split it, or raise IMPORT_MAX_MB.")
    if target:
        checked_target(target)
    digest = _sha256(file)
    known = (
        Import.objects.filter(project=project, sha256=digest, target=target)
        .exclude(state__in=(Import.State.REMOVED, Import.State.FAILED))
        .first()
    )
    if known is not None:
        return known, False
    with transaction.atomic():
        made = Import(
            workspace=project.workspace,
            project=project,
            started_by=user,
            name=name[:255],
            sha256=digest,
            size=file.size,
            target=target,
            forced_format=format,
            batch=index.new_batch_id(),
        )
        made.file.save(f"{digest[:32]}.bin", file, save=False)
        made.save()
        start(made, user)
    return made, True


def start(made: Import, user: User | None) -> None:
    """Queue the reading of a stored file."""
    made.run = runs.start(
        kind=RUN_KIND.name,
        workspace=made.workspace,
        project=made.project,
        arguments={"import": made.pk},
        user=user,
    )
    made.state = Import.State.WAITING
    made.error = ""
    made.save()


def checked_target(text: str) -> Target:
    try:
        return Target.parse(text)
    except BadUrl as error:
        raise ImportRefused(f"The target {text!r} is no domain or URL: {error}.") from error


def _sha256(file: UploadedFile | File) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks(1024 * 1024):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def confirm_mapping(made: Import, mapping: dict[str, str], user: User | None) -> None:
    """Read the file by this mapping, and remember it for files with the same header."""
    made.mapping = {**made.mapping, "columns": mapping}
    fingerprint = made.mapping.get("fingerprint", "")
    if fingerprint:
        RememberedMapping.objects.update_or_create(
            workspace=made.workspace, fingerprint=fingerprint, defaults={"mapping": mapping}
        )
    start(made, user)


def remove(made: Import) -> None:
    """Take a file's observations out of the index; links known from elsewhere stay."""
    index.remove(_batch(made))
    made.state = Import.State.REMOVED
    made.save(update_fields=["state"])


def problems(made: Import, limit: int = SHOWN_PROBLEMS) -> list[dict[str, Any]]:
    return made.problems[:limit]


def problem_lines(made: Import) -> Iterator[str]:
    """The refused rows and unread cells of an import as CSV lines."""
    if not made.problems_file:
        yield from export.csv_lines(PROBLEM_HEADER, [])
        return
    with made.problems_file.open("r") as file:
        yield from file


# --- Reading ------------------------------------------------------------------------------------------------------
def read(claimed: runs.Claimed) -> None:
    """The run kind `import`: read the file of the run into the index."""
    made = Import.objects.select_related("project", "workspace").get(pk=claimed.run.arguments["import"])
    if made.state in (Import.State.DONE, Import.State.REMOVED):
        return
    made.state = Import.State.RUNNING
    made.save(update_fields=["state"])
    try:
        _read_file(made, claimed)
    except NeedsMapping as asked:
        made.state = Import.State.MAPPING
        made.mapping = {
            "header": list(asked.header),
            "preview": [list(row) for row in asked.preview],
            "suggested": dict(asked.suggested),
            "fingerprint": fingerprint_of(asked.header),
            "dates": list(asked.dates)[:5],
        }
        made.save(update_fields=["state", "mapping"])
        claimed.step(line=f"{made.name}: {asked}")
    except UnreadableFile as error:
        _give_up(made, str(error))
    except runs.Cancelled:
        _give_up(made, "Cancelled: nothing of the file was kept.")
        raise


def fingerprint_of(header: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(cell.strip().lower() for cell in header).encode()).hexdigest()


def _give_up(made: Import, reason: str) -> None:
    index.discard(_batch(made))
    made.state = Import.State.FAILED
    made.error = reason
    made.finished_at = timezone.now()
    made.save(update_fields=["state", "error", "finished_at"])


def _read_file(made: Import, claimed: runs.Claimed) -> None:
    target = checked_target(made.target) if made.target else made.project.target
    with made.file.open("rb") as stream:
        readings = open_reading(
            stream,
            made.name,
            format=made.forced_format or None,
            target=target,
            mapping=_mapping(made),
        )
        parts = [(made, readings[0])] + [(_sibling(made, reading), reading) for reading in readings[1:]]
        for part, reading in parts:
            _load(part, reading, target, claimed)
    for part, _ in parts:
        _publish(part, claimed)


def _mapping(made: Import) -> Callable[[Sequence[str]], dict[str, str] | None] | dict[str, str] | None:
    """The mapping somebody confirmed for this file, else one remembered for its header."""
    if "columns" in made.mapping:
        return made.mapping["columns"]

    def remembered(header: Sequence[str]) -> dict[str, str] | None:
        found = RememberedMapping.objects.filter(workspace=made.workspace, fingerprint=fingerprint_of(header)).first()
        return found.mapping if found else None

    return remembered


def _sibling(made: Import, reading: Reading) -> Import:
    """Another table of the same archive, with a row and a batch of its own."""
    found = Import.objects.filter(run=made.run, member=reading.member).first()
    if found is not None:
        return found
    return Import.objects.create(
        workspace=made.workspace,
        project=made.project,
        run=made.run,
        started_by=made.started_by,
        name=made.name,
        member=reading.member[:255],
        file=made.file.name,
        sha256=made.sha256,
        size=made.size,
        target=made.target or "",
        state=Import.State.RUNNING,
        batch=index.new_batch_id(),
    )


def _batch(made: Import) -> index.Batch:
    return index.Batch(made.workspace_id, made.batch, made.vendor, made.report, made.name)


def _load(made: Import, reading: Reading, target: Target, claimed: runs.Claimed) -> None:
    """One pass over one table: chunks into the log, refused rows into a file."""
    source = reading.source
    made.source, made.label, made.vendor, made.report = source.name, source.label, source.vendor, source.report
    made.export_date = reading.export_date
    made.member = (reading.member or "")[:255]
    made.save()
    batch = _batch(made)
    index.begin(batch)
    tally = Tally()
    table = TABLES.get(source.yields, VENDOR_COUNTS)
    with tempfile.NamedTemporaryFile("w+", encoding="utf-8", newline="") as refused, ThreadPoolExecutor(1) as sender:
        refused.writelines(export.csv_lines(PROBLEM_HEADER, []))
        sent: list[Future[None]] = []
        for number, chunk in enumerate(reading.chunks(CHUNK_ROWS)):
            _count(tally, chunk, refused)
            columns = _columns(chunk.columns, table, source.yields, reading.export_date, target)
            if columns:
                sent.append(sender.submit(index.add, batch, table, columns, block=number))
            if len(sent) > 1:
                sent.pop(0).result()
            claimed.step(done=tally.rows, total=reading.estimated_rows or 0)
        for waiting in sent:
            waiting.result()
        _keep_problems(made, tally, refused)
    made.rows, made.accepted, made.rejected = tally.rows, tally.accepted, tally.rejected
    made.notes = list(reading.notes)
    made.save()


def _count(tally: Tally, chunk: Chunk, refused: Any) -> None:
    fatal = sum(1 for one in chunk.problems if one.fatal)
    tally.rows += chunk.rows
    tally.rejected += fatal
    tally.accepted += chunk.rows - fatal
    refused.writelines(export.csv_row(_problem_cells(one)) for one in chunk.problems)
    room = SHOWN_PROBLEMS - len(tally.shown)
    tally.shown.extend(
        {"row": one.row, "column": one.column, "reason": one.reason, "value": one.value[:200], "fatal": one.fatal}
        for one in chunk.problems[:room]
    )


def _problem_cells(one: Problem) -> tuple[Any, ...]:
    return (one.row, one.column, one.reason, one.value[:1000], "no" if one.fatal else "yes")


def _columns(
    columns: dict[str, list[Any]], table: str, yields: str, export_date: date | None, target: Target
) -> dict[str, list[Any]]:
    """A chunk's columns as the log's table takes them; an undated row takes the export date, never today's."""
    length = len(columns.get("row", ()))
    if not length:
        return {}
    kept = {name: cells for name, cells in columns.items() if name not in DROPPED.get(table, ())}
    if export_date is not None:
        day = int(datetime(export_date.year, export_date.month, export_date.day, tzinfo=UTC).timestamp())
        kept["last_seen"] = [seen or day for seen in kept.get("last_seen", [0] * length)]
    if table != "observations":
        kept.setdefault("target_domain", [target.domain] * length)
    if table == VENDOR_COUNTS:
        kept["dimension"] = [yields] * length
    return kept


def _keep_problems(made: Import, tally: Tally, refused: Any) -> None:
    made.problems = tally.shown
    if tally.shown:
        refused.flush()
        refused.seek(0)
        with open(refused.name, "rb") as file:
            made.problems_file.save(f"{made.sha256[:16]}-{made.pk}.csv", File(file), save=False)


def _publish(made: Import, claimed: runs.Claimed) -> None:
    """Count doubles, then let the batch count."""
    batch = _batch(made)
    doubled = sum(index.distinct_rows(batch).values())
    made.accepted -= doubled
    made.duplicates = doubled
    claimed.step(line=f"{made.rows} rows read, {made.rejected} refused; the profile is being rebuilt.")
    index.complete(batch)
    made.state = Import.State.DONE
    made.finished_at = timezone.now()
    made.save()


RUN_KIND = runs.RunKind(name="import", label="Import", run=read, page="backlinks:import_of_run")
