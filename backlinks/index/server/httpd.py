"""ClickHouse's HTTP protocol: one request, one statement, one answer.

Loopback only, with the password of the installation. Inserts stream into chDB as they arrive; answers in Native stream
out block by block; everything else is small. A client that goes away has its query killed.
"""

import hmac
import json
import re
import select
import socket
import socketserver
import sys
import threading
import time
import uuid
import zlib
from base64 import b64decode
from collections.abc import Iterator
from contextlib import suppress
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import lz4.frame

from .database import WHOLE_BLOCK, Database, TooMany, marker
from .statements import Refused, Statement, examine, split_insert

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

USER = "linkledger"
READ_BYTES = 1 << 20
# Parameters of the protocol itself; whatever else stands in the URL is a setting of ClickHouse.
PROTOCOL = frozenset(
    """query database default_format query_id session_id session_timeout session_check user password compress decompress
    wait_end_of_query buffer_size quota_key role client_protocol_version enable_http_compression http_zlib_compression_level
    send_progress_in_http_headers http_headers_progress_interval_ms cancel_http_readonly_queries_on_client_close
    insert_quorum""".split()
)
STATUS = {516: 401, 81: 404, 60: 404, 202: 503, 159: 408, 394: 499, 164: 403}
CODE = re.compile(r"Code: (\d+)")


class Problem(Exception):
    """An error in ClickHouse's words."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        found = CODE.search(text)
        self.code = int(found.group(1)) if found else 1002
        self.text = text if found else f"Code: 1002. DB::Exception: {text}. (UNKNOWN_EXCEPTION)"


class Body:
    """The request's body as it arrives: length or chunks, decompressed, read in pieces."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self._file = handler.rfile
        self._chunked = "chunked" in handler.headers.get("Transfer-Encoding", "").lower()
        self._left = int(handler.headers.get("Content-Length") or 0)
        self._encoding = handler.headers.get("Content-Encoding", "").lower()
        self.pieces = self._decoded()

    def _raw(self) -> Iterator[bytes]:
        if self._chunked:
            while size := int(self._file.readline(64).split(b";")[0].strip() or b"0", 16):
                yield from self._exactly(size)
                self._file.readline(8)
            self._file.readline(8)
            return
        yield from self._exactly(self._left)

    def _exactly(self, size: int) -> Iterator[bytes]:
        while size > 0:
            piece = self._file.read(min(size, READ_BYTES))
            if not piece:
                raise ConnectionError("the client went away in mid-body")
            size -= len(piece)
            yield piece

    def _decoded(self) -> Iterator[bytes]:
        if self._encoding in ("", "identity"):
            yield from self._raw()
            return
        decoder = decoder_of(self._encoding)
        for piece in self._raw():
            plain = decoder(piece)
            if plain:
                yield plain

    def drain(self) -> None:
        for _ in self.pieces:
            pass


def decoder_of(encoding: str) -> Any:
    if encoding == "gzip":
        return zlib.decompressobj(47).decompress
    if encoding == "zstd":
        return zstd.ZstdDecompressor().decompress
    if encoding == "lz4":
        return lz4.frame.LZ4FrameDecompressor().decompress
    raise Problem(f"Code: 440. DB::Exception: Unknown content encoding {encoding}. (INVALID_SETTING_VALUE)")


class Encoder:
    """Compression of an answer, piece by piece."""

    def __init__(self, name: str) -> None:
        self.name = name
        if name == "zstd":
            made = zstd.ZstdCompressor(level=1)
            self.add, self.end = made.compress, made.flush
        elif name == "lz4":
            frame = lz4.frame.LZ4FrameCompressor()
            self._head = frame.begin()
            self._frame = frame
            self.add, self.end = self._lz4, frame.flush
        elif name == "gzip":
            packer = zlib.compressobj(1, zlib.DEFLATED, 31)
            self.add, self.end = packer.compress, packer.flush
        else:
            self.add, self.end = bytes, bytes

    def _lz4(self, piece: bytes) -> bytes:
        head, self._head = self._head, b""
        return head + self._frame.compress(piece)


def chosen_encoding(accepted: str, *, enabled: bool) -> str:
    names = [part.split(";")[0].strip() for part in accepted.lower().split(",")]
    return next((name for name in ("zstd", "lz4", "gzip") if name in names), "") if enabled else ""


