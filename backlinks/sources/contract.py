"""What a source is: a description of one report of one vendor, and the columns that it gives.

Decided: a source is data, not code. It names the header cells that prove the format and says which field each column
is; one engine (`transform.py`) turns whole columns at a time. Refused: a parser class per vendor, because fifteen
parsers would disagree on what a date or a boolean is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Yields = Literal[
    "links", "sightings", "domains", "intersect", "anchors", "pages", "ips", "countries", "tlds", "internal"
]


class UnreadableFile(ValueError):
    """The file cannot be read as a table of links; the message says what to do."""


class NeedsMapping(Exception):
    """A table that somebody has to explain: which column is which, or how its dates are meant.

    header: the cells to choose from ("column 1" ... where the file has no header). dates: examples of dates that can be
    read both ways; the answer stands in the mapping as `date_order`, one of `day_first` and `month_first`.
    """

    def __init__(
        self, header: list[str], preview: list[list[str]], suggested: dict[str, str], dates: Sequence[str] = ()
    ) -> None:
        reason = "The header is not known: say which column is which."
        if dates:
            reason = f"Dates such as {dates[0]} can start with the day or with the month: say which."
        super().__init__(reason)
        self.header, self.preview, self.suggested, self.dates = header, preview, suggested, tuple(dates)


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
    """Columns of equal length (none where no row was accepted), and what became of the `rows` data rows."""

    columns: dict[str, list[Any]]
    rows: int
    problems: list[Problem] = field(default_factory=list)


def joined(pieces: Sequence[Chunk]) -> Chunk:
    """Chunks of one table, one behind the other."""
    if len(pieces) == 1:
        return pieces[0]
    columns: dict[str, list[Any]] = {}
    for piece in pieces:
        for name, column in piece.columns.items():
            columns.setdefault(name, []).extend(column)
    return Chunk(columns, sum(piece.rows for piece in pieces), [one for piece in pieces for one in piece.problems])


@dataclass(frozen=True, slots=True)
class Source:
    """One report of one vendor.

    requires: normalised header names that prove the format; any_of: at least one of these too; forbids: none of these;
    width: the exact number of columns, 0 any. columns: normalised header name -> field, where a field is a name of the
    log or a special of `transform.py`; of two columns for one field the first here wins. first: the field of the first
    column whatever its name. strict: rows of another width are invalid, never filled.
    """

    name: str
    vendor: str
    report: str
    label: str
    yields: Yields
    requires: frozenset[str]
    columns: Mapping[str, str]
    any_of: frozenset[str] = frozenset()
    forbids: frozenset[str] = frozenset()
    width: int = 0
    first: str = ""
    beta: bool = False
    strict: bool = False
    assume_scheme: bool = False

    def matches(self, header: frozenset[str], width: int) -> bool:
        """Do these normalised names, of so many columns, prove this format?"""
        known = self.requires <= header and not (self.forbids & header) and self.width in (0, width)
        return known and (not self.any_of or bool(self.any_of & header))

    def places(self, names: Sequence[str]) -> dict[str, int]:
        """Field -> position of its column, for a normalised header."""
        at: dict[str, int] = {}
        for place, name in enumerate(names):
            at.setdefault(name, place)
        made = {self.first: 0} if self.first else {}
        for name, wanted in self.columns.items():
            if name in at:
                made.setdefault(wanted, at[name])
        if self.yields == "intersect":
            made |= {f"target:{name}": place for name, place in at.items() if name and name not in self.columns}
        return made


def source(name: str, label: str, yields: Yields, requires: str, columns: str, **options: Any) -> Source:
    """A source from two compact texts: `requires` and `columns` are separated by `;`, a column is `header = field`."""
    vendor, _, report = name.partition("_")
    pairs = (part.rpartition("=") for part in columns.split(";") if part.strip())
    return Source(
        name=name,
        vendor=vendor,
        report=report,
        label=label,
        yields=yields,
        requires=_names(requires),
        columns={" ".join(head.split()): target.strip() for head, _, target in pairs},
        any_of=_names(options.pop("any_of", "")),
        forbids=_names(options.pop("forbids", "")),
        **options,
    )


def _names(text: str) -> frozenset[str]:
    return frozenset(" ".join(part.split()) for part in text.split(";") if part.strip())
