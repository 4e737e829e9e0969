"""Write a project's disavow file from the command line, with the checks of the page."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from audit import disavowing
from audit.disavow.checks import NotConfirmed, NotWritten
from backlinks import index
from projects.lookup import Unknown, project_named
from seoapp.lib.commands import JsonCommand


class BadOption(ValueError):
    """An option that cannot be used; the message says why."""


class Command(JsonCommand):
    help = (
        "Write the disavow file of a project: what its team decided; where nobody has decided anything, what the "
        "newest audit proposes. Names that a list protects have to be confirmed one by one."
    )
    failures = (Unknown, NotWritten, NotConfirmed, BadOption, index.IndexUnavailable, OSError)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--project", required=True, help="id, domain, or WORKSPACE/DOMAIN")
        parser.add_argument(
            "--out", default="", metavar="FILE", help="where the file goes; else it is kept as a version"
        )
        parser.add_argument("--confirm", action="append", default=[], metavar="NAME=REASON")

    def answer(self, **options: Any) -> dict[str, Any]:
        index.migrate()
        project = project_named(options["project"])
        confirmed = dict(map(_confirmed, options["confirm"]))
        version = disavowing.write(project, None, confirmed, "command line")
        data = version.text.encode("utf-8")
        if options["out"]:
            Path(options["out"]).write_bytes(data)
        if version.is_proposal:
            self.stderr.write("Nobody has decided about these domains yet: the file is a proposal of the audit.")
        return {
            "version": version.number,
            "domains": version.domains,
            "urls": version.urls,
            "lines": data.count(b"\n"),
            "bytes": len(data),
            "proposal": version.is_proposal,
        }


def _confirmed(text: str) -> tuple[str, str]:
    name, _, reason = text.partition("=")
    if not (name.strip() and reason.strip()):
        raise BadOption(f"--confirm {text[:80]!r}: write NAME=REASON.")
    return name.strip(), reason.strip()
