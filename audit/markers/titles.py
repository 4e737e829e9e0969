"""What a title says of its page.

Decided: a page that is not there is known by a whole part of its title ("404 - Page not found | Shop"), because an
article about such pages has these words too. Titles are a million: a pattern that knows the beginnings of all phrases
looks at them first, and few are taken apart.
"""

import re
from functools import cache
from unicodedata import normalize

import numpy as np

from audit.lists import listed
from audit.profile import Numbers, Words

from .wording import found_in

BETWEEN = re.compile(r"\s+[^\w\s'\"()]+\s+|\s*[|:!,.?]+(?:\s+|$)")
NUMBER = re.compile(r"\b(?:404|410)\b")
EDGES = re.compile(r"^[\W_]+|[\W_]+$")


def not_found(titles: Words) -> Numbers:
    """1 where the title is that of a page that is not there, 0 where it is not, NaN where none is known."""
    answers = np.zeros(len(titles.values), np.float32)
    for place in np.flatnonzero(found_in(titles.values, _hint())).tolist():
        answers[place] = is_not_found(titles.values[place])
    return titles.spread(answers)


def is_not_found(title: str) -> bool:
    parts = [_bare(part) for part in BETWEEN.split(normalize("NFC", title).casefold())]
    return any(part in _phrases() or _bare(NUMBER.sub("", part)) in _phrases() for part in parts)


def _bare(part: str) -> str:
    return EDGES.sub("", part)


@cache
def _phrases() -> frozenset[str]:
    return frozenset(_bare(normalize("NFC", one).casefold()) for one in listed("not_found_titles"))


@cache
def _hint() -> str:
    """RE2: something that every such title has, whatever its case."""
    return "(?i)" + "|".join(sorted({re.escape(one[:6]) for one in _phrases()}))
