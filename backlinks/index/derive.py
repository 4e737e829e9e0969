"""What is shown, as SQL over the log: the formula of links, of domains and of the headline.

Decided: an attribute of a link is an aggregate over its claims, ranked by who says it and when; every rule of "which
claim wins" and "when is a link lost" is one expression here. A page may have a link at several places: what belongs to
a place (kind, words, rel, context, placement) is that of one claim, the best place of the newest reading; another claim
fills in only what this one does not know, and never one that tells of a further place of the same visit or file. Ties
are broken by the claim's content, so that the order of imports never decides. Where nobody says the country of an
address, the open tables of ranges do. A change of an expression raises FORMULA, and every profile is written anew.
Refused: the newest value of each attribute by itself, because two places made one link that never was.
"""

from .anchorwords import IS_IMAGE
from .columns import KINDS
from .places import LATEST, placed

FORMULA = 8
# Vendors' figures about the referring domain that its link rows carry too.
DOMAIN_METRICS = (
    "ahrefs_dr",
    "ahrefs_is_spam",
    "semrush_domain_as",
    "majestic_domain_tf",
    "majestic_domain_cf",
    "moz_da",
)

# The claim's own content decides last, so that import order never does.
_CONTENT = """cityHash64(source, report, kind, ifNull(anchor, ''), isNull(anchor), ifNull(alt, ''), nofollow, ugc,
        sponsored, source_url, target_url, title, context_left, context_right, placement, language, http_status, ip,
        country, ext_links, int_links, redirect_chain, group_count, flags, first_seen, lost_reason)"""
# Of the places of a page the one that is worth more: follow, then content, then what stands first on the page (a
# vendor's rows stand in no order that means anything): 2, 2 and 27 bits.
WORTH = """bitOr(bitOr(bitShiftLeft(toUInt64(multiIf(nofollow = 0, 2, nofollow < 0, 1, 0)), 29),
        bitShiftLeft(toUInt64(multiIf(placement = 'content', 2, placement = '', 1, 0)), 27)),
        if(source = 'crawl', bitOr(bitShiftLeft(toUInt64(8191 - least(row, 8191)), 14), bitAnd(content, 0x3FFF)),
            bitAnd(content, 0x7FFFFFF)))"""
# Our own fetch beats vendors; then the newest date; then the place that is worth more: 1, 32 and 31 bits.
RANK = f"""bitOr(bitOr(bitShiftLeft(toUInt64(source = 'crawl'), 63),
        bitShiftLeft(toUInt64(toUInt32(greatest(last_seen, lost_at))), 31)), {WORTH})"""
# Which claim speaks for the place: a reading by our crawler (it knows what is not there, too), else what our crawler
# repeats of one, else a vendor's claim; last what says nothing of a place. Then as above, then who says it in what
# report, which tells rows of one visit or file from others: 2 bits at the top, 63 from bit 32 on, 32.
IS_READING = "source = 'crawl' AND isNotNull(alt)"
TELLS = """words != '' OR alt_words != '' OR nofollow >= 0 OR ugc >= 0 OR sponsored >= 0 OR context_left != ''
        OR context_right != '' OR placement != '' OR (kind != 'text' AND source != 'crawl')"""
PLACE_RANK = f"""bitOr(bitOr(
        bitShiftLeft(toUInt128(multiIf(is_reading, 3, NOT ({TELLS}), 0, source = 'crawl', 2, 1)), 126),
        bitShiftLeft(toUInt128(bitAnd(rank, 0x7FFFFFFFFFFFFFFF)), 32)),
        toUInt128(toUInt32(cityHash64(source, report))))"""
