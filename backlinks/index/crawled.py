"""What one crawl has found: outbound domains and links, broken targets, structure, pages worth a link.

Decided: a report is a statement over one batch, made of whole columns of the log, and its columns stand beside it; the
names that a request may filter and sort by are those of the columns, values are bound. Each count has a report that
lists exactly what it counts (`of` keeps to one domain or one page). Nothing here is settled: these are the findings of
one crawl, whatever other sources say.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from seoapp.lib.listquery import Field, ListQuery

from . import engine
from .columns import KINDS, PLACEMENTS
from .derive import IS_LINK
from .keys import KEY
from .listed import Listed
from .reports import RowPage
from .writer import OF_BATCH, Batch

WORTH_WORDS = 150  # a page with fewer words is no place for a link
RESOURCE_DOMAINS, RESOURCE_SHARE = 10, 20  # other sites on a resource page; its outbound links per 1,000 words
SITEMAP_DEPTH = 1  # of pages that a sitemap or feed names
# Answers that may be meant for us only: nothing is said about the page.
REFUSALS = "(401, 402, 403, 407, 408, 425, 429, 451)"

_PAGES = f"SELECT * FROM crawled_pages WHERE {OF_BATCH} ORDER BY fetched_at DESC LIMIT 1 BY page_key"
_SEEN = f"{OF_BATCH} AND lost_reason = '' AND {IS_LINK}"
_READ = "http_status BETWEEN 200 AND 299 AND code = ''"
_BROKEN = "http_status >= 400"
_WORTHY = f"noindex = 0 AND words >= {WORTH_WORDS} AND (canonical = '' OR {KEY.format('canonical')} = page_key)"
# Which page of the crawl leads to which: by a link inside the site, a link to another one, or a redirect.
_LEADS = f"""SELECT target_key, source_key FROM internal_links WHERE {OF_BATCH} AND source_key != target_key
    UNION ALL SELECT target_key, source_key FROM observations WHERE {_SEEN}
    UNION ALL SELECT {KEY.format("redirect_url")} AS target_key, page_key AS source_key FROM crawled_pages
        WHERE {OF_BATCH} AND redirect_url != '' AND target_key != source_key"""
_INLINKS = f"SELECT target_key, uniqExact(source_key) AS inlinks FROM ({_LEADS}) GROUP BY target_key"
_LINKED_PAGES = f"""SELECT pages.*, toUInt64(leads.inlinks) AS inlinks FROM ({_PAGES}) AS pages
    LEFT JOIN ({_INLINKS}) AS leads ON pages.page_key = leads.target_key"""
_NAMED = f"SELECT {KEY.format('canonical')} FROM crawled_pages WHERE {OF_BATCH} AND canonical != ''"
_PER_LINK = f"""SELECT link_id, any(source_key) AS source_key, any(source_url) AS source_url,
    any(target_url) AS target_url, any(target_domain) AS target_domain, any(ifNull(anchor, '')) AS anchor,
    any(kind) AS kind, max(nofollow) AS nofollow, max(ugc) AS ugc, max(sponsored) AS sponsored,
    any(placement) AS placement
