"""Lists of words by language, and looking for them in a text: whole words and phrases, whatever their case and accents.

Decided: a list is a TOML file with a version, because words are data. A text is taken apart once; a phrase is looked
for only where its first word is there, so that a list may be long. Scripts without spaces have no ends of words: there
a word counts wherever it stands, in Korean where a word begins. Refused: one long regular expression of all words,
which costs ten times as much; stems, which find what nobody wrote. Lists are read when they are first asked for: most
processes read no page.
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import is_normalized, normalize

LISTS = Path(__file__).parent / "words"
EVERYWHERE = "any"
ACCENTS = re.compile("[\u0300-\u036f]")
UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")  # Thai, kana, Han
HANGUL = re.compile("[\uac00-\ud7af]")
# Letters, digits, and the vowel signs that Python counts among neither.
TOKEN = re.compile("[\\w\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0dff]+")
WORD = re.compile(r"\w+")
SEARCHED = 20_000  # characters of a text that are looked through
MAX_KNOWN = 50_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A word or phrase of a list. `weak`: it says something only where it stands alone."""

    group: str
    word: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Searched:
    """A text that was taken apart to be searched."""

    words: frozenset[str]
    line: str  # its words, each with a space of its own before and after it
    plain: str  # folded; "" where nothing in it is written without spaces


@dataclass(slots=True)
class Phrases:
    """The words of one language."""

    by_first: dict[str, list[tuple[str, Entry]]] = field(default_factory=dict)
    unspaced: dict[str, Entry] = field(default_factory=dict)
    folded: list[tuple[str, Entry]] = field(default_factory=list)
    firsts: frozenset[str] = frozenset()
    pattern: re.Pattern[str] | None = None

    def found_in(self, text: Searched) -> Iterator[tuple[Entry, int]]:
        """(entry, how often it stands there)."""
        for first in self.firsts & text.words:
            for needle, entry in self.by_first[first]:
                times = text.line.count(needle)
                if times:
                    yield entry, times
        if self.pattern is not None and text.plain:
            hits = self.pattern.findall(text.plain)
            yield from ((self.unspaced[one], hits.count(one)) for one in dict.fromkeys(hits))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A list: language -> its words, `any` for all languages."""

    version: int
    languages: dict[str, Phrases]

    def of(self, language: str) -> list[tuple[str, Entry]]:
        """(folded word, entry) of a language, and of all."""
        asked = [self.languages[one].folded for one in (EVERYWHERE, language) if one in self.languages]
        return [pair for pairs in asked for pair in pairs]

    def found_in(self, text: Searched, languages: Collection[str] = ()) -> list[tuple[Entry, int]]:
        """What stands in a text of one of these languages: what is there most often first, and the longest of that."""
        asked = [self.languages[one] for one in (EVERYWHERE, *languages) if one in self.languages]
        found = {entry: times for phrases in asked for entry, times in phrases.found_in(text)}
        return sorted(found.items(), key=lambda pair: (pair[0].group, -pair[1], -len(pair[0].word), pair[0].word))


def fold(text: str) -> str:
    """Lower case without accents; marks that make another letter stay."""
    if text.isascii():
        return text.lower()
    return normalize("NFC", ACCENTS.sub("", normalize("NFKD", text.casefold())))


def unspaced(text: str) -> str:
    """The same of a script without spaces, which has no accents."""
    return normalize("NFC", text.lower())


class _Folded(dict[str, str]):
    """Word -> the same folded; remembered within bounds."""

    def __missing__(self, word: str) -> str:
        if len(self) > MAX_KNOWN:
            self.clear()
        made = self[word] = fold(word)
        return made


_folded = _Folded()


def is_western(text: str) -> bool:
    """Whether it has no letters but those of western Europe: found out at the speed of C."""
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def words_of(text: str) -> list[str]:
    """The words of the beginning of a text, lower case."""
    text = text[:SEARCHED]
    if is_western(text):
        return WORD.findall(text.lower())
    if not is_normalized("NFC", text):
        text = normalize("NFC", text)
    return TOKEN.findall(UNSPACED.sub(" ", text.lower()))


def searched(text: str, words: list[str] | None = None) -> Searched:
    """Take a text apart; `words` where that was done before."""
    words = words_of(text) if words is None else words
    if text.isascii():
        return Searched(frozenset(words), f" {'  '.join(words)} ", "")
    text, folded = text[:SEARCHED], [_folded[word] for word in words]
    has_unspaced = not is_western(text) and (UNSPACED.search(text) or HANGUL.search(text))
    plain = " ".join(unspaced(text).split()) if has_unspaced else ""
    return Searched(frozenset(folded), f" {'  '.join(folded)} ", plain)


@cache
def listed(name: str) -> dict[str, Any]:
    """The file of this name: `version`, and group -> language -> words."""
    return tomllib.loads((LISTS / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def load(name: str, *groups: str, in_one: bool = False) -> Lexicon:
    """The list of this name, or these groups of it; `in_one`: for texts in whatever language. `?` makes a word weak."""
    read, made = listed(name), dict[str, Phrases]()
    for group in groups or read.keys() - {"version"}:
        by_language = read[group]
        for language, words in by_language.items():
            _add(made.setdefault(EVERYWHERE if in_one else language, Phrases()), group, words.split(", "))
    for phrases in made.values():
        phrases.firsts = frozenset(phrases.by_first)
        phrases.pattern = _pattern(phrases.unspaced)
    return Lexicon(read["version"], made)


def _add(phrases: Phrases, group: str, words: Iterable[str]) -> None:
    for written in words:
        word = written.removesuffix("?")
        entry, plain = Entry(group, word, written.endswith("?")), fold(word)
        phrases.folded.append((plain, entry))
        if UNSPACED.search(plain) or HANGUL.search(plain):
            phrases.unspaced[unspaced(word)] = entry
        else:
            parts = TOKEN.findall(plain)
            phrases.by_first.setdefault(parts[0], []).append((f" {'  '.join(parts)} ", entry))


def _pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    longest_first = sorted(words, key=len, reverse=True)
    pieces = [rf"(?<!\w){re.escape(one)}" if HANGUL.search(one) else re.escape(one) for one in longest_first]
    return re.compile("|".join(pieces)) if pieces else None
