"""Profiles beside each other by the domains that link to them.

Decided: every settle writes the referring domains of a profile as a set of 32-bit hashes, so thousands of profiles are
compared in one read without one name of a domain. Two domains may share a hash: among a hundred thousand of each side
about two are taken for one. The order of a list therefore rests on hashes, while the counts of the rows that are shown
are counted by name; only where those rows together hold more than EXACT_ROWS domains they stay estimates, and say so.
Domains that only the open graph knows are in no set: they would be in that of one side alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from seoapp.lib.listquery import Field, ListQuery

from . import asking, engine, sql
from .authority import score_rows
from .derive import MEMBER
from .query import LinkQuery
from .reports import RowPage, pin

EXACT_ROWS = 2_000_000
AT_ONCE = 50
# A domain is common when it links to at least this share of the profiles, and to no fewer than this many.
COMMON_SHARE, COMMON_LEAST = 0.1, 5

RIVALS = (
    Field("target_domain", "Domain", "text", "text"),
    Field("similarity", "Similarity %", "number", "number", help="Shared domains of all that link to one of the two."),
    Field("shared", "Shared domains", "int", "number", help="Domains that link to both."),
    Field("share_of_ours", "Of ours %", "number", "number", help="Shared domains of those that link to us."),
    Field("share_of_theirs", "Of theirs %", "number", "number", help="Shared domains of those that link to them."),
    Field("domains", "Referring domains", "int", "number"),
    Field("links", "Links", "int", "number"),
    Field("authority", "Authority", "score", "number"),
)
# The newest profile of each domain that a workspace sees: its own before that of the open data.
VISIBLE = """SELECT target_domain, max(workspace) AS owner, argMax(generation, (workspace, generation)) AS newest
FROM generations WHERE workspace IN {scope:Array(UInt32)} GROUP BY target_domain"""
_SETS = f"FROM domain_sets WHERE (target_domain, workspace, generation) IN ({VISIBLE})"
_COMMON = f"""SELECT groupBitmapState(member) FROM (
    SELECT arrayJoin(bitmapToArray(members)) AS member {_SETS} GROUP BY member
    HAVING count() >= {{common_from:UInt64}})"""
_RIVALS = f"""WITH (<mine>) AS all_mine, (<common>) AS common, bitmapAndnot(all_mine, common) AS mine
SELECT target_domain, workspace, generation, domains, links, bitmapAndCardinality(members, mine) AS shared,
    bitmapCardinality(mine) AS ours, bitmapCardinality(bitmapAndnot(members, common)) AS theirs,
    round(100 * shared / (ours + theirs - shared), 2) AS similarity, round(100 * shared / ours, 2) AS share_of_ours,
    round(100 * shared / theirs, 2) AS share_of_theirs
{_SETS} AND target_domain != {{target_domain:String}} AND shared > 0"""
_NOTHING = "SELECT groupBitmapState(toUInt32(0)) FROM numbers(0)"
_OF_RIVALS = """SELECT rivals.*, if(scored.domain = '', toFloat64(-1), scored.score) AS authority
FROM (<rivals>) AS rivals LEFT ANY JOIN (
    SELECT domain, argMax(score, workspace) AS score FROM authority
    WHERE (workspace, run, version) IN {scores:Array(Tuple(UInt32, UInt64, String))}
        AND domain IN (SELECT target_domain FROM (<visible>)) GROUP BY domain
) AS scored ON scored.domain = rivals.target_domain""".replace("<visible>", VISIBLE)
_EXACT = """SELECT target_domain, count() AS n FROM edges
WHERE (target_domain, workspace, generation) IN {keys:Array(Tuple(String, UInt32, UInt64))}
    AND source_domain IN (SELECT source_domain FROM (<edges>)) AND NOT bitmapContains((<common>), <member>)
