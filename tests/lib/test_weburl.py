"""The table of traps of URLs and domains: what is one page, what is one domain, and what is no URL at all."""

import json
from pathlib import Path
from typing import Any

import pytest

from seoapp.lib.weburl import BadUrl, Target, display_host, host_name, parse, parse_column, registrable_domain, tld

HOSTILE = Path(__file__).resolve().parents[3] / "shared" / "hostile"

# (as written, url, key, host, registrable domain)
TRAPS = [
    ("http://example.com", "http://example.com/", "example.com/", "example.com", "example.com"),
    ("HTTP://WWW.Example.COM/", "http://www.example.com/", "example.com/", "www.example.com", "example.com"),
    ("https://example.com:443/a", "https://example.com/a", "example.com/a", "example.com", "example.com"),
    ("http://example.com:80/", "http://example.com/", "example.com/", "example.com", "example.com"),
    ("http://example.com:8080/", "http://example.com:8080/", "example.com:8080/", "example.com", "example.com"),
    ("https://example.com:80/", "https://example.com:80/", "example.com:80/", "example.com", "example.com"),
    # the fragment and the user are dropped, the query stays in order
    ("https://example.com/a#b", "https://example.com/a", "example.com/a", "example.com", "example.com"),
    ("https://u:p@example.com/", "https://example.com/", "example.com/", "example.com", "example.com"),
    ("https://example.com/?b=2&a=1", "https://example.com/?b=2&a=1",
     "example.com/?b=2&a=1", "example.com", "example.com"),
    ("https://example.com/?", "https://example.com/", "example.com/", "example.com", "example.com"),
    # percent-encoding: unreserved characters bare, the others upper-case
    ("https://example.com/%7euser", "https://example.com/~user", "example.com/~user", "example.com", "example.com"),
    ("https://example.com/a%2fb", "https://example.com/a%2Fb", "example.com/a%2Fb", "example.com", "example.com"),
    ("https://example.com/a b", "https://example.com/a%20b", "example.com/a%20b", "example.com", "example.com"),
    ("https://example.com/%41", "https://example.com/A", "example.com/A", "example.com", "example.com"),
    ("https://example.com/100%", "https://example.com/100%", "example.com/100%", "example.com", "example.com"),
    ("https://example.com/ä", "https://example.com/%C3%A4", "example.com/%C3%A4", "example.com", "example.com"),
    # dot segments, also encoded and written with backslashes; empty segments stay
    ("https://example.com/a/../b/./c", "https://example.com/b/c", "example.com/b/c", "example.com", "example.com"),
    ("https://example.com/a/%2e%2e/b", "https://example.com/b", "example.com/b", "example.com", "example.com"),
    ("https://example.com\\a\\b", "https://example.com/a/b", "example.com/a/b", "example.com", "example.com"),
    ("https://example.com/a//b", "https://example.com/a//b", "example.com/a//b", "example.com", "example.com"),
    # hosts: trailing dot, one www, IDN to punycode
    ("https://example.com./", "https://example.com/", "example.com/", "example.com", "example.com"),
    ("https://www.com/", "https://www.com/", "www.com/", "www.com", "www.com"),
    ("https://www.www.example.com/", "https://www.www.example.com/",
     "www.example.com/", "www.www.example.com", "example.com"),
    ("https://пример.рф/", "https://xn--e1afmkfd.xn--p1ai/",
     "xn--e1afmkfd.xn--p1ai/", "xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai"),
    ("https://FAß.de/", "https://xn--fa-hia.de/", "xn--fa-hia.de/", "xn--fa-hia.de", "xn--fa-hia.de"),
    ("https://ＥＸＡＭＰＬＥ。com/", "https://example.com/", "example.com/", "example.com", "example.com"),
    # the public suffix list with its private section
    ("https://a.b.example.co.uk/", "https://a.b.example.co.uk/",
     "a.b.example.co.uk/", "a.b.example.co.uk", "example.co.uk"),
    ("https://me.github.io/x", "https://me.github.io/x", "me.github.io/x", "me.github.io", "me.github.io"),
    ("https://www.me.github.io/", "https://www.me.github.io/", "me.github.io/", "www.me.github.io", "me.github.io"),
    ("https://shop.blogspot.com/", "https://shop.blogspot.com/",
     "shop.blogspot.com/", "shop.blogspot.com", "shop.blogspot.com"),
    ("https://github.io/", "https://github.io/", "github.io/", "github.io", "github.io"),
    ("https://co.uk/", "https://co.uk/", "co.uk/", "co.uk", "co.uk"),
    ("https://www.ck/", "https://www.ck/", "www.ck/", "www.ck", "www.ck"),
    ("https://a.unknowntld/", "https://a.unknowntld/", "a.unknowntld/", "a.unknowntld", "a.unknowntld"),
    ("https://intranet/x", "https://intranet/x", "intranet/x", "intranet", "intranet"),
    ("https://a_b.example.com/", "https://a_b.example.com/", "a_b.example.com/", "a_b.example.com", "example.com"),
    # IPs, in any spelling that a browser takes
    ("http://192.0.2.1/", "http://192.0.2.1/", "192.0.2.1/", "192.0.2.1", "192.0.2.1"),
    ("http://3221225985/", "http://192.0.2.1/", "192.0.2.1/", "192.0.2.1", "192.0.2.1"),
    ("http://0xc0.0.2.1/", "http://192.0.2.1/", "192.0.2.1/", "192.0.2.1", "192.0.2.1"),
    ("http://0300.0.02.1/", "http://192.0.2.1/", "192.0.2.1/", "192.0.2.1", "192.0.2.1"),
    ("http://[2001:DB8::0:1]:80/", "http://[2001:db8::1]/", "[2001:db8::1]/", "[2001:db8::1]", "[2001:db8::1]"),
    ("http://[::ffff:1.2.3.4]/", "http://[::ffff:102:304]/",
     "[::ffff:102:304]/", "[::ffff:102:304]", "[::ffff:102:304]"),
    # what spreadsheets and copying add around
    (" \t\u00a0https://example.com/a\r\n", "https://example.com/a", "example.com/a", "example.com", "example.com"),
    ("\ufeffhttps://example.com/", "https://example.com/", "example.com/", "example.com", "example.com"),
    ("\x1ahttps://example.com/", "https://example.com/", "example.com/", "example.com", "example.com"),
    # which host a browser opens where parsers disagree
    ("http://127.0.0.1\\@good.example/", "http://127.0.0.1/@good.example/",
     "127.0.0.1/@good.example/", "127.0.0.1", "127.0.0.1"),
    ("http://good.example#@evil.test/", "http://good.example/", "good.example/", "good.example", "good.example"),
    ("https:example.com/a", "https://example.com/a", "example.com/a", "example.com", "example.com"),
    ("https:////example.com/a", "https://example.com/a", "example.com/a", "example.com", "example.com"),
]  # fmt: skip

