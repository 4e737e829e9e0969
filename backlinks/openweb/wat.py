"""Pages of Common Crawl (WAT or WARC) into the index: the run kind `wat`, one run and one batch a file.

Decided: a file is one import, so that many processes read many files, and one that is done is skipped. It is read in
one pass; blocks go to the index under their number, so that a killed run reads again and adds nothing twice; the links
of a file count when all of it was read and its targets are settled. All of it enters workspace 0, the open data.
Refused: resuming in the middle of a file, because a pass takes seconds.
"""

import gc
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from fastwarc.warc import WarcRecordType

from backlinks import index
from projects import runs
from projects.models import User
from seoapp.lib.checkpoint import checkpoint
from seoapp.lib.words import counted

from . import holdings
from .holdings import Refusals, Refused, Wanted
from .models import OpenImport
from .wat_blocks import Block, Columns, Tally
from .wat_choice import Choice, choice_of
from .wat_files import identity
from .wat_links import Keep
from .wat_links import Wanted as WantedHosts
from .wat_page import BadRecord, LeftOut, page_of
from .wat_records import WAT, Archive, Record
from .wat_warc import Refuse, WarcReader

KIND = OpenImport.Kind.WAT.value
SOURCE = "commoncrawl"
DOMAINS_HELD = 100_000  # whose days are noted at once
CANCELLED = "Cancelled: nothing of the file was kept."
CHANGED = "The file has changed since it was named: name it again."
LEFT_OUT = {
    "no_html": ("answer that is not HTML", "answers that are not HTML"),
    "errors": ("answer that is an error", "answers that are errors"),
    "revisits": ("revisit of a page that had not changed", "revisits of pages that had not changed"),
    "posts": ("answer to a POST", "answers to a POST"),
}  # fmt: skip


def receive(path: Path, choice: Choice, user: User | None = None) -> OpenImport:
    """The row of a file, with a run to read it unless it was read so before. Raises OSError."""
    options = choice.stored()
    size = path.stat().st_size
    wanted = Wanted(
        KIND, path.name, identity(path, options), str(path.resolve()), size=size, options=options, user=user
    )
    return holdings.receive(wanted)


# --- The run ----------------------------------------------------------------------------------------------------
def remove(name: str) -> int:
    """Take out what files of this name have brought; their targets are settled anew. Raises `Refused` for none."""
    found = list(OpenImport.objects.filter(kind=KIND, name=name, state=OpenImport.State.DONE))
    if not found:
        raise Refused(f"No file {name} counts: name it as the Data page does.")
    for made in found:
        index.remove(holdings.batch_of(made, SOURCE, made.progress.get("report", "")))
        made.state, made.identity = OpenImport.State.REMOVED, None
        made.save(update_fields=["state", "identity"])
    return len(found)


def read(claimed: runs.Claimed) -> None:
    """The run kind `wat`: read the file of the run into the index and let it count."""
    made = holdings.of_run(claimed)
    try:
        claimed.step()
        _carry_out(made, claimed)
    except Refused as error:
        holdings.give_up(made, str(error))
        raise PermissionError(str(error)) from error
    except runs.Cancelled:
        holdings.give_up(made, CANCELLED)
        raise


def _carry_out(made: OpenImport, claimed: runs.Claimed) -> None:
    report = made.progress.get("report", "")
    if not report or index.state_of(holdings.batch_of(made, SOURCE, report)) != "complete":
        report = _read_file(made, claimed)
    began = time.monotonic()
    settled = index.complete(holdings.batch_of(made, SOURCE, report))
    checkpoint("wat published")
    made.progress |= {"settle_seconds": round(time.monotonic() - began, 2), "targets": len(settled)}
    holdings.finish(made)


class Reader(Protocol):
    """Takes the records of a file one by one, and gives rows in blocks."""

    kinds: WarcRecordType
    seen: list[tuple[str, int]]

    @property
    def is_full(self) -> bool: ...

    def add(self, found: Record) -> None: ...

    def take(self) -> dict[str, Columns]: ...

    def close(self) -> None: ...


class WatReader:
    """Pages of a WAT file."""

    kinds = WarcRecordType.metadata

    def __init__(self, keep: Keep, tally: Tally, refuse: Refuse) -> None:
        self._block, self._tally, self._refuse = Block(keep, tally), tally, refuse
        self.seen: list[tuple[str, int]] = []

    @property
    def is_full(self) -> bool:
        return self._block.is_full

    def add(self, found: Record) -> None:
        try:
            if found.cut:
                raise BadRecord("larger than 16 MB")
            page = page_of(found.body)
        except LeftOut as one:
            self._tally.left_out[str(one)] += 1
        except BadRecord as error:
            self._tally.refused += 1
            self._refuse(found.number, str(error), found.headers.get("WARC-Target-URI") or "")
        else:
            self._block.add(found.number, page, len(found.body))
            self.seen.append((page.about.url.domain, page.about.at))

    def take(self) -> dict[str, Columns]:
        return self._block.take()

    def close(self) -> None:
        """Nothing is held open."""


@dataclass(slots=True)
class _Days:
    """Source domain -> the first and last moment at which a page of it was read."""

    found: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, seen: Iterable[tuple[str, int]]) -> None:
        for domain, at in seen:
            if at:
                first, last = self.found.get(domain, (at, at))
                self.found[domain] = (min(first, at), max(last, at))

    def note(self) -> None:
        """Give them to the index; rows add up, so that it does not matter how often."""
        days = {domain: (_day(first), _day(last)) for domain, (first, last) in self.found.items()}
        index.days.note_days(0, SOURCE, days)
        self.found.clear()


