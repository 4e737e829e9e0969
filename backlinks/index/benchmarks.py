"""A profile kept as it was, and what has changed since, domain by domain.

Decided: a benchmark keeps every referring domain with its counts, and each domain has exactly one cause of what has
changed at it: the first of CAUSES that fits. All of a domain's difference goes to that cause, so for every figure that
adds up over domains (all but addresses) the causes add up to the difference, whatever was imported, checked or taken
back in between. A domain that nobody had named before is *new* when it was first seen on the benchmark's day or later,
else it is older and only *learned* of: by the batch that named it first. Refused: keeping every link, because a profile
of a million links would weigh as much again with each benchmark, to tell apart what happens inside one domain.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from seoapp.lib.listquery import Field, ListQuery

from . import asking, engine, sides, sql
from .authority import score_rows
from .columns import KINDS, STATES, VENDORS
from .pins import pin
from .query import LinkQuery
from .reports import RowPage

TABLE = "benchmark_domains"
COUNTS = ("links", "live", "lost", "unknown", "follow", "nofollow", "ugc", "sponsored", *KINDS, "hosts")


def _of_side(number: int, *names: str) -> str:
    return ", ".join(f"{name}_{number}" for name in names)


# The causes in the order in which they are tried; `was` and `is_there`: does the domain stand on that side.
CAUSES = {
    "new": "NOT was AND first_seen_1 >= toDateTime({day:Date}, 'UTC')",
    "graph_came": "NOT was AND only_graph_1",
    "learned": "NOT was",
    "graph_went": "NOT is_there AND only_graph_0",
    "taken": "NOT is_there",
    "lost": "state_0 != 'lost' AND state_1 = 'lost'",
    "found": "state_0 = 'lost' AND state_1 != 'lost'",
    "unlooked": "state_0 = 'live' AND state_1 = 'unknown'",
    "looked": "state_0 = 'unknown' AND state_1 = 'live'",
    "grew": "links_1 > links_0",
    "shrank": "links_1 < links_0",
    "rel": "(follow_0, nofollow_0, ugc_0, sponsored_0) != (follow_1, nofollow_1, ugc_1, sponsored_1)",
    "states": "(live_0, lost_0, unknown_0) != (live_1, lost_1, unknown_1)",
    "named": "only_graph_0 != only_graph_1",
    "kinds": f"({_of_side(0, *KINDS, 'hosts')}) != ({_of_side(1, *KINDS, 'hosts')})",
}
SAME = "same"
# Figure -> its value at one domain of a side ({n}); all of them add up over domains.
FIGURES = {
    "referring_domains": "toInt64(there_{n})",
    "graph_domains": "toInt64(only_graph_{n})",
    **{f"domains_{state}": f"toInt64(state_{{n}} = '{state}')" for state in STATES},
    **{name: f"toInt64({name}_{{n}})" for name in COUNTS},
    "rel_unknown": "toInt64(links_{n}) - toInt64(follow_{n}) - toInt64(nofollow_{n})",
}
DOMAINS = (
    Field("source_domain", "Referring domain", "text", "text"),
    Field("cause", "Cause", "text", "choice", (*CAUSES, SAME)),
    Field("why", "More", "text", "choice", sortable=False, help="Why it was lost, or what named it first."),
    Field("authority", "Authority", "score", sortable=False),
    Field("links_0", "Links then", "int", "number"),
    Field("links_1", "Links now", "int", "number"),
    Field("change", "Change", "number", "number", help="Links now less links then."),
    Field("state_0", "State then", "state", "choice", STATES),
    Field("state_1", "State now", "state", "choice", STATES),
    Field("there_0", "Known then", "bool", "flag", default=False),
    Field("there_1", "Known now", "bool", "flag", default=False),
    Field("follow_0", "Follow then", "int", "number", default=False),
    Field("follow_1", "Follow now", "int", "number", default=False),
    Field("first_seen_1", "First seen", "date", "date"),
    Field("sources_0", "Known by then", "list", "choice", VENDORS, default=False, sortable=False),
    Field("sources_1", "Known by now", "list", "choice", VENDORS, sortable=False),
)
_KINDS_OF = ", ".join(
    ["countIf(ugc = 1) AS n_ugc", "countIf(sponsored = 1) AS n_sponsored"]
    + [f"countIf(kind = '{kind}') AS n_{kind}" for kind in KINDS]
)
_FROM_EDGES = ("links", "live", "lost", "unknown", "follow", "nofollow", "hosts")
_KEPT_OF_EDGES = ", ".join(f"toUInt64({one}) AS {one}" for one in _FROM_EDGES)
_KEPT_OF_LINKS = ", ".join(f"n_{one} AS {one}" for one in ("ugc", "sponsored", *KINDS))
_ROWS = f"""SELECT edges.source_domain AS source_domain, {_KEPT_OF_EDGES}, {_KEPT_OF_LINKS}, first_seen,
    last_seen, lost_at, toString(state) AS state, arrayMap(one -> toString(one), sources) AS sources
