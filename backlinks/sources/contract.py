"""What a source is: a description of one report of one vendor, and the columns that it gives.

Decided: a source is data, not code. It names the header cells that prove the format and says which field each column is;
one engine (`transform.py`) turns whole columns at a time. Refused: a parser class per vendor, because fifteen parsers
would disagree on what a date or a boolean is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Yields = Literal["links", "sightings", "domains", "anchors", "pages", "ips", "internal"]


class UnreadableFile(ValueError):
    """The file cannot be read as a table of links; the message says what to do."""


class NeedsMapping(Exception):
    """A table with an unknown header: somebody has to say which column is which."""

    def __init__(self, header: list[str], preview: list[list[str]], suggested: dict[str, str]) -> None:
        super().__init__("The header is not known.")
        self.header, self.preview, self.suggested = header, preview, suggested


@dataclass(frozen=True, slots=True)
class Problem:
    """A refused row (`fatal`) or an unread cell (the row is kept, the value unknown)."""

    row: int
    column: str
    reason: str
    value: str = ""
    fatal: bool = True


@dataclass(frozen=True, slots=True)
class Chunk:
    """Columns of equal length, and what became of the `rows` data rows they come from."""

    columns: dict[str, list[Any]]
    rows: int
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Source:
    """One report of one vendor.

    requires: normalised header names that prove the format; any_of: at least one of these too. columns: normalised
    header name -> field, where a field is a name of the log, `metric:NAME`, `label:NAME`, or a special of `transform.py`.
    """

    name: str
    vendor: str
    report: str
    label: str
    yields: Yields
    requires: frozenset[str]
    columns: Mapping[str, str]
    forbids: frozenset[str] = frozenset()
    beta: bool = False
    assume_scheme: bool = False
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def matches(self, header: frozenset[str]) -> bool:
        return self.requires <= header and not (self.forbids & header)


def source(name: str, label: str, yields: Yields, requires: str, columns: str, **options: Any) -> Source:
    """A source from two compact texts: `requires` and `columns` are separated by `;`, a column is `header = field`."""
    vendor, _, report = name.partition("_")
    pairs = (part.partition("=") for part in columns.split(";") if part.strip())
    return Source(
        name=name,
        vendor=vendor,
        report=report,
        label=label,
        yields=yields,
        requires=frozenset(part.strip() for part in requires.split(";")),
        columns={head.strip(): target.strip() for head, _, target in pairs},
        forbids=frozenset(part.strip() for part in options.pop("forbids", "").split(";") if part.strip()),
        **options,
    )
