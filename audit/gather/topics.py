"""What the referring domains are about, and what they link to: topics as the index has judged them.

Decided: what people of the workspace chose goes before what was judged, as everywhere. A domain of which nothing is
known has no list, not an empty one. Neighbours are the domains that it links to besides the project's own site; those
about gambling, adult content or fast loans are the bad ones.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from audit.profile import Numbers, Rows, Sets
from backlinks import index
from backlinks.topics.choices import chosen_rows
from backlinks.topics.taxonomy import sensitive_ids

from .asked import Asked, picked

BAD = ("adult", "gambling", "payday")  # first levels
SURE = 0.5  # confidence from which a project's own topics are those of its site


def of_topics(asked: Asked) -> Rows:
    """topics, sensitive, bad_neighbours and judged_neighbours of each domain."""
    topics = index.linkedtopics.referring_topics(_chosen(asked.query, asked.project.workspace_id))
    rows = asked.rows_of(topics["source_domain"].combine_chunks())
    held: list[list[str]] = topics["topics"].to_pylist()
    known = [held[row] if row >= 0 else None for row in rows.tolist()]
    lists = {"topics": Sets.of(known), "sensitive": Sets.of([_sensitive(one) for one in known])}
    return Rows(len(asked.names), _neighbours(asked), sets=lists)


def _sensitive(topics: Sequence[str] | None) -> list[str] | None:
    return None if topics is None else [one for one in topics if one in sensitive_ids()]


def _neighbours(asked: Asked) -> dict[str, Numbers]:
    """Those that link to nothing else of a known topic have none, and so no share."""
    found = index.linkedtopics.neighbours(asked.query, BAD)
    rows = asked.rows_of(pa.array(list(found), pa.string()))
    counts = np.array(list(found.values()), np.float32).reshape(-1, 2)
    judged = np.nan_to_num(picked(counts[:, 0], rows))
    return {
        "judged_neighbours": judged,
        "bad_neighbours": np.divide(
            picked(counts[:, 1], rows), judged, out=np.full(len(rows), np.nan, np.float32), where=judged > 0
        ),
    }


def of_project(query: index.LinkQuery, workspace: int) -> tuple[str, ...]:
    """What the project's own site is about, as chosen or by titles and anchors; none where these say too little."""
    found = index.topics_of(_chosen(query, workspace))
    return tuple(one.topic for one in found.topics) if found.confidence >= SURE else ()


def _chosen(query: index.LinkQuery, workspace: int) -> index.LinkQuery:
    return replace(query, chosen=chosen_rows(workspace))
