"""Topics at read: of the referring domains of a target, of single domains, and of the target itself.

Decided: what people of a workspace chose stands in the ORM and comes with a query as bound values; it takes the place
of what was judged at read, so that it holds everywhere at once and can be taken back. A chosen topic weighs the same as
the others that were chosen with it. Shares are of all referring domains, also of those that nothing is known of: the
parts add up to the whole. A domain that links shares its weight among its topics; a count of domains counts it whole.
Refused: choices in the index, because they are decisions; shares of the judged domains alone, because they hide how
little is known.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp
from typing import Any

from backlinks.topics.taxonomy import NONE, group_of

from . import engine, kept, sql
from .linkcolumns import PAGE_KEY
from .neighbours import last_topic_run
from .pins import pin
from .portions import portions
from .query import LinkQuery
from .topicjudge import own_topics_sql
from .topicside import OF_RUN, topics_of_domains
from .topicwords import ready_words

SURE_AT = 4.0  # evidence at which the confidence in a target's topics is 63 %


@dataclass(frozen=True, slots=True)
class Judged:
    """A topic of a domain: its share of the domain's evidence, and the words that speak for it."""

    topic: str
    weight: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TopicShare:
    """How much of the referring domains has a topic. A whole first level ends in a slash; "none" is no topic known.

    `domains` and `links` have it among others; shares (0-1) are by weight, of domains, of links and of authority.
    """

    topic: str
    domains: int
    links: int
    by_domains: float
    by_links: float
    by_authority: float


# --- Shares ---------------------------------------------------------------------------------------------------------
# Each referring domain by a 64-bit hash, with what it has: links, score, topics and the first levels of these.
_PER_DOMAIN = """SELECT name, max(its_links) AS links,
        if(countIf(is_score) = 0, 0, argMaxIf(score, owned, is_score)) AS score,
        groupArrayIf((topic, weight), is_topic) AS special,
        if(empty(special), [('none', toFloat64(1))], arrayConcat(special, arrayMap(
            level -> (concat(level, '/'), arraySum(one -> one.2,
                arrayFilter(one -> splitByChar('/', one.1)[1] = level, special))),
            arrayDistinct(arrayMap(one -> splitByChar('/', one.1)[1], special))))) AS found
    FROM (
        SELECT cityHash64(source_domain) AS name, toUInt64(links) AS its_links, true AS is_row, toUInt32(0) AS owned,
            toFloat64(0) AS score, false AS is_score, '' AS topic, toFloat64(0) AS weight, false AS is_topic FROM (ROWS)
        UNION ALL SELECT cityHash64(source_domain), toUInt64(0), false, toUInt32(0), toFloat64(0), false,
            toString(topic), weight, true FROM (TOPICS)
        SCORES
    ) GROUP BY name HAVING max(is_row)"""
_SCORES = """UNION ALL SELECT cityHash64(domain), toUInt64(0), false, workspace, toFloat64(score), true, '',
            toFloat64(0), false
        FROM authority WHERE (workspace, run, version) IN {scores:Array(Tuple(UInt32, UInt64, String))}
            AND domain IN (SELECT source_domain FROM (ROWS))"""
_SHARES = """SELECT one.1 AS topic, count() AS domains, sum(links) AS n_links, sum(one.2) AS by_domains,
        sum(links * one.2) AS by_links, sum(score * one.2) AS by_authority
    FROM (PER_DOMAIN) ARRAY JOIN found AS one GROUP BY topic"""


def topic_shares(query: LinkQuery) -> list[TopicShare]:
    """Every topic that referring domains have, its first levels and "none", most domains first."""
    pinned = pin(query)
    rows, parameters = sql.edges(pinned)
    judged, bound = topics_of_domains(pinned)
    scores = _SCORES if pinned.scores else ""
    statement = _SHARES.replace("PER_DOMAIN", _PER_DOMAIN).replace("SCORES", scores)
    statement = statement.replace("ROWS", rows).replace("TOPICS", judged)
    asked = parameters | bound | ({"scores": list(pinned.scores)} if pinned.scores else {})
    found = kept.read(statement, _whole(pinned) | asked, epoch=pinned.epoch, beside=last_topic_run(query.workspace))
    whole = [row for row in found if row["topic"] == NONE or row["topic"].endswith("/")]
    sums = {name: sum(row[name] for row in whole) or 1 for name in ("by_domains", "by_links", "by_authority")}
    made = [
        TopicShare(row["topic"], row["domains"], row["n_links"], *(row[name] / sums[name] for name in sums))
        for row in found
    ]
    return sorted(made, key=lambda one: (-one.domains, one.topic))


def _whole(pinned: LinkQuery) -> dict[str, Any]:
    return {"owner": pinned.owner, "target_domain": pinned.target.domain}


