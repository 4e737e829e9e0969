"""A file in, readings out: find the encoding, the delimiter, the header and the format, by content alone."""

import gc
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import chain, islice
from typing import BinaryIO

from seoapp.lib.weburl import Target

from .archives import Member, members
from .cells import parse_date
from .contract import Chunk, Source, UnreadableFile, joined
from .decoding import Text
from .finding import Found, Question, Sample, find, known_format
from .rows import MAX_BLOCK, Rows
from .transform import TIMES, Transform

SAMPLE_LINES = 200
PIECE = 4_000  # rows that are worked on at once: they fit into the processor's cache
MAX_FIRST_LINE = 64 * 1024
DELIMITERS = "\t,;|"
FILE_DATE = re.compile(r"(20\d\d)-(\d\d)-(\d\d)")
BING_DATE = re.compile(r"_(\d{1,2})_(\d{1,2})_(20\d\d)\.")
DISAVOW = re.compile(r"\s*(?:#.*|domain:\S*\s*|https?://[^\s,;|]+\s*)$", re.IGNORECASE)
WORTHLESS_WHEN_CUT = ("source_url", "target_url", "source_domain", "value")
SPACED = re.compile(r'"\s+[,;|]|[,;|]\s+"')
CAPS = frozenset((1_000, 10_000, 30_000, 50_000, 100_000, 1_000_000))


@dataclass(slots=True)
class Reading:
    """One table that can be read. `member` names it within an archive; `notes` grows while reading."""

    source: Source
    encoding: str
    delimiter: str
    header: list[str]
    export_date: date | None
    member: str
    estimated_rows: int
    transform: Transform
    _text: Text
    _rows: Rows
    _notes: list[str] = field(default_factory=list)

    @property
    def notes(self) -> list[str]:
        return self._notes + self._rows.notes + self.transform.notes() + self._text.fallbacks.said()

    def _chunk(self, size: int) -> Chunk | None:
        """The next chunk. Its short-lived lists hold no cycle: the collector would only look for one in vain."""
        collected = gc.isenabled()
        gc.disable()
        try:
            pieces: list[Chunk] = []
            room, characters = size, 0
            while room > 0 and characters < MAX_BLOCK and (block := self._rows.block(min(PIECE, room))):
                pieces.append(self.transform.chunk(*block))
                room -= max(pieces[-1].rows, 1)
                characters += self._rows.characters
            return joined(pieces) if pieces else None
        finally:
            if collected:
                gc.enable()

    def chunks(self, size: int = 50_000) -> Iterator[Chunk]:
        """Chunks of the table in its order; raises `UnreadableFile` where an archive ends badly."""
        total = 0
        while made := self._chunk(size):
            total += made.rows
            yield made
        if total in CAPS:
            self._notes.append(f"The file has exactly {total:,} rows: the vendor has probably cut it there.")


def open_reading(
    stream: BinaryIO,
    filename: str,
    *,
    format: str | None = None,
    target: Target | None = None,
    mapping: Mapping[str, str] | Callable[[Sequence[str]], Mapping[str, str] | None] | None = None,
) -> list[Reading]:
    """The tables of a file. Raises `UnreadableFile`, or `NeedsMapping` for one table with an unknown header."""
    question = Question(known_format(format), target.domain if target else "", mapping)
    return [_open(member, filename, question, target) for member in members(stream, filename)]


def _open(member: Member, filename: str, question: Question, target: Target | None) -> Reading:
    text, lines, skipped, delimiter = _begin(member.stream)
    spaced = bool(lines) and SPACED.search(lines[0]) is not None
    found = find(Sample(lines, delimiter, spaced=spaced), question)
    day_first = found.date_order(_dates(member, found, delimiter, skipped))
    if found.dates_read_on:
        text, lines, skipped, delimiter = _begin(member.stream)
    day = export_date(filename, member.label)
    return Reading(
        source=found.source,
        encoding=text.encoding,
        delimiter=delimiter,
        header=found.header,
        export_date=day,
        member=member.label,
        estimated_rows=_estimated_rows(member.stream, lines),
        transform=Transform(found.source, found.header, found.index, target, _moment(day), day_first),
        _text=text,
        _rows=_rows(chain(lines[found.data_from :], text.lines), found, delimiter, skipped, spaced=spaced),
        _notes=list(found.notes),
    )


