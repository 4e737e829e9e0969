"""One referring domain in the audit: everything that speaks for or against it, and what the team decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit import approving, elsewhere, review
from audit.columns import SOURCE_NAMES, SOURCES
from audit.markers import MARKERS
from audit.models import Audit, Decision, Removal
from audit.score import BAND_LABELS, GATES
from audit.weights import CAPS
from audit.words import KIND_WORDS, fact_of, group_name, name_of
from backlinks import index
from projects import access
from projects.models import Project

from . import talking
from .asked import audit_page, run_of, url_of
from .authority import parts_of

TRUST = "TRU"  # the group that speaks for a domain
KINDS = {one.id: one.kind for one in MARKERS}
GATE_WORDS = {
    "knock-out": "A knock-out: at least 60, whatever is trusted.",
    "one group": "Evidence of one group alone: at most 59.",
    "context only": "No evidence, only context: at most 44.",
    "dead": "The link is dead: at most 44.",
    "passes nothing": "Nofollow, ugc or sponsored: at most 44.",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was found, told once, with every (page, day) where it was seen."""

    text: str
    places: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A marker that fired somewhere at the domain: what it is, and where it was seen."""

    id: str
    name: str
    group: str
    kind: str
    points: float
    times: int
    facts: list[Fact]

    @property
    def shown(self) -> int:
        """How many of its places are named."""
        return sum(len(one.places) for one in self.facts)


@access.project("client")
@require_safe
@audit_page
def domain(request: HttpRequest, project: Project, audit: Audit, domain: str) -> HttpResponse:
    """Everything that the newest audit found at one referring domain."""
    card = found_at(audit, domain, index.auditlists.MOST_LINKS)
    here = url_of(project, "domain", domain=domain)
    people = decided_of(request, project, domain) | talking.context(request, project, domain)
    context = {"project": project, "audit": audit, "here": here, "onward": here, "undone": here}
    return render(request, "audit/domain.html", context | card | people | parts_of(request, project, domain))


def decided_of(request: HttpRequest, project: Project, domain: str) -> dict[str, Any]:
    """What was decided about the domain, and what whoever asks may do about it."""
    decision = review.of_names(project, [domain]).select_related("made_by", "approved_by").first()
    waits = approving.needs_second(project) and approving.waiting(project).filter(domain=domain, url="")
    is_waiting = bool(waits and waits.exists())
    return {
        "decision": decision,
        "tells_why": request.membership.may("viewer"),  # type: ignore[attr-defined]  # a client: what, and when
        "is_waiting": is_waiting,
        "may_approve": bool(is_waiting and decision and decision.made_by_id != request.user.pk),
        "reasons": review.reasons_of(project, request.user),
        "last": review.last_step(project, request.user),
        "elsewhere": elsewhere_of(request, project, domain),
        "removal": _removal(request, project, domain),
    }


def elsewhere_of(request: HttpRequest, project: Project, domain: str) -> list[tuple[Decision, str]]:
    """What other projects of the workspace that whoever asks may see decided, each with the address of its list;
    clients are told of none."""
    if not request.membership.may("viewer"):  # type: ignore[attr-defined]
        return []
    made = elsewhere.decided(request.membership, project, domain)  # type: ignore[attr-defined]
    return [(one, url_of(one.project, "domains", {"source_domain": domain})) for one in made]


def _removal(request: HttpRequest, project: Project, domain: str) -> tuple[Removal, str] | None:
    """The request to its owner, with its page; clients do not see any."""
    inside = request.membership.may("viewer")  # type: ignore[attr-defined]
    found = Removal.objects.filter(project=project, domain=domain).first() if inside else None
    return (found, url_of(project, "removal", domain=domain)) if found else None


def found_at(audit: Audit, domain: str, most_links: int) -> dict[str, Any]:
    """The card of a domain: all that its audit found there, 404 where the audit does not know it."""
    run = run_of(audit)
    row = index.auditlists.domain_row(run, domain)
    if row is None:
        raise Http404
    links = index.auditlists.links_of(run, domain, most_links)
    clusters = index.auditlists.clusters_of(run, domain)
    found = evidence_of(row, index.auditlists.findings_of(run, domain))
    return found | (weighed(links[0]) if links else {}) | {
        "row": row,
        "band": BAND_LABELS[row["band"]],
        "links": [shown_link(audit.project, one) for one in links],
        "most_links": most_links,
        "network": next((one for one in clusters if not one["marker"]), None),
        "clusters": [{**one, "name": name_of(one["marker"])} for one in clusters if one["marker"]],
    }  # fmt: skip


def weighed(link: Mapping[str, Any]) -> dict[str, Any]:
    """What a link's risk is made of: points by group, trust, gates, and what is missing."""
    groups = zip(CAPS, link["groups"], strict=True)
    return {
        "groups": [(group_name(name), points) for name, points in groups if points],
        "trust_points": -abs(link["trust"]),
        "gates": [GATE_WORDS[name] for bit, name in enumerate(GATES) if link["gates"] & 1 << bit],
        "missing": [(SOURCE_NAMES[name], SOURCES[name]) for name in link["missing"]],
    }


def evidence_of(row: Mapping[str, Any], findings: Sequence[Mapping[str, Any]]) -> dict[str, list[Evidence]]:
    """Evidence, context and trust; `row` says what which marker weighs."""
    found = _evidence(row, findings)
    trust = [one for one in found if one.id.startswith(TRUST)]
    others = [one for one in found if not one.id.startswith(TRUST)]
    return {
        "evidence": [one for one in others if one.kind != KIND_WORDS["C"]],
        "context_found": [one for one in others if one.kind == KIND_WORDS["C"]],
        "trust": trust,
    }


def _evidence(row: Mapping[str, Any], findings: Sequence[Mapping[str, Any]]) -> list[Evidence]:
    """The heaviest first: those of the riskiest link with their points there, others without."""
    told = dict(zip(row["markers"], zip(row["kinds"], row["points"], strict=True), strict=True))
    by_marker: dict[str, list[Mapping[str, Any]]] = {}
    for one in findings:
        by_marker.setdefault(one["marker"], []).append(one)
    made = [_evidence_of(marker, found, told) for marker, found in by_marker.items()]
    return sorted(made, key=lambda one: (-abs(one.points), one.id))


def _evidence_of(marker: str, found: Sequence[Mapping[str, Any]], told: Mapping[str, tuple[str, float]]) -> Evidence:
    usual = next((one.kind for one in MARKERS if one.id == marker), "C")
    kind, points = told.get(marker, ("C" if usual == "C→E" else usual, 0.0))
    facts: dict[str, dict[tuple[str, str], None]] = {}
    for one in found:
        facts.setdefault(fact_of(marker, one["value"], one["said"]), {})[one["page"], _day(one["day"])] = None
    return Evidence(
        marker,
        name_of(marker),
        group_name(marker),
        KIND_WORDS[kind],
        points,
        found[0]["times"],
        [Fact(text, list(places)) for text, places in facts.items()],
    )


def _day(day: Any) -> str:
    return day.isoformat() if day.year > 1970 else ""


def shown_link(project: Project, one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **one,
        "url": url_of(project, "link", domain=one["source_domain"], link_id=one["link_id"]),
        "band_label": BAND_LABELS[one["band"]],
        "percent": round(100 * one["confidence"]),
        "strong": [f"{marker} {name_of(marker)}" for marker in one["fired"] if KINDS.get(marker, "C") != "C"],
    }
