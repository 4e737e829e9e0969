"""Pages of this app, by topic."""

from .link import link
from .overview import overview
from .reports import report
from .sources import sources

__all__ = ["link", "overview", "report", "sources"]
