"""A profile read whole, as columns, for those who judge it: its links, their pages, its referring domains.

Decided: pages and links come in slices of whole domains, both in the order of domain and page, so that a million links
cost a few scans and memory that does not grow with the slices. What nobody knows is NaN or "". A page is what the
newest claim about it says, for each value by itself. Refused: rows as Python objects, which take minutes and gigabytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from . import engine, popularity, sql
from .anchorwords import KEY_OF_LINK, LANGUAGE, OF_TARGET
from .linkcolumns import PAGE_KEY
from .pagefacts import newest_page_facts
from .query import LinkQuery
from .scope import scope
from .terms import class_parameters, reviewed

SLICE_LINKS = 250_000
LABELS = ("hidden", "paid", "pixel", "frame", "link_words")  # what our visit says of a link beside the usual
REFERRED = "ahrefs_page_refdomains"  # domains that link to the linking page, as a vendor counts them
_FLAG = "if({0} < 0, nan, toFloat32({0})) AS {0}"
_DAY = "if({0} > toDateTime(0, 'UTC'), toFloat32(toUInt16(toDate({0}))), nan) AS {0}"
_WORDS = """if(context_left = '' AND context_right = '', nan, toFloat32(length(splitByWhitespace({0})))) AS {1}"""
_LINK_COLUMNS = ", ".join(
    (
        "link_id AS id", "source_domain", "source_url", "anchor", "anchor_class", "alt", "toString(kind) AS kind",
        "target_key AS target", "target_url", "redirect_chain AS redirect", "toString(lost_reason) AS lost_reason",
        "toString(placement) AS placement", "toFloat32(anchor_known) AS anchor_known",
        "toFloat32(state = 'lost') AS is_lost", "if(anchor_sure = 1, toFloat32(1), nan) AS anchor_sure",
        *(_FLAG.format(name) for name in ("nofollow", "ugc", "sponsored")),
        *(_DAY.format(name) for name in ("first_seen", "last_seen", "lost_at")),
        _WORDS.format("context_left", "left_words"), _WORDS.format("context_right", "right_words"),
        *(f"labels['{name}'] AS {name}" for name in LABELS),
        "multiIf(has(splitByChar(' ', flags), 'sitewide'), toFloat32(1), has(sources, 'semrush'), toFloat32(0), nan) "
        "AS sitewide",
    )
)  # fmt: skip
_IN_SLICE = "cityHash64(source_domain) % {parts:UInt32} = {part:UInt32}"
LINKS_SQL = f"""SELECT {_LINK_COLUMNS} FROM links LEFT ANY JOIN (
    SELECT kind_key, anchor_class, anchor_sure FROM (<classes>)) AS kinds
    ON kinds.kind_key = {KEY_OF_LINK}
WHERE <where> AND {_IN_SLICE} ORDER BY source_domain, source_url, link_id"""


def _newest(name: str, known: str, otherwise: str) -> str:
    """The value of the newest claim that has one."""
    return f"if(countIf({known}) = 0, {otherwise}, toFloat32(argMaxIf({name}, last_seen, {known})))"


PAGES_SQL = f"""SELECT source_domain, source_url AS url, any({PAGE_KEY}) AS key, any(source_host) AS host,
    path(source_url) AS path, argMaxIf(title, last_seen, title != '') AS title,
    argMaxIf({LANGUAGE}, last_seen, language != '') AS language, argMaxIf(ip, last_seen, ip != '') AS ip,
    {_newest("http_status", "http_status > 0", "nan")} AS status,
    {_newest("ext_links", "ext_links >= 0", "nan")} AS external,
    {_newest("int_links", "int_links >= 0", "nan")} AS internal,
    {_newest(f"metrics['{REFERRED}']", f"mapContains(metrics, '{REFERRED}')", "nan")} AS links_in,
    if(max(last_seen) > toDateTime(0, 'UTC'), toFloat32(toUInt16(toDate(max(last_seen)))), nan) AS seen
FROM links WHERE <where> AND {_IN_SLICE} GROUP BY source_domain, source_url ORDER BY source_domain, source_url"""
DOMAINS_SQL = f"""SELECT source_domain AS name, toString(tld) AS tld, toString(country) AS country,
    toString(state) AS state, links, live, lost, follow, nofollow, hosts, ips, subnets AS networks, sources,
    {_DAY.format("first_seen")}, {_DAY.format("last_seen")}
FROM (<edges>) ORDER BY source_domain"""
_OF_EDGES = "domain IN (SELECT source_domain FROM (<edges>))"
# Of runs the workspace's own goes before that of the open graph.
SCORES_SQL = f"""SELECT domain, score, pagerank, trust, trust_at, pagerank_at, bad_share, votes, linked_domains
FROM authority
WHERE (workspace, run, version) IN {{scores:Array(Tuple(UInt32, UInt64, String))}} AND {_OF_EDGES}
ORDER BY domain, workspace DESC LIMIT 1 BY domain"""
POPULARITY_SQL = f"""SELECT domain, toFloat32(minIf(if(rank > 0, rank, tier), rank > 0 OR tier > 0)) AS popularity,
    toFloat32(max(visits)) AS visits FROM popularity
