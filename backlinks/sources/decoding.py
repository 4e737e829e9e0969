"""Bytes into lines: whatever encoding a vendor or a spreadsheet has saved, streaming.

Decided: UTF-16 by its mark or its zero bytes; else UTF-8, where a byte that is none is read as Windows-1252 on its own,
so one bad line never garbles the good ones. Refused: guessing other encodings, because mojibake looks like data.
"""

import codecs
import io
import re
from dataclasses import dataclass, field
from typing import BinaryIO

from .contract import UnreadableFile

SNIFF = 64 * 1024
UNDEFINED = frozenset((0x81, 0x8D, 0x8F, 0x90, 0x9D))
HANDLER = "linkledger_cp1252"
NOT_TABLES = (
    (rb"%PDF", "a PDF"),
    (rb"PK\x03\x04", "an Excel or ZIP file that cannot be opened"),
    (rb"\xd0\xcf\x11\xe0", "an old Excel file"),
    (rb"\s*<(!doctype|html|head|body|table|\?xml)", "a web page"),
    (rb"\s*[\[{]\s*[\"\[{\]}]", "JSON"),
    (rb"WARC/1\.", "a web archive"),
)
SAVE_AS = "export it again as CSV"


@dataclass(slots=True)
class Fallbacks:
    """How many bytes were no UTF-8, and how many NUL characters were dropped."""

    bytes: int = 0
    nuls: int = 0
    undefined: int = 0
    notes: list[str] = field(default_factory=list)

    def said(self) -> list[str]:
        made = list(self.notes)
        if self.bytes:
            made.append(f"{self.bytes} bytes were not UTF-8 and were read as Windows-1252.")
        if self.undefined:
            made.append(f"{self.undefined} bytes are no character in Windows-1252 either and show as \ufffd.")
        if self.nuls:
            made.append(f"{self.nuls} NUL characters were dropped.")
        return made


_current: list[Fallbacks] = []


def _fall_back(error: UnicodeError) -> tuple[str, int]:
    """Read the bytes that are no UTF-8 as Windows-1252."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    raw = error.object[error.start : error.end]
    if _current:
        _current[-1].bytes += len(raw)
        _current[-1].undefined += sum(byte in UNDEFINED for byte in raw)
    return raw.decode("cp1252", "replace"), error.end


codecs.register_error(HANDLER, _fall_back)


class _Clean(io.RawIOBase):
    """A byte stream without NUL characters, for encodings in which NUL is never part of another character."""

    def __init__(self, stream: BinaryIO, seen: Fallbacks) -> None:
        self._stream, self._seen = stream, seen

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while data := self._stream.read(len(buffer)):
            if b"\0" in data:
                self._seen.nuls += data.count(b"\0")
                data = data.replace(b"\0", b"")
            if data:
                buffer[: len(data)] = data
                return len(data)
        return 0


class Text:
    """The lines of a file. `encoding` is what was found; `fallbacks` fills up while reading."""

    def __init__(self, stream: BinaryIO) -> None:
        head = stream.read(SNIFF)
        stream.seek(0)
        self.fallbacks = Fallbacks()
        self.encoding, self.mark = found_encoding(head)
        refuse_other_content(head, self.encoding)
        stream.seek(self.mark)
        raw = stream if self.encoding.startswith("utf-16") else _Clean(stream, self.fallbacks)
        buffered = io.BufferedReader(raw, 1 << 20) if isinstance(raw, io.RawIOBase) else raw
        errors = "replace" if self.encoding.startswith("utf-16") else HANDLER
        _current.append(self.fallbacks)
        self.lines = io.TextIOWrapper(buffered, self.encoding, errors=errors, newline="")
        self.lines._CHUNK_SIZE = 1 << 18  # type: ignore[attr-defined]

    def close(self) -> None:
        self.lines.detach()
        if self.fallbacks in _current:
            _current.remove(self.fallbacks)


def found_encoding(head: bytes) -> tuple[str, int]:
    """(codec, length of the byte-order mark)."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(mark):
            return name, len(mark)
    sample = head[:2000]
    if len(sample) > 3 and sample[1::2].count(0) > 0.4 * len(sample[1::2]):
        return "utf-16-le", 0
    if len(sample) > 3 and sample[::2].count(0) > 0.4 * len(sample[::2]):
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
    if odd > 0.02 * len(head):
        raise UnreadableFile(f"This is binary data, not a table: {SAVE_AS}.")
    _refuse_unknown_encoding(head)


def _refuse_unknown_encoding(head: bytes) -> None:
    """Text that is neither UTF-8 nor Windows-1252 (Shift-JIS, for one) is not guessed."""
    text = head[: head.rfind(b"\n") + 1] or head
    high = sum(byte >= 0x80 for byte in text)
    strange = 0
    position = 0
    while position < len(text):
        try:
            text[position:].decode("utf-8")
            break
        except UnicodeDecodeError as error:
            strange += text[position + error.start] in UNDEFINED
            position += error.start + 1
            if strange > 3 and strange * 50 > high:
                raise UnreadableFile(
                    "The file is neither UTF-8 nor Windows-1252: save it again as CSV UTF-8."
                ) from error
            if position > 20_000:
                break
    if strange and strange * 20 > high:
        raise UnreadableFile("The file is neither UTF-8 nor Windows-1252: save it again as CSV UTF-8.")