class Handler(BaseHTTPRequestHandler):
    """One connection of one client."""

    protocol_version = "HTTP/1.1"
    server: "IndexServer"
    wbufsize = 1 << 16
    timeout = 3600

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not logged: SQL may name what a client watches."""

    def do_GET(self) -> None:
        self._serve(get=True)

    def do_POST(self) -> None:
        self._serve(get=False)

    def _serve(self, *, get: bool) -> None:
        self.server.touch()
        url = urlsplit(self.path)
        if get and url.path in ("/ping", "/replicas_status"):
            self._answer(200, b"Ok.\n")
            return
        self._sent = False
        body = Body(self)
        try:
            self._request(dict(parse_qsl(url.query, keep_blank_values=True)), body, get=get)
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        except Exception as error:
            self._fail(error, body)
        finally:
            self.server.touch()

    def _request(self, params: dict[str, str], body: Body, *, get: bool) -> None:
        self._authenticate(params)
        if self.server.stopping.is_set():
            raise Problem("Code: 236. DB::Exception: The server is stopping. (ABORTED)")
        pieces = body.pieces
        if self.headers.get("Content-Type", "").startswith("multipart/form-data"):
            params |= self._form(b"".join(pieces))
            pieces = iter(())
        sql = params.get("query", "")
        head = b"" if get else next(pieces, b"")
        if not sql.strip():
            sql, head = self._statement_in_body(head, pieces)
        elif head and not re.match(r"\s*INSERT\b", sql, re.IGNORECASE):
            sql, head = sql + "\n" + (head + b"".join(pieces)).decode("utf-8"), b""
        statement = self._examined(sql, params, get=get)
        query_id = params.get("query_id") or str(uuid.uuid4())
        if statement.kind == "kill":
            self._kill(statement)
        elif statement.kind == "insert" and statement.format and statement.format.lower() != "values":
            self._insert(statement, query_id, params, head, pieces)
        else:
            self._query(statement, query_id, params)

    def _statement_in_body(self, head: bytes, pieces: Iterator[bytes]) -> tuple[str, bytes]:
        if re.match(rb"\s*INSERT\b", head, re.IGNORECASE):
            sql, rest = split_insert(head)
            if rest or re.search(r"FORMAT\s+\w+$", sql, re.IGNORECASE):
                return sql, rest
        return (head + b"".join(pieces)).decode("utf-8"), b""

    def _examined(self, sql: str, params: dict[str, str], *, get: bool) -> Statement:
        try:
            statement = examine(sql)
        except Refused as error:
            raise Problem(f"Code: 62. DB::Exception: {error}. (SYNTAX_ERROR)") from error
        readonly = get or params.get("readonly", "0") != "0"
        if readonly and statement.kind not in ("read", "kill"):
            raise Problem("Code: 164. DB::Exception: Cannot execute query in readonly mode. (READONLY)")
        return statement

    def _authenticate(self, params: dict[str, str]) -> None:
        user, password = params.pop("user", ""), params.pop("password", "")
        user = self.headers.get("X-ClickHouse-User", user)
        password = self.headers.get("X-ClickHouse-Key", password)
        given = self.headers.get("Authorization", "")
        if given.startswith("Basic "):
            with suppress(ValueError):
                user, _, password = b64decode(given[6:]).decode().partition(":")
        right = hmac.compare_digest(password.encode(), self.server.password.encode())
        if not right or user not in (USER, "default"):
            raise Problem(f"Code: 516. DB::Exception: {user}: Authentication failed. (AUTHENTICATION_FAILED)")

    def _form(self, data: bytes) -> dict[str, str]:
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        message = BytesParser(policy=HTTP).parsebytes(head + data)
        found = {}
        for part in message.iter_parts():
            name = part.get_param("name", header="content-disposition")
            found[str(name)] = (part.get_payload(decode=True) or b"").decode("utf-8")
        return found

    # --- the three kinds of answer --------------------------------------------------------------------------------
    def _session(self, query_id: str, params: dict[str, str], extra: dict[str, str]) -> Any:
        settings = {k: v for k, v in params.items() if k not in PROTOCOL and not k.startswith("param_")}
        return self.server.database.session(query_id, extra | settings, params.get("database", ""))

    def _query(self, statement: Statement, query_id: str, params: dict[str, str]) -> None:
        bound = {k.removeprefix("param_"): v for k, v in params.items() if k.startswith("param_")}
        format = statement.format or params.get("default_format") or self.headers.get("X-ClickHouse-Format") or "TabSeparated"
        sql = f"{marker(query_id)} {statement.sql}"
        with self._session(query_id, params, {}) as connection, self._watched(query_id):
            if statement.streams and format == "Native":
                self._stream(connection, sql, bound, query_id, params)
                return
            result = connection.query(sql, format, params=bound)
            summary = {"read_rows": str(result.rows_read()), "read_bytes": str(result.bytes_read())}
            self._answer(200, result.bytes(), self._headers(query_id, format, summary), params)

    def _stream(self, connection: Any, sql: str, bound: dict[str, str], query_id: str, params: dict[str, str]) -> None:
        encoder = self._encoder(params)
        with connection.send_query(sql, "Native", params=bound) as result:
            blocks = (block.bytes() for block in result)
            first = next(blocks, b"")
            self._begin(200, self._headers(query_id, "Native", {}), encoder)
            self._chunk(encoder.add(first))
            for block in blocks:
                self._chunk(encoder.add(block))
        self._chunk(encoder.end())
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def _insert(
        self, statement: Statement, query_id: str, params: dict[str, str], head: bytes, pieces: Iterator[bytes]
    ) -> None:
        with self._session(query_id, params, WHOLE_BLOCK) as connection:
            inserter = connection.send_insert(f"{marker(query_id)} {statement.sql}", statement.format)
            try:
                if head:
                    inserter.append(head)
                for piece in pieces:
                    inserter.append(piece)
                result = inserter.finish()
            except BaseException:
                with suppress(Exception):
                    inserter.cancel()
                raise
        summary = {"written_rows": str(result.rows_written), "written_bytes": str(result.bytes_written)}
        self._answer(200, b"", self._headers(query_id, "TabSeparated", summary), params)

    def _kill(self, statement: Statement) -> None:
        found = re.search(r"query_id\s*=\s*'([^']{1,200})'", statement.sql)
        if not found:
            raise Problem("Code: 36. DB::Exception: KILL QUERY needs WHERE query_id = '...'. (BAD_ARGUMENTS)")
        count = self.server.database.kill(found.group(1), wait=" SYNC" in statement.sql.upper())
        self._answer(200, f"waiting\t{found.group(1)}\n".encode() if count else b"")

    # --- answering ------------------------------------------------------------------------------------------------
    def _headers(self, query_id: str, format: str, summary: dict[str, str]) -> dict[str, str]:
        return {
            "X-ClickHouse-Query-Id": re.sub(r"[^\x20-\x7e]", "_", query_id),
            "X-ClickHouse-Format": format,
            "X-ClickHouse-Timezone": "UTC",
            "X-ClickHouse-Server-Display-Name": "linkindex",
            "X-ClickHouse-Summary": json.dumps({"read_rows": "0", "written_rows": "0", **summary}),
        }

    def _encoder(self, params: dict[str, str]) -> Encoder:
        enabled = params.get("enable_http_compression", "0") == "1"
        return Encoder(chosen_encoding(self.headers.get("Accept-Encoding", ""), enabled=enabled))

    def _begin(self, status: int, headers: dict[str, str], encoder: Encoder | None, length: int | None = None) -> None:
        self._sent = True
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if encoder is not None and encoder.name:
            self.send_header("Content-Encoding", encoder.name)
        if length is None:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def _chunk(self, data: bytes) -> None:
        if data:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
            self.wfile.flush()

    def _answer(
        self, status: int, data: bytes, headers: dict[str, str] | None = None, params: dict[str, str] | None = None
    ) -> None:
        encoder = self._encoder(params or {})
        if encoder.name and data:
            data = encoder.add(data) + encoder.end()
        self._begin(status, headers or {}, encoder if data else None, len(data))
        self.wfile.write(data)
        self.wfile.flush()

    def _fail(self, error: Exception, body: Body) -> None:
        if self._sent:
            self.close_connection = True
            return
        if isinstance(error, TooMany):
            error = Problem("Code: 202. DB::Exception: Too many simultaneous queries. (TOO_MANY_SIMULTANEOUS_QUERIES)")
        problem = error if isinstance(error, Problem) else Problem(str(error).removeprefix("Streaming query failed: "))
        with suppress(Exception):
            body.drain()
        text = problem.text if problem.text.endswith("\n") else problem.text + "\n"
        headers = {"X-ClickHouse-Exception-Code": str(problem.code), "Content-Type": "text/plain; charset=UTF-8"}
        with suppress(OSError):
            self._answer(STATUS.get(problem.code, 500), text.encode(), headers)

    def _watched(self, query_id: str) -> "Watch":
        return Watch(self.connection, lambda: self.server.database.kill(query_id))


class Watch:
    """While a query runs, look whether its client is still there; kill the query when not."""

    def __init__(self, connection: socket.socket, gone: Any) -> None:
        self._socket, self._gone = connection, gone
        self._done = threading.Event()

    def __enter__(self) -> None:
        threading.Thread(target=self._look, daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self._done.set()

    def _look(self) -> None:
        while not self._done.wait(0.25):
            readable, _, _ = select.select([self._socket], [], [], 0)
            try:
                closed = bool(readable) and not self._socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            except BlockingIOError:
                closed = False
            except OSError:
                closed = True
            if closed and not self._done.is_set():
                self._gone()
                return


class IndexServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """The listener; knows the database, the password and when it was last used."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, password: str, database: Database) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.password = password
        self.database = database
        self.stopping = threading.Event()
        self.last_used = 0.0
        self.touch()

    def touch(self) -> None:
        self.last_used = time.monotonic()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that resets its connection is no news."""
