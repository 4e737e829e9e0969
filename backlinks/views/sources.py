"""Sources: who knows which share of a profile, and what the union adds over the best of them.

The picture is an UpSet plot drawn by the server: a column of it is a set of sources, its height the referring domains
that exactly this set knows. The table below says the same numbers, and each leads to its rows. Domains and links have
tables of their own: a domain that three sources know may have no link that all three know.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Max, Min, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from backlinks import index
from backlinks.models import Import
from projects import access
from seoapp.lib import charts

from .opengraph import graph_switch
from .reading import Reading, page_context, report_page
from .vendors import vendor_label

DRAWN = 15  # regions in the picture; the table holds all of them
ROW, BAR, BAR_WIDTH, LEFT, STEP, HEAD, GAP = 26, 130, 18, 4, 44, 26, 14
SHOWN_IMPORTS = 200


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What one source knows: counts, hrefs to the rows, shares of the union, and what only it knows."""

    name: str
    label: str
    domains: int
    domains_href: str
    only_domains: int
    only_domains_href: str
    links: int
    links_href: str
    only_links: int
    only_links_href: str
    share: float
    files: int
    rows: int
    first_export: date | None
    last_export: date | None

    @property
    def bar(self) -> float:
        return 100 * self.share


@dataclass(frozen=True, slots=True)
class Region:
    """A set of sources, and what exactly this set knows."""

    sources: tuple[str, ...]
    label: str
    domains: int
    domains_href: str
    links: int
    links_href: str
    share: float
    links_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One column of the picture: bar, its number, dots (y, filled) and the line through the filled ones."""

    region: Region
    x: int
    middle: float
    y: float
    height: float
    dots: list[tuple[float, bool]]
    top: float
    bottom: float

    @property
    def bar_x(self) -> float:
        return self.middle - BAR_WIDTH / 2

    @property
    def text_y(self) -> float:
        return self.y - 6


@dataclass(frozen=True, slots=True)
class Picture:
    width: int
    height: int
    step: int
    names: list[tuple[str, float]]
    stripes: list[float]
    marks: list[Mark]
    left_out: int


@dataclass(frozen=True, slots=True)
class Google:
    """Referring domains and links by whether Search Console names them."""

    label: str
    means: str
    domains: int
    domains_href: str
    links: int
    links_href: str


GOOGLE = (
    ("yes", "Yes", "A Search Console list names the page, or its domain."),
    ("no", "No", "Search Console was imported for this target and does not name it. Its lists are samples: no proof."),
    ("unknown", "Unknown", "No Search Console list was imported for this target yet; one would tell."),
)


@access.project("client")
@report_page
def sources(request: HttpRequest, reading: Reading) -> HttpResponse:
    query = index.pin(reading.query("links"))
    by_domain, by_link = index.overlap(query), index.link_overlap(query)
    regions = _regions(reading, by_domain, by_link)
    known = _knowledge(reading, by_domain, by_link)
    union = sum(one.domains for one in by_domain)
    best = max(known, key=lambda one: one.domains, default=None)
    context = page_context(request, reading) | {
        "graph_switch": graph_switch(request, reading, query),
        "knowledge": known,
        "regions": [one for one in regions if one.domains],
        "link_regions": sorted((one for one in regions if one.links), key=lambda one: (-one.links, one.sources)),
        "google": _google(reading, by_domain, by_link),
        "picture": picture(regions, [one.name for one in known]) if len(known) > 1 else None,
        "svg_url": reading.url("sources_svg"),
        "union_domains": union,
        "union_links": sum(one.links for one in by_link),
        "best": best,
        "gain": (union - best.domains) / best.domains if best and best.domains else None,
        "in_all": sum(one.domains for one in by_domain if len(one.sources) == len(known)),
        "imports": Import.objects.filter(project=reading.project, state=Import.State.DONE)[:SHOWN_IMPORTS],
        "all_href": exactly(reading, "domains", tuple(sorted(one.name for one in known))),
        "domains_url": reading.url("domains"),
        "links_url": reading.url("links"),
        "imports_url": reading.url("imports"),
    }
    return render(request, "backlinks/sources.html", context)


def drawn(reading: Reading, by_domain: list[index.Overlap], by_link: list[index.Overlap]) -> Picture:
    """The picture of a target's sources, however many they are."""
    known = _knowledge(reading, by_domain, by_link)
    return picture(_regions(reading, by_domain, by_link), [one.name for one in known])


