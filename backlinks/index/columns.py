"""The columns of every report: the one whitelist from which tables, filters, sorting and exports are made.

Decided: a name that is not listed here never reaches SQL, and the SQL of a column stands beside its label, so that a
new column is one line. Refused: reading column names from the index, because then a schema change changes the pages.
"""

from dataclasses import dataclass, replace

REPORTS = ("links", "domains", "hosts", "anchors", "pages", "ips", "subnets", "countries", "tlds")
KINDS = ("text", "image", "form", "frame", "redirect", "other")
PLACEMENTS = (
    "content", "navigation", "header", "footer", "sidebar", "comment", "signature", "author", "widget",
)  # fmt: skip
STATES = ("live", "lost", "unknown")
VENDORS = ("ahrefs", "bing", "commoncrawl", "crawl", "csv", "gsc", "majestic", "moz", "semrush")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a report.

    kind: text, url, int, date, bool, list, metric, score or state, for display. filter: "" (none), text (contains; of
    a list: has), choice, number (from-to), date (from-to) or flag (yes, no, unknown). `where` and `order` are SQL over
    the derived table; `exact` is the SQL of `NAME_is=VALUE` with {} for the value, `known` that of "the row has a
    value".
    """

    name: str
    label: str
    kind: str = "text"
    filter: str = ""
    choices: tuple[str, ...] = ()
    default: bool = False
    sortable: bool = True
    help: str = ""
    where: str = ""
    order: str = ""
    exact: str = ""
    known: str = ""

    @property
    def field(self) -> str:
        return self.where or self.name

    @property
    def is_known(self) -> str:
        """SQL: does the row have this value? "" where it always has. Unknown is sorted last and in no range."""
        return self.known or (f"{self.field} > toDateTime(0, 'UTC')" if self.kind == "date" else "")

    @property
    def is_exactly(self) -> str:
        """SQL of the exact filter, "" where the column has none."""
        plain = (self.filter == "text" and self.kind != "list") or self.name == "sources"
        return self.exact or (f"{self.field} = {{}}" if plain else "")


def _metric(name: str, label: str) -> Column:
    value = f"metrics['{name}']"
    known = f"mapContains(metrics, '{name}')"
    return Column(name, label, "metric", "number", where=value, known=known, help="The vendor's own figure, unchanged.")


def _count(name: str, label: str, *, default: bool = True, known: str = "", help: str = "") -> Column:
    return Column(name, label, "int", "number", default=default, known=known, help=help)


_AUTHORITY = Column(
    "authority",
    "Authority",
    "score",
    "number",
    default=True,
    known="authority >= 0",
    help="Authority Score of the referring domain, 0 to 100, by our published formula.",
)
_PAGE_AUTHORITY = replace(_AUTHORITY, help="What of its domain's Authority Score this page holds, by its links.")

LINKS = (
    Column("source_url", "Referring page", "url", "text", default=True, help="The page that links."),
    Column("title", "Page title", "text", "text"),
    Column("source_domain", "Referring domain", "text", "text", help="Registrable domain of the referring page."),
    _AUTHORITY,
    Column("source_host", "Host", "text", "text"),
    Column("target_url", "Target page", "url", "text", default=True, exact="target_key = {}"),
    Column("target_host", "Target host", "text", "text"),
    Column("anchor", "Anchor", "text", "text", default=True, help="Visible text of the link."),
    Column("anchor_known", "Anchor known", "bool", "flag", help="No: no source says which text the link has."),
    Column("alt", "Image alt text", "text", "text"),
    Column("context_left", "Text before", "text", "text"),
    Column("context_right", "Text after", "text", "text"),
    Column("kind", "Kind", "text", "choice", KINDS, default=True),
    Column("placement", "Placement", "text", "choice", PLACEMENTS, help="Where on the page the link stands."),
    Column("nofollow", "Nofollow", "bool", "flag", default=True),
    Column("ugc", "UGC", "bool", "flag"),
    Column("sponsored", "Sponsored", "bool", "flag"),
    Column(
        "state",
        "State",
        "state",
        "choice",
        STATES,
        default=True,
        help="Live, lost, or unknown: nobody has looked lately.",
    ),
    Column("lost_reason", "Lost because", "text", "text"),
    Column("first_seen", "First seen", "date", "date", default=True),
    Column("last_seen", "Last seen", "date", "date", default=True),
    Column("lost_at", "Lost on", "date", "date"),
    Column("sources", "Known by", "list", "choice", VENDORS, default=True, sortable=False),
    Column("occurrences", "Claims", "int", "number", help="Different anchors and kinds seen for this link."),
    Column("language", "Language", "text", "text"),
    _count("http_status", "HTTP", default=False, known="http_status > 0"),
    Column("ip", "IP", "text", "text"),
    Column("subnet", "Subnet", "text", "text"),
    Column("country", "Country", "text", "text"),
    Column("tld", "TLD", "text", "text"),
    _count(
        "ext_links",
        "External links",
        default=False,
        known="ext_links >= 0",
        help="Outbound links on the referring page.",
    ),
    _count("int_links", "Internal links", default=False, known="int_links >= 0"),
    Column("redirect_chain", "Redirects", "text", "text", sortable=False),
    Column("group_count", "In group", "int", "number"),
    Column("flags", "Flags", "text", "text"),
    _metric("ahrefs_dr", "Ahrefs DR"),
    _metric("ahrefs_ur", "Ahrefs UR"),
    _metric("semrush_page_as", "Semrush page AS"),
    _metric("semrush_domain_as", "Semrush domain AS"),
    _metric("semrush_toxic", "Semrush toxic"),
    _metric("majestic_source_tf", "Majestic TF"),
    _metric("majestic_source_cf", "Majestic CF"),
    _metric("moz_pa", "Moz PA"),
    _metric("moz_da", "Moz DA"),
    _metric("moz_spam", "Moz spam"),
)

_SEEN = (
    Column("first_seen", "First seen", "date", "date", default=True),
    Column("last_seen", "Last seen", "date", "date", default=True),
)
_STATES = (_count("live", "Live"), _count("lost", "Lost"), _count("unknown", "Unknown", default=False))
_RELS = (_count("follow", "Follow"), _count("nofollow", "Nofollow"))

DOMAINS = (
    Column("source_domain", "Referring domain", "text", "text", default=True),
    _AUTHORITY,
    _count("links", "Links", help="Page-level links known from this domain."),
    *_STATES,
    *_RELS,
    _count("hosts", "Hosts", default=False),
    _count("reported_links", "Vendor's count", default=False, known="reported_links >= 0", help="As a vendor counts."),
    Column("state", "State", "state", "choice", STATES, default=True),
    *_SEEN,
    Column("lost_at", "Lost on", "date", "date"),
    Column("ips", "IPs", "list", "text", sortable=False),
    Column("subnets", "Subnets", "list", "text", sortable=False),
    Column("country", "Country", "text", "text", exact="has(if(empty(countries), [''], countries), {})"),
    Column("tld", "TLD", "text", "text"),
    Column("sources", "Known by", "list", "choice", VENDORS, default=True, sortable=False),
    _metric("ahrefs_dr", "Ahrefs DR"),
    _metric("semrush_domain_as", "Semrush AS"),
)  # fmt: skip

_COUNTS = (_count("links", "Links"), _count("domains", "Referring domains"), *_STATES, *_RELS, *_SEEN)
_SHARES = (_count("domains", "Referring domains"), _count("links", "Links"), *_STATES)
# Addresses and countries are mostly known of a domain, rarely of a link.
_OF_DOMAINS = (
    _count("domains", "Referring domains"),
    *(
        replace(one, default=False, help="Links that carry it themselves.")
        for one in (_count("links", "Links"), *_STATES)
    ),
)

BY_REPORT: dict[str, tuple[Column, ...]] = {
    "links": LINKS,
    "domains": DOMAINS,
    "hosts": (
        Column("source_host", "Host", "text", "text", default=True),
        Column("source_domain", "Referring domain", "text", "text", default=True),
        _AUTHORITY,
        _count("links", "Links"),
        *_STATES,
        *_RELS,
        *_SEEN,
    ),
    "anchors": (
        Column("anchor", "Anchor", "text", "text", default=True),
        Column("anchor_known", "Anchor known", "bool", "flag", help="No: no source says which text these links have."),
        *_COUNTS,
    ),
    "pages": (
        Column("target_url", "Target page", "url", "text", default=True, exact="target_key = {}"),
        _PAGE_AUTHORITY,
        *_COUNTS,
    ),
    "ips": (
        Column("ip", "IP", "text", "text", default=True),
        Column("subnet", "Subnet", "text", "text", default=True),
        Column("network", "Network", default=True, sortable=False, help="Who announces the address, by RouteViews."),
        Column("asn", "AS number", "int", sortable=False, help="The number of that network."),
        *_OF_DOMAINS,
    ),
    "subnets": (
        Column(
            "subnet", "Subnet", "text", "text", default=True, help="/24 of an IPv4 address, /48 of an IPv6 address."
        ),
        _count("ips", "IPs"),
        *_OF_DOMAINS,
    ),
    "countries": (Column("country", "Country", "text", "text", default=True), *_OF_DOMAINS),
    "tlds": (Column("tld", "TLD", "text", "text", default=True), *_SHARES),
}


def columns(report: str) -> tuple[Column, ...]:
    return BY_REPORT[report]


def column(report: str, name: str) -> Column | None:
    return next((one for one in BY_REPORT[report] if one.name == name), None)


def default_sort(report: str) -> str:
    if report == "links":
        return "last_seen"
    return "links" if report in ("domains", "hosts") else "domains"
