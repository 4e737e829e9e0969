"""A page as the ledger reads it: every link a browser would follow or a search engine would count, and page facts.

Decided: `read` takes bytes and gives plain values, with no I/O, so that it can run in a process that may be killed.
It raises nothing but `NotAPage`. Links are stored with their spelling normalised by `weburl`; a link to a part of the
page itself is a link to the page. canonical, alternate and rss are relations and come with the links, before those of
the body. The caller follows redirects, and knows whether the page was cut short. Refused: running scripts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

import msgspec

from seoapp.lib import weburl

from . import facts
from .addresses import Base, base_of, resolved
from .charset import NotAPage, check_type, decode
from .markup import written_out
from .proof import around
from .relations import relations_of, title_of
from .walk import MAX_LINKS, Found, Walk

__all__ = ["MAX_LINKS", "Link", "NotAPage", "Page", "around", "read", "read_text"]
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
MAX_DESCRIPTION, MAX_ROBOTS, MAX_REL = 1_000, 500, 200
FOLLOWED = frozenset(("text", "image"))  # what is counted as a link of the page


class Link(msgspec.Struct, frozen=True, gc=False):
    """One link of a page. `hidden` says why nobody sees it; "" for a link that is seen.

    A frozen Struct where a frozen dataclass stands elsewhere: a page has hundreds, and this is made ten times as fast.
    """

    url: str
    key: str
    host: str
    domain: str
    kind: str  # text image form frame redirect canonical alternate rss
    nofollow: bool
    ugc: bool
    sponsored: bool
    rel: str
    anchor: str
    alt: str
    context_left: str
    context_right: str
    heading: str
    placement: str
    sure: float
    hidden: str
    internal: bool
    position: int


@dataclass(frozen=True, slots=True)
class Page:
    """What a page holds and says about itself. With `links_only`, the figures of its text are left at nothing."""

    url: str
    base: str
    charset: str
    title: str
    language: str
    canonical: str
    noindex: bool
    nofollow: bool
    robots: str
    words: int
    text_share: float
    internal_links: int
    external_links: int
    external_domains: int
    ids: tuple[str, ...]
    generator: str
    platform: str
    published: str
    jsonld: tuple[str, ...]
    fingerprint: int
    refresh: str
    links: tuple[Link, ...]
    links_dropped: int
    bad_links: int
    description: str = ""
    keywords: str = ""
    mentions_text: str = ""


def read(
    body: bytes,
    url: str,
    *,
    content_type: str = "",
    headers: Mapping[str, str] = NO_HEADERS,
    links_only: bool = False,
    with_text: bool = False,
) -> Page:
    """Read a page. Several headers of one name are joined by a line break. Raises `NotAPage`."""
    known = {name.lower(): value for name, value in headers.items()}
    content_type = content_type or known.get("content-type", "")
    check_type(body, content_type)
    html, charset = decode(body, content_type)
    page = read_text(html, url, headers=headers, links_only=links_only, with_text=with_text)
    return replace(page, charset=charset)


def read_text(
    html: str,
    url: str,
    *,
    headers: Mapping[str, str] = NO_HEADERS,
    links_only: bool = False,
    with_text: bool = False,
) -> Page:
    """Read a page that is text already."""
    here = _page_address(url)
    headers = {name.lower(): value for name, value in headers.items()}
    written, scripts = written_out(html)
    texts = facts.Texts()
    whole = not links_only or with_text
    walk = Walk(on_block=texts.add if whole else None).run(written)
    base = base_of(here.url, walk.base)
    asked = facts.directives(walk.metas, headers.get("x-robots-tag", ""))
    main = texts.main_text() if whole else ""
    deep = facts.NOTHING if links_only else facts.deep(walk, scripts, written, main, here.url)
    links, bad = _links([*relations_of(walk, headers), *walk.found], base, here, nofollow="nofollow" in asked)
    inner = sum(link.internal and link.kind in FOLLOWED and link.key != here.key for link in links)
    outer = [link.domain for link in links if link.kind in FOLLOWED and not link.internal]
    return Page(
        url=here.url,
        base=base.url,
        charset="",
        title=title_of(written),
        description=facts.meta_content(walk.metas, "description", "og:description")[:MAX_DESCRIPTION],
        keywords=facts.meta_content(walk.metas, "keywords")[:MAX_DESCRIPTION],
        language=facts.language_of(
            walk.language, facts.meta_content(walk.metas, "content-language"), headers.get("content-language", "")
        ),
        canonical=next((link.url for link in links if link.kind == "canonical"), ""),
        noindex="noindex" in asked,
        nofollow="nofollow" in asked,
        robots=", ".join(sorted(asked))[:MAX_ROBOTS],
        words=deep.words,
        text_share=0.0 if links_only else round(min(1.0, texts.visible() / max(1, len(html))), 4),
        internal_links=inner,
        external_links=len(outer),
        external_domains=len(set(outer)),
        ids=deep.ids,
        generator=deep.generator,
        platform=deep.platform,
        published=deep.published,
        jsonld=deep.jsonld,
        fingerprint=deep.fingerprint,
        refresh=next((link.url for link in links if link.kind == "redirect"), ""),
        links=tuple(links),
        links_dropped=walk.dropped,
        bad_links=bad,
        mentions_text=main[: facts.MAX_TEXT] if with_text else "",
    )


def _page_address(url: str) -> weburl.WebUrl:
    try:
        return weburl.parse(url)
    except weburl.BadUrl as error:
        raise NotAPage(f"its address is none: {error}") from error


def _links(found: list[Found], base: Base, here: weburl.WebUrl, *, nofollow: bool) -> tuple[list[Link], int]:
    """(the links of the page with their addresses, how many hrefs are no URL)."""
    addresses = resolved([one.href for one in found], base)
    column, links = addresses.column, []
    for one, place in zip(found, addresses.places, strict=True):
        if place < 0:
            continue
        rel = rel_of(one.rel) if one.rel else NO_REL
        domain = column.domain[place]
        links.append(
            Link(
                column.url[place], column.key[place], column.host[place], domain, one.kind,
                nofollow or rel.nofollow, rel.ugc, rel.sponsored, rel.tokens, one.anchor, one.alt, one.left, one.right,
                one.heading, one.place, one.sure, one.hidden, domain == here.domain, len(links),
            )
        )  # fmt: skip
    return links, addresses.bad


@dataclass(frozen=True, slots=True)
class Rel:
    """A rel attribute: its tokens sorted, and the three that say how much a link counts."""

    tokens: str = ""
    nofollow: bool = False
    ugc: bool = False
    sponsored: bool = False


NO_REL = Rel()


@lru_cache(maxsize=10_000)
def rel_of(written: str) -> Rel:
    tokens = sorted(set(written.replace(",", " ").lower().split()))
    return Rel(" ".join(tokens)[:MAX_REL], "nofollow" in tokens, "ugc" in tokens, "sponsored" in tokens)
