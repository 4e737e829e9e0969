"""A `LinkQuery` in, (sql, parameters) out: pure functions, tested without a server.

Decided: the first condition of every statement is the scope (workspace, target domain, generation); every value is a
bound parameter; every name comes from `columns.py`. A filter of an aggregated report applies to the aggregate (HAVING).
"""

from collections.abc import Sequence
from typing import Any

from seoapp.lib.weburl import BadUrl, parse

from .anchorkinds import kind_parameters
from .anchorwords import ANCHOR_KEY, IS_IMAGE, WORD_FILTERS
from .beside import decided_by, derived, joined, shown_beside, with_marks_of
from .columns import Column, column
from .folding import fold, needle
from .joined import (
    SCORED,
    asks_for_scores,
    graph_parameters,
    joins_graph,
    only_graph,
    score_parameters,
    with_graph,
    with_scores,
)
from .networks import NETWORKS
from .origins import BY_LANGUAGE, COUNTRIES, LANGUAGES, TLDS
from .pagescores import held_parameters, with_page_scores
from .query import Filter, LinkQuery
from .ranges import in_range
from .scope import SCOPE, Statement, scope
from .where import condition as advanced

_SEEN = "minIf(first_seen, first_seen > toDateTime(0, 'UTC')) AS first_seen, max(last_seen) AS last_seen"
_STATES = """countIf(state = 'live') AS live, countIf(state = 'lost') AS lost, countIf(state = 'unknown') AS unknown"""
_RELS = "countIf(nofollow = 0) AS follow, countIf(nofollow = 1) AS nofollow"
# Domains are counted by a 64-bit hash, a third faster; among a million, two collide once in 30 million times.
_DOMAINS = "uniqExact(cityHash64(source_domain))"
_COUNTS = f"""count() AS links, {_DOMAINS} AS domains, {_STATES},
    {_RELS}, {_SEEN}"""
_SUBNET = """multiIf(
    isIPv4String(ip), concat(arrayStringConcat(arraySlice(splitByChar('.', ip), 1, 3), '.'), '.0/24'),
    isIPv6String(ip), concat(toString(IPv6CIDRToRange(toIPv6OrDefault(ip), 48).1), '/48'), '')"""
_OF_EDGES = "count() AS domains, sum(links) AS links, sum(live) AS live, sum(lost) AS lost, sum(unknown) AS unknown"
_OF_BOTH = "sum(domains) AS domains, sum(links) AS links, sum(live) AS live, sum(lost) AS lost, sum(unknown) AS unknown"

# Edges read through the links: for a host, a folder or a page, where domain-level knowledge cannot be told apart.
EDGES_OF_LINKS = """SELECT source_domain, any(tld) AS tld, count() AS links, countIf(state = 'live') AS live,
    countIf(state = 'lost') AS lost, countIf(state = 'unknown') AS unknown, countIf(nofollow = 0) AS follow,
    countIf(nofollow = 1) AS nofollow, uniqExact(source_host) AS hosts, toInt64(-1) AS reported_links,
    minIf(first_seen, first_seen > toDateTime(0, 'UTC')) AS first_seen, max(last_seen) AS last_seen,
    if(lost = links, max(if(lost_at > toDateTime(0, 'UTC'), lost_at, last_seen)), toDateTime(0, 'UTC')) AS lost_at,
    multiIf(live > 0, 'live', lost = links, 'lost', 'unknown') AS state,
    arraySort(groupUniqArrayIf(ip, ip != '')) AS ips,
    arraySort(groupUniqArrayIf(subnet, subnet != '')) AS subnets,
    argMaxIf(country, (last_seen, country), country != '') AS country,
    arraySort(groupUniqArrayIf(country, country != '')) AS countries, CAST(map(), 'Map(String, Float64)') AS metrics,
    arraySort(groupUniqArrayArray(sources)) AS sources
FROM links WHERE {where} GROUP BY source_domain"""
# Where a domain stands is a fact about it, whatever it links to: if no link of the part says it, the whole domain's
# links and domain-level rows do.
_PLACED = "ips, subnets, country, countries"
_OF_WHOLE = f"""SELECT own.* EXCEPT ({_PLACED}), if(empty(own.ips), whole.ips, own.ips) AS ips,
    if(empty(own.subnets), whole.subnets, own.subnets) AS subnets,
    if(own.country = '', whole.country, own.country) AS country,
    if(empty(own.countries), whole.countries, own.countries) AS countries
FROM (OWN) AS own LEFT ANY JOIN (SELECT source_domain, {_PLACED} FROM edges
    WHERE {SCOPE} AND (notEmpty(ips) OR notEmpty(countries))) AS whole ON whole.source_domain = own.source_domain"""


