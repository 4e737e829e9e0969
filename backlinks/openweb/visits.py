"""Visits of a project's own sites: Search Console's performance export, or a plain CSV. Seen by its workspace alone.

Decided: what is kept is visits per 30 days, so that files of different lengths can be compared. From a table of days it
is the sum over its days, divided by their number, times 30; their number runs from the first to the last day, plus the
shortest step between two of them (so that weeks and months count whole). A table of pages without dates covers as many
days as the user says, else Search Console's own three months (90), else 30; of domains, the figure is one of 30 days.
The day of the figure is the last one in the file. In an archive the table of days is read, because that of pages ends
after 1,000 rows; the pages say whose figures these are. Refused: adding up Search Console's clicks by query, which
leaves out every rare one.
"""

import hashlib
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage

from backlinks import index
from backlinks.sources.cells import BAD, parse_date
from backlinks.sources.contract import Problem
from projects import runs
from projects.models import Project, User

from . import holdings, popularity, reading, tables
from .holdings import Refusals, Refused, Wanted
from .models import OpenImport
from .popularity_lists import TRAFFIC
from .visit_tables import Shape, figure, is_compared, shape_of

KIND = OpenImport.Kind.VISITS.value
PERIOD = 30
PERFORMANCE_DAYS = 90
BLOCK_ROWS = 20_000
MOST = 1e15
FOLDER = "visits"
NO_FIGURE = "no number of visits"
NO_DATE = "no date"
OTHER_SITE = "not a page of the project's site"
NOT_VISITS = (
    "This is no table of visits: it needs a column of dates, pages or domains, and one of visits (name it 'visits')."
)


@dataclass(slots=True)
class Sums:
    """What a table has said: visits by domain and day, and how many rows."""

    rows: int = 0
    by_domain: dict[str, dict[date | None, float]] = field(default_factory=dict)

    def add(self, domain: str, day: date | None, visits: float) -> None:
        days = self.by_domain.setdefault(domain, {})
        days[day] = days.get(day, 0.0) + visits

    @property
    def days(self) -> list[date]:
        return sorted({day for days in self.by_domain.values() for day in days if day})


def receive_visits(
    project: Project, user: User | None, file: File, name: str, *, days: int = 0, day: date | None = None
) -> OpenImport:
    """The row of a file of visits, with a run to read it. `days`: how many it covers, where it has no dates.

    Raises `Refused`. The caller rings for the run.
    """
    if file.size > settings.IMPORT_MAX_BYTES:
        raise Refused(f"{name} is larger than {settings.IMPORT_MAX_BYTES // 1024**2} MB: split it.")
    if days < 0:
        raise Refused("A file covers one day at least.")
    digest = hashlib.sha256(f"{KIND}\n{project.pk}\n{days}\n{day or ''}\n".encode())
    for chunk in file.chunks(tables.PIECE):
        digest.update(chunk)
    file.seek(0)
    known = OpenImport.objects.filter(identity=digest.hexdigest(), state=OpenImport.State.DONE).first()
    if known:
        return known
    stored = default_storage.save(f"{FOLDER}/{digest.hexdigest()[:32]}.bin", file)
    options = {"days": days, "day": day.isoformat() if day else ""}
    wanted = Wanted(
        KIND, name, digest.hexdigest(), stored, size=file.size, options=options,
        workspace=project.workspace, project=project, user=user,
    )  # fmt: skip
    made = holdings.receive(wanted)
    if made.place != stored:
        default_storage.delete(stored)
    return made


def receive_file(project: Project, user: User | None, path: Path, *, days: int, day: date | None) -> OpenImport:
    try:
        with path.open("rb") as stream:
            return receive_visits(project, user, File(stream, name=path.name), path.name, days=days, day=day)
    except OSError as error:
        raise Refused(f"{path.name} cannot be read: {error.strerror}.") from error


def remove_project(project: Project, claimed: runs.Claimed) -> None:
    """Take the visits of a project out of the index; for the run that removes a project."""
    for made in OpenImport.objects.filter(kind=KIND, project=project).exclude(state=OpenImport.State.REMOVED):
        claimed.step(line=f"Removing {made}")
        popularity.remove(made)
        _forget_file(made)


# --- The run ------------------------------------------------------------------------------------------------------
def read(claimed: runs.Claimed) -> None:
    """The run kind `visits`. The stored file goes with its result; after a fault of a server it is read again."""
    made = OpenImport.objects.get(pk=claimed.run.arguments["open_import"])
    try:
        reading.carry_out(claimed, READING)
    except (PermissionError, runs.Cancelled):  # refused for good
        _forget_file(made)
        raise
    _forget_file(made)


def _forget_file(made: OpenImport) -> None:
    with suppress(OSError):
        default_storage.delete(made.place)


def _read_file(made: OpenImport, claimed: runs.Claimed) -> None:
    made.notes, made.rows = [], 0
    with _stored(made) as stream, Refusals() as refusals:
        shape, sums = _read_tables(made, stream, refusals)
        refusals.keep(made)
    made.options |= {"list": "gsc" if shape.is_performance else "visits"}
    made.label = "Search Console" if shape.is_performance else "Visits"
    made.rows, made.accepted = sums.rows, sums.rows - made.rejected
    if not made.accepted:
        raise Refused(f"No row of {made.name} could be read: nothing of it was kept.")
    made.day = _day_of(made, sums)
    _send(made, _per_period(made, shape, sums))
    claimed.step(line=f"{made.label}, {made.day}: {made.rows} rows, {made.rejected} refused.")


