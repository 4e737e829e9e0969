"""Referring domains by authority, in bands of ten: bars drawn by the server, each number a link to its domains."""

from dataclasses import dataclass

from backlinks import index
from seoapp.lib import charts

from .reading import Reading

# Figure of a band -> (label, colour, filters of the domains report).
RELS = (
    ("follow", "Follow", "one", {"follow_min": "1"}),
    ("nofollow", "Nofollow", "two", {"follow_max": "0", "nofollow_min": "1"}),
    ("rel_unknown", "Unknown", "unknown", {"follow_max": "0", "nofollow_max": "0"}),
)


@dataclass(frozen=True, slots=True)
class BandRow:
    """One band: its share of the longest bar in parts, and its numbers with the rows behind them."""

    label: str
    parts: list[charts.Part]
    domains: int
    href: str


@dataclass(frozen=True, slots=True)
class Distribution:
    heads: list[tuple[str, str]]
    rows: list[BandRow]
    unscored: int


def distribution(reading: Reading, query: index.LinkQuery) -> Distribution | None:
    """The bands of a pinned query's referring domains; None where no domain has a score."""
    if not query.scores:
        return None
    *bands, rest = index.authority_bands(query)
    if not any(one.domains for one in bands):
        return None
    longest = max(one.domains for one in bands)
    rows = [_row(reading, one, longest) for one in reversed(bands)]
    return Distribution([(label, tone) for _, label, tone, _ in RELS], rows, rest.domains)


def _row(reading: Reading, band: index.Band, longest: int) -> BandRow:
    span = {"authority_min": f"{band.low:g}", "authority_max": f"{band.high:g}", "sort": "-authority"}
    values = (
        (label, getattr(band, name), reading.url("domains", span | filters), tone)
        for name, label, tone, filters in RELS
    )
    label = f"{int(band.low)}\N{EN DASH}{int(band.high)}"
    return BandRow(label, charts.parts(longest, values), band.domains, reading.url("domains", span))
