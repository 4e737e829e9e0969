"""What the surroundings of a link say about it: links around it, paid-post wording, pixels, frames.

Decided: these are facts of one link at one place, so they go with its observation as labels, under short names, and
only where they say something: of a page that was read, no label means no. Only links to other sites have them.

- `link_words`: the share of the text around that stands in other links, by characters, within AROUND on either side,
  from LEAST_SHARE on ("0.83")
- `paid`: the words that say that the text was paid for, in the link's block or the heading above
- `pixel`: an image of at most two pixels without an alt text
- `frame`: the link stands only in such an element (`iframe`, `noscript`)

Links inside `template` or the document of an `iframe` are not seen at all, because no browser shows them as links of
this page. Refused: counting words by scripts, which says the same and costs more.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import accumulate

from .links import FOLLOWED, Link
from .poison import spoken_in
from .walk import MAX_CONTEXT, Found
from .wordlists import Entry, Lexicon, Searched, fold, load, searched

AROUND = 200  # characters of text on either side
LEAST_TEXT = 20  # characters around, without which nothing is said
LEAST_SHARE = 0.5
LOOKED_AT = 500  # links whose surroundings are searched for words
PIXEL, NOSCRIPT, IFRAME = "1", "noscript", "iframe"
Labels = dict[int, dict[str, str]]


def _paid() -> Lexicon:
    return load("paid")


def spoken(text: str, language: str) -> str:
    """The language whose words for paid posts are looked for."""
    return spoken_in(text, language, _paid())


def paid_in(main: Searched, language: str) -> str:
    """The words by which a main text says that it was paid for; "" for none that is clear."""
    return next((entry.word for entry, _ in _paid().found_in(main, [language]) if not entry.weak), "")


def labels_of(links: Sequence[Link], found: Sequence[Found], main: Searched, rest: str, language: str) -> Labels:
    """Position of a link -> its labels. `main` and `rest` are all that the page shows, in `language`."""
    made: Labels = {}
    outward = [(link, one) for link, one in zip(links, found, strict=True) if not link.internal]
    for link, share in _crowded(outward, found):
        made.setdefault(link.position, {})["link_words"] = f"{share:.2f}"
    told = _told(main, rest, language) if outward else set()
    if told:
        _add_paid(made, outward, told, language)
    _add_odd(made, outward)
    return made


def _told(main: Searched, rest: str, language: str) -> set[Entry]:
    """The words for paid posts that a page may have somewhere."""
    folded, known = fold(rest), _paid().of(language)
    return {entry for entry, _ in _paid().found_in(main, [language])} | {one for word, one in known if word in folded}


def _crowded(outward: Sequence[tuple[Link, Found]], found: Sequence[Found]) -> list[tuple[Link, float]]:
    """Links with little but links around them, and how little: other links' share of the text around."""
    placed = [one for one in found if one.at >= 0]
    starts = [one.at for one in placed]
    sums = [0, *accumulate(len(one.anchor) for one in placed)]
    end = max((one.at + len(one.anchor) + len(one.right) for one in placed), default=0)
    crowded = []
    for link, one in outward:
        if one.at < 0:
            continue
        size = len(one.anchor)
        first, last = max(0, one.at - AROUND), min(end, one.at + size + AROUND)
        linked = sums[bisect_left(starts, last)] - sums[bisect_left(starts, first)] - size
        around = last - first - size
        if around >= LEAST_TEXT and linked >= LEAST_SHARE * around:
            crowded.append((link, min(1.0, linked / around)))
    return crowded


def _add_paid(made: Labels, outward: Sequence[tuple[Link, Found]], told: set[Entry], language: str) -> None:
    """The paid-post wording near each link, of the words that the page has somewhere."""
    words = [(fold(entry.word), entry) for entry in told]
    for link, _ in [pair for pair in outward if pair[0].kind in FOLLOWED][:LOOKED_AT]:
        near = " ".join((link.heading, link.context_left, link.anchor, link.context_right))
        folded = fold(near)
        if not any(word in folded for word, _ in words):
            continue
        there = {entry: None for entry, _ in _paid().found_in(searched(near), [language])}
        word = next((entry.word for entry in there if not entry.weak or _stands_alone(entry, link)), "")
        if word:
            made.setdefault(link.position, {})["paid"] = word


def _stands_alone(entry: Entry, link: Link) -> bool:
    """Whether an ambiguous word is the heading above, or begins the block of the link, as a label does."""
    word = fold(entry.word)
    if fold(link.heading).strip(" :[]()*-") == word:
        return True
    block = link.context_left if link.context_left else link.anchor
    return len(link.context_left) < MAX_CONTEXT and _begins(fold(block).lstrip(" [(*-"), word)


def _begins(text: str, word: str) -> bool:
    return text.startswith(word) and not text[len(word) : len(word) + 1].isalnum()


def _add_odd(made: Labels, outward: Sequence[tuple[Link, Found]]) -> None:
    """Pixels and frames: few pages have any."""
    odd = [(link, one) for link, one in outward if one.pixel or link.kind == "frame" or link.hidden == NOSCRIPT]
    if not odd:
        return
    shown = {link.key for link, _ in outward if link.kind in FOLLOWED and link.hidden != NOSCRIPT}
    for link, one in odd:
        if one.pixel and link.kind == "image" and not link.alt:
            made.setdefault(link.position, {})["pixel"] = PIXEL
        if (link.kind == "frame" or link.hidden == NOSCRIPT) and link.key not in shown:
            made.setdefault(link.position, {})["frame"] = IFRAME if link.kind == "frame" else NOSCRIPT


def label_names() -> Mapping[str, str]:
    """Label -> what it says."""
    return {
        "link_words": "Share of the text around that stands in other links.",
        "paid": "Words near the link that say that the text was paid for.",
        "pixel": "An image of at most two pixels.",
        "frame": "It stands only in such an element.",
    }
