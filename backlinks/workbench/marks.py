"""Marks: what a team says of a link or of a whole referring domain: tags, a note, and whether it vouches for it.

Decided: a mark belongs to a project and joins the index by the link's id or the domain's name, so it outlives imports
and removals of facts. A domain's mark holds for its links: tags add up, the link's own note goes first, either may
whitelist. Tags are lower case, so that one tag is one. A mark that says nothing is deleted. Clients neither see nor
filter by marks: they are what a team says among itself. Whoever changes marks of a project waits for whoever does.
Refused: marks in the index, because a decision is no fact.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any
from unicodedata import normalize

from django.db import transaction
from django.utils import timezone

from backlinks import index
from backlinks.actions import Chosen, Field, LinkAction, Outcome, Refused
from projects.models import Project, User
from seoapp.lib.words import counted

from .deciding import NAMES, asked_tags, deciding
from .models import Mark

MOST_MARKS = 50_000  # of a project
MOST_TAGS, TAG_LENGTH, NOTE_LENGTH = 20, 40, 2_000
AT_ONCE = 500  # rows of one statement
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
Key = tuple[str, str]  # domain, link id


@dataclass(frozen=True, slots=True)
class Said:
    """What a mark says."""

    tags: tuple[str, ...] = ()
    note: str = ""
    whitelisted: bool = False

    @classmethod
    def of(cls, mark: Mark | None) -> "Said":
        return cls(tuple(mark.tags), mark.note, mark.is_whitelisted) if mark else cls()


NOTHING = Said()


def tidy_tag(text: str) -> str:
    """One spelling of a tag; "" for nothing that could be one."""
    words = UNSEEN.sub(" ", normalize("NFC", text)).replace(",", " ").split()
    return " ".join(words).lower()[:TAG_LENGTH].strip()


def tidy_tags(text: str) -> tuple[str, ...]:
    """The tags of a text that separates them by commas."""
    return tuple(sorted({tag for part in text.split(",") if (tag := tidy_tag(part))}))


def tidy_note(text: str) -> str:
    lines = UNSEEN.sub(" ", normalize("NFC", text).replace("\r\n", "\n").replace("\n", "\u2028"))
    return lines.replace("\u2028", "\n").strip()[:NOTE_LENGTH]


# --- In lists ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Marked:
    """The reads of a report, with the marks of a project, as one request needs them: read once, for rows and count."""

    project: Project
    held: dict[Any, tuple[index.MarkRow, ...]] = field(default_factory=dict, compare=False, repr=False)

    def query(self, query: index.LinkQuery) -> index.LinkQuery:
        """With the marks that decide about its rows."""
        if not index.needs_marks(query):
            return query
        asked = (query.report, NAMES & query.deciding, asked_tags(query))
        if asked not in self.held:
            self.held[asked] = deciding(self.project, query)
        return replace(query, marks=self.held[asked])

    def fetch(self, query: index.LinkQuery) -> index.RowPage:
        page = index.fetch(self.query(query))
        self.add(query, page.rows)
        return page

    def stream(self, query: index.LinkQuery) -> Iterator[dict[str, Any]]:
        rows = iter(index.stream(self.query(query)))
        while portion := list(islice(rows, 2 * AT_ONCE)):
            self.add(query, portion)
            yield from portion

    def count(self, query: index.LinkQuery) -> int:
        return index.count(self.query(query))

    def add(self, query: index.LinkQuery, rows: Sequence[dict[str, Any]]) -> None:
        """Put to rows what their marks say, where that is shown."""
        if not NAMES & query.shown:
            return
        found = self.of(rows)
        for row in rows:
            said = found[row["source_domain"], str(row.get("link_id", ""))]
            row |= {"tags": list(said.tags), "note": said.note, "whitelisted": int(said.whitelisted)}

    def of(self, rows: Sequence[Mapping[str, Any]]) -> dict[Key, Said]:
        """What holds for each of these links or domains, by (domain, link id)."""
        keys = {(row["source_domain"], str(row.get("link_id", ""))) for row in rows}
        held = {
            key: Said.of(one) for key, one in held_marks(self.project, keys | {(key[0], "") for key in keys}).items()
        }
        return {key: _together(held.get(key, NOTHING), held.get((key[0], ""), NOTHING)) for key in keys}


def without(query: index.LinkQuery) -> index.LinkQuery:
    """The query for somebody who does not see marks: it neither filters nor sorts by them."""
    if not NAMES & query.deciding:
        return query
    kept = replace(query, filters=tuple(one for one in query.filters if one.name not in NAMES))
    if NAMES & kept.where.names:
        kept = kept.with_where(type(kept.where)())
    return kept.with_sort("authority") if kept.sort in NAMES else kept


def _together(own: Said, domains: Said) -> Said:
    tags = tuple(sorted({*own.tags, *domains.tags}))
    return Said(tags, own.note or domains.note, own.whitelisted or domains.whitelisted)


def held_marks(project: Project, keys: Iterable[Key]) -> dict[Key, Mark]:
    """The marks of these links and domains; the link id of a domain is empty."""
    links = sorted({key[1] for key in keys if key[1]})
    domains = sorted({key[0] for key in keys if not key[1]})
    found: list[Mark] = []
    for part in _portions(links):
        found += Mark.objects.filter(project=project, link_id__in=part)
    for part in _portions(domains):
        found += Mark.objects.filter(project=project, domain__in=part, link_id="")
    return {(one.domain, one.link_id): one for one in found}


def _portions(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))


def tags_of(project: Project) -> list[str]:
    """The tags in use, the most used first."""
    counts: dict[str, int] = {}
    for tags in Mark.objects.filter(project=project).order_by().values_list("tags", flat=True).iterator():
        for tag in tags:
            counts[tag] = counts.get(tag, 0) + 1
    return sorted(counts, key=lambda tag: (-counts[tag], tag))


# --- Changing ---------------------------------------------------------------------------------------------------------
def change(
    project: Project, user: User, rows: Sequence[Chosen], changed: Callable[[Said], Said]
) -> tuple[int, list[Any]]:
    """Change what is said of these rows; returns how many changed, and what was said before for `take_back`.

    Raises Refused where the project would have too many marks.
    """
    with transaction.atomic():
        _lock(project)
        held = held_marks(project, {(row.domain, row.link_id) for row in rows})
        told: list[tuple[Chosen, Said, Said]] = []
        for row in rows:
            before = Said.of(held.get((row.domain, row.link_id)))
            after = changed(before)
            if after != before:
                told.append((row, before, after))
        _refuse_more(project, sum((row.domain, row.link_id) not in held for row, _, _ in told))
        _write(project, user, held, [(row, after) for row, _, after in told])
    return len(told), [[*_plain(row), _plain(before), _plain(after)] for row, before, after in told]


def _lock(project: Project) -> None:
    """One change of the project's marks at a time: what is read after this is what is written over."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)


