"""Mentions of a brand in the text of a page: whole words, whatever their case and accents. Pure.

Decided: text and terms are folded character by character (compatible forms, no accents, no case, no soft hyphens), and
one pattern of all terms runs over the folded text once. A word ends where neither a letter, a digit nor a mark follows;
scripts that write no spaces, and Korean, which hangs its particles to the word, have no such end. Marks that make
another letter (Indic vowels, Japanese voicing, Thai) are kept. Refused: fuzzy matching, which finds what nobody wrote;
looking at navigation and footers, whose text stands on every page of a site.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, islice
from unicodedata import category, combining, normalize

MAX_TERMS, MAX_TERM = 50, 100
MAX_TIMES = 1_000  # mentions that are counted on a page
AROUND = 160  # characters on each side that are kept
LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "\u0131": "i", "æ": "ae", "œ": "oe", "þ": "th"}
LETTERS |= dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-") | dict.fromkeys("\u2018\u2019\u02bc\u00b4`", "'")
# Scripts without spaces between words, and Hangul.
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")


def _is_accent(character: str) -> bool:
    """Marks above, below and through a letter, and the optional vowels of Hebrew and Arabic."""
    return combining(character) >= 200 or 10 <= combining(character) <= 36


MARKS = "".join(
    one for one in map(chr, range(0x300, 0xD800)) if category(one) in ("Mn", "Mc") and not _is_accent(one)
)  # fmt: skip
IN_WORD = rf"[\w{re.escape(MARKS)}]"


@dataclass(frozen=True, slots=True)
class Mention:
    """`term` is the first of the text, as the project writes it; `found` as the page does, between `left` and `right`.

    `terms`: all that are mentioned; `times`: how often any of them is.
    """

    term: str
    terms: tuple[str, ...]
    times: int
    left: str
    found: str
    right: str


class _Folded(dict[str, str]):
    """What a character is compared as."""

    def __missing__(self, character: str) -> str:
        made = self[character] = _fold(character)
        return made


def _fold(character: str) -> str:
    if category(character) == "Cf":
        return ""
    bare = "".join(one for one in normalize("NFKD", character) if not _is_accent(one)).casefold()
    return normalize("NFC", "".join(LETTERS.get(one, one) for one in bare))


_folded = _Folded()


def terms_of(written: Iterable[object]) -> tuple[str, ...]:
    """The terms of a project that can be looked for."""
    texts = (" ".join(one.split()) for one in written if isinstance(one, str))
    usable = (one for one in texts if len(one) <= MAX_TERM and any(map(str.isalnum, fold(one))))
    return tuple(dict.fromkeys(usable))[:MAX_TERMS]


def fold(text: str) -> str:
    """A text as it is compared."""
    return text.lower() if text.isascii() else "".join(map(_folded.__getitem__, normalize("NFC", text)))


def find(text: str, terms: Sequence[str]) -> Mention | None:
    """What a text says of these terms; None where it names none of them."""
    pattern, names = _pattern(tuple(terms))
    text = text if text.isascii() else normalize("NFC", text)
    folded = fold(text)
    hits = list(islice(pattern.finditer(folded), MAX_TIMES)) if names else []
    if not hits:
        return None
    start, end = _place(text, folded, *hits[0].span())
    found = dict.fromkeys(names[hit.group()] for hit in hits)
    return Mention(
        next(iter(found)),
        tuple(found),
        len(hits),
        _end(text[max(0, start - AROUND * 2) : start].rpartition("\n")[2]),
        text[start:end],
        _beginning(text[end : end + AROUND * 2].partition("\n")[0]),
    )


@lru_cache(maxsize=64)
def _pattern(terms: tuple[str, ...]) -> tuple[re.Pattern[str], dict[str, str]]:
    """(one pattern for all terms, the longest first; folded term -> term as it was written)."""
    names: dict[str, str] = {}
    for one in terms:
        names.setdefault(fold(one), one)
    return re.compile("|".join(map(_whole, sorted(names, key=len, reverse=True)))), names


def _whole(folded: str) -> str:
    before = "" if UNSPACED.match(folded[0]) else f"(?<!{IN_WORD})"
    after = "" if UNSPACED.match(folded[-1]) else f"(?!{IN_WORD})"
    return f"{before}{re.escape(folded)}{after}"


def _place(text: str, folded: str, start: int, end: int) -> tuple[int, int]:
    """Where a part of the folded text stands in the text itself."""
    if text.isascii():
        return start, end
    ends = list(accumulate(len(_folded[one]) for one in text))
    return bisect_right(ends, start), bisect_right(ends, end - 1) + 1


def _end(text: str) -> str:
    """The last words of a text."""
    return text if len(text) <= AROUND else text[-AROUND:].partition(" ")[2] or text[-AROUND:]


def _beginning(text: str) -> str:
    return text if len(text) <= AROUND else text[:AROUND].rpartition(" ")[0] or text[:AROUND]
