"""Who is to look at which referring domain, and what the team says about it."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet

from projects.models import Membership, Project, Role, User
from seoapp.lib.words import typed

from .models import Assignment, Comment

LOOKING = tuple(role for role in Role.values if role != Role.CLIENT)


class NotSaid(ValueError):
    """A comment or an assignment that cannot be; the message says why."""


def members(project: Project) -> QuerySet[Membership]:
    """Who may be asked to look: those who see the project, without clients."""
    seen = Q(all_projects=True) | Q(projects=project)
    found = Membership.objects.filter(seen, workspace=project.workspace_id, role__in=LOOKING)
    return found.select_related("user").order_by("user__name", "user__email").distinct()


def assign(project: Project, domain: str, user_id: str, by: User) -> User | None:
    """The domain is this member's to look at, "" is nobody's. Raises `NotSaid`."""
    if not user_id:
        Assignment.objects.filter(project=project, domain=domain).delete()
        return None
    member = members(project).filter(user=user_id).first() if user_id.isdecimal() and len(user_id) < 12 else None
    if member is None:
        raise NotSaid("Choose a member of the workspace who sees this project.")
    fields = {"user": member.user, "made_by": by}
    Assignment.objects.update_or_create(project=project, domain=domain, defaults=fields)
    return member.user


def assigned_of(project: Project, domain: str) -> Assignment | None:
    return Assignment.objects.filter(project=project, domain=domain).select_related("user", "made_by").first()


def assigned_to(project: Project, user: User) -> frozenset[str]:
    """The domains that are somebody's to look at."""
    return frozenset(Assignment.objects.filter(project=project, user=user).values_list("domain", flat=True))


def owners(project: Project) -> Mapping[str, str]:
    """Domain -> whose it is, by name."""
    found = Assignment.objects.filter(project=project).select_related("user")
    return {one.domain: str(one.user) for one in found}


def comment(project: Project, domain: str, text: str, by: User) -> Comment:
    """Raises `NotSaid`."""
    said, most = typed(text, len(text)), Comment._meta.get_field("text").max_length
    if not said:
        raise NotSaid("Write something first.")
    if len(said) > most:
        raise NotSaid(f"A comment has {most:,} characters at most, this one has {len(said):,}.")
    return Comment.objects.create(project=project, domain=domain, user=by, text=said)


def comments_of(project: Project, domain: str) -> list[dict[str, Any]]:
    """What was said about a domain, the first word first."""
    found = Comment.objects.filter(project=project, domain=domain).select_related("user")
    return [{"who": str(one.user or "Somebody who left"), "at": one.made_at, "text": one.text} for one in found]
