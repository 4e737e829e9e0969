"""Scores in the index: votes out of it, scores of a computation into it, and what readers see of them.

Decided: a computation is a *run*; its rows are written first and count from the moment that its row in
`authority_runs` is there, so nothing half-written is ever shown. A workspace sees its own newest run (the open graph
joined with what it knows) and, for domains that are not in it, the newest run of the open graph alone. Votes are read
as Arrow columns, because a graph has more edges than Python objects fit into memory. Refused: scores stamped into the
settled tables, because every computation would then rewrite every profile.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from . import engine, kept
from .portions import portions
from .settle import OPEN_DATA

KEPT_RUNS = 2  # of each workspace: the shown one, and the one before for what has changed
INSERTED_ROWS = 500_000
PARTS = ("pagerank", "harmonic", "trust", "diversity", "traffic")
PENALTIES = (
    "no_organic_presence", "follow_share", "links_above_popularity", "one_address", "one_network", "identical_profile",
    "reciprocity", "closed_community",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScoreRun:
    """A computation: `run` is its id, `workspace` 0 is the open graph alone, `facts` what went in and came out."""

    workspace: int
    run: int
    version: str
    release: str
    computed_at: datetime
    domains: int
    edges: int
    facts: dict[str, Any]

    @property
    def key(self) -> tuple[int, int, str]:
        return self.workspace, self.run, self.version


# The rows of newest published generations, each domain once whoever knows it.
_NEWEST = """(workspace, target_domain, generation) IN (SELECT workspace, target_domain, max(generation)
    FROM generations WHERE workspace IN {scope:Array(UInt32)} GROUP BY workspace, target_domain)"""
# A vote: a domain that links, with at least one link that is follow or whose rel nobody knows, and is not lost.
VOTES_SQL = f"""SELECT target_domain, source_domain, max(workspace) AS owner,
    argMax(subnets, workspace) AS subnets, argMax(ips, workspace) AS ips,
    argMax(follow, workspace) AS follow, argMax(nofollow, workspace) AS nofollow
FROM edges WHERE {_NEWEST} AND state != 'lost' AND source_domain != target_domain
    AND (follow > 0 OR links = 0 OR follow + nofollow < links)
GROUP BY target_domain, source_domain ORDER BY target_domain, source_domain"""
# How many of a domain's in-links are follow, of those whose rel is known.
RELS_SQL = f"""SELECT target_domain, countIf(follow > 0) AS follow, countIf(follow + nofollow > 0) AS known FROM (
    SELECT target_domain, source_domain, argMax(follow, workspace) AS follow, argMax(nofollow, workspace) AS nofollow
    FROM edges WHERE {_NEWEST} AND state != 'lost' AND source_domain != target_domain
    GROUP BY target_domain, source_domain) GROUP BY target_domain"""


def votes(workspace: int) -> pa.Table:
    """target_domain, source_domain, owner, subnets, ips, follow, nofollow: one row a linking domain of each target."""
    return engine.arrow(VOTES_SQL, {"scope": sorted({OPEN_DATA, workspace})})


def known_rels(workspace: int) -> pa.Table:
    """target_domain, follow, known: linking domains whose rel is known, and how many of them link with follow."""
    return engine.arrow(RELS_SQL, {"scope": sorted({OPEN_DATA, workspace})})


def vendor_scores(workspace: int, names: Sequence[str]) -> pa.Table:
    """domain, name, value: what vendors' files say of linking domains, the newest of each name."""
    return engine.arrow(
        f"""SELECT source_domain AS domain, name, toFloat64(argMax(value, (last_seen, value))) AS value FROM (
            SELECT source_domain, last_seen, arrayJoin(metrics) AS metric, metric.1 AS name, metric.2 AS value
            FROM edges WHERE {_NEWEST}) WHERE name IN {{names:Array(String)}}
        GROUP BY domain, name ORDER BY name, domain""",
        {"scope": sorted({OPEN_DATA, workspace}), "names": list(names)},
    )


def crawled_sites(workspace: int) -> Iterator[tuple[str, pa.Table]]:
    """(domain, its links inside: source_key, target_key) of each site, by the newest crawl that counts."""
    rows = engine.read(
        """SELECT target_domain, argMax(batch, since) AS newest FROM (
            SELECT DISTINCT target_domain, batch FROM internal_links WHERE workspace = {workspace:UInt32}) AS found
        INNER JOIN (SELECT batch, max(version) AS since FROM batches WHERE workspace = {workspace:UInt32}
            GROUP BY batch HAVING argMax(state, version) = 'complete') AS complete USING (batch)
        GROUP BY target_domain ORDER BY target_domain""",
        {"workspace": workspace},
    )
    for row in rows:
        yield (
            row["target_domain"],
            engine.arrow(
                """SELECT DISTINCT source_key, target_key FROM internal_links WHERE target_domain = {domain:String}
            AND workspace = {workspace:UInt32} AND batch = {batch:UInt64} AND nofollow = 0""",
                {"workspace": workspace, "domain": row["target_domain"], "batch": row["newest"]},
            ),
        )


