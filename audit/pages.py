"""What this app adds to a project's navigation."""

from projects.navigation import ProjectPage

RISK = "Risk"

PROJECT_PAGES = (
    ProjectPage("audit:overview", "Audit", "shield-search", group=RISK),
    ProjectPage("audit:domains", "Domains by risk", "alert-triangle", group=RISK),
    ProjectPage("audit:networks", "Audit networks", "topology-ring", group=RISK),
    ProjectPage("audit:disavow", "Disavow file", "ban", role="viewer", group=RISK),
    ProjectPage("audit:markers", "Markers", "list-details", group=RISK),
)
