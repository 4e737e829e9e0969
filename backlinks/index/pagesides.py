"""What stands beside a linked page and is joined to it at read: how it answers, and what it gained and lost.

Decided: the answer is the newest that our checks or a crawl of the site had (`answers.py`). New and lost count in the
days that the query names (`LinkQuery.span`), so they are never settled: they are read for the pages that are shown, for
all only where somebody sorts or filters by them. A domain is gained with its first link to the page, and lost when its
last one is. Growth is the difference.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from .answers import answer_parameters, answers
from .query import LinkQuery
from .scope import scope

USUAL_DAYS = 90
ANSWER, MOVES = "answer", "moves"  # the sides
_NEVER = "toDateTime(0, 'UTC')"
_DAYS = "BETWEEN {since:Date} AND {until:Date}"
_GONE = f"if(lost_at > {_NEVER}, lost_at, last_seen)"
_OF_DOMAIN = f"""SELECT target_key AS moved_key, countIf(toDate(first_seen) {_DAYS}) AS fresh,
        countIf(state = 'lost' AND toDate(lost_at) {_DAYS}) AS gone,
        toDate(minIf(first_seen, first_seen > {_NEVER})) {_DAYS} AS came,
        countIf(state = 'lost') = count() AND toDate(max({_GONE})) {_DAYS} AS left_off
    FROM links WHERE LINKS AND target_key IN (SELECT target_key FROM (ROWS))
    GROUP BY target_key, cityHash64(source_domain)"""
_MOVES = f"""SELECT moved_key, sum(fresh) AS n_fresh, sum(gone) AS n_gone, countIf(came) AS n_came,
        countIf(left_off) AS n_left FROM ({_OF_DOMAIN}) GROUP BY moved_key"""
_MOVE_COLUMNS = {
    "new_links": "toInt64(moves.n_fresh)",
    "lost_links": "toInt64(moves.n_gone)",
    "new_domains": "toInt64(moves.n_came)",
    "lost_domains": "toInt64(moves.n_left)",
    "growth": "toInt64(moves.n_came) - toInt64(moves.n_left)",
}
_LOOKED = "answer.page_key != ''"
_ANSWER_COLUMNS = {
    "status": "toInt64(answer.status)",
    "answer_class": f"""multiIf(NOT {_LOOKED} OR answer.first_status = 0, 'not known', answer.final_url != ''
        AND answer.status < 400, '3xx', answer.status = 0, 'not known',
        concat(toString(intDiv(answer.status, 100)), 'xx'))""",
    "page_title": "answer.title",
    "leads_to": "answer.final_url",
    "inside_links": f"if({_LOOKED}, answer.inside, -1)",
    "outside_links": f"if({_LOOKED}, answer.outside, -1)",
    "looked_at": "answer.looked_at",
}
Join = tuple[str, str, str]


def side(query: LinkQuery, name: str) -> tuple[tuple[Join, ...], Mapping[str, str], dict[str, Any]]:
    """(joins, columns, parameters) of a side of linked pages."""
    if name == ANSWER:
        asked = answers("SELECT target_key FROM (ROWS)")
        join = (asked, "answer", "answer.page_key = shown.target_key")
        return (join,), _ANSWER_COLUMNS, answer_parameters(query)
    where, bound = scope(query)
    join = (_MOVES.replace("LINKS", where), "moves", "moves.moved_key = shown.target_key")
    return (join,), _MOVE_COLUMNS, bound | _days(query)


def _days(query: LinkQuery) -> dict[str, Any]:
    today = datetime.now(UTC).date()
    since, until = query.span or (today - timedelta(days=USUAL_DAYS), today)
    return {"since": since, "until": until}
