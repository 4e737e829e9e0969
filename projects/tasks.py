"""Tasks of runs: an id is all that travels."""

import logging

from celery import shared_task
from celery.signals import worker_shutting_down
from django.db import transaction
from kombu.exceptions import KombuError

from . import runs

logger = logging.getLogger(__name__)


@shared_task(name="projects.tasks.run_task")
def run_task(run_id: int) -> None:
    if runs.execute(run_id):
        _ring(run_id)


@shared_task(name="projects.tasks.sweep_runs")
def sweep_runs() -> int:
    """Ring again for every run that waits or lost its worker; returns how many."""
    due = runs.due()
    for run_id in due:
        run_task.delay(run_id)
    return len(due)


def ring(run_id: int) -> None:
    """Tell the workers of a run, once its row is committed."""
    transaction.on_commit(lambda: _ring(run_id))


def _ring(run_id: int) -> None:
    """A broker that does not answer is no reason to fail: the row stands, and the sweeper rings again."""
    try:
        run_task.delay(run_id)
    except (KombuError, OSError) as error:
        logger.warning("the bell for run %s was not rung (%s): the sweeper will ring", run_id, error)


@worker_shutting_down.connect(dispatch_uid="runs.stopping")
def _stop(**_: object) -> None:
    """The run in this worker's hands is given back at its next step."""
    runs.stopping.set()
