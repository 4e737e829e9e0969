"""While a query runs, look whether its client is still there."""

import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

EVERY = 0.25


class Watch:
    """A context in which `gone` is called, once, when the client closes its connection."""

    def __init__(self, connection: socket.socket, gone: Callable[[], None]) -> None:
        self._socket, self._gone = connection, gone
        self._done = threading.Event()

    def __enter__(self) -> None:
        threading.Thread(target=self._look, daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self._done.set()

    def _look(self) -> None:
        while not self._done.wait(EVERY):
            if self._closed() and not self._done.is_set():
                with suppress(Exception):  # the engine may close under us
                    self._gone()
                return

    def _closed(self) -> bool:
        try:
            look = select.poll()  # not select(): the engine holds more than a thousand files
            look.register(self._socket, select.POLLIN)
            return bool(look.poll(0)) and not self._socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except (OSError, ValueError):
            return True
