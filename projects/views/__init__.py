"""Pages of people, workspaces, projects and runs, by topic."""
