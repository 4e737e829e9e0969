"""The reports that are lists: links, and what they add up to by domain, host, anchor, page, IP, country and TLD."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from backlinks import index
from backlinks.topics.taxonomy import labels as topic_labels
from projects import access, audit
from seoapp.lib import tables
from seoapp.lib.htmx import wants_fragment

from .bringing import empty
from .cells import Cells, value_of
from .opengraph import OF_DOMAINS, graph_switch
from .reading import Reading, page_context, report_page
from .reasons import REDIRECTS
from .saving.marks import seen_query, with_bulk, with_marks
from .saving.offers import with_offers
from .vendors import LABELS

IN_GROUP = index.Column(
    "in_group", "Stands for", "int", default=True, sortable=False, help="How many links this row stands for."
)
GROUPS = (("all", "All links"), ("domain", "One per domain"), ("similar", "Similar as one"))
# Short rows of figures, which are read down a column: on a phone their first column stays, the rest scrolls.
FIGURES_ONLY = frozenset(("countries", "tlds", "languages"))
SECTIONS = tuple((title, tuple(one.name for one in columns)) for title, columns in index.LINK_SECTIONS)


@dataclass(frozen=True, slots=True)
class Report:
    """`name` is the report of the index and the page's URL name."""

    name: str
    title: str
    about: str


REPORTS = {
    one.name: one
    for one in (
        Report("links", "Backlinks", "Every link known, with what each source says about it."),
        Report("domains", "Referring domains", "Registrable domains that link, also those that a source only names."),
        Report("hosts", "Referring hosts", "Hosts with at least one known link."),
        Report("anchors", "Anchors", "Visible text of the links."),
        Report("pages", "Indexed pages", "Pages of the target that links lead to."),
        Report("ips", "Referring IPs", "Addresses that referring domains were seen at."),
        Report("subnets", "Subnets", "Networks of those addresses: /24 of IPv4, /48 of IPv6."),
        Report(
            "networks", "Networks", "Who announces the addresses of links and referring domains: AS number and name."
        ),
        Report("countries", "Countries", "Countries of the referring domains' addresses."),
        Report("tlds", "TLDs", "Last labels of the referring domains."),
        Report("languages", "Languages", "Languages of the pages that link, as exports and our own crawl say."),
    )
}


@access.project("client")
@report_page
def report(request: HttpRequest, reading: Reading, report: str) -> HttpResponse:
    """A page, a fragment, or with `export=csv` all rows of the report."""
    return report_answer(request, reading, report)


def report_answer(
    request: HttpRequest,
    reading: Reading,
    report: str,
    *,
    page: str = "backlinks/report.html",
    around: Callable[[index.LinkQuery], dict[str, Any]] | None = None,
) -> HttpResponse:
    """The same on a page of its own; `around` makes what stands above the list, where the whole page is asked for."""
    query = reading.query(report, request.GET)
    context = page_context(request, reading) | {"report": REPORTS[report]}
    if report in OF_DOMAINS:
        query = index.pin(query)
        context |= {"graph_switch": graph_switch(request, reading, query)}
    if around is not None and not wants_fragment(request) and "export" not in request.GET:
        query = index.pin(query)
        context |= around(query)
    made, query = listing(request, reading, query)
    made = with_bulk(request, reading, with_offers(request, reading, made, report), query)
    return tables.answer(request, made, query, page=page, context=context, keep=reading.carried)


def listing(request: HttpRequest, reading: Reading, query: index.LinkQuery) -> tuple[tables.Listing, index.LinkQuery]:
    """The list of a report on what is being read, with marks for whoever sees them; the query as he may ask it."""
    query = seen_query(request, query)
    return with_marks(request, reading, _listing(reading, query)), query


def _listing(reading: Reading, query: index.LinkQuery) -> tables.Listing:
    about = REPORTS[query.report]
    grouped = query.group != "all"
    columns = index.columns(query.report)
    return tables.Listing(
        name=about.name,
        title=f"{about.title} of {reading.label}",
        columns=(columns[0], IN_GROUP, *columns[1:]) if grouped else columns,
        fetch=index.fetch,
        stream=index.stream,
        file_name=f"{reading.target.label}-{about.name}-{datetime.now(UTC):%Y-%m-%d}",
        cells=Cells(reading, query),
        value=value_of,
        row_url=_link_url(reading) if query.report == "links" else None,
        row_label="Everything known of this link",
        showing=lambda asked, names: asked.showing(names),
        sections=SECTIONS if query.report == "links" else (),
        groups=GROUPS if query.report == "links" else (),
        labels={**LABELS, **REDIRECTS, **topic_labels()},
        per_page=index.PAGE_SIZES,
        exported=_record_export(reading),
        count=index.count if query.report == "links" and not grouped else None,
        empty=empty(reading, about.name, about.title),
        stacks=about.name not in FIGURES_ONLY,
    )


def _link_url(reading: Reading) -> Any:
    return lambda row: reading.url("link", link_id=row["link_id"])


def _record_export(reading: Reading) -> Any:
    def exported(request: HttpRequest, state: tables.State) -> None:
        audit.record_request(
            request,
            "export",
            reading.project.workspace,
            f"{state.listing.name} of {reading.target}",
            project=reading.project.pk,
            parameters=state.query.params(),
            columns=[one.name for one in state.shown],
        )

    return exported
