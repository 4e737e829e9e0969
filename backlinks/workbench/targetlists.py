"""Lists of targets: pasted or uploaded text into targets, refused lines with their reasons, and their figures.

Decided: a good line is kept whatever its neighbours are; a bad one is kept too, with its row and the reason, to be
mended. The column of a table is the one that is named, else the one in which most cells are targets. Figures of whole
domains are counted as the page is made; where many hosts, folders and pages are asked for, a run counts them once and
the list keeps them with their day.
"""

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from backlinks import index
from projects import runs
from projects.models import Project, User
from seoapp.lib.weburl import BadUrl, Target, is_site

from .models import TargetList

MOST = 10_000
MOST_LINES = 20_000
MOST_BYTES = 20 * 1024 * 1024
MOST_LISTS = 200
MOST_COLUMNS = 200
SAMPLE = 4000  # cells by which the column is chosen
DIRECT = 200  # parts of domains that are counted as the page is made
AT_ONCE = 200  # targets between two steps of a run
RECENT_DAYS = 30
KEPT_SECONDS = 600
SCOPES = ("root", "host", "prefix", "exact")
SCOPE_WORDS = {"domain": "root", "root": "root", "host": "host", "folder": "prefix", "prefix": "prefix"} | {
    "page": "exact",
    "exact": "exact",
    "url": "exact",
}
KIND = "target_figures"
DATES = ("first_seen", "last_seen")


class ListRefused(ValueError):
    """Nothing can be made of it; the message says what to do."""


@dataclass(slots=True)
class Reading:
    """What was read: targets in their order, refused lines as (row, text, reason), and the column that was taken."""

    targets: list[Target] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    column: str = ""


# --- Reading ------------------------------------------------------------------------------------------------------
def read_text(text: str, scope: str = "") -> Reading:
    """Pasted lines: one target each, with a scope behind it if it likes; or several domains in a line."""
    cells = ((row, *one) for row, line in enumerate(text.splitlines(), 1) for one in _of_line(line))
    return _read(cells, scope)


def _of_line(line: str) -> Iterator[tuple[str, str]]:
    """(target, scope) of a line; a line of several words is several targets unless its last word is a scope."""
    words = [one for one in re.split(r"[\s;]+|,(?=\s|$)|,(?=[\w-]+\.[\w.-]+(?:,|\s|$))", line.strip()) if one]
    if len(words) == 2 and words[1].lower() in SCOPE_WORDS:
        yield words[0], SCOPE_WORDS[words[1].lower()]
        return
    for one in words:
        head, comma, last = one.rpartition(",")
        if comma and last.lower() in SCOPE_WORDS:
            yield head, SCOPE_WORDS[last.lower()]
        else:
            yield one, ""


def read_file(content: bytes, scope: str = "", column: str = "") -> Reading:
    """An uploaded text or table. Raises `ListRefused` where no column holds targets."""
    text = _decoded(content)
    delimiter = next((one for one in ("\t", ";", ",") if one in text.partition("\n")[0]), "")
    if not delimiter:
        return read_text(text, scope)
    rows = list(_table(text, delimiter))
    place = _named(rows, column) if column else _guessed(rows)
    scopes = next((at for at, cell in enumerate(rows[0]) if cell.strip().lower() == "scope"), None)
    header = 0 if _is_target(_cell(rows[0], place)) else 1
    cells = (
        (row, _cell(cells, place), SCOPE_WORDS.get(_cell(cells, scopes).lower(), ""))
        for row, cells in enumerate(rows[header:], header + 1)
    )
    found = _read(cells, scope)
    found.column = (rows[0][place].strip() if header else "") or f"column {place + 1}"
    return found


def _decoded(content: bytes) -> str:
    for mark, name in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig")):
        if content.startswith(mark):
            try:
                text = content.decode(name)
            except UnicodeDecodeError:
                continue
            if "\0" in text:
                break
            return text
    if b"\0" in content:
        raise ListRefused("The file is no text: save it as CSV or plain text, and bring it again.")
    return content.decode("cp1252", "replace")


def _table(text: str, delimiter: str) -> Iterator[list[str]]:
    try:
        for number, row in enumerate(csv.reader(text.splitlines(), delimiter=delimiter)):
            if number > MOST_LINES + 1:
                return
            if len(row) > MOST_COLUMNS:
                raise ListRefused(
                    f"Row {number + 1:,} has {len(row):,} columns, and at most {MOST_COLUMNS} are read: "
                    "keep the column of the targets and bring the file again."
                )
            yield row
    except csv.Error as error:
        raise ListRefused(f"The table cannot be read ({error}): save it again as CSV.") from error


def _named(rows: Sequence[Sequence[str]], column: str) -> int:
    """The column of this name, or of this number (from 1)."""
    heads = [cell.strip().casefold() for cell in rows[0]]
    if column.strip().casefold() in heads:
        return heads.index(column.strip().casefold())
    if column.isdecimal() and 0 < int(column) <= len(heads):
        return int(column) - 1
    raise ListRefused(f"There is no column {column!r}: the file has {', '.join(rows[0])[:300]}.")


