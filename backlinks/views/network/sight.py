"""Whose profiles somebody who reads a report may draw on, where a report goes beyond the profile of its target."""

from backlinks import index
from backlinks.views.reading import Reading
from projects.models import Project
from seoapp.lib.weburl import BadUrl, Target


def sight_of(reading: Reading) -> index.Sight:
    """All profiles of the workspace; for who sees named projects only those of this project and its competitors, where
    these are whole domains."""
    only = own_domains(reading.project) if reading.is_narrow else None
    return index.Sight(reading.project.workspace_id, only)


def own_domains(project: Project) -> tuple[str, ...]:
    """The domains of a project and its competitors that may be read whole."""
    targets = [project.target]
    for text in project.competitors.order_by("pk").values_list("target", flat=True):
        try:
            targets.append(Target.parse(text))
        except BadUrl:
            continue
    return tuple(dict.fromkeys(one.domain for one in targets if one.scope == "root"))
