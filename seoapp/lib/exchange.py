"""One question to a web server and its answer, as the door out knows them; nothing here opens a connection.

Decided: what may be asked is decided here, before and after each redirect: scheme, port, host, the addresses behind it.
One text stands for "an internal address" and "no such name", or an error message would be a scanner of the operator's
network. Bytes of a `Location` that are not ASCII are percent-encoded as they are, whatever their charset was meant to
be. Refused: following a redirect by the client's own means, which knows nothing of all this.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import ada_url
from django.conf import settings

from seoapp.lib import weburl
from seoapp.lib.addresses import is_address, is_listed, refusal
from seoapp.lib.weburl import BadUrl, WebUrl

ERROR_CODES = (
    "bad_url",
    "port_refused",
    "address_refused",
    "busy",
    "dns",
    "timeout",
    "connect",
    "tls",
    "bad_response",
    "too_many_redirects",
    "bad_redirect",
    "bad_encoding",
    "headers_too_large",
)
NO_ADDRESS = "No public address answers to this name."
BAD_PORT = "This port is not one of web sites."
METHODS = ("GET", "HEAD")
REDIRECTS = frozenset((301, 302, 303, 307, 308))
PORTS = frozenset((80, 443, 8080, 8443))
DEFAULT_PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
CREDENTIALS = frozenset(("authorization", "cookie", "proxy-authorization"))


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. `seconds` bounds the whole exchange over all hops; `max_bytes` counts after decompression.

    `within_site`: a redirect to another registrable domain is the answer, and is not followed.
    """

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    method: str = "GET"
    max_bytes: int = 5_000_000
    seconds: float = 20.0
    follow: int = 0
    agent: str = ""
    within_site: bool = False

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"{self.method!r} is no method of the door: use GET or HEAD")


@dataclass(frozen=True, slots=True)
class Hop:
    """A redirect that was answered: `location` is the absolute target, or what was sent where that is none."""

    url: str
    status: int
    location: str


@dataclass(frozen=True, slots=True)
class Response:
    """What was answered at the end of the hops. Header names are lower-case; `truncated`: the body was cut.

    `certificate`: the names in the server's certificate; () where the connection or its session was made before.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    truncated: bool
    ip: str
    hops: tuple[Hop, ...]
    seconds: float
    http_version: str
    wire_bytes: int
    certificate: tuple[str, ...] = ()

    def header(self, name: str) -> str:
        """The first value of a header; "" without it."""
        wanted = name.lower()
        return next((value for known, value in self.headers if known == wanted), "")

    def all_headers(self, name: str) -> tuple[str, ...]:
        wanted = name.lower()
        return tuple(value for known, value in self.headers if known == wanted)

    @property
    def redirect(self) -> str:
        """Where a redirect leads, absolute; "" where it leads nowhere that the door could go."""
        if self.status not in REDIRECTS:
            return ""
        try:
            return redirect_target(self.url, self.header("location")).url
        except BadUrl:
            return ""


class FetchError(Exception):
    """No answer that could be used. `code` is one of ERROR_CODES, `reason` a sentence for people."""

    def __init__(self, code: str, reason: str, url: str = "", hops: tuple[Hop, ...] = (), status: int = 0) -> None:
        super().__init__(f"{code}: {reason}")
        self.code, self.reason, self.url, self.hops, self.status = code, reason, url, hops, status


def redirect_target(base: str, location: str) -> WebUrl:
    """The URL that a `Location` (as Latin-1 text) names. Raises `BadUrl`."""
    text = location.strip(" \t")
    if not text:
        raise BadUrl("empty")
    if CONTROL.search(text):
        raise BadUrl("has a control character")
    raw = text.encode("utf-8" if max(text) > "\xff" else "latin-1")
    plain = BEYOND_ASCII.sub(lambda found: b"%%%02X" % found.group()[0], raw).decode()
    try:
        return weburl.parse(ada_url.URL(plain, base).href)
    except BadUrl:
        raise
    except ValueError as error:
        raise BadUrl("not a URL that a browser can open") from error


@dataclass(frozen=True, slots=True)
class Place:
    """A URL that the door can go to, taken apart: `host` without brackets."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def is_literal(self) -> bool:
        return is_address(self.host)

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port


def place_of(found: WebUrl) -> Place:
    """Take a parsed URL apart. Raises `BadUrl` where a name has characters that no resolver should see."""
    authority = found.url[len(found.scheme) + 3 :].partition("/")[0]
    port = authority[len(found.host) + 1 :]
    host = found.host.strip("[]")
    if not HOST.fullmatch(host) and not is_address(host):
        raise BadUrl("no valid host name")
    return Place(found.url, found.scheme, host, int(port) if port else DEFAULT_PORTS[found.scheme])


def header_lines(request: Request, *, with_credentials: bool) -> list[bytes]:
    """The request's own headers as they are sent. Raises `ValueError` for what could break out of its line."""
    lines = []
    for name, value in request.headers:
        if not HEADER_NAME.fullmatch(name) or CONTROL.search(value):
            raise ValueError(f"the header {name[:40]!r} cannot be sent")
        if with_credentials or name.lower() not in CREDENTIALS:
            # libcurl leaves a header out that ends in ":"; ";" sends it empty.
            lines.append(f"{name}: {value}".encode() if value.strip() else f"{name};".encode())
    return lines


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator's settings allow."""

    allowed: frozenset[str]
    ports: frozenset[int]
    proxy: str
    agent: str

    @classmethod
    def current(cls) -> "Policy":
        return _policy(
            tuple(settings.SEOAPP_ALLOWED_PRIVATE_HOSTS),
            tuple(settings.CRAWL_PORTS),
            settings.EGRESS_PROXY_URL,
            settings.CRAWL_USER_AGENT,
        )

    def refuses_port(self, place: Place) -> bool:
        """A port outside the list, and no exception of the operator's that could open it."""
        return place.port not in self.ports and not self.allowed

    def judge(self, place: Place, addresses: Sequence[str]) -> str:
        """The code of the refusal; "" where the door may go. One refused address refuses the name."""
        if place.port not in self.ports and not all(is_listed(one, self.allowed) for one in addresses or ("",)):
            return "port_refused"
        if not addresses or any(refusal(one, self.allowed) for one in addresses):
            return "address_refused"
        return ""


@lru_cache(maxsize=16)
def _policy(allowed: tuple[str, ...], ports: tuple[int, ...], proxy: str, agent: str) -> Policy:
    return Policy(frozenset(allowed), PORTS | frozenset(ports), proxy, agent)
