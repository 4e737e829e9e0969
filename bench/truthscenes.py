"""Scenes of a profile with known good and bad links: what people do to rank, and what honest sites do that looks alike.

Decided: a scene is told as its makers act. Whoever runs a network is careless in some ways and careful in others, by
lot; a shop that bought links paid its sellers month by month; a franchise is one owner with many shops. Bad is a domain
whose links were placed to rank and pass something on; a spam comment with nofollow is neither. Refused: bad scenes that
always leave all their traces, which any rule would find.
"""

from collections.abc import Callable, Sequence
from datetime import date

from truthsites import (
    BAD,
    CHEAP,
    COPIER,
    HOME,
    INERT,
    KEYWORDS,
    LARGE,
    MEDIUM,
    PRODUCT,
    SMALL,
    TARGETS,
    TINY,
    Facts,
    Level,
    Maker,
    Site,
    print_of,
)

from audit.profile import days

Scene = Callable[[Maker, int], list[Site]]
POISON = ("online casino bonus", "viagra without prescription", "payday loans fast", "replica watches", "slot gacor")
LAUNCH = days(date(2026, 5, 4))
FOREIGN = (
    ("ja", "jp", "登山 靴 レビュー", "ベルクフックスの登山靴", "jp"),
    ("ru", "ru", "обзор ботинок и палаток", "ботинки из германии", "ru"),
    ("pl", "pl", "buty w góry i na szlak", "to są buty na szlak", "pl"),
    ("tr", "tr", "dağ botu incelemesi", "bu bot için link", "tr"),
    ("fr", "fr", "chaussures pour les alpes", "les chaussures que nous avons", "fr"),
)


def _ordinary(make: Maker) -> Level:
    return make.dice.choices((TINY, SMALL, MEDIUM, LARGE), (38, 40, 17, 5))[0]


def _poor(make: Maker) -> Facts:
    """What the graph says of a site that nobody visits: bought or made votes, no trust."""
    votes, rank = make.around(12, 1), make.dice.lognormvariate(1, 1) * 1e-9
    return {
        "popularity": 0, "votes": votes, "pagerank": rank, "trust": rank * make.dice.betavariate(0.5, 6),
        "trust_top": 1 - make.dice.random() ** 2 * 0.4, "authority": make.dice.betavariate(2, 7) * 45,
        "bad_share": make.dice.betavariate(2, 9), "bad_top": make.dice.random() ** 3,
        "hops": make.dice.choice((3, 4, 5, 6)), "linked_domains": make.around(200, 1.2), "pages": make.around(25, 1),
    }  # fmt: skip


def _money(make: Maker, terms: Sequence[str], exact: float = 0.5) -> str | None:
    """An anchor of somebody who buys: the term, something around it, the brand to look natural."""
    drawn = make.dice.random()
    if drawn < exact:
        return make.dice.choice(terms)
    if drawn < exact + 0.15:
        return f"{make.dice.choice(terms)} {make.word()}"
    return f"bergfuchs {make.dice.choice(terms)}" if drawn < exact + 0.22 else make.natural()


# --- Bad --------------------------------------------------------------------------------------------------------------
def network(make: Maker, count: int) -> list[Site]:
    """Networks of 6 to 40 sites of one hand, which is careless in a third of what it could hide."""
    sites: list[Site] = []
    while len(sites) < count:
        sites += _network(make, min(make.dice.randint(6, 40), max(count - len(sites), 4)))
    return sites


