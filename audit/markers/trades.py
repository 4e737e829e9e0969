"""Anchors that are words of trades which pay most for a click.

Decided: an anchor of a few words is searched in the language of its page, and in English, which is written on pages of
all languages. Where nobody says what a page speaks, a word that is found counts, and none found says nothing. A brand
that has such a word in its name is a brand.
"""

import re
from functools import cache

from audit.lists import by_language
from audit.profile import Profile

from .anchors import has_text, is_class, texts_of
from .marker import Found, Limits, judged
from .wording import Hint, all_folded, asked, folded

TOKEN = re.compile(r"[^\W_]+")
UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
LONGEST = 3  # words of a phrase
EVERYWHERE = "en"
NAMES = ("brand", "compound", "naked", "generic")


def commercial(profile: Profile, limits: Limits) -> Found:
    texts = texts_of(profile)
    languages = profile.pages.text("language").take(profile.page)
    few = texts.each(lambda text: len(text.split()) <= limits["words"]) == 1
    said = asked(texts, languages, _hint().found_in(texts.values), _first)
    spoken = languages.each(_words().__contains__) == 1
    named = is_class(profile, *NAMES)
    return judged(
        said.known & few & ~named,
        known=texts.known & (said.known | spoken | named),
        said=said,
        applies=has_text(profile),
    )


def _first(text: str, language: str) -> str:
    """The first word or phrase of the list in a text; "" for none."""
    words = _words().get(language, frozenset()) | _words()[EVERYWHERE]
    plain = folded(text)
    tokens = TOKEN.findall(plain)
    runs = (" ".join(tokens[at : at + size]) for size in range(LONGEST, 0, -1) for at in range(len(tokens) - size + 1))
    unspaced = (one for one in sorted(words) if UNSPACED.search(one) and one in plain) if UNSPACED.search(plain) else ()
    return next((one for one in (*unspaced, *runs) if one in words), "")


@cache
def _words() -> dict[str, frozenset[str]]:
    """Language -> its words, folded."""
    return {code: frozenset(all_folded(sorted(words))) for code, words in by_language("commercial").items()}


@cache
def _hint() -> Hint:
    return Hint.of({one for words in _words().values() for one in words})
