"""What a crawl wants of each answer: which links to keep, and which addresses follow from them.

Decided: one plan a kind of crawl behind the small contract of `plan.py`. A site crawl follows links inside its sites,
breadth first, and lets no trap in. A list takes its pages and follows redirects only. A check looks closely at known
links and then at their targets.
"""

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import urljoin

from django.utils import timezone

from seoapp.lib.weburl import BadUrl, Target, WebUrl, parse

from . import frontier, pagefacts, traps
from .frontier import Address
from .memory import REMEMBERED, memory_of
from .messages import Found, Reading
from .models import CheckItem, Crawl, CrawlQueue, CrawlUrl
from .news import NewsPlan
from .plan import FEED, HOPS, MAX_LISTS, PAGE, SITEMAP, TARGET, Plan
from .robots import Rules
from .verdict import closest, is_unchanged

MAX_ROWS_A_PAGE = 20  # addresses in the frontier for each page that may be fetched
COPIES_FOLLOWED = 20  # pages of one text whose links are followed
RANK = {PAGE: 0, SITEMAP: 5, FEED: 5, TARGET: 0}


def plan_of(crawl: Crawl) -> "Plan":
    plans = {
        Crawl.Kind.SITE: SitePlan,
        Crawl.Kind.LIST: Plan,
        Crawl.Kind.CHECK: CheckPlan,
        Crawl.Kind.NEWS: NewsPlan,
    }
    return plans[Crawl.Kind(crawl.kind)](crawl)


