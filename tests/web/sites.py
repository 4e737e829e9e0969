"""The sites of the small web: blogs, shops and forums under `.localhost` names, with everything a crawler must stand.

Decided: the same seed gives the same web, each page is made when it is asked for, and `links()` says what a crawl of it
must find. Each site has the same odd pages (redirects, errors, copies, traps), its own articles and robots.txt.
"""

import gzip
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .pages import Link, Page, article, document, redirect, refusal

KINDS = ("blog", "shop", "news", "forum")
PER_ARCHIVE = 20
MADE = 1_767_225_600  # the first moment of 2026
RELS = ((), (), (), (), ("nofollow",), ("noopener", "nofollow"), ("sponsored",), ("noopener",), ())
WORDS = """garden bread river winter simple house market window green stone music paper summer travel little kitchen
coffee morning village letter story silver number engine road light water family school island bridge""".split()  # noqa: SIM905
ANCHORS = ("read this", "the whole story", "Garden & home", "here", "a guide to bread", "https://example.org", "source")


@dataclass(frozen=True)
class Site:
    """One host. `number` decides what its robots.txt says; `web` knows its neighbours."""

    web: "Web" = field(repr=False, compare=False)
    host: str
    kind: str
    number: int
    articles: int

    def url(self, path: str = "/") -> str:
        return self.web.url(self.host, path)

    @cached_property
    def archives(self) -> int:
        return -(-self.articles // PER_ARCHIVE)

    @cached_property
    def closed(self) -> bool:
        """Its robots.txt cannot be fetched: nothing may be read."""
        return self.number % 10 == 6

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every page that a crawl of the site should read: no traps, errors, forbidden pages, variants by query."""
        if self.closed:
            return ()
        private = ("/private/1", "/private/2") if self.number % 10 in (5, 7) else ()  # no rules there
        return (
            "/", "/about", "/copy", "/twin", "/slow", "/noindex", "/nofollow", "/header-noindex", "/latin", "/refresh",
            "/shapes", "/cloaked", "/flaky", "/busy",
            "/author/0", "/author/1", "/author/2", *private,
            *(f"/archive/page/{number}" for number in range(1, self.archives + 1)),
            *(f"/post/{number}" for number in range(1, self.articles + 1)),
        )  # fmt: skip

    def page(self, path: str, query: str, visit: int) -> Page | None:
        if path in ODD:
            return ODD[path](self)
        head, _, rest = path[1:].partition("/")
        if head == "post" and rest.isdigit() and 1 <= int(rest) <= self.articles:
            return self.post(int(rest))
        found = ENDLESS.get(head)
        return found(self, rest, query, visit) if found else None

    # --- Pages that make the site -------------------------------------------------------------------------------
    def post(self, number: int, *, canonical: bool = True) -> Page:
        chance = random.Random(f"{self.web.seed}-{self.host}-{number}")
        following = number % self.articles + 1
        links = [
            *([Link(self.url(f"/post/{number}"), kind="canonical")] if canonical else []),
            self._own("/feed.xml", "", kind="rss"),
            *self._frame(chance),
            self._own(f"/post/{following}", "next"),
            Link(self.url(f"/post/{number * 7 % self.articles + 1}"), "see also"),
            *(self._outward(chance, rel=chance.choice(RELS)) for _ in range(3)),
            self._outward(chance, kind="image"),
            self._own(f"/author/{chance.randrange(3)}", "Ann Author", placement="author"),
            *(self._outward(chance, rel=("ugc", "nofollow"), placement="comment") for _ in range(2)),
        ]
        if self.kind == "forum":
            links.append(self._outward(chance, rel=("nofollow",), placement="signature"))
        text = chance.sample(self.web.sentences, 7)
        return article(f"{text[0][:30].capitalize()} {number}", links, text=text)

    def simple(self, title: str, *links: Link, **more: Any) -> Page:
        return article(title, [*self._frame(random.Random(title)), *links], text=[f"{title}. As such."], **more)

    def _frame(self, chance: random.Random) -> list[Link]:
        """What is on every page of the site."""
        return [
            self._own("/", self.host, placement="header"),
            self._own("/about", "About", placement="navigation"),
            self._own("/archive/page/1", "Archive", placement="navigation"),
            self._own(f"/post/{chance.randrange(self.articles) + 1}", "recent", placement="sidebar"),
            self._outward(chance, placement="sidebar"),
            self._own("/about", "Imprint", placement="footer"),
            Link(self.web.sites[(self.number + 1) % len(self.web.sites)].url(), "made by", placement="footer"),
        ]

    def _own(self, path: str, anchor: str, *, kind: str = "text", placement: str = "content") -> Link:
        return Link(self.url(path), anchor, kind, (), placement, written=path)

    def _outward(
        self, chance: random.Random, *, kind: str = "text", rel: tuple[str, ...] = (), placement: str = "content"
    ) -> Link:
        site = chance.choice(self.web.sites)
        path = f"/post/{chance.randrange(site.articles) + 1}"
        return Link(site.url(path), chance.choice(ANCHORS), kind, rel, placement)

    def own(self, *paths: str) -> list[Link]:
        return [self._own(path, path.strip("/") or "home") for path in paths]

    @cached_property
    def neighbour(self) -> "Site":
        return self.web.sites[(self.number + 1) % len(self.web.sites)]


class Web:
    """All sites, as a server on `port` gives them out."""

    def __init__(self, *, seed: int = 1, hosts: int = 8, pages: int = 30, port: int = 80) -> None:
        self.seed, self.port = seed, port
        self.sites = tuple(Site(self, _host(number), KINDS[number % 4], number, pages) for number in range(hosts))
        self.by_host = {site.host: site for site in self.sites}
        self.edits: dict[tuple[str, str], Page] = {}
        self.edited_at: dict[tuple[str, str], int] = {}
        chance = random.Random(seed)
        self.sentences = [f"{_words(chance, 12)}. {_words(chance, 18)}." for _ in range(2_000)]

    def url(self, host: str, path: str = "/") -> str:
        return f"http://{host}{'' if self.port == 80 else f':{self.port}'}{path}"

    def page(self, host: str, target: str, visit: int = 0) -> Page | None:
        """The answer to a path with its query; None where there is no such page or host."""
        if (host, target) in self.edits:
            return self.edits[host, target]
        path, _, query = target.partition("?")
        site = self.by_host.get(host)
        return site.page(path, query, visit) if site else None

    def edit(self, host: str, target: str, page: Page) -> None:
        """From now on this page is another one, or one more."""
        self.edits[host, target] = page
        self.edited_at[host, target] = MADE + 3_600 * len(self.edited_at) + 3_600

    def modified(self, host: str, target: str) -> int:
        """When a page became what it is, in seconds since 1970."""
        return self.edited_at.get((host, target), MADE)

    def links(self) -> Iterator[tuple[str, Link]]:
        """(URL of the page, link) for every link that a crawl of all sites should find, site by site."""
        for site in self.sites:
            for path in site.paths:
                for link in self.truth(site.host, path).links:
                    yield site.url(path), link

    def truth(self, host: str, target: str) -> Page:
        """The page that a crawler gets in the end."""
        found = self.page(host, target)
        assert found is not None, f"no page {target} on {host}"
        return found


def _words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choices(WORDS, k=count))


def _host(number: int) -> str:
    """Every fifth site is a subdomain of the one before."""
    name = f"{KINDS[number % 4]}{number}.localhost"
    return f"{KINDS[number % 4]}.{KINDS[(number - 1) % 4]}{number - 1}.localhost" if number % 5 == 4 else name


# --- Pages that every site has --------------------------------------------------------------------------------------
def _home(site: Site) -> Page:
    odd = (path for path in ODD if not path.endswith((".txt", ".xml", ".gz")) and path != "/")
    endless = (f"/archive/page/{site.archives}", "/calendar/2026/03/", "/forum/", "/list?color=red", "/post/1")
    return site.simple(f"Welcome to {site.host}", *site.own(*odd, *endless, *(f"/author/{n}" for n in range(3))))


def _robots(site: Site) -> Page:
    rules = f"User-agent: *\nDisallow: /private/\nDisallow: /*?secret=\n\nSitemap: {site.url('/sitemap.xml')}\n"
    by_number = {
        3: document(f"{rules}\nUser-agent: *\nCrawl-delay: 0.5\n".encode(), "text/plain"),
        5: refusal(404),
        6: refusal(503),
        7: document(b"<!doctype html><title>Home</title>", "text/html"),
        8: redirect("/robots-moved.txt"),
    }
    return by_number.get(site.number % 10) or document(rules.encode(), "text/plain")


def _sitemap_index(site: Site) -> Page:
    row = f"<sitemap><loc>{site.url('/sitemap-1.xml.gz')}</loc><lastmod>2026-01-02</lastmod></sitemap>"
    body = (
        f'<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{row}</sitemapindex>'
    )
    return document(body.encode(), "application/xml")


def _sitemap(site: Site) -> Page:
    rows = "".join(f"<url><loc>{site.url(path)}</loc><lastmod>2026-01-02</lastmod></url>" for path in site.paths)
    body = f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'
    return document(gzip.compress(body.encode(), 1, mtime=0), "application/gzip")


def _feed(site: Site) -> Page:
    newest = range(site.articles, max(site.articles - 10, 0), -1)
    items = "".join(f"<item><title>Post {n}</title><link>{site.url(f'/post/{n}')}</link></item>" for n in newest)
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>{site.host}</title>{items}</channel></rss>'
    return document(body.encode(), "application/rss+xml")


def _feed_json(site: Site) -> Page:
    items = [{"url": site.url(f"/post/{n}"), "title": f"Post {n}"} for n in range(1, min(site.articles, 10) + 1)]
    return document(json.dumps({"title": site.host, "items": items}).encode(), "application/feed+json")


def _shapes(site: Site) -> Page:
    """Links of every kind."""
    there = site.neighbour
    return site.simple(
        "Links of every kind",
        Link(site.url("/shapes"), kind="canonical"),
        Link(there.url("/shapes"), kind="alternate"),
        Link(there.url("/post/2"), "A picture", kind="image"),
        Link(there.url("/about"), "Subscribe", kind="form"),
        Link(there.url("/post/3"), kind="frame"),
        Link(there.url("/post/4"), "protocol-relative", written=there.url("/post/4").removeprefix("http:")),
        Link(site.url("/post/5?a=1&b=2"), "with a query", written="post/5?a=1&b=2"),
        Link(site.url("/post/6"), "with a fragment", written="./post/6#top"),
        Link(there.url("/post/7"), "Ärger & Öl <b>", rel=("sponsored", "noopener")),
    )


def _latin(site: Site) -> Page:
    link = Link(site.neighbour.url("/post/1"), "Grüße", rel=("nofollow",))
    return site.simple("Überall € Straße", link, charset="windows-1252")


def _cloaked(site: Site) -> Page:
    shown = article("Casino", [Link("http://casino.example/", "casino")], validators=False)
    return site.simple("A quiet page", *site.own("/post/1"), cloaked=shown)


ODD: dict[str, Callable[[Site], Page]] = {
    "/": _home,
    "/robots.txt": _robots,
    "/robots-moved.txt": lambda site: document(b"User-agent: *\nDisallow: /private/\n", "text/plain"),
    "/sitemap.xml": _sitemap_index,
    "/sitemap-1.xml.gz": _sitemap,
    "/feed.xml": _feed,
    "/feed.json": _feed_json,
    "/about": lambda site: site.simple(f"About {site.host}", *site.own("/post/1", "/private/1")),
    "/old/1": lambda site: redirect("/old/2"),
    "/old/2": lambda site: redirect(site.url("/old/3"), 302),
    "/old/3": lambda site: redirect("../post/1", 308),
    "/loop/a": lambda site: redirect("/loop/b", 302),
    "/loop/b": lambda site: redirect("/loop/a", 302),
    "/away": lambda site: redirect(site.neighbour.url("/post/1")),
    "/nowhere": lambda site: redirect("http://"),
    "/gone": lambda site: refusal(410),
    "/missing": lambda site: refusal(404),
    "/broken": lambda site: refusal(500),
    "/shut": lambda site: refusal(403),
    "/flaky": lambda site: site.simple("Flaky", *site.own("/post/2"), failing=(refusal(503, "1"),)),
    "/busy": lambda site: site.simple("Busy", *site.own("/post/3"), failing=(refusal(429, "1"),)),
    "/slow": lambda site: site.simple("Slow", *site.own("/post/4"), delay=0.3),
    "/copy": lambda site: site.post(1),
    "/twin": lambda site: site.post(1, canonical=False),
    "/noindex": lambda site: site.simple(
        "Noindex", *site.own("/post/1"), head='<meta name="robots" content="noindex">', noindex=True
    ),
    "/nofollow": lambda site: site.simple(
        "Nofollow", *site.own("/post/1"), head='<meta name="robots" content="noindex, nofollow">', noindex=True,
        nofollow=True,
    ),
    "/header-noindex": lambda site: site.simple(
        "By header", *site.own("/post/1"), headers=(("X-Robots-Tag", "noindex"),), noindex=True
    ),
    "/refresh": lambda site: site.simple("Refresh", *site.own("/post/1"), Link(site.url("/post/9"), kind="redirect")),
    "/latin": _latin,
    "/shapes": _shapes,
    "/cloaked": _cloaked,
    "/private/1": lambda site: site.simple("Private", *site.own("/private/2", "/post/1")),
    "/private/2": lambda site: site.simple("Private too", *site.own("/private/1")),
    "/file.pdf": lambda site: document(b"%PDF-1.4\n%%EOF\n", "application/pdf"),
    "/picture": lambda site: document(b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "text/html"),
}  # fmt: skip


# --- Pages without end ----------------------------------------------------------------------------------------------
def _archive(site: Site, rest: str, query: str, visit: int) -> Page | None:
    number = rest.removeprefix("page/")
    if not (number.isdigit() and 1 <= int(number) <= site.archives):
        return None
    first = (int(number) - 1) * PER_ARCHIVE + 1
    posts = [f"/post/{n}" for n in range(first, min(first + PER_ARCHIVE, site.articles + 1))]
    following = [f"/archive/page/{int(number) + 1}"] if int(number) < site.archives else []
    return site.simple(f"Archive {number}", *site.own(*posts, *following))


def _author(site: Site, rest: str, query: str, visit: int) -> Page | None:
    return site.simple(f"Author {rest}", *site.own("/post/1")) if rest in ("0", "1", "2") else None


def _calendar(site: Site, rest: str, query: str, visit: int) -> Page | None:
    """Months before and after, for ever."""
    year, _, month = rest.strip("/").partition("/")
    if not (year.isdigit() and month.isdigit() and 1 <= int(month) <= 12):
        return None
    months = int(year) * 12 + int(month) - 1
    near = [f"/calendar/{n // 12}/{n % 12 + 1:02}/" for n in (months - 1, months + 1)]
    return site.simple(f"Events of {year}-{month}", *site.own(*near))


def _forum(site: Site, rest: str, query: str, visit: int) -> Page | None:
    """Links with a session id, a new one for whoever brings none."""
    session = query.partition("PHPSESSID=")[2] or f"{visit:032x}"
    topics = [f"/forum/{(int(rest) if rest.isdigit() else 0) * 3 % 10 + n}?PHPSESSID={session}" for n in range(3)]
    return site.simple(f"Topic {rest}", *site.own(*topics), validators=False)


def _list(site: Site, rest: str, query: str, visit: int) -> Page | None:
    """Filters that combine freely."""
    chosen = dict(pair.split("=", 1) for pair in query.split("&") if "=" in pair)
    values = {"color": "red", "size": "42", "brand": "acme", "sort": "price"}
    more = [{**chosen, name: value} for name, value in values.items()] + [{**chosen, "size": "43"}]
    links = ["/list?" + "&".join(f"{name}={value}" for name, value in one.items()) for one in more]
    return site.simple("A list", *site.own(*dict.fromkeys(links)))


ENDLESS: dict[str, Callable[[Site, str, str, int], Page | None]] = {
    "archive": _archive,
    "author": _author,
    "calendar": _calendar,
    "forum": _forum,
    "list": _list,
}
