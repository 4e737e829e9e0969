"""Markers of networks (NET): referring domains that share what strangers do not share.

Decided: each of them names the domains that share a thing, so that a network can be shown. What customers of one
platform share is no network: an account on more than fifty domains is a platform's. Addresses join domains only in
company of evidence of another group, because hosts are shared; exchanged links likewise. What none of the domains
shares is clear only where it is known. Texts of pages are compared by their prints, titles and paths as they stand.
"""

import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from audit.lists import listed
from audit.profile import DOMAINS, LINKS, PAGES, Codes, Flags, Profile, Words

from . import bursts, hosting, likeness, neighbourhoods
from .marker import BECOMES, BESIDE, CONTEXT, EVIDENCE, Found, Limits, Marker, clustered
from .sharing import components, either, few, of_lists
from .signs import Test

PRINT_BITS = 64
PLATFORM = 50  # domains of one account: a platform that gives all of its customers the same one
DATED = re.compile(r"/(?:19|20)\d\d(?:/\d\d?){0,2}")


# --- Pages ------------------------------------------------------------------------------------------------------------
def _mirror_pages(profile: Profile, limits: Limits) -> Found:
    prints, fetched = profile.pages.hashes("text_print"), profile.pages.number("fetched")
    used, inverse = np.unique(prints, return_inverse=True)
    group = components(len(used), likeness.near(used, int(PRINT_BITS * (1 - limits["alike"]))))
    codes = np.where(prints > 0, group[inverse], -1).astype(np.int32)
    found = _shared_by_pages(profile, codes, profile.pages.text("url"), limits, known=prints > 0)
    found.state[(prints == 0) & ~np.isnan(fetched)] = BESIDE  # too short to have a print
    return found


def _shared_by_pages(
    profile: Profile, codes: Codes, called: Words, limits: Limits, *, known: Flags, most: int | None = None
) -> Found:
    """What is shared is called as its first page calls it."""
    least = int(limits["domains"])
    codes, first = few(codes, profile.home, least)
    names = [called.at(row) for row in first.tolist()]
    return clustered(codes, profile.home, names, least, most=most, known=known)


def _same_path(profile: Profile, limits: Limits) -> Found:
    path = profile.pages.text("path")
    codes = _coded_anew(path, pc.utf8_rtrim(pa.array(path.values, pa.string()), "/"))
    codes = _without(codes, path, profile.home, limits, is_generic_path)
    return _shared_by_pages(profile, codes, path, limits, known=path.known)


def is_generic_path(path: str) -> bool:
    """Whether sites have it in common because of their software, or by custom."""
    generic, lowered = listed("generic_paths"), path.rstrip("/").lower()
    cuts = [place for place, letter in enumerate(lowered) if letter == "/"]
    below = any(f"{lowered[:cut]}/*" in generic for cut in cuts)
    return below or lowered in generic or bool(DATED.fullmatch(lowered))


def _same_title(profile: Profile, limits: Limits) -> Found:
    title = profile.pages.text("title")
    spaced = pc.replace_substring_regex(pa.array(title.values, pa.string()), r"\s+", " ")
    codes = _coded_anew(title, pc.utf8_lower(pc.utf8_trim_whitespace(spaced)))
    codes = _without(codes, title, profile.home, limits, is_empty_title)
    return _shared_by_pages(profile, codes, title, limits, known=title.known)


def is_empty_title(title: str) -> bool:
    return " ".join(title.lower().split()) in listed("empty_titles")


def _coded_anew(texts: Words, folded: pa.Array) -> Codes:
    """The codes of the rows by the folded spelling of their texts."""
    if not texts.values:
        return texts.codes
    spelled = folded.dictionary_encode().indices.to_numpy()
    return np.where(texts.codes >= 0, spelled[texts.codes], -1).astype(np.int32)


def _without(codes: Codes, texts: Words, homes: Codes, limits: Limits, says_nothing: Callable[[str], bool]) -> Codes:
    """Leaves out what says nothing; asked of what domains share alone."""
    shared, first = few(codes, homes, int(limits["domains"]))
    empty = np.fromiter((says_nothing(texts.at(row)) for row in first.tolist()), np.bool_, len(first))
    return np.where((shared >= 0) & ~np.append(empty, True)[shared], shared, -1).astype(np.int32)


def _accounts(*kinds: str) -> Test:
    def test(profile: Profile, limits: Limits) -> Found:
        ids = profile.pages.lists("ids")
        keeps = tuple(f"{kind}:" for kind in kinds)
        least, most = int(limits["domains"]), int(limits["most"])
        return of_lists(ids, profile.home, least, most=most, keeps=lambda one: one.startswith(keeps))

    return test


def _same_build(profile: Profile, limits: Limits) -> Found:
    """The same skeleton or icon, and the same theme."""
    pages = profile.pages
    theme, looked = pages.text("theme"), ~np.isnan(pages.number("fetched"))
    found = []
    for name in ("skeleton", "favicon"):
        prints = pages.hashes(name)
        mixed = prints ^ theme.codes.astype(np.uint64) * likeness.SPREAD
        numbers = np.unique(mixed, return_inverse=True)[1]
        codes = np.where((prints > 0) & theme.known, numbers, -1).astype(np.int32)
        known = looked & (prints > 0)
        found.append(_shared_by_pages(profile, codes, theme, limits, known=known, most=int(limits["most"])))
    return either(*found)


