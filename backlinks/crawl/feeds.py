"""Feeds: the newest pages of a site out of RSS (0.9 to 2.0), Atom or JSON Feed, whatever the file calls itself.

Decided: tolerant of what feeds really are (HTML's entities, bare ampersands, wrong dates), strict about URLs: an item
without a usable one is counted and left out. Refused: a feed library (feedparser sanitises HTML and guesses dates at
ten times the cost; three fields are wanted).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import ada_url

from seoapp.lib.weburl import BadUrl, parse

from . import xmldoc
from .sitemaps import HTML, moment

MAX_ITEMS = 2_000
MAX_TITLE = 500
FEEDS = {"rss": "rss", "rdf:rdf": "rss", "rdf": "rss", "feed": "atom", "atom:feed": "atom"}
ITEMS = ("item", "entry")
DATES = ("pubdate", "published", "dc:date", "date", "updated", "modified", "issued", "dcterms:created")
TAGS = re.compile(r"<[^>]*>")


class NotAFeed(ValueError):
    """The body is no feed; `str(error)` says what it is instead."""


@dataclass(frozen=True, slots=True)
class Item:
    url: str
    title: str = ""
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """`kind`: "rss", "atom" or "json". `dropped`: items without a usable URL. `cut`: why it was not read whole."""

    kind: str
    title: str
    items: tuple[Item, ...]
    dropped: int = 0
    cut: str = ""


def read(body: bytes, url: str) -> Feed:
    """Read a feed that was fetched from `url`."""
    data, cut = xmldoc.unpacked(body)
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start in (b"{", b"["):
        return _read_json(data, url, cut)
    if HTML.match(data):
        raise NotAFeed("The file is a web page.")
    data = data.lstrip(b" \t\r\n")  # a declaration must come first, and often does not
    reader, problem = xmldoc.read(data, _Reader)
    if not reader.kind:
        raise NotAFeed(problem or "The file is XML, but no feed.")
    return _feed(reader.kind, reader.title, reader.found, url, cut or problem)


def _feed(kind: str, title: str, found: list[tuple[str, str, str]], base: str, cut: str) -> Feed:
    items: dict[str, Item] = {}
    dropped = 0
    for link, item_title, published in found[:MAX_ITEMS]:
        url = _absolute(link, base)
        if url:
            items.setdefault(url, Item(url, _plain(item_title), _moment(published)))
        dropped += not url
    if len(found) > MAX_ITEMS:
        cut = f"Only the first {MAX_ITEMS:,} items are read."
    return Feed(kind, _plain(title), tuple(items.values()), dropped, cut)


def _absolute(link: str, base: str) -> str:
    if not link.strip():
        return ""
    try:
        return parse(ada_url.join_url(base, link.strip())).url
    except (BadUrl, ValueError):
        return ""


def _plain(title: str) -> str:
    return " ".join(TAGS.sub(" ", title[: MAX_TITLE * 4]).split())[:MAX_TITLE]


def _moment(text: str) -> datetime | None:
    """A date of RSS (as in e-mail) or of Atom."""
    try:
        found = parsedate_to_datetime(text.strip()[:60])
    except (ValueError, TypeError, IndexError, OverflowError):
        return moment(text)
    if not 1990 <= found.year <= 2100:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


# --- RSS and Atom ---------------------------------------------------------------------------------------------------
class _Reader:
    """Collects (link, title, date) of each item; the parts of an item are the elements right below it."""

    def __init__(self) -> None:
        self.kind, self.title = "", ""
        self.found: list[tuple[str, str, str]] = []
        self._item: dict[str, str] = {}

    def seen(self, path: tuple[str, ...], attributes: Mapping[str, str], text: str) -> None:
        if path[0] not in FEEDS:
            raise xmldoc.Refused("The file is XML, but no feed.")
        self.kind = FEEDS[path[0]]
        names = [one.removeprefix("atom:").removeprefix("rss:") for one in path]
        if names[-1] in ITEMS:
            self._end()
        elif len(names) > 2 and names[-2] in ITEMS:
            self._part(path[-1], names[-1], attributes, text)
        elif names[-1] == "title" and len(names) <= 3 and "image" not in names and not self.title:
            self.title = text

    def _part(self, full: str, name: str, attributes: Mapping[str, str], text: str) -> None:
        if name == "link":
            rel = attributes.get("rel", "alternate").lower()
            link = attributes.get("href", "") or text
            rank = "link" if rel == "alternate" and (full == "link" or self.kind == "atom") else f"link {rel}"
            self._item.setdefault(rank, link)
        elif name == "guid":
            named = {key.lower(): value.lower() for key, value in attributes.items()}
            self._item["guid"] = text if named.get("ispermalink") != "false" else ""
        elif text:
            self._item.setdefault(name, text)

    def _end(self) -> None:
        item, self._item = self._item, {}
        link = item.get("feedburner:origlink") or item.get("link") or item.get("guid") or item.get("link alternate", "")
        if not link and item.get("id", "").startswith(("http://", "https://")):
            link = item["id"]
        date = next((item[name] for name in DATES if name in item), "")
        self.found.append((link, item.get("title", ""), date))
        if len(self.found) > MAX_ITEMS:
            raise xmldoc.Enough


# --- JSON Feed ------------------------------------------------------------------------------------------------------
def _read_json(data: bytes, url: str, cut: str) -> Feed:
    try:
        feed = json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        raise NotAFeed("The file is broken JSON.") from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise NotAFeed("The file is JSON, but no feed.")
    return _feed("json", _text(feed, "title"), list(_json_items(items)), url, cut)


def _json_items(items: list[Any]) -> Iterator[tuple[str, str, str]]:
    for item in items[: MAX_ITEMS + 1]:
        if isinstance(item, dict):
            link = _text(item, "url") or _text(item, "external_url") or _text(item, "id")
            yield link, _text(item, "title"), _text(item, "date_published") or _text(item, "date_modified")
        else:
            yield "", "", ""


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""
