"""The figures of a domain's, host's or URL's backlink profile."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from backlinks import index
from projects.lookup import BadUrl, Unknown, project_named
from seoapp.lib.commands import JsonCommand
from seoapp.lib.weburl import Target


class Command(JsonCommand):
    help = "Print the figures of a backlink profile."
    failures = (Unknown, BadUrl, index.IndexUnavailable)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("domain", metavar="DOMAIN")
        parser.add_argument("--project", required=True)

    def answer(self, **options: Any) -> dict[str, Any]:
        index.migrate()
        project = project_named(options["project"])
        target = Target.parse(options["domain"])
        query = index.LinkQuery.parse(workspace=project.workspace_id, target=target, report="links", params={})
        return asdict(index.headline(query))
