"""The parent's end of the process that reads pages: send a job, get a reading, or kill it.

Decided: one child a worker, started afresh after it was killed or has read many pages. A page that takes it too long or
too much memory is refused as too costly; the worker goes on with the next one.
"""

import os
import select
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from .child import CPU_SECONDS, LENGTH
from .messages import Job, Reading

ROOT = Path(__file__).resolve().parent.parent.parent
WALL_SECONDS = CPU_SECONDS * 10.0  # a loaded machine gives a process far less than a core
PAGES_A_CHILD = 5_000
PIECE = 1 << 20
TOO_COSTLY = f"The page is too costly to read: more than {CPU_SECONDS} seconds of computing, or too much memory."


class Child:
    """The process, and its two pipes."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "backlinks.crawl.child"],
            cwd=ROOT,
            env={name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()  # type: ignore[union-attr]
        os.set_blocking(self._to, False)
        self.read = 0

    def exchange(self, message: bytes) -> bytes:
        """Send a message and wait for the answer, until the deadline. Raises OSError, EOFError or TimeoutError."""
        self.read += 1
        until = time.monotonic() + WALL_SECONDS
        view = memoryview(LENGTH.pack(len(message)) + message)
        while view:
            _wait(self._to, select.POLLOUT, until)
            view = view[os.write(self._to, view[:PIECE]) :]
        (length,) = LENGTH.unpack(self._take(LENGTH.size, until))
        return self._take(length, until)

    def _take(self, length: int, until: float) -> bytes:
        pieces = []
        while length:
            _wait(self._from, select.POLLIN, until)
            piece = os.read(self._from, min(length, PIECE))
            if not piece:
                raise EOFError
            pieces.append(piece)
            length -= len(piece)
        return b"".join(pieces)

    def end(self) -> None:
        """At once."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


def _wait(pipe: int, event: int, until: float) -> None:
    waiting = select.poll()
    waiting.register(pipe, event)
    if not waiting.poll(max(until - time.monotonic(), 0) * 1000):
        raise TimeoutError


class Reader:
    """Reads bodies in a child process. Not for use by several threads at once."""

    def __init__(self) -> None:
        self._child: Child | None = None
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Reading)

    def read(self, job: Job) -> Reading:
        """The reading of one body; `refused` says why there is none."""
        if self._child is None or self._child.read >= PAGES_A_CHILD:
            self.close()
            self._child = Child()
        try:
            answer = self._child.exchange(self._encoder.encode(job))
        except (OSError, EOFError, TimeoutError):
            self.close()
            return Reading(refused=TOO_COSTLY)
        return self._decoder.decode(answer)

    def close(self) -> None:
        """End the child, whatever it does."""
        child, self._child = self._child, None
        if child is not None:
            child.end()
