"""Objections of clients: taken over, dismissed, and what the card of a domain shows of clients' answers."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from audit import approving, review
from audit.clients import resolving, standing
from audit.clients.models import ClientAnswer
from audit.models import Decision
from audit.review import Undecided
from projects import access
from projects import audit as audit_log
from projects.models import Project

from .asked import back, index_page, run_of, shown


@access.project("editor")
@require_POST
@index_page
def client_objection(request: HttpRequest, project: Project, answer_id: int) -> HttpResponse:
    """Take an objection over, or dismiss it with a reason."""
    sent = standing.sent(project).select_related("review__project")
    answer = sent.filter(pk=answer_id, answer=ClientAnswer.Answer.KEEP).first()
    if answer is None:
        raise Http404
    try:
        said, what = _resolved(request, project, answer)
    except Undecided as error:
        messages.error(request, str(error))
        return back(request, project)
    detail = {"project": project.pk, "review": answer.review_id, "note": answer.note, "why": answer.dismissal}
    audit_log.record_request(request, what, project.workspace, answer.domain, **detail)
    messages.success(request, said)
    return back(request, project)


def _resolved(request: HttpRequest, project: Project, answer: ClientAnswer) -> tuple[str, str]:
    if request.POST.get("action") == "keep":
        audit = shown(project)
        step = resolving.take_over(answer, request.user, run_of(audit) if audit else None)
        return f"{step.about}, as the client wants. Undo takes it back.", "client_review.taken_over"
    resolving.dismiss(answer, request.user, request.POST.get("why", ""))
    answer.refresh_from_db()
    return f"Dismissed: the decision about {answer.domain} stands.", "client_review.dismissed"


def said_of(project: Project, domain: str) -> dict[str, Any]:
    """What the card of a domain shows of clients' answers: each with whether it is an open objection, and whether one
    stands for the second person."""
    open_ones = set(standing.objections(project).filter(domain=domain).values_list("pk", flat=True))
    answers = list(standing.sent(project).filter(domain=domain).order_by("-answered_at", "-pk")[:20])
    asks = bool(answers) and approving.needs_second(project) and approving.client_is_second(project)
    stands = (
        asks
        and review.of_names(project, [domain]).filter(standing.is_agreed(), verdict=Decision.Verdict.DISAVOW).exists()
    )
    return {"client_says": [(one, one.pk in open_ones) for one in answers], "client_approves": stands}
