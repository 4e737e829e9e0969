"""From a host name to its addresses, on a bounded number of threads.

Decided: the system's resolver, asked for the fully qualified name, so that a search domain of the machine never
applies; a bounded pool of daemon threads with a bounded line before it, because a resolver that hangs holds a thread
for half a minute and nothing can end it. `localhost` and what ends in `.localhost` is 127.0.0.1 without asking
(RFC 6761). Answers are remembered for two minutes: what was judged is what is connected, so an old answer is only old.
That the name server could not say is no answer: it passes, and says nothing about the name.
Refused: libcurl's own resolver threads, which nothing bounds; a resolver library of our own, which would not know the
operator's DNS; DNS over HTTPS, because it would tell a third party which sites are crawled.
"""

import logging
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from seoapp.lib.addresses import is_address

logger = logging.getLogger(__name__)
THREADS = 64
LINE = 2_000  # names that wait for a thread; more are refused at once
REMEMBERED = 20_000
KNOWN_SECONDS, UNKNOWN_SECONDS = 120.0, 30.0
MOST = 16  # addresses of one name that are kept
LOOPBACK = ("127.0.0.1",)


@dataclass(slots=True, eq=False)
class Lookup:
    """One question; `then` is called with it from a resolver's thread. `begun` tells slow from never asked."""

    host: str
    then: Callable[["Lookup"], None]
    begun: bool = False
    dropped: bool = False
    unanswered: bool = False
    addresses: tuple[str, ...] = ()


class Unanswered(Exception):
    """The name server is out of reach, or could not say."""


def look_up(host: str) -> tuple[str, ...]:
    """Ask the system; () where the name has no address. Blocks for as long as the system likes. Raises Unanswered."""
    try:
        found = socket.getaddrinfo(f"{host}.", None, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise Unanswered from error
        return ()
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))


def known(host: str) -> tuple[str, ...] | None:
    """The addresses of a host that need no question; () for a name that had none lately, None where one must ask."""
    bare = host.strip("[]")
    if is_address(bare):
        return (bare,)
    if host == "localhost" or host.endswith(".localhost"):
        return LOOPBACK
    return RESOLVER.remembered(host)


class Resolver:
    """Daemon threads that look names up: started as they are needed, never more than `threads`."""

    def __init__(self, threads: int = THREADS, line: int = LINE) -> None:
        self._most, self._line = threads, line
        self._waiting: deque[Lookup] = deque()
        self._work = threading.Condition()
        self._threads = self._idle = 0
        self._memory: dict[str, tuple[float, tuple[str, ...]]] = {}

    def ask(self, lookup: Lookup) -> bool:
        """Put a question in line; False when the line is full."""
        with self._work:
            if len(self._waiting) >= self._line:
                self._waiting = deque(one for one in self._waiting if not one.dropped)
            if len(self._waiting) >= self._line:
                return False
            self._waiting.append(lookup)
            if self._idle < len(self._waiting) and self._threads < self._most:
                self._threads += 1
                threading.Thread(target=self._serve, name="resolver", daemon=True).start()
            self._work.notify()
        return True

    def _serve(self) -> None:
        while True:
            lookup = self._next()
            if lookup.dropped:
                continue
            lookup.begun = True
            try:
                lookup.addresses = look_up(lookup.host)[:MOST]
            except Unanswered:
                lookup.unanswered = True
            except Exception:  # a thread that died would be missing for good
                logger.exception("looking up %r failed", lookup.host)
            if not lookup.unanswered:
                self._remember(lookup.host, lookup.addresses)
            lookup.then(lookup)

    def _next(self) -> Lookup:
        with self._work:
            self._idle += 1
            while not self._waiting:
                self._work.wait()
            self._idle -= 1
            return self._waiting.popleft()

    def _remember(self, host: str, addresses: tuple[str, ...]) -> None:
        until = time.monotonic() + (KNOWN_SECONDS if addresses else UNKNOWN_SECONDS)
        with self._work:
            self._memory.pop(host, None)
            self._memory[host] = (until, addresses)
            if len(self._memory) > REMEMBERED:
                del self._memory[next(iter(self._memory))]

    def remembered(self, host: str) -> tuple[str, ...] | None:
        until, addresses = self._memory.get(host, (0.0, None))
        return addresses if until > time.monotonic() else None

    def forget(self) -> None:
        with self._work:
            self._memory.clear()


RESOLVER = Resolver()


def ask(lookup: Lookup) -> bool:
    return RESOLVER.ask(lookup)


def forget() -> None:
    """Drop what is remembered, for tests and after the network changed."""
    RESOLVER.forget()


def _afresh() -> None:
    """A forked child has none of its parent's threads."""
    global RESOLVER
    RESOLVER = Resolver()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_afresh)
