"""Markers of the linking page (PAG): its figures, its text, what it does to visitors, whether it is there at all.

Decided: figures that poor and honest pages have as well are context. A page that no search engine shows lowers the risk
(its points are below zero). An answer that may be meant for our crawler alone, or for a moment, is no dead page. A page
counts as hacked only where a hidden block of links has what the page has not: another script, words of ill repute, or
our link outside menus; a hidden menu has links as well. Lengths of addresses are those that people read.
"""

from urllib.parse import unquote

import numpy as np

from audit.profile import PAGES, Flags, Numbers, Profile, Sets
from backlinks.crawl.hiding import is_certain

from .marker import CONTEXT, EVIDENCE, KNOCK_OUT, Found, Limits, Marker, above, judged
from .poison import own_categories, poisoned
from .signs import any_of, holding, is_above, is_below, is_outside, sign
from .titles import not_found
from .wording import either

# Answers that say nothing of the page: they may be meant for crawlers, or for a moment.
SAYS_NOTHING = (401, 402, 403, 407, 408, 425, 429, 451, 503)
USUAL_WINDOWS = ("window.open",)  # as buttons that share a page do
MENUS = frozenset(("navigation", "header", "footer", "sidebar", "widget"))


def _page(profile: Profile, column: str) -> Numbers:
    return profile.pages.number(column)


def _links_per_text(profile: Profile, limits: Limits) -> Found:
    """External links for each 100 words; of a page without a word, for one."""
    return above(100 * _page(profile, "external") / np.maximum(_page(profile, "words"), 1), limits["above"])


def _not_indexable(profile: Profile, limits: Limits) -> Found:
    closed = _page(profile, "robots_closed")
    fetched = ~np.isnan(_page(profile, "fetched"))  # we fetch only what robots.txt leaves open
    return any_of(
        {
            "noindex": _page(profile, "noindex"),
            "robots.txt closes it": np.where(np.isnan(closed) & fetched, 0, closed),
            "its canonical is another page": _page(profile, "canonical_elsewhere"),
        }
    )


def _dead(profile: Profile, limits: Limits) -> Found:
    status = _page(profile, "status")
    silent = np.isin(status, SAYS_NOTHING) | np.isnan(status) | (status == 0)
    fails = sign((status >= limits["status"]) & ~silent, ~silent)
    soft = _page(profile, "soft_404")
    titled = not_found(profile.pages.text("title"))
    missing = sign((soft == 1) | (titled == 1), ~silent | (soft == 0))
    found = any_of({"answers with an error": fails, "says that it is not there": missing})
    return Found(found.state, status, found.said)


def _spun(profile: Profile, limits: Limits) -> Found:
    """Runs of words that come again, or one word that is everywhere; little text says nothing."""
    words, repeated, common = (_page(profile, name) for name in ("words", "repetition", "common_word"))
    fires = (repeated > limits["repetition"]) | (common > limits["common"])
    known = ~(np.isnan(words) | np.isnan(repeated) | np.isnan(common))
    return judged(fires, known=known, value=repeated, applies=~(words < limits["words"]))


def _long_url(profile: Profile, limits: Limits) -> Found:
    return above(profile.pages.text("url").each(read_length), limits["above"])


def read_length(url: str) -> int:
    """Characters of an address as people read it: escaped letters of other scripts are one each."""
    return len(unquote(url)) if "%" in url else len(url)


def _hostile(profile: Profile, limits: Limits) -> Found:
    popups, frames = profile.pages.lists("popups"), _page(profile, "ad_frames")
    opens = holding(popups, lambda name: name not in USUAL_WINDOWS)
    return any_of(
        {
            "pop-ups": sign(opens, popups.known),
            "forced redirect": _page(profile, "forced_redirect"),
            "many ads": sign(frames >= limits["ads"], ~np.isnan(frames)),
        }
    )


