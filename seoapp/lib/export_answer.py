"""Lists as files: the answer to `export=csv` (or xlsx, json, parquet), and the list taken out of its page.

Decided: a list of up to `EXPORT_DIRECT_ROWS` rows streams at once. Whether it is longer is asked as a page is made: is
there a row behind so many? Nothing is counted. What happens to a longer one is said by whoever stands in
`settings.LONG_EXPORTS`; where nobody takes it, it streams as well.

A run that writes a file later *takes* the list: it asks the same view, as the user who asked for the file, and the view
answers with its list in the place of a page. So every list of every page can be taken, its columns, filters and rows
are those of the page, and the view's own access check decides at the time of the run. Refused: a registry of list
makers beside the views, because the two would drift apart, and access would be checked in two places.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.urls import resolve

from . import registry
from .export import safe_filename
from .export_formats import FORMATS, Format
from .export_types import Extract
from .listing import Column, Listing, Row, State

__all__ = [
    "EXPORT", "NotTaken", "TakenList", "answer", "extract", "file_name", "format_of",
    "parameters_of", "take",
]  # fmt: skip

BUTTON = "button"  # the kind of a column that does something; it holds nothing
EXPORT = "export"  # the URL parameter


class NotTaken(Exception):
    """The address answers, but not with a list; `status` is that of its answer."""

    def __init__(self, status: int) -> None:
        super().__init__("There is no list at this address any more")
        self.status = status


class TakenList(HttpResponse):
    """What a view answers when its list is taken."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self.state = state


def format_of(request: HttpRequest) -> Format | None:
    return FORMATS.get(request.GET.get(EXPORT, ""))


def answer(request: HttpRequest, state: State, format: Format) -> HttpResponseBase:
    """The file, what is said of a long one, or for a run the list itself.

    The first row is read before the answer starts, so that an error is an error page and not half a file.
    """
    if getattr(request, "takes_list", False):
        return TakenList(state)
    if request.method == "HEAD":
        return _headed(HttpResponse(content_type=format.content_type), state.listing, format)
    if is_long(state):
        for offer in registry.load(settings.LONG_EXPORTS):
            offered: HttpResponse | None = offer(request, state, format)
            if offered is not None:
                return offered
    rows = iter(state.listing.stream(state.query.with_page(1)))
    first = next(rows, None)
    if state.listing.exported is not None:
        state.listing.exported(request, state)
    found = extract(state, rows if first is None else chain((first,), rows))
    return _headed(StreamingHttpResponse(format.pieces(found), content_type=format.content_type), state.listing, format)


def is_long(state: State) -> bool:
    """Whether there is a row behind the first `EXPORT_DIRECT_ROWS`, by fetching the page on which it would stand."""
    pages, over = divmod(settings.EXPORT_DIRECT_ROWS, state.query.per_page)
    return len(state.listing.fetch(state.query.with_page(pages + 1)).rows) > over


def extract(state: State, rows: Iterable[Row] | None = None) -> Extract:
    """The list as it is shown, all rows of it."""
    found = state.listing.stream(state.query.with_page(1)) if rows is None else rows
    columns = tuple(one for one in state.shown if one.kind != BUTTON)
    return Extract(state.listing.title, columns, _values(state.listing.value, columns, found))


def _values(value: Callable[..., Any], columns: tuple[Column, ...], rows: Iterable[Row]) -> Iterator[list[Any]]:
    for row in rows:
        yield [value(column, row) for column in columns]


def file_name(listing: Listing, format: Format) -> str:
    return f"{safe_filename(listing.file_name)}.{format.name}"


def _headed(response: HttpResponseBase, listing: Listing, format: Format) -> HttpResponseBase:
    response["Content-Disposition"] = f'attachment; filename="{file_name(listing, format)}"'
    response["Cache-Control"] = "private, no-store"
    response["Accept-Ranges"] = "none"
    return response


# --- Taking a list out of its page ------------------------------------------------------------------------------------
def take(user: Any, path: str, parameters: str) -> State:
    """The list that `user` would see at an address of ours.

    Raises Http404 or PermissionDenied as its view does, and NotTaken where there is no list.
    """
    found = resolve(path)
    if not hasattr(found.func, "access_level"):
        raise Http404(path)
    request = HttpRequest()
    request.method, request.path, request.path_info = "GET", path, path
    request.user, request.resolver_match, request.takes_list = user, found, True  # type: ignore[attr-defined]
    request.GET = QueryDict(f"{parameters}&{EXPORT}=csv")  # type: ignore[assignment]
    response = found.func(request, *found.args, **found.kwargs)
    if not isinstance(response, TakenList):
        raise NotTaken(response.status_code)
    return response.state


def parameters_of(state: State) -> str:
    """The query string that gives this list again: its columns are named, whatever a browser remembers."""
    columns = {"cols": ".".join(one.name for one in state.shown)}
    return urlencode({**state.keep, **state.query.with_page(1).params(), **columns})
