"""Settle: rebuild what is shown of the touched targets from the log, then publish it in one row.

Decided: each settle writes a whole new *generation* of a target (links, then edges) and publishes it by one insert into
`generations`. A reader resolves the newest published generation first and reads only that, so it sees the state before
or after, never between, and needs no FINAL. A workspace's generation is built from its own log and the open data
(workspace 0) together, so a link known to both counts once without regrouping at read. Generation numbers come from the
index's clock *before* the batches are listed: whichever of two concurrent settles started later has seen more, and wins.
Refused: materialised views (they see inserts only: a re-import doubles, a removal stays), `ReplacingMergeTree ... FINAL`
(an unmerged FINAL costs three to eight times the read) and updates in place.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from django.conf import settings

from . import engine

FORMULA = 1
GRACE_SECONDS = 900
TARGETS_A_STEP = 200
OPEN_DATA = 0

# Our own fetch beats vendors; then the newest date; then the claim's own content, so that import order never decides.
RANK = """bitOr(bitShiftLeft(toUInt64(source = 'crawl'), 63), bitOr(
        bitShiftLeft(toUInt64(toUInt32(greatest(last_seen, lost_at))), 24),
        bitAnd(sipHash64(source, report, kind, ifNull(anchor, ''), title, nofollow, source_url, lost_reason), 16777215)))"""
COMPLETE = """batch IN (SELECT batch FROM batches WHERE workspace IN {scope:Array(UInt32)}
        GROUP BY workspace, batch HAVING argMax(state, version) = 'complete')"""
TOUCHED = "workspace IN {scope:Array(UInt32)} AND target_domain IN {targets:Array(String)}"
NEVER = "toDateTime(0, 'UTC')"
EARLIEST = f"if(first_seen > {NEVER}, first_seen, last_seen)"
IS_LINK = "kind NOT IN ('canonical', 'alternate', 'rss')"
MERGED = "arrayFold((kept, one) -> mapUpdate(kept, one.2), arraySort(one -> one.1, groupArrayIf((rank, {0}), notEmpty({0}))), {1})"


def _newest(name: str, known: str) -> str:
    """Aggregate: the newest claim of an attribute that is not empty."""
    return f"argMaxIf({name}, rank, {known})"


def _flag(name: str) -> str:
    """Aggregate: the newest yes or no; -1 where nobody says."""
    return f"if(max({name}) < 0, -1, argMaxIf({name}, rank, {name} >= 0))"


# Name -> aggregate over the claims of one link.
CLAIMS: dict[str, str] = {
    "source_host": "argMax(source_host, rank)",
    "source_key": "any(source_key)",
    "source_url": "argMax(source_url, rank)",
    "target_host": "argMax(target_host, rank)",
    "target_url": "argMax(target_url, rank)",
    "target_key": "any(target_key)",
    "shown_kind": f"argMaxIf(kind, rank, {IS_LINK})",
    "shown_anchor": f"ifNull({_newest('anchor', 'length(anchor) > 0')}, '')",
    "anchor_known": "max(isNotNull(anchor))",
    "shown_alt": f"ifNull({_newest('alt', 'length(alt) > 0')}, '')",
    "shown_nofollow": _flag("nofollow"),
    "shown_ugc": _flag("ugc"),
    "shown_sponsored": _flag("sponsored"),
    "context_left": _newest("context_left", "context_left != ''"),
    "context_right": _newest("context_right", "context_right != ''"),
    "shown_title": _newest("title", "title != ''"),
    "language": _newest("language", "language != ''"),
    "http_status": _newest("http_status", "http_status > 0"),
    "oldest": f"minIf({EARLIEST}, {EARLIEST} > {NEVER})",
    "newest": "max(last_seen)",
    "ip": _newest("ip", "ip != ''"),
    "country": _newest("country", "country != ''"),
    "ext_links": _flag("ext_links"),
    "int_links": _flag("int_links"),
    "redirect_chain": _newest("redirect_chain", "redirect_chain != ''"),
    "all_metrics": MERGED.format("metrics", "CAST(map(), 'Map(String, Float64)')"),
    "all_labels": MERGED.format("labels", "CAST(map(), 'Map(String, String)')"),
    "all_sources": "groupUniqArray(source)",
    "occurrences": f"uniqExactIf((kind, anchor), {IS_LINK})",
    "group_count": "argMax(group_count, rank)",
    "flags": "argMax(flags, rank)",
    "crawled": "max(source = 'crawl')",
    "crawl_reason": "argMaxIf(lost_reason, rank, source = 'crawl')",
    "lost_known": "maxIf(greatest(last_seen, lost_at), says_lost)",
    "lost_day": "maxIf(lost_at, says_lost)",
    "lost_why": "argMaxIf(lost_reason, rank, says_lost)",
    "any_lost": "max(says_lost)",
    "alive_at": "maxIf(last_seen, lost_reason = '')",
}

# Column of `links` -> expression over the claims above. A loss counts unless another source saw the link later.
LINKS: dict[str, str] = {
    "target_domain": "target_domain",
    "workspace": "{workspace:UInt32}",
    "generation": "{generation:UInt64}",
    "source_domain": "source_domain",
    "link_id": "link_id",
    "source_host": "source_host",
    "source_url": "source_url",
    "target_host": "target_host",
    "target_url": "target_url",
    "target_key": "target_key",
    "kind": "shown_kind",
    "anchor": "shown_anchor",
    "anchor_known": "anchor_known",
    "alt": "shown_alt",
    "nofollow": "shown_nofollow",
    "ugc": "shown_ugc",
    "sponsored": "shown_sponsored",
    "context_left": "context_left",
    "context_right": "context_right",
    "title": "shown_title",
    "language": "language",
    "http_status": "http_status",
    "first_seen": "oldest",
    "last_seen": "newest",
    "alive_at": "alive_at",
    "lost_at": f"if(is_lost, lost_day, {NEVER})",
    "lost_reason": "if(is_lost, if(crawled, crawl_reason, lost_why), '')",
    "state": "multiIf(is_lost, 'lost', alive_at >= {fresh_since:DateTime}, 'live', 'unknown')",
    "ip": "ip",
    "subnet": """multiIf(isIPv4String(ip), concat(arrayStringConcat(arraySlice(splitByChar('.', ip), 1, 3), '.'), '.0/24'),
        isIPv6String(ip), concat(toString(IPv6CIDRToRange(toIPv6OrDefault(ip), 48).1), '/48'), '')""",
    "country": "country",
    "tld": "arrayElement(splitByChar('.', source_domain), -1)",
    "ext_links": "ext_links",
    "int_links": "int_links",
    "redirect_chain": "redirect_chain",
    "metrics": "all_metrics",
    "labels": "all_labels",
    "sources": "arraySort(all_sources)",
    "occurrences": "occurrences",
    "group_count": "group_count",
    "flags": "flags",
}
SEEN_PAGES = """LEFT JOIN (
    SELECT target_domain, source_key, groupUniqArray(source) AS sighted_by FROM sightings
    WHERE {touched} AND {complete} GROUP BY target_domain, source_key
) AS pages ON pages.target_domain = claims.target_domain AND pages.source_key = claims.source_key"""


def links_sql(*, with_sightings: bool) -> str:
    """The statement that writes the links of a generation; sightings are joined only where there are any."""
    columns = dict(LINKS)
    if with_sightings:
        columns["sources"] = "arraySort(arrayDistinct(arrayConcat(all_sources, sighted_by)))"
    shown = ",\n    ".join(f"{expression} AS to_{name}" for name, expression in columns.items())
    shown = shown.replace("is_lost", "if(crawled, crawl_reason != '', any_lost AND lost_known >= alive_at)")
    claims = ",\n        ".join(f"{expression} AS {'the_' + name}" for name, expression in CLAIMS.items())
    renamed = ", ".join(f"the_{name} AS {name}" for name in CLAIMS)
    join = SEEN_PAGES.format(touched=TOUCHED, complete=COMPLETE) if with_sightings else ""
    return f"""INSERT INTO links ({", ".join(columns)})
