"""Programs that some tests need: outside CI a missing one skips the test loudly, in CI it fails the run."""

import os
import shutil
from pathlib import Path

import pytest

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def need(name: str, found: str | None) -> str:
    """The program's path; without it the test is skipped, or fails in CI."""
    if found:
        return found
    reason = f"component: {name} is not installed on this machine"
    if IN_CI:
        pytest.fail(f"{reason}: .ci/run has to install it")
    pytest.skip(reason)


def need_chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    return need("Chromium", next(filter(None, map(shutil.which, names)), None))


def need_redis() -> str:
    return need("redis-server", shutil.which("redis-server"))


def need_postgres() -> str:
    """The folder of initdb and pg_ctl."""
    found = shutil.which("initdb")
    return need("PostgreSQL", str(Path(found).parent) if found else next((str(one) for one in POSTGRES), None))
