"""Who may open an account: the first user of an installation, and whoever holds an open invitation."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from .models import Invitation, User

SESSION_KEY = "invitation"


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        if not User.objects.exists():
            return True
        token = request.session.get(SESSION_KEY, "")
        found = Invitation.objects.filter(token_hash=Invitation.hash_of(token)).first() if token else None
        return found is not None and found.is_open