# --- Words of ill repute ----------------------------------------------------------------------------------------------
def _poison(profile: Profile, limits: Limits) -> Found:
    """One such word in the title, or several of one category in title and text; a word in passing is none."""
    pages = profile.pages
    title = pages.text("title")
    named = poisoned(title, pages.text("language"), profile.about)[0] == 1
    times = _times(pages.lists("poison"), own_categories(profile.about))
    many = times >= limits["times"]
    unread = pages.text("unsupported").each("1".__eq__) == 1
    known = named | many | (~np.isnan(times) & ~unread)
    return judged(named | many, known=known, value=times, said=either(named, title, pages.text("poison_text")))


def _times(poison: Sets, own: frozenset[str]) -> Numbers:
    """How often words of the commonest category stand in each page, but for categories of the project's own trade."""
    pairs = [one.partition(":")[::2] for one in poison.values]
    counts = np.array([0 if category in own else int(times) for category, times in pairs], np.float32)
    most = np.where(poison.known, 0, np.nan).astype(np.float32)
    if len(counts):
        np.maximum.at(most, poison.owners, counts[poison.codes])
    return most


# --- Hacked -----------------------------------------------------------------------------------------------------------
def _hacked(profile: Profile, limits: Limits) -> Found:
    """A hidden block of external links, with what the page has not."""
    block, foreign = _page(profile, "hidden_block"), _page(profile, "foreign_share")
    strange = any_of(
        {
            "letters of another script": sign(foreign >= limits["foreign"], ~np.isnan(foreign)),
            "words of ill repute": _page(profile, "hidden_poison"),
            "our link": _holds_ours(profile).astype(np.float32),
        }
    )
    large = block >= limits["links"]
    known = ~np.isnan(block) & ((strange.state > 0) | ~large)
    return judged(large & strange.fired, known=known, value=block, said=strange.said)


def _holds_ours(profile: Profile) -> Flags:
    """Pages on which a link to us is hidden by its own tags, outside menus, which are often folded away."""
    hidden = profile.links.text("hidden").each(is_certain) == 1
    menus = profile.links.text("placement").each(MENUS.__contains__) == 1
    held = np.zeros(profile.pages.count, np.bool_)
    held[profile.page[hidden & ~menus]] = True
    return held


# --- Whether anybody finds it -----------------------------------------------------------------------------------------
def _orphan(profile: Profile, limits: Limits) -> Found:
    """Nobody links to the page, and its domain is weak; of a strong one nothing more has to be known."""
    links_in, authority = _page(profile, "links_in"), profile.domains.number("authority")[profile.home]
    strong = authority >= limits["authority"]
    known = strong | ~(np.isnan(links_in) | np.isnan(authority))
    return judged((links_in == 0) & ~strong, known=known, value=authority)


def _not_found_by_title(profile: Profile, limits: Limits) -> Found:
    rank = _page(profile, "title_rank")
    return judged((rank == 0) | (rank > limits["rank"]), known=~np.isnan(rank), value=rank)


