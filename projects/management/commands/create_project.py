"""Make a project, and its workspace where it is missing."""

from typing import Any

from django.core.management.base import CommandParser

from projects.lookup import BadUrl, create_project, workspace_named
from projects.models import Membership, Role, User
from seoapp.lib.commands import JsonCommand


class Command(JsonCommand):
    help = "Make a project, and its workspace where it is missing."
    failures = (BadUrl,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--workspace", required=True)
        parser.add_argument("--domain", required=True)
        parser.add_argument("--competitor", action="append", default=[])
        parser.add_argument("--keyword", action="append", default=[])
        parser.add_argument("--brand", action="append", default=[])
        parser.add_argument("--owner", default="", help="e-mail address of the workspace's owner")

    def answer(self, **options: Any) -> dict[str, Any]:
        workspace = workspace_named(options["workspace"])
        project, new = create_project(
            workspace=workspace,
            domain=options["domain"],
            competitors=tuple(options["competitor"]),
            keywords=tuple(options["keyword"]),
            brands=tuple(options["brand"]),
        )
        if options["owner"]:
            self._own(workspace, options["owner"])
        return {"id": project.pk, "domain": project.domain, "workspace": workspace.slug, "created": new}

    def _own(self, workspace: Any, email: str) -> None:
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            user = User.objects.create_user(email)
            self.stderr.write(
                f"{email} has no password yet: set one through 'Forgot your password?' on the log-in page."
            )
        Membership.objects.get_or_create(workspace=workspace, user=user, defaults={"role": Role.OWNER})
