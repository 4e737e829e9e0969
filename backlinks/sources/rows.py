"""Lines into rows: csv.reader at full speed, and a second look only where something went wrong.

Decided: rows are taken in blocks; a block in which every row is one line and has the header's length costs nothing more.
A quote that is never closed swallows lines: such a row is refused and its lines are read again one by one.
"""

import csv
from collections.abc import Iterator
from itertools import islice

from .contract import Problem

MAX_CELL = 1024 * 1024
MAX_LINES_A_CELL = 60
csv.field_size_limit(MAX_CELL)


class Recorder:
    """An iterator over lines that keeps those of the current block, so that they can be read again."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._next = iter(lines).__next__
        self.kept: list[str] = []
        self._add = self.kept.append
        self.count = 0

    def __iter__(self) -> "Recorder":
        return self

    def __next__(self) -> str:
        line = self._next()
        self._add(line)
        return line

    def forget(self) -> None:
        self.count += len(self.kept)
        self.kept.clear()


class Rows:
    """Blocks of rows of one width, with their row numbers and what was refused."""

    def __init__(self, lines: Iterator[str], *, delimiter: str, width: int, first: int) -> None:
        self._lines = Recorder(lines)
        self._delimiter = delimiter
        self._width = width
        self._number = first
        self._ended = False

    def block(self, size: int) -> tuple[list[list[str]], list[int], list[Problem]] | None:
        """The next block, or None at the end."""
        if self._ended:
            return None
        rows: list[list[str]] = []
        problems: list[Problem] = []
        reader = self._reader(self._lines)
        try:
            rows.extend(islice(reader, size))
            self._ended = len(rows) < size
        except csv.Error as error:
            rows = self._again(rows, problems, str(error))
        else:
            if reader.line_num != len(rows) and any(map(self._swallowed, rows)):
                rows = self._again(rows[: next(i for i, row in enumerate(rows) if self._swallowed(row))], problems, "")
        self._lines.forget()
        return self._even(rows, problems)

    def _reader(self, lines: Iterator[str]) -> "csv._reader":
        return csv.reader(lines, delimiter=self._delimiter)

    def _swallowed(self, row: list[str]) -> bool:
        """A cell that holds lines which look like rows of their own: a quote that was never closed."""
        for cell in row:
            if "\n" in cell or "\r" in cell:
                lines = cell.splitlines()
                needed = max(self._width - 1, 1)
                alike = sum(line.count(self._delimiter) >= needed for line in lines[1:])
                if len(lines) > MAX_LINES_A_CELL or (alike and alike * 2 >= len(lines) - 1 and self._width > 1):
                    return True
                if alike and len(row) < self._width:
                    return True
        return False

    def _again(self, good: list[list[str]], problems: list[Problem], fault: str) -> list[list[str]]:
        """Keep the rows before the fault; refuse the faulty line; read the lines behind it one by one."""
        self._ended = False
        lines = list(self._lines.kept)
        counter = self._reader(iter(lines))
        for _ in good:
            next(counter)
        at = counter.line_num
        reason = "a quote is opened and never closed"
        if "field larger" in fault:
            reason = "a cell is larger than 1 MB"
        elif fault:
            reason = f"not valid CSV ({fault})"
        rows = list(good)
        if at < len(lines):
            problems.append(Problem(self._number + len(rows), "", reason, lines[at][:1000]))
            rows.append([])  # holds the number of the refused row
        for line in lines[at + 1 :]:
            rows.append(self._alone(line, len(rows), problems))
        return rows

    def _alone(self, line: str, place: int, problems: list[Problem]) -> list[str]:
        try:
            row = next(self._reader(iter([line])), [])
        except csv.Error:
            row = []
        if line.count('"') % 2 and len(row) < self._width:
            problems.append(Problem(self._number + place, "", "a quote is opened and never closed", line[:1000]))
            return []
        return row

    def _even(
        self, rows: list[list[str]], problems: list[Problem]
    ) -> tuple[list[list[str]], list[int], list[Problem]]:
        """Rows of the header's width: short ones filled, longer ones refused, blank lines passed over."""
        start = self._number
        self._number += len(rows)
        width = self._width
        if set(map(len, rows)) <= {width}:
            return rows, list(range(start, start + len(rows))), problems
        kept, numbers = [], []
        for number, row in enumerate(rows, start):
            if not row or not any(cell.strip() for cell in row):
                continue
            if len(row) > width and any(cell.strip() for cell in row[width:]):
                problems.append(Problem(number, "", f"{len(row)} cells where the header has {width}", str(row)[:1000]))
                continue
            kept.append((row + [""] * (width - len(row)))[:width])
            numbers.append(number)
        return kept, numbers, problems
