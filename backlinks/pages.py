"""The pages that this app adds to a project's navigation."""

from projects.navigation import ProjectPage

PROJECT_PAGES = (
    ProjectPage("backlinks:overview", "Overview", "chart-line", takes_target=True),
    ProjectPage("backlinks:links", "Backlinks", "link", takes_target=True),
    ProjectPage("backlinks:domains", "Referring domains", "world", takes_target=True),
    ProjectPage("backlinks:anchors", "Anchors", "anchor", takes_target=True),
    ProjectPage("backlinks:pages", "Linked pages", "file-text", takes_target=True),
    ProjectPage("backlinks:sources", "Sources", "circles-relation", takes_target=True),
    ProjectPage("backlinks:imports", "Imports", "upload"),
)
