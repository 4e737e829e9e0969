"""The invented web around a client: sites, and the links that come and go on them. The same seed, the same web."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from .story import PAPERS, THROWAWAY, TOWNS, DemoClient

YEARS_BACK = 4
PLACES = ("US", "GB", "DE", "ES", "FR", "NL", "CA", "IT", "SE", "AU", "PL", "IN")
PLATFORMS = ("wordpress", "wordpress", "wordpress", "cms", "message-boards", "ecommerce", "")
SLUG = str.maketrans(" ", "-", "?:,.")


@dataclass(frozen=True, slots=True)
class Site:
    """A domain that links. `strength` 0-100 is what the vendors' scores scatter around."""

    domain: str
    host: str
    ip: str
    country: str
    language: str
    strength: int
    platform: str
    kind: str


@dataclass(frozen=True, slots=True)
class DemoLink:
    """A link as it really was: on the page from `born` until `gone` (None: still there)."""

    site: Site
    page: str
    title: str
    target: str
    anchor: str
    shape: str
    nofollow: bool
    ugc: bool
    sponsored: bool
    before: str
    after: str
    sitewide: bool
    born: date
    gone: date | None
    reason: str
    luck: float


def links_to(client: DemoClient, today: date, *, domain: str = "", share: float = 1.0) -> list[DemoLink]:
    """The links to a client; for a competitor's `domain`, links of a part of the same sites and some of its own."""
    chance = random.Random(f"{client.seed}-{domain}")  # noqa: S311 - invented data, not secrets
    sites = list(_sites(client, random.Random(client.seed)))  # noqa: S311
    if domain:
        sites = [site for site in sites if site.kind != "throwaway" and chance.random() < share]
    made: list[DemoLink] = []
    for site in sites:
        made.extend(_links_of(site, client, domain or client.domain, today, chance))
    return made


def _sites(client: DemoClient, chance: random.Random) -> Iterator[Site]:
    names: set[str] = set()
    while len(names) < client.sites:
        topical = chance.random() < 0.72
        firsts, seconds = (client.topic.firsts, client.topic.seconds) if topical else (TOWNS, PAPERS)
        name = f"{chance.choice(firsts)}-{chance.choice(seconds)}"
        if name in names:
            name += f"-{chance.choice(('online', 'hq', 'co', 'blog', 'net', 'lab', 'mag', 'eu', 'uk'))}"
        if name not in names:
            names.add(name)
            yield _site(name, "paper" if not topical else "blog", chance)
    for number in range(client.attack):
        yield _site(f"{chance.choice(THROWAWAY)}-{number + 11}", "throwaway", chance)


def _site(name: str, kind: str, chance: random.Random) -> Site:
    strength = {"paper": chance.gauss(48, 14), "blog": chance.gauss(27, 15), "throwaway": chance.gauss(4, 3)}[kind]
    domain = f"{name}.{'test' if chance.random() < 0.12 else 'example'}"
    country = chance.choice(PLACES[:3] if chance.random() < 0.6 else PLACES)
    platform = "message-boards" if "forum" in name or "club" in name else chance.choice(PLATFORMS)
    host = chance.choices((domain, f"www.{domain}", f"blog.{domain}"), (5, 4, 1))[0]
    return Site(
        domain=domain,
        host=host,
        ip=_address(kind, chance),
        country=country if kind != "throwaway" else "US",
        language={"DE": "de", "ES": "es", "FR": "fr", "IT": "it"}.get(country, "en"),
        strength=max(1, min(94, round(strength))),
        platform=platform,
        kind=kind,
    )


def _address(kind: str, chance: random.Random) -> str:
    """Documentation ranges only; throw-away sites share a handful of addresses, as they do in life."""
    if kind == "throwaway":
        return f"203.0.113.{chance.choice((7, 8, 9, 21))}"
    if chance.random() < 0.45:
        return f"{chance.choice(('192.0.2', '198.51.100', '203.0.113'))}.{chance.randrange(30, 250)}"
    return f"2001:db8:{chance.randrange(1, 220):x}::{chance.randrange(1, 900):x}"


