"""What the name of a domain looks like: its length, its digits, whether anybody would have thought of it.

Decided: what is asked is the label that somebody registered, without its public suffix, as people read it: an A-label
(xn--…) is read back first, since its digits and hyphens are nobody's choice. An IP address is no name. How random a
name is, is measured by its pairs of letters: the words of our topics in eight languages say which pairs are usual, and
a name of unusual ones takes many bits a letter (words 3 to 4.5, letters drawn by lot 6.6). Refused: the entropy of the
letters alone, which is as high in a long honest name as in a random one.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import log2, nan

from audit.profile import Flags, Numbers, Words
from backlinks.topics.taxonomy import taxonomy
from seoapp.lib.addresses import is_address as is_plain_address

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt")
DIGIT = re.compile(r"[0-9]")
LETTERS = re.compile(r"[a-z]+")
CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]+")
VOWELS = re.compile(r"[aeiouy]+")
# Several letters, one sound: German, Polish and English spell long runs of consonants with them.
ONE_SOUND = re.compile(r"tsch|sch|ch|ck|cz|ph|rz|sh|sz|th")
SPELT = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d"})
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
LEAST_PAIRS = 7  # of letters that stand side by side; a shorter name says too little
UNSEEN = 0.5  # what a pair that no word has counts
BETWEEN = re.compile(r"[\W_]+")
NUMBERED = re.compile(r"www?\d{0,2}")


def is_address(domain: str) -> bool:
    """An IP address. Names end in a letter, but for A-labels."""
    return domain.startswith("[") or (domain[-1:].isdigit() and is_plain_address(domain))


def addresses(names: Words) -> Flags:
    return names.each(is_address) == 1


def label_of(domain: str) -> str:
    """The registered label as people read it: shop of shop.example and of shop.co.uk; "" of what cannot be read."""
    return "" if is_address(domain) else _read(domain.partition(".")[0])


def _read(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode")
    except UnicodeError:
        return ""


def asked(names: Words, ask: Callable[[str], float]) -> Numbers:
    """A figure of each name's label; NaN where there is none."""
    return names.each(lambda domain: ask(label) if (label := label_of(domain)) else nan)


# --- Figures of a label -----------------------------------------------------------------------------------------------
def digits(label: str) -> int:
    return len(DIGIT.findall(label))


def hyphens(label: str) -> int:
    return label.count("-")


def folded(text: str) -> str:
    """Letters without accents, in lower case."""
    bare = unicodedata.normalize("NFKD", text.casefold().translate(SPELT))
    return "".join(one for one in bare if not unicodedata.combining(one))


def spellings(text: str) -> frozenset[str]:
    """How a text is written as one word in a name: without accents, and with umlauts as two letters."""
    if text.isascii():
        return frozenset((BETWEEN.sub("", text.lower()),))
    return frozenset(BETWEEN.sub("", folded(one)) for one in (text, text.casefold().translate(UMLAUTS)))


@dataclass(frozen=True, slots=True)
class Sound:
    """How a label sounds: its longest runs of consonants and of vowels, and bits a pair of letters (NaN: short)."""

    consonants: int
    vowels: int
    bits: float


def sound_of(label: str) -> Sound | None:
    """None where letters of another script than ours stand in it."""
    plain = folded(label)
    if any(one.isalpha() and not one.isascii() for one in plain):
        return None
    spoken = ONE_SOUND.sub("t", plain)
    return Sound(_longest(CONSONANTS, spoken), _longest(VOWELS, plain), _bits(plain))


def _longest(run: re.Pattern[str], text: str) -> int:
    return max(map(len, run.findall(text)), default=0)


def _bits(plain: str) -> float:
    pairs = list(_pairs(plain))
    if len(pairs) < LEAST_PAIRS:
        return nan
    costs = _costs()
    return sum(map(costs.__getitem__, pairs)) / len(pairs)


def _pairs(text: str) -> Iterable[str]:
    for part in LETTERS.findall(text):
        yield from map("".join, pairwise(part))


@cache
def _costs() -> Mapping[str, float]:
    """Bits that each pair of letters takes, given its first letter, by the words of our topics."""
    spelt = (word.strip("?*") for topic in taxonomy().topics.values() for language in LANGUAGES
             for word in topic.words.get(language, ()))  # fmt: skip
    counts = Counter(pair for word in spelt for pair in _pairs(folded(word)))
    letters = "abcdefghijklmnopqrstuvwxyz"
    firsts = {one: sum(counts[one + other] for other in letters) + UNSEEN * len(letters) for one in letters}
    return {one + other: -log2((counts[one + other] + UNSEEN) / firsts[one]) for one in letters for other in letters}


# --- Subdomains -------------------------------------------------------------------------------------------------------
def subdomain_of(host: str, domain: str) -> str:
    """What stands before a registrable domain, without a first www; "" where nothing does."""
    above = host.removesuffix(domain).rstrip(".") if host != domain else ""
    first, _, rest = above.partition(".")
    return rest if NUMBERED.fullmatch(first) else above


def levels(subdomain: str) -> int:
    return subdomain.count(".") + 1 if subdomain else 0
