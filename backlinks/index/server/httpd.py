"""ClickHouse's HTTP protocol: one request, one statement, one answer.

Loopback only, with the password of the installation. Inserts stream into chDB as they arrive; answers in Native stream
out block by block; everything else is bounded by the memory of a query. A client that goes away has its query killed.
Decided: a session id is accepted and means nothing, so two requests of one session run side by side. Refused: what
would need a session (SET, USE, temporary tables), external data, and progress in headers.
"""

import hmac
import json
import re
import secrets
import socket
import socketserver
import threading
import time
import uuid
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .bodies import Body, Encoder, chosen_encoding, form, whole
from .database import WHOLE_BLOCK, Database, Running, read_settings
from .problems import Problem, problem
from .statements import HEAD_BYTES, Statement, examine, split_insert
from .watch import Watch

USER = "linkledger"
# Parameters of the protocol itself; whatever else stands in the URL is a setting of ClickHouse.
PROTOCOL_WORDS = """query database default_format query_id session_id session_timeout session_check user password
    compress decompress wait_end_of_query buffer_size quota_key role client_protocol_version enable_http_compression
    http_zlib_compression_level send_progress_in_http_headers http_headers_progress_interval_ms
    cancel_http_readonly_queries_on_client_close insert_quorum"""
PROTOCOL = frozenset(PROTOCOL_WORDS.split())
STRANGER_SECONDS = 30.0  # to send a request with the password
BODY_SECONDS = 300.0  # without a byte in either direction
CONNECTIONS = 512


