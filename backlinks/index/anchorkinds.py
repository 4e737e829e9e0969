"""What stands beside an anchor and is joined to it at read: its class, what is new and lost, who links with it.

Decided: new and lost count from today, so they are never settled. A domain is gained in the month of its first link
with the anchor. Links learn the class of their anchor from it.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from .anchorwords import ANCHOR_KEY, IS_IMAGE, KEY_OF_LINK, LANGUAGE, OF_TARGET, SCOPE
from .query import LinkQuery
from .scope import scope
from .terms import class_parameters, classed

RECENT_DAYS = 30
TREND_MONTHS = 12
KINDS, FACTS = "kinds", "facts"  # the sides

_KEYS = {"anchors": "SELECT anchor_key FROM (ROWS)", "links": f"SELECT {KEY_OF_LINK} FROM (ROWS)"}
_OWN_KEY = {"anchors": "shown.anchor_key", "links": f"cityHash64(shown.anchor, shown.anchor_known, {IS_IMAGE})"}
_AGES = ", ".join(f"countIf(age = {age})" for age in reversed(range(TREND_MONTHS)))
_SCORES = f"""SELECT cityHash64(domain) AS scored, argMax(score, workspace) AS score FROM authority
    WHERE (workspace, run, version) IN {{scores:Array(Tuple(UInt32, UInt64, String))}}
        AND domain IN (SELECT source_domain FROM edges WHERE {SCOPE}) GROUP BY scored"""
_BY_DOMAIN = f"""SELECT {KEY_OF_LINK} AS fact_key, cityHash64(source_domain) AS linking,
        countIf(toDate(first_seen) >= {{recent:Date}}) AS fresh,
        countIf(state = 'lost' AND toDate(lost_at) >= {{recent:Date}}) AS gone,
        groupUniqArrayIf({LANGUAGE}, language != '') AS spoken,
        dateDiff('month', toStartOfMonth(minIf(first_seen, first_seen > toDateTime(0, 'UTC'))),
            toStartOfMonth({{today:Date}})) AS age
    FROM links WHERE LINKS AND {KEY_OF_LINK} IN ({_KEYS["anchors"]}) GROUP BY fact_key, linking"""
_FACTS = f"""SELECT fact_key, sum(fresh) AS n_fresh, sum(gone) AS n_gone, BEST AS best,
        arraySort(groupUniqArrayArray(spoken)) AS all_spoken, [{_AGES}] AS gained
    FROM ({_BY_DOMAIN}) AS domains SCORED GROUP BY fact_key"""
Join = tuple[str, str, str]


def side(query: LinkQuery, name: str) -> tuple[tuple[Join, ...], Mapping[str, str], dict[str, Any]]:
    """(joins, columns, parameters) of a side of anchors or of the anchors of links."""
    if name == FACTS:
        where, bound = scope(query)
        join = (_facts(query, where), "facts", f"facts.fact_key = {_OWN_KEY['anchors']}")
        return (join,), _FACT_COLUMNS, bound | fact_parameters(query)
    narrowed = f"{OF_TARGET} AND {ANCHOR_KEY} IN ({_KEYS[query.report]})"
    kinds = f"SELECT kind_key, words, anchor_class FROM ({classed(narrowed)})"
    join = (kinds, "kinds", f"kinds.kind_key = {_OWN_KEY[query.report]}")
    title = "words" if query.report == "anchors" else "anchor_words"
    return (join,), {"anchor_class": "kinds.anchor_class", title: "kinds.words"}, kind_parameters(query)


_FACT_COLUMNS = {
    "new_links": "toInt64(facts.n_fresh)",
    "lost_links": "toInt64(facts.n_gone)",
    "authority": "facts.best",
    "languages": "facts.all_spoken",
    "trend": "facts.gained",
}


def _facts(query: LinkQuery, where: str) -> str:
    best = "if(countIf(scores.scored != 0) = 0, -1, maxIf(scores.score, scores.scored != 0))"
    scored = f"LEFT ANY JOIN ({_SCORES}) AS scores ON scores.scored = domains.linking"
    made = _FACTS.replace("SCORED", scored if query.scores else "")
    return made.replace("BEST", best if query.scores else "toFloat64(-1)").replace("LINKS", where)


def recent_since(today: date | None = None) -> date:
    """The first of the days that are recent."""
    return (today or datetime.now(UTC).date()) - timedelta(days=RECENT_DAYS)


def fact_parameters(query: LinkQuery) -> dict[str, Any]:
    today = datetime.now(UTC).date()
    scores = {"scores": list(query.scores)} if query.scores else {}
    return scores | {"recent": recent_since(today), "today": today}


def kind_parameters(query: LinkQuery) -> dict[str, Any]:
    """What the class of an anchor is bound to."""
    return class_parameters(query.terms, query.target.domain)