SAME_VISIT = f"bitAnd(bitXor({{one}}, {{other}}), toUInt128('{(0xFFFFFFFF << 63) | 0xFFFFFFFF}')) = 0"
# Attribute of a place -> (its value, when a claim knows it, what is shown where none does). A text link with words has
# no alt text, and an image with an alt text no words, unless the claim says both.
_SAYS_CONTEXT = "is_reading OR context_left != '' OR context_right != ''"
PLACE = {
    "shown_anchor": ("words", "is_reading OR words != '' OR (kind = 'image' AND alt_words != '')", "''"),
    "shown_alt": ("alt_words", "is_reading OR alt_words != '' OR (kind = 'text' AND words != '')", "''"),
    "shown_nofollow": ("nofollow", "nofollow >= 0", "-1"),
    "shown_ugc": ("ugc", "ugc >= 0", "-1"),
    "shown_sponsored": ("sponsored", "sponsored >= 0", "-1"),
    "shown_left": ("context_left", _SAYS_CONTEXT, "''"),
    "shown_right": ("context_right", _SAYS_CONTEXT, "''"),
    "shown_placement": ("placement", "is_reading OR placement != ''", "''"),
}
# Of labels and metrics.
PLACE_NAMES = ("heading", "hidden", "placement_sure", "link_words", "paid", "pixel", "frame")
# A claim counts once its batch is complete; batches completed after the generation began belong to a later one.
COMPLETE = """(workspace, batch) IN (SELECT workspace, batch FROM batches
        WHERE workspace IN {scope:Array(UInt32)} AND version < {generation:UInt64}
        GROUP BY workspace, batch HAVING argMax(state, version) = 'complete')"""
TOUCHED = "target_domain IN {targets:Array(String)} AND workspace IN {scope:Array(UInt32)}"
# The links of one pass; the plain conditions let the index skip, the pairs are exact.
SLICE = """source_domain >= {from_domain:String} AND source_domain <= {to_domain:String}
        AND (source_domain, link_id) >= ({from_domain:String}, {from_link:UInt64})
        AND (source_domain, link_id) < ({to_domain:String}, {to_link:UInt64})"""
DOMAIN_SLICE = "source_domain >= {from_domain:String} AND source_domain < {to_domain:String}"
OF_GENERATION = (
    "target_domain IN {targets:Array(String)} AND workspace = {workspace:UInt32} AND generation = {generation:UInt64}"
)
NEVER = "toDateTime(0, 'UTC')"
# Both dates of a claim are sights, whichever is first. The day of a loss is no sight, though vendors write it into both
# columns; where one says no day of the loss, its last date is that day if somebody else says one.
EARLIEST = f"multiIf(first_seen = {NEVER}, last_seen, last_seen = {NEVER}, first_seen, least(first_seen, last_seen))"
NEWEST = "greatest(first_seen, last_seen)"
UNDATED_LOSS = f"says_lost AND lost_at = {NEVER} AND first_seen > {NEVER}"
LAST_SIGHT = f"if(lost_at > {NEVER} AND last_seen >= lost_at AND first_seen > {NEVER}, earliest, {NEWEST})"
IS_LINK = "kind NOT IN ('canonical', 'alternate', 'rss')"
SAYS_LOST = "lost_reason != '' AND NOT startsWith(lost_reason, 'vendor_dropped')"
ODD_SPACES = r"['  ', '\t', '\n', '\r', '\v', '\f']"
SPACES = r"'[\\s\\p{Z}]+'"
NO_METRICS = "CAST(map(), 'Map(String, Float64)')"


def _newest(name: str, known: str) -> str:
    """Aggregate: the newest claim of an attribute that is not empty."""
    return f"argMaxIf({name}, rank, {known})"


def _flag(name: str) -> str:
    """Aggregate: the newest yes or no (or count); -1 where nobody says."""
    return f"if(max({name}) < 0, -1, argMaxIf({name}, rank, {name} >= 0))"


def _ranked(name: str, rank: str) -> str:
    """Aggregate: name -> (rank, value) of the newest value of each name in a map."""
    return f"maxMap(mapApply((k, v) -> (k, ({rank}, v)), {name}))"


def _by_name(name: str, rank: str = "rank") -> str:
    """Aggregate: the newest value of each name in a map."""
    return f"mapApply((k, v) -> (k, v.2), {_ranked(name, rank)})"


def _with_place(name: str) -> str:
    """Aggregate: the same, but what is said of a place only as the claim says it that speaks for the place."""
    kept = f"(k, v) -> k NOT IN {PLACE_NAMES} OR v.1 = argMax(rank, place_rank)"
    return f"mapApply((k, v) -> (k, v.2), mapFilter({kept}, {_ranked(name, 'rank')}))"


