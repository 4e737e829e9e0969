"""The parent's end of the process that reads pages: send a job, get a reading, or kill it.

Decided: one child a worker, started afresh after it was killed or has read many pages. Pages go there in small lots,
because a message and a change of threads for each costs as much as a third of its reading. A page that takes too long
or too much memory is refused as too costly; the others of its lot are read again, each alone.
"""

import os
import select
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from .child import CPU_SECONDS, LENGTH
from .messages import Carried, Job, Reading

ROOT = Path(__file__).resolve().parent.parent.parent
WALL_SECONDS = CPU_SECONDS * 10.0  # a loaded machine gives a process far less than a core
PAGES_A_CHILD = 5_000
PIECE = 1 << 20
PAGES_A_LOT, BYTES_A_LOT = 16, 500_000
LOTS_AT_ONCE = 2  # one is read while the next one waits at the door
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

    def exchange(self, message: bytes, pages: int) -> bytes:
        """Send a message and wait for the answer, until the deadline. Raises OSError, EOFError or TimeoutError."""
        self.read += pages
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
        self._decoder = msgspec.msgpack.Decoder(list[Reading])
        self._unopened = msgspec.msgpack.Decoder(list[Carried])
        self._is_over = False

    def read(self, job: Job) -> Reading:
        """The reading of one body; `refused` says why there is none."""
        answer = self._ask([job])
        return Reading(refused=TOO_COSTLY) if answer is None else self._decoder.decode(answer)[0]

    def read_lot(self, jobs: Sequence[Job]) -> list[Carried]:
        """The readings of several bodies, their rows still packed."""
        answer = self._ask(jobs)
        if answer is not None:
            return self._unopened.decode(answer)
        if len(jobs) == 1 or self._is_over:
            return [Carried(refused=TOO_COSTLY) for _ in jobs]
        return [reading for job in jobs for reading in self.read_lot([job])]

    def _ask(self, jobs: Sequence[Job]) -> bytes | None:
        """What the child answers; None when that was its end."""
        if self._is_over:
            return None
        if self._child is None or self._child.read >= PAGES_A_CHILD:
            self.close()
            self._child = Child()
            if self._is_over:  # given up while the child was being started: whoever did saw none to end
                self.close()
                return None
        try:
            return self._child.exchange(self._encoder.encode(jobs), len(jobs))
        except (OSError, EOFError, TimeoutError):
            self.close()
            return None

    def give_up(self) -> None:
        """End a reading that goes on in another thread, and all that would follow."""
        self._is_over = True
        self.close()

    def close(self) -> None:
        """End the child, whatever it does."""
        child, self._child = self._child, None
        if child is not None:
            child.end()


class ReadingLine:
    """Bodies on their way to the reading process and back, in order; whoever put them in goes on meanwhile."""

    def __init__(self, wake: Callable[[], None]) -> None:
        """`wake` is called from another thread when something has been read."""
        self._reader, self._thread, self._wake = Reader(), ThreadPoolExecutor(1), wake
        self._waiting: deque[tuple[Any, Job]] = deque()
        self._lots: deque[tuple[list[Any], Future[list[Carried]]]] = deque()
        self._pages = 0
        self.bytes = 0  # of the bodies that wait

    def __len__(self) -> int:
        """Bodies that were put in and not taken back."""
        return self._pages

    @property
    def has_answers(self) -> bool:
        return bool(self._lots) and self._lots[0][1].done()

    def put(self, key: Any, job: Job) -> None:
        self._waiting.append((key, job))
        self._pages += 1
        self.bytes += len(job.body)

    def take(self) -> Iterator[tuple[Any, Carried]]:
        """What has been read, by the keys it was put in with; sends what waits."""
        self._send()
        while self.has_answers:
            keys, future = self._lots.popleft()
            self._send()
            self._pages -= len(keys)
            yield from zip(keys, future.result(), strict=True)

    def _send(self) -> None:
        while self._waiting and len(self._lots) < LOTS_AT_ONCE:
            size = pages = 0
            for _, job in islice(self._waiting, PAGES_A_LOT):
                size += len(job.body)
                if pages and size > BYTES_A_LOT:
                    break
                pages += 1
            lot = [self._waiting.popleft() for _ in range(pages)]
            self.bytes -= sum(len(job.body) for _, job in lot)
            future = self._thread.submit(self._reader.read_lot, [job for _, job in lot])
            future.add_done_callback(lambda _: self._wake())
            self._lots.append(([key for key, _ in lot], future))

    def close(self) -> None:
        """Give up what is not read yet: the child is ended first, so that its thread waits for nothing."""
        self._reader.give_up()
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._reader.close()
