"""Checks of links: which are looked at, what the visits say, and the evidence that is kept.

Decided: a check is a crawl of the pages that have the links. Its work list is rows; an item gets its verdict, an
observation and a row of evidence as soon as its page and its target were visited (or could not be), so that a slow site
holds back no verdict of another. Verdicts and the parcel for the index stand in one transaction: exactly once.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Any

from django.db import transaction
from django.db.models import Case, Count, Q, When
from django.utils import timezone

from backlinks import index
from projects.models import Project
from seoapp.lib.checkpoint import checkpoint
from seoapp.lib.weburl import WebUrl, parse

from . import frontier
from .models import CheckItem, CheckPlan, Crawl, CrawlUrl, WatchedLink
from .record import OBSERVED, Columns
from .storing import deliver, pack
from .verdict import Verdict, decide, is_unchanged, was_lost

AT_ONCE, VERDICTS_AT_ONCE = 500, 1_000
HOPS = 5
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
NOT_READ = (CrawlUrl.State.FAILED, CrawlUrl.State.SKIPPED)
STATES = ("live", "changed", "restored", "lost", "broken", "unknown")
CHECKED = (
    "source_domain", "source_key", "source_url", "target_domain", "target_key", "target_url", "row", "checked_at",
    "state", "reason", "http_status", "final_url", "target_status", "target_final", "anchor", "nofollow", "ugc",
    "sponsored", "placement", "before", "after", "headers", "snippet", "page_hash",
)  # fmt: skip


# --- What to look at --------------------------------------------------------------------------------------------------
def prepare(crawl: Crawl, step: Any) -> int:
    """Write the work list of a check, once; returns how many links it has. `max_pages` is the most it may have."""
    if "prepared" in crawl.results:
        return crawl.results["prepared"]
    CrawlUrl.objects.filter(crawl=crawl).delete()
    watched = _watched(crawl.project)
    asked = {link: one.priority for link, one in watched.items()}
    count = 0
    for rows in _blocks(_in_turn(crawl, watched), AT_ONCE):
        step()
        with transaction.atomic():
            count += _list(crawl, rows, asked)
    crawl.results = crawl.results | {"prepared": count}
    crawl.save(update_fields=["results"])
    return count


Row = Mapping[str, Any]


def _in_turn(crawl: Crawl, watched: Mapping[int, WatchedLink]) -> Iterator[Row]:
    """The links of a check. Watched ones are at most half of what the clock starts, unless nothing else is due."""
    query = index.pin(
        index.LinkQuery.parse(workspace=crawl.workspace_id, target=crawl.project.target, report="links", params={})
    )
    if crawl.starts:
        return _the_one(crawl, query)
    known, most = index.known_links(query, list(watched)), _most_watched(crawl)
    waiting = sorted(watched.items(), key=lambda pair: pair[1].checked_at or NEVER)
    unheard = [_unheard(link, one) for link, one in waiting if link not in known]
    first = unheard[: max(most - len(known), (most + 1) // 2)]
    plan = getattr(crawl.project, "check_plan", None) or CheckPlan(project=crawl.project)
    before = timezone.now() - timedelta(days=plan.every_days) if plan.every_days else None
    room = crawl.max_pages - len(first)
    others = index.to_check(query, limit=room, asked=list(known), asked_most=most - len(first), before=before)
    return chain(first, islice(_between(others, unheard[len(first) :]), room))


def _most_watched(crawl: Crawl) -> int:
    return crawl.max_pages if crawl.started_by_id else max(1, crawl.max_pages // 2)


def _the_one(crawl: Crawl, query: index.LinkQuery) -> Iterator[Row]:
    """The link that alone was asked for."""
    source, target = map(parse, crawl.starts)
    (link,) = index.link_ids([(source.key, target.key)])
    known = [row for row in index.to_check(query, limit=1, asked=[link]) if row["link_id"] == link]
    return iter(known or [_unheard(link, WatchedLink(source_url=source.url, target_url=target.url))])


def _between(rows: Iterable[Row], further: Sequence[Row]) -> Iterator[Row]:
    """Rows with further ones before those that are not due."""
    for row in rows:
        if further and not row["is_due"]:
            yield from further
            further = ()
        yield row
    yield from further


def _blocks(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(rows)
    while block := list(islice(iterator, size)):
        yield block


def _list(crawl: Crawl, rows: Sequence[Mapping[str, Any]], asked: Mapping[int, int]) -> int:
    """Items for these links, and an address for each page that has some."""
    sources = {row["link_id"]: parse(row["source_url"]) for row in rows}
    frontier.add(
        crawl.pk, [frontier.Address(sources[row["link_id"]], priority=asked.get(row["link_id"], 0)) for row in rows]
    )
    keys = [frontier.key_hash(url.key) for url in sources.values()]
    pages = dict(CrawlUrl.objects.filter(crawl=crawl, purpose="page", key__in=keys).values_list("key", "pk"))
    made = [_item(crawl, row, pages[frontier.key_hash(sources[row["link_id"]].key)]) for row in rows]
    return len(CheckItem.objects.bulk_create(made))


def _item(crawl: Crawl, row: Mapping[str, Any], page: int) -> CheckItem:
    names = ("kind", "anchor", "anchor_known", "nofollow", "ugc", "sponsored", "placement", "state", "target_key",
             "target_url")  # fmt: skip
    known = {name: row[name] for name in names}
    if row["last_state"]:
        known["last"] = {
            "at": int(row["last_at"].replace(tzinfo=UTC).timestamp()),
            "state": row["last_state"],
            "reason": row["last_reason"],
            "anchor": row["last_anchor"],
            "placement": row["last_placement"],
            "rel": list(row["last_rel"]),
        }
    return CheckItem(
        crawl=crawl, page_id=page, link_id=str(row["link_id"]), source_url=row["source_url"],
        target_url=row["target_url"], target_key=row["target_key"], known=known,
    )  # fmt: skip


# --- Watched links ----------------------------------------------------------------------------------------------------
def watch(project: Project, source_url: str, target_url: str, priority: int = 50) -> WatchedLink:
    """Ask that a link be looked at first in every check of the project; a later stage's way in. Raises BadUrl."""
    source, target = parse(source_url), parse(target_url)
    made, _ = WatchedLink.objects.update_or_create(
        project=project,
        identity=identity_of(source, target),
        defaults={
            "workspace": project.workspace, "source_url": source.url, "target_url": target.url, "priority": priority,
        },
    )  # fmt: skip
    return made


