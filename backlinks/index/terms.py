"""What kind of words an anchor is: brand, exact, partial, naked address, generic, compound, empty, image, or other.

Decided: the class is made when it is read, from the terms that the project has now, so a term that is added counts at
once; it is one expression over the settled anchors, and links are asked through the anchors they share. The first rule
that fits decides. The name of the target's own domain is a brand term, unless it is a keyword or a generic word. Words
that no rule knows are "other": calling them partial because they share a word with a keyword would make every profile
look bought. A rule is sure where it rests on what the project itself says, or needs no judgement: a listed keyword or
brand term as it stands, an address, a text of the list of generic ones. A keyword among other words, one that has a
brand term in it or is the domain's own name, and words that no rule knows are guesses. What somebody has said of an
anchor goes before every rule where the query carries it (`reviewed`).
Refused: a class that is settled, because terms belong to projects and several may read one profile.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from seoapp.lib.weburl import display_host, is_site

from .folding import NOWHERE, fold, folded_sql, folds, languages, listed, needle, padded_sql
from .portions import bound_array

CLASSES = ("brand", "compound", "exact", "partial", "naked", "generic", "other", "empty", "image", "unknown")
AT_ONCE, PARTS = 240, 4  # as many needles as one search takes; how often it searches
GENERIC_LANGUAGES = languages("generic")
MAX_BRANDS, MAX_KEYWORDS = AT_ONCE // 2 - 1, AT_ONCE * PARTS
LEAST_NAME = 3  # letters of a domain's name that is taken for a brand


@dataclass(frozen=True, slots=True)
class Terms:
    """What a project calls itself and what it wants to be found for; both may be empty. `by_hand`: (folded words of an
    anchor, the class that somebody gave it)."""

    brands: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    by_hand: tuple[tuple[str, str], ...] = ()


NO_TERMS = Terms()


def own_name(domain: str, terms: Terms) -> str:
    """The name of a domain as a brand term; "" where it is an address, too short, or a word that others use too."""
    name = _name(domain)
    common = {_joined(one) for one in (*map(fold, terms.keywords), *listed("generic"), *listed("stop"))}
    return "" if len(_joined(fold(name))) < LEAST_NAME or _joined(fold(name)) in common else name


def _name(domain: str) -> str:
    """Without its ending; "" of an address."""
    if domain.startswith("[") or not is_site(domain) or domain.rpartition(".")[2].isdigit():
        return ""
    return display_host(domain).partition(".")[0]


def _joined(words: str) -> str:
    return words.replace(" ", "")


def same_words(one: str, other: str) -> bool:
    """Whether two texts are the same but for case, accents, signs and spaces."""
    return _joined(fold(one)) == _joined(fold(other))


def keyword_in(words: str, terms: Terms) -> str:
    """The first keyword that these folded words hold: its words in any order, or any place where words have no ends."""
    parts, padded = set(words.split(" ")), f" {words} "
    found = ((one, fold(one)) for one in terms.keywords[:MAX_KEYWORDS])
    return next((one for one, text in found if text and (needle(text) in padded or parts >= set(text.split(" ")))), "")


@lru_cache(maxsize=256)
def _bound(terms: Terms, domain: str) -> dict[str, Any]:
    brands = folds((*terms.brands[:MAX_BRANDS], own_name(domain, terms)))
    brands = list(dict.fromkeys((*brands, *map(_joined, brands))))  # a brand of several words is often written as one
    keywords = folds(terms.keywords[:MAX_KEYWORDS])
    several = [one.split(" ") for one in keywords if " " in one]
    parts = {f"phrases{part}": _needles(keywords[part * AT_ONCE : (part + 1) * AT_ONCE]) for part in range(PARTS)}
    return parts | {
        "brands": brands,
        "brand_needles": _needles(brands),
        "keywords": keywords,
        "several": several,
        "longest": sorted({max(one, key=len) for one in several}),
        "generic": list(listed("generic")),
        "names": sorted({f".{domain}", f".{display_host(domain)}"}),
        "own_name": _joined(fold(_name(domain))),
    }


def _needles(folded: list[str]) -> list[str]:
    return [NOWHERE, *map(needle, folded)]


def class_parameters(terms: Terms, domain: str) -> dict[str, Any]:
    """What `classed` is bound to, for anchors of a target in this domain."""
    return dict(_bound(terms, domain))


_HAS_PHRASE = " OR ".join(f"multiSearchAny(padded, {{phrases{part}:Array(String)}})" for part in range(PARTS))
# All words of a keyword in any order; its longest one is looked up first, because few anchors have it.
_HAS_WORDS = """(arrayExists(x -> x IN (SELECT arrayJoin({longest:Array(String)})), parts)
        AND arrayExists(x -> hasAll(parts, x), {several:Array(Array(String))}))"""
_WRITTEN = "normalizeUTF8NFC(lowerUTF8(anchor))"
_HOST = rf"concat('.', extract({_WRITTEN}, '^[^/:?#\\s]+'))"
_IS_NAKED = rf"""(match({_WRITTEN}, '^(https?://|www\\.)\\S+$') OR (NOT match({_WRITTEN}, '\\s')
        AND arrayExists(x -> endsWith({_HOST}, x), {{names:Array(String)}})))"""
# The first rule that fits. Sets are subqueries: a bound list after IN is read for every block anew.
_CLASS = """multiIf(anchor_known = 0, 'unknown', words = '' AND is_image = 1, 'image', words = '', 'empty',
        is_naked, 'naked', words IN (SELECT arrayJoin({brands:Array(String)})), 'brand',
        words IN (SELECT arrayJoin({keywords:Array(String)})), 'exact', has_brand AND has_keyword, 'compound',
        has_brand, 'brand', has_keyword, 'partial',
        words IN (SELECT arrayJoin({generic:Array(String)})), 'generic', 'other')"""
# Whether the rule that decided leaves no doubt.
_SURE = """toUInt8(multiIf(anchor_class IN ('compound', 'partial', 'other'), 0,
        anchor_class = 'brand', words IN (SELECT arrayJoin({brands:Array(String)})),
        anchor_class = 'exact', NOT has_brand AND replaceAll(words, ' ', '') != {own_name:String}, 1))"""


def worded(rows: str) -> str:
    """Rows of anchors with their folded `words`."""
    return f"SELECT *, {folded_sql('anchor')} AS words FROM ({rows})"


def classed(rows: str) -> str:
    """Rows with anchor, anchor_known and is_image, their folded `words`, their `anchor_class`, and whether that is sure
    (`anchor_sure`)."""
    split = f"SELECT *, {padded_sql('words')} AS padded, splitByChar(' ', words) AS parts FROM ({worded(rows)})"
    judged = f"""SELECT * EXCEPT (padded, parts), multiSearchAny(padded, {{brand_needles:Array(String)}}) AS has_brand,
        ({_HAS_PHRASE} OR {_HAS_WORDS}) AS has_keyword, {_IS_NAKED} AS is_naked FROM ({split})"""
    named = f"SELECT *, {_CLASS} AS anchor_class FROM ({judged})"
    return f"SELECT * EXCEPT (has_brand, has_keyword, is_naked), {_SURE} AS anchor_sure FROM ({named})"


def reviewed(rows: str, terms: Terms) -> tuple[str, dict[str, Any]]:
    """Rows of `classed` with what somebody has said going before the rules; `rule_class`, `rule_sure`: what these say,
    `by_hand`: 1 where somebody has said it."""
    words, bound = bound_array("hand_words", [one for one, _ in terms.by_hand] or [NOWHERE])
    classes, more = bound_array("hand_classes", [one for _, one in terms.by_hand] or [""])
    ruled = f"""SELECT * EXCEPT (anchor_class, anchor_sure), toString(anchor_class) AS rule_class,
        anchor_sure AS rule_sure, transform(words, {words}, {classes}, '') AS said FROM ({classed(rows)})"""
    return (
        f"""SELECT * EXCEPT (said), toUInt8(said != '') AS by_hand, if(said = '', rule_class, said) AS anchor_class,
        toUInt8(said != '' OR rule_sure) AS anchor_sure FROM ({ruled})""",
        bound | more,
    )
