"""A page that was read, as columns of the link index. Pure: it runs in the process that reads pages.

Decided: links to other sites are observations with the page's own time; links inside the site go to a table of their
own, because a menu on ten thousand pages is not ten thousand backlinks. A redirect is a link of its kind.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from itertools import chain
from typing import Any

from seoapp.lib.weburl import WebUrl

from . import pagefacts
from .links import Link
from .mentions import Mention
from .page import Page

Columns = dict[str, list[Any]]
OBSERVED = (
    "source_url", "source_key", "source_host", "source_domain", "target_url", "target_key", "target_host",
    "target_domain", "row", "kind", "anchor", "alt", "nofollow", "ugc", "sponsored", "context_left", "context_right",
    "title", "language", "http_status", "first_seen", "last_seen", "ip", "ext_links", "int_links", "placement",
    "metrics", "labels", "redirect_chain",
)  # fmt: skip
INSIDE = ("target_domain", "target_key", "source_key", "row", "anchor", "nofollow", "kind", "placement")
MENTIONED = (
    "target_domain", "source_domain", "source_key", "source_url", "row", "mentioned_at", "title", "language", "term",
    "terms", "times", "snippet_left", "snippet_term", "snippet_right",
)  # fmt: skip
# Of what `crawled_pages` keeps, what is kept beside the facts too, so that one table tells of a linking page.
REPEATED = (
    "title", "language", "published", "canonical", "noindex", "words", "text_share", "int_links", "ext_links",
    "ext_domains", "fingerprint", "ids", "generator", "platform",
)  # fmt: skip
FACTS = tuple(one.name for one in fields(pagefacts.PageFacts))
INTERNAL_LIMIT = 2_000  # links inside the site that are kept of one page
RELATIONS = frozenset(("canonical", "alternate", "rss"))


@dataclass(frozen=True, slots=True)
class Fetched:
    """How the page came. `at`: seconds since 1970."""

    url: WebUrl
    status: int
    at: int
    ip: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    certificate: tuple[str, ...] = ()


def observations(page: Page, fetched: Fetched, links: Iterable[Link]) -> Columns:
    """Rows of `observations`, one for each of these links."""
    made: Columns = {name: [] for name in OBSERVED}
    for link in links:
        for name, value in zip(OBSERVED, _observed(page, fetched, link), strict=True):
            made[name].append(value)
    return made


def _observed(page: Page, fetched: Fetched, link: Link) -> tuple[Any, ...]:
    url = fetched.url
    labels = {name: text for name, text in (("heading", link.heading), ("hidden", link.hidden)) if text}
    labels |= page.labels.get(link.position, {})
    return (
        url.url, url.key, url.host, url.domain, link.url, link.key, link.host, link.domain, link.position, link.kind,
        link.anchor, link.alt, int(link.nofollow), int(link.ugc), int(link.sponsored), link.context_left,
        link.context_right, page.title, page.language, fetched.status, fetched.at, fetched.at, fetched.ip,
        page.external_links, page.internal_links, link.placement, {"placement_sure": link.sure}, labels, "",
    )  # fmt: skip


def redirect(fetched: Fetched, target: WebUrl) -> Columns:
    """The one row of a page that redirects to another site."""
    source = fetched.url
    values = (
        source.url, source.key, source.host, source.domain, target.url, target.key, target.host, target.domain, 0,
        "redirect", "", "", 0, 0, 0, "", "", "", "", fetched.status, fetched.at, fetched.at, fetched.ip, -1, -1, "",
        {}, {}, f"{source.url} {target.url}",
    )  # fmt: skip
    return {name: [value] for name, value in zip(OBSERVED, values, strict=True)}


def inside(page: Page, fetched: Fetched) -> Columns:
    """Rows of `internal_links`: one for each other page of the site that this one links to."""
    made: Columns = {name: [] for name in INSIDE}
    seen = {fetched.url.key}
    for link in page.links:
        if not link.internal or link.key in seen or link.kind in RELATIONS or len(seen) > INTERNAL_LIMIT:
            continue
        seen.add(link.key)
        values = (
            link.domain, link.key, fetched.url.key, link.position, link.anchor or link.alt, int(link.nofollow),
            link.kind, link.placement,
        )  # fmt: skip
        for name, value in zip(INSIDE, values, strict=True):
            made[name].append(value)
    return made


def mention(page: Page, fetched: Fetched, site: str, row: int, found: Mention) -> Columns:
    """The one row of `mentions` of a page that names a brand and does not link to its site."""
    url = fetched.url
    values = (
        site, url.domain, url.key, url.url, row, fetched.at, page.title, page.language, found.term, list(found.terms),
        found.times, found.left, found.found, found.right,
    )  # fmt: skip
    return {name: [value] for name, value in zip(MENTIONED, values, strict=True)}


def facts(page: Page, fetched: Fetched) -> dict[str, Any]:
    """What `crawled_pages` keeps of a page that was read."""
    return {
        "title": page.title, "language": page.language, "canonical": page.canonical, "robots": page.robots[:200],
        "noindex": int(page.noindex), "words": page.words, "text_share": page.text_share,
        "int_links": page.internal_links, "ext_links": page.external_links, "ext_domains": page.external_domains,
        "ids": list(page.ids), "generator": page.generator, "platform": page.platform, "published": page.published,
        "jsonld": list(page.jsonld), "fingerprint": page.fingerprint,
    }  # fmt: skip


def remembered(page: Page, fetched: Fetched, row: int) -> Columns:
    """The row of `page_facts` of a page that was read. `row`: the number of the visit."""
    url, more = fetched.url, page.more
    known = facts(page, fetched)
    values: dict[str, Any] = {
        "source_domain": url.domain, "page_key": url.key, "page_url": url.url, "host": url.host, "row": row,
        "fetched_at": fetched.at, "version": pagefacts.VERSION, "certificate": list(fetched.certificate),
        **{name: known[name] for name in REPEATED}, **{name: getattr(more, name) for name in FACTS},
    }  # fmt: skip
    return {name: [value] for name, value in values.items()}


VISIT = {
    "target_domain": "", "page_key": "", "page_url": "", "host": "", "row": 0, "fetched_at": 0, "http_status": 0,
    "code": "", "redirect_url": "", "title": "", "language": "", "canonical": "", "robots": "", "noindex": 0,
    "words": 0, "text_share": 0.0, "int_links": 0, "ext_links": 0, "ext_domains": 0, "ids": [], "generator": "",
    "platform": "", "published": "", "jsonld": [], "fingerprint": 0, "page_hash": "", "depth": 0, "bytes": 0,
    "seconds": 0.0, "ip": "",
}  # fmt: skip


def visit(url: WebUrl, values: Mapping[str, Any]) -> Columns:
    """The row of `crawled_pages` of one visit; what `values` leaves out is unknown."""
    named = {"target_domain": url.domain, "page_key": url.key, "page_url": url.url, "host": url.host}
    return {name: [value] for name, value in (VISIT | named | dict(values)).items()}


def joined(pieces: Iterable[Columns]) -> Columns:
    """Columns of one table, one behind the other; all have the same names."""
    found = [piece for piece in pieces if piece]
    return {name: list(chain.from_iterable(piece[name] for piece in found)) for name in (found[0] if found else ())}
