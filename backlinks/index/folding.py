"""Words compared whatever their case, accents and signs; and the lists of words that such comparisons know.

Decided: anchors are folded in the index, terms in Python before they are bound, because an expression over bound lists
would be counted anew for every row; a test holds the two against each other. Compatible forms and accents go, letters
that Unicode does not take apart are written as people without them do, every run of signs is one space. Marks that make
another letter (Japanese voicing, Indic vowels) stay. Scripts that write no spaces have no ends of words. Refused:
stemming, which finds what nobody wrote.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from unicodedata import category, normalize

LISTS = Path(__file__).parent / "words"
ACCENTS = re.compile("[\u0300-\u036f]")
# Thai, Lao, Burmese, Khmer, kana, Han, Hangul.
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
SPELT = (("ß", "ss"), ("æ", "ae"), ("œ", "oe"), ("þ", "th"))
ONE_FOR_ONE = ("øłđðħı\u03c2", "olddhi\u03c3")  # the last one is the sigma at the end of Greek words
NOWHERE = "\n"  # stands in no folded text: a list of needles is never empty


def folded_sql(text: str) -> str:
    """SQL: the words of a text, one space between them."""
    plain = rf"replaceRegexpAll(lowerUTF8(normalizeUTF8NFKD({text})), '[\\x{{0300}}-\\x{{036f}}]+', '')"
    plain = f"translateUTF8({plain}, '{ONE_FOR_ONE[0]}', '{ONE_FOR_ONE[1]}')"
    for letter, spelt in SPELT:
        plain = f"replaceAll({plain}, '{letter}', '{spelt}')"
    return rf"trimBoth(replaceRegexpAll(normalizeUTF8NFC({plain}), '[^\\p{{L}}\\p{{N}}\\p{{M}}]+', ' '))"


def fold(text: str) -> str:
    """The same in Python."""
    plain = ACCENTS.sub("", normalize("NFKD", text).lower()).translate(str.maketrans(*ONE_FOR_ONE))
    for letter, spelt in SPELT:
        plain = plain.replace(letter, spelt)
    return " ".join("".join(one if category(one)[0] in "LNM" else " " for one in normalize("NFC", plain)).split())


def folds(texts: Iterable[str]) -> list[str]:
    """Each folded text once; what has no word in it is left out."""
    return list(dict.fromkeys(filter(None, map(fold, texts))))


def needle(words: str) -> str:
    """What to look for in ` words `, so that only whole words are found."""
    before = "" if UNSPACED.match(words[0]) else " "
    return f"{before}{words}{'' if UNSPACED.match(words[-1]) else ' '}"


def padded_sql(words: str) -> str:
    """SQL: where needles are looked for."""
    return f"concat(' ', {words}, ' ')"


@lru_cache(maxsize=4)
def listed(name: str) -> tuple[str, ...]:
    """The folded texts of a list, of all its languages."""
    return tuple(folds(text for _, texts in _lines(name) for text in texts.split(",")))


def languages(name: str) -> tuple[str, ...]:
    """Codes of the languages of a list."""
    return tuple(code for code, _ in _lines(name))


def _lines(name: str) -> list[tuple[str, str]]:
    lines = (LISTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    parts = (line.partition(":") for line in lines if line and not line.startswith("#"))
    return [(code, texts) for code, _, texts in parts]
