"""What is noted once a day: the figures of the folders and pages that projects and competitors are about.

Domains and hosts are noted when they are settled (`index/profiledays.py`); all folders of all sites would be too many.
"""

from collections.abc import Iterator
from typing import Any

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
    for project in Project.objects.filter(removed_at=None).only("workspace_id", "url", "scope"):
        yield project.workspace_id, project.target
    rivals = Competitor.objects.filter(project__removed_at=None).select_related("project")
    for one in rivals:
        try:
            yield one.project.workspace_id, Target.parse(one.target)
        except BadUrl:
            continue


def remove_project(project: Project, claimed: Claimed) -> None:
    """Take the noted days of a project's domain away, unless another project of the workspace is about it."""
    left = Project.objects.filter(workspace=project.workspace_id, removed_at=None).exclude(pk=project.pk)
    domains = {target.domain for target in _of(left)}
    if project.target.domain not in domains:
        claimed.step(line=f"Removing the daily figures of {project.target.domain}")
        index.forget_days(project.workspace_id, project.target.domain)


def _of(projects: Any) -> Iterator[Target]:
    """The targets of projects and of their competitors."""
    for one in projects.prefetch_related("competitors"):
        yield one.target
        yield from (Target.parse(rival.target) for rival in one.competitors.all())
