"""Which format a table has, where its header stands, which column is which field, and how its dates are meant."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from . import generic, gsc
from .contract import NeedsMapping, Source, UnreadableFile
from .registry import SOURCES
from .transform import TIMES

HEADER_LINES = 30
MAX_COLUMNS = 500
MAX_HEADER_CELL = 500
PREVIEW = 20
SORT_MARK = re.compile(r"\s*\((?:desc|asc)\)$")
EITHER_WAY = re.compile(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}")
FORMATS = {one.name: one for one in (*SOURCES, gsc.INTERNAL, generic.LINKS, generic.DOMAINS)}
Mapper = Mapping[str, str] | Callable[[Sequence[str]], Mapping[str, str] | None] | None


@dataclass(frozen=True, slots=True)
class Question:
    """What the reader was told: a format by name, the project's domain, a mapping or where to look for one."""

    format: Source | None
    own_domain: str
    mapping: Mapper


class Sample:
    """The first lines of a table, as single lines (for the header) and as rows (for their content)."""

    def __init__(self, lines: list[str], delimiter: str, *, spaced: bool) -> None:
        self._lines, self._delimiter, self._spaced = lines, delimiter, spaced
        self.heads = [self._row(line) for line in lines[:HEADER_LINES]]
        if max(map(len, self.heads), default=0) > MAX_COLUMNS:
            raise UnreadableFile(f"The file has more than {MAX_COLUMNS} columns: this is no table of links.")
        if not any(any(cell.strip() for cell in row) for row in self.heads):
            raise UnreadableFile("The file is empty: export it again.")

    def _row(self, line: str) -> list[str]:
        try:
            return next(csv.reader([line], delimiter=self._delimiter, skipinitialspace=self._spaced), [])
        except csv.Error:
            return []

    def rows(self, start: int) -> list[list[str]]:
        """Rows with content from this line on."""
        made = []
        reader = csv.reader(self._lines[start:], delimiter=self._delimiter, skipinitialspace=self._spaced)
        try:
            made.extend(reader)
        except csv.Error:
            made.extend(self._row(line) for line in self._lines[start:])
        return [row for row in made if any(cell.strip() for cell in row)]


@dataclass(slots=True)
class Found:
    """A table that can be read. `dates_read_on` says that its first lines did not settle the order of its dates."""

    source: Source
    header: list[str]
    index: dict[str, int]
    data_from: int
    sample: list[list[str]]
    notes: list[str] = field(default_factory=list)
    told_order: str = ""
    dates_read_on: bool = False

    def date_order(self, more: Iterator[tuple[str, str]]) -> dict[str, bool]:
        """Field -> does its day come first, for whole columns; `more` is read only where the sample is silent."""
        if self.told_order:
            return dict.fromkeys(TIMES, self.told_order == "day_first")
        times = [(name, at) for name, at in self.index.items() if name in TIMES]
        decided, open_ones = _orders((name, row[at]) for name, at in times for row in self.sample if at < len(row))
        if open_ones:
            self.dates_read_on = True
            decided, open_ones = _orders(more)
        known = set(decided.values())
        if not open_ones or len(known) == 1:
            return {name: decided.get(name, known == {True} or not known) for name in TIMES}
        example = next(iter(open_ones.values()))
        if self.source in (generic.LINKS, generic.DOMAINS):
            raise NeedsMapping(self.header, self.sample[:PREVIEW], self._mapping(), list(open_ones.values()))
        self.notes.append(f"Dates such as {example} were read with the day first: nothing in the file says otherwise.")
        return {name: decided.get(name, True) for name in TIMES}

    def _mapping(self) -> dict[str, str]:
        return {name: self.header[at] for name, at in self.index.items()}


def _orders(cells: Iterable[tuple[str, str]]) -> tuple[dict[str, bool], dict[str, str]]:
    """(field -> day first, for columns that settle it; field -> an example, for those that can be read both ways)."""
    decided: dict[str, bool] = {}
    either: dict[str, str] = {}
    for name, cell in cells:
        pair = EITHER_WAY.match(cell)
        if not pair or name in decided:
            continue
        first, second = int(pair.group(1)), int(pair.group(2))
        if first > 12 or second > 12:
            decided[name] = first > 12
        elif first != second:
            either.setdefault(name, cell.strip())
    return decided, {name: cell for name, cell in either.items() if name not in decided}


def known_format(name: str | None) -> Source | None:
    """The source of this name. Raises `UnreadableFile` with the names there are."""
    if not name:
        return None
    if name not in FORMATS:
        raise UnreadableFile(f"There is no format {name!r}. Use one of: {', '.join(sorted(FORMATS))}.")
    return FORMATS[name]


def find(sample: Sample, question: Question) -> Found:
    """How to read a table. Raises `UnreadableFile`, or `NeedsMapping` where somebody has to say it."""
    if question.format in (generic.LINKS, generic.DOMAINS):
        return _mapped(sample, question)
    return _by_header(sample, question) or _by_told_format(sample, question) or _by_shape(sample, question.own_domain) \
        or _mapped(sample, question)  # fmt: skip


