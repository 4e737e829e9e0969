"""Hostile and broken files: every row is accounted for, and every refusal is a sentence."""

import base64
import csv
import gzip
import io
import json
import threading
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest

from backlinks.sources import NeedsMapping, UnreadableFile, archives, open_reading
from backlinks.sources.cells import count, number, parse_date
from backlinks.sources.decoding import Text
from backlinks.sources.rows import Rows
from seoapp.lib.weburl import Target

from .reading import SHARED, SHOP, read, read_all

HOSTILE = SHARED / "hostile"
HEADER = "source_url,target_url,anchor,first_seen\n"
LINE = "https://e{n}.example/p,https://shop.example/,click here,2026-01-0{n}\n"
ASKED = {"21_no_header.csv", "22_dup_headers.csv"}
REFUSED = {
    "08_shift_jis.csv": "neither UTF-8 nor Windows-1252",
    "19_empty_file.csv": "The file is empty",
    "29_many_columns.csv": "more than 500 columns",
    "30_one_line_1mb_no_newline.csv": "one line of more than 64 KB",
    "42_excel_html.xls.csv": "a web page",
    "43_xlsx_named_csv.csv": "damaged or cut off",
    "44_pdf_named_csv.csv": "a PDF",
    "45_binary_random.csv": "binary data",
}


def lines(*numbers: int) -> str:
    return "".join(LINE.format(n=n) for n in numbers)


# --- The shared vectors -------------------------------------------------------------------------------------------
def shared(path: str) -> Any:
    file = HOSTILE / path
    return json.loads(file.read_text()) if file.exists() else {}


@pytest.mark.skipif(not HOSTILE.exists(), reason="the shared hostile files are not here")
@pytest.mark.parametrize("name", sorted(shared("csv/expectations.json")))
def test_shared_tables_give_what_they_must(name: str) -> None:
    expected = shared("csv/expectations.json")[name]
    data = b"a" * 1_000_000 if name.startswith("30_") else (HOSTILE / "csv" / name).read_bytes()
    target = Target.parse("t.example")
    if name in ASKED:
        with pytest.raises(NeedsMapping):
            read(data, name, target=target)
    elif name in REFUSED:
        with pytest.raises(UnreadableFile, match=REFUSED[name]):
            read(data, name, target=target)
    else:
        found = read(data, name, target=target)
        assert found.rows == expected["data_rows"], expected["expect"]
        assert len(found.columns.get("row", [])) + len(found.refused) == found.rows
        assert all(one.row > 1 and one.reason for one in found.problems)


@pytest.mark.skipif(not HOSTILE.exists(), reason="the shared hostile files are not here")
@pytest.mark.parametrize("path", sorted((HOSTILE / "csv/csv-spectrum/csvs").glob("*.csv")), ids=lambda path: path.stem)
def test_csv_spectrum(path: Path) -> None:
    """The conformance files: rows equal their JSON, whatever is quoted or broken over lines."""
    expected = json.loads((path.parents[1] / "json" / f"{path.stem}.json").read_text())
    expected = expected if isinstance(expected, list) else [expected]
    data = path.read_bytes()
    if path.stem.endswith("_crlf") and b"\r" not in data:  # a copy may have lost them
        data = data.replace(b"\n", b"\r\n")
    names, *rows = Rows(Text(io.BytesIO(data)).lines, delimiter=",", width=len(expected[0]), first=1).block(1_000)[0]
    found = [dict(zip(names, row, strict=True)) for row in rows]
    for row in (*found, *expected):
        row.pop("Contact Phone Number", None)  # its JSON names another number than its CSV
    assert found == expected


ARCHIVES = {one["name"]: one for one in shared("archives/cases.json").get("cases", [])}
READ = {
    "zip_one_csv.zip": [1], "zip_two_csv.zip": [1, 1], "zip_path_up.zip": [1], "zip_absolute_path.zip": [1],
    "zip_backslash_path.zip": [1], "gz_one_csv.csv.gz": [1], "gz_two_members.csv.gz": [2],
    "gz_name_with_path.csv.gz": [1], "gz_named_csv.csv": [1],
}  # fmt: skip


