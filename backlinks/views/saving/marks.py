"""Marks on the pages of links and domains, and what is done with many rows of their lists at once.

Decided: a form says which rows somebody ticked, or that it means all rows of the list with its filters; the index is
asked again which of them belong to this reading, and only those are touched. More than a thousand rows are asked about
once more. The last thing somebody did at once in a project can be taken back; both stand in the audit log with counts.
Clients see no marks: their lists have neither the columns nor the filters; `reports.listing` sees to it for every list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from backlinks import actions, index
from backlinks.actions import Chosen, LinkAction, Refused
from backlinks.views.reading import TOO_LONG, Reading, page_context, report_page
from backlinks.workbench import marks
from backlinks.workbench.models import BulkChange
from projects import access
from projects.audit import record_request
from seoapp.lib import tables
from seoapp.lib.expression import TooSlow
from seoapp.lib.listing import Bulk, BulkAction
from seoapp.lib.words import counted

MARKED = ("links", "domains")  # reports whose rows have marks
MOST, ASK_OVER = 10_000, 1_000  # rows at once; from where on somebody is asked once more
ROW_FIELDS = 250  # rows of the longest page
TOO_MANY = f"More than {MOST:,} rows fit: narrow the list with a filter first."
NOUNS = {"links": "link", "domains": "domain"}


# --- In lists ---------------------------------------------------------------------------------------------------------
def sees_marks(request: HttpRequest) -> bool:
    return request.membership.may("viewer")  # type: ignore[attr-defined,no-any-return]


def seen_query(request: HttpRequest, query: index.LinkQuery) -> index.LinkQuery:
    """The query as this member may ask it: a client's neither filters nor sorts by marks."""
    return query if sees_marks(request) else marks.without(query)


def with_marks(request: HttpRequest, reading: Reading, listing: tables.Listing) -> tables.Listing:
    """The list with marks, where its rows have any; for a client without their columns."""
    if not marks.NAMES & {one.name for one in listing.columns}:
        return listing
    if not sees_marks(request):
        return replace(listing, columns=tuple(one for one in listing.columns if one.name not in marks.NAMES))
    marked = marks.Marked(reading.project)
    counted_by = marked.count if listing.count else None
    return replace(listing, fetch=marked.fetch, stream=marked.stream, count=counted_by)


def with_bulk(
    request: HttpRequest, reading: Reading, listing: tables.Listing, query: index.LinkQuery
) -> tables.Listing:
    """The list with what can be done with many of its rows at once."""
    if query.report not in MARKED or query.group != "all" or not _allowed(request):
        return listing
    return replace(listing, bulk=_bulk(request, reading, query.report))


def _allowed(request: HttpRequest) -> list[LinkAction]:
    return [one for one in actions.link_actions() if request.membership.may(one.role)]  # type: ignore[attr-defined]


def _bulk(request: HttpRequest, reading: Reading, report: str) -> Bulk:
    offered = tuple(
        BulkAction(
            one.name,
            one.label,
            one.icon,
            tuple((field.name, field.label, field.most, field.needed) for field in one.fields),
        )
        for one in _allowed(request)
    )
    return Bulk(
        url=reading.url("rows_act"),
        actions=offered,
        pick=_pick_link if report == "links" else _pick_domain,
        most=MOST,
        undo_url=reading.url("rows_undo"),
        last=_own_changes(request, reading).values_list("about", flat=True).first() or "",
    )


def _pick_link(row: Any) -> tuple[str, str]:
    return str(row["link_id"]), f"the link from {row['source_url']}"


def _pick_domain(row: Any) -> tuple[str, str]:
    return row["source_domain"], row["source_domain"]


def _own_changes(request: HttpRequest, reading: Reading) -> QuerySet[BulkChange]:
    """What the user can take back: one row at most, whose `before` may be long."""
    return BulkChange.objects.filter(project=reading.project, user=request.user)


