"""Requests to owners of sites to take links away: the list, a page of each with its mail, and all of it printed."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from audit import approving, review
from audit.clients import standing
from audit.forms import RemovalForm
from audit.mailing import LOST, mail_of
from audit.models import Decision, DisavowVersion, ListedEntry, Removal
from audit.removals import Contact, Looked, change, contacts_in, looked
from audit.words import MARKED, name_of
from backlinks import index
from backlinks.views.exports import record_export
from projects import access
from projects import audit as audit_log
from projects.models import Project
from seoapp.lib import tables
from seoapp.lib.listquery import Field, ListQuery, Rows

from .asked import run_of, shown, url_of

STATES = dict(Removal.State.choices)
WAYS = {
    "mail": "a mail address", "phone": "a phone number", "imprint": "an imprint", "contact": "a contact page",
    "linkedin": "a LinkedIn profile",
}  # fmt: skip
MOST_WAYS = 5
MOST_PRINTED = 5_000
TOLD_AT_ONCE = 500
FIELDS = (
    Field("domain", "Domain", "text", "text"),
    Field("state", "State", "text", "choice", tuple(STATES)),
    Field("contact", "Contact", "text", "text"),
    Field("links", "Links", "int", sortable=False, help="Of those that the newest audit judged."),
    Field("visit", "Our last visit", "text", sortable=False, help="Whether our crawler still found the links."),
    Field("note", "Note", "text", "text"),
    Field("who", "Asked for by", "text", sortable=False, path="made_by", default=False),
    Field("made_at", "Asked for", "date", "date"),
    Field("changed_at", "Changed", "date", "date"),
)


# --- The list ---------------------------------------------------------------------------------------------------------
@access.project("viewer")
@require_safe
def removals(request: HttpRequest, project: Project) -> HttpResponseBase:
    """The page, its fragment, or a file of all rows."""
    listing = _listing(project)
    query = ListQuery.parse(listing.columns, request.GET, sort="-changed_at")
    context = {"project": project, "states": _states(project, request.GET.get("state", ""))}
    try:
        return tables.answer(request, listing, query, page="audit/removals.html", context=context)
    except index.IndexUnavailable as error:
        return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)


def _all(project: Project) -> QuerySet[Removal]:
    return Removal.objects.filter(project=project).select_related("made_by")


def _states(project: Project, chosen: str) -> list[tables.Link]:
    counts = dict(_all(project).order_by().values_list("state").annotate(Count("pk")))
    made = [
        tables.Link(f"{label} {counts.get(name, 0):,}", url_of(project, "removals", {"state": name}), name == chosen)
        for name, label in STATES.items()
    ]
    return [tables.Link(f"All {sum(counts.values()):,}", url_of(project, "removals"), chosen not in STATES), *made]


def _listing(project: Project) -> tables.Listing:
    rows = _all(project)
    review_url = url_of(project, "domains", {"list": "open"})
    return tables.Listing(
        name="audit-removals",
        title=f"Requests to take links to {project.target.domain} away",
        columns=FIELDS,
        fetch=lambda query: _page(project, query, rows),
        stream=lambda query: _told(project, query.stream(rows)),
        file_name=f"{project.target.domain}-removals-{datetime.now(UTC):%Y-%m-%d}",
        cells=lambda columns, row: [_cell(project, one, row) for one in columns],
        value=_value,
        row_url=lambda row: url_of(project, "removal", domain=row["domain"]),
        row_label="The request and its mail",
        labels=STATES,
        exported=record_export(project, project.target),
        stacks=True,
        empty=tables.Empty(
            "No owner is asked for anything", "Decide “Ask for removal” about a domain.", review_url, "To the review"
        ),
    )


def _page(project: Project, query: ListQuery, rows: QuerySet[Removal]) -> Rows:
    found = query.fetch(rows)
    return Rows(list(_told(project, found.rows)), found.more)


def _told(project: Project, rows: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Each request as a row, with the links that the newest audit knows of its domain."""
    audit = shown(project)
    run = run_of(audit) if audit else None
    left = iter(rows)
    while some := list(islice(left, TOLD_AT_ONCE)):
        names = [one.domain for one in some]
        told = index.auditlists.told_of(run, names) if run else {}
        looks = index.looks_at(_links_of(project), names)
        for one in some:
            links = told[one.domain]["links"] if one.domain in told else None
            kept = {field.name: getattr(one, field.lookup) for field in FIELDS if field.name not in ("links", "visit")}
            yield kept | {"links": links, "visit": _visit(looked(looks.get(one.domain)))}


def _links_of(project: Project) -> index.LinkQuery:
    return index.LinkQuery.parse(
        workspace=project.workspace_id, target=project.target, report="links", params={index.GRAPH: index.GRAPH_OFF}
    )


def _visit(found: Looked | None) -> str:
    """What our last visits found, in words; "" where none has looked."""
    if found is None:
        return ""
    day = f"{found.day.day} {found.day:%b %Y}"
    if found.is_gone:
        return f"no link any more on {day}"
    return f"{found.gone:,} of {found.links:,} gone on {day}" if found.gone else f"still there on {day}"


def _value(column: tables.Column, row: dict[str, Any]) -> Any:
    if column.name == "state":
        return STATES[row["state"]]
    if column.name == "who":
        return str(row["who"]) if row["who"] else ""
    found = tables.value_of(column, row)
    return timezone.localdate(found) if column.kind == "date" and found else found


