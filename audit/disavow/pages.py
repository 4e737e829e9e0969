"""URLs that a line can hold: when a text is the URL of a page, and how it is written.

Decided: scheme and host in lower case and as A-labels, without user name; path and query stay as they were written,
because the line means that one page, except that what is not ASCII is percent-encoded as browsers do it. Refused: a
space inside a URL, which may as well be two entries on one line; hidden signs inside it.
"""

import re
from functools import lru_cache
from urllib.parse import quote, urlsplit

from seoapp.lib.weburl import NORMAL, BadUrl, parse

from . import signs
from .hosts import BadHost, host_of

MAX_LENGTH = 2_048  # characters, of the written form
PAGE = re.compile(r"https?://", re.IGNORECASE)
PARTS = re.compile(r"(https?)://(?:[^/?#\\@]*@)?([^/?#\\@]+)([/?#].*)?", re.IGNORECASE)
KEPT = "".join(chr(code) for code in range(0x21, 0x7F))  # printable ASCII is left as it is written


class BadPage(ValueError):
    """The text is no URL of a page; `str(error)` is a word for why: see `grammar.WHY`."""


def page_of(text: str) -> str:
    """The written form of a URL. Raises `BadPage`."""
    if NORMAL.fullmatch(text) and "xn--" not in text and len(text) <= MAX_LENGTH:
        _check_host(page_host(text))
        return text
    if re.search(r"[ \t]", text):
        raise BadPage("page_space")
    if signs.has_hidden(text):
        raise BadPage("hidden")
    page = _written(text)
    if len(page) > MAX_LENGTH:
        raise BadPage("too_long")
    return page


def _written(text: str) -> str:
    try:
        opened = parse(text)
    except BadUrl as error:
        raise BadPage("too_long" if len(text) > MAX_LENGTH else "page") from error
    host = _check_host(opened.host)
    found = PARTS.fullmatch(text)
    if not found or "\\" in text:
        return opened.url
    port = urlsplit(opened.url).port
    rest = quote(found.group(3) or "/", safe=KEPT)
    return f"{found.group(1).lower()}://{host}{f':{port}' if port else ''}{rest}"


def _check_host(host: str) -> str:
    try:
        return host_of(host)
    except BadHost as error:
        raise BadPage("page") from error


@lru_cache(maxsize=200_000)
def page_host(page: str) -> str:
    """The host of a written URL."""
    authority = page.partition("://")[2].partition("/")[0].partition("?")[0].partition("#")[0]
    return re.sub(r":\d*$", "", authority)
