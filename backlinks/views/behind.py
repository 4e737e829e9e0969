"""Which rows stand behind a number of a report: every figure is a link, and its page shows exactly those rows."""

from collections.abc import Mapping
from typing import Any

from backlinks import index

from .reading import Reading

# Reports made of links: their row is all links with one value, so each of its figures is a filter more.
LINK_KEYS = {"domains": "source_domain", "hosts": "source_host", "anchors": "anchor", "pages": "target_url"}
LINK_FIGURES: dict[str, dict[str, str]] = {
    "links": {},
    "live": {"state": "live"},
    "lost": {"state": "lost"},
    "unknown": {"state": "unknown"},
    "follow": {"nofollow": "no"},
    "nofollow": {"nofollow": "yes"},
    "domains": {"group": "domain"},
}
# Reports made of referring domains: their sums go over the domains with one value.
DOMAIN_KEYS = {"ips": ("ip", "ips"), "countries": ("country", "country_is"), "tlds": ("tld", "tld_is")}
DOMAIN_FIGURES = ("domains", "links", "live")
FLAG_WORDS = {1: "yes", 0: "no", -1: "unknown"}


def row_figure(reading: Reading, report: str, name: str, row: Mapping[str, Any]) -> str:
    """URL of the rows behind the cell `name` of a report's row; "" where the cell is no sum."""
    if report in LINK_KEYS:
        key = LINK_KEYS[report]
        figure = {} if name == key else LINK_FIGURES.get(name)
        return "" if figure is None else reading.url("links", {f"{key}_is": row[key], **figure})
    if report in DOMAIN_KEYS:
        key, parameter = DOMAIN_KEYS[report]
        return reading.url("domains", {parameter: row[key]}) if name in (key, *DOMAIN_FIGURES) else ""
    return ""


def group_members(reading: Reading, query: index.LinkQuery, row: Mapping[str, Any]) -> str:
    """URL of the links that one row of a grouped list stands for."""
    carried = {name: text for name, text in query.params().items() if name not in ("group", "page", "sort")}
    members = {"source_domain_is": row["source_domain"]}
    if query.group == "similar":
        members |= {"anchor_is": row["anchor"], "kind": row["kind"], "nofollow": FLAG_WORDS[row["nofollow"]]}
    return reading.url("links", carried | members)


# Figures of the headline: (report, parameters).
HEADLINE: dict[str, tuple[str, dict[str, str]]] = {
    "links": ("links", {}),
    "referring_domains": ("domains", {}),
    "hosts": ("hosts", {}),
    "ips": ("ips", {}),
    "subnets": ("ips", {"sort": "subnet"}),
    "live": ("links", {"state": "live"}),
    "lost": ("links", {"state": "lost"}),
    "unknown": ("links", {"state": "unknown"}),
    "follow": ("links", {"nofollow": "no"}),
    "nofollow": ("links", {"nofollow": "yes"}),
    "rel_unknown": ("links", {"nofollow": "unknown"}),
    "ugc": ("links", {"ugc": "yes"}),
    "sponsored": ("links", {"sponsored": "yes"}),
    "first_seen": ("links", {"sort": "first_seen"}),
    "last_seen": ("links", {"sort": "-last_seen"}),
} | {kind: ("links", {"kind": kind}) for kind in ("text", "image", "form", "frame", "redirect", "other")}


def figure(reading: Reading, name: str) -> str:
    """URL of the rows that a figure of the headline counts."""
    report, params = HEADLINE[name]
    return reading.url(report, params)
