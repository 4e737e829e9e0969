"""What is said of a crawl in numbers: its addresses by what became of them, why not, and what was found on them.

Decided: *Pages read* are answers that were read (2xx, or 304 where a check finds a page unchanged). A redirect has no
page, so it is a figure of its own, though the limit of a crawl counts it: each costs a request. Every figure leads to
the rows it counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from backlinks import index
from backlinks.crawl.frontier import key_hash
from backlinks.crawl.models import Crawl, CrawlUrl
from backlinks.crawl.plans import COPIES_FOLLOWED
from backlinks.crawl.storing import batch_of
from seoapp.lib.weburl import BadUrl, parse

from .reading import Reading
from .reasons import in_words

IS_REDIRECT = Q(status__gte=300, status__lt=400) & ~Q(status=304)
PAGES = {"purpose": "page"}
READ = {**PAGES, "state": "done", "is_redirect": "no"}
# (name in `_counted`, its label, parameters of the list of its addresses)
BY_STATE = (
    ("read", "Pages read", READ),
    ("redirects", "Redirects", {**PAGES, "state": "done", "is_redirect": "yes"}),
    ("queued", "Waiting", {**PAGES, "state": "queued"}),
    ("failed", "Errors", {**PAGES, "state": "failed"}),
    ("skipped", "Left out", {**PAGES, "state": "skipped"}),
)
BY_PURPOSE = (("target", "Targets visited"), ("sitemap", "Sitemaps"), ("feed", "Feeds"))
# Pages that were read though their links may not be followed: (label, how their reason begins, remark).
COPIES = (
    ("Same text as another page", "The same text as ", f"read; only the first {COPIES_FOLLOWED} copies are followed"),
    ("Names another page as the original", "It names ", "read; only the original is followed"),
)
COPY = {**PAGES, "state": "done", "code": "duplicate"}
COPY_COLUMNS = "url.state.status.reason.title.depth.links"
REMARKS = {"address_refused": "; whoever runs this installation may allow it: docs/crawling.md, Limits"}
NO_ANSWER = ("connect", "tls", "timeout")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a crawl, the list of what it counts, and a remark."""

    label: str
    value: int
    href: str
    note: str = ""


def address_counts(own: Reading, made: Crawl) -> list[Figure]:
    """What became of the addresses, by state and purpose."""
    counted = _counted(made)
    shown = [one for one in BY_STATE if one[0] != "redirects" or counted.get("redirects")]
    figures = [
        Figure(label, counted.get(name, 0), own.url("crawl_pages", params, crawl_id=made.pk))
        for name, label, params in shown
    ]
    return figures + [
        Figure(label, counted[purpose], own.url("crawl_pages", {"purpose": purpose}, crawl_id=made.pk))
        for purpose, label in BY_PURPOSE
        if counted.get(purpose)
    ]


def _counted(made: Crawl) -> dict[str, int]:
    rows = (
        CrawlUrl.objects.filter(crawl=made)
        .values("state", "purpose")
        .annotate(n=Count("pk"), redirects=Count("pk", filter=IS_REDIRECT))
        .order_by()
    )
    counted: dict[str, int] = {}
    for row in rows:
        if row["purpose"] != CrawlUrl.Purpose.PAGE:
            counted[row["purpose"]] = counted.get(row["purpose"], 0) + row["n"]
        elif row["state"] == CrawlUrl.State.DONE:
            counted |= {"read": row["n"] - row["redirects"], "redirects": row["redirects"]}
        else:
            counted[row["state"]] = row["n"]
    return counted


def pages_read(crawls: Sequence[Crawl]) -> dict[int, int]:
    """Crawl -> pages that it has read; of one whose addresses were forgotten, all that it has visited."""
    rows = CrawlUrl.objects.filter(crawl__in=crawls, state=CrawlUrl.State.DONE, purpose=CrawlUrl.Purpose.PAGE)
    counted = rows.values("crawl").annotate(n=Count("pk", filter=~IS_REDIRECT)).order_by()
    found = {row["crawl"]: row["n"] for row in counted}
    return {one.pk: found.get(one.pk, one.pages) for one in crawls}


def reasons(own: Reading, made: Crawl) -> list[Figure]:
    """Why addresses were not read: errors and those left out, by reason."""
    rows = (
        CrawlUrl.objects.filter(crawl=made, purpose="page", state__in=("failed", "skipped"))
        .values("state", "code")
        .annotate(n=Count("pk"))
        .order_by("state", "-n")
    )
    return [
        Figure(
            in_words(row["code"]) or "No reason was kept",
            row["n"],
            own.url("crawl_pages", {**PAGES, "state": row["state"], "code": row["code"]}, crawl_id=made.pk),
            CrawlUrl.State(row["state"]).label + REMARKS.get(row["code"], ""),
        )
        for row in rows
    ]


def copies(own: Reading, made: Crawl) -> list[Figure]:
    """Pages that were read and not followed like others, by reason: where they led is not all known."""
    rows = CrawlUrl.objects.filter(crawl=made, **COPY)
    figures = [
        Figure(label, rows.filter(reason__startswith=begins).count(), _copies_url(own, made, begins), note)
        for label, begins, note in COPIES
    ]
    return [one for one in figures if one.value]


def _copies_url(own: Reading, made: Crawl, begins: str) -> str:
    return own.url("crawl_pages", {**COPY, "reason": begins.strip(), "cols": COPY_COLUMNS}, crawl_id=made.pk)


def found(own: Reading, made: Crawl) -> dict[str, Any]:
    """Figures out of the index; only when nothing moves any more, because they are counted."""
    if made.kind == Crawl.Kind.CHECK or made.is_active or not made.pages:
        return {}
    try:
        figures = index.crawl_figures(batch_of(made))
    except index.IndexUnavailable as error:
        return {"index_away": str(error)}
    return {"figures": list(_found(own, made, figures))}


def _found(own: Reading, made: Crawl, figures: index.CrawlFigures) -> Iterable[Figure]:
    urls = {name: own.url(f"crawl_{name}", crawl_id=made.pk) for name in ("links", "domains", "broken", "worth")}
    orphans = own.url("crawl_structure", {"orphan": "yes"}, crawl_id=made.pk)
    yield Figure("Outbound links", figures.links, urls["links"], "each pair of pages once")
    yield Figure("Outbound domains", figures.domains, urls["domains"])
    yield Figure("Pages that answer with an error", figures.broken, urls["broken"])
    yield Figure("Orphan pages", figures.orphans, orphans)
    yield Figure("Pages worth a link", figures.worth, urls["worth"])


def by_http(made: Crawl) -> str:
    """The start of a site crawl by http, where its first page gave no answer by https; "" where that is no help."""
    start = made.starts[0] if made.starts else ""
    if made.kind != Crawl.Kind.SITE or not start.startswith("https://"):
        return ""
    try:
        key = key_hash(parse(start).key)
    except BadUrl:
        return ""
    row = CrawlUrl.objects.filter(crawl=made, purpose=CrawlUrl.Purpose.PAGE, key=key).first()
    return f"http://{start.removeprefix('https://')}" if row and _gave_no_answer(row) else ""


def _gave_no_answer(row: CrawlUrl) -> bool:
    """Of a site that does not answer, robots.txt is what is asked first: its reason names the code."""
    if row.state != CrawlUrl.State.FAILED:
        return False
    blocked = row.code == "robots_unreachable"
    return row.code in NO_ANSWER or (blocked and any(f"({code})" in row.reason for code in NO_ANSWER))
