"""What a process that was killed leaves behind: half-read batches, stored files without a row, spool files.

Decided: nothing here is urgent, because none of it is seen by a reader; an hourly sweep takes away what is older than
any upload or reading lasts. Refused: cleaning at start-up, when another process may be in the middle of its work.
"""

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from projects.models import Run, Workspace
from seoapp.lib.stored import forget_unnamed

from .loading import CANCELLED, give_up
from .models import ExportFile, Import, OpenImport
from .openweb import visits

OLD = timedelta(days=1)
FOLDERS = ("imports", "problems", "exports", "logos", visits.FOLDER)


def end_dead_readings() -> int:
    """Imports whose run ended without a result: nothing of them is kept, and they say why. Returns how many."""
    over = Q(run=None) | Q(run__state__in=(Run.State.FAILED, Run.State.CANCELLED))
    unfinished = Import.objects.filter(over, archive=None, state__in=(Import.State.WAITING, Import.State.RUNNING))
    dead = list(unfinished.select_related("run"))
    for made in dead:
        error = made.run.error if made.run else ""
        give_up(made, error or CANCELLED)
    return len(dead)


def sweep_files(older_than: timedelta = OLD) -> int:
    """Delete stored files that no row names, and spool files of uploads that broke off. Returns how many."""
    before = timezone.now() - older_than
    unnamed = forget_unnamed(FOLDERS, before, _is_named)
    spooled = [path for path in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload*") if path.is_file()]
    broken_off = [path for path in spooled if path.stat().st_mtime < before.timestamp()]
    for path in broken_off:
        path.unlink(missing_ok=True)
    return unnamed + len(broken_off)


def _is_named(path: str) -> bool:
    """Whether an import of links or of open data, an export, or a workspace's logo, still needs this file."""
    if ExportFile.objects.filter(file=path).exists() or Workspace.objects.filter(logo=path).exists():
        return True
    named = Import.objects.filter(Q(file=path) | Q(problems_file=path)).exists()
    return named or OpenImport.objects.filter(Q(place=path) | Q(problems_file=path)).exists()
