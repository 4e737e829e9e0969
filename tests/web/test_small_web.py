"""The small web itself: what it says about its pages is what an independent reader finds on them."""

import gzip
import http.client
import json
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import html5lib
import pytest

from seoapp.lib.weburl import parse
from tests.web.fixtures import small_web  # noqa: F401 - a fixture
from tests.web.pages import Link, Page, article
from tests.web.server import SmallWeb, Visit, at_once, fetches, gaps, read_log, serve
from tests.web.sites import Web

ROOT = Path(__file__).resolve().parents[2]
Found = tuple[str, str, tuple[str, ...], str]
PLACEMENT_OF = {
    "site-header": "header", "main-nav": "navigation", "author-box": "author", "comments": "comment",
    "signature": "signature", "sidebar": "sidebar", "site-footer": "footer",
}  # fmt: skip


@pytest.fixture(scope="module")
def shared_web() -> Iterator[SmallWeb]:
    with serve(hosts=5, pages=12) as running:
        yield running


def get(web: SmallWeb, host: str, target: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)
    sent = {"Host": f"{host}:{web.port}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    connection.request("GET", target, headers=sent)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


# --- Truth ----------------------------------------------------------------------------------------------------------
def links_of(body: bytes, charset: str, url: str) -> list[Found]:
    """(URL, kind, rel, placement) of each link in the order of the document, by html5lib."""
    tree = html5lib.parse(body, transport_encoding=charset, namespaceHTMLElements=False)
    found: list[Found] = []

    def walk(element: object, placement: str) -> None:
        placement = PLACEMENT_OF.get(element.get("class", ""), placement)  # type: ignore[attr-defined]
        for href, kind in link_of(element):
            rel = tuple(element.get("rel", "").split()) if element.tag == "a" else ()  # type: ignore[attr-defined]
            found.append((parse(urljoin(url, href)).url, kind, rel, placement))
        for child in element:  # type: ignore[attr-defined]
            walk(child, placement)

    walk(tree, "content")
    return found


def link_of(element: object) -> Iterator[tuple[str, str]]:
    tag, get_one = element.tag, element.get  # type: ignore[attr-defined]
    if tag == "a" and get_one("href"):
        yield get_one("href"), "image" if element.find("img") is not None else "text"  # type: ignore[attr-defined]
    elif tag == "iframe":
        yield get_one("src"), "frame"
    elif tag == "form":
        yield get_one("action"), "form"
    elif tag == "meta" and get_one("http-equiv") == "refresh":
        yield get_one("content").partition("url=")[2], "redirect"
    elif tag == "link" and get_one("rel") in ("canonical", "alternate"):
        yield get_one("href"), "rss" if get_one("type") == "application/rss+xml" else get_one("rel")


def truth_of(page: Page) -> list[Found]:
    return [(one.url, one.kind, one.rel, one.placement) for one in page.links]


def test_every_page_has_exactly_the_links_that_it_is_said_to_have(shared_web: SmallWeb) -> None:
    checked = 0
    for site in shared_web.web.sites:
        for path in site.paths:
            page = shared_web.web.truth(site.host, path)
            status, headers, body = get(shared_web, site.host, path)
            if page.failing and status == page.failing[0].status:
                status, headers, body = get(shared_web, site.host, path)
            charset = headers["content-type"].partition("charset=")[2]
            assert status == 200
            assert links_of(body, charset, site.url(path)) == truth_of(page), f"{site.host}{path}"
            checked += len(page.links)
    assert checked > 900


def test_anchors_are_what_a_reader_sees(shared_web: SmallWeb) -> None:
    site = shared_web.web.sites[0]
    for path in ("/shapes", "/latin", "/post/3"):
        _, headers, body = get(shared_web, site.host, path)
        charset = headers["content-type"].partition("charset=")[2]
        tree = html5lib.parse(body, transport_encoding=charset, namespaceHTMLElements=False)
        seen = ["".join(one.itertext()) or one.find("img").get("alt") for one in tree.iter("a")]
        said = [one.anchor for one in shared_web.web.truth(site.host, path).links if one.kind in ("text", "image")]
        assert seen == said


def test_the_same_seed_gives_the_same_web() -> None:
    one, same, other = Web(seed=3, port=81), Web(seed=3, port=81), Web(seed=4, port=81)
    assert list(one.links()) == list(same.links())
    assert list(one.links()) != list(other.links())
    kinds = Counter(link.kind for _, link in one.links())
    assert set(kinds) == {"text", "image", "form", "frame", "redirect", "canonical", "alternate", "rss"}
    rels = {rel for _, link in one.links() for rel in link.rel}
    assert {"nofollow", "ugc", "sponsored", "noopener"} <= rels


def test_hosts_are_registrable_names_and_some_are_subdomains() -> None:
    hosts = [site.host for site in Web(hosts=10).sites]
    assert hosts[:5] == ["blog0.localhost", "shop1.localhost", "news2.localhost", "forum3.localhost",
                         "blog.forum3.localhost"]  # fmt: skip
    assert parse("http://blog.forum3.localhost/").domain == "forum3.localhost"


def test_every_article_can_be_reached_from_the_home_page() -> None:
    web = Web(hosts=3, pages=45)
    for site in web.sites:
        seen, waiting = {"/"}, ["/"]
        while waiting:
            for link in web.truth(site.host, waiting.pop()).links:
                parts = urlsplit(link.url)
                path = parts.path
                if parts.netloc == site.host and path not in seen and path in site.paths and not parts.query:
                    seen.add(path)
                    waiting.append(path)
        assert seen == set(site.paths)


# --- Answers --------------------------------------------------------------------------------------------------------
# (path, status, a header, its value)
ANSWERS = [
    ("/old/1", 301, "location", "/old/2"),
    ("/old/3", 308, "location", "../post/1"),
    ("/loop/a", 302, "location", "/loop/b"),
    ("/loop/b", 302, "location", "/loop/a"),
    ("/gone", 410, "", ""),
    ("/no-such-page", 404, "", ""),
    ("/post/9999", 404, "", ""),
    ("/broken", 500, "", ""),
    ("/shut", 403, "", ""),
    ("/header-noindex", 200, "x-robots-tag", "noindex"),
    ("/latin", 200, "content-type", "text/html; charset=windows-1252"),
    ("/file.pdf", 200, "content-type", "application/pdf"),
    ("/robots.txt", 200, "content-type", "text/plain"),
]


@pytest.mark.parametrize(("path", "status", "header", "value"), ANSWERS)
def test_answers(shared_web: SmallWeb, path: str, status: int, header: str, value: str) -> None:
    got, headers, _ = get(shared_web, "blog0.localhost", path)
    assert got == status
    assert headers.get(header, "") == value


def test_pages_that_fail_at_first(small_web: SmallWeb) -> None:  # noqa: F811
    first = [get(small_web, "blog0.localhost", path)[:2] for path in ("/flaky", "/busy")]
    assert [(status, headers["retry-after"]) for status, headers in first] == [(503, "1"), (429, "1")]
    assert [get(small_web, "blog0.localhost", path)[0] for path in ("/flaky", "/busy")] == [200, 200]


def test_unchanged_pages_answer_304_and_edited_ones_do_not(small_web: SmallWeb) -> None:  # noqa: F811
    host = "blog0.localhost"
    _, headers, body = get(small_web, host, "/post/1")
    tag, changed_at = headers["etag"], headers["last-modified"]
    assert get(small_web, host, "/post/1", If_None_Match=tag)[::2] == (304, b"")
    assert get(small_web, host, "/post/1", If_Modified_Since=changed_at)[::2] == (304, b"")
    assert get(small_web, host, "/post/1", If_None_Match='"other"', If_Modified_Since=changed_at)[0] == 200
    page = small_web.web.truth(host, "/post/1")
    small_web.edit(host, "/post/1", article("Second version", [*page.links, Link("http://new.example/", "new")]))
    status, headers, changed = get(small_web, host, "/post/1", If_None_Match=tag)
    assert (status, headers["etag"] == tag) == (200, False)
    assert get(small_web, host, "/post/1", If_Modified_Since=changed_at)[0] == 200
    assert b"http://new.example/" in changed and b"http://new.example/" not in body
    small_web.edit(host, "/post/1", replace(page, status=410))
    assert get(small_web, host, "/post/1", If_None_Match=tag)[0] == 410
    small_web.edit("new.localhost", "/", article("A new host", []))
    assert get(small_web, "new.localhost", "/")[0] == 200
    assert get(small_web, "unknown.localhost", "/")[0] == 421


def test_a_cloaking_page_shows_googlebot_something_else(shared_web: SmallWeb) -> None:
    bodies = [get(shared_web, "shop1.localhost", "/cloaked", User_Agent=agent)[2] for agent in ("us", "Googlebot/2.1")]
    assert [b"casino" in body for body in bodies] == [False, True]


def test_large_pages_are_packed_for_who_takes_it(shared_web: SmallWeb) -> None:
    _, plain, body = get(shared_web, "blog0.localhost", "/post/2", Accept_Encoding="identity")
    _, packed, small = get(shared_web, "blog0.localhost", "/post/2", Accept_Encoding="gzip, br")
    assert (plain.get("content-encoding"), packed["content-encoding"]) == (None, "gzip")
    assert gzip.decompress(small) == body and len(small) < len(body)


def test_copies_and_traps(shared_web: SmallWeb) -> None:
    web = shared_web.web
    original, copy, twin = (web.truth("blog0.localhost", path) for path in ("/post/1", "/copy", "/twin"))
    assert original.body == copy.body
    assert [one.url for one in twin.links if one.kind == "canonical"] == []
    assert set(twin.links) < set(original.links)
    calendar = web.truth("blog0.localhost", "/calendar/2099/12/")
    assert calendar.links and any(one.url.endswith("/calendar/2100/01/") for one in calendar.links)
    first, second = (get(shared_web, "blog0.localhost", "/forum/")[2] for _ in range(2))
    assert first != second and first.count(b'href="/forum/') == 3


# --- The log --------------------------------------------------------------------------------------------------------
def visit(host: str, started: float, ended: float) -> Visit:
    return Visit(host, "/", started, ended, "", False, 200, "GET")


def test_gaps_and_overlaps_are_counted_by_host() -> None:
    log = [visit("a", 0, 1), visit("b", 0.5, 0.6), visit("a", 3, 4), visit("a", 3.5, 3.6), visit("a", 4.5, 5)]
    assert [round(gap, 3) for gap, _ in gaps(log)] == [2, -0.5, 0.5]
    assert at_once(log) == 2
    assert at_once(log[:3]) == 1
    assert fetches(log) == {("a", "/"): 4, ("b", "/"): 1}


def test_the_log_tells_polite_visitors_from_others(small_web: SmallWeb) -> None:  # noqa: F811
    for _ in range(3):
        get(small_web, "blog0.localhost", "/slow")
    assert at_once(small_web.log) == 1
    assert min(gap for gap, _ in gaps(small_web.log)) >= 0
    both_at_once(small_web, "blog0.localhost", "/slow")
    assert at_once(small_web.log) > 1
    assert min(gap for gap, _ in gaps(small_web.log)) < 0
    assert fetches(small_web.log) == {("blog0.localhost", "/slow"): 5}
    assert all(one.ended - one.started >= 0.29 for one in small_web.log)


def both_at_once(web: SmallWeb, host: str, target: str) -> None:
    """Two requests that are sent before either answer is read."""
    request = f"GET {target} HTTP/1.1\r\nHost: {host}:{web.port}\r\nConnection: close\r\n\r\n".encode()
    sockets = [socket.create_connection(("127.0.0.1", web.port), timeout=20) for _ in range(2)]
    for one in sockets:
        one.sendall(request)
    for one in sockets:
        while one.recv(65_536):
            pass
        one.close()


def test_the_log_keeps_agent_validators_and_status(small_web: SmallWeb) -> None:  # noqa: F811
    get(small_web, "shop1.localhost", "/gone?x=1", User_Agent="Tester/1", If_None_Match='"x"')
    one = small_web.log[-1]
    assert (one.host, one.target, one.agent, one.conditional, one.status, one.method) == (
        "shop1.localhost", "/gone?x=1", "Tester/1", True, 410, "GET")  # fmt: skip


def test_one_connection_serves_many_requests_in_order(small_web: SmallWeb) -> None:  # noqa: F811
    connection = http.client.HTTPConnection("127.0.0.1", small_web.port, timeout=20)
    statuses = []
    for path in ("/post/1", "/slow", "/gone", "/post/2"):
        connection.request("GET", path, headers={"Host": f"blog0.localhost:{small_web.port}"})
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.request("HEAD", "/post/2", headers={"Host": f"blog0.localhost:{small_web.port}"})
    assert connection.getresponse().read() == b""
    connection.close()
    assert statuses == [200, 200, 410, 200]
    assert [one.target for one in small_web.log] == ["/post/1", "/slow", "/gone", "/post/2", "/post/2"]


def test_as_a_process_of_its_own(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.web.server",
        "--hosts",
        "20",
        "--pages",
        "5",
        "--log",
        str(tmp_path / "log"),
    ]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        told = json.loads(process.stdout.readline())
        connection = http.client.HTTPConnection("127.0.0.1", told["port"], timeout=20)
        for host in told["hosts"]:
            connection.request("GET", "/post/5", headers={"Host": f"{host}:{told['port']}"})
            assert connection.getresponse().read().startswith(b"<!doctype html>")
        connection.close()
    finally:
        process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert len(read_log(tmp_path / "log")) == 20
