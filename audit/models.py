"""Rows of the audit: its runs, the weights that they go by, what people decided, and the files that came of it.

Decided: what an audit found stands in the index (`backlinks.index.audits`); here stand its figures, by which a trend is
drawn long after the findings of old runs are gone. An audit counts from the moment its `finished_at` is set. A decision
is about a domain or one page and outlives audits: new links of a decided domain follow it.
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


class Decision(models.Model):
    """What a team decided about a referring domain, or with `url` about one page of it. `evidence` are the markers that
    had fired, `risk` and `confidence` what the audit said then."""

    class Verdict(models.TextChoices):
        KEEP = "keep", "Keep"
        REMOVE = "remove", "Ask for removal"
        DISAVOW = "disavow", "Disavow"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="decisions")
    domain = models.CharField(max_length=253)
    url = models.CharField(max_length=2048, blank=True)
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    reason = models.CharField(max_length=1000, blank=True)
    evidence = models.JSONField(default=list)
    risk = models.PositiveSmallIntegerField(null=True)
    confidence = models.FloatField(null=True)
    made_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("project", "domain", "url")
        constraints = (models.UniqueConstraint(fields=["project", "domain", "url"], name="decision_once"),)

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.url or self.domain}"


class ReviewStep(models.Model):
    """One thing that somebody did in the review, and what stood there before, so that it can be taken back.

    `before`: domain -> the fields of its decision, or None where there was none.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="review_steps")
    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="review_steps")
    about = models.CharField(max_length=300)
    before = models.JSONField(default=dict)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.about


class DisavowVersion(models.Model):
    """A disavow file as it was written: never changed. `is_proposal`: nobody has decided about its entries yet."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="disavow_versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    digest = models.CharField(max_length=64)
    domains = models.PositiveIntegerField()
    urls = models.PositiveIntegerField()
    is_proposal = models.BooleanField(default=False)
    confirmed = models.JSONField(default=dict)
    note = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    downloaded_at = models.DateTimeField(null=True)
    uploaded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("project", "-number")
        constraints = (models.UniqueConstraint(fields=["project", "number"], name="disavow_version_once"),)

    def __str__(self) -> str:
        return f"{self.project}: disavow file {self.number}"
