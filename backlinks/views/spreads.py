"""Distributions: what links and referring domains are like, what the target is about, and which profiles are like it.

Decided: a page of its own, whose fragment the overview fetches once somebody scrolls to it, so that the overview itself
stays quick; without JavaScript it has a link there. Each part of a distribution leads to exactly the rows it counts.
"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from backlinks import index
from backlinks.topics.taxonomy import label_of
from projects import access
from seoapp.lib import charts
from seoapp.lib.htmx import render_page, wants_fragment

from .opengraph import graph_switch
from .reading import Reading, page_context, report_page, whole_domains
from .vendors import LABELS

SIMILAR = 6
TITLES = {
    "country": ("Countries", "countries"),
    "tld": ("TLDs", "tlds"),
    "language": ("Languages", "languages"),
    "kind": ("Kinds of links", ""),
    "rel": ("Rel", ""),
    "placement": ("Where links stand", ""),
    "platform": ("Platforms", ""),
}
ON_OVERVIEW = ("country", "tld")  # these stand there already
NOUNS = {"domains": "referring domains", "links": "links"}
UNKNOWN = {"tld": "(an address)"}
SAID = {"crawl": "read by our crawler", "ahrefs": "as Ahrefs says"}
BRINGS = {
    "placement": "Where a link stands is seen by our own crawler and link checks.",
    "platform": "Platforms come from pages that our own crawler reads, and with Ahrefs' exports.",
    "language": "Languages come with exports by Ahrefs and Semrush, and from pages that our own crawler reads.",
}


@dataclass(frozen=True, slots=True)
class Share:
    """One value; `href` is "" where no filter tells its rows from others."""

    label: str
    count: int
    share: float
    bar: float
    href: str
    is_known: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """One distribution; `brings` says what would tell more where most is not known, `said` who says how many."""

    name: str
    title: str
    noun: str
    shares: list[Share]
    rest: str
    url: str
    brings: str
    said: list[tuple[str, int, str]]


@access.project("client")
@report_page
@require_safe
def distributions(request: HttpRequest, reading: Reading) -> HttpResponse:
    """The page, or its cut that the overview fetches."""
    query = index.pin(reading.query("links"))
    spreads = index.distributions(query)
    own = index.topics_of(query)
    left_out = ON_OVERVIEW if wants_fragment(request) else ()
    context = page_context(request, reading) | {
        "graph_switch": graph_switch(request, reading, query),
        "panels": [_panel(reading, one) for one in spreads if one.parts and one.name not in left_out],
        "own_labels": [label_of(one.topic) for one in own.topics],
        "topics_url": reading.url("topics"),
        "similar": _similar(reading, query),
        "competitors_url": reading.url("competitors"),
    }
    return render_page(request, "backlinks/distributions.html", "backlinks/_distributions.html", context)


def _panel(reading: Reading, spread: index.Spread) -> Panel:
    title, report = TITLES[spread.name]
    whole = sum(one.count for one in spread.parts) + spread.rest
    longest = max(one.count for one in spread.parts)
    known = whole - sum(one.count for one in spread.parts if not one.value)
    rest = f"{spread.rest:,} more in {spread.others:,} others" if spread.rest else ""
    return Panel(
        spread.name,
        title,
        NOUNS[spread.report],
        [_share(reading, spread, one, whole, longest) for one in spread.parts],
        rest,
        reading.url(report) if report else "",
        BRINGS.get(spread.name, "") if 2 * known < whole else "",
        [(SAID[one.value], one.count, reading.url(spread.report, dict(one.filters or {}))) for one in spread.said],
    )


def _share(reading: Reading, spread: index.Spread, part: index.SpreadPart, whole: int, longest: int) -> Share:
    label = LABELS.get(part.value, part.value) or UNKNOWN.get(spread.name, "(not known)")
    href = reading.url(spread.report, dict(part.filters)) if part.filters is not None else ""
    return Share(label, part.count, part.count / whole, charts.bar(part.count, longest), href, bool(part.value))


def _similar(reading: Reading, query: index.LinkQuery) -> list[tuple[index.Similar, str]]:
    """The profiles with the most shared domains, each with its overview; a client's are the project's competitors."""
    found = index.similar_profiles(query, SIMILAR, whole_domains(reading))
    return [(one, reading.of_domain(one.domain).url("overview")) for one in found]
