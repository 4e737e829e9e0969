"""A believable workspace: an agency, three clients, and a year of exports from several sources. Safe to run twice."""

from datetime import date
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management.base import CommandParser
from django.utils import timezone

from audit import auditing
from audit.models import Audit
from backlinks import imports, index
from backlinks.models import Import
from projects import runs
from projects.lookup import create_project, workspace_named
from projects.models import Membership, Project, Role, Run, User, Workspace
from projects.tasks import ring
from seoapp.demo import asking, decisions, openweb, story, visits
from seoapp.demo.exports import Export, exports_of
from seoapp.lib.commands import JsonCommand


class NotHere(ValueError):
    """The demo has a known password: it has no business in production."""


class Command(JsonCommand):
    help = "Fill a demo workspace: an agency, three clients, links with history from several sources."
    failures = (NotHere, imports.ImportRefused, index.IndexUnavailable)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--queue", action="store_true", help="leave the reading of the files to the workers")

    def answer(self, **options: Any) -> dict[str, Any]:
        self.queue = options["queue"]
        if settings.PRODUCTION:
            raise NotHere("The demo has a known password and is refused in production.")
        index.migrate()
        today = timezone.now().date()
        workspace = workspace_named(story.AGENCY)
        owner = self._team(workspace)
        projects = [self._client(workspace, owner, client, today) for client in story.CLIENTS]
        self._finish(openweb.queue(workspace, owner))
        for project in projects:
            if not self.queue and not Audit.objects.filter(project=project).exists():
                self._finish(auditing.start(project, owner))
        self._finish(decisions.queue(projects[0], owner))
        self._finish(asking.queue(projects[0], User.objects.get(email=story.EDITOR)))
        done = Import.objects.filter(workspace=workspace, state=Import.State.DONE).count()
        return {
            "workspace": workspace.slug,
            "projects": [project.domain for project in projects],
            "imports": done,
            "email": story.OWNER,
            "password": story.PASSWORD,
        }

    def _team(self, workspace: Workspace) -> User:
        for email, name, role in story.TEAM:
            Membership.objects.get_or_create(
                workspace=workspace, user=_user(email, name), defaults={"role": Role(role)}
            )
        return User.objects.get(email=story.OWNER)

    def _client(self, workspace: Workspace, owner: User, client: story.DemoClient, today: date) -> Project:
        project, _ = create_project(
            workspace=workspace,
            domain=client.domain,
            name=client.name,
            competitors=client.competitors,
            keywords=client.keywords,
            brands=client.brands,
        )
        if not project.languages:
            project.languages, project.countries = list(client.languages), list(client.countries)
            project.save(update_fields=["languages", "countries"])
        member, _ = Membership.objects.get_or_create(
            workspace=workspace, user=_user(client.contact, f"{client.name} (client)"), defaults={"role": Role.CLIENT}
        )
        member.projects.add(project)
        if not _is_filled(project, today):
            for export in exports_of(client, today):
                self._import(project, owner, export)
        elif not self.queue:
            for made in Import.objects.filter(project=project).exclude(state=Import.State.DONE):
                runs.execute(made.run_id)
        self._finish(visits.queue(project, owner))
        return project

    def _finish(self, run: Run | None) -> None:
        """Leave a run to the workers, or see it through here."""
        if run is None:
            return
        if self.queue:
            ring(run.pk)
        else:
            runs.see_through(run)
            if run.state != Run.State.DONE:
                raise imports.ImportRefused(f"The demo was not finished: {run.error}")

    def _import(self, project: Project, owner: User, export: Export) -> None:
        file = ContentFile(export.content, name=export.name)
        made = imports.receive(project=project, user=owner, file=file, name=export.name, target=export.target).made
        if self.queue:
            ring(made.run_id)
            return
        if made.state != Import.State.DONE:
            runs.execute(made.run_id)
            made.refresh_from_db()
        if made.state != Import.State.DONE:
            raise imports.ImportRefused(f"The demo's file {export.name} was not imported: {made.error}")


def _user(email: str, name: str) -> User:
    """A user of the demo; the address counts as proven, so that passkeys and one-time codes can be tried."""
    found = User.objects.filter(email=email).first() or User.objects.create_user(email, story.PASSWORD, name=name)
    EmailAddress.objects.get_or_create(user=found, email=email, defaults={"verified": True, "primary": True})
    return found


def _is_filled(project: Project, today: date) -> bool:
    """Whether an earlier run has brought everything (its files were dated by its own day)."""
    wanted = len(exports_of(next(one for one in story.CLIENTS if one.domain == project.domain), today))
    return Import.objects.filter(project=project).count() >= wanted
