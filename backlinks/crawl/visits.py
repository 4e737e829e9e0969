"""A site in a worker's hands, and what became of its addresses until that is stored."""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.utils import timezone

from seoapp.lib.http import FetchError, Response
from seoapp.lib.weburl import parse

from . import frontier, hosts, record
from .messages import Columns, Reading
from .models import CrawlHost, CrawlUrl

KEPT_HEADERS = ("content-type", "last-modified", "etag", "x-robots-tag", "location", "server", "date", "link")


@dataclass(slots=True)
class Visit:
    """A site in this worker's hands. Times without a zone are of this process's clock."""

    host: CrawlHost
    waiting: deque[CrawlUrl]
    delay: float
    files: dict[str, None] = field(default_factory=dict)  # robots.txt that is kept here and speaks for other sites
    busy: bool = False
    ready_at: float = 0.0
    open: int = 0  # addresses fetched but not yet stored
    ended_at: datetime = field(default_factory=timezone.now)
    rest: float = 0.0
    failures: int = 0
    ip: str = ""
    note: str = ""
    costly: int = 0  # pages in a row that took too much computing
    given_up: str = ""  # the code with which this crawl leaves the rest of the site's addresses

    @property
    def is_over(self) -> bool:
        return not self.busy and not self.open and not self.waiting and not self.files

    def leave(self) -> None:
        """Ask it for nothing more; its addresses stay in the frontier."""
        self.waiting.clear()
        self.files.clear()

    def ended(self) -> hosts.Visited:
        wait = max(self.rest, hosts.backed_off(self.delay, self.failures))
        return hosts.Visited(
            self.host.domain, self.ended_at, wait, self.delay, self.failures, self.ip or self.host.ip, self.note
        )


@dataclass(slots=True)
class Result:
    """What became of one address, until it is stored."""

    visit: Visit
    row: CrawlUrl
    tables: dict[str, Columns | msgspec.Raw] = field(default_factory=dict)
    links: int = 0  # rows of `observations`
    addresses: list[frontier.Address] = field(default_factory=list)
    reading: Reading | None = None
    seen: dict[str, Any] = field(default_factory=dict)


def exchange_of(row: CrawlUrl) -> dict[str, Any]:
    """What `crawled_pages` keeps of a visit beside the page itself."""
    return {
        "row": row.pk, "fetched_at": int(row.fetched_at.timestamp()), "http_status": row.status, "code": row.code,
        "redirect_url": row.redirect, "depth": row.depth, "bytes": row.bytes, "seconds": row.seconds, "ip": row.ip,
    }  # fmt: skip


def visited(row: CrawlUrl) -> Columns:
    """The row of `crawled_pages` of a visit that gave nothing to read."""
    return record.visit(parse(row.url), exchange_of(row))


def kept_headers(answer: Response) -> dict[str, str]:
    """The headers that matter; several values of one name by line, as the page reader takes them."""
    return {name: "\n".join(answer.all_headers(name)) for name in KEPT_HEADERS if answer.header(name)}


def evidence_of(row: CrawlUrl, answer: Response | FetchError | None) -> dict[str, Any]:
    """What a check keeps of a visit as evidence."""
    headers = kept_headers(answer) if isinstance(answer, Response) else {}
    return {
        "at": int(row.fetched_at.timestamp()) if row.fetched_at else int(datetime.now(UTC).timestamp()),
        "status": row.status,
        "state": row.state,
        "code": row.code,
        "reason": row.reason,
        "final_url": row.url,
        "page_key": parse(row.url).key,
        "redirect": row.redirect,
        "redirect_key": parse(row.redirect).key if row.redirect else "",
        "is_cut": isinstance(answer, Response) and answer.truncated,
        "headers": {name: value[:500] for name, value in headers.items()},
    }