def _refuse_more(project: Project, new: int) -> None:
    if new and Mark.objects.filter(project=project).count() + new > MOST_MARKS:
        raise Refused(
            f"Nothing was done: a project has at most {MOST_MARKS:,} marks. Mark domains instead of links, or take "
            "marks away first."
        )


def _plain(one: Chosen | Said) -> list[Any]:
    if isinstance(one, Said):
        return [list(one.tags), one.note, one.whitelisted]
    return [one.domain, one.link_id, one.source_url, one.target_url]


def _write(project: Project, user: User, held: Mapping[Key, Mark], rows: Sequence[tuple[Chosen, Said]]) -> None:
    new: list[Mark] = []
    old: list[Mark] = []
    empty: list[int] = []
    for row, said in rows:
        mark = held.get((row.domain, row.link_id))
        if said == NOTHING:
            empty += [mark.pk] if mark else []
            continue
        (old if mark else new).append(_filled(mark or _of_row(project, row), user, said))
    for part in _portions(empty):
        Mark.objects.filter(pk__in=part).delete()
    Mark.objects.bulk_create(new, batch_size=AT_ONCE)
    Mark.objects.bulk_update(old, ["tags", "note", "is_whitelisted", "changed_by", "changed_at"], batch_size=AT_ONCE)


