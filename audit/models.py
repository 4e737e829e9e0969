"""Rows of the audit: its runs, the weights that they go by, what people decided, and the files that came of it.

Decided: what an audit found stands in the index (`backlinks.index.audits`); here stand its figures, by which a trend is
drawn long after the findings of old runs are gone. An audit counts from the moment its `finished_at` is set. A decision
is about a domain or one page and outlives audits: new links of a decided domain follow it.
"""

from django.conf import settings
from django.db import models

from projects.models import Project, Run, Workspace

from .anchors.models import AnchorClass, AnchorStep
from .clients.models import ClientAnswer, ClientReview

__all__ = [
    "Alert", "AnchorClass", "AnchorStep", "Assignment", "Audit", "ClientAnswer", "ClientReview", "Comment", "Decision",
    "DisavowVersion", "ListedEntry", "OwnVisits", "Removal", "RemovalMail", "ReportFile", "ReviewSettings",
    "ReviewStep", "WeightSet",
]  # fmt: skip
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
    approved_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("project", "domain", "url")
        constraints = (models.UniqueConstraint(fields=["project", "domain", "url"], name="decision_once"),)

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.url or self.domain}"


class ReviewSettings(models.Model):
    """How a project is audited and reviewed: every so many days (0: by hand), and whether a disavowal needs a second
    person's approval, for which a client's agreement may stand. `shares_decisions`: whether other workspaces' audits
    may count what it disavows, and its own what theirs do; they see figures only."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="review_settings")
    every_days = models.PositiveSmallIntegerField(default=7)
    needs_second = models.BooleanField(default=False)
    client_is_second = models.BooleanField(default=False)
    shares_decisions = models.BooleanField(default=False)

    class Meta:
        ordering = ("project",)

    def __str__(self) -> str:
        return f"{self.project}: audited every {self.every_days} days"


class OwnVisits(models.Model):
    """Visits of a project's own site by the domain that they came from, out of its own analytics: sessions by domain,
    of one file, which replaces the one before."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="own_visits")
    sessions = models.JSONField(default=dict)
    name = models.CharField(max_length=255)
    rows = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)
    loaded_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    loaded_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("project",)

    def __str__(self) -> str:
        return f"{self.project}: visits from {len(self.sessions):,} domains"


class Alert(models.Model):
    """Something that an audit found and that somebody should know of; `name` tells kinds apart."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="audit_alerts")
    audit = models.ForeignKey("Audit", on_delete=models.CASCADE, related_name="alerts")
    name = models.CharField(max_length=40)
    text = models.CharField(max_length=500)
    made_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.text


class Comment(models.Model):
    """What somebody says about a referring domain in the review."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="review_comments")
    domain = models.CharField(max_length=253)
    user = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.CharField(max_length=2000)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=["project", "domain"], name="comments_of_domain"),)

    def __str__(self) -> str:
        return f"{self.domain}: {self.text[:60]}"


class Assignment(models.Model):
    """Who is to look at a referring domain."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="review_assignments")
    domain = models.CharField(max_length=253)
    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="review_assignments")
    made_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("project", "domain")
        constraints = (models.UniqueConstraint(fields=["project", "domain"], name="assigned_once"),)

    def __str__(self) -> str:
        return f"{self.domain}: {self.user}"


class Removal(models.Model):
    """A request to the owner of a site to take links away; `history` holds every change as {at, who, state, note}.

    `contact_page` and `contact_day`: where and when our crawler saw the contact; `subject` and `body` are the mail as
    somebody wrote it, empty as long as it is the template's.
    """

    class State(models.TextChoices):
        TO_SEND = "to_send", "To send"
        SENT = "sent", "Sent"
        ANSWERED = "answered", "Answered"
        REMOVED = "removed", "Removed"
        REFUSED = "refused", "Refused"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="removals")
    domain = models.CharField(max_length=253)
    state = models.CharField(max_length=8, choices=State.choices, default=State.TO_SEND)
    contact = models.CharField(max_length=300, blank=True)
    contact_page = models.CharField(max_length=2048, blank=True)
    contact_day = models.DateField(null=True)
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField(blank=True)
    note = models.CharField(max_length=1000, blank=True)
    history = models.JSONField(default=list)
    made_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("project", "domain")
        constraints = (models.UniqueConstraint(fields=["project", "domain"], name="removal_once"),)

    def __str__(self) -> str:
        return f"{self.domain}: {self.get_state_display()}"


class RemovalMail(models.Model):
    """A project's own words for requests to owners: a template with flat tags."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="removal_mail")
    subject = models.CharField(max_length=300)
    body = models.TextField()

    class Meta:
        ordering = ("project",)

    def __str__(self) -> str:
        return self.subject


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
    """A disavow file as it was written, or as somebody brought it (`is_imported`): never changed. `is_proposal`: nobody
    has decided about its entries yet. `original`: the bytes of a file that is not UTF-8, of which `text` is a reading;
    `properties`: those of the search engine's console for which somebody says that it was uploaded."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="disavow_versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    original = models.BinaryField(default=bytes)
    digest = models.CharField(max_length=64)
    domains = models.PositiveIntegerField()
    urls = models.PositiveIntegerField()
    is_proposal = models.BooleanField(default=False)
    confirmed = models.JSONField(default=dict)
    is_imported = models.BooleanField(default=False)
    note = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    downloaded_at = models.DateTimeField(null=True)
    uploaded_at = models.DateTimeField(null=True)
    properties = models.JSONField(default=list)

    class Meta:
        ordering = ("project", "-number")
        constraints = (models.UniqueConstraint(fields=["project", "number"], name="disavow_version_once"),)

    def __str__(self) -> str:
        return f"{self.project}: disavow file {self.number}"


class ListedEntry(models.Model):
    """An entry of a project's disavow list that came with an imported file; `line` is where it stood there."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="listed_entries")
    kind = models.CharField(max_length=6)
    value = models.CharField(max_length=2048)
    reason = models.CharField(max_length=1000, blank=True)
    who = models.CharField(max_length=254, blank=True)
    day = models.DateField(null=True)
    group = models.CharField(max_length=254, blank=True)
    origin = models.ForeignKey(DisavowVersion, on_delete=models.SET_NULL, null=True, related_name="entries")
    line = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=["project", "kind", "value"], name="listed_once"),)

    def __str__(self) -> str:
        return f"domain:{self.value}" if self.kind == "domain" else self.value


class ReportFile(models.Model):
    """A report of an audit that a run makes: what was asked for, and the file once it is whole.

    `sections` are names of `report.contents.SECTIONS`; `for_clients`: whether the clients of the project may fetch it.
    """

    class Format(models.TextChoices):
        PDF = "pdf", "PDF"
        XLSX = "xlsx", "Excel"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="report_files")
    audit = models.ForeignKey("Audit", on_delete=models.SET_NULL, null=True, related_name="reports")
    run = models.OneToOneField(Run, on_delete=models.SET_NULL, null=True, related_name="report_file")
    made_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    format = models.CharField(max_length=4, choices=Format.choices)
    heading = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=2000, blank=True)
    sections = models.JSONField(default=list)
    most_domains = models.PositiveIntegerField(default=100)
    for_clients = models.BooleanField(default=True)
    name = models.CharField(max_length=160)
    file = models.FileField(upload_to="reports/%Y/%m/", max_length=300, blank=True)
    bytes = models.BigIntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at", "-id")

    def __str__(self) -> str:
        return self.name