def _google(reading: Reading, by_domain: list[index.Overlap], by_link: list[index.Overlap]) -> list[Google]:
    """A link counts as known with its domain; without any list, of nothing is anything known."""
    domains, links = sum(one.domains for one in by_domain), sum(one.links for one in by_link)
    named = sum(one.domains for one in by_domain if "gsc" in one.sources)
    known = index.count(reading.query("links", {"known_to_google": "yes"})) if named else 0
    rest = {"yes": (named, known), "no": (domains - named, links - known), "unknown": (0, 0)}
    counts = rest if named else {"yes": (0, 0), "no": (0, 0), "unknown": (domains, links)}
    return [
        Google(
            label,
            means,
            counts[name][0],
            reading.url("domains", {"known_to_google": name}),
            counts[name][1],
            reading.url("links", {"known_to_google": name}),
        )
        for name, label, means in GOOGLE
    ]


def _regions(reading: Reading, by_domain: Iterable[index.Overlap], by_link: Iterable[index.Overlap]) -> list[Region]:
    """Every set of sources that knows a domain or a link, the largest first."""
    domains = {tuple(sorted(one.sources)): one.domains for one in by_domain}
    links = {tuple(sorted(one.sources)): one.links for one in by_link}
    union, all_links = sum(domains.values()), sum(links.values())
    made = [
        Region(
            names,
            " + ".join(vendor_label(one) for one in names) or "No source",
            domains.get(names, 0),
            exactly(reading, "domains", names),
            links.get(names, 0),
            exactly(reading, "links", names),
            domains.get(names, 0) / union if union else 0.0,
            links.get(names, 0) / all_links if all_links else 0.0,
        )
        for names in domains.keys() | links.keys()
    ]
    return sorted(made, key=lambda one: (-one.domains, -one.links, one.sources))


def exactly(reading: Reading, report: str, names: tuple[str, ...]) -> str:
    """URL of the rows that these sources know and no other."""
    return reading.url(report, {"sources_is": ",".join(names)})


def _knowledge(reading: Reading, by_domain: list[index.Overlap], by_link: list[index.Overlap]) -> list[Knowledge]:
    names = {name for one in (*by_domain, *by_link) for name in one.sources}
    union = sum(one.domains for one in by_domain)
    files = {
        row["vendor"]: row
        for row in Import.objects.filter(project=reading.project, state=Import.State.DONE)
        .order_by()
        .values("vendor")
        .annotate(files=Count("pk"), read=Sum("accepted"), first=Min("export_date"), last=Max("export_date"))
    }
    made = [_known(reading, name, by_domain, by_link, union, files.get(name, {})) for name in names]
    return sorted(made, key=lambda one: (-one.domains, -one.links, one.name))


def _known(
    reading: Reading,
    name: str,
    by_domain: list[index.Overlap],
    by_link: list[index.Overlap],
    union: int,
    files: dict[str, Any],
) -> Knowledge:
    domains = sum(one.domains for one in by_domain if name in one.sources)
    return Knowledge(
        name,
        vendor_label(name),
        domains,
        reading.url("domains", {"sources": name}),
        sum(one.domains for one in by_domain if set(one.sources) == {name}),
        exactly(reading, "domains", (name,)),
        sum(one.links for one in by_link if name in one.sources),
        reading.url("links", {"sources": name}),
        sum(one.links for one in by_link if set(one.sources) == {name}),
        exactly(reading, "links", (name,)),
        domains / union if union else 0.0,
        files.get("files", 0),
        files.get("read") or 0,
        files.get("first"),
        files.get("last"),
    )


def picture(regions: list[Region], names: list[str]) -> Picture:
    """An UpSet plot: rows are sources, columns the regions; coordinates in the SVG's own units."""
    drawn = [one for one in regions if one.domains][:DRAWN]
    largest = max((one.domains for one in drawn), default=1)
    rows = {name: HEAD + BAR + GAP + number * ROW + ROW / 2 for number, name in enumerate(names)}
    marks = [_mark(one, number, largest, rows) for number, one in enumerate(drawn)]
    return Picture(
        LEFT * 2 + STEP * max(len(drawn), 1),
        HEAD + BAR + GAP + ROW * len(names),
        STEP,
        [(vendor_label(name), y) for name, y in rows.items()],
        [y - ROW / 2 for number, y in enumerate(rows.values()) if number % 2 == 0],
        marks,
        sum(1 for one in regions if one.domains) - len(drawn),
    )


def _mark(region: Region, number: int, largest: int, rows: dict[str, float]) -> Mark:
    height = BAR * charts.bar(region.domains, largest) / 100
    x = LEFT + number * STEP
    filled = [rows[name] for name in region.sources if name in rows]
    return Mark(
        region,
        x,
        x + STEP / 2,
        HEAD + BAR - height,
        height,
        [(y, y in filled) for y in rows.values()],
        min(filled, default=0),
        max(filled, default=0),
    )
