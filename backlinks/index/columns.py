"""The columns of every report: the one whitelist from which tables, filters, sorting and exports are made.

Decided: a name that is not listed here never reaches SQL, and the SQL of a column stands beside its label, so that a
new column is one line. Refused: reading column names from the index, because then a schema change changes the pages.
"""

from dataclasses import dataclass

REPORTS = ("links", "domains", "anchors", "pages", "ips", "countries", "tlds")
KINDS = ("text", "image", "form", "frame", "redirect", "other")
STATES = ("live", "lost", "unknown")
VENDORS = ("ahrefs", "bing", "commoncrawl", "crawl", "csv", "gsc", "majestic", "moz", "semrush")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a report.

    kind: text, url, int, date, bool, list, metric or state, for display. filter: "" (none), text (contains), choice,
    number (from-to), date (from-to) or flag (yes, no, unknown). `where` and `order` are SQL over the derived table.
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


def _metric(name: str, label: str) -> Column:
    value = f"metrics['{name}']"
    return Column(name, label, "metric", "number", where=value, order=value, help="The vendor's own figure, unchanged.")


LINKS = (
    Column("source_url", "Referring page", "url", "text", default=True, help="The page that links."),
    Column("title", "Page title", "text", "text"),
    Column("source_domain", "Referring domain", "text", "text", help="Registrable domain of the referring page."),
    Column("source_host", "Host", "text", "text"),
    Column("target_url", "Target page", "url", "text", default=True),
    Column("target_host", "Target host", "text", "text"),
    Column("anchor", "Anchor", "text", "text", default=True, help="Visible text of the link."),
    Column("alt", "Image alt text", "text", "text"),
    Column("context_left", "Text before", "text", "text"),
    Column("context_right", "Text after", "text", "text"),
    Column("kind", "Kind", "text", "choice", KINDS, default=True),
    Column("nofollow", "Nofollow", "bool", "flag", default=True),
    Column("ugc", "UGC", "bool", "flag"),
    Column("sponsored", "Sponsored", "bool", "flag"),
    Column("state", "State", "state", "choice", STATES, default=True, help="Live, lost, or unknown: nobody has looked lately."),
    Column("lost_reason", "Lost because", "text", "text"),
    Column("first_seen", "First seen", "date", "date", default=True),
    Column("last_seen", "Last seen", "date", "date", default=True),
    Column("lost_at", "Lost on", "date", "date"),
    Column("sources", "Known by", "list", "choice", VENDORS, default=True, sortable=False, where="sources"),
    Column("occurrences", "Claims", "int", "number", help="Different anchors and kinds seen for this link."),
    Column("language", "Language", "text", "text"),
    Column("http_status", "HTTP", "int", "number"),
    Column("ip", "IP", "text", "text"),
    Column("subnet", "Subnet", "text", "text"),
    Column("country", "Country", "text", "text"),
    Column("tld", "TLD", "text", "text"),
    Column("ext_links", "External links", "int", "number", help="Outbound links on the referring page."),
    Column("int_links", "Internal links", "int", "number"),
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

DOMAINS = (
    Column("source_domain", "Referring domain", "text", "text", default=True),
    Column("links", "Links", "int", "number", default=True, help="Page-level links known from this domain."),
    Column("live", "Live", "int", "number", default=True),
    Column("lost", "Lost", "int", "number", default=True),
    Column("unknown", "Unknown", "int", "number"),
    Column("follow", "Follow", "int", "number", default=True),
    Column("nofollow", "Nofollow", "int", "number", default=True),
    Column("hosts", "Hosts", "int", "number"),
    Column("reported_links", "Vendor's count", "int", "number", help="How many links a vendor counts; -1 where none says."),
    Column("state", "State", "state", "choice", STATES, default=True),
    Column("first_seen", "First seen", "date", "date", default=True),
    Column("last_seen", "Last seen", "date", "date", default=True),
    Column("lost_at", "Lost on", "date", "date"),
    Column("ips", "IPs", "list", "", sortable=False),
    Column("country", "Country", "text", "text"),
    Column("tld", "TLD", "text", "text"),
    Column("sources", "Known by", "list", "choice", VENDORS, default=True, sortable=False, where="sources"),
    _metric("ahrefs_dr", "Ahrefs DR"),
    _metric("semrush_domain_as", "Semrush AS"),
)

_COUNTS = (
    Column("links", "Links", "int", "number", default=True),
    Column("domains", "Referring domains", "int", "number", default=True),
    Column("live", "Live", "int", "number", default=True),
    Column("lost", "Lost", "int", "number", default=True),
    Column("follow", "Follow", "int", "number", default=True),
    Column("nofollow", "Nofollow", "int", "number", default=True),
    Column("first_seen", "First seen", "date", "date", default=True),
    Column("last_seen", "Last seen", "date", "date", default=True),
)
_SHARES = (
    Column("domains", "Referring domains", "int", "number", default=True),
    Column("links", "Links", "int", "number", default=True),
    Column("live", "Live", "int", "number", default=True),
)

BY_REPORT: dict[str, tuple[Column, ...]] = {
    "links": LINKS,
    "domains": DOMAINS,
    "anchors": (Column("anchor", "Anchor", "text", "text", default=True), *_COUNTS),
    "pages": (Column("target_url", "Target page", "url", "text", default=True), *_COUNTS),
    "ips": (
        Column("ip", "IP", "text", "text", default=True),
        Column("subnet", "Subnet", "text", "text", default=True),
        *_SHARES,
    ),
    "countries": (Column("country", "Country", "text", "text", default=True), *_SHARES),
    "tlds": (Column("tld", "TLD", "text", "text", default=True), *_SHARES),
}


def columns(report: str) -> tuple[Column, ...]:
    return BY_REPORT[report]


def column(report: str, name: str) -> Column | None:
    return next((one for one in BY_REPORT[report] if one.name == name), None)


def default_sort(report: str) -> str:
    if report == "links":
        return "last_seen"
    return "links" if report == "domains" else "domains"
