"""One transfer by PycURL: the only file that knows libcurl's options, callbacks and error numbers.

Decided: the address is judged once more at the socket, where it is connected; one refusal refuses the rest of that
name. The body is counted after decompression and cut in the callback, so a bomb costs what was read until then. The
body of a redirect is not read. A handle is used again and again, because making one costs more than a page does. Only
the addresses that were judged are known to libcurl (`RESOLVE`); it never asks a resolver. Refused: proxies and
credentials from the environment, cookies, HTTP/0.9, and libcurl's own redirects.
"""

import re
import socket
from dataclasses import dataclass
from typing import Any

import certifi
import pycurl

from seoapp.lib.addresses import refusal
from seoapp.lib.exchange import NO_ADDRESS, Place, Policy

CONNECT_SECONDS = 5.0
SLOW_BYTES, SLOW_SECONDS = 100, 10  # a second; for so long
IDLE_SECONDS = 60  # an idle connection that is older is not used again
CA_FILE = certifi.where()
ENCODINGS = "gzip, deflate, br" if "brotli" in pycurl.version else "gzip, deflate"
TUNNEL_REFUSED = 407  # what a filtering proxy says to a host it may not reach
VERSIONS = {
    pycurl.CURL_HTTP_VERSION_1_0: "1.0",
    pycurl.CURL_HTTP_VERSION_1_1: "1.1",
    pycurl.CURL_HTTP_VERSION_2_0: "2",
    pycurl.CURL_HTTP_VERSION_3: "3",
}
TLS_ERRORS = frozenset((35, 51, 53, 54, 58, 59, 60, 64, 66, 77, 80, 82, 83, 90, 91))
TOO_LARGE = 100  # PycURL has no name for it
TLS = "The TLS connection failed"
BROKE = "The answer cannot be read"
REASONS = {
    "bad_url": "This URL cannot be asked for.",
    "address_refused": NO_ADDRESS,
    "busy": "This machine can open no more connections now.",
    "timeout": "The server took too long.",
    "connect": "No connection, or it broke.",
    "bad_encoding": "The compression of the answer cannot be undone.",
    "headers_too_large": "The headers are longer than 300 KB.",
}
CODES = {
    pycurl.E_URL_MALFORMAT: "bad_url",
    pycurl.E_COULDNT_RESOLVE_PROXY: "connect",
    pycurl.E_COULDNT_RESOLVE_HOST: "address_refused",
    pycurl.E_COULDNT_CONNECT: "connect",
    pycurl.E_OPERATION_TIMEDOUT: "timeout",
    pycurl.E_SEND_ERROR: "connect",
    pycurl.E_RECV_ERROR: "connect",
    pycurl.E_BAD_CONTENT_ENCODING: "bad_encoding",
    TOO_LARGE: "headers_too_large",
    **dict.fromkeys(TLS_ERRORS, "tls"),
}
BROKEN = re.compile(r"recv failure|ssl_read|reset|closed|timed out|shutdown|tunnel|proxy", re.IGNORECASE)
LARGE_HEADERS = re.compile(r"too large|headers? too|too many.*header", re.IGNORECASE)
ALTERNATIVE_NAMES = b"X509v3 Subject Alternative Name"
NAMED = re.compile(rb"(?:^|, ?)dns:([*a-z0-9._-]{3,253})(?=,|$)")
NAMES_READ, MOST_NAMES = 20_000, 200  # characters, names of a certificate
BLANK = (b"\r\n", b"\n")
ODD = re.compile(r"[^\x20-\x7e]+")


@dataclass(frozen=True, slots=True)
class Failure:
    code: str
    reason: str
    status: int


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer on the wire, before anything is followed."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    truncated: bool
    ip: str
    http_version: str
    certificate: tuple[str, ...]