def identity_of(source: WebUrl, target: WebUrl) -> str:
    return hashlib.sha256(f"{source.key}\n{target.key}".encode()).hexdigest()


def _watched(project: Project) -> dict[int, WatchedLink]:
    """Link id -> the watch, for as many as one check may have: those that nobody has looked at, then those with the
    highest priority, then those that waited longest."""
    never = Case(When(checked_at=None, then=0), default=1)
    rows = WatchedLink.objects.filter(project=project).order_by(never, "-priority", "checked_at", "pk")
    watched = list(rows[:AT_ONCE])
    return dict(
        zip(
            index.link_ids([(parse(one.source_url).key, parse(one.target_url).key) for one in watched]),
            watched,
            strict=True,
        )
    )


def _listed(crawl: Crawl, watched: Iterable[int]) -> set[int]:
    """Which of these links the check has on its list."""
    items = CheckItem.objects.filter(crawl=crawl, link_id__in=[str(link) for link in watched])
    return set(map(int, items.values_list("link_id", flat=True)))


def _unheard(link: int, watch: WatchedLink) -> dict[str, Any]:
    """A link that is watched before anybody has seen it."""
    return {
        "link_id": link, "source_url": watch.source_url, "target_url": watch.target_url,
        "target_key": parse(watch.target_url).key, "kind": "text", "anchor": "", "anchor_known": 0, "nofollow": -1,
        "ugc": -1, "sponsored": -1, "placement": "", "state": "unknown", "last_state": "",
    }  # fmt: skip


# --- What was found ---------------------------------------------------------------------------------------------------
def conclude(crawl: Crawl, step: Any, *, is_over: bool = True) -> int:
    """Give a verdict to every item that needs no further visit, or to all when the check `is_over`; returns how many.

    While the check goes on, about VERDICTS_AT_ONCE at a time: nothing is fetched meanwhile.
    """
    count, last = 0, 0
    while (is_over or count < VERDICTS_AT_ONCE) and (block := _items_after(crawl, last, is_over=is_over)):
        step()
        last = block[-1].pk
        count += _conclude(crawl, block, is_over=is_over)
    return count


