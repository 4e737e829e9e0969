"""Popularity lists into the index: Tranco, Chrome UX Report, Cisco Umbrella, Majestic Million, Open PageRank.

Decided: one streaming pass, whatever the size; rows count when the whole file was read, and then the older file of the
same list goes. Hosts and origins fold to registrable domains, of which the best place counts. The day of a list is what
the user says, else what the file's name says, else when the file was changed last. A list that is made of links
(Majestic, Open PageRank) is kept as such and never counts as visitors. The list that was read last counts, also where
it is older than the one that it replaces: somebody chose it, and a note says so.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from backlinks import index
from backlinks.sources.cells import BAD, Memo, number
from backlinks.sources.contract import Problem
from projects import runs
from projects.models import User
from seoapp.lib import weburl
from seoapp.lib.checkpoint import checkpoint
from seoapp.lib.weburl import MAX_HOST, PLAIN_HOST, SUFFIXES, BadUrl, registrable_domain

from . import holdings, reading, tables
from .holdings import Refusals, Refused, Wanted
from .models import OpenImport
from .popularity_lists import KNOWN, Form, recognise

KIND = OpenImport.Kind.POPULARITY.value
SOURCE = index.popularity.SOURCE
BLOCK_ROWS = 100_000
MAX_RANK = 2**32 - 1
NO_DOMAIN = "no domain name"
NO_RANK = "no rank: a whole number from 1"


def receive(path: Path, *, name: str = "", day: date | None = None, user: User | None = None) -> OpenImport:
    """The row of a list's file, with a run to read it. `name`: the list, where the user says it. Raises `Refused`."""
    if name and name not in KNOWN:
        raise Refused(f"{name!r} is no list that is known: use one of {', '.join(KNOWN)}.")
    digest = tables.digest_of(path)
    identity = hashlib.sha256(f"{KIND}\n{name}\n{day or ''}\n{digest}".encode()).hexdigest()
    options = {"list": name, "day": day.isoformat() if day else ""}
    place = str(path.resolve())
    return holdings.receive(
        Wanted(KIND, path.name, identity, place, size=path.stat().st_size, options=options, user=user)
    )


def read(claimed: runs.Claimed) -> None:
    """The run kind `popularity`: read the file of the run, let it count, let the older file of its list go."""
    reading.carry_out(claimed, READING)


def batch_of(made: OpenImport) -> index.Batch:
    """Its batch; the report is the list (of a project), so that the newest batch of each counts."""
    of_project = f":{made.project_id}" if made.project_id else ""
    return holdings.batch_of(made, SOURCE, made.options.get("list", "") + of_project)


def _read_file(made: OpenImport, claimed: runs.Claimed) -> None:
    with tables.opened(made.place, made.size) as stream, Refusals() as refusals:
        found = list(_first(tables.tables(stream, made.name), made.name))
        table = found[0]
        form = recognise(table.head, (made.name, table.member), made.options["list"])
        _describe(made, form, table.member)
        index.begin(batch_of(made))
        made.rows = 0
        with ThreadPoolExecutor(1) as sender:
            sent: list[Future[None]] = []
            for block, columns in enumerate(_blocks(made, table, form, refusals)):
                sent.append(sender.submit(_send, made, form, columns, block))
                if len(sent) > 1:
                    sent.pop(0).result()
                claimed.step(done=stream.tell(), total=made.size)
                checkpoint("popularity block")
            for one in sent:
                one.result()
        refusals.keep(made)
    _conclude(made, claimed)


def _blocks(made: OpenImport, table: tables.Table, form: Form, refusals: Refusals) -> Iterator[dict[str, list[Any]]]:
    for rows, numbers, problems in table.blocks(BLOCK_ROWS, width=form.width, skip=form.skip):
        made.rows += len(rows) + len(problems)
        columns = fold(rows, numbers, form, problems)
        for one in problems:
            refusals.add(one.row, one.reason, one.value, column=one.column)
        yield columns


def _first(found: Iterable[tables.Table], name: str) -> Iterable[tables.Table]:
    for place, table in enumerate(found):
        if place:
            raise Refused(f"{name} holds more than one file: unpack it and name the list that you want.")
        yield table


def _describe(made: OpenImport, form: Form, member: str) -> None:
    """Which list, of which day."""
    said = made.options["day"]
    named = tables.day_in(made.name, member)
    made.day = date.fromisoformat(said) if said else named or tables.modified_on(Path(made.place))
    made.options |= {"list": form.name}
    made.label = form.label
    made.notes = []
    if not said and not named:
        made.notes.append(f"Neither you nor the file's name says its day: it was changed last on {made.day}.")
    made.save()


def _send(made: OpenImport, form: Form, columns: dict[str, list[Any]], block: int) -> None:
    day = made.day or tables.today()
    index.popularity.add(batch_of(made), name=form.name, day=day, signal=form.signal, columns=columns, block=block)


