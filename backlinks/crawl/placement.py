"""Where on a page a link stands: content, navigation, header, footer, sidebar, comment, signature, author, widget.

Decided: a cue comes from one element (its tag, role, itemprop, or a word of its id and class), and says a place and
how sure it is; what a cue means depends on the place it stands in. Order of trust: semantics and roles, names that
themes and forum software are known by, then single words of compound names. A `header` in an article is content,
navigation in a footer is footer, all of a comment is comment. In content, a link's own class and rel count too.
Without any cue a link is content, and not sure; the order of the page may then say that it is its head or foot.
Refused: words found anywhere in a class (`no-sidebar`, `entry-header`, `comments-link` are not what they contain); a
learned model, because nobody could say why.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from .hiding import hidden_by, hidden_by_class, stronger
from .markup import attributes_of
from .places import (
    AUTHOR,
    COMMENT,
    CONTENT,
    ELSE,
    ENTRY_TAGS,
    FOOTER,
    HEADER,
    IDS,
    ITEMS,
    LOGOS,
    NAME_SURE,
    NAMES,
    NAVIGATION,
    OF_LINKS,
    PART_OF_ENTRY,
    PARTS,
    PLACEMENTS,
    RANKED,
    RELS,
    ROLES,
    SIDEBAR,
    SIGNATURE,
    TAGS,
    VAGUE,
    VAGUE_SURE,
    WHOLE_PAGE,
    WIDGET,
    WORD_SURE,
    WORDS,
)

UNSURE = 0.4  # content for want of any cue
SPLIT = re.compile(r"[-_:]+|(?<=[a-z])(?=[A-Z])")
HINTED = re.compile(r' (?:class|id|role|itemprop|itemtype)="')
SKIPS = re.compile(r"(?:.* )?skip(?![a-z])", re.IGNORECASE)
OWN_NAME = re.compile(r' class="([^"]*)"')


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity: each is made once
class Cue:
    """What one element says: a place ("" for none), how sure, by what; `entry` for a part with its own header."""

    place: str = ""
    sure: float = 0.0
    strong: bool = False  # not by the mere tag
    resets: bool = False
    entry: bool = False
    hidden: str = ""


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity: each is made once
class Region:
    """Where we are: the place, how sure, whether inside an article or section, and why all in it is hidden."""

    place: str = CONTENT
    sure: float = UNSURE
    known: bool = False  # some cue was met
    entry: bool = False
    hidden: str = ""


NO_CUE = Cue()
START = Region()
_regions: dict[tuple[str, float, bool, bool, str], Region] = {}
_cues: dict[tuple[str, float, bool, bool, bool, str], Cue] = {("", 0.0, False, False, False, ""): NO_CUE}


@lru_cache(maxsize=50_000)
def cue_of(name: str, written: str) -> Cue:
    """What an element with this tag and these attributes says."""
    hidden = "noscript" if name == "noscript" else hidden_by(written)
    if not hidden and (found := OWN_NAME.search(written)):
        hidden = hidden_by_class(found.group(1))
    entry = name in ENTRY_TAGS
    if name in ("html", "body"):
        return _same(Cue(hidden=hidden))
    made = _stated(name, written) or NO_CUE
    return _same(replace(made, entry=entry, hidden=hidden))


def _same(cue: Cue) -> Cue:
    return _cues.setdefault((cue.place, cue.sure, cue.strong, cue.resets, cue.entry, cue.hidden), cue)


def _stated(name: str, written: str) -> Cue | None:
    """The place that the element states: by its role, its schema.org name, its id and class, its tag."""
    attributes = attributes_of(written[:3000]) if HINTED.search(written) else {}
    by_name = _by_names(f"{attributes.get('id', '')} {attributes.get('class', '')}")
    role = attributes.get("role", "").strip().lower()
    if role in ROLES and not (role == "complementary" and by_name and _says_more(SIDEBAR, by_name)):
        return Cue(*ROLES[role], strong=True, resets=role == "main")
    item = _item(attributes)
    if item and not (item[0] == COMMENT and by_name == (CONTENT, NAME_SURE)):  # forums mark every post as a comment
        return Cue(*item, strong=True)
    by_tag = TAGS.get(name)
    if by_name and (by_tag is None or _says_more(by_tag[0], by_name)):
        return Cue(*by_name, strong=True)
    if by_tag:
        return Cue(*by_tag, strong=by_name is not None and by_name[0] == by_tag[0], resets=name == "main")
    by_id = IDS.get(attributes.get("id", "").lower())
    return Cue(by_id, WORD_SURE, strong=True) if by_id else None


def _item(attributes: dict[str, str]) -> tuple[str, float] | None:
    names = [*attributes.get("itemprop", "").lower().split(), attributes.get("itemtype", "").lower().rpartition("/")[2]]
    return next((ITEMS[name] for name in names if name in ITEMS), None)


def _says_more(by_tag: str, by_name: tuple[str, float]) -> bool:
    """A name tells a comment in an `article`, an author box in an `aside`; it does not make `nav` a header."""
    if by_name[0] in (COMMENT, SIGNATURE, AUTHOR):
        return True
    if by_tag == SIDEBAR:
        return by_name[0] == WIDGET or by_name == (CONTENT, NAME_SURE)
    return by_tag == CONTENT and by_name[0] != CONTENT and by_name[1] >= NAME_SURE


def _by_names(text: str) -> tuple[str, float] | None:
    words: list[str] = []
    for token in text.split()[:40]:
        known = NAMES.get(token.lower())
        if known:
            return known, VAGUE_SURE if token.lower() in VAGUE else NAME_SURE
        place = _by_words(token)
        if place:
            words.append(place)
    return next(((place, WORD_SURE) for place in RANKED if place in words), None)


def _by_words(token: str) -> str:
    """The place that a compound name speaks of; "" for none."""
    parts = [part for part in SPLIT.sub(" ", token).lower().split() if not part.isdigit()]
    if not parts or len(parts) > 5 or not ELSE.isdisjoint(parts):
        return ""
    found = {WORDS[part] for part in parts if part in WORDS and not _of_a_part(part, parts)}
    return next((one for one in RANKED if one in found), "")


def _of_a_part(word: str, parts: list[str]) -> bool:
    """`entry-header`, `card-footer`: not the page's; `header`, `footer`, `author` beside words of something else."""
    if word not in PARTS:
        return False
    at = parts.index(word)
    return not WHOLE_PAGE.issuperset(parts) or (at > 0 and word != AUTHOR and parts[at - 1] in PART_OF_ENTRY)


