"""What the graph, lists of popular sites and registries say of the referring domains."""

from typing import Any

import numpy as np
import pyarrow as pa

from audit.profile import Numbers, Rows, Sets, Words, days
from backlinks import index
from backlinks.models import Registration
from backlinks.openweb.registrations import organisation

from .asked import Asked, picked

# Column of ours -> column of a score row. What is negative is not known.
GRAPH = {
    "authority": "score", "pagerank": "pagerank", "trust": "trust", "trust_at": "trust_at",
    "pagerank_at": "pagerank_at", "bad_share": "bad_share", "votes": "votes", "linked_domains": "linked_domains",
}  # fmt: skip
AT_ONCE = 500
ABSENT = Registration.State.ABSENT


def of_graph(asked: Asked) -> Rows:
    """The score row of each domain that has one."""
    found = index.frozen.scores(asked.query)
    if found is None or not found.num_rows:
        return Rows(len(asked.names))
    rows = asked.rows_of(found["domain"].combine_chunks())
    numbers = {name: _known(picked(found[column], rows)) for name, column in GRAPH.items()}
    return Rows(len(asked.names), numbers)


def _known(values: Numbers) -> Numbers:
    return np.where(values < 0, np.float32(np.nan), values)


def of_lists(asked: Asked) -> Rows:
    """The best rank in the loaded lists; 0 where lists are there and none names the domain."""
    if not index.popularity.lists(asked.project.workspace_id):
        return Rows(len(asked.names))
    found = index.frozen.popularity_ranks(asked.query)
    rows = asked.rows_of(found["domain"].combine_chunks())
    rank = np.nan_to_num(picked(found["popularity"], rows), nan=0.0)
    return Rows(len(asked.names), {"popularity": rank, "visits": _known(picked(found["visits"], rows))})


def of_registries(asked: Asked) -> Rows:
    """What registries told of those domains that were looked up."""
    told = _registrations(asked.names)
    if not told:
        return Rows(len(asked.names))
    rows = asked.rows_of(list(told))
    records = list(told.values())
    numbers = {
        "registered": picked(_days([one["registered_on"] for one in records]), rows),
        "expires": picked(_days([one["expires_on"] for one in records]), rows),
        "absent": picked(np.array([one["state"] == ABSENT for one in records], np.float32), rows),
    }
    texts = {
        "registrar": Words.of([one["registrar"] for one in records]).take(rows),
        "registrant": Words.of([organisation(one["registrant"]) for one in records]).take(rows),
    }
    servers = [one["name_servers"] or None for one in records]  # none told: an answer of before they were kept, too
    lists = {"name_servers": Sets.of([servers[row] if row >= 0 else None for row in rows.tolist()])}
    return Rows(len(asked.names), numbers, texts, lists)


def _registrations(names: pa.StringArray) -> dict[str, dict[str, Any]]:
    told = Registration.objects.filter(state__in=(Registration.State.KNOWN, ABSENT))
    if not told.exists():
        return {}
    fields = ("domain", "state", "registered_on", "expires_on", "registrar", "registrant", "name_servers")
    return {
        row["domain"]: row
        for start in range(0, len(names), AT_ONCE)
        for row in told.filter(domain__in=names[start : start + AT_ONCE].to_pylist()).values(*fields)
    }


def _days(found: list[Any]) -> Numbers:
    return np.array([np.nan if one is None else days(one) for one in found], np.float32)
