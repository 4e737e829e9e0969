"""Markers of the whole profile (PRO): they fire at the links and domains that make a figure of it stand out.

Decided: weeks and months are compared with those before them, so that a site that has always grown fast does not spike.
Of a week that spikes those domains are left out whose anchors people choose by themselves, as in NET17: they are news.
Figures are compared with those of competitors (three at least): an outlier lies further from their median than three
times their spread, and by a margin that matters. It fires at what makes the difference: at the links to the home page
where too many go there, at the other ones where too few do. Refused: fixed ideas of a natural profile, because there is
no natural share of follow links that holds for a blog and for a shop.
"""

from urllib.parse import urlsplit

import numpy as np

from audit.profile import DOMAINS, LINKS, Flags, Numbers, Profile, Words

from . import bursts
from .marker import CLEAR, CONTEXT, EVIDENCE, Found, Limits, Marker, judged, nothing_known
from .sharing import either

WEEK, MONTH = 7, 30
NORMAL = 1.4826  # standard deviations of a bell curve in one MAD
# Figures of a `Peer`.
HOME_SHARE, FOLLOW_SHARE, LINKS_PER_DOMAIN, WEAK_SHARE = "home_share", "follow_share", "links_per_domain", "weak_share"
AGAINST_PEERS = {"peers": 3, "peer_domains": 10, "deviations": 3, "margin": 0.15}


# --- Time -------------------------------------------------------------------------------------------------------------
def _growth_spike(profile: Profile, limits: Limits) -> Found:
    """Domains whose links all have anchors that people choose by themselves are news, not part of the spike."""
    found = _standing_out(profile, bursts.first_days(profile), WEEK, limits)
    found.state[found.fired & _is_news(profile)] = CLEAR
    return found


def _is_news(profile: Profile) -> Flags:
    usual = profile.links.text("anchor_class").each(bursts.USUAL.__contains__) == 1
    count = profile.domains.count
    other = np.bincount(profile.domain[~usual], minlength=count)
    return (other == 0) & (np.bincount(profile.domain, minlength=count) > 0)


def _mass_loss(profile: Profile, limits: Limits) -> Found:
    """Of domains all of whose links are lost. Where none is, nobody may have looked."""
    domains, links = profile.domains, profile.links
    lost_at = np.full(domains.count, np.nan, np.float32)
    np.fmax.at(lost_at, profile.domain, links.number("lost_at"))
    state = domains.text("state")
    is_lost = state.each(lambda one: one == "lost") == 1
    if not (is_lost & ~np.isnan(lost_at)).any():
        return nothing_known(domains.count)
    found = _standing_out(profile, np.where(is_lost, lost_at, np.float32(np.nan)), MONTH, limits)
    found.state[~is_lost & state.known] = CLEAR
    return found


def _standing_out(profile: Profile, day: Numbers, length: int, limits: Limits) -> Found:
    found = bursts.periods(day, profile.today, length)
    limit = bursts.standing_out(
        found.counts, int(limits["before"]), int(limits["least_before"]), limits["deviations"], limits["least"]
    )
    count, most = bursts.of_rows(found, found.counts.astype(np.float32)), bursts.of_rows(found, limit)
    said = bursts.named(found, profile.today, length)
    return judged(count > most, known=~np.isnan(most), value=count, said=said)


# --- Names and places -------------------------------------------------------------------------------------------------
def _many_of_one_root(profile: Profile, limits: Limits) -> Found:
    pages = np.bincount(profile.home[profile.pages.text("url").known], minlength=profile.domains.count)
    hosts = profile.domains.number("hosts")
    said = Words.of(["" if np.isnan(one) else f"{one:.0f}" for one in hosts.tolist()])
    many = (pages > limits["pages"]) | (hosts > limits["hosts"])
    return judged(many, known=~np.isnan(hosts) | many, value=pages, said=said)


def _one_place_dominates(profile: Profile, limits: Limits) -> Found:
    """A country or a TLD; the project's own countries dominate by right."""
    began = bursts.first_days(profile)
    new = began > profile.today - limits["days"]
    by_country = _dominates(profile.domains.text("country"), began, new, profile.about.countries, limits)
    return either(by_country, _dominates(profile.domains.text("tld"), began, new, (), limits))


def _dominates(texts: Words, began: Numbers, new: Flags, own: tuple[str, ...], limits: Limits) -> Found:
    """Fires for the new domains of the commonest text, where it was not as common before."""
    young, old = texts.codes[new & texts.known], texts.codes[~new & texts.known & ~np.isnan(began)]
    known, undated = texts.known & ~np.isnan(began), np.isnan(began)
    if min(len(young), len(old)) < limits["least"]:
        return judged(new, known=known, said=texts, applies=undated | (new & ~known))
    counts = np.bincount(young, minlength=len(texts.values))
    leader = int(counts.argmax())
    share, before = counts[leader] / len(young), np.count_nonzero(old == leader) / len(old)
    natural = texts.values[leader].casefold() in {one.casefold() for one in own}
    stands_out = share > limits["share"] and share > limits["times"] * before and not natural
    fires = new & (texts.codes == leader) & stands_out
    return judged(fires, known=known, value=np.full(len(new), share), said=texts, applies=undated | new)


