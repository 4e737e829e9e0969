"""Markers of the place of a link (PLC): where on the page it stands, who sees it, how it came there.

Decided: what our crawler notes only where there is something to note (a hidden link, paid-post wording) is known of
every link whose page it has read. A link that is a redirect has no place. What hides a link for those who run no
scripts is a frame; what makes it a pixel is a pixel: neither is a hidden link too, so that one fact counts once.
"""

import numpy as np

from audit.lists import listed
from audit.profile import LINKS, PAGES, Flags, Numbers, Profile, Words
from backlinks.crawl.hiding import is_certain

from .arriving import inherited
from .copies import syndicated
from .marker import BECOMES, CONTEXT, EVIDENCE, KNOCK_OUT, Found, Limits, Marker, distinct, judged
from .signs import Test, from_on
from .wording import any_part, found_in

ELSEWHERE = frozenset(("noscript", "image of a pixel"))  # reasons that markers of their own have
PIXEL = "image of a pixel"


# --- What is known of a link ------------------------------------------------------------------------------------------
def read_by_us(profile: Profile) -> Flags:
    """Links whose page our crawler has read."""
    return ~(np.isnan(profile.pages.number("fetched"))[profile.page] & np.isnan(profile.links.number("checked_at")))


def _is(words: Words, *values: str) -> Flags:
    return words.each(values.__contains__) == 1


def _placed(profile: Profile) -> Flags:
    return ~_is(profile.links.text("kind"), "redirect")


def _stands_in(*placements: str) -> Test:
    """Fires for links in one of these parts of the page."""

    def test(profile: Profile, limits: Limits) -> Found:
        where = profile.links.text("placement")
        return judged(_is(where, *placements), known=where.known, said=where, applies=_placed(profile))

    return test


# --- Many pages, one link ---------------------------------------------------------------------------------------------
def _sitewide(profile: Profile, limits: Limits) -> Found:
    """Pages of a domain that link to the same page with the same anchor; and what share of its known pages they are."""
    count = _alike_pages(profile)
    known_pages = profile.domains.number("pages")
    linking = np.bincount(profile.home, minlength=profile.domains.count)
    pages = np.fmax(known_pages, linking)[profile.domain]
    said = profile.links.number("sitewide")
    large = (count >= limits["least"]) & (count >= limits["share"] * pages)
    many = (count >= limits["pages"]) | (said == 1)
    share_known = ~np.isnan(known_pages)[profile.domain]
    return judged(many | (share_known & large), known=many | share_known | ~np.isnan(said), value=count)


def _alike_pages(profile: Profile) -> Numbers:
    """On how many pages of its domain each link stands: to the same target, with the same anchor."""
    links = profile.links
    group = _joint(_joint(profile.domain, links.text("target").codes), links.text("anchor").codes)
    pairs = distinct(group, profile.page)
    return np.bincount(pairs >> 32, minlength=len(group))[group].astype(np.float32)