def rows(query: LinkQuery, *, limit: int | None) -> Statement:
    """The rows of a report from the query's page on; `limit` None gives every row (exports)."""
    if query.report == "links" and query.group != "all":
        return _grouped_links(query, limit=limit)
    base, parameters, more = _prepared(query, *_base(query), whole=limit is None)
    condition, bound = conditions(query)
    page, window = _window(query, limit)
    return f"SELECT *{more} FROM ({base}) WHERE {condition} {order(query)}{page}", parameters | bound | window


def _prepared(
    query: LinkQuery, rows: str, parameters: dict[str, Any], *, whole: bool, few: bool = False, among: str = ""
) -> tuple[str, dict[str, Any], str]:
    """Rows with what stands beside them, where that decides or the `whole` report leaves; and what more to select.

    `among`: rows that hold these and are read with less, to say what is needed of the sides.
    """
    sides = decided_by(query) | (shown_beside(query) if whole else frozenset())
    among = among or rows
    if asks_for_scores(query) or whole:
        rows, parameters = _scored(query, rows, parameters, among)
    rows, bound = joined(query, rows, sides, few=few, among=among)
    return rows, parameters | bound, derived(query, sides)


def _scored(query: LinkQuery, rows: str, parameters: dict[str, Any], among: str) -> Statement:
    """The rows with their authority, where the report has one."""
    if query.report not in SCORED:
        return rows, parameters
    return with_scores(query, rows, among), parameters | score_parameters(query)


def _window(query: LinkQuery, limit: int | None) -> Statement:
    if limit is None:
        return "", {}
    return " LIMIT {limit:UInt64} OFFSET {offset:UInt64}", {"limit": limit, "offset": (query.page - 1) * query.per_page}


def _base(query: LinkQuery) -> Statement:
    """The statement that makes the rows of a report."""
    where, parameters = scope(query)
    if query.report == "links":
        return f"SELECT * FROM links WHERE {where}", parameters
    if query.report == "pages":
        return with_page_scores(_sums(query, where)), parameters | held_parameters(query)
    if query.report in GROUPED:
        return _sums(query, where), parameters
    if query.report == "languages":
        spoken = with_scores(query, BY_LANGUAGE.format(where=where))
        return LANGUAGES.format(where=where, spoken=spoken), parameters | score_parameters(query)
    around, parameters = edges(query)
    if query.report == "domains":
        return around, parameters
    return _around(query, where, around, parameters)


def _around(query: LinkQuery, where: str, around: str, parameters: dict[str, Any]) -> Statement:
    """A report of referring domains by something that they have in common."""
    if query.report in ("countries", "tlds"):
        parameters = parameters | score_parameters(query)
    scored = with_scores(query, around)
    return AROUND_REPORTS[query.report].format(where=where, edges=around, scored=scored), parameters


def _sums(query: LinkQuery, where: str) -> str:
    """A report that is summed up from links, settled for a whole domain."""
    if query.report in SUMMED and query.target.scope == "root":
        rows = f"SELECT * EXCEPT (target_domain, workspace, generation) FROM {query.report} WHERE {where}"
    else:
        rows = GROUPED[query.report].format(where=where)
    return f"SELECT *, {ANCHOR_KEY} AS anchor_key FROM ({rows})" if query.report == "anchors" else rows


