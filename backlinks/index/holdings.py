"""What the index holds: rows that a workspace may see, and the disk that each kind of knowledge takes.

Decided: rows are counted for one workspace and for open data apart, never for another workspace. Disk is that of the
whole index, whoever's rows they are, because parts on disk know no workspace: only those who look after the
installation should be shown it. Tables of the open graph have billions of rows, so that they are not counted here:
a release says itself how many it has.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from . import engine
from .settle import OPEN_DATA

# Kind of knowledge -> its tables.
GROUPS: dict[str, tuple[str, ...]] = {
    "log": ("observations", "domain_links", "sightings", "vendor_counts", "batches"),
    "profiles": ("links", "edges", "anchors", "pages", "profiles", "outbound", "generations"),
    "crawler": ("crawled_pages", "internal_links", "checks", "mentions", "page_facts"),
    "graph": ("graph_releases", "graph_domains", "graph_edges", "graph_names", "graph_ranks"),
    "popularity": ("popularity",),
    "lists": ("listed_hosts",),
    "addresses": ("ip_ranges",),
    "ages": ("domain_days",),
    "scores": ("authority", "authority_runs", "authority_days", "page_ranks"),
}
OTHER = "other"
# What is counted of each kind: the table whose rows people would call its rows.
COUNTED = {
    "log": ("observations", "domain_links", "sightings"),
    "crawler": ("crawled_pages",),
    "ages": ("domain_days",),
    "scores": ("authority", "authority_days"),
}
DISK_SQL = """SELECT table, sum(rows) AS rows, sum(bytes_on_disk) AS bytes FROM system.parts
WHERE active AND database = currentDatabase() GROUP BY table"""
COUNT_SQL = "SELECT workspace, count() AS n FROM {table} WHERE workspace IN {{scope:Array(UInt32)}} GROUP BY workspace"


@dataclass(frozen=True, slots=True)
class Disk:
    """What one kind of knowledge takes on disk, whoever's it is."""

    group: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one kind: of open data, and of the workspace that asks."""

    group: str
    open: int
    own: int


def disk() -> list[Disk]:
    """By kind of knowledge, the largest first; of a cluster, what the node that answers holds."""
    groups = {table: group for group, tables in GROUPS.items() for table in tables}
    sums: dict[str, list[int]] = {}
    for row in engine.read(DISK_SQL):
        found = sums.setdefault(groups.get(row["table"].removesuffix("_local"), OTHER), [0, 0])
        found[0] += row["rows"]
        found[1] += row["bytes"]
    return sorted((Disk(name, *found) for name, found in sums.items()), key=lambda one: (-one.bytes, one.group))


def rows(workspace: int) -> list[Rows]:
    """What `workspace` may see, by kind of knowledge."""
    made = []
    for group, tables in COUNTED.items():
        counts = [_counts(table, workspace) for table in tables]
        made.append(Rows(group, *(sum(one.get(place, 0) for one in counts) for place in (OPEN_DATA, workspace))))
    return made


def _counts(table: str, workspace: int) -> Mapping[int, int]:
    found = engine.read(COUNT_SQL.format(table=table), {"scope": sorted({OPEN_DATA, workspace})})
    return {row["workspace"]: row["n"] for row in found}
