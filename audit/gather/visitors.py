"""Visits that the project's own analytics saw from each referring domain, where its team has brought them."""

import numpy as np

from audit.models import OwnVisits
from audit.profile import Rows
from projects.models import Project

from .asked import Asked


def are_told(project: Project) -> bool:
    return OwnVisits.objects.filter(project=project).exists()


def of_visitors(asked: Asked) -> Rows:
    """own_visits: sessions, 0 of a domain that the file does not name."""
    made = OwnVisits.objects.filter(project=asked.project).first()
    if made is None:
        return Rows(len(asked.names))
    sessions = made.sessions
    found = np.array([sessions.get(name, 0) for name in asked.names.to_pylist()], np.float32)
    return Rows(len(asked.names), {"own_visits": found})
