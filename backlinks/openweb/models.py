"""What was brought in of the open web, by the operator (no workspace) or by a workspace for itself."""

from django.conf import settings
from django.db import models

from projects.models import Project, Run, Workspace


class OpenImport(models.Model):
    """One release, list, table or file of open data. `batch` joins it to the link index.

    `place` is where it lies on the machine that reads it; `label` the release or list it is, `day` its date. `progress`
    says what of it is in the index already, so that a killed reading goes on. `identity` is equal for the same bytes;
    empty once removed. Without a workspace it is open data, which everybody sees.
    """

    class Kind(models.TextChoices):
        WEBGRAPH = "webgraph", "Domain graph"
        WAT = "wat", "Crawled pages (WAT, WARC)"
        POPULARITY = "popularity", "Popularity list"
        VISITS = "visits", "Visits of a site"
        ADDRESSES = "addresses", "Countries and networks of addresses"
        BLOCKLIST = "blocklist", "Malware or block list"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Reading"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        REMOVED = "removed", "Removed"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, null=True, related_name="open_imports")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, null=True, related_name="open_imports")
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="open_imports")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    identity = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 - null: any number of rows
    name = models.CharField(max_length=255)
    place = models.CharField(max_length=4096, blank=True)
    label = models.CharField(max_length=120, blank=True)
    day = models.DateField(null=True)
    size = models.BigIntegerField(default=0)
    options = models.JSONField(default=dict, blank=True)
    progress = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    rows = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    notes = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    problems_file = models.FileField(upload_to="problems/%Y/%m/", max_length=300, blank=True)
    error = models.TextField(blank=True)
    batch = models.BigIntegerField(unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (models.Index(fields=["workspace", "kind", "-created_at"]),)

    def __str__(self) -> str:
        return self.label or self.name