def _joint(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """A number for each pair of numbers of which the second may be -1."""
    return np.unique(one.astype(np.int64) << 32 | (other.astype(np.int64) + 1), return_inverse=True)[1].astype(np.int32)


def _forum(profile: Profile, limits: Limits) -> Found:
    """A signature, or a page whose address is that of a member."""
    where, addresses = profile.links.text("placement"), profile.pages.text("key")
    pattern = any_part(listed("forum_profiles"))
    member = (addresses.spread(found_in(addresses.values, pattern).astype(np.float32)) == 1)[profile.page]
    fires = _is(where, "signature") | member
    return judged(fires, known=where.known | member, said=where, applies=_placed(profile))


# --- Seen by few ------------------------------------------------------------------------------------------------------
def _hidden(profile: Profile, limits: Limits) -> Found:
    """Hidden by its own tag or one around it; what only a class hints at is not taken for it."""
    why = profile.links.text("hidden")
    fires = why.each(lambda reason: is_certain(reason) and reason not in ELSEWHERE) == 1
    return judged(fires, known=fires | read_by_us(profile), said=why, applies=_placed(profile))


def _dense(profile: Profile, limits: Limits) -> Found:
    """The visit notes the share of link words only where it is high."""
    share = profile.links.number("link_words")
    found = from_on(np.where(np.isnan(share) & read_by_us(profile), 0, share), limits["from"])
    return judged(found.fired, known=found.state > 0, value=share, applies=_placed(profile))


def _paid(profile: Profile, limits: Limits) -> Found:
    links = profile.links
    wording, nofollow = links.text("paid"), links.number("nofollow")
    declared = (nofollow == 1) | (links.number("sponsored") == 1)
    spoken = ~_is(profile.pages.text("unsupported"), "1")[profile.page]
    known = declared | (wording.known & ~np.isnan(nofollow)) | (~wording.known & read_by_us(profile) & spoken)
    return judged(wording.known & ~declared, known=known, said=wording, applies=_placed(profile))


def _framed(profile: Profile, limits: Limits) -> Found:
    kind, frame = profile.links.text("kind"), profile.links.text("frame")
    whole = _is(kind, "frame")
    said = Words(np.where(frame.known, frame.codes, np.where(whole, len(frame.values), -1)).astype(np.int32),
                 (*frame.values, "iframe"))  # fmt: skip
    return judged(said.known, known=said.known | read_by_us(profile), said=said, applies=_placed(profile))


def _pixel(profile: Profile, limits: Limits) -> Found:
    links = profile.links
    kind, alt = links.text("kind"), links.text("alt")
    tiny = links.text("pixel").known | _is(links.text("hidden"), PIXEL)
    known = tiny | alt.known | read_by_us(profile)
    return judged(tiny & ~alt.known, known=known, applies=~kind.known | _is(kind, "image"))


# --- How it came there ------------------------------------------------------------------------------------------------
def _late(profile: Profile, limits: Limits) -> Found:
    """A visit had the link, an earlier one of the same text had not; what was there soon after publication is clear.

    That a source first saw a link late says only when the source came by.
    """
    links, published = profile.links, profile.pages.number("published")[profile.page]
    inserted, moved = links.number("inserted") - published, links.number("moved_bits")
    soon = (links.number("first_seen") - published < limits["days"]) | (inserted < limits["days"])
    rewritten = moved > limits["bits"]
    known = soon | (~np.isnan(inserted) & ~np.isnan(moved))
    fires = (inserted >= limits["days"]) & ~rewritten & ~soon
    return judged(fires, known=known, value=inserted, applies=_placed(profile))


def _cloaked(profile: Profile, limits: Limits) -> Found:
    shown = profile.links.number("shown_to_bots")
    return judged(shown == 1, known=~np.isnan(shown))


def _directory(profile: Profile, limits: Limits) -> Found:
    listing = profile.pages.number("directory")
    return judged(listing == 1, known=~np.isnan(listing))


MARKERS: tuple[Marker, ...] = (
    Marker(
        "PLC01", "Site-wide", BECOMES, LINKS, ("links.target", "domains.pages"),
        "The same link on {value} pages of the site: {pages} or more, or a share of {share} of those known", _sitewide,
        {"pages": 20, "share": 0.5, "least": 5}, "Semrush field, Google",
    ),
    Marker(
        "PLC02", "Footer", CONTEXT, LINKS, ("links.placement",), "The link stands in the footer",
        _stands_in("footer"), basis="Google",
    ),
    Marker(
        "PLC03", "Sidebar", CONTEXT, LINKS, ("links.placement",), "The link stands in a {said}",
        _stands_in("sidebar", "widget"), basis="Google",
    ),
    Marker(
        "PLC04", "Comment", CONTEXT, LINKS, ("links.placement",), "The link stands in a comment",
        _stands_in("comment"), basis="Semrush (reported), Google",
    ),
    Marker(
        "PLC05", "Forum profile", CONTEXT, LINKS, ("links.placement", "pages.key"),
        "The link stands in a signature or on a member's page", _forum, basis="Semrush (reported), Google",
    ),
    Marker(
        "PLC06", "Hidden link", EVIDENCE, LINKS, ("links.hidden",), "Nobody sees the link: {said}", _hidden,
        basis="Google",
    ),
    Marker(
        "PLC07", "Link-dense surroundings", CONTEXT, LINKS, ("links.link_words",),
        "A share of {value} of the words around the link are links, {from} or more", _dense, {"from": 0.7}, "Majestic",
    ),
    Marker(
        "PLC08", "Undeclared paid post", EVIDENCE, LINKS, ("links.paid", "links.nofollow"),
        "“{said}” stands near the link, and it is neither sponsored nor nofollow", _paid, basis="Google",
    ),
    Marker(
        "PLC09", "Only in a frame", CONTEXT, LINKS, ("links.frame",), "The link stands only in {said}", _framed,
    ),
    Marker(
        "PLC10", "Pixel link", EVIDENCE, LINKS, ("links.pixel",), "An image of 2 pixels or less without alt text",
        _pixel,
    ),
    Marker(
        "PLC11", "Inherited by redirect", EVIDENCE, LINKS, ("links.redirect",),
        "The link arrives through a redirect of {said}", inherited,
    ),
    Marker(
        "PLC12", "Late insertion", CONTEXT, LINKS, ("pages.published", "links.inserted", "links.moved_bits"),
        "The link was added {value} days after publication, the text is the same but for {bits} of 64 bits", _late,
        {"days": 180, "bits": 3},
    ),
    Marker(
        "PLC13", "Shown to bots only", KNOCK_OUT, LINKS, ("links.shown_to_bots",),
        "The page has the link for a search engine's name only", _cloaked, basis="Google",
    ),
    Marker(
        "PLC14", "Generic directory", CONTEXT, PAGES, ("pages.directory",), "The page is a listing of a directory",
        _directory, basis="Google",
    ),
    Marker(
        "PLC15", "Syndicated copy", CONTEXT, PAGES, ("pages.text_print",), "Same text as {said}", syndicated,
        {"domains": 2}, "Google",
    ),
)  # fmt: skip
