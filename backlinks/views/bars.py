"""Bars above a list of countries, TLDs or languages: its first ten values with their share, each leading to its rows.

Decided: the bars are the whole report's, whatever filters the list below has, because a share of what is left would
read as a share of the profile. They are drawn by the server; the list below is their table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from backlinks import index
from projects import access
from seoapp.lib import charts

from .cells import EMPTY_WORDS
from .reading import Reading, report_page
from .reports import report_answer

SHOWN = 10
KEYS = {"countries": "country", "tlds": "tld", "languages": "language"}


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    domains: int
    share: float
    length: float
    href: str


@access.project("client")
@report_page
def barred(request: HttpRequest, reading: Reading, report: str) -> HttpResponse:
    """The list of a report with bars above it."""
    return report_answer(
        request, reading, report, page="backlinks/barred.html", around=lambda query: _around(reading, query)
    )


def _around(reading: Reading, query: index.LinkQuery) -> dict[str, Any]:
    rows = [one for one in index.top(query, query.report, SHOWN) if one["domains"]]
    longest = max((one["domains"] for one in rows), default=0)
    return {"bars": [_bar(reading, query.report, one, longest) for one in rows], "most_bars": SHOWN}


def _bar(reading: Reading, report: str, row: Mapping[str, Any], longest: int) -> Bar:
    name = KEYS[report]
    behind = index.row_filters(report, row)["domains"]
    return Bar(
        row[name] or EMPTY_WORDS.get(name, "(not known)"),
        row["domains"],
        row["share"],
        charts.bar(row["domains"], longest),
        reading.url(*behind),
    )
