"""Settle: rebuild what is shown of the touched targets from the log, then publish it in one row.

Decided: each settle writes a whole new *generation* of a target (links, then edges) and publishes it by one insert into
`generations`. A reader resolves the newest published generation first and reads only that, so it sees the state before
or after, never between, and needs no FINAL. A workspace's generation is built from its own log and the open data
(workspace 0) together, so a link known to both counts once without regrouping at read. Generation numbers come from the
index's clock *before* the batches are listed: whichever of two concurrent settles started later has seen more, and
wins. Refused: materialised views (they see inserts only: a re-import doubles, a removal stays), FINAL over a
`ReplacingMergeTree` (unmerged it costs three to eight times the read) and updates in place.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from django.conf import settings

from . import engine
from .addresscounts import counts_sql
from .derive import (
    ANCHORS_SQL,
    CLOCK_SQL,
    FORMULA,
    JOINED_SQL,
    OUTBOUND_SQL,
    PAGES_SQL,
    PROFILES_SQL,
    PUBLISH_SQL,
    SETS_SQL,
    TOUCHED,
    edges_sql,
    links_sql,
)
from .portions import portions
from .profiledays import DAYS_SQL

GRACE_SECONDS = 900
TIDIED_AT_ONCE = 500
# A pass holds every attribute of its links in memory: about 6 KB a row of the log.
ROWS_A_PASS = 200_000
SAMPLED = 10_000
PASS_SETTINGS = {"max_bytes_before_external_group_by": 2_000_000_000}
DERIVED = ("links", "edges", "anchors", "pages", "profiles", "domain_sets", "outbound", "address_counts", "generations")
OPEN_DATA = 0
FIRST, LAST = ("", 0), ("\U0010ffff", 0)


def settle(workspace: int, targets: Iterable[str]) -> int:
    """Rebuild and publish these targets of a workspace; returns how many. Readers see each switch at once.

    Open data (workspace 0) is part of what other workspaces see: those that have a profile of a target follow.
    """
    count = 0
    for step in _steps(workspace, sorted(set(targets))):
        _settle_step(workspace, step)
        for follower, touched in _followers(step.targets) if workspace == OPEN_DATA else ():
            for again in _steps(follower, touched):
                _settle_step(follower, again)
        count += len(step.targets)
    return count


@dataclass(frozen=True, slots=True)
class Step:
    """Targets that are written together, and how many rows of the log they have."""

    targets: tuple[str, ...]
    rows: int


def _steps(workspace: int, names: Sequence[str]) -> Iterator[Step]:
    """Small targets together, a big one alone."""
    for portion in portions(names):
        sizes = _sizes(workspace, portion)
        held: list[str] = []
        rows = 0
        for name in portion:
            if held and rows + sizes.get(name, 0) > ROWS_A_PASS:
                yield Step(tuple(held), rows)
                held, rows = [], 0
            held.append(name)
            rows += sizes.get(name, 0)
        yield Step(tuple(held), rows)


def _sizes(workspace: int, names: Sequence[str]) -> dict[str, int]:
    rows = engine.read(
        f"SELECT target_domain, count() AS n FROM observations WHERE {TOUCHED} GROUP BY target_domain",
        {"scope": sorted({OPEN_DATA, workspace}), "targets": list(names)},
    )
    return {row["target_domain"]: row["n"] for row in rows}


def _settle_step(workspace: int, step: Step) -> None:
    """One generation of a few targets; once more for those whose open data changed meanwhile."""
    generation = _write_generation(workspace, step)
    overtaken = workspace != OPEN_DATA and engine.read(
        """SELECT target_domain FROM generations WHERE workspace = 0 AND target_domain IN {targets:Array(String)}
        GROUP BY target_domain HAVING max(generation) > {generation:UInt64}""",
        {"targets": list(step.targets), "generation": generation},
    )
    for again in _steps(workspace, [row["target_domain"] for row in overtaken or ()]):
        _settle_step(workspace, again)


def _write_generation(workspace: int, step: Step) -> int:
    days = settings.LINK_FRESH_DAYS
    touched = {"scope": sorted({OPEN_DATA, workspace}), "targets": list(step.targets)}
    clock = engine.read(CLOCK_SQL, touched | {"workspace": workspace, "days": days})[0]
    parameters: dict[str, Any] = touched | {
        "workspace": workspace,
        "generation": clock["generation"],
        "fresh_since": clock["since"].replace(tzinfo=None),
        "ranges": clock["ranges"],
    }
    joined = engine.read(JOINED_SQL, touched | {"ranges": clock["ranges"]})[0]
    links = links_sql(with_sightings=bool(joined["sighted"]), with_ranges=bool(joined["unplaced_links"]))
    cuts = _cuts(touched, step.rows)
    for bounds in _slices(cuts):
        engine.write(links, parameters | bounds, **PASS_SETTINGS)
    edges = edges_sql(
        with_listed=bool(joined["listed"]),
        with_sightings=bool(joined["sighted"]),
        with_ranges=bool(joined["unplaced_domains"]),
    )
    for bounds in _slices(sorted({(domain, 0) for domain, _ in cuts})):
        engine.write(edges, parameters | bounds, **PASS_SETTINGS)
    counts = counts_sql(with_ranges=bool(clock["ranges"]))
    for summary in (ANCHORS_SQL, PAGES_SQL, PROFILES_SQL, OUTBOUND_SQL, SETS_SQL, counts, DAYS_SQL):
        engine.write(summary, parameters, **PASS_SETTINGS)
    engine.write(PUBLISH_SQL, parameters | {"formula": FORMULA, "fresh_days": days})
    return clock["generation"]


Cut = tuple[str, int]


def _cuts(touched: dict[str, Any], rows: int) -> list[Cut]:
    """Where a big target is cut, by (source domain, link id), into passes of about ROWS_A_PASS rows."""
    passes = -(-rows // ROWS_A_PASS)
    if passes < 2:
        return []
    (found,) = engine.read(
        f"""SELECT arraySort(groupArraySample({SAMPLED}, 1)((source_domain, link_id))) AS sample FROM observations
        WHERE {TOUCHED}""",
        touched,
    )
    sample = found["sample"]
    return sorted({tuple(sample[len(sample) * number // passes]) for number in range(1, passes)})


def _slices(cuts: Sequence[Cut]) -> Iterator[dict[str, Any]]:
    """Bounds of each pass: from one cut up to the next."""
    for (from_domain, from_link), (to_domain, to_link) in pairwise((FIRST, *cuts, LAST)):
        yield {"from_domain": from_domain, "from_link": from_link, "to_domain": to_domain, "to_link": to_link}


def _followers(targets: Sequence[str]) -> list[tuple[int, list[str]]]:
    """(workspace, targets) of the workspaces that have a profile of some of these targets."""
    rows = engine.read(
        """SELECT workspace, groupUniqArray(target_domain) AS touched FROM generations
        WHERE workspace != 0 AND target_domain IN {targets:Array(String)} GROUP BY workspace ORDER BY workspace""",
        {"targets": list(targets)},
    )
    return [(row["workspace"], sorted(row["touched"])) for row in rows]


def touched_by(workspace: int, batch: int) -> list[str]:
    """The target domains that a batch says anything about."""
    parts = " UNION DISTINCT ".join(
        f"SELECT DISTINCT target_domain FROM {table} "
        "WHERE workspace = {workspace:UInt32} AND batch = {batch:UInt64}"
        for table in ("observations", "sightings", "domain_links", "vendor_counts")
    )
    return [row["target_domain"] for row in engine.read(parts, {"workspace": workspace, "batch": batch})]


def stale(day: date | None = None) -> list[tuple[int, str]]:
    """(workspace, target) whose shown states are out of date on `day` (default today), or made by an older formula.

    A state changes by itself when the oldest sight of a live link becomes older than LINK_FRESH_DAYS.
    """
    rows = engine.read(
        """SELECT workspace, target_domain FROM (
            SELECT workspace, target_domain, argMax(stale_on, generation) AS due, argMax(links, generation) AS counted,
                argMax(formula, generation) AS made_by
            FROM generations GROUP BY workspace, target_domain
        ) WHERE made_by != {formula:UInt16}
            OR (counted > 0 AND due > toDate(0) + {days:UInt16} + 1 AND due <= ifNull({day:Nullable(Date)}, today()))
        ORDER BY workspace, target_domain""",
        {"days": settings.LINK_FRESH_DAYS, "formula": FORMULA, "day": day},
    )
    return [(row["workspace"], row["target_domain"]) for row in rows]


def tidy(grace_seconds: int = GRACE_SECONDS) -> int:
    """Delete generations that a newer one has replaced for longer than any reader lasts; returns how many."""
    old = engine.read(
        """SELECT workspace, target_domain, generation FROM generations
        WHERE (workspace, target_domain, generation) NOT IN (
            SELECT workspace, target_domain, max(generation) FROM generations GROUP BY workspace, target_domain)
        AND generation < toUnixTimestamp64Nano(now64(9)) - {grace:UInt64} * 1000000000 LIMIT {limit:UInt64}""",
        {"grace": grace_seconds, "limit": TIDIED_AT_ONCE},
    )
    if not old:
        return 0
    keys = [(row["target_domain"], row["workspace"], row["generation"]) for row in old]
    for table in DERIVED:
        engine.delete(
            table,
            "(target_domain, workspace, generation) IN {keys:Array(Tuple(String, UInt32, UInt64))}",
            {"keys": keys},
        )
    return len(keys)
