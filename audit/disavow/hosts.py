"""Names that a `domain:` line can hold: when a text is a host, how it is written, and what it covers.

Decided: a name is written in lower case and as A-labels, without the final dot; what a browser would read into a text
(escapes, odd spellings of addresses) is no name here. Suffixes are those of the public suffix list with its private
section: nobody owns `org.br` or `github.io` whole. `www.` is dropped where a site remains, so never from www.gov.uk.
Refused: guessing a name out of text that holds more than a name; `offers` proposes, and a person decides.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from seoapp.lib.addresses import is_address
from seoapp.lib.weburl import MAX_HOST, PLAIN_HOST, BadUrl, display_host, is_site, parse, registrable_domain

from . import signs

MOST_LABELS = 127
LABEL = re.compile(r"[a-z0-9_-]{1,63}")
SCHEME_LIKE = re.compile(r"[a-z][a-z0-9+.-]*:/|https?:", re.IGNORECASE)
PORT = re.compile(r":\d*$")
# Browsers read a name whose last label is a number as an IP address, however it is spelled.
NUMBERS = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)", re.IGNORECASE)


class BadHost(ValueError):
    """The text is no host; `str(error)` is a word for why: see `grammar.WHY`."""


@lru_cache(maxsize=200_000)
def host_of(text: str) -> str:
    """The written form of a host name or IP address. Raises `BadHost`."""
    if PLAIN_HOST.fullmatch(text) and "xn--" not in text and len(text) <= MAX_HOST:
        return text
    bare = _without_zero_width(text)
    if bare.startswith("[") or is_address(bare):
        return _address(bare)
    _refuse_more_than_a_name(bare)
    host = bare.rstrip(".").lower() if bare.isascii() else _a_labels(bare)
    _check_labels(host)
    if "xn--" in host and _a_labels(host) != host:
        raise BadHost("characters")
    return host


def _without_zero_width(text: str) -> str:
    if text.isascii():
        return text
    bare = signs.ZERO_WIDTH.sub("", text)
    joined = signs.JOINERS.sub("", bare)
    return joined if joined.isascii() else bare


def _address(text: str) -> str:
    """An IP address as it is written; in brackets where it is of version 6."""
    bare = text.strip("[]")
    if not is_address(bare):
        raise BadHost("characters")
    return f"[{bare.lower()}]" if ":" in bare else bare


def _refuse_more_than_a_name(text: str) -> None:
    if not text:
        raise BadHost("empty")
    if SCHEME_LIKE.match(text):
        raise BadHost("scheme")
    if re.search(r"\s", text):
        raise BadHost("space")
    if signs.has_hidden(text.replace("\u200c", "").replace("\u200d", "")):
        raise BadHost("hidden")
    if re.search(r"[/?#\\]", text):
        raise BadHost("path")
    if "*" in text:
        raise BadHost("wildcard")
    if PORT.search(text):
        raise BadHost("port")
    if NUMBERS.fullmatch(text.rstrip(".")):
        raise BadHost("characters")


def _a_labels(text: str) -> str:
    if "%" in text or "@" in text or ":" in text:
        raise BadHost("characters")
    try:
        return parse(f"http://{text}/").host
    except BadUrl as error:
        raise BadHost("characters") from error


def _check_labels(host: str) -> None:
    labels = host.split(".")
    if not all(LABEL.fullmatch(label) for label in labels):
        raise BadHost("labels" if any(len(label) > 63 for label in labels) else "characters")
    if len(labels) > MOST_LABELS or len(host) > MAX_HOST:
        raise BadHost("labels")
    if any(label.startswith("-") or label.endswith("-") for label in registrable_domain(host).split(".")):
        raise BadHost("characters")


# --- What a name is ---------------------------------------------------------------------------------------------------
def is_ip(host: str) -> bool:
    return host.startswith("[") or (host[-1:].isdigit() and is_address(host))


@lru_cache(maxsize=200_000)
def is_suffix(host: str) -> bool:
    """Whether people register names below it, so that nobody owns all of it."""
    return not is_site(host) or host == "localhost"


@lru_cache(maxsize=1)
def _registries() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=True, only_icann=True)


def is_shared_host(host: str) -> bool:
    """Whether a suffix is one that a company runs for its customers, such as github.io."""
    return is_suffix(host) and not is_ip(host) and _registries().privatesuffix(host) is not None


def bare_of(host: str) -> str:
    """The host without `www.` where a site remains."""
    rest = host.removeprefix("www.")
    return rest if rest is not host and "." in rest and not is_suffix(rest) else host


def parents(host: str) -> Iterator[str]:
    """Names above a host, nearest first, down to its last label."""
    if is_ip(host):
        return
    at = host.find(".")
    while at >= 0:
        yield host[at + 1 :]
        at = host.find(".", at + 1)


def with_parents(host: str) -> Iterator[str]:
    yield host
    yield from parents(host)


def shown(host: str) -> str:
    """The name for people, with its Unicode form where it has one: `xn--e1afmkfd.xn--p1ai (пример.рф)`."""
    other = display_host(host)
    return host if other == host else f"{host} ({other})"