class SitePlan(Plan):
    """A site crawl: the pages of the sites it starts from."""

    def __init__(self, crawl: Crawl) -> None:
        super().__init__(crawl)
        self._variants = traps.Variants()
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._texts: OrderedDict[int, str] = OrderedDict(_texts_of(crawl))
        self._copies: Counter[int] = Counter()
        self._hosts: set[str] = set()
        self._targets = [_target(text, with_subdomains=crawl.with_subdomains) for text in crawl.starts]
        self._rows = CrawlUrl.objects.filter(crawl=crawl).count()
        self._lists = CrawlUrl.objects.filter(crawl=crawl).exclude(purpose=PAGE).count()
        self._recall()

    def _recall(self) -> None:
        """Know what the crawl has seen before it went on, or its traps would begin to count anew each time."""
        memory = memory_of(self.crawl)
        self._seen, self._hosts, self._variants = memory.seen(), memory.hosts(), memory.variants()

    def options(self, row: CrawlUrl) -> dict[str, Any]:
        speaks_for = tuple(sorted({one.domain for one in self._targets}))
        return super().options(row) | ({"targets": speaks_for} if row.purpose == SITEMAP else {})

    def after_redirect(self, row: CrawlUrl, url: WebUrl) -> list[Address]:
        if row.purpose != PAGE:
            return [Address(url, row.depth + 1, row.priority, row.url, row.purpose)] if row.depth < HOPS else []
        inside = [url] if self._is_inside(url.host, url.domain) else []
        return [Address(one, row.depth, row.priority, row.url, row.purpose) for one in inside]

    def after_reading(self, row: CrawlUrl, reading: Reading) -> list[Address]:
        if row.purpose != PAGE:
            pages = [self._address(found, row, 1, priority=-1) for found in reading.follow]
            more = [
                self._address(found, row, 0, RANK[SITEMAP], row.purpose)
                for found in reading.feeds
                if found.domain == row.domain or self._is_inside(found.host, found.domain)
            ]
            return self._new(one for one in (*pages, *more) if one)
        depth = row.depth + 1
        canonical = reading.canonical
        if (
            canonical
            and frontier.key_hash(canonical.key) != row.key
            and self._is_inside(canonical.host, canonical.domain)
        ):
            row.code, row.reason = "duplicate", f"It names {canonical.url} as the original"[:300]
            return self._new(one for one in [self._address(canonical, row, row.depth)] if one)
        if self._is_copy(row) and self._copies[row.fingerprint] > COPIES_FOLLOWED:
            return []
        if depth > self.crawl.max_depth or reading.nofollow:
            return []
        found = [self._address(one, row, depth) for one in reading.follow if not one.nofollow]
        found += [self._address(reading.refresh, row, row.depth)] if reading.refresh else []
        return self._new(one for one in found if one)

    def _is_copy(self, row: CrawlUrl) -> bool:
        """Whether another page of this crawl has the same main text.

        The links of a few such pages are followed, because the pages of a list may differ in nothing else.
        """
        if not row.fingerprint:
            return False
        first = self._texts.setdefault(row.fingerprint, row.url)
        if len(self._texts) > REMEMBERED:
            self._texts.popitem(last=False)
        if first == row.url:
            return False
        self._copies[row.fingerprint] += 1
        row.code, row.reason = "duplicate", f"The same text as {first}"[:300]
        return True

    def after_rules(self, row: CrawlUrl, rules: Rules) -> list[Address]:
        """The sitemaps that robots.txt names, wherever they are kept, else the one at the usual place."""
        origin = parse(row.url)
        if row.purpose != PAGE or not self._is_inside(origin.host, origin.domain):
            return []
        found = [_parsed(text) for text in rules.sitemaps or (urljoin(row.url, "/sitemap.xml"),)]
        return self._new(Address(url, 0, RANK[SITEMAP], row.url, SITEMAP) for url in found if url)

    def _address(
        self, found: Found, row: CrawlUrl, depth: int, priority: int = 0, purpose: str = PAGE
    ) -> Address | None:
        if purpose == PAGE and not (self._is_inside(found.host, found.domain) and self._takes_host(found.host)):
            return None
        url = WebUrl(found.url, found.key, found.url.partition(":")[0], found.host, found.domain)
        return Address(url, depth, priority, row.url, purpose)

    def _takes_host(self, host: str) -> bool:
        """Subdomains without end (one for each user, or for each word) end here."""
        if len(self._hosts) < self.crawl.max_hosts:
            self._hosts.add(host)
        return host in self._hosts

    def _is_inside(self, host: str, domain: str) -> bool:
        return any(domain == one.domain if one.scope == "root" else host == one.host for one in self._targets)

    def _new(self, found: Iterable[Address]) -> list[Address]:
        """Addresses that were not seen before and are no trap; a session id is taken off."""
        made = []
        for one in found:
            clean = _untrapped(one)
            if clean and self._is_first(clean.url.key) and self._has_room(clean):
                if clean.purpose == PAGE and self._variants.take(clean.url.url):
                    continue
                self._lists += clean.purpose != PAGE
                made.append(clean)
        self._rows += len(made)
        return made

    def _is_first(self, key: str) -> bool:
        number = frontier.key_hash(key)
        if number in self._seen:
            return False
        self._seen[number] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True

    def _has_room(self, one: Address) -> bool:
        if one.purpose != PAGE and self._lists >= MAX_LISTS:
            return False
        return self._rows < self.crawl.max_pages * MAX_ROWS_A_PAGE + 1000


def _texts_of(crawl: Crawl) -> list[tuple[int, str]]:
    """Fingerprint and address of pages that this crawl has read before it went on."""
    rows = (
        CrawlUrl.objects.filter(crawl=crawl, purpose=PAGE, state="done")
        .exclude(fingerprint=0)
        .exclude(code="duplicate")
    )
    return list(rows.order_by("-pk").values_list("fingerprint", "url")[:REMEMBERED])


def _parsed(text: str) -> WebUrl | None:
    try:
        return parse(text)
    except BadUrl:
        return None


def _target(text: str, *, with_subdomains: bool) -> Target:
    return Target.parse(text, "root" if with_subdomains else "host")


