"""Pages of the small web: what is served, and beside it the links it has, as data.

Decided: a page is made from its links, so what is true about it is known before anything reads it. Links stand where
sites put them (navigation, article, author box, comments, forum signature, sidebar, footer).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

HTML = "text/html; charset=utf-8"
# The order in which a page is written, which is the order of `Page.links`.
PLACES = ("head", "header", "navigation", "content", "signature", "author", "comment", "sidebar", "footer")
HEAD_KINDS = {"canonical": "canonical", "alternate": "alternate", "rss": "alternate", "redirect": "refresh"}
OUTSIDE = {
    "header": '<header class="site-header">{}</header>',
    "navigation": '<nav class="main-nav"><ul>{}</ul></nav>',
    "author": '<div class="author-box"><p>Written by {}</p></div>',
    "comment": '<section id="comments" class="comments"><ol class="comment-list">{}</ol></section>',
    "signature": '<div class="signature">{}</div>',
    "sidebar": '<aside class="sidebar"><h3>More to read</h3><ul>{}</ul></aside>',
    "footer": '<footer class="site-footer">{}</footer>',
}
AROUND = {
    "navigation": "<li>{}</li>",
    "sidebar": "<li>{}</li>",
    "comment": '<li class="comment"><p>I wrote about this too, see {} for more.</p></li>',
}


@dataclass(frozen=True, slots=True)
class Link:
    """One link as it is: `url` as a browser resolves it, `written` as the page says it where that differs."""

    url: str
    anchor: str = ""
    kind: str = "text"  # text image form frame redirect canonical alternate rss
    rel: tuple[str, ...] = ()
    placement: str = "content"
    written: str = ""

    @property
    def nofollow(self) -> bool:
        return bool({"nofollow", "ugc", "sponsored"} & set(self.rel))


@dataclass(frozen=True, slots=True)
class Page:
    """One answer, and what is true about it."""

    body: bytes = b""
    status: int = 200
    content_type: str = HTML
    headers: tuple[tuple[str, str], ...] = ()
    links: tuple[Link, ...] = ()
    title: str = ""
    noindex: bool = False
    nofollow: bool = False
    delay: float = 0.0  # seconds before the answer
    failing: tuple["Page", ...] = ()  # the answers to the first requests
    cloaked: "Page | None" = None  # the answer to agents that call themselves Googlebot
    validators: bool = True  # ETag and Last-Modified, answered with 304


def article(
    title: str,
    links: Iterable[Link],
    *,
    text: Sequence[str] = (),
    head: str = "",
    language: str = "en",
    charset: str = "utf-8",
    **more: Any,
) -> Page:
    """A page with these links, each where its placement says; `text` are the sentences between those of the article."""
    parts: dict[str, list[Link]] = {place: [] for place in PLACES}
    for one in links:
        parts["head" if one.kind in HEAD_KINDS else one.placement].append(one)
    outside = {place: _part(place, parts[place]) for place in OUTSIDE}
    tags = "".join(_head_tag(one) for one in parts["head"])
    html = (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="{charset}"><title>{escape(title)}</title>'
        f"{tags}{head}</head>\n<body>{outside['header']}{outside['navigation']}\n<main><article><h1>{escape(title)}</h1>"
        f"{_content(parts['content'], text)}{outside['signature']}</article>\n{outside['author']}{outside['comment']}"
        f"</main>\n{outside['sidebar']}{outside['footer']}</body></html>\n"
    )
    written = tuple(one for place in PLACES for one in parts[place])
    content_type = f"text/html; charset={charset}"
    made = Page(html.encode(charset, "xmlcharrefreplace"), content_type=content_type, links=written, title=title)
    return _with(made, more)


def redirect(to: str, status: int = 301, **more: Any) -> Page:
    """An answer that sends on to `to`, which may be relative as written in `Location`."""
    return _with(Page(status=status, headers=(("Location", to),), validators=False), more)


def refusal(status: int, retry_after: str = "", **more: Any) -> Page:
    """An error page, with `Retry-After` where given."""
    headers = (("Retry-After", retry_after),) if retry_after else ()
    body = f"<!doctype html><title>{status}</title><h1>Error {status}</h1>".encode()
    return _with(Page(body, status=status, headers=headers, validators=False, title=str(status)), more)


def document(body: bytes, content_type: str, **more: Any) -> Page:
    """A file that is no web page."""
    return _with(Page(body, content_type=content_type), more)


def _with(page: Page, more: dict[str, Any]) -> Page:
    values = {name: getattr(page, name) for name in Page.__slots__}
    return Page(**{**values, **more})


def _part(place: str, links: Sequence[Link]) -> str:
    if not links:
        return ""
    around = AROUND.get(place, "{} ")
    return OUTSIDE[place].format("".join(around.format(tag(one)) for one in links))


def _content(links: Sequence[Link], text: Sequence[str]) -> str:
    """Paragraphs with one link each, in the middle of a sentence where there is one."""
    rows = []
    for number in range(max(len(links), len(text))):
        words = escape(text[number]) if number < len(text) else ""
        before, _, after = words.partition(". ")
        link = tag(links[number]) if number < len(links) else ""
        rows.append(f"<p>{before} {link} {after}</p>\n")
    return "".join(rows)


def _head_tag(link: Link) -> str:
    if link.kind == "redirect":
        return f'<meta http-equiv="refresh" content="5; url={escape(link.url)}">'
    kind = ' type="application/rss+xml"' if link.kind == "rss" else ""
    language = ' hreflang="de"' if link.kind == "alternate" else ""
    return f'<link rel="{HEAD_KINDS[link.kind]}"{kind}{language} href="{escape(link.written or link.url)}">'


def tag(link: Link) -> str:
    """The link as HTML."""
    href = escape(link.written or link.url)
    if link.kind == "frame":
        return f'<iframe src="{href}"></iframe>'
    if link.kind == "form":
        return f'<form action="{href}"><input name="mail"><button>{escape(link.anchor)}</button></form>'
    rel = f' rel="{" ".join(link.rel)}"' if link.rel else ""
    inside = f'<img src="/i.png" alt="{escape(link.anchor)}">' if link.kind == "image" else escape(link.anchor)
    return f'<a href="{href}"{rel}>{inside}</a>'