def counts_of(crawl: Crawl) -> dict[str, int]:
    """How many links of each verdict a check has so far."""
    rows = CheckItem.objects.filter(crawl=crawl).exclude(state=CheckItem.State.WAITING)
    counted = rows.values("state").annotate(n=Count("pk")).order_by()
    return dict.fromkeys(STATES, 0) | {row["state"]: row["n"] for row in counted}


def note_watched(crawl: Crawl) -> None:
    """Say of the watched links that this check has looked at them."""
    watched = _watched(crawl.project)
    looked_at = [watched[link].pk for link in _listed(crawl, watched)]
    WatchedLink.objects.filter(pk__in=looked_at).update(checked_at=timezone.now())


def _items_after(crawl: Crawl, last: int, *, is_over: bool) -> list[CheckItem]:
    """The next block. A cursor left open would make SQLite refuse the writes in between."""
    items = CheckItem.objects.filter(crawl=crawl, state=CheckItem.State.WAITING, pk__gt=last)
    if not is_over:  # a page that was read before the link was looked for there is visited once more
        seen = ~Q(seen={}) | Q(page__state__in=NOT_READ) & ~Q(page__code="cancelled")
        items = items.filter(seen, ~Q(target__state=CrawlUrl.State.QUEUED), ~Q(target__code="cancelled"))
    return list(items.select_related("page").order_by("pk")[:AT_ONCE])


def _conclude(crawl: Crawl, items: list[CheckItem], *, is_over: bool) -> int:
    """Verdicts of a block, and their way to the index; returns how many there are."""
    targets = _targets(crawl, items)
    if not is_over:
        items = [item for item in items if not targets.get(item.target_key, {}).get("is_waiting")]
    with transaction.atomic():
        items = _still_waiting(items)
        if not items:
            return 0
        tables = _decided(items, targets)
        CheckItem.objects.bulk_update(items, ["state", "reason", "changes", "is_new", "checked_at"], batch_size=100)
        parcel = pack(crawl, {name: [columns] for name, columns in tables.items() if columns["row"]})
    checkpoint("check concluded")
    deliver(crawl, parcel)
    return len(items)


def _still_waiting(items: Sequence[CheckItem]) -> list[CheckItem]:
    """Those that no other worker has concluded meanwhile; they are ours until the transaction ends."""
    waiting = CheckItem.objects.filter(pk__in=[item.pk for item in items], state=CheckItem.State.WAITING)
    numbers = set(waiting.select_for_update().order_by("pk").values_list("pk", flat=True))
    return [item for item in items if item.pk in numbers]


def _decided(items: Iterable[CheckItem], targets: Mapping[str, dict[str, Any]]) -> dict[str, Columns]:
    """Writes the verdicts into the items; returns the rows of the index."""
    evidence: Columns = {name: [] for name in CHECKED}
    observed: Columns = {name: [] for name in (*OBSERVED, "lost_at", "lost_reason")}
    for item in items:
        target = targets.get(item.target_key, {})
        verdict = decide(item.known, item.seen, target)
        if not item.seen and item.page.code:
            verdict = Verdict("unknown", item.page.code)
        item.state, item.reason, item.changes = verdict.state, verdict.reason, verdict.changes
        item.is_new = verdict.state == "lost" and not was_lost(item.known)
        item.checked_at = datetime.fromtimestamp(item.seen["at"], UTC) if item.seen else timezone.now()
        _append(evidence, _evidence(item, verdict, target))
        _append(observed, _observed(item, verdict))
    return {"checks": evidence, "observations": observed}


def _append(columns: Columns, row: Mapping[str, Any] | None) -> None:
    for name, value in (row or {}).items():
        columns[name].append(value)


def _targets(crawl: Crawl, items: Iterable[CheckItem]) -> dict[str, dict[str, Any]]:
    """Target key -> where its visit ended (status, code, url): redirects are gone along."""
    asked = {frontier.key_hash(item.target_key): item.target_key for item in items}
    rows = _visits(crawl, asked)
    ends = {asked[number]: row for number, row in rows.items()}
    for _ in range(HOPS):
        onward = {key: frontier.key_hash(parse(row.redirect).key) for key, row in ends.items() if row.redirect}
        rows |= _visits(crawl, set(onward.values()) - set(rows))
        ends |= {key: rows[number] for key, number in onward.items() if number in rows}
    return {
        key: {"status": row.status, "code": row.code, "url": row.url, "is_waiting": _is_waiting(row)}
        for key, row in ends.items()
    }


