"""Asking registries since when a domain is registered, and with whom (RDAP): off unless RDAP_ENABLED says otherwise.

Decided: what is asked goes through the door, one question at a time to each registry and so many an hour; the rest
waits for the next hour. A hit and "not registered" hold for 30 days, an error for one; a server that asks for patience
(429, Retry-After) is obeyed, and its domains go on waiting. Names that nobody registers by themselves (blogs on a
platform, addresses) are not asked for. robots.txt is not read: RDAP is there to be asked by programs. Refused: to go on
to the registrar's own server, which for .com and .net alone knows the registrant: there are thousands, each with limits
of its own; WHOIS, whose answers are text for people.
"""

import math
import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from publicsuffixlist import PublicSuffixList

from backlinks import index
from backlinks.crawl.hosts import now
from backlinks.crawl.rules import origin_of
from projects.models import Project
from seoapp.lib import weburl
from seoapp.lib.http import FetchError, Request, Response, fetch
from seoapp.lib.weburl import BadUrl, Target

from . import registrations
from .rdap_answers import MAX_BYTES, Outcome, judge
from .rdap_servers import NoServers, server_of, servers
from .registrations import Registration

State = Registration.State
HIT_HOLDS, ERROR_HOLDS = timedelta(days=30), timedelta(days=1)
SECONDS, REDIRECTS = 15.0, 3  # less than a server's lease
PATIENCE = 15.0  # seconds that somebody who asks waits for a server's turn
TASK_SECONDS = 120.0  # of a worker, which does nothing else meanwhile
MOST_DUE = 1_000
MOST_LISTED = 20_000
STRAIN, MOST_STRAIN, DOUBLINGS = 60.0, 3600.0, 6
ICANN = PublicSuffixList(accept_unknown=True, only_icann=True)


