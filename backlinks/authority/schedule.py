"""When scores are computed anew: every night where something came in, and soon after something large.

Decided: what came in is asked of the index (the newest batch that counts), so that imports, crawls, releases and
removals all count, whoever made them. Refused: a message from each importer, which then would have to know of scores.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from backlinks import index
from backlinks.models import Import, OpenImport
from projects.models import Run, Workspace

from . import compute

LARGE_ROWS = 10_000
OFTEN = timedelta(hours=1)  # at most, after something large
NIGHTLY = timedelta(hours=22)  # otherwise, where anything came in
ALWAYS = timedelta(days=30)  # even where nothing did: lists age, and history has a point a month


def start_due(moment: datetime) -> list[int]:
    """Queue the computations that are due; returns the runs to ring for."""
    return [compute.start(one).pk for one in _due(moment)]


def _due(moment: datetime) -> Iterator[Workspace | None]:
    places: list[Workspace | None] = [None, *Workspace.objects.order_by("pk")]
    newest = index.newest_batches()
    for workspace in places:
        number = workspace.pk if workspace else 0
        came = [newest[place] for place in {0, number} if place in newest]
        if came and _is_due(workspace, number, max(came), moment):
            yield workspace


def _is_due(workspace: Workspace | None, number: int, came: datetime, moment: datetime) -> bool:
    if Run.objects.filter(
        kind=compute.KIND, workspace=workspace, state__in=(Run.State.QUEUED, Run.State.RUNNING)
    ).exists():
        return False
    last = _last(workspace, number)
    if last is None:
        return True
    age = moment - last
    if age > ALWAYS:
        return True
    return came > last and (age > NIGHTLY or (age > OFTEN and _was_large(number, last)))


def _last(workspace: Workspace | None, number: int) -> datetime | None:
    """When scores were computed, or tried, for the last time."""
    runs = Run.objects.filter(kind=compute.KIND, workspace=workspace).exclude(started_at=None)
    tried = runs.order_by("-started_at").values_list("started_at", flat=True).first()
    shown = next((one.computed_at for one in index.score_runs(number)), None)
    return max((one for one in (tried, shown) if one is not None), default=None)


def _was_large(number: int, since: datetime) -> bool:
    """Whether a release, a list, or a large file has been read since."""
    opened = OpenImport.objects.filter(state=OpenImport.State.DONE, finished_at__gt=since)
    if opened.filter(workspace=None).exists() or opened.filter(workspace=number).exists():
        return True
    files = Import.objects.filter(workspace=number, state=Import.State.DONE, finished_at__gt=since)
    return sum(files.values_list("accepted", flat=True)) >= LARGE_ROWS
