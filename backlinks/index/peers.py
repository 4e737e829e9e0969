"""Is it usual that so many referring domains stand at so few addresses? A profile beside others of its size.

Decided: peers are the profiles that the workspace sees with half to twice as many referring domains whose address is
known; each says how many addresses (subnets, networks) it has for one such domain, and the middle eight tenths of them,
times the domains here, are the range that is expected. Below it, many domains share few machines: one owner, one host,
or a network of sites. Nothing is said where addresses are known of too few domains, or where there are too few peers:
a guess would read as a finding. Refused: a fixed table of "normal" values, which nobody could check.
"""

from dataclasses import dataclass

from . import kept
from .query import LinkQuery
from .sets import VISIBLE

LEAST_PEERS = 8
FACTOR = 2  # half to twice as many domains
LOW, HIGH = 0.1, 0.9
LEAST_DOMAINS = 10  # with a known address; fewer say nothing
LEAST_COVERAGE = 0.5  # of the referring domains
KINDS = ("ips", "subnets", "networks")


@dataclass(frozen=True, slots=True)
class AddressCounts:
    """Of one profile: `placed` referring domains have a known address; `networks` is -1 where nobody knows."""

    domains: int = 0
    placed: int = 0
    ips: int = 0
    subnets: int = 0
    networks: int = -1

    @property
    def coverage(self) -> float:
        return self.placed / self.domains if self.domains else 0.0

    @property
    def is_enough(self) -> bool:
        """Whether these say anything about the whole profile."""
        return self.placed >= LEAST_DOMAINS and self.coverage >= LEAST_COVERAGE


@dataclass(frozen=True, slots=True)
class Expected:
    """How many `kind` (ips, subnets, networks) profiles of `peers` similar ones have: from `low` to `high`."""

    kind: str
    value: int
    low: float
    high: float
    peers: int

    @property
    def verdict(self) -> str:
        """below, inside, above; unknown where too few can be compared."""
        if self.value < 0 or self.peers < LEAST_PEERS:
            return "unknown"
        return "below" if self.value < self.low else "above" if self.value > self.high else "inside"


_SHOWN = f"""SELECT domains, placed, ips, subnets, networks FROM address_counts
WHERE (target_domain, workspace, generation) IN (SELECT target_domain, owner, newest FROM ({VISIBLE}))"""
_OWN = """SELECT domains, placed, ips, subnets, networks FROM address_counts
WHERE target_domain = {target_domain:String} AND workspace = {owner:UInt32} AND generation = {generation:UInt64}"""
_PEERS = f"""{_SHOWN} AND target_domain != {{target_domain:String}}
    AND placed BETWEEN {{least:Float64}} AND {{most:Float64}} AND placed >= domains * {LEAST_COVERAGE}"""


def _ranges(kind: str) -> str:
    per_domain = f"{kind} / placed"
    known = f"{kind} >= 0"
    return f"""quantileExactInclusiveIf({LOW})({per_domain}, {known}) AS {kind}_low,
    quantileExactInclusiveIf({HIGH})({per_domain}, {known}) AS {kind}_high, countIf({known}) AS {kind}_peers"""


_EXPECTED = f"SELECT {', '.join(map(_ranges, KINDS))} FROM ({_PEERS})"


def address_counts(query: LinkQuery) -> AddressCounts:
    """Of the whole domain of a pinned query, settled."""
    found = kept.read(_OWN, _of(query))
    return AddressCounts(**found[0]) if found else AddressCounts()


def expected(query: LinkQuery, counts: AddressCounts) -> list[Expected]:
    """What profiles of the size of a pinned query's have, for every kind of address."""
    bound = {
        "scope": sorted({0, query.workspace}),
        "least": counts.placed / FACTOR,
        "most": counts.placed * FACTOR,
    }
    found = kept.read(_EXPECTED, _of(query) | bound, epoch=query.epoch)[0]
    return [_of_kind(kind, counts, found) for kind in KINDS]


def _of(query: LinkQuery) -> dict[str, object]:
    return {"target_domain": query.target.domain, "owner": query.owner, "generation": query.generation}


def _of_kind(kind: str, counts: AddressCounts, found: dict[str, float]) -> Expected:
    peers = int(found[f"{kind}_peers"])
    low, high = (found[f"{kind}_{end}"] * counts.placed if peers else 0.0 for end in ("low", "high"))
    return Expected(kind, getattr(counts, kind), low, high, peers)
