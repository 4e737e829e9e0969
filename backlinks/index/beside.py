"""What stands beside a link and is joined to it at read: our readings of both pages, links alike, sights, marks.

Decided: a side is joined to all rows only where rows are sorted or filtered by it, or all rows leave (exports); else
its values are fetched for the few rows of a page. A side is read for the sites or links that the rows name, never for
the whole index. Refused: settling them into links, because a crawl of a site would then rewrite every profile that it
links to. Marks are not facts and stand in the ORM: a query brings those that it needs with it, as bound values.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from . import anchorkinds, kept, networks, pagesides, platforms, topicside
from .anchorwords import WORD_FILTERS
from .column import Column
from .columns import column, columns
from .linkcolumns import PAGE_KEY
from .portions import fitting, written
from .query import LinkQuery, MarkRow

Statement = tuple[str, dict[str, Any]]
COUNTED = """(workspace, batch) IN (SELECT workspace, batch FROM batches WHERE workspace IN {seen:Array(UInt32)}
    GROUP BY workspace, batch HAVING argMax(state, version) = 'complete')"""
_SEEN = "workspace IN {seen:Array(UInt32)}"
_WAS_READ = "http_status BETWEEN 200 AND 299 AND code = ''"
_KEY = r"replaceRegexpOne({}, '^https?://(?:www\\.([^/:]*\\.))?', '\\1')"
_DAY_SAID = "toDateTime(ifNull(toDateOrNull(published), toDate(0)), 'UTC')"

# The newest reading of the referring page by our crawler.
_PAGES = f"""SELECT page_key AS read_key, max(fetched_at) AS read_at, argMax(tuple(noindex, canonical, words,
        text_share, ext_domains, platform, generator, jsonld, {_DAY_SAID}, language, bytes,
        depth), (fetched_at, row)) AS read
    FROM crawled_pages WHERE {_SEEN} AND target_domain IN (SELECT source_domain FROM (ROWS)) AND {_WAS_READ}
        AND {COUNTED} GROUP BY page_key"""
_IS_READ = "pages.read_key != ''"
# The newest answer of each target: to a check of a link, or to a crawl of the site itself.
_TARGETS = f"""SELECT answered_key, argMax(status, at) AS answer,
        argMax(if({_KEY.format("moved")} = answered_key, '', moved), at) AS moved_to FROM (
    SELECT target_key AS answered_key, target_status AS status, target_final AS moved, checked_at AS at FROM checks
        WHERE {_SEEN} AND target_domain = {{target_domain:String}} AND target_status > 0 AND {COUNTED}
    UNION ALL SELECT page_key, http_status, redirect_url, fetched_at FROM crawled_pages
        WHERE {_SEEN} AND target_domain = {{target_domain:String}} AND http_status > 0 AND http_status != 304
            AND {COUNTED}) GROUP BY answered_key"""
_ALIKE = """SELECT cityHash64(source_host, target_key, anchor, kind) AS alike_as, count() AS n FROM links
    WHERE workspace = {owner:UInt32} AND target_domain = {target_domain:String} AND generation = {generation:UInt64}
        OF_DOMAINS GROUP BY alike_as"""
_CLAIMED = f"""FROM observations WHERE {_SEEN} AND target_domain = {{target_domain:String}} AND lost_reason = ''
        OF_DOMAINS OF_LINKS AND {COUNTED}"""
_SIGHTS = f"""SELECT seen_link, argMax(n, (by_us, at, n)) AS listed,
        arrayReverseSort(arrayDistinct(groupArrayArray(days)))[2] AS day_before FROM (
    SELECT link_id AS seen_link, batch, source = 'crawl' AS by_us, count() AS n, max(last_seen) AS at,
        groupUniqArray(toStartOfDay(last_seen)) AS days {_CLAIMED} GROUP BY link_id, batch, by_us) GROUP BY seen_link"""
_FOUND = f"SELECT link_id AS found_link, min(last_seen) AS found_at {_CLAIMED} AND source = 'crawl' GROUP BY link_id"
# What keeps a side to the rows that are there, where these are few.
_FEW = {
    "OF_DOMAINS": "AND source_domain IN (SELECT source_domain FROM (ROWS))",
    "OF_LINKS": "AND link_id IN (SELECT link_id FROM (ROWS))",
}
_VISITS = f"""SELECT page_key AS visited_key, min(fetched_at) AS visited_at FROM crawled_pages
    WHERE {_SEEN} AND target_domain IN (SELECT source_domain FROM (ROWS)) AND {_WAS_READ} AND {COUNTED}
    GROUP BY page_key"""
# The newest answer of a referring page that was a redirect to the target and is none any more.
_REDIRECTS = f"""SELECT page_key AS left_key, argMax(tuple(http_status, redirect_url), (fetched_at, row)) AS met
    FROM crawled_pages WHERE {_SEEN} AND target_domain IN (SELECT source_domain FROM (ROWS)
        WHERE lost_reason = 'lostredirect') AND http_status > 0 AND http_status != 304 AND {COUNTED}
    GROUP BY page_key"""
_LEFT = "lost_reason = 'lostredirect' AND redirects.left_key != ''"
_MARKED = """SELECT arrayJoin(mark.1) AS marked, mark.2 AS its_tags, mark.3 AS its_note, mark.4 AS is_vouched
    FROM (SELECT arrayJoin(MARKS) AS mark)"""
_MARK_TYPE = "'Array(Tuple(Array(String), Array(String), String, UInt8))'"


@dataclass(frozen=True, slots=True)
class Side:
    """`joins` are (statement, alias, condition); `columns` is name -> expression over rows and aliases.

    `bound` are parameters of its own.
    """

    joins: tuple[tuple[str, str, str], ...]
    columns: Mapping[str, str]
    bound: Mapping[str, Any] = field(default_factory=dict)


def _read(place: int, unknown: str) -> str:
    return f"if({_IS_READ}, pages.read.{place}, {unknown})"


SIDES: dict[str, Side] = {
    "page": Side(
        ((_PAGES, "pages", f"pages.read_key = {PAGE_KEY}"),),
        {
            "page_read": "pages.read_at",
            "page_noindex": f"if({_IS_READ}, toInt8(pages.read.1), -1)",
            "page_canonical": "pages.read.2",
            "page_words": f"if({_IS_READ}, toInt64(pages.read.3), -1)",
            "page_text_share": f"if({_IS_READ}, toInt64(round(100 * pages.read.4)), -1)",
            "page_domains": f"if({_IS_READ}, toInt64(pages.read.5), -1)",
            "page_platform": "pages.read.6",
            "page_generator": "pages.read.7",
            "page_types": "pages.read.8",
            "page_published": "pages.read.9",
            "page_language": "pages.read.10",
            "page_bytes": f"if({_IS_READ} AND pages.read.11 > 0, toInt64(pages.read.11), -1)",
            "page_depth": f"if({_IS_READ}, toInt64(pages.read.12), -1)",
        },
    ),
    "target": Side(
        ((_TARGETS, "targets", "targets.answered_key = shown.target_key"),),
        {"target_status": "toInt64(targets.answer)", "target_redirect": "targets.moved_to"},
    ),
    "redirect": Side(
        ((_REDIRECTS, "redirects", f"redirects.left_key = {PAGE_KEY}"),),
        {
            "redirect_broken": f"""multiIf(NOT ({_LEFT}), '', redirects.met.1 BETWEEN 300 AND 399, 'targetchanged',
                'codechanged')""",
            "redirect_now": f"if({_LEFT}, redirects.met.2, '')",
        },
    ),
    "alike": Side(
        ((_ALIKE, "alike", "alike.alike_as = cityHash64(source_host, target_key, anchor, kind)"),),
        {"alike_pages": "toInt64(alike.n)"},
    ),
    "sights": Side(
        ((_SIGHTS, "sights", "sights.seen_link = shown.link_id"),),
        {
            "copies": "if(sights.listed = 0, -1, toInt64(sights.listed))",
            "previous_sight": "sights.day_before",
        },
    ),
    "visits": Side(
        (
            (_FOUND, "found", "found.found_link = shown.link_id"),
            (_VISITS, "visits", f"visits.visited_key = {PAGE_KEY}"),
        ),
        {
            "is_original": """multiIf(visits.visited_key = '' OR found.found_at <= toDateTime(0, 'UTC'), -1,
                toInt8(found.found_at <= visits.visited_at))""",
        },
    ),
    "platform": Side(
        ((platforms.OF_HOSTS.replace("COUNTED", COUNTED), "made", platforms.SAME_HOST),), platforms.COLUMNS
    ),
    "network": Side((networks.OF_LINKS,), networks.LINK_COLUMNS),
    "networks": Side((networks.OF_DOMAINS,), networks.DOMAIN_COLUMNS),
}
_OF_LINK = (
    (_MARKED, "link_marks", "link_marks.marked = toString(shown.link_id)"),
    (_MARKED, "domain_marks", "domain_marks.marked = shown.source_domain"),
)
MARK_SIDES = {
    "links": Side(
        _OF_LINK,
        {
            "tags": "arraySort(arrayDistinct(arrayConcat(link_marks.its_tags, domain_marks.its_tags)))",
            "note": "if(link_marks.its_note != '', link_marks.its_note, domain_marks.its_note)",
            "whitelisted": "toInt8(greatest(link_marks.is_vouched, domain_marks.is_vouched))",
        },
    ),
    "domains": Side(
        _OF_LINK[1:],
        {
            "tags": "domain_marks.its_tags",
            "note": "domain_marks.its_note",
            "whitelisted": "toInt8(domain_marks.is_vouched)",
        },
    ),
}
MARKS = "marks"
TOPICS = "topics"
OWN = "own"  # what all rows share: it is the target's


# --- Which sides a query needs --------------------------------------------------------------------------------------
def decided_by(query: LinkQuery) -> frozenset[str]:
    """The sides that decide which rows a query gives, and in which order; a filter of its own needs none."""
    own = {one.name for one in columns(query.report) if one.beside and one.exact}
    texts = {one.name for one in columns(query.report) if one.filter == "text"}
    read = {one.name for one in query.filters if one.op in ("contains", "has")} - WORD_FILTERS.keys()
    read |= {query.sort} | (query.where.names & texts)
    return _sides(query.report, query.deciding - (own - read))


def shown_beside(query: LinkQuery) -> frozenset[str]:
    """The sides of the columns that are shown; marks are put to them by whoever keeps them."""
    return _sides(query.report, query.shown) - {MARKS}


def needs_marks(query: LinkQuery) -> bool:
    """Whether the query must bring marks with it."""
    return MARKS in decided_by(query)


def with_marks_of(query: LinkQuery, names: Set[str]) -> LinkQuery:
    """The query with no marks but those of these links and domains."""
    return replace(query, marks=tuple(one for one in query.marks if one[0] in names)) if query.marks else query


def _sides(report: str, names: Iterable[str]) -> frozenset[str]:
    found = (column(report, name) for name in names)
    return frozenset(one.beside for one in found if one is not None and one.beside)


# --- Statements -----------------------------------------------------------------------------------------------------
def joined(query: LinkQuery, rows: str, sides: Iterable[str], *, few: bool = False, among: str = "") -> Statement:
    """The rows with the columns of these sides; of `few` rows no more is read than they name.

    `among`: rows that hold these and are read with less.
    """
    parameters: dict[str, Any] = {}
    base = among or rows  # a side is read for these: with the sides joined before it, each would double the work
    for name in sorted(sides):
        side = _side(query, name)
        shown = ", ".join(f"{value} AS {title}" for title, value in side.columns.items())
        joins = " ".join(
            f"LEFT ANY JOIN ({_kept_to(statement, base, few=few)}) AS {alias} ON {condition}"
            for statement, alias, condition in side.joins
        )
        rows = f"SELECT shown.*, {shown} FROM ({rows}) AS shown {joins}"
        parameters |= side.bound
    if "{seen:" in rows:
        parameters["seen"] = sorted({0, query.workspace})
    if MARKS in sides:
        chunks = list(_chunks(query.marks))
        parameters |= {f"marks{number}": chunk for number, chunk in enumerate(chunks)}
        bound = ", ".join(f"JSONExtract({{marks{number}:String}}, {_MARK_TYPE})" for number in range(len(chunks)))
        rows = rows.replace("MARKS", f"arrayConcat({bound})")
    return rows, parameters


def _kept_to(statement: str, rows: str, *, few: bool) -> str:
    for mark, condition in _FEW.items():
        statement = statement.replace(mark, condition if few else "")
    return statement.replace("ROWS", rows)


def _side(query: LinkQuery, name: str) -> Side:
    if name == MARKS:
        return MARK_SIDES[query.report]
    if name == OWN:
        value = {"target_authority": "{target_authority:Float64}"}
        return Side((), value, {"target_authority": query.authority})
    if name == TOPICS:
        return Side(*topicside.side(query))
    if name in (pagesides.ANSWER, pagesides.MOVES):
        return Side(*pagesides.side(query, name))
    return Side(*anchorkinds.side(query, name)) if name in (anchorkinds.KINDS, anchorkinds.FACTS) else SIDES[name]


def _chunks(marks: Sequence[MarkRow]) -> Iterator[str]:
    """Marks as JSON, those that say the same together, as many at a time as one field of a request takes."""
    alike: dict[tuple[Any, ...], list[str]] = {}
    for name, *said in marks:
        alike.setdefault(tuple(said), []).append(name)
    groups = ([names, *said] for said, marked in alike.items() for names in fitting(marked, written))
    made = [f"[{','.join(portion)}]" for portion in fitting(map(json.dumps, groups), len)]
    yield from made or ["[]"]


def derived(query: LinkQuery, sides: Iterable[str]) -> str:
    """“, expression AS name” of the derived columns that are shown and need no more than these sides."""
    held = {"", *sides}
    wanted = [one for one in columns(query.report) if one.is_derived and one.name in query.shown and one.beside in held]
    return "".join(f", {one.where} AS {one.name}" for one in wanted)


def add_to(query: LinkQuery, scope: Statement, rows: Sequence[dict[str, Any]]) -> None:
    """Put to the rows of one page what their shown columns need and the read did not bring."""
    sides = shown_beside(query) - decided_by(query)
    if not sides or not rows:
        return
    key, of_rows = OF_ROWS[query.report]
    base, asked = of_rows(scope, rows)
    statement, bound = joined(query, base, sides, few=True)
    names = [one.name for one in _own_columns(query, sides)]
    shown = "".join(f", {_expression(one)}" for one in _own_columns(query, sides))
    found = kept.read(f"SELECT {key}{shown} FROM ({statement})", asked | bound, epoch=query.epoch)
    values = {one[key]: one for one in found}
    for row in rows:
        row.update({name: values[row[key]][name] for name in names})


def _of_links(scope: Statement, rows: Sequence[dict[str, Any]]) -> Statement:
    where, parameters = scope
    asked = {"of_domains": sorted({one["source_domain"] for one in rows}), "of_links": [one["link_id"] for one in rows]}
    return (
        f"""SELECT * FROM links WHERE {where} AND source_domain IN {{of_domains:Array(String)}}
        AND link_id IN {{of_links:Array(UInt64)}}""",
        parameters | asked,
    )


def _of_anchors(scope: Statement, rows: Sequence[dict[str, Any]]) -> Statement:
    keys = [one["anchor_key"] for one in rows]
    return "SELECT arrayJoin({of_anchors:Array(UInt64)}) AS anchor_key", scope[1] | {"of_anchors": keys}


def _of_domains(scope: Statement, rows: Sequence[dict[str, Any]]) -> Statement:
    names = [one["source_domain"] for one in rows]
    return "SELECT arrayJoin({of_domains:Array(String)}) AS source_domain", scope[1] | {"of_domains": names}


def _of_ips(scope: Statement, rows: Sequence[dict[str, Any]]) -> Statement:
    return "SELECT arrayJoin({of_ips:Array(String)}) AS ip", scope[1] | {"of_ips": [one["ip"] for one in rows]}


def _of_pages(scope: Statement, rows: Sequence[dict[str, Any]]) -> Statement:
    keys = [one["target_key"] for one in rows]
    return "SELECT arrayJoin({of_pages:Array(String)}) AS target_key", scope[1] | {"of_pages": keys}


# Report -> the column that tells its rows apart, and what makes the rows of a page anew.
OF_ROWS = {
    "links": ("link_id", _of_links),
    "domains": ("source_domain", _of_domains),
    "anchors": ("anchor_key", _of_anchors),
    "pages": ("target_key", _of_pages),
    "ips": ("ip", _of_ips),
}


def _own_columns(query: LinkQuery, sides: Iterable[str]) -> list[Column]:
    return [one for one in columns(query.report) if one.beside in sides and one.name in query.shown]


def _expression(one: Column) -> str:
    return f"{one.where} AS {one.name}" if one.where else one.name
