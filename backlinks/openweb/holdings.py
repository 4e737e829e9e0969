"""What every reading of open data shares: one row a release or file, a run that reads it, rows that were refused.

Decided: the command that names a folder carries its run out itself, because a folder lies on one machine; a run whose
command died is taken up by a worker of the same machine, and says plainly where the folder is missing. The same bytes
are the same import: a second time nothing changes, and one that failed goes on where it stood.
"""

import tempfile
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from django.core.files import File
from django.db import IntegrityError, transaction
from django.utils import timezone

from backlinks import index
from projects import runs
from projects.models import Project, Run, User, Workspace
from seoapp.lib import export

from .models import OpenImport

SHOWN_ROWS = 200
HEADER = ("file", "row", "column", "reason", "value")


class Refused(ValueError):
    """What was named cannot be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A release, list or file to read. `identity` is a SHA-256 (hex) over what makes it the same thing again."""

    kind: str
    name: str
    identity: str
    place: str = ""
    label: str = ""
    size: int = 0
    options: dict[str, Any] = field(default_factory=dict)
    workspace: Workspace | None = None
    project: Project | None = None
    user: User | None = None


def receive(wanted: Wanted) -> OpenImport:
    """The row of what is to be read, with a queued run unless it was read before; one that failed goes on."""
    made = _known(wanted)
    if made is None:
        try:
            made = _new(wanted)
        except IntegrityError:  # the same thing was named twice at once
            made = _known(wanted)
    if made is None:
        raise Refused(f"{wanted.name} is just being removed: name it again in a moment.")
    if made.state != OpenImport.State.DONE and (made.run is None or made.run.is_over):
        made.place, made.error, made.state = wanted.place, "", OpenImport.State.WAITING
        made.run = _queue(made, wanted)
        made.save(update_fields=["place", "error", "state", "run"])
    return made


def _known(wanted: Wanted) -> OpenImport | None:
    return OpenImport.objects.select_related("run").filter(identity=wanted.identity).first()


def _new(wanted: Wanted) -> OpenImport:
    with transaction.atomic():
        made = OpenImport.objects.create(
            kind=wanted.kind,
            workspace=wanted.workspace,
            project=wanted.project,
            started_by=wanted.user,
            identity=wanted.identity,
            name=wanted.name[-255:],
            place=wanted.place,
            label=wanted.label[:120],
            size=wanted.size,
            options=wanted.options,
            batch=index.new_batch_id(),
        )
        made.run = _queue(made, wanted)
        made.save(update_fields=["run"])
    return made


def _queue(made: OpenImport, wanted: Wanted) -> Run:
    arguments = {"open_import": made.pk, runs.TITLE: f"{made.get_kind_display()}: {made}"}
    return runs.start(
        kind=wanted.kind, workspace=wanted.workspace, project=wanted.project, arguments=arguments, user=wanted.user
    )


def see_through(made: OpenImport) -> None:
    """Carry a queued import out here and now. Raises `Refused` with the reason where it did not finish."""
    if made.run:
        runs.see_through(made.run)
    made.refresh_from_db()
    if made.state != OpenImport.State.DONE:
        run = Run.objects.filter(pk=made.run_id).first()
        raise Refused(made.error or (run.error if run else "") or "the import did not finish")


def of_run(claimed: runs.Claimed) -> OpenImport:
    """The row that a run reads, now being read."""
    made = OpenImport.objects.get(pk=claimed.run.arguments["open_import"])
    made.state, made.error = OpenImport.State.RUNNING, ""
    made.save(update_fields=["state", "error"])
    return made


def batch_of(made: OpenImport, source: str, report: str) -> index.Batch:
    return index.Batch(made.workspace_id or 0, made.batch, source, report, made.label or made.name)


def finish(made: OpenImport) -> None:
    made.state, made.finished_at = OpenImport.State.DONE, timezone.now()
    made.save()


def give_up(made: OpenImport, reason: str) -> None:
    """Say why nothing of it counts; what is in the index already stays invisible, for a next try."""
    OpenImport.objects.filter(pk=made.pk).update(
        state=OpenImport.State.FAILED, error=reason[:2000], finished_at=timezone.now()
    )


class Refusals(AbstractContextManager["Refusals"]):
    """Rows that were refused: the first ones for the page, all of them in a file to download."""

    def __init__(self) -> None:
        self.count = 0
        self.shown: list[dict[str, Any]] = []
        self._file: IO[str] | None = None

    def add(self, row: int, reason: str, value: str = "", *, column: str = "", file: str = "") -> None:
        self.count += 1
        if len(self.shown) < SHOWN_ROWS:
            self.shown.append({"file": file, "row": row, "column": column, "reason": reason, "value": value[:200]})
        self._write([(file, row, column, reason, value[:1000])])

    def _write(self, rows: Iterable[tuple[Any, ...]]) -> None:
        if self._file is None:
            self._file = tempfile.NamedTemporaryFile("w+", encoding="utf-8", newline="")  # noqa: SIM115 - see __exit__
            self._file.writelines(export.csv_lines(HEADER, []))
        self._file.writelines(export.csv_row(row) for row in rows)

    def keep(self, made: OpenImport) -> None:
        """Put them on the row, which the caller saves."""
        made.rejected, made.problems = self.count, self.shown
        if made.problems_file:
            made.problems_file.delete(save=False)
        if self._file is not None:
            self._file.flush()
            with Path(self._file.name).open("rb") as file:
                made.problems_file.save(f"open-{made.pk}.csv", File(file), save=False)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
