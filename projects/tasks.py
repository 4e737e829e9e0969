"""Tasks of runs: an id is all that travels."""

from celery import shared_task
from django.db import transaction

from . import runs


@shared_task(name="projects.tasks.run_task")
def run_task(run_id: int) -> None:
    runs.execute(run_id)


@shared_task(name="projects.tasks.sweep_runs")
def sweep_runs() -> int:
    """Ring again for every run that waits or lost its worker; returns how many."""
    due = runs.due()
    for run_id in due:
        run_task.delay(run_id)
    return len(due)


def ring(run_id: int) -> None:
    """Tell the workers of a run, once its row is committed. A lost bell is rung again by the sweeper."""
    transaction.on_commit(lambda: run_task.delay(run_id))
