"""Look at every known link of a project now, and keep the proof."""

from typing import Any

from django.core.management.base import CommandParser

from backlinks import index
from backlinks.crawl import jobs
from projects import runs
from projects.audit import record
from projects.lookup import Unknown, project_named
from seoapp.lib.commands import JsonCommand

from .crawl import CrawlFailed

COUNTED = ("live", "changed", "lost", "broken", "unknown")


class Command(JsonCommand):
    help = "Check the links of a project: are they live, changed, lost, or is their target broken?"
    failures = (Unknown, jobs.CrawlRefused, CrawlFailed, index.IndexUnavailable)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--project", required=True, help="id, domain, or WORKSPACE/DOMAIN")
        parser.add_argument("--limit", type=int, default=1_000_000, help="links at most (all)")

    def answer(self, **options: Any) -> dict[str, Any]:
        index.migrate()
        project = project_named(options["project"])
        check = jobs.start(
            project=project, kind="check", user=None, max_pages=options["limit"], max_seconds=jobs.CHECK_SECONDS
        )
        record("check.started", workspace=project.workspace, user=None, what=str(check), who_text="command line")
        runs.see_through(check.run)
        check.refresh_from_db()
        if check.state != check.State.DONE:
            raise CrawlFailed(check.run.error or "the check did not finish")
        states = check.results["states"]
        counts = {name: states[name] for name in COUNTED}
        counts["live"] += states["restored"]
        return {"crawl": check.pk, "checked": sum(counts.values()), **counts, "restored": states["restored"]}
