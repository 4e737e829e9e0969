"""The reports that are lists: links, and what they add up to by domain, host, anchor, page, IP, country and TLD."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from backlinks import index
from projects import access, audit
from seoapp.lib import tables

from .behind import group_members, row_urls, score_url
from .bringing import empty
from .opengraph import OF_DOMAINS, graph_switch
from .reading import Reading, page_context, report_page
from .vendors import LABELS, vendor_label

IN_GROUP = index.Column(
    "in_group", "Stands for", "int", default=True, sortable=False, help="How many links this row stands for."
)
GROUPS = (("all", "All links"), ("domain", "One per domain"), ("similar", "Similar as one"))
# The index writes 0 where nobody knows these.
ZERO_IS_UNKNOWN = frozenset(("http_status",))
_PAGE = (
    "source_url title source_domain authority source_host language tld country http_status ip subnet ext_links "
    "int_links"
)
_LINK = (
    "target_url target_host anchor alt context_left context_right kind nofollow ugc sponsored redirect_chain flags "
    "occurrences group_count sources"
)
_VENDORS = (
    "ahrefs_dr ahrefs_ur semrush_page_as semrush_domain_as semrush_toxic majestic_source_tf majestic_source_cf "
    "moz_pa moz_da moz_spam"
)
SECTIONS = (
    ("Referring page", tuple(_PAGE.split())),
    ("Link", tuple(_LINK.split())),
    ("State and dates", ("state", "lost_reason", "first_seen", "last_seen", "lost_at")),
    ("Vendors' figures", tuple(_VENDORS.split())),
)


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
        Report("countries", "Countries", "Countries of the referring domains' addresses."),
        Report("tlds", "TLDs", "Last labels of the referring domains."),
    )
}


@access.project("client")
@report_page
def report(request: HttpRequest, reading: Reading, report: str) -> HttpResponse:
    """A page, a fragment, or with `export=csv` all rows of the report."""
    query = reading.query(report, request.GET)
    context = page_context(request, reading) | {"report": REPORTS[report]}
    if report in OF_DOMAINS:
        query = index.pin(query)
        context |= {"graph_switch": graph_switch(request, reading, query)}
    made = listing(reading, query)
    return tables.answer(request, made, query, page="backlinks/report.html", context=context, keep=reading.carried)


def listing(reading: Reading, query: index.LinkQuery) -> tables.Listing:
    """The list of a report on what is being read."""
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
        sections=SECTIONS if query.report == "links" else (),
        groups=GROUPS if query.report == "links" else (),
        labels=LABELS,
        per_page=index.PAGE_SIZES,
        exported=_record_export(reading),
        empty=empty(reading, about.name, about.title),
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


def value_of(column: tables.Column, row: Mapping[str, Any]) -> Any:
    """The plain value of a cell, with the names of sources for people."""
    if column.name == "anchor" and not row.get("anchor_known", 1):
        return None
    found = tables.value_of(column, row)
    if column.name == "sources":
        return [vendor_label(one) for one in found]
    return None if not found and column.name in ZERO_IS_UNKNOWN else found


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of a report's row: numbers lead to their rows, addresses lead out."""

    reading: Reading
    query: index.LinkQuery

    def __call__(self, columns: Sequence[tables.Column], row: Mapping[str, Any]) -> list[tables.Cell]:
        of_links = self.query.report == "links"
        urls = self._link_urls(row) if of_links else row_urls(self.reading, self.query.report, row)
        return [
            tables.Cell(
                column=one,
                value=value_of(one, row),
                href=urls.get(one.name, ""),
                external=of_links and one.kind == "url",
                note=_note(one, row),
                empty=_empty_word(one, row),
            )
            for one in columns
        ]

    def _link_urls(self, row: Mapping[str, Any]) -> dict[str, str]:
        """Values that many links share lead to those links."""
        shared = ("source_domain", "source_host", "ip")
        made = {name: self.reading.url("links", {f"{name}_is": row[name]}) for name in shared if row[name]}
        made |= score_url(self.reading, "links", row)
        return made | ({"in_group": group_members(self.reading, self.query, row)} if "in_group" in row else {})


def _note(column: tables.Column, row: Mapping[str, Any]) -> str:
    return f"alt: {row['alt']}" if column.name == "anchor" and row.get("alt") and not row["anchor"] else ""


def _empty_word(column: tables.Column, row: Mapping[str, Any]) -> str:
    """An anchor that is known to have no text is not an anchor that nobody knows."""
    if column.name == "anchor":
        return "(no text)" if row.get("anchor_known", 1) else ""
    return "(an address)" if column.name == "tld" else ""
