"""What goes with a project that is removed: its findings and reports. Its rows go with the project itself."""

from backlinks import index
from projects import runs
from projects.models import Project
from seoapp.lib.words import counted

from .models import Audit
from .report import making


def remove_project(project: Project, claimed: runs.Claimed) -> None:
    """Take the audits of a project out of the index, and its reports; for the run that removes a project."""
    making.remove_all(project)
    numbers = list(Audit.objects.filter(project=project).values_list("number", flat=True))
    if numbers:
        claimed.step(line=f"Removing the findings of {counted(len(numbers), 'audit')}")
        index.audits.forget(project.target.domain, project.workspace_id, numbers)
        Audit.objects.filter(project=project).delete()
