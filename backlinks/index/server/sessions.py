"""Connections to chDB: one for one request at a time, kept for the next request with the same settings.

Decided: a connection with its settings costs a millisecond, a third of what a small query costs. One that ended well is
therefore lent again, but only to a request with the same database and the very same settings; no statement that is
served can change either (`statements`), and values are bound to one query. Whatever failed or was cancelled is closed.
Refused: setting back what a request has set, because what is forgotten leaks into the next.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chdb.state import connect

from .problems import problem

NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
KEPT = 16  # idle connections
ONCE = "insert_deduplication_token"  # no other request has the same


class Sessions:
    """Idle connections by what was set in them, the one that was used last at the end."""

    def __init__(self) -> None:
        self._idle: OrderedDict[Any, tuple[tuple[str, str], Any]] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def lend(self, settings: Mapping[str, str], database: str) -> Iterator[Any]:
        """A connection with these settings and nothing else."""
        wanted = (database, _assignments(settings))
        connection = self._take(wanted) or _opened(*wanted)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._keep(wanted, connection, settings)

    def _take(self, wanted: tuple[str, str]) -> Any:
        with self._lock:
            key = next((key for key, (held, _) in reversed(self._idle.items()) if held == wanted), None)
            return self._idle.pop(key)[1] if key is not None else None

    def _keep(self, wanted: tuple[str, str], connection: Any, settings: Mapping[str, str]) -> None:
        with self._lock:
            if ONCE not in settings:
                self._idle[id(connection)] = (wanted, connection)
                connection = self._idle.popitem(last=False)[1][1] if len(self._idle) > KEPT else None
        if connection is not None:
            connection.close()

    def close(self) -> None:
        with self._lock:
            while self._idle:
                self._idle.popitem()[1][1].close()


def _opened(database: str, assignments: str) -> Any:
    connection = connect("chdb")
    try:
        if database:
            connection.query(f"USE `{_name(database, 81, 'UNKNOWN_DATABASE')}`", "TSV")
        if assignments:
            connection.query(f"SET {assignments}", "TSV")
    except BaseException:
        connection.close()
        raise
    return connection


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
