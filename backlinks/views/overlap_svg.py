"""The picture of the sources' overlap as a file of its own: an SVG that needs no style sheet, font or script of ours.

Decided: light colours as attributes, and no links, because a file that is mailed leads nowhere; each column has its
title. Whoever downloads it is in the audit log, as with every export.
"""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from projects import audit
from projects.models import Project, Workspace
from seoapp.lib.export import safe_filename

from .sources import Picture

NAMES_WIDTH, TITLE_HEIGHT, LEAST_WIDTH = 150, 34, 360


def svg_answer(
    request: HttpRequest, picture: Picture, *, label: str, workspace: Workspace, project: Project | None = None
) -> HttpResponse:
    """The picture of what `label` names, to be kept."""
    context = {
        "picture": picture,
        "label": label,
        "width": max(NAMES_WIDTH + picture.width, LEAST_WIDTH),
        "height": TITLE_HEIGHT + picture.height,
        "names_width": NAMES_WIDTH,
        "title_height": TITLE_HEIGHT,
    }
    answer = render(request, "backlinks/overlap.svg", context, content_type="image/svg+xml")
    name = safe_filename(f"{label}-sources-{datetime.now(UTC):%Y-%m-%d}")
    answer["Content-Disposition"] = f'attachment; filename="{name}.svg"'
    parameters = {"project": project.pk} if project else {}
    audit.record_request(request, "export", workspace, f"picture of the sources of {label}", **parameters)
    return answer
