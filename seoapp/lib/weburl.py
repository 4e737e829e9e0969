"""URLs and domains as the ledger knows them: one module, one policy.

Decided: the WHATWG parser (ada) says what a browser would open; our policy on top says which URLs are the same page.
The key of a URL drops the scheme, one leading `www.`, the default port and the fragment, normalises percent-encoding
and keeps the query in order. A registrable domain follows the public suffix list with its private section, so two blogs
on github.io are two domains. Refused: urllib and yarl, which read hostile spellings differently from browsers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address
from operator import add
from typing import Literal
from urllib.parse import urlsplit

import ada_url
from publicsuffixlist import PublicSuffixList

MAX_URL = 8192
MAX_HOST = 253
SCHEMES = ("http", "https")
Scope = Literal["root", "host", "prefix", "exact"]
SUFFIXES = PublicSuffixList(accept_unknown=True, only_icann=False)

# A URL that is its own normal form: lower-case host, no user, port, dot segment, percent, fragment or odd character.
_NORMAL = r"https?://([a-z0-9][a-z0-9.-]*[a-z])(/[A-Za-z0-9_~!$&()*+,;=:@./-]*(?:\?[A-Za-z0-9._~!$&()*+,;=:@/?-]+)?)"
NORMAL = re.compile(_NORMAL)
NORMAL_LINE = re.compile(f"^{_NORMAL}$", re.MULTILINE)
PIECE = 500  # URLs that are tried at once
PLAIN_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# What browsers drop around a URL (control characters and space), and the spaces that spreadsheets add.
AROUND = "".join(map(chr, range(0x21))) + "\x85\xa0\u2028\u2029\u202f\u3000\ufeff"
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
SURROGATE = re.compile("[\ud800-\udfff]")


class BadUrl(ValueError):
    """The text is no URL of a web page; `str(error)` says why in a few words."""

    @property
    def reason(self) -> str:
        return str(self)


@dataclass(frozen=True, slots=True)
class WebUrl:
    """A normalised URL. `key` is equal for spellings of one page; `domain` is the registrable domain of `host`."""

    url: str
    key: str
    scheme: str
    host: str
    domain: str


@dataclass(frozen=True, slots=True)
class UrlColumn:
    """A column of URLs as parallel lists; a bad one leaves "" in each and its reason in `bad` by index."""

    url: list[str]
    key: list[str]
    host: list[str]
    domain: list[str]
    bad: dict[int, str] = field(default_factory=dict)


# --- Hosts and domains ----------------------------------------------------------------------------------------------
@lru_cache(maxsize=200_000)
def registrable_domain(host: str) -> str:
    """The registrable domain of a normalised host; the host itself for an IP, a single label or a public suffix."""
    if host.startswith("[") or _is_ip(host):
        return host
    return SUFFIXES.privatesuffix(host) or host


def _is_ip(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def is_site(host: str) -> bool:
    """Whether a normalised host belongs to somebody: no public suffix such as co.uk, no bare name, no wildcard."""
    return host == "localhost" or _is_ip(host) or ("*" not in host and SUFFIXES.privatesuffix(host) is not None)


def tld(domain: str) -> str:
    """The last label; "" for an IP."""
    return "" if _is_ip(domain) else domain.rpartition(".")[2]


def host_name(raw: str) -> str:
    """The A-label host of a cell that holds a domain, a host or a URL."""
    text = raw.strip()
    if not text:
        raise BadUrl("no host")
    return parse(text if "://" in text else f"http://{text}").host


def display_host(host: str) -> str:
    """A host for people: Unicode where all its letters are of one script, else A-labels (look-alikes stay visible)."""
    if "xn--" not in host:
        return host
    shown = ada_url.idna_to_unicode(host)
    shown = shown.decode() if isinstance(shown, bytes) else shown
    letters = [character for character in shown if character.isalpha()]
    ascii_only = [character for character in letters if character.isascii()]
    latin = all(ord(character) < 0x250 for character in letters)
    return shown if latin or not ascii_only or len(letters) == len(ascii_only) else host


def display_url(url: str) -> str:
    """A URL for people: its host as `display_host` shows it; text that is no URL is left alone."""
    if "xn--" not in url:
        return url
    try:
        found = urlsplit(url).hostname or ""
    except ValueError:
        return url
    return url.replace(found, display_host(found), 1)


# --- URLs -----------------------------------------------------------------------------------------------------------
def parse(raw: str, assume: str | None = None) -> WebUrl:
    """Parse one URL; `assume` adds that scheme where the text has none. Raises `BadUrl`."""
    text = raw.strip(AROUND)
    if len(text) > MAX_URL:
        raise BadUrl("longer than 8,192 characters")
    if CONTROL.search(text):
        raise BadUrl("has a control character")
    if SURROGATE.search(text):
        raise BadUrl("has a broken character")
    if assume and "://" not in text[:12]:
        text = f"{assume}://{text.lstrip('/')}"
    _check_scheme(text)
    made = _web_url(_browsed(text))
    again = _web_url(_browsed(made.url))
    if again != made:
        raise BadUrl("reads differently each time it is opened")
    return made


def _browsed(text: str) -> ada_url.URL:
    try:
        return ada_url.URL(text)
    except ValueError as error:
        raise BadUrl("not a URL that a browser can open") from error


def _check_scheme(text: str) -> None:
    if not text:
        raise BadUrl("empty")
    found = SCHEME.match(text)
    if not found:
        raise BadUrl("no http:// or https:// in front")
    if found.group(1).lower() not in SCHEMES:
        raise BadUrl(f"not http or https: {found.group(1).lower()[:20]}:")


def _web_url(parsed: ada_url.URL) -> WebUrl:
    scheme = parsed.protocol.rstrip(":")
    host = parsed.hostname.rstrip(".")
    if not host or len(host) > MAX_HOST or ".." in host or "%" in host:
        raise BadUrl("no valid host name")
    port = f":{parsed.port}" if parsed.port else ""
    rest = _percent(parsed.pathname or "/") + _percent(parsed.search)
    bare = host.removeprefix("www.") if host.count(".") > 1 else host
    return WebUrl(f"{scheme}://{host}{port}{rest}", f"{bare}{port}{rest}", scheme, host, registrable_domain(host))


def _percent(text: str) -> str:
    """Decode escapes of unreserved characters, write the others in upper case, escape what a URL cannot hold."""
    if "%" not in text:
        return text
    return PERCENT.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    character = chr(int(found.group()[1:], 16))
    return character if character in UNRESERVED else found.group().upper()


def parse_column(raws: Sequence[str], assume: str | None = None) -> UrlColumn:
    """Parse a column of URLs: the same results as `parse`, an order of magnitude faster where URLs are normal."""
    column = UrlColumn([], [], [], [])
    for start in range(0, len(raws), PIECE):
        piece = raws[start : start + PIECE]
        if not _add_normal(piece, column):
            _add_each(piece, start, assume, column)
    return column


def _add_normal(raws: Sequence[str], column: UrlColumn) -> bool:
    """Add URLs that are all their own normal form; False, and nothing added, when one of them is not."""
    text = "\n".join(raws)
    if "/." in text or text.count("\n") != len(raws) - 1 or len(max(raws, key=len)) > MAX_URL:
        return False
    pairs = NORMAL_LINE.findall(text)
    if len(pairs) != len(raws):
        return False
    hosts, rests = zip(*pairs, strict=True)
    bares, domains, plain = zip(*map(_known_host, hosts), strict=True)
    if not all(plain):
        return False
    column.url.extend(raws)
    column.key.extend(map(add, bares, rests))
    column.host.extend(hosts)
    column.domain.extend(domains)
    return True


def _add_each(raws: Sequence[str], start: int, assume: str | None, column: UrlColumn) -> None:
    for number, raw in enumerate(raws, start):
        found = NORMAL.fullmatch(raw)
        if found and "/." not in raw and len(raw) <= MAX_URL:
            host, rest = found.groups()
            bare, domain, plain = _known_host(host)
            if plain:
                one = WebUrl(raw, bare + rest, "", host, domain)
                _add_one(one, column)
                continue
        try:
            one = parse(raw, assume)
        except BadUrl as error:
            column.bad[number] = str(error)
            one = _NOTHING
        _add_one(one, column)


def _add_one(one: WebUrl, column: UrlColumn) -> None:
    column.url.append(one.url)
    column.key.append(one.key)
    column.host.append(one.host)
    column.domain.append(one.domain)


_NOTHING = WebUrl("", "", "", "", "")


@lru_cache(maxsize=500_000)
def _known_host(host: str) -> tuple[str, str, bool]:
    """(host without www, registrable domain, is the host its own normal form)."""
    plain = len(host) <= MAX_HOST and "xn--" not in host and PLAIN_HOST.fullmatch(host) is not None
    bare = host.removeprefix("www.") if host.count(".") > 1 else host
    return bare, registrable_domain(host) if plain else "", plain


# --- Targets --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Target:
    """What a profile is about: a whole domain, one host, a folder or one page. `key` is a URL key."""

    scope: Scope
    domain: str
    host: str
    key: str

    @classmethod
    def parse(cls, text: str, scope: str | None = None) -> "Target":
        """Read what a user typed. A bare domain (or its www) is the root; a path ending in / is a folder."""
        url = parse(text, "https")
        parts = urlsplit(url.url)
        path = url.key.partition("/")[2]
        if scope is None:
            scope = _guess(url, path, has_query=bool(parts.query))
        if scope == "root":
            return cls("root", url.domain, url.domain, f"{url.domain}/")
        if scope == "host":
            return cls("host", url.domain, url.host, f"{url.key.partition('/')[0]}/")
        if scope not in ("prefix", "exact"):
            raise BadUrl(f"{scope!r} is no scope: use root, host, prefix or exact")
        return cls(scope, url.domain, url.host, url.key)

    @property
    def label(self) -> str:
        if self.scope in ("root", "host"):
            return self.domain if self.scope == "root" else self.host
        return self.key

    def __str__(self) -> str:
        return self.label


def _guess(url: WebUrl, path: str, *, has_query: bool) -> Scope:
    if not path:
        return "root" if url.host.removeprefix("www.") == url.domain else "host"
    return "prefix" if path.endswith("/") and not has_query else "exact"
