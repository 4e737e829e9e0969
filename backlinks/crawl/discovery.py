"""Rows of discovery: pages compared for search engines.

Decided: a check keeps its visits while it goes on and its evidence when it is over; the text of a page is never kept.
"""

from django.conf import settings
from django.db import models

from projects.models import Project, Run, Workspace


class CloakingCheck(models.Model):
    """One page, asked for as ourselves and under a search engine's name. No verdict: not over, or its run failed."""

    class Verdict(models.TextChoices):
        SAME = "same", "The same page"
        SMALL = "small", "Small differences"
        CONTENT = "content", "Different content"
        LINKS = "links", "Different links"
        UNKNOWN = "unknown", "Could not look"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="cloaking_checks")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="cloaking_checks")
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="+")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    source_url = models.TextField()
    key = models.BigIntegerField()
    link_id = models.CharField(max_length=20, blank=True)
    domain = models.CharField(max_length=253)
    visits = models.JSONField(default=list)
    verdict = models.CharField(max_length=8, choices=Verdict.choices, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    evidence = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=["project", "key", "-id"], name="cloaking_of_page"),)

    def __str__(self) -> str:
        return self.source_url

    @property
    def is_going_on(self) -> bool:
        return not self.verdict and self.run is not None and not self.run.is_over

    @property
    def error(self) -> str:
        """Why there is no verdict though nobody works on one."""
        if self.verdict or self.is_going_on:
            return ""
        return (self.run.error if self.run else "") or "The comparison was cancelled."