def _composed(name: str) -> str:
    """A text with composed letters; plain ASCII is left alone, because the library call is dear."""
    return f"if(lengthUTF8({name}) = length({name}), {name}, normalizeUTF8NFC({name}))"


def _tidy_text(name: str) -> str:
    """One spelling of a text: composed letters, single spaces."""
    odd = f"multiSearchAny({name}, {ODD_SPACES}) OR trimBoth({name}) != {name}"
    tidied = f"trimBoth(replaceRegexpAll(normalizeUTF8NFC({name}), {SPACES}, ' '))"
    return f"if(lengthUTF8({name}) = length({name}) AND NOT ({odd}), {name}, {tidied})"


def _tld(name: str) -> str:
    last = f"arrayElement(splitByChar('.', {name}), -1)"
    return f"if(isIPv4String({name}) OR startsWith({name}, '['), '', {last})"


# Name -> aggregate over the claims of one link.
CLAIMS: dict[str, str] = {
    "source_host": "argMax(source_host, rank)",
    "source_key": "any(source_key)",
    "source_url": "argMax(source_url, rank)",
    "target_host": "argMax(target_host, rank)",
    "target_url": "argMax(target_url, rank)",
    "target_key": "any(target_key)",
    "shown_kind": "argMax(kind, place_rank)",
    "anchor_known": "max(isNotNull(anchor))",
    "place_by": "max(place_rank)",
    "place_has_anchor": "argMax(isNotNull(anchor), place_rank)",
    "shown_title": _newest("title", "title != ''"),
    "language": _newest("language", "language != ''"),
    "http_status": _newest("http_status", "http_status > 0"),
    "oldest": f"minIf(earliest, earliest > {NEVER})",
    "newest": f"if(max(lost_at) > {NEVER}, max(if({UNDATED_LOSS}, earliest, last_sight)), max(last_sight))",
    "ip": _newest("ip", "ip != ''"),
    "country": _newest("country", "country != ''"),
    "ext_links": _flag("ext_links"),
    "int_links": _flag("int_links"),
    "redirect_chain": _newest("redirect_chain", "redirect_chain != ''"),
    "all_metrics": _with_place("metrics"),
    "all_labels": _with_place("labels"),
    "all_sources": "groupUniqArray(source)",
    "occurrences": "uniqExact((kind, anchor))",
    "group_count": "argMax(group_count, rank)",
    "flags": _newest("flags", "flags != ''"),
    "crawled": "max(source = 'crawl')",
    "crawl_reason": "argMaxIf(lost_reason, rank, source = 'crawl')",
    "crawl_alive_at": "maxIf(last_seen, source = 'crawl' AND lost_reason = '')",
    "crawl_losses": f"groupUniqArrayIf(lost_at, source = 'crawl' AND says_lost AND lost_at > {NEVER})",
    "lost_known": f"maxIf(if(lost_at > {NEVER}, lost_at, last_seen), says_lost)",
    "losses": f"groupUniqArrayIf(lost_at, says_lost AND lost_at > {NEVER})",
    "lost_why": "argMaxIf(lost_reason, rank, says_lost)",
    "any_lost": "max(says_lost)",
    "alive_at": "maxIf(last_seen, lost_reason = '')",
    **{name: f"argMaxIf({value}, place_rank, {known})" for name, (value, known, _) in PLACE.items()},
    **{f"{name}_by": f"maxIf(place_rank, {known})" for name, (_, known, _) in PLACE.items()},
}

# A loss counts unless somebody saw the link later; what our own fetch found last beats both.
IS_LOST = "if(the_crawled, the_crawl_reason != '', the_any_lost AND the_lost_known >= the_alive_at)"
# Lost since the first loss after the last sight of it.
LOST_SINCE = "arrayMin(arrayFilter(day -> day >= {alive}, {losses}))"


