"""Profiles out of the index: a `LinkQuery` in, frozen rows and figures out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from seoapp.lib.expression import TooSlow, Wrong

from . import beside, engine, kept, sql
from .authority import score_rows
from .joined import SCORED, joins_graph
from .pagescores import part_score
from .patterns import SECONDS, checked
from .pins import pin
from .query import LinkQuery

DATES = (
    "first_seen", "last_seen", "lost_at", "alive_at", "page_read", "page_published", "previous_sight",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowPage:
    """Rows of one page; `more` says whether a next page exists (one row more is fetched, nothing is counted)."""

    rows: list[dict[str, Any]]
    more: bool


@dataclass(frozen=True, slots=True)
class Headline:
    """Figures of a profile over all states: links = live + lost + unknown = follow + nofollow + rel_unknown.

    `graph_domains` are those of the referring domains that nobody but the open graph knows.
    """

    links: int = 0
    live: int = 0
    lost: int = 0
    unknown: int = 0
    referring_domains: int = 0
    hosts: int = 0
    ips: int = 0
    subnets: int = 0
    follow: int = 0
    nofollow: int = 0
    rel_unknown: int = 0
    ugc: int = 0
    sponsored: int = 0
    text: int = 0
    image: int = 0
    form: int = 0
    frame: int = 0
    redirect: int = 0
    other: int = 0
    graph_domains: int = 0
    authority: float | None = None
    first_seen: date | None = None
    last_seen: date | None = None


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many referring domains and links exactly this set of sources knows."""

    sources: tuple[str, ...]
    links: int
    domains: int


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    for name in DATES:
        if name in row:
            row[name] = _day(row[name])
    return row


def _day(value: datetime | date | None) -> date | None:
    """A moment of the index as a day, None for one that nobody knows; a day stays what it is."""
    if isinstance(value, datetime):
        return value.date() if value.year > 1970 else None
    return value


def fetch(query: LinkQuery) -> RowPage:
    pinned = pin(query)
    rows = _rows(pinned, query.per_page + 1)
    shown = [_plain(row) for row in rows[: query.per_page]]
    if query.report in SCORED:
        _add_scores(pinned, shown)
    if query.report in beside.OF_ROWS:
        beside.add_to(pinned, sql.scope(pinned), shown)
        shown = [_plain(row) for row in shown]
    return RowPage(shown, len(rows) > query.per_page)


def _rows(pinned: LinkQuery, limit: int) -> list[dict[str, Any]]:
    """A query with a pattern has a time of its own, and says what to do when it is over."""
    options = {"max_execution_time": SECONDS} if pinned.where.patterns else {}
    try:
        if pinned.report == "links":
            named = sql.first_links if pinned.group == "all" else sql.speakers
            return _named_rows(pinned, kept.read(*named(pinned, limit=limit), epoch=pinned.epoch, **options))
        return kept.read(*sql.rows(pinned, limit=limit), epoch=pinned.epoch, **options)
    except engine.TooLong as error:
        among = engine.read(*sql.unfiltered(pinned))[0]["n"]
        raise TooSlow(f"The pattern takes too long on {among:,} rows: narrow with another filter first.") from error


