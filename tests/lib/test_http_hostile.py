"""Hostile answers: each ends by a cap or the deadline, with a named outcome and a bounded memory."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings, settings

from seoapp.lib.http import ERROR_CODES, Door, FetchError, Request, Response
from tests.web.hostile import OWN, HostileServer, answers_of, bomb, forbidden

SHARED = settings.BASE_DIR.parent / "shared" / "hostile" / "http" / "answers.json"
SECONDS = 2.0  # for answers that only the deadline can end
PATIENCE = 60.0  # for all others: the server of the tests may be slow on a busy machine
CAP = 1_000_000
MOST_MEMORY = 64  # MiB above idle
# What becomes of the shared answers: a status, or the code of an error. Followed up to five times.
SHARED_OUTCOMES = {
    "timeout": "slow-header-lines slow-header-bytes slow-body silent",
    "cut": "bomb1 bomb2 bomb3 infinite-chunked infinite-no-length html-million-links html-10mb-anchor",
    "bad_encoding": "chain200",
    "headers_too_large": "header-flood header-long continue-flood",
    "bad_response": "length-lies-long length-negative length-twice bad-chunk http09 bad-status status-text reset "
    "304-without-ask",
    "too_many_redirects": "loop loop-a loop-b grow",
    "bad_redirect": "redirect-file redirect-gopher",
    "address_refused": "redirect-loopback2 redirect-dword redirect-protocol-relative",
    "302": "redirect-no-location",
    "404": "redirect-latin1",
    "429": "429 429-date",
    "503": "503-huge-retry",
}


@pytest.fixture
def loopback(settings: LazySettings) -> None:
    settings.SEOAPP_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]


@pytest.fixture
def server(loopback: None) -> Iterator[HostileServer]:
    with HostileServer({path: answer for path, (answer, _) in OWN.items()}) as server:
        yield server


def outcomes(urls: dict[str, str], **asked: int) -> dict[str, Response | FetchError]:
    """Ask for all of them at once."""
    door = Door(at_once=len(urls))
    for path, url in urls.items():
        seconds = SECONDS if path.startswith(("/slow", "/silent")) else PATIENCE
        door.submit(path, Request(url, seconds=seconds, max_bytes=asked.get("cap", CAP), follow=asked.get("follow", 5)))
    ended: dict[str, Response | FetchError] = {}
    until = time.monotonic() + 2 * PATIENCE
    while len(door):
        assert time.monotonic() < until, f"not ended: {set(urls) - set(ended)}"
        ended.update(door.wait(5))
    door.close()
    return ended


def outcome_of(result: Response | FetchError) -> str:
    if isinstance(result, FetchError):
        return result.code
    return "cut" if result.truncated else "ok" if result.status == 200 else str(result.status)


def test_every_hostile_answer_ends_with_a_name(server: HostileServer) -> None:
    ended = outcomes({path: server.url(path) for path in OWN})
    wanted = {path: outcome for path, (_, outcome) in OWN.items()}
    wanted |= {"/endless/error-page": "cut", "/to/nowhere": "302", "/to/empty": "302", "/to/latin-1": "404"}
    assert {path: outcome_of(result) for path, result in ended.items()} == wanted
    for path, result in ended.items():
        if isinstance(result, FetchError):
            assert result.code in ERROR_CODES and result.reason.endswith("."), path
            # A drip of 90 seconds, ended by a deadline of two; what is above that is a busy machine.
            assert result.code != "timeout" or path.startswith("/slow")
        else:
            assert len(result.body) <= CAP and result.truncated == (len(result.body) == CAP), path


def test_hops_and_bodies_of_hostile_redirects(server: HostileServer) -> None:
    ended = outcomes({path: server.url(path) for path in OWN})
    for path in ("/bomb/in-redirect", "/endless/redirect"):
        assert isinstance(ended[path], Response)
        assert ended[path].body == b"fine" and [hop.status for hop in ended[path].hops] == [302]
    assert ended["/to/latin-1"].url == server.url("/caf%E9")
    assert [hop.url for hop in ended["/loop/two"].hops] == [server.url("/loop/two"), server.url("/loop/back")]
    assert len(ended["/loop/grow"].hops) == 6, "five are followed, the sixth ends it"
    assert ended["/to/file"].hops[-1].location == "file:///etc/hosts", "as it was sent"


def test_a_redirect_that_is_not_followed_is_the_answer(server: HostileServer) -> None:
    paths = [path for path in OWN if path.startswith(("/loop", "/to", "/bomb/in-r")) and path != "/to/bare-cr"]
    ended = outcomes({path: server.url(path) for path in paths}, follow=0)
    for path, result in ended.items():
        assert isinstance(result, Response), f"{path}: {result}"
        assert result.status in (301, 302, 308) and result.body == b"" and result.hops == ()
    leading = {path for path, result in ended.items() if result.redirect}
    assert leading == {"/loop/one", "/loop/two", "/loop/back", "/loop/grow", "/to/latin-1", "/bomb/in-redirect"}
    assert ended["/to/latin-1"].redirect == server.url("/caf%E9")


@pytest.mark.skipif(not SHARED.exists(), reason="the shared vectors are not here")
def test_the_shared_answers(loopback: None, settings: LazySettings) -> None:
    answers = answers_of(SHARED)
    assert len(answers) == 57
    with HostileServer(answers) as server:
        settings.CRAWL_PORTS = [server.port]
        for guard in forbidden(server.port):
            # Where a redirect names no port it means 80: the same listener plays it under the server's own.
            moved = {"127.0.0.2/": f"127.0.0.2:{guard.port}/", "2130706434/": f"2130706434:{guard.port}/"}
            for answer in answers.values():
                answer.update(json.loads(replaced(json.dumps(answer), moved)))
            ended = outcomes({path: server.url(path) for path in answers}, cap=5_000_000)
            assert guard.connections == 0
    named = {f"/{path}": outcome for outcome, paths in SHARED_OUTCOMES.items() for path in paths.split()}
    assert {path: outcome_of(result) for path, result in ended.items()} == {
        path: named.get(path, "ok") for path in answers
    }
    assert ended["/length-lies-short"].body == b"a" * 10 and ended["/length-and-chunked"].body == b"abcde"


def replaced(text: str, moves: dict[str, str]) -> str:
    for old, new in moves.items():
        text = text.replace(old, new)
    return text


CHILD = """
import resource, sys
from tests.web.hostile import HostileServer
import django
django.setup()
from seoapp.lib.http import FetchError, Request, fetch
unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
def used():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
def cpu():
    return sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
