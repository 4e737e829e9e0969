"""Addresses of a page's links: what a browser opens when the link is followed.

Decided: most hrefs of real pages are plain (a path, a name, a whole URL without odd characters) and are joined to the
base by concatenation; the rest goes through the WHATWG parser. Both end in `weburl`, which has the last word. What
has another scheme (`javascript:`, `mailto:`, `data:`) is no link and no error.
"""

import re
from dataclasses import dataclass

import ada_url

from seoapp.lib import weburl

_SAFE = r"-A-Za-z0-9_~!$&()*+,;=@"
WHOLE = re.compile(rf"(https?://[a-z0-9.-]+)(/[{_SAFE}./:]*)?(\?[{_SAFE}./?:]*)?(?:#.*)?", re.DOTALL)
FROM_ROOT = re.compile(rf"(/(?!/)[{_SAFE}./:]*(?:\?[{_SAFE}./?:]*)?)(?:#[^\t\n\r]*)?")
FROM_HERE = re.compile(rf"([{_SAFE}.][{_SAFE}./]*(?:\?[{_SAFE}./?:]*)?)(?:#[^\t\n\r]*)?")
DOTS = re.compile(r"(?:^|/)\.")
UP = re.compile(rf"((?:\.\./)++)((?:[{_SAFE}][{_SAFE}.]*+/)*+(?:[{_SAFE}][{_SAFE}.]*+)?)(?:#[^\t\n\r]*)?")
HTTP = ("http:", "https:")


@dataclass(frozen=True, slots=True)
class Base:
    """What relative addresses are relative to."""

    url: str  # without its fragment
    root: str  # scheme, host and port
    folder: str  # up to the last slash

    @classmethod
    def of(cls, url: str) -> "Base":
        parsed = ada_url.URL(url)
        folder = parsed.pathname[: parsed.pathname.rfind("/") + 1]
        return cls(parsed.href.partition("#")[0], parsed.origin, parsed.origin + folder)


def base_of(page_url: str, written: str | None) -> Base:
    """The base of a page: its <base href>, unless that is no web address."""
    if written is not None:
        try:
            found = ada_url.URL(written, base=page_url)
            if found.protocol in HTTP and found.hostname:
                return Base.of(found.href)
        except ValueError:
            pass
    return Base.of(page_url)


def absolute(href: str, base: Base) -> str | None:
    """The absolute address of `href`; "" for what is no URL; None for what is no web address at all."""
    if not href or href[0] == "#":
        return base.url
    plain = _plain(href, base)
    if plain is not None:
        return plain
    try:
        found = ada_url.URL(href, base=base.url)
    except ValueError:
        return ""
    return found.href.partition("#")[0] if found.protocol in HTTP else None


def _plain(href: str, base: Base) -> str | None:
    """By concatenation, where that is all that a browser would do."""
    if found := WHOLE.fullmatch(href):
        host, path, query = found.groups()
        return f"{host}{path or '/'}{query or ''}" if not DOTS.search(path or "") else None
    found = FROM_ROOT.fullmatch(href)
    if found:
        return base.root + found.group(1) if "/." not in found.group(1) else None
    found = FROM_HERE.fullmatch(href)
    if found and not DOTS.search(found.group(1)):
        return base.folder + found.group(1)
    found = UP.fullmatch(href)
    return _climbed(found.group(1), found.group(2), base) if found else None


def _climbed(up: str, rest: str, base: Base) -> str:
    folder = base.folder[len(base.root) :].rstrip("/").split("/")[1:]
    kept = folder[: max(0, len(folder) - len(up) // 3)]
    return f"{base.root}/{''.join(f'{name}/' for name in kept)}{rest}"


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of many hrefs: per href the place of its URL in `column`, or -1."""

    places: list[int]
    column: weburl.UrlColumn
    bad: int  # hrefs that are no URL


def resolved(hrefs: list[str], base: Base) -> Addresses:
    """Each href as an address; what occurs often is parsed once."""
    known: dict[str, int] = {}
    urls: dict[str, int] = {}
    no_url = set()
    for href in hrefs:
        if href not in known:
            url = absolute(href, base)
            known[href] = urls.setdefault(url, len(urls)) if url else -1
            if url == "":
                no_url.add(href)
    column = weburl.parse_column(list(urls))
    places = [known[href] for href in hrefs]
    if not column.bad and not no_url:
        return Addresses(places, column, 0)
    bad = sum(place in column.bad or href in no_url for href, place in zip(hrefs, places, strict=True))
    return Addresses([-1 if place in column.bad else place for place in places], column, bad)