def _conclude(made: OpenImport, claimed: runs.Claimed) -> None:
    """Counts, and what is to be said of the list."""
    made.accepted = made.rows - made.rejected
    if not made.accepted:
        raise Refused(f"No row of {made.name} could be read: nothing of it was kept.")
    made.options |= {"domains": index.popularity.count_domains(batch_of(made))}
    older = others(made).first()
    if older and older.day and made.day and older.day > made.day:
        made.notes.append(f"This list of {made.day} is older than the one that it replaces, of {older.day}.")
    made.save()
    claimed.step(line=f"{made.label} of {made.day}: {made.rows} rows, {made.rejected} refused.")


def others(made: OpenImport) -> QuerySet[OpenImport]:
    """Files of the same list, or of the same project's visits, that count now."""
    same = OpenImport.objects.filter(kind=made.kind, workspace=made.workspace, project=made.project)
    done = same.filter(state=OpenImport.State.DONE, options__list=made.options["list"])
    return done.exclude(pk=made.pk).order_by("-finished_at")


def publish(made: OpenImport) -> None:
    index.popularity.publish(batch_of(made))


def withdraw(made: OpenImport) -> None:
    index.popularity.withdraw(batch_of(made))


def remove(made: OpenImport) -> None:
    """Take a list, or the visits of a site, out of the index."""
    reading.remove(made, withdraw)


def remove_list(name: str) -> list[str]:
    """Take the list of this name out; the files that it came from. Raises `Refused` where there is none."""
    found = list(OpenImport.objects.filter(kind=KIND, state=OpenImport.State.DONE, options__list=name))
    if not found:
        known = OpenImport.objects.filter(kind=KIND, state=OpenImport.State.DONE).values_list(
            "options__list", flat=True
        )
        raise Refused(f"No list {name} is loaded. Loaded: {', '.join(sorted(set(known))) or 'none'}.")
    for made in found:
        remove(made)
    return [made.name for made in found]


# --- Rows ---------------------------------------------------------------------------------------------------------
def fold(
    rows: Sequence[Sequence[str]], numbers: Sequence[int], form: Form, problems: list[Problem]
) -> dict[str, list[Any]]:
    """Columns of these rows, one place a domain: the best one. What cannot be read is added to `problems`."""
    best: dict[str, tuple[int, int, float]] = {}
    place, is_tier = (form.tier, True) if form.tier >= 0 else (form.rank, False)
    extra = max(form.subnets, form.score)
    for row, at in zip(rows, numbers, strict=True):
        domain = _domains[row[form.domain]]
        rank = _rank(row[place])
        if domain is BAD or not rank:
            problems.append(_problem(row, at, form, place, is_domain=domain is not BAD))
            continue
        known = best.get(domain)
        if known is None or rank < known[0]:
            best[domain] = (rank, at, _figures[row[extra]] if extra >= 0 else -1)
    ranks = [rank for rank, _, _ in best.values()]
    made: dict[str, list[Any]] = {"domain": list(best), "tier" if is_tier else "rank": ranks}
    if form.subnets >= 0:
        made["subnets"] = [int(figure) for _, _, figure in best.values()]
    if form.score >= 0:
        made["score"] = [figure for _, _, figure in best.values()]
    return made


def _rank(cell: str) -> int:
    """A rank; 0 where it is none."""
    text = cell.strip()
    found = int(text) if text.isdecimal() and len(text) < 12 else 0
    return found if found <= MAX_RANK else 0


def _figure(cell: str) -> float:
    found = number(cell)
    return -1 if found is BAD or found is None or found < 0 or found > 2**62 else found


def _problem(row: Sequence[str], at: int, form: Form, place: int, *, is_domain: bool) -> Problem:
    if is_domain:
        return Problem(at, "rank", NO_RANK, row[place])
    return Problem(at, "domain", NO_DOMAIN, row[form.domain])


def domain_of(cell: str) -> Any:
    """The registrable domain of a cell that holds a domain, a host or an origin; BAD where it holds none."""
    host = cell.partition("://")[2] or cell
    if len(host) <= MAX_HOST and PLAIN_HOST.fullmatch(host) and "xn--" not in host:
        return host if host.count(".") == 1 else SUFFIXES.privatesuffix(host) or host  # no address ends in a letter
    try:
        host = weburl.host_name(cell)
    except BadUrl:
        return BAD
    return registrable_domain(host) if "." in host.strip(".") else BAD


_domains, _figures = Memo(domain_of), Memo(_figure)
READING = reading.Reading(_read_file, batch_of, publish, withdraw, others)
RUN_KIND = runs.RunKind(name=KIND, label="Popularity list", run=read, transient=(index.IndexUnavailable,))
