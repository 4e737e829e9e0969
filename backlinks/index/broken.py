"""Linked pages of a target that answer with an error, where their redirects lead, and pages that could stand in.

Decided: grouped by target page, because a page is mended once, however many links lead to it. What could stand in for a
page is any page of what is read that is known to answer well, by our crawl or checks; where nobody has looked, the
linked pages that are not known to be broken. Of a host or a folder no page outside of it is offered: it may be another
client's. Which of them is alike is decided outside of the index (`backlinks.redirects`).
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from seoapp.lib.listquery import Field

from . import engine, kept, sql
from .answers import LOOKS, answer_parameters, answers
from .listed import Listed
from .pins import pin
from .portions import bound_array
from .query import LinkQuery
from .scope import SCOPE, pages_within

VERDICTS = ("home", "chain", "redirect")
CANDIDATES = 2_000
MOST_WORDS = 250  # that the index looks for at once
WORDS_OF = 12  # anchors of a page that say what it was about
_COUNTS = (
    Field("live", "Live links", "int", "number"),
    Field("links", "Links", "int", "number"),
    Field("domains", "Referring domains", "int", "number"),
    Field("follow", "Follow", "int", "number", default=False),
)
BROKEN = (
    Field("target_url", "Broken page", "url", "text"),
    Field("status", "Answers", "int", "number", help="What it answered when it was last looked at."),
    Field("since", "Since", "date", "date", help="The first error after the last good answer."),
    *_COUNTS,
    Field("best", "Best authority", "score", sortable=False, help="The highest Authority Score that links here."),
    Field("suggested", "Could lead to", "url", sortable=False),
    Field("likeness", "Alike", "int", sortable=False, help="0 to 100, by the formula above."),
    Field("why", "Because", "list", sortable=False),
    Field("looked_at", "Last looked", "date", "date", default=False),
    Field("final_url", "Redirects to", "url", "text", default=False),
    Field("first_seen", "First linked", "date", "date", default=False),
    Field("last_seen", "Last linked", "date", "date", default=False),
)
REDIRECTS = (
    Field("target_url", "Linked page", "url", "text"),
    Field("final_url", "Leads to", "url", "text"),
    Field("verdict", "What it is", "text", "choice", VERDICTS, help="To the home page, through others, or plain."),
    Field("hops", "Redirects", "int", "number", help="As many as our looks know."),
    Field("status", "Ends with", "int", "number", known="status > 0"),
    *_COUNTS,
    Field("looked_at", "Last looked", "date", "date", default=False),
)


def page_rows(query: LinkQuery, where: str) -> str:
    """SQL: linked pages with their counts, settled for a whole domain."""
    if query.target.scope == "root":
        return f"SELECT * EXCEPT (target_domain, workspace, generation) FROM pages WHERE {where}"
    return sql.GROUPED["pages"].format(where=where)


def broken_pages(query: LinkQuery) -> Listed:
    """Linked pages that end with an error."""
    pinned = pin(query)
    rows = _joined(pinned, "toDate(since) AS since, final_url", "status >= 400")
    return Listed(rows, BROKEN, _TIE, pinned.epoch)


def redirected_pages(query: LinkQuery) -> Listed:
    """Linked pages that redirect without ending in an error."""
    verdict = """multiIf(path(final_url) IN ('', '/') AND queryString(final_url) = ''
        AND splitByChar('/', target_key, 2)[2] != '', 'home', hops > 1, 'chain', 'redirect') AS verdict,
    final_url, hops"""
    pinned = pin(query)
    return Listed(_joined(pinned, verdict, "final_url != '' AND status < 400"), REDIRECTS, _TIE, pinned.epoch)


_TIE = "domains DESC, links DESC, target_key"


def _joined(pinned: LinkQuery, columns: str, condition: str) -> sql.Statement:
    where, parameters = sql.scope(pinned)
    return (
        f"""SELECT linked.target_key AS target_key, linked.target_url AS target_url, links, domains, live, lost,
    unknown, follow, toDate(linked.first_seen) AS first_seen, toDate(linked.last_seen) AS last_seen, status,
    toDate(looked_at) AS looked_at, {columns}
