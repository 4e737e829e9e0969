"""Anchors as a whole: which share of a profile each class has, and the words and phrases that they are made of.

Decided: a domain counts once for a class, a word or a phrase, however many of its links and anchors have it. Words are
counted in two steps: the anchors say which words are worth counting (by the domains of each anchor, added up), then the
links of all anchors that hold them are counted exactly. No word is taken from an address, stop words are left out, and
no phrase begins or ends with one. Refused: counting every phrase exactly, which changes nothing that is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from . import kept
from .anchorkinds import kind_parameters
from .anchorwords import ANCHOR_KEY, KEY_OF_LINK, OF_TARGET, SCOPE
from .folding import listed, needle, padded_sql
from .query import LinkQuery
from .scope import scope
from .terms import CLASSES, classed, worded

LONGEST_PHRASE = 4
CANDIDATES = 150  # of words, and of phrases
MOST_WORDS = 40  # of one anchor that are looked at
SHOWN_WORDS = 60


@dataclass(frozen=True, slots=True)
class ClassShare:
    """One class: how many links, referring domains and different anchors."""

    name: str
    links: int
    domains: int
    anchors: int


@dataclass(frozen=True, slots=True)
class ClassShares:
    """All classes that occur, in the order of `CLASSES`, and the whole: a domain may count in several classes."""

    classes: tuple[ClassShare, ...]
    links: int
    domains: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """A word, or several in their order, with the referring domains and links whose anchor holds it."""

    text: str
    domains: int
    links: int

    @property
    def is_phrase(self) -> bool:
        return " " in self.text


_LINKS = f"SELECT {KEY_OF_LINK} AS held_key, cityHash64(source_domain) AS linking FROM links WHERE LINKS"
_SHARES = f"""SELECT anchor_class, count() AS links, uniqExact(linking) AS domains, uniqExact(held_key) AS anchors
FROM ({_LINKS}) AS held ANY LEFT JOIN (SELECT kind_key, anchor_class FROM ({classed(OF_TARGET)})) AS kinds
    ON kinds.kind_key = held.held_key
GROUP BY GROUPING SETS ((anchor_class), ())"""


def class_shares(query: LinkQuery) -> ClassShares:
    """Of a pinned query's target."""
    where, parameters = scope(query)
    found = kept.read(_SHARES.replace("LINKS", where), parameters | kind_parameters(query))
    rows = {row.pop("anchor_class"): row for row in found}
    whole = rows.get("", {"links": 0, "domains": 0})
    made = tuple(ClassShare(name, **rows[name]) for name in CLASSES if name in rows)
    return ClassShares(made, whole["links"], whole["domains"])


# --- Words and phrases ----------------------------------------------------------------------------------------------
_IS_WORD = "NOT has({stop:Array(String)}, x) AND lengthUTF8(x) > 1 AND NOT match(x, '^[0-9]+$')"
_IS_PHRASE = "NOT has({stop:Array(String)}, x[1]) AND NOT has({stop:Array(String)}, x[-1])"


def _phrases(length: int) -> str:
    shingles = f"if(length(parts) < {length}, [], arrayShingles(parts, {length}))"
    return f"arrayMap(x -> arrayStringConcat(x, ' '), arrayFilter(x -> {_IS_PHRASE}, {shingles}))"


_TEXTS = f"""arrayDistinct(arrayConcat(arrayFilter(x -> {_IS_WORD}, parts),
    {", ".join(_phrases(length) for length in range(2, LONGEST_PHRASE + 1))}))"""
_ANCHORS = f"""SELECT anchor, {ANCHOR_KEY} AS kind_key, domains FROM anchors WHERE {SCOPE} AND anchor != ''"""
_NO_ADDRESS = "NOT match(anchor, '^\\\\S+[.:]\\\\S+$')"
_CANDIDATES = f"""SELECT text FROM (SELECT arrayJoin({_TEXTS}) AS text, domains FROM (
    SELECT domains, arraySlice(splitByChar(' ', words), 1, {MOST_WORDS}) AS parts
    FROM ({worded(_ANCHORS)}) WHERE words != '' AND {_NO_ADDRESS}))
GROUP BY text ORDER BY sum(domains) DESC, text LIMIT {CANDIDATES} BY position(text, ' ') > 0"""
# Every anchor that holds one of them, as the filter of links finds it: where words have no ends, any part of a text.
_HOLDING = f"""SELECT kind_key, arrayConcat(arrayIntersect({_TEXTS}, {{whole:Array(String)}}),
        arrayFilter(x -> position(padded, x) > 0, {{parts_of:Array(String)}})) AS texts
    FROM (SELECT kind_key, splitByChar(' ', words) AS parts, {padded_sql("words")} AS padded
        FROM ({worded(_ANCHORS)}) WHERE words != '')"""
_COUNTED = f"""SELECT text, uniqExact(linking) AS domains, count() AS links FROM ({_LINKS}) AS held
    INNER JOIN (SELECT * FROM ({_HOLDING}) WHERE notEmpty(texts)) AS split ON split.kind_key = held.held_key
    ARRAY JOIN texts AS text GROUP BY text ORDER BY domains DESC, links DESC, text"""


def phrases(query: LinkQuery) -> list[Phrase]:
    """The words and phrases of a pinned query's anchors, those of most referring domains first; as many of each."""
    where, parameters = scope(query)
    bound = parameters | {"stop": list(listed("stop"))}
    candidates = [row["text"] for row in kept.read(_CANDIDATES, bound)]
    whole = [one for one in candidates if needle(one) == f" {one} "]
    asked = {"whole": whole, "parts_of": [needle(one).strip() for one in candidates if one not in whole]}
    found = kept.read(_COUNTED.replace("LINKS", where), bound | asked) if candidates else []
    return [*_first(found, is_phrase=False), *_first(found, is_phrase=True)]


def _first(found: Sequence[dict[str, Any]], *, is_phrase: bool) -> list[Phrase]:
    made = [Phrase(row["text"], row["domains"], row["links"]) for row in found]
    return [one for one in made if one.is_phrase is is_phrase][:SHOWN_WORDS]
