"""What each tag does to the reading of a page: nest, break the text into blocks, hold an address, say where we are.

Decided: pages say the same few thousand tags again and again, so what a tag does is worked out once and looked up by
its text, attributes and all. Most tags only nest, and cost one look-up. The id of a small element (a term, a heading, a
cell of code) names a place to jump to, not a part of the page, and is left out.
"""

import re
from dataclasses import dataclass
from itertools import accumulate

from .markup import PARTS, VOID, words
from .placement import NO_CUE, Cue, cue_of

BLOCKS = words(
    """
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li main menu nav noscript ol optgroup
    option p pre search section select summary table tbody td textarea tfoot th thead title tr ul
    """
)
HEADINGS = words("h1 h2 h3 h4 h5 h6")
SILENT = words("title textarea select datalist desc metadata")  # no text of the page
# Tags that matter without any attribute; others do only by their attributes.
BARE = words("nav header footer aside main article section menu noscript blockquote figure details fieldset") | SILENT
# Tags that hold an address, or say something about the page or about the link around them.
SPEAKING = words("a area form iframe frame link meta img base button input svg html body frameset br time")
# All of this about a tag, in one look-up.
BLOCK, HEADING, SPEAKS, MATTERS, EMPTY, QUIET = 1, 2, 4, 8, 16, 32
TRAITS = {
    name: BLOCK * (name in BLOCKS) + HEADING * (name in HEADINGS) + SPEAKS * (name in SPEAKING)
    + MATTERS * (name in BARE) + EMPTY * (name in VOID) + QUIET * (name in SILENT)
    for name in BLOCKS | SPEAKING | BARE | VOID
}  # fmt: skip
SMALL = (
    "<dt ",
    "<dd ",
    "<span ",
    "<p ",
    "<code ",
    "<h1 ",
    "<h2 ",
    "<h3 ",
    "<h4 ",
    "<h5 ",
    "<h6 ",
    "<em ",
    "<tr ",
    "<img ",
)
ID = re.compile(r' id="[^"]*+"')
CUED = re.compile(r' (?:class|id|role|style|hidden|itemprop|itemtype|aria-hidden)="')


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that does more than nest."""

    name: str
    attributes: str
    traits: int
    cue: Cue = NO_CUE
    closing: bool = False


# What a tag, or a run of bare tags, does: (a block begins or ends, how deep it goes at its lowest, how the depth has
# moved at its end, each step, the tag itself where it does more). Pages say the same few thousand tags again and again.
What = tuple[bool, int, int, tuple[int, ...], Tag | None]
KNOWN: dict[str, What] = {}
MAX_KNOWN, MAX_TAG = 20_000, 400


def learn(written: str) -> What:
    """What these tags do; remembered, unless it is too long to come again."""
    if ' id="' in written and written.startswith(SMALL):
        plain = ID.sub("", written)
        return KNOWN.get(plain) or learn(plain)
    parts = PARTS.findall(written)
    traits = [TRAITS.get(name, 0) for _, name, _ in parts]
    each = tuple(_step(closing, trait) for (closing, _, _), trait in zip(parts, traits, strict=True))
    breaks = any(trait & BLOCK for trait in traits)
    made = (breaks, min(accumulate(each)), sum(each), each, _special(*parts[0], traits[0]) if len(parts) == 1 else None)
    if len(written) <= MAX_TAG:
        if len(KNOWN) >= MAX_KNOWN:
            KNOWN.clear()
        KNOWN[written] = made
    return made


def _step(closing: str, traits: int) -> int:
    return 0 if traits & EMPTY else -1 if closing else 1


def _special(closing: str, name: str, attributes: str, traits: int) -> Tag | None:
    if closing:
        return Tag(name, "", traits & (HEADING | BLOCK), closing=True) if traits & HEADING else None
    matters = name != "a" and not traits & EMPTY and (traits & MATTERS or CUED.search(attributes))
    cue = cue_of(name, attributes) if matters else NO_CUE
    if cue is NO_CUE and not traits & (SPEAKS | HEADING | QUIET):
        return None
    return Tag(name, attributes, traits, cue=cue)