BAD = [
    ("", "empty"),
    ("   ", "empty"),
    ("example.com", "no http:// or https:// in front"),
    ("//example.com/", "no http:// or https:// in front"),
    ("/a/b", "no http:// or https:// in front"),
    ("ftp://example.com/", "not http or https: ftp:"),
    ("javascript:alert(1)", "not http or https: javascript:"),
    ("mailto:a@example.com", "not http or https: mailto:"),
    ("http://", "not a URL that a browser can open"),
    ("http://a b.example/", "not a URL that a browser can open"),
    ("http://256.1.1.1/", "not a URL that a browser can open"),
    ("http://[::1/", "not a URL that a browser can open"),
    ("http://example.com:99999/", "not a URL that a browser can open"),
    ("http://../", "no valid host name"),
    ("http://a..example/", "no valid host name"),
    ("http://" + "a." * 130 + "example/", "no valid host name"),
    ("http://example.com/a\x00b", "has a control character"),
    ("http://example.com/\x07b", "has a control character"),
    ("http://example.com/\ud800", "has a broken character"),
    ("http://example.com/" + "a" * 9_000, "longer than 8,192 characters"),
]


@pytest.mark.parametrize(("raw", "url", "key", "host", "domain"), TRAPS)
def test_traps(raw: str, url: str, key: str, host: str, domain: str) -> None:
    found = parse(raw)
    assert (found.url, found.key, found.host, found.domain) == (url, key, host, domain)
    assert parse(found.url) == found, "the normal form of a normal form is itself"


