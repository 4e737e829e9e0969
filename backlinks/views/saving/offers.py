"""What a report's list offers beside its columns: saved views, filters of one click, and room for long lists.

A recommended filter is an expression like any that a user writes; one whose columns a report lacks is not offered.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from django.http import HttpRequest

from backlinks import index
from backlinks.views.reading import Reading
from seoapp.lib import expression
from seoapp.lib.advanced import readable
from seoapp.lib.listing import Listing

from .saved import saves_of

RECOMMENDED: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "links": (
        ("New in 30 days", "first_seen in last 30 days", "First seen within 30 days by any source."),
        ("Lost in 30 days", "state is lost and lost_at in last 30 days", "Found to be gone within 30 days."),
        ("Live, follow, in content", "state is live and nofollow is no and placement is content", "The links that count"
         " most: seen in the text of the page, without nofollow."),
        ("No anchor text", "kind is text and anchor is empty", "Text links that are known to have no text."),
        ("Images without alt", "kind is image and alt is empty", "Image links that say nothing to a search engine."),
        ("Sitewide", "sitewide is yes", "Links that stand on many pages of their site."),
        ("Only one source", "sources count = 1", "Links that a single source knows: import another to confirm them."),
        ("Broken target", "target_broken is yes", "Links to pages of the target that answer with an error."),
    ),
    "domains": (
        ("New in 30 days", "first_seen in last 30 days", "First seen within 30 days by any source."),
        ("Lost in 30 days", "state is lost and lost_at in last 30 days", "Their last link went within 30 days."),
        ("Follow", "follow > 0", "At least one link without nofollow."),
        ("Authority 50 and more", "authority >= 50", "By our Authority Score."),
        ("Only one source", "sources count = 1", "Domains that a single source knows."),
    ),
    "anchors": (
        ("From 10 domains", "domains >= 10", "Used by at least ten referring domains."),
        ("New in 30 days", "first_seen in last 30 days", "First seen within 30 days by any source."),
        ("No text", "anchor is empty", "Links that are known to have no text."),
    ),
}  # fmt: skip


def with_offers(request: HttpRequest, reading: Reading, made: Listing, report: str) -> Listing:
    """The list of a report with what it offers."""
    columns, today = index.columns(report), datetime.now(UTC).date()
    read = [
        (label, expression.parse(text, columns, today=today), about)
        for label, text, about in RECOMMENDED.get(report, ())
    ]
    return replace(
        made,
        saves=saves_of(request, reading, report),
        filter_url=reading.url("filter_rows").partition("?")[0],
        recommended=readable(read),
    )
