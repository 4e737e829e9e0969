"""What a report page is about: a project, and the domain, host, folder or page that is being read in it.

Decided: any target can be read from any project, with the links that the project's workspace may see; without
`?target=` it is the project's own. Somebody who sees named projects only (a client) reads what belongs to this project
and its competitors: the links of the workspace's other clients are not their business. A target that cannot be read, or
an index that does not answer (in time), is a page with a sentence (the latter with status 503), never an error page.
Whether domains that only the open graph knows count is part of the reading, as its target is: every link of a page
keeps both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from backlinks import index
from backlinks.topics.choices import chosen_rows
from backlinks.workbench import lists, looks
from projects.models import Project
from seoapp.lib.expression import TooSlow, Wrong
from seoapp.lib.htmx import wants_fragment
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
TOO_LONG = "Counting this took longer than it may: read a host or folder of the target, or narrow it with a filter."
WITH_TOPICS = frozenset(("links", "domains"))


@dataclass(frozen=True, slots=True)
class Reading:
    """`keep` are the URL parameters that name the target; empty for the project's own.

    `with_graph`: what only the open graph knows counts. `is_narrow`: whoever reads sees this project alone.
    """

    project: Project
    target: Target
    keep: dict[str, str]
    with_graph: bool = True
    is_narrow: bool = False

    @property
    def carried(self) -> dict[str, str]:
        """URL parameters that every link to a page of this reading has: target and graph."""
        return self.keep | ({} if self.with_graph else {index.GRAPH: index.GRAPH_OFF})

    def url(self, name: str, params: Mapping[str, str] | None = None, **arguments: Any) -> str:
        """A page of this project on the same target."""
        carried = self.carried
        if params and not carried.keys().isdisjoint(params):
            query = urlencode({**carried, **params})
        else:
            query = "&".join(filter(None, (_encoded(**carried), urlencode(params or {}))))
        path = _path(name, self.project.workspace.slug, self.project.pk, **arguments)
        return f"{path}?{query}" if query else path

    def query(self, report: str, params: Mapping[str, Any] | None = None) -> index.LinkQuery:
        asked = {**self.carried, **dict((params or {}).items())}
        workspace = self.project.workspace_id
        query = index.LinkQuery.parse(
            workspace=workspace,
            target=self.target,
            report=report,
            params=asked,
            lists=lambda name: lists.values_of(workspace, name),
        )
        chosen = chosen_rows(workspace) if report in WITH_TOPICS else ()
        return replace(index.readable(query), terms=self.terms, chosen=chosen)

    @property
    def terms(self) -> index.Terms:
        """What anchors are told apart by: the brands are those of the project's own domain, the keywords of any."""
        project = self.project
        own = self.target.domain == project.target.domain
        return index.Terms(tuple(project.brand_terms) if own else (), tuple(project.money_keywords))

    def of_domain(self, domain: str) -> "Reading":
        """The same reading of a whole domain."""
        return replace(self, target=Target.parse(domain, "root"), keep={"target": domain, "scope": "root"})

    @property
    def ways(self) -> tuple[tuple[str, str], ...]:
        """(label, URL) of the pages that bring links; a client has none."""
        if self.is_narrow:
            return ()
        data = reverse("backlinks:data", kwargs={"slug": self.project.workspace.slug})
        return (
            ("Import an export", self.url("imports")),
            ("Start a crawl", self.url("crawls")),
            ("Common Crawl and open data", data),
        )

    @property
    def label(self) -> str:
        return self.target.label.replace(self.target.host, display_host(self.target.host), 1)

    @property
    def scope_words(self) -> str:
        return SCOPE_WORDS[self.target.scope]


@lru_cache(maxsize=2_000)
def _path(name: str, slug: str, project_id: int, **arguments: Any) -> str:
    """A page's path: a list of 50 rows has hundreds of links to the same few pages."""
    return reverse(f"backlinks:{name}", kwargs={"slug": slug, "project_id": project_id, **arguments})


@lru_cache(maxsize=1_000)
def _encoded(**carried: str) -> str:
    """What all links of a page say of its target."""
    return urlencode(carried)


class NotYours(ValueError):
    """The target is outside of what this member may read."""