FROM (<edges>) AS edges LEFT ANY JOIN (
    SELECT source_domain, {_KINDS_OF} FROM links WHERE <where> GROUP BY source_domain
) AS kinds ON kinds.source_domain = edges.source_domain"""
_KEPT_COLUMNS = ", ".join(("source_domain", *COUNTS, "first_seen", "last_seen", "lost_at", "state", "sources"))
_SCORES = """SELECT domain, argMax(score, workspace) AS score FROM authority
WHERE (workspace, run, version) IN {scores:Array(Tuple(UInt32, UInt64, String))} GROUP BY domain"""
OF_BENCHMARK = "workspace = {workspace:UInt32} AND batch = {batch:UInt64}"
_SIDE = """max(side = {n}) AS there_{n}, anyIf(state, side = {n}) AS state_{n},
    anyIf(sources, side = {n}) AS sources_{n}, maxIf(first_seen, side = {n}) AS first_seen_{n},
    links_{n} = 0 AND sources_{n} = ['commoncrawl'] AS only_graph_{n}"""
_SUMS = ", ".join(f"sumIf({one}, side = {n}) AS {one}_{n}" for one in COUNTS for n in (0, 1))
_BOTH = f"""SELECT source_domain, {_SUMS},
    {_SIDE.format(n=0)}, {_SIDE.format(n=1)}, there_0 AS was, there_1 AS is_there
FROM (<rows>) GROUP BY source_domain"""
_TESTS = ", ".join(f"{test}, '{name}'" for name, test in CAUSES.items())
_CAUSED = f"""SELECT *, multiIf({_TESTS}, '{SAME}') AS cause,
    toInt64(links_1) - toInt64(links_0) AS change FROM ({_BOTH})"""
# Which batch first named a domain, of those that began to count after the benchmark.
_VIA = """SELECT source_domain AS via_domain, argMin(batch, since) AS via FROM (
    SELECT DISTINCT source_domain, workspace, batch FROM (<claims>)) AS claims
INNER JOIN (SELECT workspace, batch, max(version) AS since FROM batches WHERE workspace IN {scope:Array(UInt32)}
    GROUP BY workspace, batch HAVING argMax(state, version) = 'complete' AND since >= {from_generation:UInt64}
        AND since < {to_generation:UInt64}) AS counted USING (workspace, batch)
GROUP BY source_domain"""
_CLAIMS = " UNION ALL ".join(
    f"SELECT source_domain, workspace, batch FROM {table} "
    "WHERE target_domain = {target_domain:String} AND workspace IN {scope:Array(UInt32)}"
    for table in ("observations", "domain_links", "sightings")
)
_REASONS = """SELECT source_domain AS gone_domain, argMax(lost_reason, lost_at) AS reason FROM links
WHERE <where> AND state = 'lost' GROUP BY source_domain"""
_EXPLAINED = """SELECT caused.*,
    multiIf(cause = 'learned', if(via > 0, toString(via), 'other'), cause = 'lost', if(reason = '', 'unnamed', reason),
        '') AS why
FROM (<caused>) AS caused LEFT ANY JOIN (<via>) AS vias ON via_domain = caused.source_domain
LEFT ANY JOIN (<reasons>) AS reasons ON gone_domain = caused.source_domain"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A saved benchmark: whose rows, the generation it was taken of, and its day."""

    workspace: int
    batch: int
    generation: int
    day: date


@dataclass(frozen=True, slots=True)
class Effect:
    """What one cause has done: `why` is the reason of a loss, or the id of a batch; `figures` the differences."""

    cause: str
    why: str
    domains: int
    figures: dict[str, int]


def keep(query: LinkQuery, batch: int) -> dict[str, int]:
    """Save the referring domains of a pinned query as the benchmark `batch`; returns its figures that add up."""
    rows, bound = _rows(query)
    bound |= {"workspace": query.workspace, "batch": batch, "scores": list(query.scores) or [(0, 0, "")]}
    engine.write(
        f"""INSERT INTO {TABLE} (workspace, batch, {_KEPT_COLUMNS}, authority)
        SELECT {{workspace:UInt32}}, {{batch:UInt64}}, {_KEPT_COLUMNS}, if(domain = '', toFloat64(-1), score)
        FROM ({rows}) AS kept LEFT ANY JOIN ({_SCORES}) AS scored ON scored.domain = kept.source_domain""",
        bound,
        prefer_column_name_to_alias=1,
    )
    return totals(query.workspace, batch)


def totals(workspace: int, batch: int) -> dict[str, int]:
    """The figures of a benchmark, added up over its domains."""
    rows, bound = _one_side(_kept(Kept(workspace, batch, 0, date.min)))
    figures = ", ".join(f"sum({value.format(n=0)}) AS sum_{name}" for name, value in FIGURES.items())
    found = engine.read(f"SELECT {figures} FROM ({_BOTH.replace('<rows>', rows)})", bound)[0]
    return {name: found[f"sum_{name}"] for name in FIGURES}