# Reports summed up from the links; a page is one whatever its spelling, and shows https before http.
GROUPED = {
    "hosts": f"""SELECT source_host, any(source_domain) AS source_domain, {_COUNTS}
    FROM links WHERE {{where}} GROUP BY source_host""",
    "anchors": f"""SELECT anchor, anchor_known, {IS_IMAGE} AS is_image, {_COUNTS}
    FROM links WHERE {{where}} GROUP BY anchor, anchor_known, is_image""",
    "pages": f"""SELECT target_key, max(target_url) AS target_url, {_COUNTS}
    FROM links WHERE {{where}} GROUP BY target_key""",
}
# Of a whole domain these are settled, in tables of the report's name.
SUMMED = ("anchors", "pages")
_COUNTED_LINKS = f"toUInt64(0) AS domains, count() AS links, {_STATES}"
_COUNTED_EDGES = (
    "count() AS domains, toUInt64(0) AS links, toUInt64(0) AS live, toUInt64(0) AS lost, toUInt64(0) AS unknown"
)
# Reports of domains and links: a domain counts by what its links or a domain-level row say, a link by its own value.
AROUND_REPORTS = {
    "ips": f"""SELECT ip, {_SUBNET} AS subnet, {_OF_BOTH} FROM (
        SELECT ip, {_COUNTED_EDGES} FROM ({{edges}}) ARRAY JOIN ips AS ip GROUP BY ip
        UNION ALL SELECT ip, {_COUNTED_LINKS} FROM links WHERE {{where}} AND ip != '' GROUP BY ip
    ) GROUP BY ip""",
    "subnets": f"""SELECT subnet, sum(ips) AS ips, {_OF_BOTH} FROM (
        SELECT {_SUBNET} AS subnet, uniqExact(ip) AS ips, {_COUNTED_EDGES.replace("count()", _DOMAINS)}
        FROM ({{edges}}) ARRAY JOIN ips AS ip GROUP BY subnet
        UNION ALL SELECT subnet, toUInt64(0) AS ips, {_COUNTED_LINKS}
        FROM links WHERE {{where}} AND subnet != '' GROUP BY subnet
    ) GROUP BY subnet""",
    "networks": NETWORKS,
    "countries": COUNTRIES,
    "tlds": TLDS,
}


def edges(query: LinkQuery) -> Statement:
    """Referring domains: of a whole domain the settled summary, with the open graph; else summed up from the links."""
    where, parameters = scope(query)
    if joins_graph(query):
        return with_graph(where), parameters | graph_parameters(query)
    if query.target.scope == "root":
        return f"SELECT * FROM edges WHERE {where}", parameters
    return _OF_WHOLE.replace("OWN", EDGES_OF_LINKS.format(where=where)), parameters


def conditions(query: LinkQuery) -> Statement:
    """The filters as one condition, joined by AND; the advanced filter last, because it may cost most a row."""
    parts: list[str] = ["1"]
    parameters: dict[str, Any] = {}
    for number, one in enumerate(query.filters):
        condition, value = _condition(query.report, one, f"f{number}")
        parts.append(condition)
        parameters[f"f{number}"] = value
    if query.report == "links" and "anchor_class" in query.names:
        parameters |= kind_parameters(query)
    if query.where.tree is not None:
        condition, bound = advanced(query.report, query.where)
        parts.append(condition)
        parameters |= bound
    return " AND ".join(parts), parameters


def _condition(report: str, one: Filter, name: str) -> tuple[str, Any]:
    found = column(report, one.name)
    if found is None:
        raise ValueError(f"{one.name} is no column of {report}")
    if one.op == "exact":
        kind = "Array(String)" if found.kind == "list" and found.filter == "choice" else "String"
        return found.is_exactly.replace("{}", f"{{{name}:{kind}}}"), _exact_value(found, one.value)
    if one.op == "contains" and found.name in WORD_FILTERS:
        condition = WORD_FILTERS[found.name].replace("{}", f"{{{name}:String}}")
        return condition, needle(fold(one.value) or one.value)
    if one.op == "is" and found.exact:
        return found.exact.replace("{}", f"{{{name}:String}}"), one.value
    if one.op == "contains":
        return f"positionCaseInsensitiveUTF8({found.field}, {{{name}:String}}) > 0", one.value
    if one.op == "has":
        return f"has({found.field}, {{{name}:String}})", one.value
    if one.op == "is":
        return f"{found.field} = {{{name}:{'String' if isinstance(one.value, str) else 'Int8'}}}", one.value
    return _range(found, one, name), one.value


