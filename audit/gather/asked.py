"""What a profile is gathered for: the project, its pinned query, and its referring domains in their order.

A supplier is a function `(Asked) -> Rows` of the columns that it fills, one row a domain, in the order of `names`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from audit.profile import Numbers
from backlinks import index
from projects.models import Project


@dataclass(frozen=True, slots=True)
class Asked:
    """`names`: the referring domains (pa.StringArray), row by row."""

    project: Project
    query: index.LinkQuery
    names: pa.StringArray

    def rows_of(self, domains: pa.Array | pa.ChunkedArray | Sequence[str]) -> NDArray[np.int64]:
        """The row of each name in a table about these domains; -1 for a name that the table lacks."""
        known = domains if isinstance(domains, pa.Array) else pa.array(domains, pa.string())
        found = pc.index_in(self.names, value_set=known)
        return found.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)


def picked(values: pa.ChunkedArray | NDArray[np.float32], rows: NDArray[np.int64]) -> Numbers:
    """The numbers of these rows; NaN for row -1."""
    array = values.to_numpy() if isinstance(values, pa.ChunkedArray) else values
    if not len(array):
        return np.full(len(rows), np.nan, np.float32)
    return np.where(rows >= 0, array[rows], np.nan).astype(np.float32)
