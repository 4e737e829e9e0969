"""Markers of anchors (ANC).

Decided: markers that ask what an anchor means for the project run by its class; those that ask what it says run on its
text, which for an image is its alt text. All wait until most anchors are classed; evidence of what an anchor means
rests on classes that are certain or confirmed (`anchors`).
"""

import re
from functools import partial

import numpy as np

from audit.profile import LINKS, Profile

from . import anchors, tongues
from .marker import CONTEXT, EVIDENCE, Found, Limits, Marker, judged
from .poison import poisoned
from .trades import commercial

WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]")  # scripts without spaces between words
WIDE_PER_WORD = 2
BETWEEN = re.compile("\\s*[,;|\u2022\u00b7\u3001\uff0c\uff1b]\\s*")
LETTERS = re.compile(r"[^\W\d_]")


# --- Length -----------------------------------------------------------------------------------------------------------
def words_in(text: str) -> int:
    """Words between spaces; in scripts without spaces two letters are one."""
    if text.isascii():
        return len(text.split())
    wide = len(WIDE.findall(text))
    return len((WIDE.sub(" ", text) if wide else text).split()) + wide // WIDE_PER_WORD


def is_list(text: str, parts: int, words: int) -> bool:
    """Whether a text is a list of short things."""
    found = BETWEEN.split(text.strip())
    return len(found) >= parts and all(len(LETTERS.findall(one)) > 1 and words_in(one) <= words for one in found)


def _overlong(profile: Profile, limits: Limits) -> Found:
    texts = anchors.texts_of(profile)
    count = texts.each(words_in)
    parts, words = int(limits["parts"]), int(limits["part_words"])
    listed = texts.each(lambda text: is_list(text, parts, words)) == 1
    fires = (count > limits["words"]) | listed
    return judged(fires, known=texts.known, value=count, said=texts, applies=anchors.has_text(profile))


# --- Words of ill repute ----------------------------------------------------------------------------------------------
def _poison(profile: Profile, limits: Limits) -> Found:
    texts = anchors.texts_of(profile)
    held, said = poisoned(texts, profile.pages.text("language").take(profile.page), profile.about)
    return judged(held == 1, known=~np.isnan(held), said=said, applies=anchors.has_text(profile))


CLASSED = {"classed": 0.8}
KEYWORDS = ("links.anchor_class", "source.keywords")
SURE = (*KEYWORDS, "links.anchor_sure")
_money = partial(anchors.when_classed, needs_keywords=True)
MARKERS: tuple[Marker, ...] = (
    Marker(
        "ANC01", "Exact money keyword", CONTEXT, LINKS, KEYWORDS, "The anchor is a keyword: {said}",
        _money(anchors.of_class("exact")), CLASSED, "LRT",
    ),
    Marker(
        "ANC02", "Compound anchor", CONTEXT, LINKS, KEYWORDS, "The anchor has brand and keyword: {said}",
        _money(anchors.of_class("compound")), CLASSED, "LRT",
    ),
    Marker(
        "ANC03", "Money anchor repeated", EVIDENCE, LINKS, SURE,
        "The same anchor from {value} unrelated domains: {said}", _money(anchors.repeated),
        CLASSED | {"domains": 5, "words": 6}, "third party",
    ),
    Marker(
        "ANC04", "Exact-match share", EVIDENCE, LINKS, SURE,
        "Share of domains that link with exact keywords {value}: more than {above}, or {times} times the competitors'",
        _money(anchors.many_exact), CLASSED | {"above": 0.15, "times": 2, "least": 0.05, "domains": 20},
        "third party, LRT",
    ),
    Marker(
        "ANC05", "Poison words in anchor", EVIDENCE, LINKS, ("links.anchor_class", "links.anchor", "pages.language"),
        "A word of ill repute in the anchor: {said}", anchors.when_classed(_poison), CLASSED, "M27",
    ),
    Marker(
        "ANC06", "High-value commercial anchor", CONTEXT, LINKS,
        ("links.anchor_class", "links.anchor", "pages.language"),
        "The anchor has a word of a trade that pays much for a click: {said}", anchors.when_classed(commercial),
        CLASSED | {"words": 5}, "M27",
    ),
    Marker(
        "ANC07", "Anchor language", CONTEXT, LINKS,
        ("links.anchor_class", "links.anchor", "pages.language", "source.languages"),
        "The anchor's language ({said}) is neither the page's nor the project's", anchors.when_classed(tongues.foreign),
        CLASSED | {"letters": 3, "words": 2, "least": 3},
    ),
    Marker(
        "ANC08", "Overlong anchor", CONTEXT, LINKS, ("links.anchor_class", "links.anchor"),
        "Anchor of {value} words, more than {words}, or a list of {parts} things: {said}",
        anchors.when_classed(_overlong), CLASSED | {"words": 10, "parts": 3, "part_words": 4},
    ),
    Marker(
        "ANC09", "Few brand anchors", CONTEXT, LINKS, KEYWORDS,
        "Share of domains that link with brand or address {value}: less than {below}, or {part} of competitors'",
        _money(anchors.few_brands), CLASSED | {"below": 0.2, "part": 0.5, "domains": 20, "words": 6}, "M17",
    ),
    Marker(
        "ANC10", "Many links, one page", EVIDENCE, LINKS, (*SURE, "links.target"),
        "The page links to {value} of our addresses with keywords", _money(anchors.on_one_page),
        CLASSED | {"targets": 3, "words": 6},
    ),
)  # fmt: skip
