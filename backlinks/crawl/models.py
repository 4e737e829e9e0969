"""Rows of the crawler: what is to be fetched and when. What was found stands in the index.

Decided: the frontier, the politeness of hosts and the work list of a check are rows, so that any number of workers
share them and a killed worker loses nothing. Results wait as a `Parcel` in the transaction that marks their pages as
done, and go to the index from there under the parcel's own token: exactly once. Refused: a frontier in memory or in a
broker, because both forget.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from projects.models import Project, Run, Workspace

PAGES_BEFORE = "pages_before"  # pages that it had when its time was begun anew


class Crawl(models.Model):
    """One job of fetching. `batch` joins it to the link index.

    site: follow the links of sites from `starts`; list: these pages only; check: look at known links again;
    news: new pages of a watched site.
    """

    class Kind(models.TextChoices):
        SITE = "site", "Site crawl"
        LIST = "list", "Page list"
        CHECK = "check", "Link check"
        NEWS = "news", "Look for new pages"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="crawls")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="crawls")
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="crawls")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    watched = models.ForeignKey("backlinks.WatchedSite", on_delete=models.SET_NULL, null=True, related_name="crawls")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    starts = models.JSONField(default=list)
    max_pages = models.PositiveIntegerField(default=500)
    max_depth = models.PositiveSmallIntegerField(default=5)
    max_hosts = models.PositiveIntegerField(default=100)
    max_seconds = models.PositiveIntegerField(default=3600)
    with_subdomains = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    batch = models.BigIntegerField(unique=True)
    pages = models.PositiveIntegerField(default=0)
    links = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    results = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=["project", "-id"]),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED, self.State.CANCELLED)

    @property
    def is_being_removed(self) -> bool:
        return self.run is not None and "remove" in self.run.arguments

    @property
    def has_failed(self) -> bool:
        """Whether its run ended and left it unfinished; it can be tried again."""
        ended_badly = self.run is None or self.run.state in (Run.State.FAILED, Run.State.CANCELLED)
        return self.state == self.State.FAILED or (not self.is_over and ended_badly)

    @property
    def is_active(self) -> bool:
        """Whether it changes by itself."""
        if self.is_being_removed or self.is_retried:
            return not self.run.is_over
        return not self.is_over and not self.has_failed

    @property
    def is_retried(self) -> bool:
        """Cancelled before, and asked for again."""
        return self.state == self.State.CANCELLED and self.run is not None and not self.run.is_over

    @property
    def shown_state(self) -> tuple[str, str]:
        """(state, its word) as a page says it; a run that ended badly speaks for a crawl that could not."""
        if self.is_being_removed:
            return ("failed", "Not removed") if self.run.is_over else ("running", "Being removed")
        if self.is_retried:
            return "waiting", "Waiting"
        if self.has_failed:
            cancelled = self.run is not None and self.run.state == Run.State.CANCELLED
            return ("cancelled", "Cancelled") if cancelled else ("failed", "Failed")
        if self.state == self.State.DONE and self.errors and not self.pages:
            return "warning", "Done, nothing could be read"
        if self.state == self.State.DONE and self.results.get("unlisted"):
            return "warning", "Done, no sitemap or feed"
        return self.state, self.get_state_display()

    @property
    def seconds(self) -> float:
        """How long it has worked (0.0 before its start)."""
        if self.started_at is None:
            return 0.0
        return ((self.finished_at or timezone.now()) - self.started_at).total_seconds()

    @property
    def goes_on(self) -> bool:
        """Whether its time was begun anew after a failure or a cancel."""
        return PAGES_BEFORE in self.results

    @property
    def ends_by(self) -> datetime:
        """When its time is over."""
        return (self.started_at or timezone.now()) + timedelta(seconds=self.max_seconds)

    @property
    def rate(self) -> float:
        """Pages a second since the start; of one that went on, since then."""
        return max(0, self.pages - self.results.get(PAGES_BEFORE, 0)) / self.seconds if self.seconds else 0.0


class CrawlUrl(models.Model):
    """One address of a crawl: waiting, then what became of it. `key` is a hash of the address's key.

    `attempts` are tries of the address as it is now, `hops` redirects to another spelling of it.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        DONE = "done", "Fetched"
        FAILED = "failed", "Not fetched"
        SKIPPED = "skipped", "Left out"

    class Purpose(models.TextChoices):
        PAGE = "page", "Page"
        TARGET = "target", "Target of a link"
        SITEMAP = "sitemap", "Sitemap"
        FEED = "feed", "Feed"

    crawl = models.ForeignKey(Crawl, on_delete=models.CASCADE, related_name="urls")
    url = models.TextField()
    key = models.BigIntegerField()
    domain = models.CharField(max_length=253)
    purpose = models.CharField(max_length=8, choices=Purpose.choices, default=Purpose.PAGE)
    depth = models.PositiveSmallIntegerField(default=0)
    priority = models.SmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    hops = models.PositiveSmallIntegerField(default=0)
    found_on = models.TextField(blank=True)
    status = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=24, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    redirect = models.TextField(blank=True)
    title = models.CharField(max_length=500, blank=True)
    fingerprint = models.BigIntegerField(default=0)
    links = models.PositiveIntegerField(default=0)
    bytes = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0)
    ip = models.CharField(max_length=45, blank=True)
    etag = models.CharField(max_length=300, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=["crawl", "purpose", "key"], name="one_row_per_address"),)
        indexes = (
            models.Index(fields=["crawl", "domain", "state", "-priority", "depth", "id"], name="crawlurl_next"),
            models.Index(fields=["crawl", "state", "id"], name="crawlurl_by_state"),
            models.Index(fields=["domain", "-fetched_at"], name="crawlurl_host_log"),
            models.Index(fields=["key", "-fetched_at"], name="crawlurl_validators"),
        )

    def __str__(self) -> str:
        return self.url


