"""Countries and networks of addresses into the index: the tables of ip-location-db.

Decided: the tables of one version are one batch, which replaces the last one when it is whole. Countries come from the
registries' own assignments (NRO), networks from what is announced (RouteViews); both are named where they are shown.
A profile shows a newer table when it is next rebuilt; those that had no country for an address are rebuilt at once.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from backlinks import index
from backlinks.sources.cells import country as country_of
from backlinks.sources.contract import Problem
from projects import runs
from projects.models import User

from . import address_files, holdings, reading, tables
from .address_files import Found, TableFile
from .address_tables import Rows, address_number, merged, ranges_of
from .holdings import Refusals, Refused, Wanted
from .models import OpenImport

KIND = OpenImport.Kind.ADDRESSES.value
ATTRIBUTION = (
    "Countries of addresses: NRO delegation statistics (nro.net, CC BY 4.0), by ip-location-db (CC0). Networks: "
    "RouteViews (routeviews.org) and DB-IP (db-ip.com), CC BY 4.0, by ip-location-db."
)
FAMILIES = (4, 6)
BLOCK_ROWS, SENT_ROWS = 50_000, 200_000
MAX_ASN = 2**32 - 1
NO_RANGE = "no range of addresses"
NO_COUNTRY = "no country of two letters"
NO_NETWORK = "no number of a network"
MISSING = {"country": "countries", "network": "networks"}


def receive(folder: Path | None = None, *, user: User | None = None) -> OpenImport:
    """The row of the tables in a folder, else of the newest ones, with a run to read them. Raises `Refused`."""
    if folder is None:
        folder = Path(settings.SEOAPP_DATA) / "addresses"
        address_files.fetch(folder)
    found = address_files.find(folder)
    digest = hashlib.sha256(f"{KIND}\n{found.version}\n".encode())
    for path in sorted({one.path for one in found.tables}):
        digest.update(f"{path.name} {tables.digest_of(path)}\n".encode())
    size = sum(path.stat().st_size for path in {one.path for one in found.tables})
    label = f"ip-location-db {found.version}".strip()
    place = str(folder.resolve())
    return holdings.receive(Wanted(KIND, folder.name, digest.hexdigest(), place, label, size, user=user))


def batch_of(made: OpenImport) -> index.Batch:
    return holdings.batch_of(made, index.addresses.SOURCE, "ranges")


def read(claimed: runs.Claimed) -> None:
    """The run kind `addresses`: read the tables, let them count, rebuild the profiles that have waited for them."""
    reading.carry_out(claimed, READING)
    waiting = index.addresses.unplaced()
    for done, (workspace, target) in enumerate(waiting, 1):
        index.settle(workspace, [target])
        claimed.step(done=done, total=len(waiting))


def _read_tables(made: OpenImport, claimed: runs.Claimed) -> None:
    found = address_files.find(Path(made.place))
    made.rows, made.notes = 0, _missing(found)
    made.day = found.day or _modified(found)
    batch = batch_of(made)
    index.begin(batch)
    ranges = block = 0
    with Refusals() as refusals:
        for family in FAMILIES:
            columns = _of_family(made, found, family, refusals)
            claimed.step(line=f"IPv{family}: {len(columns['first']):,} ranges.")
            for part in _parts(columns):
                index.addresses.add(batch, part, block=block)
                block += 1
                claimed.step(done=block)
            ranges += len(columns["first"])
        refusals.keep(made)
    made.accepted = made.rows - made.rejected
    if not ranges:
        raise Refused(f"{made.name} holds no range of addresses: nothing of it was kept.")
    made.options |= {"ranges": ranges}
    made.save()


def _of_family(made: OpenImport, found: Found, family: int, refusals: Refusals) -> dict[str, list[Any]]:
    said = {kind: Rows() for kind in MISSING}
    for table in found.tables:
        if table.family == family:
            made.rows += _read_table(table, said[table.kind], refusals)
    columns = merged(ranges_of(said["country"], family), ranges_of(said["network"], family), family)
    return dict(columns)  # type: ignore[arg-type]


def _read_table(table: TableFile, said: Rows, refusals: Refusals) -> int:
    """Add the rows of one table to `said`; returns how many there were."""
    count = 0
    with table.opened() as stream:
        for one in tables.tables(stream, table.name):
            for rows, numbers, problems in one.blocks(BLOCK_ROWS, width=_width(table), skip=0):
                count += len(rows) + len(problems)
                for row, at in zip(rows, numbers, strict=True):
                    problem = _add(said, row, at, table)
                    if problem:
                        problems.append(problem)
                for bad in problems:
                    refusals.add(bad.row, bad.reason, bad.value, column=bad.column, file=table.name)
    return count


def _width(table: TableFile) -> int:
    return 3 if table.kind == "country" else 4


def _add(said: Rows, row: list[str], at: int, table: TableFile) -> Problem | None:
    try:
        first, last = address_number(row[0], table.family), address_number(row[1], table.family)
    except (ValueError, OSError):
        return Problem(at, "range", NO_RANGE, f"{row[0]} - {row[1]}")
    if first > last:
        return Problem(at, "range", NO_RANGE, f"{row[0]} - {row[1]}")
    if table.kind == "country":
        country = country_of(row[2])
        if not country:
            return Problem(at, "country", NO_COUNTRY, row[2])
        said.add(first, last, country)
        return None
    number = row[2].strip()
    if not number.isdecimal() or int(number[:12]) > MAX_ASN:
        return Problem(at, "asn", NO_NETWORK, row[2])
    said.add(first, last, (int(number), row[3].strip()[:200]))
    return None


def _missing(found: Found) -> list[str]:
    known = {(one.kind, one.family) for one in found.tables}
    return [
        f"There is no table of {what} for IPv{family}."
        for kind, what in MISSING.items()
        for family in FAMILIES
        if (kind, family) not in known
    ]


def _modified(found: Found) -> date:
    newest = max(one.path.stat().st_mtime for one in found.tables)
    return datetime.fromtimestamp(newest, UTC).date()


def _parts(columns: dict[str, list[Any]]) -> Iterable[dict[str, list[Any]]]:
    for start in range(0, len(columns["first"]), SENT_ROWS):
        yield {name: column[start : start + SENT_ROWS] for name, column in columns.items()}


def _others(made: OpenImport) -> QuerySet[OpenImport]:
    return OpenImport.objects.filter(kind=KIND, state=OpenImport.State.DONE).exclude(pk=made.pk)


def _publish(made: OpenImport) -> None:
    index.addresses.publish(batch_of(made))


def _withdraw(made: OpenImport) -> None:
    index.addresses.withdraw(batch_of(made))


def remove(made: OpenImport) -> None:
    """Take the ranges out of the index."""
    reading.remove(made, _withdraw)


READING = reading.Reading(_read_tables, batch_of, _publish, _withdraw, _others)
RUN_KIND = runs.RunKind(
    name=KIND, label="Countries and networks of addresses", run=read, transient=(index.IndexUnavailable,)
)
