"""Other ranks of the same domains: those of the release, popularity lists, and scores that vendors' files name."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from backlinks import index

from .agreement import Reference
from .gather import SLICE_ROWS, Gathered, Spelled, ranks_of

VENDORS = {
    "ahrefs_dr": "Ahrefs DR",
    "semrush_domain_as": "Semrush AS",
    "majestic_source_tf": "Majestic TF",
    "majestic_domain_tf": "Majestic domain TF",
    "moz_da": "Moz DA",
}
LISTS = {
    "tranco": "Tranco", "crux": "CrUX", "majestic": "Majestic Million", "umbrella": "Umbrella",
    "openpagerank": "Open PageRank",
}  # fmt: skip


def references(workspace: int, gathered: Gathered) -> Iterator[Reference]:
    """Each rank of the graph's domains that is not ours."""
    spelled = Spelled(gathered.votes.names)
    yield from _of_release(gathered)
    yield from _of_lists(gathered.standings, spelled)
    yield from _of_vendors(workspace, spelled)


def _of_release(gathered: Gathered) -> Iterator[Reference]:
    if gathered.release is None:
        return
    names = gathered.votes.names
    made = {name: np.full(len(names), np.nan) for name in ("harmonic_at", "pagerank_at")}
    for table in index.graph.domain_slices(gathered.release, SLICE_ROWS):
        nodes = np.asarray(pc.index_in(table["reversed"], value_set=names), np.int64)
        for name, values in made.items():
            found = table[name].to_numpy()
            values[nodes[found > 0]] = found[found > 0]
    yield Reference("Common Crawl harmonic centrality", made["harmonic_at"], "low")
    yield Reference("Common Crawl PageRank", made["pagerank_at"], "low")


def _of_lists(table: pa.Table, spelled: Spelled) -> Iterator[Reference]:
    listed = table["list"].cast(pa.string())
    for name, label in LISTS.items():
        part = table.filter(pc.equal(listed, name))
        if len(part):
            ranks = ranks_of(part["rank"].to_numpy(), part["tier"].to_numpy())
            yield Reference(label, _placed(spelled, part["domain"], np.where(ranks > 0, ranks, np.nan)), "low")


def _of_vendors(workspace: int, spelled: Spelled) -> Iterator[Reference]:
    table = index.vendor_scores(workspace, tuple(VENDORS))
    for name, label in VENDORS.items():
        part = table.filter(pc.equal(table["name"], name))
        if len(part):
            yield Reference(label, _placed(spelled, part["domain"], part["value"].to_numpy()))


def _placed(spelled: Spelled, domains: pa.ChunkedArray, values: Any) -> Any:
    nodes = spelled.nodes(domains.to_pylist())
    made = np.full(len(spelled.names), np.nan)
    made[nodes[nodes >= 0]] = np.asarray(values, float)[nodes >= 0]
    return made
