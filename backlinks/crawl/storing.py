"""Results into rows and into the index: exactly once, whatever is killed.

Decided: what a few pages gave is written in one transaction: their rows, new addresses, counts, and a parcel for the
index. The parcel goes to the index under its own token and is deleted; a worker that dies between leaves it behind, and
the next one sends it again, which adds nothing.
"""

import zlib
from collections.abc import Mapping, Sequence
from operator import attrgetter

import msgspec
from django.db import connection, transaction
from django.db.models import F

from backlinks import index
from seoapp.lib.checkpoint import checkpoint

from . import frontier, hosts, mentions, record
from .models import Crawl, CrawlUrl, Parcel
from .plans import Plan
from .visits import Result, Visit

MOMENTS = ("due_at", "fetched_at")
CELLS = (
    "url", "attempts", "hops", "status", "code", "reason", "redirect", "title", "fingerprint", "links", "bytes",
    "seconds", "ip", "etag", "last_modified",
)  # fmt: skip
PLACES = ", ".join(f"{name} = %s" for name in ("state", *MOMENTS, *CELLS))
UPDATE = f"UPDATE {CrawlUrl._meta.db_table} SET {PLACES} WHERE id = %s"  # noqa: S608
cells_of = attrgetter(*CELLS, "pk")


def store(crawl: Crawl, plan: Plan, token: str, results: Sequence[Result], over: Sequence[Visit]) -> Parcel | None:
    """Write what is finished and give the sites of `over` back; the parcel that is to be delivered, if any.

    What was left out meanwhile (somebody cancelled, a limit was reached, another worker was faster) stays as it is.
    """
    payload = _packed(results)  # before anybody has to wait for us
    with transaction.atomic():
        state = frontier.hold(crawl.pk)
        queued = frontier.still_queued(one.row.pk for one in results) if state != Crawl.State.CANCELLED else set()
        kept = [one for one in results if one.row.pk in queued]
        _write(crawl, plan, kept)
        payload = payload if len(kept) == len(results) else _packed(kept)
        parcel = Parcel.objects.create(crawl=crawl, payload=payload) if payload else None
        for visit in over:
            _give_up(crawl, visit)
        frontier.close_empty(crawl.pk, [visit.host.domain for visit in over])
        hosts.release(token, [visit.ended() for visit in over])
    crawl.refresh_from_db(fields=["pages", "links", "errors", "skipped", "bytes", "state"])
    return parcel


def _packed(results: Sequence[Result]) -> bytes:
    """Their rows for the index; empty where there are none."""
    names = {name for one in results for name in one.tables}
    pieces = {name: [one.tables[name] for one in results if name in one.tables] for name in names}
    return _compressed(pieces) if pieces else b""


def _write(crawl: Crawl, plan: Plan, results: Sequence[Result]) -> None:
    if not results:
        return
    _write_rows([one.row for one in results])
    frontier.add(crawl.pk, [address for one in results for address in one.addresses])
    for one in results:
        plan.keep(one.row, one.reading, one.seen)
    _count(crawl, results)


def _give_up(crawl: Crawl, visit: Visit) -> None:
    """A site that has trouble again and again must not hold up all others."""
    if visit.given_up:
        reason = visit.note or "The site did not answer several times in a row."
        count = frontier.fail_rest(crawl.pk, visit.host.domain, visit.given_up, reason)
        Crawl.objects.filter(pk=crawl.pk).update(errors=F("errors") + count)


def _write_rows(rows: Sequence[CrawlUrl]) -> None:
    """One UPDATE a row, prepared once: `bulk_update` makes a CASE of every cell, which took four fifths of a crawl."""
    moment = connection.ops.adapt_datetimefield_value
    in_order = sorted(rows, key=attrgetter("pk"))
    values = [(str(row.state), moment(row.due_at), moment(row.fetched_at), *cells_of(row)) for row in in_order]
    with connection.cursor() as cursor:
        cursor.executemany(UPDATE, values)


def _count(crawl: Crawl, results: Sequence[Result]) -> None:
    pages = sum(1 for one in results if one.row.purpose == "page" and one.row.state == "done")
    links = sum(one.links for one in results)
    errors = sum(1 for one in results if one.row.purpose == "page" and one.row.state == "failed")
    skipped = sum(1 for one in results if one.row.purpose == "page" and one.row.state == "skipped")
    size = sum(one.row.bytes for one in results)
    Crawl.objects.filter(pk=crawl.pk).update(
        pages=F("pages") + pages,
        links=F("links") + links,
        errors=F("errors") + errors,
        skipped=F("skipped") + skipped,
        bytes=F("bytes") + size,
    )


def leave_out_rest(crawl: Crawl) -> None:
    """A limit was reached: whatever still waits is left out, and says so. What another worker has on its way comes in:
    its sites are spared until it gives them back."""
    with transaction.atomic():
        frontier.hold(crawl.pk)
        reason = "A limit of the crawl was reached first."
        count = frontier.skip_rest(crawl.pk, "limit", reason, spared=hosts.held_for(crawl.pk))
        Crawl.objects.filter(pk=crawl.pk).update(skipped=F("skipped") + count)
    crawl.refresh_from_db(fields=["skipped"])


def cancel_rest(crawl: Crawl) -> None:
    """Somebody cancelled: whatever still waits is left out, and from now on nobody stores anything."""
    with transaction.atomic():
        frontier.hold(crawl.pk)
        count = frontier.skip_rest(crawl.pk, "cancelled", "The crawl was cancelled before.")
        Crawl.objects.filter(pk=crawl.pk).update(skipped=F("skipped") + count, state=Crawl.State.CANCELLED)
    crawl.refresh_from_db()


# --- To the index ---------------------------------------------------------------------------------------------------
def batch_of(crawl: Crawl) -> index.Batch:
    return index.Batch(crawl.workspace_id, crawl.batch, "crawl", crawl.kind, str(crawl))


def note_terms(crawl: Crawl) -> None:
    """Say once that this crawl looks for mentions of its project: pages where it finds none have none."""
    if mentions.terms_of(crawl.project.brand_terms):
        looked = {"target_domain": [crawl.project.target.domain], "source_key": [""]}
        index.add(batch_of(crawl), "mentions", looked, block=0)


def pack(crawl: Crawl, pieces: Mapping[str, Sequence[record.Columns | msgspec.Raw]]) -> Parcel:
    """Put rows for the index on their way, within the transaction that writes what they belong to."""
    return Parcel.objects.create(crawl=crawl, payload=_compressed(pieces))


def _compressed(pieces: Mapping[str, Sequence[record.Columns | msgspec.Raw]]) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(pieces), 1)


def flush(crawl: Crawl) -> None:
    """Send what a killed worker had stored but not sent; what arrived already adds nothing."""
    for parcel in Parcel.objects.filter(crawl=crawl).order_by("pk"):
        deliver(crawl, parcel)


def deliver(crawl: Crawl, parcel: Parcel) -> None:
    pieces = msgspec.msgpack.decode(zlib.decompress(parcel.payload))
    index.add_all(batch_of(crawl), {name: record.joined(found) for name, found in pieces.items()}, block=parcel.pk)
    checkpoint("crawl delivered")
    parcel.delete()
