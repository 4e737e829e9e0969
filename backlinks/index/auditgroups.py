"""What an audit found, by anchor and by linked page: how many domains are in each band, and how risky their links are.

Decided: a domain counts once for an anchor or a page, in its own band, so that a count is the length of the list of
domains that it leads to; the risk beside it is that of the links themselves, because a domain may be risky for another
link. Grouped are the links that were judged; whether a page is broken now is asked of the looks of our checks and
crawls. Refused: grouping in Python, where a million links are a million rows.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from seoapp.lib.listquery import Field, ListQuery

from . import asking, engine
from .answers import answer_parameters, answers
from .auditlists import ANCHOR_KEY, BANDS, AuditRun
from .audits import OF_RUN
from .query import LinkQuery
from .reports import RowPage
from .terms import CLASSES

SORT = "-toxic"
ANSWERS = ("ok", "broken", "redirects", "unknown")
_DOMAIN_TIE = "risk DESC, domains DESC"
_BANDS = ", ".join(
    f"toInt64(countIf(band = '{band}')) AS {name}"
    for band, name in zip(BANDS, ("toxic", "potentially", "harmless", "unassessed"), strict=True)
)
_FIGURES = f"""toInt64(count()) AS domains, toInt64(sum(n)) AS links, {_BANDS}, toInt64(max(worst)) AS risk,
    toInt64(round(sum(total) / sum(n))) AS mean_risk, toDateTime(minIf(began, began > toDate(0)), 'UTC') AS first_seen,
    toDateTime(max(ended), 'UTC') AS last_seen"""


def _grouped(columns: str, key: str, of_domain: str, where: str = "") -> str:
    """SQL: groups of links by a key; what a domain has in a group is counted first, its texts are few then."""
    return f"""SELECT key, {columns}, {_FIGURES}
FROM (SELECT {key} AS key, cityHash64(source_domain) AS linking, {of_domain}, count() AS n, max(risk) AS worst,
        sum(risk) AS total, minIf(first_seen, first_seen > toDate(0)) AS began, max(last_seen) AS ended
    FROM audit_links WHERE {OF_RUN} {where} GROUP BY key, linking) AS found
LEFT ANY JOIN (SELECT cityHash64(source_domain) AS named, band FROM audit_domains WHERE {OF_RUN}) AS judged
    ON judged.named = found.linking
GROUP BY key"""


_ANCHORS = _grouped(
    """if(startsWith(key, '('), '', argMax(text, n)) AS anchor, argMax(class, n) AS anchor_class,
    arraySort(arrayIntersect(groupUniqArrayArray(ids), {told:Array(String)})) AS markers""",
    ANCHOR_KEY,
    "any(anchor) AS text, any(toString(anchor_class)) AS class, groupUniqArrayArray(fired) AS ids",
)
_PAGES = _grouped(
    """max(url) AS target_url, if(sum(passing + held) = 0, -1, sum(passing) / sum(passing + held)) AS follow,
    sumMap(classes, arrayMap(one -> 1, classes)) AS by_class""",
    "target_key",
    """max(target_url) AS url, groupUniqArray(toString(anchor_class)) AS classes, countIf(nofollow = 0) AS passing,
    countIf(nofollow = 1) AS held""",
    "AND target_key != ''",
)
_ANSWERED = f"""SELECT * EXCEPT (by_class, looked, said, final_url),
    arrayReverseSort(one -> one.2, arrayMap((name, times) -> (name, times), by_class.1, by_class.2)) AS anchors,
    if(looked = '', toInt64(-1), toInt64(said)) AS status,
    multiIf(looked = '' OR said = 0, 'unknown', said >= 400, 'broken', final_url != '', 'redirects', 'ok') AS answer
FROM ({_PAGES}) AS linked
LEFT ANY JOIN (SELECT page_key AS looked, status AS said, final_url FROM (<answers>)) AS answered
    ON answered.looked = linked.key"""
_HAS_OLD = f"""SELECT countIf(target_key = '' AND target_url != '') AS old FROM audit_links WHERE {OF_RUN}"""
_COUNTED = (
    Field("domains", "Domains", "int", "number", help="Referring domains."),
    Field("toxic", "Evidence", "int", "number", help="Of these domains, those with evidence of manipulation."),
    Field("potentially", "Look at it", "int", "number", help="Of these domains, those with a risk of 45 to 59."),
    Field("harmless", "No action", "int", "number", help="Of these domains, those with a risk below 45."),
    Field("unassessed", "Not assessed", "int", "number", help="Of these domains, those nobody could look at enough."),
    Field("risk", "Highest risk", "int", "number", help="Of these links, 0 to 100; a domain may have riskier ones."),
    Field("mean_risk", "Mean risk", "int", "number", help="Of these links, each counted."),
)
_DATES = (
    Field("links", "Links", "int", "number"),
    Field("first_seen", "First seen", "date", "date"),
    Field("last_seen", "Last seen", "date", "date", default=False),
)


def anchor_fields(markers: Sequence[str]) -> tuple[Field, ...]:
    """The columns of the list of anchors; `markers` are the ids to choose from."""
    return (
        Field("anchor", "Anchor", "text", "text", path="key"),
        Field("anchor_class", "Class", "text", "choice", CLASSES),
        *_COUNTED,
        Field("markers", "What was found", "list", "choice", tuple(markers), sortable=False),
        *_DATES,
    )


PAGE_FIELDS = (
    Field("target_url", "Target page", "url", "text"),
    Field("answer", "Now", "text", "choice", ANSWERS, help="How the page answered when it was last looked at."),
    *_COUNTED,
    Field("follow", "Follow", "share", sortable=True, known="follow >= 0", help="Of links whose rel is known."),
    Field("anchors", "Anchors", "list", sortable=False, help="Domains by the class of their anchors."),
    Field("status", "Answers", "int", "number", default=False, help="The HTTP status that its redirects end with."),
    *_DATES,
)


def has_pages(asked: AuditRun) -> bool:
    """Whether the run kept which page each link leads to, as runs since the column for it do."""
    (found,) = engine.read(_HAS_OLD, asked.bound)
    return not found["old"]


def anchor_rows(asked: AuditRun, query: ListQuery, told: Sequence[str]) -> RowPage:
    """Anchors; `told` are the markers that are named."""
    return asking.page_of(_ANCHORS, asked.bound | {"told": list(told)}, query, tie=f"{_DOMAIN_TIE}, key")


def every_anchor(asked: AuditRun, query: ListQuery, told: Sequence[str]) -> Iterator[dict[str, Any]]:
    return asking.every_row(_ANCHORS, asked.bound | {"told": list(told)}, query, tie=f"{_DOMAIN_TIE}, key")


def page_rows(asked: AuditRun, site: LinkQuery, query: ListQuery) -> RowPage:
    """Pages of the target; `site` says whose looks at it count."""
    return asking.page_of(*_of_pages(asked, site), query, tie=f"{_DOMAIN_TIE}, key")


def every_page(asked: AuditRun, site: LinkQuery, query: ListQuery) -> Iterator[dict[str, Any]]:
    return asking.every_row(*_of_pages(asked, site), query, tie=f"{_DOMAIN_TIE}, key")


def _of_pages(asked: AuditRun, site: LinkQuery) -> tuple[str, dict[str, Any]]:
    return _ANSWERED.replace("<answers>", answers()), asked.bound | answer_parameters(site)
