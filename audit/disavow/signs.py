"""Signs that nobody sees: which ones a line can hide, and how a text is shown so that none of them stays hidden.

Decided: zero-width and direction signs, odd spaces and control characters are named as <U+200B> wherever a line is
shown, because a line that looks right and is not is the worst thing to look for. Refused: dropping them on display.
"""

import re
import unicodedata

from seoapp.lib.words import cut_in_middle

# Control characters (not TAB), format and direction signs, odd spaces, fillers, variation selectors, tags.
_HIDDEN = (
    "\x00-\x08\x0a-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    "\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
HIDDEN = re.compile(f"[{_HIDDEN}]")
_CODES = (*range(0x3165), *range(0xFE00, 0x10000), *range(0x1BCA0, 0x1BCA4), *range(0xE0000, 0xE1000))
AROUND = " \t" + "".join(filter(HIDDEN.match, map(chr, _CODES)))
# What copying leaves inside a word, and what every browser drops from a host.
ZERO_WIDTH = re.compile("[\u200b\u2060\ufeff\xad]")
JOINERS = re.compile("[\u200c\u200d]")
SPACES = re.compile(r"\s+")
# Ends a line for some reader of a text file, if not for all.
BREAKS = re.compile(r"\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
SURROGATE = re.compile("[\ud800-\udfff]")
SHOWN = 300


def trimmed(text: str) -> str:
    """Without spaces, TABs and hidden signs at either end."""
    return text.strip(AROUND)


def has_hidden(text: str) -> bool:
    return (not text.isascii() and HIDDEN.search(text) is not None) or not text.replace("\t", " ").isprintable()


def visible(text: str) -> str:
    """A line for people: hidden signs by their number, and at most so long as a table can hold."""
    if len(text) > SHOWN:
        text = cut_in_middle(text, SHOWN)
    return text if text.isascii() and text.isprintable() else _named(text)


def _named(text: str) -> str:
    return SURROGATE.sub(_number, HIDDEN.sub(_number, text.replace("\t", "<TAB>")))


def _number(found: re.Match[str]) -> str:
    return f"<U+{ord(found.group()):04X}>"


def plain(text: str) -> str:
    """Free text on one line, harmless in a comment: no breaks, no hidden or broken signs, single spaces."""
    bare = SURROGATE.sub("\N{REPLACEMENT CHARACTER}", SPACES.sub(" ", text))
    return " ".join(HIDDEN.sub("", unicodedata.normalize("NFC", bare)).split())
