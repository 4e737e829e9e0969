"""What the link in an invitation's mail opens. Reading it changes nothing, because mail scanners follow links."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from projects import access, accounts, invitations
from projects.audit import record_request
from projects.members import Refused
from projects.models import User


@access.public
@require_safe
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    found = invitations.find(token)
    if found is None:
        return _closed(request)
    context = {
        "invitation": found,
        "token": token,
        "is_theirs": request.user.is_authenticated and request.user.email.lower() == found.email,
        "has_account": User.objects.filter(email__iexact=found.email).exists(),
    }
    return render(request, "projects/invitation.html", context)


@access.signed_in
@require_POST
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Accept as the signed-in user."""
    found = invitations.find(token)
    if found is None:
        return _closed(request)
    try:
        with transaction.atomic():
            member = invitations.accept(found, request.user)
            record_request(request, "member.joined", found.workspace, request.user.email)
    except Refused as error:
        messages.error(request, str(error))
        return redirect("projects:invitation", token=token)
    return redirect("projects:workspace", slug=member.workspace.slug)


@access.public
@require_POST
def sign_up(request: HttpRequest, token: str) -> HttpResponse:
    """Go on to the sign-up form, which accepts the invitation for the invited address."""
    found = invitations.find(token)
    if found is None or request.user.is_authenticated:
        return _closed(request)
    accounts.hold(request, found, token)
    return redirect("account_signup")


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "projects/invitation_closed.html", {"days": invitations.DAYS}, status=404)
