"""The data folder of an installation: made on first use, with a key of its own.

Decided: an installation has no default secret. The embedded default writes a random key into its data folder on the
first command; production must bring its own. Refused: a key in the repository, even a "development" one.
"""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

WEAK_KEY_LENGTH = 50
FOLDERS = ("files", "uploads", "broker", "broker-control", "cache", "mail", "index", "workers", "tmp")


def prepare(data: Path) -> None:
    """Make the data folder; refuse with a sentence when it cannot be written."""
    try:
        for name in ("", *FOLDERS):
            (data / name).mkdir(parents=True, exist_ok=True)
        probe = data / f".write-test-{os.getpid()}"
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The data folder {data} cannot be written ({error.strerror}): make it writable for this user, "
            "or set SEOAPP_DATA to another folder."
        ) from error


def secret_key(data: Path) -> str:
    """Read the installation's key, writing a random one (mode 0600) on first use: whole or not at all."""
    path = data / "secret_key"
    if not path.exists():
        draft = data / f".secret_key-{os.getpid()}-{secrets.token_hex(4)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(64))
        with contextlib.suppress(FileExistsError):  # another process was first: its key counts
            os.link(draft, path)
        draft.unlink()
    try:
        key = path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"The key {path} cannot be read ({error.strerror}): make it readable.") from error
    if len(key) < WEAK_KEY_LENGTH:
        raise ImproperlyConfigured(
            f"The key {path} is damaged: restore it from a backup, or remove it (everybody is signed out then)."
        )
    return key


@contextlib.contextmanager
def only_one(data: Path, name: str) -> Iterator[None]:
    """One process of this installation at a time; the others wait."""
    with open(data / f"{name}.lock", "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def refuse_unsafe_production(*, production: bool, debug: bool, secret_key: str, hosts: list[str]) -> None:
    if not production:
        return
    if debug:
        raise ImproperlyConfigured("DEBUG is on in production: unset DEBUG, or unset SEOAPP_ENV.")
    if len(secret_key) < WEAK_KEY_LENGTH or len(set(secret_key)) < 10 or secret_key.startswith("django-insecure"):
        raise ImproperlyConfigured("SECRET_KEY is missing or weak: set it to at least 50 random characters.")
    if not hosts or "*" in hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS is empty or '*': set it to the host names this server answers to.")
