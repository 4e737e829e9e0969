"""Files of open data that are tables: plain, gz or zip, read in blocks of rows and never held whole."""

import hashlib
import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from backlinks.sources.archives import members
from backlinks.sources.decoding import Text
from backlinks.sources.finding import Sample
from backlinks.sources.reading import sniff_delimiter
from backlinks.sources.rows import Block, Rows

from .holdings import Refused

HEAD_LINES = 1_000
PIECE = 1 << 20
DAY = re.compile(r"(?<!\d)(20\d\d)([-_.]?)(\d\d)\2(\d\d)(?!\d)")
MONTH = re.compile(r"(?<!\d)(20\d\d)[-_.]?(\d\d)(?!\d)")


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file: `head` are its first rows, `member` its name within an archive."""

    member: str
    head: list[list[str]]
    delimiter: str
    _lines: Iterator[str]

    def blocks(self, size: int, *, width: int, skip: int) -> Iterator[Block]:
        """(rows, their numbers, what was refused) behind the first `skip` lines; once. Another width is refused."""
        lines = islice(self._lines, skip, None)
        rows = Rows(lines, delimiter=self.delimiter, width=width, first=skip + 1, strict=True)
        while (block := rows.block(size)) is not None:
            yield block


def tables(stream: BinaryIO, name: str) -> Iterator[Table]:
    """The tables of a file, in the order in which they lie there. Raises `UnreadableFile`."""
    for member in members(stream, name):
        text = Text(member.stream)
        lines = list(islice(text.lines, HEAD_LINES))
        delimiter = sniff_delimiter(lines)
        head = Sample(lines, delimiter, spaced=False).rows(0)
        yield Table(member.label, head, delimiter, chain(lines, text.lines))


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes. Raises `Refused` where there is no file to read."""
    made = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while piece := stream.read(PIECE):
                made.update(piece)
    except OSError as error:
        raise Refused(f"{path.name} cannot be read: {error.strerror}.") from error
    return made.hexdigest()


def opened(path: str, size: int) -> BinaryIO:
    """The file of a run, where it still lies as it was. Raises `Refused`."""
    try:
        stream = open(path, "rb")  # noqa: SIM115 - the caller closes it
    except OSError as error:
        raise Refused(f"{Path(path).name} cannot be read any more: {error.strerror}. Name it again.") from error
    if Path(path).stat().st_size != size:
        stream.close()
        raise Refused(f"{Path(path).name} has changed since it was named: name it again.")
    return stream


def day_in(*names: str) -> date | None:
    """The day in one of these names; of a month its last day. One in the future is none."""
    for name in names:
        for found in (*map(_day, DAY.findall(name)), *map(_month, MONTH.findall(DAY.sub(" ", name)))):
            if found and found <= today() + timedelta(days=1):
                return found
    return None


def _day(parts: tuple[str, str, str, str]) -> date | None:
    year, _, month, day = parts
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _month(parts: tuple[str, str]) -> date | None:
    year, month = map(int, parts)
    return min(date(year, month, monthrange(year, month)[1]), today()) if 1 <= month <= 12 else None


def modified_on(path: Path) -> date:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()


def today() -> date:
    return datetime.now(UTC).date()
