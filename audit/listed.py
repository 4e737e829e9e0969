"""A project's disavow list as files brought it: a file is kept as it came, merged into the list, withdrawn, put back.

Decided: a file is a version first, byte for byte; only a merge brings its entries into the list, each with its file and
line. What could never be written (public suffixes, own and kept domains) stays out of the list and is named. Before a
merge or a step back the list is kept as a version of its own, unless the newest one says the same: that version is the
way back. A domain line takes nothing out of the list, it only stands for it in the file, so that its URLs come back
when it goes. Refused: merging on upload, which would decide before anybody has read the findings.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

from django.db import transaction

from projects.models import Project, User

from . import disavowing, noted, review
from .disavow.checks import Offence, offences
from .disavow.entries import Entry
from .disavow.folding import written
from .disavow.grammar import File, read
from .disavow.lint import lint
from .disavow.mend import Stale, fixed, mended, picked
from .disavow.merge import Answer, Merged, merge
from .disavow.surroundings import Surroundings
from .disavow.writer import whole_list
from .models import Decision, DisavowVersion, ListedEntry

AT_ONCE = 900  # values of one statement
CREATED_AT_ONCE = 5_000
NOTE, REASON, NAME, VALUE = 300, 1_000, 254, 2_048  # lengths of columns
TOOLS = {"exported from backlink tool": "Semrush export"}  # headings of tools, and the reason of what they list
HEAD = 10  # lines in which a heading stands
Key = tuple[str, str]
Value = TypeVar("Value")


# --- Files ------------------------------------------------------------------------------------------------------------
def bring(project: Project, user: User | None, data: bytes, name: str) -> tuple[DisavowVersion, bool]:
    """The file as a version, and whether it is a new one. Raises `Unreadable`."""
    file = read(data)
    digest = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        known = DisavowVersion.objects.filter(project=project, digest=digest).first()
        if known is not None:
            return known, False
        return _kept(project, user, data, file, name), True


def _kept(project: Project, user: User | None, data: bytes, file: File, note: str) -> DisavowVersion:
    """A version; bytes that are not UTF-8 are kept beside the text that they were read as."""
    is_plain = file.encoding == "utf-8" and not any("bytes" in line.marks for line in file.lines)
    return DisavowVersion.objects.create(
        project=project,
        number=disavowing.next_number(project),
        text=data.decode("utf-8") if is_plain else file.text(),
        digest=hashlib.sha256(data).hexdigest(),
        domains=file.count("domain"),
        urls=file.count("url"),
        is_imported=True,
        original=b"" if is_plain else data,
        note=note[:NOTE],
        made_by=user,
    )


def around_of(project: Project, file: File) -> Surroundings:
    """What is known outside the file about its names."""
    around = disavowing.surroundings(project, (line.value for line in file.lines if line.kind == "domain"))
    return noted.more_of(project, around, [line for line in file.lines if line.is_entry])


def mend(
    project: Project,
    user: User | None,
    version: DisavowVersion,
    keys: Collection[str] = (),
    choice: int = 0,
    *,
    every: bool = False,
) -> tuple[DisavowVersion, bool]:
    """A new version with the accepted mends (of several, the one with the number `choice`), or with every fix.

    Raises `Stale` where none of the findings has such a mend, or `Unreadable`.
    """
    file = disavowing.file_of(version)
    around = around_of(project, file)
    data = fixed(file, around).data() if every else _mended(file, around, keys, choice)
    return bring(project, user, data, f"{version.note or f'version {version.number}'}, mended")


def _mended(file: File, around: Surroundings, keys: Collection[str], choice: int) -> bytes:
    found = lint(file, around)
    without = {one.key for one in found if len(one.mends) <= choice}
    accepted = picked(found, [key for key in keys if key not in without])
    if not accepted:
        raise Stale("Nothing was chosen that has such a mend: tick rows of the list, or accept all fixes.")
    chosen = dict.fromkeys((one.key for one in accepted if one.action == "replace"), choice)
    return mended(file, accepted, chosen).encode("utf-8", "surrogateescape")


# --- Merging ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Coming:
    """What a merge would do: `added` are entries that the list has not, `refused` what no file may hold."""

    merged: Merged
    added: tuple[Entry, ...]
    refused: tuple[Offence, ...]
    malformed: int


def coming(project: Project, version: DisavowVersion) -> Coming:
    """What merging a version into the list would do; nothing is changed."""
    file, last = disavowing.file_of(version), disavowing.uploaded(project)
    around = disavowing.surroundings(project, ())
    theirs, refused = _allowed(_told(file), around)
    ours = working(project)
    merged = merge(disavowing.file_of(last).entries() if last else (), ours, theirs)
    known = {one.key for one in ours}
    added = [one.theirs for one in merged.placed if one.theirs and not one.ours]
    added += [one for placed in merged.placed for one in placed.history if one.key not in known]
    return Coming(merged, tuple(added), refused, file.count("malformed"))


def _told(file: File) -> list[Entry]:
    """The entries of a file; where a tool has written it, what it gives no reason for is the tool's."""
    tools = {TOOLS.get(line.value.strip(" \t:").casefold(), "") for line in file.lines[:HEAD] if line.kind == "comment"}
    reason = max(tools, default="")
    return [one if one.reason or not reason else replace(one, reason=reason) for one in file.entries()]


