"""The columns of every report: the one whitelist from which tables, filters, sorting and exports are made.

Decided: a name that is not listed here never reaches SQL, and the SQL of a column stands beside its label, so that a
new column is one line. What a column is stands in `column.py`, those of links in `linkcolumns.py`. Refused: reading
column names from the index, because then a schema change changes the pages.
"""

from dataclasses import replace

from .column import KINDS, PLACEMENTS, STATES, VENDORS, Column, aside, count_of, flag, metric, said
from .linkcolumns import (
    AS_ORDER,
    ASN_HELP,
    AUTHORITY,
    CLASS_HELP,
    GOOGLE_HELP,
    HAS_GOOGLE,
    IS_ADDRESS,
    IS_NEW,
    LINKS,
    MARKS,
    NETWORK_HELP,
    NEW_DAYS,
    TLD_CLASS,
    TLD_CLASSES,
    TOPICS,
    WORDS_HELP,
)  # fmt: skip
from .networks import HAS_ADDRESS, HAS_ADDRESSES
from .terms import CLASSES

__all__ = ["BY_REPORT", "KINDS", "PLACEMENTS", "REPORTS", "STATES", "VENDORS", "Column", "column", "columns",
           "default_sort"]  # fmt: skip

REPORTS = (
    "links", "domains", "hosts", "anchors", "pages", "ips", "subnets", "networks", "countries", "tlds", "languages",
)  # fmt: skip
_PAGE_AUTHORITY = replace(AUTHORITY, help="What of its domain's Authority Score this page holds, by its links.")

# A domain is known to Google where a Search Console list names one of its pages or the domain itself.
KNOWN_TO_GOOGLE = f"multiIf(has(sources, 'gsc'), 1, {HAS_GOOGLE}, 0, -1)"

_SEEN = (
    Column("first_seen", "First seen", "date", "date", default=True),
    Column("last_seen", "Last seen", "date", "date", default=True),
)
_STATES = (count_of("live", "Live"), count_of("lost", "Lost"), count_of("unknown", "Unknown", default=False))
_RELS = (count_of("follow", "Follow"), count_of("nofollow", "Nofollow"))

DOMAINS = (
    Column("source_domain", "Referring domain", "text", "text", default=True),
    AUTHORITY,
    count_of("links", "Links", help="Page-level links known from this domain."),
    *_STATES,
    *_RELS,
    count_of("hosts", "Hosts", default=False),
    count_of("reported_links", "Vendor's count", default=False, known="reported_links >= 0", help="Of a vendor."),
    Column("state", "State", "state", "choice", STATES, default=True),
    *_SEEN,
    Column("lost_at", "Lost on", "date", "date"),
    Column("ips", "IPs", "list", "text", sortable=False),
    Column("subnets", "Subnets", "list", "text", sortable=False),
    Column("networks", "Networks", "list", "text", sortable=False, beside="networks", help=NETWORK_HELP),
    Column("asn", "AS numbers", "list", "text", sortable=False, exact=HAS_ADDRESSES, beside="networks", help=ASN_HELP),
    Column("country", "Country", "text", "text", exact="has(if(empty(countries), [''], countries), {})"),
    Column("tld", "TLD", "text", "text"),
    Column("sources", "Known by", "list", "choice", VENDORS, default=True, sortable=False),
    Column("tld_class", "TLD class", "text", "choice", TLD_CLASSES, where=TLD_CLASS),
    flag("domain_is_ip", "Domain is an IP", IS_ADDRESS),
    flag("is_new", "New in 30 days", IS_NEW, "First seen within 30 days."),
    flag("known_to_google", "Known to Google", KNOWN_TO_GOOGLE, GOOGLE_HELP),
    TOPICS,
    *MARKS,
    metric("ahrefs_dr", "Ahrefs DR"),
    metric("ahrefs_domain_traffic", "Ahrefs domain traffic"),
    metric("ahrefs_keywords", "Ahrefs keywords"),
    metric("ahrefs_refdomains", "Ahrefs referring domains"),
    metric("ahrefs_linked_domains", "Ahrefs linked domains"),
    flag("ahrefs_is_spam", "Ahrefs: spam", said("ahrefs_is_spam"), "What Ahrefs takes for spam."),
    metric("semrush_domain_as", "Semrush AS"),
    metric("majestic_domain_tf", "Majestic domain TF"),
    metric("majestic_domain_cf", "Majestic domain CF"),
    metric("moz_da", "Moz DA"),
    metric("gsc_target_pages", "Search Console target pages"),
)  # fmt: skip

_COUNTS = (count_of("links", "Links"), count_of("domains", "Referring domains"), *_STATES, *_RELS, *_SEEN)
_SHARES = (count_of("domains", "Referring domains"), count_of("links", "Links"), *_STATES)
# Addresses and countries are mostly known of a domain, rarely of a link.
_OF_DOMAINS = (
    count_of("domains", "Referring domains"),
    *(
        replace(one, default=False, help="Links that carry it themselves.")
        for one in (count_of("links", "Links"), *_STATES)
    ),
)

TLD_HELP = (
    "Generic, new (generic, since 2013), of a country (two letters), restricted to a group by its registry, or "
    "international (IDN)."
)
_ORIGIN = (
    count_of("domains", "Referring domains"),
    Column("share", "Share", "share", default=True, help="Of all referring domains; one may count in several rows."),
    Column(
        "follow_share",
        "Follow share",
        "share",
        default=True,
        known="follow_share >= 0",
        help="Domains with a follow link, of those whose rel is known.",
    ),
    replace(AUTHORITY, label="Middle authority", help="Half of its referring domains with a score have at least this."),
)

