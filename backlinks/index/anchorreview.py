"""Anchors of a profile as they are reviewed: what the rules say of each, how sure they are, and what rests on it.

Decided: one row for the folded words of an anchor, whatever its spelling, because that is what a class is set for. To
be reviewed is what the rules guess to be money or a compound: evidence of the audit would rest on it. What no rule
knows counts as neither, and is listed behind it. Domains are counted once over all spellings. A domain that passes
something on is as settled as the least settled of its anchors. Refused: the settled counts of anchors, which cannot be
added up.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from seoapp.lib.listquery import Field, ListQuery

from . import asking, kept
from .anchorkinds import kind_parameters
from .anchorshares import IS_SHORT
from .anchorwords import ANCHOR_KEY, KEY_OF_LINK, SCOPE
from .portions import portions
from .query import LinkQuery
from .reports import RowPage
from .scope import Statement, scope
from .terms import CLASSES, reviewed

REVIEW, CONFIRMED, CERTAIN, GUESS = STANDINGS = ("review", "confirmed", "certain", "guess")
SORT, TIE = "-urgent", "domains DESC, words"
_ANCHORS = f"""SELECT anchor, anchor_known, is_image, {ANCHOR_KEY} AS kind_key, domains AS weight FROM anchors
    WHERE {SCOPE}"""
_STANDING = f"""multiIf(by_hand = 1, 'confirmed', anchor_sure = 1, 'certain',
    anchor_class IN ('exact', 'compound') OR (anchor_class = 'partial' AND {IS_SHORT}), 'review', 'guess')"""
_HELD = f"SELECT {KEY_OF_LINK} AS held_key, cityHash64(source_domain) AS linking, nofollow FROM links WHERE <where>"
_ROWS = f"""SELECT words, anchor, anchor_class, rule_class, by_hand, standing,
    if(standing = 'review', domains, -1) AS urgent, domains, follow, links, spellings
FROM (SELECT words, argMax(anchor, weight) AS anchor, argMax(anchor_class, weight) AS anchor_class,
        argMax(rule_class, weight) AS rule_class, max(by_hand) AS by_hand, argMax({_STANDING}, weight) AS standing
    FROM (<classes>) WHERE words != '' GROUP BY words) AS named
INNER JOIN (SELECT word_key, toInt64(uniqExact(linking)) AS domains, toInt64(count()) AS links,
        toInt64(uniqExactIf(linking, nofollow = 0)) AS follow, toInt64(uniqExact(held_key)) AS spellings
    FROM ({_HELD}) AS held INNER JOIN (SELECT kind_key, cityHash64(words) AS word_key FROM (<classes>)
        WHERE words != '') AS keys ON keys.kind_key = held.held_key GROUP BY word_key) AS counted
    ON counted.word_key = cityHash64(named.words)"""
_SETTLED = f"""SELECT toInt64(count()) AS domains, toInt64(countIf(least = 2)) AS review,
    toInt64(countIf(least = 1)) AS guess
FROM (SELECT linking, max(rank) AS least FROM ({_HELD} AND nofollow = 0) AS held
    INNER JOIN (SELECT kind_key, multiIf({_STANDING} = 'review', 2, {_STANDING} = 'guess', 1, 0) AS rank
        FROM (<classes>) WHERE words != '') AS keys ON keys.kind_key = held.held_key GROUP BY linking)"""
FIELDS = (
    Field("anchor", "Anchor", "text", "text", path="words"),
    Field("anchor_class", "Class", "text", "choice", CLASSES[:7]),
    Field("why", "Why", "text", sortable=False),
    Field("standing", "Standing", "text", "choice", STANDINGS, help="Whether evidence may rest on the class."),
    Field("urgent", "To review", "int", "number", help="Domains of what a rule guesses to be money or compound."),
    Field("domains", "Referring domains", "int", "number"),
    Field("follow", "Of these follow", "int", "number", help="Referring domains with a link that passes something on."),
    Field("links", "Links", "int", "number"),
    Field("spellings", "Spellings", "int", "number", default=False, help="As it stands on pages, by case and signs."),
)


@dataclass(frozen=True, slots=True)
class Settled:
    """Domains that pass something on with a text as anchor: all, those to be reviewed, those of which some anchor is a
    guess that nothing rests on."""

    domains: int
    review: int
    guess: int

    @property
    def sure(self) -> int:
        """Domains of which every anchor is certain or confirmed."""
        return self.domains - self.review - self.guess


def _filled(query: LinkQuery, statement: str) -> Statement:
    where, parameters = scope(query)
    classes, said = reviewed(_ANCHORS, query.terms)
    made = statement.replace("<where>", where).replace("<classes>", classes)
    return made, parameters | kind_parameters(query) | said


def rows(pinned: LinkQuery, query: ListQuery) -> RowPage:
    statement, bound = _filled(pinned, _ROWS)
    return asking.page_of(statement, bound, query, tie=TIE)


def every_row(pinned: LinkQuery, query: ListQuery) -> Iterator[dict[str, Any]]:
    statement, bound = _filled(pinned, _ROWS)
    return asking.every_row(statement, bound, query, tie=TIE)


def chosen(pinned: LinkQuery, query: ListQuery, most: int) -> dict[str, str]:
    """Folded words -> class of all rows that fit, one more than `most` at most."""
    sql, bound = asking.filtered(*_filled(pinned, _ROWS), query.filters, query.fields)
    found = kept.read(f"SELECT words, anchor_class FROM ({sql}) LIMIT {{most:UInt32}}", bound | {"most": most + 1})
    return {row["words"]: row["anchor_class"] for row in found}


def classes_of(pinned: LinkQuery, words: Iterable[str]) -> dict[str, str]:
    """Folded words -> their class now; what no link has as anchor is left out."""
    statement, bound = _filled(pinned, _ROWS)
    found: dict[str, str] = {}
    for portion in portions(words):
        asked = f"SELECT words, anchor_class FROM ({statement}) WHERE words IN {{asked:Array(String)}}"
        found |= {row["words"]: row["anchor_class"] for row in kept.read(asked, bound | {"asked": portion})}
    return found


def settled(pinned: LinkQuery) -> Settled:
    statement, bound = _filled(pinned, _SETTLED)
    (found,) = kept.read(statement, bound)
    return Settled(**found)
