"""Start, say where, stop: one server for a data folder, and a note that tells the others how to reach it."""

import argparse
import contextlib
import fcntl
import json
import os
import secrets
import signal
import sys
import threading
import time
from pathlib import Path

from ..launch import NOTE
from .database import Database, Limits
from .httpd import USER, IndexServer

GRACE = 10.0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="linkindex", description="Serve the embedded link index on loopback.")
    parser.add_argument("--data", type=Path, required=True, help="data folder of the index")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--idle-stop", type=float, default=0.0, help="stop after so many seconds without a client")
    parser.add_argument("--memory-mb", type=int, default=6144, help="memory that one query may use")
    parser.add_argument("--threads", type=int, default=0, help="threads that one query may use; 0 takes all cores")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; returns the exit code. Says one sentence when it cannot start."""
    options = _options(arguments)
    try:
        options.data.mkdir(parents=True, exist_ok=True)
        lock = open(options.data / "lock", "a+")  # noqa: SIM115 - held until the process ends
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"Another link index already serves {options.data}: stop it, or use another folder.", file=sys.stderr)
        return 3
    except OSError as error:
        print(f"The folder {options.data} cannot be written ({error.strerror}): make it writable.", file=sys.stderr)
        return 1
    os.environ.clear()  # this process needs no secret of its surroundings
    try:
        server = _server(options)
    except OSError as error:
        print(f"Port {options.port} on 127.0.0.1 cannot be used ({error.strerror}): choose another.", file=sys.stderr)
        return 1
    _serve(server, options)
    return 0


def _server(options: argparse.Namespace) -> IndexServer:
    limits = Limits(memory=options.memory_mb * 1024 * 1024, threads=options.threads)
    database = Database(options.data / "chdb", limits)
    return IndexServer(options.port, secrets.token_urlsafe(32), database)


def _serve(server: IndexServer, options: argparse.Namespace) -> None:
    note = options.data / NOTE
    _write(note, {"port": server.server_address[1], "user": USER, "password": server.password, "pid": os.getpid()})
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    while not ended.wait(0.5):
        idle = time.monotonic() - server.last_used
        if options.idle_stop and idle > options.idle_stop and not server.database.running:
            break
    _stop(server)
    with contextlib.suppress(OSError):
        note.unlink()


def _stop(server: IndexServer) -> None:
    """Take nothing new, let running queries end for a while, kill the rest."""
    server.stopping.set()
    deadline = time.monotonic() + GRACE
    while server.database.running and time.monotonic() < deadline:
        time.sleep(0.05)
    for query_id in list(server.database.running):
        server.database.kill(query_id, wait=True)
    server.shutdown()
    server.server_close()
    server.database.close()


def _write(path: Path, content: dict[str, object]) -> None:
    """Atomically, readable by this user only."""
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file)
    draft.replace(path)
