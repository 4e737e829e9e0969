"""What referring domains share: each cluster with the thing that names it and its domains."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.words import MARKED, name_of
from backlinks import index
from projects import access
from projects.models import Project

from .asked import run_of, shown, url_of

MOST = 200
SHOWN_DOMAINS = 12


@access.project("client")
@require_safe
def networks(request: HttpRequest, project: Project) -> HttpResponse:
    audit = shown(project)
    if audit is None:
        return render(request, "audit/none.html", {"project": project})
    try:
        found = index.auditlists.clusters(run_of(audit), MOST)
    except index.IndexUnavailable as error:
        return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)
    clusters = [
        {
            **one,
            "name": name_of(one["marker"]),
            "kind": MARKED[one["marker"]].kind if one["marker"] in MARKED else "",
            "first": [(name, url_of(project, "domain", domain=name)) for name in one["domains"][:SHOWN_DOMAINS]],
            "more": max(0, one["size"] - SHOWN_DOMAINS),
        }
        for one in found
    ]
    context = {"project": project, "audit": audit, "clusters": clusters, "most": MOST}
    return render(request, "audit/networks.html", context)
