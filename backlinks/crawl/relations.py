"""What a page says in its head and its headers about other addresses: canonical, alternates, feeds, refresh.

Decided: a canonical counts in the head or in the `Link` header only, as search engines have it; in the body anybody
could have written it. A refresh without an address only reloads the page and is none.
"""

import re
from collections.abc import Iterator, Mapping

from .markup import one_line, unescaped
from .places import CONTENT
from .walk import OTHER_SCHEME, Found, Walk

MAX_TITLE, MAX_RELATIONS = 500, 500
FEEDS = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json")
TITLE = re.compile(r"<title(?: [^>]*)?>([^<]*)</title>")
PICTURES = re.compile(r"<svg[ >].*?</svg>", re.DOTALL)
REFRESH = re.compile(
    r"\s*(?:\d+(?:\.[\d.]*)?|\.\d+)(?:\s*[;,]\s*|\s+)(?:url\s*=\s*)?(?:\"([^\"]*)|'([^']*)|(.*))", re.I | re.S
)
HEADER_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*-]+\s*(?:=\s*(?:\"[^\"]*\"|[^\s;,\"]*))?)*)")
HEADER_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)


def title_of(html: str) -> str:
    """The page's title: the first one that is not the title of a picture."""
    found = TITLE.search(html)
    if found and "<svg" in html[: found.start()]:
        found = TITLE.search(PICTURES.sub("", html))
    return one_line(unescaped(found.group(1)))[:MAX_TITLE] if found else ""


def relations_of(walk: Walk, headers: Mapping[str, str]) -> list[Found]:
    """Canonicals, alternates, feeds and refreshes of a page, as links; headers come first."""
    found = [*_header_links(headers.get("link", "")), *_link_tags(walk)]
    targets = [headers.get("refresh", "")]
    targets += [one.get("content", "") for one in walk.metas if one.get("http-equiv", "").strip().lower() == "refresh"]
    found += [_relation("redirect", target) for text in targets if (target := refresh_target(text))]
    return found[:MAX_RELATIONS]


def refresh_target(content: str) -> str:
    """The address in a refresh; "" where it only reloads the page."""
    found = REFRESH.match(content[:9000])
    target = next((group for group in found.groups() if group is not None), "").strip() if found else ""
    return "" if OTHER_SCHEME.match(target) else target


def _link_tags(walk: Walk) -> Iterator[Found]:
    for attributes, in_head in walk.relations:
        href = attributes.get("href", "")
        rel = frozenset(attributes.get("rel", "").lower().split())
        if not href.strip() or OTHER_SCHEME.match(href):
            continue
        kind = kind_of_link(rel, attributes.get("type", "").strip().lower())
        if kind and (in_head or kind != "canonical"):
            yield _relation(kind, href, " ".join(rel))


def kind_of_link(rel: frozenset[str], kind: str) -> str:
    """canonical, alternate or rss for a `<link>` that names another page; "" for style sheets, icons and the like."""
    if "canonical" in rel:
        return "canonical"
    if "stylesheet" in rel:
        return ""
    if "alternate" in rel or "feed" in rel:
        return "rss" if kind in FEEDS or "feed" in rel else "alternate"
    return "alternate" if "amphtml" in rel else ""


def _header_links(text: str) -> Iterator[Found]:
    for target, parameters in HEADER_LINK.findall(text[:20_000]):
        found = HEADER_REL.search(parameters)
        rel = frozenset((found.group(1) or found.group(2) or "").lower().split()) if found else frozenset()
        kind = kind_of_link(rel, "")
        if kind and not OTHER_SCHEME.match(target):
            yield _relation(kind, target.strip(), " ".join(rel))


def _relation(kind: str, href: str, rel: str = "") -> Found:
    return Found(kind, href, rel, "", CONTENT, 0.0, "")
