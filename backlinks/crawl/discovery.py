"""Rows of discovery: pages compared for search engines, sites watched for new pages, and the pages they list.

Decided: a check keeps its visits while it goes on and its evidence when it is over; the text of a page is
never kept. What a site lists stays known as long as it is watched, whatever becomes of the crawls that found it.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone

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


class WatchedSite(models.Model):
    """A site whose sitemaps and feeds are looked at again and again. `learned_at`: what it had then is not new."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="watched_sites")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="watched_sites")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    url = models.TextField()
    key = models.BigIntegerField()
    domain = models.CharField(max_length=253)
    every_hours = models.PositiveSmallIntegerField(default=24)
    max_pages = models.PositiveIntegerField(default=100)
    is_paused = models.BooleanField(default=False)
    next_at = models.DateTimeField(default=timezone.now, db_index=True)
    learned_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("url",)
        constraints = (models.UniqueConstraint(fields=["project", "key"], name="one_watch_per_site"),)

    def __str__(self) -> str:
        return self.url


class SitePage(models.Model):
    """A page that a watched site has listed. `listed_at`: its date in the list; `crawl`: the one that fetched it."""

    site = models.ForeignKey(WatchedSite, on_delete=models.CASCADE, related_name="pages")
    crawl = models.ForeignKey("backlinks.Crawl", on_delete=models.SET_NULL, null=True, related_name="site_pages")
    key = models.BigIntegerField()
    url = models.TextField()
    title = models.CharField(max_length=500, blank=True)
    is_new = models.BooleanField(default=True)
    found_at = models.DateTimeField()
    listed_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("-found_at", "-id")
        constraints = (models.UniqueConstraint(fields=["site", "key"], name="one_row_per_site_page"),)
        indexes = (models.Index(fields=["site", "is_new", "-found_at"], name="sitepage_news"),)

    def __str__(self) -> str:
        return self.url