SELECT {shown}
FROM (
    SELECT target_domain, source_domain, link_id, {renamed} FROM (
    SELECT target_domain, source_domain, link_id,
        {claims}
    FROM (
        SELECT *, {RANK} AS rank, lost_reason != '' AND NOT startsWith(lost_reason, 'vendor_dropped') AS says_lost
        FROM observations WHERE {TOUCHED} AND {COMPLETE}
    )
    GROUP BY target_domain, source_domain, link_id
    HAVING countIf({IS_LINK}) > 0)
) AS claims {join}"""


EDGES_SQL = f"""INSERT INTO edges (target_domain, workspace, generation, source_domain, tld, links, live, lost, unknown,
    follow, nofollow, hosts, reported_links, first_seen, last_seen, lost_at, state, ips, country, metrics, sources)
SELECT target_domain, {{workspace:UInt32}}, {{generation:UInt64}}, source_domain,
    arrayElement(splitByChar('.', source_domain), -1),
    sum(n), sum(n_live), sum(n_lost), sum(n_unknown), sum(n_follow), sum(n_nofollow), sum(n_hosts), max(n_reported),
    minIf(oldest, oldest > {NEVER}), max(newest), if(n_state = 'lost', max(gone), {NEVER}) ,
    multiIf(sum(n_live) > 0, 'live', sum(n) > 0 AND sum(n_lost) = sum(n), 'lost',
        sum(n) = 0 AND max(gone) > {NEVER}, 'lost', 'unknown') AS n_state,
    arraySort(groupUniqArrayArray(addresses)), argMaxIf(place, newest, place != ''),
    arrayFold((kept, one) -> mapUpdate(kept, one.2), arraySort(one -> one.1,
        groupArrayIf((newest, vendor_metrics), notEmpty(vendor_metrics))), CAST(map(), 'Map(String, Float64)')),
    arraySort(groupUniqArrayArray(known_by))
