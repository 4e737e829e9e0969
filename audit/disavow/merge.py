"""A file that somebody brings, merged into the list that is being worked on: base, ours, theirs.

Decided: base is what was uploaded last, ours the working list, theirs the new file. What either side added is in. What
one side dropped is asked about and kept until somebody says otherwise, because an upload replaces everything. A domain
line of one side takes in the URLs (and names below it) of the other, which stay as its history and come back should
the domain line go. An entry knows its line on every side. Refused: settling by time or by side.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from .entries import Entry
from .folding import cover_of, written
from .signs import plain

Answer = Literal["keep", "remove"]
Side = Literal["ours", "theirs"]
Key = tuple[str, str]
Entries = dict[Key, Entry]


class NotAsked(ValueError):
    """An answer to a question that this merge does not have; the message says to which."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry of the result, where it stands on each side (with its line there), and what it took in."""

    entry: Entry
    base: Entry | None = None
    ours: Entry | None = None
    theirs: Entry | None = None
    history: tuple[Entry, ...] = ()

    @property
    def sides(self) -> tuple[Side, ...]:
        return (*(("ours",) if self.ours else ()), *(("theirs",) if self.theirs else ()))


@dataclass(frozen=True, slots=True)
class Question:
    """One side dropped an entry. A conflict: the other side changed it meanwhile. Unanswered, it is kept."""

    entry: Entry
    dropped_by: Side
    is_conflict: bool

    @property
    def name(self) -> str:
        return self.entry.text


@dataclass(frozen=True, slots=True)
class Merged:
    """`dropped`: what neither side has any more."""

    placed: tuple[Placed, ...]
    questions: tuple[Question, ...]
    dropped: tuple[Entry, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The result as long as nothing is answered: everything is kept."""
        return tuple(one.entry for one in self.placed)

    def settled(self, answers: Mapping[str, Answer]) -> tuple[Entry, ...]:
        """The result after answers by the names of questions. Raises `NotAsked`."""
        asked = {one.name for one in self.questions}
        if unknown := answers.keys() - asked:
            raise NotAsked(f"There is no question about {min(unknown)}: look at the merge again.")
        gone = {name for name, answer in answers.items() if answer == "remove"}
        kept = [one for one in self.placed if one.entry.text not in gone]
        back = [two for one in self.placed if one.entry.text in gone for two in one.history]
        names = {one.entry.value for one in kept if one.entry.kind == "domain"}
        restored = (one for one in back if one.text not in gone and not cover_of(one, names))
        return (*(one.entry for one in kept), *restored)


def merge(base: Iterable[Entry], ours: Iterable[Entry], theirs: Iterable[Entry]) -> Merged:
    """Raises `BadHost` or `BadPage` for entries that cannot be written."""
    mine = tuple(ours)
    meant = frozenset(one.value for one in mine if one.only_www)
    old, us, them = _keyed(base, meant), _keyed(mine, meant), _keyed(theirs, meant)
    placed = [_placed(old.get(key), us.get(key), them.get(key)) for key in dict.fromkeys((*us, *them))]
    kept = _taken_in(placed, _names(us), _names(them))
    dropped = tuple(entry for key, entry in old.items() if key not in us and key not in them)
    return Merged(kept, tuple(_questions(kept)), dropped)


def _keyed(entries: Iterable[Entry], meant: frozenset[str]) -> Entries:
    """Entries in their written form; `meant` are www hosts that were said to be meant alone."""
    made: Entries = {}
    for one in entries:
        entry = written(replace(one, only_www=True) if one.value in meant else one)
        known = made.get(entry.key)
        made[entry.key] = replace(known, reason=_both(known, entry)) if known else entry
    return made


def _names(entries: Entries) -> frozenset[str]:
    return frozenset(value for kind, value in entries if kind == "domain")


def _placed(base: Entry | None, ours: Entry | None, theirs: Entry | None) -> Placed:
    if ours and theirs:
        return Placed(replace(ours, reason=_reason(base, ours, theirs)), base, ours, theirs)
    return Placed(ours or theirs, base, ours, theirs)


def _reason(base: Entry | None, ours: Entry, theirs: Entry) -> str:
    """The reason that one side changed, else both."""
    if base and same_reason(base, theirs) and ours.reason:
        return ours.reason
    if base and same_reason(base, ours) and theirs.reason:
        return theirs.reason
    return _both(ours, theirs)


def _both(one: Entry, other: Entry) -> str:
    if same_reason(one, other) or not other.reason:
        return one.reason
    return f"{one.reason}\n{other.reason}" if one.reason else other.reason


def same_reason(one: Entry, other: Entry) -> bool:
    """Whether two reasons are one text; one that a file cut short is the same as the whole."""
    first, second = plain(one.reason), plain(other.reason)
    return first == second or _is_cut(first, second) or _is_cut(second, first)


def _is_cut(short: str, whole: str) -> bool:
    return short.endswith("\N{HORIZONTAL ELLIPSIS}") and len(short) > 1 and whole.startswith(short[:-1].rstrip())


def _taken_in(placed: list[Placed], ours: frozenset[str], theirs: frozenset[str]) -> tuple[Placed, ...]:
    """Without what a domain line of the other side covers; the line that covers it gets it as its history."""
    covers = {one.entry.key: cover for one in placed if (cover := _cover(one, ours, theirs))}
    history: dict[Key, list[Entry]] = {}
    for one in placed:
        key = one.entry.key
        while key in covers:  # what covers it may itself be covered, by a name further up
            key = ("domain", covers[key])
        if key != one.entry.key:
            history.setdefault(key, []).append(one.entry)
    kept = (one for one in placed if one.entry.key not in covers)
    return tuple(replace(one, history=tuple(history.get(one.entry.key, ()))) for one in kept)


def _cover(one: Placed, ours: frozenset[str], theirs: frozenset[str]) -> str:
    """The name on the other side alone that covers an entry; "" where there is none, or both sides have the entry."""
    if len(one.sides) == 2:
        return ""
    return cover_of(one.entry, theirs if one.ours else ours)


def _questions(placed: Iterable[Placed]) -> Iterator[Question]:
    for one in placed:
        if one.base and len(one.sides) == 1:
            by: Side = "theirs" if one.ours else "ours"
            yield Question(one.entry, by, is_conflict=not same_reason(one.base, one.entry))
