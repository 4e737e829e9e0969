"""Lines into rows: csv.reader at full speed, and a second look only where something went wrong.

Decided: lines are taken in blocks, and a block in which every row is one line costs nothing more. Otherwise the lines
with an odd number of quotes say where rows run over several lines: such a row is believed when it is well-formed and
its inner lines do not look like rows of their own. If not, its quote was never closed: that one line is refused, and
the lines behind it are read as if nothing had happened. A block ends where a row ends. Refused: csv.reader alone, which
swallows the rest of the file behind such a quote and says nothing.
"""

import csv
from collections.abc import Iterator, Sequence
from itertools import islice

from .contract import Problem
from .decoding import MAX_CELL

GULP = 5_000
MAX_BLOCK = 32 * 1024 * 1024  # characters
MAX_RECORD = 16 * 1024 * 1024  # characters of one row over several lines
NEVER_CLOSED = "a quote is opened and never closed"
TOO_LARGE = "a cell is larger than 1 MB"
CUT_OFF = "the file ends in the middle of this row"
Row = list[str]
Block = tuple[list[Row], Sequence[int], list[Problem]]
csv.field_size_limit(MAX_CELL)


class Rows:
    """Blocks of rows of one width, with their row numbers and what was refused.

    `first` is the number of the first row. strict: a row of another width is refused, never filled. whole: columns that
    are worthless when cut, so that a last row which ends in one of them is refused.
    """

    def __init__(
        self,
        lines: Iterator[str],
        *,
        delimiter: str,
        width: int,
        first: int,
        strict: bool = False,
        spaced: bool = False,
        whole: frozenset[int] = frozenset(),
    ) -> None:
        self._lines = iter(lines)
        self._delimiter, self._width, self._number = delimiter, width, first
        self._strict, self._spaced, self._whole = strict, spaced, whole
        self.notes: list[str] = []
        self.characters = 0  # of the last block

    def block(self, size: int) -> Block | None:
        """The next block of about `size` rows, or None at the end."""
        lines = self._take(size)
        if not lines:
            return None
        problems: list[Problem] = []
        reader = self._reader(lines)
        try:
            rows = list(reader)
            plain = reader.line_num == len(rows) and not self._open_end(lines)
        except csv.Error:
            plain = False
        if not plain:
            rows = self._carefully(lines, problems)
        self._check_end(lines, rows, problems)
        return self._even(rows, problems)

    def _take(self, size: int) -> list[str]:
        """Lines for one block, bounded by rows and by characters."""
        lines: list[str] = []
        room = MAX_BLOCK
        while len(lines) < size and room > 0:
            more = list(islice(self._lines, min(GULP, size - len(lines))))
            if not more:
                break
            room -= sum(map(len, more))
            lines += more
        self.characters = MAX_BLOCK - room
        return lines

    def _reader(self, lines: Sequence[str], *, strict: bool = False) -> "csv._reader":
        return csv.reader(lines, delimiter=self._delimiter, strict=strict, skipinitialspace=self._spaced)

    def _open_end(self, lines: list[str]) -> bool:
        """Does the last line of a block open a quote that goes on behind it?"""
        return lines[-1].count('"') % 2 == 1 and self._is_open(lines[-1])

    def _is_open(self, line: str) -> bool:
        try:
            list(self._reader([line], strict=True))
        except csv.Error as error:
            return "unexpected end" in str(error)
        return False

    # --- the second look ----------------------------------------------------------------------------------------------
    def _carefully(self, lines: list[str], problems: list[Problem]) -> list[Row]:
        rows: list[Row] = []
        odd = [at for at, line in enumerate(lines) if line.count('"') & 1]
        done = place = 0
        while place < len(odd):
            at = odd[place]
            place += 1
            if at < done:
                continue
            self._run(lines[done:at], rows, problems)
            done = at + 1
            if not self._is_open(lines[at]):
                self._alone(lines[at], rows, problems)
                continue
            if place == len(odd):
                self._read_on(lines, odd)
            end = odd[place] if place < len(odd) else None
            done = self._over_lines(lines, at, end, rows, problems)
        self._run(lines[done:], rows, problems)
        return rows

    def _read_on(self, lines: list[str], odd: list[int]) -> None:
        """The block's last row is open: take more lines up to the one that closes it, within reason."""
        room = MAX_RECORD
        while room > 0:
            more = list(islice(self._lines, GULP))
            if not more:
                return
            found = [len(lines) + at for at, line in enumerate(more) if line.count('"') & 1]
            lines += more
            odd += found
            if found:
                return
            room -= sum(map(len, more))

    def _over_lines(self, lines: list[str], at: int, end: int | None, rows: list[Row], problems: list[Problem]) -> int:
        """Read or refuse the row that opens at line `at` and may close in line `end`; returns the next line."""
        record = lines[at : end + 1] if end is not None else lines[at:]
        if end is None or self._look_like_rows(record[1:]):
            self._refuse(lines[at], NEVER_CLOSED, rows, problems)
            return at + 1
        try:
            rows.extend(list(self._reader(record, strict=True))[:1])
        except csv.Error as error:
            large = "larger" in str(error)
            self._refuse(lines[at], TOO_LARGE if large else NEVER_CLOSED, rows, problems)
            return end + 1 if large else at + 1
        return end + 1

    def _look_like_rows(self, inner: list[str]) -> bool:
        """Are most of the lines within a cell rows of their own? The last one is the row's own end."""
        needed = self._width - 1
        if needed < 1:
            return any(line.lstrip('" ').startswith(("http://", "https://")) for line in inner)
        alike = sum(line.count(self._delimiter) >= needed for line in inner[:-1])
        return alike > 0 and alike * 2 >= len(inner) - 1

    def _run(self, lines: list[str], rows: list[Row], problems: list[Problem]) -> None:
        """Lines that should be rows of one line each."""
        try:
            reader = self._reader(lines)
            made = list(reader)
            if reader.line_num == len(made):
                rows += made
                return
        except csv.Error:
            pass
        for line in lines:
            self._alone(line, rows, problems)

    def _alone(self, line: str, rows: list[Row], problems: list[Problem]) -> None:
        try:
            rows.append(next(self._reader([line]), []))
        except csv.Error as error:
            large = "larger" in str(error)
            self._refuse(line, TOO_LARGE if large else f"not valid CSV ({error})", rows, problems)

    def _refuse(self, line: str, reason: str, rows: list[Row], problems: list[Problem]) -> None:
        problems.append(Problem(self._number + len(rows), "", reason, line[:1000]))
        rows.append([])  # holds the number of the refused row

    # --- the end of the file, and rows of another width ---------------------------------------------------------------
    def _check_end(self, lines: list[str], rows: list[Row], problems: list[Problem]) -> None:
        """A last line without a line end and with fewer cells than the header: the file was cut off there."""
        if lines[-1].endswith(("\n", "\r")) or not rows or not rows[-1]:
            return
        row = rows[-1]
        if len(row) >= self._width or not any(cell.strip() for cell in row):
            return
        self.notes.append(f"The file ends in the middle of row {self._number + len(rows) - 1}: it seems to be cut off.")
        if len(row) - 1 in self._whole:
            rows.pop()
            self._refuse(lines[-1], CUT_OFF, rows, problems)

    def _even(self, rows: list[Row], problems: list[Problem]) -> Block:
        """Rows of the header's width: short ones filled, longer ones refused, blank lines passed over."""
        start = self._number
        self._number += len(rows)
        width = self._width
        if self._spaced:
            rows = [[cell.rstrip() for cell in row] for row in rows]
        if set(map(len, rows)) <= {width} and all(map(any, rows)):
            return rows, range(start, start + len(rows)), problems
        kept, numbers = [], []
        for number, row in enumerate(rows, start):
            if not row or not any(cell.strip() for cell in row):
                continue
            extra = len(row) > width and any(cell.strip() for cell in row[width:])
            if extra or (self._strict and len(row) != width):
                problems.append(Problem(number, "", f"{len(row)} cells where the header has {width}", str(row)[:1000]))
                continue
            kept.append((row + [""] * (width - len(row)))[:width])
            numbers.append(number)
        return kept, numbers, problems