def _of_one_place(name: str) -> str:
    """A claim's value; nothing where only a further place of the same visit or file knows it."""
    if name == "anchor_known":
        return f"if({_is_of_further_place('shown_anchor')}, the_place_has_anchor, the_anchor_known)"
    if name not in PLACE:
        return f"the_{name}"
    return f"if(the_{name}_by = 0 OR {_is_of_further_place(name)}, {PLACE[name][2]}, the_{name})"


def _is_of_further_place(name: str) -> str:
    by, place_by = f"the_{name}_by", "the_place_by"
    return f"({by} != {place_by} AND {SAME_VISIT.format(one=by, other=place_by)})"


# Column of `links` -> expression over the claims above.
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
    "kind": f"if(shown_kind IN {KINDS}, shown_kind, 'other')",
    "anchor": _tidy_text("shown_anchor"),
    "anchor_known": "anchor_known",
    "alt": _tidy_text("shown_alt"),
    "nofollow": "shown_nofollow",
    "ugc": "shown_ugc",
    "sponsored": "shown_sponsored",
    "context_left": _composed("shown_left"),
    "context_right": _composed("shown_right"),
    "title": _tidy_text("shown_title"),
    "language": "language",
    "http_status": "http_status",
    "first_seen": "oldest",
    "last_seen": "newest",
    "alive_at": "alive_at",
    "lost_at": f"""multiIf(NOT is_lost, {NEVER},
        crawled, {LOST_SINCE.format(alive="crawl_alive_at", losses="crawl_losses")},
        {LOST_SINCE.format(alive="alive_at", losses="losses")})""",
    "lost_reason": "multiIf(NOT is_lost, '', crawled, crawl_reason, lost_why)",
    "state": "multiIf(is_lost, 'lost', alive_at >= {fresh_since:DateTime}, 'live', 'unknown')",
    "ip": "ip",
    "subnet": """multiIf(
        isIPv4String(ip), concat(arrayStringConcat(arraySlice(splitByChar('.', ip), 1, 3), '.'), '.0/24'),
        isIPv6String(ip), concat(toString(IPv6CIDRToRange(toIPv6OrDefault(ip), 48).1), '/48'), '')""",
    "country": "country",
    "tld": _tld("source_domain"),
    "ext_links": "ext_links",
    "int_links": "int_links",
    "redirect_chain": "redirect_chain",
    "metrics": "all_metrics",
    "labels": "all_labels",
    "sources": "arraySort(all_sources)",
    "occurrences": "occurrences",
    "group_count": "group_count",
    "flags": "flags",
    "placement": "shown_placement",
}
SEEN_PAGES = f"""LEFT JOIN (
    SELECT target_domain AS seen_target, source_key AS seen_key, groupUniqArray(source) AS sighted_by FROM sightings
    WHERE {TOUCHED} AND source_domain >= {{from_domain:String}} AND source_domain <= {{to_domain:String}} AND {COMPLETE}
    GROUP BY target_domain, source_key
) AS pages ON seen_target = claims.target_domain AND seen_key = claims.source_key"""

# Addresses of claims that say no country.
UNPLACED_LINKS = f"SELECT ip FROM observations WHERE {TOUCHED} AND {SLICE} AND ip != '' AND country = ''"
UNPLACED_DOMAINS = f"SELECT ip FROM domain_links WHERE {TOUCHED} AND {DOMAIN_SLICE} AND ip != '' AND country = ''"
_UNPLACED = "AND {ranges:UInt64} > 0 AND ip != '' AND country = ''"
# What has to be joined for these targets: 1 for yes.
JOINED_SQL = f"""SELECT
    (SELECT count() FROM (SELECT 1 FROM sightings WHERE {TOUCHED} LIMIT 1)) AS sighted,
    (SELECT count() FROM (SELECT 1 FROM domain_links WHERE {TOUCHED} LIMIT 1)) AS listed,
    (SELECT count() FROM (SELECT 1 FROM observations WHERE {TOUCHED} {_UNPLACED} LIMIT 1)) AS unplaced_links,
    (SELECT count() FROM (SELECT 1 FROM domain_links WHERE {TOUCHED} {_UNPLACED} LIMIT 1)) AS unplaced_domains"""


