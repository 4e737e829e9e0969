"""Another process on this test's database and index, which may be killed at a checkpoint."""

import os

from django.db import connection

from tests.forked import Ended, ended


def python(*arguments: str, kill_at: str = "") -> Ended:
    """Run Python with these arguments; `kill_at` names the checkpoint at which it ends as by `kill -9`."""
    kind = "sqlite:///" if connection.vendor == "sqlite" else ""
    environment = os.environ | {
        "DATABASE_URL": f"{kind}{connection.settings_dict['NAME']}" if kind else os.environ["DATABASE_URL"],
        "DJANGO_SETTINGS_MODULE": "seoapp.settings",
        "SEOAPP_KILL_AT": kill_at,
    }
    return ended(arguments, environment)
