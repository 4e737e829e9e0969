"""The server of the small web: one port of 127.0.0.1, hundreds of hosts, and a log of who asked for what and when.

Decided: an asyncio protocol of our own, because the server must be faster than the crawlers that it measures. The log
is what tests prove politeness by: times are of the server's monotonic clock, from the whole request to the last byte.
Runs in a thread (`serve`), or as a process: `python -m tests.web.server --hosts 200 --pages 250 --port P --log FILE`.
"""

import argparse
import asyncio
import gzip
import json
import signal
import socket
import sys
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from email.utils import formatdate
from pathlib import Path

from .pages import Page, refusal
from .sites import Web

MAX_REQUEST = 64 * 1024
REASONS = {200: "OK", 301: "Moved Permanently", 302: "Found", 304: "Not Modified", 404: "Not Found"}
NO_PAGE = refusal(404)
NO_HOST = refusal(421)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request and its answer."""

    host: str
    target: str
    started: float
    ended: float
    agent: str
    conditional: bool
    status: int
    method: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a request matters."""

    method: str
    target: str
    host: str
    headers: dict[str, str]

    @property
    def agent(self) -> str:
        return self.headers.get("user-agent", "")


class Answers:
    """What the web answers: pages with their validators, packed where the client takes it."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.visits: Counter[tuple[str, str]] = Counter()

    def page(self, asked: Asked) -> Page:
        """The page for this request; the first requests of a failing page get its failures."""
        place = (asked.host, asked.target)
        self.visits[place] += 1
        visit = self.visits[place]
        if asked.host not in self.web.by_host and place not in self.web.edits:
            return NO_HOST
        page = self.web.page(*place, visit) or NO_PAGE
        if visit <= len(page.failing):
            return page.failing[visit - 1]
        return page.cloaked if page.cloaked and "Googlebot" in asked.agent else page

    def render(self, asked: Asked, page: Page) -> tuple[int, bytes]:
        """(status, the bytes of the answer)."""
        marks = self._validators(asked, page)
        if marks and self._is_known(asked, marks):
            return 304, f"HTTP/1.1 304 Not Modified\r\nETag: {marks[0]}\r\nContent-Length: 0\r\n\r\n".encode()
        head, body = self._whole(page, marks, packed="gzip" in asked.headers.get("accept-encoding", ""))
        return page.status, head if asked.method == "HEAD" else head + body

    def _validators(self, asked: Asked, page: Page) -> tuple[str, str] | None:
        """ETag and Last-Modified."""
        if not page.validators or page.status != 200:
            return None
        changed = formatdate(self.web.modified(asked.host, asked.target), usegmt=True)
        return f'"{zlib.crc32(page.body):08x}-{len(page.body)}"', changed

    @staticmethod
    def _is_known(asked: Asked, marks: tuple[str, str]) -> bool:
        """An ETag that is asked for decides alone (RFC 9110 13.2.2)."""
        tag = asked.headers.get("if-none-match", "")
        return tag == marks[0] if tag else asked.headers.get("if-modified-since", "") == marks[1]

    @staticmethod
    def _whole(page: Page, marks: tuple[str, str] | None, *, packed: bool) -> tuple[bytes, bytes]:
        body, lines = page.body, [f"HTTP/1.1 {page.status} {REASONS.get(page.status, 'Answer')}"]
        packed = packed and len(body) > 1_000 and page.content_type.startswith(("text/", "application/xml"))
        if packed:
            body = gzip.compress(body, 1, mtime=0)
            lines.append("Content-Encoding: gzip")
        lines += [f"Content-Type: {page.content_type}", f"Content-Length: {len(body)}", "Vary: Accept-Encoding"]
        lines += [f"ETag: {marks[0]}", f"Last-Modified: {marks[1]}"] if marks else []
        lines += [f"{name}: {value}" for name, value in page.headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"), body


class Connection(asyncio.Protocol):
    """One connection: requests one after the other, each answered before the next is read."""

    def __init__(self, answers: Answers, log: Callable[[Visit], None]) -> None:
        self._answers, self._log = answers, log
        self._transport: asyncio.Transport | None = None
        self._waiting = b""
        self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        if len(self._waiting) > MAX_REQUEST and self._transport:
            self._transport.close()
        self._next()

    def _next(self) -> None:
        while not self._busy and b"\r\n\r\n" in self._waiting:
            head, _, self._waiting = self._waiting.partition(b"\r\n\r\n")
            self._answer(_asked(head), time.monotonic())

    def _answer(self, asked: Asked, started: float) -> None:
        page = self._answers.page(asked)
        if page.delay:
            self._busy = True
            asyncio.get_running_loop().call_later(page.delay, self._late, asked, page, started)
        else:
            self._send(asked, page, started)

    def _late(self, asked: Asked, page: Page, started: float) -> None:
        self._busy = False
        self._send(asked, page, started)
        self._next()

    def _send(self, asked: Asked, page: Page, started: float) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        status, answer = self._answers.render(asked, page)
        conditional = "if-none-match" in asked.headers or "if-modified-since" in asked.headers
        ended = time.monotonic()  # logged before it is sent: who has the answer finds it in the log
        self._log(Visit(asked.host, asked.target, started, ended, asked.agent, conditional, status, asked.method))
        transport.write(answer)
        if asked.headers.get("connection", "").lower() == "close":
            transport.close()


def _asked(head: bytes) -> Asked:
    lines = head.decode("latin-1").split("\r\n")
    method, _, rest = lines[0].partition(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
    return Asked(method, rest.rpartition(" ")[0], host.lower(), headers)


# --- In a thread ----------------------------------------------------------------------------------------------------
class SmallWeb:
    """A running small web: its pages, its address, its log."""

    def __init__(self, web: Web, listener: socket.socket) -> None:
        self.web = web
        self.log: list[Visit] = []
        self._listener = listener
        self._loop = asyncio.new_event_loop()
        self._listens = threading.Event()
        self._thread = threading.Thread(target=self._run, name="small-web", daemon=True)

    @property
    def port(self) -> int:
        return self.web.port

    def url(self, host: str, path: str = "/") -> str:
        return self.web.url(host, path)

    def edit(self, host: str, target: str, page: Page) -> None:
        self.web.edit(host, target, page)

    def start(self) -> None:
        """It listens after this: a test that ends at once must not stop a server that has not begun."""
        self._thread.start()
        self._listens.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        answers = Answers(self.web)
        self._loop.run_until_complete(
            self._loop.create_server(lambda: Connection(answers, self.log.append), sock=self._listener)
        )
        self._listens.set()
        self._loop.run_forever()
        self._listener.close()


def listening(port: int = 0) -> socket.socket:
    return socket.create_server(("127.0.0.1", port), backlog=1_024)


@contextmanager
def serve(*, seed: int = 1, hosts: int = 8, pages: int = 30) -> Iterator[SmallWeb]:
    """A small web on a free port for as long as the block runs."""
    listener = listening()
    running = SmallWeb(Web(seed=seed, hosts=hosts, pages=pages, port=listener.getsockname()[1]), listener)
    running.start()
    try:
        yield running
    finally:
        running.stop()


# --- What the log proves --------------------------------------------------------------------------------------------
def by_host(log: Iterable[Visit]) -> dict[str, list[Visit]]:
    hosts: dict[str, list[Visit]] = {}
    for visit in sorted(log, key=lambda one: one.started):
        hosts.setdefault(visit.host, []).append(visit)
    return hosts


def gaps(log: Iterable[Visit]) -> list[tuple[float, Visit]]:
    """Seconds between the end of each request to a host and the start of the next; below zero: both at once."""
    found = []
    for visits in by_host(log).values():
        free_at = visits[0].ended
        for visit in visits[1:]:
            found.append((visit.started - free_at, visit))
            free_at = max(free_at, visit.ended)
    return found


def at_once(log: Iterable[Visit]) -> int:
    """The most requests that one host had at the same time."""
    most = 0
    for visits in by_host(log).values():
        moments = sorted([(one.started, 1) for one in visits] + [(one.ended, -1) for one in visits])
        running = 0
        for _, change in moments:
            running += change
            most = max(most, running)
    return most


def fetches(log: Iterable[Visit]) -> Counter[tuple[str, str]]:
    """How often each (host, path and query) was fetched."""
    return Counter((visit.host, visit.target) for visit in log)


def read_log(path: Path) -> list[Visit]:
    """The log of a server process, but for a last line that is still being written."""
    lines = path.read_text().split("\n")[:-1]
    return [Visit(**json.loads(line)) for line in lines]


# --- As a process ---------------------------------------------------------------------------------------------------
async def _serve(web: Web, listener: socket.socket, log: Callable[[Visit], None]) -> None:
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, done.set)
    answers = Answers(web)
    server = await loop.create_server(lambda: Connection(answers, log), sock=listener)
    print(json.dumps({"port": web.port, "hosts": [site.host for site in web.sites]}), flush=True)
    await done.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve the small web until stopped.")
    for name, default in (("seed", 1), ("hosts", 8), ("pages", 30), ("port", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--log", type=Path)
    options = parser.parse_args()
    listener = listening(options.port)
    web = Web(seed=options.seed, hosts=options.hosts, pages=options.pages, port=listener.getsockname()[1])
    with open(options.log or "/dev/null", "w", buffering=1) as file:
        asyncio.run(_serve(web, listener, lambda visit: print(json.dumps(asdict(visit)), file=file)))


if __name__ == "__main__":
    sys.exit(main())
