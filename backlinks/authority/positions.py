"""Positions: 1 is the best; domains with equal values share the middle of their positions.

Decided: values are equal where their nearest 32-bit numbers are. The solver stops at a relative error of about 1e-8, so
that finer differences are noise, and noise must not order domains that hold the same place in the graph.
"""

import numpy as np
from numpy.typing import NDArray

from .graph import Floats


def positions(values: Floats) -> Floats:
    """The position of each value, highest first; NaN where the value is NaN."""
    known = ~np.isnan(values)
    found = np.full(len(values), np.nan)
    found[known] = middles(-values[known].astype(np.float32))
    return found


def middles(values: NDArray[np.floating]) -> Floats:
    """The position of each value, lowest first; equal values share the middle of theirs."""
    order = np.argsort(values)
    ordered = values[order]
    heads = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(ordered) else np.zeros(0, np.int64)
    lengths = np.diff(np.append(heads, len(ordered)))
    found = np.empty(len(values))
    found[order] = np.repeat(heads + (lengths + 1) / 2, lengths)
    return found
