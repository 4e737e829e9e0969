"""The audit log: one row for each action that somebody may ask about later.

Rows are written once and never changed. What happens to an account (signing in, a new password) belongs to no
workspace;
a workspace sees it for its members, from the day they joined.
"""

from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from .models import AuditEntry, Membership, User, Workspace

ACTIONS = {
    "sign_in": "Signed in",
    "sign_in.failed": "Failed to sign in",
    "sign_out": "Signed out",
    "account.opened": "Opened an account",
    "password.set": "Set a password",
    "password.changed": "Changed the password",
    "password.reset": "Reset the password",
    "email.added": "Added an e-mail address",
    "email.changed": "Changed the e-mail address",
    "email.removed": "Removed an e-mail address",
    "second_factor.added": "Added a second factor",
    "second_factor.removed": "Removed a second factor",
    "second_factor.reset": "Renewed recovery codes",
    "second_factor.failed": "Failed the second factor",
    "workspace.created": "Created the workspace",
    "workspace.renamed": "Renamed the workspace",
    "workspace.logo_set": "Set the workspace's logo",
    "workspace.logo_removed": "Removed the workspace's logo",
    "member.invited": "Invited",
    "invitation.resent": "Sent an invitation again",
    "invitation.revoked": "Revoked an invitation",
    "member.joined": "Joined",
    "member.changed": "Changed a member's role",
    "member.removed": "Removed a member",
    "project.created": "Created a project",
    "project.changed": "Changed a project's settings",
    "project.removed": "Removed a project",
    "run.cancelled": "Cancelled a run",
    "run.retried": "Retried a run",
    "audit_log.exported": "Exported the audit log",
    "import.started": "Started an import",
    "import.removed": "Removed an import",
    "import.downloaded": "Downloaded an imported file",
    "crawl.started": "Started a crawl",
    "crawl.removed": "Removed a crawl",
    "check.started": "Started a check of links",
    "check.planned": "Changed how often links are checked",
    "link.watched": "Asked for a link to be watched",
    "link.unwatched": "Let a link go from those watched",
    "link.marked": "Marked a link",
    "links.acted": "Changed many links or domains at once",
    "links.taken_back": "Took back a change of many links or domains",
    "cloaking.asked": "Asked what a page shows to search engines",
    "site.watched": "Asked for a site to be watched for new pages",
    "site.looked_at": "Had a watched site looked at",
    "site.paused": "Paused a watched site",
    "site.resumed": "Resumed a watched site",
    "site.forgotten": "Let a watched site go",
    "benchmark.saved": "Saved a benchmark",
    "benchmark.changed": "Changed a benchmark's name or note",
    "benchmark.removed": "Deleted a benchmark",
    "targets.saved": "Saved a list of targets",
    "targets.counted": "Had a list of targets counted again",
    "targets.removed": "Deleted a list of targets",
    "topics.chosen": "Changed the topics of a domain",
    "topics.restored": "Took a change of topics back",
    "export": "Exported a report",
    "audit.started": "Started an audit",
    "audit.decided": "Decided about linking domains",
    "audit.alert_seen": "Noted an alert of the audit as seen",
    "audit.settings": "Changed how a project is audited",
    "audit.own_visits": "Brought or took out visits from own analytics",
    "audit.approved": "Approved disavowals of linking domains",
    "audit.refused": "Refused disavowals of linking domains",
    "audit.commented": "Commented on a linking domain",
    "audit.assigned": "Assigned a linking domain",
    "audit.taken_back": "Took a decision about linking domains back",
    "audit.anchors": "Said what anchors mean",
    "audit.anchors_back": "Took back what anchors mean",
    "report.started": "Asked for a report of an audit",
    "report.downloaded": "Downloaded a report of an audit",
    "report.removed": "Deleted a report of an audit",
    "weights.saved": "Saved a version of the audit's weights",
    "disavow.imported": "Brought an existing disavow file",
    "disavow.mended": "Mended a disavow file",
    "disavow.merged": "Merged a disavow file into the list",
    "disavow.restored": "Made the list that of an earlier disavow file again",
    "disavow.withdrawn": "Withdrew entries from the disavow list",
    "removal.changed": "Changed a request to take links away",
    "removal.mail": "Changed the mail of a request to take links away",
    "removal.template": "Changed the template of requests to take links away",
    "client_review.made": "Asked a client about linking domains",
    "client_review.relinked": "Made a new link to a client review",
    "client_review.opened": "Opened a client review for the first time",
    "client_review.answered": "Answered a client review",
    "client_review.closed": "Closed a client review",
    "client_review.reopened": "Opened a client review for answers again",
    "client_review.revoked": "Revoked the link to a client review",
    "client_review.taken_over": "Kept a linking domain because the client objected",
    "client_review.dismissed": "Dismissed a client's objection",
    "disavow.written": "Wrote a disavow file",
    "disavow.downloaded": "Downloaded a disavow file",
    "disavow.uploaded": "Noted that a disavow file was uploaded",
    "disavow.not_uploaded": "Noted that a disavow file was not uploaded",
    "view.saved": "Kept a view of a list",
    "view.changed": "Changed a view of a list",
    "view.removed": "Deleted a view of a list",
    "export.started": "Asked for an exported file",
    "export.downloaded": "Downloaded an exported file",
    "export.removed": "Deleted an exported file",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What of a workspace's log is asked for; empty is everything."""

    who: int | None = None
    action: str = ""
    before: int | None = None  # ids under this one: the page that follows


def record(
    action: str,
    *,
    workspace: Workspace | None,
    user: User | None,
    what: object = "",
    ip: str | None = None,
    who_text: str = "",
    **detail: Any,
) -> None:
    """`detail` must hold no secret."""
    AuditEntry.objects.create(
        workspace=workspace,
        who=user,
        who_text=str(user or who_text or "system")[:254],
        action=action,
        what=str(what)[:254],
        detail=detail,
        ip=ip,
    )


def record_request(
    request: HttpRequest, action: str, workspace: Workspace | None, what: object = "", **detail: Any
) -> None:
    record(action, workspace=workspace, user=request.user, what=what, ip=ip_of(request), **detail)


def ip_of(request: HttpRequest | None) -> str | None:
    """The client's address; behind proxies, the one that `TRUSTED_PROXIES` lets through."""
    if request is None:
        return None
    try:
        return get_adapter().get_client_ip(request)
    except PermissionDenied:
        return None


def label(action: str) -> str:
    return ACTIONS.get(action, action.replace(".", ": ").replace("_", " ").capitalize())


def entries(workspace: Workspace, asked: AuditFilter) -> QuerySet[AuditEntry]:
    """The workspace's log, newest first."""
    joined = Membership.objects.filter(workspace=workspace, user=OuterRef("who"), created_at__lte=OuterRef("at"))
    found = AuditEntry.objects.filter(Q(workspace=workspace) | (Q(workspace=None) & Exists(joined)))
    if asked.who is not None:
        found = found.filter(who=asked.who)
    if asked.action:
        found = found.filter(action=asked.action)
    if asked.before is not None:
        found = found.filter(pk__lt=asked.before)
    return found.select_related("who").order_by("-pk")
