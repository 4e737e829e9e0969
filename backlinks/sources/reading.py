"""A file in, readings out: find the encoding, the delimiter, the header and the format, by content alone."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import chain, islice
from typing import BinaryIO

from seoapp.lib.weburl import Target

from . import gsc
from .archives import Member, members
from .cells import parse_date
from .contract import Chunk, NeedsMapping, Source, UnreadableFile
from .decoding import Text
from .generic import generic_source, suggest
from .registry import SOURCES
from .rows import Rows
from .transform import TIMES, Transform

Mapping = dict[str, str]
DELIMITERS = "\t,;|"
HEADER_LINES = 30
MAX_COLUMNS = 500
PREVIEW = 20
SORT_MARK = re.compile(r"\s*\((?:desc|asc)\)$")
FILE_DATE = re.compile(r"(20\d\d)-(\d\d)-(\d\d)")
BING_DATE = re.compile(r"_(\d{1,2})_(\d{1,2})_(20\d\d)\.")
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
        return self._notes + self._text.fallbacks.said()

    def chunks(self, size: int = 50_000) -> Iterator[Chunk]:
        """Chunks of the table in its order; raises `UnreadableFile` where an archive ends badly."""
        total = 0
        while block := self._rows.block(size):
            rows, numbers, refused = block
            made = self.transform.chunk(rows, numbers, refused)
            total += made.rows
            yield made
        self._text.close()
        if total in CAPS:
            self._notes.append(f"The file has exactly {total:,} rows: the vendor has probably cut it there.")


def open_reading(
    stream: BinaryIO,
    filename: str,
    *,
    format: str | None = None,
    target: Target | None = None,
    mapping: Mapping | Callable[[Sequence[str]], Mapping | None] | None = None,
) -> list[Reading]:
    """The tables of a file. Raises `UnreadableFile`, or `NeedsMapping` for one table with an unknown header."""
    return [_open(member, filename, format, target, mapping) for member in members(stream, filename)]


def _open(
    member: Member,
    filename: str,
    format: str | None,
    target: Target | None,
    mapping: Mapping | Callable[[Sequence[str]], Mapping | None] | None,
) -> Reading:
    text = Text(member.stream)
    first = list(islice(text.lines, HEADER_LINES))
    if len(first) > 1 and any(len(line) > 5_000_000 for line in first):
        raise UnreadableFile("A line of the file is longer than 5 MB: this is no table of links.")
    directive = re.match(r"\s*sep=(.)\s*$", first[0], re.IGNORECASE) if first else None
    delimiter = directive.group(1) if directive else sniff_delimiter(first)
    skipped = first[1:] if directive else first
    found = _find(skipped, delimiter, format, target, mapping)
    lines = chain(skipped[found.data_from :], text.lines)
    number = found.data_from + (1 if directive else 0) + 1
    shown = found.header
    made = Transform(found.source, shown, found.index, target, _moment(export_date(filename, member.label)), found.day_first)
    average = max(sum(map(len, first)) // max(len(first), 1), 1)
    return Reading(
        source=found.source,
        encoding=text.encoding,
        delimiter=delimiter,
        header=shown,
        export_date=export_date(filename, member.label),
        member=member.label,
        estimated_rows=_size(member.stream) // average,
        transform=made,
        _text=text,
        _rows=Rows(lines, delimiter=delimiter, width=len(shown), first=number),
        _notes=list(found.notes),
    )


def _size(stream: BinaryIO) -> int:
    name = getattr(stream, "size", None)
    return int(name) if isinstance(name, int) else 0


@dataclass(frozen=True, slots=True)
class _Found:
    source: Source
    header: list[str]
    index: dict[str, int]
    data_from: int
    day_first: bool = True
    notes: tuple[str, ...] = ()


def _find(
    lines: list[str],
    delimiter: str,
    format: str | None,
    target: Target | None,
    mapping: Mapping | Callable[[Sequence[str]], Mapping | None] | None,
) -> _Found:
    """Which source this table is, where its header stands, and which column is which field."""
    rows = [next(csv.reader([line], delimiter=delimiter), []) for line in lines]
    if max(map(len, rows), default=0) > MAX_COLUMNS:
        raise UnreadableFile(f"The file has more than {MAX_COLUMNS} columns: this is no table of links.")
    own = target.domain if target else ""
    for at, row in enumerate(rows):
        names = [normal(cell) for cell in row]
        source = _by_header(names, format)
        if source is not None and len(set(filter(None, names))) == len(list(filter(None, names))):
            if source in (gsc.SAMPLE, gsc.INTERNAL):
                source = gsc.sample_or_internal([one[0] for one in rows[at + 1 :] if one and one[0]], own)
            return _Found(source, row, _index(source, names), at + 1, notes=_beta(source))
    return _by_shape(rows, own) or _mapped(rows, mapping)


def _by_header(names: list[str], format: str | None) -> Source | None:
    present = frozenset(names)
    fitting = [one for one in SOURCES if one.matches(present) and format in (None, "", one.name)]
    return max(fitting, key=lambda one: (len(one.requires), len(present & set(one.columns))), default=None)


def _beta(source: Source) -> tuple[str, ...]:
    return (f"{source.label}: this format is read in beta; tell us if a column is wrong.",) if source.beta else ()


def _index(source: Source, names: list[str]) -> dict[str, int]:
    """Field -> position of its column; the first of two that name one field wins."""
    made: dict[str, int] = {}
    for at, name in enumerate(names):
        wanted = source.columns.get(name)
        if wanted is not None:
            made.setdefault(wanted, at)
    return made


def _by_shape(rows: list[list[str]], own: str) -> _Found | None:
    filled = [row for row in rows if row]
    if not filled:
        raise UnreadableFile("The file is empty: export it again.")
    for skip in (1, 0):
        found = gsc.by_shape(filled[skip:], own) if len(filled) > skip else None
        if found:
            source, names = found
            if source is gsc.SAMPLE:
                if skip == 0:
                    return None
                source = gsc.sample_or_internal([row[0] for row in filled[1:] if row], own)
                names = list(source.columns)
            header = filled[0] if skip else names
            at = rows.index(filled[0]) + 1 if skip else 0
            note = f"Recognised as {source.label} by its content; the header is {'in another language' if skip else 'missing'}."
            return _Found(source, header, _index(source, names), at, notes=(note,))
    return None


def _mapped(rows: list[list[str]], mapping: Mapping | Callable[[Sequence[str]], Mapping | None] | None) -> _Found:
    """A table with an unknown header, read by a mapping that somebody gave, remembers, or that suggests itself."""
    at = next((number for number, row in enumerate(rows) if any(cell.strip() for cell in row)), 0)
    header = rows[at]
    names = [normal(cell) for cell in header]
    chosen = mapping(header) if callable(mapping) else mapping
    suggested = suggest(header)
    preview = [row for row in rows[at + 1 :] if row][:PREVIEW]
    doubled = len(set(names)) < len(names)
    if chosen is None and not doubled and suggested.get("source_url"):
        chosen = suggested
    if not chosen:
        raise NeedsMapping(header, preview, suggested)
    source, index = generic_source(chosen, header)
    dates = [row[at_] for field_, at_ in index.items() if field_ in TIMES for row in preview if len(row) > at_]
    return _Found(source, header, index, at + 1, day_first=_day_first(dates))


def _day_first(cells: list[str]) -> bool:
    """Decided for whole columns: month first only where some cell can be nothing else."""
    pairs = [found for cell in cells if (found := re.match(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}", cell))]
    return not any(int(pair.group(2)) > 12 for pair in pairs)


def normal(cell: str) -> str:
    """A header cell for comparison."""
    text = re.sub(r"\s+", " ", cell.strip().strip("\ufeff").strip().strip('"').strip()).lower()
    return SORT_MARK.sub("", text)


def sniff_delimiter(lines: Sequence[str]) -> str:
    """The delimiter with the same count (outside quotes) on most of the first lines."""
    best = (0, 0, ",")
    bare = [re.sub(r'"[^"]*"', "", line) for line in lines[:20] if line.strip()]
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
