"""The one door out: the only module that opens a connection to a host that a user or a page named.

Decided: PycURL on libcurl's socket interface, because it has what no other client measured has: a deadline by the wall
clock for the whole exchange, a check at the socket itself, caps after decompression, and many exchanges on one thread.
Every address is judged before it is connected, again after every redirect, which the door follows itself. A name is
resolved by us and libcurl gets the judged addresses only. What the operator's settings allow is read when a door is
made. Refused: `requests` and urllib3, whose timeout is the longest wait for the next byte; a thread per connection.
"""

import os
import resource
import selectors
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from types import TracebackType

import pycurl

from seoapp.lib import names, weburl
from seoapp.lib.exchange import (
    BAD_PORT,
    ERROR_CODES,
    NO_ADDRESS,
    REDIRECTS,
    FetchError,
    Hop,
    Place,
    Policy,
    Request,
    Response,
    header_lines,
    place_of,
    redirect_target,
)
from seoapp.lib.names import Lookup
from seoapp.lib.transfer import Answer, Failure, Transfer
from seoapp.lib.weburl import BadUrl

__all__ = ["ERROR_CODES", "NO_ADDRESS", "Door", "FetchError", "Hop", "Request", "Response", "fetch"]

MOST_REDIRECTS = 5
LEAST_KEPT, MOST_KEPT = 16, 2_000  # idle connections
BUSY_SECONDS = 5.0  # so long a name waits for a resolver's thread
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
WATCHED = {pycurl.POLL_IN: READ, pycurl.POLL_OUT: WRITE, pycurl.POLL_INOUT: READ | WRITE}
HAPPENED = {READ: pycurl.CSELECT_IN, WRITE: pycurl.CSELECT_OUT, READ | WRITE: pycurl.CSELECT_IN | pycurl.CSELECT_OUT}
REASONS = {"port_refused": BAD_PORT, "address_refused": NO_ADDRESS}


@dataclass(slots=True, eq=False)
class _Exchange:
    """A request on its way: where it stands, and until when it may take."""

    key: object
    request: Request
    url: str
    place: Place | None = None
    hops: list[Hop] = field(default_factory=list)
    started: float = 0.0
    deadline: float = 0.0
    asked: float = 0.0
    wire_bytes: int = 0
    with_credentials: bool = True
    again: bool = False  # its place is asked once more, on a connection of its own

    def error(self, code: str, reason: str, status: int = 0) -> FetchError:
        return FetchError(code, reason, self.url, tuple(self.hops), status)


