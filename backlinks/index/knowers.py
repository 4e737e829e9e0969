"""How many other profiles know each referring domain of a target: counts, never which ones.

Decided: profiles are named by workspace and target, so that somebody who may count across workspaces says exactly which
have agreed to it; the answer has no name of any.
"""

from collections.abc import Sequence

import pyarrow as pa

from . import engine, sql
from .query import LinkQuery

_NEWEST = """(workspace, target_domain, generation) IN (
        SELECT workspace, target_domain, max(generation) FROM generations
        WHERE (workspace, target_domain) IN {profiles:Array(Tuple(UInt32, String))}
        GROUP BY workspace, target_domain)"""
KNOWN_SQL = f"""SELECT source_domain AS name, toUInt32(uniqExact(workspace, target_domain)) AS profiles,
    toUInt32(uniqExactIf(workspace, workspace != {{owner_of:UInt32}})) AS workspaces,
    toUInt32(uniqExactIf((workspace, target_domain), workspace = {{owner_of:UInt32}})) AS own
FROM outbound WHERE (workspace, target_domain) IN {{profiles:Array(Tuple(UInt32, String))}}
    AND source_domain IN (SELECT source_domain FROM (<edges>)) AND {_NEWEST}
GROUP BY source_domain ORDER BY name"""


def known_to(query: LinkQuery, profiles: Sequence[tuple[int, str]]) -> pa.Table:
    """name, profiles (of those named that know it), own (of the query's workspace), workspaces (others of them), of
    the referring domains of a pinned query; domains that none knows are left out."""
    edges, bound = sql.edges(query)
    asked = bound | {"profiles": list(profiles), "owner_of": query.workspace}
    return engine.arrow(KNOWN_SQL.replace("<edges>", edges), asked)
