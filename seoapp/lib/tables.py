"""The one list path: the same columns and the same fetch function give the page, its fragment and its CSV file.

Decided: the whole state of a list (filters, sort, group, columns, page) stands in its URL, so a view can be shared and
an export is the view with `export=csv` (`export_answer.py`). A page is made without a COUNT: one row more is fetched
than is shown. Columns that somebody chose are remembered by a cookie that only the browser sets; what a link of ours
says goes before it. The panels of a list with many columns are long (two thirds of the page of backlinks) and seldom
opened: opening one fetches it (`panel=filters`); without JavaScript that is a link to the page with the panel open.
Refused: a table component per page, because filters, chips and export would drift apart; totals, because they cost more
than the rows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from . import export_answer
from .advanced import Advanced, OfferedView, cleared, offered, parameters_now, refuse_broken, where_of
from .export_formats import FORMATS
from .expression import TooSlow
from .htmx import render_page, wants_fragment
from .listing import Cell, Column, Empty, Filter, Listing, Page, Query, Row, State, plain_cells, value_of

__all__ = [
    "Cell", "Column", "Empty", "Filter", "Link", "Listing", "Page", "Query", "Row", "State", "Table",
    "answer", "plain_cells", "table", "value_of",
]  # fmt: skip

NUMERIC = frozenset(("change", "int", "metric", "number", "score", "share"))
WORDS = {
    "contains": "contains",
    "exact": "is",
    "is": "is",
    "has": "includes",
    "min": "at least",
    "max": "at most",
    "from": "from",
    "to": "until",
}
FLAG_CHOICES = ("yes", "no", "unknown")
PANEL = "panel"  # the URL parameter that opens one
PANELS = {"filters": "_table_filters.html", "advanced": "_table_advanced.html", "columns": "_table_columns.html"}
WIDE = 12  # columns from which on panels are fetched


# --- What the template shows --------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Head:
    column: Column
    url: str
    aria_sort: str
    numeric: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A line of a switch, or a chip."""

    label: str
    url: str
    active: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """One control of the filter form; `choices` are (value, label)."""

    name: str
    label: str
    kind: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FilterField:
    column: Column
    inputs: tuple[Input, ...]
    active: bool


@dataclass(frozen=True, slots=True)
class TableRow:
    """`pick` is what a chosen row sends, and its label for people."""

    cells: list[Cell]
    url: str
    pick: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Table:
    """Everything that `_table.html` shows of a list."""

    state: State
    rows: list[TableRow]
    more: bool
    too_slow: str = ""  # why there are no rows, where finding them took too long
    panel: str = ""  # the one that is open

    @property
    def listing(self) -> Listing:
        return self.state.listing

    @property
    def opens_rows(self) -> bool:
        return self.state.listing.row_url is not None

    @property
    def heads(self) -> list[Head]:
        return [self._head(one) for one in self.state.shown]

    def _head(self, column: Column) -> Head:
        query = self.state.query
        sorted_by = column.name == query.sort
        aria = ("descending" if query.descending else "ascending") if sorted_by else "none"
        url = self.state.url(query.with_sort(column.name)) if column.sortable else ""
        return Head(column, url, aria if column.sortable else "", column.kind in NUMERIC)

    @property
    def chips(self) -> list[Link]:
        columns = {one.name: one for one in self.listing.columns}
        query = self.state.query
        return [
            Link(_chip_text(columns[one.name], one, self.listing.labels), self.state.url(query.without(one)))
            for one in query.filters
        ]

    @property
    def clear_url(self) -> str:
        return self.state.url(cleared(self.state.query))

    @property
    def advanced(self) -> Advanced | None:
        where = where_of(self.state.query)
        return None if where is None else Advanced(self.state, where)

    @property
    def is_filtered(self) -> bool:
        where = where_of(self.state.query)
        return bool(self.state.query.filters or (where is not None and where.tree is not None))

    @property
    def views(self) -> list[OfferedView]:
        return offered(self.state)

    @property
    def view_parameters(self) -> str:
        return parameters_now(self.state)

    @property
    def first_url(self) -> str:
        return self.state.url(self.state.query.with_page(1))

    @property
    def previous_url(self) -> str:
        page = self.state.query.page
        return self.state.url(self.state.query.with_page(page - 1)) if page > 1 else ""

    @property
    def next_url(self) -> str:
        return self.state.url(self.state.query.with_page(self.state.query.page + 1)) if self.more else ""

    @property
    def first_number(self) -> int:
        return (self.state.query.page - 1) * self.state.query.per_page + 1

    @property
    def last_number(self) -> int:
        return self.first_number + len(self.rows) - 1

    @property
    def exports(self) -> list[tuple[Link, str]]:
        """A link for each format, and what the format is good for."""
        first = self.state.query.with_page(1)
        return [
            (Link(one.label, self.state.url(first, **{export_answer.EXPORT: one.name})), one.about)
            for one in FORMATS.values()
        ]

    @property
    def sizes(self) -> list[Link]:
        query = self.state.query
        first = query.with_page(1)
        return [
            Link(str(size), self.state.url(first, per_page=str(size)), size == query.per_page)
            for size in self.listing.per_page
        ]

    @property
    def groups(self) -> list[Link]:
        first = self.state.query.with_page(1)
        active = getattr(first, "group", "")
        return [
            Link(label, self.state.url(first, group=value), value == active) for value, label in self.listing.groups
        ]

    @property
    def column_sections(self) -> list[tuple[str, list[tuple[Column, bool]]]]:
        """The columns to choose from, in the sections of the list."""
        shown = set(self.state.shown)
        left = {one.name: (one, one in shown) for one in self.listing.columns}
        sections = [
            (title, [left.pop(name) for name in names if name in left]) for title, names in self.listing.sections
        ]
        rest = ("More" if sections else "", list(left.values()))
        return [one for one in (*sections, rest) if one[1]]

    @property
    def bulk_query(self) -> str:
        """What names all rows of this list, for an action on all of them."""
        return urlencode(self.state.query.with_page(1).params())

    @property
    def column_hidden(self) -> dict[str, str]:
        """What the column chooser's form must carry along."""
        return {**self.state.keep, **self.state.query.params()}

    @property
    def default_columns_url(self) -> str:
        names = ".".join(one.name for one in self.listing.columns if one.default)
        return self.state.url(cols=names)

    @property
    def has_filters(self) -> bool:
        return any(one.filter for one in self.listing.columns)

    @property
    def panels(self) -> frozenset[str]:
        """Those that are part of the page; an advanced filter in use shows itself and what is wrong with it."""
        if len(self.listing.columns) <= WIDE:
            return frozenset(PANELS)
        where = where_of(self.state.query)
        return frozenset((self.panel, "advanced") if where is not None and where.text else (self.panel,))

    @property
    def panel_urls(self) -> dict[str, str]:
        return {name: self.state.url(**{PANEL: name}) for name in PANELS}

    @property
    def filter_sections(self) -> list[tuple[str, list[FilterField]]]:
        values, labels = self.state.query.params(), self.listing.labels
        fields = {one.name: _filter_field(one, values, labels) for one in self.listing.columns if one.filter}
        sections = [
            (title, [fields.pop(name) for name in names if name in fields]) for title, names in self.listing.sections
        ]
        rest = ("More" if sections else "", list(fields.values()))
        return [one for one in (*sections, rest) if one[1]]

    @property
    def filter_hidden(self) -> dict[str, str]:
        """What the filter form must carry along: all but its own controls and the page."""
        own = {made.name for _, fields in self.filter_sections for one in fields for made in one.inputs}
        carried = {**self.state.keep, **self.state.query.params(), **self.state.column_params()}
        return {name: text for name, text in carried.items() if name not in own and name != "page"}


