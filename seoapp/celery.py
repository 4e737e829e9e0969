"""The Celery application. Tasks live in each app's `tasks.py`; the broker only rings, rows are the truth."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seoapp.settings")

app = Celery("seoapp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["projects", "backlinks"])
app.conf.beat_schedule = {
    "sweep-runs": {"task": "projects.tasks.sweep_runs", "schedule": 20.0},
    "refresh-states": {"task": "backlinks.tasks.refresh_states", "schedule": crontab(hour=3, minute=17)},
    "tidy-index": {"task": "backlinks.tasks.tidy_index", "schedule": crontab(minute=41)},
}
