"""Networks (autonomous systems) that addresses of links and referring domains lie in, by the open tables, as SQL.

Decided: the distinct addresses of the whole domain are placed once and rows are looked up among them, because a million
links stand at some ten thousand addresses. A domain counts once in every network that its addresses lie in; who has no
known address is in no row, and number 0 is an address that no table places. The number tells networks apart, names
change. Refused: settling networks into links, because new tables would then rewrite every profile.
"""

import re

from .anchorwords import SCOPE
from .places import LATEST, placed

UNKNOWN = "0"
_ADDRESSES = f"SELECT arrayJoin(ips) AS ip FROM edges WHERE {SCOPE}"


def held(addresses: str) -> str:
    """SQL: ip, number and name of the network of every address that `addresses` (SQL that gives `ip`) names."""
    return f"""SELECT ip, max(asn) AS number, max(network) AS name FROM (
        SELECT ip, asn, toString(network) AS network FROM ({placed(addresses, batch=LATEST)})
        UNION ALL SELECT DISTINCT ip, toUInt32(0) AS asn, '' AS network FROM ({addresses})) GROUP BY ip"""


_OF_NETWORK = f"(SELECT ip FROM ({held(_ADDRESSES)}) WHERE toString(number) = {{}})"
# Conditions on a row with `ip`, and on one with `ips`; {} is the number as text.
HAS_ADDRESS = f"ip IN {_OF_NETWORK}"
HAS_ADDRESSES = f"arrayExists(x -> x IN {_OF_NETWORK}, ips)"
_SHOWN = "if(number = 0, '', toString(number))"


def as_number(text: str) -> str:
    """The number of a network, which is often written AS64500."""
    return re.sub(r"(?i)^as\s*(?=[0-9]+$)", "", text.strip())


def _kept(statement: str) -> str:
    """SQL as part of a template: its own braces stay."""
    return statement.replace("{", "{{").replace("}", "}}")


# {where}, {edges}: links and referring domains of the target.
NETWORKS = f"""SELECT {_SHOWN} AS asn, network, ips, domains, links, live, lost, unknown,
    domains / (SELECT greatest(countIf(notEmpty(ips)), 1) FROM ({{edges}})) AS share FROM (
    SELECT number, max(name) AS network, uniqExact(cityHash64(ip)) AS ips,
        uniqExactIf(linking, linking > 0) AS domains, sum(n) AS links, sum(n_live) AS live, sum(n_lost) AS lost,
        sum(n_unknown) AS unknown
    FROM (
        SELECT ip, cityHash64(source_domain) AS linking, toUInt64(0) AS n, toUInt64(0) AS n_live,
            toUInt64(0) AS n_lost, toUInt64(0) AS n_unknown FROM ({{edges}}) ARRAY JOIN ips AS ip
        UNION ALL SELECT ip, toUInt64(0), count(), countIf(state = 'live'), countIf(state = 'lost'),
            countIf(state = 'unknown') FROM links WHERE {{where}} AND ip != '' GROUP BY ip
    ) AS asked INNER JOIN ({_kept(held(_ADDRESSES))}) AS places ON places.ip = asked.ip GROUP BY number)"""

# What stands beside a link and a referring domain: (statement, alias, condition), and columns. ROWS are those joined.
OF_LINKS = (held("SELECT ip FROM (ROWS) WHERE ip != ''"), "nets", "nets.ip = shown.ip")
LINK_COLUMNS = {
    "asn": "if(nets.number = 0, '', toString(nets.number))",
    "network": "nets.name",
}
_OF_ROWS = f"SELECT source_domain, ips FROM edges WHERE {SCOPE} AND source_domain IN (SELECT source_domain FROM (ROWS))"
OF_DOMAINS = (
    f"""SELECT source_domain AS domain, arraySort(groupUniqArrayIf(toString(number), number > 0)) AS numbers,
        arraySort(groupUniqArrayIf(name, name != '')) AS names
    FROM (SELECT source_domain, arrayJoin(ips) AS ip FROM ({_OF_ROWS})) AS asked
    INNER JOIN ({held(f"SELECT arrayJoin(ips) AS ip FROM ({_OF_ROWS})")}) AS places ON places.ip = asked.ip
    GROUP BY domain""",
    "nets",
    "nets.domain = shown.source_domain",
)
DOMAIN_COLUMNS = {"asn": "nets.numbers", "networks": "nets.names"}
