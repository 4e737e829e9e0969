"""What this app adds to a project's navigation, and to its card on the workspace's page."""

from django.db.models import Count
from django.urls import reverse

from projects.figures import Figure
from projects.models import Project
from projects.navigation import ProjectPage

from .models import Alert, Audit

RISK = "Risk"

PROJECT_PAGES = (
    ProjectPage("audit:overview", "Audit", "shield-search", group=RISK),
    ProjectPage("audit:domains", "Domains by risk", "alert-triangle", group=RISK),
    ProjectPage("audit:changes", "Lost & found", "arrows-diff", group=RISK),
    ProjectPage("audit:networks", "Audit networks", "topology-ring", group=RISK),
    ProjectPage("audit:disavow", "Disavow file", "ban", role="viewer", group=RISK),
    ProjectPage("audit:markers", "Markers", "list-details", group=RISK),
)


def project_figures(projects: list[Project]) -> dict[int, list[Figure]]:
    """The risk that the newest audit found, and alerts that nobody has seen yet, by project id."""
    done = Audit.objects.filter(project__in=projects, is_kept=True).exclude(finished_at=None).order_by("finished_at")
    risks = dict(done.values_list("project", "risk"))
    unseen = Alert.objects.filter(project__in=projects, seen_at=None).order_by()
    alerts = dict(unseen.values_list("project").annotate(Count("pk")))
    return {one.pk: _figures(one, risks.get(one.pk), alerts.get(one.pk, 0)) for one in projects}


def _figures(project: Project, risk: int | None, alerts: int) -> list[Figure]:
    url = reverse("audit:overview", kwargs={"slug": project.workspace.slug, "project_id": project.pk})
    return [
        Figure("Audit risk", risk, url, note="of 100" if risk is not None else "not audited yet"),
        Figure("Audit alerts", alerts, url, note="not seen yet" if alerts else ""),
    ]
