"""Profiles beside each other by the domains that link to them.

Decided: where a target has few referring domains, or the workspace sees few in all, profiles are compared by names:
`outbound` holds them in the order of the domain that links, so a few hundred of them are found without reading the
rest. Elsewhere they are compared by a sample: every settle keeps, of each profile, the 32-bit hashes of its referring
domains that are divisible by SAMPLED, so thousands of profiles are compared in one read of a few megabytes. Of ten
thousand shared domains such a count is off by about four hundredths, of a hundred by four tenths, and says that it is
an estimate; the rows of a page are counted by name where that is not too much. Refused: whole sets as bitmaps, because
reading twenty thousand of them took three seconds. Domains that only the open graph knows are in no set: they would be
in that of one side alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from seoapp.lib.listquery import Field, ListQuery

from . import asking, kept, sql
from .authority import score_rows
from .derive import MEMBER, SAMPLED
from .pins import pin
from .query import LinkQuery
from .reports import RowPage

# Compared by names: a target of so many domains, or all profiles where they have no more together.
FEW, FEW_IN_ALL = 2_000, 1_000_000
EXACT_ROWS = 200_000  # domains of the profiles of a page that are counted by name after a sample has chosen them
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
_NAMES = f"""SELECT target_domain, workspace, generation, source_domain AS member FROM outbound
WHERE workspace IN {{scope:Array(UInt32)}} AND (target_domain, workspace, generation) IN ({VISIBLE})"""
_HASHES = f"SELECT target_domain, workspace, generation, arrayJoin(sample) AS member {_SETS}"
_COMMON = "SELECT member FROM (<members>) GROUP BY member HAVING count() >= {common_from:UInt64}"
_NOTHING = "SELECT member FROM (<members>) WHERE 0"
_RIVALS = f"""SELECT target_domain, workspace, generation, domains, links,
    least(toUInt64({{weight:UInt64}} * n_shared), domains, {{ours:UInt64}}) AS shared, {{ours:UInt64}} AS ours,
    greatest(domains - least(domains, toUInt64({{weight:UInt64}} * n_common)), shared) AS theirs,
    round(100 * shared / (ours + theirs - shared), 2) AS similarity, round(100 * shared / ours, 2) AS share_of_ours,
    round(100 * shared / theirs, 2) AS share_of_theirs
FROM (
    SELECT target_domain, workspace, generation, countIf(member IN (<mine>) AND member NOT IN (<common>)) AS n_shared,
        countIf(member IN (<common>)) AS n_common
    FROM (<members><only mine>) WHERE target_domain != {{target_domain:String}}<narrowed>
    GROUP BY target_domain, workspace, generation HAVING n_shared > 0
) AS counted INNER JOIN (SELECT target_domain, workspace, generation, domains, links {_SETS}) AS sizes
    USING (target_domain, workspace, generation)"""
_OURS = """SELECT {weight:UInt64} * countIf(member NOT IN (<common>)) AS ours,
    {weight:UInt64} * countIf(member IN (<common>)) AS common FROM (SELECT DISTINCT member FROM (<mine>))"""
_OF_RIVALS = """SELECT rivals.*, if(scored.domain = '', toFloat64(-1), scored.score) AS authority
FROM (<rivals>) AS rivals LEFT ANY JOIN (
    SELECT domain, argMax(score, workspace) AS score FROM authority
    WHERE (workspace, run, version) IN {scores:Array(Tuple(UInt32, UInt64, String))}
        AND domain IN (SELECT target_domain FROM (<visible>)) GROUP BY domain
) AS scored ON scored.domain = rivals.target_domain""".replace("<visible>", VISIBLE)
_EXACT = """SELECT target_domain, count() AS n FROM edges
WHERE (target_domain, workspace, generation) IN {keys:Array(Tuple(String, UInt32, UInt64))}
    AND source_domain IN (SELECT source_domain FROM (<edges>)) GROUP BY target_domain"""


@dataclass(frozen=True, slots=True)
class Beside:
    """Profiles to compare with: those that the workspace sees; `only` these domains where somebody may see no others.

    `without_common`: domains that link to a great part of all profiles count on neither side.
    """

    without_common: bool = False
    only: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What a comparison rests on: SQL of all members, of the target's own and of the common ones, with `ours` and
    `common` of them; `weight` says for how many domains a member stands."""

    members: str
    mine: str
    common: str
    bound: dict[str, Any]
    ours: int
    n_common: int

    @property
    def is_exact(self) -> bool:
        return self.bound["weight"] == 1

    def fill(self, statement: str, narrowed: str = "") -> str:
        only = " AND source_domain IN (<mine>)" if self.is_exact and self.common.endswith("WHERE 0") else ""
        for name, text in (
            ("only mine", only),
            ("common", self.common),
            ("mine", self.mine),
            ("members", self.members),
        ):
            statement = statement.replace(f"<{name}>", text)
        return statement.replace("<narrowed>", narrowed)


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
    basis = _basis(pinned, beside)
    found = asking.page_of(*_rivals(pinned, asked, beside, basis), asked, tie="target_domain", epoch=pinned.epoch)
    return RowPage(_counted(pinned, found.rows, beside, basis), found.more)


