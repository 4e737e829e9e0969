"""Pages of the audit."""

from .anchors import anchors, anchors_set, anchors_undo
from .changes import alert_seen, changes
from .clientlink import client_answer, client_opened, client_page
from .clients import (
    client_review,
    client_review_begin,
    client_review_change,
    client_review_share,
    client_reviews,
)
from .deciding import decide, undo
from .disavow import disavow, disavow_write
from .disavow_files import disavow_file, disavow_uploaded
from .disavow_import import disavow_import, disavow_listed, disavow_mend, disavow_merge, disavow_withdraw
from .disavow_version import disavow_malformed, disavow_restore, disavow_version
from .domain import domain
from .domains import domains
from .groups import anchor_risk, target_pages
from .link import link
from .markers import markers
from .networks import networks
from .objections import client_objection
from .overview import overview, start
from .removal_mails import removal_mail, removal_template
from .removals import removal, removal_change, removal_history, removals
from .reports import report_file, report_of_run, report_remove, report_start, reports
from .reviewing import review
from .settings import settings
from .talking import assign, comment
from .visitors import own_visits
from .weights import weights, weights_save

__all__ = [
    "alert_seen", "anchor_risk", "anchors", "anchors_set", "anchors_undo", "assign", "changes", "client_answer",
    "client_objection", "client_opened", "client_page", "client_review", "client_review_begin", "client_review_change",
    "client_review_share", "client_reviews", "comment", "decide", "disavow", "disavow_file", "disavow_import",
    "disavow_listed", "disavow_malformed", "disavow_mend", "disavow_merge", "disavow_restore", "disavow_uploaded",
    "disavow_version", "disavow_withdraw", "disavow_write", "domain", "domains", "link", "markers",
    "networks", "overview", "own_visits", "removal", "removal_change", "removal_history", "removal_mail",
    "removal_template", "removals", "report_file", "report_of_run", "report_remove", "report_start", "reports",
    "review", "settings", "start", "target_pages", "undo", "weights", "weights_save",
]  # fmt: skip