def relevant_share(query: LinkQuery, topics: Iterable[str]) -> tuple[int, int]:
    """(referring domains with a topic of one of these first levels, referring domains with any topic)."""
    pinned = pin(query)
    rows, parameters = sql.edges(pinned)
    judged, bound = topics_of_domains(pinned)
    levels = sorted({group_of(topic) for topic in topics})
    (found,) = kept.read(
        f"""SELECT uniqExactIf(cityHash64(source_domain), has({{levels:Array(String)}}, splitByChar('/', topic)[1]))
            AS alike, uniqExact(cityHash64(source_domain)) AS known
        FROM ({judged}) WHERE source_domain IN (SELECT source_domain FROM ({rows}))""",
        _whole(pinned) | parameters | bound | {"levels": levels},
        epoch=pinned.epoch,
        beside=last_topic_run(query.workspace),
    )
    return found["alike"], found["known"]


def judged_topics(query: LinkQuery, domain: str) -> tuple[list[Judged], float]:
    """What was judged of one referring domain, strongest first, and its evidence; nothing chosen is in it."""
    pinned = pin(query)
    rows = engine.read(
        f"""SELECT topic, weight, evidence, words FROM topics WHERE {OF_RUN} AND source_domain = {{domain:String}}
        ORDER BY weight DESC, topic""",
        _whole(pinned) | {"domain": domain},
    )
    return [Judged(row["topic"], row["weight"], tuple(row["words"])) for row in rows], max(
        (row["evidence"] for row in rows), default=0.0
    )


def is_judged(query: LinkQuery) -> bool:
    """Whether the topics of the profile's newest generation were judged."""
    pinned = pin(query)
    rows = kept.once(
        """SELECT argMax(generation, run) AS judged FROM topic_runs
        WHERE workspace = {owner:UInt32} AND target_domain = {target_domain:String} HAVING count() > 0""",
        _whole(pinned),
    )
    return bool(rows) and rows[0]["judged"] == pinned.generation


def refers(query: LinkQuery, domain: str) -> bool:
    """Whether this domain is a referring domain of the target."""
    rows, parameters = sql.edges(pin(query))
    found = kept.read(
        f"SELECT 1 FROM ({rows}) WHERE source_domain = {{asked_domain:String}} LIMIT 1",
        parameters | {"asked_domain": domain},
    )
    return bool(found)


def linking_pages(query: LinkQuery, domain: str, keys: Iterable[str]) -> set[str]:
    """Those of these pages of a domain, by key, that link to the target."""
    where, parameters = sql.scope(pin(query))
    found: set[str] = set()
    for portion in portions(keys):
        rows = engine.read(
            f"""SELECT DISTINCT {PAGE_KEY} AS page FROM links
            WHERE {where} AND source_domain = {{asked_domain:String}}
                AND {PAGE_KEY} IN {{asked_pages:Array(String)}}""",
            parameters | {"asked_domain": domain, "asked_pages": portion},
        )
        found.update(row["page"] for row in rows)
    return found


# --- The target itself ----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class OwnTopics:
    """What a target is about. `confidence` (0-1) grows with the evidence: 1 - e^(-evidence / 4); 1 where chosen."""

    topics: tuple[Judged, ...]
    confidence: float
    is_chosen: bool = False


def topics_of(query: LinkQuery) -> OwnTopics:
    """A target's own topics: what people chose, else by titles of its crawled pages and anchors of links to it."""
    picked = next((topics for domain, page, topics in query.chosen if domain == query.target.domain and not page), None)
    if picked is not None:
        return OwnTopics(tuple(Judged(topic, 1 / len(picked)) for topic in picked), 1.0, is_chosen=True)
    return judged_of_target(query)


def judged_of_target(query: LinkQuery) -> OwnTopics:
    """What titles and anchors say of a target, whatever people chose."""
    pinned = pin(query)
    where, parameters = sql.scope(pinned)
    bound = {"seen": sorted({0, query.workspace}), "target_domain": query.target.domain} | ready_words()
    statement = own_topics_sql(where, _part(query), settled=query.target.scope == "root")
    rows = kept.read(statement, parameters | bound, epoch=pinned.epoch, beside="words")
    evidence = max((row["evidence"] for row in rows), default=0.0)
    judged = [Judged(row["topic"], row["weight"], tuple(row["words"])) for row in rows]
    return OwnTopics(tuple(sorted(judged, key=lambda one: (-one.weight, one.topic))), 1 - exp(-evidence / SURE_AT))


def _part(query: LinkQuery) -> str:
    """Condition on the crawled pages of the target."""
    return {
        "root": "1",
        "host": "has({hosts:Array(String)}, host)",
        "prefix": "startsWith(page_key, {key:String})",
        "exact": "page_key = {key:String}",
    }[query.target.scope]
