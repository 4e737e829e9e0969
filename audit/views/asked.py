"""What the pages of an audit share: which audit is shown, and its address."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from audit import auditing
from audit.models import Audit
from backlinks import index
from projects.models import Project

TONES = {"toxic": "lost", "potentially": "warn", "none": "live", "unassessed": "unknown"}


def shown(project: Project) -> Audit | None:
    """The newest audit of a project whose findings are kept."""
    return auditing.newest(project)


def run_of(audit: Audit) -> index.auditlists.AuditRun:
    project = audit.project
    return index.auditlists.AuditRun(project.target.domain, project.workspace_id, audit.number)


def url_of(project: Project, name: str, params: Mapping[str, str] | None = None, **arguments: Any) -> str:
    """A page of this project's audit."""
    path = reverse(f"audit:{name}", kwargs={"slug": project.workspace.slug, "project_id": project.pk, **arguments})
    return f"{path}?{urlencode(params)}" if params else path