def _untrapped(one: Address) -> Address | None:
    if one.purpose != PAGE:
        return one
    found = traps.trap(one.url.url, timezone.now().date())
    if found is None:
        return one
    if not found.instead:
        return None
    try:
        return Address(parse(found.instead), one.depth, one.priority, one.found_on, one.purpose)
    except BadUrl:
        return None


class CheckPlan(Plan):
    """A check: known links on their pages, then the targets of those that are there."""

    keeps_evidence = True

    def __init__(self, crawl: Crawl) -> None:
        super().__init__(crawl)
        self._domain = crawl.project.target.domain
        self._items: dict[int, list[CheckItem]] = {}
        self._validators: dict[int, tuple[tuple[str, str], ...]] = {}

    def prepare(self, rows: Sequence[CrawlUrl]) -> None:
        items: dict[int, list[CheckItem]] = defaultdict(list)
        for item in CheckItem.objects.filter(page__in=[row.pk for row in rows], state=CheckItem.State.WAITING):
            items[item.page_id].append(item)
        self._items.update(items)
        self._validators.update(_validators(rows, items, self._terms))

    def options(self, row: CrawlUrl) -> dict[str, Any]:
        wanted = tuple(sorted({item.target_key for item in self._items.get(row.pk, ())}))
        return super().options(row) | {"wanted": wanted, "targets": (self._domain,)}

    def validators(self, row: CrawlUrl) -> tuple[tuple[str, str], ...]:
        return self._validators.pop(row.pk, ())

    def is_full(self, ahead: int = 0) -> bool:
        """A check ends with its work list, or when its time is over."""
        return self.crawl.seconds > self.crawl.max_seconds

    def after_redirect(self, row: CrawlUrl, url: WebUrl) -> list[Address]:
        return [Address(url, row.depth + 1, row.priority, row.url, row.purpose)] if row.depth < HOPS else []

    def after_reading(self, row: CrawlUrl, reading: Reading) -> list[Address]:
        found = [(link.url, link.key, link.domain) for link in reading.wanted]
        return [
            Address(WebUrl(url, key, url.partition(":")[0], "", domain), 0, row.priority, row.url, TARGET)
            for url, key, domain in found
        ]

    def after_unchanged(self, row: CrawlUrl) -> list[Address]:
        """The links are where they were; whether their targets still answer is another question."""
        there = [item for item in self._items.get(row.pk, ()) if item.known["last"]["state"] != "lost"]
        return [Address(parse(item.target_url), 0, row.priority, row.url, TARGET) for item in there]

    def further(self) -> bool:
        """Pages that were visited before a link that moved there was looked for: once more, for that link."""
        waiting = CheckItem.objects.filter(crawl=self.crawl, seen={}, page__state=CrawlUrl.State.DONE)
        pages = CrawlUrl.objects.filter(pk__in=waiting.values("page")).exclude(depth__gte=HOPS)
        domains = set(pages.values_list("domain", flat=True))
        count = pages.update(state=CrawlUrl.State.QUEUED, due_at=None, attempts=0, depth=HOPS)
        CrawlQueue.objects.filter(crawl=self.crawl, domain__in=domains).update(is_open=True, due_at=None)
        return bool(count)

    def keep(self, row: CrawlUrl, reading: Reading | None, visit: dict[str, Any]) -> None:
        items = self._items.pop(row.pk, None)
        if not items or row.state == CrawlUrl.State.QUEUED:
            return
        leads_on = visit["redirect_key"] not in ("", visit["page_key"])
        moving = [item for item in items if leads_on and item.known.get("kind") != "redirect"]
        if moving and _move(moving, row, visit):
            items = [item for item in items if item not in moving]
        for item in items:
            item.seen = visit | seen_by(item, reading) | {"moved_from": item.known.get("moved_from", "")}
        self._note_targets(items)
        CheckItem.objects.bulk_update(items, ["seen", "target"])

    def _note_targets(self, items: Sequence[CheckItem]) -> None:
        """Which visit an item waits for, if its link is there."""
        there = [item for item in items if item.seen.get("link") or is_unchanged(item.seen)]
        keys = {frontier.key_hash(item.target_key) for item in there}
        rows = CrawlUrl.objects.filter(crawl=self.crawl, purpose=TARGET, key__in=keys) if keys else ()
        found = {row.key: row for row in rows}
        for item in there:
            item.target = found.get(frontier.key_hash(item.target_key))


