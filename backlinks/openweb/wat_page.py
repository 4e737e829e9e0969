"""A page as a WAT record tells of it: address, time, status, what its head asks for, and its link entries.

Decided: everything in it comes from the web, so nothing is taken to have the type that it should have. JSON with broken
characters, which orjson refuses, is read once more by the standard library. Pages answered with an error have no links;
a redirect is one link. A page that is not HTML, and the records of requests, are left out and counted.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson

from backlinks.crawl import facts
from backlinks.crawl.addresses import Base, base_of
from backlinks.crawl.markup import one_line
from backlinks.crawl.relations import MAX_RELATIONS, kind_of_link, relations_of
from backlinks.crawl.walk import MAX_LINKS, OTHER_SCHEME, Walk
from seoapp.lib.weburl import MAX_URL, SURROGATE, BadUrl, WebUrl

from .wat_addresses import address

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
MAX_TITLE, MAX_REL = 500, 200
REDIRECTS = frozenset((301, 302, 303, 307, 308))
METAS = frozenset(("robots", "googlebot", "refresh", "content-language"))
HEADERS = frozenset(("x-robots-tag", "link", "refresh", "location", "content-language"))
TOLD_IN_HEADERS = ("link", "refresh")
RELATED = ("canonical", "alternate", "feed", "amphtml")
NO_WAT = "no WAT record: its JSON has no Envelope with the header of a record"


Relation = tuple[str, str, str]  # kind, address as it stands, rel


class BadRecord(ValueError):
    """A record that cannot be read; the message says why in a few words."""


class LeftOut(Exception):
    """A record that is no page: `str(error)` is the key of what is counted."""


@dataclass(frozen=True, slots=True)
class About:
    """What holds for every link of a page. `at`: seconds since 1970, 0 unknown. `redirect`: where its answer leads."""

    url: WebUrl
    at: int
    ip: str = ""
    status: int = 0
    title: str = ""
    language: str = ""
    noindex: bool = False
    nofollow: bool = False
    redirect: str = ""


@dataclass(frozen=True, slots=True)
class WatPage:
    """A page and its link entries as they stand; `dropped`: entries that were too many to be read."""

    about: About
    base: Base
    relations: Sequence[Relation] = ()
    entries: Sequence[Any] = ()
    dropped: int = 0


def page_of(body: bytes) -> WatPage:
    """Read one WAT record. Raises BadRecord, or LeftOut for what is no page."""
    envelope = _part(_decoded(body), "Envelope")
    header = _part(envelope, "WARC-Header-Metadata")
    if not header:
        raise BadRecord(NO_WAT)
    if header.get("WARC-Type") != "response":
        raise LeftOut("other_records")
    answer = _part(envelope, "Payload-Metadata", "HTTP-Response-Metadata")
    status = number(_part(answer, "Response-Message").get("Status"))
    headers = {
        low: text(value, "\n") for name, value in _part(answer, "Headers").items() if (low := name.lower()) in HEADERS
    }
    if status in REDIRECTS:
        return _redirect(header, status, headers)
    if status and not 200 <= status < 300:
        raise LeftOut("errors")
    html = answer.get("HTML-Metadata")
    if not isinstance(html, dict):
        raise LeftOut("no_html")
    return _page(header, status, headers, html)


def _decoded(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        try:
            return json.loads(SURROGATE.sub("\ufffd", body.decode("utf-8", "replace")), object_hook=_mended)
        except (ValueError, RecursionError):
            raise BadRecord(f"its JSON cannot be read: {error}"[:200]) from error


def _mended(found: dict[str, Any]) -> dict[str, Any]:
    """Half characters, which no text can hold, as the sign for a broken one."""
    return {name: SURROGATE.sub("\ufffd", one) if isinstance(one, str) else one for name, one in found.items()}


def _redirect(header: Mapping[str, Any], status: int, headers: Mapping[str, str]) -> WatPage:
    url = address_of(text(header.get("WARC-Target-URI")))
    target = headers.get("location", "").partition("\n")[0].strip()
    if not target:
        raise LeftOut("no_html")
    about = About(
        url, moment(text(header.get("WARC-Date"))), text(header.get("WARC-IP-Address")), status, redirect=target
    )
    return WatPage(about, _base(url, ""))


def _page(header: Mapping[str, Any], status: int, headers: Mapping[str, str], html: Mapping[str, Any]) -> WatPage:
    head = _part(html, "Head")
    url = address_of(text(header.get("WARC-Target-URI")))
    metas = _texts(head.get("Metas"), _speaks)
    asked = facts.directives(metas, headers.get("x-robots-tag", ""))
    links = html.get("Links")
    entries = links if isinstance(links, list) else []
    about = About(
        url=url,
        at=moment(text(header.get("WARC-Date"))),
        ip=text(header.get("WARC-IP-Address")),
        status=status,
        title=one_line(text(head.get("Title"))[: MAX_TITLE * 4])[:MAX_TITLE],
        language=facts.language_of(facts.meta_content(metas, "content-language"), headers.get("content-language", "")),
        noindex="noindex" in asked,
        nofollow="nofollow" in asked,
    )
    return WatPage(
        about,
        _base(url, text(head.get("Base"))),
        _relations(head.get("Link"), metas, headers),
        entries[:MAX_LINKS],
        max(0, len(entries) - MAX_LINKS),
    )


def _base(url: WebUrl, written: str) -> Base:
    """What relative addresses of the page are relative to; a known address need not be parsed once more."""
    if written:
        return base_of(url.url, written[:MAX_URL])
    path = url.url.partition("?")[0]
    return Base(url.url, url.url[: url.url.index("/", 8)], path[: path.rindex("/") + 1])


def _relations(links: Any, metas: list[dict[str, str]], headers: Mapping[str, str]) -> list[Relation]:
    """Canonicals, alternates, feeds and refreshes; those of the headers come first."""
    said = relations_of(Walk(metas=metas), headers) if metas or not headers.keys().isdisjoint(TOLD_IN_HEADERS) else ()
    found = [(one.kind, one.href, one.rel) for one in said]
    for one in _texts(links, _relates):
        href, rel = one.get("url", ""), one["rel"][:MAX_REL].lower()
        kind = _kind_of(rel, one.get("type", "")[:MAX_REL].strip().lower())
        if kind and href.strip() and not OTHER_SCHEME.match(href):
            found.append((kind, href, rel))
    return found[:MAX_RELATIONS]


@lru_cache(maxsize=10_000)
def _kind_of(rel: str, kind: str) -> str:
    return kind_of_link(frozenset(rel.split()), kind)


# --- Values of any type ---------------------------------------------------------------------------------------------
def _part(whole: Any, *names: str) -> dict[str, Any]:
    """The object at the end of a path; an empty one where there is none."""
    for name in names:
        whole = whole.get(name) if isinstance(whole, dict) else None
    return whole if isinstance(whole, dict) else {}


def text(value: Any, between: str = "") -> str:
    """A text; of a list (a header that was sent several times) its texts joined, or the first one."""
    if isinstance(value, list):
        texts = [one for one in value if isinstance(one, str)]
        return between.join(texts) if between else next(iter(texts), "")
    return value if isinstance(value, str) else ""


def _texts(values: Any, wanted: Callable[[dict[str, Any]], bool]) -> list[dict[str, str]]:
    """The objects of a list that are wanted, with those of their values that are texts."""
    return [
        {name: value for name, value in one.items() if isinstance(value, str)}
        for one in (values if isinstance(values, list) else ())
        if isinstance(one, dict) and wanted(one)
    ]


def _speaks(meta: dict[str, Any]) -> bool:
    """Whether a meta says anything of what is read here."""
    name = meta.get("name") or meta.get("http-equiv")
    return isinstance(name, str) and name.strip().lower() in METAS


def _relates(link: dict[str, Any]) -> bool:
    rel = link.get("rel")
    return isinstance(rel, str) and any(name in rel.lower() for name in RELATED)


def number(value: Any) -> int:
    """A status, which WAT writes as a text; 0 unknown."""
    written = str(value)
    return int(written) if written.isdecimal() and written.isascii() and len(written) == 3 else 0


def moment(written: str) -> int:
    """A time of a record in seconds since 1970; 0 for none, or one before the web or in the future."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return 0
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return int(found.timestamp()) if EARLIEST <= found <= datetime.now(UTC) + timedelta(days=1) else 0


def address_of(written: str) -> WebUrl:
    """The address of a page. Raises BadRecord."""
    try:
        return address(written.strip("<>"))
    except BadUrl as error:
        raise BadRecord(f"the address of the page is none: {error}") from error
