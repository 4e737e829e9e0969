"""What is noted once a day: the figures of the folders and pages that projects and competitors are about.

Domains and hosts are noted when they are settled (`index/profiledays.py`); all folders of all sites would be too many.
"""

from collections.abc import Iterator

from django.db.models import QuerySet

from backlinks import index
from projects.models import Competitor, Project
from projects.runs import Claimed
from seoapp.lib.weburl import BadUrl, Target

PARTS = ("prefix", "exact")


def note_parts() -> int:
    """Today's figures of these folders and pages; returns how many had changed."""
    return index.note_parts(
        index.LinkQuery.parse(workspace=workspace, target=target, report="links", params={})
        for workspace, target in sorted(set(_targets()), key=str)
        if target.scope in PARTS
    )


def _targets() -> Iterator[tuple[int, Target]]:
    return _targets_of(Project.objects.filter(removed_at=None))


def _targets_of(projects: QuerySet[Project]) -> Iterator[tuple[int, Target]]:
    """(workspace, target) of projects and of their competitors, as far as these can be read."""
    for project in projects.only("workspace_id", "url", "scope"):
        yield project.workspace_id, project.target
    for one in Competitor.objects.filter(project__in=projects).select_related("project"):
        try:
            yield one.project.workspace_id, Target.parse(one.target)
        except BadUrl:
            continue


def sweep_days() -> int:
    """Take away what was noted of domains that no project names and of which nothing is known; returns of how many."""
    return index.sweep_days({(workspace, target.domain) for workspace, target in _targets()})


def remove_project(project: Project, claimed: Claimed) -> None:
    """Take the noted days of a project's and its competitors' domains away, but for those that another project of the
    workspace names."""
    left = Project.objects.filter(workspace=project.workspace_id, removed_at=None).exclude(pk=project.pk)
    domains = sorted(_domains(Project.objects.filter(pk=project.pk)) - _domains(left))
    if domains:
        claimed.step(line=f"Removing the daily figures of {', '.join(domains)}")
        index.forget_days(project.workspace_id, domains)


def _domains(projects: QuerySet[Project]) -> set[str]:
    """The domains of projects and of their competitors."""
    return {target.domain for _, target in _targets_of(projects)}
