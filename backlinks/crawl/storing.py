"""Results into rows and into the index: exactly once, whatever is killed.

Decided: what a few pages gave is written in one transaction: their rows, new addresses, counts, and a parcel for the
index. The parcel goes to the index under its own token and is deleted; a worker that dies between leaves it behind, and
the next one sends it again, which adds nothing.
"""

import zlib
from collections.abc import Iterable, Sequence

import msgspec
from django.db import connection, transaction
from django.db.models import F

from backlinks import index
from seoapp.lib.checkpoint import checkpoint

from . import frontier, hosts, mentions, record
from .models import Crawl, CrawlUrl, Parcel
from .plans import Plan
from .visits import Result, Visit

WRITTEN = [
    "url", "state", "due_at", "attempts", "status", "code", "reason", "redirect", "title", "fingerprint", "links",
    "bytes", "seconds", "ip", "etag", "last_modified", "fetched_at",
]  # fmt: skip


def store(crawl: Crawl, plan: Plan, token: str, results: Sequence[Result], over: Sequence[Visit]) -> Parcel | None:
    """Write what is finished and give the sites of `over` back; the parcel that is to be delivered, if any."""
    with transaction.atomic():
        parcel = _write(crawl, plan, results)
        frontier.close_empty(crawl.pk, [visit.host.domain for visit in over])
        hosts.release(token, [visit.ended() for visit in over])
    crawl.refresh_from_db(fields=["pages", "links", "errors", "skipped", "bytes", "state"])
    return parcel


def _write(crawl: Crawl, plan: Plan, results: Sequence[Result]) -> Parcel | None:
    if not results:
        return None
    _write_rows([one.row for one in results])
    frontier.add(crawl.pk, [address for one in results for address in one.addresses])
    for one in results:
        plan.keep(one.row, one.reading, one.seen)
    _count(crawl, results)
    tables = {name: [one.tables[name] for one in results if one.tables.get(name)] for name in _names(results)}
    columns = {name: record.joined(pieces) for name, pieces in tables.items()}
    if not any(columns.values()):
        return None
    return Parcel.objects.create(crawl=crawl, payload=zlib.compress(msgspec.msgpack.encode(columns), 1))


def _write_rows(rows: Sequence[CrawlUrl]) -> None:
    """One UPDATE a row, prepared once: `bulk_update` makes a CASE of every cell, which took four fifths of a crawl."""
    fields = [CrawlUrl._meta.get_field(name) for name in WRITTEN]
    places = ", ".join(f"{connection.ops.quote_name(field.column)} = %s" for field in fields)
    values = [
        (*(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields), row.pk) for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {CrawlUrl._meta.db_table} SET {places} WHERE id = %s", values)


def _count(crawl: Crawl, results: Sequence[Result]) -> None:
    pages = sum(1 for one in results if one.row.purpose == "page" and one.row.state == "done")
    links = sum(len(one.tables.get("observations", {}).get("row", ())) for one in results)
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


def _names(results: Iterable[Result]) -> set[str]:
    return {name for one in results for name in one.tables}


def leave_out_rest(crawl: Crawl) -> None:
    """A limit was reached: whatever still waits is left out, and says so."""
    with transaction.atomic():
        count = frontier.skip_rest(crawl.pk, "limit", "A limit of the crawl was reached first.")
        Crawl.objects.filter(pk=crawl.pk).update(skipped=F("skipped") + count)
    crawl.refresh_from_db(fields=["skipped"])


# --- To the index ---------------------------------------------------------------------------------------------------
def batch_of(crawl: Crawl) -> index.Batch:
    return index.Batch(crawl.workspace_id, crawl.batch, "crawl", crawl.kind, str(crawl))


def note_terms(crawl: Crawl) -> None:
    """Say once that this crawl looks for mentions of its project: pages where it finds none have none."""
    if mentions.terms_of(crawl.project.brand_terms):
        looked = {"target_domain": [crawl.project.target.domain], "source_key": [""]}
        index.add(batch_of(crawl), "mentions", looked, block=0)


def flush(crawl: Crawl) -> None:
    """Send what a killed worker had stored but not sent; what arrived already adds nothing."""
    for parcel in Parcel.objects.filter(crawl=crawl).order_by("pk"):
        deliver(crawl, parcel)


def deliver(crawl: Crawl, parcel: Parcel) -> None:
    columns = msgspec.msgpack.decode(zlib.decompress(parcel.payload))
    for table, values in columns.items():
        if values:
            index.add(batch_of(crawl), table, values, block=parcel.pk)
    checkpoint("crawl delivered")
    parcel.delete()