class Off(RuntimeError):
    """Nothing is asked as long as the operator has not said so."""

    def __init__(self) -> None:
        super().__init__(
            "Asking registries is off: set RDAP_ENABLED=1, which lets this installation ask them about domains."
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """Records in the order in which they were wanted; `looked_up` of them were asked for now."""

    records: list[Registration]
    looked_up: int


def registrable(text: str) -> str:
    """The registrable domain of a domain, host or URL, in A-labels. Raises `BadUrl`."""
    return weburl.parse(text, "https").domain


def look_up(domains: Sequence[str], *, seconds: float = math.inf) -> Asked:
    """Ask about registrable domains whose record is missing or old. Raises `Off`, `NoServers`."""
    if not settings.RDAP_ENABLED:
        raise Off
    names = list(dict.fromkeys(domains))
    _know(names)
    asked = _ask_due(names, seconds)
    found = {one.domain: one for part in _parts(names) for one in Registration.objects.filter(domain__in=part)}
    return Asked([found[one] for one in names], asked)


def look_up_due() -> int:
    """What a worker asks in an hour: first what waits, then what is old; returns how many questions."""
    if not settings.RDAP_ENABLED:
        return 0
    if Registration.objects.filter(state=State.WAITING).count() < settings.RDAP_PER_HOUR:
        for project in Project.objects.filter(removed_at=None).order_by("pk"):
            _know(wanted(project))
    due = Registration.objects.filter(due_at__lte=now()).values_list("domain", flat=True)
    waiting = list(due.filter(state=State.WAITING).order_by("pk")[:MOST_DUE])
    old = list(due.exclude(state=State.WAITING).order_by("due_at")[: MOST_DUE - len(waiting)])
    return look_up([*waiting, *old], seconds=TASK_SECONDS).looked_up


def wanted(project: Project) -> list[str]:
    """A project's domain, its competitors, and its strongest referring domains of which nothing is known yet."""
    known = set(Registration.objects.exclude(state=State.WAITING).values_list("domain", flat=True))
    query = index.LinkQuery.parse(
        workspace=project.workspace_id, target=project.target, report="domains", params={"sort": "-authority"}
    )
    rows = index.fetch(replace(query, per_page=min(MOST_LISTED, len(known) + settings.RDAP_PER_HOUR))).rows
    fresh = [row["source_domain"] for row in rows if row["source_domain"] not in known]
    rivals = [_domain_of(one) for one in project.competitors.values_list("target", flat=True)]
    own = [one for one in (project.target.domain, *rivals) if one]
    return list(dict.fromkeys([*own, *fresh[: settings.RDAP_PER_HOUR]]))


def _domain_of(text: str) -> str:
    try:
        return Target.parse(text).domain
    except BadUrl:
        return ""


def _know(domains: Iterable[str]) -> None:
    """A row for each that has none; it is due at once."""
    made = [Registration(domain=one, due_at=now()) for one in domains]
    Registration.objects.bulk_create(made, ignore_conflicts=True, batch_size=500)


def _parts(names: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    return (names[start : start + size] for start in range(0, len(names), size))


# --- Asking ---------------------------------------------------------------------------------------------------------
def _ask_due(names: Sequence[str], seconds: float) -> int:
    """Ask for those that are due, server by server in turn; returns how many questions were asked."""
    queues = _queues([one for one in names if _is_due(one)])
    until, asked = time.monotonic() + seconds, 0
    latest = dict.fromkeys(queues, time.monotonic())  # when each server was last asked
    while queues and time.monotonic() < until:
        turns = Counter({origin: _take_turn(origin, queue) for origin, queue in queues.items()})
        asked += turns.total()
        latest |= dict.fromkeys((origin for origin, count in turns.items() if count), time.monotonic())
        queues = {origin: queue for origin, queue in queues.items() if queue and _is_soon(origin, latest[origin])}
        if queues and not turns.total():
            time.sleep(max(0.01, min(_seconds_until(origin) for origin in queues)))
    return asked


def _is_due(domain: str) -> bool:
    return Registration.objects.filter(domain=domain, due_at__lte=now()).exists()


def _queues(names: Sequence[str]) -> dict[str, deque[tuple[str, str]]]:
    """(domain, server) by the server's origin; those that no server answers for are settled at once."""
    known = servers() if names else {}
    queues: dict[str, deque[tuple[str, str]]] = {}
    for domain in names:
        base = server_of(domain, known)
        reason = _unasked(domain) or ("" if base else f"no RDAP server for .{weburl.tld(domain)}")
        if reason:
            _save(domain, Outcome(State.FAILED, reason), "")
        else:
            queues.setdefault(origin_of(base), deque()).append((domain, base))
    return queues


def _unasked(domain: str) -> str:
    """Why nobody registers this name by itself; "" where somebody could."""
    if not weburl.is_site(domain) or not weburl.tld(domain) or "." not in domain:
        return f"{domain} is no domain that is registered"
    above = ICANN.privatesuffix(domain) or domain
    return "" if above == domain else f"{domain} is a name under {above} and is not registered by itself"


def _seconds_until(origin: str) -> float:
    return (registrations.free_at(origin) - now()).total_seconds()


def _is_soon(origin: str, latest: float) -> bool:
    """Whether the server's turn comes before whoever waits for it has lost patience."""
    return time.monotonic() - latest + max(0.0, _seconds_until(origin)) < PATIENCE


def _take_turn(origin: str, queue: deque[tuple[str, str]]) -> int:
    """Ask one question, if the server may be asked now; returns how many were asked."""
    while queue and not _is_due(queue[0][0]):  # another process has asked meanwhile
        queue.popleft()
    token = registrations.take(origin) if queue else ""
    if not token:
        return 0
    domain, base = queue.popleft()
    outcome = Outcome(State.WAITING)
    try:
        outcome = judge(_asked(domain, base), domain)
        _save(domain, outcome, base)
    finally:
        wait = max(settings.RDAP_DELAY_SECONDS, outcome.rest, _strain(origin) if outcome.strained else 0.0)
        registrations.give_back(origin, token, wait, failed=outcome.strained)
    return 1


def _strain(origin: str) -> float:
    return min(STRAIN * 2 ** min(registrations.failures_of(origin), DOUBLINGS), MOST_STRAIN)


def _asked(domain: str, base: str) -> Response | FetchError:
    accept = (("Accept", "application/rdap+json, application/json;q=0.5"),)
    try:
        return fetch(Request(f"{base}domain/{domain}", accept, max_bytes=MAX_BYTES, seconds=SECONDS, follow=REDIRECTS))
    except FetchError as error:
        return error


def _save(domain: str, outcome: Outcome, server: str) -> None:
    """Keep what was said. What an earlier answer told stays where this one tells nothing."""
    moment = timezone.now()
    row = Registration.objects.get(domain=domain)
    row.error = outcome.error[:300]
    if outcome.state == State.WAITING:
        row.due_at = moment + timedelta(seconds=outcome.rest)
    elif outcome.state == State.FAILED:
        row.due_at = moment + ERROR_HOLDS
        if row.state in (State.WAITING, State.FAILED):
            row.state, row.server, row.looked_up_at = outcome.state, server[:300], moment
    else:
        facts = outcome.facts
        row.state, row.server, row.looked_up_at, row.due_at = outcome.state, server[:300], moment, moment + HIT_HOLDS
        row.registered_on, row.expires_on = facts.registered_on, facts.expires_on
        row.registrar, row.registrant, row.status = facts.registrar, facts.registrant, list(facts.status)
        row.name_servers = list(facts.name_servers)
    row.save()


__all__ = ["Asked", "NoServers", "Off", "look_up", "look_up_due", "registrable", "wanted"]
