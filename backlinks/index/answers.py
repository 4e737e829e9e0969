"""How the pages of a target answer: by the newest look of our checks and of crawls of the site, redirects followed.

Decided: an answer counts from whoever looked last. A page that did not answer at all, and one that refused (401, 403,
429 ...: maybe us alone), says nothing, so what was known before stands. A redirect inside the site is followed as far
as the crawl knows it, three hops; one that leads to an error is as broken as the error. A page is broken since its
first error after its last good answer. Refused: asking pages now, while a report is read.
"""

from typing import Any

from .keys import KEY
from .query import LinkQuery

# The answers that say nothing of a page, as the verdict of a check has them.
SAYS_NOTHING = (401, 402, 403, 405, 406, 407, 408, 409, 412, 418, 421, 423, 425, 426, 428, 429, 451)
_OF_SITE = """workspace = {workspace:UInt32} AND target_domain = {target_domain:String}
        AND batch IN (SELECT batch FROM batches WHERE workspace = {workspace:UInt32}
            GROUP BY batch HAVING argMax(state, version) = 'complete')"""
LOOKS = f"""SELECT target_key AS page_key, checked_at AS at, target_status AS status,
        if(target_final = '' OR {KEY.format("target_final")} = target_key, '', target_final) AS leads_to, '' AS title,
        toInt64(-1) AS inside, toInt64(-1) AS outside, toUInt8(0) AS noindex, target_url AS page_url
    FROM checks WHERE {_OF_SITE} AND target_status > 0 AND target_status NOT BETWEEN 300 AND 399
        AND target_status NOT IN {SAYS_NOTHING}
    UNION ALL
    SELECT page_key, fetched_at, http_status,
        if(redirect_url = '' OR {KEY.format("redirect_url")} = page_key, '', redirect_url), title,
        if(http_status BETWEEN 200 AND 299, toInt64(int_links), -1),
        if(http_status BETWEEN 200 AND 299, toInt64(ext_links), -1), noindex, page_url
    FROM crawled_pages WHERE {_OF_SITE} AND http_status > 0 AND http_status != 304
        AND http_status NOT IN {SAYS_NOTHING}"""
_NEWEST = f"""SELECT page_key, any(page_url) AS page_url, argMax(status, at) AS status,
        argMax(leads_to, at) AS leads_to, max(at) AS looked_at, argMaxIf(title, at, title != '') AS title,
        argMaxIf(inside, at, inside >= 0) AS n_inside, argMaxIf(outside, at, inside >= 0) AS n_outside,
        max(inside) >= 0 AS is_crawled, maxIf(toUInt32(at), status < 400) AS good_at,
        groupArrayIf(toUInt32(at), status >= 400) AS errors
    FROM ({LOOKS}) WHERE KEYS GROUP BY page_key"""
_ALL = _NEWEST.replace("KEYS", "1")
# What redirects of the site lead to.
_NEXT = _NEWEST.replace(
    "KEYS",
    f"""page_key IN (SELECT {KEY.format("redirect_url")} FROM crawled_pages
        WHERE {_OF_SITE} AND redirect_url != '')""",
)
_SINCE = "toDateTime(arrayMin(arrayFilter(at -> at > {0}.good_at, {0}.errors)), 'UTC')"
_MOVES = "{0}.status BETWEEN 300 AND 399"
# `status` is what the redirects end with, 0 where nobody knows; `final_url` where they end; `hops` how many are known.
ANSWERS = f"""SELECT first.page_key AS page_key, first.page_url AS page_url, first.title AS title,
    if(first.is_crawled, first.n_inside, -1) AS inside, if(first.is_crawled, first.n_outside, -1) AS outside,
    first.looked_at AS looked_at, first.status AS first_status,
    multiIf(NOT {_MOVES.format("first")}, first.status, NOT {_MOVES.format("second")}, second.status,
        {_MOVES.format("third")}, 0, third.status) AS status,
    multiIf(NOT {_MOVES.format("first")}, {_SINCE.format("first")}, NOT {_MOVES.format("second")},
        {_SINCE.format("second")}, {_SINCE.format("third")}) AS since,
    multiIf(NOT {_MOVES.format("first")} OR second.leads_to = '', first.leads_to, NOT {_MOVES.format("second")}
        OR third.leads_to = '', second.leads_to, third.leads_to) AS final_url,
    toUInt8(first.leads_to != '') + toUInt8({_MOVES.format("first")} AND second.leads_to != '')
        + toUInt8({_MOVES.format("first")} AND {_MOVES.format("second")} AND third.leads_to != '') AS hops
FROM ({_ALL}) AS first
LEFT ANY JOIN ({_NEXT}) AS second ON second.page_key = {KEY.format("first.leads_to")}
LEFT ANY JOIN ({_NEXT}) AS third ON third.page_key = {KEY.format("second.leads_to")}"""


def answers(keys: str = "") -> str:
    """SQL: the answers of all pages of the site that anybody asked, or of those that the SQL `keys` names."""
    if not keys:
        return ANSWERS
    return ANSWERS.replace(_ALL, _NEWEST.replace("KEYS", f"page_key IN ({keys})"))


def answer_parameters(query: LinkQuery) -> dict[str, Any]:
    return {"workspace": query.workspace, "target_domain": query.target.domain}
