"""How often a marker was right, by what a workspace's own team decided about the domains at which it fired.

Decided: a decision carries the markers that were on the table when it was made. A domain that was kept was a false
alarm of each of them, one to be removed or disavowed confirms them; what speaks for a domain is right where it was
kept. Beside the share stand how many decisions it rests on and a Wilson interval, because three of four is not three
hundred of four hundred. A proposal comes only where the whole interval lies on one side of a half, and changes nothing
until somebody takes it into the form. Refused: learning by itself, and proposals for knock-outs, which are rare.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

from projects.models import Project

from .markers import MARKERS
from .markers.marker import KNOCK_OUT
from .models import Decision
from .weights import STARTS, Weights

Z = 1.96  # 95 %
LEAST = 10  # decided domains, for a proposal
SPEAKS_FOR = frozenset(one.id for one in MARKERS if one.group == "TRU" or STARTS[one.id] < 0)
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Precision:
    """Of the `decided` domains at which a marker fired, at how many it was right; `low` and `high` bound the share."""

    right: int
    decided: int

    @property
    def share(self) -> float:
        return self.right / self.decided

    @property
    def bounds(self) -> tuple[float, float]:
        return wilson(self.right, self.decided)

    @property
    def low(self) -> float:
        return self.bounds[0]

    @property
    def high(self) -> float:
        return self.bounds[1]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Other points for a marker, and what speaks for them."""

    marker: str
    name: str
    now: float
    points: float
    precision: Precision


def wilson(right: int, count: int) -> tuple[float, float]:
    """Between which shares the true one lies, 19 times of 20."""
    if not count:
        return 0.0, 1.0
    share, square = right / count, Z * Z / count
    middle = (share + square / 2) / (1 + square)
    reach = Z * sqrt(share * (1 - share) / count + square / (4 * count)) / (1 + square)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def learnt(projects: Iterable[Project]) -> dict[str, Precision]:
    """Marker -> its precision, of those that fired at a decided domain of these projects."""
    fired: Counter[str] = Counter()
    bad: Counter[str] = Counter()
    rows = Decision.objects.filter(project__in=list(projects), url="").values_list("verdict", "evidence")
    for verdict, evidence in rows.iterator(chunk_size=5_000):
        names = {name for name in evidence if name in STARTS}
        fired.update(names)
        if verdict != Decision.Verdict.KEEP:
            bad.update(names)
    return {
        name: Precision(count - bad[name] if name in SPEAKS_FOR else bad[name], count) for name, count in fired.items()
    }


def proposals(known: Mapping[str, Precision], weights: Weights) -> list[Proposal]:
    """Half of our points for a marker that is mostly wrong, ours again for one that is mostly right."""
    found = []
    for one in MARKERS:
        learned, start, now = known.get(one.id), STARTS[one.id], weights.of(one.id)
        if learned is None or learned.decided < LEAST or one.kind == KNOCK_OUT or not start:
            continue
        half = start / 2
        if learned.high < HALF and abs(now) > abs(half):
            found.append(Proposal(one.id, one.name, now, half, learned))
        elif learned.low > HALF and abs(now) < abs(start):
            found.append(Proposal(one.id, one.name, now, start, learned))
    return sorted(found, key=lambda one: (-one.precision.decided, one.marker))
