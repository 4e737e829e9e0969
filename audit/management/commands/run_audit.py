"""Audit a project from the command line, through the same run as the page."""

from typing import Any

from django.core.management.base import CommandParser

from audit import auditing
from audit.models import Audit
from backlinks import index
from projects import runs
from projects.lookup import Unknown, project_named
from projects.models import Run
from seoapp.lib.commands import JsonCommand


class NotAudited(RuntimeError):
    """An audit did not end well; the message says why."""


class Command(JsonCommand):
    help = "Audit the links of a project: risk and confidence of each referring domain, with the evidence."
    failures = (Unknown, NotAudited, index.IndexUnavailable)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--project", required=True, help="id, domain, or WORKSPACE/DOMAIN")

    def answer(self, **options: Any) -> dict[str, Any]:
        index.migrate()
        project = project_named(options["project"])
        run = auditing.start(project)
        runs.see_through(run)
        if run.state != Run.State.DONE:
            raise NotAudited(run.error or f"The audit was {run.get_state_display().lower()}.")
        audit = Audit.objects.get(run=run)
        found = index.audits.domains(project.target.domain, project.workspace_id, audit.number)
        return {
            "audit": audit.pk,
            "risk": audit.risk,
            "confidence": audit.confidence,
            "bands": audit.bands,
            "links": audit.links,
            "weights": audit.weights,
            "domains": [_domain(row) for row in found],
        }


def _domain(row: Any) -> dict[str, Any]:
    parts = zip(row["markers"], row["kinds"], row["points"], strict=True)
    return {
        "domain": row["source_domain"],
        "risk": row["risk"],
        "confidence": round(row["confidence"], 4),
        "band": row["band"],
        "links": row["links"],
        "markers": [{"id": marker, "class": kind, "points": points} for marker, kind, points in parts],
    }
