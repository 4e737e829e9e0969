"""How the tests of this folder read a file: whole, with what it gave and what it refused."""

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backlinks.sources import Reading, open_reading
from backlinks.sources.contract import Problem
from seoapp.lib.weburl import Target

DATA = Path(__file__).resolve().parents[2] / "data"
SHARED = Path(__file__).resolve().parents[4] / "shared"
# Columns that follow from the URLs and the place in the file.
DERIVED = ("source_key", "source_host", "source_domain", "target_key", "target_host", "target_domain", "row")
SHOP = Target.parse("shop.example")


@dataclass
class Read:
    """One table, read to its end: columns joined over all chunks, refused rows, unread cells."""

    reading: Reading
    rows: int = 0
    columns: dict[str, list[Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def refused(self) -> dict[int, str]:
        return {one.row: one.reason for one in self.problems if one.fatal}

    @property
    def unread(self) -> dict[int, tuple[str, str]]:
        return {one.row: (one.column, one.value) for one in self.problems if not one.fatal}

    @property
    def accepted(self) -> int:
        return self.rows - len(self.refused)

    def links(self) -> list[dict[str, Any]]:
        """The rows of the table of the log."""
        return [dict(zip(self.columns, values, strict=True)) for values in zip(*self.columns.values(), strict=True)]


def read_all(data: bytes, name: str = "file.csv", *, size: int = 50_000, **options: Any) -> list[Read]:
    """Every table of an upload."""
    options.setdefault("target", SHOP)
    return [_read(reading, size) for reading in open_reading(io.BytesIO(data), name, **options)]


def read(data: bytes | str, name: str = "file.csv", **options: Any) -> Read:
    """The only table of an upload."""
    tables = read_all(data.encode() if isinstance(data, str) else data, name, **options)
    assert len(tables) == 1
    return tables[0]


def read_data(name: str, **options: Any) -> Read:
    """A hand-written file of tests/data."""
    return read((DATA / name).read_bytes(), name, **options)


def _read(reading: Reading, size: int) -> Read:
    made = Read(reading)
    for chunk in reading.chunks(size):
        made.rows += chunk.rows
        made.problems += chunk.problems
        lengths = {len(column) for column in chunk.columns.values()}
        assert len(lengths) <= 1, "columns of one chunk are equally long"
        for column, values in chunk.columns.items():
            made.columns.setdefault(column, []).extend(values)
    return made


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def values(name: str, **options: Any) -> dict[str, list[Any]]:
    """The columns that a file gives, without those that are derived from its URLs."""
    return {key: column for key, column in read_data(name, **options).columns.items() if key not in DERIVED}
