"""The records of a WAT or WARC file, in order, and the end of a file that is none or is cut short.

Decided: a file is taken whole or not at all. fastwarc ends in silence where a file ends in the middle of a gzip member,
so the length of each record and the end of the last member are looked at. A file that is one single gzip member has no
places to jump to, but is read in order like any other, and said to be so. Refused: fastwarc's lenient mode, which reads
nothing at all from a file that is no WARC and says so to nobody; but for one kind of damage, doubled carriage returns.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcHeaderMap, WarcRecord, WarcRecordType

from .holdings import Refused

WAT, WARC = "wat", "warc"
LOOKED_AT = 1_000  # records until one says what the file is
MAX_RECORD = 16 << 20  # bytes of a record that are read
GZIP = b"\x1f\x8b"
PIECE = 1 << 20
ANY = WarcRecordType.any_type
ENVELOPE = "application/json"


@dataclass(slots=True)
class Record:
    """One record. `number` counts those of the kinds that were asked for, from 1; `cut`: larger than we read."""

    number: int
    kind: WarcRecordType
    headers: WarcHeaderMap
    body: bytes
    cut: bool


class Archive:
    """A file of records. `position` is how far it is read, of `size`."""

    def __init__(self, path: Path) -> None:
        self.path, self.size = path, path.stat().st_size
        self.single_member = False
        self._stream: BinaryIO | None = None

    @property
    def position(self) -> int:
        return self._stream.tell() if self._stream is not None and not self._stream.closed else 0

    def kind(self) -> str:
        """WAT or WARC, by its first record that tells. Raises Refused."""
        for count, record in enumerate(self._records(ANY), 1):
            found = _told_by(record)
            if found:
                return found
            if count >= LOOKED_AT:
                break
        raise Refused(f"{self.path.name} holds no pages: no record of it is a response or the metadata of one.")

    def records(self, kinds: WarcRecordType, most: int = MAX_RECORD) -> Iterator[Record]:
        """Every record of these kinds. Raises Refused for a file that is damaged or ends too early."""
        number, place, before = 0, 0, -1
        for record in self._records(kinds):
            number += 1
            length = record.content_length
            body = record.reader.read(min(length, most)) if length else b""
            if len(body) < min(length, most):
                raise self._ends_early(number)
            place, before, two_before = record.stream_pos, place, before
            self.single_member = self.single_member or (number > 2 and place == before == two_before)
            yield Record(number, record.record_type, record.headers, body, length > most)
        if not self._ends_well(0 if self.single_member else place):
            raise self._ends_early(number)

    def _ends_early(self, number: int) -> Refused:
        return Refused(f"{self.path.name} ends in the middle of a record (number {number}): download it again.")

    def _records(self, kinds: WarcRecordType) -> Iterator[WarcRecord]:
        with self.path.open("rb") as stream:
            self._stream = stream
            doubled = stream.readline(200).endswith(b"\r\r\n")
            stream.seek(0)
            found = iter(
                ArchiveIterator(stream, record_types=kinds, parse_http=False, fsspec_args=False, quirks_mode=doubled)
            )
            begun = False
            try:
                for record in found:
                    begun = True
                    yield record
            except OSError as error:
                raise self._damaged(stream.tell() if begun else 0, error) from error

    def _damaged(self, place: int, error: OSError) -> Refused:
        name = self.path.name
        if not place:
            return Refused(f"{name} is no WARC or WAT file ({error}): name files that end in .wat.gz or .warc.gz.")
        return Refused(f"{name} is damaged near byte {place:,} ({error}): download it again.")

    def _ends_well(self, place: int) -> bool:
        """Whether the members from `place` on are whole, where the file is a gzip file."""
        with self.path.open("rb") as stream:
            if stream.read(2) != GZIP:
                return True
            stream.seek(place)
            unpacker, begun = zlib.decompressobj(31), False
            while piece := stream.read(PIECE):
                while piece:
                    if unpacker.eof:
                        unpacker = zlib.decompressobj(31)
                    begun = True
                    piece = _skipped(unpacker, piece)
            return not begun or unpacker.eof


def _skipped(unpacker: "zlib._Decompress", piece: bytes) -> bytes:
    """Unpack into nothing, a megabyte at a time; what follows the end of the member."""
    while piece and not unpacker.eof:
        unpacker.decompress(piece, PIECE)
        piece = unpacker.unconsumed_tail
    return unpacker.unused_data


def _told_by(record: WarcRecord) -> str:
    kind, content = record.record_type, record.headers.get("Content-Type") or ""
    if kind == WarcRecordType.conversion:
        raise Refused("This is a WET file, the text of pages without their links: name the WAT or WARC file of it.")
    if kind == WarcRecordType.metadata and content.startswith(ENVELOPE):
        return WAT
    if kind in (WarcRecordType.response, WarcRecordType.request, WarcRecordType.revisit, WarcRecordType.resource):
        return WARC
    return ""
