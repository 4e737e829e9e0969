"""Invitations: how somebody comes into a workspace.

Decided: the link goes to the invited address alone and is never shown to the inviter, because whoever opens it may make
an account in that name; only its hash is kept. A new link replaces the old one. Refused: links that anybody may use.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from .members import Place, Refused, seat
from .models import Invitation, Membership, User, Workspace

DAYS = 7
AN_HOUR = 30  # invitations and reminders of one workspace


@dataclass(frozen=True, slots=True)
class Sent:
    """An invitation and its secret; the token is for the mail only."""

    invitation: Invitation
    token: str


def invite(*, workspace: Workspace, email: str, place: Place, by: User) -> Sent:
    """A new invitation; an earlier open one to this address is replaced. Raises `Refused`."""
    email = email.strip().lower()
    if workspace.memberships.filter(user__email__iexact=email).exists():
        raise Refused(f"{email} is already a member of {workspace.name}.")
    _limit(workspace)
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        workspace.invitations.filter(email=email, accepted_at=None).delete()
        made = Invitation.objects.create(
            workspace=workspace,
            email=email,
            role=place.role,
            all_projects=place.all_projects,
            invited_by=by,
            token_hash=Invitation.hash_of(token),
            expires_at=timezone.now() + timedelta(days=DAYS),
        )
        made.projects.set(place.projects)
    return Sent(made, token)


def again(invitation: Invitation) -> Sent:
    """A fresh link, for another seven days; the old one ends."""
    _limit(invitation.workspace)
    token = secrets.token_urlsafe(32)
    invitation.token_hash = Invitation.hash_of(token)
    invitation.expires_at = timezone.now() + timedelta(days=DAYS)
    invitation.save(update_fields=["token_hash", "expires_at"])
    return Sent(invitation, token)


def _limit(workspace: Workspace) -> None:
    hour_ago = timezone.now() + timedelta(days=DAYS, hours=-1)  # `expires_at` says when the link was made
    if workspace.invitations.filter(expires_at__gt=hour_ago).count() >= AN_HOUR:
        raise Refused(f"{AN_HOUR} invitations were sent within an hour: wait a while, then go on.")


def send(sent: Sent) -> str:
    """Mail the link. Returns "" or a sentence that says why the mail did not leave."""
    path = reverse("projects:invitation", kwargs={"token": sent.token})
    context = {"invitation": sent.invitation, "link": settings.SITE_URL + path, "days": DAYS}
    inviter = sent.invitation.invited_by or "Somebody"
    subject = f"{inviter} invites you to {sent.invitation.workspace.name}"
    try:
        send_mail(
            " ".join(subject.split()),
            render_to_string("projects/invitation_mail.txt", context),
            settings.DEFAULT_FROM_EMAIL,
            [sent.invitation.email],
        )
    except (OSError, SMTPException) as error:
        return (
            f"The invitation stands, but its mail did not leave ({error}): check the mail settings, then send it again."
        )
    return ""


def find(token: str) -> Invitation | None:
    """The open invitation of this token."""
    invitations = Invitation.objects.select_related("workspace", "invited_by")
    found = invitations.filter(token_hash=Invitation.hash_of(token)).first() if token else None
    return found if found and found.is_open else None


def accept(invitation: Invitation, user: User) -> Membership:
    """Make the user a member. Raises `Refused` when it is another's invitation or no longer open."""
    if user.email.lower() != invitation.email:
        raise Refused(f"This invitation is for {invitation.email}; you are signed in as {user.email}.")
    now = timezone.now()
    with transaction.atomic():
        rows = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, expires_at__gt=now)
        if not rows.update(accepted_at=now):
            raise Refused("This invitation is no longer open: ask for a new one.")
        place = Place(invitation.role, invitation.all_projects, tuple(invitation.projects.all()))
        return seat(invitation.workspace, user, place)
