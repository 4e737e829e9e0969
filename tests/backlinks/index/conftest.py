"""A link index server on a folder of its own, which a test may kill; raw requests and clients for it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client

from backlinks.index import launch

MEMORY_MB = 1200
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def code(self) -> int:
        """ClickHouse's code of an error; 0 when there was none."""
        return int(self.headers.get("X-ClickHouse-Exception-Code", "0"))


class ServedFolder:
    """The server of one data folder: start, stop, kill, ask."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "backlinks.index.server", "--data", str(self.folder), *options]

    def start(self, *options: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = self.command("--memory-mb", str(MEMORY_MB), *options)
        with open(self.folder / "index.log", "ab") as log:
            self.process = subprocess.Popen(
                command, cwd=launch.ROOT, env={"PATH": os.environ["PATH"]}, stdout=log, stderr=log
            )
        eventually(lambda: launch.find(self.folder) is not None or self.process.poll() is not None)
        assert self.process.poll() is None, (self.folder / "index.log").read_text()

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait; returns the exit code."""
        assert self.process
        with suppress(ProcessLookupError):
            self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    @property
    def address(self) -> launch.IndexAddress:
        found = launch.find(self.folder)
        assert found
        return found

    def connection(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.address.port, timeout=PATIENCE)

    def headers(self, **more: str) -> dict[str, str]:
        return {"X-ClickHouse-User": self.address.user, "X-ClickHouse-Key": self.address.password, **more}

    def ask(
        self, sql: str = "", *, body: bytes = b"", method: str = "POST", headers: Mapping[str, str] = {}, **params
    ) -> Answer:
        """One raw request; `params` go into the URL."""
        held = self.connection()
        url = "/?" + urlencode({**({"query": sql} if sql else {}), **params})
        held.request(method, url, body or None, {**self.headers(), **headers})
        answer = held.getresponse()
        found = Answer(answer.status, dict(answer.headers), answer.read())
        held.close()
        return found

    def client(self, **options) -> Client:
        place = self.address
        return clickhouse_connect.get_client(
            host=place.host, port=place.port, username=place.user, password=place.password, **options
        )


def eventually(true: Callable[[], object]) -> None:
    """Wait until something holds, patiently: tests assert what happens, never how fast."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


@pytest.fixture
def served_folder(tmp_path: Path) -> Iterator[ServedFolder]:
    """A server on a folder of its own that the test may kill and start again."""
    served = ServedFolder(tmp_path / "index")
    served.start()
    yield served
    served.end(signal.SIGKILL)


@pytest.fixture(scope="package")
def index_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedFolder]:
    """One server for all tests that leave it alive."""
    served = ServedFolder(tmp_path_factory.mktemp("served") / "index")
    served.start()
    yield served
    served.end(signal.SIGKILL)


class Listener:
    """A port on loopback that notes whether anybody came."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.host = f"127.0.0.1:{self._socket.getsockname()[1]}"

    def reached(self) -> bool:
        try:
            self._socket.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    held = Listener()
    yield held
    held.close()