FROM (
    SELECT target_domain, source_domain, count() AS n, countIf(state = 'live') AS n_live, countIf(state = 'lost') AS n_lost,
        countIf(state = 'unknown') AS n_unknown, countIf(nofollow = 0) AS n_follow, countIf(nofollow = 1) AS n_nofollow,
        uniqExact(source_host) AS n_hosts, toInt64(-1) AS n_reported,
        minIf(first_seen, first_seen > {NEVER}) AS oldest, max(last_seen) AS newest, max(lost_at) AS gone,
        groupUniqArrayIf(ip, ip != '') AS addresses, argMaxIf(country, last_seen, country != '') AS place,
        CAST(map(), 'Map(String, Float64)') AS vendor_metrics, groupUniqArrayArray(sources) AS known_by
    FROM links
    WHERE target_domain IN {{targets:Array(String)}} AND workspace = {{workspace:UInt32}} AND generation = {{generation:UInt64}}
    GROUP BY target_domain, source_domain
    UNION ALL
    SELECT target_domain, source_domain, 0, 0, 0, 0, 0, 0, 0, links, {EARLIEST}, last_seen, lost_at,
        if(ip = '', [], [ip]), country, metrics, [source]
    FROM domain_links WHERE {TOUCHED} AND {COMPLETE}
    UNION ALL
    SELECT target_domain, source_domain, 0, 0, 0, 0, 0, 0, 0, toInt64(-1), {EARLIEST}, last_seen, {NEVER},
        [], '', CAST(map(), 'Map(String, Float64)'), [source]
    FROM sightings WHERE {TOUCHED} AND {COMPLETE}
)
GROUP BY target_domain, source_domain"""

PUBLISH_SQL = """INSERT INTO generations (workspace, target_domain, generation, formula, as_of, stale_on, links, domains)
SELECT {workspace:UInt32}, name, {generation:UInt64}, {formula:UInt16}, today(), due, n, d
FROM (SELECT arrayJoin({targets:Array(String)}) AS name) AS wanted
LEFT JOIN (
    SELECT target_domain, count() AS n, minIf(toDate(alive_at), state = 'live') + {fresh_days:UInt16} + 1 AS due FROM links
    WHERE target_domain IN {targets:Array(String)} AND workspace = {workspace:UInt32} AND generation = {generation:UInt64}
    GROUP BY target_domain
) AS found ON found.target_domain = name
LEFT JOIN (
    SELECT target_domain, count() AS d FROM edges
    WHERE target_domain IN {targets:Array(String)} AND workspace = {workspace:UInt32} AND generation = {generation:UInt64}
    GROUP BY target_domain
) AS around ON around.target_domain = name"""


def settle(workspace: int, targets: Iterable[str]) -> int:
    """Rebuild and publish these targets of a workspace; returns how many. Readers see each switch at once."""
    names = iter(sorted(set(targets)))
    count = 0
    while step := list(islice(names, TARGETS_A_STEP)):
        _settle_step(workspace, step)
        count += len(step)
    return count


def _settle_step(workspace: int, targets: Sequence[str]) -> None:
    days = settings.LINK_FRESH_DAYS
    clock = engine.read(
        "SELECT toUnixTimestamp64Nano(now64(9)) AS generation, toStartOfDay(now('UTC')) - toIntervalDay({days:UInt16}) AS since",
        {"days": days},
    )[0]
    parameters: dict[str, Any] = {
        "workspace": workspace,
        "scope": sorted({OPEN_DATA, workspace}),
        "targets": list(targets),
        "generation": clock["generation"],
        "fresh_since": clock["since"].replace(tzinfo=None),
    }
    touched = {name: parameters[name] for name in ("scope", "targets")}
    sighted = engine.read(f"SELECT 1 FROM sightings WHERE {TOUCHED} LIMIT 1", touched)
    engine.write(links_sql(with_sightings=bool(sighted)), parameters, optimize_aggregation_in_order=1)
    engine.write(EDGES_SQL, parameters)
    engine.write(PUBLISH_SQL, parameters | {"formula": FORMULA, "fresh_days": days})


def touched_by(batch: int) -> list[str]:
    """The target domains that a batch says anything about."""
    parts = " UNION DISTINCT ".join(
        f"SELECT DISTINCT target_domain FROM {table} WHERE batch = {{batch:UInt64}}"
        for table in ("observations", "sightings", "domain_links", "vendor_counts")
    )
    return [row["target_domain"] for row in engine.read(parts, {"batch": batch})]


def stale(today_only: str = "stale_on <= today()") -> list[tuple[int, str]]:
    """(workspace, target) whose newest generation has a live link that nobody has looked at lately."""
    rows = engine.read(
        f"""SELECT workspace, target_domain FROM (
            SELECT workspace, target_domain, argMax(stale_on, generation) AS stale_on, argMax(links, generation) AS links,
                argMax(formula, generation) AS made_by
            FROM generations GROUP BY workspace, target_domain
        ) WHERE (links > 0 AND stale_on > toDate(0) + {{days:UInt16}} + 1 AND {today_only}) OR made_by != {FORMULA}""",
        {"days": settings.LINK_FRESH_DAYS},
    )
    return [(row["workspace"], row["target_domain"]) for row in rows]


def tidy() -> int:
    """Delete generations that a newer one has replaced for longer than any reader lasts; returns how many."""
    old = engine.read(
        """SELECT workspace, target_domain, generation FROM generations
        WHERE (workspace, target_domain, generation) NOT IN (
            SELECT workspace, target_domain, max(generation) FROM generations GROUP BY workspace, target_domain)
        AND generation < toUnixTimestamp64Nano(now64(9)) - {grace:UInt64} * 1000000000 LIMIT 500""",
        {"grace": GRACE_SECONDS},
    )
    if not old:
        return 0
    keys = [(row["target_domain"], row["workspace"], row["generation"]) for row in old]
    for table in ("links", "edges", "generations"):
        engine.write(
            f"DELETE FROM {table} WHERE (target_domain, workspace, generation) IN {{keys:Array(Tuple(String, UInt32, UInt64))}}",
            {"keys": keys},
        )
    return len(keys)