def _stored(made: OpenImport) -> BinaryIO:
    try:
        return default_storage.open(made.place, "rb")
    except OSError as error:
        raise Refused("The stored file is gone: upload it again.") from error


def _read_tables(made: OpenImport, stream: BinaryIO, refusals: Refusals) -> tuple[Shape, Sums]:
    """The table that says most: of an archive that of its days; its pages only say whose they are."""
    found: dict[str, tuple[Shape, str]] = {}
    for table in tables.tables(stream, made.name):
        if is_compared(table.head):
            raise Refused("This export compares two periods: export it again without the comparison.")
        shape = shape_of(table.head)
        if shape is None or shape.key in found:
            continue
        found[shape.key] = shape, table.member
        if shape.key == "pages":
            _check_pages(table.head[shape.skip :], shape, _domain(made))
    if not found:
        raise Refused(NOT_VISITS)
    shape, member = next(found[key] for key in ("dates", "domains", "pages") if key in found)
    stream.seek(0)
    table = next(one for one in tables.tables(stream, made.name) if one.member == member)
    return shape, _summed(table, shape, _domain(made), refusals)


def _domain(made: OpenImport) -> str:
    if made.project is None:
        raise Refused("The project of these visits is gone.")
    return made.project.target.domain


def _check_pages(rows: list[list[str]], shape: Shape, domain: str) -> None:
    """Refuse the pages of another site: its figures would pass for the project's."""
    domains = [_domain_of_page(row[shape.at], domain) for row in rows if len(row) == shape.width]
    known = [one for one in domains if one]
    if known and domain not in known:
        raise Refused(f"These are pages of {known[0]}, but the project's site is {domain}: name the other project.")


def _domain_of_page(cell: str, domain: str) -> str:
    """Whose page a cell names; a path is one of the project's site; "" for what is no page."""
    if cell.startswith("/"):
        return domain
    found = popularity.domain_of(cell.strip())
    return "" if found is BAD else found


def _summed(table: tables.Table, shape: Shape, domain: str, refusals: Refusals) -> Sums:
    sums = Sums()
    for rows, numbers, problems in table.blocks(BLOCK_ROWS, width=shape.width, skip=shape.skip):
        sums.rows += len(rows) + len(problems)
        for row, at in zip(rows, numbers, strict=True):
            problem = _add(sums, row, at, shape, domain)
            if problem:
                problems.append(problem)
        for one in problems:
            refusals.add(one.row, one.reason, one.value, column=one.column, file=table.member)
    return sums


def _add(sums: Sums, row: list[str], at: int, shape: Shape, domain: str) -> Problem | None:
    visits = figure(row[shape.visits])
    if visits is None or not 0 <= visits <= MOST:
        return Problem(at, "visits", NO_FIGURE, row[shape.visits])
    day = None
    place = shape.at if shape.key == "dates" else shape.date
    if place >= 0:
        moment = parse_date(row[place])
        if moment is None or moment.date() > tables.today():
            return Problem(at, "date", NO_DATE, row[place])
        day = moment.date()
    whose = domain if shape.key == "dates" else _domain_of_page(row[shape.at], domain)
    if not whose or (shape.key == "pages" and whose != domain):
        return Problem(at, shape.key, OTHER_SITE if shape.key == "pages" else popularity.NO_DOMAIN, row[shape.at])
    sums.add(whose, day, visits)
    return None


# --- The figure ---------------------------------------------------------------------------------------------------
def _day_of(made: OpenImport, sums: Sums) -> date:
    """The last day of the file, else the one that the user or its name says, else today."""
    if sums.days:
        return sums.days[-1]
    said = made.options["day"]
    return date.fromisoformat(said) if said else tables.day_in(made.name) or tables.today()


def _per_period(made: OpenImport, shape: Shape, sums: Sums) -> dict[str, float]:
    """Visits of 30 days by domain."""
    if shape.key == "domains":
        covered = made.options["days"] or PERIOD
        newest = {domain: days[max(days, key=_order)] for domain, days in sums.by_domain.items()}
        return {domain: visits / covered * PERIOD for domain, visits in newest.items()}
    covered = _days_covered(sums.days) or made.options["days"] or (PERFORMANCE_DAYS if shape.is_performance else PERIOD)
    if not sums.days and not made.options["days"]:
        made.notes.append(
            f"The file has no dates: its visits were taken for those of {covered} days (say it by --days)."
        )
    totals = {domain: sum(days.values()) for domain, days in sums.by_domain.items()}
    made.options |= {"covered": covered}
    return {domain: total / covered * PERIOD for domain, total in totals.items()}


def _order(day: date | None) -> date:
    return day or date.min


def _days_covered(days: list[date]) -> int:
    """From the first to the last day, and the shortest step between two; 0 where there are none."""
    steps = [(later - earlier).days for earlier, later in pairwise(days)]
    return (days[-1] - days[0]).days + min(steps, default=1) if days else 0


def _send(made: OpenImport, visits: dict[str, float]) -> None:
    made.options |= {"domains": len(visits)}
    made.save()
    batch = popularity.batch_of(made)
    index.begin(batch)
    columns: dict[str, list[Any]] = {"domain": list(visits), "visits": list(visits.values())}
    day = made.day or tables.today()
    index.popularity.add(batch, name=made.options["list"], day=day, signal=TRAFFIC, columns=columns, block=0)


READING = reading.Reading(_read_file, popularity.batch_of, popularity.publish, popularity.withdraw, popularity.others)
RUN_KIND = runs.RunKind(name=KIND, label="Visits of a site", run=read, transient=(index.IndexUnavailable,))
