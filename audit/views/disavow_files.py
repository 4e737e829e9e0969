"""Versions of the disavow file on their way out: downloaded, and noted as uploaded.

Decided: no file leaves before the guide is answered, also by its own address; the answers stand in the address, so that
the log can say why it went. Whoever is told to do nothing may still have a file that is there: it is theirs.
"""

from datetime import datetime, time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from audit import disavowing, uploading
from audit.models import DisavowVersion
from backlinks import index
from projects import access
from projects import audit as audit_log
from projects.models import Project

from .asked import url_of
from .disavow_version import version_of
from .guiding import guided


@access.project("viewer")
@require_safe
def disavow_file(request: HttpRequest, project: Project, number: int) -> HttpResponse:
    """A version as a text file, byte for byte as it was written or brought."""
    version = version_of(project, number)
    try:
        told = guided(project, request.GET)
    except index.IndexUnavailable as error:
        return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)
    if told.ending is None:
        return redirect(url_of(project, "disavow", {**told.answers, "file": str(number)}))
    DisavowVersion.objects.filter(pk=version.pk, downloaded_at=None).update(downloaded_at=timezone.now())
    audit_log.record_request(
        request,
        "disavow.downloaded",
        project.workspace,
        f"version {number}",
        project=project.pk,
        because=told.ending.name,
    )
    answer = HttpResponse(disavowing.bytes_of(version), content_type=_type_of(version))
    answer["Content-Disposition"] = (
        f'attachment; filename="disavow-{slugify(project.domain.replace(".", "-")) or "site"}-{number}.txt"'
    )
    return answer


def _type_of(version: DisavowVersion) -> str:
    """What a browser is told: a file that somebody brought may be in any encoding."""
    return "application/octet-stream" if version.original else "text/plain; charset=utf-8"


@access.project("admin")
@require_POST
def disavow_uploaded(request: HttpRequest, project: Project, number: int) -> HttpResponse:
    """Note on which day and for which properties a version was uploaded, or that it was not."""
    version = version_of(project, number)
    done = request.POST.get("uploaded") != "no"
    moment = _moment(request.POST.get("day", "")) if done else None
    if done and moment is None:
        messages.error(request, "Give the day of the upload, today or earlier.")
        return redirect(url_of(project, "disavow"))
    known = uploading.properties_of(project)
    properties = [one for one in request.POST.getlist("property") if one in known] if done else []
    DisavowVersion.objects.filter(pk=version.pk).update(uploaded_at=moment, properties=properties)
    action = "disavow.uploaded" if done else "disavow.not_uploaded"
    audit_log.record_request(
        request, action, project.workspace, f"version {number}", project=project.pk, properties=properties
    )
    if done:
        said = "look again in eight weeks: pages have to be crawled before it works"
        messages.success(request, f"Version {number} is noted as uploaded; {said}.")
    return redirect(url_of(project, "disavow"))


def _moment(text: str) -> datetime | None:
    """Now for today or nothing, noon of an earlier day, None for what is no day or still to come."""
    today = timezone.localdate()
    try:
        day = parse_date(text) if text else today
    except ValueError:
        return None
    if day is None or day > today:
        return None
    return timezone.now() if day == today else timezone.make_aware(datetime.combine(day, time(12)))