# Of an anchor, counted when it is read.
_FOLLOW = "if(links = 0, -1, follow / links)"
_ANCHOR_FACTS = (
    aside("new_links", f"New in {NEW_DAYS} days", "int", "facts", default=True, help="Links first seen since then."),
    aside("lost_links", f"Lost in {NEW_DAYS} days", "int", "facts", default=True, help="Links lost since then."),
    replace(AUTHORITY, label="Top authority", beside="facts", help="The highest Authority Score that links so."),
    Column("languages", "Languages", "list", "text", sortable=False, beside="facts", help="Of the pages that link."),
    Column(
        "trend",
        "Domains gained",
        "trend",
        default=True,
        sortable=False,
        beside="facts",
        help="Referring domains by the month of their first link with this anchor, the last 12 months.",
    ),
)

PAGE_ANSWERS = ("2xx", "3xx", "4xx", "5xx", "not known")

BY_REPORT: dict[str, tuple[Column, ...]] = {
    "links": LINKS,
    "domains": DOMAINS,
    "hosts": (
        Column("source_host", "Host", "text", "text", default=True),
        Column("source_domain", "Referring domain", "text", "text", default=True),
        AUTHORITY,
        count_of("links", "Links"),
        *_STATES,
        *_RELS,
        *_SEEN,
    ),
    "anchors": (
        Column("anchor", "Anchor", "text", "text", default=True),
        Column("anchor_known", "Anchor known", "bool", "flag", help="No: no source says which text these links have."),
        Column("anchor_class", "Class", "text", "choice", CLASSES, default=True, beside="kinds", help=CLASS_HELP),
        Column("words", "Words", "text", "text", beside="kinds", help=WORDS_HELP),
        *_COUNTS[:2],
        Column(
            "follow_share",
            "Follow share",
            "share",
            default=True,
            where=_FOLLOW,
            order=_FOLLOW,
            help="Follow links of all links.",
        ),
        *_ANCHOR_FACTS,
        *_COUNTS[2:],
    ),
    "pages": (
        Column("target_url", "Target page", "url", "text", default=True, exact="target_key = {}"),
        aside("page_title", "Title", "text", "answer", default=True, help="As our crawl of the site read it."),
        aside(
            "status",
            "Answers",
            "int",
            "answer",
            default=True,
            known="status > 0",
            help="What it answered when our checks or a crawl last looked, redirects followed.",
        ),
        Column("answer_class", "Kind of answer", "text", "choice", PAGE_ANSWERS, beside="answer"),
        _PAGE_AUTHORITY,
        *_COUNTS[:2],
        aside("new_links", "New links", "int", "moves", default=True, help="First seen in the days above."),
        aside("lost_links", "Lost links", "int", "moves", default=True, help="Found lost in the days above."),
        aside("new_domains", "New domains", "int", "moves", help="Domains whose first link here is of the days above."),
        aside("lost_domains", "Lost domains", "int", "moves", help="Domains whose last link here was lost in them."),
        Column(
            "growth",
            "Growth",
            "change",
            default=True,
            beside="moves",
            help="New less lost referring domains in the days above.",
        ),
        *_COUNTS[2:],
        aside("inside_links", "Links inside", "int", "answer", help="Links from it to pages of its own site."),
        aside("outside_links", "Links out", "int", "answer", help="Links from it to other sites."),
        aside("leads_to", "Redirects to", "url", "answer"),
        aside("looked_at", "Last looked", "date", "answer"),
    ),
    "ips": (
        Column("ip", "IP", "text", "text", default=True),
        Column("subnet", "Subnet", "text", "text", default=True),
        aside("network", "Network", "text", "network", default=True, help=NETWORK_HELP),
        aside("asn", "AS number", "text", "network", exact=HAS_ADDRESS, order=AS_ORDER, help=ASN_HELP),
        *_OF_DOMAINS,
    ),
    "subnets": (
        Column(
            "subnet", "Subnet", "text", "text", default=True, help="/24 of an IPv4 address, /48 of an IPv6 address."
        ),
        count_of("ips", "IPs"),
        *_OF_DOMAINS,
    ),
    "networks": (
        Column("network", "Network", "text", "text", default=True, help=NETWORK_HELP),
        Column(
            "asn",
            "AS number",
            "text",
            "text",
            default=True,
            order=AS_ORDER,
            help=ASN_HELP,
        ),
        count_of("domains", "Referring domains"),
        Column(
            "share",
            "Share",
            "share",
            default=True,
            help="Of the referring domains whose address is known; one may count in several rows.",
        ),
        count_of("ips", "IPs"),
        *_OF_DOMAINS[1:],
    ),
    "countries": (Column("country", "Country", "text", "text", default=True), *_ORIGIN, *_OF_DOMAINS[1:]),
    "tlds": (
        Column("tld", "TLD", "text", "text", default=True),
        Column("tld_class", "Class", "text", "choice", TLD_CLASSES, where=TLD_CLASS, default=True, help=TLD_HELP),
        *_ORIGIN,
        *_SHARES[1:],
    ),
    "languages": (
        Column("language", "Language", "text", "text", default=True, help="Without its region: en-GB is en."),
        *_ORIGIN,
        *_SHARES[1:],
    ),
}


def columns(report: str) -> tuple[Column, ...]:
    return BY_REPORT[report]


def column(report: str, name: str) -> Column | None:
    return next((one for one in BY_REPORT[report] if one.name == name), None)


def default_sort(report: str) -> str:
    if report == "links":
        return "authority"
    return "links" if report in ("domains", "hosts") else "domains"
