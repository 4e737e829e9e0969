"""Looking for patterns in many texts at once, and putting together what markers say.

Decided: a column may have a million different titles; patterns of RE2 go over them in some tenths of a second, so that
only those that may hold something are taken apart one by one.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from unicodedata import normalize

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from audit.profile import Flags, Words
from backlinks.crawl.wordlists import TOKEN

UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # Thai, kana, Han, Hangul
PIECE = 800
BETWEEN = "[ -/:-@\\[-`{-~]+"  # signs of ASCII


def found_in(texts: Sequence[str], pattern: str) -> Flags:
    """Whether each text has the RE2 pattern."""
    return _flags(pc.match_substring_regex(pa.array(texts, pa.string()), pattern=pattern))


def letters_in(texts: Sequence[str], patterns: Iterable[str]) -> list[Flags]:
    """The same of several patterns that only texts with other than ASCII characters can have."""
    array = pa.array(texts, pa.string())
    wide = np.flatnonzero(~_flags(pc.string_is_ascii(array)))
    chosen = array.take(pa.array(wide))
    found = [np.zeros(len(texts), np.bool_) for _ in patterns]
    for flags, pattern in zip(found, patterns, strict=True):
        flags[wide] = _flags(pc.match_substring_regex(chosen, pattern=pattern))
    return found


def folded(text: str) -> str:
    """In lower case, without accents; marks that make another letter stay."""
    return text.lower() if text.isascii() else _folded(pa.array([text], pa.string()))[0].as_py()


def all_folded(texts: Sequence[str]) -> list[str]:
    return _folded(pa.array(texts, pa.string())).to_pylist()


def _folded(texts: pa.Array) -> pa.Array:
    return pc.utf8_normalize(_taken_apart(texts), "NFC")


def _taken_apart(texts: pa.Array) -> pa.Array:
    """Folded, with the marks that stay behind their letters."""
    plain = pc.utf8_normalize(pc.utf8_lower(texts), "NFKD")
    plain = pc.replace_substring_regex(plain, pattern="[\u0300-\u036f]+", replacement="")
    for letter, spelt in (("ß", "ss"), ("\u03c2", "\u03c3")):
        plain = pc.replace_substring(plain, pattern=letter, replacement=spelt)
    return plain


def _spaced(texts: pa.Array) -> pa.Array:
    """The same with one space before and behind each word."""
    plain = pc.replace_substring_regex(_taken_apart(texts), pattern=r"[^\pL\pN\pM]+", replacement=" ")
    return pc.binary_join_element_wise("", plain, "", " ")


@dataclass(frozen=True, slots=True)
class Hint:
    """What texts that hold a phrase of a list have: patterns for texts of ASCII alone, and for others, folded;
    in pieces, because RE2 takes ten times as long once a pattern has outgrown its memory."""

    plain: tuple[str, ...]
    wide: tuple[str, ...]

    @classmethod
    def of(cls, phrases: Iterable[str]) -> "Hint":
        """Of folded words and phrases: whole ones, where their script writes spaces."""
        spaced = [TOKEN.findall(one) for one in sorted(phrases) if not UNSPACED.search(one)]
        anywhere = sorted(one for one in phrases if UNSPACED.search(one))
        plain = [BETWEEN.join(words) for words in spaced if all(map(str.isascii, words))]
        wide = [normalize("NFKD", " ".join(words)) for words in spaced]
        parts = [normalize("NFKD", one) for one in anywhere]
        return cls(_in_pieces(plain, r"\b(?:{})\b"), _in_pieces(wide, " (?:{}) ") + _in_pieces(parts, "{}"))

    def found_in(self, texts: Sequence[str]) -> Flags:
        array = pa.array(texts, pa.string())
        narrow = _flags(pc.string_is_ascii(array))
        found = np.zeros(len(texts), np.bool_)
        for rows, fold, patterns in ((narrow, pc.ascii_lower, self.plain), (~narrow, _spaced, self.wide)):
            chosen = fold(array.filter(pa.array(rows)))
            for pattern in patterns:
                found[rows] |= _flags(pc.match_substring_regex(chosen, pattern=pattern))
        return found


def _in_pieces(patterns: Sequence[str], around: str) -> tuple[str, ...]:
    starts = range(0, len(patterns), PIECE)
    return tuple(around.format("|".join(patterns[start : start + PIECE])) for start in starts)


def _flags(array: pa.Array) -> Flags:
    return array.to_numpy(zero_copy_only=False).astype(np.bool_)


def any_part(parts: Iterable[str]) -> str:
    """RE2: one of these, whatever its case, wherever it stands."""
    return "(?i)" + "|".join(map(re.escape, sorted(parts)))


def either(rows: Flags, first: Words, second: Words) -> Words:
    """The first text in these rows, the second elsewhere."""
    others = np.where(second.codes >= 0, second.codes + len(first.values), -1)
    return Words(np.where(rows, first.codes, others).astype(np.int32), (*first.values, *second.values))


def asked(texts: Words, languages: Words, may: Flags, ask: Callable[[str, str], str]) -> Words:
    """What `ask` says of each text in the language beside it ("" where nobody says which), once for each pair, of the
    distinct texts that `may` have an answer; -1 where it says ""."""
    rows = np.flatnonzero(texts.known)
    rows = rows[may[texts.codes[rows]]]
    pairs = texts.codes[rows].astype(np.int64) << 32 | (languages.codes[rows] + 1)
    each, inverse = np.unique(pairs, return_inverse=True)
    spoken = ("", *languages.values)
    answers = Words.of([ask(texts.values[one >> 32], spoken[one & 0xFFFFFFFF]) for one in each.tolist()])
    codes = np.full(len(texts.codes), -1, np.int32)
    codes[rows] = answers.codes[inverse]
    return Words(codes, answers.values)
