"""Markers of the linking domain (DOM): its name, its standing in the graph, its age, its neighbours.

Decided: what only a small honest site has as well (a short name, a hyphen, a cheap ending, no trackers) is context,
which never makes a link toxic. What a name looks like is asked of the registered label as people read it (`names.py`);
what graph, registry and pages say is tested in `standing.py`. Where the catalogue has no threshold, the start is ours.
"""

from collections.abc import Callable
from math import nan

import numpy as np

from audit.lists import listed
from audit.profile import DOMAINS, PAGES, Numbers, Profile, Words

from . import names, standing
from .marker import CONTEXT, EVIDENCE, KNOCK_OUT, UNKNOWN, Found, Limits, Marker, judged, nothing_known
from .signs import Test, any_of, is_above, is_below, is_from, sign

RANDOM = ("many consonants in a row", "many vowels in a row", "unusual pairs of letters")


# --- Names ------------------------------------------------------------------------------------------------------------
def _named(profile: Profile) -> Words:
    return profile.domains.text("name")


def _label(ask: Callable[[str], float], holds: Callable[[Numbers, Limits], names.Flags]) -> Test:
    """Fires where a figure of the label holds; an address has none."""

    def test(profile: Profile, limits: Limits) -> Found:
        values = names.asked(_named(profile), ask)
        return judged(
            holds(values, limits),
            known=~np.isnan(values),
            value=values,
            said=_named(profile),
            applies=~names.addresses(_named(profile)),
        )

    return test


def _is_many(values: Numbers, limits: Limits) -> names.Flags:
    return values >= limits["from"]


def _is_odd_length(values: Numbers, limits: Limits) -> names.Flags:
    return (values <= limits["short"]) | (values > limits["long"])


def _random(profile: Profile, limits: Limits) -> Found:
    """Unknown in scripts of other letters."""

    def signs_of(label: str) -> float:
        sound = names.sound_of(label)
        if sound is None:
            return nan
        long = (sound.consonants >= limits["consonants"], sound.vowels >= limits["vowels"])
        return long[0] + 2 * long[1] + 4 * (sound.bits >= limits["bits"])

    held = names.asked(_named(profile), signs_of)
    bits = np.nan_to_num(held).astype(np.int32)
    signs = {what: sign((bits >> place & 1) == 1, ~np.isnan(held)) for place, what in enumerate(RANDOM)}
    return any_of(signs, applies=~names.addresses(_named(profile)))


def _ending(profile: Profile, limits: Limits) -> Found:
    endings, spammy = profile.domains.text("tld"), listed("spam_tlds")
    fires = endings.each(lambda tld: tld in spammy) == 1
    return judged(fires, known=endings.known, said=endings, applies=~names.addresses(_named(profile)))


def _subdomain(profile: Profile, limits: Limits) -> Found:
    """Digits in what stands before the domain, or many levels of it."""
    hosts, domains = profile.pages.text("host"), _named(profile)
    home = np.zeros(len(hosts.values), np.int64)
    home[hosts.codes[hosts.known]] = profile.home[hosts.known]  # a host has one domain
    above = tuple(map(names.subdomain_of, hosts.values, map(domains.at, home.tolist())))
    subdomains = Words(hosts.codes, above)
    digits, levels = subdomains.each(names.digits), subdomains.each(names.levels)
    signs = {
        "digits": sign(digits >= limits["digits"], hosts.known),
        "many levels": sign(levels >= limits["levels"], hosts.known),
    }
    return any_of(signs)


def _free_and_thin(profile: Profile, limits: Limits) -> Found:
    is_free = _named(profile).each(lambda name: standing.is_below(name, "free_hosts"))
    thin = standing.few_pages(profile, limits)
    known = (is_free == 0) | ((is_free == 1) & (thin.state != UNKNOWN))
    return judged((is_free == 1) & thin.fired, known=known, value=thin.value)


def _keyword(profile: Profile, limits: Limits) -> Found:
    """The label, or the whole name as in cheap.shoes, is a keyword of the project."""
    wanted = frozenset().union(*map(names.spellings, profile.about.keywords)) - {""}
    if not wanted:
        return nothing_known(profile.domains.count)
    said = _named(profile)
    fires = said.each(lambda name: bool(wanted & (names.spellings(names.label_of(name)) | names.spellings(name)))) == 1
    return judged(fires, known=said.known, said=said, applies=~names.addresses(said))


def _address(profile: Profile, limits: Limits) -> Found:
    return judged(names.addresses(_named(profile)), known=_named(profile).known, said=_named(profile))


def _says(column: str, value: float) -> Test:
    """Fires where a yes or no is this one."""
    return standing.of_domains(column, lambda values, _: values == value)


def _named_by(column: str) -> Test:
    """Fires at pages that a list names, or their host or domain: a list may name one host of a domain."""

    def test(profile: Profile, limits: Limits) -> Found:
        named = profile.pages.number(column)
        return judged(named == 1, known=~np.isnan(named), said=profile.pages.text(f"{column}_by"))

    return test


