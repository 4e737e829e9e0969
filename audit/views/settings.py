"""How a project is audited and reviewed: how often by itself, whether a disavowal needs a second person, whether a
client may be that person, what is shared with other workspaces; and visits from the project's own analytics."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from audit.forms import ReviewSettingsForm
from audit.models import OwnVisits, ReviewSettings
from audit.reauditing import settings_of
from projects import access
from projects import audit as audit_log
from projects.models import Project

from .asked import url_of

SETTINGS = ("every_days", "needs_second", "client_is_second", "shares_decisions")


@access.project("admin")
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, project: Project) -> HttpResponse:
    form = ReviewSettingsForm(request.POST or None, initial=_values(project))
    if request.method == "POST" and form.is_valid():
        _save(request, project, form)
        messages.success(request, "The settings were saved.")
        return redirect(url_of(project, "settings"))
    visits = OwnVisits.objects.filter(project=project).select_related("loaded_by").first()
    context = {"project": project, "form": form, "visits": visits}
    return render(request, "audit/settings.html", context, status=422 if form.errors else 200)


def _values(project: Project) -> dict[str, object]:
    own = settings_of(project)
    return {name: getattr(own, name) for name in SETTINGS}


def _save(request: HttpRequest, project: Project, form: ReviewSettingsForm) -> None:
    before, after = _values(project), form.cleaned_data
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    with transaction.atomic():
        ReviewSettings.objects.update_or_create(project=project, defaults=after)
        if changed:
            audit_log.record_request(
                request, "audit.settings", project.workspace, project.name, project=project.pk, **changed
            )
