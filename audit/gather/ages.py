"""Since when the referring domains are known, to whichever source has seen them first."""

import numpy as np
import pyarrow as pa

from audit.profile import Rows, days
from backlinks import index

from .asked import Asked, picked


def of_ages(asked: Asked) -> Rows:
    """known_since of each domain: in a file, a crawl, a list or a release of the graph."""
    ages = index.days.first_seen_of(asked.project.workspace_id, asked.names.to_pylist())
    rows = asked.rows_of(pa.array(list(ages), pa.string()))
    since = np.array([days(one.first_seen) for one in ages.values()], np.float32)
    return Rows(len(asked.names), {"known_since": picked(since, rows)})
