"""Find or make what a command names: a project is its id, its domain, or WORKSPACE/DOMAIN."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from seoapp.lib.weburl import BadUrl, Target

from .models import Competitor, Membership, Project, Role, User, Workspace


class Unknown(ValueError):
    """Nothing, or more than one thing, answers to this name."""


def project_named(text: str) -> Project:
    """The project that a command means. Raises `Unknown` with a sentence."""
    projects = Project.objects.filter(removed_at=None).select_related("workspace")
    if text.isdigit():
        found = list(projects.filter(pk=int(text)))
    else:
        workspace, _, domain = text.rpartition("/") if "/" in text and "://" not in text else ("", "", text)
        found = list(projects.filter(domain=domain.lower().removeprefix("www.")))
        if workspace:
            found = [one for one in found if workspace in (one.workspace.slug, one.workspace.name)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise Unknown(f"There is no project {text!r}: make one with create_project.")
    names = ", ".join(f"{one.workspace.slug}/{one.domain} (id {one.pk})" for one in found)
    raise Unknown(f"{text!r} means more than one project: say which of {names}.")


def workspace_named(name: str) -> Workspace:
    """The workspace of this name, made where it is missing."""
    found = Workspace.objects.filter(name=name).first() or Workspace.objects.filter(slug=name).first()
    return found or create_workspace(name)


def create_workspace(name: str, owner: User | None = None) -> Workspace:
    base = slugify(name)[:50] or "workspace"
    slug, number = base, 2
    while Workspace.objects.filter(slug=slug).exists():
        slug, number = f"{base}-{number}", number + 1
    made = Workspace.objects.create(name=name[:80], slug=slug)
    if owner is not None:
        Membership.objects.create(workspace=made, user=owner, role=Role.OWNER)
    return made


def may_create_workspace(user: User) -> bool:
    """Owners and admins of one may make another; the first user of an installation makes the first."""
    if Membership.objects.filter(user=user, role__in=(Role.OWNER, Role.ADMIN)).exists():
        return True
    return not Membership.objects.exists()


def create_project(
    *,
    workspace: Workspace,
    domain: str,
    name: str = "",
    scope: str | None = None,
    competitors: tuple[str, ...] = (),
    keywords: tuple[str, ...] = (),
    brands: tuple[str, ...] = (),
    languages: tuple[str, ...] = (),
    countries: tuple[str, ...] = (),
) -> tuple[Project, bool]:
    """(project, is it new). The same target in the same workspace is the same project. Raises `BadUrl`."""
    target = Target.parse(domain, scope)
    rivals = [str(Target.parse(one)) for one in competitors]
    with transaction.atomic():
        made, new = Project.objects.get_or_create(
            workspace=workspace,
            url=str(target),
            scope=target.scope,
            defaults={
                "name": (name or target.label)[:120],
                "domain": _domain(target),
                "brand_terms": list(brands),
                "money_keywords": list(keywords),
                "languages": list(languages),
                "countries": list(countries),
            },
        )
        for rival in rivals:
            Competitor.objects.get_or_create(project=made, target=rival)
    return made, new


def describe(project: Project, target: Target, said: Mapping[str, Any]) -> None:
    """Save a project's settings: `said` has name, brands, keywords, languages, countries and competitors.

    Raises IntegrityError when another project of the workspace has this target; call it inside a transaction.
    """
    project.name = (said["name"] or target.label)[:120]
    project.url, project.scope, project.domain = str(target), target.scope, _domain(target)
    project.brand_terms, project.money_keywords = said["brands"], said["keywords"]
    project.languages, project.countries = said["languages"], said["countries"]
    project.save()
    project.competitors.exclude(target__in=said["competitors"]).delete()
    for rival in said["competitors"]:
        Competitor.objects.get_or_create(project=project, target=rival)


def _domain(target: Target) -> str:
    return target.host if target.scope == "host" else target.domain


__all__ = [
    "BadUrl", "Unknown", "create_project", "create_workspace", "describe", "may_create_workspace", "project_named",
    "workspace_named",
]  # fmt: skip
