"""Sites as they come about (who owns one, where it stands, how it is linked), told by the sources of an audit.

Decided: nothing here looks at a marker. A site has an owner, a host, a builder, an age and a standing; what exports,
visits, registries and the graph would say follows from these, with the gaps that such sources have. Honest sites share
what such sites share: hosts, themes, registrars, the account of a site builder, and by accident worse. Shares and
medians are guesses of ours, written once, here; no profile of a customer is behind them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import log10
from random import Random
from typing import Any
from zlib import crc32

from audit.columns import COLUMNS
from audit.profile import DOMAINS, LINKS, PAGES, About, days
from tests.audit.profiles import AS_OF

GOOD, BAD, INERT = "good", "bad", "inert"  # inert: placed, but passes nothing on; counts as neither
TODAY = days(AS_OF)
HISTORY = 1_100  # days of links
KEYWORDS = ("trail running shoes", "cheap hiking boots", "buy hiking boots online", "waterproof hiking shoes")
PRODUCT = "Nordgrat 3"
ABOUT = About(
    target="bergfuchs.example",
    brands=("bergfuchs",),
    keywords=(*KEYWORDS, PRODUCT.lower()),
    countries=("us", "gb"),
    languages=("en",),
    topics=("sport/outdoor", "style/clothing"),
    offered=frozenset(("popularity", "keywords")),
)
HOME = f"https://{ABOUT.target}/"
TARGETS = tuple(f"{HOME}{part}" for part in ("boots", "nordgrat-3", "guide/fit", "sale", "care", "stores", "jackets"))
Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Level:
    """What sites of one size have, by medians and shares."""

    votes: float
    pages: float
    gives: float
    popular: float
    words: float
    cares: float  # contact, canonical address, icon, trackers


TINY = Level(5, 40, 30, 0.01, 350, 0.45)
SMALL = Level(25, 150, 80, 0.05, 500, 0.75)
MEDIUM = Level(300, 2_000, 600, 0.4, 700, 0.93)
LARGE = Level(6_000, 40_000, 9_000, 0.9, 650, 0.97)
COPIER = Level(15, 3_000, 900, 0.01, 500, 0.5)  # copies what others write
SMALL_ONES = (TINY, SMALL)


@dataclass(slots=True)
class Owner:
    """Who has sites, and what all of these have for it."""

    registrar: str
    servers: tuple[str, ...]
    address: str
    theme: str
    build: int
    accounts: tuple[str, ...] = ()
    registrant: str | None = None


@dataclass(slots=True)
class Site:
    """`scene` is what it was made for; `links` are (page, link) facts."""

    name: str
    scene: str
    truth: str
    level: Level
    owner: Owner
    facts: Facts
    habits: frozenset[str] = frozenset()  # what its pages have in common
    links: list[tuple[Facts, Facts]] = field(default_factory=list)

    @property
    def is_small(self) -> bool:
        return self.truth == GOOD and self.level in SMALL_ONES


WORDS = tuple(
    re.findall(
        r"\w+",
        "alder amber anchor apple arrow autumn badger basin beacon birch bloom brook canyon cedar cliff cloud "
        "clover coast copper coral corner creek daisy delta ember falcon fern field finch flint forest garden "
        "glade grove harbor hazel heath heron hill hollow honey island ivy juniper kettle lake lantern laurel "
        "leaf linden maple marble marsh meadow mill mint moss north oak olive orchard otter pebble pepper pine "
        "plain poppy prairie quarry rain raven reed ridge river robin sage shore silver slate snow sparrow spring "
        "stone summer sun thistle timber trail valley violet walnut water willow wind winter wren ",
    )
)
ABOUTS = tuple(
    re.findall(
        r"\w+", "diary review notes guide report story tour test weekend season day walk list journal questions plan"
    )
)
ENDINGS = ("com", "com", "com", "org", "net", "co.uk", "de", "blog", "info", "us")
CHEAP = ("xyz", "top", "site", "click", "icu", "space", "website", "fun")
REGISTRARS = (
    "GoDaddy",
    "GoDaddy",
    "GoDaddy",
    "Namecheap",
    "Namecheap",
    "Tucows",
    "IONOS",
    "Gandi",
    "OVH",
    "Squarespace",
)
THEMES = (
    "Astra",
    "Astra",
    "Astra",
    "GeneratePress",
    "Divi",
    "Divi",
    "Kadence",
    "OceanWP",
    "Twenty Twenty-Four",
    "Hugo Paper",
)
BUILDER = "gtm:GTM-BUILDER"
# Of honest sites: what each of their pages may have that is elsewhere a trace of something worse.
HABITS = {
    "medicines": 0.012,  # writes of them
    "loans": 0.04,
    "thanks": 0.01,  # “sponsored by” beside a link
    "folds": 0.01,  # links in a part that opens on a click
    "repeats": 0.005,  # lyrics, tables, drills
    "moved": 0.005,  # its links go through an older domain of somebody
}
GENERIC = ("here", "website", "link", "read more")
LISTS = ("/links.html", "/resources", "/blogroll", "/about")


class Maker:
    """Makes sites by the dice of one seed."""

    def __init__(self, seed: int, launch: float = 0.35) -> None:
        """`launch`: the share of what is written of a product that comes in the week of its launch."""
        self.dice, self.launch = Random(seed), launch
        self.used: set[str] = set()

    # --- Small draws --------------------------------------------------------------------------------------------------
    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    def around(self, median: float, spread: float = 0.7) -> int:
        return max(int(median * self.dice.lognormvariate(0, spread)), 0)

    def word(self) -> str:
        return self.dice.choice(WORDS)

    def bits(self) -> int:
        return self.dice.getrandbits(64) | 1

    def day(self, least: int = 0, most: int = HISTORY) -> int:
        """A day so long ago; more of late, as sites grow known."""
        return TODAY - least - int((most - least) * self.dice.random() ** 1.3)

    def name(self, endings: Sequence[str] = ENDINGS, *, odd: bool = False) -> str:
        while True:
            parts = (
                [self.word(), self.word()] if not odd else [self.word(), self.word(), str(self.dice.randint(10, 999))]
            )
            between = "-" if odd and self.chance(0.5) else ""
            made = f"{between.join(parts)}.{self.dice.choice(endings)}"
            if made not in self.used:
                self.used.add(made)
                return made

    def lot(self) -> str:
        """A name of letters drawn by lot."""
        letters = "".join(self.dice.choices("bcdfghjklmnpqrstvwxzaeiou", k=self.dice.randint(8, 13)))
        self.used.add(name := f"{letters}.{self.dice.choice(CHEAP)}")
        return name

    def title(self) -> str:
        if self.chance(0.03):
            return self.dice.choice(("Home", "Links", "Blog", "News"))
        return f"{self.word()} {self.word()} {self.dice.choice(ABOUTS)} {self.word()}".capitalize()

    def path(self, title: str) -> str:
        if self.chance(0.12):
            return self.dice.choice(LISTS)
        while " " not in title:
            title = self.title()
        slug = title.lower().replace(" ", "-")
        return self.dice.choice(
            (f"/{slug}", f"/blog/{slug}", f"/{self.dice.randint(2019, 2026)}/0{self.dice.randint(1, 9)}/{slug}/")
        )

    def natural(self) -> str | None:
        """An anchor that somebody sets who thinks of readers."""
        kind = self.dice.random()
        for share, made in (
            (0.38, "Bergfuchs"), (0.05, "Bergfuchs boots"), (0.18, HOME), (0.12, self.dice.choice(GENERIC)),
            (0.14, self.title().lower()), (0.04, f"their {self.dice.choice(KEYWORDS)} and more"),
            (0.02, self.dice.choice(KEYWORDS)), (0.02, PRODUCT), (0.003, "from the casino up to the summit"),
        ):  # fmt: skip
            kind -= share
            if kind < 0:
                return made
        return None

    # --- Owners -------------------------------------------------------------------------------------------------------
    def owner(self, *, business: bool = False) -> Owner:
        registrar, theme = self.dice.choice(REGISTRARS), self.dice.choice(THEMES)
        address, servers = self.host()
        accounts = [
            f"{kind}:{self.bits()}"
            for kind, share in (("ga", 0.5), ("gtm", 0.25), ("adsense", 0.12))
            if self.chance(share)
        ]
        registrant = f"{self.word()} {self.word()} Ltd".title() + f" {self.dice.randint(1, 9999)}"
        return Owner(
            registrar, servers, address, theme, self.dice.randrange(40),
            tuple(accounts) if not self.chance(0.02) else (BUILDER,),
            registrant if self.chance(0.4 if business else 0.05) else None,
        )  # fmt: skip

    def host(self) -> tuple[str, tuple[str, ...]]:
        """(address, name servers): a content delivery network, a large shared host, a regional one, or one's own."""
        kind, draw = self.dice.random(), self.dice.randint
        if kind < 0.27:
            return f"104.21.{draw(0, 9)}.{draw(1, 40)}", ("amy.ns.cloudflare.com", "bob.ns.cloudflare.com")
        if kind < 0.5:
            return f"162.241.{draw(0, 5)}.{draw(1, 60)}", ("ns1.bluehost.com", "ns2.bluehost.com")
        if kind < 0.72:
            hoster = draw(1, 40)
            return f"185.66.{hoster}.{draw(10, 12)}", (f"ns1.hoster{hoster}.example", f"ns2.hoster{hoster}.example")
        own = f"{draw(60, 99)}.{draw(0, 255)}.{draw(0, 255)}.{draw(1, 254)}"
        return own, ("ns1.domaincontrol.com", "ns2.domaincontrol.com")

    # --- Sites --------------------------------------------------------------------------------------------------------
    def site(
        self, scene: str, level: Level, *, truth: str = GOOD, name: str = "", owner: Owner | None = None, **facts: Any
    ) -> Site:
        """A site as honest ones are; `facts` of its domain go before."""
        owner = owner or self.owner(business=level not in SMALL_ONES)
        votes = self.around(level.votes, 0.9)
        born = TODAY - max(200, self.around(2_600, 0.6))
        return Site(
            name or self.name(),
            scene,
            truth,
            level,
            owner,
            self._registered(owner, born) | self._standing(level, votes, born) | self._about(level) | facts,
            frozenset(name for name, share in HABITS.items() if self.chance(share)),
        )

    def _registered(self, owner: Owner, born: int) -> Facts:
        whole = {"ips": [owner.address], "networks": [f"{owner.address.rpartition('.')[0]}.0/24"], "shared": []}
        if self.chance(0.8):
            whole |= {
                "registered": born,
                "registrar": owner.registrar,
                "registrant": owner.registrant,
                "name_servers": list(owner.servers),
            }
        return whole

    def _standing(self, level: Level, votes: int, born: int) -> Facts:
        """In the graph; every tenth small site is not in it."""
        popular = int(10 ** self.dice.uniform(4, 6)) if self.chance(level.popular) else 0
        if level is TINY and self.chance(0.25):
            return {"popularity": popular}
        rank = (votes + 1) * self.dice.lognormvariate(0, 0.5)
        reached = not (level is TINY and self.chance(0.2))
        return {
            "popularity": popular,
            "authority": min(95.0, 12 * self.dice.gauss(1, 0.15) * log10(1 + votes)),
            "pagerank": rank * 1e-9,
            "trust": rank * 1e-9 * self.dice.lognormvariate(-0.3, 0.6) if reached else 0.0,
            "trust_top": min(1.0, self.dice.random() ** (3 if level is LARGE else 1)) if reached else 1.0,
            "bad_share": self.dice.betavariate(1, 30),
            "bad_top": self.dice.random(),
            "votes": votes,
            "votes_print": self.bits(),
            "linked_domains": self.around(level.gives, 1),
            "follow_share": min(1.0, self.dice.betavariate(9, 2)),
            "closed": self.dice.betavariate(1, 9),
            "hops": self.dice.choice((2, 3, 3, 4) if level is not TINY else (3, 3, 4, 4, 5)),
            "releases": min(20, (TODAY - born) // 100),
            "known_since": max(born + self.around(60), TODAY - 3_000),
            "one_network": self.dice.betavariate(1, 6),
            "pages": self.around(level.pages, 1),
        }

    def _about(self, level: Level) -> Facts:
        """Topics, neighbours, what it links to."""
        topic = self.dice.choice(
            ("sport/outdoor", "travel/places", "style/clothing", "news", "home/garden", "health", "family")
        )
        outbound = [f"{self.word()}{self.word()}.com" for _ in range(min(self.around(level.gives / 6), 60))]
        return {
            "topics": [topic] if self.chance(0.7) else None,
            **({"closed": 0.85, "community": "a ring of friends"} if level is TINY and self.chance(0.01) else {}),
            "topic_changed": 0 if self.chance(0.5) else None,
            "judged_neighbours": len(outbound) // 2,
            "bad_neighbours": self.dice.betavariate(1, 40) if self.chance(0.995) else 0.35,
            "linked": list(dict.fromkeys(outbound)) if outbound else None,
            "country": "us" if self.chance(0.7) else "gb",
        }

    # --- Links --------------------------------------------------------------------------------------------------------
    def link(self, site: Site, *, page: Mapping[str, Any] | None = None, **link: Any) -> None:
        """One more link of a site, on a page as honest ones are; what is given goes before."""
        began = link.get("first_seen", self.day())
        whole = self._page(site, began) | dict(page or {})
        anchor = link.pop("anchor", self.natural())
        facts = (
            self._link(site, began)
            | {"anchor": anchor, "anchor_known": 1, "kind": "text" if anchor else "image"}
            | link
        )
        facts["anchor_class"] = class_of(anchor)
        facts["anchor_sure"] = 1 if is_sure(anchor) else None
        if not self.chance(0.88):  # our crawler was not there
            whole, facts = _without_visit(PAGES, whole), _without_visit(LINKS, facts)
        site.links.append((whole, facts))

    def _page(self, site: Site, began: int) -> Facts:
        level, owner, title = site.level, site.owner, self.title()
        cares = level.cares
        return {
            "title": title, "path": self.path(title), "language": "en", "status": 200 if self.chance(0.98) else 404,
            "secure": self.chance(0.6 + 0.4 * cares), "external": self.around(14, 0.9),
            "internal": self.around(40, 0.8),
            "last_seen": TODAY - self.dice.randint(0, 80), "fetched": TODAY - self.dice.randint(0, 60),
            "words": self.around(level.words), "text_share": self.dice.betavariate(3, 14),
            "external_domains": self.around(8),
            "noindex": self.chance(0.01), "has_canonical": self.chance(cares), "canonical_elsewhere": self.chance(0.01),
            "title_length": len(title), "description_length": 0 if self.chance(0.5) else self.around(140, 0.4),
            "keywords_length": self.around(60) if self.chance(0.12) else 0, "published": began - self.around(6),
            "repetition": 0.65 if "repeats" in site.habits else self.dice.betavariate(2, 14),
            "common_word": self.dice.betavariate(2, 30),
            "forced_redirect": 0, "ad_frames": self.around(2), "hidden_links": 0, "hidden_block": 0, "hidden_poison": 0,
            "foreign_share": 0, "contact": int(self.chance(cares)), "has_favicon": self.chance(0.5 + cares / 2),
            "trackers": int(self.chance(0.3 + cares / 2)), "parked": 0,
            "directory": self.chance(0.01), "robots_closed": 0,
            "soft_404": 0, "links_in": self.around(3), "theme": owner.theme, "popups": [],
            "poison": ["pharma:4"] if "medicines" in site.habits else ["loan:1"] if "loans" in site.habits else [],
            "ids": list(owner.accounts), "text_print": self.bits(),
            "skeleton": print_of(f"{owner.theme} {owner.build}"), "favicon": print_of(site.name),
        }  # fmt: skip

    def _link(self, site: Site, began: int) -> Facts:
        place = self.dice.choices(
            ("content", "sidebar", "footer", "comment", "author", "navigation"), (76, 8, 6, 4, 4, 2)
        )[0]
        lost = self.chance(0.06)
        return {
            "target_url": HOME if self.chance(0.5) else self.dice.choice(TARGETS), "first_seen": began,
            "last_seen": TODAY - self.dice.randint(0, 80), "is_lost": int(lost),
            "lost_at": self.day(0, 300) if lost else None,
            "nofollow": int(self.chance(0.2)), "ugc": int(place == "comment" and self.chance(0.5)), "sponsored": 0,
            "left_words": self.around(28) if place == "content" else self.around(3),
            "right_words": self.around(28) if place == "content" else self.around(3),
            "placement": place, "checked_at": TODAY - self.dice.randint(0, 60), "shown_to_bots": None,
            "paid": "sponsored by" if "thanks" in site.habits else None,
            "hidden": "display:none" if "folds" in site.habits else None,
            "redirect": f"https://old-{site.name}/ {HOME}" if "moved" in site.habits else None,
        }  # fmt: skip


VISITED = {unit: {one.name for one in COLUMNS if one.unit == unit and one.source == "visit"} for unit in (LINKS, PAGES)}
DOMAIN_COLUMNS = {one.name for one in COLUMNS if one.unit == DOMAINS}


def print_of(text: str) -> int:
    return crc32(text.encode()) | 1


def _without_visit(unit: str, facts: Mapping[str, Any]) -> Facts:
    return {name: value for name, value in facts.items() if name not in VISITED[unit]}


def class_of(anchor: str | None) -> str:
    """The class that the index gives an anchor with these terms (backlinks/index/terms.py), in plain words."""
    words = (anchor or "").lower()
    if not words:
        return "image"
    if words.startswith("http"):
        return "naked"
    has_keyword, has_brand = any(one in words for one in ABOUT.keywords), "bergfuchs" in words
    if words in ABOUT.keywords:
        return "exact"
    if has_brand:
        return "compound" if has_keyword else "brand"
    if has_keyword:
        return "partial"
    return "generic" if words in GENERIC else "other"


def is_sure(anchor: str | None) -> bool:
    """Whether the rule that classes it leaves no doubt."""
    words, kind = (anchor or "").lower(), class_of(anchor)
    return words in ABOUT.brands if kind == "brand" else kind not in ("compound", "partial", "other")


def told(sites: Iterable[Site]) -> Iterator[tuple[Site, str, Facts, Facts]]:
    """(site, address of the page, what is said of the page, what is said of the link)."""
    for site in sites:
        for page, link in site.links:
            plain = dict(page)
            scheme = "https" if plain.pop("secure", True) else "http"
            yield site, f"{scheme}://{plain.pop('host', site.name)}{plain.pop('path')}", plain, link
