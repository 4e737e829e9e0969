"""The words of all topics as a table that the index can look texts up in.

Decided: a text is cut where the index cuts it (at spaces and ASCII marks), so a word with an apostrophe or a hyphen is
a phrase of its parts; phrases have up to four parts. Inflected forms are written out by the endings of each language,
and words are known without their accents too, because anchors and domain names leave them out. A form that several
topics claim weighs less for each. Text in scripts without spaces is looked up by every two to six characters.
Refused: stemming in the index, because no stemmer there knows fourteen languages; Korean and Thai, whose words need a
dictionary to be cut.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product

from .taxonomy import Taxonomy, group_of, taxonomy

LONGEST = 4  # parts of a phrase; an id has 16 bits, a phrase 64
PLURAL_FROM = 4  # letters of an English word that takes a plural
CUT = re.compile(r"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+")
WITHOUT_ACCENTS = frozenset(("de", "fr", "es", "it", "nl", "pl", "pt", "el"))
GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
POLISH = str.maketrans({"ł": "l"})


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A word of a topic, and what it weighs."""

    topic: str
    word: str
    weight: float


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`forms`: what a token of a text may be, and its number: forms of the same words have the same one.

    `phrases`: numbers of their parts, and their own. `meanings` are (number, entry) for each number that speaks for a
    topic.
    """

    forms: Mapping[str, int]
    phrases: Mapping[tuple[int, ...], int]
    meanings: tuple[tuple[int, Entry], ...]

    @property
    def codes(self) -> dict[int, int]:
        """Each phrase as one number of 16 bits a part, and its own."""
        return {code_of(parts): number for parts, number in self.phrases.items()}


def code_of(parts: tuple[int, ...]) -> int:
    code = 0
    for part in parts:
        code = code << 16 | part
    return code


@dataclass(slots=True)
class _Making:
    """The lexicon while it is made: spelled form (its parts) -> topic -> (word, weight)."""

    spelled: dict[tuple[str, ...], dict[str, tuple[str, float]]] = field(default_factory=dict)

    def add(self, topic: str, word: str, weight: float, forms: Iterator[tuple[str, ...]]) -> None:
        """The first word of a topic that has a form keeps it."""
        for form in forms:
            self.spelled.setdefault(form, {}).setdefault(topic, (word, weight))


@cache
def lexicon() -> Lexicon:
    held = taxonomy()
    making = _Making()
    for topic in held.topics.values():
        for language, written in topic.words.items():
            for text in written:
                word = text.rstrip("?").lower()
                weight = held.ambiguous if text.endswith("?") else 1.0
                making.add(topic.id, word.replace("*", ""), weight, forms_of(held, language, word))
    return _numbered(making)


def _numbered(making: _Making) -> Lexicon:
    """Numbers from 1: one for each set of entries, and one for each part of a phrase that says nothing by itself."""
    numbers: dict[object, int] = {}
    said = {form: tuple(sorted(_entries(claimed))) for form, claimed in making.spelled.items()}
    forms = {form[0]: numbers.setdefault(held, len(numbers) + 1) for form, held in said.items() if len(form) == 1}
    for part in sorted({part for form in said for part in form}):
        if part not in forms:
            forms[part] = numbers.setdefault(part, len(numbers) + 1)
    phrases: dict[tuple[int, ...], int] = {}
    for form, held in sorted(said.items()):
        if len(form) > 1:
            number = numbers.setdefault(held, len(numbers) + 1)
            phrases.setdefault(tuple(forms[part] for part in form), number)
    meanings = tuple((number, one) for held, number in numbers.items() if isinstance(held, tuple) for one in held)
    return Lexicon(forms, phrases, meanings)


def _entries(claimed: dict[str, tuple[str, float]]) -> Iterator[Entry]:
    """One entry a topic; what topics of several first levels claim is shared among these."""
    among = len({group_of(topic) for topic in claimed})
    for topic, (word, weight) in claimed.items():
        yield Entry(topic, word, round(weight / among, 3))


# --- Forms ----------------------------------------------------------------------------------------------------------
def forms_of(held: Taxonomy, language: str, word: str) -> Iterator[tuple[str, ...]]:
    """Every spelling of a word or phrase, cut into tokens as the index cuts a text."""
    parts = [_inflected(held, language, part) for part in word.split(" ")]
    if language == "en":
        parts[-1] = [*parts[-1], *(plural(one) for one in parts[-1] if len(one) >= PLURAL_FROM)]
    for chosen in product(*parts):
        for spelled in dict.fromkeys(_spellings(language, " ".join(chosen))):
            cut = tokens(spelled)
            if 0 < len(cut) <= LONGEST:
                yield cut


def _inflected(held: Taxonomy, language: str, part: str) -> list[str]:
    endings = held.endings[language] if part.endswith("*") else ("",)
    stem = part.removesuffix("*")
    return [f"{first}{stem}{ending}" for first in held.beginnings.get(language, ("",)) for ending in endings]


def _spellings(language: str, text: str) -> Iterator[str]:
    yield text
    if language == "de":
        yield text.translate(GERMAN)
    if language in WITHOUT_ACCENTS:
        yield without_accents(text)


def without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.translate(POLISH))
    return unicodedata.normalize("NFC", "".join(one for one in apart if not unicodedata.combining(one)))


def plural(word: str) -> str:
    if word.endswith("s"):
        return word
    if word.endswith(("x", "z", "ch", "sh")):
        return f"{word}es"
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}s"


def tokens(text: str) -> tuple[str, ...]:
    return tuple(part for part in CUT.split(text) if part)