class Handler(BaseHTTPRequestHandler):
    """One connection of one client."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "linkindex", ""
    server: "IndexServer"
    wbufsize = 1 << 16
    timeout = STRANGER_SECONDS

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not logged: SQL may name what a client watches."""

    def do_HEAD(self) -> None:
        self._begin(200, {}, None, 0)

    def do_GET(self) -> None:
        self._serve(get=True)

    def do_POST(self) -> None:
        self._serve(get=False)

    def _serve(self, *, get: bool) -> None:
        url = urlsplit(self.path)
        params = dict(parse_qsl(url.query, keep_blank_values=True))
        self._tag, self._known = "", False
        self._answer_encoder = Encoder("")
        body = Body(self)
        try:
            if get and "query" not in params and url.path in ("/", "/ping", "/replicas_status"):
                self._answer(200, b"Ok.\n", {})
                return
            self._authenticate(params)
            if params.get("enable_http_compression") == "1":
                self._answer_encoder = Encoder(chosen_encoding(self.headers.get("Accept-Encoding", "")))
            self._request(params, body, get=get)
            self.close_connection |= not body.ended and self._left_over(body)
            self.connection.settimeout(None if not self.close_connection else BODY_SECONDS)
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        except Exception as error:
            self._fail(error, body)

    def _left_over(self, body: Body) -> bool:
        with suppress(Problem):
            body.drain(1 << 20, 5)
        return not body.ended

    def _request(self, params: dict[str, str], body: Body, *, get: bool) -> None:
        if {"1"} & {params.get("compress"), params.get("decompress")}:
            raise problem(48, "NOT_IMPLEMENTED", "compress=1 and decompress=1 are not served: use Content-Encoding")
        pieces = body.pieces
        if self.headers.get("Content-Type", "").startswith("multipart/form-data"):
            params |= form(self.headers["Content-Type"], whole(pieces))
            pieces = iter(())
        statement, head, pieces = self._statement(params.get("query", ""), pieces)
        asked = params.get("readonly", "0")
        params["readonly"] = "2" if get and asked == "0" else asked
        if params["readonly"] != "0" and statement.kind not in ("read", "kill"):
            raise problem(164, "READONLY", "Cannot execute query in readonly mode")
        if statement.kind == "kill":
            self._kill(statement)
            return
        query_id = params.get("query_id") or str(uuid.uuid4())
        with self.server.database.run(query_id, self._interrupt) as running:
            if statement.kind == "insert" and statement.format and statement.format.lower() != "values":
                self._insert(statement, running, params, head, pieces)
            else:
                self._query(statement, running, params)

    def _statement(self, sql: str, pieces: Iterator[bytes]) -> tuple[Statement, bytes, Iterator[bytes]]:
        """The statement from the URL or the body, with the first bytes of an insert's data and the rest of them."""
        if sql.strip():
            statement = examine(sql)
            if statement.kind == "insert" and statement.format and statement.format.lower() != "values":
                return statement, b"", pieces
            rest = whole(pieces)
            return examine(f"{sql}\n{rest.decode()}") if rest.strip() else statement, b"", iter(())
        head = b""
        while len(head) < HEAD_BYTES and (piece := next(pieces, b"")):
            head += piece
        split = split_insert(head)
        if split:
            return examine(split[0]), split[1], pieces
        return examine(whole(pieces, head).decode()), b"", iter(())

    def _authenticate(self, params: dict[str, str]) -> None:
        user, password = params.pop("user", ""), params.pop("password", "")
        user = self.headers.get("X-ClickHouse-User", user)
        password = self.headers.get("X-ClickHouse-Key", password)
        given = self.headers.get("Authorization", "")
        if given.startswith("Basic "):
            with suppress(ValueError):
                user, _, password = b64decode(given[6:]).decode().partition(":")
        self._known = hmac.compare_digest(password.encode(), self.server.password.encode()) and user in (
            USER,
            "default",
        )
        if not self._known:
            raise problem(516, "AUTHENTICATION_FAILED", "Authentication failed: user or password is wrong")
        self.connection.settimeout(BODY_SECONDS)

    def _interrupt(self) -> None:
        """Wake this request where it waits for its client."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RD)
        self.close_connection = True

    # --- the three kinds of answer --------------------------------------------------------------------------------
    def _session(self, params: Mapping[str, str], extra: Mapping[str, str], *, reads: bool = False) -> Any:
        settings = {k: v for k, v in params.items() if k not in PROTOCOL | {"readonly"} and not k.startswith("param_")}
        if reads:
            settings = read_settings(settings, params["readonly"])
        return self.server.database.sessions.lend({**extra, **settings}, params.get("database", ""))

    def _query(self, statement: Statement, running: Running, params: dict[str, str]) -> None:
        bound = {k.removeprefix("param_"): v for k, v in params.items() if k.startswith("param_")}
        wanted = params.get("default_format") or self.headers.get("X-ClickHouse-Format")
        format = statement.format or wanted or "TabSeparated"
        sql = running.mark + statement.sql
        streams = statement.streams and format == "Native"
        # An answer that does not stream is held whole, outside of what the engine counts as the memory of its query.
        extra = {"max_result_bytes": str(self.server.database.limits.answer)} if not streams else {}
        with self._session(params, extra, reads=statement.kind == "read") as connection, self._watched(running):
            if streams:
                self._stream(connection, sql, bound, running)
                return
            result = connection.query(sql, format, params=bound)
            running.check()
            summary = {"read_rows": str(result.rows_read()), "read_bytes": str(result.bytes_read())}
            self._answer(200, result.bytes(), self._headers(running.query_id, format, summary))

    def _stream(self, connection: Any, sql: str, bound: dict[str, str], running: Running) -> None:
        encoder = self._answer_encoder
        with connection.send_query(sql, "Native", params=bound) as result:
            blocks = (block.bytes() for block in result)
            first = next(blocks, b"")
            running.check()
            self._tag = secrets.token_hex(8)
            headers = {**self._headers(running.query_id, "Native", {}), "X-ClickHouse-Exception-Tag": self._tag}
            self._begin(200, headers, encoder)
            self._chunk(encoder.add(first))
            for block in blocks:
                self._chunk(encoder.add(block))
            running.check()
        self._chunk(encoder.end())
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def _insert(
        self, statement: Statement, running: Running, params: dict[str, str], head: bytes, pieces: Iterator[bytes]
    ) -> None:
        with self._session(params, WHOLE_BLOCK) as connection:
            inserter = connection.send_insert(running.mark + statement.sql, statement.format)
            try:
                if head:
                    inserter.append(head)
                for piece in pieces:
                    inserter.append(piece)
                running.check()
                before = self.server.database.errors(running)
                result = inserter.finish()
                if lost := self.server.database.failure(before):
                    raise Problem(lost)
            except BaseException:
                with suppress(Exception):
                    inserter.cancel()
                running.check()
                raise
        summary = {"written_rows": str(result.rows_written), "written_bytes": str(result.bytes_written)}
        self._answer(200, b"", self._headers(running.query_id, "TabSeparated", summary))

    def _kill(self, statement: Statement) -> None:
        found = re.search(r"query_id\s*=\s*'([^'\\]{1,200})'", statement.sql)
        if not found:
            raise problem(36, "BAD_ARGUMENTS", "KILL QUERY needs WHERE query_id = '...'")
        known = self.server.database.kill(
            found.group(1), wait=re.search(r"\sSYNC\b", statement.sql, re.IGNORECASE) is not None
        )
        self._answer(200, f"waiting\t{found.group(1)}\n".encode() if known else b"", {})

    # --- answering ------------------------------------------------------------------------------------------------
    def _headers(self, query_id: str, format: str, summary: dict[str, str]) -> dict[str, str]:
        return {
            "X-ClickHouse-Query-Id": re.sub(r"[^\x20-\x7e]", "_", query_id),
            "X-ClickHouse-Format": re.sub(r"\W", "", format, flags=re.ASCII),
            "X-ClickHouse-Timezone": "UTC",
            "X-ClickHouse-Server-Display-Name": "linkindex",
            "X-ClickHouse-Summary": json.dumps({"read_rows": "0", "written_rows": "0", **summary}),
        }

    def _begin(
        self, status: int, headers: Mapping[str, str], encoder: Encoder | None, length: int | None = None
    ) -> None:
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

    def _answer(self, status: int, data: bytes, headers: Mapping[str, str]) -> None:
        encoder = self._answer_encoder
        if encoder.name and data:
            data = encoder.add(data) + encoder.end()
        self._begin(status, headers, encoder if data else None, len(data))
        self.wfile.write(data)
        self.wfile.flush()

    def _fail(self, error: Exception, body: Body) -> None:
        found = error if isinstance(error, Problem) else Problem(str(error))
        with suppress(OSError):
            if self._tag:
                self._fail_in_mid_stream(found.text)
                return
            with suppress(Problem):  # an honest client reads our answer only when it has sent everything
                body.drain(*((1 << 32, 60) if self._known else (1 << 20, 2)))
            headers = {"X-ClickHouse-Exception-Code": str(found.code), "Content-Type": "text/plain; charset=UTF-8"}
            if not body.ended or not self._known:
                headers["Connection"] = "close"  # send_header() makes it so
            self._answer(found.status, f"{found.text}\n".encode(), headers)

    def _fail_in_mid_stream(self, text: str) -> None:
        """As ClickHouse does: the error between two tags, and no last chunk, so that nobody takes it for the end."""
        self.close_connection = True
        said = f"{text}\n"
        block = f"__exception__\r\n{self._tag}\r\n{said}{len(said.encode())} {self._tag}\r\n__exception__\r\n"
        self._chunk(self._answer_encoder.add(block.encode()) + self._answer_encoder.end())

    def _watched(self, running: Running) -> Watch:
        return Watch(self.connection, lambda: self.server.database.cancel(running))


class IndexServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """The listener; knows the database, the password, how many clients are connected and when the last one left."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, password: str, database: Database) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.password = password
        self.database = database
        self.clients = 0
        self._counting = threading.Lock()
        self._left = time.monotonic()

    def idle_seconds(self) -> float:
        """How long nobody has been connected."""
        return 0.0 if self.clients else time.monotonic() - self._left

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return self.clients < CONNECTIONS

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        with self._counting:
            self.clients += 1
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._counting:
                self.clients -= 1
                self._left = time.monotonic()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that resets its connection is no news."""
