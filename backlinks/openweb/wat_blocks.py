"""Link entries of many pages into columns of the ledger, a block at a time.

Decided: what may lead to another site is gathered over many pages; each distinct address of a block is parsed once, and
what the rows of a page share is computed once a page and repeated in C. A WAT does not tell the words around a link,
its place on the page, or whether it holds an image: these stay unknown. Links inside a site go to the table of such
links, as those of the crawler do, so that no site counts as a backlink of itself. Refused: one row a link in Python,
which costs more than reading the file.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Any

from backlinks.crawl.page import rel_of
from backlinks.sources.cells import BAD, address

from .wat_addresses import Parsed, parsed
from .wat_links import Entry, Keep, canonical_of, gather
from .wat_page import About, WatPage

BLOCK = 100_000  # entries that are gathered before they are parsed
BLOCK_BYTES = 200_000_000  # or so much text of theirs, of pages that were made to fill the memory
ENTRY_BYTES = 11_000  # of one entry, at most
NO_LABELS: dict[str, str] = {}

Columns = dict[str, list[Any]]


@dataclass(slots=True)
class Tally:
    """What a reading has counted."""

    pages: int = 0
    refused: int = 0
    links: int = 0
    internal: int = 0
    no_links: int = 0
    bad_urls: int = 0
    dropped: int = 0
    undated: int = 0
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Page:
    """A page in a block: what its rows share, and how many entries it has there."""

    row: int
    about: About
    ip: str
    labels: dict[str, str]
    entries: int
    inner: int


class Block:
    """Entries of many pages, until they become rows."""

    def __init__(self, keep: Keep, tally: Tally) -> None:
        self._keep, self._tally = keep, tally
        self._pages: list[_Page] = []
        self._entries: list[Entry] = []
        self._bytes = 0

    @property
    def is_full(self) -> bool:
        return len(self._entries) >= BLOCK or self._bytes >= BLOCK_BYTES

    def add(self, row: int, page: WatPage, size: int) -> None:
        """`row`: the number of its record; `size`: its bytes."""
        found, tally = gather(page, self._keep), self._tally
        tally.pages += 1
        tally.internal += found.inner
        tally.no_links += found.no_links
        tally.bad_urls += found.bad
        tally.dropped += page.dropped
        tally.undated += not page.about.at
        if found.entries:
            canonical, ip = canonical_of(page), address(page.about.ip)
            labels = {"canonical": canonical} if canonical else NO_LABELS
            self._pages.append(_Page(row, page.about, "" if ip is BAD else ip, labels, len(found.entries), found.inner))
            self._entries += found.entries
            self._bytes += min(size, ENTRY_BYTES * len(found.entries))

    def take(self) -> dict[str, Columns]:
        """The rows of the block by table of the log; the block is empty after."""
        pages, entries = self._pages, self._entries
        self._pages, self._entries, self._bytes = [], [], 0
        if not entries:
            return {}
        rows = _rows(pages, entries)
        wanted = self._keep.wanted.domains if self._keep.wanted is not None else None
        outside, inside = rows.outside(wanted), rows.inside()
        self._tally.links += len(outside)
        self._tally.internal += len(inside)
        self._tally.bad_urls += rows.domains.count("")
        made = {}
        if outside:
            made["observations"] = rows.observations(outside)
            if wanted is None:
                made["observations"] |= rows.counts(outside, inside)
        if inside and self._keep.internal:
            made["internal_links"] = rows.internal_links(inside)
        return made


def _rows(pages: list[_Page], entries: list[Entry]) -> "_Rows":
    urls, kinds, anchors, rels = ([entry[at] for entry in entries] for at in range(4))
    addresses = parsed(urls)
    places = list(map(addresses.places.__getitem__, urls))
    numbers = list(chain.from_iterable(map(repeat, range(len(pages)), [page.entries for page in pages])))
    return _Rows(pages, numbers, addresses, places, _at(addresses.domain, places), kinds, anchors, rels)


@dataclass(frozen=True, slots=True)
class _Rows:
    """A block in columns: entry -> number of its page, place of its address, domain ("" for none), kind, anchor, rel.

    `kept` are the entries that become rows, in order.
    """

    pages: list[_Page]
    numbers: list[int]
    addresses: Parsed
    places: list[int]
    domains: list[str]
    kinds: Sequence[str]
    anchors: Sequence[str]
    rels: Sequence[str]

    def _owners(self) -> Iterable[tuple[int, tuple[str, str]]]:
        """Entry, its domain, and that of its page."""
        own = _at([page.about.url.domain for page in self.pages], self.numbers)
        return enumerate(zip(self.domains, own, strict=True))

    def inside(self) -> list[int]:
        """The entries that stay inside the site of their page."""
        return [at for at, (domain, own) in self._owners() if domain == own]

    def outside(self, wanted: frozenset[str] | None) -> list[int]:
        """The entries that lead to another site, and to one that is wanted."""
        if wanted is None:
            return [at for at, (domain, own) in self._owners() if domain != own and domain]
        return [at for at, (domain, own) in self._owners() if domain != own and domain in wanted]

    def observations(self, kept: list[int]) -> Columns:
        column, places, numbers = self.addresses, _at(self.places, kept), _at(self.numbers, kept)
        made = {
            "target_url": _at(column.url, places), "target_key": _at(column.key, places),
            "target_host": _at(column.host, places), "target_domain": _at(self.domains, kept),
            "kind": _at(self.kinds, kept), "anchor": _at(self.anchors, kept), **self._flags(kept, numbers),
            **self._shared(numbers),
        }  # fmt: skip
        if "redirect" in made["kind"]:
            made["redirect_chain"] = _chains(made)
        return made

    def _shared(self, numbers: list[int]) -> Columns:
        """What the rows of a page have in common."""

        def each(value: Callable[[_Page], Any]) -> list[Any]:
            return _at(list(map(value, self.pages)), numbers)

        made = {
            "source_url": each(lambda page: page.about.url.url), "source_key": each(lambda page: page.about.url.key),
            "source_host": each(lambda page: page.about.url.host), "row": each(lambda page: page.row),
            "source_domain": each(lambda page: page.about.url.domain), "title": each(lambda page: page.about.title),
            "language": each(lambda page: page.about.language), "http_status": each(lambda page: page.about.status),
            "first_seen": each(lambda page: page.about.at), "ip": each(lambda page: page.ip),
            "flags": each(lambda page: "noindex" if page.about.noindex else ""),
        }  # fmt: skip
        made["last_seen"] = made["first_seen"]
        if any(page.labels for page in self.pages):
            made["labels"] = each(lambda page: page.labels)
        return made

    def _flags(self, kept: list[int], numbers: list[int]) -> Columns:
        rels = _at(self.rels, kept)
        known = {rel: rel_of(rel) for rel in set(rels)}
        made = {
            name: list(map({rel: int(getattr(found, name)) for rel, found in known.items()}.__getitem__, rels))
            for name in ("nofollow", "ugc", "sponsored")
        }
        if any(page.about.nofollow for page in self.pages):
            of_page = [int(page.about.nofollow) for page in self.pages]
            made["nofollow"] = list(map(max, made["nofollow"], _at(of_page, numbers)))
        return made

    def counts(self, outside: list[int], inside: list[int]) -> Columns:
        """How many links to other sites, and inside its own, the page of each row has."""
        outer, inner = self._texts(outside), self._texts(inside)
        numbers, pages = _at(self.numbers, outside), range(len(self.pages))
        inner_of = [page.inner + inner[at] for page, at in zip(self.pages, pages, strict=True)]
        return {"ext_links": _at([outer[at] for at in pages], numbers), "int_links": _at(inner_of, numbers)}

    def _texts(self, entries: list[int]) -> Counter[int]:
        """Page -> how many of these entries are links that somebody follows."""
        return Counter([self.numbers[at] for at in entries if self.kinds[at] == "text"])

    def internal_links(self, kept: list[int]) -> Columns:
        numbers = _at(self.numbers, kept)
        return {
            "target_domain": _at(self.domains, kept), "target_key": _at(self.addresses.key, _at(self.places, kept)),
            "source_key": _at([page.about.url.key for page in self.pages], numbers),
            "row": _at([page.row for page in self.pages], numbers), "anchor": _at(self.anchors, kept),
            "nofollow": self._flags(kept, numbers)["nofollow"], "kind": _at(self.kinds, kept),
        }  # fmt: skip


def _chains(made: Columns) -> list[str]:
    """The hops of rows that are redirects."""
    rows = zip(made["kind"], made["http_status"], made["source_url"], made["target_url"], strict=True)
    return [
        f"{source} {target}" if kind == "redirect" and 300 <= status < 400 else ""
        for kind, status, source, target in rows
    ]


def _at(values: Sequence[Any], places: list[int]) -> list[Any]:
    return list(map(values.__getitem__, places))