def _cell(project: Project, column: tables.Column, row: dict[str, Any]) -> tables.Cell:
    href = url_of(project, "removal", domain=row["domain"]) if column.name == "domain" else ""
    empty = {"contact": "not known yet", "visit": "none has looked"}.get(column.name, "")
    return tables.Cell(column=column, value=_value(column, row), href=href, empty=empty)


# --- One request ------------------------------------------------------------------------------------------------------
@access.project("viewer")
@require_safe
def removal(request: HttpRequest, project: Project, domain: str) -> HttpResponse:
    """A request: its mail, how far it is, and everything that happened."""
    return _shown(request, project, request_of(project, domain), None)


def request_of(project: Project, domain: str) -> Removal:
    found = _all(project).filter(domain=domain).first()
    if found is None:
        raise Http404
    return found


def _shown(request: HttpRequest, project: Project, row: Removal, form: RemovalForm | None) -> HttpResponse:
    audit = shown(project)
    try:
        links = index.auditlists.links_of(run_of(audit), row.domain) if audit else []
        ways = index.contact_pages(project.workspace_id, row.domain, MOST_WAYS)
        visit = looked(index.looks_at(_links_of(project), [row.domain]).get(row.domain))
    except index.IndexUnavailable as error:
        return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)
    contacts = contacts_in(ways)
    offered = contacts[0].address if contacts and not row.contact and len(row.history) == 1 else ""
    context = {
        "project": project,
        "audit": audit,
        "row": row,
        "links": links,
        "gone": sum(one["state"] == LOST for one in links),
        "client_objects": standing.objections(project).filter(domain=row.domain).exists(),
        "visit": visit,
        "mail": mail_of(project, row, links, request.user, offered),
        "ways": [(one["page_url"], _ways(one), one["fetched_at"]) for one in ways],
        "contacts": contacts,
        "offered": offered,
        "decision": review.of_names(project, [row.domain]).first(),
        "history": _history(row),
        "form": form or RemovalForm(initial={"state": row.state, "contact": row.contact or offered}),
    }
    return render(request, "audit/removal.html", context, status=422 if form and form.errors else 200)


def _ways(page: dict[str, Any]) -> str:
    return ", ".join(WAYS.get(way, way) for way in page["contacts"])


def _history(row: Removal) -> list[dict[str, Any]]:
    return [
        {**line, "at": parse_datetime(line["at"]), "state": STATES.get(line["state"], line["state"])}
        for line in row.history
    ]


@access.project("editor")
@require_POST
def removal_change(request: HttpRequest, project: Project, domain: str) -> HttpResponse:
    """What became of a request."""
    row = request_of(project, domain)
    form = RemovalForm(request.POST)
    if not form.is_valid():
        return _shown(request, project, row, form)
    if change(row, request.user, **form.cleaned_data, seen=_seen(project, domain)):
        state = STATES[form.cleaned_data["state"]]
        audit_log.record_request(
            request, "removal.changed", project.workspace, f"{domain}: {state}", project=project.pk, domain=domain
        )
        messages.success(request, "Noted.")
    return redirect(url_of(project, "removal", domain=domain))


def _seen(project: Project, domain: str) -> list[Contact]:
    """Contacts that the crawler knows; none while the index is away."""
    try:
        return contacts_in(index.contact_pages(project.workspace_id, domain, MOST_WAYS))
    except index.IndexUnavailable:
        return []


# --- On paper ---------------------------------------------------------------------------------------------------------
@access.project("viewer")
@require_safe
def removal_history(request: HttpRequest, project: Project) -> HttpResponse:
    """Every request and every disavowal with who, when and why, to be printed for a reconsideration request."""
    rows = list(_all(project).order_by("domain")[:MOST_PRINTED])
    decided = Decision.objects.filter(project=project, verdict=Decision.Verdict.DISAVOW)
    disavowed = decided.select_related("made_by", "approved_by").order_by("domain", "url")
    reasons = dict(review.of_names(project, [one.domain for one in rows]).values_list("domain", "reason"))
    brought = ListedEntry.objects.filter(project=project)
    asks = approving.needs_second(project)
    waiting = set(approving.waiting(project).values_list("pk", flat=True)) if asks else set()
    held = waiting | set(decided.filter(domain__in=standing.objected(project)).values_list("pk", flat=True))
    uploads = DisavowVersion.objects.filter(project=project).exclude(uploaded_at=None).defer("text", "original")
    context = {
        "project": project,
        "requests": [(one, reasons.get(one.domain, ""), _history(one)) for one in rows],
        "states": _states(project, ""),
        "disavowed": [
            (one, _strong(one.evidence), one.pk in waiting, one.pk in held) for one in disavowed[:MOST_PRINTED]
        ],
        "brought": brought.select_related("origin").defer("origin__text", "origin__original")[:MOST_PRINTED],
        "brought_count": brought.count(),
        "disavowals": disavowed.count(),
        "held_count": len(held),
        "uploads": uploads.order_by("number"),
        "most": MOST_PRINTED,
        "today": timezone.localdate(),
    }
    return render(request, "audit/removal_history.html", context)


def _strong(markers: Iterable[str]) -> list[str]:
    """The evidence; context, and what speaks for a domain, is no reason."""
    return [f"{name_of(one)} ({one})" for one in markers if one in MARKED and MARKED[one].kind != "C"]
