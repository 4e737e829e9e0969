"""What a visit of a page says about one of its links. Pure, and the heart of every check.

Decided: only what was seen decides. A page that could not be looked at (robots, time-out, blocked, 429, 5xx, cut short,
redirects without end) says nothing: the link is *unknown*, never lost; nor does a refusal that may be meant for us
alone. A link is lost for one of seven reasons; a target that answers with an error is broken, not lost, and stays so
until it was looked at again. What changed is said in words, old beside new. Refused: guessing that a blocked page still
has its link, or that a slow one has lost it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LOST = (
    "removedfromhtml", "notfound", "pageerror", "pageredirected", "noindex", "notcanonical", "lostredirect",
)  # fmt: skip
GONE = frozenset((404, 410))
# Errors that a page has, whoever asks; all others (403, 406, 429, 5xx and whatever firewalls answer) say nothing of it.
PAGE_ERRORS = frozenset((400, 411, 413, 414, 415, 416, 417, 422, 424))
SAYS_NOTHING = frozenset((401, 402, 403, 405, 406, 407, 408, 409, 412, 418, 421, 423, 425, 426, 428, 429, 451))
RELS = ("nofollow", "ugc", "sponsored")
WORDS = {True: "yes", False: "no"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """state: live, changed, restored, lost, broken or unknown; `changes`: what -> (before, after)."""

    state: str
    reason: str = ""
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)


def decide(known: Mapping[str, Any], seen: Mapping[str, Any], target: Mapping[str, Any]) -> Verdict:
    """`known`: the link as the index shows it, `last` its last check; `seen`: the visit of its page (empty: none);
    `target`: the visit of its target (empty: not asked)."""
    if not seen:
        return Verdict("unknown", "not_visited")
    if is_unchanged(seen):
        return _unchanged(known, target)
    if known.get("kind") == "redirect":
        return _redirect(known, seen)
    if not 200 <= seen["status"] < 300 or seen["code"]:
        return _unreadable(seen)
    if seen.get("link"):
        return _found(known, seen, target)
    return _missing(known, seen)


def is_unchanged(seen: Mapping[str, Any]) -> bool:
    """Whether the page answered that it is as we know it; a 304 that nobody asked for has the code of a failure."""
    return seen.get("status") == 304 and not seen["code"]


def _unchanged(known: Mapping[str, Any], target: Mapping[str, Any]) -> Verdict:
    """The page is as it was at the last check, and so is the link; its target may be another one by now."""
    last = known.get("last") or {}
    if last.get("state") == "lost":
        return Verdict("lost", last.get("reason", ""))
    if last.get("reason") == "target":
        return Verdict("lost", "removedfromhtml")
    broken = _broken(known, target)
    return Verdict("broken", broken) if broken else Verdict("live", "unchanged")


def _redirect(known: Mapping[str, Any], seen: Mapping[str, Any]) -> Verdict:
    status = seen["status"]
    if seen.get("redirect_key") and seen["redirect_key"] == known["target_key"]:
        return _alive(known, {})
    leads_elsewhere = 300 <= status < 400 and seen["code"] in ("", "bad_redirect") and not _is_circle(seen)
    if 200 <= status < 300 or status in GONE or leads_elsewhere:
        return Verdict("lost", "lostredirect")
    return _unreadable(seen)


def _is_circle(seen: Mapping[str, Any]) -> bool:
    """A redirect to itself: a page that sets a cookie first."""
    return seen.get("redirect_key", "") == seen.get("page_key", "") != ""


def _unreadable(seen: Mapping[str, Any]) -> Verdict:
    status, code = seen["status"], seen["code"]
    if status in GONE:
        return Verdict("lost", "notfound")
    if status in PAGE_ERRORS:
        return Verdict("lost", "pageerror")
    return Verdict("unknown", code or ("too_many_redirects" if 300 <= status < 400 else f"http_{status}"))


def _found(known: Mapping[str, Any], seen: Mapping[str, Any], target: Mapping[str, Any]) -> Verdict:
    if seen.get("noindex"):
        return Verdict("lost", "noindex")
    if seen.get("canonical") and seen["canonical"] != seen["page_key"]:
        return Verdict("lost", "notcanonical", {"canonical": (seen["page_key"], seen["canonical"])})
    changes = _changes(known, seen["link"])
    if seen.get("moved_from"):
        changes["page"] = (seen["moved_from"], seen["final_url"])
    broken = _broken(known, target)
    if broken:
        return Verdict("broken", broken, changes)
    return _alive(known, changes, "" if not target or _has_answered(target) else "target_unseen")


def _alive(known: Mapping[str, Any], changes: dict[str, tuple[str, str]], reason: str = "") -> Verdict:
    if was_lost(known):
        return Verdict("restored", reason, changes)
    return Verdict("changed" if changes else "live", reason, changes)


def was_lost(known: Mapping[str, Any]) -> bool:
    """What our own last check said, else what the index shows."""
    last = known.get("last") or {}
    return last["state"] == "lost" if last.get("state") not in (None, "", "unknown") else known.get("state") == "lost"


def _broken(known: Mapping[str, Any], target: Mapping[str, Any]) -> str:
    """Which error the target answers with; "" when it answers well or not at all: a name server that is out of order
    must not break every link of a client, nor mend one that was broken."""
    last = known.get("last") or {}
    if not _has_answered(target):
        return last.get("reason", "") if last.get("state") == "broken" else ""
    status = target["status"]
    return f"http_{status}" if 400 <= status < 600 and status not in SAYS_NOTHING else ""


def _has_answered(target: Mapping[str, Any]) -> bool:
    """Whether the target was looked at to the end of its redirects."""
    status = target.get("status", 0)
    return bool(status) and not 300 <= status < 400 and status not in SAYS_NOTHING


def _missing(known: Mapping[str, Any], seen: Mapping[str, Any]) -> Verdict:
    if seen.get("is_cut"):
        return Verdict("unknown", "cut_short")
    if seen.get("moved_from"):
        return Verdict("lost", "pageredirected", {"page": (seen["moved_from"], seen["final_url"])})
    other = _instead(known, seen.get("others", ()))
    if other:
        return Verdict("changed", "target", {"target": (known["target_url"], other)})
    return Verdict("lost", "removedfromhtml")


def _instead(known: Mapping[str, Any], others: Any) -> str:
    """The page that the link leads to now: the one link to the same site with the same words."""
    anchor = _plain(known.get("anchor", ""))
    same = {one["url"] for one in others if anchor and _plain(one["anchor"]) == anchor}
    return same.pop() if len(same) == 1 else ""


def closest(known: Mapping[str, Any], places: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Of the places where a page has a link, the one that is most like what was known: that there is another one too
    is no change."""
    return min(places, key=lambda link: len(_changes(known, link)), default=None)


def _changes(known: Mapping[str, Any], link: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """What of a link is not as it was; what nobody had known is no change."""
    last = known.get("last") or {}
    if last.get("state") == "lost":
        last = {}  # it saw no link: what was known before stands in the index
    made: dict[str, tuple[str, str]] = {}
    before = last.get("anchor", known.get("anchor", "")) if known.get("anchor_known") or last else None
    after = link["anchor"] or link["alt"]
    if before is not None and _plain(before) != _plain(after) and (before or last):
        made["anchor"] = (before, after)
    for place, name in enumerate(RELS):
        was = last["rel"][place] if last.get("rel") else known.get(name, -1)
        if was in (0, 1) and bool(was) is not link[name]:
            made[name] = (WORDS[bool(was)], WORDS[link[name]])
    if last.get("placement") and link["placement"] and last["placement"] != link["placement"]:
        made["placement"] = (last["placement"], link["placement"])
    return made


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
