"""What the link of a client review opens: no account, nothing of the workspace but what was shared.

Decided: GET changes nothing, because mail scanners and previews follow links; an opening is counted by the page's own
script once a browser shows it, or by the first answer. A link that is not known is 404, one that has ended 410, each in
a clear sentence. Members of the workspace see the page and cannot answer, so that nobody approves his own decision by
mistake in the client's name. The referrer goes to nobody else (`same-origin`). Refused: `no-referrer`, with which
browsers send the origin "null", and no form could be told from a forged one.
"""

import base64
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from audit.clients import answering, sharing
from audit.clients.answering import EMAIL_LENGTH, NAME_LENGTH, NOTE_LENGTH, Given, NotTaken, Saved
from audit.clients.models import ClientAnswer, ClientReview
from projects import access, logos
from projects import audit as audit_log
from projects.models import Membership, Role
from seoapp.lib.words import counted, typed

PER_PAGE = 20  # domains
POSTED, MISSED = "client_review", "client_review_missed"  # settings.ACCOUNT_RATE_LIMITS
HEADERS = {
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "private, no-store",
}
ANSWERS = ClientAnswer.Answer
VERBS = {"disavow": "We want search engines to ignore it", "remove": "We want to ask its owner to take the link away"}
LinkView = Callable[[HttpRequest, ClientReview, str], HttpResponse]


def _by_link(view: LinkView) -> Callable[..., HttpResponse]:
    """The review of the token, with headers that keep its address private."""

    @wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponse:
        response = _limited(request) or _answer(view, request, token)
        for name, value in HEADERS.items():
            response[name] = value
        return response

    return access.public(wrapped)


def _limited(request: HttpRequest) -> HttpResponse | None:
    return ratelimit.consume_or_429(request, action=POSTED)  # POSTs alone


def _answer(view: LinkView, request: HttpRequest, token: str) -> HttpResponse:
    found = sharing.find(token)
    if found is None:
        limited = ratelimit.consume_or_429(request, action=MISSED, limit_get=True)
        return limited or render(request, "audit/client_closed.html", {"why": "unknown"}, status=404)
    if found.revoked_at or found.has_expired:
        context = {"why": "revoked" if found.revoked_at else "expired", "workspace": found.project.workspace}
        return render(request, "audit/client_closed.html", context, status=410)
    return view(request, found, token)


