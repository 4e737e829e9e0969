"""The catalogue as this workspace goes by it: each marker, its class and points, at how many domains it fired, and how
often it was right by what the team decided. Who sees some projects alone is told of decisions about these alone."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit import precision
from audit.auditing import weights_of
from audit.columns import SOURCE_NAMES
from audit.markers import MARKERS
from audit.markers.marker import GROUPS, Marker
from audit.precision import Precision
from audit.record import sources_of
from audit.weights import CAPS, Weights
from audit.words import KIND_WORDS, plain
from backlinks import index
from projects import access
from projects.models import Project

from .asked import index_page, run_of, shown, url_of
from .shelves import FOUND

UNITS = {"links": "link", "pages": "page", "domains": "domain"}


@dataclass(frozen=True, slots=True)
class Line:
    id: str
    name: str
    kind: str
    unit: str
    points: float
    needs: str
    limits: str
    basis: str
    domains: int | None
    href: str
    precision: Precision | None


@access.project("client")
@require_safe
@index_page
def markers(request: HttpRequest, project: Project) -> HttpResponse:
    audit, weights = shown(project), weights_of(project)
    fired = index.auditlists.fired(run_of(audit)) if audit else None
    learned = precision.learnt(access.visible_projects(request.membership))  # type: ignore[attr-defined]
    groups = [
        (title, weights.cap(name) if name in CAPS else None, [
            _line(project, one, weights, fired, learned) for one in MARKERS if one.group == name
        ])
        for name, title in GROUPS.items()
    ]  # fmt: skip
    context = {"project": project, "audit": audit, "groups": groups, "weights": weights}
    context["trust"] = sum(one.group == "TRU" for one in MARKERS)
    context["count"] = len(MARKERS) - context["trust"]
    context["may_see_weights"] = request.membership.may("viewer")  # type: ignore[attr-defined]
    return render(request, "audit/markers.html", context)


def _line(
    project: Project, one: Marker, weights: Weights, fired: dict[str, int] | None, learned: dict[str, Precision]
) -> Line:
    return Line(
        one.id,
        one.name,
        KIND_WORDS[one.kind] if weights.of(one.id) >= 0 else "Trust",
        UNITS[one.unit],
        weights.of(one.id),
        ", ".join(SOURCE_NAMES[name].lower() for name in sources_of(one)),
        ", ".join(f"{name.replace('_', ' ')} {plain(limit)}" for name, limit in one.limits.items()),
        one.basis,
        None if fired is None else fired.get(one.id, 0),
        url_of(project, "domains", {FOUND: one.id}),
        learned.get(one.id),
    )
