"""What the pages of an audit share: which audit is shown, its address, and what is said where there is none."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from audit import auditing, since
from audit.models import Audit
from backlinks import index
from projects.models import Project

TONES = {"toxic": "lost", "potentially": "warn", "none": "live", "unassessed": "unknown"}


View = Callable[..., HttpResponseBase]


def index_page(view: View) -> View:
    """Say so where the index does not answer."""

    @wraps(view)
    def wrapped(request: HttpRequest, project: Project, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, project, **kwargs)
        except index.IndexUnavailable as error:
            return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)

    return wrapped


def audit_page(view: View) -> View:
    """As `index_page`; give the view the newest `audit` of the project, and say so where there is none."""

    @wraps(view)
    def wrapped(request: HttpRequest, project: Project, **kwargs: Any) -> HttpResponseBase:
        audit = shown(project)
        if audit is None:
            return render(request, "audit/none.html", {"project": project})
        return view(request, project, audit, **kwargs)

    return index_page(wrapped)


def shown(project: Project) -> Audit | None:
    """The newest audit of a project whose findings are kept."""
    return auditing.newest(project)


def run_of(audit: Audit) -> index.auditlists.AuditRun:
    """Its rows in the index, beside those of the audit before it."""
    return since.run_since(audit)


def url_of(project: Project, name: str, params: Mapping[str, str] | None = None, **arguments: Any) -> str:
    """A page of this project's audit."""
    path = reverse(f"audit:{name}", kwargs={"slug": project.workspace.slug, "project_id": project.pk, **arguments})
    return f"{path}?{urlencode(params)}" if params else path


def back(request: HttpRequest, project: Project, page: str = "domains") -> HttpResponseBase:
    """To the page that a form came from, if it is one of ours, else to a list."""
    asked = request.POST.get("back", "")
    known = url_has_allowed_host_and_scheme(asked, allowed_hosts=None) and asked.startswith("/")
    return redirect(asked if known else url_of(project, page))