def _network(make: Maker, count: int) -> list[Site]:
    hand, careless = make.owner(), {name for name in SLIPS if make.chance(SLIPS[name])}
    path, title, born = (
        f"/all/{make.dice.randint(100, 999)}/{make.dice.randint(1, 99)}.html",
        make.title(),
        make.day(200, 900),
    )
    outbound = [f"{make.word()}{make.word()}.com" for _ in range(make.dice.randint(8, 40))]
    terms = make.dice.sample(KEYWORDS, 2)
    made = []
    for _ in range(count):
        owner = make.owner()
        owner.accounts = hand.accounts or (f"ga:{make.bits()}",) if "account" in careless else ()
        if "build" in careless:
            owner.theme, owner.build = hand.theme, hand.build
        if "host" in careless:
            owner.address, owner.servers = f"45.9.{print_of(path) % 200}.7", hand.servers
        facts = _poor(make) | {
            "linked": [*outbound[: len(outbound) - make.dice.randint(0, 1)]] if "outbound" in careless else None
        }
        if "closed" in careless:
            facts |= {"closed": make.dice.uniform(0.75, 1), "community": f"ring of {path}"}
        name = make.name((*CHEAP, "com", "net", "info"), odd=make.chance(0.3))
        site = make.site("network", TINY, truth=BAD, owner=owner, name=name, **facts)
        if "registrations" in careless and "registered" in site.facts:
            site.facts |= {"registered": born, "registrar": hand.registrar}
        page: Facts = {
            "external": make.around(60, 1),
            "external_domains": make.around(40, 1),
            "repetition": make.dice.betavariate(3, 6),
        }
        if "path" in careless:
            page["path"] = path
        if "title" in careless:
            page["title"] = title
        make.link(site, page=page, anchor=_money(make, terms), placement="content", nofollow=0, is_lost=0)
        made.append(site)
    return made


SLIPS = {
    "account": 0.35, "build": 0.6, "host": 0.45, "outbound": 0.3, "closed": 0.25, "registrations": 0.35, "path": 0.35,
    "title": 0.35,
}  # fmt: skip


def bought(make: Maker, count: int) -> list[Site]:
    """Posts on blogs that sell them, month by month, with the terms that the buyer wants."""
    terms = make.dice.sample(KEYWORDS, 3)
    made = []
    for _ in range(count):
        dear = make.chance(0.4)
        facts: Facts = {"linked_domains": make.around(2_500, 0.9)}
        if make.chance(0.45):  # sells to casinos and lenders, too
            facts |= {"judged_neighbours": make.around(30, 0.5), "bad_neighbours": make.dice.betavariate(4, 8)}
        if make.chance(0.4):
            facts |= {"trust": 1e-11 * make.around(8), "topics": ["linkselling"]}
        site = make.site("bought posts", MEDIUM if dear else SMALL, truth=BAD, **facts)
        page = {"external": make.around(20)}
        link: Facts = {
            "placement": "content",
            "nofollow": 0,
            "left_words": make.around(40),
            "right_words": make.around(40),
        }
        link |= {
            "paid": "guest post" if make.chance(0.2) else None,
            "target_url": make.dice.choice(TARGETS[:3]),
            "is_lost": 0,
        }
        make.link(site, page=page, anchor=_money(make, terms, 0.65), first_seen=make.day(30, 540), **link)
        made.append(site)
    return made