def _move(items: list[CheckItem], row: CrawlUrl, visit: dict[str, Any]) -> bool:
    """Look for the links on the page that theirs redirects to; False where that page is not visited."""
    page = CrawlUrl.objects.filter(
        crawl_id=row.crawl_id, purpose=PAGE, key=frontier.key_hash(visit["redirect_key"])
    ).first()
    if page is None or row.depth >= HOPS:
        return False
    for item in items:
        item.page = page
        item.known.setdefault("moved_from", row.url)
    CheckItem.objects.bulk_update(items, ["page", "known"])
    if page.state != CrawlUrl.State.QUEUED:  # it was visited for its own links: once more, for these
        again = {"state": CrawlUrl.State.QUEUED, "due_at": None, "depth": row.depth + 1, "attempts": 0}
        CrawlUrl.objects.filter(pk=page.pk).update(**again)
        CrawlQueue.objects.filter(crawl_id=row.crawl_id, domain=page.domain).update(is_open=True, due_at=None)
    return True


def seen_by(item: CheckItem, reading: Reading | None) -> dict[str, Any]:
    """What the page says about the link of an item."""
    if reading is None or reading.refused:
        return {"refused": reading.refused if reading else ""}
    places = [asdict(one) for one in reading.wanted if one.key == item.target_key]
    link = closest(item.known, places)
    others = [{"url": one.url, "anchor": one.anchor} for one in reading.others]
    cut = {"is_cut": True} if reading.dropped else {}
    return cut | {
        "link": link,
        "others": others,
        "noindex": reading.facts.get("noindex", 0),
        "robots": reading.facts.get("robots", ""),
        "canonical": reading.canonical.key if reading.canonical else "",
        "canonical_url": reading.canonical.url if reading.canonical else "",
        "page_hash": reading.page_hash,
    }


def _validators(
    rows: Sequence[CrawlUrl], items: dict[int, list[CheckItem]], terms: Sequence[str]
) -> dict[int, tuple[tuple[str, str], ...]]:
    """Validators of pages whose links were all found by the very visit that gave them, and which that visit has
    searched for the same brand terms and the same facts."""
    earlier = CrawlUrl.objects.filter(
        key__in=[row.key for row in rows if row.pk in items],
        purpose=PAGE,
        state=CrawlUrl.State.DONE,
        status=200,
        crawl__kind=Crawl.Kind.CHECK,
        crawl__workspace_id=rows[0].crawl.workspace_id if rows else 0,
    ).exclude(etag="", last_modified="")
    latest = {one.key: one for one in earlier.select_related("crawl").order_by("fetched_at")}
    return {
        row.pk: _conditional(latest[row.key])
        for row in rows
        if row.key in latest and _is_answered(latest[row.key], items.get(row.pk, ()), terms)
    }


def _is_answered(visit: CrawlUrl, items: Iterable[CheckItem], terms: Sequence[str]) -> bool:
    looked_for = visit.crawl.results.get("terms"), visit.crawl.results.get("facts")
    return looked_for == (list(terms), pagefacts.VERSION) and all(_is_of(item, visit) for item in items)


def _is_of(item: CheckItem, visit: CrawlUrl) -> bool:
    last = item.known.get("last") or {}
    return bool(last) and last.get("at") == int(visit.fetched_at.timestamp()) and last.get("state") != "unknown"


def _conditional(visit: CrawlUrl) -> tuple[tuple[str, str], ...]:
    pairs = (("If-None-Match", visit.etag), ("If-Modified-Since", visit.last_modified))
    return tuple((name, value) for name, value in pairs if value)
