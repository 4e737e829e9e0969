"""Bodies of requests and answers: length or chunks, gzip, lz4 and zstd in both directions, forms.

Decided: a body is read and unpacked in pieces of a megabyte, so that neither a long insert nor a small archive of zeros
fills the memory; a compressed body that is cut short is an error, never a shorter body. Refused: ClickHouse's own block
compression (`compress=1`, `decompress=1`), which no client of ours speaks.
"""

import re
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import lz4.frame

from .problems import problem

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

READ_BYTES = 1 << 20
WHOLE_BYTES = 32 << 20  # of a statement, or of a form with its parameters


class Gone(ConnectionError):
    """The client went away in mid-body."""


class Gunzip:
    """zlib with the interface of the other two decompressors."""

    def __init__(self) -> None:
        self._made = zlib.decompressobj(47)
        self._full = False

    def decompress(self, data: bytes, limit: int) -> bytes:
        plain = self._made.decompress(self._made.unconsumed_tail + data, limit)
        self._full = len(plain) == limit
        return plain

    @property
    def needs_input(self) -> bool:
        return not self._full

    @property
    def eof(self) -> bool:
        return self._made.eof

    @property
    def unused_data(self) -> bytes:
        return self._made.unused_data


DECODERS: dict[str, Callable[[], Any]] = {
    "gzip": Gunzip,
    "deflate": Gunzip,
    "zstd": zstd.ZstdDecompressor,
    "lz4": lz4.frame.LZ4FrameDecompressor,
}


class Body:
    """The request's body as it arrives. `pieces` are plain; `ended` says that nothing of it is left on the wire."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self._file = handler.rfile
        self._chunked = "chunked" in handler.headers.get("Transfer-Encoding", "").lower()
        self._length = handler.headers.get("Content-Length") or "0"
        self.ended = not self._chunked and self._length == "0"
        self.raw = self._raw()
        encoding = handler.headers.get("Content-Encoding", "").lower()
        self.pieces = self.raw if encoding in ("", "identity") else decoded(self.raw, encoding)

    def _raw(self) -> Iterator[bytes]:
        if self._chunked:
            while size := self._number(self._file.readline(64).split(b";")[0].strip().decode("ascii", "replace"), 16):
                yield from self._exactly(size)
                self._file.readline(8)
            self._file.readline(8)
        else:
            yield from self._exactly(self._number(self._length, 10))
        self.ended = True

    def _number(self, text: str, base: int) -> int:
        if not text:
            raise Gone
        if not re.fullmatch(r"[0-9a-fA-F]{1,16}" if base == 16 else r"[0-9]{1,18}", text):
            raise problem(1000, "POCO_EXCEPTION", "The length of the body is no number")
        return int(text, base)

    def _exactly(self, size: int) -> Iterator[bytes]:
        while size > 0:
            piece = self._file.read1(min(size, READ_BYTES))  # type: ignore[attr-defined]
            if not piece:
                raise Gone
            size -= len(piece)
            yield piece

    def drain(self, most: int, seconds: float) -> None:
        """Read what is left, within limits, so that the client has sent all before it reads our answer."""
        deadline = time.monotonic() + seconds
        for piece in self.raw:
            most -= len(piece)
            if most < 0 or time.monotonic() > deadline:
                return


def decoded(raw: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The plain pieces of a compressed body, each at most a megabyte."""
    if encoding not in DECODERS:
        raise problem(48, "NOT_IMPLEMENTED", f"Content-Encoding {encoding[:40]} is not served: send gzip, lz4 or zstd")
    decoder, begun = DECODERS[encoding](), False
    try:
        for piece in raw:
            begun = True
            if decoder.eof:
                decoder = DECODERS[encoding]()
            yield from _unpack(decoder, piece)
    except (zlib.error, zstd.ZstdError, RuntimeError, EOFError) as error:
        raise problem(354, "ZLIB_INFLATE_FAILED", f"The body is not {encoding}: {error}") from error
    if begun and not decoder.eof:
        raise problem(354, "ZLIB_INFLATE_FAILED", f"The {encoding} body is cut short")


def _unpack(decoder: Any, piece: bytes) -> Iterator[bytes]:
    while True:
        plain = decoder.decompress(piece, READ_BYTES)
        if plain:
            yield plain
        if decoder.eof and decoder.unused_data:
            raise EOFError("something follows its end")
        if decoder.eof or decoder.needs_input:
            return
        piece = b""


def whole(pieces: Iterator[bytes], head: bytes = b"") -> bytes:
    """All of a body that is a statement or a form."""
    parts, size = [head], len(head)
    for piece in pieces:
        size += len(piece)
        if size > WHOLE_BYTES:
            raise problem(307, "TOO_MANY_BYTES", f"A statement with its parameters may have {WHOLE_BYTES >> 20} MB")
        parts.append(piece)
    return b"".join(parts)


def form(content_type: str, data: bytes) -> dict[str, str]:
    """The fields of a multipart form; a file in it is external data, which is not served."""
    boundary = re.search(r'boundary="?([^";]+)"?', content_type)
    if not boundary:
        raise problem(36, "BAD_ARGUMENTS", "The form has no boundary")
    found = {}
    for part in (b"\r\n" + data).split(b"\r\n--" + boundary.group(1).encode())[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        name = re.search(rb'\bname="([^"]*)"', head)
        if b'filename="' in head:
            raise problem(48, "NOT_IMPLEMENTED", "External data is not served: insert it into a table, or bind it")
        if name:
            found[name.group(1).decode()] = value.decode()
    return found


class Encoder:
    """Compression of an answer, piece by piece."""

    def __init__(self, name: str) -> None:
        self.name = name
        if name == "zstd":
            made = zstd.ZstdCompressor(level=1)
            self.add, self.end = made.compress, made.flush
        elif name == "lz4":
            self._frame = lz4.frame.LZ4FrameCompressor()
            self._head = self._frame.begin()
            self.add, self.end = self._lz4, self._lz4_end
        elif name == "gzip":
            packer = zlib.compressobj(1, zlib.DEFLATED, 31)
            self.add, self.end = packer.compress, packer.flush
        else:
            self.add, self.end = bytes, bytes

    def _lz4(self, piece: bytes) -> bytes:
        head, self._head = self._head, b""
        return head + self._frame.compress(piece)

    def _lz4_end(self) -> bytes:
        head, self._head = self._head, b""
        return head + self._frame.flush()


def chosen_encoding(accepted: str) -> str:
    """The best of ours that the client accepts; "" when none."""
    names = {part.partition(";")[0].strip() for part in accepted.lower().split(",") if not part.endswith("q=0")}
    return next((name for name in ("zstd", "lz4", "gzip") if name in names), "")
