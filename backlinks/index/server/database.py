"""chDB behind the server: a connection for each request, a bound on how many run, and a way to kill one."""

import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chdb.state import connect

WHOLE_BLOCK = {
    # One insert is one part: whole after a crash, or not there.
    "min_insert_block_size_rows": "2000000",
    "min_insert_block_size_bytes": "2000000000",
    "max_insert_block_size": "2000000",
    "input_format_parallel_parsing": "0",
}
NAME = re.compile(r"[A-Za-z_]\w*")
KILL_WAIT = 10.0


class TooMany(Exception):
    """All places are taken and the queue is full."""


@dataclass(frozen=True, slots=True)
class Limits:
    """places: queries at once; queue: how many may wait; memory: bytes a query may use."""

    places: int = 8
    queue: int = 64
    memory: int = 6 * 1024**3
    threads: int = 0


class Database:
    """The one chDB of this process."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.path = str(folder)
        self.limits = limits
        self._held = connect(self.path)
        self._killer = connect(self.path)
        self._kill_lock = threading.Lock()
        self._places = threading.BoundedSemaphore(limits.places)
        self._waiting = 0
        self._lock = threading.Lock()
        self.running: set[str] = set()

    @contextmanager
    def place(self) -> Iterator[None]:
        """One of the places; waits in a bounded queue."""
        with self._lock:
            if self._waiting >= self.limits.queue:
                raise TooMany
            self._waiting += 1
        self._places.acquire()
        with self._lock:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()

    @contextmanager
    def session(self, query_id: str, settings: Mapping[str, str], database: str) -> Iterator[Any]:
        """A fresh connection with this request's settings; nothing of it outlives the request."""
        with self.place():
            connection = connect(self.path)
            self.running.add(query_id)
            try:
                if database:
                    connection.query(f"USE {_name(database)}", "TSV")
                chosen = {"max_memory_usage": str(self.limits.memory)}
                if self.limits.threads:
                    chosen["max_threads"] = str(self.limits.threads)
                chosen |= settings
                readonly = chosen.pop("readonly", "")
                connection.query(f"SET {_assignments(chosen)}", "TSV")
                if readonly:
                    connection.query(f"SET readonly = {int(readonly)}", "TSV")
                yield connection
            finally:
                self.running.discard(query_id)
                connection.close()

    def kill(self, query_id: str, *, wait: bool = False) -> int:
        """Cancel a running query by the id its client gave; returns how many were found."""
        found = self._killer_rows(
            f"SELECT query_id FROM system.processes WHERE startsWith(query, '{marker(query_id)}') FORMAT TSV"
        )
        for real in found:
            self._killer_rows(f"KILL QUERY WHERE query_id = '{real}' ASYNC FORMAT TSV")
        deadline = time.monotonic() + KILL_WAIT
        while wait and query_id in self.running and time.monotonic() < deadline:
            time.sleep(0.01)
        return len(found)

    def _killer_rows(self, sql: str) -> list[str]:
        with self._kill_lock:
            return self._killer.query(sql, "TSV").bytes().decode().split("\n")[:-1]

    def close(self) -> None:
        for connection in (self._killer, self._held):
            with suppress(Exception):
                connection.close()


def marker(query_id: str) -> str:
    """A comment that leads the SQL, by which `system.processes` knows our id (chDB gives its own)."""
    return f"/*lk:{re.sub(r'[^A-Za-z0-9_.:-]', '_', query_id)[:80]}*/"


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise ValueError(f"Code: 81. DB::Exception: Database {text!r} is no name. (UNKNOWN_DATABASE)")
    return f"`{text}`"


def _assignments(settings: Mapping[str, str]) -> str:
    return ", ".join(f"{_setting(name)} = {_literal(value)}" for name, value in settings.items())


def _setting(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError(f"Code: 115. DB::Exception: Setting {name!r} is no name. (UNKNOWN_SETTING)")
    return name


def _literal(value: str) -> str:
    if re.fullmatch(r"-?\d{1,18}(\.\d{1,9})?", value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
