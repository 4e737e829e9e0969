"""Another process on this test's database and index, which may be killed at a checkpoint."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from tests import forked

PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that has ended: as in `subprocess`, minus a signal when one killed it."""

    returncode: int | None
    stderr: str


def python(*arguments: str, kill_at: str = "") -> Ended:
    """Run Python with these arguments; `kill_at` names the checkpoint at which it ends as by `kill -9`."""
    kind = "sqlite:///" if connection.vendor == "sqlite" else ""
    environment = os.environ | {
        "DATABASE_URL": f"{kind}{connection.settings_dict['NAME']}" if kind else os.environ["DATABASE_URL"],
        "DJANGO_SETTINGS_MODULE": "seoapp.settings",
        "SEOAPP_KILL_AT": kill_at,
    }
    with tempfile.TemporaryDirectory() as folder:
        process = forked.start(arguments, environment, Path(folder) / "said")
        process.join(PATIENCE)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise AssertionError(f"{arguments} took longer than {PATIENCE} seconds")
        return Ended(process.exitcode, (Path(folder) / "said").read_text())