def _allowed(entries: Iterable[Entry], around: Surroundings) -> tuple[list[Entry], tuple[Offence, ...]]:
    """Entries that a file may hold, and why the others may not be."""
    every = tuple(entries)
    refused = {one.entry.key: one for one in offences(every, around) if one.entry}
    return [one for one in every if one.key not in refused], tuple(refused.values())


def working(project: Project) -> tuple[Entry, ...]:
    """The whole list: what people decided, and what came with files."""
    return (*disavowing.decided(project), *disavowing.listed(project))


def merge_in(project: Project, user: User, version: DisavowVersion, gone: Collection[str]) -> Coming:
    """Merge a version into the list; `gone` names the questions that are answered with "remove". Raises `NotAsked`."""
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        made = coming(project, version)
        answers: dict[str, Answer] = dict.fromkeys(gone, "remove")
        made.merged.settled(answers)
        _remember(project, user, f"The list before version {version.number} was merged")
        rows = _rows(project)
        _take_out(project, user, rows, {key for key in _keys(project, rows) if text_of(key) in answers})
        _more_reasons(rows, made.merged)
        both = [one.theirs for one in made.merged.placed if one.theirs and one.ours]
        wanted = [one for one in (*made.added, *both) if one.text not in answers and one.key not in rows]
        _add(project, wanted, {one.key: (version.pk, one.line) for one in wanted})
    return made


def text_of(key: Key) -> str:
    return Entry("domain" if key[0] == "domain" else "url", key[1]).text


def _rows(project: Project) -> dict[Key, tuple[int, str]]:
    """Key -> (id, reason) of every listed entry."""
    found = ListedEntry.objects.filter(project=project).values_list("kind", "value", "pk", "reason")
    return {(kind, value): (pk, reason) for kind, value, pk, reason in found}


def _keys(project: Project, rows: Mapping[Key, object]) -> set[Key]:
    return {*rows, *(one.key for one in disavowing.decided(project))}


def _take_out(project: Project, user: User, rows: Mapping[Key, tuple[int, str]], gone: Collection[Key]) -> None:
    """Entries go from the list; decisions about whole domains can be taken back by whoever made this step."""
    for some in _portions([rows[key][0] for key in gone if key in rows]):
        ListedEntry.objects.filter(project=project, pk__in=some).delete()
    domains, urls = ([value for kind, value in gone if kind == which] for which in ("domain", "url"))
    for some in _portions(domains):
        found = review.of_names(project, some).filter(verdict=Decision.Verdict.DISAVOW)
        if names := list(found.values_list("domain", flat=True)):
            review.decide(project, names, "", "", user)
    for some in _portions(urls):
        Decision.objects.filter(project=project, url__in=some, verdict=Decision.Verdict.DISAVOW).delete()


def _portions(values: Iterable[Value]) -> Iterator[list[Value]]:
    """So many as one statement takes."""
    left = iter(values)
    while some := list(islice(left, AT_ONCE)):
        yield some


