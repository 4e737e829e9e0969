"""Find the embedded index of a data folder, or start it.

Decided: whoever needs it first starts it, detached; it stops half a minute after its last client unless `up` holds it.
Only the lock in the folder says whether one runs; `index.json` says where.
"""

import json
import os
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

NOTE = "index.json"
ROOT = Path(__file__).resolve().parents[2]
SERVER = "linkindex"
IDLE_STOP = 30
PING_SECONDS = 5
LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class IndexUnavailable(Exception):
    """The link index does not answer; the message says what to do."""


@dataclass(frozen=True, slots=True)
class IndexAddress:
    host: str
    port: int
    user: str
    password: str


def find(data: Path) -> IndexAddress | None:
    """The running server of this folder, if it answers."""
    try:
        note = json.loads((data / NOTE).read_text())
        port = int(note["port"])
        # Never through a proxy of the environment: what is said here concerns this machine alone.
        with LOCAL.open(f"http://127.0.0.1:{port}/ping", timeout=PING_SECONDS) as answer:
            name = answer.headers.get("Server", "").strip()
        if name == SERVER and _alive(int(note["pid"])):
            return IndexAddress("127.0.0.1", port, str(note["user"]), str(note["password"]))
    except (OSError, ValueError, KeyError, TypeError, HTTPException):
        pass  # no note, a torn one, or nobody behind it: not running
    return None


def _alive(pid: int) -> bool:
    """Whether the one that wrote the note runs: after a crash its port may be somebody else's."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def ensure_running(data: Path, *, timeout: float = 30.0) -> IndexAddress:
    """The server of this folder; starts it detached where none answers. Raises `IndexUnavailable`."""
    found = find(data)
    deadline = time.monotonic() + timeout
    process = None
    while found is None:
        if process is None or process.poll() == 3:
            process = _start(data)
        elif process.poll() is not None:
            raise IndexUnavailable(f"The link index could not start: {_last_line(data)}")
        if time.monotonic() > deadline:
            raise IndexUnavailable(
                f"The link index in {data} did not answer within {timeout:.0f} s: see index.log there."
            )
        time.sleep(0.1)
        found = find(data)
    return found


def _start(data: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "backlinks.index.server", "--data", str(data), "--idle-stop", str(IDLE_STOP)]
    try:
        data.mkdir(parents=True, exist_ok=True)
        with open(data / "index.log", "ab") as log:
            return subprocess.Popen(  # noqa: S603
                command,
                cwd=ROOT,
                env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
    except OSError as error:
        raise IndexUnavailable(f"The folder {data} cannot be written ({error.strerror}): make it writable.") from error


def _last_line(data: Path) -> str:
    lines = (data / "index.log").read_text(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "it said nothing; run manage.py doctor"
