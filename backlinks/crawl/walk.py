"""One pass over a written-out page: its links with what stands around them, and its blocks of text.

Decided: a stack holds only the elements that change something (a place, a link, a heading, something hidden); all
others are counted. Text is gathered block by block and cut into anchors and contexts when the block ends, from
offsets, so that no link costs more than the length of what is kept of it, however the page nests. A link that holds
blocks keeps them together. Links in `noscript` are read as a browser without scripts shows them, and marked so.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate

from .hiding import HINT, hidden_by, is_certain, stronger
from .markup import HREF, TAG, attributes_of, one_line, text_of, unescaped
from .placement import NO_CUE, NOT_SAID, OWN_NAME, START, UNSURE, Region, inside, of_link
from .places import CONTENT, FOOTER, HEADER, NAVIGATION, WORD_SURE
from .tags import HEADING, KNOWN, QUIET, SPEAKS, Tag, learn

MAX_LINKS, MAX_ANCHOR, MAX_CONTEXT, MAX_HEADING = 20_000, 1_000, 300, 300
WINDOW = 4  # raw characters that are read for one that is kept: the rest is space
MOSTLY = 4  # times as much text outside as in links makes a short sentence of a block
PROSE = 60  # characters of a block outside its links that make it a sentence, not a list
MAX_TAIL, MAX_TITLE = 24, 40  # links after all content, and characters of theirs, that make a footer
MENU, BETWEEN = 3, 4  # so many links, and at most so many characters a link between them, make a menu
OTHER_SCHEME = re.compile(r"[\x00-\x20]*(?!https?:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
PIXEL = re.compile(r"\s*[0-2](?:px)?\s*")
TEXT, IMAGE, FORM, FRAME = "text", "image", "form", "frame"


@dataclass(slots=True)
class Found:
    """A link as it stands on the page: its address is not yet resolved."""

    kind: str
    href: str
    rel: str
    heading: str
    place: str
    sure: float
    hidden: str
    start: int = 0  # pieces of the block before it, later characters
    end: int = -1
    at: int = -1  # where it stands in the text of the page, spaces taken together; -1 where that was not read
    alt: str = ""
    pixel: bool = False
    anchor: str = ""
    left: str = ""
    right: str = ""


@dataclass(slots=True)
class Walk:
    """What one pass has found. `on_block` gets the text and the region of each block, where somebody wants them."""

    on_block: Callable[[str, Region], None] | None = None
    found: list[Found] = field(default_factory=list)
    dropped: int = 0
    base: str | None = None
    language: str = ""
    metas: list[dict[str, str]] = field(default_factory=list)
    relations: list[tuple[dict[str, str], bool]] = field(default_factory=list)  # (<link>, does it stand in the head)
    times: list[dict[str, str]] = field(default_factory=list)
    in_head: bool = True
    region: Region = START
    heading: str = ""
    # The block that is being read.
    pieces: list[str] = field(default_factory=list)
    heading_from: int = 0
    waiting: list[Found] = field(default_factory=list)
    open_links: list[Found] = field(default_factory=list)
    broken: bool = False  # a block began or ended inside the open link
    passed: int = 0  # characters of text before the block

    def run(self, html: str) -> "Walk":
        """Read the page: one loop, because it runs for every tag. The stack holds only what changes something."""
        stack: list[tuple[int, Region, Found | None, bool]] = []
        depth, mark, silent, pieces, waiting = 0, -1, False, self.pieces, self.waiting
        for found in TAG.finditer(html):
            text, anchor, written = found.groups()
            if text and not silent and (pieces or not text.isspace()):
                pieces.append(text_of(text) if "<" in text or "&" in text else text)
            if written:
                breaks, low, net, each, tag = KNOWN.get(written) or learn(written)
                if breaks and (pieces or waiting or tag is not None):
                    self.boundary(tag)
                if tag is not None:
                    region, quiet = self.enter(tag, silent)
                    if region is not self.region or quiet is not silent:
                        stack.append((mark, self.region, None, silent))
                        mark, self.region, silent = depth, region, quiet
                        depth += 1
                        continue
                if depth + low > mark:
                    depth += net
                    continue
                for step in each:
                    depth += step
                    if step < 0 and depth == mark:
                        mark, self.region, link, silent = stack.pop()
                        if link is not None:
                            self.close(link)
            elif anchor:
                link = self._anchor(anchor, hidden_by(anchor) if HINT.search(anchor) else "")
                if link is not None:
                    stack.append((mark, self.region, link, silent))
                    mark = depth
                depth += 1
        self.flush()
        _place_by_order(self.found)
        return self

    # --- Blocks of text -------------------------------------------------------------------------------------------
    def enter(self, tag: Tag, silent: bool) -> tuple[Region, bool]:  # noqa: FBT001 - called for every tag
        """What a tag says, and (the region in it, whether its text is none of the page's)."""
        if tag.traits & SPEAKS:
            self.speak(tag.name, tag.attributes)
        if tag.traits & QUIET:
            return self.region, True
        if tag.cue is NO_CUE:
            return self.region, silent
        region = inside(self.region, tag.cue)
        return region, silent or self.unseen(region)

    def boundary(self, tag: Tag | None) -> None:
        """A block begins or ends here."""
        if tag is not None and tag.traits & HEADING:
            if tag.closing and not is_certain(self.region.hidden):
                self.heading = one_line("".join(self.pieces[self.heading_from :]))[:MAX_HEADING] or self.heading
            self.heading_from = len(self.pieces)
        if self.open_links:
            self.pieces.append(" ")
            self.broken = True
            return
        self.flush()
        self.heading_from = 0

    def flush(self) -> None:
        """End the block: cut the anchors and contexts of its links out of its text."""
        if self.waiting or self.on_block is not None:
            text = "".join(self.pieces)
            if self.waiting:
                self._cut_all(text)
            else:
                self.passed += len(text)
            if self.on_block is not None and text:
                self.on_block(text, self.region)
        self.pieces.clear()

    def _cut_all(self, text: str) -> None:
        """Anchors and contexts of the links that wait. A link that is all of its block, as in menus, has no context."""
        only = self.waiting[0]
        if len(self.waiting) == 1 and only.kind == TEXT and not only.start and only.end == len(self.pieces):
            only.anchor = one_line(text[: WINDOW * MAX_ANCHOR])[:MAX_ANCHOR]
            only.at = self.passed
            self.passed += len(only.anchor)
            self.waiting.clear()
            return
        ends = [0, *accumulate(map(len, self.pieces))]
        before = 0
        for link in self.waiting:
            link.start, link.end = ends[link.start], ends[link.end]
            _cut(link, text)
            self.passed += _length(text[before : link.start])
            link.at, before = self.passed, max(before, link.end)
            self.passed += len(link.anchor)
        self.passed += _length(text[before:])
        if not self.region.known:
            _place_by_text(self.waiting, text)
        self.waiting.clear()

    def unseen(self, region: Region) -> bool:
        """Whether this is hidden text inside a link that is seen: it is no part of the anchor."""
        return (
            bool(region.hidden and self.open_links)
            and is_certain(region.hidden)
            and not is_certain(self.open_links[-1].hidden)
        )

    # --- Links ----------------------------------------------------------------------------------------------------
    def speak(self, name: str, attributes: str) -> None:
        """What a tag other than `a` says."""
        if name == "br":
            self.pieces.append(" ")
        elif name == "img" or name == "svg":
            if self.open_links:
                _picture(self.open_links[-1], attributes)
        elif name in ("body", "frameset"):
            self.in_head = False
        elif name == "area":
            self._area(attributes)
        elif name in ("html", "meta", "link", "base", "time"):
            self._fact(name, attributes_of(attributes))
        else:
            self._other(name, attributes_of(attributes))

    def _anchor(self, written: str, hidden: str) -> Found | None:
        """A link begins."""
        link = self._linked(TEXT, written, hidden)
        if link is not None:
            if link.place == CONTENT and (' class="' in written or link.rel):
                named = OWN_NAME.search(written)
                said = of_link(named.group(1) if named else "", link.rel, self.region.known)
                if said is not NOT_SAID:
                    self._heed(link, *said)
            link.start = len(self.pieces)
            self.waiting.append(link)
            self.open_links.append(link)
        return link

    def _heed(self, link: Found, place: str, hint: str) -> None:
        """What a link says of itself."""
        if place:
            link.place, link.sure = place, WORD_SURE
        link.hidden = link.hidden or hint

    def _area(self, written: str) -> None:
        link = self._linked(IMAGE, written, hidden_by(written))
        if link is not None:
            link.alt = one_line(attributes_of(written).get("alt", ""))[:MAX_ANCHOR]

    def _linked(self, kind: str, written: str, hidden: str) -> Found | None:
        found = HREF.search(written)
        href = found.group(1) if found else attributes_of(written).get("xlink:href")
        if href is None:
            return None
        rel = attributes_of(written).get("rel", "") if ' rel="' in written else ""
        return self._add(kind, unescaped(href), rel, hidden)

    def _fact(self, name: str, attributes: dict[str, str]) -> None:
        """What a tag says about the page. In `noscript` only links count: the rest is for those who never come."""
        if name == "html":
            self.language = attributes.get("lang") or attributes.get("xml:lang", "")
        elif name == "base" and self.base is None:
            self.base = attributes.get("href")
        elif name == "time":
            self.times.append(attributes)
        elif name == "meta" and self.region.hidden != "noscript":
            self.metas.append(attributes)
        elif name == "link" and self.region.hidden != "noscript":
            self.relations.append((attributes, self.in_head))

    def _other(self, name: str, attributes: dict[str, str]) -> None:
        address = {"form": "action", "iframe": "src", "frame": "src"}.get(name, "formaction")
        href = attributes.get(address, "")
        if href.strip():
            kind = FRAME if address == "src" else FORM
            self._add(kind, href, attributes.get("rel", ""), "")

    def _add(self, kind: str, href: str, rel: str, hidden: str) -> Found | None:
        if OTHER_SCHEME.match(href):
            return None
        if len(self.found) >= MAX_LINKS:
            self.dropped += 1
            return None
        region = self.region
        if region.hidden:
            hidden = stronger(region.hidden, hidden)
        link = Found(kind, href, rel, self.heading, region.place, region.sure, hidden)
        self.found.append(link)
        return link

    def close(self, link: Found) -> None:
        link.end = len(self.pieces)
        self.open_links.pop()
        if self.broken and not self.open_links:
            self.broken = False
            self.flush()


def _length(text: str) -> int:
    """Characters of a text; of a short one without its runs of space, which is all that parts entries of a menu."""
    return len(text) if len(text) > PROSE else len(one_line(text))


def _picture(link: Found, written: str) -> None:
    """An image inside a link: its alt is what search engines read in place of an anchor."""
    link.kind = IMAGE
    attributes = attributes_of(written)
    alt = one_line(attributes.get("alt", ""))
    if alt:
        link.alt = f"{link.alt} {alt}".strip()[:MAX_ANCHOR]
    sides = (attributes.get("width", ""), attributes.get("height", ""))
    link.pixel = all(PIXEL.fullmatch(side) for side in sides)


def _cut(link: Found, text: str) -> None:
    """Anchor and contexts of a link, from its offsets in the text of its block."""
    start, end = link.start, link.end
    link.anchor = one_line(text[start : min(end, start + WINDOW * MAX_ANCHOR)])[:MAX_ANCHOR]
    if start:
        link.left = one_line(text[max(0, start - WINDOW * MAX_CONTEXT) : start])[-MAX_CONTEXT:]
    if end < len(text):
        link.right = one_line(text[end : end + WINDOW * MAX_CONTEXT])[:MAX_CONTEXT]
    if link.kind == IMAGE:
        if link.anchor:
            link.kind = TEXT
        elif link.pixel:
            link.hidden = link.hidden or "image of a pixel"


def _place_by_text(links: list[Found], text: str) -> None:
    """Without any cue: a link in a sentence is content, a row of links is a menu; neither is certain."""
    linked = sum(link.end - link.start for link in links)
    outside = len(one_line(text)) - linked
    if "©" in text and outside < 4 * PROSE:
        place, sure = FOOTER, 0.5
    elif outside >= PROSE // 2 and PROSE > outside >= MOSTLY * linked:
        place, sure = CONTENT, 0.5
    elif outside >= PROSE:
        place, sure = CONTENT, 0.6
    elif len(links) >= MENU and outside <= BETWEEN * len(links):
        place, sure = NAVIGATION, UNSURE
    else:
        return
    for link in links:
        if link.sure <= UNSURE:
            link.place, link.sure = place, sure


def _place_by_order(found: list[Found]) -> None:
    """Without any cue: a link before all headings and content heads the page, a few short ones after all of it end it.

    Not where the page has such a part that is known, and not if most lead elsewhere: a list of those may be content.
    """
    first = next((number for number, link in enumerate(found) if _is_text(link)), None)
    if first is None:
        return
    head = [link for link in found[:first] if link.sure <= UNSURE and link.place == CONTENT and not link.heading]
    after = next(number for number, link in enumerate(reversed(found)) if _is_text(link))
    tail = [link for link in found[len(found) - after :] if link.sure <= UNSURE]
    known = {link.place for link in found if link.sure >= WORD_SURE} if head or tail else set()
    if HEADER not in known:
        for link in head:
            link.place = HEADER
    away = sum(link.href.startswith(("http", "//")) for link in tail)
    few = len(tail) <= min(MAX_TAIL, len(found) - after) and 2 * away <= len(tail)
    if FOOTER not in known and few and all(map(_ends_page, tail)):
        for link in tail:
            link.place = FOOTER


def _is_text(link: Found) -> bool:
    return link.place == CONTENT and link.sure > UNSURE


def _ends_page(link: Found) -> bool:
    return len(link.anchor) <= MAX_TITLE and len(link.left) + len(link.right) < 2 * PROSE
