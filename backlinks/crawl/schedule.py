"""What the clock starts: checks of links and looks at watched sites whose time has come.

Decided: one check a day of a project, of at most `daily_links` links; only links that nobody has looked at for
`every_days` are in it, the oldest look first. A project with links whose plan nobody has made follows the usual one.
Starting is claimed by one conditional UPDATE, so that two clocks start one check. Whoever calls rings for the runs.
Refused: a timer a link, which would spread one host's pages over the whole day and ask for its robots.txt each time.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from backlinks import index
from projects.models import Project

from . import checks, jobs, watching
from .discovery import WatchedSite
from .models import CheckPlan, WatchedLink

logger = logging.getLogger(__name__)
DAY = timedelta(days=1)
ASK_AGAIN = 3600  # seconds until a project without a link that is due is asked again


def start_due(moment: datetime | None = None) -> list[int]:
    """Start what is due; returns the runs to ring for."""
    moment = moment or timezone.now()
    return [*_sites(moment), *_checks(moment)]


# --- Watched sites ----------------------------------------------------------------------------------------------------
def _sites(moment: datetime) -> Iterator[int]:
    due = WatchedSite.objects.filter(next_at__lte=moment, is_paused=False, project__removed_at=None)
    for site in due.select_related("project__workspace").order_by("next_at", "pk"):
        claimed = WatchedSite.objects.filter(pk=site.pk, next_at=site.next_at)
        if not claimed.update(next_at=moment + timedelta(hours=site.every_hours)):
            continue  # another clock has it
        try:
            yield watching.look(site).run_id
        except watching.WatchRefused as error:
            logger.info("no look: %s", error)


# --- Checks of links --------------------------------------------------------------------------------------------------
def _checks(moment: datetime) -> Iterator[int]:
    started = CheckPlan.objects.filter(project=OuterRef("pk"), started_at__gt=moment - DAY)
    never = CheckPlan.objects.filter(project=OuterRef("pk"), every_days=0)
    projects = Project.objects.filter(~Exists(started), ~Exists(never), removed_at=None)
    for project in projects.select_related("workspace", "check_plan").order_by("pk"):
        try:
            run = _check(project, moment)
        except index.IndexUnavailable as error:
            logger.warning("no check is started: %s", error)
            return
        if run:
            yield run


def _check(project: Project, moment: datetime) -> int | None:
    """Start the check of a project whose links are due; None where there is nothing to look at, or it goes on."""
    plan = getattr(project, "check_plan", None) or CheckPlan(project=project)
    if cache.get(_nothing_due(project)) or jobs.running_check(project):
        return None
    count = _due(project, moment - plan.every_days * DAY)
    if not count:
        cache.set(_nothing_due(project), True, ASK_AGAIN)  # noqa: FBT003 - a value, not a switch
        return None
    try:
        with transaction.atomic():
            if not _claim(project, moment):
                return None
            check = jobs.start(
                project=project,
                kind="check",
                user=None,
                max_pages=min(plan.daily_links, count),
                max_seconds=jobs.CHECK_SECONDS,
            )
    except jobs.CrawlRefused as error:  # somebody started one just now
        logger.info("no check of %s is started: %s", project, error)
        return None
    return check.run_id


def _nothing_due(project: Project) -> str:
    return f"no-link-due-{project.pk}"


def _due(project: Project, before: datetime) -> int:
    """How many links must be looked at. Links that somebody watches come first in every check, so they are counted
    where they go along; alone they start one only when they were never looked at."""
    query = index.LinkQuery.parse(workspace=project.workspace_id, target=project.target, report="links", params={})
    count = index.count_due(query, before)
    watched = WatchedLink.objects.filter(project=project)
    if count or watched.filter(checked_at=None).exists():
        count += min(watched.count(), checks.AT_ONCE)  # no check has more of them on its list
    return count


def _claim(project: Project, moment: datetime) -> bool:
    """True for one caller a day."""
    CheckPlan.objects.get_or_create(project=project)
    free = Q(started_at=None) | Q(started_at__lte=moment - DAY)
    return bool(CheckPlan.objects.filter(free, project=project).update(started_at=moment))
