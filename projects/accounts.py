"""Who may open an account, and what the audit log learns about signing in.

Decided: only the first user of an installation, and whoever holds an open invitation, may sign up; the invited address
counts as proven, because its link came by mail. Known and unknown addresses get the same answers.
Refused: open sign-up.
"""

from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_login_failed
from django.dispatch import Signal
from django.http import HttpRequest

from . import audit, invitations
from .models import Invitation, User

SESSION_KEY = "invitation"
RECORDED: tuple[tuple[Signal, str], ...] = (
    (account.user_logged_in, "sign_in"),
    (account.user_logged_out, "sign_out"),
    (account.user_signed_up, "account.opened"),
    (account.password_set, "password.set"),
    (account.password_changed, "password.changed"),
    (account.password_reset, "password.reset"),
    (account.email_added, "email.added"),
    (account.email_changed, "email.changed"),
    (account.email_removed, "email.removed"),
    (mfa.authenticator_added, "second_factor.added"),
    (mfa.authenticator_removed, "second_factor.removed"),
    (mfa.authenticator_reset, "second_factor.reset"),
    (mfa.authentication_failed, "second_factor.failed"),
)


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return not User.objects.exists() or pending(request) is not None


def hold(request: HttpRequest, invitation: Invitation, token: str) -> None:
    """Remember during sign-up by which invitation this browser came."""
    request.session[SESSION_KEY] = token
    AccountAdapter(request).stash_verified_email(request, invitation.email)


def pending(request: HttpRequest | None) -> Invitation | None:
    """The open invitation by which this browser came."""
    return invitations.find(request.session.get(SESSION_KEY, "")) if request is not None else None


def _recorder(action: str) -> Any:
    def receive(request: HttpRequest | None = None, user: User | None = None, **details: Any) -> None:
        if user is None or not user.is_authenticated:
            return
        method = getattr(details.get("authenticator"), "type", "")
        audit.record(
            action, workspace=None, user=user, ip=audit.ip_of(request), **({"method": method} if method else {})
        )

    return receive


def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    tried = str(credentials.get("email") or credentials.get("username") or "")[:254]
    known = User.objects.filter(email__iexact=tried).first()
    asked = request or context.request
    audit.record("sign_in.failed", workspace=None, user=known, who_text=tried, ip=audit.ip_of(asked))


def listen() -> None:
    """Connect the audit log to the log-in library's events."""
    for signal, action in RECORDED:
        signal.connect(_recorder(action), weak=False, dispatch_uid=f"audit.{action}")
    user_login_failed.connect(_failed, dispatch_uid="audit.sign_in.failed")
