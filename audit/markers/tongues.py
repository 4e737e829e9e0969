"""The language of a few words: by their script, and in Latin letters by the words that bind others.

Decided: an anchor in a script tells which languages it may be in, not which it is. In Latin letters two different such
words of one language decide; where several languages have as many, it may be in any of them. Names and lone nouns have
no language of their own. Refused: guessing by letters, which takes more text than an anchor has.
"""

from collections import Counter
from functools import cache

import numpy as np

from audit.lists import by_language
from audit.profile import Flags, Profile, Words

from .anchors import has_text, is_class, texts_of
from .marker import Found, Limits, judged
from .wording import letters_in

NAMES = ("brand", "naked", "generic")
SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "bs": "hr", "sr": "hr", "sh": "hr", "cnr": "hr", "ms": "id"}


def foreign(profile: Profile, limits: Limits) -> Found:
    """Fires where no language that the anchor may be in is the page's or one of the project's."""
    texts = texts_of(profile)
    page = profile.pages.text("language").take(profile.page)
    tongues, which = _tongues(texts, int(limits["letters"]), int(limits["words"]))
    ours = {_code(one) for one in profile.about.languages}
    fits = _fit(tongues, page.values, ours)
    spoken = which[texts.codes] if len(which) else np.full(profile.links.count, -1)
    spoken = np.where(texts.known, spoken, -1)
    known = (spoken >= 0) & page.known & bool(ours)
    fires = np.zeros(len(known), np.bool_)
    if known.any():
        fires[known] = ~fits[spoken[known], page.codes[known]]
    names = Words(spoken.astype(np.int32), tuple(", ".join(sorted(one)) for one in tongues))
    short = texts.each(lambda text: text.isascii() and len(text.split()) < limits["least"]) == 1
    applies = has_text(profile) & ~is_class(profile, *NAMES) & ~short
    return judged(fires, known=known, said=names, applies=applies)


def _code(language: str) -> str:
    plain = language.partition("-")[0].lower()
    return SAME.get(plain, plain)


def _fit(tongues: list[frozenset[str]], pages: tuple[str, ...], ours: set[str]) -> Flags:
    """[tongue, language of the page] -> whether the anchor fits one of both."""
    made = np.zeros((len(tongues), max(len(pages), 1)), np.bool_)
    codes = [_code(one) for one in pages]
    for row, one in enumerate(tongues):
        made[row] = bool(one & ours)
        made[row, : len(codes)] |= np.array([code in one for code in codes], np.bool_)
    return made


def _tongues(texts: Words, letters: int, words: int) -> tuple[list[frozenset[str]], np.ndarray]:
    """(sets of languages, the set of each distinct text: -1 where nothing tells it)."""
    sets: dict[frozenset[str], int] = {}
    which = np.full(len(texts.values), -1, np.int32)
    scripts = {name: frozenset(map(_code, codes)) for name, codes in by_language("scripts").items()}
    patterns = [rf"(?:\p{{{name}}}[^\p{{{name}}}]*){{{letters}}}" for name in scripts]
    for codes, held in zip(scripts.values(), letters_in(texts.values, patterns), strict=True):
        which[held & (which < 0)] = sets.setdefault(codes, len(sets))
    for place in np.flatnonzero(which < 0).tolist():
        spoken = spoken_in(texts.values[place], words)
        if spoken:
            which[place] = sets.setdefault(spoken, len(sets))
    return list(sets), which


def spoken_in(text: str, least: int) -> frozenset[str]:
    """The languages of which most binding words stand in a text; none of fewer than `least`."""
    binding = _binding()
    found = binding.keys() & text.lower().split()
    if len(found) < least:
        return frozenset()
    counts = Counter(code for word in found for code in binding[word])
    most = max(counts.values())
    return frozenset(code for code, times in counts.items() if times == most) if most >= least else frozenset()


@cache
def _binding() -> dict[str, tuple[str, ...]]:
    made: dict[str, tuple[str, ...]] = {}
    for code, words in by_language("function_words").items():
        for word in words:
            made[word] = (*made.get(word, ()), code)
    return made
