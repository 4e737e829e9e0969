"""Data: what the index holds for a workspace, how well each source covers its profiles, and what to add next.

Decided: members from viewer up see open data and what belongs to their projects; disk is that of the whole index,
whoever's rows they are, and shown to admins alone. A client has no such page: its sources stand in its own profile.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from backlinks import index
from backlinks.models import OpenImport
from backlinks.openweb.addresses import ATTRIBUTION
from projects import access
from projects.models import Project, Workspace
from seoapp.lib.export import safe_filename
from seoapp.lib.htmx import render_page, wants_fragment

from .data_advice import Facts, advice
from .data_coverage import Coverage, coverage
from .data_sources import brought, is_active, shelves, visible

GROUPS = {
    "log": "What sources have said (the log)",
    "profiles": "Profiles, made of it",
    "crawler": "Pages of our crawler",
    "graph": "The open graph",
    "popularity": "Popularity and visits",
    "lists": "Malware and block lists",
    "addresses": "Countries and networks",
    "ages": "Ages of domains",
    "scores": "Authority scores",
    "other": "Other",
}


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One kind of knowledge; None: not counted, or not for this reader."""

    label: str
    open_rows: int | None
    own_rows: int | None
    bytes: int | None


@access.workspace("viewer")
@require_safe
def data(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """The page; its cut `_data_sources.html` is asked for again while something is being read."""
    try:
        return render_page(request, "backlinks/data.html", "backlinks/_data_sources.html", _context(request, workspace))
    except index.IndexUnavailable as error:
        return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)


def _context(request: HttpRequest, workspace: Workspace) -> dict[str, Any]:
    membership = request.membership  # type: ignore[attr-defined]
    projects = access.visible_projects(membership)
    seen = visible(workspace, projects).select_related("run")
    context = {
        "shelves": shelves(workspace, projects),
        "is_active": any(is_active(one) for one in seen.filter(finished_at=None)),
        "attribution": ATTRIBUTION,
    }
    return context if wants_fragment(request) else context | _rest(request, workspace, projects)


def _rest(request: HttpRequest, workspace: Workspace, projects: QuerySet[Project]) -> dict[str, Any]:
    """What does not change while somebody watches a file being read."""
    membership = request.membership  # type: ignore[attr-defined]
    covered = coverage(list(projects.order_by("name")), is_narrow=membership.is_narrow)
    return {
        "brought": brought(projects),
        "coverage": covered,
        "advice": advice(_facts(workspace, covered)),
        "groups": _groups(workspace, seen=visible(workspace, projects), with_disk=membership.may("admin"))
        if not membership.is_narrow
        else [],
        "with_disk": membership.may("admin"),
        "projects": projects.order_by("name"),
        "limit_mb": settings.IMPORT_MAX_BYTES // 1024 // 1024,
    }


def _facts(workspace: Workspace, covered: Coverage) -> Facts:
    runs = index.shown_runs(workspace.pk)
    return Facts(
        timezone.now().date(),
        index.graph.current(),
        index.popularity.lists(workspace.pk),
        index.addresses.current() is not None,
        max((one.computed_at for one in runs), default=None),
        covered.rows,
    )


def _groups(workspace: Workspace, *, seen: QuerySet[OpenImport], with_disk: bool) -> list[GroupRow]:
    """Rows by kind of knowledge, and for admins the disk of the whole index."""
    rows = {one.group: (one.open, one.own) for one in index.holdings.rows(workspace.pk)}
    rows |= _told(seen)
    disk = {one.group: one.bytes for one in index.holdings.disk()} if with_disk else {}
    names = [name for name in GROUPS if name in rows or name in disk]
    return [GroupRow(GROUPS[name], *rows.get(name, (None, None)), disk.get(name)) for name in names]


def _told(seen: QuerySet[OpenImport]) -> dict[str, tuple[int, int]]:
    """Kinds whose rows are said by what was read, because there are too many to count."""
    ranges = index.addresses.current()
    lists = seen.filter(
        kind__in=(OpenImport.Kind.POPULARITY, OpenImport.Kind.VISITS), state=OpenImport.State.DONE
    ).values_list("workspace", "accepted")
    return {
        "graph": (sum(one.nodes + one.edges for one in index.graph.releases()), 0),
        "popularity": (
            sum(accepted for owner, accepted in lists if owner is None),
            sum(accepted for owner, accepted in lists if owner is not None),
        ),
        "addresses": (ranges.ranges if ranges else 0, 0),
    }


@access.workspace("viewer")
@require_safe
def data_problems(request: HttpRequest, workspace: Workspace, open_import_id: int) -> FileResponse:
    """Every row of one reading that was refused, as CSV."""
    projects = access.visible_projects(request.membership)  # type: ignore[attr-defined]
    found = get_object_or_404(visible(workspace, projects), pk=open_import_id)
    if not found.problems_file:
        raise Http404
    name = safe_filename(f"{found.label or found.name}-refused")
    return FileResponse(
        found.problems_file.open("rb"), as_attachment=True, filename=f"{name}.csv", content_type="text/csv"
    )
