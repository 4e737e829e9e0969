"""A link's card: what the audit found at one link, and what is known of it now.

Decided: the judgement is the audit's, of its day; text, placement, proof and history are the newest that the profile
knows, and each says which it is. A page of somebody else is told as text, never shown: no frame, no image, no markup.
The card is a page with an address, and a cut of it where htmx asks, below the list of links.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from audit.models import Audit
from backlinks import index
from backlinks.views.link import about_link
from backlinks.views.reading import Reading
from projects import access
from projects.models import Project
from seoapp.lib.htmx import render_page

from .asked import audit_page, run_of, url_of
from .authority import parts_of
from .domain import elsewhere_of, evidence_of, shown_link, weighed

MOST_LINK_ID = 2**64
TOLD = ("Referring page", "Read by our crawler", "Link", "Redirects and target", "State and dates")  # sections
APART = frozenset(
    ("title", "placement", "heading", "language", "authority", "source_scheme", "source_port", "group_count")
)


@access.project("client")
@require_safe
@audit_page
def link(request: HttpRequest, project: Project, audit: Audit, domain: str, link_id: int) -> HttpResponse:
    """One link of a referring domain, 404 where the audit does not know it."""
    run = run_of(audit)
    judged = index.auditlists.link_of(run, domain, link_id) if link_id < MOST_LINK_ID else None
    row = index.auditlists.domain_row(run, domain)
    if judged is None or row is None:
        raise Http404
    context = {
        "project": project,
        "audit": audit,
        "row": row,
        "judged": shown_link(project, judged),
        "domain_url": url_of(project, "domain", domain=domain),
        "elsewhere": elsewhere_of(request, project, domain),
    }
    context |= _found(run, row, judged) | weighed(judged) | _now(request, project, link_id)
    context |= parts_of(request, project, domain)
    return render_page(request, "audit/link.html", "audit/_link.html", context)


def _found(run: index.auditlists.AuditRun, row: Mapping[str, Any], judged: Mapping[str, Any]) -> dict[str, Any]:
    """What fired at the link, at its page and at its domain. Points are those of the riskiest link, which hold for each
    link at which the same markers fired."""
    findings = index.auditlists.findings_at(run, judged)
    is_alike = set(row["markers"]) == set(judged["fired"])
    return evidence_of(row if is_alike else {"markers": [], "kinds": [], "points": []}, findings)


def _now(request: HttpRequest, project: Project, link_id: int) -> dict[str, Any]:
    """What the newest generation of the profile knows of the link."""
    is_narrow = request.membership.is_narrow  # type: ignore[attr-defined]
    reading = Reading(project, project.target, {}, is_narrow=is_narrow)
    about = about_link(request, reading, link_id) if link_id else None
    if about is None:
        return {"link": None}
    cells = [(title, found) for title, found in about["sections"] if title in TOLD and found]
    return about | {
        "reading": reading,
        "told": _without_link(cells),
        "link_url": reading.url("link", link_id=link_id),
        "check_url": "",  # checking and watching stand on the page of the link itself
        "watch_url": "",
        "checking": None,
        "watching": None,
    }


def _without_link(sections: Sequence[tuple[str, Sequence[Any]]]) -> list[tuple[str, list[Any]]]:
    """The sections without the columns that stand in the card already, and without what is not so."""
    kept = [
        (title, [one for one in cells if one.column.name not in APART and one.value is not False])
        for title, cells in sections
    ]
    return [(title, cells) for title, cells in kept if cells]
