"""Users, workspaces and who may do what in them."""

import hashlib
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    """Users are named by their e-mail address."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Who signs in. Raising `session_round` ends every session of the user, as a new password does."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    session_round = models.PositiveIntegerField(default=0, editable=False)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: tuple[str, ...] = ()

    class Meta:
        app_label = "projects"

    def __str__(self) -> str:
        return self.name or self.email

    def get_session_auth_hash(self) -> str:
        return f"{super().get_session_auth_hash()}:{self.session_round}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for one in super().get_session_auth_fallback_hash():
            yield f"{one}:{self.session_round}"

    def end_sessions(self) -> None:
        """Everywhere, at the next request."""
        User.objects.filter(pk=self.pk).update(session_round=models.F("session_round") + 1)


class Workspace(models.Model):
    """Who works here. `logo` is a PNG of our own making (`logos.py`), for reports."""

    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=60, unique=True)
    logo = models.FileField(upload_to="logos/", max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "projects"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    EDITOR = "editor", "Editor"
    VIEWER = "viewer", "Viewer"
    CLIENT = "client", "Client (named projects only)"


RANK = {Role.CLIENT: 0, Role.VIEWER: 1, Role.EDITOR: 2, Role.ADMIN: 3, Role.OWNER: 4}


class Membership(models.Model):
    """A user in a workspace: all of its projects, or those named (always so for a client)."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)
    all_projects = models.BooleanField(default=True)
    projects = models.ManyToManyField("projects.Project", blank=True, related_name="members")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "projects"
        constraints = (models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_per_workspace"),)

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace} as {self.role}"

    @property
    def is_narrow(self) -> bool:
        """Whether only the named projects are seen."""
        return self.role == Role.CLIENT or not self.all_projects

    def may(self, role: str) -> bool:
        """Whether this membership is at least of that role."""
        return RANK[Role(self.role)] >= RANK[Role(role)]


class Invitation(models.Model):
    """An invitation by mail; only the hash of its token is kept."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role.choices)
    all_projects = models.BooleanField(default=True)
    projects = models.ManyToManyField("projects.Project", blank=True, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "projects"
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.email} to {self.workspace}"

    @staticmethod
    def hash_of(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.expires_at > timezone.now()


class AuditEntry(models.Model):
    """Who did what: written once, never changed, without secrets."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, null=True, related_name="audit_entries")
    who = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    who_text = models.CharField(max_length=254, blank=True)
    action = models.CharField(max_length=60)
    what = models.CharField(max_length=254, blank=True)
    detail = models.JSONField(default=dict)
    ip = models.GenericIPAddressField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "projects"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.who_text} {self.action} {self.what}"