def read(request: HttpRequest, project: Project) -> Reading:
    """The reading that a request asks for. Raises `BadUrl` or `NotYours`."""
    text = request.GET.get("target", "").strip()
    scope = request.GET.get("scope", "")
    asked = scope if scope in SCOPE_WORDS else None
    if len(text) > MAX_TARGET:
        raise BadUrl(f"longer than {MAX_TARGET} characters")
    with_graph = request.GET.get(index.GRAPH) != index.GRAPH_OFF
    is_narrow = request.membership.is_narrow  # type: ignore[attr-defined]
    if not text and asked in (None, project.scope):
        return Reading(project, project.target, {}, with_graph, is_narrow)
    target = Target.parse(text or project.url, asked)
    if is_narrow and not may_read(project, target):
        raise NotYours(f"Your access covers {project.target.label} and its competitors")
    keep = {"target": text or project.url} | ({"scope": asked} if asked else {})
    return Reading(project, target, keep, with_graph, is_narrow)


def own_targets(project: Project) -> list[Target]:
    """The project's target, then those of its competitors as far as they can be read."""
    found = [project.target]
    for text in project.competitors.order_by("pk").values_list("target", flat=True):
        try:
            found.append(Target.parse(text))
        except BadUrl:
            continue
    return found


def readable(project: Project) -> Callable[[Target], bool]:
    """Whether a target belongs to the project or to one of its competitors: asked for any number, read once."""
    wholes = own_targets(project)
    return lambda target: any(_holds(one, target) for one in wholes)


def may_read(project: Project, target: Target) -> bool:
    return readable(project)(target)


def whole_domains(reading: Reading) -> tuple[str, ...] | None:
    """The domains that who sees named projects only may read whole: of the project and its competitors. None for
    everybody else."""
    if not reading.is_narrow:
        return None
    return tuple(dict.fromkeys(one.domain for one in own_targets(reading.project) if one.scope == "root"))


def _holds(whole: Target, part: Target) -> bool:
    if whole.scope == "root":
        return part.domain == whole.domain
    if whole.scope == "exact":
        return part == whole
    return part.scope != "root" and part.key.startswith(whole.key)


View = Callable[..., HttpResponse]


def report_page(view: View) -> View:
    """Give the view its `reading` instead of the project; answer for targets and indexes that cannot be read."""

    @wraps(view)
    def wrapped(request: HttpRequest, project: Project, **kwargs: Any) -> HttpResponse:
        try:
            reading = read(request, project)
            request.looked_before = _note_look(request, reading)  # type: ignore[attr-defined]
            with index.one_page():
                return view(request, reading, **kwargs)
        except BadUrl as error:
            return _unreadable(request, project, f"The reason: {error}.")
        except NotYours as error:
            return _unreadable(request, project, f"{error}.", verb="is not yours to read", status=403)
        except (Wrong, TooSlow) as error:
            return render(request, "unexported.html", {"reason": str(error), "project": project}, status=400)
        except index.IndexUnavailable as error:
            return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)
        except index.TooLong:
            return took_too_long(request)

    return wrapped


def took_too_long(request: HttpRequest) -> HttpResponse:
    return render(request, "backlinks/too_long.html", {"reason": TOO_LONG}, status=503)


def _note_look(request: HttpRequest, reading: Reading) -> datetime | None:
    """When the visit before this one ended; a fragment or a file is no look."""
    if request.method != "GET" or wants_fragment(request) or "export" in request.GET:
        return None
    return looks.note(reading.project, request.user, reading.target.label, reading.target)


def _unreadable(
    request: HttpRequest,
    project: Project,
    reason: str,
    verb: str = "is no domain, host, folder or URL",
    status: int = 200,
) -> HttpResponse:
    asked = request.GET.get("target", "")[:300]
    context = {"reason": reason, "asked": asked, "verb": verb, "project": project, "target_search_url": request.path}
    return render(request, "backlinks/unreadable.html", context, status=status)


def page_context(request: HttpRequest, reading: Reading) -> dict[str, Any]:
    """What every report page shows around its report."""
    text = reading.keep.get("target", reading.project.url)
    graph = {} if reading.with_graph else {index.GRAPH: index.GRAPH_OFF}
    scopes = [
        Link(
            label,
            f"{request.path}?{urlencode({'target': text, 'scope': scope, **graph})}",
            scope == reading.target.scope,
        )
        for scope, label in SCOPES
    ]
    return {
        "reading": reading,
        "project": reading.project,
        "foreign": bool(reading.keep),
        "scopes": scopes,
        "own_url": f"{request.path}?{urlencode(graph)}" if graph else request.path,
        "target_search_url": request.path,
    }
