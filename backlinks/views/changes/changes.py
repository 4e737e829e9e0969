"""New & lost: what a profile gained and lost in a range of days, with exactly the rows behind each number.

Decided: new and lost are by the dates of links and domains, as in every other list; restored and changed are what our
own checks saw; what only a vendor dropped from its index stands apart, because it says nothing of the link. A link is
lost by an own look or by the reason that a vendor observed, and the seven reasons are said in words. The figures, the
chart and the list below read the same days, so a bar, a figure and a reason each lead to as many rows as they say.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse

from backlinks import index
from backlinks.views import reports
from backlinks.views.exports import record_export
from backlinks.views.opengraph import without_graph
from backlinks.views.reading import Reading, page_context, report_page
from backlinks.views.reasons import CHANGED, LOST, in_words
from backlinks.views.vendors import vendor_label
from projects import access
from seoapp.lib import tables
from seoapp.lib.htmx import wants_fragment
from seoapp.lib.listquery import ListQuery

from . import steps
from .spans import Period, period_of

OF = (("links", "Links"), ("domains", "Referring domains"))
KINDS = {
    "new": ("New", "First seen in these days."),
    "lost": ("Lost", "Found lost in these days, by our own look or by the reason that a vendor saw."),
    "restored": ("Restored", "Lost before, and there again when our own check looked."),
    "changed": ("Changed", "Anchor, rel, placement or target were others when our own check looked."),
    "dropped": ("Vendor drops", "A vendor took the link out of its index, which does not say that it is gone."),
}
OF_BOTH = ("new", "lost")
DAY_OF = {"new": "first_seen", "lost": "lost_at"}
LOOKED = (KINDS["restored"][0], KINDS["changed"][0])
DROPS = "vendor_dropped:"


@dataclass(frozen=True, slots=True)
class Count:
    """A figure that leads to its rows; the one whose rows are shown is `active`."""

    label: str
    value: int
    href: str
    active: bool
    about: str


@access.project("client")
@report_page
def changes(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Page, fragment or export of one list: `?of=` links or domains, `?what=` new, lost, restored, changed, dropped."""
    of, what = _asked(request)
    query = index.pin(reading.query(of, request.GET))
    chosen = {"of": of, "what": what}

    def address(params: Mapping[str, str]) -> str:
        return reading.url("changes", chosen | dict(params))

    period = period_of(request, address, lambda: index.first_day(query))
    keep = reading.carried | chosen | period.asked
    listing, asked = _listing(request, reading, query, period, of, what)
    context = page_context(request, reading) | {"keep": keep, "period": period, "of": of, "what": what}
    context["graph_words"] = without_graph(of_part=reading.target.scope != "root")
    if not wants_fragment(request) and "export" not in request.GET:
        context |= _around(reading, query, period, of, what)
    # These lists begin by day: the order that is usual elsewhere stands in their addresses, where it is asked for.
    usual = {"sort": f"-{query.as_report(of).sort}"} if what in OF_BOTH else {}
    return tables.answer(request, listing, asked, page="backlinks/changes.html", context=context, keep=usual | keep)


def _asked(request: HttpRequest) -> tuple[str, str]:
    of, what = request.GET.get("of", "links"), request.GET.get("what", "new")
    of = of if of in dict(OF) else "links"
    known = OF_BOTH if of == "domains" else tuple(KINDS)
    return of, what if what in known else "new"


# --- Figures, chart, reasons ------------------------------------------------------------------------------------------
def _around(reading: Reading, query: index.LinkQuery, period: Period, of: str, what: str) -> dict[str, Any]:
    found = index.by_dates(query, period.span)
    rows = steps.dated_rows(found.points, ())

    def address(of: str, what: str, **more: str) -> str:
        return reading.url("changes", period.asked | {"of": of, "what": what} | more)

    counts = _counts(query, period, rows, address, (of, what))
    return {
        "counts": counts,
        "chart": _chart(reading, rows, of),
        "switch": [
            tables.Link(label, address(one, what if what in OF_BOTH else "new"), one == of) for one, label in OF
        ],
        "reasons": _reasons(query, period, address) if of == "links" else (),
        "has_days": bool(rows),
        "has_links": bool(query.generation),
        "has_checks": any(one.value for one in counts if one.label in LOOKED) or index.has_checks(query),
        "undated": found.undated_lost,
        "about": KINDS[what][1],
        "history_url": reading.url("history", period.asked),
        "checks_url": reading.url("checks"),
    }


def _counts(
    query: index.LinkQuery,
    period: Period,
    rows: Sequence[steps.Row],
    address: Callable[..., str],
    shown: tuple[str, str],
) -> list[Count]:
    values = {
        (of, what): sum(row[f"{what}_{of}"] for row in rows) for of in ("links", "domains") for what in OF_BOTH
    } | {("links", what): n for what, n in index.happened(query, period.span).items()}
    words = {"links": "links", "domains": "domains"}
    return [
        Count(
            f"{KINDS[what][0]} {words[of]}" if what in OF_BOTH else KINDS[what][0],
            value,
            address(of, what),
            (of, what) == shown,
            KINDS[what][1],
        )
        for (of, what), value in values.items()
    ]


def _chart(reading: Reading, rows: Sequence[steps.Row], of: str) -> dict[str, Any]:
    def href(what: str) -> str:
        days = {"since": "{first}", "until": "{last}"}
        url = reading.url("changes", {"of": of, "what": what} | days)
        return url.replace("%7Bfirst%7D", "{first}").replace("%7Blast%7D", "{last}")

    lines = [
        steps.series(rows, "New", f"new_{of}", "--ll-live", "bar", href=href("new")),
        steps.series(rows, "Lost", f"lost_{of}", "--ll-lost", "bar", down=True, href=href("lost")),
    ]
    return steps.chart(rows, lines)