FROM ({page_rows(pinned, where)}) AS linked
INNER JOIN (SELECT * FROM ({answers()}) WHERE {condition}) AS answered ON answered.page_key = linked.target_key""",
        parameters | answer_parameters(pinned),
    )


def has_answers(query: LinkQuery) -> bool:
    """Whether anybody has ever looked at a page of the site."""
    looked = f"SELECT 1 AS found FROM ({LOOKS}) LIMIT 1"
    return bool(kept.read(looked, answer_parameters(query), epoch=query.epoch))


def about_pages(query: LinkQuery, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Of linked pages: `best` authority that links there (-1: none), and the commonest `anchors`."""
    pinned = pin(query)
    where, parameters = sql.scope(pinned)
    asked, bound = bound_array("keys", keys)
    score = "toFloat64(-1)"
    joined = ""
    if pinned.scores:
        score = "if(scored.domain = '', toFloat64(-1), scored.score)"
        joined = f"""LEFT ANY JOIN (SELECT domain, argMax(score, workspace) AS score FROM authority
            WHERE (workspace, run, version) IN {{scores:Array(Tuple(UInt32, UInt64, String))}}
                AND domain IN (SELECT source_domain FROM links WHERE {where} AND target_key IN {asked})
            GROUP BY domain) AS scored ON scored.domain = named.source_domain"""
        parameters["scores"] = list(pinned.scores)
    rows = engine.read(
        f"""SELECT target_key, max({score}) AS best, topK({WORDS_OF})(anchor) AS anchors
        FROM (SELECT target_key, source_domain, anchor FROM links
            WHERE {where} AND target_key IN {asked}) AS named {joined}
        GROUP BY target_key""",
        parameters | bound,
    )
    return {row["target_key"]: row for row in rows}


# Pages whose newest answer is good, and pages that are linked and that nobody has asked.
_GOOD = f"""SELECT page_key, any(page_url) AS page_url, argMaxIf(title, at, title != '') AS title
    FROM ({LOOKS}) WHERE WITHIN AND ALIKE GROUP BY page_key
    HAVING argMax(status, at) BETWEEN 200 AND 299 AND argMax(leads_to, at) = '' AND argMax(noindex, at) = 0"""
_UNASKED = f"""SELECT target_key AS page_key, target_url AS page_url, '' AS title FROM pages
    WHERE {SCOPE} AND WITHIN AND target_key NOT IN (SELECT page_key FROM ({LOOKS}))"""
_ALIKE = "(multiSearchAny(lower(page_url), {words:Array(String)}) OR page_key IN ABOVE)"
_NEAREST = f"""SELECT page_key, page_url, title FROM (PAGES) ORDER BY page_key IN ABOVE DESC,
    arrayCount(place -> place > 0, multiSearchAllPositions(lower(page_url), {{words:Array(String)}})) DESC, page_key
    LIMIT {CANDIDATES}"""
FEW = 50


def stand_ins(query: LinkQuery, words: Sequence[str], above: Sequence[str]) -> list[dict[str, Any]]:
    """Pages of what is read that answer well (page_key, page_url, title): the folders above first, then those whose URL
    has most of these words; any page where few have one of them."""
    pinned = pin(query)
    needles = [quote(one).lower() for one in sorted(words, key=len, reverse=True)[:MOST_WORDS]] or ["/"]
    within, part = pages_within(pinned)
    folders, carried = bound_array("above", above)
    bound = answer_parameters(pinned) | part | carried | {"words": needles}
    nearest, alike = _NEAREST.replace("ABOVE", folders), _ALIKE.replace("ABOVE", folders)
    good = nearest.replace("PAGES", _GOOD).replace("WITHIN", within)
    found = engine.read(good.replace("ALIKE", alike), bound)
    if len(found) < FEW:
        found = engine.read(good.replace("ALIKE", "1"), bound)
    if found:
        return found
    owner = {"owner": pinned.owner, "generation": pinned.generation}
    return engine.read(nearest.replace("PAGES", _UNASKED).replace("WITHIN", within), bound | owner)
