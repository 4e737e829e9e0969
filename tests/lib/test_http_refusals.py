"""Nothing of ours is reached from outside: names, rebinding, redirects, spellings, environment, proxies."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pycurl
import pytest
from django.conf import LazySettings, settings

from seoapp.lib import names, transfer
from seoapp.lib.addresses import refusal
from seoapp.lib.exchange import Place, Policy
from seoapp.lib.http import ERROR_CODES, NO_ADDRESS, Door, FetchError, Request, Response, fetch
from tests.web.hostile import OWN, HostileServer, forbidden, text

SSRF = settings.BASE_DIR.parent / "shared" / "hostile" / "ssrf"
GOOD, BAD = "127.0.0.1", "127.0.0.2"  # the allow-list lets the first play the public side
Lookup = Callable[..., None]


@pytest.fixture
def server(settings: LazySettings) -> Iterator[HostileServer]:
    with HostileServer({"/": text("public"), "/ok": text("public")}) as server:
        settings.SEOAPP_ALLOWED_PRIVATE_HOSTS = [GOOD]
        settings.CRAWL_PORTS = [server.port]
        yield server


@pytest.fixture
def guard(server: HostileServer) -> Iterator[HostileServer]:
    """Counts who reached the forbidden side; nobody may."""
    for guard in forbidden(server.port):
        yield guard
        assert guard.connections == 0


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., list[str]]]:
    """`answers([...], [...])`: what the resolver says the first and the second time; gives the names it was asked."""
    names.forget()
    asked: list[str] = []

    def say(*turns: list[str]) -> list[str]:
        def look_up(host: str) -> tuple[str, ...]:
            asked.append(host)
            names.forget()
            return tuple(turns[min(len(asked), len(turns)) - 1])

        monkeypatch.setattr(names, "look_up", look_up)
        return asked

    say([BAD])
    yield say
    names.forget()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every address for which a socket was opened. Only loopback ones are: no test leaves this machine."""
    seen: list[str] = []
    before = transfer.Transfer._open

    def watched(self: transfer.Transfer, purpose: int, address: Any) -> socket.socket | int:
        made = before(self, purpose, address)
        if made == pycurl.SOCKET_BAD:
            return made
        seen.append(str(address.addr[0]))
        if seen[-1].startswith("127."):
            return made
        made.close()
        return pycurl.SOCKET_BAD

    monkeypatch.setattr(transfer.Transfer, "_open", watched)
    return seen


