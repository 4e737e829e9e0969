"""A frozen profile: everything that a marker may look at, as columns.

Decided: a profile of a million links is three tables of columns (links, the pages they stand on, the domains of these
pages), because a marker over columns costs milliseconds where one over rows costs minutes. What is not known is NaN, or
a text or list of code -1: a marker cannot take it for "no" by accident. Texts are codes into distinct values, so that a
question about a title is asked once for each title. Which columns there are, and where they come from, is one literal
list (`columns.py`). Refused: data frames of a library, whose missing values differ by type.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Numbers = NDArray[np.float32]
Codes = NDArray[np.int32]
Flags = NDArray[np.bool_]
Prints = NDArray[np.uint64]
EPOCH = date(1970, 1, 1)
LINKS, PAGES, DOMAINS = "links", "pages", "domains"  # the units


@dataclass(frozen=True, slots=True)
class Words:
    """A column of texts: `codes` into the distinct `values`; -1 where nothing is known."""

    codes: Codes
    values: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[str | None] | pa.Array | pa.ChunkedArray) -> "Words":
        """Texts in their order; None and "" are not known."""
        array = texts if isinstance(texts, pa.Array | pa.ChunkedArray) else pa.array(list(texts), pa.string())
        combined = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
        coded = combined if isinstance(combined, pa.DictionaryArray) else combined.dictionary_encode()
        values = coded.dictionary.to_pylist()
        codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
        if "" in values:
            empty = values.index("")
            del values[empty]
            codes = np.where(codes == empty, -1, codes - (codes > empty)).astype(np.int32)
        return cls(codes, tuple(values))

    @classmethod
    def unknown(cls, count: int) -> "Words":
        return cls(np.full(count, -1, np.int32), ())

    @property
    def known(self) -> Flags:
        return self.codes >= 0

    def each(self, ask: Callable[[str], float | bool]) -> Numbers:
        """What `ask` says of each row's text, asked once for each distinct one; NaN where nothing is known."""
        return self.spread(np.fromiter(map(ask, self.values), np.float32, len(self.values)))

    def spread(self, answers: Numbers) -> Numbers:
        """What was answered to each distinct text, for each row; NaN where nothing is known."""
        return _spread(answers, self.codes)

    def at(self, row: int) -> str:
        """The text of a row; "" where nothing is known."""
        code = self.codes[row]
        return self.values[code] if code >= 0 else ""

    def take(self, rows: NDArray[Any]) -> "Words":
        """The texts of these rows; those of row -1 are not known."""
        return Words(_taken(self.codes, rows), self.values)


@dataclass(frozen=True, slots=True)
class Sets:
    """A column of lists of texts: the codes of row i stand between starts[i] and starts[i + 1]; `known` where somebody
    has looked, also where there was nothing."""

    starts: NDArray[np.int64]
    codes: Codes
    values: tuple[str, ...]
    known: Flags

    @classmethod
    def of(cls, rows: Sequence[Sequence[str] | None]) -> "Sets":
        """Lists in their order, each text once; None is not known."""
        kept = [tuple(dict.fromkeys(one)) if one is not None else () for one in rows]
        numbers: dict[str, int] = {}
        codes = [numbers.setdefault(text, len(numbers)) for one in kept for text in one]
        starts = np.concatenate(([0], np.cumsum([len(one) for one in kept]))).astype(np.int64)
        known = np.array([one is not None for one in rows], np.bool_)
        return cls(starts, np.array(codes, np.int32), tuple(numbers), known)

    @classmethod
    def unknown(cls, count: int) -> "Sets":
        nothing = np.zeros(0, np.int32)
        return cls(np.zeros(count + 1, np.int64), nothing, (), np.zeros(count, np.bool_))

    @property
    def owners(self) -> NDArray[np.int64]:
        """The row of each code."""
        return np.repeat(np.arange(len(self.known)), np.diff(self.starts))

    @property
    def sizes(self) -> NDArray[np.int64]:
        return np.diff(self.starts)

    def at(self, row: int) -> tuple[str, ...]:
        return tuple(self.values[code] for code in self.codes[self.starts[row] : self.starts[row + 1]])


@dataclass(frozen=True, slots=True)
class Rows:
    """One table of columns by their names; a column that nobody has filled is unknown in every row."""

    count: int
    numbers: Mapping[str, Numbers] = field(default_factory=dict)
    texts: Mapping[str, Words] = field(default_factory=dict)
    sets: Mapping[str, Sets] = field(default_factory=dict)
    prints: Mapping[str, Prints] = field(default_factory=dict)

    def number(self, name: str) -> Numbers:
        found = self.numbers.get(name)
        return np.full(self.count, np.nan, np.float32) if found is None else found

    def text(self, name: str) -> Words:
        return self.texts.get(name) or Words.unknown(self.count)

    def lists(self, name: str) -> Sets:
        return self.sets.get(name) or Sets.unknown(self.count)

    def hashes(self, name: str) -> Prints:
        """64-bit prints; 0 where nothing is known."""
        found = self.prints.get(name)
        return np.zeros(self.count, np.uint64) if found is None else found

    def joined(self, other: "Rows") -> "Rows":
        """With the columns of another table of the same rows; the other one's go before."""
        if other.count != self.count:
            raise ValueError(f"{other.count} rows are not the same {self.count}")
        return Rows(
            self.count,
            {**self.numbers, **other.numbers},
            {**self.texts, **other.texts},
            {**self.sets, **other.sets},
            {**self.prints, **other.prints},
        )


@dataclass(frozen=True, slots=True)
class About:
    """What the project says of itself. `partners` are domains on its whitelist, `topics` its categories.

    `offered`: the names of sources that this installation has loaded (lists of malware, of popularity, RDAP), whatever
    they say of these domains.
    """

    target: str
    scope: str = "root"
    brands: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    partners: frozenset[str] = frozenset()
    offered: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Peer:
    """A competitor's profile in the figures that are compared with ours; NaN where not known."""

    domain: str
    domains: int
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Profile:
    """`page` and `domain` of a link, `home` of a page: its row in the table above it. `as_of`: what "now" is."""

    about: About
    as_of: date
    links: Rows
    pages: Rows
    domains: Rows
    page: Codes
    domain: Codes
    home: Codes
    peers: tuple[Peer, ...] = ()

    def rows(self, unit: str) -> Rows:
        return {LINKS: self.links, PAGES: self.pages, DOMAINS: self.domains}[unit]

    def up(self, unit: str) -> Codes | None:
        """The row of each link in a unit; None where it is the link itself."""
        return {LINKS: None, PAGES: self.page, DOMAINS: self.domain}[unit]

    @property
    def today(self) -> int:
        """`as_of` in days, as day columns count."""
        return days(self.as_of)


def days(day: date) -> int:
    return (day - EPOCH).days


def of_links(profile: Profile, unit: str, values: NDArray[Any]) -> NDArray[Any]:
    """A column of a unit as one of links."""
    rows = profile.up(unit)
    return values if rows is None else values[rows]


def _spread(answers: Numbers, codes: Codes) -> Numbers:
    if not len(answers):
        return np.full(len(codes), np.nan, np.float32)
    return np.where(codes >= 0, answers[codes], np.float32(np.nan)).astype(np.float32)


def _taken(codes: Codes, rows: NDArray[Any]) -> Codes:
    if not len(codes):
        return np.full(len(rows), -1, np.int32)
    return np.where(rows >= 0, codes[rows], -1).astype(np.int32)
