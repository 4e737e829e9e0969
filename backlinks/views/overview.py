"""Overview: the figures of a profile on one page, each a link to the rows it counts."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from backlinks import index
from projects import access
from seoapp.lib import charts
from seoapp.lib.weburl import display_host, display_url

from .behind import KEYS, figure_urls, row_urls
from .bringing import brings
from .changes.timeline import timeline
from .distribution import distribution
from .network.sight import own_crawls, sight_of
from .opengraph import graph_switch
from .reading import Reading, page_context, report_page
from .since import since
from .standing import course, standing

TOP = 8
MAIN = (
    ("links", "Backlinks"),
    ("referring_domains", "Referring domains"),
    ("hosts", "Referring hosts"),
    ("ips", "IPs"),
    ("subnets", "Subnets"),
)
ONLY_GRAPH = ("graph_domains", "In the graph only")
BREAKDOWNS = (
    ("State", (("live", "Live", "live"), ("lost", "Lost", "lost"), ("unknown", "Unknown", "unknown"))),
    (
        "Rel",
        (("follow", "Follow", "one"), ("nofollow", "Nofollow", "two"), ("rel_unknown", "Unknown", "unknown")),
    ),
    ("Also marked as", (("ugc", "UGC", "four"), ("sponsored", "Sponsored", "two"))),
    (
        "Kind",
        (
            ("text", "Text", "one"),
            ("image", "Image", "three"),
            ("form", "Form", "two"),
            ("frame", "Frame", "four"),
            ("redirect", "Redirect", "five"),
            ("other", "Other", "unknown"),
        ),
    ),
)
HEADS = {"links": "Links", "domains": "Domains", "authority": "Authority"}
# Countries are mostly known of a domain, rarely of a link: their panel counts domains only.
FIGURES_OF = {"domains": ("authority", "links"), "countries": ("domains",)}
# (report, title, figure of the bar, word for an empty name)
TOPS = (
    ("domains", "Top referring domains", "links", ""),
    ("anchors", "Top anchors", "domains", "(no text)"),
    ("pages", "Top linked pages", "domains", ""),
    ("countries", "Countries", "domains", "(not known)"),
    ("tlds", "TLDs", "domains", "(address)"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """`why`: the reason of a value that nobody knows. `note`: what the figure counts."""

    label: str
    value: Any
    href: str
    why: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Breakdown:
    title: str
    parts: list[charts.Part]


@dataclass(frozen=True, slots=True)
class TopRow:
    """`figures` are (value, href) of authority, referring domains and links; `bar` is percent of the longest."""

    name: str
    shown: str
    href: str
    bar: float
    figures: tuple[tuple[int | None, str], ...]


@dataclass(frozen=True, slots=True)
class Top:
    title: str
    url: str
    heads: tuple[str, ...]
    rows: list[TopRow]
    brings: str


@access.project("client")
@report_page
def overview(request: HttpRequest, reading: Reading) -> HttpResponse:
    query = index.pin(reading.query("links"))
    head = index.headline(query)
    context = page_context(request, reading) | {
        "head": head,
        "imports_url": reading.url("imports"),
        "authority": standing(reading, query, head.authority),
        "has_scores": bool(query.scores),
        "graph_switch": graph_switch(request, reading, query),
        "moved": _moved(reading, query),
        "since": since(reading, query, request.looked_before),  # type: ignore[attr-defined]
    }
    if head.links or head.referring_domains:
        course = timeline(request, reading, query, lambda: head.first_seen)
        context |= _profile(reading, query, head) | {"timeline": course, "period": course.period}
        context["keep"] = reading.carried | course.period.asked
    return render(request, "backlinks/overview.html", context)


def _moved(reading: Reading, query: index.LinkQuery) -> tuple[index.Moved, str] | None:
    """Where the target redirects to, with the overview of that domain; a client reads only its own there."""
    found = index.moved_to(query)
    if found is None:
        return None
    return found, "" if reading.is_narrow else reading.of_domain(found.domain).url("overview")


def _profile(reading: Reading, query: index.LinkQuery, head: index.Headline) -> dict[str, Any]:
    urls = figure_urls(reading)
    return {
        "figures": [*_figures(head, urls), _outbound(reading)],
        "dates": [
            Figure("First seen", head.first_seen, urls["first_seen"]),
            Figure("Last seen", head.last_seen, urls["last_seen"]),
        ],
        "breakdowns": [_breakdown(urls, head, title, names) for title, names in BREAKDOWNS],
        "course": course(reading),
        "distribution": distribution(reading, query),
        "distributions_url": reading.url("distributions"),
        "tops": [_top(reading, query, *one) for one in TOPS],
    }


def _figures(head: index.Headline, urls: Mapping[str, str]) -> list[Figure]:
    """The main figures; how many domains only the graph knows, where there are such."""
    names = (*MAIN, *((ONLY_GRAPH,) if head.graph_domains else ()))
    unknown = index.why_unknown(asdict(head))
    notes = dict.fromkeys((name for name, _ in MAIN), "lost ones included") | {
        "links": f"{head.lost:,} of them lost",
        ONLY_GRAPH[0]: "of the referring domains",
    }
    return [
        Figure(label, None if name in unknown else getattr(head, name), urls[name], unknown.get(name, ""), notes[name])
        for name, label in names
    ]


def _outbound(reading: Reading) -> Figure:
    """What the domain links to by profiles and crawls; the open graph is asked on the page of its own."""
    count = index.outbound.count(sight_of(reading), reading.target.domain, own_crawls(reading))
    return Figure("Outbound domains by links", count, reading.url("outbound", {index.GRAPH: index.GRAPH_OFF}))


def _breakdown(
    urls: Mapping[str, str], head: index.Headline, title: str, names: Iterable[tuple[str, str, str]]
) -> Breakdown:
    return Breakdown(
        title, charts.parts(head.links, ((label, getattr(head, name), urls[name], tone) for name, label, tone in names))
    )


def _top(reading: Reading, query: index.LinkQuery, report: str, title: str, by: str, empty: str) -> Top:
    rows = index.top(query, report, TOP)
    names = FIGURES_OF.get(report, ("domains", "links"))
    longest = max((row[by] for row in rows), default=0)
    made = [_top_row(reading, report, row, empty, names, charts.bar(row[by], longest)) for row in rows]
    return Top(title, reading.url(report), tuple(HEADS[name] for name in names), made, brings(reading, report))


def _top_row(
    reading: Reading, report: str, row: Mapping[str, Any], empty: str, names: tuple[str, ...], bar: float
) -> TopRow:
    urls, key = row_urls(reading, report, row), KEYS[report]
    name = row[key] or empty if row.get("anchor_known", 1) else "(not known)"
    shown = (
        _short(reading, name) if report == "pages" else display_host(name) if report in ("domains", "tlds") else name
    )
    return TopRow(name, shown, urls[key], bar, tuple(_figure(row, one, urls) for one in names))


def _figure(row: Mapping[str, Any], name: str, urls: Mapping[str, str]) -> tuple[int | None, str]:
    """A count with its rows; a score, rounded, with its reasons."""
    if name == "authority":
        return (round(row[name]) if row[name] >= 0 else None), urls.get(name, "")
    return row[name], urls[name]


def _short(reading: Reading, url: str) -> str:
    """A page of the target's own host by its path (pages are told apart without scheme and www), any other in full."""
    parts = urlsplit(url)
    own = parts.netloc.removeprefix("www.") == reading.target.host.removeprefix("www.")
    return url.partition(parts.netloc)[2] if own else display_url(url)
