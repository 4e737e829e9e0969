"""What happened to links in a span of days beside being new or lost: restored and changed, as our own checks saw it,
and dropped by a vendor, which says nothing of the link.

Decided: a link counts once in each of these lists, by the newest look (or drop) of the span. A vendor's drop is no
loss: the vendor took the link out of its index; whoever looked says whether it is there. A link that is known to be
lost stands among the lost, not here.
"""

from typing import Any

from seoapp.lib.listquery import Field

from . import kept, sql
from .columns import STATES
from .history import NEVER, Span
from .listed import Listed
from .pins import pin
from .query import LinkQuery

DROPPED = "vendor_dropped"
_COMPLETE = """batch IN (SELECT batch FROM batches WHERE workspace = {workspace:UInt32}
        GROUP BY batch HAVING argMax(state, version) = 'complete')"""
_WITHIN = "BETWEEN {first:Date} AND {last:Date}"
# Looks that saw a change, the newest of each link first.
_LOOKS = f"""SELECT link_id, state AS found, toDate(checked_at) AS day, reason, before, after FROM checks
    WHERE workspace = {{workspace:UInt32}} AND target_domain = {{target_domain:String}} AND state = {{found:String}}
        AND toDate(checked_at) {_WITHIN} AND {_COMPLETE}
    ORDER BY checked_at DESC LIMIT 1 BY link_id"""
_SEEN = f"""FROM checks WHERE workspace = {{workspace:UInt32}} AND target_domain = {{target_domain:String}}
    AND state IN ('restored', 'changed') AND toDate(checked_at) {_WITHIN} AND {_COMPLETE}"""
_COUNTED_LOOKS = f"""SELECT state, uniqExact(link_id) AS n {_SEEN}
    AND link_id IN (SELECT link_id FROM links WHERE WHERE_LINKS AND link_id IN (SELECT link_id {_SEEN}))
GROUP BY state"""
_DROPPED_AT = f"toDate(if(lost_at > {NEVER}, lost_at, last_seen))"
_DROPS = f"""SELECT link_id, max({_DROPPED_AT}) AS day, argMax(source, {_DROPPED_AT}) AS dropped_by,
        argMax(lost_reason, {_DROPPED_AT}) AS reason FROM observations
    WHERE workspace IN {{scope:Array(UInt32)}} AND target_domain = {{target_domain:String}}
        AND startsWith(lost_reason, '{DROPPED}') AND {_DROPPED_AT} {_WITHIN} AND {sql.COUNTED} GROUP BY link_id"""
_SHOWN = "link_id, source_url, source_domain, target_url, anchor, anchor_known, state"
_PLACE = (
    Field("source_url", "Referring page", "url", "text"),
    Field("source_domain", "Referring domain", "text", "text", default=False),
    Field("target_url", "Target page", "url", "text"),
    Field("anchor", "Anchor", "text", "text"),
)
LOOKED = (
    Field("day", "Seen on", "date", "date"),
    *_PLACE,
    Field("changes", "What changed", "list", sortable=False),
    Field("state", "State now", "state", "choice", STATES),
)
DROPS = (
    Field("day", "Dropped on", "date", "date"),
    *_PLACE,
    Field("dropped_by", "By", "text", "text"),
    Field("reason", "The vendor's reason", "text", "text"),
    Field("state", "State now", "state", "choice", STATES),
)


def looked(query: LinkQuery, span: Span, found: str) -> Listed:
    """Links that a check of the span found `changed` or `restored`."""
    pinned = pin(query)
    rows = _joined(pinned, span, _LOOKS, "1", "found, day, reason, before, after", found=found)
    return Listed(rows, LOOKED, "link_id", pinned.epoch)


def dropped(query: LinkQuery, span: Span) -> Listed:
    """Links that a vendor took out of its index in the span, and that are not known to be lost."""
    pinned = pin(query)
    rows = _joined(pinned, span, _DROPS, "state != 'lost'", "day, dropped_by, reason")
    return Listed(rows, DROPS, "link_id", pinned.epoch)


def _joined(pinned: LinkQuery, span: Span, happened: str, condition: str, columns: str, **more: Any) -> sql.Statement:
    """What happened to which link, with what the link is now."""
    where, parameters = sql.scope(pinned)
    parameters |= {
        "workspace": pinned.workspace,
        "scope": sorted({0, pinned.workspace}),
        "first": span.first,
        "last": span.last,
        **more,
    }
    return (
        f"""SELECT {columns}, {_SHOWN} FROM ({happened}) AS happened
INNER JOIN (SELECT {_SHOWN} FROM links WHERE {where} AND {condition}
    AND link_id IN (SELECT link_id FROM ({happened}))) AS links USING (link_id)""",
        parameters,
    )


def happened(query: LinkQuery, span: Span) -> dict[str, int]:
    """How many links of the span were restored, changed, and dropped by a vendor."""
    pinned = pin(query)
    where, parameters = sql.scope(pinned)
    bound = {"workspace": pinned.workspace, "first": span.first, "last": span.last}
    rows = kept.read(_COUNTED_LOOKS.replace("WHERE_LINKS", where), parameters | bound, epoch=pinned.epoch)
    found = {row["state"]: row["n"] for row in rows}
    made = {name: found.get(name, 0) for name in ("restored", "changed")}
    return made | {"dropped": dropped(pinned, span).count()}


def has_checks(query: LinkQuery) -> bool:
    """Whether any check ever looked at a link of the target's domain."""
    asked = {"workspace": query.workspace, "target_domain": query.target.domain}
    where = "workspace = {workspace:UInt32} AND target_domain = {target_domain:String}"
    return bool(kept.read(f"SELECT 1 AS found FROM checks WHERE {where} LIMIT 1", asked, epoch=query.epoch))
