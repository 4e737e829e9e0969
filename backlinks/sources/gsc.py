"""Google Search Console's Links report (formats.md section 3).

Its headers are localised, so the shape of the cells decides where the names are not known. "More sample links" and
"Your pages linking to this page" share a header; when every page is the project's own, it is the internal one.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from seoapp.lib.weburl import BadUrl, host_name, registrable_domain

from .cells import parse_date
from .contract import Source, source

FITS = 0.95
URL = re.compile(r"https?://\S+", re.IGNORECASE)
HOST = re.compile(r"[^\s/@:]+\.[^\s/@:]{2,}")
INTEGER = re.compile(r"\"?\d[\d,.\s\u00a0\u202f']*\"?")

LATEST = source("gsc_latest", "Search Console latest links", "sightings", "linking page; last crawled",
                "linking page = source_url; last crawled = last_seen")  # fmt: skip
SAMPLE = source("gsc_sample", "Search Console more sample links", "sightings", "linking page",
                "linking page = source_url", width=1)  # fmt: skip
SITES = source("gsc_sites", "Search Console top linking sites", "domains", "site; linking pages; target pages",
               "site = source_domain; linking pages = links; target pages = metric:gsc_target_pages")  # fmt: skip
TEXTS = source("gsc_texts", "Search Console top linking text", "anchors", "rank; link text",
               "rank = position; link text = value")  # fmt: skip
PAGES = source("gsc_pages", "Search Console top target pages (external)", "pages",
               "target page; incoming links; linking sites",
               "target page = value; incoming links = links; linking sites = domains")  # fmt: skip
INTERNAL_PAGES = source("gsc_internal-pages", "Search Console top target pages (internal)", "internal",
                        "target page; internal links", "target page = value; internal links = links")  # fmt: skip
INTERNAL = source("gsc_internal", "Search Console: your pages linking to this page", "internal", "linking page",
                  "linking page = value", width=1)  # fmt: skip

SOURCES = (LATEST, SITES, TEXTS, PAGES, INTERNAL_PAGES, SAMPLE)


def by_shape(rows: Sequence[Sequence[str]], own_domain: str) -> tuple[Source, list[str]] | None:
    """The Search Console report whose shape these data rows have, with English header names; None if none fits."""
    if not rows:
        return None
    width = Counter(map(len, rows)).most_common(1)[0][0]
    if sum(len(row) == width for row in rows) < FITS * len(rows):
        return None
    columns = list(zip(*(row for row in rows if len(row) == width), strict=True))
    shapes: tuple[tuple[Source, tuple[Callable[[str], bool], ...]], ...] = (
        (LATEST, (is_url, _is_date)),
        (SAMPLE, (is_url,)),
        (TEXTS, (_ranks(columns[0]), _is_text)),
        (PAGES, (_own(own_domain), _is_integer, _is_integer)),
        (INTERNAL_PAGES, (_own(own_domain), _is_integer)),
        (SITES, (_is_host, _is_integer, _is_integer)),
    )
    for found, tests in shapes:
        if len(tests) == len(columns) and all(_fits(test, column) for test, column in zip(tests, columns, strict=True)):
            return found, list(found.columns)
    return None


def sample_or_internal(pages: Sequence[str], own_domain: str) -> Source:
    """`Linking page` alone: the project's own pages mean the internal report."""
    own = _own(own_domain)
    return INTERNAL if own_domain and pages and all(own(page) for page in pages) else SAMPLE


def _fits(test: Callable[[str], bool], cells: Sequence[str]) -> bool:
    return sum(map(test, cells)) >= FITS * len(cells)


def is_url(cell: str) -> bool:
    return URL.fullmatch(cell.strip()) is not None


def _is_host(cell: str) -> bool:
    return HOST.fullmatch(cell.strip()) is not None


def _is_integer(cell: str) -> bool:
    return INTEGER.fullmatch(cell.strip()) is not None


def _ranks(cells: Sequence[str]) -> Callable[[str], bool]:
    """Fits the cells of a column that counts 1, 2, 3 ...; in any other column nothing fits."""
    right = sum(cell.strip() == str(rank) for rank, cell in enumerate(cells, 1)) >= FITS * len(cells)
    return _is_integer if right else lambda cell: False


def _is_text(cell: str) -> bool:
    return not is_url(cell)


def _is_date(cell: str) -> bool:
    return parse_date(cell) is not None


def _own(domain: str) -> Callable[[str], bool]:
    def own(cell: str) -> bool:
        try:
            return registrable_domain(host_name(cell)) == domain
        except BadUrl:
            return False

    return own
