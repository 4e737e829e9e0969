"""Topics: what the referring domains are about, how that fits the target, and how it does with competitors.

Decided: a domain shares its weight among its topics, so that the shares of a column add up to all referring domains,
those without a known topic among them; the count beside it counts a domain in each of its topics, and leads to exactly
these. How relevant a profile is, is said of the domains whose topic is known, with how many these are. A competitor is
measured by the topics of the target that is read, because the question is who has more of our kind.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from backlinks import index
from backlinks.topics.taxonomy import LEVELS, NONE, group_of, label_of, taxonomy
from backlinks.views.bringing import empty
from backlinks.views.compare.rivals import of_target, rivals_of
from backlinks.views.exports import record_export
from backlinks.views.opengraph import graph_switch
from backlinks.views.reading import Reading, page_context, report_page
from projects import access
from seoapp.lib import charts, tables
from seoapp.lib.listquery import Field, ListQuery, Rows

MOST_BARS = 12
MOST_RIVALS = 10
SURE, FAIR = 0.66, 0.33
FIELDS = (
    Field("label", "Topic", "text", "text"),
    Field("domains", "Referring domains", "int", "number", help="Domains that have it among their topics."),
    Field("by_domains", "Share of domains", "share", help="By weight: the shares of all topics add up to 100 %."),
    Field("links", "Links", "int", "number", help="Links of these domains."),
    Field("by_links", "Share of links", "share"),
    Field("by_authority", "Share of authority", "share", help="Each domain counts as much as its Authority Score."),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """A first level: its domains, its share by weight, and the length of its bar in percent of the longest."""

    label: str
    domains: int
    share: float
    length: float
    href: str
    is_sensitive: bool = False
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Relevance:
    """Of a profile's referring domains with a known topic, those that are about what the target is about."""

    label: str
    alike: int
    known: int
    href: str
    is_own: bool = False

    @property
    def share(self) -> float:
        return self.alike / self.known if self.known else 0.0


@access.project("client")
@report_page
@require_safe
def topics(request: HttpRequest, reading: Reading) -> HttpResponse:
    """A page, a fragment, or an export of all rows."""
    query = index.pin(reading.query("domains", {}))
    shares = index.topic_shares(query)
    own = index.topics_of(query)
    context = page_context(request, reading) | {
        "graph_switch": graph_switch(request, reading, query),
        "bars": _bars(reading, shares, own),
        "unknown": _unknown(reading, shares),
        "own": own,
        "own_labels": [label_of(one.topic) for one in own.topics],
        "own_words": sorted({word for one in own.topics for word in one.words}),
        "own_url": reading.url("domain_topics", domain=reading.target.domain),
        "confidence": _in_words(own.confidence),
        "relevance": _relevance(reading, query, own),
        "is_judged": index.is_judged(query),
        "ways": reading.ways,
    }
    asked = ListQuery.parse(FIELDS, request.GET, sort="-domains")
    listing = _listing(reading, [one for one in shares if not one.topic.endswith(LEVELS) and one.topic != NONE])
    return tables.answer(request, listing, asked, page="backlinks/topics.html", context=context, keep=reading.carried)


# --- Bars -----------------------------------------------------------------------------------------------------------
def _bars(reading: Reading, shares: Sequence[index.TopicShare], own: index.OwnTopics) -> list[Bar]:
    levels = sorted((one for one in shares if one.topic.endswith(LEVELS)), key=lambda one: -one.by_domains)
    ours = {group_of(one.topic) for one in own.topics}
    largest = max((one.by_domains for one in levels), default=0.0)
    return [_bar(reading, one, largest, ours) for one in levels[:MOST_BARS]]


def _bar(reading: Reading, one: index.TopicShare, largest: float, ours: set[str]) -> Bar:
    level = one.topic.removesuffix(LEVELS)
    return Bar(
        label_of(level),
        one.domains,
        one.by_domains,
        charts.bar(one.by_domains, largest),
        reading.url("domains", {"topics": level}),
        level in taxonomy().topics and taxonomy().topics[level].is_sensitive,
        level in ours,
    )


