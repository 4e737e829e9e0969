"""A list of entries made as short as it can be without changing what it disavows, and put in order.

Decided: written forms, `www.` dropped where nobody said that it alone is meant, duplicates and what a domain line
covers left out; the reasons of what is left out go to the entry that stands for it, since they are the list's memory.
Domains before URLs, each by the alphabet, inside the groups in the order in which these came. Refused: widening a list
(URLs into a domain line) without being asked; it is only suggested.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .entries import Entry
from .hosts import bare_of, host_of, parents, with_parents
from .lint import MANY_URLS, may_be_whole
from .pages import page_host, page_of
from .surroundings import NOTHING, Surroundings

NAMED = 3  # entries that a kept reason names


@dataclass(frozen=True, slots=True)
class Dropped:
    """An entry that needs no line of its own; `by` is the text of the one that stands for it."""

    entry: Entry
    why: str
    by: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """URL lines of one host that a domain line could stand for."""

    host: str
    urls: int


@dataclass(frozen=True, slots=True)
class Folded:
    entries: tuple[Entry, ...]
    dropped: tuple[Dropped, ...]
    suggestions: tuple[Suggestion, ...]


def written(entry: Entry) -> Entry:
    """The entry with its value as it is written. Raises `BadHost` or `BadPage`."""
    if entry.kind == "url":
        value = page_of(entry.value)
    else:
        host = host_of(entry.value)
        value = host if entry.only_www else bare_of(host)
    return entry if value == entry.value else replace(entry, value=value)


def fold(entries: Iterable[Entry], around: Surroundings = NOTHING) -> Folded:
    """Raises `BadHost` or `BadPage` for an entry that cannot be written."""
    kept: dict[tuple[str, str], Entry] = {}
    dropped: list[Dropped] = []
    for entry in map(written, entries):
        if entry.key in kept:
            dropped.append(Dropped(entry, "duplicate", entry.text))
        else:
            kept[entry.key] = entry
    names = {value for kind, value in kept if kind == "domain"}
    for entry in list(kept.values()):
        if cover := cover_of(entry, names):
            dropped.append(Dropped(kept.pop(entry.key), "covered", f"domain:{cover}"))
    whole = _with_reasons_of(dropped, kept)
    return Folded(_ordered(whole), tuple(dropped), suggestions(whole, around))


def cover_of(entry: Entry, names: set[str] | frozenset[str]) -> str:
    """The topmost listed name that covers an entry; "" where it needs its own line."""
    above = with_parents(page_host(entry.value)) if entry.kind == "url" else parents(entry.value)
    found = ""
    for name in above:
        found = name if name in names else found
    return found


def _with_reasons_of(dropped: Sequence[Dropped], kept: dict[tuple[str, str], Entry]) -> list[Entry]:
    """The kept entries with the reasons of those that they stand for."""
    told: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in dropped:
        told[one.by][one.entry.reason].append(one.entry.text)
    return [_with_reasons(entry, told[entry.text]) if entry.text in told else entry for entry in kept.values()]


def _with_reasons(entry: Entry, told: dict[str, list[str]]) -> Entry:
    lines = [entry.reason] if entry.reason else []
    known = set(entry.reason.splitlines())
    for reason, texts in told.items():
        if reason and reason != entry.reason and not known.issuperset(reason.splitlines()):
            others = [text for text in texts if text != entry.text]
            lines.append(f"{_named(others)}: {reason}" if others else reason)
    return replace(entry, reason="\n".join(lines))


def _named(texts: list[str]) -> str:
    more = len(texts) - NAMED
    return ", ".join(texts[:NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _ordered(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    places: dict[str, int] = {}
    for entry in entries:
        places.setdefault(entry.group, len(places))
    return tuple(sorted(entries, key=lambda one: (places[one.group], one.kind, one.value)))


def suggestions(entries: Iterable[Entry], around: Surroundings = NOTHING) -> tuple[Suggestion, ...]:
    """Hosts with so many URLs that a domain line suggests itself, the longest first."""
    counts = Counter(bare_of(page_host(one.value)) for one in entries if one.kind == "url")
    found = (Suggestion(host, count) for host, count in counts.items() if count >= MANY_URLS)
    return tuple(
        sorted((one for one in found if may_be_whole(one.host, around)), key=lambda one: (-one.urls, one.host))
    )
