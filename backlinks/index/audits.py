"""What audits have found, kept beside the links: scores of links and domains, the evidence, and what domains share.

Decided: the numbers of a run are written whole, in blocks of Arrow columns (a million rows a second), under the run's
number; nobody reads them before the database says that the audit is done. Refused: findings in the database, where a
million rows would be a million objects.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from . import engine

TABLES = (
    "audit_links", "audit_domains", "audit_findings", "audit_clusters", "audit_patterns", "audit_domain_patterns",
)  # fmt: skip
OF_RUN = "target_domain = {target:String} AND workspace = {workspace:UInt32} AND run = {run:UInt64}"


def add(table: str, target: str, workspace: int, run: int, columns: pa.Table, *, block: int) -> None:
    """One block of a run's rows; the same block twice adds nothing."""
    if table not in TABLES:
        raise ValueError(f"{table} holds no audits")
    if not columns.num_rows:
        return
    count = columns.num_rows
    stamped = columns
    for name, value, kind in (
        ("run", run, pa.uint64()),
        ("workspace", workspace, pa.uint32()),
        ("target_domain", target, pa.string()),
    ):
        stamped = stamped.add_column(0, name, pa.repeat(pa.scalar(value, kind), count))
    engine.insert_arrow(table, stamped, token=f"{workspace}-{run}-{table}-{block}")


def forget(target: str, workspace: int, runs: Sequence[int]) -> None:
    """Delete what these runs have written, published or not."""
    for table in TABLES:
        engine.delete(
            table,
            "target_domain = {target:String} AND workspace = {workspace:UInt32} AND run IN {runs:Array(UInt64)}",
            {"target": target, "workspace": workspace, "runs": list(runs)},
        )


def domains(target: str, workspace: int, run: int) -> Iterable[Mapping[str, Any]]:
    """Every domain of a run, the riskiest first."""
    return engine.stream(
        f"""SELECT source_domain, links, sharing, state, authority, risk, confidence, band, markers, kinds, points
        FROM audit_domains WHERE {OF_RUN} ORDER BY risk DESC, confidence DESC, source_domain""",
        {"target": target, "workspace": workspace, "run": run},
    )


def bands(target: str, workspace: int, run: int) -> pa.Table:
    """Risk and band of every domain of a run, in the order of their names."""
    return engine.arrow(
        f"SELECT source_domain, risk, band FROM audit_domains WHERE {OF_RUN} ORDER BY source_domain",
        {"target": target, "workspace": workspace, "run": run},
    )


def domain_patterns(target: str, workspace: int, run: int) -> pa.Table:
    """The patterns of every domain's links, in the order of the domains' names."""
    return engine.arrow(
        f"""SELECT source_domain, pattern, freshness FROM audit_domain_patterns WHERE {OF_RUN}
        ORDER BY source_domain, pattern""",
        {"target": target, "workspace": workspace, "run": run},
    )


def patterns(target: str, workspace: int, run: int) -> pa.Table:
    """What is true of which patterns: bits by flag."""
    return engine.arrow(
        f"SELECT flag, words FROM audit_patterns WHERE {OF_RUN}",
        {"target": target, "workspace": workspace, "run": run},
    )
