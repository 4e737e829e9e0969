"""Pages of a WARC file: answers of sites, read as our own crawler reads them.

Decided: bodies go to the process that reads pages, so that a page which is too costly ends that process and not the
import; placement and the words around a link come too. A body is decoded by its headers where that works: Common Crawl
stores bodies decoded and renames the header (`X-Crawler-content-encoding`), others rename nothing. Answers to a POST
are no pages that anybody can open. Revisits say that a page had not changed, and have no body: they are counted.
"""

import io
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from fastwarc.stream_io import BrotliReader, ChunkedReader, GzipReader
from fastwarc.warc import WarcRecordType

from backlinks.crawl import record
from backlinks.crawl.addresses import absolute, base_of
from backlinks.crawl.messages import Carried, Job
from backlinks.crawl.reader import BYTES_A_LOT, PAGES_A_LOT, Reader
from seoapp.lib.weburl import BadUrl, parse

from .wat_blocks import Columns, Tally
from .wat_links import Keep
from .wat_page import REDIRECTS, BadRecord, LeftOut, address_of, moment, number
from .wat_records import Record

KINDS = WarcRecordType.response | WarcRecordType.revisit | WarcRecordType.request
BLOCK_ROWS = 20_000  # of pages with the words around each link
MAX_BODY = 5_000_000
MAX_HEAD = 256_000
HTML = ("text/html", "application/xhtml+xml")
POSTS_HELD = 10_000
DECODERS: dict[str, Callable[[Any], Any]] = {"gzip": GzipReader, "x-gzip": GzipReader, "br": BrotliReader}
Refuse = Callable[[int, str, str], None]  # number of the record, reason, value


class WarcReader:
    """Takes records, gives rows; `refuse` is told of every page that cannot be read."""

    kinds = KINDS

    def __init__(self, keep: Keep, tally: Tally, refuse: Refuse) -> None:
        self._keep, self._tally, self._refuse = keep, tally, refuse
        self._reader = Reader()
        self._lot: list[tuple[str, Job]] = []  # id of the record, what is to be read
        self._pieces: dict[str, list[Columns]] = {}
        self._rows = 0
        self._posts: set[str] = set()
        self.seen: list[tuple[str, int]] = []  # domains and moments of the pages of this block

    @property
    def is_full(self) -> bool:
        return self._rows >= BLOCK_ROWS

    def add(self, found: Record) -> None:
        try:
            self._add(found)
        except LeftOut as one:
            self._tally.left_out[str(one)] += 1
        except BadRecord as error:
            self._refused(found.number, str(error), found.headers.get("WARC-Target-URI") or "")

    def _add(self, found: Record) -> None:
        if found.kind == WarcRecordType.request:
            self._note_post(found)
            raise LeftOut("other_records")
        if found.kind == WarcRecordType.revisit:
            raise LeftOut("revisits")
        if not (found.headers.get("Content-Type") or "").startswith("application/http"):
            raise LeftOut("other_records")
        identity = found.headers.get("WARC-Record-ID") or ""
        if identity in self._posts:
            raise LeftOut("posts")
        status, headers, body = taken_apart(found.body)
        if status in REDIRECTS:
            self._redirect(found, status, headers)
            return
        if status and not 200 <= status < 300:
            raise LeftOut("errors")
        said = headers.get("content-type", "") or found.headers.get("WARC-Identified-Payload-Type") or HTML[0]
        if not said.lower().strip().startswith(HTML):
            raise LeftOut("no_html")
        self._queue(identity, self._job(found, status, headers, body, said))

    def _job(self, found: Record, status: int, headers: dict[str, str], body: bytes, content_type: str) -> Job:
        url, at, ip = _visited(found)
        plain = decoded(body, headers)
        is_cut = found.cut or len(plain) > MAX_BODY or found.headers.get("WARC-Truncated") is not None
        return Job(
            url=url.url,
            body=plain[:MAX_BODY],
            status=status,
            at=at,
            ip=ip,
            content_type=content_type,
            headers=headers,
            is_cut=is_cut,
            row=found.number,
        )

    def _note_post(self, found: Record) -> None:
        """The answer to a POST stands before or behind its request."""
        if found.body[:5].upper() != b"POST ":
            return
        answer = found.headers.get("WARC-Concurrent-To") or ""
        kept = [one for one in self._lot if one[0] != answer]
        self._tally.left_out["posts"] += len(self._lot) - len(kept)
        self._lot = kept
        if len(self._posts) >= POSTS_HELD:
            self._posts.clear()
        self._posts.add(answer)

    def _redirect(self, found: Record, status: int, headers: dict[str, str]) -> None:
        url, at, ip = _visited(found)
        location = absolute(headers.get("location", "").partition("\n")[0].strip(), base_of(url.url, None))
        if not location or location == url.url:
            raise LeftOut("no_html")
        self._note(url.domain, at)
        try:
            target = parse(location)
        except BadUrl:
            self._tally.bad_urls += 1
            return
        if target.domain == url.domain:
            self._tally.internal += 1
        else:
            row = record.redirect(record.Fetched(url, status, at, ip), target)
            self._put_observations(row, found.number, noindex=False, canonical="")

    # --- Through the process that reads pages -------------------------------------------------------------------
    def _queue(self, identity: str, job: Job) -> None:
        size = sum(len(one.body) for _, one in self._lot)
        if self._lot and (len(self._lot) >= PAGES_A_LOT or size + len(job.body) > BYTES_A_LOT):
            self._read_lot()
        self._lot.append((identity, job))

    def _read_lot(self) -> None:
        jobs = [job for _, job in self._lot]
        self._lot = []
        for job, reading in zip(jobs, self._reader.read_lot(jobs), strict=True):
            if reading.refused:
                self._refused(job.row, reading.refused, job.url)
            else:
                self._put(job, reading)

    def _put(self, job: Job, reading: Carried) -> None:
        url = address_of(job.url)
        self._note(url.domain, job.at)
        self._tally.dropped += reading.dropped
        self._tally.internal += reading.facts.get("int_links", 0)
        canonical = reading.canonical.url if reading.canonical and reading.canonical.key != url.key else ""
        tables = {name: msgspec.msgpack.decode(rows) for name, rows in reading.tables.items()}
        if "observations" in tables:
            noindex = bool(reading.facts.get("noindex"))
            count = self._put_observations(tables["observations"], job.row, noindex=noindex, canonical=canonical)
            if count:  # what the page itself says matters where its links do
                self._pieces.setdefault("page_facts", []).append(tables["page_facts"])
        if self._keep.internal and tables.get("internal_links"):
            self._pieces.setdefault("internal_links", []).append(tables["internal_links"])

    def _put_observations(self, rows: Columns, number: int, *, noindex: bool, canonical: str) -> int:
        """Returns how many of them are wanted."""
        if self._keep.wanted is not None:
            rows = _only(rows, self._keep.wanted.domains)
        count = len(rows["row"])
        if not count:
            return 0
        more = {"canonical": canonical} if canonical else {}
        rows |= {"row": [number] * count, "flags": ["noindex" if noindex else ""] * count}
        rows["labels"] = [labels | more for labels in rows["labels"]]
        self._pieces.setdefault("observations", []).append(rows)
        self._rows += count
        self._tally.links += count
        return count

    def _note(self, domain: str, at: int) -> None:
        self._tally.pages += 1
        self._tally.undated += not at
        self.seen.append((domain, at))

    def _refused(self, row: int, reason: str, value: str) -> None:
        self._tally.refused += 1
        self._refuse(row, reason, value)

    def take(self) -> dict[str, Columns]:
        """The rows since the last time, by table of the log."""
        self._read_lot()
        pieces, self._pieces, self._rows = self._pieces, {}, 0
        return {name: record.joined(found) for name, found in pieces.items()}

    def close(self) -> None:
        self._reader.close()


