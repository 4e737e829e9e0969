"""What leaves as CSV: every text cell quoted, and none of them a formula.

Decided (security.md 3.3): numbers and dates are written as such, moments in UTC without their fractions; a text cell
gets a leading apostrophe when its first *visible* character would start a formula. Line breaks become spaces first, and
whatever Unicode calls a separator, a control or unassigned (Z, C) is looked past, because a spreadsheet may trim it.
Refused: prefixing every cell, because then no export is clean; a list of invisible characters, which is never whole.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

TRIGGERS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
UNSEEN = frozenset("ZC")  # first letters of Unicode's categories
BOM = "\ufeff"
BREAKS = re.compile(r"\r\n|[\r\n\t\x0b\x0c\x85\u2028\u2029]")


def neutralise(text: str) -> str:
    """The text, safe to open in a spreadsheet."""
    return "'" + text if first_visible(text) in TRIGGERS else text


def first_visible(text: str) -> str:
    """The first character that a reader sees; "" where there is none."""
    if "!" <= text[:1] <= "~":
        return text[0]
    return next((one for one in text if unicodedata.category(one)[0] not in UNSEEN), "")


def csv_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, int | float | date):
        return str(value)
    text = str(value)
    if not text.isprintable():
        text = BREAKS.sub(" ", text).replace("\0", "")
    text = neutralise(text)
    return '"' + text.replace('"', '""') + '"'


def _moment(value: datetime) -> str:
    """2026-11-27 07:46:08; a moment that names no time zone is in UTC."""
    return f"{value.astimezone(UTC) if value.tzinfo else value:%Y-%m-%d %H:%M:%S}"


def csv_row(cells: Iterable[Any]) -> str:
    return ",".join(csv_cell(cell) for cell in cells) + "\r\n"


def csv_lines(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Lines of a CSV file (UTF-8 with BOM, so that spreadsheets read it as such)."""
    yield BOM + csv_row(header)
    for row in rows:
        yield csv_row(row)


def safe_filename(text: str) -> str:
    """A file name of letters, digits, dot and dash only."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", text).strip("-.")[:100] or "export"
