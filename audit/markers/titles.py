"""What a title says of its page.

Decided: a page that is not there is known by a whole part of its title ("404 - Page not found | Shop"), because an
article about such pages has these words too. Titles are a million: a pattern that knows the beginnings of all phrases
looks at them first, and few are taken apart.
"""

import re
from functools import cache
from unicodedata import normalize

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from audit.lists import listed
from audit.profile import Numbers, Words

BETWEEN = re.compile(r"\s+[^\w\s'\"()]+\s+|\s*[|:!,.?]+(?:\s+|$)")
NUMBER = re.compile(r"\b(?:404|410)\b")
EDGES = re.compile(r"^[\W_]+|[\W_]+$")


def not_found(titles: Words) -> Numbers:
    """1 where the title is that of a page that is not there, 0 where it is not, NaN where none is known."""
    held = possible(titles.values, _hint())
    answers = np.zeros(len(titles.values), np.float32)
    answers[held] = [is_not_found(titles.values[row]) for row in held]
    return titles.spread(answers)


def possible(texts: tuple[str, ...], pattern: str) -> list[int]:
    """The places of the texts in which an RE2 pattern is found."""
    found = pc.match_substring_regex(pa.array(texts, pa.string()), pattern=pattern)
    return np.flatnonzero(found.to_numpy(zero_copy_only=False)).tolist()


def is_not_found(title: str) -> bool:
    parts = [_bare(part) for part in BETWEEN.split(normalize("NFC", title).casefold())]
    return any(part in _phrases() or _bare(NUMBER.sub("", part)) in _phrases() for part in parts)


def _bare(part: str) -> str:
    return EDGES.sub("", part)


@cache
def _phrases() -> frozenset[str]:
    return frozenset(normalize("NFC", one).casefold() for one in listed("not_found_titles"))


@cache
def _hint() -> str:
    """RE2: something that every such title has, whatever its case."""
    return "(?i)" + "|".join(sorted({re.escape(one[:6]) for one in _phrases()}))
