"""Signs on a page that it harms its visitors or its owner, or is none: windows, forced moves, hidden blocks, parking.

Decided: these are facts with their evidence, and no verdicts: a shop opens windows, a theme hides menus. A forced move
is a refresh, or a short script that does nothing but leave, to another site. Text of a foreign script counts where it
is hidden or ends the page, which is where those who break into sites put it; a list of languages is too short to
count. Refused: running scripts; lists of bad sites, which are somebody else's claims.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seoapp.lib.weburl import BadUrl, parse

from .facts import Texts
from .hiding import is_certain
from .letters import foreign, has_foreign, scripts_of
from .links import FOLLOWED, Link
from .markup import Script
from .poison import SCRIPTS, SPELT
from .traces import Loaded
from .wordlists import Searched, load, searched

SHORT_SCRIPT, SCRIPT_READ = 600, 200_000
LEAST_FOREIGN = 40  # letters
TAIL_READ, OWN_READ = 1_000, 1_000
FEW_WORDS = 300  # of a page that is only parked
LISTED_DOMAINS = 20  # other sites from which on a page may be a directory
NEAR = 2  # places of links that stand together
AD_PLACES = ('class="adsbygoogle', 'id="div-gpt-ad', "data-ad-slot=", 'class="ad-slot')
LEAVING = re.compile(
    r"(?:\b(?:window|document|top|self|parent)\.)?location(?:\.href)?\s*=\s*[\"'](https?://[^\"'\s]{4,500})[\"']"
    r"|location\.(?:replace|assign)\(\s*[\"'](https?://[^\"'\s]{4,500})[\"']"
)
ASKED = ("addEventListener", "onclick", ".click(", "onsubmit", "confirm(")  # the visitor decides
WINDOWS = ("window.open(", "popunder", "popUnder", "pop_under")


@dataclass(frozen=True, slots=True)
class Injected:
    """Text of another script than the page's. `place`: hidden or tail; "" for none. `share` is that of its blocks."""

    place: str = ""
    script: str = ""
    letters: int = 0
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class HiddenLinks:
    """Links to other sites that nobody sees: how many, the longest run of them, and why it is hidden."""

    count: int = 0
    block: int = 0
    why: str = ""


NOTHING_INJECTED, NO_HIDDEN = Injected(), HiddenLinks()


def popups(found: Loaded, scripts: Iterable[Script]) -> tuple[str, ...]:
    """Networks of pop-ups that a page loads, and what its own scripts do of the kind."""
    signs = set(found.of("popups"))
    for script in scripts:
        text = script.text[:SCRIPT_READ]
        signs.update(sign.rstrip("(") for sign in WINDOWS if sign in text)
    return tuple(sorted(signs))


def forced_move(links: Iterable[Link], scripts: Iterable[Script], domain: str) -> str:
    """The address on another site that a page moves its visitors to by itself; "" for none."""
    refresh = next((one.url for one in links if one.kind == "redirect" and not one.internal), "")
    if refresh:
        return refresh
    for script in scripts:
        text = script.text
        if len(text) > SHORT_SCRIPT or "location" not in text or any(sign in text for sign in ASKED):
            continue
        found = LEAVING.search(text)
        if found and (url := _elsewhere(found.group(1) or found.group(2), domain)):
            return url
    return ""


def _elsewhere(address: str, domain: str) -> str:
    try:
        url = parse(address)
    except BadUrl:
        return ""
    return url.url if url.domain != domain else ""


def ad_places(html: str, frames: Iterable[Link], found: Loaded) -> int:
    """Places for advertisements: those marked as such, frames of advertisers, and networks that are loaded."""
    marked = sum(html.count(sign) for sign in AD_PLACES[:2]) or sum(html.count(sign) for sign in AD_PLACES[2:])
    named = ("doubleclick.net", "googlesyndication.com", "adnxs.com", "amazon-adsystem.com")
    framed = sum(one.host.endswith(named) for one in frames)
    return min(marked + framed + len(found.of("ads")), 65_535)


def hidden_links(links: Sequence[Link]) -> HiddenLinks:
    """Links to other sites hidden by their own tags or those around; `noscript` hides nothing from those it is for."""
    hidden = [one for one in links if one.hidden and _is_unseen(one)]
    if not hidden:
        return NO_HIDDEN
    longest, run, why, last = 0, 0, "", -NEAR - 1
    for one in hidden:
        run = run + 1 if one.position - last <= NEAR else 1
        last = one.position
        if run > longest:
            longest, why = run, one.hidden
    return HiddenLinks(min(len(hidden), 65_535), min(longest, 65_535), why)


def _is_unseen(link: Link) -> bool:
    return link.kind in FOLLOWED and not link.internal and link.hidden != "noscript" and is_certain(link.hidden)


def injected(texts: Texts, title: str, language: str) -> Injected:
    """Text in another script than the page's, in what is hidden or at its end."""
    hidden = " ".join(filter(has_foreign, texts.hidden))
    tail = " ".join(text[-TAIL_READ:] for text in texts.last if has_foreign(text))
    if not hidden and not tail:
        return NOTHING_INJECTED
    said = language.partition("-")[0]
    stated = frozenset(SCRIPTS.get(SPELT.get(said, said), ()))
    own = stated | scripts_of(f"{title} {' '.join(texts.main[:20])[:OWN_READ]}")
    for place, text in (("hidden", hidden), ("tail", tail)):
        script, letters, share = foreign(text, own)
        if letters >= LEAST_FOREIGN:
            return Injected(place, script, letters, share)
    return NOTHING_INJECTED


def parked(found: Loaded, words: int, main: Searched, more: Iterable[str]) -> str:
    """By what a page shows that its name is only parked: a service, or its own words; "" for a page that is one."""
    if words >= FEW_WORDS:
        return ""
    return next(iter(found.of("parked")), "") or _first("parked", main, *map(searched, more))


def directory(domains: int, main: Searched, rest: str) -> str:
    """The words by which a page that lists many sites shows that anybody may be listed; "" for none."""
    return _first("directory", main, searched(rest)) if domains >= LISTED_DOMAINS else ""


def _first(group: str, *texts: Searched) -> str:
    words = load("pages", group, in_one=True)
    found = [entry for text in texts for entry, _ in words.found_in(text)]
    return found[0].word if found else ""
