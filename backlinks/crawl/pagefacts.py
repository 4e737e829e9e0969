"""What a visit remembers of a page beyond its links: the figures and signs that an audit of links asks for.

Decided: the reader says what is there, the audit what it means; nothing here is a verdict or a threshold of one. Facts
are read once, by the visit that fetched the page, whatever it was for (a crawl, a list, a check of links): nobody
fetches a page again to judge it. VERSION tells figures of different makes apart. What could not be told is -1, and ""
where no language of ours is spoken; 0 and nothing are answers. Refused: keeping the text, which is somebody's work, and
a hundred times as long.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from seoapp.lib.weburl import WebUrl

from . import harm, linkfacts, poison, traces
from .addresses import Base
from .facts import Deep, Texts, meta_content
from .linkfacts import Labels
from .links import Link
from .markup import Script
from .walk import Found, Walk
from .wordlists import searched

VERSION = 1  # of these facts: raised with a rule or a list of words
MOST = 65_535
COUNTED_WORDS, LONG_WORD = 600, 5  # words that are counted; letters from which on a word is no filler in any language
SELF, ELSEWHERE = "self", "elsewhere"


@dataclass(frozen=True, slots=True)
class PageFacts:
    """Facts of a page. Lengths are in characters; `top_word` is the commonest of its longer words."""

    title_length: int = 0
    description_length: int = 0
    keywords_length: int = 0
    canonical_at: str = ""  # self, elsewhere; "" for a page without
    repeats: float = -1.0
    top_word: str = ""
    top_share: float = -1.0
    poison: Mapping[str, int] = field(default_factory=dict)
    poison_words: tuple[str, ...] = ()
    poison_snippet: str = ""
    poison_language: str = ""
    popups: tuple[str, ...] = ()
    moves_to: str = ""
    ads: int = 0
    hidden_links: int = 0
    hidden_block: int = 0
    hidden_why: str = ""
    hidden_poison: tuple[str, ...] = ()
    foreign_place: str = ""
    foreign_script: str = ""
    foreign_letters: int = 0
    foreign_share: float = 0.0
    contacts: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    favicon: str = ""
    trackers: tuple[str, ...] = ()
    parked: str = ""
    directory: str = ""
    paid: str = ""
    skeleton: int = 0
    theme: str = ""


NOTHING = PageFacts()


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as its reader has it."""

    walk: Walk
    scripts: Sequence[Script]
    written: str
    texts: Texts
    main: str
    words: list[str]
    links: Sequence[Link]
    found: Sequence[Found]
    base: Base
    here: WebUrl
    title: str
    language: str
    deep: Deep


def gather(seen: Seen) -> tuple[PageFacts, Labels]:
    """(the facts of a page, the labels of its links)."""
    main, rest = searched(seen.main, seen.words), "\n".join(seen.texts.rest)
    spoken = linkfacts.spoken(seen.main, seen.language)
    frames = [link for link in seen.links if link.kind == "frame"]
    loaded = traces.loaded(seen.walk, seen.scripts, frames)
    outer = {link.domain for link in seen.links if not link.internal and link.kind in ("text", "image")}
    evil = poison.of_page(seen.title, seen.main, main, seen.language)
    hidden = harm.hidden_links(seen.links)
    foreign = harm.injected(seen.texts, seen.title, seen.language)
    top_word, top_share = commonest(seen.words)
    facts = PageFacts(
        title_length=min(len(seen.title), MOST),
        description_length=_length(seen.walk, "description", "og:description"),
        keywords_length=_length(seen.walk, "keywords"),
        canonical_at=canonical_at(seen.links, seen.here.key),
        repeats=seen.deep.repeats,
        top_word=top_word,
        top_share=top_share,
        poison=evil.counts,
        poison_words=evil.words,
        poison_snippet=evil.snippet,
        poison_language=evil.language,
        popups=harm.popups(loaded, seen.scripts),
        moves_to=harm.forced_move(seen.links, seen.scripts, seen.here.domain),
        ads=harm.ad_places(seen.written, frames, loaded),
        hidden_links=hidden.count,
        hidden_block=hidden.block,
        hidden_why=hidden.why,
        hidden_poison=poison.hidden_in(seen.texts.hidden, evil.language),
        foreign_place=foreign.place,
        foreign_script=foreign.script,
        foreign_letters=foreign.letters,
        foreign_share=foreign.share,
        contacts=traces.contacts(seen.written, seen.links, seen.scripts),
        mails=traces.mails(seen.written, seen.here.domain),
        favicon=traces.favicon(seen.walk, seen.base),
        trackers=traces.trackers(loaded, seen.deep.ids),
        parked=harm.parked(loaded, seen.deep.words, main, (rest, seen.title)),
        directory=harm.directory(len(outer), main, rest),
        paid=linkfacts.paid_in(main, spoken),
        skeleton=traces.skeleton(seen.written),
        theme=traces.theme(seen.walk, seen.scripts),
    )
    return facts, linkfacts.labels_of(seen.links, seen.found, main, rest, spoken)


def _length(walk: Walk, *names: str) -> int:
    return min(len(meta_content(walk.metas, *names)), MOST)


def canonical_at(links: Sequence[Link], key: str) -> str:
    """Whether a page names itself or another one as the original; "" where it names none."""
    named = next((link for link in links[:100] if link.kind == "canonical"), None)
    return "" if named is None else SELF if named.key == key else ELSEWHERE


def commonest(words: Sequence[str]) -> tuple[str, float]:
    """(the commonest of the longer words of a text, its share of them); ("", -1) for a text that is too short."""
    longer = [word for word in words[:COUNTED_WORDS] if len(word) >= LONG_WORD]
    if len(longer) < linkfacts.LEAST_TEXT:
        return "", -1.0
    ((word, times),) = Counter(longer).most_common(1)
    return word[:60], round(times / len(longer), 4)