def rival_stream(query: LinkQuery, asked: ListQuery, beside: Beside) -> Iterator[dict[str, Any]]:
    """Every such profile, for exports."""
    pinned = pin(query)
    basis = _basis(pinned, beside)
    rows = asking.every_row(*_rivals(pinned, asked, beside, basis), asked, tie="target_domain")
    while portion := list(islice(rows, AT_ONCE)):
        yield from _counted(pinned, portion, beside, basis)


def compared(query: LinkQuery, beside: Beside) -> Compared:
    """How many profiles and domains a comparison rests on."""
    pinned = pin(query)
    basis = _basis(pinned, beside)
    return Compared(_others(pinned, beside), basis.ours + basis.n_common, basis.n_common, basis.bound["common_from"])


def _others(pinned: LinkQuery, beside: Beside) -> int:
    """Profiles with a referring domain, besides the target's own."""
    narrowed, bound = _narrowed(beside)
    return kept.read(
        f"SELECT count() AS n {_SETS} AND target_domain != {{target_domain:String}}{narrowed}",
        {"scope": sorted({0, pinned.workspace}), "target_domain": pinned.target.domain} | bound,
        epoch=pinned.epoch,
    )[0]["n"]


def _rivals(pinned: LinkQuery, asked: ListQuery, beside: Beside, basis: Basis) -> asking.Statement:
    narrowed, narrow = _narrowed(beside)
    statement, bound = basis.fill(_RIVALS, narrowed), basis.bound | narrow | {"ours": basis.ours}
    if asking.asks_for(asked, "authority"):
        statement = _OF_RIVALS.replace("<rivals>", statement)
        bound["scores"] = list(pinned.scores) or [(0, 0, "")]
    return statement, bound


def _narrowed(beside: Beside) -> asking.Statement:
    if beside.only is None:
        return "", {}
    return " AND target_domain IN {only:Array(String)}", {"only": list(beside.only)}


def _basis(pinned: LinkQuery, beside: Beside) -> Basis:
    """By names where these are few, else by the sample."""
    edges, bound = _edges(pinned)
    bound |= {"scope": sorted({0, pinned.workspace}), "target_domain": pinned.target.domain}
    all_sets = kept.read(f"SELECT count() AS profiles, sum(domains) AS domains {_SETS}", bound, epoch=pinned.epoch)[0]
    bound["common_from"] = max(COMMON_LEAST, -int(-all_sets["profiles"] * COMMON_SHARE // 1))
    own = kept.read(f"SELECT count() AS n FROM ({edges})", bound)[0]["n"]
    by_names = all_sets["domains"] <= FEW_IN_ALL or (own <= FEW and not beside.without_common)
    if by_names:
        members, mine = _NAMES, f"SELECT source_domain AS member FROM ({edges})"
    else:
        members, mine = _HASHES, _own_hashes(pinned, edges)
    common = _COMMON if beside.without_common else _NOTHING
    made = Basis(members, mine, common, bound | {"weight": 1 if by_names else SAMPLED}, 0, 0)
    counted = dict(kept.read(made.fill(_OURS), made.bound, epoch=pinned.epoch)[0])
    if not beside.without_common:
        counted["ours"] = own
        made.bound["common_from"] = 0
    return replace(made, ours=max(counted["ours"], 1), n_common=counted["common"])


def _own_hashes(pinned: LinkQuery, edges: str) -> str:
    """The target's own part of the sample: settled for a whole domain, else of the links to that part of it."""
    if pinned.target.scope == "root":
        return f"SELECT arrayJoin(sample) AS member FROM domain_sets WHERE {sql.scope(pinned)[0]}"
    return f"SELECT {MEMBER} AS member FROM ({edges}) WHERE member % {SAMPLED} = 0"


def _edges(pinned: LinkQuery) -> asking.Statement:
    return sql.edges(replace(pinned, with_graph=False))


def _counted(pinned: LinkQuery, rows: Sequence[dict[str, Any]], beside: Beside, basis: Basis) -> list[dict[str, Any]]:
    """The rows with their authority, and with shared domains counted by name where that is not too many."""
    scores = score_rows(pinned.scores, [row["target_domain"] for row in rows])
    for row in rows:
        known = scores.get(row["target_domain"])
        row["authority"] = known["score"] if known else -1.0
    if basis.is_exact or not rows:
        return [row | {"is_exact": True} for row in rows]
    by_name = not beside.without_common and sum(row["domains"] for row in rows) <= EXACT_ROWS
    shared = _exactly(pinned, rows) if by_name else {}
    return [_measured(row, shared.get(row["target_domain"], 0), is_exact=by_name) for row in rows]


def _exactly(pinned: LinkQuery, rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    edges, bound = _edges(pinned)
    keys = [(row["target_domain"], row["workspace"], row["generation"]) for row in rows]
    found = kept.read(_EXACT.replace("<edges>", edges), bound | {"keys": keys})
    return {row["target_domain"]: row["n"] for row in found}


def _measured(row: dict[str, Any], shared: int, *, is_exact: bool) -> dict[str, Any]:
    """The shares again, of the exact count."""
    if is_exact:
        row |= {
            "shared": shared,
            "similarity": round(100 * shared / (row["ours"] + row["theirs"] - shared), 2),
            "share_of_ours": round(100 * shared / row["ours"], 2),
            "share_of_theirs": round(100 * shared / row["theirs"], 2),
        }
    return row | {"is_exact": is_exact}
