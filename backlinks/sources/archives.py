"""gz and zip, without trust: decoded bytes and members are counted while reading, nothing is ever extracted.

One level, at most 20 members, at most the operator's size and a ratio of 200 after the first 10 MB. An archive that
ends badly raises while it is read, so that its import keeps no row.
"""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from .contract import UnreadableFile

MAX_MEMBERS = 20
MAX_BYTES = 2 * 1024**3
MAX_RATIO = 200
FREE_BYTES = 10 * 1024**2
BROKEN = (zipfile.BadZipFile, zlib.error, gzip.BadGzipFile, EOFError, NotImplementedError, RuntimeError, OSError)


@dataclass(frozen=True, slots=True)
class Member:
    """One table of an upload: its label ("" for a plain file) and a fresh stream of its bytes."""

    label: str
    stream: BinaryIO


class Counted(io.RawIOBase):
    """Decoded bytes, counted against the caps; every fault of the archive becomes one sentence."""

    def __init__(self, stream: BinaryIO, packed: int, label: str) -> None:
        self._stream, self._packed, self._label, self._count = stream, max(packed, 1), label, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._count = 0
        try:
            return self._stream.seek(offset, whence)
        except BROKEN as error:
            raise _fault(self._label, error) from error

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._stream.read(min(len(buffer), 1 << 20))
        except BROKEN as error:
            raise _fault(self._label, error) from error
        self._count += len(data)
        if self._count > MAX_BYTES or (self._count > FREE_BYTES and self._count / self._packed > MAX_RATIO):
            raise UnreadableFile(f"{self._label} unpacks to far more than its size: nothing of it was kept.")
        buffer[: len(data)] = data
        return len(data)


def _fault(label: str, error: Exception) -> UnreadableFile:
    return UnreadableFile(f"{label} is damaged or cut off ({type(error).__name__}): nothing of it was kept.")


def members(stream: BinaryIO, name: str) -> Iterator[Member]:
    """The tables in an upload: itself, or what its archive holds."""
    head = stream.read(8)
    stream.seek(0)
    if head.startswith(b"\x1f\x8b"):
        size = stream.seek(0, io.SEEK_END)
        stream.seek(0)
        yield Member(name, _buffered(gzip.GzipFile(fileobj=stream), size, name))
    elif head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        yield from _zip_members(stream, name)
    else:
        yield Member("", stream)


def _buffered(stream: BinaryIO, packed: int, label: str) -> BinaryIO:
    made = io.BufferedReader(Counted(stream, packed, label), 1 << 20)
    inner = made.peek(8)[:8]
    if inner.startswith((b"\x1f\x8b", b"PK\x03\x04")):
        raise UnreadableFile(f"{label} is an archive in an archive: unpack it once and upload what is inside.")
    return made


def _zip_members(stream: BinaryIO, name: str) -> Iterator[Member]:
    try:
        archive = zipfile.ZipFile(stream)
    except BROKEN as error:
        raise _fault(name, error) from error
    if "[Content_Types].xml" in archive.namelist():
        raise UnreadableFile(f"{name} is an Excel workbook: save it as CSV UTF-8 and upload that.")
    entries = [one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX/")]
    _check_entries(entries, name)
    for entry in entries:
        label = entry.filename.replace("\\", "/").rpartition("/")[2] or entry.filename
        try:
            opened = archive.open(entry)
        except BROKEN as error:
            raise _fault(entry.filename, error) from error
        yield Member(label, _buffered(opened, entry.compress_size, label))


def _check_entries(entries: list[zipfile.ZipInfo], name: str) -> None:
    if not entries:
        raise UnreadableFile(f"{name} is an empty archive.")
    if len(entries) > MAX_MEMBERS:
        raise UnreadableFile(f"{name} holds {len(entries)} files: at most {MAX_MEMBERS} are read at once.")
    if len({one.filename for one in entries}) < len(entries):
        raise UnreadableFile(f"{name} holds two files of the same name: pack it again.")
    if any(one.flag_bits & 1 for one in entries):
        raise UnreadableFile(f"{name} is encrypted: pack it again without a password.")
    if any((one.external_attr >> 16) & 0o170000 == 0o120000 for one in entries):
        raise UnreadableFile(f"{name} holds a link to another file: pack it again with the files themselves.")
