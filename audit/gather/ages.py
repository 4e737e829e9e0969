"""Since when the referring domains are known, to whichever source has seen them first, and to how many releases of the
domain graph: to none of them where a release is loaded that lacks the domain. How many is unknown where none is loaded,
and of a domain that only releases of before they were counted have."""

import numpy as np
import pyarrow as pa

from audit.profile import Rows, days
from backlinks import index

from .asked import Asked, picked


def of_ages(asked: Asked) -> Rows:
    """known_since of each domain: in a file, a crawl, a list or a release of the graph; and releases."""
    ages = index.days.first_seen_of(asked.project.workspace_id, asked.names.to_pylist())
    rows = asked.rows_of(pa.array(list(ages), pa.string()))
    since = np.array([days(one.first_seen) for one in ages.values()], np.float32)
    count = picked(np.array([_releases(one) for one in ages.values()], np.float32), rows)
    absent = 0 if index.graph.current() else np.nan
    releases = np.where((rows < 0) | (count == 0), absent, count).astype(np.float32)
    return Rows(len(asked.names), {"known_since": picked(since, rows), "releases": releases})


def _releases(age: index.days.Age) -> float:
    return np.nan if not age.releases and index.graph.SOURCE in age.by_source else age.releases
