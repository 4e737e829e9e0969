"""The files that a table can leave as: each format is a function from an extract to pieces of its file.

Decided: every format streams, a few hundred rows a piece, so that memory does not grow with the file. CSV and Excel are
for people: labels, and formulas disarmed (`export.py`, `export_xlsx.py`). JSON and Parquet are for programs: stable
names, raw values, dates of ISO 8601 and types of the columns. Refused: NDJSON under the name of JSON, and a Parquet
file whose types come from its rows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from . import export_types as types
from .export import csv_lines
from .export_types import Extract
from .export_xlsx import Pipe, xlsx

PIECE_ROWS = 500
BATCH_ROWS = 2_000  # turned into columns at once
GROUP_ROWS = 100_000  # a row group of Parquet: what a reader takes at a time
PLAIN = (int, float, date)
ARROW = {
    types.INT: pa.int64(),
    types.NUMBER: pa.float64(),
    types.DATE: pa.date32(),
    types.MOMENT: pa.timestamp("ms", "UTC"),
    types.FLAG: pa.bool_(),
    types.LIST: pa.list_(pa.string()),
    types.TEXT: pa.string(),
}


@dataclass(frozen=True, slots=True)
class Format:
    """`name` is the ending of its files, and the value of `export=` in a list's URL."""

    name: str
    label: str
    about: str
    content_type: str
    pieces: Callable[[Extract], Iterator[bytes]]


# --- CSV --------------------------------------------------------------------------------------------------------------
def csv(extract: Extract) -> Iterator[bytes]:
    lines = csv_lines(extract.labels, ([_csv_value(one) for one in row] for row in extract.rows))
    while piece := "".join(islice(lines, PIECE_ROWS)):
        yield piece.encode("utf-8", "replace")


def _csv_value(value: Any) -> Any:
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return value if isinstance(value, PLAIN) else str(value)


# --- JSON -------------------------------------------------------------------------------------------------------------
def json(extract: Extract) -> Iterator[bytes]:
    """One array of objects, an object a line."""
    names, rows = extract.names, extract.typed_rows()
    opening, between = b"[\n", b",\n"
    while portion := list(islice(rows, PIECE_ROWS)):
        objects = (
            orjson.dumps(dict(zip(names, row, strict=True)), option=orjson.OPT_UTC_Z, default=str) for row in portion
        )
        yield opening + between.join(objects)
        opening = between
    yield b"\n]\n" if opening == between else b"[]\n"


# --- Parquet ----------------------------------------------------------------------------------------------------------
def parquet(extract: Extract) -> Iterator[bytes]:
    """Row groups of columns; each leaves as soon as it is whole."""
    fields = zip(extract.columns, extract.types, strict=True)
    schema = pa.schema(
        [pa.field(one.name, ARROW[kind], metadata={"label": one.label}) for one, kind in fields],
        metadata={"title": extract.title},
    )
    pipe, rows = Pipe(), extract.typed_rows()
    sink = pa.PythonFile(pipe, mode="w")
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for batches in _groups(rows, schema):
            writer.write_table(pa.Table.from_batches(batches, schema), row_group_size=GROUP_ROWS)
            yield pipe.taken()
    yield pipe.taken()


def _groups(rows: Iterator[tuple[Any, ...]], schema: pa.Schema) -> Iterator[list[pa.RecordBatch]]:
    """The rows as columns, a row group at a time; compact columns wait for their group, not Python's rows."""
    while first := list(islice(rows, BATCH_ROWS)):
        portions = chain((first,), (list(islice(rows, BATCH_ROWS)) for _ in range(GROUP_ROWS // BATCH_ROWS - 1)))
        yield [_batch(portion, schema) for portion in portions if portion]


def _batch(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    return pa.record_batch(
        [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)], schema=schema
    )


FORMATS = {
    one.name: one
    for one in (
        Format("csv", "CSV", "Text for any spreadsheet, UTF-8.", "text/csv; charset=utf-8", csv),
        Format(
            "xlsx",
            "Excel",
            "A workbook with numbers, dates and flags as such.",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            xlsx,
        ),
        Format("json", "JSON", "An array of objects, for programs.", "application/json", json),
        Format("parquet", "Parquet", "Typed columns, for data tools.", "application/vnd.apache.parquet", parquet),
    )
}
