"""Any CSV of links: a suggested mapping, and the source that a confirmed one makes (formats.md section 9)."""

import re
from collections.abc import Sequence

from .contract import Source, UnreadableFile

SYNONYMS: dict[str, tuple[str, ...]] = {
    "source_url": (
        "source", "source url", "from", "from url", "referring page", "referring page url", "linking page", "linking url",
        "backlink", "backlink url", "url from", "source page", "linking page url", "source_url",
    ),
    "target_url": ("target", "target url", "to", "link url", "destination", "landing page", "url to", "target_url"),
    "anchor": ("anchor", "anchor text", "link text", "link anchor", "anchor_text"),
    "nofollow": ("rel", "nofollow", "follow", "dofollow", "attribute"),
    "first_seen": ("first seen", "first indexed", "found", "discovered", "date found", "first_seen"),
    "last_seen": ("last seen", "last crawled", "last check", "last visited", "last_seen"),
    "lost_at": ("lost", "day lost", "lost date", "date lost"),
    "title": ("title", "page title", "source title"),
    "source_domain": ("domain", "referring domain", "site", "root domain", "host"),
    "ip": ("ip", "ip address"),
    "country": ("country",),
    "http_status": ("status", "http status", "http code"),
}  # fmt: skip
FIELDS = (*SYNONYMS, "alt", "context_left", "context_right", "language", "ext_links", "int_links", "link_type", "links")


def suggest(header: Sequence[str]) -> dict[str, str]:
    """Field -> header cell, by the usual names."""
    made: dict[str, str] = {}
    for field, names in SYNONYMS.items():
        for cell in header:
            if re.sub(r"\s+", " ", cell.strip().lower()) in names and cell not in made.values():
                made.setdefault(field, cell)
    return made


def generic_source(mapping: dict[str, str], header: Sequence[str]) -> tuple[Source, dict[str, int]]:
    """The source of a mapping (field -> header cell), and its columns. Needs a page or a domain."""
    places = {cell: at for at, cell in reversed(list(enumerate(header)))}
    index = {field: places[cell] for field, cell in mapping.items() if cell in places and (field in FIELDS or ":" in field)}
    if "source_url" in index:
        index.pop("source_domain", None)
        return Source("csv_links", "csv", "links", "CSV of links", "links", frozenset(), {}), index
    if "source_domain" in index:
        index.pop("anchor", None)
        return Source("csv_domains", "csv", "domains", "CSV of domains", "domains", frozenset(), {}), index
    raise UnreadableFile("Say which column holds the linking page, or the linking domain: without it no row can be read.")
