"""The history of one link, newest first: who saw it when, what our checks found, what changed, how it was lost.

Decided: an event stands on the day that the observation itself gives, never on that of an import; what gives no day
stands last. Of a source's claims the first sight, every listing, every change and every loss is an event. Checks that
only confirm the one before are one event with their number: the whole list of them stands on the same page. What a
vendor changes is read from one file to the next of the same report, and only where each names the link once: two places
on one page are no change. Refused: changes between two vendors, because they read different pages of time.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import groupby, pairwise
from typing import Any

from seoapp.lib.words import counted

from .reasons import CHANGED, STATES, in_words, tone
from .vendors import vendor_label

MOST = 200  # events that are shown
DROPPED = "vendor_dropped"
CLAIMED = {"anchor": "Anchor", "nofollow": "nofollow", "ugc": "ugc", "sponsored": "sponsored", "kind": "Kind"}
FLAG_WORDS = {1: "yes", 0: "no"}
OUR_OWN = {"crawl": "Our crawler"}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a link. `changes` are (what, before, after); `batch` is where it comes from."""

    at: datetime | None
    title: str
    tone: str = "unknown"
    why: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()
    batch: int = 0
    is_exact: bool = False

    @property
    def order(self) -> float:
        return self.at.timestamp() if self.at else float("-inf")


def lifeline(
    claims: Sequence[Mapping[str, Any]], checks: Sequence[Mapping[str, Any]], sightings: Sequence[Mapping[str, Any]]
) -> list[Event]:
    """All that is known to have happened to a link, newest first."""
    checked = {one["batch"] for one in checks}
    events = [*_of_claims(claims, checked), *_of_sightings(sightings), *_of_checks(checks)]
    return sorted(events, key=lambda one: one.order, reverse=True)[:MOST]


def _moment(value: date | datetime | None) -> datetime | None:
    """The index speaks UTC without saying so; 1970 is its word for never."""
    if value is None or value.year <= 1970:
        return None
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else datetime.combine(value, time(), UTC)


def _named(claim: Mapping[str, Any]) -> str:
    return OUR_OWN.get(claim["source"], vendor_label(claim["source"]))


# --- Claims -----------------------------------------------------------------------------------------------------------
def _of_claims(claims: Sequence[Mapping[str, Any]], checked: Collection[int]) -> Iterator[Event]:
    """What a check has `checked` is told by the check itself."""
    for _, of_source in groupby(sorted(claims, key=_source), key=_source):
        told = list(of_source)
        yield from _first_sight(told)
        untold = [one for one in told if one["batch"] not in checked]
        yield from _listings(untold)
        yield from _losses(untold)
    for _, of_report in groupby(sorted(claims, key=_report), key=_report):
        yield from _changes(list(of_report))


def _source(claim: Mapping[str, Any]) -> str:
    return claim["source"]


def _report(claim: Mapping[str, Any]) -> tuple[str, str]:
    return claim["source"], claim["report"]


def _first_sight(claims: Sequence[Mapping[str, Any]]) -> Iterator[Event]:
    """Since when a source knows the link, by the dates of its files."""
    dated = [(moment, one) for one in claims if (moment := _moment(one["first_seen"]))]
    if dated:
        moment, claim = min(dated, key=lambda one: one[0])
        yield Event(moment, f"{_named(claim)} saw it first", "live", batch=claim["batch"])


def _listings(claims: Iterable[Mapping[str, Any]]) -> Iterator[Event]:
    """The last sight that each file or visit gives, once a batch."""
    newest: dict[int, Mapping[str, Any]] = {}
    for one in claims:
        held = newest.get(one["batch"])
        if not one["lost_reason"] and (held is None or _moment_or_least(one) > _moment_or_least(held)):
            newest[one["batch"]] = one
    for batch, one in newest.items():
        moment = _moment(one["last_seen"])
        words = "read it on the page" if one["source"] == "crawl" else "lists it" if moment else "lists it, undated"
        yield Event(moment, f"{_named(one)} {words}", "live", batch=batch)


