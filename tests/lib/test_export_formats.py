"""Every format opened with a reader of somebody else's: the same rows, types that hold, texts that stay texts."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seoapp.lib import export_xlsx
from seoapp.lib.export_formats import FORMATS, GROUP_ROWS
from seoapp.lib.export_types import Extract
from seoapp.lib.listquery import Field
from tests.lib.test_export import FORMULAS, PLAIN

COLUMNS = (
    Field("name", "Name"),
    Field("page", "Page", "url"),
    Field("size", "Size", "int"),
    Field("share", "Share", "score"),
    Field("day", "Day", "date"),
    Field("at", "Seen", "datetime"),
    Field("open", "Open", "bool"),
    Field("known", "Known by", "list"),
    Field("state", "State", "state-good"),
)
EAST = timezone(timedelta(hours=5, minutes=30))
MOMENT = datetime(2026, 11, 27, 7, 46, 8, 482726, UTC)
FULL = ["a", "https://a.example/", 7, 44.5, date(2026, 3, 1), MOMENT.astimezone(EAST), True, ["gsc", "moz"], "live"]
NOTHING = [None] * len(COLUMNS)
# What Excel reads as the text itself, and openpyxl as it stands.
ESCAPED = {"_x0041_": "_x005F_x0041_", "_x005F_x": "_x005F_x005F_x"}


def extract(rows: list[list[Any]], columns: tuple[Field, ...] = COLUMNS) -> Extract:
    return Extract("Things", columns, iter(rows))


def made(name: str, rows: list[list[Any]], columns: tuple[Field, ...] = COLUMNS) -> bytes:
    return b"".join(FORMATS[name].pieces(extract(rows, columns)))


def texts(*values: str) -> list[list[Any]]:
    return [[one] for one in values]


def workbook(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def column_of(content: bytes, sheet: int = 0) -> list[Any]:
    return [row[0] for row in workbook(content).worksheets[sheet].iter_rows(min_row=2, values_only=True)]


# --- JSON -------------------------------------------------------------------------------------------------------------
def test_json_is_an_array_of_objects_under_stable_names() -> None:
    first, second = json.loads(made("json", [FULL, NOTHING]))
    assert first == {
        "name": "a", "page": "https://a.example/", "size": 7, "share": 44.5, "day": "2026-03-01",
        "at": "2026-11-27T07:46:08.482726Z", "open": True, "known": ["gsc", "moz"], "state": "live",
    }  # fmt: skip
    assert second == dict.fromkeys(first)


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1500])
def test_json_of_any_length_is_whole(count: int) -> None:
    rows = json.loads(made("json", [[number] for number in range(count)], (Field("n", "N", "int"),)))
    assert rows == [{"n": number} for number in range(count)]


def test_json_and_parquet_hold_texts_as_they_are() -> None:
    every = [*FORMULAS, *PLAIN, "a\0b", "x" * 40_000, "<r>&</r>", "_x0041_"]
    column = (Field("t", "T"),)
    assert [one["t"] for one in json.loads(made("json", texts(*every), column))] == every
    assert pq.read_table(io.BytesIO(made("parquet", texts(*every), column)))["t"].to_pylist() == every


def test_half_a_character_is_no_reason_to_fail() -> None:
    for name in FORMATS:
        assert b"a?b" in made(name, texts("a\ud800b"), (Field("t", "T"),)) or name in ("xlsx", "parquet")


# --- Parquet ----------------------------------------------------------------------------------------------------------
def test_parquet_has_the_types_of_the_columns_whatever_the_rows() -> None:
    types = {
        "name": pa.string(), "page": pa.string(), "size": pa.int64(), "share": pa.float64(), "day": pa.date32(),
        "at": pa.timestamp("ms", "UTC"), "open": pa.bool_(), "known": pa.list_(pa.string()), "state": pa.string(),
    }  # fmt: skip
    for rows in ([], [NOTHING], [FULL, NOTHING]):
        table = pq.read_table(io.BytesIO(made("parquet", rows)))
        assert {one.name: one.type for one in table.schema} == types
        assert all(one.nullable for one in table.schema)
    first, second = table.to_pylist()
    assert first["at"] == MOMENT.replace(microsecond=482000)
    assert {**first, "at": None} == {**dict(zip(types, FULL, strict=True)), "at": None}
    assert set(second.values()) == {None}


def test_parquet_is_written_in_groups_that_leave_one_by_one() -> None:
    rows = ([number] for number in range(GROUP_ROWS + 10))
    pieces = list(FORMATS["parquet"].pieces(Extract("Things", (Field("n", "N", "int"),), rows)))
    assert len([one for one in pieces if one]) == 3
    file = pq.ParquetFile(io.BytesIO(b"".join(pieces)))
    assert [file.metadata.row_group(one).num_rows for one in range(file.num_row_groups)] == [GROUP_ROWS, 10]
    assert file.read()["n"].to_pylist() == list(range(GROUP_ROWS + 10))


# --- Excel ------------------------------------------------------------------------------------------------------------
def test_a_workbook_has_labels_and_real_types() -> None:
    sheet = workbook(made("xlsx", [FULL, NOTHING])).active
    head, first, second = sheet.iter_rows()
    assert [one.value for one in head] == [
        "Name", "Page", "Size", "Share", "Day", "Seen (UTC)", "Open", "Known by", "State",
    ]  # fmt: skip
    assert [one.value for one in first] == [
        "a", "https://a.example/", 7, 44.5, datetime(2026, 3, 1), datetime(2026, 11, 27, 7, 46, 8), True, "gsc, moz",
        "live",
    ]  # fmt: skip
    assert [one.data_type for one in first] == ["s", "s", "n", "n", "d", "d", "b", "s", "s"]
    assert [one.value for one in second] == NOTHING
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.title) == ("A2", "A1:I3", "Things")
    assert not [one for row in sheet.iter_rows() for one in row if one.hyperlink]


def test_texts_of_a_workbook_are_never_formulas_and_stand_there_unchanged() -> None:
    sheet = workbook(made("xlsx", texts(*FORMULAS, *PLAIN), (Field("t", "T"),))).active
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    for cell, text in zip(cells, [*FORMULAS, *PLAIN], strict=True):
        expected = export_xlsx.FORBIDDEN.sub("", text).replace("\r", "\n") or None
        assert (cell.value, cell.data_type) == (expected, "s" if expected else "n"), text
        assert bool(cell.quotePrefix) == (text in FORMULAS), text


@pytest.mark.parametrize(
    "text",
    [
        "<r><t>x</t></r>",
        "</t></is></c><c><f>1+1</f></c>",
        "&amp;",
        "_x0041_",
        "_x005F_x",
        " lead",
        "tail ",
        "a\nb",
        "]]>",
    ],
)
def test_no_text_breaks_out_of_its_cell(text: str) -> None:
    assert column_of(made("xlsx", texts(text), (Field("t", "T"),))) == [ESCAPED.get(text, text)]


def test_characters_that_xml_forbids_are_gone() -> None:
    assert column_of(made("xlsx", texts("a\0\x01\x0b\x1f\ufffe\uffffb", "\0"), (Field("t", "T"),))) == ["ab", None]


def test_long_cells_are_cut_with_a_mark_and_a_note() -> None:
    whole, wide = "x" * 32_767, "\U0001f517" * 20_000
    content = made("xlsx", texts(whole, whole + "y", wide), (Field("t", "T"),))
    first, second, third = column_of(content)
    assert first == whole
    for cell in (second, third):
        assert cell.endswith("… [cut]") and len(cell.encode("utf-16-le")) // 2 <= 32_767
    notes = workbook(content).worksheets[-1]
    assert notes.title == "Notes" and "2 longer ones were cut" in notes["A1"].value


def test_a_list_longer_than_a_sheet_goes_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_xlsx, "MOST_ROWS", 4)
    column = (Field("n", "N", "int"),)
    for count, sheets in ((0, [0]), (3, [3]), (4, [3, 1]), (6, [3, 3]), (7, [3, 3, 1])):
        found = workbook(made("xlsx", [[number] for number in range(count)], column))
        names = [one.title for one in found.worksheets]
        plain = ["Things", *(f"Things {number}" for number in range(2, len(sheets) + 1))]
        assert names == (plain if len(sheets) == 1 else [*plain, "Notes"])
        rows = [[row[0] for row in found[name].iter_rows(values_only=True)] for name in plain]
        assert [len(one) - 1 for one in rows] == sheets
        assert all(one[0] == "N" for one in rows), "each sheet has its heads"
        assert [number for one in rows for number in one[1:]] == list(range(count))


def test_a_sheet_ends_before_it_needs_64_bit_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_xlsx, "MOST_BYTES", 100_000)
    content = made("xlsx", texts(*(str(number) * 50 for number in range(1000, 4000))), (Field("t", "T"),))
    found = workbook(content)
    assert len(found.worksheets) > 3
    assert sum(one.max_row - 1 for one in found.worksheets[:-1]) == 3000
    assert not [one for one in ZipFile(io.BytesIO(content)).infolist() if one.extract_version >= 45]


def test_numbers_and_days_that_excel_cannot_hold_are_texts() -> None:
    columns = (Field("n", "N", "int"), Field("d", "D", "date"), Field("s", "S", "score"))
    rows = [[10**15, date(1899, 12, 31), float("nan")], [-(10**15) + 1, date(1900, 3, 1), float("inf")]]
    first, second = workbook(made("xlsx", rows, columns)).active.iter_rows(min_row=2, values_only=True)
    assert first == ("1000000000000000", "1899-12-31", None)
    assert second == (-(10**15) + 1, datetime(1900, 3, 1), None)


@pytest.mark.parametrize(
    ("title", "name"),
    [("History", "Rows"), ("a/b:c*[d]", "a b c d"), ("…", "Rows"), ("x" * 60, "x" * 24), ("'q'", "q")],
)
def test_sheets_have_names_that_excel_takes(title: str, name: str) -> None:
    extract = Extract(title, COLUMNS, iter([]))
    assert workbook(b"".join(FORMATS["xlsx"].pieces(extract))).sheetnames == [name]


# --- All of them ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["json", "parquet", "xlsx"])
@pytest.mark.parametrize(("kind", "value"), [("int", "many"), ("int", 1.5), ("score", "x"), ("date", "2026-01-01")])
def test_a_value_that_does_not_fit_stops_the_file_with_its_column(name: str, kind: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"The column Label has the value .* which is no"):
        made(name, [[value]], (Field("n", "Label", kind),))


@pytest.mark.parametrize("name", list(FORMATS))
def test_rows_are_read_as_the_file_leaves(name: str) -> None:
    """Never more than one row group (Parquet) or some hundred rows (all others) ahead of what has left."""
    taken = SimpleNamespace(rows=0)

    def rows() -> Iterator[list[Any]]:
        for taken.rows in range(1, 5 * GROUP_ROWS):
            yield [taken.rows]

    pieces = FORMATS[name].pieces(Extract("Things", (Field("n", "N", "int"),), rows()))
    next(one for one in pieces if one)
    assert taken.rows <= (GROUP_ROWS if name == "parquet" else 1_000)
    pieces.close()
