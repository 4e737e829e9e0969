"""Pages of the audit."""

from .domains import domain, domains
from .markers import markers
from .networks import networks
from .overview import overview, start

__all__ = ["domain", "domains", "markers", "networks", "overview", "start"]
