"""Where the referring domains of a target stand in the computation that scored them, and what cost them points."""

import pyarrow as pa

from . import engine, sql
from .query import LinkQuery

STEPS = 1000  # of the scale of `bad_share` from 0 to 1
# Of runs the workspace's own goes before that of the open graph.
_ROWS = """SELECT domain, workspace, run, trust, trust_at, bad_share, hops, penalties FROM authority
WHERE (workspace, run, version) IN {scores:Array(Tuple(UInt32, UInt64, String))}
    AND domain IN (SELECT source_domain FROM (<edges>))
ORDER BY domain, workspace DESC LIMIT 1 BY domain"""
_MARKS = f"""SELECT toUInt16(floor(bad_share * {STEPS})) AS mark, count() AS domains FROM authority
WHERE (workspace, run, version) IN {{scores:Array(Tuple(UInt32, UInt64, String))}} GROUP BY mark"""


def standings(query: LinkQuery) -> pa.Table | None:
    """The rows of those referring domains of a pinned query that have a score; None where nothing was computed."""
    if not query.scores:
        return None
    edges, bound = sql.edges(query)
    return engine.arrow(_ROWS.replace("<edges>", edges), bound | {"scores": list(query.scores)})


def bad_marks(run: tuple[int, int, str]) -> dict[int, int]:
    """Thousandth of `bad_share` -> domains of a computation (workspace, run, version) that have it."""
    return {row["mark"]: row["domains"] for row in engine.read(_MARKS, {"scores": [run]})}
