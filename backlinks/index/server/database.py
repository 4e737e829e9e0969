"""chDB behind the server: a bound on how many requests run, a way to kill one, and why one was not kept."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from chdb.state import connect

from .problems import cancelled, problem
from .rights import Limits, prepare
from .sessions import Sessions

# One insert is one block and so one part of its table: whole after a crash, or not there. Memory bounds its size.
WHOLE_BLOCK = {
    "min_insert_block_size_rows": "4000000000",
    "min_insert_block_size_bytes": "0",
    "max_insert_block_size": "4000000000",
    "input_format_parallel_parsing": "0",
}
READ_SECONDS = "300"
KILL_WAIT = 10.0
PLACE_WAIT = 60.0
_marks = count(1)


# No memory, no room on the disk, too many parts, broken constraints and parts that cannot be written.
WRITE_ERRORS = frozenset((75, 76, 241, 243, 252, 469, 1001))
ID_SQL = "SELECT query_id FROM system.processes WHERE startsWith(query, '{mark}') LIMIT 1"
ERRORS_SQL = "SELECT code, value, query_id, last_error_message FROM system.errors WHERE NOT remote"


@dataclass(frozen=True, slots=True)
class Errors:
    """The id of a query, and the engine's counters by code: how often, by which query last, and what it said."""

    query_id: str
    counted: dict[int, tuple[int, str, str]]


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
        self.sessions = Sessions()
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

    def errors(self, running: Running) -> Errors:
        """What the engine has counted so far, for an insert whose result says nothing (`failure`)."""
        with self._kill_lock:
            found = self._killer.query(ID_SQL.format(mark=running.mark), "TSV").bytes().decode().strip()
            return Errors(found, self._counted())

    def failure(self, before: Errors) -> str:
        """Why an insert that said it had ended was not kept; "" where it was.

        chDB writes the block after it has answered: a full disk, no memory or too many parts are errors that only the
        engine's own counters tell. They name the last query of each kind; where that is another one, an error that an
        insert can have counts as ours, because a block that is sent again adds nothing and a lost one is lost.
        """
        with self._kill_lock:
            after = self._counted()
        for code, (value, query_id, text) in after.items():
            if value > before.counted.get(code, (0, "", ""))[0]:
                is_ours = bool(before.query_id) and query_id == before.query_id
                if is_ours or (code in WRITE_ERRORS and query_id != before.query_id):
                    return f"Code: {code}. DB::Exception: {text}"
        return ""

    def _counted(self) -> dict[int, tuple[int, str, str]]:
        rows = json.loads(self._killer.query(ERRORS_SQL, "JSONCompact").bytes())["data"]
        return {int(code): (int(value), query_id, text) for code, value, query_id, text in rows}

    def close(self) -> None:
        for connection in (self.sessions, self._killer, self._held):
            with suppress(Exception):
                connection.close()


def read_settings(settings: Mapping[str, str], readonly: str) -> dict[str, str]:
    """Of a statement that only reads: it ends when it takes too long; where the client wants `readonly` (1, or 2 with
    settings in the SQL), the engine itself refuses what writes."""
    level = {} if readonly == "0" else {"readonly": "1" if readonly == "1" else "2"}
    return {"max_execution_time": READ_SECONDS, **settings, **level}