def _is_waiting(row: CrawlUrl) -> bool:
    return row.state == CrawlUrl.State.QUEUED or row.code == "cancelled"


def _visits(crawl: Crawl, keys: Iterable[int]) -> dict[int, CrawlUrl]:
    rows = CrawlUrl.objects.filter(crawl=crawl, purpose=CrawlUrl.Purpose.TARGET, key__in=list(keys)) if keys else ()
    return {row.key: row for row in rows}


def _evidence(item: CheckItem, verdict: Verdict, target: Mapping[str, Any]) -> dict[str, Any]:
    source, goal, seen = parse(item.source_url), parse(item.target_url), item.seen
    link = seen.get("link") or _as_before(item, verdict)
    return {
        "source_domain": source.domain, "source_key": source.key, "source_url": source.url,
        "target_domain": goal.domain, "target_key": item.target_key, "target_url": item.target_url, "row": item.pk,
        "checked_at": int(item.checked_at.timestamp()), "state": verdict.state, "reason": verdict.reason,
        "http_status": seen.get("status", 0), "final_url": seen.get("final_url", ""),
        "target_status": target.get("status", 0), "target_final": target.get("url", ""),
        "anchor": link.get("anchor") or link.get("alt", ""), "nofollow": int(link.get("nofollow", -1)),
        "ugc": int(link.get("ugc", -1)), "sponsored": int(link.get("sponsored", -1)),
        "placement": link.get("placement", ""),
        "before": {name: pair[0][:500] for name, pair in verdict.changes.items()},
        "after": {name: pair[1][:500] for name, pair in verdict.changes.items()},
        "headers": seen.get("headers", {}) | _says(seen), "snippet": link.get("snippet", ""),
        "page_hash": seen.get("page_hash", ""),
    }  # fmt: skip


def _says(seen: Mapping[str, Any]) -> dict[str, str]:
    """What the page itself says of being indexed, beside the headers."""
    said = {"meta robots": seen.get("robots", ""), "link canonical": seen.get("canonical_url", "")}
    return {name: text[:500] for name, text in said.items() if text}


def _is_as_before(item: CheckItem, verdict: Verdict) -> bool:
    """Whether the link stands on a page that has not changed."""
    return is_unchanged(item.seen) and verdict.state in ("live", "broken")


def _as_before(item: CheckItem, verdict: Verdict) -> dict[str, Any]:
    """An unchanged page has the link as the last check saw it."""
    last = item.known.get("last")
    if not _is_as_before(item, verdict) or not last:
        return {}
    rel = dict(zip(("nofollow", "ugc", "sponsored"), last["rel"], strict=True))
    return {"anchor": last["anchor"], "placement": last["placement"], **rel}


def _observed(item: CheckItem, verdict: Verdict) -> dict[str, Any] | None:
    """What the verdict adds to what the page itself said: a loss, or that an unchanged page still has its link."""
    if verdict.state == "lost" or verdict.reason == "target":
        reason = "removedfromhtml" if verdict.reason == "target" else verdict.reason
        # One second later than the visit: a page that has the link and says noindex has lost it.
        return _row(item, lost_at=item.seen["at"] + 1, lost_reason=reason)
    if _is_as_before(item, verdict):
        return _row(item, last_seen=item.seen["at"], http_status=0) | _as_before(item, verdict)
    return None


def _row(item: CheckItem, **values: Any) -> dict[str, Any]:
    source, goal = parse(item.source_url), parse(item.target_url)
    empty = {
        "row": item.pk, "kind": item.known["kind"], "anchor": None, "alt": None, "nofollow": -1, "ugc": -1,
        "sponsored": -1, "context_left": "", "context_right": "", "title": "", "language": "",
        "http_status": item.seen.get("status", 0) % 1000, "first_seen": 0, "last_seen": 0, "ip": "", "ext_links": -1,
        "int_links": -1, "placement": "", "metrics": {}, "labels": {}, "redirect_chain": "", "lost_at": 0,
        "lost_reason": "",
    }  # fmt: skip
    return {**_url("source", source), **_url("target", goal), **empty, **values}


def _url(side: str, url: WebUrl) -> dict[str, str]:
    return {f"{side}_{part}": getattr(url, part) for part in ("url", "key", "host", "domain")}