def _visited(found: Record) -> tuple[Any, int, str]:
    """(address, moment, IP) of the visit."""
    said = found.headers.get
    return address_of(said("WARC-Target-URI") or ""), moment(said("WARC-Date") or ""), said("WARC-IP-Address") or ""


def _only(rows: Columns, domains: frozenset[str]) -> Columns:
    kept = [at for at, domain in enumerate(rows["target_domain"]) if domain in domains]
    return {name: [values[at] for at in kept] for name, values in rows.items()}


# --- Answers of sites -----------------------------------------------------------------------------------------------
def taken_apart(body: bytes) -> tuple[int, dict[str, str], bytes]:
    """(status, headers by lower-case name, several of one name a line each, body). Raises BadRecord."""
    if body[:5].upper() != b"HTTP/":
        raise BadRecord("its content is no answer of a web site: it does not start with HTTP/")
    ends = [(at, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (at := body.find(mark, 0, MAX_HEAD)) >= 0]
    at, length = min(ends, default=(len(body[:MAX_HEAD]), 0))
    first, *lines = body[:at].decode("latin-1").splitlines() or [""]
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            key = name.strip().lower()
            headers[key] = f"{headers[key]}\n{value.strip()}" if key in headers else value.strip()
    return number(first.split()[1] if len(first.split()) > 1 else ""), headers, body[at + length :]


def decoded(body: bytes, headers: dict[str, str]) -> bytes:
    """The body as the page has it, up to a byte over MAX_BODY; as it is, where it is not encoded as headers say."""
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _through(ChunkedReader, body)
    for name in reversed(list(_names(headers.get("content-encoding", "")))):
        if name in DECODERS:
            body = _through(DECODERS[name], body)
    return body


def _names(header: str) -> Iterator[str]:
    return (part.strip().lower() for part in header.replace("\n", ",").split(",")[:5])


def _through(decoder: Callable[[Any], Any], body: bytes) -> bytes:
    try:
        return decoder(io.BytesIO(body)).read(MAX_BODY + 1)
    except OSError:
        return body
