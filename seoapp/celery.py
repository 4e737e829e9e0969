"""The Celery application. Tasks live in each app's `tasks.py`; the broker only rings, rows are the truth.

Decided: workers use the `solo` pool everywhere and are scaled by starting more of them. A solo worker that is killed is
a dead process, which any supervisor restarts, and one that is told to stop gives its run back within a step. Refused:
the prefork pool, whose children do not hear of a stop, and which stood still after its children were killed.
"""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_init, worker_shutdown
from django.conf import settings

from seoapp.lib import pulse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seoapp.settings")

app = Celery("seoapp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["projects", "backlinks", "audit"])
# A message of the clock that nobody took in time is worth nothing: the next one follows.
app.conf.beat_schedule = {
    "sweep-runs": {"task": "projects.tasks.sweep_runs", "schedule": 20.0, "options": {"expires": 20}},
    "refresh-states": {
        "task": "backlinks.tasks.refresh_states",
        "schedule": crontab(hour=3, minute=17),
        "options": {"expires": 12 * 3600},
    },
    "note-days": {
        "task": "backlinks.tasks.note_days",
        "schedule": crontab(hour=3, minute=43),
        "options": {"expires": 12 * 3600},
    },
    "tidy-index": {"task": "backlinks.tasks.tidy_index", "schedule": crontab(minute=41), "options": {"expires": 3600}},
    "judge-topics": {"task": "backlinks.tasks.judge_topics", "schedule": 60.0, "options": {"expires": 60}},
    "sweep-imports": {
        "task": "backlinks.tasks.sweep_imports",
        "schedule": crontab(minute=11),
        "options": {"expires": 3600},
    },
    "start-due-crawls": {
        "task": "backlinks.tasks.start_due_crawls",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 600},
    },
    "compute-due-scores": {
        "task": "backlinks.tasks.compute_due_scores",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 600},
    },
    "start-due-audits": {
        "task": "audit.tasks.start_due_audits",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 600},
    },
    "forget-old-crawls": {
        "task": "backlinks.tasks.forget_old_crawls",
        "schedule": crontab(hour=4, minute=29),
        "options": {"expires": 12 * 3600},
    },
    "forget-old-exports": {
        "task": "backlinks.tasks.forget_old_exports",
        "schedule": crontab(minute=23),
        "options": {"expires": 3600},
    },
    "forget-old-reports": {
        "task": "audit.tasks.forget_old_reports",
        "schedule": crontab(minute=41),
        "options": {"expires": 3600},
    },
    "look-up-due-registrations": {
        "task": "backlinks.tasks.look_up_due_registrations",
        "schedule": crontab(minute=53),
        "options": {"expires": 3600},
    },
}
_pulses = []


@worker_init.connect(dispatch_uid="pulse.start")
def _begin(sender: Any, **_: object) -> None:
    _pulses.append(pulse.start(pulse.path_of(Path(settings.SEOAPP_DATA) / "workers", sender.hostname)))


@worker_shutdown.connect(dispatch_uid="pulse.end")
def _end(**_: object) -> None:
    for ended in _pulses:
        ended.set()
