"""Compare: up to ten targets beside the one that is read, every figure, each number a link to the rows behind it.

Decided: who stands beside is said by the address (`with=` once a target), so a comparison can be sent to a colleague;
without any, it is the project's competitors. Each target has a scope of its own. Refused: a radar chart, because its
area depends on the order of its axes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from backlinks import index
from backlinks.views.authority_around import others_visits_of
from backlinks.views.exports import record_export
from backlinks.views.opengraph import graph_switch
from backlinks.views.reading import SCOPES, NotYours, Reading, page_context, report_page, whole_domains
from projects import access
from seoapp.lib import charts, export_answer, tables
from seoapp.lib.export_formats import FORMATS
from seoapp.lib.listquery import Field, ListQuery
from seoapp.lib.tables import Link
from seoapp.lib.weburl import BadUrl, Target, display_host

from .figures import Row, Section, compared, sections
from .rivals import name_of, of_target, parse_beside, rivals_of

MOST = 10  # beside the target
SINCE_DAYS = 30
SUGGESTED = 6
COLOURS = tuple(f"--ll-series-{number}" for number in range(1, MOST + 2))


@dataclass(frozen=True, slots=True)
class Head:
    """Head of a column. `scopes` change how much of the target is read; the first one has a switch of its own."""

    label: str
    scope_words: str
    href: str
    remove_url: str
    scopes: tuple[Link, ...]
    colour: int


@dataclass(frozen=True, slots=True)
class Refused:
    text: str
    reason: str


@access.project("client")
@report_page
def compare(request: HttpRequest, reading: Reading) -> HttpResponseBase:
    targets, refused = _beside(request, reading)
    readings = [reading, *(of_target(reading, one) for one in targets)]
    since = datetime.now(UTC).date() - timedelta(days=SINCE_DAYS)
    sides = index.comparison.compare([one.query("links") for one in readings], since)
    private = others_visits_of(request, reading, [one.target.domain for one in readings])
    found = sections(compared(readings, sides, private), since)
    address = _Address(request, reading, tuple(map(name_of, targets)))
    if format := export_answer.format_of(request):
        return export_answer.answer(request, _as_list(request, readings, found), format)
    chart = _chart(readings, sides)
    context = page_context(request, reading) | {
        "scopes": [Link(one.label, address.scoped(scope), one.active) for one, (scope, _) in _scopes(request, reading)],
        "graph_switch": graph_switch(request, reading, sides[0].query),
        "heads": _heads(readings, address),
        "sections": found,
        "chart": chart,
        "months": _by_month(chart) if chart else [],
        "refused": refused,
        "is_full": len(targets) >= MOST,
        "most": MOST,
        "hidden": [(name, text) for name, text in (*reading.carried.items(), *address.beside())],
        "suggested": _suggested(reading, sides[0].query, targets, address),
        "exports": [(Link(one.label, address.url(export=one.name)), one.about) for one in FORMATS.values()],
        "imports_url": reading.url("imports"),
        "competitors_url": reading.url("competitors"),
    }
    return render(request, "backlinks/compare.html", context)


# --- Who stands beside --------------------------------------------------------------------------------------------
def _beside(request: HttpRequest, reading: Reading) -> tuple[list[Target], list[Refused]]:
    """The targets that the address names, else the project's competitors; and what of it cannot be read."""
    texts = [one.strip() for one in request.GET.getlist("with")]
    if not texts:
        return rivals_of(reading)[:MOST], []
    targets: dict[Target, None] = {}
    refused = []
    for text in filter(None, texts[: 5 * MOST]):
        try:
            target = of_target(reading, parse_beside(text)).target
        except (BadUrl, NotYours) as error:
            refused.append(Refused(text[:200], str(error)))
        else:
            targets[target] = None
    targets.pop(reading.target, None)
    left = [Refused(name_of(one), f"at most {MOST} are compared") for one in list(targets)[MOST:]]
    return list(targets)[:MOST], refused + left


@dataclass(frozen=True, slots=True)
class _Address:
    """Addresses of this page with other targets beside; an empty `with` says that there are none."""

    request: HttpRequest
    reading: Reading
    names: tuple[str, ...]

    def beside(self, names: Iterable[str] | None = None) -> list[tuple[str, str]]:
        return [("with", one) for one in (self.names if names is None else names)] or [("with", "")]

    def url(self, names: Iterable[str] | None = None, **more: str) -> str:
        params = [*self.reading.carried.items(), *self.beside(names), *more.items()]
        return f"{self.request.path}?{urlencode(params)}"

    def without(self, name: str) -> str:
        return self.url([one for one in self.names if one != name])

    def instead(self, name: str, other: str) -> str:
        return self.url([other if one == name else one for one in self.names])

    def plus(self, name: str) -> str:
        return self.url([*self.names, name])

    def scoped(self, scope: str) -> str:
        """The read target itself by another scope."""
        text = self.reading.keep.get("target", self.reading.project.url)
        graph = {} if self.reading.with_graph else {index.GRAPH: index.GRAPH_OFF}
        return f"{self.request.path}?{urlencode([('target', text), ('scope', scope), *graph.items(), *self.beside()])}"


