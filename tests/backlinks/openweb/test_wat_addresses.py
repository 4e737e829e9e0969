"""The short way of parsing addresses gives what the long way gives."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from backlinks.crawl.addresses import absolute
from backlinks.openweb.wat_addresses import NOWHERE, address, parsed
from seoapp.lib.weburl import BadUrl, parse

HOSTILE = settings.BASE_DIR.parent / "shared" / "hostile" / "urls"
HOSTS = (
    "www.a.com", "a.co.uk", "b.example", "1.2.3.4", "a_b.com", "A.com", "a..com", "a.com.", "-a.com", "www.co.uk",
    "x.com:80", "x.com:8080", "u@x.com", "u:p@x.com", f"{'a' * 70}.com", "xn--bcher-kva.example", "b\u00fccher.example",
    "0x7f.1", "www.com", "me.github.io", "[::1]", "a.b-", "t.co", "localhost",
)  # fmt: skip
PARTS = (
    "/", "?", "#", "%", "%2e", "%2F", "%41", "%3a", "%3A", "%7E", "%7e", "%00", "%C3%A9", ".", "..", "/.", "/..", "/./",
    "a", "Z", "\u00e9", "&", "=", ";", "'", "|", "\\", " ", "\t", "\n", "\r", ":", "@", "//", "www.", "-", "_", "~",
    "{", "\u202e", "\x7f", "index.html", "q=1", "*", "!", "(",
)  # fmt: skip


def long_way(href: str) -> tuple[str, str, str, str]:
    try:
        found = parse(absolute(href, NOWHERE) or "")
    except BadUrl:
        return "", "", "", ""
    return found.url, found.key, found.host, found.domain


def differing(hrefs: list[str]) -> list[str]:
    """Addresses of which the short way makes something else than the long one."""
    made = parsed(hrefs)
    places = {href: made.places[href] for href in hrefs}
    found = {href: (made.url[at], made.key[at], made.host[at], made.domain[at]) for href, at in places.items()}
    return [href for href, parts in found.items() if parts != long_way(href)]


def test_addresses_put_together_at_random() -> None:
    dice = random.Random(7)
    hrefs = [
        f"{dice.choice(('http://', 'https://', 'HTTP://', 'https:///'))}{dice.choice(HOSTS)}"
        f"{''.join(dice.choices(PARTS, k=dice.randint(0, 7)))}"
        for _ in range(6_000)
    ]
    assert differing(hrefs) == []
    # Alone, so that no other address of its piece decides the way that it goes.
    assert not [href for href in hrefs[:300] if differing([href])]


def test_the_short_way_is_taken() -> None:
    made = parsed(["https://www.news.co.uk", "http://a.example/%C3%A9?x=%2F#part", "https://www.news.co.uk/"])
    assert made.url == ["https://www.news.co.uk/", "http://a.example/%C3%A9?x=%2F", "https://www.news.co.uk/"]
    assert made.key == ["news.co.uk/", "a.example/%C3%A9?x=%2F", "news.co.uk/"]
    assert made.domain == ["news.co.uk", "a.example", "news.co.uk"]


def test_nothing_and_what_is_too_long() -> None:
    assert parsed([]).places == {}
    long = ["https://a.example/" + "x" * count for count in (8_200, 8_000)]
    assert differing([long[0], "https://a.example/ok", long[1]]) == []


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)


@pytest.mark.skipif(not HOSTILE.is_dir(), reason="the hostile addresses are not here")
def test_hostile_addresses() -> None:
    found = {one for path in HOSTILE.glob("*.json") for one in strings(json.loads(path.read_text()))}
    whole = [one for one in found if one.lower().startswith(("http://", "https://")) and one.isprintable()]
    assert len(whole) > 100
    assert differing(whole) == []


@pytest.mark.parametrize(
    "href",
    ["https://www.news.co.uk", "HTTP://A.example:80/%7Ea#x", "http://1.2.3.4/a?b", "https://b\u00fccher.example"],
)
def test_one_address(href: str) -> None:
    assert address(href) == parse(href)


@pytest.mark.parametrize("href", ["", "mailto:a@b.example", "https://", "http://[::1", "/path", "https://a b.example/"])
def test_what_is_no_address(href: str) -> None:
    with pytest.raises(BadUrl):
        address(href)
