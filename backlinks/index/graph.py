"""Releases of the open graph in the index."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Release:
    """A release that counts. `level` domain or host, `part` whole or neighbourhood."""

    batch: int
    release: str
    level: str
    part: str
    nodes: int
    edges: int
    first_day: date
    last_day: date


def current() -> Release | None:
    """The newest release that counts."""
    return None


def node_of(release: Release, domain: str) -> int | None:
    """The id of a domain in a release."""
    return None
