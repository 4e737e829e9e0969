"""Projects: made, described, removed."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from projects import access, lookup, removal
from projects.audit import record_request
from projects.forms import DeleteProjectForm, ProjectForm
from projects.models import Project, Workspace
from projects.tasks import ring

FORM_FIELDS = {
    "name": "name",
    "brands": "brand_terms",
    "keywords": "money_keywords",
    "languages": "languages",
    "countries": "countries",
}


@access.workspace("editor")
@require_http_methods(["GET", "HEAD", "POST"])
def create_project(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = _create(request, workspace, form)
        if made is not None:
            return redirect(made.get_absolute_url())
    return render(request, "projects/create_project.html", {"form": form}, status=422 if form.errors else 200)


def _create(request: HttpRequest, workspace: Workspace, form: ProjectForm) -> Project | None:
    """The new project, or None with the reason on the form."""
    data = form.cleaned_data
    with transaction.atomic():
        made, new = lookup.create_project(
            workspace=workspace,
            domain=str(data["target"]),
            scope=data["target"].scope,
            name=data["name"],
            competitors=tuple(data["competitors"]),
            keywords=tuple(data["keywords"]),
            brands=tuple(data["brands"]),
            languages=tuple(data["languages"]),
            countries=tuple(data["countries"]),
        )
        if new:
            if request.membership.is_narrow:
                request.membership.projects.add(made)
            record_request(request, "project.created", workspace, made.name, target=str(made.target))
    if new:
        return made
    form.add_error("target", _taken(made))
    return None


def _taken(project: Project) -> str:
    if project.removed_at:
        return "A project of this target is being removed: wait until its run is done."
    return f"{project.target} is a project of this workspace already."


@access.project("editor")
@require_http_methods(["GET", "HEAD", "POST"])
def project_settings(request: HttpRequest, project: Project) -> HttpResponse:
    form = ProjectForm(request.POST or None, initial=_values(project))
    if request.method == "POST" and form.is_valid() and _save(request, project, form):
        messages.success(request, "The settings were saved.")
        return redirect(reverse("projects:project_settings", args=[project.workspace.slug, project.pk]))
    context = {"form": form, "delete_form": DeleteProjectForm(project=project)}
    return render(request, "projects/project_settings.html", context, status=422 if form.errors else 200)


def _values(project: Project) -> dict[str, object]:
    described = {field: getattr(project, name) for field, name in FORM_FIELDS.items()}
    rivals = [one.target for one in project.competitors.order_by("pk")]
    return {"target": str(project.target), "scope": project.scope, "competitors": rivals, **described}


def _save(request: HttpRequest, project: Project, form: ProjectForm) -> bool:
    """False, with the reason on the form, when another project has this target."""
    before = _values(project)
    try:
        with transaction.atomic():
            lookup.describe(project, form.cleaned_data["target"], form.cleaned_data)
            after = _values(project)
            changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
            if changed:
                record_request(request, "project.changed", project.workspace, project.name, **changed)
    except IntegrityError:
        form.add_error("target", f"{form.cleaned_data['target']} is another project of this workspace.")
        return False
    return True


@access.project("admin")
@require_POST
def delete_project(request: HttpRequest, project: Project) -> HttpResponse:
    """Hide the project and let a run remove it with all that was imported for it."""
    form = DeleteProjectForm(request.POST, project=project)
    if not form.is_valid():
        context = {"form": ProjectForm(initial=_values(project)), "delete_form": form}
        return render(request, "projects/project_settings.html", context, status=422)
    with transaction.atomic():
        run = removal.hide(project, request.user)
        record_request(request, "project.removed", project.workspace, project.name, target=str(project.target))
        ring(run.pk)
    messages.success(request, f"{project.name} was removed; its imports are being taken out of the index.")
    return redirect("projects:run", slug=project.workspace.slug, run_id=run.pk)
