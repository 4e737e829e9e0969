"""Markers of the linking domain (DOM): its name, its standing in the graph, its age, its neighbours.

Decided: what only a small honest site has as well (a short name, a hyphen, a cheap ending, no trackers) is context,
which never makes a link toxic. What a name looks like is asked of the registrable name, without its public suffix.
"""

import re
from collections.abc import Callable
from ipaddress import ip_address

from audit.profile import DOMAINS, Numbers, Profile, Words

from .marker import CONTEXT, EVIDENCE, Found, Limits, Marker, above

DIGIT = re.compile(r"\d")


def label_of(domain: str) -> str:
    """The name without what its registry sells: shop of shop.example, and of shop.co.uk."""
    return domain.partition(".")[0]


def _name(profile: Profile) -> Words:
    return profile.domains.text("name")


def _asked(ask: Callable[[str], float]) -> Callable[[Profile, Limits], Found]:
    """Fires where a figure of the name is greater than `above`."""

    def test(profile: Profile, limits: Limits) -> Found:
        return above(_name(profile).each(ask), limits["above"], said=_name(profile))

    return test


def digits(domain: str) -> int:
    return len(DIGIT.findall(label_of(domain)))


def hyphens(domain: str) -> int:
    """Hyphens between words: those of an A-label (xn--) are none."""
    return label_of(domain).removeprefix("xn--").count("-") if not is_address(domain) else 0


def is_address(domain: str) -> bool:
    try:
        ip_address(domain.strip("[]"))
    except ValueError:
        return False
    return True


def _very_low_authority(profile: Profile, limits: Limits) -> Found:
    authority: Numbers = profile.domains.number("authority")
    return above(-authority, -limits["below"])


MARKERS: tuple[Marker, ...] = (
    Marker(
        "DOM04", "Very low authority", CONTEXT, DOMAINS, ("domains.authority",),
        "Authority {value}, below {below}", _very_low_authority, {"below": 5}, "LRT, Semrush",
    ),
    Marker(
        "DOM11", "Digits in name", CONTEXT, DOMAINS, ("domains.name",),
        "{value} digits in the name", _asked(digits), {"above": 1}, "M27, D18",
    ),
    Marker(
        "DOM12", "Hyphens in name", CONTEXT, DOMAINS, ("domains.name",),
        "{value} hyphens in the name", _asked(hyphens), {"above": 1}, "M27",
    ),
    Marker(
        "DOM17", "Bare IP", EVIDENCE, DOMAINS, ("domains.name",),
        "The host is the address {said}", _asked(is_address), {"above": 0}, "DataForSEO field",
    ),
)  # fmt: skip
