"""Popularity of domains: what lists of sites and owners' own figures say, each with its day.

Decided: a list that is read twice is two batches, and readers take the one published last. A file names hosts and
origins, of which many fold to one domain: they are folded within a block when they are written, and to the end when
they are read. The table lies in order of domains, so that reading costs one pass over neighbours, in memory that does
not grow, and half a list leaves nothing behind. Refused: a scratch table that is folded and copied when a file has
ended, which writes ten million rows twice for the sake of the few lists that name hosts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import pyarrow as pa

from . import batches, days, engine, kept
from .portions import portions
from .writer import OF_BATCH, Batch

SOURCE = "popularity"
TABLE = "popularity"
OPEN_DATA = 0
KINDS = ("list", "signal", "day")  # columns of a few values each
SLICE_ROWS, SAMPLED = 2_000_000, 1_000
LAST = "\U0010ffff"
EPOCH = date(1970, 1, 1)

OF_SCOPE = f"workspace IN {{scope:Array(UInt32)}} AND (workspace, batch) IN ({batches.NEWEST})"
# The best host of a domain speaks for it; unknown is 0 for a rank or tier, -1 for a figure.
FOLDED = """max(day) AS day, any(signal) AS signal, minIf(rank, rank > 0) AS rank,
    minIf(tier, tier > 0) AS tier, max(visits) AS visits, max(subnets) AS subnets, max(score) AS score"""
OF_DOMAINS = f"""SELECT domain, list, {FOLDED} FROM {TABLE}
WHERE {OF_SCOPE} AND domain IN {{domains:Array(String)}} GROUP BY domain, list ORDER BY domain, list"""
OF_SLICE = f"""SELECT domain, list, signal, rank, tier, visits, subnets, score, day FROM (
    SELECT domain, list, {FOLDED} FROM {TABLE}
    WHERE {OF_SCOPE} AND list = {{name:String}} AND domain >= {{from:String}} AND domain < {{to:String}}
    GROUP BY domain, list
) ORDER BY domain"""
SAMPLE = f"""SELECT count() AS n, arraySort(groupArraySample({SAMPLED}, 1)(domain)) AS names FROM {TABLE}
WHERE {OF_SCOPE} AND list = {{name:String}}"""
LISTS = f"""SELECT workspace, list, max(day) AS day, uniqExact(domain) AS rows FROM {TABLE} WHERE {OF_SCOPE}
GROUP BY workspace, list ORDER BY workspace, list"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What one list says of one domain. rank 0: only the tier is known, the upper end of a bucket; -1 is unknown.

    signal: traffic (visitors), or links (a rank that is made of links).
    """

    list: str
    day: date
    signal: str
    rank: int
    tier: int
    visits: float
    subnets: int
    score: float


@dataclass(frozen=True, slots=True)
class ListFacts:
    """A list that counts. `rows` are its domains; `workspace` 0 is open data."""

    workspace: int
    list: str
    day: date
    rows: int


def add(batch: Batch, *, name: str, day: date, signal: str, columns: Mapping[str, Sequence[Any]], block: int) -> None:
    """Rows of one list: `domain` and some of rank, tier, visits, subnets and score. `day` is the list's own."""
    length = len(columns["domain"])
    same = {"list": [name] * length, "day": [(day - EPOCH).days] * length, "signal": [signal] * length}
    numbers = {one: [0] * length for one in ("rank", "tier")}
    batches.put(batch, TABLE, {**same, **numbers, **columns}, block=block)


def publish(batch: Batch) -> None:
    """Let a list count, in the place of an older one; its domains were there on its day."""
    days.note_listed(batch)
    batches.publish(batch)


def withdraw(batch: Batch) -> None:
    """Take a list out: readers stop at once, its rows go."""
    batches.withdraw(batch, TABLE)


def count_domains(batch: Batch) -> int:
    """How many domains a batch names, whether it counts or not."""
    counted = f"SELECT uniqExact(domain) AS n FROM {TABLE} WHERE {OF_BATCH}"
    return engine.read(counted, {"workspace": batch.workspace, "batch": batch.batch})[0]["n"]


def popularity_of(workspace: int, domains: Iterable[str]) -> dict[str, list[Standing]]:
    """What the lists that `workspace` sees say of these domains; one that no list names is left out."""
    made: dict[str, list[Standing]] = {}
    for portion in portions(domains):
        for row in kept.briefly(OF_DOMAINS, _scope(workspace) | {"domains": portion}):
            made.setdefault(row.pop("domain"), []).append(Standing(**row))
    return made


def standings(workspace: int) -> pa.Table:
    """Every domain of every list that `workspace` sees, in order of list and domain.

    Columns: domain, list, signal, rank, tier, visits, subnets, score, day.
    """
    names = sorted({one.list for one in lists(workspace)})
    return pa.concat_tables([part for name in names or [""] for part in _of_list(workspace, name)])


def _of_list(workspace: int, name: str) -> Iterator[pa.Table]:
    """Slice by slice, so that the index folds some of the domains at a time."""
    scope = _scope(workspace) | {"name": name}
    (found,) = engine.read(SAMPLE, scope)
    parts, sample = -(-found["n"] // SLICE_ROWS), found["names"]
    cuts = sorted({sample[len(sample) * part // parts] for part in range(1, parts)})
    for first, last in pairwise(("", *cuts, LAST)):
        yield _plain(engine.arrow(OF_SLICE, scope | {"from": first, "to": last}))


def _plain(found: pa.Table) -> pa.Table:
    for at, column in enumerate(found.column_names):
        if column in KINDS:
            found = found.set_column(at, column, found[column].dictionary_encode())
    return found


def lists(workspace: int) -> list[ListFacts]:
    """The lists that `workspace` sees."""
    return [ListFacts(**row) for row in kept.briefly(LISTS, _scope(workspace))]


def _scope(workspace: int) -> dict[str, Any]:
    return {"scope": sorted({OPEN_DATA, workspace}), "source": SOURCE}
