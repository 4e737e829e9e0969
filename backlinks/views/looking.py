"""The search bar: what somebody may mean, and from a page without a project, the project to read a target in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from backlinks import index
from backlinks.models import Look
from backlinks.workbench import looks
from projects import access
from projects.access import visible_projects
from projects.models import Project, Workspace
from seoapp.lib.weburl import BadUrl, Target


@access.project("client")
def suggest(request: HttpRequest, project: Project) -> HttpResponse:
    """The list under the search bar, for what is typed so far."""
    words = request.GET.get("target", "")
    try:
        offered = looks.suggestions(project, request.user, words, is_narrow=request.membership.is_narrow)  # type: ignore[attr-defined]
    except index.IndexUnavailable:
        offered = []  # the bar works without
    return render(request, "backlinks/_suggestions.html", {"offered": offered})


@access.workspace("client")
def look(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Read a target in the project that it belongs to, else in the one that was read last, else in the first."""
    asked = {name: request.GET[name] for name in ("target", "scope") if request.GET.get(name)}
    project = _project_for(request, asked.get("target", ""))
    if project is None:
        messages.info(request, "Make a project first: a profile is read in one.")
        return redirect("projects:workspace", slug=workspace.slug)
    query = QueryDict(mutable=True)
    query.update(asked)
    url = reverse("backlinks:overview", kwargs={"slug": workspace.slug, "project_id": project.pk})
    return redirect(f"{url}?{query.urlencode()}" if asked else url)


def _project_for(request: HttpRequest, text: str) -> Project | None:
    projects = list(visible_projects(request.membership))  # type: ignore[attr-defined]
    try:
        domain = Target.parse(text).domain
    except BadUrl:
        domain = ""
    last = Look.objects.filter(user=request.user, project__in=projects).values_list("project_id", flat=True).first()
    own = (one for one in projects if one.target.domain == domain)
    read = (one for one in projects if one.pk == last)
    return next(own, None) or next(read, None) or (projects[0] if projects else None)
