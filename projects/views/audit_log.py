"""The audit log of a workspace: for admins and owners."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from projects import access, audit
from projects.models import AuditEntry, Workspace
from seoapp.lib import export

PER_PAGE = 50
COLUMNS = ("time", "who", "action", "what", "detail", "ip")


@access.workspace("admin")
@require_safe
def audit_log(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Newest first; paged by the id of the last row, without a count."""
    asked = _asked(request)
    found = list(audit.entries(workspace, asked)[: PER_PAGE + 1])
    page = found[:PER_PAGE]
    kept = {name: value for name, value in (("who", asked.who), ("action", asked.action)) if value}
    context = {
        "rows": [(one, audit.label(one.action), _detail(one)) for one in page],
        "people": [one.user for one in workspace.memberships.select_related("user").order_by("user__email")],
        "actions": list(audit.ACTIONS.items()),
        "asked": asked,
        "query": urlencode(kept),
        "next_query": urlencode({**kept, "before": page[-1].pk}) if len(found) > PER_PAGE else "",
    }
    return render(request, "projects/audit_log.html", context)


@access.workspace("admin")
@require_safe
def export_csv(request: HttpRequest, workspace: Workspace) -> StreamingHttpResponse:
    """What the page shows with these filters, all of it."""
    rows = audit.entries(workspace, _asked(request))
    audit.record_request(request, "audit_log.exported", workspace)
    response = StreamingHttpResponse(export.csv_lines(COLUMNS, _cells(rows)), content_type="text/csv; charset=utf-8")
    name = export.safe_filename(f"audit-log-{workspace.slug}")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _asked(request: HttpRequest) -> audit.AuditFilter:
    action = request.GET.get("action", "")
    return audit.AuditFilter(
        who=_number(request.GET.get("who", "")),
        action=action if action in audit.ACTIONS else "",
        before=_number(request.GET.get("before", "")),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _cells(rows: Any) -> Iterator[tuple[str, ...]]:
    for one in rows.iterator(chunk_size=2000):
        yield (one.at.isoformat(), one.who_text, one.action, one.what, _detail(one), one.ip or "")


def _detail(entry: AuditEntry) -> str:
    return "; ".join(f"{name}: {_words(value)}" for name, value in entry.detail.items())


def _words(value: Any) -> str:
    """A change stands as [before, after]."""
    if isinstance(value, list) and len(value) == 2:
        return " → ".join(
            _words(one) if not isinstance(one, list) else ", ".join(map(str, one)) or "none" for one in value
        )
    return str(value)
