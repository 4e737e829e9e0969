"""A connection on which an earlier answer has left something: the next answer is asked for once more, on a new one."""

import socket
import threading
from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from seoapp.lib.http import Door, FetchError, Request, Response
from tests.web.hostile import head_of, path_of

FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"
LEFT = b"what was longer than its length said\r\n\r\n"


class Leaving:
    """Sends rubbish before every answer but the first of a connection; under /never before that one, too."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, str]] = []  # (number of the connection, path)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        number = 0
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            number += 1
            threading.Thread(target=self._serve, args=(connection, number), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            with connection:
                while head := head_of(connection):
                    is_first = number not in [one for one, _ in self.asked]
                    self.asked.append((number, path_of(head)))
                    fine = is_first and not path_of(head).startswith("/never")
                    connection.sendall(FINE if fine else LEFT + FINE)
        except OSError:
            pass  # the client had enough

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def leaving(settings: LazySettings) -> Iterator[Leaving]:
    server = Leaving()
    settings.SEOAPP_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    settings.CRAWL_PORTS = [server.port]
    yield server
    server.close()


def asked_one_after_another(server: Leaving, *paths: str) -> list[Response | FetchError]:
    door, ended = Door(at_once=1), []
    for path in paths:
        door.submit(path, Request(f"http://127.0.0.1:{server.port}{path}", seconds=30))
        while len(door):
            ended += [result for _, result in door.wait(5)]
    door.close()
    return ended


def test_what_an_earlier_answer_left_does_not_spoil_the_next(leaving: Leaving) -> None:
    ended = asked_one_after_another(leaving, "/one", "/two")
    assert [(one.status, one.body) for one in ended if isinstance(one, Response)] == [(200, b"fine")] * 2
    assert leaving.asked == [(1, "/one"), (1, "/two"), (2, "/two")]


def test_it_is_asked_once_more_and_not_for_ever(leaving: Leaving) -> None:
    first, second = asked_one_after_another(leaving, "/one", "/never")
    assert isinstance(first, Response)
    assert isinstance(second, FetchError) and second.code == "bad_response"
    assert leaving.asked == [(1, "/one"), (1, "/never"), (2, "/never")]


def test_an_answer_that_cannot_be_read_on_a_new_connection_is_asked_for_once(leaving: Leaving) -> None:
    (only,) = asked_one_after_another(leaving, "/never")
    assert isinstance(only, FetchError) and only.code == "bad_response"
    assert leaving.asked == [(1, "/never")]
