"""Saved views of lists, and advanced filters whose lists are too long for an address.

Decided: whoever sees the project may keep views of its own; viewers and up may share them; a shared one is changed by
its owner and by admins only. An advanced filter is sent as a form and answered by the address that shows it: long lists
of values are kept on the way, and the address names them. Keeping, sharing and deleting a view is in the audit log.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlinks import index
from backlinks.views.reading import Reading, page_context, report_page
from backlinks.workbench import lists, saved
from backlinks.workbench.models import SavedView
from projects import access
from projects.audit import record_request
from projects.models import Project
from seoapp.lib import expression, tables
from seoapp.lib.listing import Saves
from seoapp.lib.listquery import Field, ListQuery
from seoapp.lib.longforms import takes_long_form

FORM_BYTES = 8_000_000
OURS = frozenset(("csrfmiddlewaretoken", "list_path", "list_report", index.WHERE))
FIELDS = (
    Field("name", "View", filter="text"),
    Field("listing", "List", filter="choice", choices=tuple(saved.LISTS)),
    Field("owner", "Kept by", path="owner__name"),
    Field("is_shared", "Shared", "bool", "flag"),
    Field("created_at", "Kept on", "datetime"),
)


# --- What a list offers ---------------------------------------------------------------------------------------------
def saves_of(request: HttpRequest, reading: Reading, listing: str) -> Saves:
    """The saved views of a list, for its `Listing`."""
    rows = saved.visible(reading.project, request.membership).filter(listing=listing)  # type: ignore[attr-defined]
    return Saves(
        views=tuple((one.name, one.parameters, _note(one, request)) for one in rows),
        save_url=_url(reading.project, "save_view"),
        manage_url=reading.url("saved_views"),
        may_share=request.membership.may("viewer"),  # type: ignore[attr-defined]
    )


def _note(view: SavedView, request: HttpRequest) -> str:
    if view.owner_id != request.user.pk:
        return f"shared by {view.owner}"
    return "shared" if view.is_shared else ""


def _url(project: Project, name: str, **arguments: Any) -> str:
    return reverse(f"backlinks:{name}", kwargs={"slug": project.workspace.slug, "project_id": project.pk, **arguments})


def _back(request: HttpRequest, project: Project) -> str:
    """The list that a form came from, where it is one of this project's pages."""
    asked = request.POST.get("list_path", "")
    home = _url(project, "overview")
    return asked if asked.startswith(home) and "\\" not in asked and len(asked) < 8_000 else _url(project, "links")


# --- Views ----------------------------------------------------------------------------------------------------------
@access.project("client")
@require_POST
def save_view(request: HttpRequest, project: Project) -> HttpResponse:
    """Keep what a list shows under a name; a name of one's own is given anew."""
    wants_sharing = request.POST.get("is_shared") == "yes"
    try:
        view, is_new = saved.save(
            project=project,
            user=request.user,
            listing=request.POST.get("listing", ""),
            name=request.POST.get("name", ""),
            parameters=request.POST.get("parameters", ""),
            is_shared=wants_sharing and request.membership.may("viewer"),  # type: ignore[attr-defined]
        )
    except saved.NotSaved as error:
        messages.error(request, str(error))
        return redirect(_back(request, project))
    _record(request, view, "view.saved" if is_new else "view.changed")
    messages.success(request, f"View “{view.name}” is kept." if is_new else f"View “{view.name}” now shows this.")
    return redirect(_back(request, project))


def _record(request: HttpRequest, view: SavedView, action: str) -> None:
    record_request(
        request,
        action,
        view.project.workspace,
        f"{view.name} ({saved.LISTS.get(view.listing, view.listing)})",
        project=view.project_id,
        parameters=view.parameters,
        is_shared=view.is_shared,
    )


@access.project("client")
@require_safe
@report_page
def saved_views(request: HttpRequest, reading: Reading) -> HttpResponse:
    """All views of the project that the user may open."""
    rows = saved.visible(reading.project, request.membership)  # type: ignore[attr-defined]
    query = ListQuery.parse(FIELDS, request.GET, sort="name")
    made = tables.Listing(
        "saved-views",
        "Saved views",
        FIELDS,
        lambda asked: asked.fetch(rows),
        lambda asked: asked.stream(rows),
        "saved-views",
        cells=_cells(reading),
        value=_value,
        row_url=lambda row: reading.url("saved_view", view_id=row.pk),
        row_label="Rename, share or delete",
        labels=saved.LISTS,
        empty=tables.Empty(
            "No view is kept yet",
            "Filter a list, choose its columns, and save it under a name with the button “Views”.",
            reading.url("links"),
            "Open the backlinks",
        ),
    )
    context = page_context(request, reading)
    return tables.answer(request, made, query, page="backlinks/saved_views.html", context=context, keep=reading.carried)