def _unknown(reading: Reading, shares: Sequence[index.TopicShare]) -> Bar | None:
    """Domains that nothing is known of."""
    found = next((one for one in shares if one.topic == NONE), None)
    if found is None:
        return None
    return Bar(label_of(NONE), found.domains, found.by_domains, 0.0, reading.url("domains", {"topics": NONE}))


def _in_words(confidence: float) -> str:
    return "sure" if confidence >= SURE else "fairly sure" if confidence >= FAIR else "unsure"


# --- Beside competitors ---------------------------------------------------------------------------------------------
def _relevance(reading: Reading, query: index.LinkQuery, own: index.OwnTopics) -> list[Relevance]:
    """The target's first, then its competitors', by the target's own topics."""
    if not own.topics:
        return []
    mine = [one.topic for one in own.topics]
    rows = [_of_profile(reading, query, mine, is_own=True)]
    rivals = [of_target(reading, one) for one in rivals_of(reading)[:MOST_RIVALS]]
    pinned = index.pin_all([one.query("domains", {}) for one in rivals])
    rows += [_of_profile(one, query, mine) for one, query in zip(rivals, pinned, strict=True)]
    return [one for one in rows if one.known or one.is_own]


def _of_profile(reading: Reading, query: index.LinkQuery, mine: Sequence[str], *, is_own: bool = False) -> Relevance:
    alike, known = index.relevant_share(query, mine)
    return Relevance(reading.label, alike, known, reading.url("topics"), is_own)


# --- The list -------------------------------------------------------------------------------------------------------
def _listing(reading: Reading, shares: Sequence[index.TopicShare]) -> tables.Listing:
    rows = [_row(one) for one in shares]
    return tables.Listing(
        name="topics",
        title=f"Topics of the referring domains of {reading.label}",
        columns=FIELDS,
        fetch=lambda asked: _page(rows, asked),
        stream=lambda asked: _fitting(rows, asked),
        file_name=f"{reading.target.label}-topics-{datetime.now(UTC):%Y-%m-%d}",
        cells=_Cells(reading),
        exported=record_export(reading.project, reading.target),
        stacks=True,
        empty=empty(reading, "topics", "Topics"),
    )


def _row(one: index.TopicShare) -> dict[str, Any]:
    names = ("topic", "domains", "links", "by_domains", "by_links", "by_authority")
    return {"label": label_of(one.topic)} | {name: getattr(one, name) for name in names}


def _fitting(rows: Sequence[dict[str, Any]], asked: ListQuery) -> Iterator[dict[str, Any]]:
    """Some hundred rows at most, filtered and sorted here: all of them are on the page anyway."""
    found = [row for row in rows if all(_fits(row, one.name, one.op, one.value) for one in asked.filters)]
    found.sort(key=lambda row: row["label"])
    yield from sorted(found, key=lambda row: row[asked.sort], reverse=asked.descending)


def _fits(row: Mapping[str, Any], name: str, op: str, value: Any) -> bool:
    if op == "contains":
        return value.casefold() in row[name].casefold()
    return row[name] >= value if op == "min" else row[name] <= value


def _page(rows: Sequence[dict[str, Any]], asked: ListQuery) -> Rows:
    start = (asked.page - 1) * asked.per_page
    found = list(_fitting(rows, asked))[start : start + asked.per_page + 1]
    return Rows(found[: asked.per_page], len(found) > asked.per_page)


@dataclass(frozen=True, slots=True)
class _Cells:
    """A topic leads to its domains, its links to these links."""

    reading: Reading

    def __call__(self, columns: Sequence[tables.Column], row: Mapping[str, Any]) -> list[tables.Cell]:
        behind = {"topics": row["topic"]}
        domains, links = self.reading.url("domains", behind), self.reading.url("links", behind)
        # A filter of a first level finds its topics too: it is no way to what was judged by the level alone.
        is_level = "/" not in row["topic"] and row["topic"] != NONE
        urls = {} if is_level else {"label": domains, "domains": domains, "links": links}
        return [tables.Cell(one, tables.value_of(one, row), href=urls.get(one.name, "")) for one in columns]
