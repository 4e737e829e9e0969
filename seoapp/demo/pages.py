"""The pages of the demo's invented web: what a visitor of a site that links would see there.

Decided: an honest site has what such sites have (a way to reach somebody, a menu, an icon, some hundred words of its
own); throw-away ones have what gives them away: the same text on several domains, one advertising account, a list of
links, and some of them words of ill repute. Words are drawn by the page's address, so that each visit finds the same.
"""

import hashlib
import random
from collections.abc import Sequence
from datetime import date
from html import escape

from . import story
from .web import Site

TEXT = (
    "after all the weather turned and we kept riding because nobody had told them how long a good thing takes to make "
    "every morning her workshop opens at eight with coffee bread and an old radio that plays what it likes few people "
    "ask why prices rise when so much work is done by hand still most of us would rather wait than buy twice last year "
    "they counted more visitors than ever before which says something about patience about neighbours about small towns"
)
WORDS = TEXT.split()
ILL = "Online casino bonus, casino slots and casino no deposit offers for everybody."
PARAGRAPHS, SENTENCES = 3, 3


def of_site(site: Site | None, url: str, title: str, said: str, head: str, born: date | None) -> bytes:
    """The page at an address: `said` is the part with the link, `head` what its head has besides."""
    chance = random.Random(url)  # noqa: S311 - invented data, not secrets
    if site is not None and site.kind == "throwaway":
        return _throwaway(site, title, said, head)
    name = site.domain if site else "notes.example"
    published = f'<meta property="article:published_time" content="{born}">' if born else ""
    description = escape(f"{title}: what we found, whom we asked and what we would do again next time.")
    more = f'<link rel="canonical" href="{escape(url)}"><link rel="icon" href="/favicon.ico">{published}{head}'
    if chance.random() < 0.6:
        number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "big")
        more += f'<script async src="https://www.googletagmanager.com/gtag/js?id=G-{number:010d}"></script>'
    text = [f"<p>{' '.join(_sentence(chance) for _ in range(SENTENCES))}</p>" for _ in range(PARAGRAPHS)]
    place = chance.randrange(1, PARAGRAPHS)
    inner = "".join([*text[:place], said, *text[place:]])
    contact = f'<a href="/about">About us</a> <a href="mailto:editor@{name}">editor@{name}</a>'
    language = site.language if site else "en"
    return document(title, inner, language=language, description=description, head=more, contact=contact)


def _sentence(chance: random.Random) -> str:
    return f"{' '.join(chance.choices(WORDS, k=chance.randrange(10, 16))).capitalize()}."


def _throwaway(site: Site, title: str, said: str, head: str) -> bytes:
    """Pages of one maker: those of one name have one text, all of them one account."""
    maker = site.domain.rpartition("-")[0]
    chance = random.Random(maker)  # noqa: S311
    text = " ".join(_sentence(chance) for _ in range(SENTENCES))
    links = "".join(f'<li><a href="https://{one}.example/">{one}</a></li>' for one in _others(maker))
    ill = f"<p>{ILL}</p>" if maker == story.THROWAWAY[0] else ""
    ads = '<ins class="adsbygoogle" data-ad-client="ca-pub-4099000000000001"></ins>'
    return document(title, f"{said}<p>{text}</p>{ill}<ul>{links}</ul>{ads}", head=head, menu=())


def _others(maker: str) -> Sequence[str]:
    return [f"{maker}-shop-{number}" for number in range(60)]


def document(
    title: str,
    inner: str,
    *,
    language: str = "en",
    description: str = "",
    head: str = "",
    menu: Sequence[str] = ("", "news", "topics", "archive", "people"),
    contact: str = "",
) -> bytes:
    """`title` and `description` are written as they are; `head`, `inner` and `contact` are HTML."""
    said = f'<meta name="description" content="{description}">' if description else ""
    links = "".join(f'<a href="/{one}">{one.capitalize() or "Home"}</a> ' for one in menu)
    return (
        f'<!doctype html><html lang="{language}"><head><title>{title}</title>{said}{head}</head><body>'
        f"<nav>{links}</nav><main><article><h1>{title}</h1>{inner}</article></main>"
        f"<footer>All rights reserved {contact}</footer></body></html>"
    ).encode()
