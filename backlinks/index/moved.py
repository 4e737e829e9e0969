"""Whether a target has moved to another domain: the newest answer of its first page, to a check or to a crawl."""

from dataclasses import dataclass
from datetime import datetime

from seoapp.lib.weburl import BadUrl, parse

from . import kept
from .query import LinkQuery
from .sql import COUNTED

_SEEN = "workspace IN {scope:Array(UInt32)} AND target_domain = {target_domain:String}"
_ANSWERS = f"""SELECT moved, at FROM (
    SELECT target_final AS moved, checked_at AS at FROM checks
        WHERE {_SEEN} AND target_key = {{key:String}} AND target_status > 0 AND {COUNTED}
    UNION ALL SELECT redirect_url, fetched_at FROM crawled_pages
        WHERE {_SEEN} AND page_key = {{key:String}} AND http_status > 0 AND http_status != 304 AND {COUNTED}
) ORDER BY at DESC LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a target's first page led to, the registrable domain of that address, and when it was seen."""

    url: str
    domain: str
    at: datetime


def moved_to(query: LinkQuery) -> Moved | None:
    """Where the (pinned) query's target has moved; None where it answers itself, or nobody has looked."""
    asked = {
        "scope": sorted({0, query.workspace}),
        "target_domain": query.target.domain,
        "key": query.target.key,
        "generation": query.generation,
    }
    rows = kept.read(_ANSWERS, asked, epoch=query.epoch)
    if not rows or not rows[0]["moved"]:
        return None
    try:
        url = parse(rows[0]["moved"])
    except BadUrl:
        return None
    return Moved(url.url, url.domain, rows[0]["at"]) if url.domain != query.target.domain else None
