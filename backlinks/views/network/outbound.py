"""Outbound domains: what the site that is being read links to.

Decided: the list is of the whole domain, whatever part of it is read, because the rows are edges between domains. Who
sees named projects only is shown what its project and competitors receive, what the open data knows, and what crawls
of its own site found there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from backlinks import index
from backlinks.views.bringing import ASK
from backlinks.views.exports import record_export
from backlinks.views.reading import Reading, page_context, report_page
from backlinks.views.standing import score_url_of
from backlinks.views.vendors import LABELS, vendor_label
from projects import access
from seoapp.lib import tables
from seoapp.lib.listquery import ListQuery
from seoapp.lib.tables import Link

from .sight import own_crawls, sight_of

BRINGS = (
    "A crawl of the site finds all that its pages link to; imports of other profiles, and Common Crawl's graph and "
    "pages, name it where it links to others."
)
FIGURES = (
    ("domains", "Outbound domains", {}),
    ("links", "Links", {"sort": "-links"}),
    ("follow", "Follow", {"follow_min": "1"}),
    ("nofollow", "Nofollow", {"nofollow_min": "1"}),
    ("lost", "Lost domains", {"state": "lost"}),
)
COUNTED = frozenset(("links", "follow", "nofollow"))
NO_LINKS = "Common Crawl's graph names domains, not their links"
ONLY_GRAPH = ("graph_domains", "In the graph only", {"sources": "commoncrawl", "links_max": "0"})


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    value: int
    href: str


@access.project("client")
@report_page
@require_safe
def outbound(request: HttpRequest, reading: Reading) -> HttpResponse:
    """A page, a fragment, or an export of all rows."""
    asked = index.outbound.of_domain(
        sight_of(reading), reading.target.domain, with_graph=reading.with_graph, crawls=own_crawls(reading)
    )
    query = ListQuery.parse(index.outbound.FIELDS, request.GET, sort=index.outbound.SORT)
    context = page_context(request, reading) | {
        "figures": _figures(reading, index.outbound.figures(asked)),
        "graph_words": _graph_words(asked),
        "graph_choices": _graph_choices(reading, asked),
        "is_part": reading.target.scope != "root",
    }
    listing = _listing(reading, asked)
    return tables.answer(request, listing, query, page="backlinks/outbound.html", context=context, keep=reading.carried)


def _listing(reading: Reading, asked: index.outbound.Outbound) -> tables.Listing:
    return tables.Listing(
        name="outbound",
        title=f"Domains that {reading.target.domain} links to",
        columns=index.outbound.FIELDS,
        fetch=lambda query: index.outbound.rows(asked, query),
        stream=lambda query: index.outbound.stream(asked, query),
        file_name=f"{reading.target.domain}-outbound-{datetime.now(UTC):%Y-%m-%d}",
        cells=Cells(reading, asked),
        value=value_of,
        labels=LABELS,
        exported=record_export(reading.project, reading.target),
        stacks=True,
        empty=_empty(reading),
    )


def _empty(reading: Reading) -> tables.Empty:
    first, *more = sorted(reading.ways, key=lambda way: not way[0].startswith("Start")) or (("", ""),)
    return tables.Empty(
        f"No domain is known that {reading.target.domain} links to",
        ASK if reading.is_narrow else BRINGS,
        first[1],
        first[0],
        tuple(more),
    )


def _figures(reading: Reading, found: index.outbound.OutboundFigures) -> list[Figure]:
    names = (*FIGURES, *((ONLY_GRAPH,) if found.graph_domains else ()))
    return [Figure(label, getattr(found, name), reading.url("outbound", params)) for name, label, params in names]


def _graph_words(asked: index.outbound.Outbound) -> str:
    """What the open graph has to do with this page, where it was not simply asked."""
    name = asked.release.release if asked.release else ""
    if asked.graph_state == "costly":
        edges = asked.release.edges if asked.release else 0
        return (
            f"Common Crawl's graph of {name} is not asked here: its {edges:,} links lie in the order of their targets, "
            "and all of them would have to be read to find those of one site." + _linked_in_graph(asked)
        )
    if asked.graph_state == "absent":
        return f"Common Crawl's graph of {name} does not know this domain."
    return ""


def _linked_in_graph(asked: index.outbound.Outbound) -> str:
    """How many domains it links to there is known to the scores."""
    row = index.score_rows(asked.scores, [asked.domain]).get(asked.domain)
    return f" By the computed scores it links to {row['linked_domains']:,} domains." if row else ""


def _graph_choices(reading: Reading, asked: index.outbound.Outbound) -> list[Link]:
    if asked.graph_state not in ("asked", "off"):
        return []
    with_it = Reading(reading.project, reading.target, reading.keep).url("outbound")
    without = Reading(reading.project, reading.target, reading.keep, with_graph=False).url("outbound")
    return [Link("included", with_it, reading.with_graph), Link("left out", without, not reading.with_graph)]


def value_of(column: tables.Column, row: Mapping[str, Any]) -> Any:
    """Of a domain that only the open graph names no link is known, so none is counted either."""
    if column.name in COUNTED and not row["links"] and row["sources"] == ["commoncrawl"]:
        return None
    found = tables.value_of(column, row)
    return [vendor_label(one) for one in found] if column.name == "sources" else found


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of a row: its numbers lead to the links that they count, for whoever may read the domain they lead to."""

    reading: Reading
    asked: index.outbound.Outbound

    def __call__(self, columns: Sequence[tables.Column], row: Mapping[str, Any]) -> list[tables.Cell]:
        urls = self._urls(row)
        return [self._cell(one, value_of(one, row), urls) for one in columns]

    def _cell(self, column: tables.Column, value: Any, urls: Mapping[str, str]) -> tables.Cell:
        if value is None and column.name in COUNTED:
            return tables.Cell(column, None, why=NO_LINKS)
        return tables.Cell(column, value, href=urls.get(column.name, ""))

    def _urls(self, row: Mapping[str, Any]) -> dict[str, str]:
        domain, only = row["target_domain"], self.asked.sight.only
        if only is not None and domain not in only:
            return {}
        behind = {"source_domain_is": self.asked.domain}
        urls = {"target_domain": self._of(domain, "overview")}
        if row["links"]:
            urls |= {"links": self._of(domain, "links", behind)}
            urls |= {name: self._of(domain, "links", behind | {"state": name}) for name in ("live", "lost", "unknown")}
            urls["follow"] = self._of(domain, "links", behind | {"nofollow": "no"})
            urls["nofollow"] = self._of(domain, "links", behind | {"nofollow": "yes"})
        return urls | ({"authority": score_url_of(self.reading, domain)} if row.get("authority", -1) >= 0 else {})

    def _of(self, domain: str, page: str, params: Mapping[str, str] | None = None) -> str:
        return self.reading.url(page, {"target": domain, "scope": "root", **(params or {})})
