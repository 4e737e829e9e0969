"""A table on its way into a file: its columns, their types, and rows of plain values.

Decided: a column's kind says its type, for every format alike, so that a file's types never hang on the rows that
happen to be in it; whatever is no number, date, flag or list is text. A value that does not fit its type stops the
export with the column's name: it is a mistake of ours, and a file that hides it would be believed. Refused: types
guessed from the first rows, because the second half of a file may know better.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from .listing import Column

INT, NUMBER, DATE, MOMENT, FLAG, LIST, TEXT = "int", "number", "date", "moment", "flag", "list", "text"
OF_KIND = {
    "int": INT, "change": INT, "metric": NUMBER, "number": NUMBER, "score": NUMBER, "share": NUMBER,
    "date": DATE, "datetime": MOMENT, "bool": FLAG, "list": LIST,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Extract:
    """What is written: `rows` are values in the order of `columns`; `title` says what they are."""

    title: str
    columns: tuple[Column, ...]
    rows: Iterator[list[Any]]

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.columns]

    @property
    def labels(self) -> list[str]:
        return [label_of(one) for one in self.columns]

    @property
    def types(self) -> list[str]:
        return [type_of(one) for one in self.columns]

    def typed_rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows with every value in the type of its column, or None."""
        casts = tuple(CASTS[one] for one in self.types)
        for row in self.rows:
            try:
                yield tuple(None if value is None else cast(value) for cast, value in zip(casts, row, strict=True))
            except (TypeError, ValueError) as error:
                raise ValueError(self._misfit(row)) from error

    def _misfit(self, row: list[Any]) -> str:
        for column, name, value in zip(self.columns, self.types, row, strict=True):
            try:
                CASTS[name](value)
            except (TypeError, ValueError):
                if value is not None:
                    return f"The column {column.label} has the value {value!r}, which is no {name}."
        return "A row does not fit its columns."


def label_of(column: Column) -> str:
    return f"{column.label} (UTC)" if column.kind == "datetime" else column.label


def type_of(column: Column) -> str:
    return OF_KIND.get(column.kind, TEXT)


# --- Values into their types ------------------------------------------------------------------------------------------
def _int(value: Any) -> int:
    made = int(value)
    if made != value:
        raise ValueError(value)
    return made


def _number(value: Any) -> float | None:
    made = float(value)
    return made if abs(made) < float("inf") else None  # neither infinite nor "not a number"


def _date(value: Any) -> date:
    if isinstance(value, datetime):
        return _moment(value).date()
    if not isinstance(value, date):
        raise TypeError(value)
    return value


def _moment(value: Any) -> datetime:
    """In UTC; one that names no time zone is."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, datetime.min.time())
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _list(value: Any) -> list[str]:
    return [_text(one) for one in value] if isinstance(value, list | tuple | set | frozenset) else [_text(value)]


def _text(value: Any) -> str:
    """Text as it is, without halves of characters, which no file can hold."""
    if not isinstance(value, str):
        value = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


CASTS: dict[str, Callable[[Any], Any]] = {
    INT: _int, NUMBER: _number, DATE: _date, MOMENT: _moment, FLAG: bool, LIST: _list, TEXT: _text,
}  # fmt: skip
