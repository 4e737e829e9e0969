"""Which share of a profile each meaning of anchors has: brand, compound, money, other; several profiles side by side.

Decided: a share is one of referring domains (each counted once, however many links it has) or of links, of those links
that could have an anchor and whose class is known. Money is an exact keyword, or an anchor of MONEY_WORDS words at most
that holds one; a longer one is the title of a text. A domain may link in several ways, so shares of domains add up to
more than the whole; those of links do not. Each profile is judged by the terms of its own query. Refused: shares of a
few domains, which one site changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

from . import sides
from .anchorkinds import kind_parameters
from .anchorwords import KEY_OF_LINK, OF_TARGET
from .query import LinkQuery
from .scope import scope
from .terms import reviewed

MONEY_WORDS = 6
LEAST_DOMAINS = 20  # with a classed anchor; fewer have no shares
BRAND, COMPOUND, MONEY, OTHER, EXACT, BRANDED = "brand", "compound", "money", "other", "exact", "branded"
# A link has one of the first four; the last two are parts: of money, and of brand and compound together.
MEANINGS = {
    BRAND: "meaning = 'brand'",
    COMPOUND: "meaning = 'compound'",
    MONEY: "meaning = 'money'",
    OTHER: "meaning = 'other'",
    EXACT: "anchor_class = 'exact'",
    BRANDED: "meaning IN ('brand', 'compound')",
}
IS_SHORT = f"length(splitByWhitespace(anchor)) <= {MONEY_WORDS}"
_MEANING = f"""multiIf(anchor_class IN ('brand', 'naked'), 'brand', anchor_class = 'compound', 'compound',
    anchor_class = 'exact' OR (anchor_class = 'partial' AND {IS_SHORT}), 'money', 'other')"""
_COUNTS = ", ".join(
    f"countIf({condition}) AS {name}_links, uniqExactIf(linking, {condition}) AS {name}_domains"
    for name, condition in MEANINGS.items()
)
_SHARES = f"""SELECT count() AS links, uniqExact(linking) AS domains, {_COUNTS}
FROM (SELECT {KEY_OF_LINK} AS held_key, cityHash64(source_domain) AS linking FROM links
    WHERE <where> AND kind NOT IN ('redirect', 'frame', 'form')) AS held
INNER JOIN (SELECT kind_key, anchor_class, {_MEANING} AS meaning FROM (<classes>)
    WHERE anchor_class != 'unknown') AS kinds ON kinds.kind_key = held.held_key"""


@dataclass(frozen=True, slots=True)
class MeaningShares:
    """Of one profile: links and domains with a classed anchor, and of each of MEANINGS as (links, domains)."""

    links: int
    domains: int
    of: Mapping[str, tuple[int, int]]

    def of_links(self, name: str) -> float:
        """NaN where too few are known."""
        return self.of[name][0] / self.links if self.is_enough else nan

    def of_domains(self, name: str) -> float:
        return self.of[name][1] / self.domains if self.is_enough else nan

    @property
    def is_enough(self) -> bool:
        return self.domains >= LEAST_DOMAINS


def meaning_shares(pinned: Sequence[LinkQuery]) -> list[MeaningShares]:
    """Of each of these pinned queries, by its own terms."""
    return [_of(*rows) for rows in sides.read_each(pinned, _statement)]


def _statement(query: LinkQuery) -> sides.Statement:
    where, parameters = scope(query)
    classes, said = reviewed(OF_TARGET, query.terms)
    made = _SHARES.replace("<where>", where).replace("<classes>", classes)
    return made, parameters | kind_parameters(query) | said


def _of(row: Mapping[str, Any]) -> MeaningShares:
    return MeaningShares(
        row["links"], row["domains"], {name: (row[f"{name}_links"], row[f"{name}_domains"]) for name in MEANINGS}
    )
