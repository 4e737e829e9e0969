"""The pages of one crawl, as the switch at their head shows them."""

from backlinks.crawl.models import Crawl
from seoapp.lib.tables import Link

from .reading import Reading

SUMMARY, PAGES = ("crawl", "Summary"), ("crawl_pages", "Addresses")
FOUND = (
    ("crawl_links", "Outbound links"),
    ("crawl_domains", "Outbound domains"),
    ("crawl_broken", "Broken"),
    ("crawl_structure", "Structure"),
    ("crawl_worth", "Worth a link"),
)


def tabs_of(own: Reading, made: Crawl, here: str) -> list[Link]:
    """A check has its own page for what it found."""
    names = (SUMMARY, PAGES) if made.kind == Crawl.Kind.CHECK else (SUMMARY, PAGES, *FOUND)
    return [Link(label, own.url(name, crawl_id=made.pk), name == here) for name, label in names]
