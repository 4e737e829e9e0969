"""What holds referring domains together: networks with all that they share, then each shared thing by itself.

Decided: a network needs more than an address; sharing one thing is a fact, sharing several is what one hand leaves
behind. Both are lists of names that lead to the evidence of each domain.
"""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.models import Audit
from audit.words import MARKED, name_of
from backlinks import index
from projects import access
from projects.models import Project

from .asked import audit_page, run_of, url_of

MOST = 200
SHOWN_DOMAINS = 12


@access.project("client")
@require_safe
@audit_page
def networks(request: HttpRequest, project: Project, audit: Audit) -> HttpResponse:
    run = run_of(audit)
    together, shared = index.auditlists.networks(run, MOST), index.auditlists.clusters(run, MOST)
    context = {
        "project": project,
        "audit": audit,
        "networks": [_shown(project, one) for one in together],
        "clusters": [_shown(project, one) for one in shared],
        "most": MOST,
    }
    return render(request, "audit/networks.html", context)


def _shown(project: Project, one: Mapping[str, Any]) -> dict[str, Any]:
    """A cluster with links to the first of its domains."""
    marker = one["marker"]
    return {
        **one,
        "name": name_of(marker),
        "is_context": marker in MARKED and MARKED[marker].kind.startswith("C"),
        "first": [(name, url_of(project, "domain", domain=name)) for name in one["domains"][:SHOWN_DOMAINS]],
        "more": max(0, one["size"] - SHOWN_DOMAINS),
    }