def _reasons(query: index.LinkQuery, period: Period, address: Callable[..., str]) -> list[tuple[str, int, str]]:
    """(in words, links, their rows): the seven reasons, and whatever else a vendor calls one."""
    found = index.lost_by_reason(query, period.span)
    known = dict.fromkeys(LOST, 0) | found
    ordered = sorted(known.items(), key=lambda pair: -pair[1])
    return [(reason_words(name), count, address("links", "lost", lost_reason_is=name)) for name, count in ordered]


def reason_words(reason: str) -> str:
    if reason.startswith(DROPS):
        return f"Dropped from its index: {in_words(reason.removeprefix(DROPS))}"
    return in_words(reason)


# --- Lists ------------------------------------------------------------------------------------------------------------
def _listing(
    request: HttpRequest, reading: Reading, query: index.LinkQuery, period: Period, of: str, what: str
) -> tuple[tables.Listing, tables.Query]:
    if what in OF_BOTH:
        shown = query if request.GET.get("sort") else replace(query, sort=DAY_OF[what], descending=True)
        return _dated_listing(request, reading, shown, period, what)
    found = index.dropped(query, period.span) if what == "dropped" else index.looked(query, period.span, what)
    made = tables.Listing(
        name=what,
        title=f"{KINDS[what][0]} links of {reading.label}, {period.words}",
        columns=found.fields,
        fetch=found.page,
        stream=found.stream,
        file_name=f"{reading.target.label}-{what}-{period.span.first}-{period.span.last}",
        cells=_looked_cells(reading),
        value=_looked_value,
        row_url=lambda row: reading.url("link", link_id=row["link_id"]),
        row_label="Everything known of this link",
        exported=record_export(reading.project, reading.target),
        stacks=True,
        empty=_empty(reading, period, what),
    )
    return made, ListQuery.parse(found.fields, request.GET, sort="-day")


def _dated_listing(
    request: HttpRequest, reading: Reading, query: index.LinkQuery, period: Period, what: str
) -> tuple[tables.Listing, index.LinkQuery]:
    """The list of links or domains, kept to the days; what its URL filters comes on top."""
    within = _filters(period.span, what)

    def kept(query: index.LinkQuery) -> index.LinkQuery:
        return replace(query, filters=(*query.filters, *within))

    base, asked = reports.listing(request, reading, query)
    shown = ("lost_at", "lost_reason") if what == "lost" else ()
    made = replace(
        base,
        name=f"{what}-{base.name}",
        title=f"{KINDS[what][0]} {asked.report} of {reading.label}, {period.words}",
        columns=tuple(replace(one, default=True) if one.name in shown else one for one in base.columns),
        fetch=lambda query: base.fetch(kept(query)),
        stream=lambda query: base.stream(kept(query)),
        count=None,
        file_name=f"{reading.target.label}-{what}-{asked.report}-{period.span.first}-{period.span.last}",
        cells=lambda columns, row: [_in_words(cell) for cell in base.cells(columns, row)],
        empty=_empty(reading, period, what),
    )
    return made, asked


def _filters(span: index.Span, what: str) -> tuple[index.Filter, ...]:
    name = DAY_OF[what]
    days = (index.Filter(name, "from", span.first), index.Filter(name, "to", span.last))
    return days if what == "new" else (index.Filter("state", "is", "lost"), *days)


def _in_words(cell: tables.Cell) -> tables.Cell:
    return replace(cell, value=reason_words(cell.value)) if cell.column.name == "lost_reason" and cell.value else cell


def _looked_cells(reading: Reading) -> Callable[[Sequence[tables.Column], Mapping[str, Any]], list[tables.Cell]]:
    def cells(columns: Sequence[tables.Column], row: Mapping[str, Any]) -> list[tables.Cell]:
        own = {"source_domain": reading.url("links", {"source_domain_is": row["source_domain"]})}
        return [
            tables.Cell(
                one,
                _looked_value(one, row),
                href=own.get(one.name, ""),
                external=one.kind == "url",
                empty="(no text)" if one.name == "anchor" and row["anchor_known"] else "",
            )
            for one in columns
        ]

    return cells


def _looked_value(column: tables.Column, row: Mapping[str, Any]) -> Any:
    if column.name == "changes":
        return [
            f"{CHANGED.get(name, name)}: {row['before'].get(name) or 'none'} \N{RIGHTWARDS ARROW} {after or 'none'}"
            for name, after in row["after"].items()
        ]
    if column.name == "dropped_by":
        return vendor_label(row["dropped_by"])
    if column.name == "reason":
        return in_words(row["reason"].removeprefix(DROPS)) if DROPS in row["reason"] else "none given"
    return tables.value_of(column, row)


def _empty(reading: Reading, period: Period, what: str) -> tables.Empty:
    """What would bring rows: an import or a crawl that dates links, a check that looks at them, or other days."""
    words = f"Nothing {KINDS[what][0].lower()} from {period.words}"
    if what in ("restored", "changed"):
        text = "Only our own checks see it: they visit the pages that link here and compare."
        return tables.Empty(words, text, reading.url("checks"), "Go to link checks")
    longer = reading.url("changes", {"what": what, "range": "all"})
    return tables.Empty(words, "The whole history may have some.", longer, "All days", reading.ways)
