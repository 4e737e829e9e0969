"""Why a domain, host or page has its authority score."""

from typing import Any

from django.core.management.base import CommandParser

from backlinks import index
from backlinks.authority.explain import NoScore, as_json, explain
from projects.lookup import Unknown, project_named
from seoapp.lib.commands import JsonCommand
from seoapp.lib.weburl import BadUrl, Target


class Command(JsonCommand):
    help = "Open the authority score of a domain, host or URL into its parts: value, position, weight and points."
    failures = (Unknown, BadUrl, NoScore, index.IndexUnavailable)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("target", metavar="DOMAIN", help="a domain, a host or a URL")
        parser.add_argument("--project", default="", help="id, domain, or WORKSPACE/DOMAIN: as its workspace sees it")

    def answer(self, **options: Any) -> dict[str, Any]:
        index.migrate()
        workspace = project_named(options["project"]).workspace_id if options["project"] else 0
        return as_json(explain(workspace, Target.parse(options["target"])))
