"""What a team says about a referring domain, and whose it is to look at.

Decided: both are for the team; clients see neither. A comment stays as it was said. Refused: mentions that send mail,
because a list "assigned to me" says the same without filling a mailbox.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from audit import assigning
from audit.models import Comment
from backlinks import index
from projects import access
from projects import audit as audit_log
from projects.models import Project

from . import objections
from .asked import back, run_of, shown


@access.project("editor")
@require_POST
def comment(request: HttpRequest, project: Project, domain: str) -> HttpResponse:
    """Say something about a domain."""
    try:
        _known(project, domain)
        assigning.comment(project, domain, request.POST.get("text", ""), request.user)
    except (assigning.NotSaid, index.IndexUnavailable) as error:
        messages.error(request, str(error))
        return back(request, project)
    audit_log.record_request(request, "audit.commented", project.workspace, domain, project=project.pk)
    messages.success(request, "The comment stands below.")
    return back(request, project)


@access.project("editor")
@require_POST
def assign(request: HttpRequest, project: Project, domain: str) -> HttpResponse:
    """Ask a member to look at a domain, or nobody."""
    try:
        _known(project, domain)
        user = assigning.assign(project, domain, request.POST.get("user", ""), request.user)
    except (assigning.NotSaid, index.IndexUnavailable) as error:
        messages.error(request, str(error))
        return back(request, project)
    detail = {"project": project.pk, "to": str(user or "")}
    audit_log.record_request(request, "audit.assigned", project.workspace, domain, **detail)
    messages.success(request, f"{domain} is for {user} to look at." if user else f"{domain} is nobody's to look at.")
    return back(request, project)


def _known(project: Project, domain: str) -> None:
    """404 for a domain that the newest audit does not know."""
    audit = shown(project)
    if audit is None or index.auditlists.domain_row(run_of(audit), domain) is None:
        raise Http404


def context(request: HttpRequest, project: Project, domain: str) -> dict[str, Any]:
    """What the card of a domain shows of it; nothing to a client."""
    if not request.membership.may("viewer"):  # type: ignore[attr-defined]
        return {}
    assigned = assigning.assigned_of(project, domain)
    whose = assigned.user_id if assigned else None
    return {  # numbers as text, because templates write 1,000 for a thousand
        "talks": True,
        "comments": assigning.comments_of(project, domain),
        "comment_length": str(Comment._meta.get_field("text").max_length),
        "assigned": assigned,
        "members": [(str(one.user_id), str(one.user), one.user_id == whose) for one in assigning.members(project)],
        **objections.said_of(project, domain),
        "my_id": "" if whose == request.user.pk else str(request.user.pk),
    }
