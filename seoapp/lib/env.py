"""Readers of environment variables that refuse bad values.

Decided: a setting that cannot be read stops the start with a sentence that names the variable, what it holds and
what it may hold. Refused: silent fall-back to a default, because a typo in `DEBUG=flase` must not decide anything.
"""

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def boolean(name: str, *, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE | FALSE:
        return value in TRUE
    raise ImproperlyConfigured(f"{name} is {value!r}: set it to true or false.")


def integer(name: str, default: int, *, low: int = 0, high: int = 2**31 - 1) -> int:
    value = text(name)
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
        raise ImproperlyConfigured(f"{name} is {value!r}: set it to a whole number from {low} to {high}.")
    return int(value)


def number(name: str, default: float, *, low: float = 0, high: float = 1e9) -> float:
    value = text(name)
    if not value:
        return default
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", value) or not low <= float(value) <= high:
        raise ImproperlyConfigured(f"{name} is {value!r}: set it to a number from {low:g} to {high:g}.")
    return float(value)


def integers(name: str, *, low: int, high: int) -> tuple[int, ...]:
    """A comma-separated list of whole numbers."""
    values = names(name)
    if not all(value.isascii() and value.isdigit() and low <= int(value) <= high for value in values):
        raise ImproperlyConfigured(
            f"{name} is {text(name)!r}: set it to whole numbers from {low} to {high}, with commas."
        )
    return tuple(map(int, values))


def names(name: str, default: str = "") -> list[str]:
    """A comma-separated list without empty entries."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} is {value!r}: set it to one of {', '.join(allowed)}.")
    return value


def folder(name: str, default: Path) -> Path:
    return Path(text(name) or default).expanduser().resolve()


def matching(name: str, pattern: str, meaning: str) -> str:
    """Empty, or a text of this form; `meaning` says it in words."""
    value = text(name)
    if value and not re.fullmatch(pattern, value):
        raise ImproperlyConfigured(f"{name} is {value!r}: set it to {meaning}.")
    return value


def url(name: str, default: str, schemes: tuple[str, ...]) -> str:
    """An address with one of these schemes. The value is not repeated in the refusal: it may hold a password."""
    value = text(name, default)
    try:
        parts = urlsplit(value)
        fine = not value or (parts.scheme in schemes and (parts.port is None or parts.port > 0))
    except ValueError:
        fine = False
    if not fine:
        raise ImproperlyConfigured(f"{name} is no usable address: set it to a URL that begins with {_either(schemes)}.")
    return value


def database(name: str, default: Path) -> dict[str, Any]:
    """Django's settings of the database behind a URL; an SQLite file at `default` where there is none."""
    value = url(name, "", ("postgresql", "postgres", "sqlite"))
    if not value:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": default, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    try:
        found = dj_database_url.parse(value, conn_max_age=60, conn_health_checks=True)
    except ValueError:
        found = {}
    if not found.get("NAME"):
        raise ImproperlyConfigured(f"{name} names no database: set it to postgresql://USER:PASSWORD@HOST:PORT/NAME.")
    return dict(found)


def time_zone(name: str, default: str) -> str:
    value = text(name) or default
    if value not in available_timezones():
        raise ImproperlyConfigured(f"{name} is {value!r}: set it to a time zone such as Europe/Berlin.")
    return value


def _either(schemes: tuple[str, ...]) -> str:
    return " or ".join(f"{scheme}://" for scheme in schemes)
