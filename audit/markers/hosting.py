"""Referring domains that stand at one place or in one hand: addresses, registrants, name servers, certificates.

Decided: what strangers share (content delivery networks, large hosts, common name servers) is taken off by lists, and a
domain of which nothing else is known is beside the marker. Many domains are registered with a large registrar on any
day, so one day's count stands beside what chance would bring: those of the registrar in the year around.
"""

from bisect import bisect_right
from collections.abc import Iterable
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

import numpy as np
from numpy.typing import NDArray

from audit.lists import listed
from audit.profile import Codes, Numbers, Profile, Sets, Words
from seoapp.lib.weburl import registrable_domain

from .marker import BESIDE, Found, Limits, clustered
from .sharing import either, few, joined, of_lists

YEAR = 365


# --- Addresses --------------------------------------------------------------------------------------------------------
def one_address(profile: Profile, limits: Limits) -> Found:
    return _at_one_place(profile, profile.domains.lists("ips"), int(limits["domains"]))


def one_network(profile: Profile, limits: Limits) -> Found:
    return _at_one_place(profile, profile.domains.lists("networks"), int(limits["domains"]))


def _at_one_place(profile: Profile, places: Sets, least: int) -> Found:
    named = frozenset(profile.domains.lists("shared").values)
    return of_lists(
        places,
        np.arange(profile.domains.count, dtype=np.int32),
        least,
        keeps=lambda place: place not in named and not is_shared(place),
        needs_one=True,
    )


@cache
def _ranges() -> dict[int, tuple[list[int], list[int]]]:
    """First and last addresses of the shared ranges, by version, in their order; those inside others add nothing."""
    found: dict[int, tuple[list[int], list[int]]] = {4: ([], []), 6: ([], [])}
    for one in sorted(map(ip_network, listed("shared_networks")), key=_order):
        firsts, lasts = found[one.version]
        if not lasts or int(one.broadcast_address) > lasts[-1]:
            firsts.append(int(one.network_address))
            lasts.append(int(one.broadcast_address))
    return found


def _order(one: IPv4Network | IPv6Network) -> tuple[int, int, int]:
    return one.version, int(one.network_address), one.prefixlen


def is_shared(place: str) -> bool:
    """Whether strangers stand at an address, or at the first one of a network."""
    try:
        address = ip_address(place.partition("/")[0])
    except ValueError:
        return True  # what is no address joins nobody
    firsts, lasts = _ranges()[address.version]
    at = bisect_right(firsts, int(address)) - 1
    return at >= 0 and int(address) <= lasts[at]


# --- Registrations ----------------------------------------------------------------------------------------------------
def one_registrant(profile: Profile, limits: Limits) -> Found:
    """The same organisation, or the same registrar on the same day, more often than chance would have it."""
    domains = profile.domains
    homes = np.arange(domains.count, dtype=np.int32)
    owner, registrar, day = domains.text("registrant"), domains.text("registrar"), domains.number("registered")
    looked_up = owner.known | ~np.isnan(day)
    same_owner = clustered(owner.codes, homes, owner.values, int(limits["domains"]), known=looked_up)
    codes, names = _bulk_days(registrar, day, limits)
    same_day = clustered(codes, homes, names, int(limits["same_day"]), known=registrar.known & ~np.isnan(day))
    return either(same_owner, same_day)


def _bulk_days(registrar: Words, day: Numbers, limits: Limits) -> tuple[Codes, list[str]]:
    """A code for each registrar and day on which it registered many of these domains; -1 for other domains."""
    rows = np.flatnonzero(registrar.known & ~np.isnan(day))
    keys = registrar.codes[rows].astype(np.int64) << 32 | day[rows].astype(np.int64)
    used, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    ordered = np.sort(keys)
    around = np.searchsorted(ordered, used + YEAR, "right") - np.searchsorted(ordered, used - YEAR)
    expected = (around - counts) / (2 * YEAR)
    beyond = counts + 1 - limits["same_day"]
    fits = (beyond > 0) & (beyond > limits["chance"] * expected)
    number = np.where(fits, np.cumsum(fits) - 1, -1)
    codes = np.full(len(day), -1, np.int32)
    codes[rows] = number[inverse]
    names = [f"{registrar.values[key >> 32]}, {np.datetime64(key & 0xFFFFFFFF, 'D')}" for key in used[fits].tolist()]
    return codes, names


# --- Name servers and certificates ------------------------------------------------------------------------------------
def one_pair_of_servers(profile: Profile, limits: Limits) -> Found:
    servers = profile.domains.lists("name_servers")
    common = np.fromiter(map(_is_common, servers.values), np.bool_, len(servers.values))
    stranger = np.zeros(profile.domains.count, np.bool_)
    stranger[servers.owners[common[servers.codes]] if len(servers.codes) else []] = True
    own = servers.known & (servers.sizes > 0)
    pairs = Words.of(
        ", ".join(sorted(servers.at(row))) if usable else None for row, usable in enumerate((own & ~stranger).tolist())
    )
    homes = np.arange(profile.domains.count, dtype=np.int32)
    found = clustered(
        pairs.codes, homes, pairs.values, int(limits["domains"]), most=int(limits["most"]), known=servers.known
    )
    found.state[stranger] = BESIDE
    return found


def _is_common(server: str) -> bool:
    return registrable_domain(server.rstrip(".").lower()) in listed("common_name_servers")


def one_certificate(profile: Profile, limits: Limits) -> Found:
    """Joins the referring domains that a certificate of one of them names."""
    named, names = profile.domains.lists("certificate"), profile.domains.text("name")
    row_of = {name: row for row, name in enumerate(map(names.at, range(profile.domains.count)))}
    sites = [registrable_domain(one.removeprefix("*.").lower()) for one in named.values]
    shared = listed("shared_certificates")
    strange = np.zeros(profile.domains.count, np.bool_)
    pairs: list[tuple[int, int]] = []
    for row in np.flatnonzero(named.sizes > 1).tolist():
        on_it = {sites[code] for code in named.codes[named.starts[row] : named.starts[row + 1]]}
        strange[row] = len(on_it) > limits["most"] or bool(on_it & shared)
        if not strange[row]:
            pairs += [(row, row_of[site]) for site in on_it if site in row_of]
    return _joined(profile, pairs, names, named.known, strange, int(limits["domains"]))


def _joined(
    profile: Profile,
    pairs: Iterable[tuple[int, int]],
    names: Words,
    known: NDArray[np.bool_],
    strange: NDArray[np.bool_],
    least: int,
) -> Found:
    count = profile.domains.count
    ends = np.array([*pairs], np.int64).reshape(-1, 2)
    homes = np.arange(count, dtype=np.int32)
    codes, first = few(joined(count, (ends[:, 0], ends[:, 1])), homes, least)
    found = clustered(codes, homes, [names.at(row) for row in first.tolist()], least, known=known | (codes >= 0))
    found.state[strange & (codes < 0)] = BESIDE
    return found
