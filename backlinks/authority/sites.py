"""PageRank among the pages of one site, over the links that a crawl has found inside it."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .graph import distinct, graph_of
from .solve import flow_of, rank


def ranks(links: pa.Table) -> dict[str, float]:
    """Key of a page -> its PageRank among all pages of `links` (source_key, target_key); the values sum to 1."""
    source, target = (links[name].combine_chunks().cast(pa.string()) for name in ("source_key", "target_key"))
    pages = pc.unique(pa.chunked_array([*source.chunks, *target.chunks] if _chunked(source) else [source, target]))
    if not len(pages):
        return {}
    pages = pages.take(pc.sort_indices(pages))
    sources, targets = (np.asarray(pc.index_in(one, value_set=pages), np.int32) for one in (source, target))
    graph = graph_of(len(pages), *distinct(targets[sources != targets], sources[sources != targets]))
    return dict(zip(pages.to_pylist(), rank(flow_of(graph)).values.tolist(), strict=True))


def _chunked(column: pa.Array | pa.ChunkedArray) -> bool:
    return isinstance(column, pa.ChunkedArray)
