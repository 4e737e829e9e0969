"""Pages of this app, by topic."""

from .link import link
from .overview import overview
from .placeholder import imports
from .reports import report
from .sources import sources

__all__ = ["imports", "link", "overview", "report", "sources"]
