"""Rows of the audit: its runs, and the weights that they go by.

Decided: what an audit found stands in the index (`backlinks.index.audits`); here stand its figures, by which a trend is
drawn long after the findings of old runs are gone. An audit counts from the moment its `finished_at` is set.
"""

from django.conf import settings
from django.db import models

from projects.models import Project, Run, Workspace

USER = settings.AUTH_USER_MODEL


class WeightSet(models.Model):
    """A version of a workspace's own weights; the newest one that is in use is what audits go by."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="weight_sets")
    number = models.PositiveIntegerField()
    data = models.JSONField(default=dict)
    note = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("workspace", "-number")
        constraints = (models.UniqueConstraint(fields=["workspace", "number"], name="weights_once"),)

    def __str__(self) -> str:
        return f"{self.workspace}: weights {self.number}"


class Audit(models.Model):
    """One audit of a project. `number` names its rows in the index, `is_kept`: whether they are still there.

    `bands` counts domains by band, `facts` holds what went in: versions, seconds, what was missing.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="audits")
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="audits")
    started_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    number = models.BigIntegerField(unique=True)
    as_of = models.DateField()
    generation = models.BigIntegerField(default=0)
    weights = models.CharField(max_length=40, blank=True)
    risk = models.PositiveSmallIntegerField(default=0)
    confidence = models.FloatField(default=0)
    links = models.BigIntegerField(default=0)
    domains = models.BigIntegerField(default=0)
    bands = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    is_kept = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (models.Index(fields=["project", "-finished_at"]),)

    def __str__(self) -> str:
        return f"Audit of {self.project} on {self.as_of}"
