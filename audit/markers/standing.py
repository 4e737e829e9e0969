"""What the graph, the registry and the visited pages say of a linking domain: tests of the group DOM.

Decided: a ratio is judged only where there is enough to divide: an honest small site has two votes and both are follow.
What pages say counts for their domain when all that were visited say so. What a domain gives is at least what the
ledger has seen of it, so that more of it is evidence, and less of it is no proof.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from audit.lists import listed
from audit.profile import DOMAINS, Flags, Numbers, Profile, Words
from backlinks.topics.taxonomy import group_of, label_of

from .marker import Found, Limits, judged, nothing_known
from .signs import any_of, sign

DARK = frozenset(("adult", "piracy"))  # first levels of our topics; the latter is hacking and fakes, too
Test = Callable[[Profile, Limits], Found]


# --- Graph ------------------------------------------------------------------------------------------------------------
def distant_from_trust(profile: Profile, limits: Limits) -> Found:
    """Trust is a small part of the authority; asked where trust reaches most of what it is compared with."""
    domains = profile.domains
    trust, pagerank, authority = (domains.number(name) for name in ("trust", "pagerank", "authority"))
    known = ~np.isnan(trust) & (pagerank > 0) & ~np.isnan(authority)
    reached = np.count_nonzero(trust[known] > 0)
    if reached < limits["reach"] * np.count_nonzero(known):
        return nothing_known(domains.count)
    ratio = np.divide(trust, pagerank, out=np.full(domains.count, np.nan, np.float32), where=known)
    return judged((ratio < limits["ratio"]) & (authority >= limits["authority"]), known=known, value=ratio)


def all_follow(profile: Profile, limits: Limits) -> Found:
    share, votes = profile.domains.number("follow_share"), profile.domains.number("votes")
    few = votes < limits["votes"]
    return judged((share > np.float32(limits["share"])) & ~few, known=few | ~np.isnan(share + votes), value=share)


def outbound_of(profile: Profile) -> Numbers:
    """Domains that it links to, by whoever knows more."""
    return np.fmax(profile.domains.number("linked_domains"), profile.domains.number("outbound"))


def gives_more(profile: Profile, limits: Limits) -> Found:
    given, votes = outbound_of(profile), profile.domains.number("votes")
    ratio = given / np.maximum(votes, 1)
    counted = ~np.isnan(profile.domains.number("linked_domains")) & ~np.isnan(votes)
    fires = (ratio >= limits["ratio"]) & (given >= limits["domains"])
    return judged(fires, known=counted | fires, value=ratio)


def huge_and_thin(profile: Profile, limits: Limits) -> Found:
    """Most visited pages are thin; one that links to few is not, whatever its pages hold."""
    given = outbound_of(profile)
    visited, thin = over_pages(profile, "words", lambda words: words < limits["words"])
    huge = given > limits["domains"]
    small = ~huge & ~np.isnan(profile.domains.number("linked_domains"))
    return judged(huge & (thin * 2 >= visited), known=small | (huge & (visited > 0)), value=given)


def large_and_unlinked(profile: Profile, limits: Limits) -> Found:
    pages, votes = pages_of(profile), profile.domains.number("votes")
    large, linked = pages > limits["pages"], votes >= limits["votes"]
    small = ~large & ~np.isnan(profile.domains.number("pages"))
    return judged(large & ~linked, known=small | linked | (large & ~np.isnan(votes)), value=votes)


def distrusted(profile: Profile, limits: Limits) -> Found:
    share, top = profile.domains.number("bad_share"), profile.domains.number("bad_top")
    fires = (share >= np.float32(limits["share"])) & (top < np.float32(limits["top"]))
    return judged(fires, known=~np.isnan(share + top), value=share)


def distant_in_links(profile: Profile, limits: Limits) -> Found:
    """Infinitely many where no way leads there."""
    hops = profile.domains.number("hops")
    return judged(hops > limits["hops"], known=~np.isnan(hops), value=np.where(np.isinf(hops), np.nan, hops))


def bad_neighbourhood(profile: Profile, limits: Limits) -> Found:
    share, known = profile.domains.number("bad_neighbours"), profile.domains.number("judged_neighbours")
    enough = (known >= limits["domains"]) & ~np.isnan(share)
    return judged(share >= np.float32(limits["share"]), known=enough, value=share)


# --- Age --------------------------------------------------------------------------------------------------------------
def age_of(profile: Profile) -> Numbers:
    """Days since its registration; what was registered later than the audit's day is new."""
    return np.maximum(np.float32(profile.today) - profile.domains.number("registered"), 0)


def since_of(profile: Profile) -> Numbers:
    """The first day on which anybody has seen it, or a link of it to us."""
    return np.fmin(profile.domains.number("known_since"), profile.domains.number("first_seen"))


def young_source(profile: Profile, limits: Limits) -> Found:
    age, given = age_of(profile), outbound_of(profile)
    counted = ~np.isnan(profile.domains.number("linked_domains"))
    old, many = age >= limits["days"], given > limits["domains"]
    return judged(~old & many, known=old | (~np.isnan(age) & (many | counted)), value=age)


def registered_anew(profile: Profile, limits: Limits) -> Found:
    """Somebody knew it well before it was registered."""
    age, since = age_of(profile), since_of(profile)
    old = age > limits["days"]
    before = since < profile.domains.number("registered") - limits["before"]
    return judged(~old & before, known=old | ~np.isnan(age + since), value=age)


