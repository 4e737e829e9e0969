"""Sitemaps: the pages and further sitemaps that a site lists, out of XML, gzip or plain text.

Decided: the caps are those of the protocol (50 MB unpacked, 50,000 URLs a file); what is beyond is cut, and `cut` says
so. A row that cannot be used is listed with its reason, a file that breaks off keeps the rows before the break. Pages
must be of the site that the file speaks for, further sitemaps may lie elsewhere (they are often on another host).
Refused: following an index (the crawler fetches, politely), `priority` and `changefreq` (nobody believes them).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from seoapp.lib.weburl import BadUrl, parse

from . import xmldoc

MAX_URLS = 50_000
MAX_BAD = 100  # rows that are listed; the others are counted
TAG = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<")
HTML = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
LISTS = {"urlset": "url", "sitemapindex": "sitemap"}


class NotASitemap(ValueError):
    """The body lists nothing; `str(error)` says what it is instead."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One page, or one further sitemap."""

    url: str
    lastmod: datetime | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    row: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What a file lists. `kind`: "index" (entries are sitemaps), "pages" or "text". `cut`: why it was not read on."""

    kind: str
    entries: tuple[Entry, ...]
    bad: tuple[BadRow, ...] = ()
    bad_count: int = 0
    cut: str = ""


def read(body: bytes, url: str, *, site: str = "") -> Sitemap:
    """Read a sitemap that was fetched from `url`; `site` is the registrable domain it speaks for (default: its own)."""
    data, cut = xmldoc.unpacked(body)
    if not data.strip():
        raise NotASitemap(cut or "The file is empty.")
    rows = _Rows(site or parse(url).domain)
    if not TAG.match(data) and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return _read_text(data, rows, cut)
    if HTML.match(data):
        raise NotASitemap("The file is a web page.")
    reader, problem = xmldoc.read(data, lambda: _Reader(_Rows(rows.site)))
    if not reader.kind:
        raise NotASitemap(problem or "The file is XML, but no sitemap.")
    return reader.rows.sitemap(reader.kind, cut or problem)


def _read_text(data: bytes, rows: "_Rows", cut: str) -> Sitemap:
    if b"\x00" in data[:1_024]:
        raise NotASitemap("The file is neither XML nor text.")
    for line in data.decode("utf-8-sig", "replace").splitlines():
        if line.strip() and not rows.add(line, None):
            break
    if not rows.entries:
        raise NotASitemap("The file is text without a single URL.")
    return rows.sitemap("text", cut)


@dataclass(slots=True)
class _Rows:
    """The rows of a file, as they come."""

    site: str
    any_site: bool = False
    entries: dict[str, Entry] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)
    bad_count: int = 0
    count: int = 0

    def add(self, raw: str, lastmod: datetime | None) -> bool:
        """Take a row; False when there are enough."""
        if self.count >= MAX_URLS:
            self.count += 1
            return False
        self.count += 1
        try:
            found = parse(raw)
        except BadUrl as error:
            self._refuse(raw, error.reason)
            return True
        if not self.any_site and found.domain != self.site:
            self._refuse(raw, f"not a page of {self.site}")
        else:
            self.entries.setdefault(found.url, Entry(found.url, lastmod))
        return True

    def _refuse(self, raw: str, reason: str) -> None:
        self.bad_count += 1
        if len(self.bad) < MAX_BAD:
            self.bad.append(BadRow(self.count, raw[:200], reason))

    def sitemap(self, kind: str, cut: str) -> Sitemap:
        if self.count > MAX_URLS:
            cut = f"Only the first {MAX_URLS:,} URLs are read."
        return Sitemap(kind, tuple(self.entries.values()), tuple(self.bad), self.bad_count, cut)


class _Reader:
    """Rows of a urlset or an index: `loc` and `lastmod` right below each row; those of images and videos lie deeper."""

    def __init__(self, rows: _Rows) -> None:
        self.rows = rows
        self.kind = ""
        self._loc, self._lastmod = "", ""

    def seen(self, path: tuple[str, ...], attributes: Mapping[str, str], text: str) -> None:
        root = path[0].rpartition(":")[2]
        if root not in LISTS:
            raise xmldoc.Refused("The file is XML, but no sitemap.")
        self.kind = "index" if root == "sitemapindex" else "pages"
        self.rows.any_site = self.kind == "index"
        names = [one.rpartition(":")[2] for one in path[1:]]
        if names == [LISTS[root]]:
            self._row()
        elif names == [LISTS[root], "loc"] and not path[-1].startswith(("image:", "video:")):
            self._loc = text
        elif names == [LISTS[root], "lastmod"]:
            self._lastmod = text

    def _row(self) -> None:
        if not self.rows.add(self._loc, moment(self._lastmod)):
            raise xmldoc.Enough
        self._loc, self._lastmod = "", ""


def moment(text: str) -> datetime | None:
    """A W3C date and time, in UTC where it names no zone; None for what is none, or lies before the web."""
    try:
        found = datetime.fromisoformat(text.strip()[:40])
    except ValueError:
        found = None
    if found is None and re.fullmatch(r"[0-9]{4}(-[0-9]{2})?", text.strip()):
        return moment(f"{text.strip()}-01-01"[:10])
    if found is None or not 1990 <= found.year <= 2100:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
