"""Start, say where, stop: one server for a data folder, and a note that tells the others how to reach it.

Decided: the password belongs to the installation. It lives in the folder, readable by its owner only, and outlives the
server, so that clients come back after a restart; a missing, short or readable one is made anew. It is never an
argument, a variable or a line of the log.
"""

import argparse
import contextlib
import fcntl
import json
import os
import re
import secrets
import signal
import sys
import threading
import time
from pathlib import Path

from backlinks.index.launch import NOTE

from .database import Database
from .httpd import USER, IndexServer
from .rights import MEGABYTE, Limits

PASSWORD = "password"  # noqa: S105 - the name of a file


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="linkindex", description="Serve the embedded link index on loopback.")
    parser.add_argument("--data", type=Path, required=True, help="data folder of the index")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--idle-stop", type=float, default=0.0, help="stop so many seconds after the last client left")
    parser.add_argument("--memory-mb", type=int, default=0, help="memory of the index; 0 takes three fifths of all")
    parser.add_argument("--threads", type=int, default=0, help="threads that one query may use; 0 takes all cores")
    parser.add_argument("--grace", type=float, default=10.0, help="seconds that what runs at the stop has to end")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; returns the exit code. Says one sentence when it cannot start."""
    options = _options(arguments)
    folder = options.data.absolute()
    os.umask(0o077)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = open(folder / "lock", "a+")  # noqa: SIM115 - held until the process ends
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.chdir(folder)
        password = _password(folder)
    except BlockingIOError:
        return _say(3, f"Another link index already serves {folder}: stop it, or use another folder.")
    except OSError as error:
        return _say(1, f"The folder {folder} cannot be written ({error.strerror}): make it writable.")
    os.environ.clear()  # this process needs no secret of its surroundings
    try:
        database = Database(folder, Limits(memory=options.memory_mb * MEGABYTE, threads=options.threads))
    except (RuntimeError, OSError) as error:
        return _say(1, f"The data in {folder} cannot be opened ({_short(error)}): restore it from a backup.")
    try:
        server = IndexServer(options.port, password, database)
    except (OSError, OverflowError) as error:
        return _say(1, f"Port {options.port} on 127.0.0.1 cannot be used ({_short(error)}): choose another.")
    _serve(server, folder / NOTE, options)
    return 0


def _say(code: int, sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return code


def _short(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) and error.strerror else str(error).strip().split("\n")[0])[
        :300
    ]


def _password(folder: Path) -> str:
    path = folder / PASSWORD
    with contextlib.suppress(FileNotFoundError, UnicodeDecodeError):
        found = path.read_text().strip()
        if re.fullmatch(r"[\w-]{32,200}", found, re.ASCII) and not path.stat().st_mode & 0o077:
            return found
    made = secrets.token_urlsafe(32)
    _write(path, made)
    return made


def _serve(server: IndexServer, note: Path, options: argparse.Namespace) -> None:
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    content = {"port": server.server_address[1], "user": USER, "password": server.password, "pid": os.getpid()}
    _write(note, json.dumps(content))
    while not ended.wait(0.25):
        if options.idle_stop and server.idle_seconds() > options.idle_stop:
            break
    _stop(server, note, options.grace)


def _stop(server: IndexServer, note: Path, grace: float) -> None:
    """Take nothing new, let running queries end for a while, kill the rest."""
    database = server.database
    database.stopping = True
    with contextlib.suppress(OSError):
        note.unlink()
    deadline = time.monotonic() + grace
    while database.running and time.monotonic() < deadline:
        time.sleep(0.05)
    for query_id in list(database.running):
        database.kill(query_id, wait=True)
    server.shutdown()
    server.server_close()
    database.close()


def _write(path: Path, content: str) -> None:
    """Atomically, readable by this user only."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