def _moment_or_least(claim: Mapping[str, Any]) -> float:
    moment = _moment(claim["last_seen"])
    return moment.timestamp() if moment else 0.0


def _losses(claims: Iterable[Mapping[str, Any]]) -> Iterator[Event]:
    """What each source says of a loss, once a day and reason; what it only dropped from its index is no loss."""
    lost = {
        (_moment(one["lost_at"]) or _moment(one["last_seen"]), one["lost_reason"]): one
        for one in claims
        if one["lost_reason"]
    }
    for (moment, reason), one in lost.items():
        if reason.startswith(DROPPED):
            detail = reason.partition(":")[2]
            yield Event(
                moment, f"{_named(one)} dropped it from its index", why=in_words(detail) if detail else "",
                batch=one["batch"],
            )  # fmt: skip
        else:
            yield Event(moment, f"{_named(one)} found it lost", "lost", loss_words(reason), batch=one["batch"])


def loss_words(reason: str) -> str:
    """A lost reason in words."""
    return "The source does not say why" if reason == "vendor_unspecified" else in_words(reason)


def _changes(claims: Sequence[Mapping[str, Any]]) -> Iterator[Event]:
    """What one file of a report says otherwise than the one before."""
    batches: dict[int, list[Mapping[str, Any]]] = {}
    for one in claims:
        batches.setdefault(one["batch"], []).append(one)
    single = [rows[0] for rows in batches.values() if len(rows) == 1 and rows[0]["source"] != "crawl"]
    dated = sorted((one for one in single if _moment(one["last_seen"])), key=_moment_or_least)
    for before, after in pairwise(dated):
        told = tuple(_differences(before, after))
        if told:
            title = f"{_named(after)} says something else"
            yield Event(_moment(after["last_seen"]), title, "mapping", changes=told, batch=after["batch"])


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, label in CLAIMED.items():
        old, new = before[name], after[name]
        if old != new and None not in (old, new) and -1 not in (old, new):
            yield label, _plain(old), _plain(new)


def _plain(value: Any) -> str:
    return FLAG_WORDS[value] if isinstance(value, int) else str(value)


# --- Sightings and checks ---------------------------------------------------------------------------------------------
def _of_sightings(rows: Iterable[Mapping[str, Any]]) -> Iterator[Event]:
    for one in rows:
        moment = _moment(one["last_seen"])
        yield Event(moment, f"{_named(one)} lists the referring page", "live", batch=one["batch"])


def _of_checks(rows: Sequence[Mapping[str, Any]]) -> Iterator[Event]:
    """Checks, the newest first: what only says again what the one before found is one event with it."""
    for _, run in groupby(_numbered(rows), key=lambda one: one[0]):
        same = [row for _, row in run]
        first, last = same[-1], same[0]
        again = f"; so did {counted(len(same) - 1, 'later check')}, the last on {last['checked_at']:%Y-%m-%d}"
        state = STATES.get(first["state"], first["state"])
        yield Event(
            _moment(first["checked_at"]),
            f"Check: {state}{again if len(same) > 1 else ''}",
            tone(first["state"]),
            in_words(first["reason"]),
            tuple(
                (label, first["before"][name], first["after"].get(name, ""))
                for name, label in CHANGED.items()
                if name in first["before"]
            ),
            first["batch"],
            is_exact=True,
        )


def _numbered(rows: Sequence[Mapping[str, Any]]) -> list[tuple[int, Mapping[str, Any]]]:
    """Each check with the number of the run of equal checks that it belongs to."""
    made: list[tuple[int, Mapping[str, Any]]] = []
    number = 0
    for place, row in enumerate(rows):
        newer = rows[place - 1] if place else None
        if newer is not None and (_found(newer) != _found(row) or newer["before"]):
            number += 1
        made.append((number, row))
    return made


def _found(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["state"], row["reason"]
