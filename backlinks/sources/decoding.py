"""Bytes into lines: whatever encoding a vendor or a spreadsheet has saved, streaming.

Decided: UTF-16 by its mark or its zero bytes; else UTF-8, where a byte that is none is read as Windows-1252 on its own,
so one bad line never garbles the good ones. Everything is turned into clean UTF-8 *below* the line reader, by an object
of each file's own: nothing is shared between files or threads. A line longer than any row is cut and marked, so memory
stays flat. Refused: guessing other encodings, because mojibake looks like data; codec error handlers, because they are
global to the process and cannot say which file they serve.
"""

import codecs
import io
import re
from dataclasses import dataclass, field
from typing import BinaryIO

from .contract import UnreadableFile

SNIFF = 64 * 1024
READ = 1 << 18
MAX_CELL = 1024 * 1024
MAX_LINE = 4 * MAX_CELL
UNDEFINED = frozenset((0x81, 0x8D, 0x8F, 0x90, 0x9D))
NOT_TABLES = (
    (rb"%PDF", "a PDF"),
    (rb"PK\x03\x04", "an Excel or ZIP file that cannot be opened"),
    (rb"\xd0\xcf\x11\xe0", "an old Excel file"),
    (rb"\s*<(!doctype|html|head|body|table|\?xml)", "a web page"),
    (rb"\s*[\[{]\s*[\"\[{\]}]", "JSON"),
    (rb"WARC/1\.", "a web archive"),
)
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
SAVE_AS = "export it again as CSV"
STRANGE = "The file is neither UTF-8 nor Windows-1252: save it again as CSV UTF-8."


@dataclass(slots=True)
class Fallbacks:
    """What had to be mended while reading."""

    bytes: int = 0
    nuls: int = 0
    undefined: int = 0
    broken: int = 0
    long_lines: int = 0
    notes: list[str] = field(default_factory=list)

    def said(self) -> list[str]:
        made = list(self.notes)
        if self.bytes:
            made.append(f"{self.bytes} bytes were not UTF-8 and were read as Windows-1252.")
        if self.undefined:
            made.append(f"{self.undefined} bytes are no character in Windows-1252 either and show as \ufffd.")
        if self.broken:
            made.append(f"{self.broken} characters were broken in UTF-16 and show as \ufffd.")
        if self.nuls:
            made.append(f"{self.nuls} NUL characters were dropped.")
        return made


class Clean(io.RawIOBase):
    """A byte stream of any supported encoding as valid UTF-8 without NUL, its lines at most some 5 MB long."""

    def __init__(self, stream: BinaryIO, encoding: str, seen: Fallbacks) -> None:
        self._stream, self._seen = stream, seen
        self._utf16 = codecs.getincrementaldecoder(encoding)("replace") if encoding.startswith("utf-16") else None
        self._rest = b""  # bytes of a character that is not complete yet
        self._ready = b""
        self._place = 0
        self._line = 0  # bytes of the line that has not ended
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while self._place >= len(self._ready):
            if self._ended:
                return 0
            self._ready, self._place = self._next(), 0
        part = self._ready[self._place : self._place + len(buffer)]
        self._place += len(part)
        buffer[: len(part)] = part
        return len(part)

    def _next(self) -> bytes:
        raw = self._stream.read(READ)
        self._ended = not raw
        made = self._from_utf16(raw) if self._utf16 else self._from_utf8(self._rest + raw)
        if b"\0" in made:
            self._seen.nuls += made.count(b"\0")
            made = made.replace(b"\0", b"")
        return self._cut(made)

    def _from_utf16(self, raw: bytes) -> bytes:
        text = self._utf16.decode(raw, self._ended)  # type: ignore[union-attr]
        self._seen.broken += text.count("\ufffd")
        return text.encode("utf-8", "replace")

    def _from_utf8(self, data: bytes) -> bytes:
        """Valid UTF-8 as it is; a byte that is none, as Windows-1252. Keeps back a character that is cut at the end."""
        made: list[bytes] = []
        while True:
            try:
                done = codecs.utf_8_decode(data, "strict", self._ended)[1]
            except UnicodeDecodeError as error:
                made += (data[: error.start], self._fall_back(data[error.start : error.end]))
                data = data[error.end :]
                continue
            self._rest = data[done:]
            return b"".join(made) + data[:done] if made else data[:done]

    def _fall_back(self, raw: bytes) -> bytes:
        self._seen.bytes += len(raw)
        self._seen.undefined += sum(byte in UNDEFINED for byte in raw)
        return raw.decode("cp1252", "replace").encode()

    def _cut(self, data: bytes) -> bytes:
        """Drop what a line has beyond 4 MB, leaving a cell too large to be read in its place: the row gets refused."""
        last = max(data.rfind(b"\n"), data.rfind(b"\r"))
        if self._line + len(data) <= MAX_LINE or (last >= 0 and self._line <= MAX_LINE):
            self._line = len(data) - last - 1 if last >= 0 else self._line + len(data)
            return data
        if self._line <= MAX_LINE:
            self._seen.long_lines += 1
            self._line += len(data)
            return b"x" * (MAX_CELL + 1)
        first = min((at for at in (data.find(b"\n"), data.find(b"\r")) if at >= 0), default=-1)
        if first < 0:
            return b""
        self._line = len(data) - last - 1
        return data[first:]


