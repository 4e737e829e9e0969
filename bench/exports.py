"""How fast a long list becomes a file, and what memory it takes: every format, beside XlsxWriter in the same run.

Rows are synthetic links with the default columns of the backlinks report, as the index streams them. Each format is
written by a process of its own to a file that is removed; seconds are those of the processor, memory is the highest the
process had, less what it had before the first row. XlsxWriter (constant memory) gets the same rows; it is slow, so it
gets fewer.

    python bench/exports.py [--rows 1000000] [--peer-rows 100000]
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seoapp.settings")
os.environ.setdefault("SEOAPP_DATA", tempfile.gettempdir() + "/linkledger-bench-exports")

import django  # noqa: E402

django.setup()

from backlinks import index  # noqa: E402
from backlinks.views.reports import value_of  # noqa: E402
from seoapp.lib.export_formats import FORMATS  # noqa: E402
from seoapp.lib.export_types import Extract  # noqa: E402

COLUMNS = tuple(one for one in index.columns("links") if one.default and one.kind != "button")
FIRST = date(2024, 1, 1)
PEER = "xlsxwriter"


def rows(count: int) -> Iterator[list[Any]]:
    """Rows of the report, each made of a dictionary as the index gives it."""
    for number in range(count):
        day = FIRST + timedelta(days=number % 900)
        row = {
            "source_url": f"https://news{number % 5000}.example/2026/03/story-about-lamps-{number}.html",
            "target_url": f"https://client.example/shop/lamps/{number % 300}",
            "authority": (number % 1000) / 10, "anchor": f"reading lamps {number % 997}", "anchor_known": 1,
            "kind": "text", "nofollow": number % 3 - 1, "state": "live", "first_seen": day, "last_seen": day,
            "sources": ["ahrefs", "gsc", "semrush"][: number % 3 + 1],
        }  # fmt: skip
        row = {one.name: None for one in COLUMNS} | row
        yield [value_of(one, row) for one in COLUMNS]


def write(name: str, count: int, path: str) -> None:
    extract = Extract("Backlinks of client.example", COLUMNS, rows(count))
    if name == PEER:
        _peer(extract, path)
        return
    with open(path, "wb") as file:
        for piece in FORMATS[name].pieces(extract):
            file.write(piece)


def _peer(extract: Extract, path: str) -> None:
    import xlsxwriter  # noqa: PLC0415 - a peer that only this bench needs

    book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("Rows")
    sheet.write_row(0, 0, extract.labels)
    for number, row in enumerate(extract.typed_rows(), start=1):
        for place, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(number, place, value, day)
            elif value is not None:
                sheet.write(number, place, ", ".join(value) if isinstance(value, list) else value)
    book.close()


def measure(name: str, count: int) -> None:
    """In a process of its own: what one format takes."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.NamedTemporaryFile() as file:
        began = time.process_time()
        write(name, count, file.name)
        seconds = time.process_time() - began
        size = os.path.getsize(file.name)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"{name:<12}{count:>12,}{count / seconds:>12,.0f}{seconds:>10.1f}"
        f"{(peak - before) / 1024:>10.0f}{size / 1e6:>10.1f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--peer-rows", type=int, default=100_000)
    parser.add_argument("--only", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only:
        measure(asked.only, asked.rows)
        return
    print(
        f"{len(COLUMNS)} columns\n{'format':<12}{'rows':>12}{'rows/s':>12}{'seconds':>10}{'MB more':>10}{'MB file':>10}"
    )
    for name in [*FORMATS, PEER]:
        count = asked.peer_rows if name == PEER else asked.rows
        subprocess.run([sys.executable, __file__, "--only", name, "--rows", str(count)], check=True)


if __name__ == "__main__":
    main()
