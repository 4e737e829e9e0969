"""What is known outside a disavow file about the names in it. What is not known is simply absent: no name is cleared.

Decided: names as they are written in a list (hosts in lower case and as A-labels); a name covers its subdomains. The
database is read elsewhere; here are only sets and maps, so that the same file gives the same findings.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from seoapp.lib.weburl import registrable_domain

from .hosts import bare_of, parents, with_parents
from .protected import Protected, protected

POPULAR = 1_000_000  # a rank up to here takes a second confirmation
VERY_POPULAR = 100_000
AUTHORITY = 40


@dataclass(frozen=True, slots=True)
class Importance:
    """`check` is the writer's check that asks for the confirmation; `why` a clause such as "its authority is 55"."""

    kind: Literal["protected", "popular"]
    check: int
    why: str


@dataclass(frozen=True)
class Surroundings:
    """`ranks`: best rank in a popularity list by domain. `silent`: sources whose links no known source has any more.

    `unsure`: names (or URLs) whose decision rests on one source of low confidence. `mixed`: domains with links that are
    kept beside links that are disavowed.
    """

    own: frozenset[str] = frozenset()
    projects: frozenset[str] = frozenset()
    partners: frozenset[str] = frozenset()
    ranks: Mapping[str, int] = field(default_factory=dict)
    authority: Mapping[str, float] = field(default_factory=dict)
    dead: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    mixed: frozenset[str] = frozenset()
    protected: Protected = field(default_factory=protected)

    @cached_property
    def _roles(self) -> dict[str, str]:
        """What each name that must never be disavowed is to us; the strongest word wins."""
        roles = dict.fromkeys(map(bare_of, self.partners), "a partner's domain")
        roles |= dict.fromkeys(map(bare_of, self.projects), "the domain of another project")
        return roles | dict.fromkeys(map(bare_of, self.own), "your own domain")

    @cached_property
    def _above(self) -> dict[str, str]:
        """Names that would take one of ours with them."""
        return {parent: name for name in self._roles for parent in parents(name)}

    def ours(self, host: str, *, whole: bool) -> str:
        """Why a host must stay out, such as "example.com is your own domain"; `whole` for a domain line."""
        if not self._roles:
            return ""
        for name in with_parents(host):
            if name in self._roles:
                return f"{name} is {self._roles[name]}"
        taken = self._above.get(host, "") if whole else ""
        return f"it would take {taken} with it, which is {self._roles[taken]}" if taken else ""

    def importance(self, host: str) -> Importance | None:
        """Why a name needs a second confirmation; None where it needs none."""
        bare = bare_of(host)
        if self.protected.is_shared(bare):
            return Importance("protected", 7, f"{bare} is a host of many owners' sites")
        if kind := self.protected.what(bare):
            return Importance("protected", 7, f"it is listed as {kind}")
        return self._popularity(bare)

    def _popularity(self, bare: str) -> Importance | None:
        names = (bare,) if self.protected.is_below_shared(bare) else (bare, registrable_domain(bare))
        rank = min((self.ranks[name] for name in names if name in self.ranks), default=0)
        if 0 < rank <= POPULAR:
            check = 7 if rank <= VERY_POPULAR else 8
            return Importance("popular", check, f"it has rank {rank:,} in a popularity list")
        score = max((self.authority[name] for name in names if name in self.authority), default=0.0)
        return Importance("popular", 8, f"its authority is {score:.0f}") if score >= AUTHORITY else None

    def is_dead(self, host: str) -> bool:
        return any(name in self.dead for name in with_parents(host))


NOTHING = Surroundings()
