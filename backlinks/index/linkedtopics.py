"""What all referring domains of a target are about, and what the domains are about that these link to elsewhere.

Decided: a domain that is linked to has the topic that was judged of it as a referring domain of any profile; one that
never was is judged here by the anchors that most domains use for it and by the words of its name. One without either
counts nowhere: a share is of those whose topic is known, and their number goes with it. The target of the profile is
left out, since all of them link to it. What a site links to is public, so that every profile of the workspace is read.
Refused: the open graph's edges, which lie in the order of their targets and have no anchors.
"""

from collections.abc import Collection
from typing import Any

import pyarrow as pa

from . import engine, sql
from .query import LinkQuery
from .sight import Sight, newest
from .topicjudge import ANCHOR, NAME, NAME_NUMBERS, judged_sql, with_hits
from .topicside import topics_of_domains
from .topicwords import WORD_SETTINGS, named, numbers_of, ready_words

ANCHORS = 20  # of a domain that are read

_TOPICS = """SELECT source_domain, arrayMap(one -> one.2, arraySort(groupArray((-weight, topic)))) AS topics
FROM (<topics>) GROUP BY source_domain"""
_PROFILES = newest("SELECT target_domain FROM generations WHERE workspace IN {scope:Array(UInt32)}")
_OUTBOUND = f"""FROM outbound
    WHERE workspace IN {{scope:Array(UInt32)}} AND source_domain IN (SELECT source_domain FROM (<edges>))
        AND target_domain != {{target_domain:String}} AND target_domain != source_domain AND {_PROFILES}"""
_LINKED = f"SELECT DISTINCT source_domain, target_domain {_OUTBOUND}"
_TARGETS = f"SELECT DISTINCT target_domain {_OUTBOUND}"
_SAID = f"""SELECT cityHash64(target_domain) AS domain, anchor AS said, cityHash64(anchor) AS address FROM anchors
    WHERE target_domain IN ({_TARGETS}) AND anchor != '' AND {_PROFILES}
    ORDER BY domains DESC, anchor LIMIT {ANCHORS} BY target_domain"""
_NAMES = f"SELECT cityHash64(target_domain) AS domain, target_domain AS source_domain FROM ({_TARGETS})"
_TEXTS = " UNION ALL ".join(
    (
        with_hits("domain", ANCHOR, "cityHash64(said)", "address", numbers_of("said"), _SAID),
        with_hits("domain", NAME, "toUInt64(0)", "toUInt64(0)", NAME_NUMBERS, _NAMES),
    )
)
_RUNS = """SELECT workspace, target_domain, max(run) FROM topic_runs WHERE workspace IN {scope:Array(UInt32)}
    GROUP BY workspace, target_domain"""
_KNOWN = f"""SELECT cityHash64(source_domain) AS who, toString(topic) AS topic, (1, weight * evidence) AS says
    FROM topics WHERE source_domain IN ({_TARGETS}) AND (workspace, target_domain, run) IN ({_RUNS})"""
_JUDGED = f"""SELECT who, {named("topic", "topic_names")} AS topic, (0, weight * evidence) AS says
    FROM ({judged_sql(_TEXTS)})"""
NEIGHBOURS_SQL = f"""SELECT source_domain, count() AS domains,
    countIf(has({{levels:Array(String)}}, splitByChar('/', topic)[1])) AS named
FROM ({_LINKED}) AS linked INNER JOIN (
    SELECT who, argMax(topic, (says, topic)) AS topic FROM ({_KNOWN} UNION ALL {_JUDGED}) GROUP BY who
) AS about ON cityHash64(linked.target_domain) = about.who GROUP BY source_domain"""


def referring_topics(query: LinkQuery) -> pa.Table:
    """source_domain, topics (the weightiest first) of those referring domains of a pinned query that have any; what
    people chose goes before what was judged."""
    rows, bound = topics_of_domains(query)
    asked = {"owner": query.owner, "target_domain": query.target.domain} | bound
    return engine.arrow(_TOPICS.replace("<topics>", rows), asked)


def neighbours(query: LinkQuery, levels: Collection[str]) -> dict[str, tuple[int, int]]:
    """Referring domain -> (domains that it links to whose topic is known, those of them about these first levels)."""
    edges, bound = sql.edges(query)
    asked: dict[str, Any] = bound | Sight(query.workspace).parameters | ready_words()
    asked |= {"target_domain": query.target.domain, "levels": sorted(levels)}
    patient = WORD_SETTINGS | engine.EXPORT_SETTINGS  # an audit waits for it, no page does
    rows = engine.read(NEIGHBOURS_SQL.replace("<edges>", edges), asked, **patient)
    return {row["source_domain"]: (row["domains"], row["named"]) for row in rows}
