"""Small graphs for the tests of the authority score, and the same ones for networkx."""

import networkx as nx
import numpy as np

from backlinks.authority.graph import Graph, Votes, graph_of, votes_of
from backlinks.authority.seeds import Seeds

TRUSTED = Seeds("test", sites=("trusted.example",))


def votes(*lines: str) -> Votes:
    """Votes of lines like "a > b c": each name stands for com.<name>, unless it has a dot."""
    pairs = []
    for line in lines:
        source, _, targets = line.partition(" > ")
        pairs += [(_name(source), _name(target)) for target in targets.split()]
    return votes_of(pairs)


def _name(word: str) -> str:
    return word if "." in word else f"com.{word}"


def by_name(of: Votes, values: np.ndarray) -> dict[str, float]:
    """Values by the last word of each name."""
    return {name.rpartition(".")[2]: float(value) for name, value in zip(of.names.to_pylist(), values, strict=True)}


def random_graph(nodes: int, chance: float, seed: int, *, own: int = 0) -> nx.DiGraph:
    """A random graph in which the last tenth has no links, and `own` nodes link to themselves."""
    made = nx.gnp_random_graph(nodes, chance, seed=seed, directed=True)
    silent = range(nodes - nodes // 10, nodes)
    made.remove_edges_from([(source, target) for source, target in made.edges if source in silent])
    made.add_edges_from((node, node) for node in range(own))
    return made


def as_graph(made: nx.DiGraph) -> Graph:
    """The same graph as arrays, links to oneself included."""
    pairs = sorted((target, source) for source, target in made.edges)
    ids = np.array(pairs, np.int32).reshape(-1, 2)
    return graph_of(made.number_of_nodes(), ids[:, 0].copy(), ids[:, 1].copy())


def keys(nodes: int) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 2**63, nodes, dtype=np.uint64)
