"""Which profiles there are: target domains that somebody's links lead to."""

from . import engine

OPEN_DATA = 0
_KNOWN = """SELECT target_domain, max(counted) AS domains FROM (
    SELECT workspace, target_domain, argMax(domains, generation) AS counted FROM generations
    WHERE workspace IN {scope:Array(UInt32)} AND startsWith(target_domain, {start:String})
    GROUP BY workspace, target_domain)
GROUP BY target_domain HAVING domains > 0 ORDER BY domains DESC, target_domain LIMIT {limit:UInt64}"""


def known_targets(workspace: int, start: str, limit: int) -> list[tuple[str, int]]:
    """(domain, referring domains) of the profiles that this workspace sees and whose name begins so, largest first."""
    rows = engine.read(_KNOWN, {"scope": sorted({OPEN_DATA, workspace}), "start": start, "limit": limit})
    return [(row["target_domain"], row["domains"]) for row in rows]
