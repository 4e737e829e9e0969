"""What every plan of a crawl can say; by itself it is that of a list of pages.

Decided: the worker that fetches knows this contract and none of the plans by name. Whatever a plan writes stands in the
transaction that marks an address as done.
"""

from collections.abc import Sequence
from typing import Any

from seoapp.lib.weburl import WebUrl

from .frontier import Address
from .mentions import terms_of
from .messages import Reading
from .models import Crawl, CrawlUrl
from .robots import Rules

PAGE, TARGET, SITEMAP, FEED = (
    CrawlUrl.Purpose.PAGE,
    CrawlUrl.Purpose.TARGET,
    CrawlUrl.Purpose.SITEMAP,
    CrawlUrl.Purpose.FEED,
)
HOPS = 5
MAX_LISTS = 200  # sitemaps and feeds of one crawl


class Plan:
    """A list of pages: each is read, its links to other sites are kept, a redirect is followed."""

    keeps_evidence = False  # whether `keep` wants the answer of each visit

    def __init__(self, crawl: Crawl) -> None:
        self.crawl = crawl
        self._site = crawl.project.target.domain
        self._terms = terms_of(crawl.project.brand_terms)

    def prepare(self, rows: Sequence[CrawlUrl]) -> None:
        """Look up what the answers of these addresses will be compared with."""

    def options(self, row: CrawlUrl) -> dict[str, Any]:
        """Fields of the job with which its body is read."""
        if row.purpose in (SITEMAP, FEED):
            return {"kind": row.purpose}
        return {"kind": "page", "terms": self._terms, "site": self._site}

    def reads(self, row: CrawlUrl) -> bool:
        """Whether the body of this answer matters at all."""
        return row.purpose != TARGET

    def validators(self, row: CrawlUrl) -> tuple[tuple[str, str], ...]:
        """Headers of a conditional request."""
        return ()

    def after_redirect(self, row: CrawlUrl, url: WebUrl) -> list[Address]:
        return [Address(url, row.depth + 1, row.priority, row.url, row.purpose)] if row.depth < HOPS else []

    def after_reading(self, row: CrawlUrl, reading: Reading) -> list[Address]:
        return []

    def after_unchanged(self, row: CrawlUrl) -> list[Address]:
        """What follows from a page that is as it was."""
        return []

    def after_rules(self, row: CrawlUrl, rules: Rules) -> list[Address]:
        return []

    def keep(self, row: CrawlUrl, reading: Reading | None, visit: dict[str, Any]) -> None:
        """Write what only this plan wants, in the transaction that marks the address as done."""

    def further(self) -> bool:
        """Called when nothing is left to fetch: True where the plan has found more to do."""
        return False

    def is_full(self, ahead: int = 0) -> bool:
        """Whether a limit of the crawl has been reached, counting `ahead` pages that are on their way."""
        return self.crawl.pages + ahead >= self.crawl.max_pages or self.crawl.seconds > self.crawl.max_seconds
