"""Cells into values, each distinct cell once: converters are dictionaries that remember.

A converter gives `BAD` for a cell that it cannot read; the column code then names the rows. Unknown is a value too:
0 for a time, -1 for a flag or a count.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

BAD = object()
YES = frozenset({"true", "yes", "1", "y", "t", "nofollow"})
NO = frozenset({"false", "no", "0", "n", "f", "dofollow", "follow"})
EMPTY = frozenset({"", "-", "—", "–", "n/a", "null", "none"})
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*(?:Z|UTC|\+00:?00)?)?")
YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
NUMERIC = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
WORDS = ("%b %d, %Y", "%d %b %Y", "%B %d, %Y", "%d %B %Y", "%d-%b-%Y", "%b %d %Y")
UNIX = re.compile(r"\d{9,10}")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
GROUPED = re.compile(r"-?\d{1,3}(?:[,.\s\u00a0\u202f']\d{3})+")
OLDEST = datetime(1995, 1, 1, tzinfo=UTC)


class Memo(dict[str, Any]):
    """A converter that computes each distinct cell once; use as `map(memo.__getitem__, cells)`."""

    def __init__(self, convert: Callable[[str], Any]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, cell: str) -> Any:
        value = self._convert(cell)
        if len(self) < 500_000:
            self[cell] = value
        return value


def parse_date(cell: str, *, day_first: bool = True) -> datetime | None:
    """A date or time in any of the spellings that exports use, as UTC."""
    text = cell.strip()
    found = ISO.fullmatch(text) or YEAR_FIRST.fullmatch(text)
    if found:
        return _moment(*(int(part or 0) for part in found.groups()))
    if UNIX.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC)
    found = NUMERIC.fullmatch(text)
    if found:
        first, second, year = (int(part) for part in found.groups())
        day, month = (first, second) if (day_first or first > 12) and second <= 12 else (second, first)
        return _moment(year, month, day)
    for form in WORDS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _moment(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime | None:
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def seconds(latest: datetime | None, *, day_first: bool = True) -> Callable[[str], Any]:
    """Cell -> Unix seconds; 0 unknown; BAD for no date, one before 1995, or one after the export date and a day."""
    end = (latest or datetime.now(UTC)) + timedelta(days=1)

    def convert(cell: str) -> Any:
        if cell.strip().lower() in EMPTY:
            return 0
        found = parse_date(cell, day_first=day_first)
        return BAD if found is None or not OLDEST <= found <= end else int(found.timestamp())

    return convert


def flag(cell: str) -> Any:
    text = cell.strip().lower()
    if text in EMPTY:
        return -1
    return 1 if text in YES else 0 if text in NO else BAD


def is_set(cell: str) -> Any:
    """A mark such as Majestic's flags: anything but empty, 0, - or false is set."""
    text = cell.strip().lower()
    return text not in EMPTY and text not in NO


def number(cell: str) -> Any:
    """A figure with thousands separators; None unknown."""
    text = cell.strip().strip('"').lower()
    if text in EMPTY:
        return None
    if text in ("true", "false"):
        return 1.0 if text == "true" else 0.0
    if GROUPED.fullmatch(text) and not NUMBER.fullmatch(text):
        text = re.sub(r"[^\d-]", "", text)
    text = text.replace(",", "")
    return float(text) if NUMBER.fullmatch(text) and len(text) < 25 else BAD


def count(cell: str) -> Any:
    """A whole figure, 0 or more; -1 unknown."""
    found = number(cell)
    if found is None:
        return -1
    return BAD if found is BAD or found < 0 or found > 2**31 - 1 else int(found)


def language(cell: str) -> str:
    return ",".join(part.strip().lower() for part in re.split(r"[,;\s]+", cell) if part.strip())[:60]


def country(cell: str) -> str:
    text = cell.strip().upper()
    return text if re.fullmatch(r"[A-Z]{2}", text) else ""
