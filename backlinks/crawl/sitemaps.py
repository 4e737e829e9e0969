"""Sitemaps: the pages and further sitemaps that a site lists, out of XML, gzip or plain text.

Decided: the caps are those of the protocol (50 MB unpacked, 50,000 URLs a file); what is beyond is cut, and `cut` says
so. A row that cannot be used is listed with its reason, a file that breaks off keeps the rows before the break. Pages
must be of the site that the file speaks for, further sitemaps may lie elsewhere (they are often on another host).
Refused: following an index (the crawler fetches, politely), `priority` and `changefreq` (nobody believes them).
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from seoapp.lib.weburl import WebUrl, parse, parse_column

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
    """One page, or one further sitemap. `web`: its address as it was parsed."""

    url: str
    lastmod: datetime | None = None
    web: WebUrl | None = field(default=None, compare=False)


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


def read(body: bytes, url: str, *, sites: Collection[str] = ()) -> Sitemap:
    """Read a sitemap that was fetched from `url`; `sites`: the registrable domains it speaks for (default: its own)."""
    data, cut = xmldoc.unpacked(body)
    if not data.strip():
        raise NotASitemap(cut or "The file is empty.")
    sites = sites or (parse(url).domain,)
    if not TAG.match(data) and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return _read_text(data, sites, cut)
    if HTML.match(data):
        raise NotASitemap("The file is a web page.")
    reader, problem = xmldoc.read(data, _Reader)
    if not reader.kind:
        raise NotASitemap(problem or "The file is XML, but no sitemap.")
    return _sitemap(reader.kind, reader.rows, () if reader.kind == "index" else sites, cut or problem)


def _read_text(data: bytes, sites: Collection[str], cut: str) -> Sitemap:
    if b"\x00" in data[:1_024]:
        raise NotASitemap("The file is neither XML nor text.")
    lines = (line.strip() for line in data.decode("utf-8-sig", "replace").splitlines())
    found = _sitemap("text", [(line, "") for line in lines if line], sites, cut)
    if not found.entries:
        raise NotASitemap("The file is text without a single URL.")
    return found


def _sitemap(kind: str, rows: list[tuple[str, str]], sites: Collection[str], cut: str) -> Sitemap:
    """The rows parsed as one column, which takes a tenth of the time; `sites` () lets them be of any."""
    if len(rows) > MAX_URLS:
        rows, cut = rows[:MAX_URLS], f"Only the first {MAX_URLS:,} URLs are read."
    column = parse_column([loc for loc, _ in rows])
    entries: dict[str, Entry] = {}
    bad = []
    for number, (url, key, host, domain) in enumerate(
        zip(column.url, column.key, column.host, column.domain, strict=True)
    ):
        if url and (not sites or domain in sites):
            web = WebUrl(url, key, url.partition(":")[0], host, domain)
            entries.setdefault(url, Entry(url, moment(rows[number][1]), web))
        else:
            bad.append((number, column.bad.get(number, f"not a page of {' or '.join(sites)}")))
    listed = (BadRow(number + 1, rows[number][0][:200], reason) for number, reason in bad[:MAX_BAD])
    return Sitemap(kind, tuple(entries.values()), tuple(listed), len(bad), cut)


class _Reader:
    """Rows of a urlset or an index: `loc` and `lastmod` right below each row; those of images and videos lie deeper."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str]] = []
        self.kind = ""
        self._loc, self._lastmod = "", ""

    def seen(self, path: tuple[str, ...], attributes: Mapping[str, str], text: str) -> None:
        names = [one.rpartition(":")[2] for one in path]
        if names[0] not in LISTS:
            raise xmldoc.Refused("The file is XML, but no sitemap.")
        self.kind = "index" if names[0] == "sitemapindex" else "pages"
        row = LISTS[names[0]]
        if names[1:] == [row]:
            self._row()
        elif names[1:] == [row, "loc"] and not path[-1].startswith(("image:", "video:")):
            self._loc = text
        elif names[1:] == [row, "lastmod"]:
            self._lastmod = text

    def _row(self) -> None:
        self.rows.append((self._loc, self._lastmod))
        self._loc, self._lastmod = "", ""
        if len(self.rows) > MAX_URLS:
            raise xmldoc.Enough


def moment(text: str) -> datetime | None:
    """A W3C date and time, in UTC where it names no zone; None for what is none, or lies before the web."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text.strip()[:40])
    except ValueError:
        found = None
    if found is None and re.fullmatch(r"[0-9]{4}(-[0-9]{2})?", text.strip()):
        return moment(f"{text.strip()}-01-01"[:10])
    if found is None or not 1990 <= found.year <= 2100:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
