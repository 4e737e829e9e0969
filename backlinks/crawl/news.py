"""What is new on a watched site: its sitemaps and feeds against what is known of it.

Decided: in two steps. First every list is read (the sitemaps of robots.txt, /sitemap.xml, the feeds that the start page
names) and each address that was never listed becomes a row of the site; then the newest of those that are new are
fetched, up to the limit; the rest waits for the next time. The first time everything is only learned, and the newest 20
are fetched. Pages that any crawl of the workspace has visited are not new. A list that has not changed is not sent
again; the sitemaps below it are asked for all the same. Refused: believing a date alone, because sites put today's date
on old pages.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from backlinks import index
from seoapp.lib.weburl import BadUrl, WebUrl, parse

from . import frontier
from .discovery import SitePage, WatchedSite
from .frontier import Address
from .messages import Found, Reading
from .models import Crawl, CrawlUrl
from .plan import FEED, HOPS, MAX_LISTS, PAGE, SITEMAP, Plan
from .robots import Rules

FIRST_PAGES = 20  # fetched when a site is seen for the first time
MAX_KNOWN = 200_000  # addresses that are kept of a site
TRIES = 3  # crawls that try to fetch a new page
AT_ONCE = 500
CHOSEN = "chosen"
UNLISTED = "unlisted"  # why a look has read no list
LISTS = (SITEMAP, FEED)


class NewsPlan(Plan):
    """New pages of one watched site."""

    def __init__(self, crawl: Crawl) -> None:
        super().__init__(crawl)
        self._watched: WatchedSite | None = crawl.watched
        self._domain = self._watched.domain if self._watched else ""
        self._lists = CrawlUrl.objects.filter(crawl=crawl, purpose__in=LISTS).count()
        self._earlier: dict[int, CrawlUrl] = {}
        self._unknown: dict[int, list[SitePage]] = {}

    @property
    def _chose(self) -> bool:
        """Whether the lists are read and the pages to fetch are chosen."""
        return CHOSEN in self.crawl.results

    def is_full(self, ahead: int = 0) -> bool:
        """The lists are read whole, and no more is chosen than may be fetched: time alone ends it."""
        return self._watched is None or self.crawl.seconds > self.crawl.max_seconds

    # --- Asking -------------------------------------------------------------------------------------------------------
    def prepare(self, rows: Sequence[CrawlUrl]) -> None:
        """How these lists were when they were last sent."""
        lists = {(row.purpose, row.key): row for row in rows if row.purpose in LISTS}
        earlier = CrawlUrl.objects.filter(
            crawl__watched=self._watched, key__in=[key for _, key in lists], purpose__in=LISTS,
            state=CrawlUrl.State.DONE, status=200,
        ).exclude(crawl=self.crawl)  # fmt: skip
        for one in earlier.order_by("fetched_at"):
            if (row := lists.get((one.purpose, one.key))) is not None:
                self._earlier[row.pk] = one

    def validators(self, row: CrawlUrl) -> tuple[tuple[str, str], ...]:
        earlier = self._earlier.get(row.pk)
        if earlier is None:
            return ()
        pairs = (("If-None-Match", earlier.etag), ("If-Modified-Since", earlier.last_modified))
        return tuple((name, value) for name, value in pairs if value)

    def options(self, row: CrawlUrl) -> dict[str, Any]:
        return super().options(row) | ({"targets": (self._domain,)} if row.purpose == SITEMAP else {})

    # --- Lists --------------------------------------------------------------------------------------------------------
    def after_rules(self, row: CrawlUrl, rules: Rules) -> list[Address]:
        if self._chose or row.purpose != PAGE:
            return []
        texts = dict.fromkeys((*rules.sitemaps, urljoin(row.url, "/sitemap.xml")))
        return self._further_lists(filter(None, map(_parsed, texts)), row, SITEMAP)

    def after_redirect(self, row: CrawlUrl, url: WebUrl) -> list[Address]:
        if row.depth >= HOPS or (row.purpose == PAGE and url.domain != self._domain):
            return []
        return [Address(url, row.depth + 1, row.priority, row.url, row.purpose)]

    def after_reading(self, row: CrawlUrl, reading: Reading) -> list[Address]:
        if row.purpose == PAGE:
            return [] if self._chose else self._further_lists(map(_url_of, reading.feeds), row, FEED)
        self._unknown[row.pk] = self._not_known(reading.follow, is_feed=row.purpose == FEED)
        newest = sorted(reading.feeds, key=lambda one: -one.at)
        return self._further_lists(map(_url_of, newest), row, SITEMAP)

    def _further_lists(self, urls: Iterable[WebUrl], row: CrawlUrl, purpose: str) -> list[Address]:
        """Lists that the site itself names may be kept elsewhere; a list names further ones beside itself only."""
        near = (self._domain, row.domain)
        named = [url for url in urls if row.purpose == PAGE or url.domain in near]
        found = named[: max(0, MAX_LISTS - self._lists)]
        self._lists += len(found)
        return [Address(url, 0, 1, row.url, purpose) for url in found]

    def _not_known(self, found: Iterable[Found], *, is_feed: bool) -> list[SitePage]:
        """Rows for the addresses of this site that no list has named before."""
        now = timezone.now()
        listed = {one.key: one for one in found if one.domain == self._domain}
        hashes = {frontier.key_hash(key): key for key in listed}
        for block in _blocks(list(hashes)):
            for known in SitePage.objects.filter(site=self._watched, key__in=block).values_list("key", flat=True):
                del hashes[known]
        seen = self._visited(list(hashes.values()))
        return [
            SitePage(
                site=self._watched, key=number, url=listed[key].url, found_at=now, is_new=key not in seen,
                listed_at=_moment(listed[key].at, now) or (now if is_feed else None),
            )
            for number, key in hashes.items()
        ]  # fmt: skip

    def _visited(self, keys: list[str]) -> set[str]:
        """Those that some crawl has visited; all of them while the site is being learned."""
        if self._watched is None or self._watched.learned_at is None:
            return set(keys)
        found: set[str] = set()
        for block in _blocks(keys):
            found |= index.visited_pages(self.crawl.workspace_id, self._domain, block)
        return found

    # --- What is kept -------------------------------------------------------------------------------------------------
    def keep(self, row: CrawlUrl, reading: Reading | None, visit: dict[str, Any]) -> None:
        if row.purpose in LISTS:
            self._keep_list(row)
        elif self._chose and row.state != CrawlUrl.State.QUEUED:
            SitePage.objects.filter(site=self._watched, key=row.key).update(
                title=row.title, status=row.status, fetched_at=row.fetched_at or timezone.now(), crawl=self.crawl
            )

    def _keep_list(self, row: CrawlUrl) -> None:
        made = self._unknown.pop(row.pk, [])
        room = MAX_KNOWN - SitePage.objects.filter(site=self._watched).count() if made else 0
        SitePage.objects.bulk_create(made[: max(0, room)], ignore_conflicts=True, batch_size=AT_ONCE)
        earlier = self._earlier.get(row.pk)
        if row.status == 304 and earlier is not None:
            below = CrawlUrl.objects.filter(crawl_id=earlier.crawl_id, purpose=SITEMAP, found_on=earlier.url)
            frontier.add(self.crawl.pk, self._further_lists((parse(one.url) for one in below), row, SITEMAP))

    def further(self) -> bool:
        """The lists are read: choose what is fetched."""
        if self._watched is None or self._chose:
            return False
        pages = self._waiting()
        limit = self.crawl.max_pages if self._watched.learned_at else FIRST_PAGES
        error = self._error()
        with transaction.atomic():
            chosen = list(pages[:limit])
            found = [Address(parse(one.url), 0, limit - number, self._watched.url) for number, one in enumerate(chosen)]
            frontier.add(self.crawl.pk, found)
            SitePage.objects.filter(pk__in=[one.pk for one in chosen]).update(tries=F("tries") + 1, crawl=self.crawl)
            self.crawl.results = self.crawl.results | {CHOSEN: len(chosen), UNLISTED: error[:500]}
            self.crawl.save(update_fields=["results"])
            self._watched.error = error[:500]
            if not error:
                self._watched.learned_at = self._watched.learned_at or timezone.now()
            self._watched.save(update_fields=["error", "learned_at"])
        return bool(chosen)

    def _waiting(self) -> QuerySet[SitePage]:
        """Pages to fetch, the newest first; those without a date last, in the order of the lists."""
        here = CrawlUrl.objects.filter(crawl=self.crawl, purpose=PAGE).values("key")
        pages = SitePage.objects.filter(site=self._watched, fetched_at=None, tries__lt=TRIES).exclude(key__in=here)
        if self._watched is not None and self._watched.learned_at:
            pages = pages.filter(is_new=True)
        return pages.order_by(F("listed_at").desc(nulls_last=True), "pk")

    def _error(self) -> str:
        """Why nothing is known of the site; "" where a list could be read."""
        lists = CrawlUrl.objects.filter(crawl=self.crawl, purpose__in=LISTS)
        if lists.filter(state=CrawlUrl.State.DONE, redirect="").exists():
            return ""
        start = CrawlUrl.objects.filter(crawl=self.crawl, purpose=PAGE).exclude(code="").first()
        if start is not None:
            return f"The start page could not be read: {start.reason}"
        failed = lists.exclude(code="").first()
        return (
            f"No sitemap and no feed could be read. {failed.url}: {failed.reason}"
            if failed
            else ("The site names no sitemap and no feed.")
        )


def _blocks(items: list[Any]) -> Iterable[list[Any]]:
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))


def _url_of(found: Found) -> WebUrl:
    return WebUrl(found.url, found.key, found.url.partition(":")[0], found.host, found.domain)


def _parsed(text: str) -> WebUrl | None:
    try:
        return parse(text)
    except BadUrl:
        return None


def _moment(seconds: int, now: datetime) -> datetime | None:
    """What a list says of a page's time; a moment to come is now."""
    return min(datetime.fromtimestamp(seconds, UTC), now) if seconds > 0 else None
