"""Removing a project: out of sight at once, out of the index by a run.

Decided: what was imported for a project goes with it; links that other imports of the workspace know stay. That may
take minutes, so the project is hidden first and a run does the rest; it can be retried. Each later stage says through
`settings.PROJECT_REMOVERS` what it must take away. Refused: rows in the index that no page can remove any more.
"""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from seoapp.lib import registry

from . import runs
from .models import Project, Run, User


def hide(project: Project, user: User) -> Run:
    """Hide the project and make the run that removes it; the caller rings."""
    with transaction.atomic():
        Project.objects.filter(pk=project.pk).update(removed_at=timezone.now())
        Run.objects.filter(project=project, state=Run.State.QUEUED).update(state=Run.State.CANCELLED)
        Run.objects.filter(project=project, state=Run.State.RUNNING).update(cancel_asked=True)
        return runs.start(
            workspace=project.workspace, project=None, kind=RUN_KIND.name, user=user, arguments={"project": project.pk}
        )


def carry_out(claimed: runs.Claimed) -> None:
    """Remove what each stage keeps of the project, then the project; a second pass finds less to do."""
    rows = Project.objects.filter(workspace=claimed.run.workspace, removed_at__isnull=False)
    project = rows.filter(pk=claimed.run.arguments.get("project")).first()
    if project is None:
        claimed.step(line="The project is gone already.")
        return
    for remove in registry.load(settings.PROJECT_REMOVERS):
        remove(project, claimed)
    project.delete()
    claimed.step(line=f"{project.name} was removed.")


RUN_KIND = runs.RunKind(name="remove_project", label="Removal of a project", run=carry_out)