def profiled_domains(workspace: int) -> set[str]:
    """Every domain that a profile of this workspace is about or names."""
    rows = engine.read(
        f"""SELECT DISTINCT arrayJoin([target_domain, source_domain]) AS domain FROM edges WHERE {_NEWEST}""",
        {"scope": [workspace]},
    )
    return {row["domain"] for row in rows}


def newest_batches() -> dict[int, datetime]:
    """Workspace -> when a batch last began to count, or stopped counting."""
    rows = engine.read(
        """SELECT workspace, toDateTime(intDiv(max(version), 1000000000), 'UTC') AS changed FROM batches
        WHERE state IN ('complete', 'removed') GROUP BY workspace""",
        {},
    )
    return {row["workspace"]: _utc(row["changed"]) for row in rows}


def batches_since(workspace: int, moment: datetime) -> list[int]:
    """Batches of a workspace that count and began to after `moment`."""
    rows = engine.read(
        """SELECT batch FROM batches WHERE workspace = {workspace:UInt32} GROUP BY batch
        HAVING argMax(state, version) = 'complete' AND max(version) >= {since:UInt64} ORDER BY batch""",
        {"workspace": workspace, "since": int(moment.timestamp()) * 1_000_000_000},
    )
    return [row["batch"] for row in rows]


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


# --- Writing --------------------------------------------------------------------------------------------------------
def add_scores(workspace: int, run: int, version: str, columns: Mapping[str, Sequence[Any]]) -> None:
    """Write the scores of a run; equal length, columns of the table `authority`. Nobody sees them yet."""
    length = len(columns["domain"])
    for start in range(0, length, INSERTED_ROWS):
        part = {name: cells[start : start + INSERTED_ROWS] for name, cells in columns.items()}
        size = len(part["domain"])
        stamped = {"workspace": [workspace] * size, "run": [run] * size, "version": [version] * size}
        engine.insert("authority", stamped | part)


def add_score_days(workspace: int, run: int, version: str, day: date, rows: Iterable[dict[str, Any]]) -> None:
    """Keep scores for ever; a row has domain, score and parts (name -> points)."""
    kept = list(rows)
    if not kept:
        return
    size = len(kept)
    engine.insert(
        "authority_days",
        {
            "workspace": [workspace] * size,
            "domain": [row["domain"] for row in kept],
            "day": [day] * size,
            "run": [run] * size,
            "version": [version] * size,
            "score": [row["score"] for row in kept],
            "parts": [row["parts"] for row in kept],
        },
    )


def add_page_ranks(workspace: int, run: int, target_domain: str, ranks: Mapping[str, float]) -> None:
    """PageRank of a crawled site's pages (key -> value, summing to 1) among themselves."""
    size = len(ranks)
    if size:
        engine.insert(
            "page_ranks",
            {
                "workspace": [workspace] * size,
                "target_domain": [target_domain] * size,
                "run": [run] * size,
                "page_key": list(ranks),
                "value": list(ranks.values()),
                "pages": [size] * size,
            },
        )


def publish_scores(made: ScoreRun, *, shown: bool) -> None:
    """From now on this run counts; others of its day, and older ones than that of a day before, are forgotten."""
    engine.insert(
        "authority_runs",
        {
            "workspace": [made.workspace],
            "run": [made.run],
            "version": [made.version],
            "release": [made.release],
            "computed_at": [made.computed_at],
            "domains": [made.domains],
            "edges": [made.edges],
            "shown": [int(shown)],
            "facts": [json.dumps(made.facts)],
        },
    )
    forget_scores(made.workspace)


def withdraw_scores(workspace: int) -> None:
    """Show no scores of this workspace any longer: nothing that they were made of is known. History stays."""
    if score_runs(workspace):
        for table in ("authority_runs", "authority", "page_ranks"):
            engine.delete(table, "workspace = {workspace:UInt32}", {"workspace": workspace})


def forget_scores(workspace: int) -> None:
    """Delete the rows of all runs that are not kept, and what a run that ended half-way has left."""
    kept = [one.run for one in score_runs(workspace)]
    if not kept:
        return
    for table in ("authority", "page_ranks"):
        engine.delete(
            table,
            "workspace = {workspace:UInt32} AND run NOT IN {kept:Array(UInt64)} AND run < {newest:UInt64}",
            {"workspace": workspace, "kept": kept, "newest": kept[0]},
        )