MARKERS: tuple[Marker, ...] = (
    Marker(
        "DOM01", "Not indexed", EVIDENCE, DOMAINS, ("domains.indexed", "source.search"),
        "The search index knows no page of the domain", _says("indexed", 0), {}, "LRT, Semrush",
    ),
    Marker(
        "DOM02", "Malware or phishing", KNOCK_OUT, PAGES, ("pages.malware", "source.malware"),
        "A list of malware or phishing names {said}", _named_by("malware"), {}, "LRT, Semrush",
    ),
    Marker(
        "DOM03", "Adult or hacking topic", EVIDENCE, DOMAINS, ("domains.topics",),
        "Its pages are about: {said}", standing.dark_topic, {}, "LRT",
    ),
    Marker(
        "DOM04", "Very low authority", CONTEXT, DOMAINS, ("domains.authority",),
        "Authority {value}, below {below}", is_below(DOMAINS, "authority"), {"below": 5}, "LRT, Semrush",
    ),
    Marker(
        "DOM05", "Trust far below authority", EVIDENCE, DOMAINS,
        ("domains.trust", "domains.pagerank", "domains.authority"),
        "Its share of trust is {value} times its share of PageRank, below {ratio}, at an authority from {authority}",
        standing.distant_from_trust, {"ratio": 0.1, "authority": 20, "reach": 0.5}, "Semrush (reported), M17",
    ),
    Marker(
        "DOM06", "No organic rankings", CONTEXT, DOMAINS, ("domains.rankings", "source.search"),
        "No keyword is known that it ranks for", _says("rankings", 0), {}, "AS",
    ),
    Marker(
        "DOM07", "Links above traffic", EVIDENCE, DOMAINS, ("domains.traffic_residual",),
        "{value} standard deviations more links than domains with its traffic have, above {above}",
        is_above(DOMAINS, "traffic_residual"), {"above": 3}, "AS",
    ),
    Marker(
        "DOM08", "Nearly all follow", CONTEXT, DOMAINS, ("domains.follow_share", "domains.votes"),
        "A share of {value} of its referring domains links with follow, above {share}, of {votes} or more",
        standing.all_follow, {"share": 0.98, "votes": 50}, "AS, M17",
    ),
    Marker(
        "DOM09", "Spam-prone TLD", CONTEXT, DOMAINS, ("domains.tld",),
        "Its ending is .{said}", _ending, {}, "M27, D18",
    ),
    Marker(
        "DOM10", "Name length", CONTEXT, DOMAINS, ("domains.name",),
        "{value} characters in the name: {short} or fewer, or more than {long}",
        _label(len, _is_odd_length), {"short": 3, "long": 20}, "M27, D18",
    ),
    Marker(
        "DOM11", "Digits in name", CONTEXT, DOMAINS, ("domains.name",),
        "{value} digits in the name, from {from}", _label(names.digits, _is_many), {"from": 2}, "M27, D18",
    ),
    Marker(
        "DOM12", "Hyphens in name", CONTEXT, DOMAINS, ("domains.name",),
        "{value} hyphens in the name, from {from}", _label(names.hyphens, _is_many), {"from": 2}, "M27",
    ),
    Marker(
        "DOM13", "Random name", CONTEXT, DOMAINS, ("domains.name",),
        "The name has {said} (from {consonants} consonants, {vowels} vowels or {bits} bits a pair of letters)",
        _random, {"consonants": 6, "vowels": 5, "bits": 6}, "M27",
    ),
    Marker(
        "DOM14", "Odd subdomain", CONTEXT, PAGES, ("pages.host", "domains.name"),
        "The subdomain has {said} (from {digits} digits or {levels} levels)",
        _subdomain, {"digits": 2, "levels": 3}, "D18",
    ),
    Marker(
        "DOM15", "Free host, thin", CONTEXT, DOMAINS, ("domains.name", "domains.pages"),
        "A site on a free host of which {value} pages are known, fewer than {pages}",
        _free_and_thin, {"pages": 5}, "third party",
    ),
    Marker(
        "DOM16", "Keyword domain", CONTEXT, DOMAINS, ("domains.name", "source.keywords"),
        "The name {said} is a keyword of the project", _keyword,
    ),
    Marker(
        "DOM17", "Bare IP", EVIDENCE, DOMAINS, ("domains.name",),
        "The host is the address {said}", _address, {}, "DataForSEO field",
    ),
    Marker(
        "DOM18", "Young link source", EVIDENCE, DOMAINS, ("domains.registered", "domains.linked_domains"),
        "Registered {value} days before, less than {days}, and links to more than {domains} domains",
        standing.young_source, {"days": 90, "domains": 100}, "third party",
    ),
    Marker(
        "DOM19", "Re-registered", CONTEXT, DOMAINS, ("domains.registered", "domains.known_since"),
        "Registered {value} days before, at most {days}, and known more than {before} days before that",
        standing.registered_anew, {"days": 365, "before": 30},
    ),
    Marker(
        "DOM20", "Few pages", CONTEXT, DOMAINS, ("domains.pages",),
        "{value} pages are known of it, fewer than {pages}", standing.few_pages, {"pages": 5}, "M27",
    ),
    Marker(
        "DOM21", "No contact data", CONTEXT, DOMAINS, ("pages.contact",),
        "No phone, e-mail or profile to reach its owner on any of {value} visited pages",
        standing.none_on_pages("contact"), {"pages": 1}, "M27, D18",
    ),
    Marker(
        "DOM22", "No HTTPS", CONTEXT, DOMAINS, ("pages.url",),
        "None of its {value} known pages has an address with https", standing.without_https, {}, "M27, D18",
    ),
    Marker(
        "DOM23", "No favicon", CONTEXT, DOMAINS, ("pages.has_favicon",),
        "No icon on any of {value} visited pages", standing.none_on_pages("has_favicon"), {"pages": 1}, "M27",
    ),
    Marker(
        "DOM24", "No trackers", CONTEXT, DOMAINS, ("pages.trackers",),
        "No analytics, tag manager, pixel or font service on any of {value} visited pages",
        standing.none_on_pages("trackers"), {"pages": 1}, "M27, D18",
    ),
    Marker(
        "DOM25", "Gives far more than it gets", EVIDENCE, DOMAINS, ("domains.linked_domains", "domains.votes"),
        "Links to {value} domains for each that links to it, from {ratio}, and to {domains} or more",
        standing.gives_more, {"ratio": 20, "domains": 1000},
    ),
    Marker(
        "DOM26", "Huge out-degree, thin", EVIDENCE, DOMAINS, ("domains.linked_domains", "pages.words"),
        "Links to {value} domains, more than {domains}, and half of its visited pages or more have under {words} words",
        standing.huge_and_thin, {"domains": 10_000, "words": 100}, "third party",
    ),
    Marker(
        "DOM27", "Large site, few links", CONTEXT, DOMAINS, ("domains.pages", "domains.votes"),
        "More than {pages} pages, and {value} referring domains, fewer than {votes}",
        standing.large_and_unlinked, {"pages": 1000, "votes": 5}, "M17",
    ),
    Marker(
        "DOM28", "Low link diversity", CONTEXT, DOMAINS, ("domains.one_network",),
        "A share of {value} of its votes comes from one network, from {from}",
        is_from(DOMAINS, "one_network"), {"from": 0.4}, "M17",
    ),
    Marker(
        "DOM29", "Parked", CONTEXT, DOMAINS, ("pages.parked",),
        "Parked: {value} of its visited pages are, or its name servers are those of a parking company",
        standing.parked, {"share": 0.5}, "Ahrefs status value",
    ),
    Marker(
        "DOM30", "Disavowed elsewhere", CONTEXT, DOMAINS, ("domains.disavowed", "source.decisions"),
        "A share of {value} of the other projects that know it disavowed it, from {from}",
        is_from(DOMAINS, "disavowed"), {"from": 0.5}, "Semrush (reported)",
    ),
    Marker(
        "DOM31", "Distrust", EVIDENCE, DOMAINS, ("domains.bad_share", "domains.bad_top"),
        "A share of {value} of its votes ends at listed bad sites, from {share}, and in the top {top} of all domains",
        standing.distrusted, {"share": 0.1, "top": 0.05}, "TrustRank papers",
    ),
    Marker(
        "DOM32", "Far from trust", CONTEXT, DOMAINS, ("domains.hops",),
        "More than {hops} links from any trusted site", standing.distant_in_links, {"hops": 4}, "TrustRank",
    ),
    Marker(
        "DOM33", "Foreign market", CONTEXT, DOMAINS, ("domains.country", "pages.language", "source.markets"),
        "Outside the project's markets by {said}", standing.foreign_market, {}, "Semrush set-up",
    ),
    Marker(
        "DOM34", "Foreign topic", CONTEXT, DOMAINS, ("domains.topics", "source.categories"),
        "About {said}, which is none of the project's topics", standing.foreign_topic, {}, "Semrush set-up",
    ),
    Marker(
        "DOM35", "Bad neighbourhood", EVIDENCE, DOMAINS, ("domains.bad_neighbours", "domains.judged_neighbours"),
        "A share of {value} of the domains that it links to is about gambling, adult or loans, from {share}, "
        "of {domains} or more whose topic is known",
        standing.bad_neighbourhood, {"share": 0.3, "domains": 10},
    ),
    Marker(
        "DOM36", "Name gone", CONTEXT, DOMAINS, ("domains.absent",),
        "No such name is registered any more", _says("absent", 1),
    ),
    Marker(
        "DOM37", "Domain blocklist", EVIDENCE, PAGES, ("pages.blocked", "source.blocklist"),
        "A blocklist names {said}", _named_by("blocked"),
    ),
)  # fmt: skip