def _named_rows(pinned: LinkQuery, named: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of these links, in their order; one that speaks for a group says for how many."""
    if not named:
        return []
    domains, ids = {one["source_domain"] for one in named}, [one["link_id"] for one in named]
    rows = kept.read(*sql.named_links(pinned, sorted(domains), ids), epoch=pinned.epoch)
    found = {row["link_id"]: row for row in rows}
    return [found[one["link_id"]] | one for one in named]


def readable(query: LinkQuery) -> LinkQuery:
    """The query with what is wrong with the patterns of its advanced filter, if anything is."""
    return replace(query, where=checked(query.where))


def _add_scores(pinned: LinkQuery, rows: list[dict[str, Any]]) -> None:
    """Authority of the domains that rows name, where the query did not need it for itself."""
    found = score_rows(pinned.scores, {row["source_domain"] for row in rows if "authority" not in row})
    for row in rows:
        if "authority" not in row:
            known = found.get(row["source_domain"])
            row["authority"] = known["score"] if known else -1.0


def top(query: LinkQuery, report: str, count: int = 10) -> list[dict[str, Any]]:
    """The first rows of another report on the same target."""
    asked = pin(query).as_report(report)
    rows = [_plain(row) for row in _rows(asked, count)]
    if report in SCORED:
        _add_scores(asked, rows)
    return rows


def stream(query: LinkQuery) -> Iterator[dict[str, Any]]:
    """Every row of the report in its order, for exports; none where the advanced filter cannot be read."""
    if query.where.error:
        raise Wrong(f"The advanced filter cannot be read, so nothing was exported. {query.where.error}")
    return (_plain(row) for row in engine.stream(*sql.rows(pin(query), limit=None)))


def headline(query: LinkQuery) -> Headline:
    pinned = pin(query)
    authority = part_score(pinned)
    joined = joins_graph(pinned)
    if not pinned.generation and not joined:
        return Headline(authority=authority)
    settled = kept.read(*sql.profile(pinned)) if pinned.target.scope == "root" else []
    head = Headline(**_plain(settled[0])) if settled else _counted(pinned)
    if not joined:
        return replace(head, authority=authority)
    more = kept.read(*sql.only_in_graph(pinned))[0]["n"]
    counted = head.referring_domains + more if settled else head.referring_domains
    return replace(head, authority=authority, graph_domains=more, referring_domains=counted)


def count(query: LinkQuery) -> int:
    """How many rows the query's filters leave; the headline knows no filters."""
    pinned = pin(query)
    return kept.read(*sql.count(pinned), epoch=pinned.epoch)[0]["n"]


def chosen(query: LinkQuery, limit: int) -> list[dict[str, Any]]:
    """What names the rows that the query's filters leave, `limit` at most."""
    return engine.read(*sql.chosen(pin(query), limit))


def chosen_links(query: LinkQuery, links: Sequence[int]) -> list[dict[str, Any]]:
    """Those of these ids that are links of the query's target, with their addresses."""
    where, parameters = sql.scope(pin(query))
    statement = f"""SELECT link_id, source_domain, source_url, target_url FROM links
    WHERE {where} AND link_id IN {{links:Array(UInt64)}}"""
    return engine.read(statement, parameters | {"links": list(links)})


def chosen_domains(query: LinkQuery, domains: Sequence[str]) -> list[dict[str, Any]]:
    """Those of these names that are referring domains of the query's target."""
    around, parameters = sql.edges(pin(query))
    statement = f"SELECT source_domain FROM ({around}) WHERE source_domain IN {{domains:Array(String)}}"
    return engine.read(statement, parameters | {"domains": list(domains)})


def _counted(pinned: LinkQuery) -> Headline:
    """The headline counted from links and edges."""
    counts = dict(kept.read(*sql.headline(pinned))[0])
    around = dict(kept.read(*sql.around(pinned))[0])
    first = [day for day in (_day(counts.pop("first_seen")), _day(around.pop("first_seen"))) if day]
    last = [day for day in (_day(counts.pop("last_seen")), _day(around.pop("last_seen"))) if day]
    return Headline(**counts, **around, first_seen=min(first, default=None), last_seen=max(last, default=None))


def overlap(query: LinkQuery) -> list[Overlap]:
    """Referring domains by the exact set of sources that know them."""
    rows = kept.read(*sql.overlap(pin(query)))
    return [Overlap(tuple(row["sources"]), row["links"], row["domains"]) for row in rows]


def link_overlap(query: LinkQuery) -> list[Overlap]:
    """Links by the exact set of sources that know them."""
    rows = kept.read(*sql.link_overlap(pin(query)))
    return [Overlap(tuple(row["sources"]), row["links"], row["domains"]) for row in rows]


def link(query: LinkQuery, link_id: int) -> dict[str, Any] | None:
    """One link, with what stands beside it as far as the query shows it; marks are put to it by whoever keeps them."""
    pinned = pin(query)
    rows = engine.read(*sql.one_link(pinned, link_id))
    beside.add_to(pinned, sql.scope(pinned), rows)
    return _plain(rows[0]) if rows else None


def link_claims(query: LinkQuery, link_id: int) -> list[dict[str, Any]]:
    """Each observation of one link: who said what, when, from which batch."""
    return [_plain(row) for row in engine.read(*sql.claims(pin(query), link_id))]
