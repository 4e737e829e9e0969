"""A page as the ledger reads it: every link a browser would follow or a search engine would count, and page facts.

Decided: `read` takes bytes and gives plain values, with no I/O, so that it can run in a process that may be killed.
It raises nothing but `NotAPage`. Links are stored with their spelling normalised by `weburl`; a link to a part of the
page itself is a link to the page. canonical, alternate and rss are relations and come with the links, before those of
the body. The caller follows redirects, and knows whether the page was cut short. Refused: running scripts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType

from seoapp.lib import weburl

from . import facts, pagefacts, wordlists
from .addresses import Base, base_of, resolved
from .charset import NotAPage, check_type, decode
from .links import FOLLOWED, Link
from .markup import written_out
from .pagefacts import PageFacts
from .proof import around
from .relations import relations_of, title_of
from .walk import MAX_LINKS, Found, Walk

__all__ = ["MAX_LINKS", "Link", "NotAPage", "Page", "around", "read", "read_text"]
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
MAX_DESCRIPTION, MAX_ROBOTS, MAX_REL = 1_000, 500, 200


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
    more: PageFacts = pagefacts.NOTHING
    labels: Mapping[int, Mapping[str, str]] = field(default_factory=dict)  # of links, by position
    written: str = field(default="", repr=False, compare=False)  # the page as `written_out` has it


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
    words = wordlists.words_of(main) if whole else []
    deep = facts.NOTHING if links_only else facts.deep(walk, scripts, written, main, words, here.url)
    links, found, bad = _links([*relations_of(walk, headers), *walk.found], base, here, nofollow="nofollow" in asked)
    inner = sum(link.internal and link.kind in FOLLOWED and link.key != here.key for link in links)
    outer = [link.domain for link in links if link.kind in FOLLOWED and not link.internal]
    title, language = title_of(written), _language(walk, headers)
    seen = pagefacts.Seen(walk, scripts, written, texts, main, words, links, found, base, here, title, language, deep)
    more, labels = (pagefacts.NOTHING, {}) if links_only else pagefacts.gather(seen)
    return Page(
        url=here.url,
        base=base.url,
        charset="",
        title=title,
        description=facts.meta_content(walk.metas, "description", "og:description")[:MAX_DESCRIPTION],
        keywords=facts.meta_content(walk.metas, "keywords")[:MAX_DESCRIPTION],
        language=language,
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
        more=more,
        labels=labels,
        written=written,
    )


def _language(walk: Walk, headers: Mapping[str, str]) -> str:
    """What the page says, else its headers."""
    named = facts.meta_content(walk.metas, "content-language")
    return facts.language_of(walk.language, named, headers.get("content-language", ""))


def _page_address(url: str) -> weburl.WebUrl:
    try:
        return weburl.parse(url)
    except weburl.BadUrl as error:
        raise NotAPage(f"its address is none: {error}") from error


def _links(
    found: list[Found], base: Base, here: weburl.WebUrl, *, nofollow: bool
) -> tuple[list[Link], list[Found], int]:
    """(the links of the page with their addresses, each as it was found, how many hrefs are no URL)."""
    addresses = resolved([one.href for one in found], base)
    column, links = addresses.column, []
    if min(addresses.places, default=0) < 0:
        found = [one for one, place in zip(found, addresses.places, strict=True) if place >= 0]
    for one, place in zip(found, [place for place in addresses.places if place >= 0], strict=True):
        rel = rel_of(one.rel) if one.rel else NO_REL
        domain = column.domain[place]
        links.append(
            Link(
                column.url[place], column.key[place], column.host[place], domain, one.kind,
                nofollow or rel.nofollow, rel.ugc, rel.sponsored, rel.tokens, one.anchor, one.alt, one.left, one.right,
                one.heading, one.place, one.sure, one.hidden, domain == here.domain, len(links),
            )
        )  # fmt: skip
    return links, found, addresses.bad


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
