"""Which server answers for a domain: IANA's list (RFC 9224), asked for once a week.

Decided: where the list cannot be had again, the one that is there serves on and is asked for an hour later. The longest
suffix of the list that a domain ends in decides. Of several addresses the first with https is used. Refused: a list
that ships with the product, which grows old unseen; rdap.org, a go-between who would hear of every domain.
"""

import hashlib
from datetime import timedelta
from typing import Any

import orjson
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from seoapp.lib import weburl
from seoapp.lib.http import FetchError, Request, fetch
from seoapp.lib.weburl import BadUrl

KEPT, AGAIN = timedelta(days=7), timedelta(hours=1)
MAX_BYTES, SECONDS, REDIRECTS = 1_000_000, 20.0, 3
MAX_SERVICES, MAX_NAMES = 5_000, 1_000


class NoServers(RuntimeError):
    """Nobody says which servers there are; the message says what to do."""


def servers() -> dict[str, str]:
    """Suffix -> address of the server that answers for it. Raises `NoServers`."""
    key = f"rdap.{hashlib.sha256(settings.RDAP_BOOTSTRAP_URL.encode()).hexdigest()[:32]}"
    until, known = cache.get(key) or (timezone.now(), {})
    if known and until > timezone.now():
        return known
    try:
        known, good_for = _fetched(), KEPT
    except NoServers:
        if not known:
            raise
        good_for = AGAIN
    cache.set(key, (timezone.now() + good_for, known), None)
    return known


def server_of(domain: str, known: dict[str, str]) -> str:
    """The server that answers for a domain in A-labels; "" where there is none."""
    labels = domain.split(".")
    suffixes = (".".join(labels[start:]) for start in range(1, len(labels)))
    return next((known[one] for one in suffixes if one in known), "")


def _fetched() -> dict[str, str]:
    request = Request(settings.RDAP_BOOTSTRAP_URL, max_bytes=MAX_BYTES, seconds=SECONDS, follow=REDIRECTS)
    try:
        answer = fetch(request)
    except FetchError as error:
        raise NoServers(f"The list of registries' servers cannot be fetched: {error.reason} {_advice()}") from error
    if answer.status != 200:
        raise NoServers(f"The list of registries' servers cannot be fetched: answer {answer.status}. {_advice()}")
    found = read(answer.body)
    if not found:
        raise NoServers(f"What lies at {settings.RDAP_BOOTSTRAP_URL} is no list of RDAP servers. {_advice()}")
    return found


def _advice() -> str:
    return "Try again later, or set RDAP_BOOTSTRAP_URL to a mirror."


def read(body: bytes) -> dict[str, str]:
    """The servers of a list; what of it cannot be read is left out."""
    try:
        said = orjson.loads(body)
    except ValueError:
        return {}
    found: dict[str, str] = {}
    for service in _items(said.get("services") if isinstance(said, dict) else None)[:MAX_SERVICES]:
        if isinstance(service, list) and len(service) > 1:
            base = _base(_items(service[1]))
            names = _items(service[0])[:MAX_NAMES] if base else []
            found |= {one.strip(".").lower(): base for one in names if isinstance(one, str) and one.strip(".")}
    return found


def _base(addresses: list[Any]) -> str:
    """The address that questions are appended to, https first; "" where none can be opened."""
    urls = []
    for one in addresses[:MAX_NAMES]:
        try:
            urls.append(weburl.parse(one if isinstance(one, str) else "").url)
        except BadUrl:
            continue
    chosen = min(urls, key=lambda url: not url.startswith("https:"), default="")
    return f"{chosen.rstrip('/')}/" if chosen else ""


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
