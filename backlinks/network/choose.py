"""Which domains are in the picture: up to three tiers of referring domains, the worthiest of each.

Decided: worth = 0.5 x authority + 0.3 x links to the one they link to + 0.2 x fewness of the domains they link to, each
from 0 to 1 (`index.neighbours.WORTH` computes it); what is not known of a domain counts as nothing, so that nobody is
chosen for what nobody has looked at. A domain stands in the picture once, in the first tier that takes it; all links
among those that were taken are drawn. Refused: chance, and a limit by pages, because the same input must give the same
picture.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import groupby

from backlinks import index

MOST_NODES = 1_200
TIERS = ("first", "second", "third")


@dataclass(frozen=True, slots=True)
class Size:
    """How many domains the first tier has, the second for each of the first, and the third for each of the second."""

    first: int = 12
    second: int = 10
    third: int = 8

    @classmethod
    def parse(cls, params: Mapping[str, str]) -> "Size":
        """What a request asks for; a wrong number is the usual one, and what is too much is cut from the outside in."""
        usual = cls()
        asked = {name: _number(params.get(name, ""), getattr(usual, name)) for name in TIERS}
        first = max(1, min(asked["first"], MOST_NODES))
        second = min(asked["second"], (MOST_NODES - first) // first)
        room = MOST_NODES - first - first * second
        third = min(asked["third"], room // (first * second)) if second else 0
        return cls(first, second, third)

    @property
    def nodes(self) -> int:
        return self.first * (1 + self.second * (1 + self.third))

    @property
    def params(self) -> dict[str, str]:
        """URL parameters that give this size again; usual numbers are left out."""
        usual = asdict(Size())
        return {name: str(value) for name, value in asdict(self).items() if value != usual[name]}


def _number(text: str, usual: int) -> int:
    cleaned = text.strip() if isinstance(text, str) else ""
    return int(cleaned) if cleaned.isascii() and cleaned.isdigit() and len(cleaned) < 6 else usual


@dataclass(frozen=True, slots=True)
class Node:
    """A domain in the picture. Tier 0 is the target; any other one links to `parent`, by which it was `found`."""

    domain: str
    tier: int
    parent: str
    found: index.neighbours.Found | None = None

    @property
    def authority(self) -> float | None:
        known = self.found is not None and self.found.authority >= 0
        return self.found.authority if known and self.found else None


def choose(query: index.LinkQuery, around: index.neighbours.Around, size: Size) -> list[Node]:
    """The target of a pinned query and the domains around it, tier by tier."""
    root = query.target.domain
    nodes = [Node(root, 0, "")]
    last = [Node(one.domain, 1, root, one) for one in index.neighbours.first_tier(query, size.first)]
    nodes += last
    for tier, count in ((2, size.second), (3, size.third)):
        if not count or not last:
            break
        taken = {one.domain for one in nodes}
        parents = [one.domain for one in last]
        found = index.neighbours.further_tier(around, parents, taken, count)
        last = list(_assigned(found, parents, count, tier))
        nodes += last
    return nodes


def _assigned(found: Iterable[index.neighbours.Found], parents: list[str], count: int, tier: int) -> Iterable[Node]:
    """The first `count` of each parent that no parent before it has taken; the worthiest parent chooses first."""
    by_parent = {name: list(group) for name, group in groupby(found, key=lambda one: one.parent)}
    taken: set[str] = set()
    for parent in parents:
        free = [one for one in by_parent.get(parent, ()) if one.domain not in taken][:count]
        taken |= {one.domain for one in free}
        yield from (Node(one.domain, tier, parent, one) for one in free)