def normal(cell: str) -> str:
    """A header cell for comparison."""
    text = re.sub(r"\s+", " ", cell.strip().strip("\ufeff").strip().strip('"').strip()).lower()
    return SORT_MARK.sub("", text)


def _by_header(sample: Sample, question: Question) -> Found | None:
    """The most specific format whose header stands in the first lines."""
    for at, row in enumerate(sample.heads):
        names = [normal(cell) for cell in row]
        filled = [name for name in names if name]
        present = frozenset(filled)
        if len(present) < len(filled):
            continue
        wanted = gsc.SAMPLE if question.format is gsc.INTERNAL else question.format
        fitting = [one for one in SOURCES if one.matches(present, len(row)) and wanted in (None, one)]
        source = max(fitting, key=lambda one: (len(one.requires), len(present & set(one.columns))), default=None)
        if source is None:
            continue
        data = sample.rows(at + 1)
        if source is gsc.SAMPLE:
            source = question.format or gsc.sample_or_internal([one[0] for one in data if one[0]], question.own_domain)
        return Found(source, row, source.places(names), at + 1, data, _beta(source))
    return None


def _beta(source: Source) -> list[str]:
    return [f"{source.label}: this format is read in beta; tell us if a column is wrong."] if source.beta else []


def _by_told_format(sample: Sample, question: Question) -> Found | None:
    """A format that somebody named although its header is not there: only Search Console's, by position."""
    source = question.format
    if source is None:
        return None
    at = _header_line(sample)
    names = [normal(cell) for cell in sample.heads[at]]
    if source.vendor == "gsc" and len(names) == len(source.columns):
        start = at + 1 if not _is_data(sample.heads[at]) else at
        return Found(source, sample.heads[at], source.places(list(source.columns)), start, sample.rows(start))
    missing = ", ".join(sorted(source.requires - set(names))) or "a row of its column names"
    raise UnreadableFile(
        f"This file cannot be read as {source.label}: it lacks {missing}. Leave the format out to have it found."
    )


def _by_shape(sample: Sample, own: str) -> Found | None:
    """Search Console in any language, by what its cells are."""
    at = next(number for number, row in enumerate(sample.heads) if any(cell.strip() for cell in row))
    if generic.suggest(sample.heads[at]).get("source_url"):
        return None
    for start in (at + 1, at):
        data = sample.rows(start)
        found = gsc.by_shape(data, own)
        if found is None or (start == at and found[0] is gsc.SAMPLE):
            continue
        source, names = found
        if start == at + 1 and _is_data(sample.heads[at]):
            continue
        if source is gsc.SAMPLE:
            source = gsc.sample_or_internal([row[0] for row in data], own)
            names = list(source.columns)
        header = sample.heads[at] if start > at else names
        how = "in another language" if start > at else "missing"
        note = f"Recognised as {source.label} by its content; the header is {how}."
        return Found(source, header, source.places(names), start, data, [note])
    return None


def _mapped(sample: Sample, question: Question) -> Found:
    """A table with an unknown header, read by a mapping that somebody gave, remembers, or that suggests itself."""
    at = _header_line(sample)
    header = sample.heads[at]
    if any(len(cell) > MAX_HEADER_CELL for cell in header):
        raise UnreadableFile(
            "The first line is no header: a cell has more than 500 characters. Export the table again."
        )
    start = at + 1
    suggested = generic.suggest(header)
    if _is_data(header):
        start, data = at, sample.rows(at)
        header = [f"column {number}" for number in range(1, len(header) + 1)]
        columns = list(zip(*(row for row in data if len(row) == len(header)), strict=True))
        suggested = generic.suggest_by_content(columns, header, gsc.is_url)
    data = sample.rows(start)
    mapping = question.mapping
    chosen = mapping(header) if callable(mapping) else mapping
    doubled = len({normal(cell) for cell in header}) < len(header)
    wanted = "source_domain" if question.format is generic.DOMAINS else "source_url"
    if chosen is None and not doubled and start > at and suggested.get(wanted):
        chosen = {name: cell for name, cell in suggested.items() if wanted == "source_url" or name != "source_url"}
    if not chosen:
        raise NeedsMapping(header, data[:PREVIEW], suggested)
    source, index = generic.generic_source(chosen, header)
    order = chosen.get(generic.DATE_ORDER, "")
    return Found(source, header, index, start, data, told_order=order if order in generic.DATE_ORDERS else "")


def _header_line(sample: Sample) -> int:
    """The first line with a name that is known for a page or domain; else the first as wide as most lines are."""
    for at, row in enumerate(sample.heads):
        if generic.suggest(row).keys() & {"source_url", "source_domain"}:
            return at
    filled = [(at, row) for at, row in enumerate(sample.heads) if any(cell.strip() for cell in row)]
    usual = Counter(len(row) for _, row in filled).most_common(1)[0][0]
    return next(at for at, row in filled if len(row) == usual)


def _is_data(row: Sequence[str]) -> bool:
    """A first row that holds a URL is no header."""
    return any(gsc.is_url(cell) for cell in row)
