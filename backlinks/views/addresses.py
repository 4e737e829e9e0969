"""Referring IPs, subnets and networks beside profiles of the same size: do usually so many domains stand at so few?

Networks are placed by open tables that the operator loads; where none is loaded, their page says so, with the way.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from backlinks import index
from projects import access
from seoapp.lib.weburl import display_host

from .compare.rivals import of_target, rivals_of
from .opengraph import without_graph
from .reading import Reading, report_page
from .reports import report_answer

LABELS = {"ips": "IPs", "subnets": "Subnets", "networks": "Networks"}
MEANS = {
    "below": "Fewer than usual: many referring domains share few machines. One owner, one cheap host or a network of "
    "sites looks like this; see which domains stand at the largest of them.",
    "inside": "As usual for a profile of this size.",
    "above": "More than usual: the referring domains are spread over more machines than those of similar profiles.",
    "unknown": "Nothing to compare with yet.",
}


@dataclass(frozen=True, slots=True)
class RangeRow:
    label: str
    value: int | None
    low: int
    high: int
    peers: int
    verdict: str
    means: str


@dataclass(frozen=True, slots=True)
class RivalRow:
    """A competitor's addresses, and how many it has for a hundred domains whose address is known."""

    name: str
    url: str
    counts: index.AddressCounts
    per_hundred: tuple[int | None, ...]


@access.project("client")
@report_page
def addresses(request: HttpRequest, reading: Reading, report: str) -> HttpResponse:
    """The list of IPs, subnets or networks, with the expected range above it."""
    return report_answer(
        request, reading, report, page="backlinks/addresses.html", around=lambda query: _around(reading, query)
    )


def _around(reading: Reading, query: index.LinkQuery) -> dict[str, Any]:
    """For a part of a domain no ranges: they are those of whole domains."""
    has_tables = index.addresses.current() is not None
    tables: dict[str, Any] = {"without_tables": query.report == "networks" and not has_tables, "has_tables": has_tables}
    if query.target.scope != "root":
        return tables
    tables["graph_words"] = without_graph()
    counts = index.address_counts(query)
    ranges = [_row(one) for one in index.expected(query, counts)] if counts.is_enough else []
    return tables | {
        "counts": counts,
        "ranges": ranges,
        "per_hundred": _per_hundred(counts),
        "least_peers": index.LEAST_PEERS,
        "least_domains": index.LEAST_DOMAINS,
        "least_coverage": index.LEAST_COVERAGE,
        "address_rivals": _rivals(reading) if counts.placed else [],
        "kinds": list(LABELS.values()),
        "ways": reading.ways,
    }


def _row(one: index.Expected) -> RangeRow:
    value = None if one.value < 0 else one.value
    return RangeRow(
        LABELS[one.kind], value, round(one.low), round(one.high), one.peers, one.verdict, MEANS[one.verdict]
    )


def _per_hundred(counts: index.AddressCounts) -> tuple[int | None, ...]:
    values = (getattr(counts, kind) for kind in LABELS)
    return tuple(round(100 * one / counts.placed) if one >= 0 and counts.placed else None for one in values)


def _rivals(reading: Reading) -> list[RivalRow]:
    """The project and its competitors, where these are whole domains: addresses are counted for no part of one."""
    rivals = [of_target(reading, one) for one in rivals_of(reading) if one.scope == "root"]
    made = []
    for rival, pinned in zip(rivals, index.pin_all([one.query("ips") for one in rivals]), strict=True):
        counts, target = index.address_counts(pinned), rival.target
        made.append(RivalRow(display_host(target.domain), rival.url("ips"), counts, _per_hundred(counts)))
    return made
