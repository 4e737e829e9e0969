"""Whose profiles somebody who reads a report may draw on, where a report goes beyond the profile of its target."""

from backlinks import index
from backlinks.views.reading import Reading, whole_domains


def sight_of(reading: Reading) -> index.Sight:
    """All profiles of the workspace; for who sees named projects only those of this project and its competitors, where
    these are whole domains."""
    return index.Sight(reading.project.workspace_id, whole_domains(reading))
