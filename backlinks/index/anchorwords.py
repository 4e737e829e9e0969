"""How anchors are told apart, and links asked by the words and the class of their anchor, as SQL.

Decided: an anchor is told by the hash of its text, whether the text is known, and whether it stands for images without
one. A list of links is narrowed through the anchors of the whole domain, which are few: no million texts are folded.
"""

from .folding import padded_sql
from .terms import classed, worded

SCOPE = "workspace = {owner:UInt32} AND target_domain = {target_domain:String} AND generation = {generation:UInt64}"
# Of links without a text, those that are images are an anchor of their own.
IS_IMAGE = "toUInt8(kind = 'image' AND anchor = '' AND anchor_known = 1)"
ANCHOR_KEY = "cityHash64(anchor, anchor_known, is_image)"
KEY_OF_LINK = f"cityHash64(anchor, anchor_known, {IS_IMAGE})"
# A link's language without its region: en-GB is en.
LANGUAGE = "lower(extract(language, '^[A-Za-z]+'))"
OF_TARGET = f"SELECT anchor, anchor_known, is_image, {ANCHOR_KEY} AS kind_key FROM anchors WHERE {SCOPE}"


def _links_of(anchors: str) -> str:
    return f"{KEY_OF_LINK} IN (SELECT kind_key FROM {anchors})"


OF_CLASS = _links_of(f"({classed(OF_TARGET)}) WHERE anchor_class = {{}}")
EXACT_WORDS = _links_of(f"({worded(OF_TARGET)}) WHERE words = {{}}")
# Words, whole and in their order; {} is a needle.
_HOLDS = f"position({padded_sql('words')}, {{}}) > 0"
WORD_FILTERS = {"words": _HOLDS, "anchor_words": _links_of(f"({worded(OF_TARGET)}) WHERE {_HOLDS}")}
