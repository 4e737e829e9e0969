"""Visits of the project's own site by the domain that they came from: the file of a team's own analytics.

Decided: a table with a column of sources and one of visits, as analytics export it, in one piece: it is small. Sources
fold to registrable domains; names without a dot ("google", "(direct)") name no domain and are told as such. The newest
file replaces the older one whole. Seen by the workspace alone. Refused: a connection to an analytics account, for a
figure that changes a few times a year.
"""

import csv
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from backlinks.openweb.popularity import domain_of
from backlinks.openweb.visit_tables import NAMES as VISITS
from backlinks.openweb.visit_tables import figure
from backlinks.sources.cells import BAD
from projects.models import Project, User

from .models import OwnVisits

MAX_BYTES = 8 * 1024**2
MAX_DOMAINS = 50_000
SHOWN_PROBLEMS, MAX_LINE = 50, 16_384
SOURCES = (
    "session source", "source", "referrer", "referrer url", "referring domain", "page referrer", "full referrer",
    "domain", "host", "website", "url",
)  # fmt: skip
NO_TABLE = (
    "This is no table of visits by source: it needs a column named source, referrer or domain, and one named sessions "
    "or visits."
)


class Unreadable(ValueError):
    """The file says nothing of visits; the message says what it needs."""


@dataclass(slots=True)
class Read:
    """Sessions by domain, and the rows that named none."""

    sessions: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)
    rejected: int = 0

    def refuse(self, row: int, reason: str, value: str) -> None:
        self.rejected += 1
        if len(self.problems) < SHOWN_PROBLEMS:
            self.problems.append({"row": row, "reason": reason, "value": value.replace("\0", "")[:200]})


def read(data: bytes) -> Read:
    """What a file says. Raises `Unreadable`."""
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("The file is not UTF-8: save it as CSV UTF-8.") from error
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip() and line[0] != "#"]
    if not lines:
        raise Unreadable(NO_TABLE)
    lines = [(number, line[:MAX_LINE]) for number, line in lines]
    delimiter = max(",;\t", key=lines[0][1].count)
    heads = [cell.strip().lower() for cell in next(csv.reader([lines[0][1]], delimiter=delimiter))]
    at = next((heads.index(name) for name in SOURCES if name in heads), -1)
    visits = next((heads.index(name) for name in VISITS if name in heads), -1)
    if at < 0 or visits < 0:
        raise Unreadable(NO_TABLE)
    made = Read()
    for number, line in lines[1:]:
        cells = next(csv.reader([line], delimiter=delimiter), [])
        made.rows += 1
        _add(made, number, cells, at, visits)
    if not made.sessions:
        raise Unreadable("No row of the file names a domain with visits.")
    return made


def _add(made: Read, number: int, cells: list[str], at: int, visits: int) -> None:
    if len(cells) <= max(at, visits):
        return made.refuse(number, "too few cells", ", ".join(cells))
    domain, sessions = domain_of(cells[at].strip().lower()), figure(cells[visits])
    if domain is BAD:
        return made.refuse(number, "no domain", cells[at])
    if sessions is None or sessions < 0:
        return made.refuse(number, "no number of visits", cells[visits])
    made.sessions[domain] += int(min(sessions, 1e12))
    return None


def keep(project: Project, user: User | None, name: str, found: Read) -> OwnVisits:
    """Keep them in the place of an older file's."""
    values = {
        "sessions": dict(found.sessions.most_common(MAX_DOMAINS)), "name": name[-255:], "rows": found.rows,
        "rejected": found.rejected, "problems": found.problems, "loaded_by": user,
    }  # fmt: skip
    return OwnVisits.objects.update_or_create(project=project, defaults=values)[0]
