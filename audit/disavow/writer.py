"""From entries to the bytes of a disavow file: only the strict form, and only when every check has passed.

Decided: UTF-8 without a mark, LF, a newline at the end; a header, then one block a group with who, when and why as
comments above it. Whatever somebody typed becomes comment lines that no reader can take for an entry: breaks of any
kind and hidden signs are taken out, long lines are wrapped. What was written is read again and has to give exactly the
entries that were meant, before every download. Refused: templates, which would let text out as a line of its own.
"""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from seoapp.lib.words import counted

from .checks import Confirmation, NotConfirmed, NotWritten, Offence, beyond_limits, confirmations, offences
from .entries import Entry
from .folding import Dropped, Suggestion, fold
from .grammar import read
from .signs import plain
from .surroundings import NOTHING, Surroundings

WIDTH = 110  # characters of a comment line
LONGEST = 1_000  # characters of a reason that are written; the whole one stays in the list


@dataclass(frozen=True, slots=True)
class Header:
    """What the first lines say. `property` is the Search Console property that the file is for."""

    project: str
    property: str
    version: int
    day: date


@dataclass(frozen=True)
class Draft:
    """A file that passed the hard checks; `release` hands its bytes out once all is confirmed."""

    data: bytes
    entries: tuple[Entry, ...]
    dropped: tuple[Dropped, ...]
    suggestions: tuple[Suggestion, ...]
    confirmations: tuple[Confirmation, ...]

    @property
    def domains(self) -> int:
        return sum(one.kind == "domain" for one in self.entries)

    @property
    def urls(self) -> int:
        return len(self.entries) - self.domains

    @property
    def lines(self) -> int:
        return self.data.count(b"\n")

    def release(self, confirmed: Mapping[str, str]) -> bytes:
        """The bytes; `confirmed` has a reason by each name. Raises `NotConfirmed`, or `NotWritten`."""
        missing = [one for one in self.confirmations if not confirmed.get(one.name, "").strip()]
        if missing:
            raise NotConfirmed(missing)
        check_reads_as(self.data, self.entries)
        return self.data


def draft(
    entries: Iterable[Entry], header: Header, around: Surroundings = NOTHING, last: Sequence[Entry] | None = None
) -> Draft:
    """Check, fold and write a list. Raises `NotWritten` with every offence there is."""
    listed = tuple(entries)
    if wrong := tuple(offences(listed, around)):
        raise NotWritten(wrong)
    folded = fold(listed, around)
    if wrong := tuple(offences(folded.entries, around)):  # what dropping www. may have made
        raise NotWritten(wrong)
    blocks, ordered = _blocks(folded.entries)
    data = "".join(f"{line}\n" for line in (*_header(header, ordered), *blocks)).encode("utf-8")
    if wrong := tuple(beyond_limits(data)):
        raise NotWritten(wrong)
    check_reads_as(data, ordered)
    return Draft(data, ordered, folded.dropped, folded.suggestions, tuple(confirmations(ordered, around, last)))


def check_reads_as(data: bytes, entries: Sequence[Entry]) -> None:
    """Check 6: the bytes, read again, are these entries, and nothing in them is malformed. Raises `NotWritten`."""
    file = read(data)
    meant = [one.key for one in entries]
    clean = not file.bom and not file.crlf and not file.cr and file.ends_with_newline and file.encoding == "utf-8"
    lines = all(line.kind != "malformed" and line.raw == line.clean for line in file.lines)
    if not (clean and lines and [one.key for one in file.entries()] == meant):
        raise NotWritten((Offence(6, None, "read again, it does not give the entries that were meant: report this"),))


def whole_list(entries: Sequence[Entry]) -> bytes:
    """A list as it is kept, with all that is known of each entry: neither folded nor checked, and for no upload."""
    return "".join(f"{line}\n" for line in _blocks(entries)[0][1:]).encode("utf-8")


# --- Lines ------------------------------------------------------------------------------------------------------------
def _header(header: Header, entries: Sequence[Entry]) -> Iterator[str]:
    domains = sum(one.kind == "domain" for one in entries)
    urls = len(entries) - domains
    yield from comment(f"Disavow file of {plain(header.project)}")
    yield from comment(f"Property: {plain(header.property)}")
    yield from comment(f"Version {header.version}, {header.day.isoformat()}")
    yield from comment(f"{counted(domains, 'domain')}, {counted(urls, 'URL')}")
    yield from comment("An upload replaces the earlier file of the property.")


def _blocks(entries: Sequence[Entry]) -> tuple[list[str], tuple[Entry, ...]]:
    """Lines of all groups, and the entries in the order in which they stand there."""
    places: dict[tuple[str, str, date | None, str], int] = {}
    for one in entries:
        places.setdefault(_block(one), len(places))
    ordered = sorted(entries, key=lambda one: places[_block(one)])
    lines: list[str] = []
    for _, block in groupby(ordered, key=_block):
        members = list(block)
        lines += ["", *_about(members[0]), *(one.text for one in members)]
    return lines, tuple(ordered)


def _block(entry: Entry) -> tuple[str, str, date | None, str]:
    return entry.group, entry.who, entry.when, entry.reason


def _about(entry: Entry) -> Iterator[str]:
    """Group, who, when and why of a block, as far as they are known."""
    if entry.group:
        yield from comment(f"Group: {plain(entry.group)}")
    by = [f"Who: {plain(entry.who)}"] if entry.who else []
    by += [f"When: {entry.when.isoformat()}"] if entry.when else []
    yield from comment(", ".join(by)) if by else ()
    if entry.reason:
        yield from comment(f"Why: {entry.reason}")


def comment(text: str) -> Iterator[str]:
    """Free text as comment lines; what a text of several lines says stays on lines of its own."""
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}\N{HORIZONTAL ELLIPSIS}"
    first = True
    for piece in filter(None, map(plain, cut.splitlines())):
        for line in textwrap.wrap(piece, WIDTH, break_long_words=False, break_on_hyphens=False):
            yield f"# {line}" if first else f"#   {line}"
            first = False
