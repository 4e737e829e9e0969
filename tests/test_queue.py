"""Runs: claimed once, renewed, taken over, given up; with a real Celery worker on real Redis."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, connections
from django.utils import timezone
from kombu import Connection

from projects import runs
from projects.models import Run
from projects.tasks import run_task
from seoapp.celery import app as celery
from tests.components import need_redis
from tests.conftest import Cast


def started(cast: Cast, kind: str = "test") -> Run:
    return runs.start(kind=kind, workspace=cast.workspace, project=cast.project, arguments={}, user=cast.editor)


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[runs.Claimed], None]], None]:
    """`job(function)` makes the function the run kind `test`."""

    def define(function: Callable[[runs.Claimed], None]) -> None:
        kind = runs.RunKind(name="test", label="Test", run=function, transient=(ConnectionError,))
        monkeypatch.setattr(runs, "kinds", lambda: {"test": kind})

    return define


@pytest.mark.django_db(transaction=True)
def test_eight_deliveries_at_once_have_one_effect(cast: Cast, job: Callable) -> None:
    seen: list[int] = []
    job(lambda claimed: seen.append(claimed.run.pk))
    run = started(cast)

    def deliver(_: int) -> None:
        runs.execute(run.pk)
        connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(deliver, range(8)))
    run.refresh_from_db()
    assert (seen, run.state, run.attempts) == ([run.pk], Run.State.DONE, 1)


def test_a_poison_run_ends_after_five_attempts_with_a_reason(cast: Cast, job: Callable) -> None:
    run = started(cast)
    for attempt in range(1, runs.ATTEMPTS + 1):
        Run.objects.filter(pk=run.pk).update(
            state=Run.State.RUNNING, attempts=attempt, lease_until=timezone.now() - timedelta(seconds=1)
        )
        assert (run.pk in runs.due()) is (attempt < runs.ATTEMPTS)
    run.refresh_from_db()
    assert run.state == Run.State.FAILED
    assert run.error == "Given up after 5 attempts: the worker ended each time."


def test_who_lost_the_lease_writes_nothing_more(cast: Cast, job: Callable) -> None:
    def overtaken(claimed: runs.Claimed) -> None:
        Run.objects.filter(pk=claimed.run.pk).update(token="another")
        claimed.step(done=99, line="a line of the sleeper")

    job(overtaken)
    run = started(cast)
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.done, run.log, run.token) == (Run.State.RUNNING, 0, "", "another")


def test_a_transient_error_waits_and_any_other_ends_the_run(cast: Cast, job: Callable) -> None:
    def away(_: runs.Claimed) -> None:
        raise ConnectionError("nobody answers")

    job(away)
    run = started(cast)
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempts) == (Run.State.QUEUED, 1)
    assert run.lease_until > timezone.now()
    assert "nobody answers" in run.error

    def bug(_: runs.Claimed) -> None:
        raise ValueError("a bug")

    job(bug)
    Run.objects.filter(pk=run.pk).update(lease_until=None)
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.error) == (Run.State.FAILED, "ValueError: a bug")
    assert runs.retry(run)


def test_a_cancel_is_obeyed_between_steps(cast: Cast, job: Callable) -> None:
    reached: list[str] = []

    def steps(claimed: runs.Claimed) -> None:
        claimed.step(line="first")
        runs.cancel(claimed.run)
        claimed.step(line="second")
        reached.append("third")

    job(steps)
    run = started(cast)
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, reached) == (Run.State.CANCELLED, [])


def test_a_removed_member_starts_nothing(cast: Cast, job: Callable) -> None:
    done: list[int] = []
    job(lambda claimed: done.append(1))
    run = started(cast)
    cast.editor.memberships.all().delete()
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, done) == (Run.State.FAILED, [])
    assert "no longer a member" in run.error


# --- A real worker ------------------------------------------------------------------------------------------------
@pytest.fixture
def redis() -> Iterator[str]:
    program = need_redis()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(10)


def worker(url: str) -> "subprocess.Popen[bytes]":
    assert connection.vendor in ("sqlite", "postgresql")
    name = connection.settings_dict["NAME"]
    database = f"sqlite:///{name}" if connection.vendor == "sqlite" else os.environ["DATABASE_URL"]
    environment = os.environ | {
        "CELERY_BROKER_URL": url,
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "seoapp.settings",
        "RUN_LEASE_SECONDS": "2",
    }
    command = [sys.executable, "-m", "celery", "-A", "seoapp.celery", "worker", "--pool=solo", "--loglevel=ERROR"]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)


def until(state: str, run: Run) -> None:
    for _ in range(400):
        run.refresh_from_db()
        if run.state == state:
            return
        time.sleep(0.1)
    raise AssertionError(f"{run.state}, not {state}: {run.error}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("transport", ["redis", "filesystem"])
def test_a_real_worker_takes_over_what_a_killed_one_left(
    cast: Cast, index_process: None, request: pytest.FixtureRequest, transport: str
) -> None:
    """The run removes a project: real work of a few steps. Its first worker is as good as killed in the middle."""
    url = request.getfixturevalue("redis") if transport == "redis" else "filesystem://"
    run = runs.start(
        kind="remove_project",
        workspace=cast.workspace,
        project=None,
        arguments={"project": cast.second_project.pk},
        user=cast.owner,
    )
    cast.workspace.projects.filter(pk=cast.second_project.pk).update(removed_at=timezone.now())
    Run.objects.filter(pk=run.pk).update(
        state=Run.State.RUNNING, token="dead", attempts=1, lease_until=timezone.now() - timedelta(seconds=1)
    )
    process = worker(url)
    try:
        _ring(url, run.pk)
        until(Run.State.DONE, run)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert run.attempts == 2
    assert not cast.workspace.projects.filter(pk=cast.second_project.pk).exists()


def _ring(url: str, run_id: int) -> None:
    """As a web process would whose broker this is."""
    with Connection(url, transport_options=celery.conf.broker_transport_options) as broker:
        run_task.apply_async((run_id,), connection=broker)