class Text:
    """The lines of a file. `encoding` is what was found; `fallbacks` fills up while reading."""

    def __init__(self, stream: BinaryIO) -> None:
        head = stream.read(SNIFF)
        stream.seek(0)
        self.fallbacks = Fallbacks()
        self.encoding, mark = found_encoding(head)
        refuse_other_content(head, self.encoding)
        stream.seek(mark)
        raw = Clean(stream, self.encoding, self.fallbacks)
        self.lines = io.TextIOWrapper(io.BufferedReader(raw, 1 << 20), "utf-8", errors="replace", newline="")
        self.lines._CHUNK_SIZE = 1 << 18  # type: ignore[attr-defined]


def found_encoding(head: bytes) -> tuple[str, int]:
    """(codec, length of the byte-order mark)."""
    for mark, name in MARKS:
        if head.startswith(mark):
            return name, len(mark)
    odd, even = (sum(byte == 0 for byte in head[start:2000:2]) / max(len(head[start:2000:2]), 1) for start in (1, 0))
    if odd > 0.4 and even < 0.05:
        return "utf-16-le", 0
    if even > 0.4 and odd < 0.05:
        return "utf-16-be", 0
    return "utf-8", 0


def refuse_other_content(head: bytes, encoding: str) -> None:
    """Refuse what is no table, by its content."""
    if not head.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise UnreadableFile("The file is empty: export it again.")
    if encoding.startswith("utf-16"):
        return
    for pattern, name in NOT_TABLES:
        if re.match(pattern, head.removeprefix(codecs.BOM_UTF8), re.IGNORECASE):
            raise UnreadableFile(f"This is {name}, not a table: {SAVE_AS}.")
    odd = sum(byte < 9 or 13 < byte < 32 for byte in head if byte) - head.count(0x1A)
    if odd > 0.02 * len(head) or head.count(0) > 0.05 * len(head):
        raise UnreadableFile(f"This is binary data, not a table: {SAVE_AS}.")
    if _strange_share(head) > 0.05:
        raise UnreadableFile(STRANGE)


def _strange_share(head: bytes) -> float:
    """Of the bytes that are not ASCII, the share that is neither in UTF-8 nor a character of Windows-1252."""
    text = head[: head.rfind(b"\n") + 1] or head
    high = sum(byte >= 0x80 for byte in text)
    if not high:
        return 0.0
    strange = 0
    while text:
        try:
            text.decode("utf-8")
            break
        except UnicodeDecodeError as error:
            strange += text[error.start] in UNDEFINED
            text = text[error.start + 1 :]
    return strange / high
