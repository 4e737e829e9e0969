"""What people decided about imports; what the files said stands in the index."""

from pathlib import PurePath

from django.conf import settings
from django.db import models

from projects.models import Project, Run, Workspace

from .crawl.discovery import CloakingCheck, SitePage, WatchedSite
from .crawl.models import (
    CheckItem,
    CheckPlan,
    Crawl,
    CrawlHost,
    CrawlQueue,
    CrawlUrl,
    Parcel,
    RobotsFile,
    WatchedLink,
)
from .openweb.models import OpenImport
from .openweb.registrations import RdapServer, Registration
from .workbench.models import (
    Benchmark,
    BulkChange,
    ExportFile,
    Look,
    Mark,
    SavedView,
    TargetList,
    TopicChoice,
    ValueList,
)

__all__ = [
    "Benchmark", "BulkChange", "CheckItem", "CheckPlan", "CloakingCheck", "Crawl", "CrawlHost", "CrawlQueue",
    "CrawlUrl", "ExportFile", "Import", "Look", "Mark", "OpenImport", "Parcel", "RdapServer", "Registration",
    "RememberedMapping", "RobotsFile", "SavedView", "SitePage", "TargetList", "TopicChoice", "ValueList", "WatchedLink",
    "WatchedSite",
]  # fmt: skip
COUNTS = ("rows", "accepted", "rejected", "duplicates")


class Import(models.Model):
    """One file that somebody brought, or a further table of an archive. `batch` joins it to the link index.

    `identity` is equal for the same bytes about the same target of a project; empty once removed, and for members.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        MAPPING = "mapping", "Needs a mapping"
        RUNNING = "running", "Reading"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        REMOVING = "removing", "Being removed"
        REMOVED = "removed", "Removed"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="imports")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="imports")
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="imports")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    archive = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="members")
    identity = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 - null: any number of rows
    name = models.CharField(max_length=255)
    member = models.CharField(max_length=255, blank=True)
    file = models.FileField(upload_to="imports/%Y/%m/", max_length=300)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    target = models.CharField(max_length=2048, blank=True)
    forced_format = models.CharField(max_length=64, blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    source = models.CharField(max_length=64, blank=True)
    label = models.CharField(max_length=120, blank=True)
    vendor = models.CharField(max_length=32, blank=True)
    report = models.CharField(max_length=32, blank=True)
    rows = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    export_date = models.DateField(null=True)
    notes = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    problems_file = models.FileField(upload_to="problems/%Y/%m/", max_length=300, blank=True)
    error = models.TextField(blank=True)
    batch = models.BigIntegerField(unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (models.Index(fields=["workspace", "sha256"]), models.Index(fields=["project", "-created_at"]))

    def __str__(self) -> str:
        return self.name

    @property
    def has_failed(self) -> bool:
        """Whether its reading ended without a result, said by itself or by its run."""
        if self.state == self.State.FAILED:
            return True
        unfinished = self.state in (self.State.WAITING, self.State.RUNNING)
        return unfinished and (self.run is None or self.run.state in (Run.State.FAILED, Run.State.CANCELLED))

    @property
    def removal_failed(self) -> bool:
        """Whether the run that was to remove it ended without having done so."""
        return self.state == self.State.REMOVING and (
            self.run is None or self.run.state in (Run.State.FAILED, Run.State.CANCELLED)
        )

    @property
    def is_active(self) -> bool:
        """Whether its state changes by itself."""
        moving = self.state in (self.State.WAITING, self.State.RUNNING, self.State.REMOVING)
        return moving and not self.has_failed and not self.removal_failed

    @property
    def shown_state(self) -> tuple[str, str]:
        """(state, its word) as a page says it; a run that ended badly speaks for an import that could not."""
        if self.removal_failed:
            return self.State.FAILED.value, "Not removed"
        state = self.State.FAILED if self.has_failed else self.State(self.state)
        return state.value, state.label

    @property
    def shown_error(self) -> str:
        ended_badly = self.run is not None and (self.has_failed or self.removal_failed)
        return self.error or (self.run.error if ended_badly else "")

    @property
    def sums(self) -> dict[str, int]:
        """Rows and what became of them, of all tables of the upload."""
        tables = (self, *self.members.all())
        return {name: sum(getattr(one, name) for one in tables) for name in COUNTS}

    @property
    def base_name(self) -> str:
        return PurePath(self.name.replace("\\", "/")).name


class RememberedMapping(models.Model):
    """How this workspace reads files with this header."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="mappings")
    fingerprint = models.CharField(max_length=64)
    mapping = models.JSONField()
    used_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "fingerprint"], name="one_mapping_per_header"),)

    def __str__(self) -> str:
        return self.fingerprint