class Door:
    """Many exchanges at once on the caller's thread. Only `wake` may be called from another one."""

    def __init__(self, at_once: int = 200) -> None:
        self.policy = Policy.current()
        self._at_once, self._active = at_once, 0
        self._line: deque[_Exchange] = deque()
        self._naming: dict[str, tuple[Lookup, list[_Exchange]]] = {}
        self._named: deque[Lookup] = deque()
        self._moving: dict[pycurl.Curl, tuple[Transfer, _Exchange]] = {}
        self._rested: list[Transfer] = []
        self._ended: list[tuple[object, Response | FetchError]] = []
        self._timer = self._names_due = inf
        self._bell = _Bell()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._bell.ear, READ)
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)
        self._multi.setopt(pycurl.M_MAXCONNECTS, _kept(at_once))

    def __len__(self) -> int:
        """Exchanges in flight and waiting; those that ended are not counted."""
        return self._active + len(self._line)

    def __enter__(self) -> "Door":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def submit(self, key: object, request: Request) -> None:
        """Put a request in line; its deadline counts from when its turn has come."""
        self._line.append(_Exchange(key, request, request.url))

    def wait(self, seconds: float) -> list[tuple[object, Response | FetchError]]:
        """Let things move until something has ended, `wake` was called or the time is over; returns what has ended."""
        until = time.monotonic() + seconds
        self._admit()
        while not self._ended and not self._bell.called:
            left = until - time.monotonic()
            self._step(max(0.0, left))
            self._admit()
            if left <= 0:
                break
        self._bell.called = False
        ended, self._ended = self._ended, []
        return ended

    def wake(self) -> None:
        """End a `wait` early, from any thread."""
        self._bell.called = True
        self._bell.ring()

    def close(self) -> None:
        """Give up what is in flight. Idle connections are closed."""
        self._bell.close()
        for lookup, _ in self._naming.values():
            lookup.dropped = True
        for curl in self._moving:
            self._multi.remove_handle(curl)
        for transfer in [*self._rested, *(moving for moving, _ in self._moving.values())]:
            transfer.curl.close()
        self._multi.close()
        self._selector.close()
        for held in (self._line, self._naming, self._moving, self._rested, self._ended):
            held.clear()
        self._active = 0

    # --- An exchange goes its way ------------------------------------------------------------------------------------
    def _admit(self) -> None:
        while self._line and self._active < self._at_once:
            exchange = self._line.popleft()
            self._active += 1
            exchange.started = time.monotonic()
            exchange.deadline = exchange.started + exchange.request.seconds
            try:
                exchange.place = place_of(weburl.parse(exchange.url))
            except BadUrl as error:
                self._end(exchange, exchange.error("bad_url", f"{error.reason[:1].upper()}{error.reason[1:]}."))
                continue
            self._enter(exchange, exchange.place)

    def _enter(self, exchange: _Exchange, place: Place) -> None:
        """Begin a hop: everything is checked anew."""
        exchange.place, exchange.url = place, place.url
        addresses = names.known(place.host)
        if self.policy.refuses_port(place):
            self._refuse(exchange, "port_refused")
        elif addresses is not None:
            self._judge(exchange, place, addresses)
        elif not self.policy.proxy:
            self._ask(exchange, place.host)
        elif place.port in self.policy.ports:
            self._send(exchange, place, ())
        else:
            self._refuse(exchange, "port_refused")

    def _judge(self, exchange: _Exchange, place: Place, addresses: tuple[str, ...]) -> None:
        code = self.policy.judge(place, addresses)
        if code:
            self._refuse(exchange, code)
        else:
            self._send(exchange, place, addresses)

    def _refuse(self, exchange: _Exchange, code: str) -> None:
        self._end(exchange, exchange.error(code, REASONS[code]))

    def _send(self, exchange: _Exchange, place: Place, addresses: tuple[str, ...]) -> None:
        request = exchange.request
        try:
            headers = header_lines(request, with_credentials=exchange.with_credentials)
        except ValueError as error:
            self._end(exchange, exchange.error("bad_url", f"This request cannot be sent: {error}."))
            return
        transfer = self._rested.pop() if self._rested else Transfer(self.policy)
        agent = request.agent or self.policy.agent
        transfer.load(
            place,
            addresses,
            method=request.method,
            headers=headers,
            agent=agent,
            limit=request.max_bytes,
            alone=exchange.again,
        )
        transfer.set_deadline(exchange.deadline - time.monotonic())
        self._moving[transfer.curl] = transfer, exchange
        self._multi.add_handle(transfer.curl)

    def _done(self, curl: pycurl.Curl, error: int, text: str) -> None:
        transfer, exchange = self._moving.pop(curl)
        self._multi.remove_handle(curl)
        result = transfer.result(error, text)
        exchange.wire_bytes += transfer.wire_bytes
        again = isinstance(result, Failure) and result.code == "bad_response" and transfer.met_leftovers
        transfer.rest()
        self._rested.append(transfer)
        if again and not exchange.again and exchange.place is not None:
            exchange.again = True
            self._enter(exchange, exchange.place)
        elif isinstance(result, Failure):
            self._end(exchange, exchange.error(result.code, result.reason, result.status))
        elif _is_unasked(result, exchange.request):
            self._end(exchange, exchange.error("bad_response", "The server says 304, but nothing was asked.", 304))
        elif exchange.request.follow and result.status in REDIRECTS and _location(result):
            self._follow(exchange, result)
        else:
            self._end(exchange, _response(exchange, result))

    def _follow(self, exchange: _Exchange, answer: Answer) -> None:
        said = _location(answer)
        before = exchange.place
        try:
            target = redirect_target(exchange.url, said)
            place = place_of(target)
        except BadUrl as error:
            exchange.hops.append(Hop(exchange.url, answer.status, said))
            self._end(exchange, exchange.error("bad_redirect", f"The redirect leads nowhere: {error}.", answer.status))
            return
        if exchange.request.within_site and target.domain != weburl.parse(exchange.url).domain:
            self._end(exchange, _response(exchange, answer))
            return
        exchange.hops.append(Hop(exchange.url, answer.status, place.url))
        reason = ""
        if any(hop.url == place.url for hop in exchange.hops):
            reason = "The redirects run in a circle."
        elif len(exchange.hops) > min(exchange.request.follow, MOST_REDIRECTS):
            reason = "Too many redirects."
        if reason:
            self._end(exchange, exchange.error("too_many_redirects", reason, answer.status))
            return
        if before is None or before.origin != place.origin:
            exchange.with_credentials = False
        self._enter(exchange, place)

    def _end(self, exchange: _Exchange, outcome: Response | FetchError) -> None:
        self._active -= 1
        self._ended.append((exchange.key, outcome))

    # --- Names -------------------------------------------------------------------------------------------------------
    def _ask(self, exchange: _Exchange, host: str) -> None:
        """Wait for the addresses of a name; exchanges with one host share the question."""
        exchange.asked = time.monotonic()
        if host not in self._naming:
            lookup = Lookup(host, self._told)
            if not names.ask(lookup):
                self._end(exchange, exchange.error("busy", "Too many names are being looked up."))
                return
            self._naming[host] = lookup, []
        self._naming[host][1].append(exchange)
        self._names_due = min(self._names_due, exchange.deadline, exchange.asked + BUSY_SECONDS)

    def _told(self, lookup: Lookup) -> None:
        """Called by a resolver's thread."""
        self._named.append(lookup)
        self._bell.ring()

    def _take_named(self) -> None:
        while self._named:
            lookup = self._named.popleft()
            asked, exchanges = self._naming.get(lookup.host, (None, []))
            if asked is not lookup:
                continue
            del self._naming[lookup.host]
            for exchange in exchanges:
                if lookup.unanswered:
                    self._end(exchange, exchange.error("dns", "The name server gave no answer."))
                elif exchange.place is not None:
                    self._judge(exchange, exchange.place, lookup.addresses)

    def _give_up_names(self, now: float) -> None:
        """End the exchanges whose name took too long, and find out when to look again."""
        self._names_due = inf
        for host, (lookup, exchanges) in list(self._naming.items()):
            for exchange in list(exchanges):
                due = exchange.deadline if lookup.begun else min(exchange.deadline, exchange.asked + BUSY_SECONDS)
                if now < due:
                    self._names_due = min(self._names_due, due)
                    continue
                exchanges.remove(exchange)
                late = exchange.error("timeout", "The name took too long to look up.")
                self._end(exchange, late if lookup.begun else exchange.error("busy", "Too many names are looked up."))
            if not exchanges:
                lookup.dropped = True
                del self._naming[host]

    # --- The loop ----------------------------------------------------------------------------------------------------
    def _watch(self, what: int, descriptor: int, multi: pycurl.CurlMulti, data: object) -> None:
        """libcurl says which sockets it wants to hear of."""
        watched = self._selector.get_map()
        if what == pycurl.POLL_REMOVE:
            if descriptor in watched:
                self._selector.unregister(descriptor)
        elif descriptor in watched:
            self._selector.modify(descriptor, WATCHED[what])
        else:
            self._selector.register(descriptor, WATCHED[what])

    def _set_timer(self, milliseconds: int) -> None:
        self._timer = time.monotonic() + milliseconds / 1000 if milliseconds >= 0 else inf

    def _step(self, longest: float) -> None:
        due = min(self._timer, self._names_due) - time.monotonic()
        for key, mask in self._selector.select(max(0.0, min(longest, due))):
            if key.fileobj is self._bell.ear:
                self._bell.hush()
            else:
                self._multi.socket_action(key.fd, HAPPENED[mask])
        now = time.monotonic()
        if now >= self._timer:
            self._timer = inf
            self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        self._take_named()
        if now >= self._names_due:
            self._give_up_names(now)
        self._collect()

    def _collect(self) -> None:
        waiting = 1
        while waiting:
            waiting, done, failed = self._multi.info_read()
            for curl in done:
                self._done(curl, 0, "")
            for curl, error, text in failed:
                self._done(curl, error, text)


