"""What leaves as CSV: every text cell quoted, and none of them a formula.

Decided (security.md 3.3): numbers and dates are written as such; a text cell gets a leading apostrophe when its first
*visible* character would start a formula. Refused: prefixing every cell, because then no export is clean.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

INVISIBLE = (
    "\u0020\u00a0\ufeff\u200b\u200c\u200d\u2060\u200e\u200f\u061c\u202a\u202b\u202c"
    "\u202d\u202e\u2066\u2067\u2068\u2069\u00ad\u3000\u180e"
)
TRIGGERS = frozenset("=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20")
BOM = "\ufeff"
BREAKS = re.compile(r"\r\n|[\r\n\t\x0b\x0c\x85\u2028\u2029]")


def neutralise(text: str) -> str:
    """The text, safe to open in a spreadsheet."""
    visible = text.lstrip(INVISIBLE)
    return "'" + text if visible[:1] in TRIGGERS and visible else text


def csv_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | date):
        return str(value)
    text = BREAKS.sub(" ", neutralise(str(value))).replace("\0", "")
    return '"' + text.replace('"', '""') + '"'


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
