"""chDB behind the server: a connection for each request, a bound on how many run, and a way to kill one."""

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from chdb.state import connect

from .problems import cancelled, problem
from .rights import Limits, prepare

# One insert is one block and so one part of its table: whole after a crash, or not there. Memory bounds its size.
WHOLE_BLOCK = {
    "min_insert_block_size_rows": "4000000000",
    "min_insert_block_size_bytes": "0",
    "max_insert_block_size": "4000000000",
    "input_format_parallel_parsing": "0",
}
READ_SECONDS = "300"
NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
KILL_WAIT = 10.0
PLACE_WAIT = 60.0
_marks = count(1)


@dataclass(eq=False, slots=True)
class Running:
    """A request under way. `mark` leads its SQL: by it `system.processes` knows it, whatever id chDB has given.

    `interrupt` wakes it while it waits for its client.
    """

    query_id: str
    interrupt: Callable[[], None]
    mark: str = field(default_factory=lambda: f"/*linkindex {next(_marks)}*/ ")
    cancelled: bool = False

    def check(self) -> None:
        if self.cancelled:
            raise cancelled()


class Database:
    """The one chDB of this process; the working directory is `folder`, because chDB's path takes no odd signs."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.limits = limits
        self._held = connect(prepare(folder, limits))
        self._killer = connect("chdb")
        self._kill_lock = threading.Lock()
        self._places = threading.BoundedSemaphore(limits.places)
        self._waiting = 0
        self._lock = threading.Lock()
        self.running: dict[str, Running] = {}
        self.stopping = False

    @contextmanager
    def run(self, query_id: str, interrupt: Callable[[], None]) -> Iterator[Running]:
        """Register a request, then wait for one of the places in a bounded queue."""
        running = Running(query_id, interrupt)
        with self._lock:
            if self.stopping:
                raise problem(236, "ABORTED", "The link index is stopping: try again in a moment")
            if query_id in self.running:
                raise problem(216, "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING", "A query with this id is already running")
            self.running[query_id] = running
        try:
            self._take_place()
            try:
                running.check()
                yield running
            finally:
                self._places.release()
        finally:
            with self._lock:
                del self.running[query_id]

    def _take_place(self) -> None:
        busy = problem(202, "TOO_MANY_SIMULTANEOUS_QUERIES", "Too many simultaneous queries: try again in a moment")
        with self._lock:
            if self._waiting >= self.limits.queue:
                raise busy
            self._waiting += 1
        taken = self._places.acquire(timeout=PLACE_WAIT)
        with self._lock:
            self._waiting -= 1
        if not taken:
            raise busy

    @contextmanager
    def session(self, settings: Mapping[str, str], database: str) -> Iterator[Any]:
        """A fresh connection with these settings; nothing of it outlives the request."""
        connection = connect("chdb")
        try:
            if database:
                connection.query(f"USE `{_name(database, 81, 'UNKNOWN_DATABASE')}`", "TSV")
            if settings:
                connection.query(f"SET {_assignments(settings)}", "TSV")
            yield connection
        finally:
            connection.close()

    def kill(self, query_id: str, *, wait: bool = False) -> bool:
        """Cancel a request by the id its client gave; says whether there was one. `wait` until it has ended."""
        running = self.running.get(query_id)
        if running is None:
            return False
        self.cancel(running, wait=wait)
        return True

    def cancel(self, running: Running, *, wait: bool = False) -> None:
        running.cancelled = True
        running.interrupt()
        deadline = time.monotonic() + KILL_WAIT
        while self.running.get(running.query_id) is running and time.monotonic() < deadline:
            if self._killed(running.mark) and not wait:
                return
            time.sleep(0.01)

    def _killed(self, mark: str) -> bool:
        with self._kill_lock:
            sql = f"KILL QUERY WHERE startsWith(query, '{mark}') ASYNC FORMAT TSV"
            return bool(self._killer.query(sql, "TSV").bytes())

    def close(self) -> None:
        for connection in (self._killer, self._held):
            with suppress(Exception):
                connection.close()


def read_settings(settings: Mapping[str, str], readonly: str) -> dict[str, str]:
    """Of a statement that only reads: it ends when it takes too long; where the client wants `readonly` (1, or 2 with
    settings in the SQL), the engine itself refuses what writes."""
    level = {} if readonly == "0" else {"readonly": "1" if readonly == "1" else "2"}
    return {"max_execution_time": READ_SECONDS, **settings, **level}


def _name(text: str, code: int, what: str) -> str:
    if not NAME.fullmatch(text):
        raise problem(code, what, f"{text[:80]!r} is no name")
    return text


def _assignments(settings: Mapping[str, str]) -> str:
    """`readonly` stands last: nothing can be set after it."""
    ordered = sorted(settings.items(), key=lambda item: item[0] == "readonly")
    return ", ".join(f"{_name(name, 115, 'UNKNOWN_SETTING')} = {_literal(value)}" for name, value in ordered)


def _literal(value: str) -> str:
    if re.fullmatch(r"-?\d{1,18}(\.\d{1,9})?", value, re.ASCII):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
