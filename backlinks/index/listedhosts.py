"""What loaded lists of malware, phishing and blocked sites name, each with its day.

Decided: a list that is read twice is two batches, and readers take the one published last. Entries that name single
pages are told one line a host, because a large host of files has them by the hundred thousand, and one line a page only
for the pages that link. Which entries speak for a whole site is for those who ask: the index says what was written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from . import batches, engine, kept, sql
from .linkcolumns import PAGE_KEY
from .query import LinkQuery
from .scope import scope
from .writer import OF_BATCH, Batch

SOURCE = "listed"
TABLE = "listed_hosts"
OPEN_DATA = 0
MALWARE, BLOCKLIST = "malware", "blocklist"
KINDS = (MALWARE, BLOCKLIST)
NAME, URL = "name", "url"  # what an entry names
OLD_DAYS = 90  # after which a list makes nothing clear any more
EPOCH = date(1970, 1, 1)

OF_SCOPE = f"workspace IN {{scope:Array(UInt32)}} AND (workspace, batch) IN ({batches.NEWEST})"
_COLUMNS = "kind, list, toFloat32(toUInt16(max(day))) AS day, domain, host, reach"
OF_EDGES = f"""SELECT {_COLUMNS}, '' AS page, min(entry) AS entry FROM {TABLE}
WHERE {OF_SCOPE} AND domain IN (SELECT source_domain FROM (<edges>))
GROUP BY kind, list, domain, host, reach ORDER BY domain, host, reach, kind, list"""
OF_PAGES = f"""SELECT {_COLUMNS}, page, min(entry) AS entry FROM {TABLE}
WHERE {OF_SCOPE} AND reach = '{URL}' AND domain IN (SELECT source_domain FROM links WHERE <where>)
    AND page IN (SELECT {PAGE_KEY} FROM links WHERE <where>)
GROUP BY kind, list, domain, host, reach, page ORDER BY page, kind, list"""
LISTS = f"""SELECT list, kind, max(day) AS day, count() AS rows FROM {TABLE} WHERE {OF_SCOPE}
GROUP BY list, kind ORDER BY kind, list"""


@dataclass(frozen=True, slots=True)
class ListFacts:
    """A list that counts; `rows` are its entries."""

    list: str
    kind: str
    day: date
    rows: int


def add(batch: Batch, *, name: str, kind: str, day: date, columns: Mapping[str, Sequence[Any]], block: int) -> None:
    """Entries of one list: domain, host, reach, page and entry. `day` is the list's own."""
    length = len(columns["domain"])
    same = {"list": [name] * length, "kind": [kind] * length, "day": [(day - EPOCH).days] * length}
    batches.put(batch, TABLE, {**same, **columns}, block=block)


def publish(batch: Batch) -> None:
    batches.publish(batch)


def withdraw(batch: Batch) -> None:
    """Take a list out: readers stop at once, its rows go."""
    batches.withdraw(batch, TABLE)


def count_domains(batch: Batch) -> int:
    """How many domains a batch names, whether it counts or not."""
    counted = f"SELECT uniqExact(domain) AS n FROM {TABLE} WHERE {OF_BATCH}"
    return engine.read(counted, {"workspace": batch.workspace, "batch": batch.batch})[0]["n"]


def lists(workspace: int) -> list[ListFacts]:
    """The lists that `workspace` sees."""
    return [ListFacts(**row) for row in kept.briefly(LISTS, _scope(workspace))]


def of_domains(query: LinkQuery) -> pa.Table:
    """kind, list, day, domain, host, reach, entry: what lists name of the referring domains of a pinned query."""
    edges, bound = sql.edges(query)
    return engine.arrow(OF_EDGES.replace("<edges>", edges), bound | _scope(query.workspace))


def of_pages(query: LinkQuery) -> pa.Table:
    """The same, with the page, of entries that name one of the linking pages of a pinned query."""
    where, bound = scope(query)
    return engine.arrow(OF_PAGES.replace("<where>", where), bound | _scope(query.workspace))


def _scope(workspace: int) -> dict[str, Any]:
    return {"scope": sorted({OPEN_DATA, workspace}), "source": SOURCE}
