"""What a report page is about: a project, and the domain, host, folder or page that is being read in it.

Decided: any target can be read from any project, with the links that the project's workspace may see; without
`?target=` it is the project's own. A target that cannot be read, or an index that does not answer, is a page with a
sentence (the latter with status 503), never an error page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from backlinks import index
from projects.models import Project
from seoapp.lib.tables import Link
from seoapp.lib.weburl import BadUrl, Target, display_host

SCOPES = (("root", "Domain"), ("host", "Host"), ("prefix", "Folder"), ("exact", "Page"))
SCOPE_WORDS = {
    "root": "whole domain with subdomains",
    "host": "this host only",
    "prefix": "this folder",
    "exact": "this page",
}
MAX_TARGET = 2048


@dataclass(frozen=True, slots=True)
class Reading:
    """`keep` are the URL parameters that name the target; empty for the project's own."""

    project: Project
    target: Target
    keep: dict[str, str]

    def url(self, name: str, params: Mapping[str, str] | None = None, **arguments: Any) -> str:
        """A page of this project on the same target."""
        known = {"slug": self.project.workspace.slug, "project_id": self.project.pk, **arguments}
        query = urlencode({**self.keep, **(params or {})})
        return reverse(f"backlinks:{name}", kwargs=known) + (f"?{query}" if query else "")

    def query(self, report: str, params: Mapping[str, Any] | None = None) -> index.LinkQuery:
        return index.LinkQuery.parse(
            workspace=self.project.workspace_id, target=self.target, report=report, params=params or {}
        )

    @property
    def label(self) -> str:
        return self.target.label.replace(self.target.host, display_host(self.target.host), 1)

    @property
    def scope_words(self) -> str:
        return SCOPE_WORDS[self.target.scope]


def read(request: HttpRequest, project: Project) -> Reading:
    """The reading that a request asks for. Raises `BadUrl`."""
    text = request.GET.get("target", "").strip()
    scope = request.GET.get("scope", "")
    asked = scope if scope in SCOPE_WORDS else None
    if len(text) > MAX_TARGET:
        raise BadUrl(f"longer than {MAX_TARGET} characters")
    if not text and asked in (None, project.scope):
        return Reading(project, project.target, {})
    target = Target.parse(text or project.url, asked or None)
    keep = {"target": text or project.url}
    return Reading(project, target, keep | ({"scope": asked} if asked else {}))


View = Callable[..., HttpResponse]


def report_page(view: View) -> View:
    """Give the view its `reading` instead of the project; answer for targets and indexes that cannot be read."""

    @wraps(view)
    def wrapped(request: HttpRequest, project: Project, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, read(request, project), **kwargs)
        except BadUrl as error:
            return _unreadable(request, project, str(error))
        except index.IndexUnavailable as error:
            return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)

    return wrapped


def _unreadable(request: HttpRequest, project: Project, reason: str) -> HttpResponse:
    context = {"reason": reason, "asked": request.GET.get("target", "")[:300], "project": project}
    return render(request, "backlinks/unreadable.html", context | {"target_search_url": request.path})


def page_context(request: HttpRequest, reading: Reading) -> dict[str, Any]:
    """What every report page shows around its report."""
    text = reading.keep.get("target", reading.project.url)
    scopes = [
        Link(label, f"{request.path}?{urlencode({'target': text, 'scope': scope})}", scope == reading.target.scope)
        for scope, label in SCOPES
    ]
    return {
        "reading": reading,
        "project": reading.project,
        "foreign": bool(reading.keep),
        "scopes": scopes,
        "own_url": request.path,
        "target_search_url": request.path,
    }