class Transfer:
    """One PycURL handle and what its callbacks collect."""

    __slots__ = (
        "allowed",
        "curl",
        "cut",
        "limit",
        "lines",
        "pieces",
        "proxied",
        "refused",
        "size",
        "skipped",
        "starved",
    )

    def __init__(self, policy: Policy) -> None:
        self.curl = pycurl.Curl()
        self.allowed = policy.allowed
        self.proxied = bool(policy.proxy)
        self.lines: list[bytes] = []
        self.pieces: list[bytes] = []
        self.rest()
        for option, value in _options(policy):
            self.curl.setopt(option, value)
        self.curl.setopt(pycurl.OPENSOCKETFUNCTION, self._open)
        self.curl.setopt(pycurl.HEADERFUNCTION, self.lines.append)
        self.curl.setopt(pycurl.WRITEFUNCTION, self._write)

    def rest(self, limit: int = 0) -> None:
        self.lines.clear()
        self.pieces.clear()
        self.limit, self.size = limit, 0
        self.cut = self.skipped = self.refused = self.starved = False

    def load(
        self,
        place: Place,
        addresses: tuple[str, ...],
        *,
        method: str,
        headers: list[bytes],
        agent: str,
        limit: int,
        alone: bool = False,
    ) -> None:
        """Make ready for one request; `addresses` were judged, and are all that will be tried.

        `alone`: on a connection of its own, never on one that is idle.
        """
        self.rest(limit)
        curl = self.curl
        curl.setopt(pycurl.FRESH_CONNECT, alone)
        curl.setopt(pycurl.URL, place.url)
        curl.setopt(pycurl.NOBODY, method == "HEAD")
        if method == "GET":
            curl.setopt(pycurl.HTTPGET, 1)
        curl.setopt(pycurl.USERAGENT, agent)
        # An empty list would leave what the last request set: its credentials.
        curl.unsetopt(pycurl.HTTPHEADER)
        curl.unsetopt(pycurl.RESOLVE)
        if headers:
            curl.setopt(pycurl.HTTPHEADER, headers)
        if addresses and not place.is_literal:
            known = ",".join(f"[{one}]" if ":" in one else one for one in addresses)
            curl.setopt(pycurl.RESOLVE, [f"+{place.host}:{place.port}:{known}"])

    def set_deadline(self, seconds: float) -> None:
        """libcurl reads 0 as "for ever"."""
        milliseconds = max(1, int(seconds * 1000))
        self.curl.setopt(pycurl.TIMEOUT_MS, milliseconds)
        self.curl.setopt(pycurl.CONNECTTIMEOUT_MS, min(milliseconds, int(CONNECT_SECONDS * 1000)))

    # --- Callbacks: an exception in one of them would only be printed ------------------------------------------------
    def _open(self, purpose: int, address: Any) -> socket.socket | int:
        """Open the socket, if the address it is for may be connected. A proxy is the operator's own choice."""
        if not self.proxied:
            host, scope = address.addr[0], address.addr[3] if len(address.addr) > 3 else 0
            if isinstance(host, bytes):
                host = host.decode("ascii", "replace")
            if self.refused or scope or refusal(host, self.allowed):
                self.refused = True
                return pycurl.SOCKET_BAD
        try:
            return socket.socket(address.family, address.socktype, address.protocol)
        except OSError:  # our own descriptors have run out: nothing that the server did
            self.starved = True
            return pycurl.SOCKET_BAD

    def _write(self, data: bytes) -> int:
        """Keep a piece of the body; what is not `len(data)` ends the transfer."""
        if not self.pieces and 300 <= self._status() < 400:
            self.skipped = True
            return 0
        room = self.limit - self.size
        if len(data) > room:
            self.pieces.append(data[:room])
            self.cut = True
            return 0
        self.pieces.append(data)
        self.size += len(data)
        return len(data)

    def _status(self) -> int:
        head = self._head()
        parts = head[0].split(None, 2) if head else []
        return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0

    def _head(self) -> list[bytes]:
        """The lines of the last head: after interim answers and a proxy's, without trailers."""
        start = end = 0
        fresh = True
        for number, line in enumerate(self.lines):
            if fresh and line[:5] == b"HTTP/":
                start = end = number
            if fresh and line[:5] != b"HTTP/":
                break
            fresh = line in BLANK
            end = number + 1
        return self.lines[start:end]

    @property
    def met_leftovers(self) -> bool:
        """Whether it failed on a connection that an earlier answer had used, without a line of an answer of its own.

        What the earlier answer sent beyond its length may have been read as the beginning of this one.
        """
        return not self.lines and int(self.curl.getinfo(pycurl.NUM_CONNECTS)) == 0

    # --- The end ------------------------------------------------------------------------------------------------------
    @property
    def wire_bytes(self) -> int:
        return int(self.curl.getinfo(pycurl.SIZE_DOWNLOAD_T)) + int(self.curl.getinfo(pycurl.HEADER_SIZE))

    def result(self, error: int, text: str) -> Answer | Failure:
        """What came of it. A transfer that we cut short is an answer all the same."""
        status = int(self.curl.getinfo(pycurl.RESPONSE_CODE))
        if error and not (error == pycurl.E_WRITE_ERROR and (self.cut or self.skipped)):
            return self._failure(error, text, status)
        if not 200 <= status <= 599:
            return Failure("bad_response", f"{BROKE}: {status} is no status.", status)
        if self.proxied and status == TUNNEL_REFUSED:
            return Failure("address_refused", NO_ADDRESS, 0)
        head = self._head()
        if not head or head[-1] not in BLANK:  # libcurl takes a head that was cut for a whole one
            return Failure("bad_response", f"{BROKE}: the head ends early.", status)
        return Answer(
            status,
            _fields(head),
            b"".join(self.pieces),
            self.cut,
            str(self.curl.getinfo(pycurl.PRIMARY_IP) or ""),
            VERSIONS.get(self.curl.getinfo(pycurl.INFO_HTTP_VERSION), ""),
            self._certificate(),
        )

    def _certificate(self) -> tuple[str, ...]:
        """The names in the server's certificate; () where the connection or its session was made before.

        It was verified: no authority vouches for a name with a comma in it, which would read as two.
        """
        chain = self.curl.getinfo_raw(pycurl.INFO_CERTINFO)
        said = next((value for name, value in chain[0] if name == ALTERNATIVE_NAMES), b"") if chain else b""
        return tuple(sorted({one.decode() for one in NAMED.findall(said[:NAMES_READ].lower())})[:MOST_NAMES])

    def _failure(self, error: int, text: str, status: int) -> Failure:
        said = ODD.sub(" ", text)[:200].strip()
        code = CODES.get(error, "bad_response")
        if self.refused and error == pycurl.E_COULDNT_CONNECT:
            code = "address_refused"
        elif self.starved and error == pycurl.E_COULDNT_CONNECT:
            code = "busy"
        elif LARGE_HEADERS.search(said) and code in ("connect", "bad_response"):
            code = "headers_too_large"
        elif error == pycurl.E_RECV_ERROR and not BROKEN.search(said):
            code = "bad_response"  # libcurl says the same of a broken connection and of a broken chunk
        if self.proxied and int(self.curl.getinfo(pycurl.HTTP_CONNECTCODE)) == TUNNEL_REFUSED:
            code = "address_refused"
        reason = REASONS.get(code) or f"{TLS if code == 'tls' else BROKE}: {said}."
        return Failure(code, reason, status)


