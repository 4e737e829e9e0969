"""Pages of the audit."""

from .changes import alert_seen, changes
from .deciding import decide, undo
from .disavow import disavow, disavow_file, disavow_uploaded, disavow_write
from .domain import domain
from .domains import domains
from .markers import markers
from .networks import networks
from .overview import overview, start
from .reviewing import review
from .settings import settings
from .weights import weights, weights_save
from .talking import assign, comment

__all__ = [
    "alert_seen", "assign", "changes", "comment", "decide", "disavow", "disavow_file", "disavow_uploaded",
    "disavow_write", "domain", "domains", "markers", "networks", "overview", "review", "settings", "start", "undo",
    "weights", "weights_save",
]  # fmt: skip
