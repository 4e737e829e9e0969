"""What a list is: its columns, where its rows come from, and its state as one request sees it.

Its pages, fragments and exports are made by `tables.py`, the one list path.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

from django.http import HttpRequest

from .conditions import Node

Row = Mapping[str, Any] | Any


class Column(Protocol):
    """What a list must know of a column; `backlinks.index.Column` and `listquery.Field` are columns.

    kind (display): text, url, int, date, datetime, bool, list, metric, score, state, marked, steps, button. filter: ""
    (none), text, choice, number, date, flag. `default`: shown until somebody chooses.
    """

    name: str
    label: str
    kind: str
    filter: str
    choices: tuple[str, ...]
    default: bool
    sortable: bool
    help: str


class Filter(Protocol):
    """One condition: `param` is its URL parameter, `text` that parameter's value."""

    name: str
    op: str

    @property
    def param(self) -> str: ...
    @property
    def text(self) -> str: ...


class Query(Protocol):
    """A parsed, frozen request for rows: `backlinks.index.LinkQuery` or `listquery.ListQuery`."""

    filters: tuple[Any, ...]
    sort: str
    descending: bool
    page: int
    per_page: int

    def params(self) -> dict[str, str]: ...
    def without(self, dropped: Any) -> "Query": ...
    def with_sort(self, name: str) -> "Query": ...
    def with_page(self, page: int) -> "Query": ...


class Page(Protocol):
    """Rows of one page, and whether there are more behind them."""

    rows: Sequence[Row]
    more: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of one row. `href` leads to a page of ours; an `external` one to the address that `value` is.

    `empty` is the word for an empty value that is known to be empty, `why` the reason of one that is not known, `icon`
    what stands before the value, `lead` the line above it. `short` is an address as it is shown, where that is not all
    of it.
    """

    column: Column
    value: Any
    href: str = ""
    external: bool = False
    note: str = ""
    empty: str = ""
    why: str = ""
    icon: str = ""
    lead: str = ""
    short: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """A cell of kind button: it sends `value` as `name` by the page's form of the id `form`, so it needs no script."""

    form: str
    name: str
    value: str
    label: str


def value_of(column: Column, row: Row) -> Any:
    """The plain value of a cell, for page and CSV alike: None where it is not known (negative in the index)."""
    if column.kind == "metric":
        return row["metrics"].get(column.name)
    found = row[column.name] if isinstance(row, Mapping) else _attribute(row, column.name)
    if column.kind == "bool":
        return None if found is None or found < 0 else bool(found)
    if column.kind in ("int", "number", "score", "share"):
        return None if found is None or found < 0 else found
    return found


def _attribute(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name) if row is not None else None
    return row() if callable(row) else row


def plain_cells(columns: Sequence[Column], row: Row) -> list[Cell]:
    return [Cell(column, value_of(column, row)) for column in columns]


@dataclass(frozen=True, slots=True)
class Empty:
    """What a list without a single row says, the page that helps, and `more` such pages as (label, URL)."""

    title: str = "Nothing here yet"
    text: str = ""
    url: str = ""
    label: str = ""
    more: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Saves:
    """Saved views of a list: `views` are (name, query string, note); addresses to save one to, and to see all of them.

    `may_share`: whether who is asking may give a view to everybody who sees the list.
    """

    views: tuple[tuple[str, str, str], ...]
    save_url: str
    manage_url: str
    may_share: bool = False


@dataclass(frozen=True, slots=True)
class BulkAction:
    """What can be done with chosen rows: `fields` are (name, label, most characters, needed)."""

    name: str
    label: str
    icon: str
    fields: tuple[tuple[str, str, int, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Bulk:
    """What can be done with many rows at once: `pick` names a row (its value, and a label for people).

    `url` takes the form, `most` rows at once; `last` is what was done last, if it can be taken back at `undo_url`.
    """

    url: str
    actions: tuple[BulkAction, ...]
    pick: Callable[[Row], tuple[str, str]]
    most: int
    undo_url: str
    last: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list is. `name` is its id on the page, `title` its caption, `file_name` the export's name without ending.

    `sections` groups the filters of wide lists: (title, column names). `groups` are (value, label) of the query's
    `group`. `labels` says how values of choices are called. `row_url` leads from a row to its own page. `exported` is
    called before the first line of an export leaves; `count` tells the run that writes a long one how many rows to
    expect. Where it `stacks`, a row is a small card on a phone. `filter_url` takes advanced filters with long lists;
    `recommended` are filters of one click: (label, tree, help). `saves` are its saved views, `bulk` is what can be done
    with chosen rows. `showing` gives the query that also reads what these columns need.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    fetch: Callable[[Any], Page]
    stream: Callable[[Any], Iterable[Row]]
    file_name: str
    cells: Callable[[Sequence[Column], Row], list[Cell]] = plain_cells
    value: Callable[[Column, Row], Any] = value_of
    row_url: Callable[[Row], str] | None = None
    row_label: str = "Details"
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()
    groups: tuple[tuple[str, str], ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    per_page: tuple[int, ...] = (50, 100, 250)
    exported: Callable[[HttpRequest, "State"], None] | None = None
    count: Callable[[Any], int] | None = None
    empty: Empty = Empty()
    stacks: bool = False
    filter_url: str = ""
    recommended: tuple[tuple[str, Node, str], ...] = ()
    saves: Saves | None = None
    bulk: Bulk | None = None
    showing: Callable[[Any, tuple[str, ...]], Any] | None = None


@dataclass(frozen=True, slots=True)
class State:
    """A list as one request sees it. `keep` are parameters that belong to the page, not to the query."""

    listing: Listing
    query: Query
    path: str
    shown: tuple[Column, ...]
    keep: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, request: HttpRequest, listing: Listing, query: Query, keep: Mapping[str, str]) -> "State":
        shown = shown_columns(request, listing)
        if listing.showing is not None:
            query = listing.showing(query, tuple(one.name for one in shown))
        return cls(listing, query, request.path, shown, dict(keep))

    def url(self, query: Query | None = None, **extra: str) -> str:
        """The URL of this list with another query."""
        parameters = {**self.keep, **(self.query if query is None else query).params(), **self.column_params(), **extra}
        return f"{self.path}?{urlencode(parameters)}" if parameters else self.path

    def column_params(self) -> dict[str, str]:
        names = [one.name for one in self.shown]
        default = [one.name for one in self.listing.columns if one.default]
        return {} if names == default else {"cols": ".".join(names)}


def shown_columns(request: HttpRequest, listing: Listing) -> tuple[Column, ...]:
    """The columns of the URL (`cols=a.b` or one `cols` each), else those of the browser's cookie, else the default."""
    asked = request.GET.getlist("cols") or [request.COOKIES.get(f"cols-{listing.name}", "")]
    names = {name for part in asked for name in part.split(".")}
    chosen = tuple(one for one in listing.columns if one.name in names)
    return chosen or tuple(one for one in listing.columns if one.default)
