"""A workspace: its projects at a glance, its name, and new ones."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from projects import access, figures, lookup
from projects.audit import record_request
from projects.forms import WorkspaceForm
from projects.models import Workspace

WITH_FIGURES = 30


@access.workspace("client")
@require_safe
def workspace(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Projects with their headline figures; beyond the first 30, without them."""
    projects = list(access.visible_projects(request.membership))
    shown = figures.cards(projects[:WITH_FIGURES], request.membership)
    shown += [figures.ProjectCard(one, []) for one in projects[WITH_FIGURES:]]
    return render(request, "projects/workspace.html", {"cards": shown})


@access.signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def create_workspace(request: HttpRequest) -> HttpResponse:
    if not lookup.may_create_workspace(request.user):
        raise PermissionDenied
    form = WorkspaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            made = lookup.create_workspace(form.cleaned_data["name"], owner=request.user)
            record_request(request, "workspace.created", made, made.name)
        return redirect("projects:workspace", slug=made.slug)
    return render(request, "projects/create_workspace.html", {"form": form})


@access.workspace("admin")
@require_http_methods(["GET", "HEAD", "POST"])
def workspace_settings(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """The name; the address stays, so that links to it go on working."""
    form = WorkspaceForm(request.POST or None, initial={"name": workspace.name})
    if request.method == "POST" and form.is_valid():
        before, workspace.name = workspace.name, form.cleaned_data["name"]
        if before != workspace.name:
            with transaction.atomic():
                workspace.save(update_fields=["name"])
                record_request(request, "workspace.renamed", workspace, workspace.name, before=before)
        messages.success(request, "The name was saved.")
        return redirect("projects:workspace_settings", slug=workspace.slug)
    return render(request, "projects/workspace_settings.html", {"form": form})
