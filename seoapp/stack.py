"""What `up` starts: index, web, workers and beat of one data folder, and the claims it makes before.

Decided: the port is bound by the supervisor and handed to gunicorn, so it is known to be free before anything starts
and stays ours while the web process is replaced. One lock a data folder says that `up` holds it. A link index that a
command started beside us is asked to stop first: it ends its running queries, and ours serves the folder from then on.
"""

import contextlib
import errno
import fcntl
import json
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from backlinks.index import launch
from seoapp.lib import pulse
from seoapp.supervisor import ROOT, Part

LOCK = "up.lock"
INDEX_STOPS = 25.0


class Refused(Exception):
    """`up` cannot start; the message says what to do."""


def hold(data: Path, port: int) -> int:
    """Take the data folder's lock for as long as this process lives; returns its descriptor."""
    descriptor = os.open(data / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        other = os.read(descriptor, 100).decode(errors="replace").strip()
        os.close(descriptor)
        raise Refused(
            f"Linkledger already runs on {data} ({other}): stop it there, or set SEOAPP_DATA to another folder."
        ) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"process {os.getpid()}, http://localhost:{port}".encode())
    return descriptor


def listen(port: int, host: str) -> list[socket.socket]:
    """Sockets bound to the port: on loopback both families, because browsers try ::1 for localhost first."""
    hosts = ("127.0.0.1", "::1") if host in ("127.0.0.1", "localhost") else (host,)
    return [made for one in hosts if (made := _bound(one, port)) is not None]


def _bound(host: str, port: int) -> socket.socket | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        made = socket.socket(family, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(256)
    except OSError as error:
        if host == "::1" and error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
            return None  # no IPv6 on this machine
        raise Refused(_why_not(host, port, error)) from error
    return made


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use: stop what listens there, or choose another: manage.py up --port {port + 1}"
    if error.errno == errno.EACCES:
        return f"Port {port} may not be used by this user: choose one above 1023, such as --port 8000."
    return f"{host}:{port} cannot be listened on ({error.strerror}): choose another address or port."


def has_assets(static_root: Path) -> None:
    if not (static_root / "staticfiles.json").exists():
        raise Refused("The pages' styles and scripts are missing: run 'make static' first.")


def clear_temporary(data: Path) -> None:
    """What killed processes left behind; called under the lock."""
    for name in ("tmp", "workers"):
        for path in (data / name).iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def release_index(folder: Path, wait: Callable[[], None]) -> None:
    """Ask a link index that a command started to stop, and wait until the folder is free."""
    deadline = time.monotonic() + INDEX_STOPS
    asked = False
    while not _is_free(folder):
        if not asked:
            asked = _ask_to_stop(folder)
        if time.monotonic() > deadline:
            raise Refused(f"Another link index holds {folder} and does not stop: end its process, then start again.")
        wait()


def _is_free(folder: Path) -> bool:
    with open(folder / "lock", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _ask_to_stop(folder: Path) -> bool:
    """Only a server that answers under the noted port is meant: the number may be somebody else's by now."""
    if launch.find(folder) is None:
        return False
    with contextlib.suppress(OSError, ValueError, KeyError):
        os.kill(int(json.loads((folder / launch.NOTE).read_text())["pid"]), signal.SIGTERM)
        return True
    return False


def environment(data: Path, port: int) -> dict[str, str]:
    """Of every child but the index: quiet logs, temporary files in the data folder, the address in mails."""
    return {
        "LOG_LEVEL": "WARNING",
        "SITE_URL": f"http://localhost:{port}",
        **os.environ,
        "SEOAPP_DATA": str(data),
        "TMPDIR": str(data / "tmp"),
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
    }


def index_part(data: Path) -> Part:
    return Part(
        "index",
        (sys.executable, "-m", "backlinks.index.server", "--data", str(data / "index")),
        {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT)},
        last=True,
    )


def web_part(data: Path, port: int, sockets: list[socket.socket]) -> Part:
    descriptors = tuple(one.fileno() for one in sockets)
    binds = [word for number in descriptors for word in ("--bind", f"fd://{number}")]
    command = (sys.executable, "-m", "gunicorn", "-c", "python:seoapp.web", *binds, "seoapp.wsgi")
    return Part("web", command, environment(data, port), descriptors=descriptors)


def worker_part(data: Path, port: int, number: int) -> Part:
    name = f"worker-{number}@linkledger"
    command = _celery("worker", "--pool=solo", f"--hostname={name}", "--without-gossip", "--without-mingle")
    sign = pulse.path_of(data / "workers", name)
    return Part(f"worker-{number}", (*command, "--without-heartbeat"), environment(data, port), pulse=sign)


def beat_part(data: Path, port: int) -> Part:
    command = _celery("beat", f"--schedule={data / 'beat-schedule'}", "--pidfile=")
    return Part("beat", command, environment(data, port))


def _celery(program: str, *options: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "celery", "--quiet", "-A", "seoapp.celery", program, "--loglevel=WARNING", *options)