def _chip_text(column: Column, one: Filter, labels: Mapping[str, str]) -> str:
    text = f"“{one.text}”" if one.op == "contains" else one.text or "empty"
    if column.choices:
        text = " + ".join(labels.get(part, part) for part in text.split(","))
    return f"{column.label} {WORDS.get(one.op, one.op)} {text}"


def _filter_field(column: Column, values: Mapping[str, str], labels: Mapping[str, str]) -> FilterField:
    inputs = tuple(_inputs(column, values, labels))
    return FilterField(column, inputs, any(one.value for one in inputs))


def _inputs(column: Column, values: Mapping[str, str], labels: Mapping[str, str]) -> Iterator[Input]:
    if column.filter in {"number", "date"}:
        for end in ("min", "max") if column.filter == "number" else ("from", "to"):
            name = f"{column.name}_{end}"
            yield Input(name, f"{column.label}, {WORDS[end]}", column.filter, values.get(name, ""))
        return
    choices = FLAG_CHOICES if column.filter == "flag" else column.choices
    kind = "choice" if column.filter in {"flag", "choice"} else "text"
    labelled = tuple((one, labels.get(one, one)) for one in choices)
    yield Input(column.name, column.label, kind, values.get(column.name, ""), labelled)


# --- Answers ------------------------------------------------------------------------------------------------------
def answer(
    request: HttpRequest,
    listing: Listing,
    query: Query,
    *,
    page: str,
    context: Mapping[str, Any] | None = None,
    keep: Mapping[str, str] | None = None,
) -> HttpResponseBase:
    """The page, the fragment that htmx asked for, with `export=csv` all rows as a file, or the list for a run."""
    state = State.of(request, listing, query, keep or {})
    if export_answer.EXPORT in request.GET:
        refuse_broken(query)
        if problem := _unread(request, state):
            return render(request, "unexported.html", {"reason": problem}, status=400)
    if format := export_answer.format_of(request):
        return export_answer.answer(request, state, format)
    panel = request.GET.get(PANEL, "")
    if panel in PANELS and wants_fragment(request):
        return render(request, PANELS[panel], {"table": Table(state, [], more=False)})
    shown = replace(table(state), panel=panel if panel in PANELS else "")
    response = render_page(request, page, "_table.html", {**(context or {}), "table": shown})
    if wants_fragment(request):
        response["HX-Push-Url"] = state.url()  # without the empty fields of a form
    return response


def _unread(request: HttpRequest, state: State) -> str:
    """What is wrong with a filter of the address that the query left out: a page shows that it does not hold, a file
    would not."""
    values = state.query.params()
    for column in state.listing.columns:
        for one in _inputs(column, values, {}) if column.filter else ():
            asked = request.GET.get(one.name, "").strip()
            if asked and not one.value:
                return f"“{asked[:80]}” is nothing that “{column.label}” can be filtered by."
    return ""


def table(state: State) -> Table:
    try:
        found = state.listing.fetch(state.query)
    except TooSlow as error:
        return Table(state, [], more=False, too_slow=str(error))
    return Table(state, [_row(state, row) for row in found.rows], found.more)


def _row(state: State, row: Row) -> TableRow:
    cells = state.listing.cells(state.shown, row)
    url = state.listing.row_url(row) if state.listing.row_url else ""
    return TableRow(cells, url, state.listing.bulk.pick(row)) if state.listing.bulk else TableRow(cells, url)
