"""The headline figures of projects on a workspace's page; a later stage brings them by `settings.PROJECT_FIGURES`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain

from django.conf import settings

from seoapp.lib import registry

from .models import Membership, Project


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a project and the page behind it, with the least role to see both; `value` is None when it is not
    known now."""

    name: str
    value: object
    url: str
    note: str = ""
    role: str = "client"


@dataclass(frozen=True, slots=True)
class ProjectCard:
    """A project as the workspace's page shows it."""

    project: Project
    figures: list[Figure]


FigureSource = Callable[[list[Project]], dict[int, list[Figure]]]


def cards(projects: Iterable[Project], membership: Membership) -> list[ProjectCard]:
    """Each source is asked once for all projects; it gives figures by project id, and never raises."""
    listed = list(projects)
    sources: list[FigureSource] = registry.load(settings.PROJECT_FIGURES)
    answers = [source(listed) for source in sources] if listed else []
    return [ProjectCard(one, _seen_by(membership, one, answers)) for one in listed]


def _seen_by(membership: Membership, project: Project, answers: Iterable[dict[int, list[Figure]]]) -> list[Figure]:
    found = chain.from_iterable(answer.get(project.pk, []) for answer in answers)
    return [figure for figure in found if membership.may(figure.role)]
