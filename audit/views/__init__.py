"""Pages of the audit."""

from .deciding import decide, undo
from .disavow import disavow, disavow_file, disavow_uploaded, disavow_write
from .domain import domain
from .domains import domains
from .markers import markers
from .networks import networks
from .overview import overview, start

__all__ = [
    "decide", "disavow", "disavow_file", "disavow_uploaded", "disavow_write", "domain", "domains", "markers",
    "networks", "overview", "start", "undo",
]  # fmt: skip
