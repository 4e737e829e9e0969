"""Tables as Excel workbooks, written row by row: memory stays flat, the first bytes leave at once.

Decided: our own few elements of SpreadsheetML, zipped as they are made. Text is text: an inline string is never a
formula nor a link, so it stands there unchanged; one that would start a formula also carries Excel's own mark of quoted
text, because without it an edit of the cell would make it one. Sheets end at Excel's last row, or before a part of the
archive would need sizes that Excel does not read (2 GiB); a sheet "Notes" says so, and how many cells were cut at
Excel's 32,767 characters. Characters that XML forbids are left out. Whole numbers of more than 15 digits are text,
because Excel keeps no more. Refused: XlsxWriter in its constant-memory mode, which is nine times slower, keeps the
workbook in temporary files until its end, and writes a text that starts with `<r>` and ends with `</r>` into the sheet
as it is.
"""

import io
import re
import zipfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any
from xml.sax.saxutils import escape

from . import export_types as types
from .export import TRIGGERS, first_visible
from .export_types import Extract

MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
MOST_CELL = 32_767  # UTF-16 units
MOST_BYTES = 2**31 - 2**28  # of one sheet's XML, so that the archive needs no 64-bit sizes
MOST_DIGITS = 10**15
CUT_MARK = "… [cut]"
ROWS_AT_ONCE = 400
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # Excel reads _x0041_ as A
SHEET_NAME = re.compile(r"[^A-Za-z0-9 -]+")
# Cell formats by their place in styles.xml.
PLAIN, HEAD, DAY, MOMENT, QUOTED = range(5)
EPOCH_DAY, EPOCH = date(1899, 12, 30), datetime(1899, 12, 30, tzinfo=UTC)
FIRST_DAY = date(1900, 3, 1)  # Excel's calendar has a 29 February 1900
WIDTHS = {types.TEXT: 36, types.LIST: 28, types.MOMENT: 19, types.DATE: 12}
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DOCUMENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
STYLES = (
    f'{XML}<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class Pipe(io.RawIOBase):
    """What a file is written into: its pieces are taken out before the next are made."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._held.append(bytes(piece))
        return len(self._held[-1])

    def taken(self) -> bytes:
        made = b"".join(self._held)
        self._held.clear()
        return made


class Cells:
    """Values as cells; counts those that were cut."""

    def __init__(self) -> None:
        self.cut = 0

    def text(self, value: str, style: int = PLAIN) -> str:
        if not (value.isascii() and value.isprintable()):
            value = FORBIDDEN.sub("", value)
        if len(value) > MOST_CELL // 2:
            value = self._cut(value)
        if not value:
            return "<c/>"
        if style == PLAIN and first_visible(value) in TRIGGERS:
            style = QUOTED
        if "_x" in value:
            value = LOOKS_ESCAPED.sub("_x005F_", value)
        space = ' xml:space="preserve"' if value[0].isspace() or value[-1].isspace() or "\n" in value else ""
        mark = f' s="{style}"' if style else ""
        return f'<c t="inlineStr"{mark}><is><t{space}>{escape(value)}</t></is></c>'

    def _cut(self, value: str) -> str:
        units = value.encode("utf-16-le")
        if len(units) <= 2 * MOST_CELL:
            return value
        self.cut += 1
        return units[: 2 * (MOST_CELL - len(CUT_MARK))].decode("utf-16-le", "ignore") + CUT_MARK

    def int(self, value: int) -> str:
        return f"<c><v>{value}</v></c>" if -MOST_DIGITS < value < MOST_DIGITS else self.text(str(value))

    def number(self, value: float) -> str:
        return f"<c><v>{value!r}</v></c>"

    def flag(self, value: bool) -> str:  # noqa: FBT001 - called by type, as all the others
        return '<c t="b"><v>1</v></c>' if value else '<c t="b"><v>0</v></c>'

    def date(self, value: date) -> str:
        if value < FIRST_DAY:
            return self.text(value.isoformat())
        return f'<c s="{DAY}"><v>{(value - EPOCH_DAY).days}</v></c>'

    def moment(self, value: datetime) -> str:
        if value.date() < FIRST_DAY:
            return self.text(f"{value:%Y-%m-%d %H:%M:%S}")
        passed = value.replace(microsecond=0) - EPOCH
        return f'<c s="{MOMENT}"><v>{passed.days + passed.seconds / 86_400!r}</v></c>'

    def list(self, value: Sequence[str]) -> str:
        return self.text(", ".join(value))

    def of_types(self, names: Sequence[str]) -> tuple[Callable[[Any], str], ...]:
        return tuple(getattr(self, name) for name in names)


# --- The workbook -----------------------------------------------------------------------------------------------------
def xlsx(extract: Extract) -> Iterator[bytes]:
    """The workbook of one table, piece by piece."""
    return workbook((extract,))


def workbook(extracts: Iterable[Extract]) -> Iterator[bytes]:
    """A workbook of several tables, each on sheets of its own that its title names."""
    pipe, cells, names, notes = Pipe(), Cells(), list[str](), list[str]()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:  # type: ignore[call-overload]
        for extract in extracts:
            sheets = yield from _sheets(archive, pipe, len(names), extract, cells)
            made = _sheet_names(extract.title, sheets)
            names += made
            notes += _going_on(made)
        notes += _cut(cells)
        if notes:
            names.append("Notes")
            _write(archive, f"xl/worksheets/sheet{len(names)}.xml", _notes_sheet(notes, cells))
        for path, text in _frame(names).items():
            _write(archive, path, text)
    yield pipe.taken()


def _sheets(
    archive: zipfile.ZipFile, pipe: Pipe, before: int, extract: Extract, cells: Cells
) -> Generator[bytes, None, int]:
    """The sheets of one table, at least one; returns how many."""
    rows, sheets = _rows(extract, cells), 0
    first = next(rows, "")
    while first or not sheets:
        sheets += 1
        yield from _sheet(archive, pipe, before + sheets, extract, cells, chain((first,), rows))
        first = next(rows, "")
    return sheets


def _rows(extract: Extract, cells: Cells) -> Iterator[str]:
    if len(extract.columns) > MOST_COLUMNS:
        raise ValueError(f"A sheet has at most {MOST_COLUMNS:,} columns.")
    made = cells.of_types(extract.types)
    for row in extract.typed_rows():
        inner = "".join("<c/>" if value is None else cell(value) for cell, value in zip(made, row, strict=True))
        yield f"<row>{inner}</row>"


def _sheet(
    archive: zipfile.ZipFile, pipe: Pipe, number: int, extract: Extract, cells: Cells, rows: Iterator[str]
) -> Iterator[bytes]:
    """One sheet, as many rows as it takes; the rest stays in `rows`."""
    with archive.open(f"xl/worksheets/sheet{number}.xml", "w") as part:
        size, count, held = part.write(_head(extract, cells).encode()), 1, []
        for row in rows:
            held.append(row)
            count += bool(row)
            full = count == MOST_ROWS or size > MOST_BYTES
            if len(held) == ROWS_AT_ONCE or full:
                size += part.write("".join(held).encode())
                held.clear()
                yield pipe.taken()
            if full:
                break
        last = f"{_letters(len(extract.columns))}{count}"
        held.append(f'</sheetData><autoFilter ref="A1:{last}"/></worksheet>')
        part.write("".join(held).encode())
    yield pipe.taken()


def _head(extract: Extract, cells: Cells) -> str:
    widths = (WIDTHS.get(one, 14) for one in extract.types)
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>'
        for place, width in enumerate(widths, start=1)
    )
    labels = "".join(cells.text(one, HEAD) for one in extract.labels)
    return (
        f'{XML}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
        f'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>{columns}</cols><sheetData>'
        f"<row>{labels}</row>"
    )


def _letters(number: int) -> str:
    """1 → A, 27 → AA."""
    made = ""
    while number:
        number, rest = divmod(number - 1, 26)
        made = chr(65 + rest) + made
    return made


def _sheet_names(title: str, count: int) -> list[str]:
    base = SHEET_NAME.sub(" ", title).strip()[:24].strip() or "Rows"
    base = "Rows" if base.lower() in ("history", "notes") else base  # Excel keeps the first for itself, we the second
    return [base] + [f"{base} {number}" for number in range(2, count + 1)]


def _going_on(names: Sequence[str]) -> list[str]:
    """What is said of a table that one sheet does not hold."""
    if len(names) == 1:
        return []
    return [f"A sheet of Excel ends at {MOST_ROWS:,} rows: the list goes on over {len(names)} sheets, in order."]


def _cut(cells: Cells) -> list[str]:
    if not cells.cut:
        return []
    return [
        f"A cell of Excel ends at {MOST_CELL:,} characters: {cells.cut:,} longer ones were cut and end in "
        f"“{CUT_MARK}”. CSV, JSON and Parquet hold them whole."
    ]


def _notes_sheet(notes: Sequence[str], cells: Cells) -> str:
    rows = "".join(f"<row>{cells.text(one)}</row>" for one in notes)
    return f'{XML}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def _write(archive: zipfile.ZipFile, path: str, text: str) -> None:
    with archive.open(path, "w") as part:
        part.write(text.encode())


def _frame(names: Sequence[str]) -> dict[str, str]:
    """Every part of the workbook that is no sheet."""
    numbers = range(1, len(names) + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{one}.xml" ContentType="{DOCUMENT}.worksheet+xml"/>'
        for one in numbers
    )
    sheets = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in zip(numbers, names, strict=True)
    )
    parts = "".join(_relation(one, "worksheet", f"worksheets/sheet{one}.xml") for one in numbers)
    styles = _relation(len(names) + 1, "styles", "styles.xml")
    return {
        "[Content_Types].xml": f'{XML}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{DOCUMENT}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{DOCUMENT}.styles+xml"/>{overrides}</Types>',
        "_rels/.rels": _relations(_relation(1, "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(parts + styles),
        "xl/styles.xml": STYLES,
    }


def _relation(number: int, kind: str, place: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{RELATIONS}/{kind}" Target="{place}"/>'


def _relations(inner: str) -> str:
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{inner}</Relationships>'
