"""The picture of a target's sources as a file."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from backlinks import index
from projects import access

from .overlap_svg import svg_answer
from .reading import Reading, report_page
from .sources import drawn


@access.project("client")
@report_page
@require_safe
def sources_svg(request: HttpRequest, reading: Reading) -> HttpResponse:
    query = index.pin(reading.query("links"))
    made = drawn(reading, index.overlap(query), index.link_overlap(query))
    project = reading.project
    return svg_answer(request, made, label=reading.label, workspace=project.workspace, project=project)
