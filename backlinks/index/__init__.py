"""The link index: observations in, profiles out. Everybody imports this module, nobody its insides."""

from .checks import link_ids, of_link, per_day, to_check
from .columns import REPORTS, VENDORS, Column, columns
from .engine import forget, migrate, pending
from .figures import figure_filters, row_filters
from .launch import IndexUnavailable
from .query import GROUPS, PAGE_SIZES, Filter, LinkQuery
from .reports import (
    Headline,
    HistoryPoint,
    Overlap,
    RowPage,
    count,
    fetch,
    headline,
    history,
    link,
    link_claims,
    link_overlap,
    overlap,
    pin,
    stream,
    top,
)
from .settle import settle, stale, tidy
from .writer import Batch, add, begin, complete, discard, distinct_rows, known_only_to, new_batch_id, remove, state_of

__all__ = [
    "GROUPS",
    "PAGE_SIZES",
    "REPORTS",
    "VENDORS",
    "Batch",
    "Column",
    "Filter",
    "Headline",
    "HistoryPoint",
    "IndexUnavailable",
    "LinkQuery",
    "Overlap",
    "RowPage",
    "add",
    "begin",
    "columns",
    "complete",
    "count",
    "discard",
    "distinct_rows",
    "fetch",
    "figure_filters",
    "forget",
    "headline",
    "history",
    "known_only_to",
    "link",
    "link_claims",
    "link_ids",
    "link_overlap",
    "migrate",
    "new_batch_id",
    "of_link",
    "overlap",
    "pending",
    "per_day",
    "pin",
    "remove",
    "row_filters",
    "settle",
    "stale",
    "state_of",
    "stream",
    "tidy",
    "to_check",
    "top",
]
