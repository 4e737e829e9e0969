"""Pages of the audit."""

from .deciding import decide, undo
from .domain import domain
from .domains import domains
from .markers import markers
from .networks import networks
from .overview import overview, start

__all__ = ["decide", "domain", "domains", "markers", "networks", "overview", "start", "undo"]
