"""Words that sites of ill repute are sold with: pharma, casino, adult, loan, replica, hacking, in 39 languages.

Decided: names that mean the same everywhere are looked for in every text, all others only in the text's own language.
Letters have the last word on it: a text in Cyrillic is not searched for English because its page says `lang="en"`.
What is found is a fact in any language; that nothing is found says something only where we have the words of that
language, so else the answer is None, never "clear". The same words are asked of anchors and of pages.
"""

import re
from dataclasses import dataclass, field

from .letters import letters_of
from .wordlists import EVERYWHERE, Lexicon, Searched, load, searched

AROUND, MAX_SNIPPET, MAX_WORDS = 60, 200, 20
LATIN, CYRILLIC = "latin", "cyrillic"
SPELT = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "bs": "hr", "sh": "sr", "cnr": "sr"}  # code -> ours
SCRIPTS = {
    "ru": (CYRILLIC,), "uk": (CYRILLIC,), "bg": (CYRILLIC,), "sr": (CYRILLIC, LATIN), "el": ("greek",),
    "he": ("hebrew",), "ar": ("arabic",), "fa": ("arabic",), "hi": ("devanagari",), "th": ("thai",), "ko": ("hangul",),
    "ja": ("kana", "han"), "zh": ("han",),
}  # fmt: skip
# Script -> the language that is meant where nobody says which, or what is said cannot be.
USUAL = {
    CYRILLIC: "ru", "greek": "el", "hebrew": "he", "arabic": "ar", "devanagari": "hi", "thai": "th", "hangul": "ko",
    "kana": "ja", "han": "zh",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Poison:
    """What was found in a page. `language`: whose words were looked for; "" where we have none of it."""

    counts: dict[str, int] = field(default_factory=dict)  # by category
    words: tuple[str, ...] = ()
    snippet: str = ""
    language: str = ""


NONE = Poison()


def words() -> Lexicon:
    return load("poison")


def languages() -> frozenset[str]:
    """Those of which we have the words."""
    return frozenset(words().languages) - {EVERYWHERE}


def poison_in(text: str, language: str = "") -> tuple[tuple[str, str], ...] | None:
    """(category, word) of each such word in a text; None where none was found and its language is not among ours.

    `language` is what the page says (`de`, `pt-br`); "" where nobody says.
    """
    spoken = spoken_in(text, language, words())
    found = words().found_in(searched(text), [spoken])
    if not found and not spoken and letters_of(text).total():
        return None
    return tuple((entry.group, entry.word) for entry, _ in found)


def spoken_in(text: str, stated: str, known: Lexicon) -> str:
    """The language of `known` that a text is searched in; "" for none of them."""
    found = letters_of(text)
    script = max(found, key=found.__getitem__) if found else LATIN
    if found["kana"]:
        script = "kana"
    said = stated.partition("-")[0].lower()
    said = SPELT.get(said, said)
    if script in SCRIPTS.get(said, (LATIN,)):
        return said if said in known.languages else ""
    if script == LATIN:
        return "en" if said in SCRIPTS else ""
    return "" if said and said not in known.languages else USUAL.get(script, "")


def of_page(title: str, main: str, text: Searched, language: str) -> Poison:
    """The poison of a page: of its title and its main text, which comes taken apart too."""
    spoken = spoken_in(main or title, language, words())
    found = words().found_in(text, [spoken])
    named = words().found_in(searched(title), [spoken]) if title else []
    if not found and not named:
        return Poison(language=spoken) if spoken else NONE
    counts: dict[str, int] = {}
    for entry, times in (*named, *found):
        counts[entry.group] = min(counts.get(entry.group, 0) + times, 65_535)
    hits = list(dict.fromkeys(entry.word for entry, _ in (*named, *found)))[:MAX_WORDS]
    snippet = title[:MAX_SNIPPET] if named else snippet_of(main, hits)
    return Poison(counts, tuple(hits), snippet, spoken)


def hidden_in(blocks: list[str], language: str) -> tuple[str, ...]:
    """Such words in the blocks of a page that nobody sees."""
    found = words().found_in(searched(" ".join(blocks)), [language]) if blocks else []
    return tuple(entry.word for entry, _ in found)[:MAX_WORDS]


def snippet_of(text: str, hits: list[str]) -> str:
    """What stands around the first of these words; "" where it is written otherwise (without its accents)."""
    places = (_place(text, word) for word in hits)
    first = min(filter(None, places), key=lambda found: found.start(), default=None)
    if first is None:
        return ""
    return " ".join(text[max(0, first.start() - AROUND) : first.end() + AROUND].split())[:MAX_SNIPPET]


def _place(text: str, word: str) -> re.Match[str] | None:
    parts = map(re.escape, re.findall(r"[^\W_]+", word))
    return re.search(r"[\W_]+".join(parts), text, re.IGNORECASE)
