"""The proof of a link: the markup around it, short enough to keep and to show.

Decided: one link to the address, as the page reads in a browser, with as much of its surroundings as fits; cut between
tags and at a character. It is text for ever: whoever shows it escapes it.
"""

from collections.abc import Collection, Iterator

from seoapp.lib import weburl

from .addresses import Base, absolute, base_of
from .charset import NotAPage, check_type, decode
from .markup import EACH, HREF, attributes_of, unescaped, written_out
from .tags import BLOCKS

ADDRESS = {"a": "href", "area": "href", "form": "action", "iframe": "src", "frame": "src"}
ADDRESS |= {"button": "formaction", "input": "formaction"}
HOLDS_TEXT = frozenset(("a", "form", "button"))
SOURCE = 50_000  # characters of a link with its content that are looked at


def around(
    body: bytes, url: str, *, content_type: str = "", keys: Collection[str], most: int = 10, limit: int = 600
) -> dict[str, list[str]]:
    """The outer HTML around the links to each key, in their order: `most` of each, `limit` characters of each."""
    try:
        check_type(body, content_type)
        here = weburl.parse(url)
    except (NotAPage, weburl.BadUrl):
        return {}
    html, _ = written_out(decode(body, content_type)[0])
    return around_in(html, here.url, keys=keys, most=most, limit=limit)


def around_in(html: str, url: str, *, keys: Collection[str], most: int = 10, limit: int = 600) -> dict[str, list[str]]:
    """The same of a page that is written out already."""
    found: dict[str, list[str]] = {key: [] for key in keys}
    for key, place in _places(html, _base(html, url), keys, limit):
        if len(found[key]) < most:
            found[key].append(_cut(html, *place, limit))
    return found


def marked(snippet: str, url: str, key: str) -> tuple[str, str, str]:
    """A kept proof as (before, the link, after); all of it before where the link is not found in it again."""
    try:
        base = _base(snippet, weburl.parse(url).url)
    except weburl.BadUrl:
        return snippet, "", ""
    found = next(_places(snippet, base, (key,), SOURCE), None)
    if found is None:
        return snippet, "", ""
    _, (_, start, end, _) = found
    return snippet[:start], snippet[start:end], snippet[end:]


def _base(html: str, url: str) -> Base:
    bases = (attributes_of(tag.group(3)) for tag in EACH.finditer(html) if tag.group(2) == "base")
    written = next((one["href"] for one in bases if "href" in one), None) if "<base " in html else None
    return base_of(url, written)


Place = tuple[int, int, int, int]


def _places(html: str, base: Base, keys: Collection[str], limit: int) -> Iterator[tuple[str, Place]]:
    """(key, (start of the block, start and end of the link, end of the block)) of each link to one of the keys; an end
    that lies further away than `limit` is of no use."""
    known: dict[str, str] = {}
    block = 0
    for tag in EACH.finditer(html):
        closing, name, written = tag.groups()
        if name in BLOCKS:
            block = tag.end() if closing else tag.start()
        if name not in ADDRESS or closing:
            continue
        href = _href(name, written)
        if href is None:
            continue
        if href not in known:
            known[href] = _key_of(href, base)
        if known[href] in keys:
            start, end = tag.start(), _end(html, name, tag.end(), limit)
            yield known[href], (block if name != "form" else start, start, end, _block_end(html, end, limit))


def _href(name: str, written: str) -> str | None:
    found = HREF.search(written) if ADDRESS[name] == "href" else None
    if found:
        return unescaped(found.group(1))
    attributes = attributes_of(written)
    return attributes.get(ADDRESS[name]) or (attributes.get("xlink:href") if name == "a" else None)


def _key_of(href: str, base: Base) -> str:
    try:
        return weburl.parse(absolute(href, base) or "").key
    except weburl.BadUrl:
        return ""


def _end(html: str, name: str, start: int, limit: int) -> int:
    if name not in HOLDS_TEXT:
        return start
    found = html.find(f"</{name}>", start, start + limit)
    return found + len(name) + 3 if found >= 0 else start


def _block_end(html: str, start: int, limit: int) -> int:
    for tag in EACH.finditer(html, start, min(len(html), start + limit)):
        closing, name, _ = tag.groups()
        if name in BLOCKS:
            return tag.end() if closing else tag.start()
    return min(len(html), start + limit)


def _cut(html: str, block: int, start: int, end: int, block_end: int, limit: int) -> str:
    """The block where it fits, else the link with equal parts of what stands on both sides."""
    if block_end - block <= limit:
        return html[block:block_end]
    if end - start >= limit:
        return html[start : start + limit]
    room = limit - (end - start)
    left = min(start - block, max(room // 2, room - (block_end - end)))
    right = min(block_end - end, room - left)
    return _without_halves(html[start - left : start], html[start:end], html[end : end + right])


def _without_halves(left: str, link: str, right: str) -> str:
    """Drop a tag that was cut through on either side."""
    if left.find(">") >= 0 and (left.find("<") < 0 or left.find(">") < left.find("<")):
        left = left[left.find(">") + 1 :]
    if right.rfind("<") > right.rfind(">"):
        right = right[: right.rfind("<")]
    return left + link + right
