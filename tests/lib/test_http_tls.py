"""TLS at the door: who is verified, what is offered."""

import datetime
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import LazySettings

from seoapp.lib import transfer
from seoapp.lib.http import Door, FetchError, Request, Response
from tests.web.hostile import HostileServer, text

KNOWN = "shop.localhost"
NAMES = (KNOWN, "*.shop.example", "Blog.example")
PROTOCOLS = ["http/1.1"]


def certificate(folder: Path, *, days: int = 1) -> Path:
    """A certificate for one name that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, KNOWN)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=9))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in NAMES]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{days}.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


class TlsServer(HostileServer):
    """The same server behind TLS; keeps which protocol was agreed on."""

    def secure(self, file: Path) -> None:
        self.agreed: list[str | None] = []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(file)
        self.context.set_alpn_protocols(PROTOCOLS)

    def _serve(self, connection: ssl.SSLSocket) -> None:  # type: ignore[override]
        connection.settimeout(30)
        try:
            wrapped = self.context.wrap_socket(connection, server_side=True)
        except OSError:
            connection.close()
            return
        self.agreed.append(wrapped.selected_alpn_protocol())
        super()._serve(wrapped)


@pytest.fixture
def server(settings: LazySettings, tmp_path: Path) -> Iterator[TlsServer]:
    settings.SEOAPP_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    server = TlsServer({"/": text("safe"), "/other": text("", "Location: /", status="302 Found")})
    server.secure(certificate(tmp_path))
    with server:
        yield server


@pytest.fixture
def trusted(server: TlsServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(transfer, "CA_FILE", str(tmp_path / "1.pem"))


def ask(*urls: str) -> list[Response | FetchError]:
    """By a door made now, one after the other, so that connections could be used again."""
    found = []
    with Door(at_once=1) as door:
        for url in urls:
            door.submit(url, Request(url, follow=5, seconds=20))
        while len(door):
            found.extend(door.wait(30))
    by_url = dict(found)
    return [by_url[url] for url in urls]


def secure_url(server: TlsServer, host: str = KNOWN, path: str = "/") -> str:
    return f"https://{host}:{server.port}{path}"


def test_a_stranger_is_refused(server: TlsServer) -> None:
    [error] = ask(secure_url(server))
    assert isinstance(error, FetchError) and error.code == "tls" and "certificate" in error.reason
    assert server.requests == []


def test_who_is_known_is_read(server: TlsServer, trusted: None) -> None:
    answer, followed = ask(secure_url(server), secure_url(server, path="/other"))
    assert isinstance(answer, Response) and answer.body == b"safe"
    assert isinstance(followed, Response) and len(followed.hops) == 1
    assert server.connections == 1
    names = {"*.shop.example", "blog.example", KNOWN}
    assert names == set(answer.certificate), "whoever opens the connection is told the names"
    assert followed.certificate == (), "and nobody after that"


def test_the_name_is_checked_for_each_host_on_one_address(server: TlsServer, trusted: None) -> None:
    """The connection of a host whose certificate is right is not used for another one."""
    right, wrong, number = ask(
        secure_url(server), secure_url(server, "other.localhost"), secure_url(server, "127.0.0.1")
    )
    assert isinstance(right, Response)
    assert isinstance(wrong, FetchError) and wrong.code == "tls"
    assert isinstance(number, FetchError) and number.code == "tls"
    assert len(server.requests) == 1


def test_what_has_run_out_is_refused(server: TlsServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old = certificate(tmp_path, days=-2)
    monkeypatch.setattr(transfer, "CA_FILE", str(old))
    server.secure(old)
    [error] = ask(secure_url(server))
    assert isinstance(error, FetchError) and error.code == "tls"


def test_http_2_is_offered(server: TlsServer, trusted: None) -> None:
    server.context.set_alpn_protocols(["h2"])
    [error] = ask(secure_url(server))  # the server agrees, and then speaks something else
    assert server.agreed == ["h2"] and isinstance(error, FetchError)
    assert error.code in ("bad_response", "connect")


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\n\r\nplain", b"", b"\x15\x03\x01\x00\x02\x02\x28"])
def test_a_server_that_speaks_no_tls(settings: LazySettings, start: bytes) -> None:
    settings.SEOAPP_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]

    class Plain(HostileServer):
        def _serve(self, connection: ssl.SSLSocket) -> None:  # type: ignore[override]
            with connection:
                connection.recv(4096)
                connection.sendall(start)

    with Plain({}) as server:
        [error] = ask(f"https://{KNOWN}:{server.port}/")
    assert isinstance(error, FetchError) and error.code == "tls"


def test_a_silent_handshake_ends_by_the_deadline(settings: LazySettings) -> None:
    settings.SEOAPP_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    over = threading.Event()

    class Silent(HostileServer):
        def _serve(self, connection: ssl.SSLSocket) -> None:  # type: ignore[override]
            over.wait(30)

    with Silent({}) as server, Door() as door:
        door.submit(1, Request(f"https://{KNOWN}:{server.port}/", seconds=1))
        [(_, error)] = door.wait(30)
        over.set()
    assert isinstance(error, FetchError) and error.code == "timeout"
