"""Cells into values, each distinct cell once: converters are dictionaries that remember.

A converter gives `BAD` for a cell that it cannot read; the column code then names the rows. Unknown is a value too:
0 for a time, -1 for a flag or a count.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

BAD = object()
YES = frozenset({"true", "yes", "1", "y", "t", "nofollow"})
NO = frozenset({"false", "no", "0", "n", "f", "dofollow", "follow"})
REL = frozenset(
    ["nofollow", "ugc", "sponsored", "noopener", "noreferrer", "external", "bookmark", "tag", "me", "author"]
)
YES_NO = {"dofollow": 1, "follow": 1, "nofollow": 0}  # in a column that asks "is it followed?"
EMPTY = frozenset({"", "-", "\u2013", "\u2014", "n/a", "null", "none"})
ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?)?"
)
YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
NUMERIC = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
WORDS = ("%b %d, %Y", "%d %b %Y", "%B %d, %Y", "%d %B %Y", "%d-%b-%Y", "%b %d %Y")
UNIX = re.compile(r"\d{9,10}")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
GROUPED = re.compile(r"-?[1-9]\d{0,2}(?:([,.\s\u00a0\u202f'\u2019])\d{3})(?:\1\d{3})*")
FRACTION = re.compile(r"(-?[\d,.\s\u00a0\u202f'\u2019]*\d)([.,])(\d+)")
OLDEST = datetime(1995, 1, 1, tzinfo=UTC)


class Memo(dict[Any, Any]):
    """A converter that computes each distinct cell (or tuple of cells) once; use as `map(memo.__getitem__, cells)`."""

    def __init__(self, convert: Callable[[Any], Any]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, cell: Any) -> Any:
        value = self._convert(cell)
        if len(self) < 500_000:
            self[cell] = value
        return value


def parse_date(cell: str, *, day_first: bool = True) -> datetime | None:
    """A date or time in any of the spellings that exports use, as UTC."""
    text = cell.strip()
    found = ISO.fullmatch(text)
    if found:
        *parts, zone = found.groups()
        return _in_utc(_moment(*(int(part or 0) for part in parts)), zone or "")
    found = YEAR_FIRST.fullmatch(text)
    if found:
        return _moment(*(int(part) for part in found.groups()))
    if UNIX.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC)
    found = NUMERIC.fullmatch(text)
    if found:
        first, second, year, *time = (int(part or 0) for part in found.groups())
        day, month = (first, second) if (day_first or first > 12) and second <= 12 else (second, first)
        return _moment(year, month, day, *time)
    return _in_words(text)


def _in_words(text: str) -> datetime | None:
    if not text[:1].isalnum() or not text[-4:].isdecimal():
        return None
    for form in WORDS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _in_utc(moment: datetime | None, zone: str) -> datetime | None:
    """The moment in UTC, where its text named another zone."""
    if moment is None or zone[:1] not in ("+", "-"):
        return moment
    shift = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return moment - shift if zone[0] == "+" else moment + shift


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
    """A figure: thousands separators dropped, a decimal comma understood; None unknown."""
    text = cell.strip().strip('"').lower()
    if text in EMPTY:
        return None
    if text in ("true", "false"):
        return 1.0 if text == "true" else 0.0
    if NUMBER.fullmatch(text):
        return float(text) if len(text) < 25 else BAD
    return _grouped(text)


def _grouped(text: str) -> Any:
    """1,240 and 1.234.567 and 1 240,5: what stands last and once is the decimal sign, unless three digits follow it."""
    if GROUPED.fullmatch(text):
        return float(re.sub(r"[^\d-]", "", text))
    found = FRACTION.fullmatch(text)
    if not found:
        return BAD
    whole, sign, rest = found.groups()
    if NUMBER.fullmatch(whole) or (GROUPED.fullmatch(whole) and sign not in whole):
        return float(f"{re.sub(r'[^0-9-]', '', whole)}.{rest}") if len(text) < 25 else BAD
    return BAD


def count(cell: str) -> Any:
    """A whole figure, 0 or more; -1 unknown."""
    text = cell.strip().strip('"')
    if GROUPED.fullmatch(text):
        text = re.sub(r"[^\d-]", "", text)
    found = number(text)
    if found is None:
        return -1
    return BAD if found is BAD or found < 0 or found > 2**31 - 1 or found != int(found) else int(found)


def http_status(cell: str) -> Any:
    """A status; 0 unknown, or the vendor's word for "no answer"."""
    found = count(cell)
    return 0 if found == -1 else BAD if found is BAD or found > 999 else found


def group_count(cell: str) -> Any:
    """How many links a row stands for, at least 1."""
    found = count(cell)
    return BAD if found is BAD else max(found, 1)


def address(cell: str) -> Any:
    """An IP address; "" unknown."""
    text = cell.strip()
    if text.lower() in EMPTY:
        return ""
    try:
        return str(ip_address(text))
    except ValueError:
        return BAD


def rel(cell: str) -> tuple[int, int, int]:
    """(nofollow, ugc, sponsored) of a `rel` attribute or a word such as dofollow; -1 where it does not say."""
    tokens = {token for token in re.split(r"[\s,;|]+", cell.lower()) if token}
    if tokens & REL:
        return int("nofollow" in tokens), int("ugc" in tokens), int("sponsored" in tokens)
    answer = {flag(token) for token in tokens} - {BAD, -1}
    if tokens & {"follow", "dofollow"} or answer:
        return 0 if tokens & {"follow", "dofollow"} else max(answer), -1, -1
    return -1, -1, -1


def opposite(cell: str) -> Any:
    """`dofollow = true` means `nofollow = false`."""
    value = YES_NO.get(cell.strip().lower())
    found = flag(cell) if value is None else value
    return found if found is BAD or found == -1 else 1 - found


def language(cell: str) -> str:
    return ",".join(part.strip().lower() for part in re.split(r"[,;\s]+", cell) if part.strip())[:60]


def country(cell: str) -> str:
    text = cell.strip().upper()
    return text if re.fullmatch(r"[A-Z]{2}", text) else ""