class _Bell:
    """Ends a wait from another thread. Ringing after it was closed does nothing."""

    def __init__(self) -> None:
        self.ear, self._mouth = socket.socketpair()
        self.ear.settimeout(0)
        self._mouth.settimeout(0)
        self._lock = threading.Lock()
        self.called = False

    def ring(self) -> None:
        with self._lock, suppress(OSError):  # full: it is ringing; closed: nobody listens
            self._mouth.send(b"!")

    def hush(self) -> None:
        with suppress(BlockingIOError):
            while self.ear.recv(4096):
                pass

    def close(self) -> None:
        with self._lock:
            self.ear.close()
            self._mouth.close()


def _kept(at_once: int) -> int:
    """Connections that stay open between two pages of a host: some for each exchange, half of what the system gives."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_KEPT if soft == resource.RLIM_INFINITY else min(MOST_KEPT, soft // 2)
    return max(1, min(max(LEAST_KEPT, 4 * at_once), most))


def _location(answer: Answer) -> str:
    return next((value for name, value in answer.headers if name == "location"), "")


def _is_unasked(answer: Answer, request: Request) -> bool:
    """A 304 to somebody who named no copy of theirs."""
    asked = {name.lower() for name, _ in request.headers} & {"if-none-match", "if-modified-since"}
    return answer.status == 304 and not asked


def _response(exchange: _Exchange, answer: Answer) -> Response:
    return Response(
        url=exchange.url,
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        truncated=answer.truncated,
        ip=answer.ip,
        hops=tuple(exchange.hops),
        seconds=time.monotonic() - exchange.started,
        http_version=answer.http_version,
        wire_bytes=exchange.wire_bytes,
        certificate=answer.certificate,
    )


# --- One exchange at a time ------------------------------------------------------------------------------------------
_own = threading.local()
_abandoned: list[threading.local] = []


def fetch(request: Request) -> Response:
    """Ask once and wait for it; connections of this thread are used again. Raises `FetchError`."""
    door = _own_door()
    try:
        door.submit(None, request)
        ended = door.wait(0)
        while not ended:
            ended = door.wait(request.seconds)
    except BaseException:  # interrupted: nothing of this exchange may meet the next
        _own.door = None
        door.close()
        raise
    _, outcome = ended[0]
    if isinstance(outcome, FetchError):
        raise outcome
    return outcome


def _own_door() -> Door:
    """This thread's door; a new one where the settings have changed since."""
    door = getattr(_own, "door", None)
    if door is not None and door.policy is not Policy.current():
        door.close()
        door = None
    if door is None:
        door = _own.door = Door(at_once=1)
    return door


def _leave_to_parent() -> None:
    """A forked child leaves its parent's connections alone; closing them would end them for both."""
    global _own
    _abandoned.append(_own)
    _own = threading.local()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)
