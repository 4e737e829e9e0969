"""robots.txt: what Google's parser says a file means, and what each answer of a host stands for."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from backlinks.crawl import robots
from backlinks.crawl.robots import Rules, kept, parse, rules_of
from tests.web.sites import Web

HOSTILE = Path(settings.BASE_DIR).parent / "shared" / "hostile" / "robots"
US = b"User-agent: LinkledgerBot\n"
SITE = "https://site.example"

# Where we follow RFC 9309 2.2.2 (unreserved characters and UTF-8 compare equal to their escapes) and Google's parser
# compares octets: (robots.txt, path).
KNOWN_DIFFERENCES = {
    ("Allow: /foo/bar/ツ", "/foo/bar/ツ"),
    ("Allow: /foo/bar/%E3%83%84", "/foo/bar/ツ"),
    ("Allow: /foo/bar/%62%61%7A", "/foo/bar/baz"),
}


def google_cases() -> list[dict[str, Any]]:
    path = HOSTILE / "google_cases.json"
    return json.loads(path.read_text()) if path.exists() else []


@pytest.mark.skipif(not google_cases(), reason="the shared vectors are not here")
def test_verdicts_are_those_of_googles_parser_but_for_three() -> None:
    different = set()
    for case in google_cases():
        rules = parse(bytes.fromhex(case["robots_hex"]), case["user_agent"])
        if rules.allowed(case["url"]) != case["google_allowed"]:
            different.add((case["robots_text"].splitlines()[-1], case["url"].removeprefix("http://foo.bar")))
    assert different == KNOWN_DIFFERENCES


# (robots.txt, path, may we fetch it)
VERDICTS = [
    (b"User-agent: *\nDisallow: /private/\n", "/private/a", False),
    (b"User-agent: *\nDisallow: /private/\n", "/public", True),
    (b"User-agent: *\nDisallow: /\n\nUser-agent: LinkledgerBot\nDisallow: /tmp\n", "/", True),
    (b"User-agent: *\nDisallow: /\n\nUser-agent: linkledgerbot\nDisallow: /tmp\n", "/tmp/x", False),
    # an empty rule allows everything to us and ends the group
    (b"User-agent: LinkledgerBot\nDisallow:\n\nUser-agent: *\nDisallow: /\n", "/", True),
    (b"User-agent: *\nDisallow: /\n\nUser-agent: LinkledgerBot\nAllow:\n", "/", True),
    (b"User-agent: LinkledgerBot\nCrawl-delay: soon\n\nUser-agent: *\nDisallow: /\n", "/", True),
    # groups of one agent are joined, wherever they stand
    (
        b"User-agent: LinkledgerBot\nDisallow: /a\nUser-agent: x\nDisallow: /\nUser-agent: LinkledgerBot\nDisallow: /b",
        "/b/1",
        False,
    ),
    (
        b"User-agent: LinkledgerBot\nDisallow: /a\nUser-agent: x\nDisallow: /\nUser-agent: LinkledgerBot\nDisallow: /b",
        "/c",
        True,
    ),
    # lines that are no rule do not end a group
    (b"User-agent: LinkledgerBot\nSitemap: https://site.example/s.xml\nUser-agent: Other\nDisallow: /\n", "/", False),
    (b"User-agent: LinkledgerBot\nHost: site.example\nUser-agent: Other\nDisallow: /\n", "/", False),
    (b"User-agent: LinkledgerBot\n\n\n# text\nUser-agent: Other\nDisallow: /\n", "/", False),
    # a delay for everyone, then a ban of a bad bot: not a ban of everyone
    (b"User-agent: *\nCrawl-delay: 10\n\nUser-agent: BadBot\nDisallow: /\n", "/", True),
    # agent values with version, space, comma
    (b"User-agent: LinkledgerBot/1.0\nDisallow: /\n", "/", False),
    (b"User-agent: LinkledgerBot crawler\nDisallow: /\n", "/", False),
    (b"User-agent: GoogleBot, LinkledgerBot\nDisallow: /\n", "/", False),
    (b"User-agent: * # all\nDisallow: /\n", "/", False),
    (b"User-agent: *, Other\nDisallow: /\n", "/", False),
    # other names are not ours, also when one begins like ours
    (b"User-agent: Linkledger\nDisallow: /\n", "/", True),
    (b"User-agent: LinkledgerBot-Images\nDisallow: /\n", "/", True),
    (b"User-agent: bot\nDisallow: /\n", "/", True),
    (b"User-agent: *bot\nDisallow: /\n", "/", True),
    # line ends, byte order marks, spellings
    (b"User-agent: *\rDisallow: /x\r", "/x", False),
    (b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /x\r\n", "/x", False),
    (b"User-agent: *\nDisallow: /x\x0bUser-agent: no\nDisallow: /y", "/y", False),
    (b"user agent : *\ndisalow /x\n", "/x", False),
    (b"USERAGENT\t*\nDISALLOW\t/x\n", "/x", False),
    # longest rule, wildcards, end mark, query
    (US + b"Disallow: /*?sort=\nAllow: /list\n", "/list?sort=1", False),
    (US + b"Disallow: /*.pdf$\n", "/a.pdf", False),
    (US + b"Disallow: /*.pdf$\n", "/a.pdf?x", True),
    (US + b"Disallow: /\nAllow: /$\n", "/", True),
    (US + b"Disallow: /f\xe9\n", "/g", True),  # Latin-1 bytes
    ("User-agent: *\nDisallow: /ü\n".encode(), "/%C3%BC", False),
    (US + b"Disallow: /\n", "/robots.txt", True),
    # rules before any agent are nobody's; UTF-16 is no robots.txt
    (b"Disallow: /\nUser-agent: *\nDisallow: /x\n", "/", True),
    ("User-agent: *\nDisallow: /\n".encode("utf-16"), "/", True),
    (b"\x00\x01\x02" * 100, "/", True),
]


@pytest.mark.parametrize(("body", "path", "allowed"), VERDICTS)
def test_verdicts(body: bytes, path: str, *, allowed: bool) -> None:
    assert parse(body).allowed(SITE + path) is allowed


@pytest.mark.parametrize("body", sorted({body for body, _, _ in VERDICTS}))
def test_the_kept_text_reads_back_to_the_same_rules(body: bytes) -> None:
    rules = parse(body)
    assert parse(rules.text.encode()) == rules
    assert kept(rules.state, rules.text, rules.reason) == rules


def test_the_kept_text_holds_only_what_concerns_us() -> None:
    others = b"".join(b"User-agent: bot%d\nDisallow: /secret%d\n" % (n, n) for n in range(3_000))
    rules = parse(others + US + b"Disallow: /tmp\nNoindex: /x\n")
    assert rules.text == "user-agent: LinkledgerBot\ndisallow: /tmp"


# (status, body, content type, code of a failed fetch, state): RFC 9309 2.3.1 and what it leaves to us
ANSWERS = [
    (200, US + b"Disallow: /x\n", "text/plain", "", "rules"),
    (200, US + b"Disallow: /x\n", "text/html", "", "rules"),  # a server that calls every file HTML
    (200, b"", "text/plain", "", "all"),
    (200, b" \r\n", "text/plain", "", "all"),
    (204, b"", "", "", "all"),
    (200, b"<!doctype html><title>Not found</title>", "text/html", "", "all"),
    (200, b"\n <html>User-agent: *\nDisallow: /\n</html>", "text/plain", "", "all"),
    (200, b"Oops, not found", "text/html; charset=utf-8", "", "all"),
    (200, b"# only remarks\n", "text/plain", "", "all"),
    *[(status, US + b"Disallow: /", "text/plain", "", "all") for status in (400, 401, 403, 404, 410, 451)],
    *[(status, US + b"Allow: /", "text/plain", "", "none") for status in (429, 500, 502, 503, 504, 599, 304, 100, 0)],
    (302, b"", "", "", "all"),
    *[(0, b"", "", code, "none") for code in ("timeout", "connect", "tls", "address_refused", "busy", "bad_response")],
    (301, b"", "", "too_many_redirects", "all"),
    (301, b"", "", "bad_redirect", "all"),
]


@pytest.mark.parametrize(("status", "body", "content_type", "failed", "state"), ANSWERS)
def test_what_an_answer_stands_for(status: int, body: bytes, content_type: str, failed: str, state: str) -> None:
    rules = rules_of(status, body, content_type, failed=failed)
    assert rules.state == state
    assert rules.allowed(f"{SITE}/y") is (state != "none")
    assert rules.reason.endswith(".") or state == "rules"
    assert kept(rules.state, rules.text, rules.reason) == rules


def test_only_the_first_500_kibibytes_count() -> None:
    start = US + b"#" * (robots.MAX_BYTES - len(US) - 1) + b"\n"
    assert parse(start + b"Disallow: /\n").allowed(SITE + "/")
    assert not parse(start[:-20] + b"\nDisallow: /\n").allowed(SITE + "/")


# (value of Crawl-delay, seconds, is the host left alone)
DELAYS = [
    ("0.5", 0.5, False), ("1", 1.0, False), ("30", 30.0, False), ("30.5", 30.5, True), ("86400", 86400.0, True),
    (".5", 0.5, False), ("0", 0.0, False),
    *[(bad, None, False) for bad in ("-1", "soon", "1e9", "nan", "inf", "", "1,5", "5s", "٣", "9" * 400)],
]  # fmt: skip


@pytest.mark.parametrize(("value", "seconds", "skipped"), DELAYS)
def test_crawl_delay(value: str, seconds: float | None, *, skipped: bool) -> None:
    rules = parse(f"User-agent: *\nCrawl-delay: {value}\nDisallow: /x\n".encode())
    assert (rules.delay, rules.skip_host) == (seconds, skipped)


def test_the_delay_of_our_own_group_wins() -> None:
    everyone = b"User-agent: *\nCrawl-delay: 60\n"
    assert parse(everyone + US + b"Crawl-delay: 2\n").delay == 2
    assert parse(everyone + US + b"Disallow: /x\n").delay is None
    assert parse(everyone + b"User-agent: Other\nCrawl-delay: 3\n").delay == 60


def test_sitemaps_of_the_whole_file() -> None:
    body = b"Sitemap: https://a.example/1.xml\nUser-agent: x\nDisallow: /\nsite-map: https://a.example/2.xml\n"
    body += b"Sitemap: https://a.example/1.xml\nSitemap: javascript:alert(1)\nSitemap: /relative.xml\n"
    rules = rules_of(200, body, "text/plain")
    assert rules.sitemaps == ("https://a.example/1.xml", "https://a.example/2.xml")
    assert rules.state == "all"
    assert kept(rules.state, rules.text, rules.reason) == rules
    many = b"".join(b"Sitemap: https://a.example/%d.xml\n" % n for n in range(5_000))
    assert len(parse(many).sitemaps) == robots.MAX_SITEMAPS


def test_each_site_of_the_small_web_says_what_may_be_read() -> None:
    web = Web(hosts=10, pages=12)
    for site in web.sites:
        page = web.truth(site.host, "/robots.txt")
        if page.status == 301:
            page = web.truth(site.host, "/robots-moved.txt")
        rules = rules_of(page.status, page.body, page.content_type)
        assert rules.allowed(site.url("/post/1")) is not site.closed
        assert rules.allowed(site.url("/private/1")) is ("/private/1" in site.paths)
        assert all(rules.allowed(site.url(path)) for path in site.paths)
        assert rules.delay == (0.5 if site.number == 3 else None)


def test_a_hosts_rules_are_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = parse(US + b"Disallow: /parsed-once\n")
    assert not rules.allowed(f"{SITE}/parsed-once/1")
    before = robots._matcher.cache_info().misses
    for number in range(50):
        again: Rules = kept("rules", f"{rules.text}")
        assert again is not None and not again.allowed(f"{SITE}/parsed-once/{number}")
    assert robots._matcher.cache_info().misses == before


def test_no_nul_is_kept_of_a_file() -> None:
    rules = robots.rules_of(200, b"User-agent: *\nDisallow: /a\0b\nDis\0allow: /c\n")
    assert "\0" not in rules.text and not rules.allowed("http://x.example/ab")
