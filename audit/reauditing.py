"""Audits that start by themselves: the first of a project with links, then every so many days where something changed.

Decided: a project is due when its time has come and its profile has a newer generation than the last audit saw; the
same links under the same weights would be judged the same. A run that failed is tried again after a day, any other one
counts as the project's turn. Refused: auditing after each import, which would judge half of a day's files.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from backlinks import index
from projects.models import Project, Run

from . import auditing
from .models import Audit, ReviewSettings

logger = logging.getLogger(__name__)
DAY = timedelta(days=1)
AT_WORK = (Run.State.QUEUED, Run.State.RUNNING)


def settings_of(project: Project) -> ReviewSettings:
    """The usual ones where nobody has made others."""
    return ReviewSettings.objects.filter(project=project).first() or ReviewSettings(project=project)


def start_due(moment: datetime) -> list[int]:
    """Queue the audits that are due; returns the runs to ring for."""
    try:
        return [run for project in _due(moment) if (run := _start(project))]
    except index.IndexUnavailable as error:
        logger.warning("no audit is started: %s", error)
        return []


def _due(moment: datetime) -> Iterator[Project]:
    for project in Project.objects.filter(removed_at=None).select_related("workspace").order_by("pk"):
        if _is_time(project, moment) and _has_changed(project):
            yield project


def _is_time(project: Project, moment: datetime) -> bool:
    every = settings_of(project).every_days
    last = Run.objects.filter(project=project, kind=auditing.KIND).order_by("-pk").first()
    if not every:
        return False
    if last is None:
        return True
    wait = DAY if last.state == Run.State.FAILED else every * DAY
    return last.state not in AT_WORK and moment - last.created_at >= wait


def _has_changed(project: Project) -> bool:
    """Whether there is something that no audit has seen."""
    last = Audit.objects.filter(project=project).exclude(finished_at=None).order_by("-finished_at").first()
    if last is not None:
        return auditing.generation_of(project) != last.generation
    query = index.LinkQuery.parse(
        workspace=project.workspace_id, target=project.target, report="domains", params={index.GRAPH: index.GRAPH_OFF}
    )
    return index.count(query) > 0


def _start(project: Project) -> int | None:
    """Two clocks start one audit."""
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        if Run.objects.filter(project=project, kind=auditing.KIND, state__in=AT_WORK).exists():
            return None
        return auditing.start(project).pk
