"""The pages that this app adds to a project's navigation."""

PROJECT_PAGES = (
    ("backlinks:overview", "Overview"),
    ("backlinks:links", "Backlinks"),
    ("backlinks:domains", "Referring domains"),
    ("backlinks:anchors", "Anchors"),
    ("backlinks:pages", "Linked pages"),
    ("backlinks:sources", "Sources"),
    ("backlinks:imports", "Imports"),
)
