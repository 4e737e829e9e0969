"""The review one by one: a list of the review, a domain at a time, by mouse or by keyboard.

Decided: the address holds the list, its filters and the domain, so it can be shared, and the order is the list's. A
decision leads on to the next; a domain that has left the list by it still has its neighbours, so going back works. A
move is one small answer: a cut of this page, read with four statements of one domain; its neighbours are looked up in
the kept order of the list (`index.auditorder`), and the next one is fetched while this one is read
(`static/js/review.js`). Refused: a queue that is taken once and kept, which would show decided domains again and miss
what others decide meanwhile.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from audit.models import Audit, ReviewStep
from backlinks import index
from projects import access
from projects.models import Project
from seoapp.lib.htmx import render_page, wants_fragment
from seoapp.lib.listquery import ListQuery

from . import talking
from .asked import audit_page, url_of
from .domain import decided_of, found_at
from .domains import fields_of, unanswered
from .shelves import Shelf

DOMAIN = "domain"  # the URL parameter
MOST_LINKS = 10  # of a domain, the riskiest


@dataclass(frozen=True, slots=True)
class Walk:
    """A list that is gone through: its addresses."""

    project: Project
    shelf: Shelf
    query: ListQuery

    def at(self, domain: str) -> str:
        kept = self.shelf.params | self.query.with_page(1).params()
        return url_of(self.project, "review", kept | ({DOMAIN: domain} if domain else {}))

    @property
    def list_url(self) -> str:
        return url_of(self.project, "domains", self.shelf.params | self.query.with_page(1).params())


@access.project("viewer")
@require_safe
@audit_page
def review(request: HttpRequest, project: Project, audit: Audit) -> HttpResponse:
    """One domain of a list: the one that is asked for, else the first."""
    query = ListQuery.parse(fields_of(audit), request.GET, sort=index.auditlists.SORT)
    walk = Walk(project, Shelf.asked(request.GET), query)
    try:
        context = _shown(request, walk, audit)
    except Http404:
        messages.info(request, "The newest audit does not know that domain: this is the first of the list.")
        return redirect(walk.at(""))
    response = render_page(request, "audit/review.html", "audit/_review.html", context)
    if wants_fragment(request):
        response["HX-Push-Url"] = context["here"]
    return response


def _shown(request: HttpRequest, walk: Walk, audit: Audit) -> dict[str, Any]:
    run, among = walk.shelf.of_run(audit), walk.shelf.among(walk.project, request.user)
    domain = request.GET.get(DOMAIN, "").replace("\0", "")[:253]
    around = index.auditorder.around(run, walk.query, among, domain)
    if not domain and around.after:
        domain = around.after
        around = index.auditorder.around(run, walk.query, among, domain)
    context = {
        "project": walk.project, "audit": audit, "walk": walk, "around": around, "here": walk.at(domain),
        "unanswered": unanswered(audit, request.GET),
    }  # fmt: skip
    if not domain:
        return context | {"is_done": True}
    people = decided_of(request, walk.project, domain) | talking.context(request, walk.project, domain)
    return context | found_at(audit, domain, MOST_LINKS) | people | _ways(walk, around, domain, people["last"])


def _ways(walk: Walk, around: index.auditorder.Around, domain: str, last: ReviewStep | None) -> dict[str, Any]:
    """Where the keys lead: `onward` after a decision, `undone` after taking the last one back."""
    undone = next(iter(last.before)) if last is not None and len(last.before) == 1 else domain
    return {
        "keys": True,
        "previous_url": walk.at(around.before) if around.before else "",
        "next_url": walk.at(around.after) if around.after else "",
        "onward": walk.at(around.after or domain),
        "undone": walk.at(undone),
    }