WHERE {popularity.OF_SCOPE} AND {_OF_EDGES} GROUP BY domain"""
_KNOWN = "if({0} < 0, nan, toFloat32({0}))"
_FACT_COLUMNS = ", ".join(
    (
        "page_key AS key", "title", f"{LANGUAGE} AS language", "generator", "theme", "poison_snippet AS poison_text",
        "toFloat32(toUInt16(toDate(fetched_at))) AS fetched", "toFloat32(ext_links) AS external",
        "toFloat32(int_links) AS internal", "toFloat32(ext_domains) AS external_domains",
        *(f"toFloat32({name}) AS {name}" for name in (
            "words", "noindex", "title_length", "description_length", "keywords_length", "hidden_links",
            "hidden_block",
        )),
        "toFloat32(ads) AS ad_frames", f"{_KNOWN.format('text_share')} AS text_share",
        f"{_KNOWN.format('repeats')} AS repetition", f"{_KNOWN.format('top_share')} AS common_word",
        f"{_KNOWN.format('foreign_share')} AS foreign_share",
        "toFloat32(canonical_at != '') AS has_canonical",
        "toFloat32(canonical_at = 'elsewhere') AS canonical_elsewhere",
        "toFloat32(moves_to != '') AS forced_redirect", "toFloat32(notEmpty(hidden_poison)) AS hidden_poison",
        "toFloat32(length(contacts)) AS contact", "toFloat32(favicon != '') AS has_favicon",
        "toFloat32(length(trackers)) AS trackers", "toFloat32(parked != '') AS parked",
        "toFloat32(directory != '') AS directory",
        "if(published = '', nan, toFloat32(toUInt16(toDateOrZero(published)))) AS published",
        "if(poison_language = '', '1', '') AS unsupported",
        "ids", "popups", "arrayMap((name, times) -> concat(name, ':', toString(times)), mapKeys(poison), "
        "mapValues(poison)) AS poison", "fingerprint AS text_print", "skeleton",
        # The address of an icon that another site keeps; each site's own /favicon.ico joins nobody.
        "if(startsWith(favicon, 'http') AND NOT endsWith(concat('.', domain(favicon)), concat('.', source_domain)), "
        "cityHash64(favicon), 0) AS icon",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slice:
    """The pages and links of some of the domains, both in the order of domain and page."""

    pages: pa.Table
    links: pa.Table


def slices(query: LinkQuery, *, links: int) -> Iterator[Slice]:
    """The links of a pinned query and their pages; `links` is about how many there are."""
    where, bound = scope(query)
    classes, said = reviewed(OF_TARGET, query.terms)
    links_sql = LINKS_SQL.replace("<where>", where).replace("<classes>", classes)
    judged = class_parameters(query.terms, query.target.domain) | said
    parts = max(1, -(-links // SLICE_LINKS))
    for part in range(parts):
        asked = bound | {"parts": parts, "part": part}
        yield Slice(
            engine.arrow(PAGES_SQL.replace("<where>", where), asked),
            engine.arrow(links_sql, asked | judged),
        )


def domains(query: LinkQuery) -> pa.Table:
    """The referring domains of a pinned query, also those of which only a domain-level file knows, in their order."""
    edges, bound = sql.edges(query)
    return engine.arrow(DOMAINS_SQL.replace("<edges>", edges), bound)


def scores(query: LinkQuery) -> pa.Table | None:
    """The score rows of those referring domains of a pinned query that have one; None where nothing was computed."""
    if not query.scores:
        return None
    edges, bound = sql.edges(query)
    return engine.arrow(SCORES_SQL.replace("<edges>", edges), bound | {"scores": list(query.scores)})


def popularity_ranks(query: LinkQuery) -> pa.Table:
    """domain, best rank or tier in any list (0: only visits are known), visits (-1: not known) of listed ones."""
    edges, bound = sql.edges(query)
    asked = bound | {"scope": sorted({popularity.OPEN_DATA, query.workspace}), "source": popularity.SOURCE}
    return engine.arrow(POPULARITY_SQL.replace("<edges>", edges), asked)


def page_facts(query: LinkQuery) -> pa.Table:
    """What visits remember of the linking pages of a pinned query, one row a page that was read, by its key."""
    where, bound = scope(query)
    names = f"SELECT DISTINCT source_domain FROM links WHERE {where}"
    facts, asked = newest_page_facts(query.workspace, domains=names, bound=bound)
    pages = f"SELECT DISTINCT {PAGE_KEY} FROM links WHERE {where}"
    return engine.arrow(f"SELECT {_FACT_COLUMNS} FROM ({facts}) WHERE page_key IN ({pages})", asked)
