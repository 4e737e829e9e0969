"""The same code on real PostgreSQL: migrations, runs, imports, access, leases and crawls, in a private cluster."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.components import need_postgres
from tests.settings import place

CORE = (
    "tests/test_queue.py",
    "tests/backlinks/test_import_pages.py",
    "tests/backlinks/test_marks.py::test_two_who_mark_the_same_rows_wait_for_each_other",
    "tests/test_access.py::test_a_stranger_learns_nothing",
    "tests/test_access.py::test_own_pages_answer_by_role_and_never_with_the_other_workspace[owner]",
    "tests/backlinks/crawl/test_hosts.py",
    "tests/backlinks/crawl/test_locks.py",
    "tests/backlinks/crawl/test_crew.py::test_a_lease_has_one_holder_whoever_tries_at_once",
    "tests/backlinks/crawl/test_crawling.py::test_a_list_takes_its_pages_alone_and_says_what_went_wrong",
    "tests/backlinks/crawl/test_checks.py::test_bytes_that_no_database_takes",
    "tests/backlinks/crawl/test_checks_waiting.py::test_a_slow_site_holds_back_no_verdict_of_another",
)


def as_owner(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root: there it runs as its own user."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    programs = Path(need_postgres())
    folder = Path(tempfile.mkdtemp(prefix="linkledger-pg-", dir=place()))
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = str(folder / "data")
    quiet = {"stdout": subprocess.DEVNULL, "cwd": folder}
    subprocess.run(
        as_owner([str(programs / "initdb"), "--no-sync", "-D", data, "-U", "tester", "-A", "trust"]),
        check=True,
        **quiet,
    )
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    control = str(programs / "pg_ctl")
    subprocess.run(
        as_owner([control, "-D", data, "-w", "-o", options, "-l", str(folder / "log"), "start"]), check=True, **quiet
    )
    try:
        yield f"postgresql://tester@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(as_owner([control, "-D", data, "-m", "immediate", "stop"]), check=False, **quiet)
        shutil.rmtree(folder, ignore_errors=True)


def test_the_core_runs_on_postgresql(database: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SEOAPP_"))}
    command = [sys.executable, "-m", "pytest", "-p", "no:xdist", "-k", "not real_worker and not hostile", *CORE]
    ended = subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env={**environment, "DATABASE_URL": database},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-4000:]
    assert " passed" in ended.stdout and "skipped" not in ended.stdout
