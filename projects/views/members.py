"""Members of a workspace and its invitations: for admins and owners."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects import access, invitations
from projects import members as seats
from projects.audit import record_request
from projects.forms import InviteForm, PlaceForm
from projects.members import Refused
from projects.models import Invitation, Membership, Workspace


@access.workspace("admin")
@require_safe
def members(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    return _page(request, workspace, _invite_form(request))


@access.workspace("admin")
@require_POST
def invite(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    form = _invite_form(request)
    if not form.is_valid():
        return _page(request, workspace, form, status=422)
    email, place = form.cleaned_data["email"], form.place
    try:
        with transaction.atomic():
            sent = invitations.invite(workspace=workspace, email=email, place=place, by=request.user)
            record_request(request, "member.invited", workspace, sent.invitation.email, role=str(place))
    except Refused as error:
        form.add_error("email", str(error))
        return _page(request, workspace, form, status=422)
    _mail(request, sent)
    return redirect("projects:members", slug=workspace.slug)


@access.workspace("admin")
@require_POST
def resend(request: HttpRequest, workspace: Workspace, invitation_id: int) -> HttpResponse:
    invitation = get_object_or_404(_open_invitations(workspace), pk=invitation_id)
    try:
        with transaction.atomic():
            sent = invitations.again(invitation)
            record_request(request, "invitation.resent", workspace, invitation.email)
    except Refused as error:
        messages.error(request, str(error))
    else:
        _mail(request, sent)
    return redirect("projects:members", slug=workspace.slug)


@access.workspace("admin")
@require_POST
def revoke(request: HttpRequest, workspace: Workspace, invitation_id: int) -> HttpResponse:
    invitation = get_object_or_404(_open_invitations(workspace), pk=invitation_id)
    with transaction.atomic():
        invitation.delete()
        record_request(request, "invitation.revoked", workspace, invitation.email)
    messages.success(request, f"The invitation of {invitation.email} was revoked: its link no longer works.")
    return redirect("projects:members", slug=workspace.slug)


@access.workspace("admin")
@require_http_methods(["GET", "HEAD", "POST"])
def member(request: HttpRequest, workspace: Workspace, member_id: int) -> HttpResponse:
    """Role and projects of a member."""
    actor: Membership = request.membership
    found = get_object_or_404(_members(workspace), pk=member_id)
    before = seats.place_of(found)
    now = {"role": found.role, "all_projects": "all" if before.all_projects else "named", "projects": before.projects}
    form = PlaceForm(request.POST or None, initial=now, actor=actor, roles=seats.roles_given_by(actor))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                seats.move(actor, found, form.place)
                record_request(
                    request, "member.changed", workspace, found.user.email, before=str(before), after=str(form.place)
                )
        except Refused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"The role of {found.user} was saved.")
            return redirect("projects:members", slug=workspace.slug)
    context = {"form": form, "member": found, "may_manage": seats.may_manage(actor, found)}
    return render(request, "projects/member.html", context, status=422 if form.errors else 200)


@access.workspace("admin")
@require_POST
def remove(request: HttpRequest, workspace: Workspace, member_id: int) -> HttpResponse:
    found = get_object_or_404(_members(workspace), pk=member_id)
    try:
        with transaction.atomic():
            seats.remove(request.membership, found)
            record_request(request, "member.removed", workspace, found.user.email, role=found.role)
    except Refused as error:
        messages.error(request, str(error))
        return redirect("projects:members", slug=workspace.slug)
    messages.success(request, f"{found.user} was removed and is signed out everywhere.")
    if found.user_id == request.user.pk:
        return redirect("projects:home")
    return redirect("projects:members", slug=workspace.slug)


def _members(workspace: Workspace) -> "access.QuerySet[Membership]":
    return workspace.memberships.select_related("user", "workspace").prefetch_related("projects")


def _open_invitations(workspace: Workspace) -> "access.QuerySet[Invitation]":
    return workspace.invitations.filter(accepted_at=None).select_related("invited_by", "workspace")


def _invite_form(request: HttpRequest) -> InviteForm:
    actor: Membership = request.membership
    initial = {"role": "viewer"}
    return InviteForm(request.POST or None, initial=initial, actor=actor, roles=seats.roles_given_by(actor))


def _page(request: HttpRequest, workspace: Workspace, form: InviteForm, status: int = 200) -> HttpResponse:
    listed = sorted(_members(workspace), key=lambda one: str(one.user).casefold())
    context = {
        "form": form,
        "members": [(one, seats.may_manage(request.membership, one)) for one in listed],
        "invitations": _open_invitations(workspace).prefetch_related("projects"),
    }
    return render(request, "projects/members.html", context, status=status)


def _mail(request: HttpRequest, sent: invitations.Sent) -> None:
    trouble = invitations.send(sent)
    if trouble:
        messages.error(request, trouble)
    else:
        messages.success(request, f"The invitation is on its way to {sent.invitation.email}.")