# --- Reading --------------------------------------------------------------------------------------------------------
_RUNS = """SELECT * FROM (
    SELECT workspace, run, version, release, computed_at, domains, edges, facts FROM authority_runs
    WHERE workspace IN {scope:Array(UInt32)} AND shown = 1 ORDER BY workspace DESC, run DESC
    LIMIT 1 BY workspace, toDate(computed_at)
) ORDER BY workspace DESC, run DESC LIMIT {newest:UInt8} BY workspace"""
# Which scores a workspace sees is asked for each page: without the facts, which are long.
_KEYS = """SELECT workspace, run, version FROM authority_runs
WHERE workspace IN {scope:Array(UInt32)} AND shown = 1 ORDER BY workspace DESC, run DESC LIMIT 1 BY workspace"""


def score_runs(workspace: int) -> list[ScoreRun]:
    """The newest shown run of exactly this workspace (0: the open graph) and that of an earlier day; both are kept.

    Several imports of one day make several runs: each would hide what the day has changed.
    """
    return [_score_run(row) for row in engine.read(_RUNS, {"scope": [workspace], "newest": KEPT_RUNS})]


def shown_runs(workspace: int) -> tuple[ScoreRun, ...]:
    """What a workspace sees: its own newest run, then that of the open graph."""
    rows = kept.briefly(_RUNS, {"scope": sorted({OPEN_DATA, workspace}), "newest": 1})
    return tuple(_score_run(row) for row in rows)


def shown_keys(workspace: int) -> tuple[tuple[int, int, str], ...]:
    """(workspace, run, version) of what a workspace sees, its own first."""
    rows = kept.briefly(_KEYS, {"scope": sorted({OPEN_DATA, workspace})})
    return tuple((row["workspace"], row["run"], row["version"]) for row in rows)


def _score_run(row: Mapping[str, Any]) -> ScoreRun:
    told = {"computed_at": _utc(row["computed_at"]), "facts": json.loads(row["facts"] or "{}")}
    return ScoreRun(**{**row, **told})


def score_rows(runs: Sequence[tuple[int, int, str]], domains: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Domain -> its row of the first of these runs (workspace, run, version) that knows it, with all parts."""
    found: dict[str, dict[str, Any]] = {}
    left = sorted(set(domains))
    for workspace, run, version in runs:
        for names in portions(left):
            rows = kept.briefly(
                """SELECT * FROM authority WHERE workspace = {workspace:UInt32} AND run = {run:UInt64}
                AND version = {version:String} AND domain IN {domains:Array(String)}""",
                {"workspace": workspace, "run": run, "version": version, "domains": names},
            )
            found |= {row["domain"]: row for row in rows}
        left = [domain for domain in left if domain not in found]
    return found


def scores_of(workspace: int, domains: Iterable[str]) -> dict[str, float]:
    """Domain -> its score as this workspace sees it; domains without one are left out."""
    return {domain: row["score"] for domain, row in score_rows(shown_keys(workspace), domains).items()}


def score_days(workspace: int, domain: str) -> list[dict[str, Any]]:
    """History of a domain's score, oldest first: day, version, score, parts. The workspace's own where it has one."""
    rows = kept.briefly(
        """SELECT workspace, day, version, argMax(score, run) AS score, argMax(parts, run) AS parts
        FROM authority_days WHERE workspace IN {scope:Array(UInt32)} AND domain = {domain:String}
        GROUP BY workspace, day, version ORDER BY day, version, workspace""",
        {"scope": sorted({OPEN_DATA, workspace}), "domain": domain},
    )
    own = {(row["day"], row["version"]) for row in rows if row["workspace"] != OPEN_DATA}
    return [row for row in rows if row["workspace"] != OPEN_DATA or (row["day"], row["version"]) not in own]


def standing_of(run: ScoreRun, column: str, value: float) -> tuple[int, int]:
    """(domains with a greater value, domains with the same) of a column in a run: where a value would stand in it."""
    if column not in ("pagerank", "harmonic", "trust", "score"):
        raise ValueError(f"{column} has no order")
    row = engine.read(
        f"""SELECT countIf(toFloat32({column}) > toFloat32({{value:Float64}})) AS above,
            countIf(toFloat32({column}) = toFloat32({{value:Float64}})) AS equal
        FROM authority WHERE workspace = {{workspace:UInt32}} AND run = {{run:UInt64}}
            AND version = {{version:String}}""",
        {"workspace": run.workspace, "run": run.run, "version": run.version, "value": value},
    )[0]
    return row["above"], row["equal"]