class CrawlQueue(models.Model):
    """A site that a crawl still has addresses of; `due_at`: none of them may be fetched before."""

    crawl = models.ForeignKey(Crawl, on_delete=models.CASCADE, related_name="queues")
    domain = models.CharField(max_length=253)
    is_open = models.BooleanField(default=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["crawl", "domain"], name="one_queue_per_site"),)

    def __str__(self) -> str:
        return self.domain


class CrawlHost(models.Model):
    """The politeness of a registrable domain, for all crawls of all workspaces: one lease, one next moment."""

    domain = models.CharField(max_length=253, unique=True)
    next_at = models.DateTimeField(db_index=True)
    token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    delay = models.FloatField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    ip = models.CharField(max_length=45, blank=True, db_index=True)
    note = models.CharField(max_length=300, blank=True)
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["token"], name="crawlhost_held", condition=~Q(token="")),)

    def __str__(self) -> str:
        return self.domain


class RobotsFile(models.Model):
    """A robots.txt as it was last fetched; `origin` is scheme, host and port."""

    origin = models.CharField(max_length=300, unique=True)
    state = models.CharField(max_length=8)
    reason = models.CharField(max_length=300, blank=True)
    status = models.PositiveSmallIntegerField(default=0)
    text = models.TextField(blank=True)
    fetched_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.origin


class Parcel(models.Model):
    """Results of a few pages on their way to the index: msgpack of {table: columns}, compressed."""

    crawl = models.ForeignKey(Crawl, on_delete=models.CASCADE, related_name="parcels")
    payload = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"parcel {self.pk}"


class CheckItem(models.Model):
    """One link that a check looks at: what was known of it, what its page said, what that means.

    `is_new`: it is lost, and was not before.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        LIVE = "live", "Live"
        CHANGED = "changed", "Changed"
        RESTORED = "restored", "Restored"
        LOST = "lost", "Lost"
        BROKEN = "broken", "Broken target"
        UNKNOWN = "unknown", "Could not look"

    crawl = models.ForeignKey(Crawl, on_delete=models.CASCADE, related_name="items")
    page = models.ForeignKey(CrawlUrl, on_delete=models.CASCADE, related_name="items")
    target = models.ForeignKey(CrawlUrl, on_delete=models.SET_NULL, null=True, related_name="target_items")
    link_id = models.CharField(max_length=20)
    source_url = models.TextField()
    target_url = models.TextField()
    target_key = models.TextField()
    known = models.JSONField(default=dict)
    seen = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=60, blank=True)
    is_new = models.BooleanField(default=False)
    changes = models.JSONField(default=dict)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=["crawl", "state", "id"], name="checkitem_by_state"),)

    def __str__(self) -> str:
        return f"{self.source_url} to {self.target_url}"


class WatchedLink(models.Model):
    """A link that somebody asked to be looked at first, whatever the schedule."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="watched_links")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="watched_links")
    source_url = models.TextField()
    target_url = models.TextField()
    identity = models.CharField(max_length=64)
    priority = models.SmallIntegerField(default=50)
    created_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["project", "identity"], name="one_watch_per_link"),)

    def __str__(self) -> str:
        return self.source_url


class CheckPlan(models.Model):
    """How often the links of a project are looked at: `every_days` 0 is never, `daily_links` is the budget."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="check_plan")
    every_days = models.PositiveSmallIntegerField(default=7)
    daily_links = models.PositiveIntegerField(default=500)
    started_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"plan of {self.project_id}"