MARKERS: tuple[Marker, ...] = (
    Marker(
        "PAG01", "Many external links", CONTEXT, PAGES, ("pages.external",),
        "{value} external links on the page, more than {above}", is_above(PAGES, "external"), {"above": 100}, "M27",
    ),
    Marker(
        "PAG02", "Many external domains", CONTEXT, PAGES, ("pages.external_domains",),
        "The page links to {value} other domains, more than {above}", is_above(PAGES, "external_domains"),
        {"above": 50}, "M27",
    ),
    Marker(
        "PAG03", "Links per text", CONTEXT, PAGES, ("pages.external", "pages.words"),
        "{value} external links for each 100 words, more than {above}", _links_per_text, {"above": 10}, "M27",
    ),
    Marker(
        "PAG04", "Thin page", CONTEXT, PAGES, ("pages.words",),
        "{value} words of main text, fewer than {below}", is_below(PAGES, "words"), {"below": 100}, "M17",
    ),
    Marker(
        "PAG05", "Odd text/HTML ratio", CONTEXT, PAGES, ("pages.text_share",),
        "Share of visible text in the HTML {value}, outside {low} to {high}", is_outside(PAGES, "text_share"),
        {"low": 0.01, "high": 0.7}, "Semrush (reported), M17",
    ),
    Marker(
        "PAG06", "Not indexable", CONTEXT, PAGES, ("pages.noindex", "pages.canonical_elsewhere"),
        "No search engine shows the page: {said}", _not_indexable, basis="LRT", points=-4.0,
    ),
    Marker(
        "PAG07", "Dead page", CONTEXT, PAGES, ("pages.status",),
        "The page {said} (status {value})", _dead, {"status": 400}, "Semrush (reported)",
    ),
    Marker(
        "PAG08", "Machine-spun text", EVIDENCE, PAGES, ("pages.words", "pages.repetition", "pages.common_word"),
        "Share of three-word runs that repeat {value}, or one word more than {common} of the longer ones", _spun,
        {"repetition": 0.6, "common": 0.35, "words": 100}, "Google",
    ),
    Marker(
        "PAG09", "Title length", CONTEXT, PAGES, ("pages.title_length",),
        "Title of {value} characters, outside {low} to {high}", is_outside(PAGES, "title_length"),
        {"low": 10, "high": 120}, "M27",
    ),
    Marker(
        "PAG10", "Description length", CONTEXT, PAGES, ("pages.description_length",),
        "Description of {value} characters, outside {low} to {high}",
        is_outside(PAGES, "description_length", zero_is_outside=False), {"low": 30, "high": 400}, "M27",
    ),
    Marker(
        "PAG11", "Meta keywords", CONTEXT, PAGES, ("pages.keywords_length",),
        "{value} characters of meta keywords", is_above(PAGES, "keywords_length"), {"above": 0}, "M27",
    ),
    Marker(
        "PAG12", "No canonical", CONTEXT, PAGES, ("pages.has_canonical",),
        "The page names no canonical address", is_below(PAGES, "has_canonical"), {"below": 1}, "M27",
    ),
    Marker(
        "PAG13", "Long URL", CONTEXT, PAGES, ("pages.url",),
        "Address of {value} characters, more than {above}", _long_url, {"above": 100}, "M27",
    ),
    Marker(
        "PAG14", "Poison words in text", EVIDENCE, PAGES, ("pages.title", "pages.poison", "pages.language"),
        "Words of ill repute in the title, or {value} of one kind in the text ({times} or more): {said}", _poison,
        {"times": 3}, "M27",
    ),
    Marker(
        "PAG15", "Hostile layout", CONTEXT, PAGES, ("pages.popups", "pages.forced_redirect", "pages.ad_frames"),
        "What the page does to visitors: {said}", _hostile, {"ads": 10},
    ),
    Marker(
        "PAG16", "Hacked page", KNOCK_OUT, PAGES, ("pages.hidden_block", "pages.foreign_share", "pages.hidden_poison"),
        "A hidden block of {value} external links with {said}", _hacked, {"links": 5, "foreign": 0.5}, "third party",
    ),
    Marker(
        "PAG17", "Few internal links", CONTEXT, PAGES, ("pages.internal",),
        "{value} internal links, fewer than {below}", is_below(PAGES, "internal"), {"below": 3}, "M17",
    ),
    Marker(
        "PAG18", "Orphan on a weak domain", CONTEXT, PAGES, ("pages.links_in", "domains.authority"),
        "No known link to the page; authority of the domain {value}, below {authority}", _orphan, {"authority": 5},
        "LRT 1",
    ),
    Marker(
        "PAG19", "Not found by its title", CONTEXT, PAGES, ("pages.title_rank", "source.search"),
        "Not among the first {rank} results for its own title", _not_found_by_title, {"rank": 30}, "LRT 4",
    ),
)  # fmt: skip