def _located(addresses: str, ip: str) -> str:
    """A join that gives `located`, the country of an address, for addresses that `addresses` (SQL of `ip`) names."""
    ranges = placed(addresses, batch="{ranges:UInt64}")
    return f"LEFT JOIN (SELECT ip AS known_ip, country AS located FROM ({ranges})) AS places ON known_ip = {ip}"


def links_sql(*, with_sightings: bool, with_ranges: bool) -> str:
    """The statement that writes the links of a generation; sightings and ranges are joined only where there are any."""
    columns = dict(LINKS)
    joined = ""
    if with_sightings:
        columns["sources"] = "arraySort(arrayDistinct(arrayConcat(all_sources, sighted_by)))"
        joined += f" {SEEN_PAGES}"
    if with_ranges:
        columns["country"] = "if(country != '', country, located)"
        joined += f" {_located(UNPLACED_LINKS, 'claims.ip')}"
    shown = ",\n    ".join(f"{expression} AS to_{name}" for name, expression in columns.items())
    claims = ",\n        ".join(f"{expression} AS the_{name}" for name, expression in CLAIMS.items())
    renamed = ",\n        ".join(f"{_of_one_place(name)} AS {name}" for name in CLAIMS)
    renamed += f",\n        {IS_LOST} AS is_lost"
    return f"""INSERT INTO links ({", ".join(columns)})
SELECT {shown}
FROM (
    SELECT target_domain, source_domain, link_id, {renamed} FROM (
    SELECT target_domain, source_domain, link_id,
        {claims}
    FROM (
        SELECT *, ifNull(anchor, '') AS words, ifNull(alt, '') AS alt_words, {IS_READING} AS is_reading,
            {_CONTENT} AS content, {RANK} AS rank, {PLACE_RANK} AS place_rank, {SAYS_LOST} AS says_lost,
            {EARLIEST} AS earliest, {LAST_SIGHT} AS last_sight
        FROM observations
        WHERE {TOUCHED} AND {SLICE} AND {COMPLETE} AND {IS_LINK}
    )
    GROUP BY target_domain, source_domain, link_id)
) AS claims{joined}"""


# A domain is lost when all its known links are: a list that names it later names no link. Without links it is lost when
# a domain-level row says so, unless somebody saw it there later.
_EDGES = f"""INSERT INTO edges (target_domain, workspace, generation, source_domain, tld, links, live, lost, unknown,
    follow, nofollow, hosts, reported_links, first_seen, last_seen, lost_at, state, ips, subnets, country, countries,
    metrics, sources)
SELECT target_domain, {{workspace:UInt32}}, {{generation:UInt64}}, source_domain, {_tld("source_domain")},
    sum(n), sum(n_live), sum(n_lost), sum(n_unknown), sum(n_follow), sum(n_nofollow), sum(n_hosts),
    if(max(n_reported) < 0, -1, argMaxIf(n_reported, (newest, n_reported), n_reported >= 0)),
    minIf(oldest, oldest > {NEVER}), max(newest), if(n_state = 'lost', max(gone_at), {NEVER}),
    multiIf(sum(n_live) > 0, 'live',
        sum(n) > 0 AND sum(n_lost) = sum(n), 'lost',
        sum(n) = 0 AND max(gone_at) > {NEVER} AND max(gone_at) >= max(seen), 'lost',
        'unknown') AS n_state,
    arraySort(groupUniqArrayArray(addresses)), arraySort(groupUniqArrayArray(nets)),
    argMaxIf(place, (newest, place), place != ''), arraySort(groupUniqArrayArray(places)),
    {_by_name("vendor_metrics", "newest")}, arraySort(groupUniqArrayArray(known_by))
FROM (
    SELECT target_domain, source_domain, count() AS n, countIf(state = 'live') AS n_live,
        countIf(state = 'lost') AS n_lost, countIf(state = 'unknown') AS n_unknown,
        countIf(nofollow = 0) AS n_follow, countIf(nofollow = 1) AS n_nofollow,
        uniqExact(source_host) AS n_hosts, toInt64(-1) AS n_reported,
        minIf(first_seen, first_seen > {NEVER}) AS oldest, max(last_seen) AS newest,
        maxIf(if(lost_at > {NEVER}, lost_at, last_seen), state = 'lost') AS gone_at,
        {NEVER} AS seen, groupUniqArrayIf(ip, ip != '') AS addresses, groupUniqArrayIf(subnet, subnet != '') AS nets,
        argMaxIf(country, (last_seen, country), country != '') AS place,
        groupUniqArrayIf(country, country != '') AS places,
        {_by_name("mapFilter((k, v) -> k IN " + str(DOMAIN_METRICS) + ", metrics)", "last_seen")} AS vendor_metrics,
        groupUniqArrayArray(sources) AS known_by
    FROM links WHERE {OF_GENERATION} AND {DOMAIN_SLICE} GROUP BY target_domain, source_domain
    <beside>)
GROUP BY target_domain, source_domain"""