# --- Many rows at once ------------------------------------------------------------------------------------------------
@access.project("editor")
@require_POST
@report_page
def bulk(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Carry out an action on the rows that a form names, or ask once more."""
    report, action = request.POST.get("report", ""), actions.link_action(request.POST.get("action", ""))
    if report not in MARKED or (action is None and request.POST.get("action")):
        raise Http404
    if action is None:
        messages.warning(request, "Nothing was done: press the button of what you want.")
        return redirect(_back(request, reading, report))
    if not request.membership.may(action.role):  # type: ignore[attr-defined]
        raise PermissionDenied
    back = _back(request, reading, report)
    try:
        values = _values(request, action)
        rows = _chosen(request, reading, report)
        if len(rows) > ASK_OVER and request.POST.get("sure") != "yes":
            return _ask(request, reading, action, values, len(rows), back)
        with transaction.atomic():
            message = _carry_out(request, reading, action, rows, values)
        messages.success(request, message)
    except (Refused, TooSlow) as error:
        messages.error(request, str(error))
    except index.TooLong:
        messages.error(request, f"Nothing was done. {TOO_LONG}")
    return redirect(back)


def _back(request: HttpRequest, reading: Reading, report: str) -> str:
    """The list that the form came from; any other address leads to the whole list."""
    asked, home = request.POST.get("back", ""), reading.url(report)
    path = home.partition("?")[0]
    return asked if asked.partition("?")[0] == path and len(asked) < 8_000 else home


def _values(request: HttpRequest, action: LinkAction) -> dict[str, str]:
    values = {one.name: request.POST.get(f"{action.name}.{one.name}", "").strip() for one in action.fields}
    for one in action.fields:
        if len(values[one.name]) > one.most:
            raise Refused(f"{one.label}: at most {one.most:,} characters.")
        if one.needed and not values[one.name]:
            raise Refused(f"“{action.label}” needs a {one.label.lower()}: type it beside the button.")
    return values


def _chosen(request: HttpRequest, reading: Reading, report: str) -> list[Chosen]:
    """The rows that the form means, as far as they are rows of this reading."""
    query = reading.query(report, QueryDict(request.POST.get("query", "")).dict())
    if request.POST.get("all") == "yes":
        if query.where.error:
            raise Refused(f"The advanced filter cannot be read, so nothing was done. {query.where.error}")
        rows = index.chosen(marks.Marked(reading.project).query(query), MOST + 1)
        if len(rows) > MOST:
            raise Refused(TOO_MANY)
    else:
        rows = _ticked(query, request.POST.getlist("row")[:ROW_FIELDS])
    if not rows:
        raise Refused("No row was chosen: tick rows of the list, or “All rows of this list”.")
    return [_row(one) for one in rows]


def _ticked(query: index.LinkQuery, asked: Sequence[str]) -> list[dict[str, Any]]:
    if query.report == "domains":
        return index.chosen_domains(query, asked)
    ids = [int(one) for one in asked if one.isascii() and one.isdigit() and len(one) < 21]
    return index.chosen_links(query, [one for one in ids if one < 2**64])


def _row(found: Mapping[str, Any]) -> Chosen:
    if "link_id" not in found:
        return Chosen(found["source_domain"])
    return Chosen(found["source_domain"], str(found["link_id"]), found["source_url"], found["target_url"])


def _ask(
    request: HttpRequest, reading: Reading, action: LinkAction, values: Mapping[str, str], count: int, back: str
) -> HttpResponse:
    context = page_context(request, reading) | {
        "action": action,
        "count": count,
        "noun": NOUNS[request.POST["report"]],
        "values": [(one.label, values[one.name]) for one in action.fields],
        "carried": {name: text for name, text in request.POST.items() if name not in ("csrfmiddlewaretoken", "sure")},
        "bulk_url": reading.url("rows_act"),
        "back": back,
        "own_url": back,
        "target_search_url": reading.url("overview").partition("?")[0],
    }
    return render(request, "backlinks/rows_sure.html", context)


def _carry_out(
    request: HttpRequest, reading: Reading, action: LinkAction, rows: list[Chosen], values: Mapping[str, str]
) -> str:
    """The change, its entry in the audit log and what takes it back: all of them or nothing."""
    project = reading.project
    outcome = action.run(project, request.user, rows, values)
    said = ", ".join(f"{name}: {text}" for name, text in values.items() if text)
    about = f"{action.label}{f' ({said})' if said else ''}, {counted(outcome.changed, 'row')}"[:200]
    record_request(
        request, "links.acted", project.workspace, action.label, project=project.pk, target=str(reading.target),
        values=dict(values), rows=len(rows), changed=outcome.changed,
    )  # fmt: skip
    if outcome.changed and outcome.before is not None:
        kept = {"action": action.name, "about": about, "before": outcome.before}
        BulkChange.objects.update_or_create(project=project, user=request.user, defaults=kept)
        return f"{outcome.message} “With chosen rows” takes it back."
    return outcome.message


@access.project("editor")
@require_POST
@report_page
def bulk_undo(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Take back what the user did last with many rows of the project."""
    last = _own_changes(request, reading).first()
    action = actions.link_action(last.action) if last else None
    if last is None or action is None or action.undo is None:
        messages.warning(request, "There is nothing to take back.")
    elif not request.membership.may(action.role):  # type: ignore[attr-defined]
        raise PermissionDenied
    else:
        with transaction.atomic():
            message = _take_back(request, reading, last, action.undo)
        messages.success(request, message)
    path = request.POST.get("back", "").partition("?")[0]
    report = next((one for one in MARKED if path == reading.url(one).partition("?")[0]), "links")
    return redirect(_back(request, reading, report))


def _take_back(request: HttpRequest, reading: Reading, last: BulkChange, undo: actions.Undo) -> str:
    outcome = undo(reading.project, request.user, last.before)
    record_request(
        request, "links.taken_back", reading.project.workspace, last.about, project=reading.project.pk,
        changed=outcome.changed,
    )  # fmt: skip
    BulkChange.objects.filter(pk=last.pk, made_at=last.made_at).delete()  # a newer change stays to be taken back
    return outcome.message


# --- One link ---------------------------------------------------------------------------------------------------------
@access.project("editor")
@require_POST
@report_page
def mark(request: HttpRequest, reading: Reading, link_id: int) -> HttpResponse:
    """Say what one link's own mark says: its tags, note and whether the team vouches for it."""
    found = index.chosen_links(reading.query("links"), [link_id]) if link_id < 2**64 else []
    if not found:
        raise Http404
    tags = marks.tidy_tags(request.POST.get("tags", ""))
    said = marks.Said(tags, marks.tidy_note(request.POST.get("note", "")), request.POST.get("whitelisted") == "yes")
    page = reading.url("link", link_id=link_id) + "#mark"
    if len(tags) > marks.MOST_TAGS:
        messages.error(request, f"A link has at most {marks.MOST_TAGS} tags.")
        return redirect(page)
    try:
        count, _ = marks.change(reading.project, request.user, [_row(found[0])], lambda _: said)
    except Refused as error:
        messages.error(request, str(error))
        return redirect(page)
    if count:
        values = {"tags": list(tags), "note": said.note, "whitelisted": said.whitelisted}
        record_request(
            request, "link.marked", reading.project.workspace, found[0]["source_url"], project=reading.project.pk,
            **values,
        )  # fmt: skip
        messages.success(request, "Kept.")
    return redirect(page)