port = sys.argv[1]
fetch(Request(f"http://127.0.0.1:{port}/ok"))
for path in sys.argv[2:]:
    before, spent = used(), cpu()
    try:
        fetch(Request(f"http://127.0.0.1:{port}{path}", seconds=20, follow=5))
    except FetchError:
        pass
    print(path, round(used() - before), round(cpu() - spent, 2))
"""


def test_memory_and_work_stay_bounded(server: HostileServer, tmp_path: Path) -> None:
    """Measured in a process of its own: what a bomb, an endless answer or a flood costs the client."""
    paths = [path for path in OWN if path.startswith(("/bomb", "/endless", "/header"))]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "seoapp.settings",
        "SEOAPP_DATA": str(tmp_path),
        "SEOAPP_ALLOWED_PRIVATE_HOSTS": "127.0.0.1",
    }
    command = [sys.executable, "-c", CHILD, str(server.port), *paths]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    figures = {path: (int(mib), float(cpu)) for path, mib, cpu in map(str.split, done.stdout.splitlines())}
    assert set(figures) == set(paths)
    assert max(mib for mib, _ in figures.values()) < MOST_MEMORY, figures
    assert max(cpu for _, cpu in figures.values()) < 2, figures


def test_what_the_bomb_would_have_been(server: HostileServer) -> None:
    """The bomb of these tests is one: 256 MiB behind a thousandth of it."""
    assert server.answers["/bomb/one"] == bomb()
    ended = outcomes({"/bomb/one": server.url("/bomb/one")})["/bomb/one"]
    assert isinstance(ended, Response)
    assert ended.body == bytes(CAP) and ended.wire_bytes < CAP / 4
