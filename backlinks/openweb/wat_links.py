"""Link entries of pages into columns of the ledger.

Decided: entries are sorted by how they begin, so that no address is parsed that is then dropped: what is relative stays
inside the site (unless `<base href>` leads out of it), what starts with the page's own host too. What may lead out is
gathered over many pages, and each distinct address of a block is parsed once. The entries `#x`, `mailto:`,
`javascript:` and the like are no links. The same entry twice on a page is one. A WAT does not tell the words around a
link, its place on the page, or whether it holds an image: these stay unknown. Refused: one row a link in Python, which
costs more than reading the file.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, compress, repeat
from operator import eq
from typing import Any

from backlinks.crawl.addresses import absolute
from backlinks.crawl.page import rel_of
from backlinks.sources.cells import BAD, Memo, address
from seoapp.lib.weburl import PLAIN_HOST, BadUrl, parse

from .wat_addresses import Parsed, parsed
from .wat_page import About, WatPage

KINDS = {
    "A@/href": "text", "AREA@/href": "text", "IFRAME@/src": "frame", "FRAME@/src": "frame", "FORM@/action": "form",
}  # fmt: skip
MAX_ANCHOR, MAX_HREF = 1_000, 8_192
LONG = MAX_HREF + 1  # refused, but not parsed at length
BLOCK = 100_000  # entries that are gathered before they are parsed
WEB = ("http://", "https://")
NO_PATH = "/\\\t\r\n"  # what makes of a slash before it something else than a path
# How an entry begins: a place on the page or another scheme; a name or query; what a browser has to say.
BEGINS = re.compile(r"(#|\Z|(?!https?:)[a-z][a-z0-9+.-]*:)|(https?:|[\x00-\x20\\/])|()", re.IGNORECASE)
NO_LINK, ODD, INSIDE = 1, 2, 3
HOSTS_HELD = 300_000
NO_LABELS: dict[str, str] = {}

Entry = tuple[str, str, str, str]  # address, kind, anchor, rel
Columns = dict[str, list[Any]]


class Wanted(dict[str, bool]):
    """Raw host of an address -> may it belong to one of these domains? Found out once a host, within bounds."""

    def __init__(self, domains: frozenset[str]) -> None:
        super().__init__()
        self.domains = domains

    def __missing__(self, host: str) -> bool:
        if len(self) >= HOSTS_HELD:
            self.clear()
        plain = host.lower()
        if PLAIN_HOST.fullmatch(plain):
            labels = plain.split(".")
            found = any(".".join(labels[at:]) in self.domains for at in range(len(labels)))
        else:
            found = self._found(host)
        self[host] = found
        return found

    def _found(self, host: str) -> bool:
        try:
            return parse(f"http://{host[:LONG]}").domain in self.domains
        except BadUrl:
            return False


@dataclass(frozen=True, slots=True)
class Keep:
    """Which links are kept: all to other sites, or those to `wanted` domains; `internal`: those inside a site too."""

    wanted: Wanted | None = None
    internal: bool = False


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
class Gathered:
    """The entries of a page that are kept or may be; `inner`: those that stay inside its site, kept or not."""

    entries: list[Entry]
    inner: int
    no_links: int
    bad: int


def gather(page: WatPage, keep: Keep) -> Gathered:
    """The entries of a page, with addresses that are absolute."""
    try:
        return _gather(page, page.entries, keep)
    except (AttributeError, TypeError):  # an entry is not what it should be
        return _gather(page, _mended(page.entries), keep)


def _gather(page: WatPage, entries: Sequence[Any], keep: Keep) -> Gathered:
    """One loop, because it runs for every entry of a crawl."""
    base, url, wanted, kinds, begins = page.base, page.about.url, keep.wanted, KINDS.get, BEGINS.match
    own = (f"https://{url.host}/", f"http://{url.host}/")
    resolves = keep.internal or not base.url.startswith(own)
    found: list[Entry] = [*_related(page)]
    inner = no_links = bad = 0
    for entry in entries:
        kind = kinds(entry.get("path"))
        if kind is None:
            continue
        href = entry.get("url", "")
        if href[:1] == "/" and href[1:2] not in NO_PATH:
            if not resolves:
                inner += 1
                continue
            href = absolute(href[:LONG], base)
        elif not keep.internal and href.startswith(own):
            inner += 1
            continue
        elif not href.startswith(WEB):
            sort = begins(href).lastindex  # type: ignore[union-attr] - its last alternative is empty
            if sort == INSIDE and not resolves:
                inner += 1
                continue
            href = None if sort == NO_LINK else absolute(href[:LONG], base)
        if not href:
            bad += href == ""
            no_links += href is None
        elif wanted is None or wanted[href.split("/", 3)[2]] or (keep.internal and href.startswith(own)):
            found.append((href, kind, entry.get("text", "")[:MAX_ANCHOR], entry.get("rel", "")))
    if {*map(type, chain.from_iterable(found))} - {str}:
        raise TypeError
    return Gathered(list(dict.fromkeys(found)), inner, no_links, bad)


def _mended(entries: Iterable[Any]) -> list[dict[str, str]]:
    """Entries whose values are all texts."""
    return [
        {name: value for name, value in one.items() if isinstance(value, str)}
        for one in entries
        if isinstance(one, dict)
    ]


def _related(page: WatPage) -> Iterator[Entry]:
    """What the head and the answer say about other addresses."""
    for one in page.relations:
        if href := absolute(one.href[: MAX_HREF + 1], page.base):
            yield href, one.kind, "", one.rel
    if page.about.redirect and (href := absolute(page.about.redirect[: MAX_HREF + 1], page.base)):
        yield href, "redirect", "", ""


def canonical_of(page: WatPage) -> str:
    """The other page that this one calls its original; "" where it is that itself, or says nothing."""
    for one in page.relations:
        href = absolute(one.href[: MAX_HREF + 1], page.base) if one.kind == "canonical" else ""
        if href:
            try:
                found = parse(href)
            except BadUrl:
                return ""
            return "" if found.key == page.about.url.key else found.url
    return ""


@dataclass(frozen=True, slots=True)
class _Page:
    """A page in a block: what its rows share, and how many entries it has there."""

    row: int
    about: About
    labels: dict[str, str]
    entries: int
    inner: int


class Block:
    """Entries of many pages, until they become rows."""

    def __init__(self, keep: Keep, tally: Tally) -> None:
        self._keep, self._tally = keep, tally
        self._address = Memo(lambda cell: "" if (found := address(cell)) is BAD else found)
        self._pages: list[_Page] = []
        self._entries: list[Entry] = []

    @property
    def is_full(self) -> bool:
        return len(self._entries) >= BLOCK

    def add(self, row: int, page: WatPage) -> None:
        """`row`: the number of its record."""
        found, tally = gather(page, self._keep), self._tally
        tally.pages += 1
        tally.internal += found.inner
        tally.no_links += found.no_links
        tally.bad_urls += found.bad
        tally.dropped += page.dropped
        tally.undated += not page.about.at
        if found.entries:
            canonical = canonical_of(page)
            labels = {"canonical": canonical} if canonical else NO_LABELS
            self._pages.append(_Page(row, page.about, labels, len(found.entries), found.inner))
            self._entries += found.entries

    def take(self) -> dict[str, Columns]:
        """The rows of the block by table of the log; the block is empty after."""
        pages, entries = self._pages, self._entries
        self._pages, self._entries = [], []
        if not entries:
            return {}
        urls, kinds, anchors, rels = zip(*entries, strict=True)
        addresses = parsed(urls)
        places = list(map(addresses.places.__getitem__, urls))
        domains = _at(addresses.domain, places)
        self._tally.bad_urls += domains.count("")
        numbers = list(chain.from_iterable(map(repeat, range(len(pages)), [page.entries for page in pages])))
        rows = _Rows(pages, numbers, addresses, places, domains, kinds, anchors, rels)
        inside = rows.inside()
        outside = rows.outside(inside, self._keep.wanted.domains if self._keep.wanted is not None else None)
        self._tally.links += sum(outside)
        self._tally.internal += sum(inside)
        made = {"observations": self._observations(rows, outside, inside)} if any(outside) else {}
        if self._keep.internal and any(inside):
            made["internal_links"] = rows.internal_links(inside)
        return made

    def _observations(self, rows: "_Rows", outside: list[bool], inside: list[bool]) -> Columns:
        made = rows.observations(outside)
        made["ip"] = list(map(self._address.__getitem__, made["ip"]))
        if self._keep.wanted is None:
            made |= rows.counts(outside, inside)
        return made


@dataclass(frozen=True, slots=True)
class _Rows:
    """A block in columns: entry -> number of its page, place of its address, kind, anchor, rel."""

    pages: list[_Page]
    numbers: list[int]
    addresses: Parsed
    places: list[int]
    domains: list[str]
    kinds: Sequence[str]
    anchors: Sequence[str]
    rels: Sequence[str]

    def inside(self) -> list[bool]:
        """Which entries stay inside the site of their page."""
        return list(map(eq, self.domains, _at([page.about.url.domain for page in self.pages], self.numbers)))

    def outside(self, inside: list[bool], wanted: frozenset[str] | None) -> list[bool]:
        """Which entries lead to another site that is kept; one that is no address leads nowhere."""
        if wanted is None:
            return [not inner and domain != "" for domain, inner in zip(self.domains, inside, strict=True)]
        return [not inner and domain in wanted for domain, inner in zip(self.domains, inside, strict=True)]

    def observations(self, kept: list[bool]) -> Columns:
        column, places, numbers = self.addresses, self._of(self.places, kept), self._of(self.numbers, kept)
        kinds = self._of(self.kinds, kept)
        shared = self._shared(numbers)
        made = {
            "target_url": _at(column.url, places), "target_key": _at(column.key, places),
            "target_host": _at(column.host, places), "target_domain": self._of(self.domains, kept),
            "kind": kinds, "anchor": self._of(self.anchors, kept), **self._flags(kept, numbers), **shared,
        }  # fmt: skip
        if "redirect" in kinds:
            made["redirect_chain"] = [
                f"{source} {target}" if kind == "redirect" and 300 <= status < 400 else ""
                for kind, source, target, status in zip(
                    kinds, made["source_url"], made["target_url"], made["http_status"], strict=True
                )
            ]
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
            "first_seen": each(lambda page: page.about.at), "ip": each(lambda page: page.about.ip),
            "flags": each(lambda page: "noindex" if page.about.noindex else ""),
        }  # fmt: skip
        made["last_seen"] = made["first_seen"]
        if any(page.labels for page in self.pages):
            made["labels"] = each(lambda page: page.labels)
        return made

    def _flags(self, kept: list[bool], numbers: list[int]) -> Columns:
        rels = list(map(rel_of, self._of(self.rels, kept)))
        unfollowed = [page.about.nofollow for page in self.pages]
        return {
            "nofollow": [int(rel.nofollow or unfollowed[at]) for rel, at in zip(rels, numbers, strict=True)],
            "ugc": [int(rel.ugc) for rel in rels],
            "sponsored": [int(rel.sponsored) for rel in rels],
        }

    def counts(self, outside: list[bool], inside: list[bool]) -> Columns:
        """How many links to other sites, and inside its own, the page of each kept row has."""
        texts = [kind == "text" for kind in self.kinds]
        outer = Counter(compress(self.numbers, map(min, outside, texts)))
        inner = Counter(compress(self.numbers, map(min, inside, texts)))
        numbers = self._of(self.numbers, outside)
        inner_of = [page.inner + inner[at] for at, page in enumerate(self.pages)]
        return {"ext_links": [outer[at] for at in numbers], "int_links": _at(inner_of, numbers)}

    def internal_links(self, kept: list[bool]) -> Columns:
        column, places, numbers = self.addresses, self._of(self.places, kept), self._of(self.numbers, kept)
        return {
            "target_domain": self._of(self.domains, kept), "target_key": _at(column.key, places),
            "source_key": _at([page.about.url.key for page in self.pages], numbers),
            "row": _at([page.row for page in self.pages], numbers), "anchor": self._of(self.anchors, kept),
            "nofollow": self._flags(kept, numbers)["nofollow"], "kind": self._of(self.kinds, kept),
        }  # fmt: skip

    @staticmethod
    def _of(values: Sequence[Any], kept: list[bool]) -> list[Any]:
        return list(compress(values, kept))


def _at(values: Sequence[Any], places: list[int]) -> list[Any]:
    return list(map(values.__getitem__, places))
