"""Links that reach the target through redirects of somebody else's domain.

Decided: a chain is [{"url", "status"}, …] or addresses with spaces between them. Its domains count, but for those of
the target, of the linking page, of the project's partners, and of services that only pass visitors on. A link that our
crawler has seen on the page with the target's own address arrives directly.
"""

import json
from urllib.parse import urlsplit

import numpy as np

from audit.lists import listed
from audit.profile import About, Profile, Words
from seoapp.lib.weburl import registrable_domain

from .marker import Found, Limits, judged

MOST = 4  # domains of a chain that are looked at


def inherited(profile: Profile, limits: Limits) -> Found:
    links = profile.links
    chain = links.text("redirect")
    passed = [_strangers(one, profile.about) for one in chain.values]
    names = tuple(dict.fromkeys(domain for one in passed for domain in one))
    numbers = {name: number for number, name in enumerate(names)}
    own = {name: row for row, name in enumerate(_names_of(profile))}
    through = np.full(links.count, -1, np.int32)
    for place in range(max(map(len, passed), default=0)):
        codes = np.array([numbers[one[place]] if place < len(one) else -1 for one in passed], np.int32)
        here = np.where(chain.known, codes[chain.codes], -1)
        rows = np.array([own.get(name, -1) for name in names], np.int32)
        foreign = (here >= 0) & (rows[here] != profile.domain) & (through < 0)
        through[foreign] = here[foreign]
    direct = ~np.isnan(links.number("checked_at")) | links.text("placement").known
    return judged(through >= 0, known=chain.known | direct, said=Words(through, names))


def _names_of(profile: Profile) -> list[str]:
    names = profile.domains.text("name")
    return [names.at(row) for row in range(profile.domains.count)]


def _strangers(chain: str, about: About) -> tuple[str, ...]:
    """The domains of a chain that are not the project's and do not only pass visitors on, in their order."""
    domains = dict.fromkeys(filter(None, map(_domain, _hops(chain))))
    known = {registrable_domain(about.target), *about.partners}
    return tuple(one for one in domains if one not in known)[:MOST]


def _hops(chain: str) -> list[str]:
    if not chain.startswith("["):
        return chain.split()
    try:
        return [str(hop.get("url", "")) for hop in json.loads(chain) if isinstance(hop, dict)]
    except ValueError:
        return []


def _domain(url: str) -> str:
    """The registrable domain of a hop; "" of one that is no address, or of a service that only passes on."""
    try:
        host = urlsplit(url if "://" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""
    parts = host.split(".")
    if any(".".join(parts[start:]) in listed("link_shorteners") for start in range(len(parts) - 1)):
        return ""
    return registrable_domain(host) if host else ""
