"""The link entries of a page that may lead to another site, found without parsing what is then dropped.

Decided: entries are told apart by how they begin: what is relative stays inside the site (unless `<base href>` leads
out of it), what starts with the page's own host too. The entries `#x`, `mailto:`, `javascript:` and the like are no
links. The same entry twice on a page is one. Where only links to some domains are wanted, the host of an address is
looked up before anything is parsed. Refused: resolving every address, which costs ten times as much as reading them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from backlinks.crawl.addresses import absolute
from seoapp.lib.weburl import PLAIN_HOST, BadUrl, parse

from .wat_page import WatPage

KINDS = {
    "A@/href": "text", "AREA@/href": "text", "IFRAME@/src": "frame", "FRAME@/src": "frame", "FORM@/action": "form",
}  # fmt: skip
MAX_ANCHOR, MAX_REL, MAX_HREF = 1_000, 1_000, 8_192
LONG = MAX_HREF + 1  # refused, but not parsed at length
WEB = ("http://", "https://")
NO_PATH = "/\\\t\r\n"  # what makes of a slash before it something else than a path
# How an entry begins: a place on the page or another scheme; a name or query; what a browser has to say.
BEGINS = re.compile(r"(#|\Z|(?!https?:)[a-z][a-z0-9+.-]*:)|(https?:|[\x00-\x20\\/])|()", re.IGNORECASE)
NO_LINK, ODD, INSIDE = 1, 2, 3
HOSTS_HELD = 300_000

Entry = tuple[str, str, str, str]  # address, kind, anchor, rel


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
        elif href.startswith("//"):
            href = f"{url.scheme}:{href}"
        elif not href.startswith(WEB):
            sort = begins(href).lastindex  # type: ignore[union-attr] - its last alternative is empty
            if sort == INSIDE and not resolves:
                inner += 1
                continue
            href = None if sort == NO_LINK else absolute(href[:LONG], base)
        if not href or len(href) > MAX_HREF:
            bad += href is not None
            no_links += href is None
        elif wanted is None or wanted[href.split("/", 3)[2]] or (keep.internal and href.startswith(own)):
            found.append((href, kind, entry.get("text", "")[:MAX_ANCHOR], entry.get("rel", "")[:MAX_REL]))
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
    for kind, said, rel in page.relations:
        if said != page.about.url.url and (href := absolute(said[:LONG], page.base)):
            yield href, kind, "", rel
    if page.about.redirect and (href := absolute(page.about.redirect[:LONG], page.base)):
        yield href, "redirect", "", ""


def canonical_of(page: WatPage) -> str:
    """The other page that this one calls its original; "" where it is that itself, or says nothing."""
    said = next((href for kind, href, _ in page.relations if kind == "canonical"), "")
    if not said or said == page.about.url.url:
        return ""
    try:
        found = parse(absolute(said[:LONG], page.base) or "")
    except BadUrl:
        return ""
    return "" if found.key == page.about.url.key else found.url