def _exact_value(found: Column, text: str) -> Any:
    """A target page is asked for in any spelling; a set of sources is a list."""
    if found.kind == "list" and found.filter == "choice":
        return sorted(filter(None, text.split(",")))
    if found.name != "target_url":
        return text
    try:
        return parse(text).key
    except BadUrl:
        return text


def _range(found: Column, one: Filter, name: str) -> str:
    """Rows whose value is not known are in no range."""
    kind = "Date" if found.kind == "date" else "Float64" if isinstance(one.value, float) else "Int64"
    field = f"toDate({found.field})" if found.kind == "date" else found.field
    return in_range(field, found.is_known, one.op, f"{{{name}:{kind}}}")


TIE_BREAKERS = {
    "links": "last_seen DESC, source_domain, link_id",
    "domains": "source_domain",
    "hosts": "source_host",
    "anchors": "anchor, anchor_known, is_image",
    "pages": "target_key",
    "ips": "ip",
    "subnets": "subnet",
    "networks": "asn",
    "countries": "country",
    "tlds": "tld",
    "languages": "language",
}


def order(query: LinkQuery) -> str:
    known, sort, direction = _sorting(query)
    return f"ORDER BY {f'{known} DESC, ' if known else ''}{sort} {direction}, {TIE_BREAKERS[query.report]}"


def _sorting(query: LinkQuery) -> tuple[str, str, str]:
    """SQL: whether a row has what it is sorted by ("" where all have), what that is, and the direction."""
    found = column(query.report, query.sort)
    if found is None:
        raise ValueError(f"{query.sort} is no column of {query.report}")
    return found.is_known, found.order or found.field, "DESC" if query.descending else "ASC"


# What the links of a group have in common, as a 64-bit hash, which is several times as fast as the texts.
GROUP_KEYS = {
    "domain": "cityHash64(source_domain)",
    "similar": "cityHash64(source_domain, anchor, anchor_known, kind, nofollow, ugc, sponsored)",
}

# Which link of a group speaks: one number of state, day and id, whose maximum is found without a tuple a group.
SPEAKS = """bitOr(bitShiftLeft(toUInt128(state = 'live'), 96), bitOr(
        bitShiftLeft(toUInt128(toUInt32(last_seen)), 64), toUInt128(link_id)))"""
SPEAKER = "toUInt64(bitAnd(best, 18446744073709551615))"
SPOKEN_AT = "toUInt32(bitShiftRight(best, 64))"  # its last_seen


def _grouped_links(query: LinkQuery, *, limit: int | None) -> Statement:
    """One link a group: the newest live one speaks for the rest, `in_group` says how many it stands for.

    Of all links no more is read than what they are grouped and filtered by; the rest is joined to those that speak.
    """
    where, parameters = scope(query)
    condition, bound = conditions(query)
    page, window = _window(query, limit)
    links = f"SELECT * FROM links WHERE {where}"
    narrow, asked, _ = _prepared(query, links, parameters, whole=False)
    chosen = f"""SELECT max({SPEAKS}) AS best, {SPEAKER} AS link_id, count() AS in_group
    FROM ({narrow}) WHERE {condition} GROUP BY {GROUP_KEYS[query.group]}"""
    speaking = f"""SELECT links.*, chosen.in_group AS in_group FROM ({links}) AS links
INNER JOIN ({chosen}) AS chosen USING (link_id)"""
    rows, parameters, more = _prepared(query, speaking, parameters, whole=limit is None, among=links)
    return f"SELECT *{more} FROM ({rows}) {order(query)}{page}", asked | parameters | bound | window