@pytest.mark.skipif(not ARCHIVES, reason="the shared hostile files are not here")
@pytest.mark.parametrize("name", sorted(ARCHIVES))
def test_shared_archives(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_BYTES", 1024 * 1024)
    data = base64.b64decode(ARCHIVES[name]["base64"])
    if name in READ:
        tables = read_all(data, name)
        assert [one.accepted for one in tables] == READ[name]
        assert not any("/" in one.reading.member or "\\" in one.reading.member for one in tables)
    else:
        with pytest.raises(UnreadableFile) as told:
            read_all(data, name)
        assert str(told.value).endswith(".")


@pytest.mark.skipif(not HOSTILE.exists(), reason="the shared hostile files are not here")
def test_shared_texts_are_stored_as_found() -> None:
    texts = [one["value"] for one in shared("text/anchors.json")]
    texts += [text for text in shared("text/blns.json") if text]
    texts = [text.replace("\0", "") for text in texts if len(text) <= 1000]
    assert len(texts) > 400
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(["source_url", "target_url", "anchor"])
    writer.writerows([f"https://e{n}.example/", "https://shop.example/", text] for n, text in enumerate(texts))
    found = read(out.getvalue().encode("utf-8", "replace"))
    assert found.rows == found.accepted == len(texts)
    assert found.columns["anchor"] == texts


# --- Encodings ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-16-le"])
def test_encodings_with_and_without_a_mark(encoding: str) -> None:
    text = HEADER + "https://e1.example/,https://shop.example/,кафе naïve,2026-01-02\n"
    found = read(("\ufeff" + text if encoding == "utf-16-be" else text).encode(encoding))
    assert found.columns["anchor"] == ["кафе naïve"]


def test_one_line_of_another_encoding_leaves_the_others_alone() -> None:
    data = (HEADER + lines(1)).encode() + "https://e2.example/,https://shop.example/,café,2026-01-02\n".encode("cp1252")
    data += "https://e3.example/,https://shop.example/,кафе,2026-01-03\n".encode()
    found = read(data)
    assert found.columns["anchor"] == ["click here", "café", "кафе"]
    assert "1 bytes were not UTF-8 and were read as Windows-1252." in found.reading.notes


def test_characters_cut_by_the_read_size_stay_whole() -> None:
    """Multi-byte characters at every offset around the decoder's block size."""
    text = HEADER + "".join(
        f"https://e{n}.example/,https://shop.example/,{'ж' * 40}{'x' * (n % 7)}€,2026-01-02\n" for n in range(12_000)
    )
    assert len(text.encode()) > 4 * 2**18
    for data in (text.encode(), text.encode("utf-16")):
        found = read(data)
        assert found.accepted == 12_000
        assert all(anchor == "ж" * 40 + "x" * (n % 7) + "€" for n, anchor in enumerate(found.columns["anchor"]))
        assert found.reading.notes == []


def test_notes_of_files_that_are_read_at_the_same_time_do_not_mix() -> None:
    """Several open files in one thread, and one in each of several threads."""
    good = (HEADER + lines(1, 2)).encode()
    bad = HEADER.encode() + b"https://e1.example/,https://shop.example/,caf\xe9,2026-01-02\n" * 3
    readings = [open_reading(io.BytesIO(data), "x.csv", target=SHOP)[0] for data in (good, bad, good)]
    for reading in readings:
        list(reading.chunks())
    assert [len(reading.notes) for reading in readings] == [0, 1, 0]
    notes: dict[int, list[str]] = {}

    def work(number: int) -> None:
        data = HEADER.encode() + b"https://e1.example/,https://shop.example/,caf\xe9,2026-01-02\n" * number
        notes[number] = read(data).reading.notes

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {n: one[0].split()[0] for n, one in notes.items()} == {n: str(n) for n in range(1, 9)}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_nul_characters_are_dropped_with_a_note(encoding: str) -> None:
    found = read((HEADER + "https://e1.example/,https://shop.example/,a\0b,2026-01-02\n" + lines(2)).encode(encoding))
    assert found.columns["anchor"] == ["ab", "click here"]
    assert found.reading.notes == ["1 NUL characters were dropped."]


# --- Rows ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end: str) -> None:
    assert read((HEADER + lines(1, 2, 3)).replace("\n", end)).accepted == 3


def test_blank_rows_have_numbers_but_are_no_rows() -> None:
    found = read(HEADER + "\n\n" + lines(1) + ",,,\n  \n" + lines(2))
    assert found.rows == 2 and found.columns["row"] == [4, 7]


def test_a_quote_that_is_never_closed_costs_one_row() -> None:
    found = read(HEADER + 'https://e1.example/,https://shop.example/,"never closed,2026-01-01\n' + lines(2, 3, 4))
    assert found.rows == 4 and found.refused == {2: "a quote is opened and never closed"}
    assert found.columns["row"] == [3, 4, 5]


def test_a_quote_that_a_later_row_closes_costs_one_row() -> None:
    """csv.reader alone would make one row of two and say nothing."""
    text = HEADER + lines(1) + 'https://e2.example/,https://shop.example/,"open,2026-01-01\n'
    text += 'https://e3.example/,https://shop.example/,"closed, with a comma",2026-01-03\n' + lines(4)
    found = read(text)
    assert found.rows == 4 and list(found.refused) == [3]
    assert found.columns["anchor"] == ["click here", "closed, with a comma", "click here"]


def test_every_other_row_opens_a_quote() -> None:
    bad = 'https://e1.example/,https://shop.example/,"open,2026-01-01\n'
    found = read(HEADER + (bad + lines(2)) * 3_000, size=1_000)
    assert found.rows == 6_000 and len(found.refused) == 3_000 == found.accepted
    assert found.columns["row"][:3] == [3, 5, 7]


def test_cells_of_several_lines_are_rows_of_their_own_at_any_block_border() -> None:
    cell = '"one\ntwo, three\n""four"""'
    text = HEADER + "".join(f"https://e{n}.example/,https://shop.example/,{cell},2026-01-02\n" for n in range(50))
    for size in (1, 2, 3, 7, 50_000):
        found = read(text, size=size)
        assert found.accepted == 50 and set(found.columns["anchor"]) == {'one\ntwo, three\n"four"'}
        assert found.columns["row"] == list(range(2, 52))


def test_a_long_cell_of_many_lines_is_one_row() -> None:
    poem = '"' + "\n".join(f"line {n}" for n in range(500)) + '"'
    found = read(HEADER + lines(1) + f"https://e2.example/,https://shop.example/,{poem},2026-01-02\n" + lines(3))
    assert found.accepted == 3 and found.columns["anchor"][1].startswith("line 0\nline 1\n")


@pytest.mark.parametrize(
    "cell",
    ["x" * 10_000_000, '"' + "x" * 10_000_000 + '"', '"' + "line of a cell\n" * 700_000 + '"', "x" * 1_100_000],
    ids=["bare", "quoted", "many lines", "just over"],
)
def test_a_cell_of_10_mb_costs_one_row(cell: str) -> None:
    data = (HEADER + lines(1) + f"https://e2.example/,https://shop.example/,{cell},2026-01-02\n" + lines(3, 4)).encode()
    tracemalloc.start()
    found = read(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.rows == 4 and found.refused == {3: "a cell is larger than 1 MB"}
    assert found.columns["row"] == [2, 4, 5]
    assert all(len(one.value) <= 1000 for one in found.problems)
    assert peak < 120_000_000


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    """300 MB in one cell of a gz: the row is refused, the rows behind it are read, memory stays flat."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=0) as file:
        file.write((HEADER + lines(1) + 'https://e2.example/,https://shop.example/,"').encode())
        for _ in range(60):
            file.write(b"x" * 1_000_000)
        file.write(('",2026-01-02\n' + lines(3)).encode())
    data = packed.getvalue()
    tracemalloc.start()
    found = read(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.refused == {3: "a cell is larger than 1 MB"} and found.columns["row"] == [2, 4]
    assert peak < 40_000_000


def test_rows_of_another_width() -> None:
    found = read(
        HEADER
        + "https://e1.example/,https://shop.example/\n"
        + lines(2).strip()
        + ",extra\n"
        + lines(3).strip()
        + ",,\n"
    )
    assert found.refused == {3: "5 cells where the header has 4"}
    assert found.columns["anchor"] == ["", "click here"] and found.columns["first_seen"][0] == 0


def test_a_file_that_is_cut_in_mid_row() -> None:
    whole = HEADER + lines(1, 2)
    cut_in_url = read(whole + "https://e3.example/p,https://shop.exa")
    assert cut_in_url.refused == {4: "the file ends in the middle of this row"}
    cut_in_text = read((whole + "https://e3.example/p,https://shop.example/,caf").encode() + b"\xc3")
    assert cut_in_text.accepted == 3 and cut_in_text.columns["anchor"][2].startswith("caf")
    for found in (cut_in_url, cut_in_text):
        assert any("row 4" in note and "cut off" in note for note in found.reading.notes)
    cut_in_quotes = read(whole + 'https://e3.example/p,https://shop.example/,"an')
    assert cut_in_quotes.rows == 3 and list(cut_in_quotes.refused) == [4]
    assert read(whole.rstrip("\n")).reading.notes == [], "no line end after the last row is no cut"


def test_a_gz_that_is_cut_off_keeps_no_row() -> None:
    data = gzip.compress((HEADER + lines(1, 2, 3)).encode() * 2_000)
    for cut in (len(data) - 4, len(data) // 2):
        with pytest.raises(UnreadableFile, match="damaged or cut off"):
            read(data[:cut], "links.csv.gz")


def test_an_archive_that_unpacks_to_too_much_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "FREE_BYTES", 1024 * 1024)
    monkeypatch.setattr(archives, "MAX_RATIO", 20)
    rows = (HEADER + lines(1)).encode() + b"https://e2.example/,https://shop.example/,a,\n" * 400_000
    for data in (gzip.compress(rows), _zipped(rows)):
        with pytest.raises(UnreadableFile, match="unpacks to far more than its size"):
            read(data, "bomb")


def _zipped(data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("links.csv", data)
    return made.getvalue()


def test_a_preamble_and_a_sep_line() -> None:
    found = read("sep=;\n# made by a tool\n\n" + (HEADER + lines(1)).replace(",", ";"))
    assert found.accepted == 1 and found.columns["row"] == [5]


def test_spaces_around_quoted_cells() -> None:
    found = read(
        '"source_url" , "target_url" , "anchor"\n"https://e1.example/" , "https://shop.example/" , "a ""b"", c"\n'
    )
    assert found.columns["anchor"] == ['a "b", c']


def test_texts_longer_than_the_ledger_keeps_are_cut_and_said() -> None:
    found = read(HEADER + f"https://e1.example/,https://shop.example/,{'y' * 5_000},2026-01-01\n")
    assert found.columns["anchor"] == ["y" * 1000]
    assert found.reading.notes == ["1 texts were longer than the ledger keeps and were cut."]


def test_exactly_a_thousand_rows_smell_of_a_cap() -> None:
    found = read(HEADER + lines(1) * 1_000)
    assert any("exactly 1,000 rows" in note for note in found.reading.notes)


# --- Cells --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1,240", 1240), ("1.234.567", 1234567), ("1 240", 1240), ("1\u202f240", 1240), ("1'240", 1240), ("7.0", 7),
        ("-", -1), ("n/a", -1),
    ],
)  # fmt: skip
def test_counts(cell: str, value: int) -> None:
    assert count(cell) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [("4.2", 4.2), ("1,5", 1.5), ("1,234.56", 1234.56), ("1.234,56", 1234.56), ("-5", -5.0), ("true", 1.0), ("", None)],
)
def test_numbers(cell: str, value: float | None) -> None:
    assert number(cell) == value


@pytest.mark.parametrize("cell", ["nan", "inf", "-inf", "∞", "1e5", "0x10", "1,2,3", "12abc", "9" * 40])
def test_what_is_no_number_never_becomes_one(cell: str) -> None:
    found = read(
        f'source_url,dr\nhttps://e1.example/,"{cell}"\n', mapping={"source_url": "source_url", "metric:dr": "dr"}
    )
    assert found.accepted == 1 and found.columns["metrics"] == [{}] and found.unread == {2: ("dr", cell)}


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("2026-01-02", "2026-01-02T00:00:00"), ("2021-09-11 11:40:43", "2021-09-11T11:40:43"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00"), ("2026-01-01T01:00:00.5+02:00", "2025-12-31T23:00:00"),
        ("Sep 28, 2026", "2026-09-28T00:00:00"), ("28 Sep 2026", "2026-09-28T00:00:00"),
        ("28/09/2026", "2026-09-28T00:00:00"), ("9/28/2026", "2026-09-28T00:00:00"),
        ("1767225600", "2026-01-01T00:00:00"),
    ],
)  # fmt: skip
def test_dates(cell: str, shown: str) -> None:
    assert parse_date(cell).isoformat()[:19] == shown


@pytest.mark.parametrize(
    "cell", ["2026-02-30", "30/02/2026", "1e5", "99999-01-01", "0000-00-00", "yesterday", "1994-12-31", "2100-01-01"]
)
def test_a_bad_date_costs_its_value_not_its_row(cell: str) -> None:
    found = read(HEADER + f"https://e1.example/,https://shop.example/,a,{cell}\n")
    assert found.accepted == 1 and found.columns["first_seen"] == [0] and found.unread == {2: ("first_seen", cell)}


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("javascript:alert(1)", "not http or https: javascript:"),
        ("data:text/html,x", "not http or https: data:"),
        ("mailto:a@b.test", "not http or https: mailto:"),
        ("blog.test/a", "no http:// or https:// in front"),
        ("//blog.test/", "no http:// or https:// in front"),
        ("http://a b.test/", "not a URL that a browser can open"),
        ("", "empty"),
    ],
)
def test_what_is_no_page_is_refused_row_by_row(url: str, reason: str) -> None:
    rows = [
        f'"{url}",https://shop.example/,a',
        f'https://e.example/,"{url}",a',
        "https://f.example/,https://shop.example/,b",
    ]
    found = read("\n".join(["source_url,target_url,anchor", *rows]))
    assert found.rows == 3 and found.refused == {2: reason, 3: reason}
    assert [one.column for one in found.problems] == ["source_url", "target_url"]


def test_an_impossible_status_or_address_never_reaches_the_ledger() -> None:
    found = read("source url,status,ip\nhttps://a.test/,99999,999.1.1.1\nhttps://b.test/,404,2001:DB8::1\n")
    assert found.columns["http_status"] == [0, 404] and found.columns["ip"] == ["", "2001:db8::1"]
    assert [(one.row, one.column) for one in found.problems] == [(2, "ip"), (2, "status")]
