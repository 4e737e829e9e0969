"""The audit log: one row for each action that somebody may ask about later."""

from typing import Any

from django.http import HttpRequest

from .models import AuditEntry, User, Workspace


def record(
    action: str, *, workspace: Workspace | None, user: User | None, what: object = "", ip: str | None = None, **detail: Any
) -> None:
    """`detail` must hold no secret."""
    AuditEntry.objects.create(
        workspace=workspace, who=user, who_text=str(user or "system"), action=action, what=str(what)[:254],
        detail=detail, ip=ip,
    )  # fmt: skip


def record_request(request: HttpRequest, action: str, workspace: Workspace | None, what: object = "", **detail: Any) -> None:
    record(
        action, workspace=workspace, user=request.user, what=what, ip=request.META.get("REMOTE_ADDR") or None, **detail
    )
