"""Rows of the workbench: what somebody looked at, saved, marked, froze or asked for."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

from projects.models import Project, Run, Workspace

USER = settings.AUTH_USER_MODEL


class Look(models.Model):
    """A target that a user has looked at in a project: the recent ones, and when the one before the last look was."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="looks")
    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="looks")
    target = models.CharField(max_length=2048)
    scope = models.CharField(max_length=6)
    times = models.PositiveIntegerField(default=1)
    looked_at = models.DateTimeField()
    before_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-looked_at",)
        constraints = (
            models.UniqueConstraint(fields=["project", "user", "target", "scope"], name="one_look_a_target"),
        )

    def __str__(self) -> str:
        return self.target


class SavedView(models.Model):
    """A list with its filters, sort, group and columns under a name: `parameters` is its query string.

    Its owner's alone, or everybody's who sees the project (`is_shared`).
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="saved_views")
    owner = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="saved_views")
    listing = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    parameters = models.TextField(blank=True)
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["project", "owner", "listing", "name"], name="one_view_a_name"),)

    def __str__(self) -> str:
        return self.name


class ValueList(models.Model):
    """Values pasted for a filter, kept under a name made of themselves: the same values are the same list for ever.

    `kept_by` is who pasted them first, `asked_at` roughly when somebody last asked with them.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="value_lists")
    name = models.CharField(max_length=16)
    values = models.JSONField(default=list)
    kept_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "name"], name="one_value_list_a_name"),)

    def __str__(self) -> str:
        return self.name


class Mark(models.Model):
    """What a team says of a link, or (without URLs) of a whole referring domain, in one project.

    `link_id` is the index's id of the link as text; empty for a domain.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="marks")
    domain = models.CharField(max_length=253)
    link_id = models.CharField(max_length=20, blank=True)
    source_url = models.TextField(blank=True)
    target_url = models.TextField(blank=True)
    tags = models.JSONField(default=list)
    note = models.TextField(blank=True)
    is_whitelisted = models.BooleanField(default=False)
    changed_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-changed_at",)
        constraints = (models.UniqueConstraint(fields=["project", "domain", "link_id"], name="one_mark_a_link"),)

    def __str__(self) -> str:
        return self.source_url or self.domain


class BulkChange(models.Model):
    """The last action that somebody took on many rows of a project at once, with what was `before`, to take it back."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="bulk_changes")
    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="bulk_changes")
    action = models.CharField(max_length=40)
    about = models.CharField(max_length=200)
    before = models.JSONField(default=list)
    made_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["project", "user"], name="one_bulk_change_to_take_back"),)

    def __str__(self) -> str:
        return self.about


class Benchmark(models.Model):
    """A profile as it was on a day, under a name. `figures` are its metrics; its domains stand in the index."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="benchmarks")
    created_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=120)
    note = models.TextField(blank=True)
    target = models.CharField(max_length=2048)
    scope = models.CharField(max_length=6)
    with_graph = models.BooleanField(default=True)
    figures = models.JSONField(default=dict)
    batch = models.BigIntegerField(unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return self.name


class TargetList(models.Model):
    """Targets that were pasted or uploaded to be looked at together.

    `targets` are (text, scope), `refused` (row, text, reason). `figures` are kept where a run counts them.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="target_lists")
    created_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=120)
    targets = models.JSONField(default=list)
    refused = models.JSONField(default=list)
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="+")
    figures = models.JSONField(default=list)
    figured_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return self.name


class TopicChoice(models.Model):
    """The topics that people of a workspace gave a domain, or one page of it, in place of the computed ones."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="topic_choices")
    domain = models.CharField(max_length=253)
    page_key = models.CharField(max_length=2048, blank=True)
    topics = models.JSONField(default=list)
    chosen_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    chosen_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["workspace", "domain", "page_key"], name="one_topic_choice_a_page"),
        )

    def __str__(self) -> str:
        return self.page_key or self.domain


class ExportFile(models.Model):
    """A file that a run makes of a long table: what was asked for, and the file once it is whole.

    `address` and `parameters` are those of the page whose list it is; `rows` and `bytes` are 0 until the file stands.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="export_files")
    run = models.OneToOneField(Run, on_delete=models.SET_NULL, null=True, related_name="export_file")
    created_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    listing = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    address = models.CharField(max_length=2048)
    parameters = models.TextField(blank=True)
    format = models.CharField(max_length=8)
    name = models.CharField(max_length=160)
    file = models.FileField(upload_to="exports/%Y/%m/", max_length=300, blank=True)
    rows = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return not self.file and self.run is not None and not self.run.is_over

    @property
    def state(self) -> str:
        """done, queued, running, failed or cancelled; a run that is gone has left nothing."""
        if self.file:
            return Run.State.DONE
        return self.run.state if self.run and self.run.state != Run.State.DONE else Run.State.FAILED

    @property
    def expires_at(self) -> datetime | None:
        return self.finished_at + timedelta(days=settings.EXPORT_KEEP_DAYS) if self.finished_at else None
