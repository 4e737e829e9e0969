"""Which files of a folder make up a release, and whether each is what its name says.

Decided: names as Common Crawl gives them (`<release>-<level>-vertices.txt.gz`, edges, ranks), also unpacked, and
without the part in front where there is only one of each. Files that are split are found by their list (`*.paths.gz`),
else by their folders `vertices` and `edges`. More than one release or level in a folder is refused: edges of one with
names of another would be nonsense that nobody sees. The first lines of every file tell vertices, edges and ranks apart
before anything is read. Where the release's `.properties` lie beside them, the numbers of lines must be those of it: an
unpacked file that was cut short has no other sign. Months of the name are the days of the release.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from .holdings import Refused
from .webgraph_text import Unreadable, first_lines

KINDS = ("vertices", "edges", "ranks")
LEVELS = ("domain", "host")
NAME = re.compile(
    r"(?:(?P<release>.+?)-)??(?:(?P<level>host|domain)-)?(?P<kind>vertices|edges|ranks)(?P<ending>\.txt|\.paths)(?:\.gz)?"
)
PART = re.compile(r"part-[\w.-]+?(?:\.txt)?(?:\.gz)?")
MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
CRAWLS = re.compile(r"cc-main-(?P<year>\d{4})(?:-\d{2}(?:\d{2})?)?(?P<months>(?:-[a-z]{3})+)(?![a-z])")
STATED = {"vertices": "nodes", "edges": "arcs"}
SHAPES = {
    "edges": re.compile(r"\d+\t\d+"),
    "vertices": re.compile(r"\d+\t[^\t]*[^\t\d][^\t]*(?:\t\d+)?"),
    "ranks": re.compile(r"#\w+_pos.*|\d+\t[-+\d.eE]+\t\d+\t[-+\d.eE]+\t[^\t]+(?:\t\d+)?"),
}
COLUMNS = {
    "edges": "from_id TAB to_id",
    "vertices": "id TAB reversed name, and at domain level TAB number of hosts",
    "ranks": "harmonic position, its value, PageRank position, its value, reversed name, all by TAB",
}


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a release. `key` is its name inside the folder."""

    kind: str
    path: Path
    key: str
    size: int


@dataclass(frozen=True, slots=True)
class Found:
    """The files of one release in a folder. Without months in its name it is of the day of its file, not `is_dated`."""

    release: str
    level: str
    first_day: date
    last_day: date
    is_dated: bool
    files: tuple[Source, ...]
    stated: dict[str, int]  # lines of vertices and edges, where the release says so

    def of(self, kind: str) -> list[Source]:
        return [one for one in self.files if one.kind == kind]

    def size(self, *kinds: str) -> int:
        return sum(one.size for one in self.files if one.kind in (kinds or KINDS))


@dataclass(frozen=True, slots=True)
class _Named:
    path: Path
    release: str
    level: str
    kind: str
    is_list: bool


def find(folder: Path) -> Found:
    """The release that lies in a folder. Raises `Refused` with the names of what is in the way."""
    if not folder.is_dir():
        raise Refused(f"{folder} is no folder: name the folder that holds the vertices and edges of a release.")
    named = list(_named(folder))
    release, level = _only(named, "release", "releases"), _only(named, "level", "levels")
    release, level = release or folder.resolve().name, level or "domain"
    sources = [one for kind in KINDS for one in _sources(folder, kind, named)]
    for kind in ("vertices", "edges"):
        if not any(one.kind == kind for one in sources):
            raise Refused(
                f"{folder} has no {kind}: put the file whose name ends in -{level}-{kind}.txt.gz beside the others."
            )
    days = days_of(release)
    day = date.fromtimestamp(sources[0].path.stat().st_mtime)
    first, last = days or (day, day)
    return Found(release, level, first, last, days is not None, tuple(sources), _stated(folder, f"{release}-{level}"))


def _stated(folder: Path, name: str) -> dict[str, int]:
    path = folder / f"{name}.properties"
    text = path.read_text(errors="replace") if path.is_file() else ""
    found = {kind: re.search(rf"^{word}=(\d+)\s*$", text, re.MULTILINE) for kind, word in STATED.items()}
    return {kind: int(number[1]) for kind, number in found.items() if number}


def _named(folder: Path) -> Iterator[_Named]:
    for path in sorted(folder.iterdir()):
        if path.is_file() and (found := NAME.fullmatch(path.name)):
            release, level, kind = (found[name] or "" for name in ("release", "level", "kind"))
            yield _Named(path, release, level, kind, found["ending"] == ".paths")


def _only(named: list[_Named], what: str, words: str) -> str:
    first = {getattr(one, what): one.path.name for one in reversed(named)}
    if len(first) > 1:
        raise Refused(
            f"The folder mixes {words} ({', '.join(sorted(first.values()))}): leave the files of one release and level "
            "in it, and move the others elsewhere."
        )
    return next(iter(first), "")


def _sources(folder: Path, kind: str, named: list[_Named]) -> Iterator[Source]:
    mine = [one for one in named if one.kind == kind]
    whole = [one.path for one in mine if not one.is_list]
    if len(whole) > 1:
        names = ", ".join(path.name for path in whole)
        raise Refused(f"There are several files of {kind} ({names}): leave one of them in the folder.")
    lists = [one.path for one in mine if one.is_list]
    paths = whole or ([path for one in lists for path in _listed(folder, one)] if lists else _parts(folder, kind))
    for path in paths:
        yield Source(kind, path, path.relative_to(folder).as_posix(), path.stat().st_size)


def _listed(folder: Path, list_path: Path) -> list[Path]:
    """The files that a list names, wherever in the folder they were put."""
    found = []
    for line in filter(None, first_lines(list_path, 1_000_000)):
        parts = Path(line.strip()).parts
        places = [folder.joinpath(*parts[start:]) for start in range(len(parts))]
        there = next((place for place in places if place.is_file()), None)
        if there is None:
            raise Refused(
                f"{list_path.name} names {line.strip()}, which is not in the folder: download it into "
                f"{folder / '/'.join(parts[-2:])}."
            )
        found.append(there)
    return found


def _parts(folder: Path, kind: str) -> list[Path]:
    inside = folder / kind
    return sorted(path for path in inside.iterdir() if PART.fullmatch(path.name)) if inside.is_dir() else []


def days_of(release: str) -> tuple[date, date] | None:
    """First and last day of the months in a release's name; a month before the one before it is of the next year."""
    found = CRAWLS.search(release)
    names = found["months"].strip("-").split("-") if found else []
    months = [MONTHS[name] for name in names if name in MONTHS]
    if not found or not months:
        return None
    year = int(found["year"])
    later = sum(after < before for before, after in pairwise(months))
    last_year = year + later
    return date(year, months[0], 1), date(last_year, months[-1], calendar.monthrange(last_year, months[-1])[1])


def check_shape(source: Source) -> None:
    """Refuse a file whose first lines are not of its kind, and say what they look like."""
    lines = first_lines(source.path)
    if not lines:
        raise Unreadable(f"{source.key} is empty: download it again.")
    fits = {kind: sum(1 for line in lines if shape.fullmatch(line)) for kind, shape in SHAPES.items()}
    if fits[source.kind] * 2 > len(lines):
        return
    like = max(fits, key=lambda kind: fits[kind])
    guess = f"it looks like {like}" if fits[like] * 2 > len(lines) else "it looks like none of a release's files"
    raise Unreadable(
        f"{source.key} does not hold {source.kind} ({COLUMNS[source.kind]}): its first line is {lines[0][:80]!r}, "
        f"{guess}. Put the right file in its place."
    )
