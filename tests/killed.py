"""Another process on this test's database and index, which may be killed at a checkpoint."""

import os
import subprocess
import sys

from django.conf import settings
from django.db import connection


def python(*arguments: str, kill_at: str = "") -> "subprocess.CompletedProcess[str]":
    """Run Python with these arguments; `kill_at` names the checkpoint at which it ends as by `kill -9`."""
    kind = "sqlite:///" if connection.vendor == "sqlite" else ""
    environment = os.environ | {
        "DATABASE_URL": f"{kind}{connection.settings_dict['NAME']}" if kind else os.environ["DATABASE_URL"],
        "DJANGO_SETTINGS_MODULE": "seoapp.settings",
        "SEOAPP_KILL_AT": kill_at,
    }
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