# --- Against competitors ----------------------------------------------------------------------------------------------
def bounds(profile: Profile, figure: str, limits: Limits) -> tuple[float, float] | None:
    """What the figure may be among these competitors; None where too few are known."""
    usable = [one.figures.get(figure, np.nan) for one in profile.peers if one.domains >= limits["peer_domains"]]
    known = np.array([one for one in usable if not np.isnan(one)], np.float64)
    if len(known) < limits["peers"]:
        return None
    middle = float(np.median(known))
    spread = NORMAL * float(np.median(np.abs(known - middle)))
    apart = max(limits["deviations"] * spread, limits["margin"])
    return middle - apart, middle + apart


def _home_or_deep(profile: Profile, limits: Limits) -> Found:
    """The share of domains with a link to the home page."""
    home = profile.links.text("target_url").each(is_home)
    known = ~np.isnan(home)
    with_home = _domains_of(profile, home == 1)
    share = with_home / max(_domains_of(profile, known), 1)
    return _of_two(profile, HOME_SHARE, share, home, ("the home page", "other pages"), limits)


def _domains_of(profile: Profile, rows: Flags) -> int:
    return int(np.count_nonzero(np.bincount(profile.domain[rows], minlength=1)))


def is_home(url: str) -> bool:
    return urlsplit(url).path in ("", "/")


def _follow_share(profile: Profile, limits: Limits) -> Found:
    follow = 1 - profile.links.number("nofollow")
    share = float(np.nanmean(follow)) if (~np.isnan(follow)).any() else np.nan
    return _of_two(profile, FOLLOW_SHARE, share, follow, ("follow links", "nofollow links"), limits)


def _of_two(
    profile: Profile, figure: str, share: float, rows: Numbers, names: tuple[str, str], limits: Limits
) -> Found:
    """Fires at the links of 1 where their share is too high, at those of 0 where it is too low."""
    between = bounds(profile, figure, limits)
    if between is None or np.isnan(share):
        return nothing_known(len(rows))
    fires = ((rows == 1) & (share > between[1])) | ((rows == 0) & (share < between[0]))
    said = Words(np.where(np.isnan(rows), -1, 1 - np.nan_to_num(rows)).astype(np.int32), names)
    shown = np.where(rows == 1, share, 1 - share)
    return judged(fires, known=~np.isnan(rows), value=shown, said=said)


def _links_per_domain(profile: Profile, limits: Limits) -> Found:
    """Fires at the domains with more links than the competitors' domains have, where the mean is an outlier."""
    links = profile.domains.number("links")
    between = bounds(profile, LINKS_PER_DOMAIN, limits)
    if between is None or not (links > 0).any():
        return nothing_known(len(links))
    mean = float(np.mean(links[links > 0]))
    return judged((links > between[1]) & (mean > between[1]), known=~np.isnan(links), value=links)


def _weak_bump(profile: Profile, limits: Limits) -> Found:
    authority = profile.domains.number("authority")
    scored = ~np.isnan(authority)
    weak = authority < np.float32(limits["below"])
    between = bounds(profile, WEAK_SHARE, limits)
    if between is None or not scored.any():
        return nothing_known(len(authority))
    share = np.count_nonzero(weak) / np.count_nonzero(scored)
    return judged(weak & (share > between[1]), known=scored, value=np.full(len(weak), share))


MARKERS: tuple[Marker, ...] = (
    Marker(
        "PRO01", "Growth spike", EVIDENCE, DOMAINS, ("domains.first_seen",),
        "One of {value} new domains in the week from {said}", _growth_spike,
        {"deviations": 6, "before": 52, "least_before": 8, "least": 10}, "third party",
    ),
    Marker(
        "PRO02", "Mass loss", CONTEXT, DOMAINS, ("domains.state", "links.lost_at"),
        "One of {value} domains lost in the month from {said}", _mass_loss,
        {"deviations": 6, "before": 12, "least_before": 3, "least": 10}, "third party",
    ),
    Marker(
        "PRO03", "Many URLs, one root", CONTEXT, DOMAINS, ("domains.hosts", "pages.url"),
        "{value} linking pages on {said} hosts of one domain", _many_of_one_root, {"pages": 100, "hosts": 10},
        "Semrush (reported)",
    ),
    Marker(
        "PRO04", "One TLD or country dominates", CONTEXT, DOMAINS,
        ("domains.first_seen", "domains.country", "domains.tld"),
        "Of the domains that are new in {days} days a share of {value} is of {said}", _one_place_dominates,
        {"days": 90, "share": 0.5, "times": 2, "least": 20}, "third party",
    ),
    Marker(
        "PRO05", "Home/deep ratio", CONTEXT, LINKS, ("links.target_url", "source.peers"),
        "A share of {value} links to {said}, unlike the competitors'", _home_or_deep, AGAINST_PEERS,
    ),
    Marker(
        "PRO06", "Follow share", CONTEXT, LINKS, ("links.nofollow", "source.peers"),
        "A share of {value} is {said}, unlike the competitors'", _follow_share, AGAINST_PEERS, "AS, M17",
    ),
    Marker(
        "PRO07", "Links per domain", CONTEXT, DOMAINS, ("domains.links", "source.peers"),
        "{value} links of one domain, in a profile with more a domain than the competitors'", _links_per_domain,
        AGAINST_PEERS | {"margin": 5}, "Semrush blog",
    ),
    Marker(
        "PRO08", "Weak-domain bump", CONTEXT, DOMAINS, ("domains.authority", "source.peers"),
        "A share of {value} of the domains has an authority below {below}, unlike the competitors'", _weak_bump,
        AGAINST_PEERS | {"below": 5},
    ),
)  # fmt: skip
