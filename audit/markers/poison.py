"""Words of ill repute in anchors and titles, by the crawler's lists.

Decided: the project's own trade is no poison: categories that its keywords, its brands or its name hold are left out.
Where nobody says what a page speaks, English and the project's languages are tried: a word that is found is a fact,
none found says nothing. Texts are a million, so one pattern of all first words goes over them before any is taken
apart. Refused: word lists of our own, which would disagree with those of pages.
"""

from functools import cache

import numpy as np

from audit.profile import About, Flags, Numbers, Words
from backlinks.crawl import poison as lists
from backlinks.crawl.poison import SPELT, USUAL, poison_in

from .signs import sign
from .wording import Hint, asked, found_in, letters_in

SCRIPTS = {
    "cyrillic": "Cyrillic", "greek": "Greek", "hebrew": "Hebrew", "arabic": "Arabic", "devanagari": "Devanagari",
    "thai": "Thai", "hangul": "Hangul", "kana": "Hiragana", "han": "Han",
}  # fmt: skip
READ = "".join(rf"\p{{{SCRIPTS[one]}}}" for one in USUAL) + r"\p{Katakana}"


def poisoned(texts: Words, languages: Words, about: About) -> tuple[Numbers, Words]:
    """(1 where such a word stands in a text, 0 where none does, NaN where we cannot read it; the first word)."""
    own, tried = own_categories(about), ("en", *about.languages)

    def first(text: str, language: str) -> str:
        for spoken in (language,) if language else ("", *tried):
            found = (word for category, word in poison_in(text, spoken) or () if category not in own)
            if word := next(found, ""):
                return word
        return ""

    said = asked(texts, languages, _hint().found_in(texts.values), first)
    return sign(said.known, texts.known & _is_read(texts, languages)), said


def own_categories(about: About) -> frozenset[str]:
    """The categories that the project trades in itself."""
    named = (*about.keywords, *about.brands, about.target)
    pairs = [(text, language) for text in named for language in ("", "en", *about.languages)]
    return frozenset(category for text, language in pairs for category, _ in poison_in(text, language) or ())


def _is_read(texts: Words, languages: Words) -> Flags:
    """Whether the list has words of each text's language: the stated one, or what its script means."""
    read = lists.languages()
    ours = languages.each(lambda one: SPELT.get(code := one.partition("-")[0].lower(), code) in read)
    ours = np.where(np.isnan(ours), 0, ours) == 1
    usual, strange = letters_in(texts.values, (f"[{READ}]", rf"[^\p{{Latin}}{READ}\PL]"))
    lettered = found_in(texts.values, r"\pL")
    told = texts.spread(usual.astype(np.float32)) == 1
    odd = texts.spread(strange.astype(np.float32)) == 1
    blank = texts.spread((~lettered).astype(np.float32)) == 1
    return ((ours | (~languages.known & told)) & ~odd) | blank


@cache
def _hint() -> Hint:
    """All words and phrases of all languages."""
    return Hint.of({word for one in lists.words().languages.values() for word, _ in one.folded})