_LISTED = f"""UNION ALL
    SELECT target_domain, source_domain, 0, 0, 0, 0, 0, 0, 0, links, earliest, {LAST_SIGHT}, lost_at,
        if(lost_at > {NEVER}, {NEVER}, last_seen), if(ip = '', [], [ip]), if(net = '', [], [net]), found,
        if(found = '', [], [found]), metrics, [source]
    FROM (SELECT *, {LINKS["subnet"]} AS net, <found> AS found, {EARLIEST} AS earliest FROM domain_links <joined>
        WHERE {TOUCHED} AND {DOMAIN_SLICE} AND {COMPLETE})"""
_SIGHTED = f"""UNION ALL
    SELECT target_domain, source_domain, 0, 0, 0, 0, 0, 0, 0, toInt64(-1), {EARLIEST}, {NEWEST}, {NEVER},
        last_seen, [], [], '', [], {NO_METRICS}, [source]
    FROM sightings WHERE {TOUCHED} AND {DOMAIN_SLICE} AND {COMPLETE}"""


def edges_sql(*, with_listed: bool, with_sightings: bool, with_ranges: bool) -> str:
    """The statement that writes the referring domains of a generation, out of its links and of what names domains."""
    found, joined = "country", ""
    if with_ranges:
        found, joined = "if(country != '', country, located)", _located(UNPLACED_DOMAINS, "domain_links.ip")
    listed = _LISTED.replace("<found>", found).replace("<joined>", joined) if with_listed else ""
    return _EDGES.replace("<beside>", f"{listed} {_SIGHTED if with_sightings else ''}")


COUNTED_LINKS = {
    "links": "count()",
    "live": "countIf(state = 'live')",
    "lost": "countIf(state = 'lost')",
    "unknown": "countIf(state = 'unknown')",
    "follow": "countIf(nofollow = 0)",
    "nofollow": "countIf(nofollow = 1)",
    "rel_unknown": "countIf(nofollow < 0)",
    "ugc": "countIf(ugc = 1)",
    "sponsored": "countIf(sponsored = 1)",
    **{kind: f"countIf(kind = '{kind}')" for kind in KINDS},
}
COUNTED_EDGES = {
    "referring_domains": "count()",
    "hosts": "sum(hosts)",
    "ips": "uniqExactArray(ips)",
    "subnets": "uniqExactArray(subnets)",
}
# Each link has an edge, so that a target with links is among those with edges.
PROFILES_SQL = f"""INSERT INTO profiles (target_domain, workspace, generation, first_seen, last_seen,
    {", ".join((*COUNTED_EDGES, *COUNTED_LINKS))})
SELECT target_domain, {{workspace:UInt32}}, {{generation:UInt64}}, oldest, newest,
    {", ".join(f"n_{name}" for name in (*COUNTED_EDGES, *COUNTED_LINKS))}
FROM (
    SELECT target_domain, minIf(first_seen, first_seen > {NEVER}) AS oldest, max(last_seen) AS newest,
        {", ".join(f"{count} AS n_{name}" for name, count in COUNTED_EDGES.items())}
    FROM edges WHERE {OF_GENERATION} GROUP BY target_domain
) AS of_edges LEFT JOIN (
    SELECT target_domain AS linked, {", ".join(f"{count} AS n_{name}" for name, count in COUNTED_LINKS.items())}
    FROM links WHERE {OF_GENERATION} GROUP BY target_domain
) AS of_links ON linked = target_domain"""