def _day(moment: int) -> date:
    return datetime.fromtimestamp(moment, UTC).date()


def _read_file(made: OpenImport, claimed: runs.Claimed) -> str:
    """One pass over the file; the report of its batch."""
    try:
        archive = Archive(Path(made.place))
    except OSError as error:
        raise Refused(f"{made.name} is not on this machine any more ({error.strerror}): name it again.") from error
    if archive.size != made.size:
        raise Refused(CHANGED)
    report = archive.kind()
    made.progress = {"report": report}
    made.save(update_fields=["progress"])
    batch = holdings.batch_of(made, SOURCE, report)
    if claimed.run.attempts <= 1 and index.state_of(batch) == "writing":
        index.discard(batch)  # of an earlier run, by what was the program then
    index.begin(batch)
    choice, tally = choice_of(made), Tally()
    keep = Keep(None if choice.targets is None else WantedHosts(choice.targets), choice.internal)
    with Refusals() as refusals:

        def refuse(row: int, reason: str, value: str) -> None:
            refusals.add(row, reason, value, file=made.name)

        reader: Reader = (WatReader if report == WAT else WarcReader)(keep, tally, refuse)
        seconds = _send(batch, _blocks(archive, reader, tally, claimed))
        refusals.keep(made)
    _conclude(made, archive, tally, seconds, claimed)
    return report


def _blocks(archive: Archive, reader: Reader, tally: Tally, claimed: runs.Claimed) -> Iterator[dict[str, Columns]]:
    """The rows of a file, block by block."""
    days = _Days()
    try:
        with without_collector():
            for record in archive.records(reader.kinds):
                reader.add(record)
                if reader.is_full:
                    yield _taken(reader, days)
                    _tell(archive, tally, claimed)
            yield _taken(reader, days)
        days.note()
    finally:
        reader.close()


def _taken(reader: Reader, days: _Days) -> dict[str, Columns]:
    rows = reader.take()
    days.add(reader.seen)
    reader.seen.clear()
    if len(days.found) >= DOMAINS_HELD:
        days.note()
    gc.collect(1)
    return rows


@contextmanager
def without_collector() -> Iterator[None]:
    """Millions of short-lived entries hold no cycles: looking for some costs a quarter of the reading."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _tell(archive: Archive, tally: Tally, claimed: runs.Claimed) -> None:
    """Pages read, of how many there may be by the bytes that are left."""
    share = max(archive.position, 1) / max(archive.size, 1)
    claimed.step(done=tally.pages, total=max(tally.pages, int(tally.pages / min(share, 1))))
    checkpoint("wat block")


def _send(batch: index.Batch, blocks: Iterator[dict[str, Columns]]) -> float:
    """Blocks to the index while the next one is read; the seconds that the index took."""
    seconds = 0.0

    def sent(number: int, tables: dict[str, Columns]) -> None:
        nonlocal seconds
        began = time.monotonic()
        index.add_all(batch, tables, block=number)
        seconds += time.monotonic() - began

    with ThreadPoolExecutor(1) as sender:
        waiting: list[Future[None]] = []
        for number, tables in enumerate(blocks):
            waiting.append(sender.submit(sent, number, tables))
            if len(waiting) > 1:
                waiting.pop(0).result()
        for one in waiting:
            one.result()
    return seconds


def _conclude(made: OpenImport, archive: Archive, tally: Tally, seconds: float, claimed: runs.Claimed) -> None:
    """Counts, and what is to be said of the file."""
    made.rows, made.accepted, made.rejected = tally.pages + tally.refused, tally.pages, tally.refused
    if tally.refused and not tally.pages:
        raise Refused(f"No page of {made.name} could be read: {made.problems[0]['reason']}.")
    counts = {name: value for name, value in asdict(tally).items() if name != "left_out"} | dict(tally.left_out)
    made.progress |= {"counts": counts, "insert_seconds": round(seconds, 2)}
    made.notes = list(_notes(archive, tally))
    made.save()
    claimed.step(
        done=tally.pages,
        total=tally.pages,
        line=f"{made.name}: {counted(tally.pages, 'page')} read, {tally.refused:,} refused, "
        f"{counted(tally.links, 'link')} kept; the profiles of their targets are being rebuilt.",
    )


def _notes(archive: Archive, tally: Tally) -> Iterator[str]:
    for name, (one, many) in LEFT_OUT.items():
        if count := tally.left_out[name]:
            yield f"{counted(count, one, many)} left out."
    if tally.bad_urls:
        yield f"{counted(tally.bad_urls, 'address', 'addresses')} of links left out: no URL that a browser can open."
    if tally.dropped:
        yield f"{counted(tally.dropped, 'entry', 'entries')} left out, of pages with more than 20,000 of them."
    if tally.undated:
        yield f"{counted(tally.undated, 'page')} without a date that can be: nobody knows when their links were true."
    if archive.single_member:
        yield "The file is one single gzip member: it was read in order, but no page of it can be opened by its place."


RUN_KIND = runs.RunKind(name=KIND, label="Crawled pages", run=read, transient=(index.IndexUnavailable,))