def attack(make: Maker, count: int) -> list[Site]:
    """Somebody points hundreds of made sites at the client within a week."""
    start, term = make.day(20, 300), make.dice.choice((*POISON, *KEYWORDS[:2]))
    hosts = [f"91.200.{make.dice.randint(1, 250)}.{make.dice.randint(1, 250)}" for _ in range(max(count // 30, 1))]
    made = []
    for _ in range(count):
        owner, fresh = make.owner(), make.chance(0.6)
        owner.address, owner.accounts = (make.dice.choice(hosts) if make.chance(0.6) else owner.address), ()
        facts = _poor(make) | ({"registered": start - make.dice.randint(2, 60)} if fresh else {})
        if make.chance(0.5):  # too young or too poor for the graph
            facts |= dict.fromkeys(("authority", "pagerank", "trust", "trust_top", "bad_share", "bad_top", "votes"))
        site = make.site("attack", TINY, truth=BAD, owner=owner, name=make.lot(), **facts)
        page: Facts = {
            "words": make.around(150),
            "repetition": make.dice.betavariate(4, 4),
            "contact": 0,
            "published": None,
        }
        page |= {"external": make.around(150, 1), "path": f"/{make.word()}-{make.dice.randint(1, 9999)}.html"}
        page |= {"poison": ["gambling:6"] if make.chance(0.4) else []}
        link = {"target_url": HOME if make.chance(0.8) else TARGETS[0], "nofollow": 0, "is_lost": 0}
        make.link(
            site,
            page=page,
            anchor=term if make.chance(0.8) else _money(make, KEYWORDS),
            first_seen=start + make.dice.randint(0, 6),
            **link,
        )
        made.append(site)
    return made


def hacked(make: Maker, count: int) -> list[Site]:
    """Links that burglars hid in honest sites."""
    made = []
    for _ in range(count):
        site = make.site("hacked pages", make.dice.choice((TINY, SMALL, SMALL, MEDIUM)), truth=BAD)
        page: Facts = {
            "hidden_block": make.dice.randint(4, 60),
            "hidden_poison": int(make.chance(0.6)),
            "external": make.around(60),
        }
        page |= {"foreign_share": 0.8 if make.chance(0.3) else 0.1}
        link = {
            "hidden": "display:none" if make.chance(0.7) else "class hidden",
            "placement": "content",
            "nofollow": 0,
            "is_lost": 0,
        }
        make.link(site, page=page, anchor=make.dice.choice((*KEYWORDS, *POISON)), **link)
        made.append(site)
    return made


def comments(make: Maker, count: int) -> list[Site]:
    """A tool that comments on honest blogs; three in four mark such links, which then pass nothing on."""
    start, terms = make.day(60, 400), make.dice.sample(KEYWORDS, 2)
    made = []
    for _ in range(count):
        marked = make.chance(0.75)
        site = make.site("comment spam", make.dice.choice((TINY, SMALL)), truth=INERT if marked else BAD)
        link = {
            "placement": "comment",
            "nofollow": int(marked),
            "ugc": int(marked and make.chance(0.5)),
            "left_words": 3,
            "is_lost": 0,
        }
        make.link(
            site,
            page={"external": make.around(60, 1)},
            anchor=make.dice.choice(terms),
            first_seen=start + make.dice.randint(0, 30),
            **link,
        )
        made.append(site)
    return made


def expired(make: Maker, count: int) -> list[Site]:
    """Names that ran out, bought for their votes: rebuilt as a site, or pointed at the client."""
    old = [make.name() for _ in range(max(count // 25, 1))]
    made = []
    for _ in range(count):
        if make.chance(0.5):
            site = make.site("expired domains", _ordinary(make), truth=BAD)
            chain = f"https://{make.dice.choice(old)}/ {HOME}"
            make.link(
                site,
                anchor=make.title().lower(),
                redirect=chain,
                kind="redirect" if make.chance(0.3) else "text",
                nofollow=0,
                is_lost=0,
            )
        else:
            site = make.site(
                "expired domains", SMALL, truth=BAD, registered=make.day(100, 700), topic_changed=int(make.chance(0.7))
            )
            make.link(site, anchor=_money(make, KEYWORDS), nofollow=0, is_lost=0, placement="content")
        made.append(site)
    return made


def rented(make: Maker, count: int) -> list[Site]:
    """Links in the footers of all pages, rented by the month under one term."""
    term = make.dice.choice(KEYWORDS)
    made = []
    for _ in range(count):
        site = make.site("rented footers", make.dice.choice((SMALL, MEDIUM)), truth=BAD)
        anchor, began = term if make.chance(0.7) else _money(make, KEYWORDS), make.day(30, 500)
        _everywhere(make, site, anchor, "footer" if make.chance(0.6) else "sidebar", began)
        made.append(site)
    return made


def _everywhere(make: Maker, site: Site, anchor: str | None, place: str, began: int) -> None:
    """The same link on many pages of a site."""
    for _ in range(make.dice.randint(8, 30)):
        make.link(
            site, anchor=anchor, placement=place, first_seen=began, target_url=HOME, nofollow=0, is_lost=0, left_words=2
        )


# --- Good -------------------------------------------------------------------------------------------------------------
def ordinary(make: Maker, count: int) -> list[Site]:
    made = [make.site("ordinary sites", _ordinary(make)) for _ in range(count)]
    for site in made:
        for _ in range(1 + int(make.chance(0.2)) * make.dice.randint(1, 4)):
            make.link(site)
    return made


def cheap_blogs(make: Maker, count: int) -> list[Site]:
    """Blogs of people who paid one dollar for a name and nothing for the rest."""
    made = [make.site("blogs on cheap names", TINY, name=make.name(CHEAP, odd=make.chance(0.35))) for _ in range(count)]
    for site in made:
        make.link(
            site, page={"contact": 0, "trackers": 0, "has_favicon": int(make.chance(0.4)), "secure": make.chance(0.6)}
        )
    return made


def shared_hosting(make: Maker, count: int) -> list[Site]:
    """Customers of one village's host, with its name servers, its registrar and its favourite theme."""
    host, made = make.owner(), []
    host.address, host.servers = (
        f"185.99.{make.dice.randint(1, 200)}.10",
        ("ns1.village.example", "ns2.village.example"),
    )
    for _ in range(count):
        owner = make.owner()
        owner.registrar, owner.servers = host.registrar, host.servers
        owner.address = host.address if make.chance(0.6) else "104.21.7.7"
        if make.chance(0.5):
            owner.theme, owner.build = host.theme, host.build
        made.append(make.site("shared hosting", make.dice.choice((TINY, SMALL)), owner=owner))
        make.link(made[-1])
    return made


def agency(make: Maker, count: int) -> list[Site]:
    """Small firms whose sites one agency made, with its tag container in some of them."""
    desk, made = make.owner(), []
    for _ in range(count):
        owner = make.owner(business=True)
        owner.theme, owner.build, owner.address, owner.servers = desk.theme, desk.build, desk.address, desk.servers
        if make.chance(0.5):
            owner.accounts = (f"gtm:agency{desk.build}", *owner.accounts[:1])
        made.append(make.site("customers of an agency", SMALL, owner=owner))
        make.link(made[-1])
    return made


def fans(make: Maker, count: int) -> list[Site]:
    """People abroad who write of the client in their language."""
    made = []
    for _ in range(count):
        language, ending, title, anchor, country = make.dice.choice(FOREIGN)
        site = make.site(
            "fans abroad", make.dice.choice((TINY, TINY, SMALL)), name=make.name((ending,)), country=country
        )
        page = {"language": language, "title": f"{title} {make.dice.randint(1, 9999)}"}
        make.link(site, page=page, anchor=anchor if make.chance(0.4) else make.natural())
        made.append(site)
    return made


def scrapers(make: Maker, count: int) -> list[Site]:
    """An honest article, and sites that copied it with title and links, over months."""
    made: list[Site] = []
    while len(made) < count:
        title, text, path = make.title(), make.bits(), f"/{make.word()}-{make.word()}-{make.dice.randint(1, 99)}"
        anchor, began = make.natural(), make.day(100, 800)
        for number in range(min(make.dice.randint(5, 15), count - len(made) + 1)):
            site = make.site("copies of an article", MEDIUM if not number else COPIER)
            page: Facts = {
                "title": title,
                "text_print": text ^ (1 << make.dice.randrange(64) if make.chance(0.5) else 0),
            }
            page |= {"path": path} if make.chance(0.5) else {}
            make.link(
                site,
                page=page,
                anchor=anchor,
                first_seen=began + number * make.dice.randint(1, 20),
                nofollow=0,
                placement="content",
            )
            made.append(site)
    return made


def blogrolls(make: Maker, count: int) -> list[Site]:
    """Blogs that name what they like beside every page."""
    made = [make.site("blogrolls", make.dice.choice((TINY, SMALL))) for _ in range(count)]
    for site in made:
        anchor = make.dice.choice((*5 * ("Bergfuchs",), "Bergfuchs boots", HOME, PRODUCT))
        _everywhere(make, site, anchor, "sidebar", make.day())
    return made


def product(make: Maker, count: int) -> list[Site]:
    """A product that everybody calls by its name, a keyword of the project, too; a share comes in one week."""
    made = [make.site("a product's name", _ordinary(make)) for _ in range(count)]
    for site in made:
        began = LAUNCH + make.dice.randint(0, 5) if make.chance(make.launch) else LAUNCH + make.dice.randint(6, 170)
        anchor = PRODUCT if make.chance(0.75) else f"{PRODUCT} {make.dice.choice(('review', 'test', 'boots'))}"
        make.link(site, anchor=anchor, first_seen=began, target_url=TARGETS[1], placement="content", nofollow=0)
    return made


def press(make: Maker, count: int) -> list[Site]:
    """A press release that papers print in one week; some belong to one publisher."""
    title, text, slug, start = (
        make.title(),
        make.bits(),
        f"/news/{make.word()}-{make.word()}-{make.word()}",
        make.day(30, 700),
    )
    house, made = make.owner(business=True), []
    for _ in range(count):
        site = make.site(
            "a press release",
            make.dice.choice((SMALL, MEDIUM, MEDIUM, LARGE)),
            owner=house if make.chance(0.25) else None,
        )
        page: Facts = {"title": title, "text_print": text ^ (1 << make.dice.randrange(64))}
        page |= {"path": slug} if make.chance(0.4) else {}
        link = {
            "first_seen": start + make.dice.randint(0, 6),
            "target_url": HOME,
            "nofollow": 0,
            "placement": "content",
        }
        make.link(site, page=page, anchor=make.dice.choice(("Bergfuchs", "Bergfuchs", HOME, "Bergfuchs boots")), **link)
        made.append(site)
    return made


def franchise(make: Maker, count: int) -> list[Site]:
    """Shops under one name: one template, one account, one registrant, and the outfitter named in the footer."""
    chain, brand = make.owner(business=True), make.word()
    chain.accounts, chain.registrant = (f"ga:{brand}",), f"{brand.title()} Franchise Inc {make.dice.randint(1, 999)}"
    made = []
    for number in range(count):
        name = f"{brand}-{make.word()}{number}.com"
        site = make.site("a franchise", SMALL, owner=chain, name=name)
        if make.chance(0.5):
            _everywhere(make, site, "Bergfuchs", "footer", make.day())
        else:
            page = {"path": "/our-outfitter", "title": f"{brand} our outfitter"}
            make.link(site, page=page, anchor=make.dice.choice(("Bergfuchs", HOME)), nofollow=0)
        made.append(site)
    return made


def declared(make: Maker, count: int) -> list[Site]:
    """Posts that were paid and say so."""
    made = [make.site("declared posts", make.dice.choice((SMALL, MEDIUM))) for _ in range(count)]
    for site in made:
        make.link(site, anchor=_money(make, KEYWORDS, 0.4), sponsored=1, paid="sponsored post", placement="content")
    return made


# Scene -> how much of the bad, or of the good, it is; the rest of the good is ordinary.
BAD_SCENES: dict[Scene, float] = {
    network: 0.3, bought: 0.2, attack: 0.2, hacked: 0.07, comments: 0.1, expired: 0.07, rented: 0.06,
}  # fmt: skip
ALIKE: dict[Scene, float] = {
    cheap_blogs: 0.08, shared_hosting: 0.06, agency: 0.03, fans: 0.07, scrapers: 0.04, blogrolls: 0.04, product: 0.06,
    press: 0.04, franchise: 0.03, declared: 0.02,
}  # fmt: skip
LARGEST: dict[Scene, int] = {press: 30, franchise: 25, agency: 15}
LEAST = 4


def profile(seed: int, count: int, bad: float, launch: float) -> list[Site]:
    """Sites that link to the client, so many, of which a share is bad."""
    make = Maker(seed, launch)
    sites: list[Site] = []
    for scene, share in BAD_SCENES.items():
        wanted = round(count * bad * share * make.dice.uniform(0.6, 1.4))
        sites += scene(make, wanted) if wanted >= LEAST else []
    for scene, share in ALIKE.items():
        wanted = min(round(count * (1 - bad) * share * make.dice.uniform(0.6, 1.4)), LARGEST.get(scene, count))
        sites += scene(make, max(wanted, LEAST))
    sites += ordinary(make, max(count - len(sites), 0))
    make.dice.shuffle(sites)
    return sites
