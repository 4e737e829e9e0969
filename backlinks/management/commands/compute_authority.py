"""Compute authority scores from the command line, through the same run as the schedule."""

import time
from typing import Any

from django.core.management.base import CommandParser

from backlinks import index
from backlinks.authority import compute, formula
from projects import runs
from projects.lookup import Unknown, project_named
from projects.models import Run, Workspace
from seoapp.lib.commands import JsonCommand


class NotComputed(RuntimeError):
    """A computation did not end well; the message says why."""


class Command(JsonCommand):
    help = (
        "Compute the authority of every domain: from open data, then for each workspace (or that of --project alone) "
        "from open data joined with its own links."
    )
    failures = (Unknown, NotComputed, index.IndexUnavailable)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--project", default="", help="id, domain, or WORKSPACE/DOMAIN: its workspace alone")

    def answer(self, **options: Any) -> dict[str, Any]:
        index.migrate()
        began = time.monotonic()
        if options["project"]:
            wanted: list[Workspace | None] = [project_named(options["project"]).workspace]
        else:
            wanted = [None, *Workspace.objects.order_by("pk")]
        done = [self._one(workspace) for workspace in wanted]
        return {
            "version": formula.VERSION,
            "domains": max(one["domains"] for one in done),
            "seconds": round(time.monotonic() - began, 3),
            "computations": done,
        }

    def _one(self, workspace: Workspace | None) -> dict[str, Any]:
        run = compute.start(workspace)
        runs.see_through(run)
        if run.state != Run.State.DONE:
            raise NotComputed(run.error or f"The computation was {run.get_state_display().lower()}.")
        found = next(iter(index.score_runs(workspace.pk if workspace else 0)), None)
        fresh = (
            found is not None
            and run.started_at is not None
            and found.computed_at.timestamp() >= int(run.started_at.timestamp())
        )
        return {
            "workspace": workspace.name if workspace else "",
            "domains": found.domains if found and fresh else 0,
            "edges": found.edges if found and fresh else 0,
            "release": found.release if found and fresh else "",
            "agreement": found.facts.get("agreement", []) if found and fresh else [],
        }
