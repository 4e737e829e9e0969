"""Many absolute addresses at once: the same results as `weburl.parse`, several times as fast.

Decided: most addresses of links are in their normal form but for a fragment or a missing slash, so one expression runs
over thousands of them in C and takes host and rest apart; each host is looked up once. What it does not recognise goes
the long way, through `crawl.addresses`; a test holds both ways against each other.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backlinks.crawl.addresses import Base, resolved
from seoapp.lib.weburl import MAX_HOST, MAX_URL, PLAIN_HOST, SUFFIXES, WebUrl, parse

NOWHERE = Base.of("https://nowhere.invalid/")
PIECE = 2_000  # addresses that are joined to one text
HOSTS_HELD = 500_000
_SAFE = r"A-Za-z0-9_~!$&()*+,;=:@.-"
# Escapes that stay as they are: upper case, and not of a character that needs none.
_ESCAPE = "%(?:[0189A-F][0-9A-F]|2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[BCDF])"
# A line that is an address in its normal form gives its host and what follows; any other line gives nothing.
LINE = re.compile(
    rf"^(?:https?://([a-z0-9][a-z0-9.-]*[a-z])"
    rf"(/(?!\.)(?:[{_SAFE}]++|/(?!\.)|{_ESCAPE})*+(?:\?(?:[{_SAFE}/?]++|{_ESCAPE})++)?+)|.*)$",
    re.MULTILINE,
)
UNKNOWN = ("", "")


@dataclass(frozen=True, slots=True)
class Parsed:
    """Address -> its place in the columns; what is no URL has "" in each of them."""

    places: dict[str, int]
    url: list[str]
    key: list[str]
    host: list[str]
    domain: list[str]


def _known(hosts: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Host -> (the same without www, its registrable domain); `UNKNOWN` for what is not in its normal form.

    A plain host ends in a label that starts with a letter: it is no IP address, which `weburl` has to ask first.
    """
    if len(_hosts) > HOSTS_HELD:
        _hosts.clear()
    for host in dict.fromkeys(hosts):
        if host not in _hosts:
            is_plain = len(host) <= MAX_HOST and "xn--" not in host and PLAIN_HOST.fullmatch(host)
            bare = host.removeprefix("www.") if host.count(".") > 1 else host
            _hosts[host] = (bare, SUFFIXES.privatesuffix(host) or host) if is_plain else UNKNOWN
    return _hosts


_hosts: dict[str, tuple[str, str]] = {}


def parsed(hrefs: Sequence[str]) -> Parsed:
    """Each distinct address, parsed once."""
    distinct = list(dict.fromkeys(hrefs))
    urls = [one if "#" not in one and one.count("/") > 2 else _tidied(one) for one in distinct]
    pairs: list[tuple[str, str]] = []
    for start in range(0, len(urls), PIECE):
        pairs += _taken_apart(urls[start : start + PIECE])
    hosts = [host for host, _ in pairs]
    known = _known(hosts)
    keys = [known[host][0] + rest for host, rest in pairs]
    domains = [known[host][1] for host in hosts]
    made = Parsed(dict(zip(distinct, range(len(distinct)), strict=True)), urls, keys, hosts, domains)
    _add_others(made, distinct)
    return made


def address(written: str) -> WebUrl:
    """One absolute address. Raises BadUrl."""
    url = _tidied(written)
    found = LINE.fullmatch(url) if len(url) <= MAX_URL else None
    host, rest = found.groups() if found and found.group(1) else ("", "")
    bare, domain = _known([host])[host]
    return WebUrl(url, bare + rest, url.partition(":")[0], host, domain) if domain else parse(written)


def _tidied(href: str) -> str:
    """Without its fragment, and with the slash behind a bare host."""
    url = href.partition("#")[0]
    return f"{url}/" if url.count("/") == 2 and "?" not in url else url


def _taken_apart(urls: Sequence[str]) -> list[tuple[str, str]]:
    text = "\n".join(urls)
    if text.count("\n") != len(urls) - 1 or len(max(urls, key=len)) > MAX_URL:
        text = "\n".join(["" if "\n" in one or len(one) > MAX_URL else one for one in urls])
    return LINE.findall(text)


def _add_others(made: Parsed, distinct: Sequence[str]) -> None:
    """The long way, for what is not in its normal form."""
    others = [at for at, domain in enumerate(made.domain) if not domain]
    found = resolved([distinct[at] for at in others], NOWHERE)
    column = found.column
    for at, place in zip(others, found.places, strict=True):
        for mine, theirs in (
            (made.url, column.url), (made.key, column.key), (made.host, column.host), (made.domain, column.domain),
        ):  # fmt: skip
            mine[at] = theirs[place] if place >= 0 else ""
