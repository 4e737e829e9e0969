"""Which rows stand behind a figure: every count of a profile or of a report's row leads to exactly the rows it counts.

Decided: what a figure means is said here once, as (report, URL parameters); a page builds its links from it and a test
counts the rows behind each. A figure that counts domains among links leads to the links, one per domain. A figure is
unknown, not 0, where nobody has said anything that it could be counted from: here too it is said once, with the reason.
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

# Figures that links are counted for, and why there may be nothing to count.
_OF_STATE = ("live", "lost", "lost_links")
_OF_REL = ("follow", "nofollow", "ugc", "sponsored")
_OF_PLACE = ("ips", "subnets")
_OF_CHANGE = ("new_links", "new_domains", "lost_links", "lost_domains")
_OF_LINKS = tuple(dict.fromkeys((*_LINK_FIGURES, *_OF_REL, *KINDS, "hosts", "new_links", "lost_links")))
_OF_ALL = tuple(dict.fromkeys((*_OF_LINKS, "referring_domains", *_OF_PLACE, *_OF_CHANGE)))
_NOBODY = "Nothing is known of it yet: an import, a crawl or Common Crawl brings links."
_NO_LINKS = "Only lists of referring domains know it, and these name no single links: an export of backlinks would."
_NO_STATE = "No source says lately whether these links are there: a check of them would."
_NO_REL = "No source says whether these links are nofollow: an export that does, or a check of them, would."
_NO_PLACE = "No source says at which addresses these domains stand: exports of links and our own checks do."
_NO_DATES = "No source says since when these links are there: exports with dates do."


def why_unknown(figures: Mapping[str, Any]) -> dict[str, str]:
    """Figure -> the reason, for those of a profile that nobody can know; `figures` are those of a headline or more."""

    def none_of(*names: str) -> bool:
        return not any(figures.get(name, 0) > 0 for name in names)

    if none_of("links", "referring_domains"):
        return dict.fromkeys(_OF_ALL, _NOBODY)
    made: dict[str, str] = {}
    if none_of("links"):
        made |= dict.fromkeys(_OF_LINKS, _NO_LINKS)
    else:
        made |= dict.fromkeys(_OF_STATE, _NO_STATE) if none_of("live", "lost") else {}
        made |= dict.fromkeys(_OF_REL, _NO_REL) if none_of("follow", "nofollow", "ugc", "sponsored") else {}
    made |= dict.fromkeys(_OF_PLACE, _NO_PLACE) if none_of("ips") else {}
    return made if figures.get("first_seen") else made | dict.fromkeys(_OF_CHANGE, _NO_DATES)


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
