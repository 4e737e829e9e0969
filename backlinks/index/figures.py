"""Which rows stand behind a figure: every count of a profile or of a report's row leads to exactly the rows it counts.

Decided: what a figure means is said here once, as (report, URL parameters); a page builds its links from it and a test
counts the rows behind each. A figure that counts domains among links leads to the links, one per domain.
"""

from collections.abc import Mapping
from typing import Any

from .anchorkinds import recent_since
from .columns import KINDS
from .networks import UNKNOWN

Behind = tuple[str, dict[str, str]]
WORDS = {1: "yes", 0: "no", -1: "unknown"}

_LINK_FIGURES: dict[str, dict[str, str]] = {
    "links": {},
    "live": {"state": "live"},
    "lost": {"state": "lost"},
    "unknown": {"state": "unknown"},
    "follow": {"nofollow": "no"},
    "nofollow": {"nofollow": "yes"},
    "rel_unknown": {"nofollow": "unknown"},
}
_HEADLINE: dict[str, Behind] = {
    **{name: ("links", params) for name, params in _LINK_FIGURES.items()},
    "ugc": ("links", {"ugc": "yes"}),
    "sponsored": ("links", {"sponsored": "yes"}),
    **{kind: ("links", {"kind": kind}) for kind in KINDS},
    "referring_domains": ("domains", {}),
    "graph_domains": ("domains", {"sources_is": "commoncrawl", "links_max": "0"}),
    "hosts": ("hosts", {}),
    "ips": ("ips", {}),
    "subnets": ("subnets", {}),
    "first_seen": ("domains", {"sort": "first_seen"}),
    "last_seen": ("domains", {"sort": "-last_seen"}),
}
# Report -> columns that name its row.
_KEYS: dict[str, tuple[str, ...]] = {
    "domains": ("source_domain",),
    "hosts": ("source_host",),
    "anchors": ("anchor", "anchor_known"),
    "pages": ("target_url",),
    "ips": ("ip",),
    "subnets": ("subnet",),
    "networks": ("asn",),
    "countries": ("country",),
    "tlds": ("tld",),
    "languages": ("language",),
}


def figure_filters() -> dict[str, Behind]:
    """Figure of the headline -> (report, URL parameters) of the rows it counts; a date leads to the row it is from."""
    return {name: (report, dict(params)) for name, (report, params) in _HEADLINE.items()}


def row_filters(report: str, row: Mapping[str, Any]) -> dict[str, Behind]:
    """Column of one row of a report -> (report, URL parameters) of the rows it counts; only columns that count."""
    if report not in _KEYS:
        return {}
    of_row = _of_row(report, row)
    made: dict[str, Behind] = {
        name: ("links", of_row | params) for name, params in _LINK_FIGURES.items() if name in row
    }
    if report == "anchors" and "new_links" in row:
        made |= {name: ("links", of_row | params) for name, params in _recent().items()}
    if report == "domains":
        return made | {"hosts": ("hosts", {"source_domain_is": row["source_domain"]})}
    if "domains" in row:
        made["domains"] = _domains_of(report, row, of_row)
    if report in ("subnets", "networks"):
        made["ips"] = ("ips", of_row)
    return made


def _of_row(report: str, row: Mapping[str, Any]) -> dict[str, str]:
    keys = _KEYS[report]
    made = {name if name == "anchor_known" else f"{name}_is": _text(row[name]) for name in keys}
    if report == "networks":
        return {"asn_is": row["asn"] or UNKNOWN}
    if report == "anchors" and row["anchor_known"] and not row["anchor"]:
        made["anchor_class"] = "image" if row["is_image"] else "empty"
    return made


def _recent() -> dict[str, dict[str, str]]:
    since = recent_since().isoformat()
    return {"new_links": {"first_seen_from": since}, "lost_links": {"state": "lost", "lost_at_from": since}}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else WORDS[int(value)]


def _domains_of(report: str, row: Mapping[str, Any], of_row: dict[str, str]) -> Behind:
    if report == "ips":
        return "domains", {"ips": row["ip"]}
    if report == "subnets":
        return "domains", {"subnets": row["subnet"]}
    if report in ("networks", "countries", "tlds"):
        return "domains", of_row
    return "links", of_row | {"group": "domain"}