@pytest.mark.parametrize(("raw", "reason"), BAD)
def test_what_is_no_url(raw: str, reason: str) -> None:
    with pytest.raises(BadUrl) as told:
        parse(raw)
    assert str(told.value) == told.value.reason == reason


def test_a_column_gives_what_single_urls_give() -> None:
    raws = [trap[0] for trap in TRAPS] + [bad[0] for bad in BAD] + [trap[1] for trap in TRAPS]
    column = parse_column(raws)
    for at, raw in enumerate(raws):
        same_as_parse(raw, column.url[at], column.key[at], column.host[at], column.domain[at], column.bad.get(at))


def same_as_parse(raw: str, url: str, key: str, host: str, domain: str, reason: str | None) -> None:
    try:
        one = parse(raw)
    except BadUrl as error:
        assert (url, key, host, domain, reason) == ("", "", "", "", str(error)), raw
    else:
        assert (url, key, host, domain, reason) == (one.url, one.key, one.host, one.domain, None), raw


def test_a_missing_scheme_is_added_only_when_asked() -> None:
    assert parse("www.example.com/a", "https").url == "https://www.example.com/a"
    assert parse("//example.com/a", "https").url == "https://example.com/a"
    assert parse("http://example.com/a", "https").url == "http://example.com/a"
    assert parse_column(["example.com/a", "http://example.com/"], "https").url == [
        "https://example.com/a",
        "http://example.com/",
    ]


def test_domain_cells() -> None:
    assert host_name(" WWW.Example.COM. ") == "www.example.com"
    assert host_name("https://sub.example.com:8080/x") == "sub.example.com"
    assert registrable_domain("sub.example.com") == "example.com" and registrable_domain("com") == "com"
    assert tld("example.co.uk") == "uk" and tld("192.0.2.1") == "" and tld("[2001:db8::1]") == ""
    with pytest.raises(BadUrl):
        host_name("")


def test_look_alikes_stay_in_punycode_for_people() -> None:
    assert display_host("xn--e1afmkfd.xn--p1ai") == "пример.рф"
    assert display_host("xn--mnchen-3ya.de") == "münchen.de"
    assert display_host("xn--ggle-55da.com") == "xn--ggle-55da.com", "two Cyrillic letters among Latin ones"
    assert display_host("example.com") == "example.com"


@pytest.mark.parametrize(
    ("text", "scope", "domain", "host", "key"),
    [
        ("example.com", "root", "example.com", "example.com", "example.com/"),
        ("www.example.com", "root", "example.com", "example.com", "example.com/"),
        ("https://blog.example.com/", "host", "example.com", "blog.example.com", "blog.example.com/"),
        ("example.com/shop/", "prefix", "example.com", "example.com", "example.com/shop/"),
        ("https://www.example.com/lamp?x=1", "exact", "example.com", "www.example.com", "example.com/lamp?x=1"),
        ("me.github.io", "root", "me.github.io", "me.github.io", "me.github.io/"),
    ],
)  # fmt: skip
def test_targets(text: str, scope: str, domain: str, host: str, key: str) -> None:
    found = Target.parse(text)
    assert (found.scope, found.domain, found.host, found.key) == (scope, domain, host, key)


