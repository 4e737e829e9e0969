"""The audit of a project: its risk, how sure it is, what was found, and what nobody could look at.

Decided: the first words say what to do, and mostly that is nothing; the number stands beside how much could be
evaluated. What is missing is a list of sources with what would bring them. Refused: a red number by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from audit import auditing
from audit.columns import SOURCE_NAMES, SOURCES
from audit.models import Alert, Audit
from audit.reauditing import settings_of
from audit.record import WANTING
from audit.score import BAND_LABELS, BANDS
from audit.words import group_name, name_of
from backlinks import index
from projects import access, tasks
from projects import audit as audit_log
from projects.models import Project, Run
from seoapp.lib import charts

from .asked import TONES, run_of, shown, url_of
from .changes import changes_of
from .shelves import FOUND

TREND = 60  # audits in the chart and the table of the trend
TOP = 8


@dataclass(frozen=True, slots=True)
class Missing:
    """A source that some links lack, what brings it, and the markers that it would let speak."""

    name: str
    links: int
    how: str
    markers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundMarker:
    id: str
    name: str
    group: str
    domains: int
    href: str


@access.project("client")
@require_safe
def overview(request: HttpRequest, project: Project) -> HttpResponse:
    """The newest audit that counts, and the one that is at work."""
    audit, trend = shown(project), _trend(project)
    context = {
        "project": project,
        "audit": audit,
        "at_work": _at_work(project),
        "trend": trend,
        "chart": _chart(trend),
        "alerts": Alert.objects.filter(project=project, seen_at=None).select_related("audit"),
        "every_days": settings_of(project).every_days,
        "may_disavow": request.membership.may("viewer"),  # type: ignore[attr-defined]
    }
    if audit is not None:
        try:
            context |= _figures(project, audit)
        except index.IndexUnavailable as error:
            return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)
    return render(request, "audit/overview.html", context)


def _at_work(project: Project) -> Run | None:
    states = (Run.State.QUEUED, Run.State.RUNNING)
    return Run.objects.filter(project=project, kind=auditing.KIND, state__in=states).first()


def _trend(project: Project) -> list[Audit]:
    return list(Audit.objects.filter(project=project).exclude(finished_at=None).order_by("-finished_at")[:TREND])


def _chart(trend: Sequence[Audit]) -> dict[str, Any]:
    """The newest audit of each day, the oldest day first."""
    days = {one.as_of: one for one in reversed(trend)}
    lines = [
        charts.Series("Risk", [one.risk for one in days.values()], "--ll-series-2"),
        charts.Series(
            "Confidence, %", [round(100 * one.confidence) for one in days.values()], "--ll-series-1", kind="plain"
        ),
        charts.Series(
            "Domains with evidence", [one.bands.get("toxic", 0) for one in days.values()], "--ll-lost", kind="bar"
        ),
    ]
    return charts.time_chart([day.isoformat() for day in days], lines, top=100)


def _figures(project: Project, audit: Audit) -> dict[str, object]:
    run = run_of(audit)
    counts = {name: audit.bands.get(name, 0) for name in BANDS}
    fired = index.auditlists.fired(run)
    found = sorted(fired.items(), key=lambda item: (-item[1], item[0]))
    return {
        "bands": charts.parts(
            audit.domains,
            (
                (BAND_LABELS[name], count, url_of(project, "domains", {"band": name}), TONES[name])
                for name, count in counts.items()
            ),
        ),
        "toxic": counts["toxic"],
        "changes": changes_of(project, audit),
        "strong": [one for one in (_found(project, *each) for each in found) if one.id in STRONG][:TOP],
        "missing": _missing(audit, index.auditlists.missing(run)),
        "networks": index.auditlists.networks(run, TOP),
        "percent": round(100 * audit.confidence),
    }


def _missing(audit: Audit, rows: Sequence[Mapping[str, Any]]) -> list[Missing]:
    """What would let most markers speak goes first; audits of old do not say which."""
    wanting: Mapping[str, Mapping[str, int]] = audit.facts.get(WANTING, {})
    found = []
    for row in rows:
        markers = wanting.get(row["source"], {})
        names = tuple(name_of(one) for one in sorted(markers, key=lambda one: (-markers[one], one)))
        found.append(Missing(SOURCE_NAMES[row["source"]], row["links"], SOURCES[row["source"]], names))
    return sorted(found, key=lambda one: (-len(one.markers), -one.links, one.name))


STRONG = frozenset(one.id for one in auditing.MARKERS if one.kind in ("K", "E"))


def _found(project: Project, marker: str, domains: int) -> FoundMarker:
    href = url_of(project, "domains", {FOUND: marker})
    return FoundMarker(marker, name_of(marker), group_name(marker), domains, href)


@access.project("editor")
@require_POST
def start(request: HttpRequest, project: Project) -> HttpResponse:
    """Queue an audit."""
    run = auditing.start(project, request.user)
    audit_log.record_request(request, "audit.started", project.workspace, project, project=project.pk)
    tasks.ring(run.pk)
    messages.success(request, "The audit is queued: this page shows it when it is done.")
    return redirect(url_of(project, "overview"))
