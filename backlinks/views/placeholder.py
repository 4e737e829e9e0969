"""The list of imports, until the import pages stand."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from projects import access
from projects.models import Project


@access.project("client")
def imports(request: HttpRequest, project: Project) -> HttpResponse:
    return redirect("backlinks:sources", slug=project.workspace.slug, project_id=project.pk)
