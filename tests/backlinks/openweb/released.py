"""Small releases of a graph, written by hand, and what the index holds of them."""

import gzip
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management import call_command

from backlinks.index import graph

SPRING = "cc-main-2026-apr-may-jun"
WINTER = "cc-main-2025-26-nov-dec-jan"
NAMES = ("com.alpha", "com.beta", "com.client", "com.delta", "org.echo")
EDGES = ((0, 2), (1, 2), (1, 3), (3, 2), (4, 0))
RANKS_HEAD = "#harmonicc_pos\t#harmonicc_val\t#pr_pos\t#pr_val\t#host_rev\t#n_hosts"
# Three share a harmonic value, two a PageRank.
RANKS = (
    (1, "2.9799486E7", 1, "0.0162", "com.client"),
    (2, "1.5E6", 3, "0.001", "com.alpha"),
    (3, "1.5E6", 2, "0.002", "com.beta"),
    (4, "1.5E6", 4, "0.001", "com.delta"),
    (5, "0.0", 5, "1.0E-9", "org.echo"),
)


def write(path: Path, lines: Iterable[str]) -> Path:
    """A file of lines, packed where its name says so."""
    text = "".join(f"{line}\n" for line in lines).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def vertices(names: Iterable[str] = NAMES) -> list[str]:
    return [f"{at}\t{name}\t{at + 1}" for at, name in enumerate(names)]


def hosts(names: Iterable[str]) -> list[str]:
    return [f"{at}\t{name}" for at, name in enumerate(names)]


def edges(pairs: Iterable[tuple[int, int]] = EDGES) -> list[str]:
    return [f"{source}\t{target}" for source, target in pairs]


def ranks(rows: Iterable[tuple[Any, ...]] = RANKS) -> list[str]:
    return [RANKS_HEAD, *("\t".join(map(str, (*row, 1))) for row in rows)]


def release(
    folder: Path,
    *,
    name: str = SPRING,
    level: str = "domain",
    of_vertices: Iterable[str] | None = None,
    of_edges: Iterable[str] | None = None,
    of_ranks: Iterable[str] | None = None,
) -> Path:
    """A folder with a release; ranks only where they are given."""
    write(folder / f"{name}-{level}-vertices.txt.gz", vertices() if of_vertices is None else of_vertices)
    write(folder / f"{name}-{level}-edges.txt.gz", edges() if of_edges is None else of_edges)
    if of_ranks is not None:
        write(folder / f"{name}-{level}-ranks.txt.gz", of_ranks)
    return folder


def run(*arguments: object, **options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command("import_webgraph", *map(str, arguments), json=True, stdout=out, stderr=io.StringIO(), **options)
    return json.loads(out.getvalue())


def held(release: graph.Release | None = None) -> dict[str, Any]:
    """Domains and edges of the current release by name."""
    found = release or graph.current()
    assert found
    domains = [row for table in graph.domain_slices(found, 3) for row in table.to_pylist()]
    names = {row["id"]: row["reversed"] for row in domains}
    pairs = [row for table in graph.edge_slices(found, 2) for row in table.to_pylist()]
    return {
        "domains": {row["reversed"]: row for row in domains},
        "edges": [(names[row["source"]], names[row["target"]]) for row in pairs],
        "nodes": found.nodes,
        "count": found.edges,
    }