@_by_link
@require_safe
def client_page(request: HttpRequest, row: ClientReview, token: str) -> HttpResponse:
    """The domains, a page at a time, with what was answered so far."""
    answers = list(row.answers.all())
    pages = max((len(answers) + PER_PAGE - 1) // PER_PAGE, 1)
    asked = request.GET.get("page", "")
    page = min(max(int(asked), 1), pages) if asked.isdecimal() and len(asked) < 6 else 1
    done = sum(one.answer != "" for one in answers)
    is_member = _is_member(request, row)
    context = {
        "row": row,
        "token": token,
        "workspace": row.project.workspace,
        "logo": base64.b64encode(logos.bytes_of(row.project.workspace) or b"").decode("ascii"),
        "site": row.project.target.label,
        "cards": [_card(one) for one in answers[(page - 1) * PER_PAGE : page * PER_PAGE]],
        "choices": ANSWERS.choices,
        "verdicts": {one.verdict for one in answers},
        "done": done,
        "left": len(answers) - done,
        "total": len(answers),
        "page": page,
        "pages": pages,
        "may_answer": row.takes_answers and not is_member,
        "is_member": is_member,
        "counts": row.takes_answers and not is_member and not request.GET,
        "limits": {"note": NOTE_LENGTH, "name": NAME_LENGTH, "email": EMAIL_LENGTH},
    }
    return render(request, "audit/client_page.html", context)


def _card(one: ClientAnswer) -> dict[str, Any]:
    links = one.shown.get("links", [])
    more = one.shown.get("count", 0) - len(links)
    return {
        "id": str(one.pk),
        "domain": one.domain,
        "verb": VERBS.get(one.verdict, ""),
        "reason": one.shown.get("reason", ""),
        "points": one.shown.get("points", []),
        "first": links[:1],
        "others": links[1:],
        "more": more if links and more > 0 else 0,
        "answer": one.answer,
        "label": one.get_answer_display(),
        "note": one.note,
        "was": answering.mark(one.answer, one.note),
    }


def _is_member(request: HttpRequest, row: ClientReview) -> bool:
    """Whether whoever looks belongs to the agency; its clients may answer."""
    if not request.user.is_authenticated:
        return False
    members = Membership.objects.filter(workspace=row.project.workspace_id, user=request.user)
    return members.exclude(role=Role.CLIENT).exists()


@_by_link
@require_POST
def client_opened(request: HttpRequest, row: ClientReview, token: str) -> HttpResponse:
    """A browser shows the page."""
    if row.takes_answers and not _is_member(request, row):
        _open(request, row)
    return HttpResponse(status=204)


def _open(request: HttpRequest, row: ClientReview) -> None:
    if answering.opened(row):
        _log(request, row, "opened")


@_by_link
@require_POST
def client_answer(request: HttpRequest, row: ClientReview, token: str) -> HttpResponse:
    """Keep what was answered; `action` goes on, agrees to all that is left, or sends."""
    action = request.POST.get("action", "")
    if _is_member(request, row):
        messages.error(request, "You are a member of the workspace that asks: only the client answers here.")
        return redirect(_address(token, request.POST.get("page", "")))
    try:
        saved = answering.save(row, _given(request, row))
        rest = answering.agree_to_rest(row) if action == "all" else Saved({})
        if not row.openings:
            _open(request, row)
        return _taken(request, row, token, Saved({**saved.changes, **rest.changes}, saved.meanwhile))
    except NotTaken as error:
        messages.error(request, str(error))
        return redirect(_address(token, request.POST.get("page", ""), "#send" if action == "send" else ""))


def _given(request: HttpRequest, row: ClientReview) -> dict[int, Given]:
    """What the form says of the domains that stood in it, of this review alone."""
    posted = request.POST
    return {
        pk: Given(posted.get(f"answer-{pk}", ""), typed(posted.get(f"note-{pk}", ""), NOTE_LENGTH), posted[f"was-{pk}"])
        for pk in row.answers.values_list("pk", flat=True)
        if f"was-{pk}" in posted
    }


def _taken(request: HttpRequest, row: ClientReview, token: str, saved: Saved) -> HttpResponse:
    action, page = request.POST.get("action", ""), request.POST.get("page", "")
    name, email = (
        typed(" ".join(request.POST.get(field, "").split()), most)
        for field, most in (("name", NAME_LENGTH), ("email", EMAIL_LENGTH))
    )
    row.refresh_from_db()
    row.client_name = name or row.client_name  # whoever says it now
    if row.sent_at and saved.changes:
        _log(request, row, "answered", answers=dict([*saved.changes.items()][:100]))
    if name or action == "send":
        answering.sign(row, name, email)
    if action == "send" and answering.send(row):
        row.refresh_from_db()
        first = row.answers.exclude(answer="").values_list("domain", "answer")
        _log(request, row, "answered", answers=dict(first[:100]))
    _say(request, row, saved, is_sending=action == "send")
    onward = str(int(page) + 1) if action == "next" and page.isdecimal() and len(page) < 6 else page
    return redirect(_address(token, onward))


def _say(request: HttpRequest, row: ClientReview, saved: Saved, *, is_sending: bool) -> None:
    left = row.answers.filter(answer="").count()
    if row.sent_at:
        open_ones = f" {counted(left, 'website')} without an answer: you can come back to them." if left else ""
        if is_sending or saved.changes:
            messages.success(request, f"Thank you, your answers are sent.{open_ones}")
    else:
        messages.success(request, "Saved, not sent yet: send your answers at the end of this page when you are done.")
    if saved.meanwhile:
        changed = counted(saved.meanwhile, "answer")
        messages.warning(request, f"Look at them again: {changed} had been changed in another window meanwhile.")


def _log(request: HttpRequest, row: ClientReview, what: str, **detail: Any) -> None:
    """Who is not signed in goes by the name that he gives, which proves nothing."""
    user = request.user if request.user.is_authenticated else None
    audit_log.record(
        f"client_review.{what}", workspace=row.project.workspace, user=user, what=row, ip=audit_log.ip_of(request),
        who_text=f"{row.client_name or 'Somebody'} (by a client review's link)", project=row.project_id,
        review=row.pk, **detail,
    )  # fmt: skip


def _address(token: str, page: str, end: str = "") -> str:
    path = reverse("audit:client_page", kwargs={"token": token})
    return f"{path}?page={page if page.isdecimal() and len(page) < 6 else 1}{end}"
