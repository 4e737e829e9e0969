"""What a registry's answer about a domain means (RFC 9083): facts, "not registered", or why nothing is known. Pure.

Decided: nothing of an answer is trusted: each value is looked at for its type, cut, and left out where it is odd, and
an answer about another domain is none. The day of registration is the earliest that is told, within the time in which
domains exist: some registries fill the gap with 1970. Of a registrant only the organisation is read, never a person's
name. Refused: jCard libraries, for one property of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from backlinks.crawl.outcomes import retry_after
from seoapp.lib.http import FetchError, Response
from seoapp.lib.weburl import PLAIN_HOST

from .registrations import Registration

State = Registration.State
MAX_BYTES = 256 * 1024
MAX_TEXT, MAX_STATUS, MAX_ITEMS = 200, 60, 50
FIRST_DAY, LAST_DAY = date(1985, 1, 1), date(2200, 1, 1)  # symbolics.com was the first .com, in March 1985
REST_SECONDS, MAX_REST = 3600.0, 24 * 3600.0  # asked for by a 429 without Retry-After; the longest that is believed


@dataclass(frozen=True, slots=True)
class Facts:
    """What a registry tells of a registered domain; None, "" and () where it does not."""

    registered_on: date | None = None
    expires_on: date | None = None
    registrar: str = ""
    registrant: str = ""
    status: tuple[str, ...] = ()
    name_servers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """`rest`: seconds that the server asked for; `strained`: it had trouble, so it is asked less often."""

    state: str
    error: str = ""
    facts: Facts = Facts()
    rest: float = 0.0
    strained: bool = False


def judge(answer: Response | FetchError, domain: str) -> Outcome:
    """What the answer to a question about `domain` says."""
    if isinstance(answer, FetchError):
        if answer.code == "busy":  # our own limit, not the server's
            return Outcome(State.WAITING, answer.reason)
        return Outcome(State.FAILED, answer.reason, strained=True)
    if answer.status == 404:
        return Outcome(State.ABSENT)
    rest = min(retry_after(answer.header("retry-after")), MAX_REST) if answer.status in (429, 503) else 0.0
    if answer.status == 429 or rest:
        return Outcome(State.WAITING, f"The server answered {answer.status}: wait.", rest=rest or REST_SECONDS)
    if answer.status != 200:
        return Outcome(State.FAILED, f"The server answered {answer.status}.", strained=answer.status >= 500)
    if answer.truncated:
        return Outcome(State.FAILED, "The answer is larger than 256 KB.")
    return read(answer.body, domain)


def read(body: bytes, domain: str) -> Outcome:
    """What the text of an answer tells of `domain`; it never raises, whatever the text is."""
    try:
        said = orjson.loads(body)
    except ValueError:
        return Outcome(State.FAILED, "The answer is not JSON.")
    if not isinstance(said, dict):
        return Outcome(State.FAILED, "The answer is not about a domain.")
    if said.get("errorCode") == 404:
        return Outcome(State.ABSENT)
    named = _text(said.get("ldhName")).rstrip(".").lower()
    if not named and said.get("objectClassName") != "domain":
        return Outcome(State.FAILED, "The answer is not about a domain.")
    if named and named != domain:
        return Outcome(State.FAILED, "The answer is about another domain.")
    return Outcome(State.KNOWN, facts=_facts(said))


def _facts(said: dict[str, Any]) -> Facts:
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    registered = [one for one in _days(said, "registration") if FIRST_DAY <= one <= tomorrow]
    expires = [one for one in _days(said, "expiration") if FIRST_DAY <= one <= LAST_DAY]
    status = (_text(one)[:MAX_STATUS] for one in _items(said.get("status")))
    return Facts(
        registered_on=min(registered, default=None),
        expires_on=max(expires, default=None),
        registrar=_of_role(said, "registrar", ("fn", "org")),
        registrant=_of_role(said, "registrant", ("org",)),
        status=tuple(one for one in status if one),
        name_servers=tuple(_servers(said)),
    )


def _servers(said: dict[str, Any]) -> list[str]:
    """Names of its name servers, each once, in their order."""
    named = {_text(one.get("ldhName")).rstrip(".").lower() for one in _objects(said.get("nameservers"))}
    return sorted(name for name in named if PLAIN_HOST.fullmatch(name))


def _days(said: dict[str, Any], action: str) -> Iterator[date]:
    for event in _objects(said.get("events")):
        if _text(event.get("eventAction")).lower() == action:
            day = _day(_text(event.get("eventDate")))
            if day is not None:
                yield day


def _day(text: str) -> date | None:
    """The day in UTC of a moment (RFC 3339), or of one that has its day alone."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC).date() if moment.tzinfo else moment.date()
    except (ValueError, OverflowError):
        pass
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


# --- Entities -------------------------------------------------------------------------------------------------------
def _of_role(said: dict[str, Any], role: str, properties: tuple[str, ...]) -> str:
    """The first of these properties that the first entity of a role has; of an organisation its name serves too."""
    for entity in _objects(said.get("entities")):
        if role not in [_text(one).lower() for one in _items(entity.get("roles"))]:
            continue
        card = _card(entity.get("vcardArray"))
        wanted = (*properties, "fn") if card.get("kind", "").lower() == "org" else properties
        found = next((card[name] for name in wanted if card.get(name)), "")
        if found:
            return found
    return ""


def _card(value: Any) -> dict[str, str]:
    """The properties of a jCard (RFC 7095) by name, the first of each that is text."""
    rows = value[1] if isinstance(value, list) and len(value) > 1 else None
    card: dict[str, str] = {}
    for row in _items(rows):
        if isinstance(row, list) and len(row) > 3 and isinstance(row[0], str):
            text = _text(row[3][0] if isinstance(row[3], list) and row[3] else row[3])
            if text:
                card.setdefault(row[0].lower(), text)
    return card


def _items(value: Any) -> list[Any]:
    return value[:MAX_ITEMS] if isinstance(value, list) else []


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    return (one for one in _items(value) if isinstance(one, dict))


def _text(value: Any) -> str:
    """Text in one line without characters that no database or page takes; "" for what is no text."""
    if not isinstance(value, str):
        return ""
    printable = "".join(one if one.isprintable() else " " for one in value[: 4 * MAX_TEXT])
    return " ".join(printable.split())[:MAX_TEXT]
