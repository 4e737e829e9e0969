"""Files of long lists: asked for on a page, written by a run, kept for some days.

Decided: the run takes the list from its page, as the user who asked for it (`seoapp/lib/export_answer.py`), and writes
it into an unnamed file first. Only when that is whole does it go into the storage and is named by its row: a worker
that is killed leaves nothing to be seen, and the next attempt begins anew. Whoever asked may fetch the file, and an
admin; a member who sees named projects only must still be able to open the list, with each column and filter that the
file was asked for with. Refused: going on where a killed attempt stopped, because the list may have changed between the
two halves.
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import IO
from urllib.parse import parse_qsl

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone

from backlinks import index
from projects import runs
from projects.models import Membership, Project, Run, User
from seoapp.lib import export_answer, listing
from seoapp.lib.checkpoint import checkpoint
from seoapp.lib.export_formats import FORMATS, Format

from .models import ExportFile

KIND = "export"
STEP_ROWS = 1_000
MOST_WAITING = 5  # files of one user that are not made yet
OVER = (Run.State.DONE, Run.State.FAILED, Run.State.CANCELLED)


@dataclass(slots=True)
class Tally:
    rows: int = 0


# --- Asked for --------------------------------------------------------------------------------------------------------
def start(*, project: Project, user: User, address: str, state: listing.State, format: Format) -> ExportFile:
    """Queue the file of a list; the caller rings."""
    name = export_answer.file_name(state.listing, format)
    arguments = {runs.TITLE: f"Export {name}", runs.ABOUT: state.listing.title}
    run = runs.start(kind=KIND, workspace=project.workspace, project=project, user=user, arguments=arguments)
    return ExportFile.objects.create(
        project=project,
        run=run,
        created_by=user,
        listing=state.listing.name,
        title=state.listing.title[:300],
        address=address,
        parameters=export_answer.parameters_of(state),
        format=format.name,
        name=name,
    )


def waiting_of(user: User) -> int:
    """How many files of this user are not made yet."""
    return ExportFile.objects.filter(created_by=user, file="", run__isnull=False).exclude(run__state__in=OVER).count()


def visible(project: Project, membership: Membership) -> QuerySet[ExportFile]:
    """Files that a member may know of: his own; an admin all of the project."""
    rows = ExportFile.objects.filter(project=project).select_related("run", "created_by", "project__workspace")
    return rows if membership.may("admin") else rows.filter(created_by=membership.user)


def may_fetch(made: ExportFile, membership: Membership) -> bool:
    """Whether the member may still open the list of which this is the file.

    Raises NotTaken where the list cannot be read for another reason.
    """
    if not membership.is_narrow:
        return True
    try:
        return not _lacks(export_answer.take(membership.user, made.address, made.parameters), made)
    except (Http404, PermissionDenied):
        return False
    except export_answer.NotTaken as error:
        if error.status != 403:
            raise
        return False


def _lacks(state: listing.State, made: ExportFile) -> bool:
    """Whether the list has lost a column or filter since the file was asked for, as it does for who is demoted."""
    asked, now = (dict(parse_qsl(one)) for one in (made.parameters, export_answer.parameters_of(state)))
    columns = set(filter(None, asked.pop("cols", "").split("."))) - set(now.pop("cols", "").split("."))
    return bool(columns or asked.keys() - now.keys())


# --- Made -------------------------------------------------------------------------------------------------------------
def write(claimed: runs.Claimed) -> None:
    """Write the file of a run; does nothing where it stands already or was removed."""
    made = ExportFile.objects.select_related("project__workspace", "created_by").filter(run=claimed.run).first()
    if made is None:
        claimed.step(line="The file was removed before it was made.")
        return
    if made.file:
        return
    state, tally = _taken(made), Tally()
    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as spool:
        _write(made, state, claimed, tally, spool)
        claimed.step(done=tally.rows, line=f"{tally.rows:,} rows written; the file is being stored.")
        checkpoint("export written")
        _keep(made, spool, tally)
    checkpoint("export kept")


def _taken(made: ExportFile) -> listing.State:
    """The list, as the user who asked for it sees it now."""
    if made.created_by is None:
        raise PermissionError("Whoever asked for this file has no account any more.")
    try:
        state = export_answer.take(made.created_by, made.address, made.parameters)
    except (Http404, PermissionDenied) as error:
        raise PermissionError(f"{made.created_by} cannot open this list any more.") from error
    except export_answer.NotTaken as error:
        if error.status == 503:
            raise index.IndexUnavailable("The link index does not answer.") from error
        raise PermissionError(f"{made.created_by} cannot open this list any more.") from error
    if _lacks(state, made):
        raise PermissionError(f"{made.created_by} cannot see all that this file was to hold any more: ask for it anew.")
    return state


def _write(made: ExportFile, state: listing.State, claimed: runs.Claimed, tally: Tally, spool: IO[bytes]) -> None:
    total = state.listing.count(state.query) if state.listing.count else 0
    rows = _stepped(state.listing.stream(state.query), claimed, tally, total)
    with closing(FORMATS[made.format].pieces(export_answer.extract(state, rows))) as pieces:  # type: ignore[type-var]
        for piece in pieces:
            spool.write(piece)


def _stepped(rows: Iterable[listing.Row], claimed: runs.Claimed, tally: Tally, total: int) -> Iterator[listing.Row]:
    """The rows, with progress shown and a cancel obeyed between them."""
    for row in rows:
        if tally.rows % STEP_ROWS == 0:
            claimed.step(done=tally.rows, total=total)
        tally.rows += 1
        yield row
        checkpoint("export row")


def _keep(made: ExportFile, spool: IO[bytes], tally: Tally) -> None:
    """Store the file, then name it; where its row has gone meanwhile, nothing stays."""
    size = spool.tell()
    spool.seek(0)
    made.file.save(made.name, File(spool), save=False)
    checkpoint("export stored")
    named = ExportFile.objects.filter(pk=made.pk, file="").update(
        file=made.file.name, rows=tally.rows, bytes=size, finished_at=timezone.now()
    )
    if not named:
        made.file.delete(save=False)


RUN_KIND = runs.RunKind(
    name=KIND,
    label="Export",
    run=write,
    page="backlinks:export_of_run",
    transient=(index.IndexUnavailable,),
)


# --- Gone -------------------------------------------------------------------------------------------------------------
def remove(made: ExportFile) -> None:
    """Take the row away, then its file; a run that is still at it stops."""
    if made.is_active and made.run is not None:
        runs.cancel(made.run)
    _remove(made)


def _remove(made: ExportFile) -> None:
    file = made.file
    made.delete()
    if file:
        file.storage.delete(file.name)


def forget_old() -> int:
    """Delete the files that were kept long enough, and what came to nothing as long ago; returns how many."""
    before = timezone.now() - timedelta(days=settings.EXPORT_KEEP_DAYS)
    nothing = Q(finished_at=None, created_at__lt=before) & (Q(run=None) | Q(run__state__in=OVER))
    old = list(ExportFile.objects.filter(Q(finished_at__lt=before) | nothing))
    for made in old:
        _remove(made)
    return len(old)


def remove_project(project: Project, claimed: runs.Claimed) -> None:
    """Take away the files of a project that is being removed."""
    for made in ExportFile.objects.filter(project=project).select_related("run"):
        remove(made)
        claimed.step()
