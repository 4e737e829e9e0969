"""Users, workspaces and who may do what in them."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone

INVITATION_DAYS = 7


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
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: tuple[str, ...] = ()

    class Meta:
        app_label = "projects"

    def __str__(self) -> str:
        return self.name or self.email


class Workspace(models.Model):
    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=60, unique=True)
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
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)
    projects = models.ManyToManyField("projects.Project", blank=True, related_name="members")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "projects"
        constraints = (models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_per_workspace"),)

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace} as {self.role}"

    def may(self, role: str) -> bool:
        """Whether this membership is at least of that role."""
        return RANK[Role(self.role)] >= RANK[Role(role)]


class Invitation(models.Model):
    """An invitation by mail; only the hash of its token is kept."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role.choices)
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

    @classmethod
    def issue(cls, *, workspace: Workspace, email: str, role: str, invited_by: User) -> tuple["Invitation", str]:
        """(invitation, token for the mail); an earlier open one to the same address is replaced."""
        workspace.invitations.filter(email=email.lower(), accepted_at=None).delete()
        token = secrets.token_urlsafe(32)
        made = cls.objects.create(
            workspace=workspace,
            email=email.lower(),
            role=role,
            invited_by=invited_by,
            token_hash=cls.hash_of(token),
            expires_at=timezone.now() + timedelta(days=INVITATION_DAYS),
        )
        return made, token

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