# --- Pages ------------------------------------------------------------------------------------------------------------
def pages_of(profile: Profile) -> Numbers:
    """Pages of each domain: those that link to us are some of them, at least."""
    return np.fmax(profile.domains.number("pages"), np.bincount(profile.home, minlength=profile.domains.count))


def few_pages(profile: Profile, limits: Limits) -> Found:
    """That it has more is known by those that link to us; that it has no more only by whoever has counted them."""
    pages = pages_of(profile)
    enough = pages >= limits["pages"]
    return judged(~enough, known=enough | ~np.isnan(profile.domains.number("pages")), value=pages)


def over_pages(
    profile: Profile, column: str, holds: Callable[[Numbers], Flags]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each domain: pages where the column is known, and those of them where it holds."""
    values, count = profile.pages.number(column), profile.domains.count
    known = ~np.isnan(values)
    return (
        np.bincount(profile.home[known], minlength=count),
        np.bincount(profile.home[known & holds(values)], minlength=count),
    )


def none_on_pages(column: str) -> Test:
    """Fires where no visited page of the domain has any; the value is how many were visited."""

    def test(profile: Profile, limits: Limits) -> Found:
        visited, held = over_pages(profile, column, lambda values: values > 0)
        return judged((visited >= limits["pages"]) & (held == 0), known=visited >= limits["pages"], value=visited)

    return test


def without_https(profile: Profile, limits: Limits) -> Found:
    """None of its known pages has an address with https."""
    secure = profile.pages.text("url").each(lambda url: url.startswith("https:"))
    count = profile.domains.count
    known = np.bincount(profile.home[~np.isnan(secure)], minlength=count)
    held = np.bincount(profile.home[secure == 1], minlength=count)
    return judged(held == 0, known=known > 0, value=known)


def parked(profile: Profile, limits: Limits) -> Found:
    """Half of the visited pages or more, or a name server that only parks. Other name servers prove nothing."""
    visited, held = over_pages(profile, "parked", lambda values: values == 1)
    servers = profile.domains.lists("name_servers")
    parks = np.fromiter((is_below(one, "parking_servers") for one in servers.values), np.bool_, len(servers.values))
    served = np.bincount(servers.owners[parks[servers.codes]], minlength=profile.domains.count) > 0
    by_pages = (visited > 0) & (held >= limits["share"] * visited)
    return judged(by_pages | served, known=(visited > 0) | served, value=held)


def is_below(name: str, of: str) -> bool:
    """Whether a name stands below one of a list."""
    return any(one in listed(of) for one in _above(name.lower().rstrip(".")))


def _above(name: str) -> Iterator[str]:
    while name:
        name = name.partition(".")[2]
        yield name


# --- Topics and markets -----------------------------------------------------------------------------------------------
def first_topics(profile: Profile) -> Words:
    """The weightiest topic of each domain."""
    topics = profile.domains.lists("topics")
    codes = np.full(profile.domains.count, -1, np.int32)
    some = topics.sizes > 0
    codes[some] = topics.codes[topics.starts[:-1][some]]
    return Words(codes, topics.values)


def _labelled(topics: Words) -> Words:
    return Words(topics.codes, tuple(map(label_of, topics.values)))


def dark_topic(profile: Profile, limits: Limits) -> Found:
    """Does not apply to a project of that trade, which is linked by its like."""
    topics = first_topics(profile)
    own = set(map(group_of, profile.about.topics))
    of_trade = topics.each(lambda topic: group_of(topic) in own) == 1
    fires = topics.each(lambda topic: group_of(topic) in DARK) == 1
    return judged(fires, known=topics.known, said=_labelled(topics), applies=~of_trade)


def foreign_topic(profile: Profile, limits: Limits) -> Found:
    """No topic of the domain, by first levels, is one of the project's."""
    wanted = set(map(group_of, profile.about.topics))
    topics = profile.domains.lists("topics")
    if not wanted:
        return nothing_known(profile.domains.count)
    ours = np.fromiter((group_of(one) in wanted for one in topics.values), np.bool_, len(topics.values))
    shared = np.bincount(topics.owners[ours[topics.codes]], minlength=profile.domains.count)
    return judged(shared == 0, known=topics.sizes > 0, said=_labelled(first_topics(profile)))


def foreign_market(profile: Profile, limits: Limits) -> Found:
    """Its country, or the languages of all its linking pages, are none of the project's."""
    signs = {}
    if profile.about.countries:
        signs["country"] = _foreign_country(profile)
    if profile.about.languages:
        signs["language"] = _foreign_language(profile)
    return any_of(signs) if signs else nothing_known(profile.domains.count)


def _foreign_country(profile: Profile) -> Numbers:
    wanted = {one.casefold() for one in profile.about.countries}
    return profile.domains.text("country").each(lambda country: country.casefold() not in wanted)


def _foreign_language(profile: Profile) -> Numbers:
    wanted = {bare_language(one) for one in profile.about.languages}
    ours = profile.pages.text("language").each(lambda language: bare_language(language) in wanted)
    count = profile.domains.count
    known = np.bincount(profile.home[~np.isnan(ours)], minlength=count) > 0
    return sign(known & (np.bincount(profile.home[ours == 1], minlength=count) == 0), known)


def bare_language(code: str) -> str:
    return code.partition("-")[0].casefold()


def of_domains(column: str, ask: Callable[[Numbers, Limits], Flags]) -> Test:
    """Fires where `ask` says so of a column; unknown where that is."""

    def test(profile: Profile, limits: Limits) -> Found:
        values = profile.rows(DOMAINS).number(column)
        return judged(ask(values, limits), known=~np.isnan(values), value=values)

    return test
