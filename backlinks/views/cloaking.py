"""The page that links, as everybody gets it and as search engines do: asked for by an editor, shown with the link.

Decided: the comparison is a run, never part of the request; the link's page shows the newest one with its evidence.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from backlinks import index
from backlinks.crawl import cloaking
from backlinks.crawl.discovery import CloakingCheck
from projects import access
from projects.audit import record_request
from projects.tasks import ring
from seoapp.lib.weburl import BadUrl

from .reading import Reading, report_page


def compared(reading: Reading, found: Mapping[str, Any]) -> CloakingCheck | None:
    """The newest comparison of the page of a link; of the project's own links only."""
    return None if reading.keep else cloaking.latest(reading.project, found["source_url"])


@access.project("editor")
@require_POST
@report_page
def cloaking_check(request: HttpRequest, reading: Reading, link_id: int) -> HttpResponse:
    found = index.link(index.pin(reading.query("links")), link_id) if link_id < 2**64 and not reading.keep else None
    if found is None:
        raise Http404
    try:
        with transaction.atomic():
            check = cloaking.start(
                project=reading.project, source_url=found["source_url"], link_id=link_id, user=request.user
            )
            record_request(request, "cloaking.asked", reading.project.workspace, check.source_url)
            ring(check.run_id)
    except (cloaking.CloakingRefused, BadUrl) as error:
        messages.warning(request, str(error))
    return redirect(reading.url("link", link_id=link_id) + "#cloaking")
