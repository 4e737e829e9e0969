"""The writer's checks: what keeps a file from being written, and what somebody has to confirm by name first.

Decided: all offences are found before anything is refused, each with what to do, because a list is mended in one go. A
confirmation carries the name to be confirmed and is answered with a reason, so that a click too many confirms nothing.
Refused: a way to confirm a hard check away.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from seoapp.lib.words import counted

from .changes import GROWTH, changes
from .entries import Entry
from .hosts import BadHost, host_of, is_ip, is_shared_host, is_suffix
from .lint import MAX_BYTES, MAX_LINES
from .pages import MAX_LENGTH, BadPage, page_host, page_of
from .signs import visible
from .surroundings import Surroundings

SHOWN = 20  # removed entries that a confirmation names

DOMAIN_TROUBLE = {
    "path": "a path stands after the domain: list the domain alone, or the page as a URL",
    "scheme": "a scheme stands before the domain: list the bare name, or the page as a URL",
    "port": "a port stands after the domain: list the bare name",
    "wildcard": "wildcards are not known: list the name above, which covers all below it",
    "space": "a space or line break stands inside: an entry is one name",
    "hidden": "signs that nobody sees stand inside: type the name again",
    "labels": "a part of the name is longer than 63 letters, or there are too many: no such name exists",
    "characters": "the name has characters that no name has: type it again",
    "empty": "there is no name: take the entry out",
}
PAGE_TROUBLE = {
    "page_space": "a space stands inside: write it as %20, or make it two entries",
    "hidden": "signs that nobody sees stand inside: type the URL again",
    "page": "no browser can open it: a URL begins with http:// or https:// and a host",
    "too_long": f"it has more than {MAX_LENGTH:,} characters: list its domain instead",
}


@dataclass(frozen=True, slots=True)
class Offence:
    """Why a file is not written; `check` is the number of the rule, `entry` is None for the file as a whole."""

    check: int
    entry: Entry | None
    why: str

    def __str__(self) -> str:
        return f"{visible(self.entry.text)}: {self.why}" if self.entry else self.why


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What somebody has to confirm by `name`, with a reason, before the file is handed out."""

    check: int
    name: str
    why: str


class NotWritten(ValueError):
    """The file breaks rules that nobody can confirm away."""

    def __init__(self, offences: Sequence[Offence]) -> None:
        self.offences = tuple(offences)
        listed = "; ".join(map(str, self.offences))
        super().__init__(f"The file was not written, {counted(len(self.offences), 'reason')}: {listed}.")


class NotConfirmed(ValueError):
    """The file is ready, and some of it needs a word first."""

    def __init__(self, missing: Sequence[Confirmation]) -> None:
        self.missing = tuple(missing)
        listed = "; ".join(f"{one.name} ({one.why})" for one in self.missing)
        super().__init__(f"Confirm each by name and with a reason: {listed}.")


# --- Hard checks ------------------------------------------------------------------------------------------------------
def offences(entries: Iterable[Entry], around: Surroundings) -> Iterator[Offence]:
    """What is wrong with entries one by one: checks 2 to 5."""
    for entry in entries:
        try:
            yield from _offences(entry, around)
        except BadHost as error:
            yield Offence(3, entry, DOMAIN_TROUBLE[str(error)])
        except BadPage as error:
            yield Offence(5, entry, PAGE_TROUBLE[str(error)])


def _offences(entry: Entry, around: Surroundings) -> Iterator[Offence]:
    whole = entry.kind == "domain"
    host = host_of(entry.value) if whole else page_host(page_of(entry.value))
    if why := around.ours(host, whole=whole):
        yield Offence(4, entry, f"{why}: take it out")
    if whole and is_ip(host):
        yield Offence(3, entry, "an IP address is no domain: list its pages as URLs")
    elif whole and is_suffix(host):
        owners = "thousands of owners share it" if is_shared_host(host) else "names are registered below it"
        yield Offence(2, entry, f"{owners}: name the one below it that is meant")


def beyond_limits(data: bytes) -> Iterator[Offence]:
    """Check 1, on the bytes that would be handed out."""
    lines, size = data.count(b"\n"), len(data)
    what = "put URLs of one host together into a domain line, or take dead names out"
    if lines > MAX_LINES:
        yield Offence(1, None, f"the file has {lines:,} lines, {MAX_LINES:,} are allowed: {what}")
    if size > MAX_BYTES:
        yield Offence(1, None, f"the file has {size:,} bytes, {MAX_BYTES:,} are allowed: {what}")


# --- Second confirmation ----------------------------------------------------------------------------------------------
def confirmations(
    entries: Sequence[Entry], around: Surroundings, last: Sequence[Entry] | None
) -> Iterator[Confirmation]:
    """Checks 7 to 10 on a folded list; `last` is the version that was uploaded last, None where there is none."""
    for entry in entries:
        if entry.kind != "domain":
            continue
        if important := around.importance(entry.value):
            yield Confirmation(important.check, entry.value, important.why)
        if entry.value in around.mixed:
            yield Confirmation(9, entry.value, "some of its links are kept, and the domain line takes them too")
    if last is not None:
        yield from _against(last, entries)


def _against(last: Sequence[Entry], entries: Sequence[Entry]) -> Iterator[Confirmation]:
    found = changes(last, entries)
    if found.growth > GROWTH:
        added = counted(len(found.added), "new entry", "new entries")
        yield Confirmation(10, "growth", f"{added} on top of {found.before:,} that were uploaded")
    if found.removed:
        named = ", ".join(visible(one.text) for one in found.removed[:SHOWN])
        more = f" and {len(found.removed) - SHOWN:,} more" if len(found.removed) > SHOWN else ""
        yield Confirmation(10, "removals", f"no longer disavowed: {named}{more}")
