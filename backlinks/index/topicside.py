"""Topics of domains as rows beside a report: what people chose, else what was judged.

Decided: choices come with the query as bound arrays, as many at a time as one value takes. A page of a domain may have
topics of its own, which count for links from that page only.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from backlinks.topics.taxonomy import NONE

from .linkcolumns import PAGE_KEY
from .portions import fitting, joined_array, written
from .query import ChosenRow, LinkQuery

BRACKETS = 4  # bytes around the topics of one name
OF_TOPICS = "Array(String)"
RUN = "(SELECT max(run) FROM topic_runs WHERE workspace = {owner:UInt32} AND target_domain = {target_domain:String})"
OF_RUN = f"workspace = {{owner:UInt32}} AND target_domain = {{target_domain:String}} AND run = {RUN}"


def chosen_arrays(chosen: Sequence[ChosenRow]) -> tuple[str, str, dict[str, Any]]:
    """SQL of the chosen domains and of their topics, and the parameters that carry them."""
    return _arrays("chosen", [(domain, list(topics)) for domain, page, topics in chosen if not page])


def _arrays(name: str, rows: Sequence[tuple[str, list[str]]]) -> tuple[str, str, dict[str, Any]]:
    """SQL of the names and of their topics; a name or its topics are at most as long as a value takes."""
    portions = list(fitting(rows, lambda row: max(written(row[0]), BRACKETS + sum(map(written, row[1])))))
    names, bound = joined_array(name, [[one for one, _ in portion] for portion in portions])
    topics, more = joined_array(f"{name}_topics", [[one for _, one in portion] for portion in portions], OF_TOPICS)
    return names, topics, bound | more


def topics_of_domains(query: LinkQuery) -> tuple[str, dict[str, Any]]:
    """SQL of (source_domain, topic, weight) of a target's run, choices in place of what was judged."""
    domains, topics, bound = chosen_arrays(query.chosen)
    return (
        f"""SELECT source_domain, topic, toFloat64(weight) AS weight FROM topics
            WHERE {OF_RUN} AND NOT has({domains}, source_domain)
        UNION ALL SELECT picked.1 AS source_domain, topic, 1 / length(picked.2) AS weight
            FROM (SELECT arrayJoin(arrayZip({domains}, {topics})) AS picked) ARRAY JOIN picked.2 AS topic""",
        bound,
    )


def side(query: LinkQuery) -> tuple[tuple[tuple[str, str, str], ...], Mapping[str, str], Mapping[str, Any]]:
    """Joins, columns and parameters that bring `topics` to links or referring domains, the heaviest first."""
    rows, bound = topics_of_domains(query)
    judged = f"""SELECT source_domain AS judged_domain, arrayMap(one -> one.2, arraySort(groupArray((-weight, topic))))
        AS its_topics FROM ({rows}) WHERE source_domain IN (SELECT source_domain FROM (ROWS)) GROUP BY judged_domain"""
    joins = [(judged, "judged", "judged.judged_domain = shown.source_domain")]
    topics = "judged.its_topics"
    pages = [(page, list(picked)) for _, page, picked in query.chosen if page]
    if query.report == "links" and pages:
        named, picks, carried = _arrays("chosen_pages", pages)
        of_pages = f"""SELECT picked.1 AS picked_page, picked.2 AS page_topics FROM (SELECT arrayJoin(
            arrayZip({named}, {picks})) AS picked)"""
        joins.append((of_pages, "picked_pages", f"picked_pages.picked_page = {PAGE_KEY}"))
        topics = "if(picked_pages.picked_page != '', picked_pages.page_topics, judged.its_topics)"
        bound |= carried
    return tuple(joins), {"topics": _with_levels(topics)}, bound


def _with_levels(topics: str) -> str:
    """A filter of a first level finds its topics too; one of "none" those without any."""
    levels = f"arrayMap(one -> splitByChar('/', one)[1], {topics})"
    return f"if(empty({topics}), ['{NONE}'], arrayDistinct(arrayConcat({topics}, {levels})))"
