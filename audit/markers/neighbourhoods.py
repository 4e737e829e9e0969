"""Referring domains by their place in the graph: mutual links, closed communities, twins, blocks of one rank.

Decided: two names are nearly equal when what they begin and end with alike is three quarters of the longer one, digits
counted as equal. Two sets of linking domains are compared by a print of them, and those of a few domains not at all:
two sites that nobody links to are no twins.
"""

import numpy as np
from numpy.typing import NDArray

from audit.profile import Codes, Numbers, Profile, Sets, Words

from .likeness import alike
from .marker import Found, Limits, clustered, judged
from .names import DIGIT, label_of
from .sharing import Pairs, few, joined

STEM = 4  # letters that nearly equal names begin or end with
NAMED = 3  # linked domains that a cluster is called by


def _every(profile: Profile) -> Codes:
    return np.arange(profile.domains.count, dtype=np.int32)


# --- Sets of links ----------------------------------------------------------------------------------------------------
def same_outbound_set(profile: Profile, limits: Limits) -> Found:
    """Of sets with a few domains at least; the target, to which all of them link, is taken out."""
    linked = without(profile.domains.lists("linked"), {profile.about.target})
    enough = linked.known & (linked.sizes >= limits["linked"])
    codes, first = few(alike(linked, enough, limits["share"]), _every(profile), 2)
    names = [_called(linked.at(row)) for row in first.tolist()]
    found = clustered(codes, _every(profile), names, 2, known=linked.known)
    return Found(found.state, linked.sizes.astype(np.float32), found.said, found.cluster, found.clusters)


def _called(linked: tuple[str, ...]) -> str:
    more = f" and {len(linked) - NAMED} more" if len(linked) > NAMED else ""
    return ", ".join(sorted(linked)[:NAMED]) + more


def without(sets: Sets, names: set[str]) -> Sets:
    """The same lists without these texts."""
    kept = np.array([value not in names for value in sets.values], np.bool_)
    stays = kept[sets.codes] if len(sets.codes) else np.zeros(0, np.bool_)
    before = np.concatenate(([0], np.cumsum(stays)))
    return Sets(before[sets.starts].astype(np.int64), sets.codes[stays], sets.values, sets.known)


def twin_inbound(profile: Profile, limits: Limits) -> Found:
    prints, votes = profile.domains.hashes("votes_print"), profile.domains.number("votes")
    too_few = votes < limits["votes"]
    numbers = np.unique(prints, return_inverse=True)[1]
    codes = np.where((prints > 0) & ~too_few, numbers, -1).astype(np.int32)
    codes, first = few(codes, _every(profile), 2)
    names = [f"the linking domains of {profile.domains.text('name').at(row)}" for row in first.tolist()]
    found = clustered(codes, _every(profile), names, 2, known=prints > 0)
    state = judged(found.fired, known=prints > 0, applies=~too_few).state
    return Found(state, found.value, found.said, found.cluster, found.clusters)


def reciprocal(profile: Profile, limits: Limits) -> Found:
    back = profile.domains.number("gets_back")
    both = back == 1
    codes = np.where(both, 0, -1).astype(np.int32)
    return clustered(codes, _every(profile), (profile.about.target,), int(limits["domains"]), known=~np.isnan(back))


def closed_community(profile: Profile, limits: Limits) -> Found:
    closed = profile.domains.number("closed")
    fires = closed >= np.float32(limits["share"])
    group = profile.domains.text("community")
    codes = np.where(fires, group.codes, -1).astype(np.int32)
    clusters = clustered(codes, _every(profile), group.values, 1)
    state = judged(fires, known=~np.isnan(closed)).state
    return Found(state, closed, clusters.said, clusters.cluster, clusters.clusters)


# --- Ranks ------------------------------------------------------------------------------------------------------------
def rank_block(profile: Profile, limits: Limits) -> Found:
    rank, names = profile.domains.number("pagerank"), profile.domains.text("name")
    labels = [DIGIT.sub("0", label_of(name)) for name in names.values]
    pairs = [_neighbours(rank, names, labels, limits, stems) for stems in _stems(labels)]
    groups = joined(
        profile.domains.count, (np.concatenate([a for a, _ in pairs]), np.concatenate([b for _, b in pairs]))
    )
    codes, first = few(groups, _every(profile), int(limits["domains"]))
    called = [f"names like {names.at(row)}" for row in first.tolist()]
    return clustered(codes, _every(profile), called, int(limits["domains"]), known=~np.isnan(rank) & names.known)


def _stems(labels: list[str]) -> tuple[list[str], list[str]]:
    return [one[:STEM] for one in labels], [one[-STEM:] for one in labels]


def _neighbours(rank: Numbers, names: Words, labels: list[str], limits: Limits, stems: list[str]) -> Pairs:
    """Pairs of rows with one stem that follow each other in rank, nearly equal in rank and name."""
    stem = Words.of(stems).codes
    of_row = stem[names.codes] if len(stem) else names.codes
    rows = np.flatnonzero(~np.isnan(rank) & names.known)
    rows = rows[np.lexsort((rows, rank[rows], of_row[rows]))]
    one, other = rows[:-1], rows[1:]
    close = (of_row[one] == of_row[other]) & (rank[other] - rank[one] <= np.float32(limits["apart"]) * rank[other])
    one, other = one[close], other[close]
    near = _alike(labels, names.codes[one], names.codes[other], limits["alike"])
    return one[near], other[near]


def _alike(labels: list[str], ones: NDArray[np.int32], others: NDArray[np.int32], share: float) -> NDArray[np.bool_]:
    pairs = zip(ones.tolist(), others.tolist(), strict=True)
    return np.fromiter((likeness(labels[one], labels[other]) >= share for one, other in pairs), np.bool_, len(ones))


def likeness(one: str, other: str) -> float:
    """What two names begin and end with alike, as a share of the longer one."""
    start = _begins_alike(one, other)
    end = _begins_alike(one[start:][::-1], other[start:][::-1])
    return (start + end) / max(len(one), len(other), 1)


def _begins_alike(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))


# --- Weak and re-used -------------------------------------------------------------------------------------------------
def one_network_votes(profile: Profile, limits: Limits) -> Found:
    """Of a weak domain, the votes that one network gives."""
    domains = profile.domains
    authority, votes, share = (domains.number(name) for name in ("authority", "votes", "one_network"))
    together = votes * share
    strong = authority >= np.float32(limits["below"])
    known = strong | (~np.isnan(authority) & ~np.isnan(together)) | (votes <= limits["above"])
    return judged(~strong & (together > limits["above"]), known=known, value=together)


def reused(profile: Profile, limits: Limits) -> Found:
    """Registered later than somebody knew it, and its topic is another: the value is by how many days."""
    domains = profile.domains
    registered, changed = domains.number("registered"), domains.number("topic_changed")
    oldest = np.fmin(domains.number("known_since"), domains.number("first_seen"))
    later = registered - oldest
    anew = later > limits["days"]
    known = ~np.isnan(later) & (~anew | ~np.isnan(changed))
    return judged(anew & (changed == 1), known=known, value=later)