SUMMED_COLUMNS = "links, domains, live, lost, unknown, follow, nofollow, first_seen, last_seen"
SUMMED = f"""count(), uniqExact(cityHash64(source_domain)), countIf(state = 'live'), countIf(state = 'lost'),
    countIf(state = 'unknown'), countIf(nofollow = 0), countIf(nofollow = 1), minIf(first_seen, first_seen > {NEVER}),
    max(last_seen) FROM links WHERE {OF_GENERATION}"""
# The reports that `sql.py` reads settled; they must say what its grouping of links says.
ANCHORS_SQL = f"""INSERT INTO anchors
    (target_domain, workspace, generation, anchor, anchor_known, is_image, {SUMMED_COLUMNS})
SELECT target_domain, {{workspace:UInt32}}, {{generation:UInt64}}, anchor, anchor_known, {IS_IMAGE}, {SUMMED}
GROUP BY target_domain, anchor, anchor_known, {IS_IMAGE}"""
PAGES_SQL = f"""INSERT INTO pages (target_domain, workspace, generation, target_key, target_url, {SUMMED_COLUMNS})
SELECT target_domain, {{workspace:UInt32}}, {{generation:UInt64}}, target_key, max(target_url), {SUMMED}
GROUP BY target_domain, target_key"""

# The edges once more, in the order of the domain that links: what a site links to.
OUTBOUND_SQL = f"""INSERT INTO outbound (workspace, source_domain, target_domain, generation, links, live, lost,
    unknown, follow, nofollow, first_seen, last_seen, state, sources)
SELECT workspace, source_domain, target_domain, generation, links, live, lost, unknown, follow, nofollow, first_seen,
    last_seen, state, sources FROM edges WHERE {OF_GENERATION} AND source_domain != target_domain"""

# A sixteenth of the referring domains as 32-bit hashes, chosen by the hash: the same domains in every profile.
SAMPLED = 16
MEMBER = "toUInt32(cityHash64(source_domain))"
SETS_SQL = f"""INSERT INTO domain_sets (target_domain, workspace, generation, domains, links, sample)
SELECT target_domain, {{workspace:UInt32}}, {{generation:UInt64}}, count(), sum(links),
    arraySort(groupArrayIf({MEMBER}, {MEMBER} % {SAMPLED} = 0))
FROM edges WHERE {OF_GENERATION} GROUP BY target_domain"""

PUBLISH_SQL = f"""INSERT INTO generations
    (workspace, target_domain, generation, formula, as_of, stale_on, links, domains)
SELECT {{workspace:UInt32}}, name, {{generation:UInt64}}, {{formula:UInt16}}, today(), due, n, d
FROM (SELECT arrayJoin({{targets:Array(String)}}) AS name) AS wanted
LEFT JOIN (
    SELECT target_domain, minIf(toDate(alive_at), state = 'live') + {{fresh_days:UInt16}} + 1 AS due
    FROM links WHERE {OF_GENERATION} GROUP BY target_domain
) AS found ON found.target_domain = name
LEFT JOIN (
    SELECT target_domain, links AS n, referring_domains AS d FROM profiles WHERE {OF_GENERATION}
) AS counted ON counted.target_domain = name"""
# The ranges of addresses that count, 0 for none. The generation is later than every batch and generation that it can
# see, also where the clocks of a cluster differ.
CLOCK_SQL = f"""SELECT {LATEST} AS ranges, toStartOfDay(now('UTC')) - toIntervalDay({{days:UInt16}}) AS since, greatest(
    toUInt64(toUnixTimestamp64Nano(now64(9))),
    (SELECT max(version) + 1 FROM batches WHERE workspace IN {{scope:Array(UInt32)}}),
    (SELECT max(generation) + 1 FROM generations WHERE workspace = {{workspace:UInt32}}
        AND target_domain IN {{targets:Array(String)}})) AS generation"""
