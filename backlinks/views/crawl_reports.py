"""What a crawl found, as lists: its addresses, outbound domains and links, broken pages, structure, pages worth a link.

Decided: addresses are rows of the database, all else are reports of the index over the crawl's batch. `?of=` keeps a
list to one domain or page, exactly; numbers of one list lead to the other that way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from backlinks import index
from backlinks.crawl.models import Crawl, CrawlUrl
from backlinks.crawl.storing import batch_of
from projects import access
from projects.models import Project
from seoapp.lib import tables
from seoapp.lib.listquery import Field, ListQuery

from .crawl_figures import IS_REDIRECT
from .crawl_tabs import tabs_of
from .crawls import found_crawl
from .exports import record_export
from .reading import Reading
from .reasons import in_words, tone

MAX_OF = 8192
STATES = {one.value: one.label.lower() for one in CrawlUrl.State}
PURPOSES = {one.value: one.label for one in CrawlUrl.Purpose}
# Report -> (title, what it lists, what an empty one says).
ABOUT = {
    "domains": (
        "Outbound domains",
        "Other sites that the pages of this crawl link to.",
        "The pages that were read link to no other site.",
    ),
    "links": (
        "Outbound links",
        "Links from the pages of this crawl to other sites, each pair of pages once.",
        "The pages that were read link to no other site.",
    ),
    "broken": (
        "Pages that answer with an error",
        "Addresses that this crawl saw answer 4xx or 5xx, and the pages that lead there. Where the target is yours, a "
        "redirect wins its links back; where it is a stranger's, your page may take its place.",
        "Every page that was asked has answered well.",
    ),
    "inlinks": (
        "Pages that lead here",
        "Pages of this crawl that link or redirect to one address.",
        "No page of this crawl leads there: a sitemap, a feed or the start list names it.",
    ),
    "structure": (
        "Structure",
        "Pages that were read, by how many others lead to them and how many clicks they are from the first. An orphan "
        "is named by a sitemap or feed only.",
        "No page was read.",
    ),
    "worth": (
        "Pages worth a link",
        f"Pages that may be indexed, with {index.WORTH_WORDS} words or more. Worth = log2(2 + pages that lead here) ÷ "
        "(1 + outbound links per 1,000 words): many pages of the site lead to it, few links share it. A page of "
        f"resources links to {index.RESOURCE_DOMAINS} other sites or more, with {index.RESOURCE_SHARE} links or more "
        "per 1,000 words: it lists others already, so ask to be added.",
        f"No page that was read may be indexed and has {index.WORTH_WORDS} words.",
    ),
}


@access.project("viewer")
@require_safe
def crawl_report(request: HttpRequest, project: Project, crawl_id: int, report: str) -> HttpResponse:
    """A report of the index: page, fragment or CSV."""
    made = found_crawl(project, crawl_id)
    try:
        return _report(request, Reading(project, project.target, {}), made, report)
    except index.IndexUnavailable as error:
        return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)


def _report(request: HttpRequest, own: Reading, made: Crawl, report: str) -> HttpResponse:
    about = index.CRAWL_REPORTS[report]
    of = _kept_to(request) if about.of else ""
    query = ListQuery.parse(about.fields, request.GET, sort=about.sort)
    title, explained, none = ABOUT[report]
    batch = batch_of(made)
    listing = tables.Listing(
        name=f"crawl-{report}",
        title=f"{title} of {made}",
        columns=about.fields,
        fetch=lambda asked: index.crawl_rows(batch, report, asked, of),
        stream=lambda asked: index.crawl_stream(batch, report, asked, of),
        file_name=f"{own.project.target}-crawl-{made.pk}-{report}",
        cells=Cells(own, made, report),
        exported=record_export(own.project, made),
        stacks=True,
        empty=tables.Empty("Nothing to list", none, own.url("crawl", crawl_id=made.pk), "Back to the crawl"),
    )
    context = _context(own, made, f"crawl_{report}") | {
        "title": title,
        "about": explained,
        "of": of,
        "of_word": "on" if about.of == "page" else "to",
        "all_url": own.url("crawl_broken" if report == "inlinks" else f"crawl_{report}", crawl_id=made.pk),
    }
    keep = {"of": of} if of else {}
    return tables.answer(request, listing, query, page="backlinks/crawl_report.html", context=context, keep=keep)


def _kept_to(request: HttpRequest) -> str:
    text = request.GET.get("of", "")
    return text if "\0" not in text and len(text) <= MAX_OF and text.isprintable() else ""


def _context(own: Reading, made: Crawl, here: str) -> dict[str, Any]:
    return {"project": own.project, "own": own, "made": made, "tabs": tabs_of(own, made, here)}


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of a report's row: numbers lead to what they count, addresses lead out."""

    own: Reading
    made: Crawl
    report: str

    def __call__(self, columns: Sequence[tables.Column], row: Mapping[str, Any]) -> list[tables.Cell]:
        urls = self._urls(row)
        return [
            tables.Cell(
                one,
                tables.value_of(one, row),
                href=urls.get(one.name, ""),
                external=one.kind == "url",
                empty=_empty(one),
            )
            for one in columns
        ]

    def _urls(self, row: Mapping[str, Any]) -> dict[str, str]:
        if self.report == "domains":
            return self._of_domain(row["target_domain"])
        if self.report in ("inlinks", "links"):
            return {}
        return {"inlinks": self._to("crawl_inlinks", of=row["page_key"])} if row["inlinks"] else {}

    def _of_domain(self, domain: str) -> dict[str, str]:
        links = self._to("crawl_links", of=domain)
        return {
            "target_domain": links,
            "links": links,
            "pages": links,
            "follow": self._to("crawl_links", of=domain, nofollow="no"),
            "nofollow": self._to("crawl_links", of=domain, nofollow="yes"),
        }

    def _to(self, name: str, **params: str) -> str:
        return self.own.url(name, params, crawl_id=self.made.pk)


