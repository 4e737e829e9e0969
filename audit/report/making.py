"""Reports as files: asked for on a page, made by a run, kept for some days.

Decided: as the files of long lists. The report is made whole before it is stored and named by its row, so that a
worker that is killed leaves nothing to be seen; whoever asked for it must still be able to see the project when it is
made. Members of the project from viewer on make reports; clients fetch those that were made for them, which may tell
them more than their pages do, because somebody chose what stands in them. Refused: a report without a run, because a
page that prints for twenty seconds is a page that hangs.
"""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import IO

from django.conf import settings
from django.core.files import File
from django.db.models import Q, QuerySet
from django.utils import timezone

from audit.auditing import newest
from audit.models import Audit, ReportFile
from backlinks import index
from projects import access, runs
from projects.models import Membership, Project, Run, User
from seoapp.lib.checkpoint import checkpoint
from seoapp.lib.export import safe_filename
from seoapp.lib.export_xlsx import workbook
from seoapp.lib.stored import forget_unnamed

from . import document, printing
from .contents import Contents, Wanted, gather
from .workbook import sheets

KIND = "audit_report"
FOLDER = "reports"
ORPHANED = timedelta(days=1)  # since when a file that no row names was left by a killed worker
MOST_WAITING = 3  # reports of a workspace that are not made yet
LEAST_ROLE = "viewer"
OVER = (Run.State.DONE, Run.State.FAILED, Run.State.CANCELLED)
TYPES = {"pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


# --- Asked for --------------------------------------------------------------------------------------------------------
def start(audit: Audit, user: User, *, format: str, wanted: Wanted, for_clients: bool) -> ReportFile:
    """Queue a report of an audit; the caller rings."""
    project = audit.project
    name = f"{safe_filename(f'{project.target.domain}-audit-{audit.as_of}')}.{format}"
    arguments = {runs.TITLE: f"Report {name}"}
    run = runs.start(kind=KIND, workspace=project.workspace, project=project, user=user, arguments=arguments)
    return ReportFile.objects.create(
        project=project,
        audit=audit,
        run=run,
        made_by=user,
        format=format,
        heading=wanted.heading,
        note=wanted.note,
        sections=sorted(wanted.sections),
        most_domains=wanted.most_domains,
        for_clients=for_clients,
        name=name,
    )


def waiting_of(project: Project) -> int:
    """How many reports of its workspace are not made yet."""
    rows = ReportFile.objects.filter(project__workspace=project.workspace_id, file="", run__isnull=False)
    return rows.exclude(run__state__in=OVER).count()


def visible(project: Project, membership: Membership) -> QuerySet[ReportFile]:
    """Reports that a member may know of: a client those that were made for him, once they are made."""
    rows = ReportFile.objects.filter(project=project).select_related("run", "made_by", "audit", "project__workspace")
    return rows if membership.may(LEAST_ROLE) else rows.filter(for_clients=True).exclude(file="")


# --- Made -------------------------------------------------------------------------------------------------------------
def write(claimed: runs.Claimed) -> None:
    """Make the file of a run; does nothing where it stands already or was removed."""
    made = ReportFile.objects.select_related("project__workspace", "made_by", "audit").filter(run=claimed.run).first()
    if made is None:
        claimed.step(line="The report was removed before it was made.")
        return
    if made.file:
        return
    told = _told(made)
    claimed.step(line="What the audit found is read; the report is being written.")
    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as spool:
        for piece in _pieces(made, told, claimed):
            spool.write(piece)
        checkpoint("report written")
        _keep(made, spool)


def _told(made: ReportFile) -> Contents:
    if made.made_by is None or not _may_make(made.project, made.made_by):
        raise PermissionError("Whoever asked for this report cannot make reports of this project any more.")
    audit = made.audit if made.audit is not None and made.audit.is_kept else newest(made.project)
    if audit is None:
        raise PermissionError("The findings of this audit are gone: audit again, then make the report.")
    audit.project = made.project
    wanted = Wanted(frozenset(made.sections), made.heading, made.note, made.most_domains)
    return gather(audit, wanted)


def _may_make(project: Project, user: User) -> bool:
    membership = Membership.objects.select_related("workspace").filter(workspace=project.workspace, user=user).first()
    if membership is None or not membership.may(LEAST_ROLE):
        return False
    return access.visible_projects(membership).filter(pk=project.pk).exists()


def _pieces(made: ReportFile, told: Contents, claimed: runs.Claimed) -> Iterator[bytes]:
    if made.format == ReportFile.Format.PDF:
        yield _pdf(told, str(made.made_by), timezone.localdate())
        return
    with closing(workbook(sheets(told, claimed.step))) as pieces:  # type: ignore[type-var]
        yield from pieces


def _pdf(told: Contents, who: str, today: date) -> bytes:
    try:
        return printing.printed(document.html_of(told, who=who, today=today))
    except printing.NotPrinted as error:
        raise PermissionError(str(error)) from error


def _keep(made: ReportFile, spool: IO[bytes]) -> None:
    """Store the file, then name it; where its row has gone meanwhile, nothing stays."""
    size = spool.tell()
    spool.seek(0)
    made.file.save(made.name, File(spool), save=False)
    checkpoint("report stored")
    rows = ReportFile.objects.filter(pk=made.pk, file="")
    if not rows.update(file=made.file.name, bytes=size, finished_at=timezone.now()):
        made.file.delete(save=False)


RUN_KIND = runs.RunKind(
    name=KIND, label="Report of an audit", run=write, page="audit:report_of_run", transient=(index.IndexUnavailable,)
)


# --- Gone -------------------------------------------------------------------------------------------------------------
def keep_days() -> int:
    """For how long a report is kept: as long as any exported file."""
    return int(settings.EXPORT_KEEP_DAYS)


def remove(made: ReportFile) -> None:
    """Take the row away, then its file; a run that is still at it stops."""
    if not made.file and made.run is not None and not made.run.is_over:
        runs.cancel(made.run)
    file = made.file
    made.delete()
    if file:
        file.storage.delete(file.name)


def remove_all(project: Project) -> None:
    for made in ReportFile.objects.filter(project=project).select_related("run"):
        remove(made)


def forget_old() -> int:
    """Delete the reports that were kept long enough, what came to nothing as long ago, and what killed workers left."""
    now = timezone.now()
    until = now - timedelta(days=keep_days())
    nothing = Q(finished_at=None, made_at__lt=until) & (Q(run=None) | Q(run__state__in=OVER))
    old = list(ReportFile.objects.filter(Q(finished_at__lt=until) | nothing).select_related("run"))
    for made in old:
        remove(made)
    left = forget_unnamed((FOLDER,), now - ORPHANED, lambda path: ReportFile.objects.filter(file=path).exists())
    return len(old) + left