def _more_reasons(rows: Mapping[Key, tuple[int, str]], merged: Merged) -> None:
    """What the file knew and the list did not."""
    changed = [
        ListedEntry(pk=rows[one.entry.key][0], reason=one.entry.reason[:REASON])
        for one in merged.placed
        if one.theirs and one.entry.key in rows and one.entry.reason[:REASON] != rows[one.entry.key][1]
    ]
    ListedEntry.objects.bulk_update(changed, ["reason"], batch_size=AT_ONCE // 3)


def _add(project: Project, entries: Iterable[Entry], told: Mapping[Key, tuple[int, int]]) -> None:
    """New rows; `told` says of each the id of the version that it is from, and its line there."""
    made = (
        ListedEntry(
            project=project,
            kind=one.kind,
            value=one.value[:VALUE],
            reason=one.reason[:REASON],
            who=one.who[:NAME],
            day=one.when,
            group=one.group[:NAME],
            origin_id=told[one.key][0],
            line=told[one.key][1],
        )
        for one in entries
    )
    ListedEntry.objects.bulk_create(made, batch_size=CREATED_AT_ONCE)


def _remember(project: Project, user: User | None, note: str) -> None:
    """Keep the list as it is now, unless it is empty or the newest version says the same."""
    now = working(project)
    newest = DisavowVersion.objects.filter(project=project).order_by("-number").first()
    if not now or (newest and {one.key for one in disavowing.file_of(newest).entries()} == {one.key for one in now}):
        return
    data = whole_list(now)
    _kept(project, user, data, read(data), note)


# --- Steps back -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Restored:
    added: int
    removed: int
    refused: tuple[Offence, ...]


def restore(project: Project, user: User, version: DisavowVersion) -> Restored:
    """Make a version's entries the list again, and nothing else; what is decided to be kept stays kept."""
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        around = disavowing.surroundings(project, ())
        allowed, refused = _allowed(disavowing.file_of(version).entries(), around)
        meant = {one.key: one for one in map(written, reversed(allowed))}
        rows = _rows(project)
        known = _keys(project, rows)
        gone = known - meant.keys()
        if gone or meant.keys() - known:
            _remember(project, user, f"The list before version {version.number} was restored")
        _take_out(project, user, rows, gone)
        added = [one for key, one in reversed(meant.items()) if key not in known]
        ids = dict(DisavowVersion.objects.filter(project=project).values_list("number", "pk"))
        told = blame(project, version, added)
        _add(project, added, {key: (ids[one.number], one.line) for key, one in told.items()})
    return Restored(len(added), len(gone), refused)


def withdraw(project: Project, ids: Iterable[int]) -> list[str]:
    """Take listed entries out of the list; their lines as they stood in a file."""
    gone: list[str] = []
    with transaction.atomic():
        for some in _portions(ids):
            found = ListedEntry.objects.filter(project=project, pk__in=some)
            gone += [text_of(key) for key in found.values_list("kind", "value")]
            found.delete()
    return gone


# --- Where an entry is from -------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Origin:
    """The version in which an entry first stood, its note (the file's name where it was brought), and the line."""

    number: int
    note: str
    line: int

    def __str__(self) -> str:
        named = f"version {self.number}" + (f" ({self.note})" if self.note else "")
        return f"{named}, line {self.line:,}" if self.line else named


def origins(project: Project, entries: Collection[Entry]) -> dict[Key, Origin]:
    """Where these entries came into the list; those that were decided here are left out."""
    rows = ListedEntry.objects.filter(project=project).exclude(origin=None)
    if len(entries) <= AT_ONCE:
        rows = rows.filter(value__in=[one.value for one in entries])
    found = rows.values_list("kind", "value", "origin__number", "origin__note", "line")
    return {(kind, value): Origin(number, note, line) for kind, value, number, note, line in found}


def blame(project: Project, version: DisavowVersion, entries: Collection[Entry]) -> dict[Key, Origin]:
    """The first version up to this one in which each entry stood, and its line there."""
    told = {one.key: Origin(version.number, version.note, one.line) for one in reversed(tuple(entries))}
    told |= {key: one for key, one in origins(project, entries).items() if one.number <= version.number}
    missing = {one.text: one.key for one in entries}
    for number, note, lines in _earlier(project, version):
        for at, line in lines:
            if (key := missing.pop(line, None)) and number < told[key].number:
                told[key] = Origin(number, note, at)
        if not missing:
            break
    return told


def _earlier(project: Project, version: DisavowVersion) -> Iterator[tuple[int, str, Iterator[tuple[int, str]]]]:
    """Versions before this one, the oldest first: number, note, numbered lines."""
    found = DisavowVersion.objects.filter(project=project, number__lt=version.number).order_by("number")
    for number, note, text in found.values_list("number", "note", "text").iterator(chunk_size=1):
        yield number, note, enumerate(map(str.strip, text.split("\n")), 1)
