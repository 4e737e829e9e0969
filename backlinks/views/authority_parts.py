"""The parts of a score and what is taken from it, as rows of tables: figures in words, bars, and what stands behind.

Decided: a raw PageRank of 0.0000012 says nothing to anybody, so it is shown as a multiple of the average domain's, the
figure itself as its title. What is not known is named with what would tell it, and is never shown as 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from backlinks import index
from backlinks.authority import formula
from backlinks.authority.explain import Explanation, Part, Penalty
from seoapp.lib.words import counted

from .reading import Reading

# Part or penalty -> the report that shows what it is made of, and its filters.
BEHIND: dict[str, tuple[str, dict[str, str]]] = {
    "pagerank": ("domains", {"sort": "-authority", "follow_min": "1"}),
    "trust": ("domains", {"sort": "-authority"}),
    "diversity": ("subnets", {}),
    "follow_share": ("domains", {"follow_min": "1"}),
    "one_address": ("ips", {}),
    "one_network": ("subnets", {}),
}
OF_POPULARITY = frozenset(("traffic", "no_organic_presence", "links_above_popularity"))
# Why a penalty was not checked, and what would let it be.
NOT_CHECKED = {
    "no_organic_presence": "No list of visited sites with 100,000 domains is loaded: import_popularity brings one.",
    "follow_share": "The rel of fewer than 50 referring domains is known: crawl them, or import files that say it.",
    "links_above_popularity": "It is in no list of visited sites, or too few other domains are.",
    "one_address": "Addresses of fewer than 20 referring domains are known: check the links, or import WAT files.",
    "one_network": "Addresses of fewer than 20 referring domains are known: check the links, or import WAT files.",
    "identical_profile": "Fewer than five domains vote for it.",
    "reciprocity": "Fewer than 20 domains vote for it.",
    "closed_community": "Communities were not looked for.",
}


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part as the table shows it; `value` and `position` are "" where unknown, `bar` is its 0-100."""

    part: Part
    value: str
    exact: str
    position: str
    bar: float
    href: str


@dataclass(frozen=True, slots=True)
class PenaltyRow:
    """`evidence` is what speaks for it in this profile, with the rows behind it at `href`."""

    penalty: Penalty
    evidence: str
    href: str
    unchecked: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What the score lacks, and what would bring it."""

    what: str
    how: str


def part_rows(reading: Reading, found: Explanation) -> list[PartRow]:
    return [_part_row(reading, found, one) for one in found.parts]


def _part_row(reading: Reading, found: Explanation, part: Part) -> PartRow:
    value, exact = _value(found, part)
    position = f"{_place(part.position)} of {part.of:,}" if part.position is not None and part.of else ""
    return PartRow(part, value, exact, position, part.share or 0.0, behind(reading, part.name))


def behind(reading: Reading, name: str) -> str:
    """Where the rows of a part or a penalty stand; "" where nothing but the graph itself shows them."""
    if name in OF_POPULARITY:
        return "#popularity"
    return reading.url(*BEHIND[name]) if name in BEHIND else ""


def _value(found: Explanation, part: Part) -> tuple[str, str]:
    """(in words, the stored figure)."""
    if part.name == "traffic":
        return _traffic(part)
    if part.value is None:
        return "", ""
    if part.name == "diversity":
        return counted(int(part.value), "network"), ""
    if part.name == "harmonic":
        return f"{part.value:,.0f}", f"{part.value:,.4f}"
    times = part.value * found.domains
    return f"{_figure(times)} times the average domain", f"{part.value:.6g}"


def _traffic(part: Part) -> tuple[str, str]:
    if part.value is not None:
        return f"{part.value:,.0f} visits in 30 days", ""
    if part.position is not None:
        return f"rank {_place(part.position)}", ""
    return ("in no loaded list", "") if part.share is not None else ("", "")


def _place(position: float) -> str:
    """Tied domains share the middle of their positions, which may lie between two."""
    return f"{position:,.1f}".removesuffix(".0")


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}" if value >= 1 else f"{value:.2g}"


def penalty_rows(reading: Reading, query: index.LinkQuery, found: Explanation) -> list[PenaltyRow]:
    told = _evidence(query, found)
    return [
        PenaltyRow(
            one,
            told.get(one.name, "") if one.points is not None else "",
            behind(reading, one.name),
            NOT_CHECKED.get(one.name, "Its data is missing.") if one.points is None else "",
        )
        for one in found.penalties
    ]


def _evidence(query: index.LinkQuery, found: Explanation) -> dict[str, str]:
    """What the profile and the stored row say of each penalty; of a domain's part, its own profile says nothing."""
    votes, linked = (counted(found.row[name], "domain") for name in ("votes", "linked_domains"))
    told = {
        "reciprocity": f"Votes of {votes}, links to {linked}.",
        "no_organic_presence": _listed(found),
        "links_above_popularity": f"{_listed(found)} Votes of {votes}.",
    }
    if query.target.scope == "root":
        told |= {"one_address": _densest(query, "ips", "ip"), "one_network": _densest(query, "subnets", "subnet")}
        told["follow_share"] = _follow(query)
    return told


def _listed(found: Explanation) -> str:
    rank = found.row["popularity_rank"]
    return f"Rank {rank:,.0f} in the lists." if rank else "In none of the loaded lists."


def _densest(query: index.LinkQuery, report: str, key: str) -> str:
    top = index.top(query, report, 1)
    return f"Most stand at {top[0][key]}: {counted(top[0]['domains'], 'domain')}." if top else "No address is known."


def _follow(query: index.LinkQuery) -> str:
    bands = index.authority_bands(query)
    follow, known = sum(one.follow for one in bands), sum(one.follow + one.nofollow for one in bands)
    return f"{follow:,} of {counted(known, 'domain')} whose rel is known link with follow."


def missing(found: Explanation) -> list[Missing]:
    """What the score lacks, in the order of its parts."""
    return [*_missing(found)]


def _missing(found: Explanation) -> Iterator[Missing]:
    for one in found.parts:
        if one.missing:
            yield Missing(one.label, f"{one.missing[:1].upper()}{one.missing[1:]}.")
    if found.domains < formula.WEB:
        yield Missing(
            "The size of the graph",
            f"{found.domains:,} domains, on a scale that ends at {formula.WEB:,}: confidence is lower by the ratio of "
            "their logarithms. A release of the whole web brings it up.",
        )
    if not found.release:
        yield Missing("The open graph", "No release is loaded: import_webgraph brings the links of the whole web.")
    if not found.is_own:
        yield Missing("Your own links", "This score is of open data alone; compute_authority adds what you imported.")