# --- What a cue means where it stands ---------------------------------------------------------------------------------
CLOSED = {
    COMMENT: frozenset((SIGNATURE,)),
    SIGNATURE: frozenset(),
    AUTHOR: frozenset((SIGNATURE,)),
    FOOTER: frozenset(),
    SIDEBAR: frozenset((COMMENT, SIGNATURE, FOOTER)),
    NAVIGATION: frozenset((SIGNATURE, COMMENT, FOOTER)),
    WIDGET: frozenset((COMMENT, SIGNATURE, FOOTER, SIDEBAR)),
    HEADER: frozenset((NAVIGATION, SIGNATURE, COMMENT, FOOTER, SIDEBAR, AUTHOR)),
    CONTENT: frozenset(PLACEMENTS),
}


@lru_cache(maxsize=50_000)
def inside(region: Region, cue: Cue) -> Region:
    """The region that an element with this cue opens inside `region`."""
    hidden = stronger(region.hidden, cue.hidden)
    entry = not cue.resets and (region.entry or cue.entry)
    place, sure, known = region.place, region.sure, region.known
    if cue.resets:
        place, sure, known = CONTENT, cue.sure, True
    elif cue.place in CLOSED[region.place] or _leaves_widget(region, cue):
        if region.place == CONTENT and region.known:
            place, sure = _in_content(region, cue, entry=entry)
        elif cue.strong or not (entry and cue.place in (HEADER, FOOTER)):
            place, sure, known = cue.place, cue.sure, True
    made = (place, sure, known, entry, hidden)
    return _regions.setdefault(made, Region(*made))


def _leaves_widget(region: Region, cue: Cue) -> bool:
    """Blogger calls everything a widget, its posts too; a menu in one is a menu."""
    if region.place != WIDGET or cue.sure < NAME_SURE:
        return False
    return cue.place == NAVIGATION or (cue.place == CONTENT and cue.strong and region.sure == VAGUE_SURE)


def _in_content(region: Region, cue: Cue, *, entry: bool) -> tuple[str, float]:
    """Inside known content: an entry's own header and footer are content, an aside there is a widget."""
    if cue.place == CONTENT:
        return CONTENT, max(region.sure, cue.sure)
    if cue.place in (HEADER, FOOTER) and _is_of_entry(region, cue, entry=entry):
        return CONTENT, max(round(region.sure - 0.2, 2), UNSURE)
    if cue.place == SIDEBAR and not cue.strong and region.sure >= NAME_SURE:
        return WIDGET, WORD_SURE
    if cue.place == AUTHOR and cue.sure < NAME_SURE:
        return AUTHOR, 0.5
    return cue.place, cue.sure


def _is_of_entry(region: Region, cue: Cue, *, entry: bool) -> bool:
    """Whether a header or footer in content is that of an entry. Content by a mere id may hold the whole page."""
    return entry or (region.sure >= NAME_SURE and (not cue.strong or cue.sure < NAME_SURE))


# --- What a link says of itself ---------------------------------------------------------------------------------------
NOT_SAID = ("", "")


@lru_cache(maxsize=20_000)
def of_link(names: str, rel: str, known: bool) -> tuple[str, str]:  # noqa: FBT001 - called for every link in content
    """(its place, what hides it) by the class and the rel of a link in content; `NOT_SAID` where they say neither."""
    hint = hidden_by_class(names)
    place = _of_link_name(names, known=known) or next((RELS[word] for word in rel.lower().split() if word in RELS), "")
    return (place, hint) if place or hint else NOT_SAID


def _of_link_name(names: str, *, known: bool) -> str:
    if not known and not LOGOS.isdisjoint(names.lower().split()):
        return HEADER
    if SKIPS.match(names):
        return NAVIGATION
    said = _by_names(names)
    return said[0] if said and said[0] in OF_LINKS else ""
