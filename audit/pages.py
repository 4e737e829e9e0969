"""What this app adds to a project's navigation, and to its card on the workspace's page."""

from collections import Counter

from django.db.models import Count
from django.urls import reverse

from projects.figures import Figure
from projects.models import Project
from projects.navigation import ProjectPage
from seoapp.lib.words import counted

from .clients import standing
from .models import Alert, Audit, ClientReview
from .score import BANDS

RISK = "Risk"
TOLD = ("project", "risk", "bands")

PROJECT_PAGES = (
    ProjectPage("audit:overview", "Audit", "shield-search", group=RISK, covers=("audit:settings",)),
    ProjectPage(
        "audit:domains", "Domains by risk", "alert-triangle", group=RISK,
        covers=("audit:review", "audit:domain", "audit:link"),
    ),
    ProjectPage("audit:changes", "Lost & found", "arrows-diff", group=RISK),
    ProjectPage("audit:target_pages", "Target pages", "file-alert", group=RISK),
    ProjectPage("audit:anchor_risk", "Anchor risk", "anchor", group=RISK),
    ProjectPage("audit:anchors", "Anchor classes", "tags", role="viewer", group=RISK),
    ProjectPage("audit:networks", "Audit networks", "topology-ring", group=RISK),
    ProjectPage(
        "audit:removals", "Removal requests", "mail", role="viewer", group=RISK,
        covers=("audit:removal", "audit:removal_history", "audit:removal_template"),
    ),
    ProjectPage(
        "audit:client_reviews", "Client reviews", "user-question", role="viewer", group=RISK,
        covers=("audit:client_review",),
    ),
    ProjectPage(
        "audit:disavow", "Disavow file", "ban", role="viewer", group=RISK,
        covers=("audit:disavow_version", "audit:disavow_listed", "audit:disavow_merge"),
    ),
    ProjectPage("audit:reports", "Audit reports", "report-analytics", group=RISK),
    ProjectPage("audit:markers", "Markers", "list-details", group=RISK, covers=("audit:weights",)),
)  # fmt: skip


def project_figures(projects: list[Project]) -> dict[int, list[Figure]]:
    """The risk that the newest audit found, with alerts that nobody has seen yet, and client reviews that were answered
    and not closed yet, by project id."""
    done = Audit.objects.filter(project__in=projects, is_kept=True).exclude(finished_at=None).order_by("finished_at")
    told = {project: (risk, bands.get(BANDS[0], 0)) for project, risk, bands in done.values_list(*TOLD)}
    unseen = Alert.objects.filter(project__in=projects, seen_at=None).order_by()
    alerts = dict(unseen.values_list("project").annotate(Count("pk")))
    answered, objected = _answered(projects)
    return {
        one.pk: [
            _figure(one, told.get(one.pk), alerts.get(one.pk, 0)),
            *([_client_figure(one, answered[one.pk], objected[one.pk])] if answered[one.pk] else []),
        ]
        for one in projects
    }


def _figure(project: Project, told: tuple[int, int] | None, alerts: int) -> Figure:
    """`told`: risk, and how many domains carry evidence."""
    url = reverse("audit:overview", kwargs={"slug": project.workspace.slug, "project_id": project.pk})
    if told is None:
        return Figure("Audit risk", None, url, note="not audited yet")
    risk, toxic = told
    words = ["of 100", f"{counted(toxic, 'domain')} with evidence"]
    if alerts:
        words.append(f"{counted(alerts, 'alert')} to see")
    return Figure("Audit risk", risk, url, note=", ".join(words))


def _answered(projects: list[Project]) -> tuple[Counter[int], Counter[int]]:
    """Client reviews whose answers somebody has to look at, and open objections, by project id."""
    sent = ClientReview.objects.filter(project__in=projects, closed_at=None, revoked_at=None).exclude(sent_at=None)
    answered = Counter(sent.values_list("project", flat=True))
    asked = [one for one in projects if answered[one.pk]]
    return answered, Counter({one.pk: standing.objections(one).count() for one in asked})


def _client_figure(project: Project, answered: int, objected: int) -> Figure:
    url = reverse("audit:client_reviews", kwargs={"slug": project.workspace.slug, "project_id": project.pk})
    note = f"{counted(objected, 'objection')} to be resolved" if objected else "to look at, then close"
    return Figure("Client answers", answered, url, note=note, role="viewer")