def test_a_target_of_no_scope_is_refused() -> None:
    with pytest.raises(BadUrl, match="is no scope"):
        Target.parse("example.com", "everything")


# --- The shared vectors -------------------------------------------------------------------------------------------
def shared(path: str) -> list[Any]:
    file = HOSTILE / path
    return json.loads(file.read_text()) if file.exists() else []


here = pytest.mark.skipif(not HOSTILE.exists(), reason="the shared hostile files are not here")


@here
def test_shared_spellings_give_one_outcome_each() -> None:
    """151 spellings: the host that browsers open, or a reason; the same in a column; stable."""
    cases = shared("ssrf/url_literals.json")
    column = parse_column([one["url"] for one in cases])
    assert len(cases) > 100
    for at, one in enumerate(cases):
        same_as_parse(
            one["url"], column.url[at], column.key[at], column.host[at], column.domain[at], column.bad.get(at)
        )
        if at not in column.bad:
            assert column.host[at] == one["whatwg"].rstrip("."), one["url"]
            assert parse(column.url[at]).url == column.url[at]
        else:
            assert "ERR" in one["whatwg"] or _refused_by_policy(one["url"], column.bad[at])


def _refused_by_policy(url: str, reason: str) -> bool:
    return reason.startswith(("not http or https", "no valid host", "has a control", "longer than", "empty", "no http"))


@here
def test_web_platform_tests_agree() -> None:
    compared = 0
    for one in shared("urls/wpt_urltestdata.json"):
        if isinstance(one, str):
            continue
        raw = one["input"]
        try:
            found = parse(raw)
        except BadUrl as error:
            assert one.get("failure") or one.get("base") or _refused_by_policy(raw, str(error)) or ".." in raw, raw
            continue
        assert not one.get("failure"), raw
        assert parse(found.url) == found, raw
        column = parse_column([raw])
        same_as_parse(raw, column.url[0], column.key[0], column.host[0], column.domain[0], column.bad.get(0))
        if one.get("base") is None or "//" in raw[:8]:
            assert (found.scheme, found.host) == (one["protocol"].rstrip(":"), one["hostname"].rstrip(".")), raw
            compared += 1
    assert compared > 100


@here
def test_web_platform_tests_of_host_names_agree() -> None:
    compared = 0
    for one in shared("urls/wpt_toascii.json"):
        if isinstance(one, str):
            continue
        try:
            found = parse(f"http://{one['input']}/").host
        except BadUrl as error:
            assert one["output"] is None or str(error) == "no valid host name", one["input"]
            continue
        assert one["output"] is not None and found == one["output"].rstrip("."), one["input"]
        compared += 1
    assert compared > 30


@here
def test_web_platform_tests_of_percent_encoding_agree() -> None:
    compared = 0
    for one in shared("urls/wpt_percent-encoding.json"):
        if isinstance(one, str) or any(ord(character) < 32 for character in one["input"]):
            continue
        expected = one["output"]["utf-8"].replace("\\", "/")  # a backslash is a slash in a path
        assert parse(f"https://example.com/{one['input']}").url == f"https://example.com/{expected}"
        compared += 1
    assert compared > 2


@here
def test_shared_pairs() -> None:
    """Same, different, and what our policy says to the ten pairs that standards leave open."""
    policy = {}
    for one in shared("urls/normalisation_pairs.json"):
        first, second = _maybe(one["a"]), _maybe(one["b"])
        if one["expect"] == "policy":
            policy[one["why"].partition(":")[0]] = first == second
        else:
            assert (first == second) is (one["expect"] == "same"), one
    assert len(policy) == 10
    different = {"tracking parameters", "plus in query", "invalid percent", "protocol-relative needs a base"}
    assert {why for why, same in policy.items() if not same} == different


def _maybe(raw: str) -> str:
    try:
        return parse(raw).url
    except BadUrl as error:
        return f"{raw}: {error}"