FROM observations WHERE {_SEEN} AND ({{of:String}} = '' OR target_domain = {{of:String}})
GROUP BY target_domain, link_id"""


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """`of` says what its rows can be kept to: "domain", "page" or ""."""

    sql: str
    fields: tuple[Field, ...]
    sort: str
    of: str = ""


def _number(name: str, label: str, help: str = "", *, default: bool = True) -> Field:
    return Field(name, label, "int", "number", help=help, default=default)


_ABOUT = (
    _number("depth", "Clicks", "Clicks from the first page."),
    _number("inlinks", "Pages that lead here", "Pages of this crawl that link or redirect to it."),
)
_MAKEUP = (
    _number("words", "Words", "Words of the main text."),
    _number("ext_links", "Outbound links", "Links to other sites."),
    _number("ext_domains", "Other sites", "Different sites that it links to."),
)

CRAWL_REPORTS: dict[str, CrawlReport] = {
    "domains": CrawlReport(
        f"""SELECT target_domain, count() AS links, uniqExact(source_key) AS pages, countIf(nofollow = 0) AS follow,
            countIf(nofollow = 1) AS nofollow FROM ({_PER_LINK}) GROUP BY target_domain""",
        (
            Field("target_domain", "Domain", "text", "text"),
            _number("links", "Links"),
            _number("pages", "Pages that link"),
            _number("follow", "Follow"),
            _number("nofollow", "Nofollow"),
        ),
        "-pages",
    ),
    "links": CrawlReport(
        _PER_LINK,
        (
            Field("source_url", "Linking page", "url", "text"),
            Field("target_url", "Target page", "url", "text"),
            Field("target_domain", "Domain", "text", "text", default=False),
            Field("anchor", "Anchor", "text", "text"),
            Field("kind", "Kind", "text", "choice", KINDS),
            Field("placement", "Placement", "text", "choice", PLACEMENTS),
            Field("nofollow", "Nofollow", "bool", "flag"),
            Field("ugc", "UGC", "bool", "flag", default=False),
            Field("sponsored", "Sponsored", "bool", "flag", default=False),
        ),
        "source_url",
        of="domain",
    ),
    "broken": CrawlReport(
        f"""SELECT page_key, page_url, http_status, depth, inlinks,
            if(http_status IN {REFUSALS}, 'refused', 'broken') AS verdict
        FROM ({_LINKED_PAGES}) WHERE {_BROKEN}""",
        (
            Field("page_url", "Page", "url", "text"),
            Field("http_status", "HTTP", "int", "number", known="http_status > 0"),
            Field(
                "verdict", "Verdict", "text", "choice", ("broken", "refused"),
                help="Refused: the answer may be meant for our crawler only.",
            ),
            _number("inlinks", "Pages that lead here", "Pages of this crawl that link or redirect to it."),
            _number("depth", "Clicks", "Clicks from the first page.", default=False),
        ),
        "-inlinks",
    ),
    "inlinks": CrawlReport(
        f"""SELECT source_key, any(source_url) AS source_url, any(anchor) AS anchor, any(kind) AS kind,
            min(nofollow) AS nofollow, any(placement) AS placement FROM (
            SELECT source_key, page_url AS source_url, anchor, kind, nofollow, placement FROM (
                SELECT source_key, anchor, kind, toInt8(nofollow) AS nofollow, placement FROM internal_links
                WHERE {OF_BATCH} AND target_key = {{of:String}} AND source_key != target_key) AS inside
            LEFT JOIN (SELECT page_key, page_url FROM ({_PAGES})) AS pages ON inside.source_key = pages.page_key
            UNION ALL SELECT source_key, source_url, ifNull(anchor, ''), kind, nofollow, placement
                FROM observations WHERE {_SEEN} AND target_key = {{of:String}}
            UNION ALL SELECT page_key, page_url, '', 'redirect', toInt8(0), '' FROM crawled_pages
                WHERE {OF_BATCH} AND redirect_url != '' AND {KEY.format("redirect_url")} = {{of:String}}
                    AND page_key != {{of:String}}
        ) GROUP BY source_key""",
        (
            Field("source_url", "Page that leads here", "url", "text"),
            Field("anchor", "Anchor", "text", "text"),
            Field("kind", "Kind", "text", "choice", KINDS),
            Field("placement", "Placement", "text", "choice", PLACEMENTS),
            Field("nofollow", "Nofollow", "bool", "flag"),
        ),
        "source_url",
        of="page",
    ),
    "structure": CrawlReport(
        f"""SELECT page_key, page_url, title, depth, inlinks, int_links, words, ext_links, ext_domains, noindex,
            toUInt8(inlinks = 0 AND depth = {SITEMAP_DEPTH} AND page_key NOT IN ({_NAMED})) AS orphan
        FROM ({_LINKED_PAGES}) WHERE {_READ}""",
        (
            Field("page_url", "Page", "url", "text"),
            Field("title", "Title", "text", "text"),
            *_ABOUT,
            _number("int_links", "Inside links", "Links from it to pages of its own site.", default=False),
            *_MAKEUP,
            Field("noindex", "Noindex", "bool", "flag"),
            Field("orphan", "Orphan", "bool", "flag", help="Only a sitemap or feed names it: no page leads to it."),
        ),
        "-inlinks",
    ),
    "worth": CrawlReport(
        f"""SELECT page_key, page_url, title, depth, inlinks, words, ext_links, ext_domains,
            round(1000 * ext_links / words, 1) AS density,
            round(log2(2 + inlinks) / (1 + 1000 * ext_links / words), 2) AS worth,
            if(ext_domains >= {RESOURCE_DOMAINS} AND 1000 * ext_links / words >= {RESOURCE_SHARE},
                'resources', 'article') AS sort_of
        FROM ({_LINKED_PAGES}) WHERE {_READ} AND {_WORTHY}""",
        (
            Field("page_url", "Page", "url", "text"),
            Field("title", "Title", "text", "text"),
            Field("worth", "Worth", "number"),
            Field("sort_of", "Sort of page", "text", "choice", ("article", "resources")),
            _number("inlinks", "Pages that lead here", "Pages of this crawl that link or redirect to it."),
            _number("words", "Words", "Words of the main text."),
            Field("density", "Links per 1,000 words", "number", help="Links to other sites."),
            _number("ext_links", "Outbound links", "Links to other sites."),
            _number("ext_domains", "Other sites", "Different sites that it links to.", default=False),
            _number("depth", "Clicks", "Clicks from the first page.", default=False),
        ),
        "-worth",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CrawlFigures:
    """How many rows each report has."""

    domains: int
    links: int
    broken: int
    orphans: int
    worth: int


def crawl_rows(batch: Batch, report: str, query: ListQuery, of: str = "") -> RowPage:
    """One page of a report."""
    return _listed(batch, report, of).page(query)


def crawl_stream(batch: Batch, report: str, query: ListQuery, of: str = "") -> Iterator[dict[str, Any]]:
    """Every row of a report, for exports."""
    return _listed(batch, report, of).stream(query)


def crawl_figures(batch: Batch) -> CrawlFigures:
    """Counted without the joins that only the rows need; the tests hold each against its report."""
    statement = f"""SELECT links, domains, broken, worth, (SELECT count() FROM ({_PAGES}) WHERE {_READ}
        AND depth = {SITEMAP_DEPTH} AND page_key NOT IN (SELECT target_key FROM ({_LEADS}))
        AND page_key NOT IN ({_NAMED})) AS orphans
    FROM (SELECT uniqExact(target_domain, link_id) AS links, uniqExact(target_domain) AS domains FROM observations
        WHERE {_SEEN}) AS outbound,
    (SELECT countIf({_BROKEN}) AS broken, countIf({_READ} AND {_WORTHY}) AS worth FROM ({_PAGES})) AS pages"""
    return CrawlFigures(**engine.read(statement, _bound(batch, ""))[0])


def _bound(batch: Batch, of: str) -> dict[str, Any]:
    return {"workspace": batch.workspace, "batch": batch.batch, "of": of}


def _listed(batch: Batch, report: str, of: str) -> Listed:
    found = CRAWL_REPORTS[report]
    return Listed((found.sql, _bound(batch, of)), found.fields, found.fields[0].name)
