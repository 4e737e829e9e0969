"""A profile as it was known on a day, kept for ever: what nobody can work out later from the links that are known now.

Decided: each settle writes the day's row of a whole domain and of its most linked hosts; the newest settle of a day
counts, and a day without one is as the last before it, carried forward when it is read. Rows of folders and pages are
written once a night for those that projects and competitors name (`history.note_parts`). On a day on which the domain
has a row and the host has none, nothing linked to the host. Rows go with the project that they are about, or whose
competitor they are about. A domain that nobody looks after has rows too, because every crawl settles what it finds:
they are swept once nothing is known of it any more.
Refused: a row every day whether or not anything was settled, because it would say the same; the past rewritten when an
old file is imported later, because that is what the dates of the links say (`history.py`).
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from . import engine
from .derive import OF_GENERATION
from .portions import portions
from .query import LinkQuery

TABLE = "profile_days"
HOSTS_KEPT = 5_000  # of a domain, the most linked
COUNTS = ("links", "live", "lost", "unknown", "follow", "nofollow", "domains", "hosts", "ips", "subnets")
COLUMNS = ("target_domain", "workspace", "scope", "key", "day", "generation", *COUNTS)
TODAY = "toDate(now('UTC'))"
# A host and its www twin are the same site, as in the key of a URL.
BARE_HOST = """if(startsWith(target_host, 'www.') AND countSubstrings(target_host, '.') > 1,
        substring(target_host, 5), target_host)"""
_STAMP = f"{TODAY}, {{generation:UInt64}}"
OF_DOMAINS = f"""SELECT name, {{workspace:UInt32}}, 'root', name, {_STAMP}, n_links, n_live, n_lost, n_unknown,
    n_follow, n_nofollow, n_domains, n_hosts, n_ips, n_subnets
FROM (SELECT arrayJoin({{targets:Array(String)}}) AS name) AS wanted
LEFT JOIN (
    SELECT target_domain, links AS n_links, live AS n_live, lost AS n_lost, unknown AS n_unknown, follow AS n_follow,
        nofollow AS n_nofollow, referring_domains AS n_domains, hosts AS n_hosts, ips AS n_ips, subnets AS n_subnets
    FROM profiles WHERE {OF_GENERATION}
) AS counted ON counted.target_domain = name"""
OF_HOSTS = f"""SELECT target_domain, {{workspace:UInt32}}, 'host', site, {_STAMP}, count() AS n,
    countIf(state = 'live'), countIf(state = 'lost'), countIf(state = 'unknown'), countIf(nofollow = 0),
    countIf(nofollow = 1), uniqExact(cityHash64(source_domain)), uniqExact(cityHash64(source_host)),
    uniqExactIf(cityHash64(ip), ip != ''), uniqExactIf(cityHash64(subnet), subnet != '')
FROM (SELECT *, {BARE_HOST} AS site FROM links WHERE {OF_GENERATION})
GROUP BY target_domain, site ORDER BY target_domain, n DESC, site LIMIT {HOSTS_KEPT} BY target_domain"""
DAYS_SQL = f"""INSERT INTO {TABLE} ({", ".join(COLUMNS)})
SELECT * FROM ({OF_DOMAINS}) UNION ALL SELECT * FROM ({OF_HOSTS})"""
_NEWEST = ", ".join(f"argMax({name}, generation) AS n_{name}" for name in COUNTS)
_OF_TARGET = f"""SELECT workspace, scope, day, {_NEWEST} FROM {TABLE}
WHERE target_domain = {{target_domain:String}} AND workspace IN {{scope:Array(UInt32)}}
    AND (scope = {{kind:String}} AND key = {{key:String}} OR scope = 'root' AND {{kind:String}} = 'host')
GROUP BY workspace, scope, day ORDER BY day"""

_OF_THESE = "workspace = {workspace:UInt32} AND target_domain IN {domains:Array(String)}"
_OF_NOTHING = f"""SELECT DISTINCT workspace, target_domain FROM {TABLE} WHERE day < {TODAY}
    AND (workspace, target_domain) IN (SELECT workspace, target_domain FROM generations
        GROUP BY workspace, target_domain HAVING argMax(links, generation) = 0 AND argMax(domains, generation) = 0)
ORDER BY workspace, target_domain"""


@dataclass(frozen=True, slots=True)
class KnownDay:
    """What was known of a target at the end of a day on which something of it was settled."""

    day: date
    links: int = 0
    live: int = 0
    lost: int = 0
    unknown: int = 0
    follow: int = 0
    nofollow: int = 0
    domains: int = 0
    hosts: int = 0
    ips: int = 0
    subnets: int = 0


def key_of(query: LinkQuery) -> str:
    """How the target is called in the table."""
    target = query.target
    if target.scope == "root":
        return target.domain
    if target.scope == "host":
        return target.host.removeprefix("www.") if target.host.count(".") > 1 else target.host
    return target.key


def known_days(query: LinkQuery) -> list[KnownDay]:
    """Every day that is noted of the query's target, oldest first: of the open data until the workspace has its own."""
    rows = engine.read(
        _OF_TARGET,
        {
            "target_domain": query.target.domain,
            "scope": sorted({0, query.workspace}),
            "kind": query.target.scope,
            "key": key_of(query),
        },
    )
    own = min((row["day"] for row in rows if row["workspace"]), default=None)
    shown = [row for row in rows if row["workspace"] or own is None or row["day"] < own]
    found = {row["day"]: _known(row) for row in shown if row["scope"] == query.target.scope}
    if not found:
        return []
    first = min(found)
    return [found.get(day) or KnownDay(day) for day in sorted({row["day"] for row in shown}) if day >= first]


def _known(row: dict[str, Any]) -> KnownDay:
    return KnownDay(row["day"], **{name: row[f"n_{name}"] for name in COUNTS})


def forget_days(workspace: int, domains: Iterable[str]) -> None:
    """Delete what was noted of these domains and their parts for a workspace."""
    for portion in portions(domains):
        engine.delete(TABLE, _OF_THESE, {"workspace": workspace, "domains": portion})


def sweep_days(kept: Set[tuple[int, str]]) -> int:
    """Delete what was noted until yesterday of domains of which nothing is known any more, but for those (workspace,
    domain) that are `kept`; returns of how many. Today's row may belong to a profile that is not published yet."""
    rows = engine.read(_OF_NOTHING, {})
    found = [one for row in rows if (one := (row["workspace"], row["target_domain"])) not in kept]
    for workspace, ours in groupby(found, key=itemgetter(0)):
        for portion in portions(domain for _, domain in ours):
            engine.delete(TABLE, f"{_OF_THESE} AND day < {TODAY}", {"workspace": workspace, "domains": portion})
    return len(found)