def forget_kept(workspace: int, batches: Sequence[int]) -> None:
    """Delete the rows of benchmarks."""
    engine.delete(
        TABLE,
        "workspace = {workspace:UInt32} AND batch IN {batches:Array(UInt64)}",
        {"workspace": workspace, "batches": list(batches)},
    )


def effects(query: LinkQuery, before: Kept, after: Kept | None = None) -> list[Effect]:
    """What has changed since a benchmark (until another one, else until now), by cause; the greatest first."""
    return differences(query, before, after)[0]


def differences(query: LinkQuery, before: Kept, after: Kept | None = None) -> tuple[list[Effect], dict[str, int]]:
    """The effects, and the figures of the later side: counted over all its domains, whatever their causes."""
    statement, bound = _explained(query, before, after)
    figures = ", ".join(
        f"sum({value.format(n=n)}) AS sum_{name}_{n}" for name, value in FIGURES.items() for n in (0, 1)
    )
    rows = engine.read(
        f"""SELECT cause, why, count() AS n, {figures} FROM ({statement})
        GROUP BY cause, why ORDER BY n DESC, cause, why""",
        bound,
    )
    found = [
        Effect(row["cause"], row["why"], row["n"], {one: row[f"sum_{one}_1"] - row[f"sum_{one}_0"] for one in FIGURES})
        for row in rows
        if row["cause"] != SAME
    ]
    return found, {name: sum(row[f"sum_{name}_1"] for row in rows) for name in FIGURES}


def domain_fields(found: Iterable[Effect]) -> tuple[Field, ...]:
    """The columns of the list of domains, with what these causes name to choose from."""
    whys = tuple(sorted({one.why for one in found if one.why}))
    return tuple(replace(one, choices=whys) if one.name == "why" else one for one in DOMAINS)


def domain_rows(query: LinkQuery, asked: ListQuery, before: Kept, after: Kept | None = None) -> RowPage:
    """One page of the domains of both sides, each with its cause."""
    statement, bound = _explained(query, before, after)
    found = asking.page_of(statement, bound, asked, tie="source_domain")
    return RowPage(_with_scores(query, found.rows), found.more)


def domain_stream(
    query: LinkQuery, asked: ListQuery, before: Kept, after: Kept | None = None
) -> Iterator[dict[str, Any]]:
    """Every such domain, for exports."""
    statement, bound = _explained(query, before, after)
    scored = f"""SELECT rows.*, if(domain = '', toFloat64(-1), score) AS authority FROM ({statement}) AS rows
        LEFT ANY JOIN ({_SCORES}) AS scored ON scored.domain = rows.source_domain"""
    bound |= {"scores": list(pin(query).scores) or [(0, 0, "")]}
    return asking.every_row(scored, bound, asked, tie="source_domain")


def _with_scores(query: LinkQuery, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    scores = score_rows(pin(query).scores, [row["source_domain"] for row in rows])
    known = {name: row["score"] for name, row in scores.items()}
    return [row | {"authority": known.get(row["source_domain"], -1.0)} for row in rows]


# --- Statements ---------------------------------------------------------------------------------------------------
def _rows(query: LinkQuery) -> sides.Statement:
    """The referring domains of a pinned query as they are kept."""
    edges, bound = sql.edges(query)
    where, more = sql.scope(query)
    return _ROWS.replace("<edges>", edges).replace("<where>", where), bound | more


def _kept(one: Kept) -> sides.Statement:
    return f"SELECT {_KEPT_COLUMNS} FROM {TABLE} WHERE {OF_BENCHMARK}", {
        "workspace": one.workspace,
        "batch": one.batch,
    }


def _one_side(statement: sides.Statement) -> sides.Statement:
    return sides.joined([statement], _KEPT_COLUMNS)


def _explained(query: LinkQuery, before: Kept, after: Kept | None) -> sides.Statement:
    """Domains of both sides with cause and why."""
    pinned = pin(query)
    rows, bound = sides.joined([_kept(before), _kept(after) if after else _rows(pinned)], _KEPT_COLUMNS)
    where, scope = sql.scope(pinned)
    statement = (
        _EXPLAINED.replace("<caused>", _CAUSED.replace("<rows>", rows))
        .replace("<via>", _VIA.replace("<claims>", _CLAIMS))
        .replace("<reasons>", _REASONS.replace("<where>", where))
    )
    return statement, bound | scope | {
        "day": before.day,
        "scope": sorted({0, query.workspace}),
        "target_domain": query.target.domain,
        "from_generation": before.generation,
        "to_generation": after.generation if after else 2**63,
    }


def as_of(query: LinkQuery) -> LinkQuery:
    """The query pinned, with every report's rows; what a benchmark is taken of."""
    return replace(pin(query), filters=())
