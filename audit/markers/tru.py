"""Trust markers (TRU): what speaks for a link. Their points are below 0.

Decided: popularity lowers risk and never proves innocence: a fifth of what people disavow is in a list of the million
most popular domains. It has three steps, each a marker whose points add up, so that each has a weight of its own. A
controlled name is one that nobody registers freely, by the list that trust itself starts from. A partner of the project
loses no risk: what it is stays shown, and only no action is proposed. Refused: trust out of what nobody has looked at.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np

from audit.profile import DOMAINS, LINKS, Profile
from backlinks.authority.seeds import shipped

from .marker import CONTEXT, Found, Limits, Marker, judged
from .signs import Test, is_from
from .standing import over_pages, since_of

COUNTRY = ".*"  # ac.* is ac.<country> for every country


def _popular(profile: Profile, limits: Limits) -> Found:
    rank = profile.domains.number("popularity")
    return judged((rank > 0) & (rank <= limits["rank"]), known=~np.isnan(rank), value=rank)


def _trusted(profile: Profile, limits: Limits) -> Found:
    top = profile.domains.number("trust_top")
    return judged(top < np.float32(limits["top"]), known=~np.isnan(top), value=top)


@cache
def _suffixes(name: str) -> tuple[frozenset[str], frozenset[str]]:
    """Suffixes of a list of seeds, and the first labels of those that stand below any country."""
    items = getattr(shipped(), name)
    return (
        frozenset(one for one in items if not one.endswith(COUNTRY)),
        frozenset(one.removesuffix(COUNTRY) for one in items if one.endswith(COUNTRY)),
    )


def is_controlled(domain: str) -> bool:
    """Whether a domain stands below a suffix that is given to those entitled only; the suffix itself does not."""
    above = tuple(_above(domain))
    return _has("controlled", above) and not _has("uncontrolled", above)


def _above(domain: str) -> Iterator[str]:
    rest = domain.partition(".")[2]
    while rest:
        yield rest
        rest = rest.partition(".")[2]


def _has(name: str, suffixes: tuple[str, ...]) -> bool:
    whole, by_country = _suffixes(name)
    return any(one in whole or (one[-3:-2] == "." and one[:-3] in by_country) for one in suffixes)


def _controlled(profile: Profile, limits: Limits) -> Found:
    names = profile.domains.text("name")
    return judged(names.each(is_controlled) == 1, known=names.known, said=names)


def _editorial(profile: Profile, limits: Limits) -> Found:
    """In the main text, with words on both sides, on a page that may be indexed."""
    placement, links, pages = profile.links.text("placement"), profile.links, profile.pages
    beside = np.minimum(links.number("left_words"), links.number("right_words"))
    hidden = np.fmax(pages.number("noindex"), pages.number("canonical_elsewhere"))[profile.page]
    unseen = np.isnan(pages.number("noindex") + pages.number("canonical_elsewhere"))[profile.page]
    in_text = placement.each(lambda place: place == "content")
    fails = (in_text == 0) | (beside < limits["words"]) | (hidden == 1)
    known = fails | ~(np.isnan(in_text) | np.isnan(beside) | unseen)
    return judged(~fails, known=known, value=beside)


def _steady(profile: Profile, limits: Limits) -> Found:
    """Long known, and the same site: its topic stayed; where that is unknown, it was registered before it was known."""
    releases, since = profile.domains.number("releases"), since_of(profile)
    young = (releases < limits["releases"]) | (profile.today - since < limits["days"])
    changed = profile.domains.number("topic_changed")
    registered = profile.domains.number("registered")
    renewed = np.where(np.isnan(registered + since), np.nan, registered > since + limits["slack"])
    changed = np.where(np.isnan(changed), renewed, changed)
    known = young | (changed == 1) | ~np.isnan(releases + since + changed)
    return judged(~young & (changed == 0), known=known, value=releases)


def _reachable(profile: Profile, limits: Limits) -> Found:
    visited, held = over_pages(profile, "contact", lambda ways: ways >= limits["from"])
    return judged(held > 0, known=visited > 0, value=held)


def _partner(profile: Profile, limits: Limits) -> Found:
    names, partners = profile.domains.text("name"), profile.about.partners
    return judged(names.each(lambda name: name in partners) == 1, known=names.known, said=names)


def _of_list(marker: str, name: str, rank: int, points: float) -> Marker:
    return Marker(
        marker, name, CONTEXT, DOMAINS, ("domains.popularity",),
        "At {value} in a list of popular sites, within the first {rank}", _popular, {"rank": rank}, points=points,
    )  # fmt: skip


VISITS: Test = is_from(DOMAINS, "own_visits")
MARKERS: tuple[Marker, ...] = (
    _of_list("TRU01", "In a popularity list", 1_000_000, -10),
    _of_list("TRU01a", "Among the first 100,000 of a popularity list", 100_000, -5),
    _of_list("TRU01b", "Among the first 10,000 of a popularity list", 10_000, -5),
    Marker(
        "TRU02", "Trusted by graph", CONTEXT, DOMAINS, ("domains.trust_top",),
        "A share of {value} of all domains has more trust, below {top}", _trusted, {"top": 0.2}, points=-10,
    ),
    Marker(
        "TRU03", "Controlled name", CONTEXT, DOMAINS, ("domains.name",),
        "{said} is a name that nobody registers freely", _controlled, points=-10,
    ),
    Marker(
        "TRU04", "Editorial position", CONTEXT, LINKS,
        ("links.placement", "links.left_words", "links.right_words", "pages.noindex", "pages.canonical_elsewhere"),
        "In the main text with {value} words or more on both sides, from {words}, on a page that may be indexed",
        _editorial, {"words": 20}, points=-8,
    ),
    Marker(
        "TRU05", "Long, stable history", CONTEXT, DOMAINS, ("domains.releases", "domains.known_since"),
        "In {value} releases of the graph, from {releases}, known for {days} days or more, and not changed hands",
        _steady, {"releases": 8, "days": 1095, "slack": 30}, points=-6,
    ),
    Marker(
        "TRU06", "Reachable owner", CONTEXT, DOMAINS, ("pages.contact",),
        "Ways to reach its owner on {value} visited pages", _reachable, {"from": 1}, points=-4,
    ),
    Marker(
        "TRU07", "Real visitors", CONTEXT, DOMAINS, ("domains.own_visits", "source.visits"),
        "{value} visits from it in our own analytics", VISITS, {"from": 1}, points=-10,
    ),
    Marker(
        "TRU08", "Known partner", CONTEXT, DOMAINS, ("domains.name",),
        "On the project's whitelist", _partner, points=0,
    ),
)  # fmt: skip
