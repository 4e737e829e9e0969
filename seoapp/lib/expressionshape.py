"""Whether an advanced filter is small enough to be parsed: its depth, its length, how much its lists hold.

Decided: one pass over brackets, words and quotes, because the grammar makes a node of each bracket before anybody can
count them: 3.9 million brackets took it 21 s and 1.2 GB. Only lists (`in (…)`, `has any (…)`) may be long, since only
they are kept under a name. What is small enough can still be wrong; the grammar says so. Refused: a smaller limit on
the whole text, because ten thousand pasted addresses are what this is for.
"""

import re
from dataclasses import dataclass

MAX_LENGTH = 2_000  # characters of an expression outside of its lists
MAX_DEPTH = 12
MAX_VALUE = 2_048  # characters
MAX_WRITTEN = 2 * MAX_VALUE + 100  # of a value as it is written, where each character may be a doubled quote
MAX_LISTED = 20_000  # values of all lists of an expression
TOO_MANY_VALUES = f"The lists of the expression have more than {MAX_LISTED:,} values in all: ask with fewer."
# The opening of a list that may be long, brackets, commas; texts in quotes, words, signs.
_PART = re.compile(
    r"""(?P<list>(?:in|any)\s*\()|(?P<open>\()|(?P<close>\))|(?P<comma>,)|"[^"]*"?|[^\s()",<>=!]+|[<>=!]+""", re.I
)


def too_much(text: str) -> str:
    """What is too deep, too long or too many, in one sentence; "" where nothing is."""
    shape = _Shape()
    return next((said for found in _PART.finditer(text) if (said := shape.add(found))), "")


@dataclass(slots=True)
class _Shape:
    """What was met so far.

    `depth` holds the depth within each open bracket, `denied` counts the “not” that precede the next part. `begun` is
    where the list begins that is being read (0: none), `value` where the current value of it does; `listed` counts the
    characters of the lists that are closed.
    """

    depth: tuple[int, ...] = (0,)
    denied: int = 0
    begun: int = 0
    value: int = 0
    commas: int = 0
    listed: int = 0

    def add(self, found: re.Match[str]) -> str:
        if self.begun and found.lastgroup != "close":
            return self._within(found)
        if found.lastgroup == "close":
            self.listed += found.start() - self.begun if self.begun else 0
            self.begun, self.depth = 0, self.depth[:-1] or (0,)
        elif found.lastgroup == "open":
            self.depth = (*self.depth, self.depth[-1] + self.denied + 1)
        elif found.lastgroup == "list":
            self.depth = (*self.depth, self.depth[-1])
            self.begun = self.value = found.end()
        self.denied = self.denied + 1 if found.group().lower() == "not" else 0
        return self._outside(found)

    def _outside(self, found: re.Match[str]) -> str:
        if self.depth[-1] + self.denied > MAX_DEPTH:
            return f"Character {found.start() + 1}: brackets and “not” stand more than {MAX_DEPTH} deep."
        if found.end() - self.listed > MAX_LENGTH:
            return f"Outside of its lists the expression has more than {MAX_LENGTH:,} characters: shorten it."
        return ""

    def _within(self, found: re.Match[str]) -> str:
        if found.end() - self.value > MAX_WRITTEN:
            return f"Character {self.value + 1}: a value of this list has more than {MAX_VALUE:,} characters."
        if found.lastgroup == "comma":
            self.commas, self.value = self.commas + 1, found.end()
        return TOO_MANY_VALUES if self.commas >= MAX_LISTED else ""