def _begin(stream: BinaryIO) -> tuple[Text, list[str], int, str]:
    """(decoder, its first lines without an Excel `sep=` line, lines left out, delimiter)."""
    stream.seek(0)
    text = Text(stream)
    lines = list(islice(text.lines, SAMPLE_LINES))
    _refuse_other_text(lines)
    directive = re.match(r"\s*\"?sep=(.)\"?\s*$", lines[0], re.IGNORECASE) if lines else None
    if directive:
        return text, lines[1:], 1, directive.group(1)
    return text, lines, 0, sniff_delimiter(lines)


def _refuse_other_text(lines: list[str]) -> None:
    """Text that is no table: one endless line, or a list for another page of the product."""
    if lines and len(lines[0]) > MAX_FIRST_LINE and len(lines) == 1:
        raise UnreadableFile("The file is one line of more than 64 KB: this is no table of links.")
    filled = [line for line in lines if line.strip()]
    if filled and all(map(DISAVOW.match, filled)):
        first = [line.strip().lower() for line in filled]
        if any(line.startswith(("domain:", "#")) for line in first):
            raise UnreadableFile(
                "This is a disavow file, not an export of links: it holds decisions and is not imported here."
            )
        raise UnreadableFile(
            "This is a list of URLs without a header. If these pages link to you, write 'Linking page' in a first "
            "line; if it is a disavow list, it is not imported here."
        )


def _rows(lines: Iterator[str], found: Found, delimiter: str, skipped: int, *, spaced: bool) -> Rows:
    whole = frozenset(at for name, at in found.index.items() if name in WORTHLESS_WHEN_CUT)
    return Rows(
        lines,
        delimiter=delimiter,
        width=len(found.header),
        first=found.data_from + skipped + 1,
        strict=found.source.strict,
        spaced=spaced,
        whole=whole,
    )


def _dates(member: Member, found: Found, delimiter: str, skipped: int) -> Iterator[tuple[str, str]]:
    """(field, cell) of all dates of the table: read only where its first lines leave the order of dates open."""
    text, lines, _, _ = _begin(member.stream)
    places = [(name, at) for name, at in found.index.items() if name in TIMES]
    rows = _rows(chain(lines[found.data_from :], text.lines), found, delimiter, skipped, spaced=False)
    while block := rows.block(5_000):
        yield from ((name, row[at]) for row in block[0] for name, at in places)


def _estimated_rows(stream: BinaryIO, lines: list[str]) -> int:
    size = getattr(stream, "size", None)
    average = max(sum(map(len, lines)) // max(len(lines), 1), 1)
    return size // average if isinstance(size, int) else 0


def sniff_delimiter(lines: Sequence[str]) -> str:
    """The delimiter with the same count (outside quotes) on most of the first lines."""
    best = (0, 0, ",")
    bare = [re.sub(r'"[^"]*"', "", line[:MAX_FIRST_LINE]) for line in lines[:20] if line.strip()]
    for delimiter in DELIMITERS:
        counts = [line.count(delimiter) for line in bare]
        common = max(set(counts) - {0}, key=counts.count, default=0)
        if common:
            best = max(best, (counts.count(common), common, delimiter))
    return best[2]


def export_date(filename: str, label: str = "") -> date | None:
    """The export date in the name of the file, if it carries one."""
    for name in (label, filename):
        found = FILE_DATE.search(name)
        parsed = parse_date("-".join(found.groups())) if found else None
        bing = BING_DATE.search(name)
        if not parsed and bing:
            month, day, year = bing.groups()
            parsed = parse_date(f"{year}-{int(month):02}-{int(day):02}")
        if parsed:
            return parsed.date()
    return None


def _moment(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None
