"""Tasks of the audit: what time starts."""

from celery import shared_task
from django.utils import timezone

from projects.tasks import ring

from . import reauditing
from .report import making


@shared_task(name="audit.tasks.start_due_audits")
def start_due_audits() -> int:
    """Start the audits whose time has come; returns how many."""
    started = reauditing.start_due(timezone.now())
    for run_id in started:
        ring(run_id)
    return len(started)


@shared_task(name="audit.tasks.forget_old_reports")
def forget_old_reports() -> int:
    """Delete reports that were kept long enough; returns how many files went."""
    return making.forget_old()
