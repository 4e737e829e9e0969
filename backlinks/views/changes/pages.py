"""Indexed pages: the pages of a target that links lead to, how each answers, and what each gained and lost.

Decided: the report is the one of the index, as every list; what is new, lost and grown counts in a range of days that
stands above the list and in its URL. Refused: a page of its own for each target page, because every number leads to its
links, and the search bar reads a page as any other target.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse

from backlinks import index
from backlinks.views import reports
from backlinks.views.reading import Reading, page_context, report_page
from backlinks.views.saving.offers import with_offers
from projects import access
from seoapp.lib import tables

from .spans import Period, period_of

KEPT_DAYS = ("range", "since", "until")


@access.project("client")
@report_page
def target_pages(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Page, fragment or export."""
    parsed = reading.query("pages", request.GET)
    period = period_of(request, lambda params: reading.url("pages", params), lambda: index.first_day(parsed))
    days = {name: text for name, text in period.asked.items() if name in KEPT_DAYS}
    query = replace(parsed, span=(period.span.first, period.span.last))
    keep = reading.carried | days
    made, query = _listing(request, reading, query, period)
    made = with_offers(request, reading, made, "pages")
    context = page_context(request, reading) | {"report": reports.REPORTS["pages"], "period": period, "keep": keep}
    return tables.answer(request, made, query, page="backlinks/pages.html", context=context, keep=keep)


def _listing(
    request: HttpRequest, reading: Reading, query: index.LinkQuery, period: Period
) -> tuple[tables.Listing, index.LinkQuery]:
    base, asked = reports.listing(request, reading, query)

    def cells(columns: Sequence[tables.Column], row: Mapping[str, Any]) -> list[tables.Cell]:
        urls = _urls(reading, row, period)
        return [
            replace(
                one, value=_value(one.column, row), href=urls.get(one.column.name, one.href) if one.value else one.href
            )
            for one in base.cells(columns, row)
        ]

    return replace(base, cells=cells, value=_value), asked


def _urls(reading: Reading, row: Mapping[str, Any], period: Period) -> dict[str, str]:
    """What a page gained and lost leads to these links."""
    page = {"target_url_is": row["target_url"]}
    first, last = period.span.first.isoformat(), period.span.last.isoformat()
    lost = page | {"state": "lost", "lost_at_from": first, "lost_at_to": last}
    return {
        "new_links": reading.url("links", page | {"first_seen_from": first, "first_seen_to": last}),
        "lost_links": reading.url("links", lost),
    }


def _value(column: tables.Column, row: Mapping[str, Any]) -> Any:
    found = reports.value_of(column, row)
    return (found or None) if column.name == "status" else found
