"""A hostile web server on loopback, and a listener that nobody may reach.

Answers are data: `raw` is sent as it stands, else status line, headers and body. Pieces: `text`; `repeat` and `times`;
`numbered` or `drip` and `times` ({i} is the counter, a drip waits `gap_s` after each); `forever`; `zeros_mib` or
`text` with `gzip_layers`; `base64`; `silence_s`; `close`. {9 x a} is nine times a, {this path} what was asked for.
"""

import base64
import gzip
import json
import re
import socket
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any

Piece = dict[str, Any]
Answer = dict[str, Any]
BLOCK = 65_536
TIMES = re.compile(r"\{(\d+) x (.)\}")


def text(body: str, *headers: str, status: str = "200 OK") -> Answer:
    return {"status": status, "headers": list(headers), "content_length": True, "body": [{"text": body}]}


def raw(*pieces: Piece) -> Answer:
    return {"raw": list(pieces)}


def bomb(*headers: str, status: str = "200 OK", layers: int = 1) -> Answer:
    encoding = "Content-Encoding: " + ", ".join(["gzip"] * layers)
    body = [{"zeros_mib": 256, "gzip_layers": layers}]
    return {"status": status, "headers": [*headers, encoding], "content_length": True, "body": body}


HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
OWN: dict[str, tuple[Answer, str]] = {  # path: what is answered, and "ok", "cut" or the code of the error
    "/ok": (text("fine", "Content-Type: text/html"), "ok"),
    "/slow/header-lines": (raw({"text": HEAD}, {"drip": "X-{i}: 1\r\n", "times": 900, "gap_s": 0.1}), "timeout"),
    "/slow/header-bytes": (raw({"text": HEAD + "X: "}, {"drip": "a", "times": 900, "gap_s": 0.1}), "timeout"),
    "/slow/body": (
        raw({"text": HEAD + "Content-Length: 9000\r\n\r\n"}, {"drip": "a", "times": 900, "gap_s": 0.1}),
        "timeout",
    ),
    "/slow/chunks": (
        raw({"text": HEAD + "Transfer-Encoding: chunked\r\n\r\n"}, {"drip": "1\r\na\r\n", "times": 900, "gap_s": 0.1}),
        "timeout",
    ),
    "/slow/nothing": (raw({"silence_s": 90}), "timeout"),
    "/slow/interim": (raw({"drip": "HTTP/1.1 103 Early Hints\r\n\r\n", "times": 900, "gap_s": 0.1}), "timeout"),
    "/endless/body": (raw({"text": HEAD + "\r\n"}, {"forever": "{65536 x a}"}), "cut"),
    "/endless/chunks": (
        raw({"text": HEAD + "Transfer-Encoding: chunked\r\n\r\n"}, {"forever": "8000\r\n{32768 x a}\r\n"}),
        "cut",
    ),
    "/endless/error-page": (raw({"text": "HTTP/1.1 404 No\r\n\r\n"}, {"forever": "{65536 x a}"}), "cut"),
    "/bomb/one": (bomb(), "cut"),
    "/bomb/two": (bomb(layers=2), "cut"),
    "/bomb/three": (bomb(layers=3), "cut"),
    "/bomb/eight": (bomb(layers=8), "bad_encoding"),
    "/bomb/broken": ({**text("no gzip at all", "Content-Encoding: gzip")}, "bad_encoding"),
    "/bomb/in-redirect": (bomb("Location: /ok", status="302 Found"), "ok"),
    "/endless/redirect": (
        raw({"text": "HTTP/1.1 302 Found\r\nLocation: /ok\r\n\r\n"}, {"forever": "{65536 x a}"}),
        "ok",
    ),
    "/length/short": (raw({"text": HEAD + "Content-Length: 4\r\n\r\n"}, {"repeat": "fine", "times": 500}), "ok"),
    "/length/long": (raw({"text": HEAD + "Content-Length: 4000\r\n\r\nfine"}), "bad_response"),
    "/length/negative": (raw({"text": HEAD + "Content-Length: -4\r\n\r\nfine"}), "bad_response"),
    "/length/two": (raw({"text": HEAD + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nfine!"}), "bad_response"),
    "/length/huge": (raw({"text": HEAD + f"Content-Length: {'9' * 40}\r\n\r\nfine"}), "ok"),  # no length at all
    "/chunk/word": (raw({"text": HEAD + "Transfer-Encoding: chunked\r\n\r\nfour\r\nfine\r\n"}), "bad_response"),
    "/chunk/early-end": (raw({"text": HEAD + "Transfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n"}), "bad_response"),
    "/header/flood": (raw({"text": HEAD}, {"numbered": "X-{i}: {900 x a}\r\n", "times": 2000}), "headers_too_large"),
    "/header/long": (raw({"text": HEAD + "X: "}, {"repeat": "a", "times": 3_000_000}), "headers_too_large"),
    "/header/interim": (raw({"repeat": "HTTP/1.1 100 Continue\r\n\r\n", "times": 50_000}), "headers_too_large"),
    "/header/nul": (raw({"text": HEAD + "X: a\0b\r\nContent-Length: 4\r\n\r\nfine"}), "bad_response"),
    "/header/none": (raw({"text": "<html>an answer of 1991</html>"}), "bad_response"),
    "/status/word": (raw({"text": "HTTP/1.1 FINE\r\n\r\n"}), "bad_response"),
    "/status/999": (raw({"text": "HTTP/1.1 999 No\r\nContent-Length: 4\r\n\r\nfine"}), "bad_response"),
    "/status/unasked-304": (raw({"text": "HTTP/1.1 304 Not Modified\r\n\r\n"}), "bad_response"),
    "/status/switching": (raw({"text": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"}), "bad_response"),
    "/closed": (raw({"close": True}), "bad_response"),
    "/closed/in-headers": (raw({"text": HEAD + "X-Y: 1\r\n"}), "bad_response"),
    "/closed/in-header": (raw({"text": HEAD + "X-"}), "bad_response"),
    "/closed/in-redirect": (raw({"text": "HTTP/1.1 302 Found\r\nLocation: /ok\r\n"}), "bad_response"),
    "/closed/in-head": (raw({"text": "HTTP/1.1 200 O"}), "bad_response"),
    "/loop/one": (text("", "Location: /loop/one", status="302 Found"), "too_many_redirects"),
    "/loop/two": (text("", "Location: /loop/back", "Connection: close", status="301 Moved"), "too_many_redirects"),
    "/loop/back": (text("", "Location: /loop/two", "Connection: close", status="308 Moved"), "too_many_redirects"),
    "/loop/grow": (text("", "Location: {this path}{300 x a}", status="302 Found"), "too_many_redirects"),
    "/loop/burst": (text("", "Location: {this path}?{9000 x a}", status="302 Found"), "bad_redirect"),
    "/to/nowhere": (text("x", status="302 Found"), "ok"),
    "/to/empty": (text("x", "Location: ", status="302 Found"), "ok"),
    "/to/file": (text("", "Location: file:///etc/hosts", status="302 Found"), "bad_redirect"),
    "/to/script": (text("", "Location: javascript:alert(1)", status="302 Found"), "bad_redirect"),
    "/to/data": (text("", "Location: data:text/html,x", status="302 Found"), "bad_redirect"),
    "/to/gopher": (text("", "Location: gopher://127.0.0.2:70/", status="302 Found"), "bad_redirect"),
    "/to/ftp": (text("", "Location: ftp://127.0.0.2/", status="302 Found"), "bad_redirect"),
    "/to/bare-cr": (raw({"text": "HTTP/1.1 302 Found\r\nLocation: /ok\rX: y\r\n\r\n"}), "bad_response"),
    "/to/latin-1": (text("", "Location: /caf\u00e9", status="302 Found"), "ok"),
    "/to/no-host": (text("", "Location: http://", status="302 Found"), "bad_redirect"),
}  # fmt: skip


# --- Answers as bytes ------------------------------------------------------------------------------------------------
def written(template: str, path: str = "", number: int = 0) -> str:
    spread = TIMES.sub(lambda found: int(found.group(1)) * found.group(2), template)
    return spread.replace("{this path}", path).replace("{i}", str(number))


@lru_cache(maxsize=8)
def zeros(mib: int, layers: int) -> bytes:
    """Zeros under layers of gzip: one packed MiB as often as needed, so that making it costs little."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    plain = bytes(1 << 20)
    block = packer.compress(plain) + packer.flush(zlib.Z_FULL_FLUSH)
    check = 0
    for _ in range(mib):
        check = zlib.crc32(plain, check)
    tail = check.to_bytes(4, "little") + (mib << 20 & 0xFFFFFFFF).to_bytes(4, "little")
    packed = b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + block * mib + b"\x03\x00" + tail
    for _ in range(layers - 1):
        packed = gzip.compress(packed)
    return packed


def encoded(piece: Piece) -> bytes:
    """The bytes of a piece that has an end and no pauses."""
    if "zeros_mib" in piece:
        return zeros(piece["zeros_mib"], piece["gzip_layers"])
    if "base64" in piece:
        return base64.b64decode(piece["base64"])
    if "repeat" in piece:
        return piece["repeat"].encode("latin-1") * piece["times"]
    if "numbered" in piece:
        return "".join(written(piece["numbered"], "", i) for i in range(piece["times"])).encode("latin-1")
    data = piece["text"].encode(piece.get("encoding", "utf-8").removesuffix(" with BOM"))
    for _ in range(piece.get("gzip_layers", 0)):
        data = gzip.compress(data)
    return data


def blocks(piece: Piece) -> Iterator[bytes]:
    """A long piece bit by bit: most clients have gone before its end."""
    times, step = piece.get("times", 1), 50
    if "numbered" not in piece and "repeat" not in piece:
        yield encoded(piece)
        return
    if "repeat" in piece:
        step = max(1, BLOCK // len(piece["repeat"]))
    for start in range(0, times, step):
        count = min(step, times - start)
        if "repeat" in piece:
            yield piece["repeat"].encode("latin-1") * count
        else:
            yield "".join(written(piece["numbered"], "", start + i) for i in range(count)).encode("latin-1")


def headers_of(answer: Answer, path: str) -> bytes:
    lines = []
    for header in answer["headers"]:
        if isinstance(header, str):
            lines.append(written(header, path))
        else:
            lines.extend(written(header["numbered"], path, i) for i in range(header["times"]))
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1")


def answers_of(file: Path) -> dict[str, Answer]:
    return {one["path"]: one for one in json.loads(file.read_text())["answers"]}


# --- The server ------------------------------------------------------------------------------------------------------
@dataclass
class HostileServer:
    """Plays the answers, a thread per connection, and keeps the head of every request it got."""

    answers: dict[str, Answer]
    host: str = "127.0.0.1"
    port: int = 0
    requests: list[str] = field(default_factory=list)
    connections: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "HostileServer":
        self._listener = socket.create_server((self.host, self.port), backlog=512)
        self.port = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Close the port; a blocked `accept` would hold it open, so it gets one last caller."""
        if self._over.is_set():
            return
        self._over.set()
        socket.create_connection((self.host, self.port)).close()
        self._accepting.join(10)
        self._listener.close()

    def url(self, path: str = "/", host: str = "") -> str:
        return f"http://{host or self.host}:{self.port}{path}"

    def asked(self, path: str) -> list[str]:
        return [head for head in self.requests if path_of(head) == path]

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._over.is_set():
                connection.close()
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                connection.settimeout(60)
                while self._answer(connection, head_of(connection)):
                    pass
        except OSError:
            pass  # the client had enough

    def _answer(self, connection: socket.socket, head: str) -> bool:
        """Send one answer; False when the connection ends after it."""
        if not head:
            return False
        self.requests.append(head)
        path = path_of(head)
        answer = self.answers.get(path.partition("?")[0]) or self._grown(path)
        if "raw" in answer:
            for piece in answer["raw"]:
                self._play(connection, piece)
            return False
        body = b"" if head.startswith("HEAD ") else b"".join(map(encoded, answer["body"]))
        length = b"Content-Length: %d\r\n" % len(body) if answer["content_length"] else b""
        start = f"HTTP/1.1 {answer['status']}\r\n".encode()
        connection.sendall(start + length + headers_of(answer, path) + b"\r\n" + body)
        return bool(answer["content_length"])

    def _grown(self, path: str) -> Answer:
        """The answer of a path that this one began as; else 404."""
        known = (one for one in self.answers if one.endswith("grow") and path.startswith(one))
        return self.answers.get(next(known, ""), text("nothing here", status="404 Not Found"))

    def _play(self, connection: socket.socket, piece: Piece) -> None:
        if "silence_s" in piece:
            self._over.wait(piece["silence_s"])
        elif "drip" in piece:
            for number in range(piece["times"]):
                connection.sendall(written(piece["drip"], "", number).encode())
                if self._over.wait(piece["gap_s"]):
                    return
        elif "forever" in piece:
            block = written(piece["forever"]).encode()
            while not self._over.is_set():
                connection.sendall(block)
        elif "close" not in piece:
            for block in blocks(piece):
                connection.sendall(block)


def head_of(connection: socket.socket) -> str:
    """The head of a request; "" when the client has gone."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        one = connection.recv(1)
        if not one:
            return ""
        head += one
    return head.decode("latin-1")


def path_of(head: str) -> str:
    """What was asked for; "" where it is no request."""
    return f"{head}  ".split(" ")[1]


def forbidden(port: int) -> Iterator[HostileServer]:
    """A server on another loopback address, same port, that counts who reached it."""
    with HostileServer({"/": text("secret")}, host="127.0.0.2", port=port) as server:
        yield server
