"""Fetch pages and put their links to other sites into the index."""

from typing import Any

from django.core.management.base import CommandParser

from backlinks import index
from backlinks.crawl import jobs
from projects import runs
from projects.audit import record
from projects.lookup import Unknown, project_named
from seoapp.lib.commands import JsonCommand


class CrawlFailed(Exception):
    """The run did not end well; the message is its error."""


class Command(JsonCommand):
    help = "Fetch pages (or, with --site, the sites they stand on) and store what they link to."
    failures = (Unknown, jobs.CrawlRefused, CrawlFailed, index.IndexUnavailable)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("urls", nargs="+", metavar="URL")
        parser.add_argument("--project", required=True, help="id, domain, or WORKSPACE/DOMAIN")
        parser.add_argument("--site", action="store_true", help="follow the links inside the sites, breadth first")
        parser.add_argument("--max-pages", type=int, default=500, help="with --site: pages at most (500)")
        parser.add_argument("--max-depth", type=int, default=5, help="with --site: clicks from the first page (5)")
        parser.add_argument("--max-hosts", type=int, default=100, help="with --site: hosts of the sites at most (100)")

    def answer(self, **options: Any) -> dict[str, Any]:
        index.migrate()
        project = project_named(options["project"])
        crawl = jobs.start(
            project=project,
            kind="site" if options["site"] else "list",
            user=None,
            starts=options["urls"],
            max_pages=options["max_pages"] if options["site"] else len(options["urls"]) * 6,
            max_depth=options["max_depth"],
            max_hosts=options["max_hosts"],
        )
        record("crawl.started", workspace=project.workspace, user=None, what=str(crawl), who_text="command line")
        runs.see_through(crawl.run)
        crawl.refresh_from_db()
        if crawl.state != crawl.State.DONE:
            raise CrawlFailed(crawl.run.error or "the crawl did not finish")
        return {"crawl": crawl.pk, "pages": crawl.pages, "links": crawl.links, "errors": jobs.errors_of(crawl)}
