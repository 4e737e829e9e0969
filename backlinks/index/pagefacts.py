"""What visits remember of linking pages: the newest row of each page, as SQL that may be joined to links.

Decided: a statement and its parameters, because whoever judges links joins pages of a target by the million. A row
counts once its batch is complete; the newest reading of a page counts whole, whatever a later visit that read nothing
(304, an error) said. Rows of an earlier make of the facts have an earlier `version`. Refused: one value of each fact by
itself, which made one page of several readings. `certificate` is of the site, and of few of its rows: those whose visit
opened the connection.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from .beside import COUNTED
from .settle import OPEN_DATA

Statement = tuple[str, dict[str, Any]]
WHERE_FROM = (
    "source_domain", "page_key", "page_url", "host", "batch", "row", "source", "report", "fetched_at", "version",
    "certificate",
)  # fmt: skip
FACTS = (
    "title", "language", "published", "canonical", "canonical_at", "noindex", "words", "text_share", "int_links",
    "ext_links", "ext_domains", "fingerprint", "ids", "generator", "platform", "title_length", "description_length",
    "keywords_length", "repeats", "top_word", "top_share", "poison", "poison_words", "poison_snippet",
    "poison_language", "popups", "moves_to", "ads", "hidden_links", "hidden_block", "hidden_why", "hidden_poison",
    "foreign_place", "foreign_script", "foreign_letters", "foreign_share", "contacts", "mails", "favicon", "trackers",
    "parked", "directory", "paid", "skeleton", "theme",
)  # fmt: skip
_COLUMNS = frozenset((*WHERE_FROM, *FACTS))
_NEWEST = """SELECT <columns> FROM page_facts WHERE <rows>
    AND (source_domain, page_key, (fetched_at, batch, row)) IN (
        SELECT source_domain, page_key, max((fetched_at, batch, row)) FROM page_facts WHERE <rows>
        GROUP BY source_domain, page_key)"""


def newest_page_facts(
    workspace: int,
    columns: Sequence[str] = ("source_domain", "page_key", "fetched_at", "version", *FACTS),
    *,
    domains: str = "",
    bound: Mapping[str, Any] | None = None,
) -> Statement:
    """The newest row of each page that the workspace has read, or open data has.

    `domains`: SQL of `source_domain` to which the pages are kept, with its parameters in `bound`; "" for all.
    """
    unknown = set(columns) - _COLUMNS
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))}: no column of page_facts")
    rows = f"workspace IN {{seen:Array(UInt32)}} AND {COUNTED}"
    if domains:
        rows = f"source_domain IN ({domains}) AND {rows}"
    sql = _NEWEST.replace("<columns>", ", ".join(columns)).replace("<rows>", rows)
    return sql, {**(bound or {}), "seen": sorted({OPEN_DATA, workspace})}