def _of_row(project: Project, row: Chosen) -> Mark:
    return Mark(
        project=project,
        domain=row.domain,
        link_id=row.link_id,
        source_url=row.source_url,
        target_url=row.target_url,
    )


def _filled(mark: Mark, user: User, said: Said) -> Mark:
    mark.tags, mark.note, mark.is_whitelisted = list(said.tags), said.note, said.whitelisted
    mark.changed_by, mark.changed_at = user, timezone.now()  # the latter by hand: a bulk update does not set it
    return mark


def take_back(project: Project, user: User, before: list[Any]) -> Outcome:
    """What was said before is said again, but of rows of which somebody has said something else since."""
    rows = [(Chosen(*one[:4]), Said(*_read(one[4])), Said(*_read(one[5]))) for one in before]
    with transaction.atomic():
        _lock(project)
        held = held_marks(project, {(row.domain, row.link_id) for row, _, _ in rows})
        same = [(row, old) for row, old, new in rows if Said.of(held.get((row.domain, row.link_id))) == new]
        _write(project, user, held, same)
    left = len(rows) - len(same)
    note = f" {counted(left, 'row')} changed since and stay as they are." if left else ""
    return Outcome(f"Taken back on {counted(len(same), 'row')}.{note}", len(same))


def _read(plain: list[Any]) -> tuple[tuple[str, ...], str, bool]:
    return tuple(plain[0]), plain[1], plain[2]


# --- Actions ----------------------------------------------------------------------------------------------------------
def _acting(changed: Callable[[Said, Mapping[str, str]], Said], words: str) -> Callable[..., Outcome]:
    """An action that changes what is said of each row; `words` say it of {n} rows."""

    def run(project: Project, user: User, rows: Sequence[Chosen], values: Mapping[str, str]) -> Outcome:
        count, before = change(project, user, rows, lambda said: changed(said, values))
        same = f" {counted(len(rows) - count, 'row')} had it already." if count < len(rows) else ""
        return Outcome(words.format(n=counted(count, "row")) + same, count, before)

    return run


def _tag(values: Mapping[str, str]) -> str:
    tag = tidy_tag(values["tag"])
    if not tag:
        raise Refused("Say which tag.")
    return tag


def _with_tag(said: Said, values: Mapping[str, str]) -> Said:
    tags = tuple(sorted({*said.tags, _tag(values)}))
    if len(tags) > MOST_TAGS:
        raise Refused(f"A link or domain has at most {MOST_TAGS} tags: remove one first.")
    return replace(said, tags=tags)


def _without_tag(said: Said, values: Mapping[str, str]) -> Said:
    tag = _tag(values)
    return replace(said, tags=tuple(one for one in said.tags if one != tag))


_TAG = Field("tag", "Tag", TAG_LENGTH)
ADD_TAG = LinkAction("tag", "Add tag", "tag", "editor", _acting(_with_tag, "Tagged {n}."), (_TAG,), take_back)
REMOVE_TAG = LinkAction(
    "untag", "Remove tag", "tag-off", "editor", _acting(_without_tag, "Removed the tag from {n}."), (_TAG,), take_back
)
NOTE = LinkAction(
    "note",
    "Set note",
    "note",
    "editor",
    _acting(lambda said, values: replace(said, note=tidy_note(values["note"])), "Set the note of {n}."),
    (Field("note", "Note", NOTE_LENGTH, needed=False),),
    take_back,
)
WHITELIST = LinkAction(
    "whitelist",
    "Whitelist",
    "shield-check",
    "editor",
    _acting(lambda said, _: replace(said, whitelisted=True), "Whitelisted {n}."),
    undo=take_back,
)
UNLIST = LinkAction(
    "unlist",
    "Take from the whitelist",
    "shield-off",
    "editor",
    _acting(lambda said, _: replace(said, whitelisted=False), "Took {n} from the whitelist."),
    undo=take_back,
)