def _value(column: tables.Column, row: SavedView) -> Any:
    if column.name == "owner":
        return str(row.owner)
    return saved.LISTS.get(row.listing, row.listing) if column.name == "listing" else tables.value_of(column, row)


def _cells(reading: Reading) -> Callable[..., list[tables.Cell]]:
    def made(columns: Any, row: SavedView) -> list[tables.Cell]:
        urls = {"name": _opened(reading, row)}
        return [tables.Cell(one, _value(one, row), href=urls.get(one.name, "")) for one in columns]

    return made


def _opened(reading: Reading, view: SavedView) -> str:
    """The list as the view keeps it, on what is being read."""
    page = reading.url(view.listing)
    return f"{page}{'&' if '?' in page else '?'}{view.parameters}" if view.parameters else page


@access.project("client")
@require_http_methods(["GET", "HEAD", "POST"])
@report_page
def saved_view(request: HttpRequest, reading: Reading, view_id: int) -> HttpResponse:
    """One view: what it keeps; its owner and admins rename and share it here."""
    view = _visible(request, reading.project, view_id)
    may_change = saved.may_change(view, request.membership)  # type: ignore[attr-defined]
    may_share = request.membership.may("viewer")  # type: ignore[attr-defined]
    if request.method == "POST" and may_change:
        wants_sharing = request.POST.get("is_shared") == "yes"
        try:
            saved.change(view, name=request.POST.get("name", ""), is_shared=wants_sharing and may_share)
        except saved.NotSaved as error:
            messages.error(request, str(error))
            return redirect(request.get_full_path())
        _record(request, view, "view.changed")
        messages.success(request, f"View “{view.name}” is changed.")
        return redirect(reading.url("saved_views"))
    context = page_context(request, reading) | {
        "view": view,
        "list_name": saved.LISTS.get(view.listing, view.listing),
        "open_url": _opened(reading, view),
        "may_change": may_change,
        "may_share": may_share,
        "kept": parse_qsl(view.parameters),
        "all_url": reading.url("saved_views"),
        "delete_url": reading.url("delete_view", view_id=view.pk),
    }
    return render(request, "backlinks/saved_view.html", context, status=200 if request.method != "POST" else 403)


def _visible(request: HttpRequest, project: Project, view_id: int) -> SavedView:
    found = saved.visible(project, request.membership).filter(pk=view_id).first()  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return found


@access.project("client")
@require_POST
def delete_view(request: HttpRequest, project: Project, view_id: int) -> HttpResponse:
    view = _visible(request, project, view_id)
    if not saved.may_change(view, request.membership):  # type: ignore[attr-defined]
        messages.error(request, "Only its owner and admins delete a shared view.")
        return redirect(_url(project, "saved_views"))
    _record(request, view, "view.removed")
    view.delete()
    messages.success(request, f"View “{view.name}” is deleted.")
    return redirect(_url(project, "saved_views"))


# --- Advanced filters -----------------------------------------------------------------------------------------------
def too_long(request: HttpRequest, project: Project) -> HttpResponse:
    messages.error(request, "This filter is larger than 8 MB: a list has at most 10,000 values.")
    return redirect(_url(project, "links"))


@access.project("client")
@require_POST
@takes_long_form(FORM_BYTES, too_long)
def filter_rows(request: HttpRequest, project: Project) -> HttpResponse:
    """Lead to the list with the filter that was written; long lists of values are kept on the way."""
    path = _back(request, project).partition("?")[0]
    kept = {name: text for name, text in request.POST.items() if name not in OURS and text}
    where = _read(request, project)
    if where.error and len(request.POST.get(index.WHERE, "")) > expression.MAX_LENGTH:
        messages.error(request, f"The filter was not applied. {where.error}")
        where = expression.NOTHING
    parameters = {**kept, **({index.WHERE: where.text} if where.text else {})}
    return redirect(f"{path}?{urlencode(parameters)}" if parameters else path)


def _read(request: HttpRequest, project: Project) -> expression.Expression:
    text, report = request.POST.get(index.WHERE, ""), request.POST.get("list_report", "")
    today = datetime.now(UTC).date()
    if report not in index.REPORTS:
        return expression.Expression(text[: expression.MAX_LENGTH])
    columns = index.columns(report)
    found = expression.parse(
        text,
        columns,
        today=today,
        lists=lambda name: lists.values_of(project.workspace_id, name),
        longest=expression.MAX_PASTED,
    )
    try:
        made = lists.lifted(request.membership, found, columns)  # type: ignore[attr-defined]
    except lists.NotKept as error:
        return expression.Expression(text[: expression.MAX_LENGTH], error=str(error))
    if len(made.text) > expression.MAX_LENGTH and made.tree is not None:
        return expression.parse(made.text, columns, today=today)  # which says that it is too long
    return made
