"""Which rows stand behind a number of a page: the index says which report and filters, this makes URLs of them."""

from collections.abc import Mapping
from typing import Any

from backlinks import index

from .reading import Reading
from .standing import score_url_of

# The column that names a row of a report: it leads to all links of the row.
KEYS = {
    "domains": "source_domain",
    "hosts": "source_host",
    "anchors": "anchor",
    "pages": "target_url",
    "ips": "ip",
    "subnets": "subnet",
    "networks": "network",
    "countries": "country",
    "tlds": "tld",
    "languages": "language",
}
# An address or a country is mostly known of a domain, rarely of a link: the name of such a row leads to its domains.
OF_DOMAINS = frozenset(("ips", "subnets", "networks", "countries", "tlds"))
FLAG_WORDS = {1: "yes", 0: "no", -1: "unknown"}


def figure_urls(reading: Reading) -> dict[str, str]:
    """Figure of the headline -> URL of the rows it counts."""
    return {name: reading.url(*behind) for name, behind in index.figure_filters().items()}


def row_urls(reading: Reading, report: str, row: Mapping[str, Any]) -> dict[str, str]:
    """Column of a report's row -> URL of the rows it counts: columns that count, and the one that names the row.

    A score leads to the page that explains it.
    """
    urls = {name: reading.url(*behind) for name, behind in index.row_filters(report, row).items()}
    named = "domains" if report in OF_DOMAINS else "links"
    urls |= {KEYS[report]: urls[named]} if named in urls else {}
    return urls | score_url(reading, report, row)


def score_url(reading: Reading, report: str, row: Mapping[str, Any]) -> dict[str, str]:
    """Why the row has its score; nothing without one, and not for those who may not read the domain that has it."""
    if row.get("authority", -1) < 0:
        return {}
    if report == "pages":
        return {"authority": reading.url("why", {"target": row["target_url"], "scope": "exact"})}
    narrow = reading.is_narrow or "source_domain" not in row
    return {} if narrow else {"authority": score_url_of(reading, row["source_domain"])}


def group_members(reading: Reading, query: index.LinkQuery, row: Mapping[str, Any]) -> str:
    """URL of the links that one row of a grouped list stands for."""
    carried = {name: text for name, text in query.params().items() if name not in ("group", "page", "sort")}
    members = {"source_domain_is": row["source_domain"]}
    if query.group == "similar":
        members |= {
            "anchor_is": row["anchor"],
            "anchor_known": "yes" if row["anchor_known"] else "no",
            "kind": row["kind"],
        } | {name: FLAG_WORDS[row[name]] for name in ("nofollow", "ugc", "sponsored")}
    return reading.url("links", carried | members)