def _guessed(rows: Sequence[Sequence[str]]) -> int:
    """The column in which most cells are targets; of equal ones the first."""
    cells = islice(((at, cell) for row in rows for at, cell in enumerate(row)), SAMPLE)
    hits = Counter(at for at, cell in cells if _is_target(cell.strip()))
    if not hits:
        raise ListRefused("No column holds domains or URLs: say which column does, by its name or number.")
    return min(hits, key=lambda at: (-hits[at], at))


def _cell(row: Sequence[str], at: int | None) -> str:
    return row[at].strip() if at is not None and at < len(row) else ""


def _is_target(text: str) -> bool:
    return "." in text and _reason(text, "") == ""


def _read(cells: Iterable[tuple[int, str, str]], scope: str) -> Reading:
    found = Reading()
    seen: dict[Target, int] = {}
    for number, (row, text, said) in enumerate(cells):
        if number >= MOST_LINES:
            found.refused.append((row, "", f"this line and all behind it: at most {MOST:,} targets are read"))
            break
        if not text:
            continue
        reason = _reason(text, said or scope)
        if not reason:
            target = Target.parse(text, said or scope or None)
            reason = f"the same as row {seen[target]}" if target in seen else _full(found)
        if reason:
            found.refused.append((row, text[:300], reason))
        else:
            seen[target] = row
            found.targets.append(target)
    return found


def _full(found: Reading) -> str:
    return f"at most {MOST:,} targets are looked at together" if len(found.targets) >= MOST else ""


def _reason(text: str, scope: str) -> str:
    """Why a text is no target; "" where it is one."""
    if len(text) > 2048:
        return "longer than 2,048 characters"
    try:
        target = Target.parse(text, scope or None)
    except BadUrl as error:
        return str(error)
    return "" if is_site(target.host) else "no domain that somebody can own"


# --- Keeping ------------------------------------------------------------------------------------------------------
def save(*, project: Project, user: User, name: str, found: Reading) -> TargetList:
    """Keep what was read. Raises `ListRefused`. The caller rings for its run, if it has one."""
    if not found.targets:
        first = f" The first one: {found.refused[0][1]!r} ({found.refused[0][2]})." if found.refused else ""
        raise ListRefused(f"No line is a domain, host, folder or URL.{first}")
    if project.target_lists.count() >= MOST_LISTS:
        raise ListRefused(f"A project keeps at most {MOST_LISTS} lists: delete one that nobody needs.")
    made = TargetList(
        project=project,
        created_by=user,
        name=name[:120],
        targets=[(str(one), one.scope) for one in found.targets],
        refused=[list(one) for one in found.refused],
    )
    made.save()
    if is_long(made):
        start(made, user)
    return made


def targets_of(made: TargetList) -> list[Target]:
    return [Target.parse(text, scope) for text, scope in made.targets]


def is_long(made: TargetList) -> bool:
    """Whether counting takes longer than a page may."""
    return sum(scope != "root" for _, scope in made.targets) > DIRECT


def start(made: TargetList, user: User | None) -> None:
    """Queue a run that counts the figures; the caller rings."""
    made.run = runs.start(
        kind=KIND,
        workspace=made.project.workspace,
        project=made.project,
        arguments={"list": made.pk, runs.TITLE: made.name},
        user=user,
    )
    made.save(update_fields=["run"])


def since() -> date:
    return timezone.now().date() - timedelta(days=RECENT_DAYS)


def rows_of(made: TargetList) -> list[dict[str, Any]]:
    """The figures of every target, counted now, or by the run where that takes long."""
    if is_long(made):
        return [_dated(dict(row)) for row in made.figures]
    workspace = made.project.workspace_id
    stamp = hashlib.sha256(repr((index.lists.newest_change(workspace), since())).encode()).hexdigest()
    key = f"targets-{made.pk}-{stamp[:32]}"
    rows = cache.get(key)
    if rows is None:
        rows = _counted(workspace, targets_of(made))
        cache.set(key, rows, KEPT_SECONDS)
    return rows


def _counted(workspace: int, targets: Sequence[Target]) -> list[dict[str, Any]]:
    queries = [index.LinkQuery(workspace, one, "domains", with_graph=True) for one in targets]
    figures = index.lists.list_figures(queries, since())
    return [{"target": str(target), "scope": target.scope} | row for target, row in zip(targets, figures, strict=True)]


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: date.fromisoformat(row[name]) if row[name] else None for name in DATES}


def carry_out(claimed: runs.Claimed) -> None:
    """The run kind `target_figures`. Nobody asks any more for the figures of a list that was deleted."""
    made = TargetList.objects.select_related("project").filter(pk=claimed.run.arguments["list"]).first()
    if made is None:
        return
    targets = targets_of(made)
    rows: list[dict[str, Any]] = []
    for at in range(0, len(targets), AT_ONCE):
        claimed.step(done=at, total=len(targets))
        rows += _counted(made.project.workspace_id, targets[at : at + AT_ONCE])
    figures = [row | {name: row[name] and row[name].isoformat() for name in DATES} for row in rows]
    TargetList.objects.filter(pk=made.pk).update(figures=figures, figured_at=timezone.now())
    claimed.step(done=len(targets), total=len(targets), line=f"{len(targets):,} targets were counted.")


RUN_KIND = runs.RunKind(
    name=KIND, label="Figures of a list of targets", run=carry_out, transient=(index.IndexUnavailable,)
)