MARKERS: tuple[Marker, ...] = (
    Marker(
        "NET01", "Mirror pages", EVIDENCE, PAGES, ("pages.text_print",),
        "Nearly the same main text on {value} domains, as on {said}", _mirror_pages,
        {"alike": 0.9, "domains": 2}, "Semrush",
    ),
    Marker(
        "NET02", "Same URL path", EVIDENCE, PAGES, ("pages.path",),
        "Same path {said} on {value} domains", _same_path, {"domains": 3}, "Semrush",
    ),
    Marker(
        "NET03", "Same page title", EVIDENCE, PAGES, ("pages.title",),
        "Same title “{said}” on {value} domains", _same_title, {"domains": 3}, "Semrush",
    ),
    Marker(
        "NET04", "Shared analytics account", EVIDENCE, PAGES, ("pages.ids",),
        "Account {said} on {value} domains", _accounts("ga", "gtm"), {"domains": 2, "most": PLATFORM}, "Semrush",
    ),
    Marker(
        "NET05", "Shared ad account", EVIDENCE, PAGES, ("pages.ids",),
        "Account {said} on {value} domains", _accounts("adsense"), {"domains": 2, "most": PLATFORM}, "Semrush",
    ),
    Marker(
        "NET06", "Many domains on one IP", BECOMES, DOMAINS, ("domains.ips",),
        "{value} domains at the address {said}", hosting.one_address, {"domains": 5}, "Semrush, LRT 7, AS",
    ),
    Marker(
        "NET07", "Many domains in one network", CONTEXT, DOMAINS, ("domains.networks",),
        "{value} domains in the network {said}", hosting.one_network, {"domains": 8}, "AS",
    ),
    Marker(
        "NET08", "Same registrant", EVIDENCE, DOMAINS,
        ("domains.registered", "domains.registrant", "domains.registrar"),
        "{value} domains registered alike: {said}", hosting.one_registrant,
        {"domains": 2, "same_day": 3, "chance": 10}, "Semrush, LRT 6",
    ),
    Marker(
        "NET09", "Same rare name servers", CONTEXT, DOMAINS, ("domains.name_servers",),
        "{value} domains with the name servers {said}", hosting.one_pair_of_servers, {"domains": 3, "most": 20},
    ),
    Marker(
        "NET10", "Shared certificate", EVIDENCE, DOMAINS, ("domains.certificate", "domains.name"),
        "{value} domains named in one certificate, {said} among them", hosting.one_certificate,
        {"domains": 2, "most": PLATFORM},
    ),
    Marker(
        "NET11", "Same build", CONTEXT, PAGES, ("pages.skeleton", "pages.favicon", "pages.theme"),
        "{value} domains with the same structure or icon and the theme {said}", _same_build,
        {"domains": 3, "most": PLATFORM},
    ),
    Marker(
        "NET12", "Same outbound set", EVIDENCE, DOMAINS, ("domains.linked",),
        "Links to {value} domains, a share of {share} or more in common with another one: {said}",
        neighbourhoods.same_outbound_set, {"share": 0.8, "linked": 5},
    ),
    Marker(
        "NET13", "Twin inbound profile", EVIDENCE, DOMAINS, ("domains.votes_print", "domains.votes"),
        "{value} domains have the same linking domains", neighbourhoods.twin_inbound, {"votes": 5}, "AS",
    ),
    Marker(
        "NET14", "Reciprocal links", BECOMES, DOMAINS, ("domains.gets_back",),
        "One of {value} domains that {said} links back to", neighbourhoods.reciprocal, {"domains": 10}, "Google",
    ),
    Marker(
        "NET15", "Closed community", EVIDENCE, DOMAINS, ("domains.closed",),
        "A share of {value} of its linking domains is of its own dense community, {share} or more",
        neighbourhoods.closed_community, {"share": 0.8},
    ),
    Marker(
        "NET16", "Rank block", EVIDENCE, DOMAINS, ("domains.pagerank", "domains.name"),
        "{value} domains of nearly one rank have {said}", neighbourhoods.rank_block,
        {"domains": 5, "apart": 0.01, "alike": 0.75}, "heuristic of Common Crawl staff",
    ),
    Marker(
        "NET17", "Synchronised start", EVIDENCE, LINKS, ("links.first_seen", "links.anchor", "links.target"),
        "{value} domains began within {days} days: {said}", bursts.synchronised,
        {"domains": 5, "days": 2, "chance": 3, "share": 0.5},
    ),
    Marker(
        "NET18", "Weak page, one network", EVIDENCE, DOMAINS,
        ("domains.authority", "domains.votes", "domains.one_network"),
        "Authority below {below}, and {value} of its linking domains stand in one network",
        neighbourhoods.one_network_votes, {"above": 10, "below": 5}, "LRT 3",
    ),
    Marker(
        "NET19", "Re-used expired domain", EVIDENCE, DOMAINS,
        ("domains.registered", "domains.known_since", "domains.topic_changed"),
        "Registered {value} days after it was known, and its topic is another", neighbourhoods.reused, {"days": 30},
    ),
)  # fmt: skip
