"""Whose profiles somebody who reads a report may draw on, where a report goes beyond the profile of its target."""

from backlinks import index
from backlinks.models import Crawl
from backlinks.views.reading import Reading, whole_domains


def sight_of(reading: Reading) -> index.Sight:
    """All profiles of the workspace; for who sees named projects only those of this project and its competitors, where
    these are whole domains."""
    return index.Sight(reading.project.workspace_id, whole_domains(reading))


def own_crawls(reading: Reading) -> tuple[int, ...]:
    """Batches of the project's crawls of its own site, for who sees named projects only: all that they found there may
    be read. Checks of links are none of them, and everybody else sees every crawl by the profiles."""
    project = reading.project
    if not reading.is_narrow or project.target.scope != "root" or reading.target.domain != project.target.domain:
        return ()
    crawls = Crawl.objects.filter(project=project).exclude(kind=Crawl.Kind.CHECK)
    return tuple(crawls.order_by("pk").values_list("batch", flat=True))
