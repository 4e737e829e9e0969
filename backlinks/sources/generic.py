"""Any CSV of links: a suggested mapping, and the source that a confirmed one makes (formats.md section 9)."""

import re
from collections.abc import Callable, Mapping, Sequence

from .contract import Source, UnreadableFile

SYNONYMS: dict[str, tuple[str, ...]] = {
    "source_url": (
        "source", "source url", "from", "from url", "referring page", "referring page url", "linking page",
        "linking url", "backlink", "backlink url", "url from", "source page", "linking page url", "source_url",
    ),
    "target_url": ("target", "target url", "to", "link url", "destination", "landing page", "url to", "target_url"),
    "anchor": ("anchor", "anchor text", "link text", "link anchor", "anchor_text"),
    "rel": ("rel", "attribute", "link type", "rel attribute", "link_type"),
    "nofollow": ("nofollow", "no follow", "is nofollow", "is_nofollow"),
    "dofollow": ("dofollow", "follow", "is dofollow", "is_dofollow"),
    "ugc": ("ugc", "is ugc", "is_ugc"),
    "sponsored": ("sponsored", "is sponsored", "is_sponsored"),
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
DATE_ORDER = "date_order"  # a key of a mapping beside its fields: day_first or month_first
DATE_ORDERS = ("day_first", "month_first")
# Fields of links that say nothing about a whole domain.
OF_LINKS = (
    "source_url", "target_url", "anchor", "alt", "title", "context_left", "context_right", "language", "rel",
    "nofollow", "dofollow", "ugc", "sponsored", "http_status", "ext_links", "int_links", "link_type",
)  # fmt: skip
LINKS = Source("csv_links", "csv", "links", "CSV of links", "links", frozenset(), {})
DOMAINS = Source("csv_domains", "csv", "domains", "CSV of domains", "domains", frozenset(), {})


def suggest(header: Sequence[str]) -> dict[str, str]:
    """Field -> header cell, by the usual names (none of them twice)."""
    made: dict[str, str] = {}
    for field, names in SYNONYMS.items():
        for cell in header:
            if re.sub(r"\s+", " ", cell.strip().lower()) in names and cell not in made.values():
                made.setdefault(field, cell)
    return made


def suggest_by_content(
    columns: Sequence[Sequence[str]], names: Sequence[str], is_url: Callable[[str], bool]
) -> dict[str, str]:
    """Field -> name of a column without a header: the first URLs are the pages, the next ones the targets."""
    urls = [name for name, cells in zip(names, columns, strict=True) if cells and all(map(is_url, cells))]
    return dict(zip(("source_url", "target_url"), urls, strict=False))


def generic_source(mapping: Mapping[str, str], header: Sequence[str]) -> tuple[Source, dict[str, int]]:
    """The source of a mapping (field -> header cell), and its columns. Needs a page or a domain."""
    places = {cell: at for at, cell in reversed(list(enumerate(header)))}
    index = {field: places[cell] for field, cell in mapping.items() if cell in places and _is_field(field)}
    if "source_url" in index:
        index.pop("source_domain", None)
        index.pop("links", None)
        return LINKS, index
    if "source_domain" in index:
        return DOMAINS, {field: at for field, at in index.items() if field not in OF_LINKS}
    raise UnreadableFile("Say which column holds the linking page or domain: without it no row can be read.")


def _is_field(name: str) -> bool:
    return name in FIELDS or re.fullmatch(r"(metric|label):\w{1,60}", name) is not None
