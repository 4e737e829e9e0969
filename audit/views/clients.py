"""Client reviews as the team sees them: the list, a draft with its domains, one with its answers and objections."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from audit import approving, review
from audit.clients import sharing, standing
from audit.clients.models import ClientAnswer, ClientReview, state_of
from audit.clients.sharing import Asking, Link
from audit.forms import ClientReviewForm
from audit.models import Decision, Removal
from audit.review import Undecided
from backlinks import index
from backlinks.views.exports import record_export
from projects import access
from projects import audit as audit_log
from projects.models import Project
from seoapp.lib import tables
from seoapp.lib.listquery import Field, ListQuery, Rows
from seoapp.lib.words import counted

from .asked import run_of, shown, url_of
from .shelves import WAITING

STATES = dict(ClientReview.State.choices)
LISTS = {
    Decision.Verdict.DISAVOW.value: "all to be disavowed", Decision.Verdict.REMOVE.value: "all to be removed",
    WAITING: "all that wait for approval",
}  # fmt: skip
MOST_OBJECTIONS = 50  # shown with their buttons; the list has all
REVIEWS = (
    Field("title", "Title", "text", "text"),
    Field("state", "State", "text", "choice", tuple(STATES)),
    Field("answered", "Answered", "text", sortable=False, help="Also what is saved and not sent yet."),
    Field("objections", "Objections", "int", sortable=False, help="That nobody has resolved yet."),
    Field("openings", "Opened", "int", "number", help="How often a browser has shown it."),
    Field("opened_at", "Last opened", "datetime"),
    Field("expires_at", "Expires", "date", "date"),
    Field("who", "Made by", "text", sortable=False, path="made_by"),
    Field("made_at", "Made", "date", "date"),
)
VERDICTS = {Decision.Verdict.DISAVOW.value: "Disavow", Decision.Verdict.REMOVE.value: "Ask for removal"}
ANSWERS = dict(ClientAnswer.Answer.choices)
ASKED = (
    Field("domain", "Domain", "text", "text"),
    Field("verdict", "Decided", "text", "choice", tuple(VERDICTS)),
)
ANSWERED = (
    *ASKED,
    Field("answer", "The client says", "text", "choice", tuple(ANSWERS)),
    Field("note", "Note", "text", "text"),
    Field("outcome", "What came of it", "text", sortable=False),
    Field("answered_at", "Answered", "date", "date"),
)


# --- The list ---------------------------------------------------------------------------------------------------------
@access.project("viewer")
@require_safe
def client_reviews(request: HttpRequest, project: Project) -> HttpResponseBase:
    """The page, its fragment, or a file of all rows."""
    listing = _listing(project)
    query = ListQuery.parse(listing.columns, request.GET, sort="-made_at")
    context = {"project": project, "lists": _lists(project), "objections": standing.objections(project).count()}
    return tables.answer(request, listing, query, page="audit/client_reviews.html", context=context)


def _lists(project: Project) -> list[tuple[str, str, int]]:
    """Whole lists of the review that a client can be asked about, with their numbers."""
    counts = {name: len(_names_of(project, name)) for name in LISTS}
    return [(name, label, counts[name]) for name, label in LISTS.items() if counts[name]]


def _names_of(project: Project, name: str) -> frozenset[str]:
    """The domains of such a list; what an owner has removed is no question any more."""
    if name == WAITING:
        return frozenset(approving.waiting_names(project))
    made = Decision.objects.filter(project=project, url="", verdict=name if name in LISTS else "")
    if name == Decision.Verdict.REMOVE:
        gone = Removal.objects.filter(project=project, state=Removal.State.REMOVED)
        made = made.exclude(domain__in=gone.values("domain"))
    return frozenset(made.values_list("domain", flat=True))


def _all(project: Project) -> QuerySet[ClientReview]:
    made = ClientReview.objects.filter(project=project).select_related("made_by")
    answered = Count("answers", filter=~Q(answers__answer=""))
    return made.annotate(state=state_of(timezone.now()), asked=Count("answers"), answered=answered)


def _listing(project: Project) -> tables.Listing:
    rows = _all(project)
    return tables.Listing(
        name="client-reviews",
        title=f"Client reviews of {project.target.domain}",
        columns=REVIEWS,
        fetch=lambda query: _page(project, query, rows),
        stream=lambda query: _told(project, query.stream(rows)),
        file_name=f"{project.target.domain}-client-reviews-{datetime.now(UTC):%Y-%m-%d}",
        cells=lambda columns, row: [_cell(project, one, row) for one in columns],
        value=_value,
        row_url=lambda row: url_of(project, "client_review", review_id=row["id"]),
        row_label="The review with its answers",
        labels=STATES,
        exported=record_export(project, project.target),
        stacks=True,
        empty=tables.Empty(
            "No client was asked yet", "Tick domains that are to be disavowed or removed, and ask the client.",
            url_of(project, "domains", {"list": Decision.Verdict.DISAVOW.value}), "To the domains to disavow",
        ),
    )  # fmt: skip


def _page(project: Project, query: ListQuery, rows: QuerySet[ClientReview]) -> Rows:
    found = query.fetch(rows)
    return Rows(list(_told(project, found.rows)), found.more)


def _told(project: Project, rows: Iterable[Any]) -> Iterator[dict[str, Any]]:
    open_ones = Counter(standing.objections(project).values_list("review", flat=True))
    for one in rows:
        kept = {name: getattr(one, name) for name in ("id", "state", "openings", "opened_at", "expires_at", "made_at")}
        yield kept | {
            "title": str(one),
            "who": str(one.made_by or ""),
            "answered": f"{one.answered:,} of {one.asked:,}",
            "objections": open_ones[one.pk],
        }


def _value(column: tables.Column, row: dict[str, Any]) -> Any:
    if column.name == "state":
        return STATES[row["state"]]
    found = tables.value_of(column, row)
    return timezone.localdate(found) if column.kind == "date" and found else found


def _cell(project: Project, column: tables.Column, row: dict[str, Any]) -> tables.Cell:
    href = url_of(project, "client_review", review_id=row["id"]) if column.name == "title" else ""
    empty = "never" if column.name == "opened_at" else ""
    return tables.Cell(column=column, value=_value(column, row), href=href, empty=empty)


# --- A draft, and its link --------------------------------------------------------------------------------------------
def begin(request: HttpRequest, project: Project, names: Sequence[str]) -> HttpResponse:
    """A draft about these domains. Raises `Undecided`."""
    made = sharing.draft(project, names, request.user)
    left = len(set(names)) - made.answers.count()
    if left:
        messages.info(request, f"{counted(left, 'domain')} left out: not to be disavowed or removed.")
    return redirect(url_of(project, "client_review", review_id=made.pk))


@access.project("editor")
@require_POST
def client_review_begin(request: HttpRequest, project: Project) -> HttpResponse:
    """A draft about a whole list of the review."""
    asked = request.POST.get("list", "")
    try:
        return begin(request, project, sorted(_names_of(project, asked)))
    except Undecided as error:
        messages.error(request, str(error))
        return redirect(url_of(project, "client_reviews"))


@access.project("editor")
@require_POST
def client_review_share(request: HttpRequest, project: Project, review_id: int) -> HttpResponseBase:
    """Ask the client: the link is in this answer alone, so that it is shown once."""
    row = _row(project, review_id)
    form = ClientReviewForm(request.POST)
    if not form.is_valid():
        return _shown(request, project, row, form=form)
    audit = shown(project)
    try:
        made = sharing.share(row, Asking(**form.cleaned_data), run_of(audit) if audit else None)
    except (Undecided, index.IndexUnavailable) as error:
        messages.error(request, str(error))
        return redirect(url_of(project, "client_review", review_id=review_id))
    _log(
        request, project, made.review, "made", domains=list(made.review.answers.values_list("domain", flat=True)[:100])
    )
    return _shown(request, project, _row(project, review_id), link=made)


@access.project("editor")
@require_POST
def client_review_change(request: HttpRequest, project: Project, review_id: int) -> HttpResponseBase:
    """Close it, open it again, revoke its link, drop a draft, or make a new link."""
    row, action = _row(project, review_id), request.POST.get("action", "")
    if action == "link":
        return _relinked(request, project, row)
    change, said = CHANGES.get(action, (None, ""))
    if change is None:
        raise Http404
    if change(row):
        messages.success(request, said)
        if action != "drop":
            _log(request, project, row, LOGGED[action])
    dropped = action == "drop" and not ClientReview.objects.filter(pk=row.pk).exists()
    return redirect(
        url_of(project, "client_reviews") if dropped else url_of(project, "client_review", review_id=row.pk)
    )


CHANGES = {
    "close": (sharing.close, "Closed: the client sees what was sent, and changes nothing any more."),
    "reopen": (sharing.reopen, "Open again: the client can change answers until the link expires."),
    "revoke": (sharing.revoke, "Revoked: the link is dead, and agreements that came by it count no more."),
    "drop": (sharing.drop, "The draft is gone."),
}
LOGGED = {"close": "closed", "reopen": "reopened", "revoke": "revoked"}


def _relinked(request: HttpRequest, project: Project, row: ClientReview) -> HttpResponseBase:
    days = request.POST.get("days", "")
    try:
        made = sharing.renew(row, int(days) if days.isdecimal() and len(days) < 5 else sharing.DAYS)
    except Undecided as error:
        messages.error(request, str(error))
        return redirect(url_of(project, "client_review", review_id=row.pk))
    _log(request, project, row, "relinked")
    return _shown(request, project, _row(project, row.pk), link=made)


def _log(request: HttpRequest, project: Project, row: ClientReview, what: str, **detail: Any) -> None:
    action = f"client_review.{what}"
    audit_log.record_request(request, action, project.workspace, row, project=project.pk, review=row.pk, **detail)


# --- One review -------------------------------------------------------------------------------------------------------
@access.project("viewer")
@require_safe
def client_review(request: HttpRequest, project: Project, review_id: int) -> HttpResponseBase:
    """A draft with its form, or what the client says."""
    return _shown(request, project, _row(project, review_id))


def _row(project: Project, review_id: int) -> Any:
    found = _all(project).filter(pk=review_id).first()
    if found is None:
        raise Http404
    return found


def _shown(
    request: HttpRequest, project: Project, row: Any, *, link: Link | None = None, form: ClientReviewForm | None = None
) -> HttpResponseBase:
    open_ones = standing.objections(project).filter(review=row)
    listing = _answers(project, row)
    context = {
        "project": project,
        "row": row,
        "state": STATES[row.state],
        "link": link,
        "form": form or ClientReviewForm(initial={"days": sharing.DAYS, "with_reasons": True}),
        "objections": open_ones[:MOST_OBJECTIONS],
        "objection_count": open_ones.count(),
        "days": str(sharing.DAYS),
        "most_days": str(sharing.MOST_DAYS),
        "here": url_of(project, "client_review", review_id=row.pk),
    }
    query = ListQuery.parse(listing.columns, request.GET, sort="domain")
    response = tables.answer(request, listing, query, page="audit/client_review.html", context=context)
    if form and form.errors:
        response.status_code = 422
    if link is not None:
        response["Cache-Control"] = "private, no-store"
    return response


def _answers(project: Project, row: ClientReview) -> tables.Listing:
    rows = row.answers.select_related("dismissed_by")
    decisions = review.of_names(project, rows.values_list("domain", flat=True))
    by_domain = {one.domain: one for one in decisions}
    return tables.Listing(
        name="client-answers",
        title=f"Domains of {row}",
        columns=ANSWERED if row.sent_at else ASKED,
        fetch=lambda query: query.fetch(rows),
        stream=lambda query: query.stream(rows),
        file_name=f"{project.target.domain}-client-answers-{datetime.now(UTC):%Y-%m-%d}",
        cells=lambda columns, one: [
            tables.Cell(
                column=column,
                value=_said(column, one, by_domain.get(one.domain)),
                href=url_of(project, "domain", domain=one.domain) if column.name == "domain" else "",
                empty="no answer" if column.name == "answer" else "",
            )
            for column in columns
        ],
        value=lambda column, one: _said(column, one, by_domain.get(one.domain)),
        labels=VERDICTS | ANSWERS,
        exported=record_export(project, project.target),
        stacks=True,
    )


def _said(column: tables.Column, one: ClientAnswer, decision: Decision | None) -> Any:
    if column.name == "verdict":
        return VERDICTS.get(one.verdict, one.verdict)
    if column.name == "answer":
        return ANSWERS.get(one.answer, "")
    if column.name == "outcome":
        return _outcome(one, decision)
    found = tables.value_of(column, one)
    return timezone.localdate(found) if column.kind == "date" and found else found


def _outcome(one: ClientAnswer, decision: Decision | None) -> str:
    if one.dismissed_at:
        return f"Dismissed by {one.dismissed_by or 'somebody'}: {one.dismissal}"
    if decision is not None and decision.verdict == Decision.Verdict.KEEP:
        return "Kept"
    if one.answer == ClientAnswer.Answer.KEEP:
        return "Objection, to be resolved"
    same = decision is not None and (decision.verdict, decision.made_at) == (one.verdict, one.decided_at)
    return "" if same or not one.answer else "Decided otherwise or anew since"