def _empty(column: tables.Column) -> str:
    return "(no text)" if column.name in ("anchor", "title") else ""


# --- Addresses: rows of the database ----------------------------------------------------------------------------------
@access.project("viewer")
@require_safe
def crawl_pages(request: HttpRequest, project: Project, crawl_id: int) -> HttpResponse:
    """Every address that the crawl knew, and what became of it."""
    made = found_crawl(project, crawl_id)
    own = Reading(project, project.target, {})
    rows = CrawlUrl.objects.filter(crawl=made).annotate(
        is_redirect=ExpressionWrapper(IS_REDIRECT, output_field=BooleanField())
    )
    codes = tuple(rows.exclude(code="").order_by("code").values_list("code", flat=True).distinct())
    fields = address_fields(codes)
    listing = tables.Listing(
        name="crawl-pages",
        title=f"Addresses of {made}",
        columns=fields,
        fetch=lambda asked: asked.fetch(rows),
        stream=lambda asked: asked.stream(rows),
        file_name=f"{project.target}-crawl-{made.pk}-addresses",
        cells=address_cells,
        value=address_value,
        labels=STATES | PURPOSES | {code: in_words(code) for code in codes},
        exported=record_export(project, made),
        stacks=True,
        empty=tables.Empty(
            "No address yet", "The crawl has not begun.", own.url("crawl", crawl_id=made.pk), "Its page"
        ),
    )
    context = _context(own, made, "crawl_pages") | {
        "title": "Addresses",
        "about": "Every address that this crawl knew: read, waiting, not read, or left out on purpose, and why.",
    }
    query = ListQuery.parse(fields, request.GET, sort="-fetched_at")
    return tables.answer(request, listing, query, page="backlinks/crawl_report.html", context=context)


def address_fields(codes: tuple[str, ...]) -> tuple[Field, ...]:
    """The columns; the codes to choose from are those that occur."""
    return (
        Field("url", "Address", "url", "text"),
        Field("state", "State", "state", "choice", tuple(STATES)),
        Field("purpose", "What for", "text", "choice", tuple(PURPOSES), default=False),
        Field("status", "HTTP", "int", "number"),
        Field("code", "Why not", "text", "choice", codes),
        Field("reason", "In its words", "text", "text", default=False),
        Field("title", "Title", "text", "text"),
        Field("depth", "Clicks", "int", "number", help="Clicks from the first page."),
        Field("links", "Links", "int", "number", help="All links on the page."),
        Field("is_redirect", "Redirect", "bool", "flag", default=False, sortable=False),
        Field("redirect", "Redirects to", "url", "text", default=False),
        Field("found_on", "Found on", "url", "text", default=False),
        Field("bytes", "Bytes", "int", "number", default=False),
        Field("seconds", "Milliseconds", "int", default=False),
        Field("attempts", "Tries", "int", "number", default=False),
        Field("ip", "IP", "text", "text", default=False),
        Field("fetched_at", "Asked at", "datetime", "date"),
    )


def address_cells(columns: Sequence[tables.Column], row: CrawlUrl) -> list[tables.Cell]:
    return [_address_cell(one, row) for one in columns]


def _address_cell(column: tables.Column, row: CrawlUrl) -> tables.Cell:
    value = address_value(column, row)
    if column.name == "state":
        return tables.Cell(replace(column, kind=f"state-{tone(row.state)}"), value)
    return tables.Cell(column, value, external=column.kind == "url")


def address_value(column: tables.Column, row: CrawlUrl) -> Any:
    if column.name == "state":
        return STATES[row.state]
    if column.name == "purpose":
        return PURPOSES[row.purpose]
    if column.name == "code":
        return in_words(row.code)
    if column.name == "seconds":
        return round(row.seconds * 1000) if row.fetched_at else None
    found = tables.value_of(column, row)
    return None if column.name == "status" and not found else found
