"""Who may give which place in a workspace to whom.

Decided: owners may do everything; admins manage everybody but owners; a workspace always keeps an owner. Who is removed
is signed out everywhere. Refused: an ownership that can be taken by an admin.
"""

from dataclasses import dataclass

from django.db import transaction

from .models import Membership, Project, Role, User, Workspace


class Refused(ValueError):
    """Not allowed, or no longer possible; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """A role, and the projects it is about (unless it is about all)."""

    role: str
    all_projects: bool = True
    projects: tuple[Project, ...] = ()

    def __str__(self) -> str:
        named = ", ".join(one.name for one in self.projects)
        return self.role if self.all_projects else f"{self.role} of {named or 'no project'}"


def roles_given_by(actor: Membership) -> list[Role]:
    return [role for role in Role if actor.role == Role.OWNER or role != Role.OWNER]


def may_manage(actor: Membership, member: Membership) -> bool:
    return actor.may(Role.ADMIN) and (actor.role == Role.OWNER or member.role != Role.OWNER)


def place_of(member: Membership) -> Place:
    return Place(member.role, not member.is_narrow, tuple(member.projects.all()) if member.is_narrow else ())


def seat(workspace: Workspace, user: User, place: Place) -> Membership:
    """Make the user a member; who is one already keeps the higher role."""
    made, new = Membership.objects.get_or_create(
        workspace=workspace, user=user, defaults={"role": place.role, "all_projects": place.all_projects}
    )
    if new:
        made.projects.set(place.projects)
    return made


def move(actor: Membership, member: Membership, place: Place) -> None:
    """Give a member another place. Raises `Refused`."""
    with transaction.atomic():
        _check(actor, member)
        if place.role not in roles_given_by(actor):
            raise Refused("Only an owner can make somebody an owner.")
        if member.role == Role.OWNER and place.role != Role.OWNER:
            _keep_an_owner(member)
        member.role, member.all_projects = place.role, place.all_projects
        member.save(update_fields=["role", "all_projects"])
        member.projects.set(place.projects)


def remove(actor: Membership, member: Membership) -> None:
    """Take a member out and end their sessions. Raises `Refused`."""
    with transaction.atomic():
        _check(actor, member)
        if member.role == Role.OWNER:
            _keep_an_owner(member)
        member.delete()
        member.user.end_sessions()


def _check(actor: Membership, member: Membership) -> None:
    if actor.workspace_id != member.workspace_id or not may_manage(actor, member):
        raise Refused("Only an owner can change or remove an owner.")


def _keep_an_owner(member: Membership) -> None:
    """The workspace's row is locked, so that two owners cannot step down at once."""
    Workspace.objects.select_for_update().get(pk=member.workspace_id)
    owners = Membership.objects.filter(workspace=member.workspace_id, role=Role.OWNER, user__is_active=True)
    if not owners.exclude(pk=member.pk).exists():
        raise Refused("A workspace needs an owner: make somebody else an owner first.")
