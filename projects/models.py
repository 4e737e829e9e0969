"""Projects and runs; people stand in `people.py`."""

from datetime import timedelta

from django.db import models
from django.urls import reverse
from django.utils import timezone

from seoapp.lib.weburl import Target

from .people import AuditEntry, Invitation, Membership, Role, User, Workspace

__all__ = [
    "AuditEntry", "Competitor", "Invitation", "Membership", "Project", "Role", "Run", "User", "Workspace",
]  # fmt: skip


class Project(models.Model):
    """A site whose links a team looks after. One that is being removed (`removed_at`) is seen by nobody."""

    class Scope(models.TextChoices):
        ROOT = "root", "Whole domain with subdomains"
        HOST = "host", "This host only"
        PREFIX = "prefix", "This folder"
        EXACT = "exact", "This page"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="projects")
    name = models.CharField(max_length=120)
    domain = models.CharField(max_length=253)
    scope = models.CharField(max_length=6, choices=Scope.choices, default=Scope.ROOT)
    url = models.CharField(max_length=2048)
    brand_terms = models.JSONField(default=list, blank=True)
    money_keywords = models.JSONField(default=list, blank=True)
    languages = models.JSONField(default=list, blank=True)
    countries = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("name", "id")
        constraints = (models.UniqueConstraint(fields=["workspace", "url", "scope"], name="one_project_per_target"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its overview."""
        return reverse("backlinks:overview", kwargs={"slug": self.workspace.slug, "project_id": self.pk})

    @property
    def target(self) -> Target:
        return Target.parse(self.url, self.scope)


class Competitor(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="competitors")
    target = models.CharField(max_length=2048)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["project", "target"], name="competitor_once"),)

    def __str__(self) -> str:
        return self.target


class Run(models.Model):
    """A long job: this row is the truth about it, the broker only rings. Without a workspace it is the operator's."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, null=True, related_name="runs")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, null=True, related_name="runs")
    kind = models.CharField(max_length=40)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    heartbeat = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    log = models.TextField(blank=True)
    error = models.TextField(blank=True)
    started_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=["state", "lease_until"]),)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED, self.State.CANCELLED)

    @property
    def percent(self) -> int:
        if self.state == self.State.DONE:
            return 100
        return min(99, round(100 * self.done / self.total)) if self.total else 0

    @property
    def seconds(self) -> float:
        if self.started_at is None:
            return 0.0
        return max(((self.finished_at or timezone.now()) - self.started_at).total_seconds(), 0.001)

    @property
    def rate(self) -> int:
        """Rows (or steps) a second since the start."""
        return round(self.done / self.seconds) if self.seconds else 0

    @property
    def remaining(self) -> timedelta | None:
        if self.is_over or not self.rate or self.total <= self.done:
            return None
        return timedelta(seconds=round((self.total - self.done) / self.rate))