GROUP BY target_domain""".replace("<member>", MEMBER)


@dataclass(frozen=True, slots=True)
class Beside:
    """Profiles to compare with: those that the workspace sees; `only` these domains where somebody may see no others.

    `without_common`: domains that link to a great part of all profiles count on neither side.
    """

    without_common: bool = False
    only: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Similar:
    """A profile that shares referring domains with another; `similarity` is that share of the union, 0-1."""

    domain: str
    shared: int
    domains: int
    similarity: float
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """What was compared: so many profiles, of `ours` referring domains; `common` domains link to `common_from`."""

    profiles: int
    ours: int
    common: int
    common_from: int


def similar_profiles(query: LinkQuery, n: int = 10, only: tuple[str, ...] | None = None) -> list[Similar]:
    """The `n` most similar profiles of a target, by shared referring domains of both together."""
    asked = ListQuery.parse(RIVALS, {}, sort="-similarity")
    rows = rival_rows(query, replace(asked, per_page=n), Beside(only=only)).rows
    return [
        Similar(row["target_domain"], row["shared"], row["domains"], row["similarity"] / 100, row["is_exact"])
        for row in rows
    ]


def rival_rows(query: LinkQuery, asked: ListQuery, beside: Beside) -> RowPage:
    """One page of the profiles that share referring domains with the target."""
    pinned = pin(query)
    statement, bound = _rivals(pinned, asked, beside)
    found = asking.page_of(statement, bound, asked, tie="target_domain")
    return RowPage(_counted(pinned, found.rows, bound, beside), found.more)


def rival_stream(query: LinkQuery, asked: ListQuery, beside: Beside) -> Iterator[dict[str, Any]]:
    """Every such profile, for exports."""
    pinned = pin(query)
    statement, bound = _rivals(pinned, asked, beside)
    rows = asking.every_row(statement, bound, asked, tie="target_domain")
    while portion := list(islice(rows, AT_ONCE)):
        yield from _counted(pinned, portion, bound, beside)


def compared(query: LinkQuery, beside: Beside) -> Compared:
    """How many profiles and domains a comparison rests on."""
    pinned = pin(query)
    mine, bound = _mine(pinned)
    bound |= _visible(pinned, beside)
    row = engine.read(
        f"""WITH ({mine}) AS mine, ({_COMMON if beside.without_common else _NOTHING}) AS often
        SELECT bitmapCardinality(mine) AS ours, bitmapAndCardinality(mine, often) AS common""",
        bound,
    )[0]
    return Compared(_others(pinned, beside), row["ours"], row["common"], bound["common_from"])


def _others(pinned: LinkQuery, beside: Beside) -> int:
    """Profiles with a referring domain, besides the target's own."""
    narrowed, bound = _narrowed(beside)
    return engine.read(
        f"SELECT count() AS n {_SETS} AND target_domain != {{target_domain:String}}{narrowed}",
        {"scope": sorted({0, pinned.workspace}), "target_domain": pinned.target.domain} | bound,
    )[0]["n"]


def _rivals(pinned: LinkQuery, asked: ListQuery, beside: Beside) -> asking.Statement:
    mine, bound = _mine(pinned)
    narrowed, narrow = _narrowed(beside)
    statement = _with_common(_RIVALS, beside).replace("<mine>", mine) + narrowed
    bound |= _visible(pinned, beside) | narrow
    if asking.asks_for(asked, "authority"):
        statement = _OF_RIVALS.replace("<rivals>", statement)
        bound["scores"] = list(pinned.scores) or [(0, 0, "")]
    return statement, bound


def _with_common(statement: str, beside: Beside) -> str:
    return statement.replace("<common>", _COMMON if beside.without_common else _NOTHING)


def _narrowed(beside: Beside) -> asking.Statement:
    if beside.only is None:
        return "", {}
    return " AND target_domain IN {only:Array(String)}", {"only": list(beside.only)}


def _visible(pinned: LinkQuery, beside: Beside) -> dict[str, Any]:
    scope = {"scope": sorted({0, pinned.workspace}), "target_domain": pinned.target.domain}
    if not beside.without_common:
        return scope | {"common_from": 0}
    profiles = engine.read(f"SELECT count() AS n FROM ({VISIBLE})", scope)[0]["n"]
    return scope | {"common_from": max(COMMON_LEAST, -int(-profiles * COMMON_SHARE // 1))}


def _mine(pinned: LinkQuery) -> asking.Statement:
    """The target's own set: settled for a whole domain, else of the links to that part of it."""
    if pinned.target.scope == "root":
        where, bound = sql.scope(pinned)
        return f"SELECT groupBitmapMergeState(members) FROM domain_sets WHERE {where}", bound
    edges, bound = _edges(pinned)
    return f"SELECT groupBitmapState({MEMBER}) FROM ({edges})", bound


def _edges(pinned: LinkQuery) -> asking.Statement:
    return sql.edges(replace(pinned, with_graph=False))


def _counted(
    pinned: LinkQuery, rows: Sequence[dict[str, Any]], bound: dict[str, Any], beside: Beside
) -> list[dict[str, Any]]:
    """The rows with their authority, and with shared domains counted by name where that is not too many."""
    scores = score_rows(pinned.scores, [row["target_domain"] for row in rows])
    for row in rows:
        known = scores.get(row["target_domain"])
        row["authority"] = known["score"] if known else -1.0
    is_exact = sum(row["domains"] for row in rows) <= EXACT_ROWS
    shared = _exactly(pinned, rows, bound, beside) if rows and is_exact else {}
    return [_measured(row, shared.get(row["target_domain"]), is_exact=is_exact) for row in rows]


def _exactly(
    pinned: LinkQuery, rows: Sequence[dict[str, Any]], bound: dict[str, Any], beside: Beside
) -> dict[str, int]:
    edges, parameters = _edges(pinned)
    keys = [(row["target_domain"], row["workspace"], row["generation"]) for row in rows]
    statement = _with_common(_EXACT, beside).replace("<edges>", edges)
    found = engine.read(statement, bound | parameters | {"keys": keys})
    return {row["target_domain"]: row["n"] for row in found}


def _measured(row: dict[str, Any], shared: int | None, *, is_exact: bool) -> dict[str, Any]:
    """The shares again, of the exact count."""
    if is_exact:
        both = shared or 0
        union = row["ours"] + row["theirs"] - both
        row |= {
            "shared": both,
            "similarity": round(100 * both / union, 2),
            "share_of_ours": round(100 * both / row["ours"], 2),
            "share_of_theirs": round(100 * both / row["theirs"], 2),
        }
    return row | {"is_exact": is_exact}
