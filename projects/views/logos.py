"""The workspace's logo: shown to its members, set and removed by its admins."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from projects import access, logos
from projects.audit import record_request
from projects.models import Workspace


@access.workspace("client")
@require_safe
def logo(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    picture = logos.bytes_of(workspace)
    if not picture:
        raise Http404
    answer = HttpResponse(picture, content_type="image/png")
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Disposition"] = 'inline; filename="logo.png"'
    answer["Cache-Control"] = "private, no-cache"
    return answer


@access.workspace("admin")
@require_POST
def set_logo(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    sent = request.FILES.get("logo")
    try:
        if sent is None:
            large = getattr(request, "too_large", False)
            raise logos.BadLogo("The file is far too large." if large else "Choose a picture first.")
        picture = logos.drawn(sent)
    except logos.BadLogo as error:
        messages.error(request, str(error))
        return _settings(workspace)
    with transaction.atomic():
        logos.keep(workspace, picture)
        record_request(request, "workspace.logo_set", workspace, workspace.name, bytes=len(picture))
    messages.success(request, "The logo was saved: reports that are made from now on carry it.")
    return _settings(workspace)


@access.workspace("admin")
@require_POST
def remove_logo(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    if workspace.logo:
        with transaction.atomic():
            logos.remove(workspace)
            record_request(request, "workspace.logo_removed", workspace, workspace.name)
        messages.success(request, "The logo was removed.")
    return _settings(workspace)


def _settings(workspace: Workspace) -> HttpResponse:
    return redirect("projects:workspace_settings", slug=workspace.slug)
