"""What would bring what a page does not have: every empty list says it, with the buttons that do it.

A client cannot bring anything: he is told whom to ask.
"""

from seoapp.lib import tables

from .reading import Reading

EXPORTS = "Import an export: Search Console, Ahrefs, Semrush, Majestic, Moz, Bing, or any CSV file with linking pages."
CRAWL = "A crawl of sites that may link finds it without a vendor."
OPEN_WEB = "Common Crawl's open pages and its graph of domains know many of them for nothing."
ASK = "Ask the agency: an import, a crawl or Common Crawl's open data would bring it."
# Report -> how its rows come into the index; what is not named here comes with links.
OF_LINKS = f"{EXPORTS} {CRAWL} {OPEN_WEB}"
BRINGS = {
    "anchors": f"Anchors come with links: exports of backlinks or anchors, or a crawl. {EXPORTS}",
    "ips": "Addresses come with exports by Semrush, Ahrefs and Majestic, and with our own crawl and link checks.",
    "subnets": "Subnets follow from addresses: exports by Semrush, Ahrefs and Majestic, our own crawl and link checks.",
    "networks": "Networks follow from addresses (exports by Semrush, Ahrefs, Majestic, our own crawl, link checks) "
    "by the open tables that the operator loads with refresh_addresses.",
    "countries": "Countries come with exports, or from addresses by the open tables that refresh_addresses loads.",
    "languages": "Languages come with exports by Ahrefs and Semrush, and from pages that our own crawler reads.",
    "topics": "Topics follow from titles, anchors and the text around links: exports with titles, or a crawl.",
    "mentions": "Mentions are found in text that our own crawler reads: crawl sites, or watch some for new pages.",
}


def empty(reading: Reading, report: str, title: str) -> tables.Empty:
    """What an empty report says: that nobody knows it yet, what brings it, and the buttons."""
    first, *more = reading.ways or (("", ""),)
    return tables.Empty(
        f"No {_within(title)} of {reading.label} are known yet",
        brings(reading, report),
        first[1],
        first[0],
        tuple(more),
    )


def brings(reading: Reading, report: str) -> str:
    """What would bring the rows of a report, for whoever reads it."""
    return ASK if reading.is_narrow else BRINGS.get(report, OF_LINKS)


def _within(title: str) -> str:
    """A title as words within a sentence: Referring IPs → referring IPs, TLDs → TLDs."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]
