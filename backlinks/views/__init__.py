"""Pages of this app, by topic."""

from .addresses import addresses
from .anchors import anchors
from .authority import why
from .bars import barred
from .check_items import check_items
from .checks import check_plan, check_start, checks
from .cloaking import cloaking_check
from .crawl_list import crawl_start, crawls
from .crawl_reports import crawl_pages, crawl_report
from .crawler import bot, crawl_host, crawl_hosts
from .crawls import crawl, crawl_cancel, crawl_of_run, crawl_remove, crawl_retry
from .data import data, data_problems
from .data_visits import data_remove, data_visits
from .link import link
from .looking import look, suggest
from .mentions import mentions
from .overview import overview
from .proof import link_check, watch
from .proof_text import proof_text
from .reports import report
from .sites import new_pages, site_forget, site_look, site_pause, site_watch, watched_sites
from .sources import sources
from .sources_svg import sources_svg
from .spreads import distributions
from .workspace_sources import workspace_sources, workspace_sources_svg

__all__ = [
    "addresses", "anchors", "barred", "bot", "check_items", "check_plan", "check_start", "checks", "cloaking_check",
    "crawl", "crawl_cancel", "crawl_host", "crawl_hosts", "crawl_of_run", "crawl_pages", "crawl_remove",
    "crawl_report", "crawl_retry", "crawl_start", "crawls", "data", "data_problems", "data_remove", "data_visits",
    "distributions", "link", "link_check", "look", "mentions", "new_pages", "overview", "proof_text", "report",
    "site_forget", "site_look", "site_pause", "site_watch", "sources", "sources_svg", "suggest", "watch",
    "watched_sites", "why", "workspace_sources", "workspace_sources_svg",
]  # fmt: skip