def _links_of(site: Site, client: DemoClient, domain: str, today: date, chance: random.Random) -> Iterator[DemoLink]:
    count = {"throwaway": chance.randrange(1, 4), "paper": chance.choice((1, 1, 1, 2, 3))}.get(
        site.kind, chance.choices((1, 2, 4, 9), (55, 25, 14, 6))[0]
    )
    born = _born(site, today, chance)
    sitewide = site.kind == "blog" and chance.random() < 0.035
    first = _link(site, client, domain, born, today, chance)
    if not sitewide:
        yield first
        for _ in range(count - 1):
            day = min(born + timedelta(days=int(chance.expovariate(1 / 160))), today - timedelta(days=4))
            yield _link(site, client, domain, day, today, chance)
        return
    for number in range(chance.randrange(25, 80)):
        page = f"https://{site.host}/archive/{2021 + number % 5}/{number + 1}"
        title = f"Archive, page {number + 1} | {_name(site)}"
        yield replace(first, page=page, title=title, sitewide=True, luck=chance.random())


def _born(site: Site, today: date, chance: random.Random) -> date:
    """Steady growth with a campaign every spring; the attack falls into one week, five months ago."""
    if site.kind == "throwaway":
        return today - timedelta(days=150 + chance.randrange(7))
    age = int(YEARS_BACK * 365 * chance.random() ** 1.35)
    day = today - timedelta(days=max(age, 3))
    if site.kind == "paper" and chance.random() < 0.6:
        day = date(day.year, 4, 1 + chance.randrange(28))
    return min(day, today - timedelta(days=3))


def _link(site: Site, client: DemoClient, domain: str, born: date, today: date, chance: random.Random) -> DemoLink:
    title = chance.choice(client.topic.titles)
    shape = "text" if site.kind == "throwaway" else chance.choices(("text", "image", "frame"), (90, 9, 1))[0]
    board = site.platform == "message-boards"
    sponsored = site.kind == "paper" and chance.random() < 0.06
    gone, reason = _end(site, born, today, chance)
    return DemoLink(
        site=site,
        page=f"https://{site.host}/{_path(title, board=board, chance=chance)}",
        title=title if site.kind == "throwaway" else f"{title} | {_name(site)}",
        target=_target(client, domain, chance),
        anchor=_anchor(site, client, domain, chance),
        shape=shape,
        nofollow=board or sponsored or chance.random() < 0.16,
        ugc=board and chance.random() < 0.5,
        sponsored=sponsored,
        before=chance.choice(client.topic.before),
        after=chance.choice(client.topic.after),
        sitewide=False,
        born=born,
        gone=gone,
        reason=reason,
        luck=chance.random(),
    )


def _name(site: Site) -> str:
    """How a site calls itself."""
    return site.domain.partition(".")[0].replace("-", " ").title()


def _path(title: str, *, board: bool, chance: random.Random) -> str:
    slug = title.lower().translate(SLUG)
    number = chance.randrange(100, 9999)
    return f"t/{number}-{slug}" if board else f"{chance.choice(('blog', 'news', 'stories', 'reviews'))}/{slug}-{number}"


def _target(client: DemoClient, domain: str, chance: random.Random) -> str:
    host = domain if chance.random() < 0.3 else f"www.{domain}"
    weights = [12] + [4] * (len(client.pages) - 1)
    page = (
        chance.choices(client.pages, weights)[0] if domain == client.domain else chance.choice(("/", "/shop", "/blog"))
    )
    return f"https://{host}{page}"


def _anchor(site: Site, client: DemoClient, domain: str, chance: random.Random) -> str:
    if site.kind == "throwaway":
        return chance.choice(client.topic.money)
    brand = client.brands[0] if domain == client.domain else domain.partition(".")[0].title()
    choices: Sequence[tuple[str, int]] = (
        (brand, 46),
        (domain, 14),
        (f"https://www.{domain}/", 6),
        (chance.choice(client.topic.money), 9),
        (f"{brand} {chance.choice(client.topic.money)}", 7),
        (chance.choice(("here", "website", "read more", "this guide", "their shop")), 12),
        (chance.choice(client.topic.titles), 6),
    )
    return chance.choices([text for text, _ in choices], [weight for _, weight in choices])[0]


def _end(site: Site, born: date, today: date, chance: random.Random) -> tuple[date | None, str]:
    odds = {"throwaway": 0.25, "paper": 0.1, "blog": 0.17}[site.kind]
    if chance.random() > odds:
        return None, ""
    span = (today - born).days
    gone = born + timedelta(days=max(20, int(span * (0.35 + 0.6 * chance.random()))))
    if gone >= today - timedelta(days=2):
        return None, ""
    return gone, chance.choice(("removedfromhtml", "notfound", "pageredirected", "pageerror", "noindex"))