def speakers(query: LinkQuery, *, limit: int) -> Statement:
    """The links that speak for the groups of a page, in their order: domain, id, and for how many links each stands.

    Of the links no more is read for it than what they are grouped, filtered and sorted by.
    """
    where, parameters = scope(query)
    condition, bound = conditions(query)
    page, window = _window(query, limit)
    rows, parameters, _ = _prepared(query, f"SELECT * FROM links WHERE {where}", parameters, whole=False)
    known, sort, direction = _sorting(query)
    statement = f"""SELECT source_domain, {SPEAKER} AS link_id, in_group FROM (
    SELECT max({SPEAKS}) AS best, any(source_domain) AS source_domain, count() AS in_group,
        argMax({known or "1"}, {SPEAKS}) AS known, argMax({sort}, {SPEAKS}) AS sort
    FROM ({rows}) WHERE {condition} GROUP BY {GROUP_KEYS[query.group]}
) ORDER BY known DESC, sort {direction}, {SPOKEN_AT} DESC, source_domain, link_id{page}"""
    return statement, parameters | bound | window


def first_links(query: LinkQuery, *, limit: int) -> Statement:
    """The links of a page in their order, by domain and id: what decides is read of all links, the rest of few."""
    rows, parameters, _ = _prepared(query, *_base(query), whole=False)
    condition, bound = conditions(query)
    page, window = _window(query, limit)
    statement = f"SELECT source_domain, link_id FROM ({rows}) WHERE {condition} {order(query)}{page}"
    return statement, parameters | bound | window


def named_links(query: LinkQuery, domains: Sequence[str], ids: Sequence[int]) -> Statement:
    """Links by their domains and ids, in no order."""
    where, parameters = scope(query)
    query = with_marks_of(query, {*domains, *map(str, ids)})
    named = f"{where} AND source_domain IN {{domains:Array(String)}} AND link_id IN {{ids:Array(UInt64)}}"
    rows, parameters, more = _prepared(query, f"SELECT * FROM links WHERE {named}", parameters, whole=False, few=True)
    return f"SELECT *{more} FROM ({rows})", parameters | {"domains": list(domains), "ids": list(ids)}


# --- Figures of the overview ---------------------------------------------------------------------------------------
HEADLINE = """SELECT count() AS links, countIf(state = 'live') AS live, countIf(state = 'lost') AS lost,
    countIf(state = 'unknown') AS unknown, countIf(nofollow = 0) AS follow, countIf(nofollow = 1) AS nofollow,
    countIf(nofollow < 0) AS rel_unknown, countIf(ugc = 1) AS ugc, countIf(sponsored = 1) AS sponsored,
    countIf(kind = 'text') AS text, countIf(kind = 'image') AS image, countIf(kind = 'form') AS form,
    countIf(kind = 'frame') AS frame, countIf(kind = 'redirect') AS redirect, countIf(kind = 'other') AS other,
    minIf(first_seen, first_seen > toDateTime(0, 'UTC')) AS first_seen, max(last_seen) AS last_seen
FROM links WHERE {where}"""
AROUND = """SELECT count() AS referring_domains, sum(hosts) AS hosts, uniqExactArray(ips) AS ips,
    uniqExactArray(subnets) AS subnets,
    minIf(first_seen, first_seen > toDateTime(0, 'UTC')) AS first_seen, max(last_seen) AS last_seen FROM ({edges})"""


# The same of a part as `_OF_WHOLE` says it, without grouping all its links.
AROUND_LINKS = """SELECT referring_domains, hosts, ips, subnets, first_seen, last_seen FROM (
    SELECT uniqExact(cityHash64(source_domain)) AS referring_domains, uniqExact(cityHash64(source_host)) AS hosts,
        minIf(first_seen, first_seen > toDateTime(0, 'UTC')) AS first_seen, max(last_seen) AS last_seen
    FROM links WHERE {where}) AS counted
CROSS JOIN (SELECT uniqExactArray(at) AS ips, uniqExactArray(nets) AS subnets FROM (
    SELECT [ip] AS at, [toString(subnet)] AS nets FROM links WHERE {where} AND ip != '' GROUP BY ip, subnet
    UNION ALL SELECT ips, subnets FROM edges WHERE {whole} AND notEmpty(ips) AND source_domain IN (
        SELECT source_domain FROM links WHERE {where} GROUP BY source_domain HAVING max(ip) = ''))) AS placed"""


