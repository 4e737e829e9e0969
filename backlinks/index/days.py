"""When a domain was seen first and last, and by which source: its age, as far as anybody has looked.

Decided: rows add up (the least first day, the greatest last one), so whatever is noted twice changes nothing and every
source may note its domains whenever it has read something. What is noted stays when the batch that it came from is
removed: a domain is no younger because an import was taken back. Refused: reading the age out of the log for each
question, because the oldest row of a domain may lie under any target.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from . import engine, kept
from .derive import COMPLETE, EARLIEST, NEVER, NEWEST
from .portions import portions
from .writer import OF_BATCH, Batch

TABLE = "domain_days"
OPEN_DATA = 0
BLOCK_ROWS = 200_000
ALWAYS = 2**63  # later than every batch
OF_DOMAINS = f"""SELECT domain, source, min(first_seen) AS first, max(last_seen) AS last,
    toInt64(length(groupUniqArrayArray(releases))) AS releases FROM {TABLE}
WHERE workspace IN {{scope:Array(UInt32)}} AND domain IN {{domains:Array(String)}}
GROUP BY domain, source ORDER BY domain, source"""
LISTED = f"""INSERT INTO {TABLE} (workspace, domain, source, first_seen, last_seen)
SELECT workspace, domain, list, min(day), max(day) FROM popularity WHERE {OF_BATCH} GROUP BY workspace, domain, list"""
_SPOKEN = f"""workspace = {{workspace:UInt32}} AND {COMPLETE}
        AND (empty({{batches:Array(UInt64)}}) OR batch IN {{batches:Array(UInt64)}})"""
_SEEN = f"minIf({EARLIEST}, {EARLIEST} > {NEVER}) AS first, max({NEWEST}) AS last"
# Both ends of a link were there on the days on which it was seen; of a page that was sighted, its own domain.
OBSERVED = f"""INSERT INTO {TABLE} (workspace, domain, source, first_seen, last_seen)
SELECT {{workspace:UInt32}}, domain, source, toDate(min(first)), toDate(max(last)) FROM (
    SELECT domain, source, {_SEEN} FROM observations ARRAY JOIN [source_domain, target_domain] AS domain
        WHERE {_SPOKEN} GROUP BY domain, source
    UNION ALL
    SELECT domain, source, {_SEEN} FROM domain_links ARRAY JOIN [source_domain, target_domain] AS domain
        WHERE {_SPOKEN} GROUP BY domain, source
    UNION ALL
    SELECT source_domain AS domain, source, {_SEEN} FROM sightings WHERE {_SPOKEN} GROUP BY source_domain, source
) WHERE first > {NEVER} GROUP BY domain, source"""


@dataclass(frozen=True, slots=True)
class Age:
    """When a domain was seen first and last, by whom: source -> (first day, last day). `releases`: how many
    of the domain graph had it, of those that were read since they are counted."""

    first_seen: date
    last_seen: date
    by_source: dict[str, tuple[date, date]]
    releases: int = 0


def note_days(workspace: int, source: str, days: Mapping[str, tuple[date, date]]) -> None:
    """Domains that a source has seen, each on its first and its last day."""
    items = list(days.items())
    for start in range(0, len(items), BLOCK_ROWS):
        part = items[start : start + BLOCK_ROWS]
        engine.insert(
            TABLE,
            {
                "workspace": [workspace] * len(part),
                "domain": [domain for domain, _ in part],
                "source": [source] * len(part),
                "first_seen": [first for _, (first, _) in part],
                "last_seen": [last for _, (_, last) in part],
            },
        )


def note_listed(batch: Batch) -> None:
    """The domains of a popularity list were there on its day; the source is the list."""
    engine.write(LISTED, {"workspace": batch.workspace, "batch": batch.batch})


def note_observed(workspace: int, batches: Sequence[int] = ()) -> None:
    """Both ends of every dated claim of a workspace (of these batches alone, where some are named)."""
    parameters = {"workspace": workspace, "scope": [workspace], "generation": ALWAYS, "batches": list(batches)}
    engine.write(OBSERVED, parameters)


def first_seen_of(workspace: int, domains: Iterable[str]) -> dict[str, Age]:
    """The ages of these domains by what `workspace` and the open data know; one that nobody has seen is left out."""
    seen: dict[str, dict[str, tuple[date, date]]] = {}
    releases: dict[str, int] = {}
    scope = sorted({OPEN_DATA, workspace})
    for portion in portions(domains):
        for row in kept.briefly(OF_DOMAINS, {"scope": scope, "domains": portion}):
            seen.setdefault(row["domain"], {})[row["source"]] = (row["first"], row["last"])
            releases[row["domain"]] = max(row["releases"], releases.get(row["domain"], 0))
    return {
        domain: Age(min(first for first, _ in by.values()), max(last for _, last in by.values()), by, releases[domain])
        for domain, by in seen.items()
    }
