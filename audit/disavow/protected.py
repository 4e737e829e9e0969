"""Names that take a second confirmation before they go into a file: the shipped list, and rules about suffixes.

Decided: a list is data (protected.toml, with a version); `name.*` is the name under every public suffix. What a company
lets its customers write below (wordpress.com) is protected as a whole, and a customer's own name below it is not. A
government or university is told by its suffix. Refused: protecting URLs, since a single page of a large site is just
what a URL line is for.
"""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from seoapp.lib.weburl import SUFFIXES, registrable_domain

from .hosts import is_ip, with_parents

FILE = Path(__file__).with_name("protected.toml")


@dataclass(frozen=True)
class Protected:
    """`kinds`: what each name is. Names with `.*` are kept without it in `everywhere` and `shared_everywhere`."""

    version: str
    kinds: dict[str, str]
    everywhere: dict[str, str]
    shared: frozenset[str]
    shared_everywhere: frozenset[str]
    public_bodies: frozenset[str]
    open_suffixes: frozenset[str]

    def what(self, host: str) -> str:
        """What a host belongs to, such as "social network"; "" where it is not protected."""
        if is_ip(host):
            return ""
        if self.is_below_shared(host):
            return ""
        return self._listed(host) or self._public_body(host)

    def is_shared(self, host: str) -> bool:
        """Whether a name is a host of many owners' sites, itself."""
        return host in self.shared or self._everywhere(host, self.shared_everywhere)

    def is_below_shared(self, host: str) -> bool:
        """Whether a name is one customer's of a shared host."""
        return any(self.is_shared(one) for one in with_parents(host) if one != host) and not self.is_shared(host)

    def _listed(self, host: str) -> str:
        for one in with_parents(host):
            if one in self.kinds:
                return self.kinds[one]
        name = registrable_domain(host)
        return self.everywhere.get(name.partition(".")[0], "") if self._everywhere(name, self.everywhere) else ""

    @staticmethod
    def _everywhere(host: str, names: frozenset[str] | dict[str, str]) -> bool:
        name, _, rest = host.partition(".")
        return name in names and rest != "" and registrable_domain(host) == host

    def _public_body(self, host: str) -> str:
        suffix = SUFFIXES.publicsuffix(host) or ""
        labels = suffix.split(".")
        if suffix in self.open_suffixes or labels == ["ac"]:
            return ""
        return "public body or university" if self.public_bodies.intersection(labels) else ""


def _read(text: str) -> Protected:
    data = tomllib.loads(text)
    named = {name: kind for kind, names in data["kinds"].items() for name in names}
    shared = frozenset(data["shared"]["hosts"])
    return Protected(
        version=data["version"],
        kinds={name: kind for name, kind in named.items() if not name.endswith(".*")},
        everywhere={name[:-2]: kind for name, kind in named.items() if name.endswith(".*")},
        shared=frozenset(name for name in shared if not name.endswith(".*")),
        shared_everywhere=frozenset(name[:-2] for name in shared if name.endswith(".*")),
        public_bodies=frozenset(data["public_bodies"]),
        open_suffixes=frozenset(data["open_suffixes"]),
    )


@lru_cache(maxsize=1)
def protected() -> Protected:
    """The list that ships."""
    return _read(FILE.read_text(encoding="utf-8"))
