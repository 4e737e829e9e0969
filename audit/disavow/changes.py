"""What a new list would change against the one that was uploaded last: by what both disavow, not by their lines.

Decided: an entry that a domain line of the new list covers has not been removed, and an entry that the old list covered
is no growth.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .entries import Entry
from .folding import cover_of, fold

GROWTH = 0.2  # above this share of the old list somebody should look twice


@dataclass(frozen=True, slots=True)
class Changes:
    """`covered`: lines that are gone, and still disavowed by a domain line. `before`: entries of the old list."""

    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    covered: tuple[Entry, ...]
    before: int

    @property
    def growth(self) -> float:
        """New entries as a share of the old list; 0 where there was none."""
        return len(self.added) / self.before if self.before else 0.0


def changes(last: Iterable[Entry], new: Iterable[Entry]) -> Changes:
    """Raises `BadHost` or `BadPage` for entries that cannot be written."""
    old, now = fold(last).entries, fold(new).entries
    gone = _missing(old, now)
    names = _names(now)
    covered = tuple(one for one in gone if cover_of(one, names))
    removed = tuple(one for one in gone if not cover_of(one, names))
    before = _names(old)
    added = tuple(one for one in _missing(now, old) if not cover_of(one, before))
    return Changes(added, removed, covered, len(old))


def _missing(those: tuple[Entry, ...], here: tuple[Entry, ...]) -> tuple[Entry, ...]:
    known = {one.key for one in here}
    return tuple(one for one in those if one.key not in known)


def _names(entries: tuple[Entry, ...]) -> frozenset[str]:
    return frozenset(one.value for one in entries if one.kind == "domain")
