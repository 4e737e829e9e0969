"""How many addresses, subnets and networks the referring domains of a target stand at: written by every settle."""

from .derive import OF_GENERATION
from .places import placed

_ADDRESSES = f"SELECT arrayJoin(ips) AS ip FROM edges WHERE {OF_GENERATION}"
_NETWORKS = f"""SELECT target_domain, uniqExact(asn) AS found FROM (
        SELECT target_domain, arrayJoin(ips) AS ip FROM edges WHERE {OF_GENERATION}) AS held
    INNER JOIN ({placed(_ADDRESSES, batch="{ranges:UInt64}")}) AS places ON places.ip = held.ip
    WHERE asn > 0 GROUP BY target_domain"""


def counts_sql(*, with_ranges: bool) -> str:
    """The statement that a settle writes the addresses of a generation with."""
    networks = "toInt64(any(found))" if with_ranges else "toInt64(-1)"
    joined = f"LEFT JOIN ({_NETWORKS}) AS networks ON networks.target_domain = edges.target_domain"
    return f"""INSERT INTO address_counts
    (target_domain, workspace, generation, domains, placed, ips, subnets, networks)
SELECT edges.target_domain, {{workspace:UInt32}}, {{generation:UInt64}}, count(), countIf(notEmpty(ips)),
    uniqExactArray(ips), uniqExactArray(subnets), {networks}
FROM edges {joined if with_ranges else ""} WHERE {OF_GENERATION} GROUP BY edges.target_domain"""
