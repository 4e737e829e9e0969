"""The process that reads pages: bodies on standard input, readings on standard output. It opens nothing.

Decided: half a megabyte of nested tags takes any parser minutes, so pages are read in a process that can be killed. Its
limit of CPU time is moved before each page; memory is capped. It imports no database, index or mail, and messages are
typed, so that a parser gone wrong holds nothing worth having. Refused: a thread with a timer, which cannot be stopped.
"""

import hashlib
import resource
import struct
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import BinaryIO

import msgspec

from seoapp.lib.weburl import BadUrl, WebUrl, parse

from . import feeds, mentions, page, record, sitemaps
from .messages import Columns, Found, Job, Reading, SeenLink
from .proof import around_in

CPU_SECONDS = 2
MEMORY = 1024**3
LENGTH = struct.Struct(">I")
FOLLOWED_LIMIT = 2_000
OTHERS_LIMIT = 20
PLACES_LIMIT = 10  # of one link on a page
FOLLOWED = frozenset(("text", "image", "frame", "redirect"))


def main() -> None:
    limit_memory()
    decoder, encoder = msgspec.msgpack.Decoder(list[Job]), msgspec.msgpack.Encoder()
    while (message := receive(sys.stdin.buffer)) is not None:
        limit_time()
        send(sys.stdout.buffer, encoder.encode([_in_time(job) for job in decoder.decode(message)]))


def receive(stream: BinaryIO) -> bytes | None:
    head = stream.read(LENGTH.size)
    return stream.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def send(stream: BinaryIO, message: bytes) -> None:
    stream.write(LENGTH.pack(len(message)))
    stream.write(message)
    stream.flush()


def limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # macOS knows the limit, and refuses to set it
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.RLIM_INFINITY))


def limit_time() -> None:
    """Two seconds of CPU from here on; only the soft limit moves, because a lowered hard one cannot be raised."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _in_time(job: Job) -> Reading:
    limit_time()
    return read(job)


def read(job: Job) -> Reading:
    """Carry out one job; what is not readable is refused in words."""
    try:
        if job.kind == "sitemap":
            return _sitemap(job)
        if job.kind == "feed":
            return _feed(job)
        return _page(job)
    except (page.NotAPage, sitemaps.NotASitemap, feeds.NotAFeed) as error:
        return Reading(refused=str(error))


def _page(job: Job) -> Reading:
    with_text = job.with_text or bool(job.terms)
    found = page.read(job.body, job.url, content_type=job.content_type, headers=job.headers, with_text=with_text)
    fetched = record.Fetched(parse(job.url), job.status, job.at, job.ip, certificate=job.certificate)
    outward = [link for link in found.links if not link.internal and (not job.targets or link.domain in job.targets)]
    inward = [link for link in found.links if link.internal and link.kind in FOLLOWED]
    facts, page_hash = record.facts(found, fetched), hashlib.sha256(job.body).hexdigest()
    return Reading(
        facts=facts,
        observations=record.observations(found, fetched, outward) if outward else {},
        inside=record.inside(found, fetched),
        mentions=_mentions(job, found, fetched),
        remembered=record.remembered(found, fetched, job.row),
        visited=record.visit(fetched.url, facts | job.visit | {"page_hash": page_hash}),
        follow=tuple(_found(link) for link in _once(inward)[:FOLLOWED_LIMIT]),
        canonical=_address(found.canonical),
        refresh=_address(found.refresh),
        feeds=tuple(_found(link) for link in found.links if link.kind == "rss")[:10],
        nofollow=found.nofollow,
        links=len(found.links),
        outward=len(outward),
        dropped=found.links_dropped,
        wanted=_wanted(job, found),
        others=_others(job, found),
        page_hash=page_hash,
        text=found.mentions_text if job.with_text else "",
    )


def _mentions(job: Job, found: page.Page, fetched: record.Fetched) -> Columns:
    """A row where the page names the brand; a page that links to its site (or may do so, in what was not read), or
    belongs to it, mentions nothing."""
    if not job.terms or fetched.url.domain == job.site or found.links_dropped or job.is_cut:
        return {}
    if any(link.domain == job.site and link.kind not in record.RELATIONS for link in found.links):
        return {}
    mention = mentions.find(found.mentions_text, job.terms)
    return record.mention(found, fetched, job.site, job.row, mention) if mention else {}


def _once(links: Iterable[page.Link]) -> list[page.Link]:
    return list({link.key: link for link in links}.values())


def _found(link: page.Link) -> Found:
    return Found(link.url, link.key, link.host, link.domain, link.anchor[:200], link.nofollow)


def _address(text: str) -> Found | None:
    if not text:
        return None
    try:
        url = parse(text)
    except BadUrl:
        return None
    return Found(url.url, url.key, url.host, url.domain)


def _wanted(job: Job, found: page.Page) -> tuple[SeenLink, ...]:
    """Every place of the page that has a wanted link, a few of each, with the HTML around."""
    wanted, places = set(job.wanted), Counter[str]()
    links = [link for link in found.links if link.key in wanted and link.kind not in record.RELATIONS]
    keys = {link.key for link in links}
    proofs = around_in(found.written, found.url, keys=keys, most=PLACES_LIMIT) if keys else {}
    made = []
    for link in links:
        if places[link.key] < PLACES_LIMIT:
            snippets = proofs.get(link.key, [])[: places[link.key] + 1]
            made.append(_seen(link, snippets[-1] if snippets else ""))
            places[link.key] += 1
    return tuple(made)


def _others(job: Job, found: page.Page) -> tuple[SeenLink, ...]:
    """Links to the same domains but to other pages: a link whose target was changed is one of them."""
    wanted = set(job.wanted)
    domains = {key.partition("/")[0] for key in job.wanted}
    others = [
        link
        for link in found.links
        if link.key not in wanted and link.kind not in record.RELATIONS and _is_of(link, domains, job.targets)
    ]
    return tuple(_seen(link) for link in others[:OTHERS_LIMIT])


def _is_of(link: page.Link, hosts: set[str], targets: tuple[str, ...]) -> bool:
    return link.domain in targets or link.key.partition("/")[0] in hosts


def _seen(link: page.Link, snippet: str = "") -> SeenLink:
    return SeenLink(
        link.url, link.key, link.domain, link.kind, link.anchor, link.alt, link.nofollow, link.ugc, link.sponsored,
        link.placement, link.hidden, snippet,
    )  # fmt: skip


def _sitemap(job: Job) -> Reading:
    listed = sitemaps.read(job.body, job.url, sites=job.targets)
    found = _listed((entry.web, entry.lastmod) for entry in listed.entries if entry.web)
    return Reading(feeds=found) if listed.kind == "index" else Reading(follow=found)


def _feed(job: Job) -> Reading:
    return Reading(follow=_listed((parse(item.url), item.published) for item in feeds.read(job.body, job.url).items))


def _listed(entries: Iterable[tuple[WebUrl, datetime | None]]) -> tuple[Found, ...]:
    return tuple(
        Found(url.url, url.key, url.host, url.domain, at=int(moment.timestamp()) if moment else 0)
        for url, moment in entries
    )


if __name__ == "__main__":
    main()
