"""Lists of malware, phishing and blocked sites into the index, whole for their names.

Decided: the operator says what a list is called and of which kind it is, because no file does; a list that comes again
under its name replaces the older one whole, when it has been read to its end. Its day is what the user says, else what
the file's name says, else when the file was changed last. The list is open data: every workspace sees it. Refused:
downloading lists by itself, whose terms differ and which somebody must have agreed to.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from django.db.models import QuerySet

from backlinks import index
from backlinks.sources.archives import members
from backlinks.sources.decoding import Text
from projects import runs
from projects.models import User
from seoapp.lib.checkpoint import checkpoint

from . import holdings, reading, tables
from .blocklist_lines import Bad, Entry, Found, of_json, of_lines
from .holdings import Refusals, Refused, Wanted
from .models import OpenImport

KIND = OpenImport.Kind.BLOCKLIST.value
LISTS = index.listedhosts
BLOCK = 50_000
MAX_JSON = 512 * 1024**2
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


def receive(path: Path, *, name: str, kind: str, day: date | None = None, user: User | None = None) -> OpenImport:
    """The row of a list's file, with a run to read it. Raises `Refused`."""
    if kind not in LISTS.KINDS:
        raise Refused(f"{kind!r} is no kind of list: use {' or '.join(LISTS.KINDS)}.")
    if not NAME.fullmatch(name):
        raise Refused(f"{name!r} is no name of a list: use up to 40 small letters, digits, dots and hyphens.")
    digest = tables.digest_of(path)
    identity = hashlib.sha256(f"{KIND}\n{kind}\n{name}\n{day or ''}\n{digest}".encode()).hexdigest()
    options = {"list": name, "of": kind, "day": day.isoformat() if day else ""}
    return holdings.receive(
        Wanted(
            KIND, path.name, identity, str(path.resolve()), label=name, size=path.stat().st_size, options=options,
            user=user,
        )
    )  # fmt: skip


def read(claimed: runs.Claimed) -> None:
    """The run kind `blocklist`."""
    reading.carry_out(claimed, READING)


def batch_of(made: OpenImport) -> index.Batch:
    """Its batch; the report is the list, so that the newest batch of each counts."""
    return holdings.batch_of(made, LISTS.SOURCE, made.options["list"])


def _read_file(made: OpenImport, claimed: runs.Claimed) -> None:
    said = made.options["day"]
    named = tables.day_in(made.name)
    made.day = date.fromisoformat(said) if said else named or tables.modified_on(Path(made.place))
    made.rows = made.accepted = 0
    made.notes = []
    if not said and not named:
        made.notes.append(f"Neither you nor the file's name says its day: it was changed last on {made.day}.")
    with tables.opened(made.place, made.size) as stream, Refusals() as refusals:
        index.begin(batch_of(made))
        found = _found(stream, made.name)
        for block, part in enumerate(iter(lambda: list(islice(found, BLOCK)), [])):
            _send(made, part, block, refusals)
            claimed.step(done=min(stream.tell(), made.size), total=made.size)
            checkpoint("blocklist block")
        refusals.keep(made)
    _conclude(made, claimed)


def _found(stream: BinaryIO, name: str) -> Iterator[Found]:
    """What the one list in a file names."""
    for place, member in enumerate(members(stream, name)):
        if place:
            raise Refused(f"{name} holds more than one file: unpack it and name the list that you want.")
        if _is_json(member.stream):
            data = member.stream.read(MAX_JSON + 1)
            if len(data) > MAX_JSON:
                raise Refused(f"{name} holds more than {MAX_JSON >> 20} MB of JSON: take the list as CSV or lines.")
            yield from of_json(data)
        else:
            yield from of_lines(Text(member.stream).lines)


def _is_json(stream: BinaryIO) -> bool:
    head = stream.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")
    stream.seek(0)
    return head[:1] in (b"{", b"[") and head[1:].lstrip()[:1] in (b'"', b"{", b"[", b"]", b"}")


def _send(made: OpenImport, found: list[Found], block: int, refusals: Refusals) -> None:
    entries = [one for _, one in found if isinstance(one, Entry)]
    for number, one in found:
        if isinstance(one, Bad):
            refusals.add(number, one.reason, one.text)
    made.rows += len(found)
    made.accepted += len(entries)
    columns: dict[str, list[Any]] = {
        "domain": [one.domain for one in entries],
        "host": [one.host for one in entries],
        "reach": [one.reach for one in entries],
        "page": [one.page for one in entries],
        "entry": [one.text for one in entries],
    }
    day = made.day or tables.today()
    LISTS.add(batch_of(made), name=made.options["list"], kind=made.options["of"], day=day, columns=columns, block=block)


def _conclude(made: OpenImport, claimed: runs.Claimed) -> None:
    if not made.accepted:
        raise Refused(f"Nothing in {made.name} names a site: nothing of it was kept.")
    made.options |= {"domains": LISTS.count_domains(batch_of(made))}
    older = others(made).first()
    if older and older.day and made.day and older.day > made.day:
        made.notes.append(f"This list of {made.day} is older than the one that it replaces, of {older.day}.")
    made.save()
    claimed.step(line=f"{made.label} of {made.day}: {made.rows} entries, {made.rejected} refused.")


def others(made: OpenImport) -> QuerySet[OpenImport]:
    """Files of the same list that count now."""
    done = OpenImport.objects.filter(kind=KIND, state=OpenImport.State.DONE, options__list=made.options["list"])
    return done.exclude(pk=made.pk).order_by("-finished_at")


def publish(made: OpenImport) -> None:
    LISTS.publish(batch_of(made))


def withdraw(made: OpenImport) -> None:
    LISTS.withdraw(batch_of(made))


def remove_list(name: str) -> list[str]:
    """Take the list of this name out; the files that it came from. Raises `Refused` where there is none."""
    loaded = OpenImport.objects.filter(kind=KIND, state=OpenImport.State.DONE)
    found = list(loaded.filter(options__list=name))
    if not found:
        known = sorted(set(loaded.values_list("options__list", flat=True)))
        raise Refused(f"No list {name} is loaded. Loaded: {', '.join(known) or 'none'}.")
    for made in found:
        reading.remove(made, withdraw)
    return [made.name for made in found]


READING = reading.Reading(_read_file, batch_of, publish, withdraw, others)
RUN_KIND = runs.RunKind(name=KIND, label="Malware or block list", run=read, transient=(index.IndexUnavailable,))
