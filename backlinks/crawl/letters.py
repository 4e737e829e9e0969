"""Which script a text is written in, by its letters.

Decided: a script is a run of Unicode blocks, looked up for each different character once; kana, Han and Hangul are
apart, because they tell Japanese, Chinese and Korean from each other. Latin letters are at home everywhere: names and
brands are written so on pages of any language, and are never foreign. Refused: guessing the language itself, which
needs more text than an anchor has.
"""

import re
from bisect import bisect_right
from collections import Counter

SAMPLE = 2_000  # characters that are looked at
LEAST_SHARE = 0.1  # of the letters, from which on a script is one of the text's own
# Start of each run of letters, and the script there; "" for what tells nothing.
_RUNS = (
    (0x0000, ""), (0x0041, "latin"), (0x0250, ""), (0x0370, "greek"), (0x0400, "cyrillic"), (0x0530, ""),
    (0x0590, "hebrew"), (0x0600, "arabic"), (0x0700, ""), (0x0750, "arabic"), (0x0780, ""), (0x08A0, "arabic"),
    (0x0900, "devanagari"), (0x0980, "indic"), (0x0E00, "thai"), (0x0E80, ""), (0x10A0, "georgian"), (0x1100, "hangul"),
    (0x1200, ""), (0x1C80, "cyrillic"), (0x1C90, ""), (0x1E00, "latin"), (0x1F00, "greek"), (0x2000, ""),
    (0x3040, "kana"), (0x3100, ""), (0x3400, "han"), (0x4DC0, ""), (0x4E00, "han"), (0xA000, ""), (0xAC00, "hangul"),
    (0xD7B0, ""), (0xF900, "han"), (0xFB00, ""), (0xFB1D, "hebrew"), (0xFB50, "arabic"), (0xFE00, ""),
    (0xFE70, "arabic"), (0xFF00, ""), (0xFF66, "kana"), (0xFFA0, ""), (0x20000, "han"), (0x30000, ""),
)  # fmt: skip
NOT_LATIN = re.compile("[\u0370-\u1dff\u3040-\ud7af\uf900-\ufdff\ufe70-\ufefe]")
_STARTS = tuple(start for start, _ in _RUNS)
# Scripts that one language writes side by side.
_TOGETHER = (frozenset(("kana", "han")), frozenset(("hangul", "han")))


class _Scripts(dict[str, str]):
    """Character -> its script; only as many are remembered as any page needs."""

    def __missing__(self, character: str) -> str:
        if len(self) > 20_000:
            self.clear()
        number = ord(character)
        found = _RUNS[bisect_right(_STARTS, number) - 1][1] if character.isalpha() or number > 0x900 else ""
        self[character] = found
        return found


_scripts = _Scripts()


def has_foreign(text: str) -> bool:
    """Whether it has any letter that is not Latin."""
    return not text.isascii() and NOT_LATIN.search(text) is not None


def letters_of(text: str) -> Counter[str]:
    """How many letters of each script the beginning of a text has; of ASCII, how many characters."""
    sample, found = text[:SAMPLE], Counter[str]()
    if sample.isascii():
        return Counter(latin=len(sample)) if sample.upper() != sample.lower() else found
    for character, times in Counter(sample).items():
        script = _scripts[character]
        if script:
            found[script] += times
    return found


def scripts_of(text: str) -> frozenset[str]:
    """The scripts that a text is written in."""
    found = letters_of(text)
    least = LEAST_SHARE * found.total()
    return frozenset(script for script, times in found.items() if times and times >= least)


def foreign(text: str, own: frozenset[str]) -> tuple[str, int, float]:
    """(the commonest script of a text that is none of `own`, its letters, their share of all letters)."""
    at_home = own.union(*(group for group in _TOGETHER if not group.isdisjoint(own)), ("latin",))
    found = letters_of(text)
    others = [(times, script) for script, times in found.items() if script not in at_home]
    if not others:
        return "", 0, 0.0
    times, script = max(others)
    return script, times, round(times / found.total(), 2)
