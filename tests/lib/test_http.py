"""The door out on friendly servers: what is sent, what comes back, many at once."""

import gc
import gzip
import os
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings, settings

from seoapp.lib import http
from seoapp.lib.exchange import redirect_target
from seoapp.lib.http import Door, FetchError, Hop, Request, Response, fetch
from seoapp.lib.weburl import BadUrl
from tests.web.hostile import HostileServer, raw, text


def encoded_page(encoding: str, data: bytes) -> dict[str, Any]:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(data)}\r\n\r\n"
    return raw({"text": head}, {"repeat": data.decode("latin-1"), "times": 1})


@pytest.fixture
def server(settings: LazySettings) -> Iterator[HostileServer]:
    settings.SEOAPP_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    answers = {
        "/": text("<p>hello", "Content-Type: text/html", "X-Two: a", "x-two: b"),
        "/moved": text("", "Location: /", status="301 Moved Permanently"),
        "/twice": text("", "Location: moved", status="302 Found"),
        "/same": raw({"text": 'HTTP/1.1 304 Not Modified\r\nETag: "7"\r\n\r\n'}),
        "/early": raw({"text": "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nX: 1\r\n\r\nbody"}),
        "/trailer": raw(
            {"text": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: 1\r\n\r\n4\r\nbody\r\n0\r\nX-Late: 2\r\n\r\n"}
        ),
        "/gone": text("no such page", status="410 Gone"),
        "/gzip": encoded_page("gzip", gzip.compress(b"packed" * 999)),
        "/deflate": encoded_page("deflate", zlib.compress(b"packed" * 999)),
    }
    with HostileServer(answers) as server:
        yield server


def ends(door: Door) -> dict[object, Response | FetchError]:
    ended: dict[object, Response | FetchError] = {}
    while len(door):
        ended.update(door.wait(30))
    return ended


# --- One exchange ----------------------------------------------------------------------------------------------------
def test_what_comes_back(server: HostileServer) -> None:
    answer = fetch(Request(server.url("/#part")))
    assert (answer.url, answer.status, answer.body, answer.truncated) == (server.url("/"), 200, b"<p>hello", False)
    assert (answer.ip, answer.http_version, answer.hops, answer.redirect) == ("127.0.0.1", "1.1", (), "")
    assert answer.header("content-TYPE") == "text/html" and answer.header("x-none") == ""
    assert answer.all_headers("X-Two") == ("a", "b") and answer.header("x-two") == "a"
    assert answer.wire_bytes > len(answer.body) and answer.seconds > 0


def test_what_is_sent(server: HostileServer) -> None:
    fetch(Request(server.url("/"), headers=(("If-None-Match", '"7"'), ("X-Empty", "")), agent=""))
    fetch(Request(server.url("/"), agent="Another/1.0"))
    first, second = (head.split("\r\n") for head in server.requests)
    assert first[0] == "GET / HTTP/1.1" and f"Host: 127.0.0.1:{server.port}" in first
    assert f"User-Agent: {settings.CRAWL_USER_AGENT}" in first and 'If-None-Match: "7"' in first
    assert "X-Empty:" in first and any(line.startswith("Accept-Encoding: gzip, deflate") for line in first)
    assert "User-Agent: Another/1.0" in second and not any("If-None" in line or "X-Empty" in line for line in second)
    assert server.connections == 1, "the connection is used again"


def test_userinfo_is_dropped_and_cookies_are_not_kept(server: HostileServer) -> None:
    server.answers["/"] = text("x", "Set-Cookie: id=1; Path=/")
    for _ in range(2):
        fetch(Request(f"http://me:word@127.0.0.1:{server.port}/"))
    assert not any("Cookie" in head or "Authorization" in head for head in server.requests)


def test_head_has_no_body_and_get_comes_back(server: HostileServer) -> None:
    assert fetch(Request(server.url("/gone"), method="HEAD")).body == b""
    assert fetch(Request(server.url("/gone"))).body == b"no such page"
    assert [head.split(" ")[0] for head in server.requests] == ["HEAD", "GET"]


def test_no_other_method() -> None:
    with pytest.raises(ValueError, match="POST"):
        Request("http://a.example/", method="POST")


@pytest.mark.parametrize(
    "header", [("X", "a\r\nB: c"), ("X", "a\nb"), ("X", "a\0"), ("X\r\nB", "c"), ("", "c"), ("a b", "c")]
)
def test_no_header_breaks_out_of_its_line(server: HostileServer, header: tuple[str, str]) -> None:
    with pytest.raises(FetchError) as caught:
        fetch(Request(server.url("/"), headers=(header,)))
    assert caught.value.code == "bad_url" and server.connections == 0


def test_redirects_are_followed_when_asked(server: HostileServer) -> None:
    answer = fetch(Request(server.url("/twice"), follow=5))
    assert (answer.url, answer.body) == (server.url("/"), b"<p>hello")
    assert answer.hops == (
        Hop(server.url("/twice"), 302, server.url("/moved")),
        Hop(server.url("/moved"), 301, server.url("/")),
    )
    assert fetch(Request(server.url("/twice"))).redirect == server.url("/moved")
    with pytest.raises(FetchError) as caught:
        fetch(Request(server.url("/twice"), follow=1))
    assert (caught.value.code, caught.value.status, len(caught.value.hops)) == ("too_many_redirects", 301, 2)


def test_a_redirect_to_another_site_can_be_an_answer(server: HostileServer) -> None:
    """Whoever asks has leave to ask this site, and no other."""
    away = "https://elsewhere.example/x"
    server.answers["/away"] = text("", "Location: out", status="302 Found")
    server.answers["/out"] = text("", f"Location: {away}", status="302 Found")
    assert fetch(Request(server.url("/twice"), follow=5, within_site=True)).url == server.url("/")
    answer = fetch(Request(server.url("/away"), follow=5, within_site=True))
    assert (answer.url, answer.status, answer.redirect) == (server.url("/out"), 302, away)
    assert answer.hops == (Hop(server.url("/away"), 302, server.url("/out")),)


def test_the_deadline_holds_over_all_hops(server: HostileServer) -> None:
    slow = {"drip": "X-{i}: 1\r\n", "times": 6, "gap_s": 0.1}
    for number in range(4):
        server.answers[f"/{number}"] = raw(
            {"text": f"HTTP/1.1 302 Found\r\nLocation: /{number + 1}\r\n"}, slow, {"text": "\r\n"}
        )
    with pytest.raises(FetchError) as caught:
        fetch(Request(server.url("/0"), follow=5, seconds=1.5))
    assert caught.value.code == "timeout" and len(caught.value.hops) <= 3


def test_only_the_last_head_counts(server: HostileServer) -> None:
    early, trailer = fetch(Request(server.url("/early"))), fetch(Request(server.url("/trailer")))
    assert early.headers == (("x", "1"),) and early.body == b"body"
    assert trailer.headers == (("transfer-encoding", "chunked"), ("x", "1"))


def test_304_is_an_answer_to_whoever_asked(server: HostileServer) -> None:
    assert fetch(Request(server.url("/same"), headers=(("if-none-match", '"7"'),))).status == 304
    with pytest.raises(FetchError, match="bad_response"):
        fetch(Request(server.url("/same")))


@pytest.mark.parametrize("path", ["/gzip", "/deflate"])
def test_bodies_are_unpacked(server: HostileServer, path: str) -> None:
    answer = fetch(Request(server.url(path)))
    assert answer.body == b"packed" * 999 and answer.wire_bytes < 500


@pytest.mark.parametrize(("cap", "truncated"), [(0, True), (7, True), (8, False), (9, False)])
def test_the_cap_is_exact(server: HostileServer, cap: int, truncated: bool) -> None:  # noqa: FBT001
    answer = fetch(Request(server.url("/"), max_bytes=cap))
    assert (answer.body, answer.truncated) == (b"<p>hello"[:cap], truncated)


def test_no_socket_is_left_to_open(server: HostileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(24, "Too many open files")

    with Door(at_once=1) as door:
        monkeypatch.setattr("seoapp.lib.transfer.socket.socket", full)
        door.submit(1, Request(server.url("/")))
        [(_, error)] = door.wait(30)
        monkeypatch.undo()
        door.submit(2, Request(server.url("/")))
        [(_, answer)] = door.wait(30)
    assert isinstance(error, FetchError) and error.code == "busy", "not a fault of the server's"
    assert isinstance(answer, Response)


def test_connections_of_many_hosts_are_kept(server: HostileServer) -> None:
    with Door(at_once=2) as door:
        for turn in range(3):
            for number in range(10):
                door.submit((turn, number), Request(server.url("/", f"h{number}.localhost")))
            ends(door)
    assert server.connections == 10


def test_nobody_listens(server: HostileServer) -> None:
    server.stop()
    with pytest.raises(FetchError) as caught:
        fetch(Request(server.url("/")))
    assert caught.value.code == "connect" and caught.value.url == server.url("/")


LOCATIONS = {
    "": None, "/b": "http://a.example/b", "b": "http://a.example/p/b", "?q": "http://a.example/p/?q",
    "#x": "http://a.example/p/", "//b.example": "http://b.example/", "HTTPS://B.example/": "https://b.example/",
    "/\u00e9": "http://a.example/%E9", "/\xc3\xa9": "http://a.example/%C3%A9", "/\u0142": "http://a.example/%C5%82",
    "http://m\xc3\xbcnchen.example/": "http://xn--mnchen-3ya.example/", "http://u:p@b.example/": "http://b.example/",
    "  /b ": "http://a.example/b", "/a b": "http://a.example/a%20b", "mailto:x@b.example": None, "http://": None,
    "/a\rb": None, "/a\0b": None, "http://b.example:99999/": None, "/" + "a" * 9000: None,
}  # fmt: skip


@pytest.mark.parametrize("location", LOCATIONS, ids=lambda text: repr(text[:40]))
def test_where_a_location_leads(location: str) -> None:
    answer = Response("http://a.example/p/", 302, (("location", location),), b"", False, "", (), 0, "1.1", 0)
    assert answer.redirect == (LOCATIONS[location] or "")
    if LOCATIONS[location] is None:
        with pytest.raises(BadUrl):
            redirect_target(answer.url, location)


# --- Many ------------------------------------------------------------------------------------------------------------
def test_many_at_once_never_more_than_asked_for(server: HostileServer) -> None:
    now, most, lock = 0, 0, threading.Lock()
    before = server._answer

    def counted(*arguments: Any) -> bool:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        try:
            return before(*arguments)
        finally:
            with lock:
                now -= 1

    server._answer = counted  # type: ignore[method-assign]
    with Door(at_once=4) as door:
        for number in range(60):
            door.submit(number, Request(server.url(f"/?{number}", f"h{number % 7}.localhost")))
        assert len(door) == 60
        ended = ends(door)
        assert len(door) == 0 and set(ended) == set(range(60))
        assert all(isinstance(one, Response) and one.body == b"<p>hello" for one in ended.values())
        assert [one.url.partition("?")[2] for one in ended.values()] == [str(number) for number in ended]
    assert most <= 8 and server.connections <= 60, "a connection that waits for its next request is counted too"


def test_a_door_is_used_again_after_errors(server: HostileServer) -> None:
    with Door(at_once=2) as door:
        for turn in range(3):
            door.submit("bad", Request("http://10.0.0.1/"))
            door.submit("worse", Request("nothing"))
            door.submit("good", Request(server.url("/")))
            ended = ends(door)
            assert isinstance(ended["good"], Response), turn
            assert [ended[name].code for name in ("bad", "worse")] == ["address_refused", "bad_url"]


def test_the_deadline_counts_from_the_turn(server: HostileServer) -> None:
    server.answers["/slow"] = raw({"text": "HTTP/1.1 200 OK\r\n"}, {"drip": "X: 1\r\n", "times": 12, "gap_s": 0.05})
    with Door(at_once=1) as door:
        for number in range(6):
            door.submit(number, Request(server.url("/slow"), seconds=2.5))
        ended = ends(door)
    assert {type(one) for one in ended.values()} == {FetchError}
    assert {one.code for one in ended.values()} == {"bad_response"}, "cut in the head, not out of time"


def test_wake_ends_a_wait_from_another_thread() -> None:
    with Door() as door:
        caller = threading.Timer(0.1, door.wake)
        started = time.monotonic()
        caller.start()
        assert door.wait(30) == []
        assert time.monotonic() - started < 20
        door.wake()
        assert door.wait(30) == [], "also when it comes before the wait"
        assert door.wait(0) == []
    door.wake()  # after the end: nothing


def test_closing_gives_up_what_is_in_flight(server: HostileServer) -> None:
    server.answers["/silent"] = raw({"silence_s": 30})
    descriptors = len(os.listdir("/dev/fd"))
    for _ in range(5):
        door = Door(at_once=3)
        for number in range(9):
            door.submit(number, Request(server.url("/silent")))
        door.wait(0.05)
        door.close()
        assert len(door) == 0
    ours = server.connections  # the server's ends stay open until it sees that we are gone
    assert len(os.listdir("/dev/fd")) <= descriptors + ours + 1


def test_an_interrupted_fetch_leaves_nothing_to_the_next(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(door: Door, seconds: float) -> list[tuple[object, Response | FetchError]]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Door, "wait", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fetch(Request(server.url("/gone")))
    assert fetch(Request(server.url("/"))).status == 200


def test_settings_that_change_are_obeyed_at_once(server: HostileServer, settings: LazySettings) -> None:
    assert fetch(Request(server.url("/"))).status == 200
    settings.SEOAPP_ALLOWED_PRIVATE_HOSTS = []
    settings.CRAWL_PORTS = [server.port]
    with pytest.raises(FetchError, match="address_refused"):
        fetch(Request(server.url("/")))
    assert len(server.requests) == 1


def test_each_thread_has_a_door_of_its_own(server: HostileServer) -> None:
    fetch(Request(server.url("/")))
    seen: list[Door] = []

    def other() -> None:
        fetch(Request(server.url("/")))
        seen.append(http._own.door)

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert seen[0] is not http._own.door


def test_the_redirect_of_the_shared_policy_is_frozen() -> None:
    with pytest.raises(AttributeError):
        Request("http://a.example/").url = "x"  # type: ignore[misc]


FORK = """
import os, sys
import django
django.setup()
from seoapp.lib import names
from seoapp.lib.http import FetchError, Request, fetch
names.look_up = lambda host: ("127.0.0.1",)
url = sys.argv[1]
fetch(Request(url))
fetch(Request(url.replace("127.0.0.1", "asked.example")))  # starts a resolver's thread
child = os.fork()
if not child:
    names.forget()
    answer = fetch(Request(url.replace("127.0.0.1", "again.example"), seconds=20))
    os._exit(0 if answer.body == b"<p>hello" else 1)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(code or fetch(Request(url)).status != 200)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_opens_connections_of_its_own(server: HostileServer, tmp_path: Path) -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "seoapp.settings",
        "SEOAPP_DATA": str(tmp_path),
        "SEOAPP_ALLOWED_PRIVATE_HOSTS": "127.0.0.1",
    }
    command = [sys.executable, "-c", FORK, server.url("/")]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert server.connections == 3, "one of the child; the parent's are used again"


def test_a_door_that_is_forgotten_leaves_nothing_open(server: HostileServer) -> None:
    def used() -> int:
        gc.collect()
        return len(os.listdir("/dev/fd"))

    def ask() -> None:
        door = Door(at_once=2)
        door.submit(1, Request(server.url("/gone")))
        assert len(ends(door)) == 1

    ask()
    before = used()
    for _ in range(10):
        ask()
    assert used() < before + 11, "ten doors hold four descriptors each"
