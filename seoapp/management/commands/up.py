"""Run everything on this machine under one supervisor, and stop all of it on Ctrl-C."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

from backlinks import index
from backlinks.index import launch
from projects.models import Run
from seoapp import probe, stack
from seoapp.demo import story
from seoapp.lib import installation
from seoapp.lib.commands import pending_migrations
from seoapp.supervisor import Supervisor

READY_WITHIN = 90.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(BaseException):
    """Somebody wants to stop us while we start."""


class Command(BaseCommand):
    help = "Run link index, web, workers and beat on this machine under one supervisor."
    requires_system_checks: tuple[str, ...] = ()
    asked = 0
    interruptible = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port of the web pages (8000)")
        parser.add_argument(
            "--host", default="127.0.0.1", help="address to listen on; anything but loopback needs ALLOWED_HOSTS"
        )
        parser.add_argument("--workers", type=int, default=2, help="worker processes (2)")
        parser.add_argument("--no-demo", action="store_true", help="no demo workspace")

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        self.data, self.port = Path(settings.SEOAPP_DATA), options["port"]
        self.demo = not options["no_demo"] and not settings.PRODUCTION
        if not 1 <= self.port <= 65535 or options["workers"] < 1:
            raise CommandError("--port takes a number from 1 to 65535, --workers one from 1.")
        try:
            stack.has_assets(Path(settings.STATIC_ROOT))
            lock = stack.hold(self.data, self.port)
            sockets = stack.listen(self.port, options["host"])
        except (stack.Refused, OSError) as error:
            raise CommandError(str(error)) from error
        for number in SIGNALS:
            signal.signal(number, self._signalled)
        self._run(lock, sockets, options["workers"], begun)

    def _run(self, lock: int, sockets: list[socket.socket], workers: int, begun: float) -> None:
        """Start, watch, stop; `lock` stays open until this process ends."""
        self.supervisor = Supervisor(self.say)
        problem = ""
        try:
            self._start(sockets, workers)
            self._wait_until_ready()
            self._greet(time.monotonic() - begun)
            while not self.asked:
                self.supervisor.watch()
                time.sleep(0.1)
        except Stop:
            pass
        except (stack.Refused, index.IndexUnavailable, CommandError, DatabaseError) as error:
            problem = " ".join(str(error).split())
        finally:
            if not problem:
                self.say("Stopping.")
            self.supervisor.stop(lambda: self.asked > 1)
        if problem:
            raise CommandError(problem)
        self.say("Stopped.")

    def _signalled(self, *_: object) -> None:
        self.asked += 1
        if self.interruptible and self.asked == 1:
            raise Stop

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Within, a signal ends what we do at once; elsewhere it is seen by the next look."""
        self._look()
        self.interruptible = True
        try:
            yield
        finally:
            self.interruptible = False

    def _look(self) -> None:
        if self.asked:
            raise Stop

    # --- Start ----------------------------------------------------------------------------------------------------
    def _start(self, sockets: list[socket.socket], workers: int) -> None:
        stack.clear_temporary(self.data)
        if not settings.LINK_INDEX_URL:
            stack.release_index(self.data / "index", self._pause)
            self.supervisor.add(stack.index_part(self.data))
        self._migrate()
        self._look()
        self.supervisor.add(stack.web_part(self.data, self.port, sockets))
        for number in range(1, workers + 1):
            self.supervisor.add(stack.worker_part(self.data, self.port, number))
        if self.demo:
            with self._interruptible(), open("/dev/null", "w") as nowhere:
                call_command("seed_demo", "--queue", stdout=nowhere)
        self._look()
        self.supervisor.add(stack.beat_part(self.data, self.port))

    def _pause(self) -> None:
        self._look()
        time.sleep(0.1)

    def _migrate(self) -> None:
        with self._interruptible(), installation.only_one(self.data, "migrate"):
            if pending_migrations():
                call_command("migrate", verbosity=0, interactive=False)
        connection.close()
        if not settings.LINK_INDEX_URL:
            self._wait_for_index()
        with self._interruptible():
            index.migrate()

    def _wait_for_index(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while launch.find(self.data / "index") is None:
            self.supervisor.watch()
            self._pause()
            if time.monotonic() > deadline:
                raise stack.Refused(f"The link index did not start within {READY_WITHIN:.0f} s: run manage.py doctor.")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while True:
            status, body = probe.answer(self.port, "/readyz")
            if status == 200:
                return
            if time.monotonic() > deadline:
                raise stack.Refused(f"Not ready within {READY_WITHIN:.0f} s ({_failing(body)}): run manage.py doctor.")
            self.supervisor.watch()
            self._pause()

    def _greet(self, seconds: float) -> None:
        self.say(f"Linkledger is ready after {seconds:.1f} s: http://localhost:{self.port}")
        if self.demo:
            self.say(f"Demo log-in: {story.OWNER}  password: {story.PASSWORD}")
            waiting = Run.objects.filter(state__in=(Run.State.QUEUED, Run.State.RUNNING)).count()
            if waiting:
                self.say(f"{waiting} files of the demo are being imported: its figures are whole within a minute.")
        else:
            self.say(f"The first account is made at http://localhost:{self.port}/accounts/signup/")
        self.say(f"Data: {self.data}. Ctrl-C stops everything.")

    def say(self, line: str) -> None:
        try:
            self.stdout.write(line)
            self.stdout.flush()
        except OSError:
            self.asked = max(self.asked, 1)  # the terminal is gone


def _failing(body: str) -> str:
    try:
        return ", ".join(json.loads(body)["failing"])
    except (ValueError, KeyError, TypeError):
        return body[:200] or "no answer"
