"""What has changed since the audit before: new domains, lost ones, those that came back; and alerts that were seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from audit import since
from audit.models import Alert, Audit
from audit.score import BAND_LABELS, BAND_WORDS
from backlinks import index
from backlinks.views.exports import record_export
from projects import access
from projects import audit as audit_log
from projects.models import Project
from seoapp.lib import tables
from seoapp.lib.listquery import ListQuery

from .asked import run_of, shown, url_of

CHANGES = index.auditchanges
KIND, RISKY = "happened", {"band": "toxic"}
WORDS = {CHANGES.NEW: "New", CHANGES.LOST: "Lost", CHANGES.BACK: "Came back", CHANGES.GONE: "No longer known"}


@access.project("client")
@require_safe
def changes(request: HttpRequest, project: Project) -> HttpResponseBase:
    """The page, its fragment, or a file of all rows."""
    audit = shown(project)
    if audit is None:
        return render(request, "audit/none.html", {"project": project})
    run, last = run_of(audit), since.before(audit)
    context = {"project": project, "audit": audit, "before": last}
    if last is None:
        return render(request, "audit/changes.html", context)
    listing = _listing(project, audit, run)
    query = ListQuery.parse(listing.columns, request.GET, sort=CHANGES.SORT)
    context["kinds"] = _kinds(project, audit, request.GET.get(KIND, ""))
    try:
        return tables.answer(request, listing, query, page="audit/changes.html", context=context)
    except index.IndexUnavailable as error:
        return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)


def _kinds(project: Project, audit: Audit, chosen: str) -> list[tables.Link]:
    """Each kind with how many domains are of it, as the audit noted it."""
    counted = audit.facts.get(since.SINCE, {})
    made = [
        tables.Link(f"{word} {counted[kind]:,}" if kind in counted else word, _of_kind(project, kind), kind == chosen)
        for kind, word in WORDS.items()
    ]
    return [tables.Link("All", url_of(project, "changes"), chosen not in WORDS), *made]


def _of_kind(project: Project, kind: str, params: Mapping[str, str] | None = None) -> str:
    return url_of(project, "changes", {KIND: kind, **(params or {})})


def _listing(project: Project, audit: Audit, run: index.auditlists.AuditRun) -> tables.Listing:
    return tables.Listing(
        name="audit-changes",
        title=f"Referring domains of {project.target.domain} that changed since the audit before",
        columns=CHANGES.FIELDS,
        fetch=lambda query: CHANGES.rows(run, query),
        stream=lambda query: CHANGES.every_row(run, query),
        file_name=f"{project.target.domain}-audit-changes-{datetime.now(UTC):%Y-%m-%d}",
        cells=Cells(project),
        value=value_of,
        labels={**BAND_LABELS, **WORDS},
        exported=record_export(project, project.target),
        stacks=True,
        empty=tables.Empty("Nothing has changed", "Both audits know the same domains, in the same states."),
    )


def value_of(column: tables.Column, row: Mapping[str, Any]) -> Any:
    if column.name == KIND:
        return WORDS[row[KIND]]
    if column.name == "band":
        return BAND_LABELS[row["band"]]
    found = tables.value_of(column, row)
    if column.kind == "date":
        return found.date() if isinstance(found, datetime) and found.year > 1970 else None
    return found


@dataclass(frozen=True, slots=True)
class Cells:
    """A domain that the newest audit knows leads to what was found there."""

    project: Project

    def __call__(self, columns: Sequence[tables.Column], row: Mapping[str, Any]) -> list[tables.Cell]:
        known = row[KIND] != CHANGES.GONE
        href = url_of(self.project, "domain", domain=row["source_domain"]) if known else ""
        return [
            tables.Cell(
                column=one,
                value=BAND_WORDS[row["band"]] if one.name == "band" else value_of(one, row),
                href=href if one.name == "source_domain" else "",
                why="The audit before did not know it." if one.name == "risk_before" else "",
            )
            for one in columns
        ]


# --- On the overview --------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Change:
    """How many domains are new, lost or back, how many of these are toxic, and the lists of both."""

    name: str
    domains: int
    toxic: int
    href: str
    toxic_href: str


def changes_of(project: Project, audit: Audit) -> list[Change]:
    """What the audit noted of changes; nothing for a first one."""
    counted = audit.facts.get(since.SINCE, {})
    return [
        Change(
            word,
            counted[kind],
            counted.get(f"{kind}_toxic", 0),
            _of_kind(project, kind),
            _of_kind(project, kind, RISKY),
        )
        for kind, word in WORDS.items()
        if kind in counted
    ]


@access.project("editor")
@require_POST
def alert_seen(request: HttpRequest, project: Project, alert_id: int) -> HttpResponse:
    """Somebody knows of it now: it leaves the overview."""
    alert = Alert.objects.filter(project=project, pk=alert_id).first()
    if alert is None:
        raise Http404
    if Alert.objects.filter(pk=alert.pk, seen_at=None).update(seen_at=timezone.now()):
        audit_log.record_request(request, "audit.alert_seen", project.workspace, alert, project=project.pk)
        messages.success(request, "The alert is noted as seen; the audit log keeps it.")
    return redirect(url_of(project, "overview"))