def headline(query: LinkQuery) -> Statement:
    where, parameters = scope(query)
    return HEADLINE.format(where=where), parameters


def around(query: LinkQuery) -> Statement:
    """Referring domains, hosts (a host belongs to one domain, so they add up), IPs and subnets."""
    if query.target.scope != "root":
        where, parameters = scope(query)
        return AROUND_LINKS.format(where=where, whole=SCOPE), parameters
    inner, parameters = edges(query)
    return AROUND.format(edges=inner), parameters


def profile(query: LinkQuery) -> Statement:
    """The settled headline of a whole domain; a host, a folder or a page is counted from its links."""
    where, parameters = scope(query)
    return f"SELECT * EXCEPT (target_domain, workspace, generation) FROM profiles WHERE {where} LIMIT 1", parameters


def overlap(query: LinkQuery) -> Statement:
    """Referring domains and links by the exact set of sources that know them."""
    inner, parameters = edges(query)
    return (
        f"SELECT sources, count() AS domains, sum(links) AS links FROM ({inner}) GROUP BY sources "
        "ORDER BY domains DESC, sources",
        parameters,
    )


def link_overlap(query: LinkQuery) -> Statement:
    where, parameters = scope(query)
    return (
        f"SELECT sources, count() AS links, uniqExact(source_domain) AS domains FROM links WHERE {where} "
        "GROUP BY sources ORDER BY links DESC, sources",
        parameters,
    )


COUNTED = """(workspace, batch) IN (SELECT workspace, batch FROM batches
    WHERE workspace IN {scope:Array(UInt32)} AND version < {generation:UInt64}
    GROUP BY workspace, batch HAVING argMax(state, version) = 'complete')"""


def claims(query: LinkQuery, link_id: int) -> Statement:
    """Every observation that this generation counts for one link, newest first, with the batch that brought it."""
    return (
        f"""SELECT * FROM observations
WHERE workspace IN {{scope:Array(UInt32)}} AND target_domain = {{target_domain:String}} AND link_id = {{link_id:UInt64}}
    AND {COUNTED} ORDER BY greatest(last_seen, lost_at) DESC, source, batch, row LIMIT 500""",
        {
            "scope": sorted({0, query.workspace}),
            "target_domain": query.target.domain,
            "link_id": link_id,
            "generation": query.generation,
        },
    )


def count(query: LinkQuery) -> Statement:
    """How many rows the filters leave."""
    rows, parameters, _ = _prepared(query, *_base(query), whole=False)
    condition, bound = conditions(query)
    return f"SELECT count() AS n FROM ({rows}) WHERE {condition}", parameters | bound


def chosen(query: LinkQuery, limit: int) -> Statement:
    """What names the first rows that the filters leave: a link by its id and addresses, a domain by its name."""
    rows, parameters, _ = _prepared(query, *_base(query), whole=False)
    condition, bound = conditions(query)
    names = "link_id, source_domain, source_url, target_url" if query.report == "links" else "source_domain"
    return (
        f"SELECT {names} FROM ({rows}) WHERE {condition} {order(query)} LIMIT {{limit:UInt64}}",
        parameters | bound | {"limit": limit},
    )


def unfiltered(query: LinkQuery) -> Statement:
    """How many rows the filters choose from."""
    base, parameters = _base(query)
    return f"SELECT count() AS n FROM ({base})", parameters


def only_in_graph(query: LinkQuery) -> Statement:
    """How many referring domains nobody but the open graph knows."""
    where, parameters = scope(query)
    return f"SELECT count() AS n FROM ({only_graph(where)})", parameters | graph_parameters(query)


def one_link(query: LinkQuery, link_id: int) -> Statement:
    where, parameters = scope(query)
    statement = f"SELECT *{derived(query, ())} FROM links WHERE {where} AND link_id = {{link_id:UInt64}} LIMIT 1"
    return statement, parameters | {"link_id": link_id}