def _options(policy: Policy) -> tuple[tuple[int, Any], ...]:
    """What holds for every transfer of a handle."""
    web = pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS
    return (
        (pycurl.PROTOCOLS, web),
        (pycurl.REDIR_PROTOCOLS, web),
        (pycurl.FOLLOWLOCATION, 0),
        (pycurl.NOSIGNAL, 1),
        (pycurl.PROXY, policy.proxy),  # "" also shuts out the environment's
        (pycurl.NOPROXY, ""),
        (pycurl.NETRC, pycurl.NETRC_IGNORED),
        (pycurl.PATH_AS_IS, 1),
        (pycurl.HTTP09_ALLOWED, 0),
        (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2TLS),
        (pycurl.ACCEPT_ENCODING, ENCODINGS),
        (pycurl.SSL_VERIFYPEER, 1),
        (pycurl.SSL_VERIFYHOST, 2),
        (pycurl.CAINFO, CA_FILE),
        (pycurl.PROXY_CAINFO, CA_FILE),
        (pycurl.LOW_SPEED_LIMIT, SLOW_BYTES),
        (pycurl.LOW_SPEED_TIME, SLOW_SECONDS),
        (pycurl.MAXAGE_CONN, IDLE_SECONDS),
        (pycurl.OPT_CERTINFO, 1),
    )


def _fields(head: list[bytes]) -> tuple[tuple[str, str], ...]:
    """The header lines as pairs; Latin-1 keeps every byte."""
    fields = []
    for line in head[1:]:
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            fields.append((name.strip().lower(), value.strip()))
    return tuple(fields)
