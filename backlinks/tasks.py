"""Tasks of the link index and of the crawler: what time starts and changes, and what may be thrown away."""

from itertools import groupby
from operator import itemgetter

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from backlinks import daily, index, leftovers
from backlinks.authority import schedule as scoring
from backlinks.crawl import jobs, schedule
from backlinks.openweb import rdap
from backlinks.workbench import exports
from projects.tasks import ring

JUDGING, JUDGING_LEASE = "judging-topics", 600  # renewed at each statement: a killed worker is replaced soon
JUDGING_SECONDS = 45.0  # what is left waits for the next minute


@shared_task(name="backlinks.tasks.refresh_states")
def refresh_states() -> int:
    """Settle targets in which a live link has not been seen for too long; returns how many."""
    stale = sorted(index.stale())
    return sum(
        index.settle(workspace, [target for _, target in rows]) for workspace, rows in groupby(stale, key=itemgetter(0))
    )


@shared_task(name="backlinks.tasks.note_days")
def note_days() -> int:
    """Note the figures of the folders and pages that projects are about; returns how many had changed.

    What was noted of domains that nobody names and nothing is known of goes."""
    daily.sweep_days()
    return daily.note_parts()


@shared_task(name="backlinks.tasks.tidy_index")
def tidy_index() -> int:
    """Delete generations that were replaced; returns how many."""
    return index.tidy()


@shared_task(name="backlinks.tasks.judge_topics")
def judge_topics() -> int:
    """Judge the topics of profiles that are newer than their topics, one task at a time; returns how many."""
    if not cache.add(JUDGING, "yes", JUDGING_LEASE):
        return 0
    try:
        index.tidy_topics()
        return index.judge_due_topics(JUDGING_SECONDS, lambda: cache.set(JUDGING, "yes", JUDGING_LEASE))
    finally:
        cache.delete(JUDGING)


@shared_task(name="backlinks.tasks.sweep_imports")
def sweep_imports() -> int:
    """Take away what ended uploads and readings have left behind; returns how much."""
    return leftovers.end_dead_readings() + leftovers.sweep_files()


@shared_task(name="backlinks.tasks.start_due_crawls")
def start_due_crawls() -> int:
    """Start the checks and crawls whose time has come; returns how many."""
    started = schedule.start_due()
    for run_id in started:
        ring(run_id)
    return len(started)


@shared_task(name="backlinks.tasks.compute_due_scores")
def compute_due_scores() -> int:
    """Start the computations of authority whose time has come; returns how many."""
    started = scoring.start_due(timezone.now())
    for run_id in started:
        ring(run_id)
    return len(started)


@shared_task(name="backlinks.tasks.forget_old_crawls")
def forget_old_crawls() -> int:
    """Delete the rows of crawls that ended long ago; returns how many addresses."""
    return jobs.forget_old()


@shared_task(name="backlinks.tasks.forget_old_exports")
def forget_old_exports() -> int:
    """Delete exported files that were kept long enough; returns how many."""
    return exports.forget_old()


@shared_task(name="backlinks.tasks.look_up_due_registrations")
def look_up_due_registrations() -> int:
    """Ask registries about domains whose record is missing or old, if that is on; returns how many were asked for."""
    return rdap.look_up_due()
