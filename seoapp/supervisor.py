"""Keeps child processes running, and stops all of them.

Decided: children have process groups of their own, so Ctrl-C reaches the supervisor alone, which stops them in order:
the link index last, because the others still write to it. A child that ends is started again after a pause that grows.
One that gives no sign of life for a minute is killed first. `leash` ends them when the supervisor itself is killed.
Refused: threads or asyncio; a loop that looks ten times a second is enough for a handful of processes.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from seoapp.lib import pulse

ROOT = Path(__file__).resolve().parent.parent
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
HEALTHY = 60.0  # a child that ran so long has its next pause short again
GRACE = 20.0


@dataclass(frozen=True, slots=True)
class Part:
    """A process to keep running. `pulse` is its sign of life; a `last` one is stopped after all others."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    pulse: Path | None = None
    descriptors: tuple[int, ...] = ()
    last: bool = False


class Child:
    """A part, and the process that carries it out now."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.failures = 0
        self.due: float | None = None  # when it is started again
        self.start()

    def start(self) -> None:
        self.started, self.due = time.monotonic(), None
        self._stamp, self._changed = 0.0, self.started
        self.process = subprocess.Popen(  # noqa: S603 - commands of our own
            self.part.command,
            cwd=ROOT,
            env=self.part.environment,
            stdin=subprocess.DEVNULL,
            pass_fds=self.part.descriptors,
            start_new_session=True,
        )

    def runs(self) -> bool:
        return self.process.poll() is None

    def hangs(self) -> bool:
        """Whether its sign of life has not changed for too long, by a clock that nobody sets."""
        if self.part.pulse is None:
            return False
        now, stamp = time.monotonic(), pulse.renewed(self.part.pulse)
        if stamp != self._stamp:
            self._stamp, self._changed = stamp, now
        return now - self._changed > pulse.OLD

    def signal(self, number: int) -> None:
        """Its whole group: nothing of it may stay behind."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)

    def postpone(self) -> float:
        """It ended: when to start again; returns the pause in seconds."""
        self.signal(signal.SIGTERM)
        self.failures = 0 if time.monotonic() - self.started > HEALTHY else self.failures + 1
        pause = PAUSES[min(max(self.failures - 1, 0), len(PAUSES) - 1)]
        self.due = time.monotonic() + pause
        return pause


class Supervisor:
    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.children: list[Child] = []
        self._leash = subprocess.Popen(
            [sys.executable, "-m", "seoapp.leash"], cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True
        )

    def add(self, part: Part) -> Child:
        child = Child(part)
        self.children.append(child)
        self._tell(f"+{child.process.pid}")
        return child

    def _tell(self, line: str) -> None:
        if self._leash.stdin is not None:
            with contextlib.suppress(OSError):  # somebody killed the leash: the children still run
                self._leash.stdin.write(f"{line}\n".encode())
                self._leash.stdin.flush()

    def watch(self) -> None:
        """One look at every child: start those that are due, note those that ended, kill those that hang."""
        for child in self.children:
            if child.due is not None:
                self._start_when_due(child)
            elif not child.runs():
                self._ended(child)
            elif child.hangs():
                self.say(f"{child.part.name} gave no sign of life for {pulse.OLD:.0f} s and is killed.")
                child.signal(signal.SIGKILL)
                child.process.wait()

    def _start_when_due(self, child: Child) -> None:
        if child.due is not None and time.monotonic() >= child.due:
            child.start()
            self._tell(f"+{child.process.pid}")

    def _ended(self, child: Child) -> None:
        self._tell(f"-{child.process.pid}")
        pause = child.postpone()
        self.say(f"{child.part.name} ended ({_how(child.process.returncode)}); it is started again in {pause:.0f} s.")

    def stop(self, impatient: Callable[[], bool]) -> None:
        """Stop everything, the last ones last; kill what does not stop in time, or at once when `impatient()`."""
        for last in (False, True):
            group = [child for child in self.children if child.part.last is last and child.runs()]
            for child in group:
                child.signal(signal.SIGTERM)
            deadline = time.monotonic() + GRACE
            while any(child.runs() for child in group) and time.monotonic() < deadline and not impatient():
                time.sleep(0.05)
            for child in group:
                self._finish(child)
        if self._leash.stdin is not None:
            with contextlib.suppress(OSError):
                self._leash.stdin.close()
        self._leash.wait(GRACE)

    def _finish(self, child: Child) -> None:
        if child.runs():
            self.say(f"{child.part.name} did not stop in time and is killed.")
        child.signal(signal.SIGKILL)
        child.process.wait()
        self._tell(f"-{child.process.pid}")


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