def _scopes(request: HttpRequest, reading: Reading) -> Iterable[tuple[Link, tuple[str, str]]]:
    return zip(page_context(request, reading)["scopes"], SCOPES, strict=True)


def _heads(readings: Sequence[Reading], address: _Address) -> list[Head]:
    made = []
    for number, one in enumerate(readings):
        name = name_of(one.target)
        made.append(
            Head(
                one.label,
                one.scope_words,
                one.url("overview"),
                address.without(name) if number else "",
                tuple(_other_scopes(one.target, name, address)) if number else (),
                number + 1,
            )
        )
    return made


def _other_scopes(target: Target, name: str, address: _Address) -> Iterable[Link]:
    for scope, label in SCOPES:
        other = Target.parse(str(target), scope)
        yield Link(label, address.instead(name, name_of(other)), target.scope == scope)


def _suggested(reading: Reading, query: index.LinkQuery, targets: Sequence[Target], address: _Address) -> list[Link]:
    """Competitors and similar profiles that are not compared yet."""
    if len(targets) >= MOST:
        return []
    known = {one.domain for one in (reading.target, *targets) if one.scope == "root"}
    similar = index.similar_profiles(query, SUGGESTED, whole_domains(reading))
    names = [*(one for one in rivals_of(reading) if one not in targets), *(Target.parse(one.domain) for one in similar)]
    fresh = [one for one in dict.fromkeys(names) if one.scope != "root" or one.domain not in known]
    return [Link(display_host(one.label), address.plus(name_of(one))) for one in fresh[:SUGGESTED]]


# --- Chart and file -----------------------------------------------------------------------------------------------
def _chart(readings: Sequence[Reading], sides: Sequence[index.comparison.Side]) -> dict[str, Any] | None:
    """Referring domains known at the end of each month, one line a side; None without any date."""
    days = [month for one in sides for month in one.months]
    if not days:
        return None
    months = list(_months(min(days), max(days)))
    series = [
        charts.Series(reading.label, _course(side, months), COLOURS[number], "plain")
        for number, (reading, side) in enumerate(zip(readings, sides, strict=True))
    ]
    return charts.time_chart([f"{one:%b %Y}" for one in months], series)


def _by_month(chart: dict[str, Any]) -> list[tuple[str, list[float | None]]]:
    """The chart's table, newest first: month, value a target."""
    values = zip(*(one["values"] for one in chart["series"]), strict=True)
    return [(label, list(row)) for label, row in zip(chart["labels"], values, strict=True)][::-1]


def _months(first: date, last: date) -> Iterable[date]:
    while first <= last:
        yield first
        first = (first + timedelta(days=32)).replace(day=1)


def _course(side: index.comparison.Side, months: Iterable[date]) -> list[float | None]:
    """Nothing before the first month that is known."""
    made: list[float | None] = []
    held: float | None = None
    for month in months:
        held = side.months.get(month, held)
        made.append(held)
    return made


def _as_list(request: HttpRequest, readings: Sequence[Reading], found: Sequence[Section]) -> tables.State:
    """The comparison as a list, for its file: a row a target, a column a figure."""
    rows = [(section, row) for section in found for row in section.rows]
    columns = (
        Field("target", "Target"),
        Field("scope", "Scope"),
        *(Field(f"figure_{at}", f"{section.title}: {row.label}", _kind(row)) for at, (section, row) in enumerate(rows)),
    )
    lines = [
        {"target": one.target.label, "scope": one.target.scope}
        | {f"figure_{at}": row.cells[number].text or row.cells[number].value for at, (_, row) in enumerate(rows)}
        for number, one in enumerate(readings)
    ]
    listing = tables.Listing(
        name="compare",
        title=f"Comparison of {readings[0].label}",
        columns=columns,
        fetch=lambda asked: index.RowPage([], more=False),
        stream=lambda asked: lines,
        file_name=f"{readings[0].target.label}-compare-{datetime.now(UTC):%Y-%m-%d}",
        value=lambda column, line: line[column.name],
        exported=record_export(readings[0].project, " and ".join(str(one.target) for one in readings)),
    )
    return tables.State(listing, ListQuery.parse(columns, {}, sort="target"), request.path, columns)


def _kind(row: Row) -> str:
    values = [one.value for one in row.cells if one.value is not None]
    if any(one.text for one in row.cells):
        return "text"
    return "date" if any(isinstance(one, date) for one in values) else "number"
