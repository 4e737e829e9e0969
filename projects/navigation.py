"""What stands around every page: the user's workspaces, the project's reports, and where the user is.

A later stage adds its pages through `settings.PROJECT_PAGES` and `settings.WORKSPACE_PAGES` (design section 2, rule 5).
"""

from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from seoapp.lib import registry

from .access import visible_projects
from .models import Membership, Project, Workspace


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """A page: its URL name (arguments: slug, of a project also project_id), label, icon, and the least role to see it.

    A page that `takes_target` keeps the domain, host or URL that is being looked at, and whether the open graph counts.
    `group` is the heading that it stands under, `covers` names the pages that are reached through it.
    """

    url_name: str
    label: str
    icon: str
    role: str = "client"
    takes_target: bool = False
    group: str = ""
    covers: tuple[str, ...] = ()


PROJECT_SETTINGS = ProjectPage("projects:project_settings", "Project settings", "adjustments", "editor", group="Work")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation as it is shown."""

    url: str
    label: str
    icon: str
    active: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of the navigation under one heading."""

    title: str
    entries: list[Entry]


WORK_PAGES = (
    ProjectPage("projects:workspace", "Projects", "layout-grid"),
    ProjectPage("projects:runs", "Runs", "player-play"),
)
# What a later stage adds stands between the two.
OFFICE_PAGES = (
    ProjectPage("projects:members", "Members", "users", "admin"),
    ProjectPage("projects:audit_log", "Audit log", "history", "admin"),
    ProjectPage("projects:workspace_settings", "Workspace settings", "settings", "admin"),
)


def context(request: HttpRequest) -> dict[str, Any]:
    """Context of every page."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {}
    membership: Membership | None = getattr(request, "membership", None)
    project: Project | None = getattr(request, "project", None)
    return {
        "nav_workspaces": Workspace.objects.filter(memberships__user=request.user),
        "membership": membership,
        "nav_workspace": membership.workspace if membership else None,
        "nav_project": project,
        "nav_projects": visible_projects(membership) if membership else (),
        "nav_groups": _project_groups(request, membership, project) if membership and project else (),
        "nav_workspace_pages": _workspace_entries(request, membership) if membership else (),
        "can_edit": bool(membership and membership.may("editor")),
        "can_admin": bool(membership and membership.may("admin")),
    }


def _project_groups(request: HttpRequest, membership: Membership, project: Project) -> list[Group]:
    """The pages that this member may open, in the order in which their headings come first; the chores are last."""
    pages = chain(*registry.load(settings.PROJECT_PAGES), (PROJECT_SETTINGS,))
    arguments = {"slug": membership.workspace.slug, "project_id": project.pk}
    kept = {name: request.GET[name][:2048] for name in ("target", "scope", "graph") if request.GET.get(name)}
    groups: dict[str, Group] = {}
    for page in pages:
        if membership.may(page.role):
            group = groups.setdefault(page.group, Group(page.group, []))
            group.entries.append(_entry(request, page, arguments, kept=kept))
    return sorted(groups.values(), key=lambda one: one.title == PROJECT_SETTINGS.group)


def _workspace_entries(request: HttpRequest, membership: Membership) -> list[Entry]:
    arguments = {"slug": membership.workspace.slug}
    pages = chain(WORK_PAGES, *registry.load(settings.WORKSPACE_PAGES), OFFICE_PAGES)
    return [_entry(request, page, arguments) for page in pages if membership.may(page.role)]


def _entry(
    request: HttpRequest, page: ProjectPage, arguments: dict[str, Any], *, kept: dict[str, str] | None = None
) -> Entry:
    url = reverse(page.url_name, kwargs=arguments)
    match = getattr(request, "resolver_match", None)
    active = bool(match and match.view_name in (page.url_name, *page.covers))
    if kept and page.takes_target:
        url = f"{url}?{urlencode(kept)}"
    return Entry(url, page.label, page.icon, active)