def refused(url: str, **asked: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(Request(url, **{"seconds": 30, "follow": 5, **asked}))
    return caught.value


# --- Names -----------------------------------------------------------------------------------------------------------
def test_rebinding_is_judged_each_time(server: HostileServer, guard: HostileServer, answers: Lookup) -> None:
    answers([GOOD], [BAD])
    url = server.url("/ok", "rebound.example")
    assert fetch(Request(url)).body == b"public"
    names.forget()
    assert refused(url).code == "address_refused", "the idle connection to the good address is no way around it"


@pytest.mark.parametrize(
    "turn", [[GOOD, BAD], [BAD, GOOD], ["::1", GOOD], [GOOD, "64:ff9b::7f00:2"], [GOOD, "10.0.0.1"]]
)
def test_one_refused_address_refuses_the_name(
    server: HostileServer, guard: HostileServer, answers: Lookup, opened: list[str], turn: list[str]
) -> None:
    answers(turn)
    assert refused(server.url("/ok", "mixed.example")).code == "address_refused"
    assert opened == [] and server.connections == 0


def test_a_closed_good_address_has_no_bad_fallback(
    guard: HostileServer, answers: Lookup, settings: LazySettings
) -> None:
    settings.SEOAPP_ALLOWED_PRIVATE_HOSTS = ["127.0.0.3"]
    answers(["127.0.0.3", BAD])
    assert refused(guard.url("/", "fallback.example")).code == "address_refused"
    answers(["127.0.0.3"])
    names.forget()
    assert refused(guard.url("/", "closed.example")).code == "connect"


@pytest.mark.parametrize("addresses", [(BAD,), (GOOD, BAD), (BAD, GOOD), ("::1",)])
def test_the_socket_judges_for_itself(server: HostileServer, guard: HostileServer, addresses: tuple[str, ...]) -> None:
    """As if the first judgement had slept: libcurl is handed a forbidden address for the name."""
    one = transfer.Transfer(Policy.current())
    place = Place(server.url("/ok", "slept.example"), "http", "slept.example", server.port)
    one.load(place, addresses, method="GET", headers=[], agent="t", limit=100)
    one.set_deadline(30)
    try:
        one.curl.perform()
    except pycurl.error as error:
        result = one.result(error.args[0], error.args[1])
        assert isinstance(result, transfer.Failure) and result.code == "address_refused"
        assert addresses != (GOOD, BAD)
    else:
        assert addresses == (GOOD, BAD) and b"".join(one.pieces) == b"public"


def test_names_are_made_fully_qualified(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def getaddrinfo(host: str, *more: object, **options: object) -> list[tuple[object, ...]]:
        asked.append(host)
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert names.look_up("metadata") == ()
    assert asked == ["metadata."]


@pytest.mark.parametrize("host", ["localhost", "shop7.localhost", "a.b.localhost", "LOCALHOST", "localhost."])
def test_localhost_is_never_asked_for(server: HostileServer, answers: Lookup, host: str) -> None:
    asked = answers([BAD])
    assert fetch(Request(server.url("/ok", host))).ip == GOOD
    assert asked == []


@pytest.mark.parametrize("host", ["localhost.example", "notlocalhost", "localhost.localdomain"])
def test_what_only_looks_like_localhost_is_asked_for(
    server: HostileServer, guard: HostileServer, answers: Lookup, host: str
) -> None:
    asked = answers([BAD])
    assert refused(server.url("/ok", host)).code == "address_refused"
    assert asked == [host]


def test_an_enormous_answer(server: HostileServer, guard: HostileServer, answers: Lookup) -> None:
    answers([GOOD] * 5000)
    assert fetch(Request(server.url("/ok", "huge.example"))).body == b"public"
    names.forget()
    answers([f"10.{i % 250}.{i // 250}.1" for i in range(5000)])
    assert refused(server.url("/ok", "hugely-bad.example")).code == "address_refused"


def test_internal_and_unknown_names_read_alike(server: HostileServer, guard: HostileServer, answers: Lookup) -> None:
    said = []
    for turn in ([BAD], [], ["169.254.169.254"]):
        names.forget()
        answers(turn)
        error = refused(server.url("/ok", "who.example"))
        said.append((error.code, error.reason, error.status))
    assert set(said) == {("address_refused", NO_ADDRESS, 0)}


def test_a_resolver_that_hangs_is_inside_the_deadline(server: HostileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few threads, more hanging names than threads: each ends, and names that need no question are still served."""
    over = threading.Event()
    most = threading.Semaphore(3)
    too_many: list[str] = []

    def hang(host: str) -> tuple[str, ...]:
        if not most.acquire(blocking=False):
            too_many.append(host)
        over.wait(60)
        most.release()
        return ()

    monkeypatch.setattr(names, "look_up", hang)
    monkeypatch.setattr(names, "RESOLVER", names.Resolver(threads=3, line=15))
    door = Door()
    for number in range(20):
        door.submit(number, Request(server.url("/", f"slow{number}.example"), seconds=1.5))
    door.submit("known", Request(server.url("/ok"), seconds=30))
    ended = dict(door.wait(30))
    while len(door):
        ended.update(door.wait(30))
    door.close()
    over.set()
    assert isinstance(ended.pop("known"), Response)
    codes = [result.code for result in ended.values() if isinstance(result, FetchError)]
    assert len(codes) == 20 and codes.count("timeout") == 3 and codes.count("busy") == 17
    assert not too_many


def test_a_resolver_that_fails_oddly_has_found_nothing(server: HostileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(host: str) -> tuple[str, ...]:
        raise RuntimeError(host)

    monkeypatch.setattr(names, "look_up", fail)
    monkeypatch.setattr(names, "RESOLVER", names.Resolver(threads=1))
    for number in range(3):
        assert refused(server.url("/", f"odd{number}.example")).code == "address_refused"


def test_a_name_server_without_an_answer_says_nothing_of_the_name(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, says = socket.getaddrinfo, [socket.gaierror(socket.EAI_AGAIN, "try again")]

    def getaddrinfo(host: str, *more: Any, **options: Any) -> list[Any]:
        if host != "shy.example.":
            return real(host, *more, **options)
        if says:
            raise says.pop()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(names, "RESOLVER", names.Resolver(threads=1))
    assert refused(server.url("/ok", "shy.example")).code == "dns"
    assert fetch(Request(server.url("/ok", "shy.example"))).status == 200, "it is asked again at once"


# --- Redirects -------------------------------------------------------------------------------------------------------
TO_FORBIDDEN = [
    "http://127.0.0.2:{port}/",
    "http://2130706434:{port}/",
    "http://0x7f.0.0.2:{port}/",
    "http://0177.0.0.2:{port}/",
    "http://127.2:{port}/",
    "http://bad.example:{port}/",
    "http://[::ffff:127.0.0.2]:{port}/",
    "http://[::1]:{port}/",
    "//127.0.0.2:{port}/",
    "/\\127.0.0.2:{port}/",
    "\\\\127.0.0.2:{port}\\",
    "http:\\\\127.0.0.2:{port}\\",
    "http://127.0.0.1@127.0.0.2:{port}/",
    "http://user:word@127.0.0.2:{port}/",
    "http://\uff11\uff12\uff17.0.0.2:{port}/",
    "http://127\u30020.0.2:{port}/",
]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 Other", "307 Temporary", "308 Permanent"])
@pytest.mark.parametrize("target", TO_FORBIDDEN)
def test_a_redirect_is_judged_anew(
    server: HostileServer, guard: HostileServer, answers: Lookup, target: str, status: str
) -> None:
    location = target.format(port=server.port).encode().decode("latin-1")
    server.answers["/away"] = text("", f"Location: {location}", status=status)
    error = refused(server.url("/away"))
    assert error.code == "address_refused" and error.hops[0].status == int(status[:3])


@pytest.mark.parametrize("port", [25, 6379, 9200, 11211, 22, 1])
def test_a_redirect_to_another_port(server: HostileServer, settings: LazySettings, answers: Lookup, port: int) -> None:
    asked = answers([GOOD])
    for host in ("8.8.8.8", "192.168.0.1"):
        server.answers["/away"] = text("", f"Location: http://{host}:{port}/", status="302 Found")
        assert refused(server.url("/away")).code == "port_refused"
    settings.SEOAPP_ALLOWED_PRIVATE_HOSTS = []
    assert refused(f"http://name.example:{port}/").code == "port_refused"
    assert asked == [], "without exceptions the name need not be asked for"


def test_a_port_opens_for_listed_addresses_only(server: HostileServer, settings: LazySettings, answers: Lookup) -> None:
    settings.CRAWL_PORTS = []
    answers([GOOD])
    assert fetch(Request(server.url("/ok", "listed.example"))).body == b"public"
    names.forget()
    for turn in (["8.8.8.8"], [GOOD, "8.8.8.8"], [], [BAD]):
        names.forget()
        answers(turn)
        assert refused(server.url("/ok", "other.example")).code == "port_refused"


def test_credentials_never_cross_an_origin(server: HostileServer) -> None:
    server.answers["/away"] = text("", f"Location: http://other.localhost:{server.port}/back", status="302 Found")
    server.answers["/back"] = text("", f"Location: {server.url('/ok')}", status="307 Temporary")
    server.answers["/near"] = text("", "Location: /ok", status="302 Found")
    secret = (("Authorization", "Bearer s3cret"), ("Cookie", "id=s3cret"), ("X-Kept", "yes"))
    assert fetch(Request(server.url("/away"), headers=secret, follow=5)).status == 200
    assert "s3cret" in server.asked("/away")[0] and "s3cret" not in server.asked("/back")[0]
    assert "s3cret" not in server.asked("/ok")[0], "nor do they come back"
    assert "X-Kept: yes" in server.asked("/back")[0]
    fetch(Request(server.url("/near"), headers=secret, follow=5))
    assert "s3cret" in server.asked("/ok")[1], "the same origin"


@pytest.mark.parametrize("header", ["Refresh: 0;url=http://127.0.0.2/", "Content-Type: text/html"])
def test_refresh_is_a_fact_of_the_page(server: HostileServer, guard: HostileServer, header: str) -> None:
    server.answers["/page"] = text('<meta http-equiv=refresh content="0;url=http://127.0.0.2/">', header)
    assert fetch(Request(server.url("/page"), follow=5)).hops == ()


# --- Spellings and environment ---------------------------------------------------------------------------------------
OWN_SPELLINGS = [
    "http://127.0.0.2:{p}/", "http://127.0.0.2.:{p}/", "http://0x7f000002:{p}/", "http://017700000002:{p}/",
    "http://127.2:{p}", "http://127.0.0.1\\@127.0.0.2:{p}/", "http://127.0.0.2:{p}\\@8.8.8.8/", "http://[::]:{p}/",
    "http://[::ffff:7f00:2]:{p}/", "http://[fe80::1%25eth0]:{p}/", "http://[::1]:{p}/", "http://0:{p}/",
    "http://a.example#@127.0.0.2:{p}/", "http://127.0.0.2:{p}#@a.example/", "http://\u2460\u2461\u2466.0.0.2:{p}/",
    "http://127.0.0.2%00.example:{p}/", "http://127.0.0.2%0d%0aHost:x:{p}/", "http://a b.example/", "http:///127.0.0.2:{p}",
    "http://127.0.0.2:{p}:80/", "http://a{{,}}b.example:{p}/", "http://-a.example:{p}/",
    "http://" + "a" * 300 + ".example/",
    "file:///etc/hosts", "gopher://127.0.0.2:{p}/", "dict://127.0.0.2:{p}/", "ldap://127.0.0.2/", "", "//", "http://",
    "x", "http://a.example:99999/", "http://a.example:-1/", "http://a.example:0/", "http://\ud800.example/", "http://%zz/",
    "http://xn--a.example:{p}/", "http://a..example:{p}/", "http://a_b.example:{p}/", "http://*.example:{p}/",
]  # fmt: skip


@pytest.mark.parametrize("url", OWN_SPELLINGS)
def test_odd_spellings_reach_nothing(
    server: HostileServer, guard: HostileServer, answers: Lookup, opened: list[str], url: str, settings: LazySettings
) -> None:
    settings.SEOAPP_ALLOWED_PRIVATE_HOSTS = []
    answers([BAD])
    assert refused(url.format(p=server.port)).code in ("bad_url", "address_refused", "port_refused")
    assert opened == []


@pytest.mark.skipif(not SSRF.exists(), reason="the shared vectors are not here")
def test_the_shared_spellings(settings: LazySettings, answers: Lookup, opened: list[str]) -> None:
    settings.SEOAPP_ALLOWED_PRIVATE_HOSTS, settings.CRAWL_PORTS = [], list(range(1, 65536))
    rows = json.loads((SSRF / "url_literals.json").read_text())
    assert len(rows) == 151
    door = Door()
    for row in rows:
        door.submit(row["url"], Request(row["url"], seconds=20, follow=5))
    ended: dict[object, Response | FetchError] = {}
    while len(door):
        ended.update(door.wait(10))
    door.close()
    assert len(ended) == len({row["url"] for row in rows})
    assert all(isinstance(one, FetchError) and one.code in ERROR_CODES for one in ended.values())
    assert all(refusal(address) == "" for address in opened), "some numbers are public addresses"
    assert len(opened) < 10


def test_variables_and_netrc_are_not_read(
    server: HostileServer, guard: HostileServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / ".netrc").write_text("default login me password s3cret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://{BAD}:{guard.port}")
    with Door() as door:  # a new one: what libcurl reads, it reads when a handle is made
        door.submit(1, Request(f"http://me:s3cret@{GOOD}:{server.port}/ok"))
        [(_, answer)] = door.wait(20)
    assert isinstance(answer, Response) and answer.body == b"public"
    assert "s3cret" not in server.requests[-1] and "Authorization" not in server.requests[-1]


def test_a_refused_name_is_not_told_by_time(answers: Lookup, opened: list[str]) -> None:
    """No connection is tried to a refused host, so there is no time to measure."""
    started = time.monotonic()
    answers(["10.255.255.1"])
    assert refused("http://inside.example/").code == "address_refused"
    assert opened == [] and time.monotonic() - started < 20


# --- A proxy of the operator's ---------------------------------------------------------------------------------------
@pytest.fixture
def proxy(settings: LazySettings, server: HostileServer) -> Iterator[HostileServer]:
    """A proxy that answers itself, on an address that is not listed: the operator named it."""
    answers = {"http://named.example/ok": text("by proxy"), "http://named.example/no": text("", status="407 Refused")}
    with HostileServer(answers, host=BAD) as proxy:
        settings.EGRESS_PROXY_URL = f"http://{BAD}:{proxy.port}"
        yield proxy


def test_behind_a_proxy_names_are_its_business(proxy: HostileServer, answers: Lookup) -> None:
    asked = answers([GOOD])
    assert fetch(Request("http://named.example/ok")).body == b"by proxy"
    assert asked == [] and proxy.connections == 1
    assert refused("http://named.example/no").reason == NO_ADDRESS
    error = refused("https://named.example/")
    assert error.code != "address_refused" and proxy.requests[-1].startswith("CONNECT named.example:443 ")


@pytest.mark.parametrize("url", ["http://127.0.0.2/", "http://0xa000001/", "http://x.localhost/", "http://[::1]/"])
def test_behind_a_proxy_literals_are_ours(proxy: HostileServer, settings: LazySettings, url: str) -> None:
    settings.SEOAPP_ALLOWED_PRIVATE_HOSTS = []
    assert refused(url).code == "address_refused"
    assert refused("http://named.example:6379/").code == "port_refused"
    assert proxy.connections == 0


# --- The shared scenarios --------------------------------------------------------------------------------------------
SCENARIOS = {
    "rebinding: check A then B": test_rebinding_is_judged_each_time,
    "mixed answer good first": test_one_refused_address_refuses_the_name,
    "mixed answer bad first": test_one_refused_address_refuses_the_name,
    "AAAA bad, A good": test_one_refused_address_refuses_the_name,
    "good address refuses connection, fallback is bad": test_a_closed_good_address_has_no_bad_fallback,
    "CNAME to localhost": test_odd_spellings_reach_nothing,
    "slow resolver 30 s": test_a_resolver_that_hangs_is_inside_the_deadline,
    "20 hosts at once on the slow resolver": test_a_resolver_that_hangs_is_inside_the_deadline,
    "search domain suffix": test_names_are_made_fully_qualified,
    "64 kB TXT style huge answer": test_an_enormous_answer,
    "301 to forbidden literal": test_a_redirect_is_judged_anew,
    "302 to forbidden name": test_a_redirect_is_judged_anew,
    "307/308 keep method": test_a_redirect_is_judged_anew,
    "303 after POST": Request,  # the door cannot POST: test_http.py
    "redirect to file://, gopher://, ftp://, data:, javascript:": OWN["/to/file"],
    "redirect with userinfo": test_a_redirect_is_judged_anew,
    "relative redirect //127.0.0.2/": test_a_redirect_is_judged_anew,
    "relative redirect /\\\\127.0.0.2/": test_a_redirect_is_judged_anew,
    "meta refresh": test_refresh_is_a_fact_of_the_page,
    "Refresh: header": test_refresh_is_a_fact_of_the_page,
    "Location with CRLF": OWN["/to/bare-cr"],
    "Location with NUL": OWN["/header/nul"],
    "no Location header on 302": OWN["/to/nowhere"],
    "redirect loop of 1, of 2, of 11": OWN["/loop/two"],
    "redirect chain that grows the URL 500 bytes a hop": OWN["/loop/grow"],
    "redirect body is a gzip bomb": OWN["/bomb/in-redirect"],
    "cross-origin redirect must drop Authorization and Cookie": test_credentials_never_cross_an_origin,
    "HTTP_PROXY/HTTPS_PROXY/ALL_PROXY set in the worker environment": test_variables_and_netrc_are_not_read,
    ".netrc credentials": test_variables_and_netrc_are_not_read,
    "connection reuse: host A and host B on one IP": Door,  # test_http_tls.py
    "HTTP/0.9 answer": OWN["/header/none"],
    "port 25, 6379, 11211, 9200": test_a_redirect_to_another_port,
    "same error text for 'internal address' and 'does not resolve'": test_internal_and_unknown_names_read_alike,
    "response time oracle: forbidden host vs unresolvable host": test_a_refused_name_is_not_told_by_time,
}


@pytest.mark.skipif(not SSRF.exists(), reason="the shared vectors are not here")
def test_every_shared_scenario_has_a_test() -> None:
    groups = json.loads((SSRF / "scenarios.json").read_text())
    named = {one["name"] for group in ("dns", "redirect", "environment") for one in groups[group]}
    assert named == set(SCENARIOS)
